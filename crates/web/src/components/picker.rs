//! Pickers for units, people and regions: a native list that takes typing, without scripts.

use super::field::{Errors, Field, around, described};
use crate::frame::Frame;
use crate::text::common as t;
use maud::{Markup, html};

/// One thing that can be picked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Id sent.
    pub id: String,
    /// Name shown.
    pub name: String,
    /// What tells two of the same name apart: unit, township.
    pub note: String,
    /// Already picked.
    pub is_picked: bool,
}

/// One of many: a native select, which jumps to the typed letters.
#[must_use]
pub fn one_picker(frame: &Frame, errors: &Errors, field: &Field<'_>, choices: &[Choice]) -> Markup {
    let input = html! {
        select.in-w id={ "f-" (field.scope) (field.name) } name=(field.name)
            aria-invalid=[errors.of(field.name).map(|_| "true")]
            aria-describedby=[described(errors, field)] {
            option value="" { (frame.t(t::CHOOSE)) }
            @for choice in choices {
                option value=(choice.id) selected[is_selected(choice, field)] {
                    (choice.name) @if !choice.note.is_empty() {
                        (frame.with(t::BRACKETED, &[&choice.note]))
                    }
                }
            }
        }
    };
    around(frame, errors, field, &input)
}

/// What was typed or stored comes before the proposal.
fn is_selected(choice: &Choice, field: &Field<'_>) -> bool {
    if field.value.is_empty() { choice.is_picked } else { choice.id == field.value }
}

/// Several of many: ticked boxes in a scrolling list.
#[must_use]
pub fn many_picker(
    frame: &Frame,
    errors: &Errors,
    field: &Field<'_>,
    choices: &[Choice],
) -> Markup {
    let error = errors.of(field.name);
    html! {
        fieldset.fld.bad[error.is_some()] aria-describedby=[described(errors, field)] {
            legend {
                (field.label)
                @if field.is_required { span.req { (frame.t(t::REQUIRED)) } }
            }
            @if !field.hint.is_empty() {
                p.hint id={ "h-" (field.scope) (field.name) } { (field.hint) }
            }
            @if let Some(text) = error { p.err id={ "e-" (field.scope) (field.name) } { (text) } }
            div.pick id={ "f-" (field.scope) (field.name) } role="group" tabindex="0"
                aria-label=(field.label) {
                @for choice in choices {
                    label.chk {
                        input type="checkbox" name=(field.name) value=(choice.id)
                            checked[choice.is_picked];
                        span {
                            (choice.name)
                            @if !choice.note.is_empty() { " " span.muted.small { (choice.note) } }
                        }
                    }
                }
            }
        }
    }
}
