//! `/sign-in` and `/password`: signing in and changing the password.

use crate::components::{
    Errors, Field, Menu, Tone, bare_page, error_summary, form_open, hidden, input_field, notice,
    page_with,
};
use crate::frame::Frame;
use crate::text::{frame, sign_in as t};
use maud::{Markup, html};

/// What stands above the sign-in form.
#[derive(Clone, Debug, Default)]
pub(crate) struct SignInView {
    pub(crate) login: String,
    /// Where to go after signing in; a path of this site.
    pub(crate) next: String,
    /// Refusal in words.
    pub(crate) fault: Option<String>,
    /// Good news, such as a changed password.
    pub(crate) note: Option<String>,
}

/// The sign-in page.
pub(crate) fn view(frame: &Frame, sign_in: &SignInView) -> Markup {
    let form = form_open(frame, "/sign-in", "", &html! {
        (hidden("next", &sign_in.next))
        (input_field(frame, &Errors::default(), &Field {
            name: "login",
            label: frame.t(t::LOGIN),
            value: &sign_in.login,
            autocomplete: Some("username"),
            ..Field::default()
        }))
        (input_field(frame, &Errors::default(), &Field {
            name: "password",
            label: frame.t(t::PASSWORD),
            kind: "password",
            autocomplete: Some("current-password"),
            ..Field::default()
        }))
        button.btn.p { (frame.t(t::DO)) }
    });
    let body = html! {
        div.sign {
            section.card {
                div.ch { h1 { (frame.t(frame::PRODUCT)) } }
                div.cb {
                    @if let Some(fault) = &sign_in.fault {
                        div.note.r role="alert" tabindex="-1" data-focus="" { (fault) }
                    }
                    @if let Some(note) = &sign_in.note {
                        (notice(Tone::Success, &html! { (note) }))
                    }
                    (form)
                }
            }
            p.muted.small { (frame.t(t::FORGOT)) }
        }
    };
    bare_page(frame, frame.t(t::TITLE), &body)
}

/// The page for a new password; the first one must be changed before anything else.
pub(crate) fn password(frame: &Frame, is_first: bool, errors: &Errors) -> Markup {
    let field = |name, label, hint, autocomplete| {
        input_field(frame, errors, &Field {
            name,
            label: frame.t(label),
            hint,
            kind: "password",
            is_required: true,
            autocomplete: Some(autocomplete),
            ..Field::default()
        })
    };
    let body = html! {
        div.sign {
            h1 { (frame.t(t::CHANGE_TITLE)) }
            @if is_first { (notice(Tone::Warning, &html! { (frame.t(t::CHANGE_FIRST)) })) }
            (error_summary(frame, errors))
            section.card { div.cb {
                (form_open(frame, "/password", "", &html! {
                    (field("old_password", t::OLD, "", "current-password"))
                    (field("new_password", t::NEW, frame.t(t::NEW_HINT), "new-password"))
                    (field("again", t::AGAIN, "", "new-password"))
                    button.btn.p { (frame.t(t::CHANGE_TITLE)) }
                }))
            } }
        }
    };
    if is_first {
        bare_page(frame, frame.t(t::CHANGE_TITLE), &body)
    } else {
        page_with(frame, frame.t(t::CHANGE_TITLE), Menu::Settings, !errors.is_empty(), &body)
    }
}
