//! Rules as their files say them: head, text, examples. What they mean is the business of the
//! crate `rules`; here every text only keeps its place.

use serde::{Deserialize, Serialize};
use std::ops::Range;
use taizhang_diagnostics::{Language, Place};
use taizhang_values::Date;

/// A rule file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSource {
    /// Code, such as `ARC-003`; also the file's name.
    pub code: String,
    /// Name in English words joined by hyphens: the pattern that it flags.
    pub name: String,
    /// Ledger whose records it judges.
    pub ledger: PlacedText,
    /// Kind.
    pub kind: RuleKind,
    /// Severity.
    pub severity: RuleSeverity,
    /// First day on which it judges.
    pub since: Date,
    /// Last day on which it judges.
    pub until: Option<Date>,
    /// Paper, catalogue row or reason it comes from ([`super::Codebook::citations`]).
    pub source: String,
    /// Who is asked about a hit: levels of the region tree or roles.
    pub asks: Vec<String>,
    /// Working days to answer; `None` for a hint that asks nobody.
    pub due_days: Option<i64>,
    /// Named expressions that the others may use.
    pub defines: Vec<Define>,
    /// Guard: where it is false the record is outside the rule.
    pub applies: Option<PlacedText>,
    /// Condition of a violation.
    pub violates: PlacedText,
    /// Other severities for some of the hits, first true one first.
    pub raises: Vec<RaiseSource>,
    /// What is told about a hit, Chinese.
    pub message_zh: PlacedText,
    /// The same in English.
    pub message_en: PlacedText,
    /// Day of judgement of the examples.
    pub as_of: Option<Date>,
    /// Region of the examples' records, unless a column says otherwise.
    pub region: Option<String>,
    /// The text below the head: title, why, what to look at, how to mend, examples.
    pub body: PlacedText,
    /// Why and how to mend in English, where the text below the head is in another language.
    pub text_en: Option<String>,
}

impl RuleSource {
    /// The title: in Chinese the heading of the text, in English the words of the name, with a
    /// capital; the name where there is no heading.
    #[must_use]
    pub fn title(&self, language: Language) -> String {
        if let Some(heading) = self.heading().filter(|_| language == Language::Zh) {
            return heading.to_owned();
        }
        let words = self.name.replace('-', " ");
        let mut letters = words.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect()
    }

    /// The first heading of the text below the head, if it says something.
    #[must_use]
    pub fn heading(&self) -> Option<&str> {
        let heading = self.body.text.lines().find_map(|line| line.trim().strip_prefix("# "))?;
        Some(heading.trim()).filter(|heading| !heading.is_empty())
    }

    /// The text that people read, with heading and examples: below the head, or in English.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        let Some(english) = self.text_en.as_ref().filter(|_| language == Language::En) else {
            return self.body.text.trim().to_owned();
        };
        let examples = self.body.text.lines().position(|line| is_of_examples(line.trim()));
        let examples = self.body.text.lines().skip(examples.unwrap_or(usize::MAX));
        let examples: Vec<&str> = examples.collect();
        let title = self.title(language);
        format!("# {title}\n\n{}\n\n{}", english.trim(), examples.join("\n")).trim().to_owned()
    }
}

/// True for a row of a table, and for the heading over one.
fn is_of_examples(line: &str) -> bool {
    line.starts_with('|') || line.starts_with("## ")
}

/// A named expression of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Define {
    /// Name.
    pub name: String,
    /// Expression.
    pub text: PlacedText,
}

/// A severity for some of the hits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RaiseSource {
    /// Severity.
    pub severity: RuleSeverity,
    /// Condition.
    pub when: PlacedText,
}

/// Kind of a rule (domain §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleKind {
    /// Something is not filled.
    Completeness,
    /// A value cannot be.
    Validity,
    /// Values of one ledger contradict each other.
    Logic,
    /// Ledgers contradict each other.
    CrossLedger,
    /// A department's list contradicts the register.
    CrossDepartment,
    /// Something is late.
    Timeliness,
    /// The same thing stands twice.
    Duplicate,
    /// A household may need help, or money may be lost.
    Risk,
}

impl RuleKind {
    /// The code list with its words for people.
    pub const LIST: &str = "rule_kind";

    /// All kinds, in the order of the catalogue.
    pub const ALL: [Self; 8] = [
        Self::Completeness,
        Self::Validity,
        Self::Logic,
        Self::CrossLedger,
        Self::CrossDepartment,
        Self::Timeliness,
        Self::Duplicate,
        Self::Risk,
    ];

    /// The word in files, and the code of [`Self::LIST`].
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Completeness => "completeness",
            Self::Validity => "validity",
            Self::Logic => "logic",
            Self::CrossLedger => "cross_ledger",
            Self::CrossDepartment => "cross_department",
            Self::Timeliness => "timeliness",
            Self::Duplicate => "duplicate",
            Self::Risk => "risk",
        }
    }
}

/// Severity of a hit (domain §5), gravest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleSeverity {
    /// A hint.
    Low,
    /// To be mended before the end of the month.
    Medium,
    /// Sent to the village, with days to answer.
    High,
    /// Nothing may be submitted, closed or published.
    Blocker,
}

impl RuleSeverity {
    /// The code list with its words for people.
    pub const LIST: &str = "rule_severity";

    /// The word in files, and the code of [`Self::LIST`].
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Blocker => "blocker",
        }
    }
}

/// A text of a file that knows where each of its bytes stands.
///
/// INVARIANT: pieces are in order and the first begins at 0, unless there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedText {
    /// The text, with escapes undone.
    pub text: String,
    /// Path of the file.
    pub path: String,
    /// Stretches that stand together in the file.
    pub pieces: Vec<TextPiece>,
}

/// A stretch of a text that stands on one line of its file without escapes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextPiece {
    /// First byte in the text.
    pub start: usize,
    /// Line in the file, from 1.
    pub line: usize,
    /// Column of the first character in the file, from 1.
    pub column: usize,
    /// The line of the file.
    pub excerpt: String,
}

impl PlacedText {
    /// A text that stands in no file, as given on a command line. Its own lines are its places.
    #[must_use]
    pub fn loose(path: &str, text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut start = 0;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            let excerpt = line.trim_end_matches(['\n', '\r']).to_owned();
            pieces.push(TextPiece { start, line: number + 1, column: 1, excerpt });
            start += line.len();
        }
        Self { text: text.to_owned(), path: path.to_owned(), pieces }
    }

    /// The place of a stretch of bytes, underlined to the end of its first line.
    #[must_use]
    pub fn place(&self, range: Range<usize>) -> Place {
        let index = self.pieces.partition_point(|piece| piece.start <= range.start);
        let Some(piece) = index.checked_sub(1).and_then(|index| self.pieces.get(index)) else {
            return Place::Nowhere;
        };
        let count = |range: Range<usize>| {
            self.text.get(range).map_or(0, |text| text.lines().next().unwrap_or("").chars().count())
        };
        Place::File {
            path: self.path.clone(),
            line: piece.line,
            column: piece.column + count(piece.start..range.start),
            length: count(range).max(1),
            excerpt: piece.excerpt.clone(),
        }
    }
}
