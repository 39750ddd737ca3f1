//! Flows: states, steps, who may take them, what they need, how long they may last.

use serde::{Deserialize, Serialize};
use taizhang_diagnostics::Message;

/// A flow of one ledger. A running record keeps the edition with which it began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// Name.
    pub name: String,
    /// Name for people.
    pub label: Message,
    /// Ledger whose records run through it.
    pub ledger: String,
    /// Edition, grows with every change.
    pub edition: i64,
    /// State of a new record.
    pub initial: String,
    /// States in order of progress.
    pub states: Vec<State>,
    /// Steps.
    pub steps: Vec<Step>,
    /// The overdue ladder, from early to late.
    pub escalation: Vec<EscalationStep>,
}

impl Flow {
    /// A state by name.
    #[must_use]
    pub fn state(&self, name: &str) -> Option<&State> {
        self.states.iter().find(|state| state.name == name)
    }

    /// A step by name.
    #[must_use]
    pub fn step(&self, name: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.name == name)
    }
}

/// One state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Name, stored in the record's `state`.
    pub name: String,
    /// Word shown.
    pub label: Message,
    /// The letter-number of the process table (`R4`), for people who know it.
    pub mark: String,
    /// What the state means to lists and lights.
    pub kind: StateKind,
    /// How long a record may stay, unless it has an own deadline.
    pub clock: Option<Clock>,
    /// Roles whose queue shows the record in this state, most responsible first.
    pub owners: Vec<String>,
    /// Code of the report word (`completed`, `in_progress` …).
    pub report_status: Option<String>,
}

/// What a state means to lists and lights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateKind {
    /// Somebody has to act.
    Open,
    /// Waits for somebody else's judgement.
    Waiting,
    /// Goes on with stage goals.
    LongTerm,
    /// Done; may still be looked at again.
    Closed,
    /// Does not apply here.
    Void,
}

/// A limit of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Parameter that holds the number of days.
    pub parameter: String,
    /// How days count.
    pub kind: ClockKind,
}

/// How days count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockKind {
    /// Every day.
    Calendar,
    /// Days of the working calendar.
    Working,
}

/// One step from some states to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Name, a verb (`accept`, `return`), also the audit verb `<ledger>.<step>`.
    pub name: String,
    /// Word on the button.
    pub label: Message,
    /// States from which it may be taken.
    pub from: Vec<String>,
    /// State reached.
    pub to: String,
    /// Roles that may take it.
    pub roles: Vec<String>,
    /// What must be there.
    pub needs: Needs,
    /// True if nobody named responsible for the record may take it. INVARIANT: every step into an
    /// accepted or closed state has it; the checker refuses a flow without.
    pub is_independent: bool,
    /// True if it is the work itself: those take it too who reach the record only because their
    /// unit is named in it, as lead or responsible, while it stands in a wider region than theirs.
    pub is_work: bool,
    /// True if it raises the record's return counter.
    pub counts_return: bool,
    /// True if it may be undone by its taker for ten seconds and by history for a day.
    pub is_reversible: bool,
}

/// What a step needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Needs {
    /// Fields of the record that must be filled.
    pub fields: Vec<String>,
    /// Least number of evidence files.
    pub evidence_min: i64,
    /// A reason in words.
    pub reason: bool,
    /// An accepted acceptance form with a sample.
    pub acceptance: bool,
    /// All children closed or void.
    pub children_closed: bool,
    /// The upper body's consent, for rows of an upper letter.
    pub upper_consent: bool,
    /// At least one measure.
    pub measure: bool,
    /// A progress entry since the last return.
    pub progress: bool,
}

/// One rung of the overdue ladder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EscalationStep {
    /// Code in the list `escalation_form`.
    pub form: String,
    /// First day late on which it is due, negative before the deadline; `None` for the day after
    /// the rung before it ends.
    pub from_day: Option<i64>,
    /// Last day late; `None` for no end.
    pub last: Option<LadderEnd>,
    /// Roles that get the task to carry it out.
    pub roles: Vec<String>,
}

/// Where a rung of the ladder ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LadderEnd {
    /// On this day late.
    Day(i64),
    /// On the day late that a parameter holds.
    Parameter(String),
}

/// A rung of the ladder with its days, as they are on one day in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LadderRung<'a> {
    /// The rung.
    pub step: &'a EscalationStep,
    /// First day late; negative before the deadline.
    pub from_day: i64,
    /// Last day late; `None` for no end.
    pub to_day: Option<i64>,
}
