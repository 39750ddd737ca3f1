//! Kinds of operations on a household.

/// What happens to a household.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// Some of its people become a household of their own (分户).
    Split,
    /// All of its people go to another household, and it ends (并户).
    Merge,
    /// It goes to another village or group with all that belongs to it (迁移).
    Move,
    /// It ends; nobody is left in it (注销).
    End,
    /// Somebody joins it.
    Join,
    /// Somebody leaves it, perhaps for another household.
    Leave,
}

impl ChangeKind {
    /// All of them, in the order of pages.
    pub const ALL: [Self; 6] =
        [Self::Join, Self::Leave, Self::Split, Self::Merge, Self::Move, Self::End];

    /// The code in the list `household_change_kind`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Split => "split",
            Self::Merge => "merge",
            Self::Move => "move",
            Self::End => "end",
            Self::Join => "join",
            Self::Leave => "leave",
        }
    }

    /// The kind of a code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}
