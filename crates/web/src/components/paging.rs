//! Paging by keys: previous and next, with the count of all rows.

use crate::frame::{Frame, grouped};
use crate::text::common as t;
use maud::{Markup, html};

/// Where the page stands.
#[derive(Clone, Debug, Default)]
pub struct Paging {
    /// All rows of the filter; where they are not counted, those of this page.
    pub total: u64,
    /// Rows on this page.
    pub shown: u64,
    /// Address of the first page, if this is not it.
    pub first: Option<String>,
    /// Address of the page before.
    pub previous: Option<String>,
    /// Address of the next page.
    pub next: Option<String>,
}

/// The line under a table.
#[must_use]
pub fn paging(frame: &Frame, paging: &Paging) -> Markup {
    html! {
        div.pg {
            span {
                @let is_part = paging.next.is_some() || paging.first.is_some();
                @if paging.total == paging.shown && is_part {
                    (frame.with(t::ROWS_PAGE, &[&grouped(paging.shown)]))
                } @else if paging.total == paging.shown {
                    (frame.with(t::ROWS_TOTAL, &[&grouped(paging.total)]))
                } @else {
                    (frame.with(t::ROWS_SHOWN, &[&grouped(paging.total), &grouped(paging.shown)]))
                }
            }
            span.r {
                @if let Some(address) = &paging.first {
                    a.pn href=(address) { (frame.t(t::FIRST)) }
                }
                @for (address, rel, words) in
                    [(&paging.previous, "prev", t::PREVIOUS), (&paging.next, "next", t::NEXT)] {
                    @if let Some(address) = address {
                        a.pn href=(address) rel=(rel) hx-get=(address) hx-target="#main"
                            hx-select="#main" hx-swap="outerMorph show:#main:top"
                            hx-push-url="true" {
                            (frame.t(words))
                        }
                    }
                }
            }
        }
    }
}
