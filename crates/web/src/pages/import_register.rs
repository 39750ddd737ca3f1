//! What the import pages show of a register workbook: near misses, changes and conflicts.

use super::import::{ErrorRow, ImportView, alike, error_rows, listed, matched_columns, noted};
use super::issue::id_of;
use super::record_words::{is_name, record_title, shown_value};
use crate::app::{Answer, AppState, FormValues, Visit, see, see_done, sentence};
use crate::components::{
    Errors, Field, form_open, hidden, input_field, select_field, simple_table,
};
use crate::frame::{Frame, grouped};
use crate::text::{common, import as t};
use axum::extract::{Path, State};
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};
use taizhang_diagnostics::Language;
use taizhang_exchange::RowFault;
use taizhang_service::imports::{
    ConfirmImport, ConfirmRegister, EndRemoved, RegisterPreview, RegisterReason, RemovedRecord,
    RowChange,
};
use taizhang_service::jobs::JobOutcome;
use taizhang_service::{Caller, Service, ServiceError};
use taizhang_values::{RecordId, Value, mask_name};

/// Changes and conflicts listed on the page.
const CHANGES_SHOWN: usize = 100;
/// Values that name a record without a number.
const CONTENT_SHOWN: usize = 4;

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
    /// By which the reason is known: its words in Chinese.
    key: String,
    message: String,
    suggestion: String,
    count: u64,
}

/// A record that the file lacks.
#[derive(Clone, Debug, Default)]
pub(crate) struct RemovedRow {
    id: String,
    name: String,
    may_end: bool,
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
    removed: Vec<RemovedRow>,
    removed_total: u64,
    /// Reasons with which records end; none where they have no end.
    reasons: Vec<(String, String)>,
}

impl RegisterView {
    /// The file says nothing that is not known already.
    pub(super) fn is_known(&self) -> bool {
        self.added == 0
            && self.changed == 0
            && self.conflicts_total == 0
            && self.removed.is_empty()
            && self.unchanged > 0
    }
}

/// The page's view of a register batch.
pub(super) fn view(frame: &Frame, service: &Service, preview: &RegisterPreview) -> ImportView {
    let counts = preview.counts;
    let samples = |column: usize| preview.samples.get(&column).cloned().unwrap_or_default();
    let left = |reason: &&RegisterReason| !reason.is_fixed;
    let (errors, errors_are_cut) = reasons(frame, preview);
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
        errors,
        errors_are_cut,
        errors_total: usize::try_from(cells).unwrap_or(usize::MAX),
        columns: matched_columns(&preview.header, samples),
        fields: preview
            .fields
            .iter()
            .map(|(key, head)| offered(frame, service, preview, key, head))
            .collect(),
        notes: noted(frame, &preview.notes),
        register: Some(register_view(frame, service, preview)),
        may_confirm: preview.may_confirm && preview.lacking.is_empty(),
        may_take_back: preview.may_take_back,
        ..ImportView::default()
    }
}

/// Every reason with its cells: the first faults name their rows, the reasons count them all.
fn reasons(frame: &Frame, preview: &RegisterPreview) -> (Vec<ErrorRow>, bool) {
    let open: Vec<&RegisterReason> =
        preview.reasons.iter().filter(|reason| !reason.is_fixed).collect();
    let mut known: BTreeMap<(usize, &str), u64> = BTreeMap::new();
    for reason in &open {
        known.insert(alike(&reason.first), reason.count);
    }
    let is_open = |fault: &&RowFault| known.contains_key(&alike(fault));
    let mut faults: Vec<RowFault> = preview.faults.iter().filter(is_open).cloned().collect();
    // A reason whose first fault lies beyond those that were kept is told with that one.
    let told: BTreeSet<(usize, &str)> = preview.faults.iter().map(alike).collect();
    let late = open.iter().filter(|reason| !told.contains(&alike(&reason.first)));
    faults.extend(late.map(|reason| reason.first.clone()));
    let mut rows = error_rows(frame, &preview.header, &faults, |_, _| String::new());
    let mut seen = BTreeSet::new();
    let firsts = faults.iter().map(alike).filter(|key| seen.insert(*key));
    for (row, key) in rows.iter_mut().zip(firsts) {
        row.count = known.get(&key).copied().unwrap_or(row.count);
    }
    listed(rows)
}

/// A field that a column can be: by its head, which is Chinese, or else by its label.
fn offered(
    frame: &Frame,
    service: &Service,
    preview: &RegisterPreview,
    key: &str,
    head: &str,
) -> (String, String) {
    let field = service.codebook().field(&preview.ledger, key);
    let label = field.filter(|_| frame.language == Language::En).map(|field| &field.label.en);
    (key.to_owned(), label.cloned().unwrap_or_else(|| head.to_owned()))
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
                    key: reason.first.diagnostic.message.zh.clone(),
                    message: sentence(
                        reason.first.diagnostic.message.text(frame.language),
                        frame.language,
                    ),
                    suggestion: reason.first.suggestion.clone()?,
                    count: reason.count,
                })
            })
            .collect(),
        lacking: preview.lacking.join(frame.t(common::LIST)),
        removed: preview
            .removed
            .iter()
            .take(CHANGES_SHOWN)
            .map(|lacking| removed_row(frame, service, lacking))
            .collect(),
        removed_total: preview.counts.removed,
        reasons: service
            .end_reasons(&preview.ledger)
            .into_iter()
            .map(|(code, label)| (code, label.text(frame.language).to_owned()))
            .collect(),
    }
}

