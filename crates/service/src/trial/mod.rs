//! Rules over time: what a rule found in past runs, and editions in trial replayed over past
//! snapshots beside the edition in force. An edition in trial opens no doubts.

mod history;
mod memory;
mod replay;

pub use history::RuleRun;
pub(crate) use memory::ReplayMemory;
pub use replay::{
    Flagged, Replay, ReplayError, ReplayedSnapshot, Tally, VillageWork, replay, snapshots_in,
};

use crate::{Caller, Service, ServiceError};
use memory::Question;
use replay::{judge, replay_by};
use std::path::Path;
use taizhang_codebook::RuleSource;
use taizhang_program::Program;

/// Snapshots that a page replays at most, the newest of them.
const SNAPSHOTS_MAX: usize = 12;

impl Service {
    /// Replays the county's edition of a rule in trial over the kept snapshots.
    ///
    /// # Errors
    /// `NotFound` if there is no edition in trial, or no snapshot yet; `Denied` without the right
    /// to runs; `Invalid` with the faults of the rule, `G0330` for one that looks into hidden
    /// texts; `Internal` for a snapshot that cannot be read.
    pub fn replay_trial(&self, caller: &Caller, code: &str) -> Result<Replay, ServiceError> {
        let region = caller.home_region();
        if !self.may_run_checks(caller) {
            return Err(self.denied("check_run.create", region));
        }
        let new = self.codebook().trials.get(code).ok_or(ServiceError::NotFound)?;
        let old = self.codebook().rules.get(code);
        let mut kept: Vec<_> = self
            .kept_snapshots()?
            .into_iter()
            .map(|snapshot| (snapshot.name, snapshot.as_of, snapshot.directory))
            .collect();
        kept.sort_by(|one, other| (one.1, &one.0).cmp(&(other.1, &other.0)));
        let surplus = kept.len().saturating_sub(SNAPSHOTS_MAX);
        kept.drain(..surplus);
        if kept.is_empty() {
            return Err(ServiceError::NotFound);
        }
        self.require_replayable(&[Some(new), old])?;
        let region = region.map(ToString::to_string);
        let region = region.as_deref();
        let judged = |program: &Program, directory: &Path| {
            let question = Question::new(program, region, directory)
                .map_err(|error| ReplayError::LeftOut(error.to_string()))?;
            self.replays.get(question, || judge(program, region, directory))
        };
        Ok(replay_by(self.codebook(), (old, new), &kept, judged)?)
    }

    /// Refuses editions that look into texts of which our snapshots hold tokens only.
    fn require_replayable(&self, editions: &[Option<&RuleSource>]) -> Result<(), ServiceError> {
        let compiled = editions.iter().flatten();
        let rules: Vec<_> = compiled
            .filter_map(|source| taizhang_rules::compile(self.codebook(), source).ok())
            .collect();
        match crate::snapshot::looking_in(self.codebook(), &rules).into_iter().next() {
            None => Ok(()),
            Some(rule) => {
                let zh = format!("规则`{rule}`要看快照里不保存的文字，不能回放");
                let en = format!("`{rule}` looks into texts that snapshots do not hold");
                Err(ServiceError::field("check_run", "snapshot", "G0330", &zh, &en))
            }
        }
    }
}

impl From<ReplayError> for ServiceError {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Rule(faults) => Self::Invalid(faults),
            ReplayError::NoSnapshots => Self::NotFound,
            ReplayError::LeftOut(reason) => Self::Internal(reason),
            ReplayError::Engine(error) => crate::snapshot::engine_fault(&error),
        }
    }
}
