//! Timeline: what happened, newest first.

use maud::{Markup, html};

/// One entry.
#[derive(Clone, Debug, Default)]
pub struct TimelineEntry {
    /// Date or moment in words.
    pub when: String,
    /// What.
    pub what: String,
    /// Who, and further facts.
    pub by: String,
    /// `r`, `y`, `g` or empty.
    pub tone: &'static str,
    /// Further markup under it.
    pub more: Option<Markup>,
}

/// The timeline.
#[must_use]
pub fn timeline(entries: &[TimelineEntry]) -> Markup {
    html! {
        ol.tl {
            @for entry in entries {
                li class=(entry.tone) {
                    time { (entry.when) } (entry.what)
                    @if !entry.by.is_empty() { " " span.by { (entry.by) } }
                    @if let Some(more) = &entry.more { (more) }
                }
            }
        }
    }
}
