//! Page head: path, title, one line of facts, at most one primary button.

use crate::frame::Frame;
use crate::text::frame as t;
use maud::{Markup, html};

/// Content of a page head.
#[derive(Clone, Debug, Default)]
pub struct PageHead<'a> {
    /// Pages above, from the top: title and address.
    pub path: Vec<(&'a str, &'a str)>,
    /// The only h1.
    pub title: &'a str,
    /// One line of facts.
    pub facts: Option<Markup>,
    /// Buttons, the primary one last.
    pub acts: Option<Markup>,
}

/// The head.
#[must_use]
pub fn page_head(frame: &Frame, head: &PageHead<'_>) -> Markup {
    html! {
        @if !head.path.is_empty() {
            nav.crumb aria-label=(frame.t(t::PATH)) {
                @for (title, address) in &head.path {
                    a href=(address) { (title) } " › "
                }
                span aria-hidden="true" { (head.title) }
            }
        }
        div.hd {
            h1 { (head.title) }
            @if let Some(facts) = &head.facts { div.sub { (facts) } }
            @if let Some(acts) = &head.acts { div.act { (acts) } }
        }
    }
}
