//! What the import pages show of a register workbook: near misses, changes and conflicts.

use super::import::{ColumnRow, ERRORS_SHOWN, ErrorRow, ImportView};
use super::issue::id_of;
use crate::app::{Answer, AppState, FormValues, Visit, see, sentence};
use crate::components::{form_open, hidden, simple_table};
use crate::frame::{Frame, grouped};
use crate::text::import as t;
use axum::extract::{Path, State};
use maud::{Markup, html};
use taizhang_diagnostics::Language;
use taizhang_service::imports::{
    ConfirmImport, ConfirmRegister, RegisterPreview, RegisterReason, RowChange,
};
use taizhang_service::jobs::JobOutcome;
use taizhang_service::{Caller, Service, ServiceError};
use taizhang_values::Value;

/// Changes and conflicts listed on the page.
const CHANGES_SHOWN: usize = 100;

/// One field of one row: where, what stands, what the file says.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChangeRow {
    row: u32,
    field: String,
    old: String,
    new: String,
}

/// A near miss that can be accepted for all its rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct FixRow {
    field: String,
    message: String,
    suggestion: String,
    count: u64,
}

/// What a register workbook would do.
#[derive(Clone, Debug, Default)]
pub(crate) struct RegisterView {
    added: u64,
    changed: u64,
    unchanged: u64,
    conflicts_total: u64,
    changes: Vec<ChangeRow>,
    conflicts: Vec<ChangeRow>,
    fixes: Vec<FixRow>,
    lacking: String,
}

/// The page's view of a register batch.
pub(super) fn view(frame: &Frame, service: &Service, preview: &RegisterPreview) -> ImportView {
    let counts = preview.counts;
    let header = &preview.header;
    let letters = |column: usize| {
        let known = header.columns.iter().find(|known| known.column == column);
        known.map(|known| format!("{} {}", known.letters, known.head)).unwrap_or_default()
    };
    let error = |fault: &taizhang_exchange::RowFault| {
        let diagnostic = &fault.diagnostic;
        let help = diagnostic.help.as_ref().map(|help| help.text(frame.language));
        let parts = [Some(diagnostic.message.text(frame.language)), help];
        let text = parts.into_iter().flatten().collect::<Vec<_>>().join("；");
        ErrorRow {
            row: fault.row,
            column: letters(fault.column),
            value: String::new(),
            text: sentence(&text, frame.language),
            is_error: true,
        }
    };
    let left = |reason: &&RegisterReason| !reason.is_fixed;
    let cells: u64 = preview.reasons.iter().filter(left).map(|reason| reason.count).sum();
    ImportView {
        id: preview.batch.id.to_string(),
        version: preview.batch.version,
        file_name: preview.batch.text("file_name").to_owned(),
        status: preview.batch.text("status").to_owned(),
        total: counts.rows_total,
        good: counts.rows_good,
        bad: counts.rows_bad,
        reasons_bad: preview.reasons.iter().filter(left).count(),
        errors: preview.faults.iter().take(ERRORS_SHOWN).map(error).collect(),
        errors_total: usize::try_from(cells).unwrap_or(usize::MAX),
        columns: header
            .columns
            .iter()
            .map(|column| ColumnRow {
                name: column.letters.clone(),
                column: column.column,
                head: column.head.clone(),
                field: column.field.clone().unwrap_or_default(),
                samples: preview
                    .samples
                    .get(&column.column)
                    .map_or_else(String::new, |cells| cells.join(" / ")),
            })
            .collect(),
        fields: preview.fields.clone(),
        notes: preview
            .notes
            .iter()
            .map(|note| sentence(note.text(frame.language), frame.language))
            .collect(),
        register: Some(register_view(frame, service, preview)),
        may_confirm: preview.may_confirm && preview.lacking.is_empty(),
        may_take_back: preview.may_take_back,
        ..ImportView::default()
    }
}

fn register_view(frame: &Frame, service: &Service, preview: &RegisterPreview) -> RegisterView {
    let rows = |changes: &[RowChange]| {
        let row = |change: &RowChange| change_row(frame.language, service, change);
        changes.iter().take(CHANGES_SHOWN).map(row).collect()
    };
    let open = preview.reasons.iter().filter(|reason| !reason.is_fixed);
    RegisterView {
        added: preview.counts.added,
        changed: preview.counts.changed,
        unchanged: preview.counts.unchanged,
        conflicts_total: preview.counts.conflicts,
        changes: rows(&preview.changes),
        conflicts: rows(&preview.conflicts),
        fixes: open
            .filter_map(|reason| {
                Some(FixRow {
                    field: reason.first.field.clone(),
                    message: reason.first.diagnostic.message.zh.clone(),
                    suggestion: reason.first.suggestion.clone()?,
                    count: reason.count,
                })
            })
            .collect(),
        lacking: preview.lacking.join("、"),
    }
}

