//! The words of the language, declared once: for the resolver, the manual and the tests.

/// Groups of the manual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryGroup {
    /// Dates.
    Dates,
}

/// One function, macro or operator that a rule may write.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Name.
    pub name: &'static str,
    /// Group.
    pub group: EntryGroup,
}

/// All of them.
pub const LANGUAGE: &[Entry] = &[];
