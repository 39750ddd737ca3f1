//! `/export`: the ledger as a workbook, exactly what the ledger page shows.

use crate::components::{Address, Menu, PageHead, page, page_head};
use crate::frame::{Frame, grouped};
use crate::text::export as t;
use maud::{Markup, html};

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
                    @else { (export.filters.join("；")) }
                }
            }
            p { b { (frame.with(t::COUNT, &[&grouped(export.count)])) } }
            div.row {
                a.btn.p href=(file) download="" { (frame.t(t::XLSX)) }
                a.btn href=(ledger) { (frame.t(t::LINK_LEDGER)) }
            }
            p.muted.small { (frame.t(t::MASK_NOTE)) }
        } }
    };
    page(frame, frame.t(t::TITLE), Menu::Export, &body)
}
