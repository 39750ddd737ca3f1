//! Indicators and report templates.

use serde::{Deserialize, Serialize};
use taizhang_diagnostics::Message;

/// A number over records that can show its rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Indicator {
    /// Name (`findings_closed`).
    pub name: String,
    /// Name for people.
    pub label: Message,
    /// Ledger of the rows.
    pub ledger: String,
    /// Filter in the address form of list pages (`state=closed&source_level=upper`); the report's
    /// own filter (inspection, unit, region) is added to it.
    pub filter: String,
    /// Definition in words, printed with the number.
    pub definition: Message,
    /// Unit word (`个`, `条`, `户`).
    pub unit: String,
    /// Name of the indicator that is the whole, for percentages: value = rows ÷ rows of the whole.
    pub share_of: Option<String>,
}

/// A document to write: fixed words with indicators in them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportTemplate {
    /// Name (`rectification_report`).
    pub name: String,
    /// Name for people.
    pub label: Message,
    /// Kind as in the document schema.
    pub kind: String,
    /// True for versions that leave the house: names are masked.
    pub is_public: bool,
    /// Title with placeholders `{issuer}`, `{inspection}`.
    pub title: String,
    /// Addressee with placeholders; `None` for a bulletin.
    pub addressee: Option<String>,
    /// The text in order.
    pub blocks: Vec<TemplateBlock>,
}

/// One block of a template. Texts hold `{name}` placeholders: fields of the inspection, of the
/// finding in a loop, or `{#indicator}` for a bound number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "block", rename_all = "snake_case")]
pub enum TemplateBlock {
    /// A numbered heading, level 1–4. The number is made by position.
    Heading {
        /// Level.
        level: u8,
        /// Text without number.
        text: String,
    },
    /// A paragraph; left out when `when` names an indicator that is zero.
    Paragraph {
        /// Text.
        text: String,
        /// Indicator that must not be zero.
        when: Option<String>,
    },
    /// One passage a finding, in ledger order.
    Findings {
        /// Code of the state kinds to show (`closed`, `open` …); empty for all.
        kinds: Vec<String>,
        /// Heading level of a passage.
        level: u8,
        /// Text of its heading.
        heading: String,
        /// Label before the measures (`整改措施：`); measures follow as 一是 …
        measures_label: Option<String>,
        /// Label before the result (`整改情况：`).
        result_label: Option<String>,
        /// Label lines (`责任领导：{responsible_leaders}`).
        lines: Vec<String>,
    },
    /// The ledger as a table.
    Table {
        /// Fields of finding in column order.
        columns: Vec<String>,
    },
    /// Contact lines of a bulletin.
    Contact {
        /// Lines.
        lines: Vec<String>,
    },
}
