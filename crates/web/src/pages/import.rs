//! `/import`: an existing ledger workbook comes in, in four steps.

use super::batch::inspection_choice;
use super::export::XLSX;
use super::import_register::RegisterView;
use super::issue::id_of;
use super::jobs::{Ran, ran};
use crate::app::{
    Answer, AppState, FormValues, Upload, Visit, WebError, attachment, code_options, form_answer,
    form_outcome, moment, refused_form, see, see_done, sentence,
};
use crate::components::{
    Address, Choice, Column, Errors, Field, KeyFigure, Menu, PageHead, Tone, choice_field,
    error_summary, file_field, file_size, form_open, hidden, input_field, key_figures, notice,
    one_picker, page_head, page_with, select_field, simple_table, table_head, tag, upload_form,
    wide_table, wizard_steps,
};
use crate::frame::{Frame, grouped};
use crate::text::{common, import as t, letter};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use taizhang_diagnostics::Message;
use taizhang_exchange::{ColumnMatch, HeaderMatch, MatchKind, RowFault};
use taizhang_service::imports::{
    CheckImport, ConfirmImport, ImportPreview, REGISTER_BYTES_MAX, WORKBOOK_BYTES_MAX,
};
use taizhang_service::jobs::{IMPORT_ROWS_AT_ONCE, JobOutcome, JobRequest};
use taizhang_service::{Service, ServiceError};
use taizhang_values::{RecordId, RegionCode};

/// The file is the whole list of its region.
const COMPLETE: &str = "complete";

/// A batch in the list.
#[derive(Clone, Debug, Default)]
pub(crate) struct BatchRow {
    pub(crate) id: String,
    pub(crate) file_name: String,
    pub(crate) status: String,
    pub(crate) rows_good: i64,
    pub(crate) rows_bad: i64,
    pub(crate) at: String,
}

/// The first step.
#[derive(Clone, Debug, Default)]
pub(crate) struct ImportStart {
    pub(crate) layouts: Vec<(String, String)>,
    pub(crate) regions: Vec<Choice>,
    pub(crate) inspections: Vec<Choice>,
    pub(crate) batches: Vec<BatchRow>,
}

fn steps(frame: &Frame, current: usize) -> Markup {
    let words =
        [t::STEP_FILE, t::STEP_COLUMNS, t::STEP_CHECK, t::STEP_CONFIRM].map(|words| frame.t(words));
    wizard_steps(frame.t(t::STEPS), &words, current)
}

/// Choosing a file.
pub(crate) fn start(frame: &Frame, start: &ImportStart, errors: &Errors) -> Markup {
    let field =
        |name: &'static str, label| Field { name, label: frame.t(label), ..Field::default() };
    // The ledger of findings comes first and is what is brought most often.
    let (register, findings) = (file_size(REGISTER_BYTES_MAX), file_size(WORKBOOK_BYTES_MAX));
    let most = frame.with(t::FILE_HINT, &[&register, &findings]);
    // What a part lacks is nobody's end: it is the safer one.
    let extents = [("part", t::EXTENT_PART), (COMPLETE, t::EXTENT_COMPLETE)];
    let extents = extents.map(|(value, words)| (value.to_owned(), frame.t(words).to_owned()));
    let usual = start.layouts.first().map_or("", |(name, _)| name.as_str());
    let form = upload_form(
        frame,
        "/import",
        &html! {
            div.frow {
                (select_field(frame, errors, &Field {
                    is_required: true, value: usual, ..field("layout", t::LAYOUT)
                }, &start.layouts))
                (one_picker(frame, errors, &field("region", t::REGION), &start.regions))
                (one_picker(frame, errors, &field("inspection", t::INSPECTION), &start.inspections))
            }
            (file_field(frame, errors, &Field {
                is_required: true, hint: &most, ..field("file", t::FILE)
            }, ".xlsx,.xls,.csv", false))
            (choice_field(frame, errors, &Field {
                value: "part", hint: frame.t(t::EXTENT_HINT), ..field("extent", t::EXTENT)
            }, &extents))
            button.btn.p { (frame.t(t::UPLOAD)) }
        },
    );
    let body = html! {
        (page_head(frame, &PageHead {
            title: frame.t(t::TITLE),
            facts: Some(html! { (frame.t(t::FACTS)) }),
            ..PageHead::default()
        }))
        (steps(frame, 0))
        (error_summary(frame, errors))
        div.grid.side {
            section.card { div.cb { (form) } }
            div.stack {
                (batches(frame, &start.batches))
                (super::import_template::templates(frame, &start.layouts))
            }
        }
    };
    page_with(frame, frame.t(t::TITLE), Menu::Import, !errors.is_empty(), &body)
}

