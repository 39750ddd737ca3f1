//! From a letter of the service to the reading view.

use super::model::{ConfirmValues, FaultLine, ReadView, RowView};
use super::text::{Part, parts};
use super::title_of;
use crate::app::{AppState, Visit, WebError, code_options, sentence};
use crate::frame::Frame;
use taizhang_diagnostics::{Diagnostic, Message, Place, Severity};
use taizhang_service::letters::{LetterPage, RowMark};
use taizhang_store::Record;
use taizhang_values::RecordId;

/// Faults that are listed; a spoilt text has one for every line.
const FAULTS_SHOWN: usize = 100;

/// Which part of a long text is asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    /// Row that is edited, by id, or the name of a form.
    pub(super) editing: String,
    /// Place of a row, from 1.
    pub(super) row: Option<usize>,
    /// Number of a part, from 1.
    pub(super) part: Option<usize>,
}

/// Place in `parts` of the part that is shown: that of the row edited or asked for, else the one
/// asked for, else the first.
fn chosen(page: &LetterPage, parts: &[Part], asked: &Asked) -> usize {
    let edited = page.rows.iter().position(|row| row.id.as_str() == asked.editing);
    let row = edited.or(asked.row.and_then(|place| place.checked_sub(1)));
    let start = row.and_then(|place| page.marks.get(place)).and_then(|mark| mark.start);
    let holds = |start: usize| parts.iter().position(|part| start < part.scalars.1);
    let last = parts.len().saturating_sub(1);
    let numbered = asked.part.and_then(|number| number.checked_sub(1)).map(|at| at.min(last));
    start.and_then(holds).or(numbered).unwrap_or(0)
}

/// Everything that the reading view shows.
pub(super) async fn read_view(
    state: &AppState,
    visit: &Visit,
    id: &RecordId,
    asked: Asked,
) -> Result<ReadView, WebError> {
    let (caller, id) = (visit.caller.clone(), id.clone());
    let page = state.run(move |service| service.letter_page(&caller, &id)).await?;
    let codes = |list: &str| code_options(state.service().codebook(), list, visit.frame.language);
    let letter = &page.letter;
    let parts = parts(&page.text);
    let at = chosen(&page, &parts, &asked);
    let part = parts.get(at).copied().unwrap_or_default();
    let faults = page.faults.iter().take(FAULTS_SHOWN);
    Ok(ReadView {
        id: letter.id.to_string(),
        version: letter.version,
        title: title_of(letter),
        rows: rows_of(&page, &part),
        row_count: page.rows.len(),
        included: page.included_count,
        claimed: letter.get("claimed_count").as_integer(),
        faults: faults.map(|fault| fault_line(&visit.frame, &parts, fault)).collect(),
        fault_count: page.faults.len(),
        may_edit: page.may_edit,
        inspection: letter.reference("inspection").map(|id| format!("/inspections/{id}")),
        confirm: confirm_values(&page),
        kinds: codes("source_kind"),
        levels: codes("source_level"),
        deadline_kinds: codes("deadline_kind"),
        editing: asked.editing,
        text: page.text.get(part.bytes.0..part.bytes.1).unwrap_or_default().to_owned(),
        part_of: (at + 1, parts.len()),
        part,
    })
}

/// The rows of a part: those that begin in it, those that reach into it (for their marks only), and
/// those that a person added, which stand nowhere in the text.
fn rows_of(page: &LetterPage, part: &Part) -> Vec<RowView> {
    let (first, end) = part.scalars;
    let rows = page.rows.iter().zip(&page.marks).enumerate();
    rows.filter_map(|(place, (row, mark))| {
        let (is_here, reaches) = match mark.start.zip(mark.end) {
            Some((start, stop)) => {
                let is_here = (first..end).contains(&start);
                (is_here, is_here || (start < first && stop > first))
            }
            None => (true, true),
        };
        reaches.then(|| RowView { is_here, ..row_view(place + 1, row, mark) })
    })
    .collect()
}

fn row_view(place: usize, row: &Record, mark: &RowMark) -> RowView {
    let text = |field: &str| row.text(field).to_owned();
    let list = |field: &str| row.get(field).as_list().to_vec();
    RowView {
        id: row.id.to_string(),
        version: row.version,
        place,
        is_here: true,
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

fn fault_line(frame: &Frame, parts: &[Part], fault: &Diagnostic) -> FaultLine {
    let line = match &fault.place {
        Place::File { line, .. } => Some(*line),
        _ => None,
    };
    let words = |message: &Message| sentence(message.text(frame.language), frame.language);
    let tone = if fault.severity == Severity::Error { "r" } else { "y" };
    let part = line.map_or(1, |line| parts.partition_point(|part| part.first_line <= line).max(1));
    FaultLine {
        tone,
        text: words(&fault.message),
        help: fault.help.as_ref().map(words).unwrap_or_default(),
        line,
        part,
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
