//! The facts about one record, the person who acts, and what he hands in.

use std::collections::{BTreeMap, BTreeSet};
use taizhang_codebook::Step;
use taizhang_values::{Date, RecordId, Value};

/// What is known of one record. The caller gathers it in the transaction that will write, so that
/// a step is judged against the version that it changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Situation {
    /// State by name.
    pub state: String,
    /// Fields that hold something.
    pub filled: BTreeSet<String>,
    /// Users named responsible: leader, person, and who else carries the work.
    pub responsible_persons: BTreeSet<RecordId>,
    /// Units named responsible; the lead unit is not among them, it checks (domain §3.1, R6).
    pub responsible_units: BTreeSet<RecordId>,
    /// Who handed it in for checking this time.
    pub submitted_by: Option<RecordId>,
    /// Evidence files tied to the record.
    pub evidence_count: i64,
    /// Measures tied to the record.
    pub measure_count: i64,
    /// Result of the latest acceptance form since the latest submission, with a sample:
    /// `Some(true)` passed, `Some(false)` failed.
    pub acceptance: Option<bool>,
    /// A progress entry exists since the latest return.
    pub has_progress: bool,
    /// Children in neither a closed nor a void state.
    pub children_open: i64,
    /// The row comes from an upper body's letter.
    pub needs_upper_consent: bool,
    /// The upper body's consent is recorded.
    pub has_upper_consent: bool,
    /// Marked as not to be finished at once.
    pub is_long_term: bool,
    /// Date of the letter; no deadline lies before it.
    pub issued_on: Option<Date>,
    /// Deadline in force.
    pub deadline_on: Option<Date>,
    /// Deadline first given.
    pub original_deadline_on: Option<Date>,
    /// Date of the next stage goal not yet reached.
    pub next_goal_on: Option<Date>,
    /// How often it came back.
    pub return_count: i64,
    /// How often it was reopened after closing.
    pub reopened_count: i64,
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The user.
    pub user: RecordId,
    /// The units to which he belongs or for which he holds a right.
    pub units: BTreeSet<RecordId>,
    /// Roles that he holds over the record's region.
    pub roles: BTreeSet<String>,
    /// Roles through which he reaches the record only because his unit is named in it. They count
    /// for the work itself and for nothing else.
    pub named_roles: BTreeSet<String>,
}

impl Person {
    /// True if one of his roles may take a step, whatever the state of the record.
    #[must_use]
    pub fn may_take(&self, step: &Step) -> bool {
        let holds =
            |role| self.roles.contains(role) || (step.is_work && self.named_roles.contains(role));
        step.roles.iter().any(holds)
    }
}

/// What is handed in with a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepInput {
    /// Why, in words.
    pub reason: Option<String>,
    /// Fields filled in by the step's form; they count as filled.
    pub fields: BTreeMap<String, Value>,
    /// New deadline on a return or reopening.
    pub new_deadline_on: Option<Date>,
}
