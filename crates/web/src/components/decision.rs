//! The card on which somebody says yes or no to what another wrote, and why.

use super::field::{Errors, Field, area_field, choice_field, form_open, hidden};
use crate::frame::Frame;
use crate::text::Text;
use maud::{Markup, html};

/// Values of the choice, yes first.
const CHOICES: [&str; 2] = ["accepted", "refused"];

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// Id of the card.
    pub id: &'static str,
    /// Heading.
    pub title: Text,
    /// Where the form goes.
    pub action: &'a str,
    /// Version of the record that was shown.
    pub version: i64,
    /// Name and label of the choice.
    pub choice: (&'static str, Text),
    /// Words of yes and no.
    pub answers: [Text; 2],
    /// Name and label of the reason.
    pub note: (&'static str, Text),
    /// Words on the button.
    pub button: Text,
    /// What was chosen and written, if the form came back.
    pub returned: (&'a str, &'a str),
    /// What is wrong with it.
    pub errors: &'a Errors,
}

/// The card.
#[must_use]
pub fn decision_card(frame: &Frame, asked: &Decision<'_>) -> Markup {
    let words = CHOICES.into_iter().zip(asked.answers);
    let choices: Vec<(String, String)> =
        words.map(|(value, words)| (value.to_owned(), frame.t(words).to_owned())).collect();
    let (chosen, written) = asked.returned;
    html! {
        section.card id=(asked.id) {
            div.ch { h2 { (frame.t(asked.title)) } }
            div.cb {
                (form_open(frame, asked.action, "", &html! {
                    (hidden("version", &asked.version.to_string()))
                    (choice_field(frame, asked.errors, &Field {
                        name: asked.choice.0, label: frame.t(asked.choice.1), is_required: true,
                        value: chosen, ..Field::default()
                    }, &choices))
                    (area_field(frame, asked.errors, &Field {
                        name: asked.note.0, label: frame.t(asked.note.1),
                        value: written, ..Field::default()
                    }))
                    button.btn.p { (frame.t(asked.button)) }
                }))
            }
        }
    }
}

/// What was chosen on the card; `None` if nothing was.
#[must_use]
pub fn decision_of(value: &str) -> Option<bool> {
    let place = CHOICES.iter().position(|choice| *choice == value)?;
    Some(place == 0)
}
