//! The work on findings, one file a use case: from assignment to closing and looking back.
//!
//! Every change of state goes through [`taizhang_flow::take`] with facts read in the transaction
//! that writes; a page that was shown an older version gets the conflict and no step.

mod accept;
mod add_evidence;
mod assign;
mod beside;
mod bulk;
mod calendar;
mod claim;
mod close;
mod create_finding;
mod edit_finding;
mod escalation;
mod extend_to_peers;
mod extension;
mod facts;
mod faults;
mod filter_words;
mod finding_page;
mod ledger_filter;
mod ledger_list;
mod log_progress;
mod look_back;
mod mark_absent;
mod measures;
mod memo;
mod messages;
mod plan;
mod queue;
mod reopen;
mod return_finding;
mod scheduler;
mod stage_goal;
mod step;
mod submit;
mod undo;
mod upper_consent;

pub use accept::AcceptInput;
pub use add_evidence::{AddEvidenceInput, EVIDENCE_BYTES_MAX, EvidenceFile};
pub use assign::{AssignInput, Assignment};
pub use bulk::{BULK_MAX, BulkAct, BulkInput, BulkRow};
pub(crate) use calendar::SETTING as CALENDAR;
pub use claim::ClaimInput;
pub use create_finding::{CreateFindingInput, PLAIN_FIELDS};
pub use edit_finding::{EDITABLE_FIELDS, EditFindingInput};
pub use escalation::CarryOutInput;
pub use extend_to_peers::ExtendToPeersInput;
pub use extension::{DecideExtensionInput, RequestExtensionInput};
pub(crate) use facts::{responsible_persons, responsible_units};
pub(crate) use faults::Faults;
pub use finding_page::{FindingAct, FindingPage};
pub use ledger_filter::{LedgerFilter, LedgerTab, SORT_FIELDS, percent_encoded};
pub use ledger_list::{LedgerList, LedgerRow};
pub use log_progress::LogProgressInput;
pub use look_back::LookBackInput;
pub use mark_absent::MarkAbsentInput;
pub use measures::{AddMeasureInput, EditMeasureInput};
pub(crate) use memo::CountMemo;
pub use plan::PlanInput;
pub use queue::{Queue, QueueCounts, QueueSection, Task};
pub use reopen::ReopenInput;
pub use return_finding::ReturnInput;
pub(crate) use scheduler::TickMemory;
pub use scheduler::TickReport;
pub use stage_goal::AddStageGoalInput;
pub use step::TakeStepInput;
pub use submit::SubmitInput;
pub use upper_consent::UpperConsentInput;

use taizhang_values::RecordId;

/// The ledger of findings.
pub(crate) const FINDING: &str = "finding";

/// A finding in the version that the person saw. A step on another version is a conflict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The finding.
    pub finding: RecordId,
    /// The version shown.
    pub version: i64,
}
