//! What a rule says about one record.

use crate::interpret::{Cell, Context, ErrorKind, RowId, Rows, Undecided, interpret};
use crate::ir::Node;
use crate::rule::Rule;
use serde::{Deserialize, Serialize};
use taizhang_codebook::RuleSeverity;

/// Outcome of a rule for a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The rule does not apply to the record.
    Outside,
    /// Nothing is wrong.
    Passes,
    /// The record violates the rule.
    Violates,
    /// Something is missing, or reckoning failed.
    Undecided,
}

impl Outcome {
    /// The word in tables and files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Outside => "outside",
            Self::Passes => "passes",
            Self::Violates => "violates",
            Self::Undecided => "undecided",
        }
    }

    /// The outcome of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Outside, Self::Passes, Self::Violates, Self::Undecided]
            .into_iter()
            .find(|outcome| outcome.word() == word)
    }
}

/// What a rule says about a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Outcome.
    pub outcome: Outcome,
    /// Severity of a violation: that of the first raise which is true, else the rule's.
    pub severity: RuleSeverity,
    /// Why reckoning failed, if that is the cause of an undecided outcome.
    pub error: Option<ErrorKind>,
}

/// Judges one record by one rule: outside where `applies` is false, undecided where it is
/// undecided, else what `violates` says.
#[must_use]
pub fn judge(rule: &Rule, row: RowId, rows: &dyn Rows, context: &Context<'_>) -> Judgement {
    let said = |outcome, error| Judgement { outcome, severity: rule.severity, error };
    let truth = |node: &Node| match interpret(node, row, rows, context) {
        Ok(Cell::Boolean(truth)) => Ok(truth),
        Ok(_) => Err(Some(ErrorKind::WrongType)),
        Err(Undecided::Missing) => Err(None),
        Err(Undecided::Error(kind)) => Err(Some(kind)),
    };
    match rule.applies.as_ref().map_or(Ok(true), truth) {
        Ok(true) => {}
        Ok(false) => return said(Outcome::Outside, None),
        Err(error) => return said(Outcome::Undecided, error),
    }
    match truth(&rule.violates) {
        Ok(false) => said(Outcome::Passes, None),
        Err(error) => said(Outcome::Undecided, error),
        Ok(true) => {
            let raise = rule.raises.iter().find(|raise| truth(&raise.when) == Ok(true));
            let severity = raise.map_or(rule.severity, |raise| raise.severity);
            Judgement { outcome: Outcome::Violates, severity, error: None }
        }
    }
}