fn batches(frame: &Frame, batches: &[BatchRow]) -> Markup {
    html! {
        section.card {
            div.ch { h2 { (frame.t(t::BATCHES)) } }
            div.cb {
                @if batches.is_empty() { p.muted { (frame.t(common::EMPTY_NOTHING)) } }
                ul.lst { @for batch in batches {
                    @let (tone, words) = match batch.status.as_str() {
                        "confirmed" => ("g", t::STATUS_CONFIRMED),
                        "taken_back" => ("", t::STATUS_TAKEN_BACK),
                        _ => ("y", t::STATUS_CHECKED),
                    };
                    li {
                        a href={ "/import/" (batch.id) } { (batch.file_name) }
                        (tag(tone, frame.t(words)))
                        span.w {
                            (batch.at) " · " (batch.rows_good) "/"
                            (batch.rows_good + batch.rows_bad) }
                    }
                } }
            }
        }
    }
}

fn take_back(frame: &Frame, view: &ImportView) -> Markup {
    form_open(
        frame,
        &format!("/import/{}/back", view.id),
        "",
        &html! {
            (hidden("version", &view.version.to_string()))
            button.btn.s { (frame.t(t::TAKE_BACK)) }
        },
    )
}

/// A column of the user's sheet and the field it was taken for.
#[derive(Clone, Debug, Default)]
pub(crate) struct ColumnRow {
    /// Letters of the column.
    pub(crate) name: String,
    /// Column from 0.
    pub(crate) column: usize,
    pub(crate) head: String,
    pub(crate) field: String,
    pub(crate) samples: String,
    /// Its head is not one of the field's: somebody should look at it.
    pub(crate) is_guess: bool,
}

/// Cells of one column that cannot be taken for one reason, or should be looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct ErrorRow {
    /// The first rows.
    pub(crate) rows: Vec<u32>,
    /// Cells in all.
    pub(crate) count: u64,
    pub(crate) column: String,
    /// What stands in the first of them.
    pub(crate) value: String,
    pub(crate) text: String,
    pub(crate) is_error: bool,
}

/// The check's result.
#[derive(Clone, Debug, Default)]
pub(crate) struct ImportView {
    pub(crate) id: String,
    pub(crate) version: i64,
    pub(crate) file_name: String,
    pub(crate) status: String,
    pub(crate) total: u64,
    pub(crate) good: u64,
    pub(crate) bad: u64,
    pub(crate) warned: u64,
    pub(crate) reasons_bad: usize,
    pub(crate) reasons_warned: usize,
    pub(crate) errors: Vec<ErrorRow>,
    pub(crate) errors_total: usize,
    /// There are more reasons than are listed.
    pub(crate) errors_are_cut: bool,
    pub(crate) columns: Vec<ColumnRow>,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) kinds: Vec<(String, String)>,
    pub(crate) levels: Vec<(String, String)>,
    pub(crate) notes: Vec<String>,
    /// What rows of the register would change; none for findings.
    pub(crate) register: Option<RegisterView>,
    pub(crate) may_confirm: bool,
    pub(crate) may_take_back: bool,
}

