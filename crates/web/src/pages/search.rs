//! `/search`: one box over everything the reader may see.

use super::ledger::LedgerRow;
use super::ledger::one_row;
use crate::app::{Answer, AppState, Visit, see};
use crate::components::{
    Empty, Menu, PageHead, empty_state, light, page, page_head, search_box, tag,
};
use crate::frame::Frame;
use crate::text::search as t;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use axum::routing::get;
use maud::{Markup, html};
use std::collections::BTreeMap;
use taizhang_service::work::LedgerFilter;

/// The page's content.
#[derive(Clone, Debug, Default)]
pub(crate) struct SearchView {
    pub(crate) text: String,
    pub(crate) findings: Vec<LedgerRow>,
    /// Title and address.
    pub(crate) inspections: Vec<(String, String)>,
}

/// The page.
pub(crate) fn view(frame: &Frame, search: &SearchView) -> Markup {
    let is_empty = search.findings.is_empty() && search.inspections.is_empty();
    let body = html! {
        (page_head(frame, &PageHead {
            title: frame.t(t::TITLE),
            facts: (!search.text.is_empty())
                .then(|| html! { (frame.with(t::RESULT, &[&search.text])) }),
            ..PageHead::default()
        }))
        div.top.only-m { (search_box(frame, "")) }
        @if search.text.is_empty() { p.muted { (frame.t(t::HINT)) } }
        @else if is_empty { (empty_state(frame, &Empty::NoMatch("/issues"))) }
        @if !search.findings.is_empty() {
            section.card {
                div.ch { h2 { (frame.t(t::ISSUES)) } }
                div.cb { ul.lst data-rows="" {
                    @for row in &search.findings {
                        li {
                            (light(frame, row.light))
                            a href={ "/issues/" (row.id) } data-open="" {
                                (row.number) " " (row.title) }
                            span.w { (tag(row.state_tone, &row.state)) }
                        }
                    }
                } }
            }
        }
        @if !search.inspections.is_empty() {
            section.card {
                div.ch { h2 { (frame.t(t::INSPECTIONS)) } }
                div.cb { ul.lst { @for (title, address) in &search.inspections {
                    li { a href=(address) { (title) } }
                } } }
            }
        }
    };
    page(frame, frame.t(t::TITLE), Menu::None, &body)
}

/// The route.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/search", get(show))
}

/// Findings and inspections shown; their lists show them all.
const FOUND_MAX: usize = 20;

async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Query(query): Query<BTreeMap<String, String>>,
) -> Answer {
    let text = query.get("q").map(|text| text.trim().to_owned()).unwrap_or_default();
    if text.is_empty() {
        return Ok(view(&visit.frame, &SearchView::default()).into_response());
    }
    let filter =
        LedgerFilter { text: Some(text.clone()), size: FOUND_MAX, ..LedgerFilter::default() };
    let (caller, called) = (visit.caller.clone(), text.clone());
    let (found, inspections) = state
        .run(move |service| {
            let found = service.ledger_list(&caller, &filter)?;
            let inspections = service.inspections_called(&caller, &called, FOUND_MAX)?;
            Ok((found, inspections))
        })
        .await?;
    // A printed number leads straight to its finding or report.
    if let [only] = found.rows.as_slice()
        && only.record.text("number") == text
    {
        return Ok(see(&format!("/issues/{}", only.record.id)));
    }
    let (caller, number) = (visit.caller.clone(), text.clone());
    if let Ok(report) = state.run(move |service| service.report_by_number(&caller, &number)).await {
        return Ok(see(&format!("/reports/{}", report.record.id)));
    }
    let service = state.service();
    let page = SearchView {
        findings: found.rows.iter().map(|row| one_row(service, &visit.frame, row)).collect(),
        inspections: inspections
            .iter()
            .map(|record| (record.text("title").to_owned(), format!("/inspections/{}", record.id)))
            .collect(),
        text,
    };
    Ok(view(&visit.frame, &page).into_response())
}
