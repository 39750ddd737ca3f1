//! Paging by keys: previous and next, with the count of all rows.

use crate::frame::{Frame, grouped};
use crate::text::common as t;
use maud::{Markup, html};

/// Where the page stands.
#[derive(Clone, Debug, Default)]
pub struct Paging {
    /// All rows of the filter.
    pub total: u64,
    /// Rows on this page.
    pub shown: u64,
    /// Address of the first page, if this is not it.
    pub first: Option<String>,
    /// Address of the next page.
    pub next: Option<String>,
}

/// The line under a table. Going back is the browser's own; the first page is one press away.
#[must_use]
pub fn paging(frame: &Frame, paging: &Paging) -> Markup {
    html! {
        div.pg {
            span {
                @if paging.total == paging.shown {
                    (frame.with(t::ROWS_TOTAL, &[&grouped(paging.total)]))
                } @else {
                    (frame.with(t::ROWS_SHOWN, &[&grouped(paging.total), &grouped(paging.shown)]))
                }
            }
            span.r {
                @if let Some(address) = &paging.first {
                    a.pn href=(address) { (frame.t(t::FIRST)) }
                }
                @if let Some(address) = &paging.next {
                    a.pn href=(address) rel="next" hx-get=(address) hx-target="#main"
                        hx-select="#main" hx-swap="outerMorph show:#main:top"
                        hx-push-url="true" {
                        (frame.t(t::NEXT))
                    }
                }
            }
        }
    }
}