/// The result of the check, and what became of it.
pub(crate) fn result(
    frame: &Frame,
    view: &ImportView,
    values: &FormValues,
    faults: &Errors,
) -> Markup {
    let title = frame.with(t::RESULT, &[&view.file_name]);
    let is_checked = view.status == "checked";
    let body = html! {
        (page_head(frame, &PageHead {
            path: vec![(frame.t(t::TITLE), "/import")],
            title: &title,
            ..PageHead::default()
        }))
        (steps(frame, if is_checked { 2 } else { 4 }))
        (error_summary(frame, faults))
        (summary(frame, view, is_checked))
        div.stack {
            @if !view.notes.is_empty() {
                (notice(Tone::Information, &html! {
                    ul { @for note in &view.notes { li { (note) } } }
                }))
            }
            (figures(frame, view))
            @if !view.errors.is_empty() { (errors(frame, view)) }
            @if let Some(register) = &view.register {
                (super::import_register::effects(frame, &view.id, register, is_checked))
            }
            @if is_checked { (columns(frame, view)) }
            (decide(frame, view, values, faults))
        }
    };
    page_with(frame, &title, Menu::Import, view.bad > 0, &body)
}

fn summary(frame: &Frame, view: &ImportView, is_checked: bool) -> Markup {
    let good = grouped(view.good);
    match (is_checked, view.bad) {
        (true, 0) if view.total == 0 => notice(Tone::Warning, &html! { (frame.t(t::NO_ROWS)) }),
        (true, 0) if view.register.as_ref().is_some_and(RegisterView::is_known) => {
            notice(Tone::Information, &html! { (frame.with(t::ALL_KNOWN, &[&good])) })
        }
        (true, 0) => notice(Tone::Success, &html! { (frame.with(t::ALL_GOOD, &[&good])) }),
        (true, _) => notice(
            Tone::Error,
            &html! {
                b {
                    @if view.warned == 0 { (frame.with(t::BAD_ONLY, &[&view.bad])) }
                    @else { (frame.with(t::BAD_HEAD, &[&view.bad, &view.warned])) }
                } " "
                @if view.good == 0 { (frame.t(t::NOTHING_GOOD)) }
                @else { (frame.with(t::NOTHING_WRITTEN, &[&good])) }
            },
        ),
        (false, _) => {
            let words = if view.status == "taken_back" {
                t::STATUS_TAKEN_BACK
            } else {
                t::STATUS_CONFIRMED
            };
            notice(
                Tone::Success,
                &html! {
                    (frame.t(words))
                    @if view.register.is_some() {
                        " · " a href="/households" { (frame.t(t::TO_HOUSEHOLDS)) }
                        " · " a href="/doubts" { (frame.t(t::TO_DOUBTS)) }
                    }
                },
            )
        }
    }
}

fn figures(frame: &Frame, view: &ImportView) -> Markup {
    let figure = |label, value, note: String, tone| KeyFigure {
        label: frame.t(label).to_owned(),
        value,
        unit: frame.t(t::ROW_UNIT).to_owned(),
        note,
        tone,
        rows: None,
    };
    let bad = if view.bad > 0 { "bad" } else { "" };
    let mut figures = vec![
        figure(t::TOTAL, view.total, view.file_name.clone(), ""),
        figure(t::GOOD, view.good, String::new(), "ok"),
        figure(t::BAD, view.bad, frame.with(t::REASONS, &[&view.reasons_bad]), bad),
    ];
    // Rows of the register are good or refused.
    if view.register.is_none() {
        let reasons = frame.with(t::REASONS, &[&view.reasons_warned]);
        figures.push(figure(t::WARN, view.warned, reasons, "warn"));
    }
    key_figures(&figures)
}

