//! Doubts: what rules find, asked of people, answered, checked, and gone when the data are mended.
//!
//! INVARIANT: a doubt is opened and closed by judging alone; people answer, they do not strike off.

mod ahead;
mod answer;
mod beside;
mod criterion;
mod full;
mod judge;
mod page;
mod reads;
mod refresh;
mod rows;
mod run;
mod settle;
mod told;
mod written;

pub(crate) use ahead::Ahead;
pub use answer::{AnswerDoubt, CheckDoubt};
pub(crate) use beside::Dependants;
pub use beside::{BESIDE_MAX, Beside};
pub use criterion::{CriterionDay, CriterionInput, CriterionState};
pub use full::RuleResult;
pub use page::{ClearedRow, DoubtPage, HouseholdDoubts, RuleCount};
pub(crate) use reads::{Read, Use, reads_of};
pub use refresh::Turnover;
pub use run::RunReport;
pub use taizhang_rules::ErrorKind;

/// Ledger of doubts.
pub(crate) const DOUBT: &str = "doubt";

/// States of a doubt.
pub(crate) mod status {
    /// Waits for an answer.
    pub(crate) const ASKED: &str = "asked";
    /// Answered, waits for the township.
    pub(crate) const ANSWERED: &str = "answered";
    /// The explanation was accepted: quiet until the evidence changes.
    pub(crate) const EXPLAINED: &str = "explained";
    /// Given to somebody above.
    pub(crate) const PASSED_ON: &str = "passed_on";
    /// The rule sees nothing any more.
    pub(crate) const CLOSED: &str = "closed";
}
