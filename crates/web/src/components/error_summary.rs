//! Error summary: all faults at the top, each a link to its field; focus moves here.

use super::field::Errors;
use crate::frame::Frame;
use crate::text::common as t;
use maud::{Markup, html};

/// The summary; nothing without faults.
#[must_use]
pub fn error_summary(frame: &Frame, errors: &Errors) -> Markup {
    html! {
        @if !errors.is_empty() {
            div.note.r role="alert" tabindex="-1" data-focus="" {
                h2 { (frame.with(t::ERRORS_HEAD, &[&errors.0.len()])) }
                ul {
                    @for (field, text) in &errors.0 {
                        li {
                            @if field.is_empty() { (text) }
                            @else { a href={ "#f-" (field) } { (text) } }
                        }
                    }
                }
            }
        }
    }
}
