//! One act on many findings, each with a result of its own.

use super::assign::Assignment;
use super::facts::responsible_persons;
use super::{FINDING, Shown};
use crate::{Caller, Service, ServiceError};
use taizhang_codebook::StateKind;
use taizhang_store::Record;
use taizhang_values::{Date, RecordId};

/// Most findings of one bulk act.
pub const BULK_MAX: usize = 1_000;

/// What is done to each.
#[derive(Clone, Debug)]
pub enum BulkAct {
    /// A message to those responsible.
    Remind,
    /// The same assignment for all.
    Assign(Assignment),
    /// The same later deadline for all.
    ChangeDeadline {
        /// New deadline.
        new_deadline_on: Date,
        /// Why.
        reason: String,
    },
}

/// A bulk act.
#[derive(Clone, Debug)]
pub struct BulkInput {
    /// The findings as shown.
    pub findings: Vec<Shown>,
    /// What is done.
    pub act: BulkAct,
}

/// The result for one finding.
#[derive(Debug)]
pub struct BulkRow {
    /// The finding.
    pub finding: RecordId,
    /// The finding after the act, or why not.
    pub outcome: Result<Record, ServiceError>,
}

impl Service {
    /// Does one act to many findings, each in a transaction of its own: what is refused for one
    /// does not stop the others.
    ///
    /// # Errors
    /// `Invalid` `W0126` for no or more than 1,000 findings; all else stands in the rows.
    pub fn bulk(&self, caller: &Caller, input: &BulkInput) -> Result<Vec<BulkRow>, ServiceError> {
        if input.findings.is_empty() || input.findings.len() > BULK_MAX {
            let (zh, en) = ("请选 1 到 1000 条问题", "choose 1 to 1000 findings");
            return Err(ServiceError::field(FINDING, "id", "W0126", zh, en));
        }
        let row = |shown: &Shown| BulkRow {
            finding: shown.finding.clone(),
            outcome: self.bulk_one(caller, shown, &input.act),
        };
        Ok(input.findings.iter().map(row).collect())
    }

    fn bulk_one(
        &self,
        caller: &Caller,
        shown: &Shown,
        act: &BulkAct,
    ) -> Result<Record, ServiceError> {
        match act {
            BulkAct::Remind => self.remind(caller, &shown.finding),
            BulkAct::Assign(assignment) => {
                let act = self.act(caller, "finding.assign", None);
                self.write_judged(&act, |writer| {
                    self.check_people(writer, assignment)?;
                    self.assign_in(writer, caller, shown, assignment)
                })
            }
            BulkAct::ChangeDeadline { new_deadline_on, reason } => {
                let act = self.act(caller, "finding.change_deadline", Some(reason));
                self.write_judged(&act, |writer| {
                    self.change_deadline_in(writer, caller, shown, *new_deadline_on, reason)
                })
            }
        }
    }

    /// Sends a message to those responsible for a running finding.
    ///
    /// # Errors
    /// `Invalid` `W0125` if nobody with an account is responsible, `W0127` if it ended; `Denied`,
    /// `NotFound`.
    pub fn remind(&self, caller: &Caller, finding: &RecordId) -> Result<Record, ServiceError> {
        let act = self.act(caller, "finding.remind", None);
        let done: Result<_, ServiceError> = self.write_judged(&act, |writer| {
            let record = self.finding_in(writer, caller, finding)?;
            if !self.holds_step_role(caller, &record, "plan") {
                self.require_step_role(caller, &record, "look_back")?;
            }
            if matches!(self.state_kind(&record), StateKind::Closed | StateKind::Void) {
                let (zh, en) = ("已经办结，不用提醒", "the finding has ended");
                return Err(ServiceError::field(FINDING, "state", "W0127", zh, en));
            }
            let users: Vec<RecordId> = responsible_persons(&record).into_iter().collect();
            if users.is_empty() {
                let (zh, en) = ("没有责任人账号，先分派", "nobody with an account; assign first");
                return Err(ServiceError::field(FINDING, "person", "W0125", zh, en));
            }
            let due_on = record.get("due_on").as_date();
            let is_late = due_on.is_some_and(|due_on| due_on < self.today());
            let kind = if is_late { "overdue" } else { "near_due" };
            self.tell(writer, &users, kind, &record, due_on)?;
            writer.audit("finding.remind", finding.as_str(), kind)?;
            Ok(record)
        });
        done.map(|record| self.shown(caller, record))
    }
}
