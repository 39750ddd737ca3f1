//! What the page of one finding shows.

use crate::components::{Choice, Compared, FileRow, Light, TimelineEntry};

/// A step that the flow offers in the present state.
#[derive(Clone, Debug, Default)]
pub(crate) struct StepOffer {
    /// Name in the flow (`submit`).
    pub(crate) step: String,
    /// Words on the button.
    pub(crate) label: String,
    /// What is still missing, in words; the step is shown but cannot be taken.
    pub(crate) missing: Vec<String>,
    /// True if a reason is asked.
    pub(crate) needs_reason: bool,
    /// True if a new deadline may be given, and its latest day in words.
    pub(crate) new_deadline: Option<String>,
    /// The step most people want next.
    pub(crate) is_primary: bool,
}

/// One measure.
#[derive(Clone, Debug, Default)]
pub(crate) struct MeasureRow {
    pub(crate) id: String,
    pub(crate) version: i64,
    pub(crate) text: String,
    pub(crate) origin: String,
}

/// One stage goal.
#[derive(Clone, Debug, Default)]
pub(crate) struct GoalRow {
    pub(crate) id: String,
    pub(crate) version: i64,
    pub(crate) goal: String,
    pub(crate) due_on: String,
    pub(crate) done_on: String,
}

/// One child of a finding that was extended to peers.
#[derive(Clone, Debug)]
pub(crate) struct ChildRow {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) region: String,
    pub(crate) answer: String,
    pub(crate) light: Light,
    pub(crate) state: String,
}

/// One rung of the overdue ladder that was reached.
#[derive(Clone, Debug, Default)]
pub(crate) struct EscalationRow {
    pub(crate) id: String,
    pub(crate) version: i64,
    pub(crate) form: String,
    pub(crate) days_late: i64,
    pub(crate) is_done: bool,
    pub(crate) paper_number: String,
    pub(crate) done_on: String,
}

/// A request for more time that waits for a decision.
#[derive(Clone, Debug, Default)]
pub(crate) struct PendingExtension {
    pub(crate) id: String,
    pub(crate) version: i64,
    pub(crate) new_deadline_on: String,
    pub(crate) reason: String,
    pub(crate) may_decide: bool,
}

/// One version in the history.
#[derive(Clone, Debug, Default)]
pub(crate) struct HistoryRow {
    pub(crate) at: String,
    pub(crate) by: String,
    pub(crate) verb: String,
    pub(crate) reason: String,
    pub(crate) changes: Vec<Compared>,
}

/// What the reader may do besides the steps.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct IssueRights {
    pub(crate) edit: bool,
    pub(crate) assign: bool,
    pub(crate) measures: bool,
    pub(crate) progress: bool,
    pub(crate) evidence: bool,
    pub(crate) goals: bool,
    /// Say that a stage goal was reached.
    pub(crate) reach_goals: bool,
    pub(crate) ask_extension: bool,
    pub(crate) extend_to_peers: bool,
    pub(crate) consent: bool,
    pub(crate) remind: bool,
    pub(crate) supervise: bool,
}

/// Lists to pick from in the forms.
#[derive(Clone, Debug, Default)]
pub(crate) struct IssueChoices {
    pub(crate) units: Vec<Choice>,
    pub(crate) people: Vec<Choice>,
    pub(crate) regions: Vec<Choice>,
    pub(crate) evidence_kinds: Vec<(String, String)>,
    pub(crate) siblings: Vec<Choice>,
    /// Measures of the inspection that do not serve this finding.
    pub(crate) measures: Vec<Choice>,
    /// Files of this finding, to take one away.
    pub(crate) files: Vec<(String, String)>,
}

/// The values that the forms start with.
#[derive(Clone, Debug, Default)]
pub(crate) struct IssueValues {
    pub(crate) lead_unit: String,
    pub(crate) leader: String,
    pub(crate) person: String,
    pub(crate) deadline_on: String,
    pub(crate) is_long_term: bool,
    pub(crate) upper_consent_paper: String,
    pub(crate) upper_consent_on: String,
}

/// The content of the page.
#[derive(Clone, Debug)]
pub(crate) struct IssueView {
    pub(crate) id: String,
    pub(crate) version: i64,
    pub(crate) number: String,
    pub(crate) title: String,
    pub(crate) problem: String,
    pub(crate) light: Light,
    pub(crate) state: String,
    pub(crate) state_tone: &'static str,
    /// Rules that close it, and how many records still violate them.
    pub(crate) criterion: Option<(String, u64)>,
    /// Who else opened it a moment ago.
    pub(crate) hints: Vec<String>,
    /// Who changed it last, and when.
    pub(crate) last_edit: String,
    /// Label and value pairs of the problem list.
    pub(crate) problem_facts: Vec<(String, String)>,
    /// Of the responsibility list.
    pub(crate) duty_facts: Vec<(String, String)>,
    /// Leader and person with the address of their card.
    pub(crate) contacts: Vec<(String, String)>,
    /// Of the time list.
    pub(crate) time_facts: Vec<(String, String)>,
    pub(crate) percent: i64,
    pub(crate) return_count: i64,
    pub(crate) reopened_count: i64,
    /// Number and address of the parent.
    pub(crate) parent: Option<(String, String)>,
    /// Title and address of the inspection; no address for those who may not open it.
    pub(crate) inspection: Option<(String, String)>,
    pub(crate) source_sentence: String,
    pub(crate) source_address: Option<String>,
    pub(crate) cause: String,
    pub(crate) self_check: String,
    pub(crate) result: String,
    pub(crate) is_upper: bool,
    pub(crate) measures: Vec<MeasureRow>,
    pub(crate) progress: Vec<TimelineEntry>,
    pub(crate) evidence: Vec<FileRow>,
    pub(crate) approvals: Vec<TimelineEntry>,
    pub(crate) pending: Vec<PendingExtension>,
    pub(crate) goals: Vec<GoalRow>,
    pub(crate) children: Vec<ChildRow>,
    pub(crate) open_children: usize,
    pub(crate) escalations: Vec<EscalationRow>,
    pub(crate) look_backs: Vec<TimelineEntry>,
    pub(crate) history: Vec<HistoryRow>,
    pub(crate) steps: Vec<StepOffer>,
    /// True if the reader's last act can be taken back.
    pub(crate) may_undo: bool,
    pub(crate) rights: IssueRights,
    pub(crate) choices: IssueChoices,
    pub(crate) values: IssueValues,
}
