//! Diagnostics: code, severity, place and help, rendered for terminal and page in Chinese and
//! English.
//!
//! Inner crates return a value and a list of diagnostics; nothing here prints. Sentences are lower
//! case in English, without full stop, with inputs in backticks; place and help stand apart.
//! **Personal data never enters a message**: name the row and column instead.

mod fault_codes;
mod language;
mod place;
mod render;
mod suggest;

pub use language::{Language, Message};
pub use place::Place;
pub use render::{columns_of, padded, render_all, render_terminal};
pub use suggest::nearest;

use serde::{Deserialize, Serialize};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A suggestion.
    Hint,
    /// Allowed, but probably not meant.
    Warning,
    /// Refused.
    Error,
}

/// One thing to tell a user, an operator or a programmer.
///
/// # Example
/// ```
/// use taizhang_diagnostics::{Diagnostic, Language, Message, Place, render_terminal};
/// let fault = Diagnostic::error("I0203", Message::new("没有村`马糖村`", "no village `马糖村`"))
///     .at(Place::Cell { sheet: None, row: 64, column: "B".into() })
///     .help(Message::new("改为`马塘村`", "replace by `马塘村`"));
/// assert!(render_terminal(&fault, Language::En).starts_with("error[I0203]: no village `马糖村`"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// One capital letter for the area and four digits. A code is never used twice or again.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// Where it is.
    pub place: Place,
    /// What is wrong.
    pub message: Message,
    /// What to do about it.
    pub help: Option<Message>,
}

impl Diagnostic {
    /// A diagnostic of the given severity without place and help.
    #[must_use]
    pub fn new(severity: Severity, code: &str, message: Message) -> Self {
        Self { code: code.to_owned(), severity, place: Place::Nowhere, message, help: None }
    }

    /// An error.
    #[must_use]
    pub fn error(code: &str, message: Message) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// A warning.
    #[must_use]
    pub fn warning(code: &str, message: Message) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// The same with a place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    /// The same with advice.
    #[must_use]
    pub fn help(mut self, help: Message) -> Self {
        self.help = Some(help);
        self
    }

    /// True for errors.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