fn errors(frame: &Frame, view: &ImportView) -> Markup {
    // Values of a register are not kept: no column for them where none is known.
    let has_values = view.errors.iter().any(|error| !error.value.is_empty());
    let value = has_values.then_some(t::HEAD_VALUE);
    let heads = [Some(t::HEAD_ROW), Some(t::HEAD_CELL), value, Some(t::HEAD_FAULT)];
    let heads = heads.into_iter().chain([Some(t::HEAD_ALIKE)]).flatten();
    let columns: Vec<Column> = heads
        .map(|words| Column { words: frame.t(words).to_owned(), sort: None, class: "" })
        .collect();
    let head = table_head(frame, &Address::default(), &columns, false);
    let rows = html! {
        @for error in &view.errors {
            tr {
                th.ttl scope="row" data-l=(frame.t(t::HEAD_ROW)) { (rows_words(frame, error)) }
                td.inl { (error.column) }
                @if has_values {
                    td { b class=[error.is_error.then_some("up")] { (error.value) } }
                }
                td { (error.text) }
                td.inl data-l=(frame.t(t::HEAD_ALIKE)) { (grouped(error.count)) }
            }
        }
    };
    html! {
        section.card {
            div.ch {
                h2 { (frame.t(t::ERRORS)) }
                span.muted.small {
                    @if view.errors_are_cut {
                        (frame.with(t::ERRORS_MORE, &[&view.errors_total, &view.errors.len()]))
                    } @else { (frame.with(t::ERRORS_ALL, &[&view.errors_total])) }
                }
                span.m {
                    a.btn.s.p href={ "/import/" (view.id) "/errors" } download="" {
                        (frame.t(t::ANNOTATED))
                    }
                }
            }
            (wide_table(frame.t(t::ERRORS), "solo bare", "cards", &head, &rows))
        }
    }
}

/// The first rows with a fault, and that there are more.
fn rows_words(frame: &Frame, error: &ErrorRow) -> String {
    let rows: Vec<String> = error.rows.iter().map(u32::to_string).collect();
    let rows = rows.join(frame.t(common::LIST));
    let shown = u64::try_from(error.rows.len()).unwrap_or(0);
    if error.count > shown { frame.with(t::ROWS_MORE, &[&rows]) } else { rows }
}

fn columns(frame: &Frame, view: &ImportView) -> Markup {
    let heads = [t::HEAD_COLUMN, t::HEAD_FIELD, t::HEAD_SAMPLE].map(|words| frame.t(words));
    let rows: Vec<Vec<Markup>> = view
        .columns
        .iter()
        .map(|column| {
            let name = format!("column-{}", column.column);
            vec![
                html! { (column.name) " " (column.head) },
                html! {
                    label.vh for=(name) { (column.head) }
                    select id=(name) name=(name) {
                        option value="" { (frame.t(t::NOT_TAKEN)) }
                        @for (field, words) in &view.fields {
                            option value=(field) selected[*field == column.field] { (words) }
                        }
                    }
                    @if column.is_guess { " " (tag("y", frame.t(t::GUESSED))) }
                },
                html! { span.small.muted { (column.samples) } },
            ]
        })
        .collect();
    html! {
        @if !view.columns.is_empty() {
            @let guesses = view.columns.iter().filter(|column| column.is_guess).count();
            details.card open[guesses > 0] {
                summary.ch {
                    b { (frame.t(t::STEP_COLUMNS)) }
                    @if guesses > 0 { span.m { (frame.with(t::GUESSES, &[&guesses])) } }
                }
                (form_open(frame, &format!("/import/{}/columns", view.id), "", &html! {
                    (simple_table(frame.t(t::STEP_COLUMNS), &heads, &rows))
                    p { button.btn { (frame.t(t::COLUMNS_GO)) } }
                }))
            }
        }
    }
}

