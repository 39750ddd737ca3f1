//! Stage goals of long-term findings.

use super::FINDING;
use super::facts::next_goal_on;
use super::faults::Faults;
use crate::{Caller, Service, ServiceError};
use taizhang_codebook::Action;
use taizhang_store::{Change, NewRecord, Record, Writer};
use taizhang_values::{Date, RecordId, Value};

/// A new stage goal.
#[derive(Clone, Debug)]
pub struct AddStageGoalInput {
    /// The finding.
    pub finding: RecordId,
    /// What is to be reached.
    pub goal: String,
    /// By when.
    pub due_on: Date,
    /// Anything else.
    pub note: Option<String>,
}

impl Service {
    /// Adds a stage goal; the finding is due at its next goal while it is long-term.
    ///
    /// # Errors
    /// `Invalid` `W0150` without text, `W0151` due in the past, `W0152` for a finding that is
    /// handed in or ended; `Denied`, `NotFound`.
    pub fn add_stage_goal(
        &self,
        caller: &Caller,
        input: &AddStageGoalInput,
    ) -> Result<Record, ServiceError> {
        let mut faults = Faults::default();
        faults.check(
            input.goal.trim().is_empty(),
            ("stage_goal", "goal"),
            "W0150",
            ("阶段目标没有填", "the stage goal has no text"),
        );
        faults.check(
            input.due_on < self.today(),
            ("stage_goal", "due_on"),
            "W0151",
            ("完成时限不能早于今天", "the goal is due in the past"),
        );
        faults.done()?;
        let act = self.act(caller, "stage_goal.add", None);
        let done: Result<_, ServiceError> = self.write_judged(&act, |writer| {
            let finding = self.finding_in(writer, caller, &input.finding)?;
            self.require_create_over(caller, "stage_goal", &finding)?;
            self.require_in_hand(&finding, "W0152")?;
            let values = [
                ("finding".to_owned(), Value::from(&finding.id)),
                ("goal".to_owned(), Self::text_value(&input.goal)),
                ("due_on".to_owned(), input.due_on.into()),
                ("note".to_owned(), input.note.as_deref().into()),
            ];
            let region = finding.region.clone();
            let goal = NewRecord { region, values: values.into(), ..NewRecord::default() };
            let goal = writer.insert("stage_goal", goal)?;
            self.due_by_goal(writer, &finding)?;
            Ok(goal)
        });
        done.map(|record| self.shown(caller, record))
    }

    /// Says that a stage goal was reached today.
    ///
    /// # Errors
    /// `Conflict` on a stale version, `Invalid` `W0153` if it was reached before; `Denied`,
    /// `NotFound`.
    pub fn reach_stage_goal(
        &self,
        caller: &Caller,
        goal: &RecordId,
        version: i64,
        note: Option<&str>,
    ) -> Result<Record, ServiceError> {
        let act = self.act(caller, "stage_goal.reach", note);
        let done: Result<_, ServiceError> = self.write_judged(&act, |writer| {
            let record = writer.get("stage_goal", goal)?.ok_or(ServiceError::NotFound)?;
            let finding = record.reference("finding").ok_or(ServiceError::NotFound)?;
            let finding = self.finding_in(writer, caller, finding)?;
            self.require_beside(caller, &finding, "stage_goal", Action::Update)?;
            if !record.get("done_on").is_empty() {
                let (zh, en) = ("这个阶段目标已经完成", "the goal was reached before");
                return Err(ServiceError::field("stage_goal", "done_on", "W0153", zh, en));
            }
            let mut values = taizhang_store::Values::new();
            values.insert("done_on".to_owned(), self.today().into());
            if let Some(note) = note {
                values.insert("note".to_owned(), Self::text_value(note));
            }
            let change = Change { values, ..Change::default() };
            let record = writer.update("stage_goal", goal, version, change)?;
            self.due_by_goal(writer, &finding)?;
            Ok(record)
        });
        done.map(|record| self.shown(caller, record))
    }

    /// Carries the next goal's date to the finding.
    fn due_by_goal(&self, writer: &Writer<'_>, finding: &Record) -> Result<(), ServiceError> {
        let goal = next_goal_on(writer, &finding.id)?;
        let due_on = self.due_on(writer, finding, finding.get("deadline_on").as_date(), goal)?;
        if *finding.get("due_on") != due_on {
            let values = [("due_on".to_owned(), Value::clone(&due_on))];
            let change = Change { values: values.into(), ..Change::default() };
            writer.update(FINDING, &finding.id, finding.version, change)?;
        }
        Ok(())
    }
}
