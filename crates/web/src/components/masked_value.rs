//! Masked value with a form that asks for the reason before it shows the whole.

use super::field::{Errors, Field, form_open, hidden, input_field};
use crate::frame::Frame;
use crate::text::common as t;
use maud::{Markup, html};

/// The mask; with an address, a form that reveals it and records why.
#[must_use]
pub fn masked_value(frame: &Frame, masked: &str, reveal: Option<&str>) -> Markup {
    html! {
        span { (masked) }
        @if let Some(address) = reveal {
            " "
            details.act-d {
                summary.btn.s { (frame.t(t::MASKED_SHOW)) }
                div.bx {
                    (form_open(frame, address, "", &html! {
                        (hidden("back", &frame.here))
                        (input_field(frame, &Errors::default(), &Field {
                            name: "reason",
                            label: frame.t(t::MASKED_WHY),
                            is_required: true,
                            ..Field::default()
                        }))
                        button.btn.s { (frame.t(t::MASKED_SHOW)) }
                    }))
                }
            }
        }
    }
}
