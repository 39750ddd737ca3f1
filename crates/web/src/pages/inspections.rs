//! `/inspections` and `/inspections/{id}`.

use crate::components::{
    Choice, Empty, Errors, Field, KeyFigure, Menu, PageHead, Paging, empty_state, form_open,
    hidden, key_figures, one_picker, page, page_head, paging, simple_table,
};
use crate::frame::Frame;
use crate::text::{inspection as t, ledger, queue};
use maud::{Markup, html};

/// One inspection in the list.
#[derive(Clone, Debug, Default)]
pub(crate) struct InspectionRow {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) kind: String,
    pub(crate) level: String,
    pub(crate) body: String,
    pub(crate) received_on: String,
    pub(crate) report_due_on: String,
    pub(crate) finding_count: Option<u64>,
}

/// The list.
pub(crate) fn list(
    frame: &Frame,
    rows: &[InspectionRow],
    next: &Paging,
    may_register: bool,
) -> Markup {
    let heads = [
        t::HEAD_TITLE,
        t::HEAD_KIND,
        t::HEAD_LEVEL,
        t::HEAD_BODY,
        t::HEAD_RECEIVED,
        t::HEAD_REPORT,
        t::HEAD_COUNT,
    ]
    .map(|words| frame.t(words));
    let cells: Vec<Vec<Markup>> = rows
        .iter()
        .map(|row| {
            vec![
                html! { a href={ "/inspections/" (row.id) } data-open="" { (row.title) } },
                html! { (row.kind) },
                html! { (row.level) },
                html! { (row.body) },
                html! { (row.received_on) },
                html! { (row.report_due_on) },
                html! {
                    @if let Some(count) = row.finding_count {
                        a href={ "/issues?inspection=" (row.id) } { (count) }
                    }
                },
            ]
        })
        .collect();
    let body = html! {
        (page_head(frame, &PageHead {
            title: frame.t(t::TITLE),
            facts: Some(html! { (frame.t(t::FACTS)) }),
            acts: may_register
                .then(|| html! { a.btn.p href="/letters/new" { (frame.t(queue::NEW_LETTER)) } }),
            ..PageHead::default()
        }))
        @if rows.is_empty() {
            (empty_state(frame, &Empty::Nothing {
                help: frame.t(t::START_HELP),
                first: may_register.then_some((frame.t(queue::NEW_LETTER), "/letters/new")),
            }))
        } @else {
            (simple_table(frame.t(t::TITLE), &heads, &cells))
            (paging(frame, next))
        }
    };
    page(frame, frame.t(t::TITLE), Menu::Inspections, &body)
}

/// One inspection.
#[derive(Clone, Debug, Default)]
pub(crate) struct InspectionView {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) facts: Vec<(String, String)>,
    pub(crate) figures: Vec<KeyFigure>,
    pub(crate) templates: Vec<Choice>,
    pub(crate) letter: Option<String>,
    pub(crate) may_report: bool,
}

/// The page of one inspection.
pub(crate) fn one(frame: &Frame, view: &InspectionView) -> Markup {
    let body = html! {
        (page_head(frame, &PageHead {
            path: vec![(frame.t(t::TITLE), "/inspections")],
            title: &view.title,
            acts: Some(html! {
                @if let Some(letter) = &view.letter { a.btn href=(letter) { (frame.t(t::LETTER)) } }
                a.btn.p href={ "/issues?inspection=" (view.id) } { (frame.t(t::OPEN_LEDGER)) }
            }),
            ..PageHead::default()
        }))
        div.stack {
            (key_figures(&view.figures))
            section.card {
                div.ch { h2 { (frame.t(t::DETAILS)) } }
                div.cb { dl.kv {
                    @for (label, value) in view.facts.iter().filter(|(_, value)| !value.is_empty()) {
                        dt { (label) } dd { (value) }
                    }
                } }
            }
            @if view.may_report {
                section.card {
                    div.ch { h2 { (frame.t(ledger::MAKE_REPORT)) } }
                    div.cb {
                        (form_open(frame, "/reports", "", &html! {
                            (hidden("inspection", &view.id))
                            (one_picker(frame, &Errors::default(), &Field {
                                name: "template", label: frame.t(t::TEMPLATE), is_required: true,
                                ..Field::default()
                            }, &view.templates))
                            button.btn.p { (frame.t(t::MAKE)) }
                        }))
                    }
                }
            }
        }
    };
    page(frame, &view.title, Menu::Inspections, &body)
}