fn decide(frame: &Frame, view: &ImportView, values: &FormValues, faults: &Errors) -> Markup {
    let good = grouped(view.good);
    let words = if view.bad > 0 { t::TAKE_GOOD } else { t::TAKE_ALL };
    let field = |name, label| values.field(frame, name, label, false);
    html! {
        @if view.may_confirm && view.good > 0 {
            section.card { div.cb {
                @if view.register.is_none() { p.muted.small { (frame.t(t::NEW_INSPECTION)) } }
                (form_open(frame, &format!("/import/{}/confirm", view.id), "", &html! {
                    (hidden("version", &view.version.to_string()))
                    @if view.bad > 0 { (hidden("good_only", "yes")) }
                    @if view.register.is_none() {
                        div.frow {
                            (input_field(frame, faults, &field("title", letter::INSPECTION_TITLE)))
                            (select_field(frame, faults,
                                &field("source_kind", letter::SOURCE_KIND), &view.kinds))
                            (select_field(frame, faults,
                                &field("source_level", letter::SOURCE_LEVEL), &view.levels))
                        }
                    }
                    div.row {
                        button.btn.p { (frame.with(words, &[&good])) }
                        a.btn href="/import" { (frame.t(t::AGAIN)) }
                        a.btn.t href="/issues" { (frame.t(t::GIVE_UP)) }
                        span.muted { (frame.t(t::TAKE_BACK_NOTE)) }
                    }
                }))
            } }
        } @else if view.may_take_back {
            div.row { (take_back(frame, view)) span.muted { (frame.t(t::TAKE_BACK_NOTE)) } }
        } @else {
            a.btn href="/import" { (frame.t(t::AGAIN)) }
        }
    }
}

/// The routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/import", get(show_start).post(check))
        .route("/import/template", get(super::import_template::template))
        .route("/import/{id}", get(show_result))
        .route("/import/{id}/errors", get(error_book))
        .route("/import/{id}/columns", post(match_columns))
        .route("/import/{id}/fix", post(super::import_register::fix))
        .route("/import/{id}/end", post(super::import_register::end))
        .route("/import/{id}/confirm", post(confirm))
        .route("/import/{id}/back", post(back))
}

pub(super) async fn start_view(state: &AppState, visit: &Visit) -> Result<ImportStart, WebError> {
    let lists = state.lists(&visit.caller).await?;
    let caller = visit.caller.clone();
    let (batches, inspections) = state
        .run(move |service| {
            let batches = service.imports(&caller, None, 20)?.records;
            Ok((batches, service.inspections(&caller, None, 200)?.records))
        })
        .await?;
    let own = visit.caller.home_region().map(|region| region.to_string()).unwrap_or_default();
    let codebook = state.service().codebook();
    let layouts = codebook.import_layouts.values();
    let layouts = layouts
        .filter(|layout| !state.service().is_register_target(&layout.name))
        .map(|layout| (layout.name.clone(), layout.label.text(visit.frame.language).to_owned()));
    Ok(ImportStart {
        layouts: layouts.chain(state.service().register_targets(visit.frame.language)).collect(),
        regions: lists.regions_picked(&own),
        inspections: inspections.iter().map(inspection_choice).collect(),
        batches: batches
            .iter()
            .map(|batch| BatchRow {
                id: batch.id.to_string(),
                file_name: batch.text("file_name").to_owned(),
                status: batch.text("status").to_owned(),
                rows_good: batch.get("rows_good").as_integer().unwrap_or(0),
                rows_bad: batch.get("rows_bad").as_integer().unwrap_or(0),
                at: moment(batch.created_at),
            })
            .collect(),
    })
}

async fn show_start(State(state): State<AppState>, visit: Visit) -> Answer {
    let content = start_view(&state, &visit).await?;
    Ok(start(&visit.frame, &content, &Errors::default()).into_response())
}

