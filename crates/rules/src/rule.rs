//! A compiled rule.

use crate::ir::Node;
use serde::{Deserialize, Serialize};
use taizhang_codebook::{RuleKind, RuleSeverity};
use taizhang_diagnostics::Message;
use taizhang_values::Date;

/// A rule that has been read, resolved and typed. Plain data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Code, such as `ARC-003`.
    pub code: String,
    /// Name in English words joined by hyphens.
    pub name: String,
    /// Title for people.
    pub title: String,
    /// Ledger of the records it judges.
    pub ledger: String,
    /// Kind.
    pub kind: RuleKind,
    /// Severity of a hit that no raise changes.
    pub severity: RuleSeverity,
    /// First day on which it judges.
    pub since: Date,
    /// Last day on which it judges.
    pub until: Option<Date>,
    /// Guard: a record for which it is false is outside the rule.
    pub applies: Option<Node>,
    /// True for a record that violates the rule.
    pub violates: Node,
    /// Severities that take the place of `severity` where their condition is true: the first true
    /// one counts.
    pub raises: Vec<Raise>,
    /// Message with places for values, in both languages.
    pub message: RuleMessage,
    /// Fields that are read: of which ledger, by which way. In order, without doubles.
    pub uses: Vec<FieldUse>,
    /// Worst-case cost of one record (see [`crate::limits`]).
    pub cost: u64,
}

impl Rule {
    /// True on the days between its first and last.
    #[must_use]
    pub fn is_in_force(&self, on: Date) -> bool {
        self.since <= on && self.until.is_none_or(|until| on <= until)
    }
}

/// A severity for some of the hits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Raise {
    /// Severity.
    pub severity: RuleSeverity,
    /// Condition.
    pub when: Node,
}

/// What is told about a hit: pieces in each language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleMessage {
    /// Chinese.
    pub zh: Vec<Piece>,
    /// English.
    pub en: Vec<Piece>,
    /// The expressions that pieces name by position.
    pub values: Vec<Shown>,
}

/// A piece of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// Text as it stands.
    Text(String),
    /// The value at a position of [`RuleMessage::values`].
    Value(usize),
}

/// A value that a message shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// As written: the key in the values of a doubt.
    pub text: String,
    /// What is shown.
    pub node: Node,
    /// Label of the field, if it is one.
    pub label: Option<Message>,
}

/// A field that a rule reads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FieldUse {
    /// Ledger of the field.
    pub ledger: String,
    /// Field; a relation's name for its rows.
    pub field: String,
    /// Relations from the judged record to the row: `["household", "members"]`.
    pub path: Vec<String>,
}
