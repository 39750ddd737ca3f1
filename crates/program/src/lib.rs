//! Resolved rules as shared steps over household batches: a value that can be sent; runs nothing.
//!
//! [`compile`] makes a [`Program`] of rules; [`Program::explain`] shows it. `engine` runs it.

mod compile;
mod explain;
mod rows;
mod shared;
mod step;

pub use compile::{LeftOut, compile};
pub use rows::link_table;
pub use step::*;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use taizhang_codebook::{CalendarDay, Parameter};
use taizhang_values::Date;

/// Rules of one codebook at one day, as steps.
///
/// INVARIANT: a step names only steps before it, so that steps run in their order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Program {
    /// Codebook.
    pub codebook: String,
    /// Its edition.
    pub edition: String,
    /// Day of judgement.
    pub as_of: Date,
    /// Ledgers that are read.
    pub tables: Vec<Table>,
    /// What is computed, each value once.
    pub steps: Vec<Step>,
    /// Rows by key.
    pub indexes: Vec<Index>,
    /// One a rule.
    pub answers: Vec<Answer>,
    /// Parameters that steps look up.
    pub parameters: BTreeMap<String, Parameter>,
    /// Days that differ from the week.
    pub calendar: Vec<CalendarDay>,
}

impl Program {
    /// A step.
    #[must_use]
    pub fn step(&self, id: StepId) -> Option<&Step> {
        self.steps.get(id.0 as usize)
    }

    /// A table.
    #[must_use]
    pub fn table(&self, id: TableId) -> Option<&Table> {
        self.tables.get(id.0 as usize)
    }

    /// An index.
    #[must_use]
    pub fn index(&self, id: IndexId) -> Option<&Index> {
        self.indexes.get(id.0 as usize)
    }

    /// The table whose rows the space is made of in the end; `None` for one value.
    #[must_use]
    pub fn base(&self, space: Space) -> Option<TableId> {
        let mut space = space;
        loop {
            match space {
                Space::One => return None,
                Space::Table(table) => return Some(table),
                // A step stands after those it is made of, so this ends.
                Space::Pairs(pairs) => space = self.step(pairs)?.space,
            }
        }
    }
}
