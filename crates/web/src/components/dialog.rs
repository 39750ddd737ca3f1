//! Confirmation of an irreversible act, as a page part that works without scripts.

use super::field::form_open;
use crate::frame::Frame;
use crate::text::common as t;
use maud::{Markup, html};

/// What is asked.
#[derive(Clone, Debug)]
pub struct Dialog<'a> {
    /// The question.
    pub title: &'a str,
    /// What will happen.
    pub text: &'a str,
    /// Words on the button: act, count and object, never "确定".
    pub button: &'a str,
    /// Where the form goes.
    pub action: &'a str,
    /// Where "cancel" leads.
    pub back: &'a str,
    /// Further fields.
    pub fields: Markup,
}

/// The dialog.
#[must_use]
pub fn dialog(frame: &Frame, dialog: &Dialog<'_>) -> Markup {
    html! {
        section.dlg aria-labelledby="dialog-title" {
            h2 #dialog-title { (dialog.title) }
            p { (dialog.text) " " (frame.t(t::IRREVERSIBLE)) }
            (form_open(frame, dialog.action, "", &html! {
                (dialog.fields)
                div.row {
                    button.btn.p { (dialog.button) }
                    a.btn.t href=(dialog.back) { (frame.t(t::CANCEL)) }
                }
            }))
        }
    }
}
