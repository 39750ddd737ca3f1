//! Undo bar: what was done a moment ago, and the way back.

use super::field::form_open;
use crate::frame::Frame;
use crate::text::common as t;
use maud::{Markup, html};

/// The bar, if something was done.
#[must_use]
pub fn undo_bar(frame: &Frame) -> Markup {
    html! {
        @if let Some(done) = &frame.done {
            div.undo role="status" data-undo=[done.undo.is_some().then_some("")] {
                span { (done.text) }
                @if let Some(address) = &done.undo {
                    (form_open(frame, address, "", &html! {
                        button.btn.s { (frame.t(t::UNDO)) }
                    }))
                }
            }
        }
    }
}
