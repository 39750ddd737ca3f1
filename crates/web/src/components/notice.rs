//! Notice: one message with a tone.

use maud::{Markup, html};

/// Tone of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Good to know.
    Information,
    /// Look before you go on.
    Warning,
    /// Refused or failed; announced at once.
    Error,
    /// Done.
    Success,
}

/// The notice; errors are announced, the rest wait for a pause.
#[must_use]
pub fn notice(tone: Tone, body: &Markup) -> Markup {
    let (class, role) = match tone {
        Tone::Information => ("", None),
        Tone::Warning => ("y", None),
        Tone::Error => ("r", Some("alert")),
        Tone::Success => ("g", Some("status")),
    };
    html! { div class={ "note " (class) } role=[role] { (body) } }
}
