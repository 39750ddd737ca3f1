//! Code lists: the words of the field, stored as stable identifiers.

use serde::{Deserialize, Serialize};
use taizhang_diagnostics::Message;
use taizhang_values::Date;

/// A list of codes in the order of display.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeList {
    /// Name of the list.
    pub name: String,
    /// Name for people.
    pub label: Message,
    /// The codes.
    pub codes: Vec<Code>,
}

impl CodeList {
    /// A code by identifier.
    #[must_use]
    pub fn code(&self, code: &str) -> Option<&Code> {
        self.codes.iter().find(|known| known.code == code)
    }

    /// The code that a word of a workbook means: its Chinese or English label or a synonym.
    #[must_use]
    pub fn by_word(&self, word: &str) -> Option<&Code> {
        let word = word.trim();
        self.codes.iter().find(|code| {
            code.code == word
                || code.label.zh == word
                || code.label.en.eq_ignore_ascii_case(word)
                || code.synonyms.iter().any(|synonym| synonym == word)
        })
    }
}

/// One code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// Stable identifier, stored.
    pub code: String,
    /// Word shown.
    pub label: Message,
    /// Other words that mean it in imports and documents.
    pub synonyms: Vec<String>,
    /// First day it may be used.
    pub since: Option<Date>,
    /// Last day it may be used.
    pub until: Option<Date>,
}
