//! What every page knows: reader, language, text size, tokens and the counts of the menu.

use crate::text::Text;
use std::fmt::Display;
use taizhang_diagnostics::Language;

/// Text size kept for the person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextSize {
    /// 16 px.
    #[default]
    Standard,
    /// 18 px.
    Large,
    /// 20 px, larger targets, fewer columns.
    Elder,
}

impl TextSize {
    /// Reads `standard`, `large` or `elder`; anything else is standard.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "large" => Self::Large,
            "elder" => Self::Elder,
            _ => Self::Standard,
        }
    }

    /// The stored form.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Large => "large",
            Self::Elder => "elder",
        }
    }
}

/// Numbers beside the menu; `None` is not shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MenuCounts {
    /// Tasks in the reader's queue.
    pub queue: Option<u64>,
    /// Findings he may see.
    pub issues: Option<u64>,
    /// Letters that wait for confirmation.
    pub letters: Option<u64>,
    /// Unread messages.
    pub unread: u64,
}

/// Pages that only some people may open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MenuRights {
    /// `users.manage`.
    pub users: bool,
    /// `audit.read`.
    pub audit: bool,
    /// `import.run`.
    pub import: bool,
    /// `export.run`.
    pub export: bool,
    /// `report.make`.
    pub report: bool,
    /// May make letters.
    pub letters: bool,
    /// May read findings at all; administrators may not.
    pub findings: bool,
    /// `users.manage`: answers comments.
    pub feedback: bool,
    /// `backup.run`: says that the clock is right.
    pub clock: bool,
    /// May read households.
    pub households: bool,
    /// May read doubts, and so the rules and what was mended.
    pub doubts: bool,
    /// May read runs of the rules.
    pub runs: bool,
    /// May read proposals.
    pub proposals: bool,
}

/// The signed-in reader.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Viewer {
    /// Opaque id, for drafts kept in the browser.
    pub id: String,
    /// Name shown.
    pub name: String,
    /// Name of the unit, if any.
    pub unit: String,
    /// Name of the widest region of his grants.
    pub region: String,
    /// Numbers beside the menu.
    pub counts: MenuCounts,
    /// Which parts of the menu he sees.
    pub rights: MenuRights,
    /// The server's clock jumped; nothing is reminded until somebody says that it is right.
    pub is_clock_held: bool,
}

/// What was done a moment ago, with the address that takes it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Sentence, already in the reader's language.
    pub text: String,
    /// Address for the undo form; `None` if it cannot be taken back.
    pub undo: Option<String>,
}

/// When the reader's session ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionEnd {
    /// Seconds until it ends without a further request.
    pub seconds_left: i64,
    /// True if a request does not put the end off any more.
    pub is_final: bool,
    /// The moment in words.
    pub at: String,
}

/// Context of one page.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// Language of the page.
    pub language: Language,
    /// Text size.
    pub size: TextSize,
    /// True if the person switched single-letter keys off.
    pub keys_off: bool,
    /// Token that every form carries.
    pub csrf: String,
    /// Path and query of the page itself.
    pub here: String,
    /// Reader; `None` before sign-in.
    pub viewer: Option<Viewer>,
    /// Demonstration data: says so at the foot.
    pub is_demo: bool,
    /// Moment of the data, in words.
    pub as_of: String,
    /// What was done a moment ago.
    pub done: Option<Done>,
    /// End of the session; `None` before sign-in.
    pub session: Option<SessionEnd>,
}

impl Frame {
    /// A text in the page's language.
    #[must_use]
    pub const fn t(&self, text: Text) -> &'static str {
        text.at(self.language)
    }

    /// A text with its values put in.
    #[must_use]
    pub fn with(&self, text: Text, values: &[&dyn Display]) -> String {
        text.with(self.language, values)
    }
}

/// A number with thousands separators: `1,532`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_are_separated() {
        for (number, text) in [(0, "0"), (999, "999"), (1532, "1,532"), (1_600_000, "1,600,000")] {
            assert_eq!(grouped(number), text);
        }
    }
}
