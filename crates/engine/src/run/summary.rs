//! What became of each rule.

use serde::Serialize;
use std::time::Duration;

/// Counts of one rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RuleSummary {
    /// Code.
    pub rule: String,
    /// Ledger that it judges.
    pub ledger: String,
    /// Rows looked at.
    pub rows: u64,
    /// Rows that it is not about.
    pub outside: u64,
    /// Rows that pass.
    pub passes: u64,
    /// Rows that violate it.
    pub violates: u64,
    /// Rows of which it cannot be told, errors included.
    pub undecided: u64,
    /// Rows of which it cannot be told because something failed.
    pub error: u64,
    /// Processor time of its steps; of shared steps its share.
    pub time: Duration,
}

impl RuleSummary {
    /// Adds the counts of another part of the data.
    pub fn add(&mut self, other: &Self) {
        self.rows += other.rows;
        self.outside += other.outside;
        self.passes += other.passes;
        self.violates += other.violates;
        self.undecided += other.undecided;
        self.error += other.error;
        self.time += other.time;
    }
}
