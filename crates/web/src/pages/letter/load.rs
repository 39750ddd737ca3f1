//! From a letter of the service to the reading view.

use super::model::{ConfirmValues, FaultLine, ReadView, RowView};
use super::title_of;
use crate::app::{AppState, Visit, WebError, code_options, sentence};
use crate::frame::Frame;
use taizhang_diagnostics::{Diagnostic, Message, Place, Severity};
use taizhang_service::letters::{LetterPage, RowMark};
use taizhang_store::Record;
use taizhang_values::RecordId;

/// Everything that the reading view shows.
pub(crate) async fn read_view(
    state: &AppState,
    visit: &Visit,
    id: &RecordId,
    editing: String,
) -> Result<ReadView, WebError> {
    let (caller, id) = (visit.caller.clone(), id.clone());
    let page = state.run(move |service| service.letter_page(&caller, &id)).await?;
    let codes = |list: &str| code_options(state.service().codebook(), list, visit.frame.language);
    let letter = &page.letter;
    let rows = page.rows.iter().zip(&page.marks).enumerate();
    Ok(ReadView {
        id: letter.id.to_string(),
        version: letter.version,
        title: title_of(letter),
        rows: rows.map(|(place, (row, mark))| row_view(place + 1, row, mark)).collect(),
        included: page.included_count,
        claimed: letter.get("claimed_count").as_integer(),
        faults: page.faults.iter().map(|fault| fault_line(&visit.frame, fault)).collect(),
        may_edit: page.may_edit,
        inspection: letter.reference("inspection").map(|id| format!("/inspections/{id}")),
        confirm: confirm_values(&page),
        kinds: codes("source_kind"),
        levels: codes("source_level"),
        deadline_kinds: codes("deadline_kind"),
        editing,
        text: page.text,
    })
}

fn row_view(place: usize, row: &Record, mark: &RowMark) -> RowView {
    let text = |field: &str| row.text(field).to_owned();
    let list = |field: &str| row.get(field).as_list().to_vec();
    RowView {
        id: row.id.to_string(),
        version: row.version,
        place,
        span: mark.start.zip(mark.end),
        number: text("number"),
        category: text("category"),
        subcategory: text("subcategory"),
        title: text("title"),
        problem: text("problem"),
        measures: list("measures"),
        lead_units: list("lead_units"),
        units: list("responsible_units"),
        leaders: list("responsible_leaders"),
        persons: list("responsible_persons"),
        deadline_raw: text("deadline_raw"),
        deadline_kind: text("deadline_kind"),
        deadline_on: row.get("deadline_on").to_string(),
        is_included: row.get("is_included").as_boolean() != Some(false),
    }
}

fn fault_line(frame: &Frame, fault: &Diagnostic) -> FaultLine {
    let line = match &fault.place {
        Place::File { line, .. } => Some(*line),
        _ => None,
    };
    let words = |message: &Message| sentence(message.text(frame.language), frame.language);
    let tone = if fault.severity == Severity::Error { "r" } else { "y" };
    FaultLine {
        tone,
        text: words(&fault.message),
        help: fault.help.as_ref().map(words).unwrap_or_default(),
        line,
    }
}

fn confirm_values(page: &LetterPage) -> ConfirmValues {
    let letter = &page.letter;
    let text = |field: &str| letter.text(field).to_owned();
    ConfirmValues {
        title: title_of(letter),
        source_kind: text("source_kind"),
        source_level: text("source_level"),
        source_body: text("issuer"),
        doc_number: text("doc_number"),
        issued_on: letter.get("issued_on").to_string(),
        received_on: letter.get("received_on").to_string(),
    }
}