async fn check(State(state): State<AppState>, visit: Visit, upload: Upload) -> Answer {
    let (caller, values, files) = (visit.caller.clone(), upload.values, upload.files);
    let result = state
        .run(move |service| {
            let missing = |field: &str, zh: &str, en: &str| {
                ServiceError::field("import_batch", field, "P0005", zh, en)
            };
            let region = RegionCode::parse(values.get("region"))
                .filter(|region| !region.as_str().is_empty())
                .ok_or_else(|| missing("region", "请选择属地", "choose a place"))?;
            let file = files.into_iter().next();
            let mut file = file.ok_or_else(|| missing("file", "请选择文件", "choose a file"))?;
            let input = CheckImport {
                file_name: file.name.clone(),
                layout: values.get("layout").to_owned(),
                region,
                inspection: values.id("inspection"),
                is_complete: values.get("extent") == COMPLETE,
            };
            match service.is_register_target(&input.layout) {
                true => service.check_register(&caller, &input, &mut file.content),
                false => service.check_import(&caller, &input, &mut file.content),
            }
        })
        .await;
    form_answer(
        &visit,
        result,
        |id| see(&format!("/import/{id}")),
        async |errors| {
            let content = start_view(&state, &visit).await?;
            Ok(start(&visit.frame, &content, &errors))
        },
    )
    .await
}

async fn error_book(State(state): State<AppState>, visit: Visit, Path(id): Path<String>) -> Answer {
    let (caller, id) = (visit.caller, id_of(&id)?);
    let (name, book) = state
        .run(move |service| {
            let batch = service.register_record(&caller, "import_batch", &id)?;
            let name = batch.text("file_name");
            let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
            let book = match service.is_register_batch(&batch) {
                true => service.register_errors(&caller, &id)?,
                false => service.import_errors(&caller, &id)?,
            };
            Ok((format!("{stem}（批注）.xlsx"), book))
        })
        .await?;
    Ok(attachment(&name, XLSX, book))
}

/// Reasons listed on the page; the workbook holds every cell.
const ERRORS_SHOWN: usize = 100;
/// Rows named beside a reason.
const ROWS_SHOWN: usize = 4;
/// Values shown beside a column.
const SAMPLES: usize = 3;

async fn result_view(
    state: &AppState,
    visit: &Visit,
    id: &RecordId,
) -> Result<ImportView, WebError> {
    let (caller, id) = (visit.caller.clone(), id.clone());
    let frame = visit.frame.clone();
    state
        .run(move |service| {
            let batch = service.register_record(&caller, "import_batch", &id)?;
            if service.is_register_batch(&batch) {
                let preview = service.register_preview(&caller, &id)?;
                return Ok(super::import_register::view(&frame, service, &preview));
            }
            Ok(shown(&frame, service, &service.import_preview(&caller, &id)?))
        })
        .await
}

/// The columns of a sheet with their first values.
pub(super) fn matched_columns(
    header: &HeaderMatch,
    samples: impl Fn(usize) -> Vec<String>,
) -> Vec<ColumnRow> {
    let row = |column: &ColumnMatch| ColumnRow {
        name: column.letters.clone(),
        column: column.column,
        head: column.head.clone(),
        field: column.field.clone().unwrap_or_default(),
        samples: samples(column.column).join(" / "),
        is_guess: column.field.is_some()
            && column.kind.is_some_and(|kind| kind > MatchKind::Normalised),
    };
    header.columns.iter().map(row).collect()
}

/// Faults by column and reason, with the first rows and what stands in the first cell.
pub(super) fn error_rows(
    frame: &Frame,
    header: &HeaderMatch,
    faults: &[RowFault],
    cell: impl Fn(u32, usize) -> String,
) -> Vec<ErrorRow> {
    let letters = |column: usize| {
        let known = header.columns.iter().find(|known| known.column == column);
        known.map(|known| format!("{} {}", known.letters, known.head)).unwrap_or_default()
    };
    let first = |fault: &RowFault| {
        let diagnostic = &fault.diagnostic;
        let help = diagnostic.help.as_ref().map(|help| help.text(frame.language));
        let parts = [Some(diagnostic.message.text(frame.language)), help];
        let text = parts.into_iter().flatten().collect::<Vec<_>>().join(frame.t(common::CLAUSES));
        ErrorRow {
            rows: Vec::new(),
            count: 0,
            column: letters(fault.column),
            value: cell(fault.row, fault.column),
            text: sentence(&text, frame.language),
            is_error: diagnostic.is_error(),
        }
    };
    let mut rows: Vec<ErrorRow> = Vec::new();
    let mut known: HashMap<(usize, &str), usize> = HashMap::new();
    for fault in faults {
        let place = *known.entry(alike(fault)).or_insert_with(|| {
            rows.push(first(fault));
            rows.len().saturating_sub(1)
        });
        if let Some(reason) = rows.get_mut(place) {
            reason.count += 1;
            if reason.rows.len() < ROWS_SHOWN {
                reason.rows.push(fault.row);
            }
        }
    }
    rows
}

