//! `/search`: one box over everything the reader may see.

use super::ledger::LedgerRow;
use crate::components::{Empty, Menu, PageHead, empty_state, light, page, page_head, search_box, tag};
use crate::frame::Frame;
use crate::text::search as t;
use maud::{Markup, html};

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
                            a href={ "/issues/" (row.id) } data-open="" { (row.number) " " (row.title) }
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
