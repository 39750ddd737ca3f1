//! What a rule found in past runs.

use crate::doubts::RuleResult;
use crate::{Caller, Service, ServiceError};
use taizhang_store::{Filter, Query};
use taizhang_values::{Date, RecordId};

/// Runs looked at.
const RUNS_MAX: usize = 60;

/// Counts of a rule in one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRun {
    /// The run.
    pub run: RecordId,
    /// Its day.
    pub as_of: Date,
    /// Region that it judged.
    pub region: String,
    /// Records looked at.
    pub rows: u64,
    /// Records that the rule is not about.
    pub outside: u64,
    /// Records that pass.
    pub passes: u64,
    /// Records that violate it.
    pub violates: u64,
    /// Records of which it cannot be told.
    pub undecided: u64,
}

impl Service {
    /// Counts of a rule in the runs that the caller may see, newest first. Runs that kept no counts
    /// by rule are left out.
    ///
    /// # Errors
    /// Store errors only; counts that cannot be read count as not kept.
    pub fn rule_history(&self, caller: &Caller, rule: &str) -> Result<Vec<RuleRun>, ServiceError> {
        let query = Query::new("check_run")
            .filter(Filter::eq("check_status", "done"))
            .sort("as_of", true)
            .limit(RUNS_MAX);
        let mut found = Vec::new();
        for run in self.list_visible(caller, query)?.records {
            let hash = run.text("summary_file");
            let Some(as_of) = run.get("as_of").as_date().filter(|_| !hash.is_empty()) else {
                continue;
            };
            let Ok(bytes) = self.store.files().read_all(hash) else { continue };
            let Ok(rules) = serde_json::from_slice::<Vec<RuleResult>>(&bytes) else { continue };
            let counts = rules.into_iter().find(|counts| counts.rule == rule);
            found.extend(counts.map(|counts| RuleRun {
                run: run.id.clone(),
                as_of,
                region: run.region.as_ref().map(ToString::to_string).unwrap_or_default(),
                rows: counts.rows,
                outside: counts.outside,
                passes: counts.passes,
                violates: counts.violates,
                undecided: counts.undecided,
            }));
        }
        Ok(found)
    }
}
