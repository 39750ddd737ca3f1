//! The words of the language, declared once: for the resolver's help, the manual and the tests.

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
    /// First day from which it means this; rules of earlier days cannot rest on it.
    pub since: &'static str,
    /// What it does, Chinese.
    pub zh: &'static str,
    /// What it does, English.
    pub en: &'static str,
    /// An expression about the sample ledger of the tests, and what it gives.
    pub example: (&'static str, &'static str),
}

/// All of them.
pub const LANGUAGE: &[Entry] = &[];
