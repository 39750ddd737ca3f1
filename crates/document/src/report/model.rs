//! A report as a value.

use serde::{Deserialize, Serialize};
use taizhang_diagnostics::Message;
use taizhang_values::{Date, RecordId, Timestamp};

/// A composed report. One value for Word file, page and check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Number under which it can be found again, printed on it.
    pub number: String,
    /// Template in the codebook.
    pub template: String,
    /// Kind of document as in the schema.
    pub kind: String,
    /// Title lines.
    pub title: String,
    /// Addressee without colon.
    pub addressee: Option<String>,
    /// Blocks in order.
    pub blocks: Vec<ReportBlock>,
    /// Who signs.
    pub issuer: String,
    /// Date of signature.
    pub date: Date,
    /// The moment whose rows were counted.
    pub as_of: Timestamp,
    /// True for versions that leave the house.
    pub is_public: bool,
    /// What each bound number stands on; the position is the id used in the runs.
    pub bindings: Vec<Binding>,
}

/// A block of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "block", rename_all = "snake_case")]
pub enum ReportBlock {
    /// A numbered heading.
    Heading {
        /// Level 1–4.
        level: u8,
        /// Number with its punctuation: `一、`, `（一）`, `1.`, `（1）`.
        number: String,
        /// Text.
        runs: Vec<ReportRun>,
    },
    /// A paragraph with an indent of two characters.
    Paragraph {
        /// Text.
        runs: Vec<ReportRun>,
    },
    /// A table; all rows have as many cells as the head.
    Table {
        /// Column heads.
        head: Vec<String>,
        /// Rows.
        rows: Vec<Vec<String>>,
    },
}

/// A stretch of text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "run", rename_all = "snake_case")]
pub enum ReportRun {
    /// Words.
    Text {
        /// The words.
        text: String,
    },
    /// A number that leads to its rows.
    Figure {
        /// The number as printed.
        text: String,
        /// Position in [`Report::bindings`].
        binding: usize,
    },
}

impl ReportRun {
    /// The run's words or digits.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Text { text } | Self::Figure { text, .. } => text,
        }
    }
}

/// What a printed number stands on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// Indicator in the codebook.
    pub indicator: String,
    /// Name for people.
    pub label: Message,
    /// Definition in words.
    pub definition: Message,
    /// The number as printed.
    pub value: String,
    /// Unit word.
    pub unit: String,
    /// Ledger of the rows.
    pub ledger: String,
    /// Filter in the address form of list pages.
    pub filter: String,
    /// The moment counted.
    pub as_of: Timestamp,
    /// The rows.
    pub rows: Vec<BoundRow>,
    /// For shares: the rows of the whole.
    pub whole: Vec<BoundRow>,
}

/// A row behind a number, with the version that was counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoundRow {
    /// Record.
    pub id: RecordId,
    /// Version counted.
    pub version: i64,
    /// Number or name by which people know the row.
    pub label: String,
}
