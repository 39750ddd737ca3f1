//! `/import`: an existing ledger workbook comes in, in four steps.

use crate::components::{
    Choice, Errors, Field, KeyFigure, Menu, PageHead, Tone, error_summary, file_field, form_open,
    key_figures, notice, one_picker, page_head, page_with, select_field, simple_table, tag,
    upload_form, wizard_steps,
};
use crate::frame::{Frame, grouped};
use crate::text::{import as t, common};
use maud::{Markup, html};

/// A batch in the list.
#[derive(Clone, Debug, Default)]
pub(crate) struct BatchRow {
    pub(crate) id: String,
    pub(crate) file_name: String,
    pub(crate) status: String,
    pub(crate) rows_good: i64,
    pub(crate) rows_bad: i64,
    pub(crate) at: String,
    pub(crate) may_take_back: bool,
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
    let words = [t::STEP_FILE, t::STEP_COLUMNS, t::STEP_CHECK, t::STEP_CONFIRM]
        .map(|words| frame.t(words));
    wizard_steps(frame.t(t::STEPS), &words, current)
}

/// Choosing a file.
pub(crate) fn start(frame: &Frame, start: &ImportStart, errors: &Errors) -> Markup {
    let field = |name: &'static str, label| Field { name, label: frame.t(label), ..Field::default() };
    let single = match start.layouts.as_slice() {
        [(value, _)] => value.as_str(),
        _ => "",
    };
    let form = upload_form(frame, "/import", &html! {
        div.frow {
            (select_field(frame, errors, &Field {
                is_required: true, value: single, ..field("layout", t::LAYOUT)
            }, &start.layouts))
            (one_picker(frame, errors, &field("region", t::REGION), &start.regions))
            (one_picker(frame, errors, &field("inspection", t::INSPECTION), &start.inspections))
        }
        (file_field(frame, errors, &Field { is_required: true, ..field("file", t::FILE) },
            ".xlsx", false))
        button.btn.p { (frame.t(t::UPLOAD)) }
    });
    let body = html! {
        (page_head(frame, &PageHead {
            title: frame.t(t::TITLE),
            facts: Some(html! { (frame.t(t::FACTS)) }),
            acts: Some(html! {
                a.btn href="/import/template" download="" { (frame.t(t::TEMPLATE)) }
            }),
            ..PageHead::default()
        }))
        (steps(frame, 0))
        (error_summary(frame, errors))
        div.grid.side {
            section.card { div.cb { (form) } }
            (batches(frame, &start.batches))
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
                        span.w { (batch.at) " · " (batch.rows_good) "/" (batch.rows_good + batch.rows_bad) }
                        @if batch.may_take_back { (take_back(frame, &batch.id)) }
                    }
                } }
            }
        }
    }
}

fn take_back(frame: &Frame, id: &str) -> Markup {
    form_open(frame, &format!("/import/{id}/back"), "", &html! {
        button.btn.s { (frame.t(t::TAKE_BACK)) }
    })
}

/// A column of the user's sheet and the field it was taken for.
#[derive(Clone, Debug, Default)]
pub(crate) struct ColumnRow {
    pub(crate) name: String,
    pub(crate) head: String,
    pub(crate) field: String,
    pub(crate) samples: String,
}

/// A row that cannot be taken, or should be looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct ErrorRow {
    pub(crate) row: u32,
    pub(crate) column: String,
    pub(crate) value: String,
    pub(crate) text: String,
    pub(crate) is_error: bool,
}

/// The check's result.
#[derive(Clone, Debug, Default)]
pub(crate) struct ImportView {
    pub(crate) id: String,
    pub(crate) file_name: String,
    pub(crate) status: String,
    pub(crate) total: u64,
    pub(crate) good: u64,
    pub(crate) bad: u64,
    pub(crate) warned: u64,
    pub(crate) added: u64,
    pub(crate) changed: u64,
    pub(crate) reasons_bad: usize,
    pub(crate) reasons_warned: usize,
    pub(crate) errors: Vec<ErrorRow>,
    pub(crate) columns: Vec<ColumnRow>,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) may_take_back: bool,
}

