//! `/inspections` and `/inspections/{id}`.

use super::issue::id_of;
use super::queue::code_words;
use crate::app::{Answer, AppState, Visit, may};
use crate::components::{
    Address, Choice, Empty, Errors, Field, KeyFigure, Menu, PageHead, Paging, Tone, empty_state,
    form_open, hidden, key_figures, notice, one_picker, page, page_head, paging, simple_table,
};
use crate::frame::Frame;
use crate::text::{common, inspection as t, ledger, letter, queue};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use axum::routing::get;
use maud::{Markup, html};
use std::collections::BTreeMap;
use taizhang_codebook::Action;
use taizhang_service::Service;
use taizhang_service::work::{LedgerFilter, LedgerList, LedgerTab};
use taizhang_store::{Cursor, Record};
use taizhang_values::RecordId;

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
    pub(crate) may_write: bool,
    /// Units of the letter that the unit ledger does not know, right after confirming.
    pub(crate) unknown_units: String,
}

/// The page of one inspection.
pub(crate) fn one(frame: &Frame, view: &InspectionView) -> Markup {
    let body = html! {
        (page_head(frame, &PageHead {
            path: vec![(frame.t(t::TITLE), "/inspections")],
            title: &view.title,
            acts: Some(html! {
                @if let Some(letter) = &view.letter { a.btn href=(letter) { (frame.t(t::LETTER)) } }
                @if view.may_write {
                    a.btn href={ "/issues/new?inspection=" (view.id) } {
                        (frame.t(ledger::NEW_FINDING))
                    }
                }
                a.btn.p href={ "/issues?inspection=" (view.id) } { (frame.t(t::OPEN_LEDGER)) }
            }),
            ..PageHead::default()
        }))
        @if !view.unknown_units.is_empty() {
            (notice(Tone::Warning, &html! {
                (frame.with(letter::DONE_UNKNOWN_UNITS, &[&view.unknown_units]))
            }))
        }
        div.stack {
            (key_figures(&view.figures))
            section.card {
                div.ch { h2 { (frame.t(t::DETAILS)) } }
                div.cb { dl.kv {
                    @for (label, value) in view.facts.iter().filter(|(_,
                        value)| !value.is_empty()) {
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

/// The routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/inspections", get(show_list)).route("/inspections/{id}", get(show_one))
}

/// Inspections of one page.
const PAGE_ROWS: usize = 20;

async fn show_list(
    State(state): State<AppState>,
    visit: Visit,
    Query(query): Query<BTreeMap<String, String>>,
) -> Answer {
    let after = query.get("after").map(|mark| Cursor::from_text(mark));
    let is_first = after.is_none();
    let caller = visit.caller.clone();
    let (page, counts) = state
        .run(move |service| {
            let page = service.inspections(&caller, after, PAGE_ROWS)?;
            let ids: Vec<RecordId> = page.records.iter().map(|record| record.id.clone()).collect();
            let counts = service.finding_counts(&caller, &ids)?;
            Ok((page, counts))
        })
        .await?;
    let words = |list: &str, code: &str| code_words(state.service(), &visit.frame, list, code);
    let row = |record: &Record| InspectionRow {
        id: record.id.to_string(),
        title: record.text("title").to_owned(),
        kind: words("source_kind", record.text("source_kind")),
        level: words("source_level", record.text("source_level")),
        body: record.text("source_body").to_owned(),
        received_on: record.get("received_on").to_string(),
        report_due_on: record.get("report_due_on").to_string(),
        finding_count: Some(counts.get(&record.id).copied().unwrap_or(0)),
    };
    let rows: Vec<InspectionRow> = page.records.iter().map(row).collect();
    let shown = u64::try_from(rows.len()).unwrap_or(0);
    let place = |mark: Cursor| {
        Address::new("/inspections", &[("after".to_owned(), mark.to_string())]).text()
    };
    let (next, previous) = (page.next.map(place), page.previous.map(place));
    let first = (!is_first).then(|| "/inspections".to_owned());
    let may_register = may(state.service(), &visit.caller, "letter", Action::Create);
    let place = Paging { total: shown, shown, first, previous, next };
    Ok(list(&visit.frame, &rows, &place, may_register).into_response())
}

async fn show_one(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Answer {
    let id = id_of(&id)?;
    let (caller, asked) = (visit.caller.clone(), id.clone());
    let (record, found, letter) = state
        .run(move |service| {
            let record = service.inspection(&caller, &asked)?;
            let filter = LedgerFilter {
                inspection: Some(asked.clone()),
                size: 1,
                ..LedgerFilter::default()
            };
            let found = service.ledger_list(&caller, &filter)?;
            let letter = service.letter_of(&caller, &asked)?;
            Ok((record, found, letter))
        })
        .await?;
    let service = state.service();
    let frame = &visit.frame;
    let templates = service.codebook().report_templates.values().map(|template| Choice {
        id: template.name.clone(),
        name: template.label.text(frame.language).to_owned(),
        ..Choice::default()
    });
    let content = InspectionView {
        id: id.to_string(),
        title: record.text("title").to_owned(),
        facts: facts(service, frame, &record),
        figures: figures(frame, &id, &found),
        templates: templates.collect(),
        letter: letter.map(|letter| format!("/letters/{letter}")),
        may_write: service.may_create_findings(&visit.caller),
        may_report: visit.caller.has_power(service.codebook(), "report.make"),
        unknown_units: query
            .get("unknown")
            .map(|names| names.lines().collect::<Vec<_>>().join(visit.frame.t(common::LIST)))
            .unwrap_or_default(),
    };
    Ok(one(frame, &content).into_response())
}

fn facts(service: &Service, frame: &Frame, record: &Record) -> Vec<(String, String)> {
    let words = |list: &str, field: &str| code_words(service, frame, list, record.text(field));
    [
        (t::HEAD_KIND, words("source_kind", "source_kind")),
        (t::HEAD_LEVEL, words("source_level", "source_level")),
        (t::HEAD_BODY, record.text("source_body").to_owned()),
        (t::DOC_NUMBER, record.text("doc_number").to_owned()),
        (t::ISSUED, record.get("issued_on").to_string()),
        (t::HEAD_RECEIVED, record.get("received_on").to_string()),
        (t::HEAD_REPORT, record.get("report_due_on").to_string()),
        (t::COUNT_REASON, record.text("count_reason").to_owned()),
    ]
    .map(|(label, value)| (frame.t(label).to_owned(), value))
    .to_vec()
}

fn figures(frame: &Frame, id: &RecordId, found: &LedgerList) -> Vec<KeyFigure> {
    let tabs = [
        (LedgerTab::All, t::TOTAL, ""),
        (LedgerTab::Open, t::OPEN, ""),
        (LedgerTab::Overdue, t::OVERDUE, "bad"),
        (LedgerTab::Closed, t::CLOSED, "ok"),
    ];
    tabs.map(|(tab, label, tone)| KeyFigure {
        label: frame.t(label).to_owned(),
        value: found.tabs.iter().find(|(known, _)| *known == tab).map_or(0, |(_, count)| *count),
        unit: String::new(),
        note: String::new(),
        tone,
        rows: Some(format!("/issues?tab={}&inspection={id}", tab.name())),
    })
    .to_vec()
}