/// What makes two faults alike.
pub(super) fn alike(fault: &RowFault) -> (usize, &str) {
    (fault.column, fault.diagnostic.message.zh.as_str())
}

/// As many reasons as a page lists, most frequent first where there are more, and whether there
/// are more.
pub(super) fn listed(mut rows: Vec<ErrorRow>) -> (Vec<ErrorRow>, bool) {
    let are_cut = rows.len() > ERRORS_SHOWN;
    if are_cut {
        rows.sort_by_key(|row| std::cmp::Reverse(row.count));
        rows.truncate(ERRORS_SHOWN);
    }
    (rows, are_cut)
}

/// Notes of a reading as sentences.
pub(super) fn noted(frame: &Frame, notes: &[Message]) -> Vec<String> {
    notes.iter().map(|note| sentence(note.text(frame.language), frame.language)).collect()
}

/// What the user's sheet holds at a place.
fn shown_cell(preview: &ImportPreview, row: u32, column: usize) -> String {
    let sheet = preview.book.sheets.iter().find(|sheet| sheet.name == preview.check.sheet);
    let rows = sheet.map_or(&[][..], |sheet| sheet.rows.as_slice());
    let found = rows.binary_search_by_key(&row, |row| row.number).ok();
    let cells = found.and_then(|place| rows.get(place)).map(|row| row.cells.as_slice());
    cells.and_then(|cells| cells.get(column)).map(|cell| cell.shown()).unwrap_or_default()
}

fn shown(frame: &Frame, service: &Service, preview: &ImportPreview) -> ImportView {
    let (batch, check) = (&preview.batch, &preview.check);
    let cell = |row: u32, column: usize| shown_cell(preview, row, column);
    let samples =
        |column: usize| check.rows.iter().take(SAMPLES).map(|row| cell(row.row, column)).collect();
    let is_bad = |fault: &&RowFault| fault.diagnostic.is_error();
    let codes = |bad: bool| {
        let of = check.faults.iter().filter(|fault| is_bad(fault) == bad);
        of.map(|fault| fault.diagnostic.code.as_str()).collect::<BTreeSet<_>>().len()
    };
    let warned: BTreeSet<u32> =
        check.faults.iter().filter(|fault| !is_bad(fault)).map(|fault| fault.row).collect();
    let good = check.good_rows().count();
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let codes_of = |list: &str| code_options(service.codebook(), list, frame.language);
    let (errors, errors_are_cut) = listed(error_rows(frame, &check.header, &check.faults, cell));
    ImportView {
        id: batch.id.to_string(),
        version: batch.version,
        file_name: batch.text("file_name").to_owned(),
        status: batch.text("status").to_owned(),
        total: count(check.rows.len()),
        good: count(good),
        bad: count(check.rows.len().saturating_sub(good)),
        warned: count(warned.len()),
        reasons_bad: codes(true),
        reasons_warned: codes(false),
        errors,
        errors_are_cut,
        errors_total: check.faults.len(),
        columns: matched_columns(&check.header, samples),
        fields: preview.fields.clone(),
        kinds: codes_of("source_kind"),
        levels: codes_of("source_level"),
        notes: noted(frame, &check.notes),
        register: None,
        may_confirm: preview.may_confirm,
        may_take_back: preview.may_take_back && batch.text("status") == "confirmed",
    }
}

