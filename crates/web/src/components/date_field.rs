//! Date field: plain text that takes every way staff write a date, checked on the server.
//!
//! The native date input refuses `20261120` and `2026年11月20日` when pasted, so it is not used.

use super::field::{Errors, Field, input_field};
use crate::frame::Frame;
use crate::text::common as t;
use maud::Markup;

/// A date input with its hint.
#[must_use]
pub fn date_field(frame: &Frame, errors: &Errors, field: &Field<'_>) -> Markup {
    let hint = if field.hint.is_empty() { frame.t(t::DATE_HINT) } else { field.hint };
    input_field(frame, errors, &Field { hint, autocomplete: Some("off"), ..field.clone() })
}