fn change_row(language: Language, service: &Service, change: &RowChange) -> ChangeRow {
    let codebook = service.codebook();
    let field = codebook.field(&change.ledger, &change.change.field);
    let list = field.and_then(|field| field.codes.as_ref());
    let list = list.and_then(|list| codebook.code_lists.get(list));
    let shown = |value: &Value| {
        let text = value.to_string();
        let code = list.and_then(|list| list.codes.iter().find(|code| code.code == text));
        code.map_or(text, |code| code.label.text(language).to_owned())
    };
    ChangeRow {
        row: change.row,
        field: field.map_or_else(String::new, |field| field.label.text(language).to_owned()),
        old: shown(&change.change.old),
        new: shown(&change.change.new),
    }
}

/// Near misses, changes and conflicts.
pub(super) fn effects(frame: &Frame, id: &str, view: &RegisterView, is_checked: bool) -> Markup {
    let numbers = [view.added, view.changed, view.unchanged, view.conflicts_total].map(grouped);
    let [added, changed, unchanged, conflicts] = &numbers;
    html! {
        p { (frame.with(t::EFFECT, &[added, changed, unchanged, conflicts])) }
        @if !view.lacking.is_empty() { p.up { (frame.with(t::LACKING, &[&view.lacking])) } }
        @if is_checked && !view.fixes.is_empty() { (fixes(frame, id, &view.fixes)) }
        @if is_checked && !view.changes.is_empty() {
            (changes(frame, frame.t(t::CHANGES), &view.changes))
        }
        @if !view.conflicts.is_empty() {
            (changes(frame, frame.t(t::CONFLICTS), &view.conflicts))
        }
    }
}

fn changes(frame: &Frame, title: &str, changes: &[ChangeRow]) -> Markup {
    let heads = [t::HEAD_ROW, t::HEAD_FIELD, t::HEAD_OLD, t::HEAD_NEW].map(|words| frame.t(words));
    let rows: Vec<Vec<Markup>> = changes
        .iter()
        .map(|change| {
            vec![
                html! { (change.row) },
                html! { (change.field) },
                html! { (change.old) },
                html! { (change.new) },
            ]
        })
        .collect();
    html! {
        section.card {
            div.ch { h2 { (title) } }
            (simple_table(title, &heads, &rows))
        }
    }
}

fn fixes(frame: &Frame, id: &str, fixes: &[FixRow]) -> Markup {
    let heads = [t::HEAD_FAULT, t::HEAD_NEW, t::HEAD_COUNT, t::FIX_ONE].map(|words| frame.t(words));
    let address = format!("/import/{id}/fix");
    let rows: Vec<Vec<Markup>> = fixes
        .iter()
        .map(|fix| {
            let button = html! {
                (hidden("field", &fix.field))
                (hidden("message", &fix.message))
                button.btn.s { (frame.t(t::FIX_ONE)) }
            };
            vec![
                html! { (fix.message) },
                html! { (fix.suggestion) },
                html! { (fix.count) },
                form_open(frame, &address, "", &button),
            ]
        })
        .collect();
    let all = html! { button.btn { (frame.t(t::FIX_ALL)) } };
    html! {
        section.card {
            div.ch { h2 { (frame.t(t::FIXES)) } }
            (simple_table(frame.t(t::FIXES), &heads, &rows))
            div.cb { (form_open(frame, &address, "", &all)) }
        }
    }
}

/// Accepts a near miss for all its rows, or all of them.
pub(super) async fn fix(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
    form: FormValues,
) -> Answer {
    let id = id_of(&id)?;
    let (caller, asked) = (visit.caller, id.clone());
    let key = (form.get("field").to_owned(), form.get("message").to_owned());
    let reasons = if key.0.is_empty() { Vec::new() } else { vec![key] };
    state.run(move |service| service.fix_register(&caller, &asked, &reasons)).await?;
    Ok(see(&format!("/import/{id}")))
}

/// Takes a register batch in at once; `None` for a batch of findings.
pub(super) fn confirm(
    service: &Service,
    caller: &Caller,
    input: &ConfirmImport,
) -> Result<Option<JobOutcome>, ServiceError> {
    let batch = service.register_record(caller, "import_batch", &input.batch)?;
    if !service.is_register_batch(&batch) {
        return Ok(None);
    }
    let confirm = ConfirmRegister {
        batch: input.batch.clone(),
        version: input.version,
        good_only: input.good_only,
    };
    let rows = service.confirm_register(caller, &confirm)?.counts.rows_good;
    Ok(Some(JobOutcome::Register { batch: input.batch.clone(), rows }))
}
