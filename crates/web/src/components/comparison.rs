//! Comparison of versions: old struck through, new marked, with the words 原 and 新.

use crate::frame::Frame;
use crate::text::common as t;
use maud::{Markup, html};

/// One field in two versions.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    /// Field in words.
    pub field: String,
    /// Before.
    pub old: String,
    /// After.
    pub new: String,
}

/// The list of changed fields.
#[must_use]
pub fn comparison(frame: &Frame, fields: &[Compared]) -> Markup {
    html! {
        ul.lst {
            @for field in fields {
                li {
                    span.muted { (field.field) }
                    @if !field.old.is_empty() {
                        span { (frame.t(t::OLD)) " " del { (field.old) } }
                    }
                    @if !field.new.is_empty() {
                        span { (frame.t(t::NEW)) " " ins { (field.new) } }
                    }
                }
            }
        }
    }
}