/// The result of the check, and what became of it.
pub(crate) fn result(frame: &Frame, view: &ImportView) -> Markup {
    let title = frame.with(t::RESULT, &[&view.file_name]);
    let is_checked = view.status == "checked";
    let body = html! {
        (page_head(frame, &PageHead {
            path: vec![(frame.t(t::TITLE), "/import")],
            title: &title,
            ..PageHead::default()
        }))
        (steps(frame, if is_checked { 2 } else { 4 }))
        (summary(frame, view, is_checked))
        div.stack {
            (figures(frame, view))
            @if !view.errors.is_empty() { (errors(frame, view)) }
            @if is_checked { (columns(frame, view)) }
            (decide(frame, view, is_checked))
        }
    };
    page_with(frame, &title, Menu::Import, view.bad > 0, &body)
}

fn summary(frame: &Frame, view: &ImportView, is_checked: bool) -> Markup {
    let good = grouped(view.good);
    match (is_checked, view.bad) {
        (true, 0) => notice(Tone::Success, &html! { (frame.with(t::ALL_GOOD, &[&good])) }),
        (true, _) => notice(Tone::Error, &html! {
            b { (frame.with(t::BAD_HEAD, &[&view.bad, &view.warned])) } " "
            (frame.with(t::NOTHING_WRITTEN, &[&good]))
        }),
        (false, _) => {
            let words = if view.status == "taken_back" { t::STATUS_TAKEN_BACK } else { t::STATUS_CONFIRMED };
            notice(Tone::Success, &html! { (frame.t(words)) })
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
    key_figures(&[
        figure(t::TOTAL, view.total, view.file_name.clone(), ""),
        figure(t::GOOD, view.good, frame.with(t::GOOD_NOTE, &[&view.added, &view.changed]), "ok"),
        figure(t::BAD, view.bad, frame.with(t::REASONS, &[&view.reasons_bad]), "bad"),
        figure(t::WARN, view.warned, frame.with(t::REASONS, &[&view.reasons_warned]), "warn"),
    ])
}

fn errors(frame: &Frame, view: &ImportView) -> Markup {
    let heads = [t::HEAD_ROW, t::HEAD_CELL, t::HEAD_VALUE, t::HEAD_FAULT].map(|words| frame.t(words));
    let rows: Vec<Vec<Markup>> = view
        .errors
        .iter()
        .map(|error| {
            vec![
                html! { (error.row) },
                html! { (error.column) },
                html! { b class=[error.is_error.then_some("up")] { (error.value) } },
                html! { (error.text) },
            ]
        })
        .collect();
    html! {
        section.card {
            div.ch {
                h2 { (frame.t(t::ERRORS)) }
                span.m {
                    a.btn.s.p href={ "/import/" (view.id) "/errors" } download="" {
                        (frame.t(t::ANNOTATED))
                    }
                }
            }
            (simple_table(frame.t(t::ERRORS), &heads, &rows))
        }
    }
}

fn columns(frame: &Frame, view: &ImportView) -> Markup {
    let heads = [t::HEAD_COLUMN, t::HEAD_FIELD, t::HEAD_SAMPLE].map(|words| frame.t(words));
    let rows: Vec<Vec<Markup>> = view
        .columns
        .iter()
        .map(|column| {
            let name = format!("column-{}", column.name);
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
                },
                html! { span.small.muted { (column.samples) } },
            ]
        })
        .collect();
    html! {
        @if !view.columns.is_empty() {
            details.card {
                summary.ch { b { (frame.t(t::STEP_COLUMNS)) } }
                (form_open(frame, &format!("/import/{}/columns", view.id), "", &html! {
                    (simple_table(frame.t(t::STEP_COLUMNS), &heads, &rows))
                    p { button.btn { (frame.t(t::COLUMNS_GO)) } }
                }))
            }
        }
    }
}

fn decide(frame: &Frame, view: &ImportView, is_checked: bool) -> Markup {
    let good = grouped(view.good);
    let words = if view.bad > 0 { t::TAKE_GOOD } else { t::TAKE_ALL };
    html! {
        div.row {
            @if is_checked {
                @if view.good > 0 {
                    (form_open(frame, &format!("/import/{}/confirm", view.id), "", &html! {
                        button.btn.p { (frame.with(words, &[&good])) }
                    }))
                }
                a.btn href="/import" { (frame.t(t::AGAIN)) }
                a.btn.t href="/issues" { (frame.t(t::GIVE_UP)) }
                span.muted { (frame.t(t::TAKE_BACK_NOTE)) }
            } @else if view.may_take_back {
                (take_back(frame, &view.id))
                span.muted { (frame.t(t::TAKE_BACK_NOTE)) }
            }
        }
    }
}
