//! What is declared of a word of the language, and on which days it may be written.

use super::LANGUAGE;
use taizhang_values::Date;

/// Groups of the manual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryGroup {
    /// Whether a value is there.
    Missing,
    /// Rows of relations and items of lists.
    Many,
    /// Dates.
    Dates,
    /// Sensitive fields.
    Facts,
    /// Parameters and regions.
    Places,
    /// Amounts and numbers.
    Numbers,
    /// Texts.
    Texts,
}

/// One function or macro that a rule may write.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Name.
    pub name: &'static str,
    /// Group.
    pub group: EntryGroup,
    /// How it is written.
    pub signature: &'static str,
    /// Type of the result, in English words.
    pub result: &'static str,
    /// First day from which it means this; rules of earlier days cannot rest on it. The day before
    /// another entry of its name begins is its last.
    pub since: &'static str,
    /// What it does, Chinese.
    pub zh: &'static str,
    /// What it does, English.
    pub en: &'static str,
    /// An expression about the sample ledger of the tests, and what it gives.
    pub example: (&'static str, &'static str),
}

impl Entry {
    /// First day.
    #[must_use]
    pub fn begins(&self) -> Option<Date> {
        self.since.parse().ok()
    }

    /// Last day: that before a later meaning of the same word begins.
    #[must_use]
    pub fn ends(&self) -> Option<Date> {
        let own = self.begins()?;
        let others = LANGUAGE.iter().filter(|other| other.name == self.name);
        let later = others.filter_map(Self::begins).filter(|begin| *begin > own).min()?;
        later.yesterday().ok()
    }

    /// True if the word means this on every day from `since` on, up to and with `until` if there is
    /// such a day.
    #[must_use]
    pub fn covers(&self, since: Date, until: Option<Date>) -> bool {
        let begins = self.begins().is_some_and(|first| first <= since);
        begins && self.ends().is_none_or(|last| until.is_some_and(|until| until <= last))
    }
}
