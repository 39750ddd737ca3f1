//! Forms and their fields: label above, hint, error beside the field, input.

use crate::frame::Frame;
use crate::text::common as t;
use maud::{Markup, html};

/// Faults of a form by field name; an empty name belongs to the form as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Errors(pub Vec<(String, String)>);

impl Errors {
    /// The first message for a field.
    #[must_use]
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == field).map(|(_, text)| text.as_str())
    }

    /// True if nothing is wrong.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What all fields have.
#[derive(Clone, Debug, Default)]
pub struct Field<'a> {
    /// Name in the form; its input has the id `f-<scope><name>`.
    pub name: &'a str,
    /// Tells apart fields of one name in several forms of a page; empty in the form that came
    /// back with faults, so that the error summary finds it.
    pub scope: &'a str,
    /// Words above the input.
    pub label: &'a str,
    /// Advice under the label.
    pub hint: &'a str,
    /// What stands in it.
    pub value: &'a str,
    /// Type attribute; empty is `text`.
    pub kind: &'a str,
    /// Must be filled.
    pub is_required: bool,
    /// Value of `autocomplete`.
    pub autocomplete: Option<&'a str>,
}

/// A form that posts, with its tokens. A draft name keeps what was typed in the browser.
#[must_use]
pub fn form_open(frame: &Frame, action: &str, draft: &str, body: &Markup) -> Markup {
    html! {
        form method="post" action=(action) data-draft=[(!draft.is_empty()).then_some(draft)] {
            (tokens(frame))
            @if !draft.is_empty() {
                p.muted.small data-draft-note="" hidden { (frame.t(t::DRAFT_RESTORED)) }
            }
            (body)
        }
    }
}

/// A form with files. The tokens come first, so that they are checked before a file is read.
#[must_use]
pub fn upload_form(frame: &Frame, action: &str, body: &Markup) -> Markup {
    html! {
        form method="post" action=(action) enctype="multipart/form-data" {
            (tokens(frame))
            (body)
        }
    }
}

/// The two hidden fields of every form.
#[must_use]
pub fn tokens(frame: &Frame) -> Markup {
    html! {
        input type="hidden" name="_csrf" value=(frame.csrf);
        (key_field())
    }
}

/// The idempotency key: the same form sent twice acts once.
#[must_use]
pub fn key_field() -> Markup {
    html! { input type="hidden" name="_key" value=(crate::app::random_text()); }
}

/// A hidden field.
#[must_use]
pub fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}

/// Label, hint and error around an input. The input gets `aria-describedby` by the ids made here.
pub(crate) fn around(frame: &Frame, errors: &Errors, field: &Field<'_>, input: &Markup) -> Markup {
    let error = errors.of(field.name);
    html! {
        div class={ "fld" @if error.is_some() { " bad" } } {
            label for={ "f-" (field.scope) (field.name) } {
                (field.label)
                @if field.is_required { span.req { (frame.t(t::REQUIRED)) } }
            }
            @if !field.hint.is_empty() {
                p.hint id={ "h-" (field.scope) (field.name) } { (field.hint) }
            }
            @if let Some(text) = error { p.err id={ "e-" (field.scope) (field.name) } { (text) } }
            (input)
        }
    }
}

/// Ids of hint and error for `aria-describedby`.
pub(crate) fn described(errors: &Errors, field: &Field<'_>) -> Option<String> {
    let mut ids = Vec::new();
    if !field.hint.is_empty() {
        ids.push(format!("h-{}{}", field.scope, field.name));
    }
    if errors.of(field.name).is_some() {
        ids.push(format!("e-{}{}", field.scope, field.name));
    }
    (!ids.is_empty()).then(|| ids.join(" "))
}

fn invalid(errors: &Errors, field: &Field<'_>) -> Option<&'static str> {
    errors.of(field.name).map(|_| "true")
}

/// A one-line input. `required` is left to the server, so that all faults come at once in words.
#[must_use]
pub fn input_field(frame: &Frame, errors: &Errors, field: &Field<'_>) -> Markup {
    let kind = if field.kind.is_empty() { "text" } else { field.kind };
    let input = html! {
        input.in-w id={ "f-" (field.scope)
            (field.name) } type=(kind) name=(field.name) value=(field.value)
            autocomplete=[field.autocomplete] aria-invalid=[invalid(errors, field)]
            aria-describedby=[described(errors, field)];
    };
    around(frame, errors, field, &input)
}

/// A text of several lines.
#[must_use]
pub fn area_field(frame: &Frame, errors: &Errors, field: &Field<'_>) -> Markup {
    let input = html! {
        textarea id={ "f-" (field.scope) (field.name) } name=(field.name) rows="3"
            aria-invalid=[invalid(errors, field)] aria-describedby=[described(errors, field)] {
            (field.value)
        }
    };
    around(frame, errors, field, &input)
}

/// A choice from a short list; the first option is empty unless the field is required and filled.
#[must_use]
pub fn select_field(
    frame: &Frame,
    errors: &Errors,
    field: &Field<'_>,
    options: &[(String, String)],
) -> Markup {
    let input = html! {
        select.in-w id={ "f-" (field.scope) (field.name) } name=(field.name)
            aria-invalid=[invalid(errors, field)] aria-describedby=[described(errors, field)] {
            @if !field.is_required || field.value.is_empty() {
                option value="" { (frame.t(t::CHOOSE)) }
            }
            @for (value, words) in options {
                option value=(value) selected[value == field.value] { (words) }
            }
        }
    };
    around(frame, errors, field, &input)
}

/// A choice shown whole, as radio buttons.
#[must_use]
pub fn choice_field(
    frame: &Frame,
    errors: &Errors,
    field: &Field<'_>,
    options: &[(String, String)],
) -> Markup {
    let error = errors.of(field.name);
    html! {
        fieldset class={ "fld" @if error.is_some() { " bad" } }
            aria-describedby=[described(errors, field)] {
            legend {
                (field.label)
                @if field.is_required { span.req { (frame.t(t::REQUIRED)) } }
            }
            @if !field.hint.is_empty() {
                p.hint id={ "h-" (field.scope) (field.name) } { (field.hint) }
            }
            @if let Some(text) = error { p.err id={ "e-" (field.scope) (field.name) } { (text) } }
            @for (place, (value, words)) in options.iter().enumerate() {
                @let id = if place == 0 {
                    format!("f-{}{}", field.scope, field.name)
                } else {
                    format!("f-{}{}-{place}", field.scope, field.name)
                };
                label.chk for=(id) {
                    input id=(id) type="radio" name=(field.name) value=(value)
                        checked[value == field.value];
                    span { (words) }
                }
            }
        }
    }
}

/// One box to tick; its value is `yes`.
#[must_use]
pub fn check_field(field: &Field<'_>) -> Markup {
    html! {
        label.chk for={ "f-" (field.scope) (field.name) } {
            input id={ "f-" (field.scope)
                (field.name) } type="checkbox" name=(field.name) value="yes"
                checked[field.value == "yes"];
            span { (field.label) }
        }
    }
}

/// A file to send; `accept` lists endings.
#[must_use]
pub fn file_field(
    frame: &Frame,
    errors: &Errors,
    field: &Field<'_>,
    accept: &str,
    is_several: bool,
) -> Markup {
    let input = html! {
        input id={ "f-" (field.scope) (field.name) } type="file" name=(field.name) accept=(accept)
            multiple[is_several] aria-invalid=[invalid(errors, field)]
            aria-describedby=[described(errors, field)];
    };
    around(frame, errors, field, &input)
}