async fn show_result(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Answer {
    let content = result_view(&state, &visit, &id_of(&id)?).await?;
    Ok(result(&visit.frame, &content, &FormValues::default(), &Errors::default()).into_response())
}

async fn match_columns(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
    form: FormValues,
) -> Answer {
    let id = id_of(&id)?;
    let columns: BTreeMap<usize, String> = form
        .0
        .iter()
        .filter_map(|(name, field)| {
            let column = name.strip_prefix("column-")?.parse().ok()?;
            Some((column, field.clone()))
        })
        .collect();
    let (caller, asked) = (visit.caller.clone(), id.clone());
    state
        .run(move |service| {
            let batch = service.register_record(&caller, "import_batch", &asked)?;
            match service.is_register_batch(&batch) {
                true => service.match_register(&caller, &asked, columns),
                false => service.match_import(&caller, &asked, columns),
            }
        })
        .await?;
    Ok(see(&format!("/import/{id}")))
}

async fn confirm(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
    form: FormValues,
) -> Answer {
    let id = id_of(&id)?;
    let input = ConfirmImport {
        batch: id.clone(),
        version: form.version(),
        good_only: form.get("good_only") == "yes",
        title: form.get("title").to_owned(),
        source_kind: form.get("source_kind").to_owned(),
        source_level: form.get("source_level").to_owned(),
    };
    let caller = visit.caller.clone();
    let confirmed = state
        .run(move |service| {
            let batch = service.store().read(|reader| reader.get("import_batch", &input.batch))?;
            let rows = batch.and_then(|batch| batch.get("rows_good").as_integer()).unwrap_or(0);
            if service.runs_jobs() && u64::try_from(rows).unwrap_or(0) > IMPORT_ROWS_AT_ONCE {
                let job = service.start_job(&caller, &JobRequest::from(&input))?;
                return ran(service, &caller, &job);
            }
            if let Some(outcome) = super::import_register::confirm(service, &caller, &input)? {
                return Ok(Ran::Ended(outcome));
            }
            let done = service.confirm_import(&caller, &input)?;
            let (inspection, findings) = (done.inspection, done.findings);
            Ok(Ran::Ended(JobOutcome::Import { inspection, findings }))
        })
        .await;
    match form_outcome(confirmed, visit.frame.language)? {
        Ok(Ran::GoesOn(address)) => Ok(see(&address)),
        Ok(Ran::Ended(outcome)) => {
            let findings = match outcome {
                JobOutcome::Import { findings, .. } => findings,
                JobOutcome::Register { rows, .. } => usize::try_from(rows).unwrap_or(usize::MAX),
                _ => 0,
            };
            let address = format!("/import/{id}");
            Ok(see_done(state.options(), &address, "imported", findings, None))
        }
        Err(errors) => {
            let content = result_view(&state, &visit, &id).await?;
            let page = result(&visit.frame, &content, &form, &errors);
            Ok(refused_form(page))
        }
    }
}

async fn back(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
    form: FormValues,
) -> Answer {
    let id = id_of(&id)?;
    let (caller, version, asked) = (visit.caller.clone(), form.version(), id.clone());
    let count =
        state.run(move |service| service.take_back_import(&caller, &asked, version)).await?;
    Ok(see_done(state.options(), &format!("/import/{id}"), "taken_back", count, None))
}

#[cfg(test)]
mod tests {
    use super::{ERRORS_SHOWN, ErrorRow, listed};

    #[test]
    fn reasons_are_cut_and_sorted_only_where_there_are_more_than_are_listed() {
        for (found, cut, first) in
            [(1, false, 1), (ERRORS_SHOWN, false, 1), (ERRORS_SHOWN + 1, true, 101)]
        {
            let rows = (1..=found).map(|count| ErrorRow {
                count: u64::try_from(count).unwrap(),
                ..ErrorRow::default()
            });
            let (rows, are_cut) = listed(rows.collect());
            assert_eq!((rows.len(), are_cut), (found.min(ERRORS_SHOWN), cut), "{found}");
            assert_eq!(rows.first().map(|row| row.count), Some(first), "{found}");
        }
    }
}
