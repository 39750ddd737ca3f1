//! What became of each rule.

use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;
use taizhang_rules::ErrorKind;

/// Where the time of a run went, summed over its threads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Phases {
    /// Tables gathered before the pass, their decoding included.
    pub gather: Duration,
    /// Finding where partitions begin.
    pub divide: Duration,
    /// Opening row groups, their order, and what goes through Arrow's arrays.
    pub decode: Duration,
    /// Pages, or Arrow's arrays, as columns of a batch.
    pub columns: Duration,
    /// Putting rows of one root record side by side.
    pub merge: Duration,
    /// Steps of the rules.
    pub steps: Duration,
    /// Counting outcomes and telling doubts.
    pub tell: Duration,
    /// Writing doubts where they are kept.
    pub write: Duration,
}

impl Phases {
    /// Adds the times of another part of the run.
    pub fn add(&mut self, other: &Self) {
        self.gather += other.gather;
        self.divide += other.divide;
        self.decode += other.decode;
        self.columns += other.columns;
        self.merge += other.merge;
        self.steps += other.steps;
        self.tell += other.tell;
        self.write += other.write;
    }

    /// Each phase by its name, in the order of a run.
    #[must_use]
    pub const fn each(&self) -> [(&'static str, Duration); 8] {
        [
            ("gather", self.gather),
            ("divide", self.divide),
            ("decode", self.decode),
            ("columns", self.columns),
            ("merge", self.merge),
            ("steps", self.steps),
            ("tell", self.tell),
            ("write", self.write),
        ]
    }
}

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
    /// The same by what failed; where several things did in one row, by the last of them.
    pub reasons: BTreeMap<ErrorKind, u64>,
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
        for (kind, count) in &other.reasons {
            *self.reasons.entry(*kind).or_default() += count;
        }
        self.time += other.time;
    }
}
