//! `/export`: the ledger as a workbook, exactly what the ledger page shows.

use crate::app::{Answer, AppState, Visit, attachment};
use crate::components::{Address, Menu, PageHead, form_open, page, page_head};
use crate::frame::{Frame, grouped};
use crate::text::{common, export as t};
use axum::Router;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use axum::routing::get;
use maud::{Markup, html};
use taizhang_service::jobs::EXPORT_ROWS_AT_ONCE;
use taizhang_service::work::LedgerFilter;

/// The page's content.
#[derive(Clone, Debug, Default)]
pub(crate) struct ExportView {
    pub(crate) address: Address,
    /// Conditions in words.
    pub(crate) filters: Vec<String>,
    pub(crate) count: u64,
}

/// The page.
pub(crate) fn view(frame: &Frame, export: &ExportView) -> Markup {
    let file = Address::new("/export/ledger.xlsx", export.address.pairs()).text();
    let ledger = Address::new("/issues", export.address.pairs()).text();
    let body = html! {
        (page_head(frame, &PageHead {
            title: frame.t(t::TITLE),
            facts: Some(html! { (frame.t(t::FACTS)) }),
            ..PageHead::default()
        }))
        section.card { div.cb.stack {
            dl.kv {
                dt { (frame.t(t::FILTER_NOW)) }
                dd {
                    @if export.filters.is_empty() { (frame.t(t::FILTER_NONE)) }
                    @else { (export.filters.join(frame.t(common::CLAUSES))) }
                }
            }
            p { b { (frame.with(t::COUNT, &[&grouped(export.count)])) } }
            div.row {
                @if export.count > EXPORT_ROWS_AT_ONCE {
                    (form_open(frame, "/jobs/export", "", &html! {
                        @for (name, value) in export.address.pairs() {
                            input type="hidden" name=(name) value=(value);
                        }
                        button.btn.p { (frame.t(t::XLSX)) }
                    }))
                } @else {
                    a.btn.p href=(file) download="" { (frame.t(t::XLSX)) }
                }
                a.btn href=(ledger) { (frame.t(t::LINK_LEDGER)) }
            }
            p.muted.small { (frame.t(t::MASK_NOTE)) }
        } }
    };
    page(frame, frame.t(t::TITLE), Menu::Export, &body)
}

/// The routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/export", get(show)).route("/export/ledger.xlsx", get(workbook))
}

/// Media type of workbooks.
pub(crate) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

fn filter_of(pairs: &[(String, String)]) -> LedgerFilter {
    let filter = LedgerFilter::parse(pairs.iter().map(|(name, value)| (&**name, &**value)));
    filter.from_mark(None)
}

async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Answer {
    let filter = filter_of(&pairs);
    let (caller, language) = (visit.caller.clone(), visit.frame.language);
    let asked = LedgerFilter { size: 1, ..filter.clone() };
    let (found, words) = state
        .run(move |service| {
            let words = service.filter_words(&caller, &asked, language)?;
            Ok((service.ledger_list(&caller, &asked)?, words))
        })
        .await?;
    let pairs: Vec<(String, String)> =
        filter.pairs().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let address = Address::new("/export", &pairs);
    let colon = visit.frame.t(common::COLON);
    let filters = words.into_iter().map(|(name, value)| format!("{name}{colon}{value}")).collect();
    let content = ExportView { address, filters, count: found.total };
    Ok(view(&visit.frame, &content).into_response())
}

async fn workbook(
    State(state): State<AppState>,
    visit: Visit,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Answer {
    let (caller, filter) = (visit.caller, filter_of(&pairs));
    let ledger = state.run(move |service| service.export_ledger(&caller, &filter)).await?;
    Ok(attachment(&ledger.file_name, XLSX, ledger.bytes))
}