fn removed_row(frame: &Frame, service: &Service, lacking: &RemovedRecord) -> RemovedRow {
    let title = record_title(service.codebook(), &lacking.record);
    let name = format!("{} {title}", lacking.number).trim().to_owned();
    RemovedRow {
        id: lacking.id.to_string(),
        name: if lacking.number.is_empty() { content(frame, service, lacking) } else { name },
        may_end: lacking.may_end,
    }
}

/// The first things that stand in a record without a number, as pages show them.
fn content(frame: &Frame, service: &Service, lacking: &RemovedRecord) -> String {
    let ledger = service.codebook().ledger(&lacking.ledger);
    let fields = ledger.into_iter().flat_map(|ledger| &ledger.fields);
    let shown = fields.map(|field| {
        let value = lacking.record.get(&field.name);
        shown_value(service, frame, field, &lacking.ledger, value, &BTreeMap::new())
    });
    let shown: Vec<String> = shown.filter(|words| !words.is_empty()).take(CONTENT_SHOWN).collect();
    shown.join(" · ")
}

fn change_row(language: Language, service: &Service, change: &RowChange) -> ChangeRow {
    let codebook = service.codebook();
    let field = codebook.field(&change.ledger, &change.change.field);
    let list = field.and_then(|field| field.codes.as_ref());
    let list = list.and_then(|list| codebook.code_lists.get(list));
    let is_name = field.is_some_and(is_name);
    let shown = |value: &Value| {
        let text = value.to_string();
        if is_name {
            return mask_name(&text);
        }
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
        @if !view.removed.is_empty() { (removed(frame, id, view)) }
    }
}

/// Records that the file lacks, and the form that ends those that are no more.
fn removed(frame: &Frame, id: &str, view: &RegisterView) -> Markup {
    let may_end = !view.reasons.is_empty() && view.removed.iter().any(|record| record.may_end);
    let rows: Vec<Vec<Markup>> = view
        .removed
        .iter()
        .map(|record| {
            let (name, field) = (record.name.as_str(), format!("removed-{}", record.id));
            vec![html! {
                @if may_end && record.may_end {
                    label for=(field) {
                        input type="checkbox" id=(field) name="record" value=(record.id);
                        " " (name)
                    }
                } @else { (name) }
            }]
        })
        .collect();
    let heads = [frame.t(t::HEAD_RECORD)];
    let table = simple_table(frame.t(t::REMOVED), &heads, &rows);
    let field = |name: &'static str, label| Field {
        name,
        label: frame.t(label),
        is_required: true,
        ..Field::default()
    };
    let errors = Errors::default();
    let form = html! {
        (table)
        div.frow {
            (input_field(frame, &errors, &field("on", t::END_ON)))
            (select_field(frame, &errors, &field("reason", t::END_REASON), &view.reasons))
        }
        button.btn { (frame.t(t::END_MARKED)) }
    };
    html! {
        section.card {
            div.ch { h2 { (frame.t(t::REMOVED)) } }
            div.cb {
                p.muted { (frame.with(t::REMOVED_NOTE, &[&grouped(view.removed_total)])) }
                @if may_end { (form_open(frame, &format!("/import/{id}/end"), "", &form)) }
                @else { (simple_table(frame.t(t::REMOVED), &heads, &rows)) }
            }
        }
    }
}

/// Marks records that the file lacks as ended.
pub(super) async fn end(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
    form: FormValues,
) -> Answer {
    let batch = id_of(&id)?;
    let records: Vec<RecordId> =
        form.all("record").iter().filter_map(|id| RecordId::parse(id)).collect();
    let missing = |field: &str, zh: &str, en: &str| {
        ServiceError::field("import_batch", field, "P0004", zh, en)
    };
    let on = form.date("on")?;
    let on = on.ok_or_else(|| missing("on", "请填写日期", "give the day"))?;
    if records.is_empty() {
        return Err(missing("record", "请先选择记录", "choose records first").into());
    }
    let input = EndRemoved { batch, records, on, reason: form.get("reason").to_owned() };
    let caller = visit.caller;
    let count = state.run(move |service| service.end_removed(&caller, &input)).await?;
    Ok(see_done(state.options(), &format!("/import/{id}"), "ended", count, None))
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
    let heads = [t::HEAD_FAULT, t::HEAD_FIX, t::HEAD_COUNT, t::FIX_ONE].map(|words| frame.t(words));
    let address = format!("/import/{id}/fix");
    let rows: Vec<Vec<Markup>> = fixes
        .iter()
        .map(|fix| {
            let button = html! {
                (hidden("field", &fix.field))
                (hidden("message", &fix.key))
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
