//! Assigning findings, several at once: lead unit, responsible units, leader, person, deadline.

use super::facts::{issued_on, next_goal_on};
use super::faults::Faults;
use super::{FINDING, Shown};
use crate::{Caller, Service, ServiceError};
use std::collections::BTreeSet;
use taizhang_codebook::StateKind;
use taizhang_diagnostics::{Diagnostic, Message, Place};
use taizhang_flow::deadline_before_issue;
use taizhang_store::{Change, Reader, Record, Values, Writer};
use taizhang_values::{Date, RecordId, Value};

/// Most findings of one assignment.
const FINDINGS_MAX: usize = 500;

/// What is assigned; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assignment {
    /// Main unit.
    pub lead_unit: Option<RecordId>,
    /// Joint units, all of them.
    pub responsible_units: Option<Vec<RecordId>>,
    /// Leader in charge.
    pub leader: Option<RecordId>,
    /// The one who does it.
    pub person: Option<RecordId>,
    /// Deadline.
    pub deadline_on: Option<Date>,
    /// Cannot be finished at once; goes on with stage goals.
    pub is_long_term: Option<bool>,
}

/// An assignment of several findings.
#[derive(Clone, Debug)]
pub struct AssignInput {
    /// The findings as shown.
    pub findings: Vec<Shown>,
    /// What they get.
    pub assignment: Assignment,
}

impl Service {
    /// Assigns all of the findings or none.
    ///
    /// # Errors
    /// `Denied` without a role that plans, `Conflict` on a stale version, `Invalid`: `F0301`
    /// deadline before the letter (at the field), `W0120` nothing chosen, `W0121` unknown unit,
    /// `W0122` unknown person, `W0123` finding already ended, `W0124` a deadline in force that is
    /// put off without an extension.
    pub fn assign(
        &self,
        caller: &Caller,
        input: &AssignInput,
    ) -> Result<Vec<Record>, ServiceError> {
        let mut faults = Faults::default();
        let is_wrong = input.findings.is_empty() || input.findings.len() > FINDINGS_MAX;
        faults.check(
            is_wrong,
            (FINDING, "id"),
            "W0120",
            ("请选 1 到 500 条问题", "choose 1 to 500 findings"),
        );
        faults.done()?;
        let act = self.act(caller, "finding.assign", None);
        let done: Result<_, ServiceError> = self.write_judged(&act, |writer| {
            self.check_people(writer, &input.assignment)?;
            let assign = |shown| self.assign_in(writer, caller, shown, &input.assignment);
            input.findings.iter().map(assign).collect()
        });
        done.map(|records| self.all_shown(caller, records))
    }

    /// Assigns one finding in the caller's transaction.
    pub(crate) fn assign_in(
        &self,
        writer: &Writer<'_>,
        caller: &Caller,
        shown: &Shown,
        assignment: &Assignment,
    ) -> Result<Record, ServiceError> {
        let record = self.finding_in(writer, caller, &shown.finding)?;
        self.require_step_role(caller, &record, "plan")?;
        if record.version == shown.version {
            self.check_assignment(writer, &record, assignment)?;
        }
        let values = self.assignment_values(writer, &record, assignment)?;
        let change = Change { values, ..Change::default() };
        let updated = writer.update(FINDING, &record.id, shown.version, change)?;
        if let Some(units) = &assignment.responsible_units {
            self.set_units(writer, &record.id, units)?;
        }
        let before: BTreeSet<&RecordId> =
            ["leader", "person"].iter().filter_map(|field| record.reference(field)).collect();
        let mut told: Vec<RecordId> = [&assignment.leader, &assignment.person]
            .into_iter()
            .flatten()
            .filter(|user| !before.contains(user) && **user != caller.user)
            .cloned()
            .collect();
        told.dedup();
        self.tell(writer, &told, "assigned", &updated, updated.get("due_on").as_date())?;
        Ok(updated)
    }

    fn assignment_values(
        &self,
        reader: &Reader<'_>,
        record: &Record,
        assignment: &Assignment,
    ) -> Result<Values, ServiceError> {
        let mut values = Values::new();
        let references = [
            ("lead_unit", &assignment.lead_unit),
            ("leader", &assignment.leader),
            ("person", &assignment.person),
        ];
        for (field, value) in references {
            if let Some(value) = value {
                values.insert(field.to_owned(), value.into());
            }
        }
        if let Some(units) = &assignment.responsible_units {
            let ids: Vec<String> = units.iter().map(ToString::to_string).collect();
            values.insert("responsible_units".to_owned(), ids.into());
        }
        if let Some(is_long_term) = assignment.is_long_term {
            values.insert("is_long_term".to_owned(), is_long_term.into());
        }
        if let Some(deadline_on) = assignment.deadline_on {
            values.insert("deadline_on".to_owned(), deadline_on.into());
            let is_first = record.get("original_deadline_on").is_empty();
            if is_first || self.is_before_work(record) {
                values.insert("original_deadline_on".to_owned(), deadline_on.into());
            }
            let goal = next_goal_on(reader, &record.id)?;
            let due_on = self.due_on(reader, record, Some(deadline_on), goal)?;
            values.insert("due_on".to_owned(), due_on);
        }
        Ok(values)
    }

    /// True while the plan is not being carried out: the state is open and has its own clock.
    pub(crate) fn is_before_work(&self, record: &Record) -> bool {
        let name = record.state.as_deref().unwrap_or_default();
        let state = self.finding_flow().ok().and_then(|flow| flow.state(name));
        state.is_some_and(|state| state.kind == StateKind::Open && state.clock.is_some())
    }

    fn check_assignment(
        &self,
        reader: &Reader<'_>,
        record: &Record,
        assignment: &Assignment,
    ) -> Result<(), ServiceError> {
        let mut faults = Faults::default();
        faults.check(
            matches!(self.state_kind(record), StateKind::Closed | StateKind::Void),
            (FINDING, "state"),
            "W0123",
            ("已经办结的问题不能再分派", "the finding has ended and cannot be assigned"),
        );
        if let Some(deadline_on) = assignment.deadline_on {
            let place =
                Place::Field { ledger: FINDING.to_owned(), field: "deadline_on".to_owned() };
            let refusal = deadline_before_issue(deadline_on, issued_on(reader, record)?);
            faults.extend(refusal.map(|refusal| refusal.at(place.clone())));
            let in_force = record.get("deadline_on").as_date();
            let is_put_off = in_force.is_some_and(|in_force| deadline_on > in_force);
            if is_put_off && !self.is_before_work(record) {
                faults.extend([Diagnostic::error(
                    "W0124",
                    Message::new(
                        "整改中的时限不能直接推后",
                        "a deadline in force is not put off by assigning",
                    ),
                )
                .at(place)
                .help(Message::new("请提交延期申请", "ask for an extension"))]);
            }
        }
        faults.done()
    }

    /// Refuses units and users that do not exist or are out of use.
    pub(crate) fn check_people(
        &self,
        reader: &Reader<'_>,
        assignment: &Assignment,
    ) -> Result<(), ServiceError> {
        let mut faults = Faults::default();
        let is_usable = |ledger: &str, id: &RecordId| -> Result<bool, ServiceError> {
            let record = reader.get(ledger, id)?;
            Ok(record.is_some_and(|record| record.get("is_active").as_boolean() != Some(false)))
        };
        let joint = assignment.responsible_units.iter().flatten();
        let units = assignment.lead_unit.iter().map(|unit| ("lead_unit", unit));
        for (field, unit) in units.chain(joint.map(|unit| ("responsible_units", unit))) {
            faults.check(
                !is_usable("unit", unit)?,
                (FINDING, field),
                "W0121",
                ("没有这个单位，或已停用", "no such unit in use"),
            );
        }
        for (field, user) in [("leader", &assignment.leader), ("person", &assignment.person)] {
            let Some(user) = user else { continue };
            faults.check(
                !is_usable("user", user)?,
                (FINDING, field),
                "W0122",
                ("没有这个人，或已停用", "no such person in use"),
            );
        }
        faults.done()
    }

    /// Makes the links to units what they should be.
    pub(crate) fn set_units(
        &self,
        writer: &Writer<'_>,
        finding: &RecordId,
        units: &[RecordId],
    ) -> Result<(), ServiceError> {
        let linked: BTreeSet<RecordId> =
            writer.linked(FINDING, "units", finding)?.into_iter().collect();
        let wanted: BTreeSet<RecordId> = units.iter().cloned().collect();
        for unit in linked.difference(&wanted) {
            writer.unlink(FINDING, "units", finding, unit)?;
        }
        for unit in wanted.difference(&linked) {
            writer.link(FINDING, "units", finding, unit)?;
        }
        Ok(())
    }

    /// Refuses unless work on the finding may be recorded now: open or long-term.
    pub(crate) fn require_in_hand(&self, record: &Record, code: &str) -> Result<(), ServiceError> {
        if matches!(self.state_kind(record), StateKind::Open | StateKind::LongTerm) {
            return Ok(());
        }
        let message =
            Message::new("已经提交或办结，不能再改", "handed in or ended; it is not in hand");
        let place = Place::Field { ledger: FINDING.to_owned(), field: "state".to_owned() };
        let help = Message::new("需要修改请先退回整改", "have it returned first");
        Err(ServiceError::invalid(Diagnostic::error(code, message).at(place).help(help)))
    }

    /// A text of a form as it is stored: without blanks around it.
    pub(crate) fn text_value(text: &str) -> Value {
        Value::from(text.trim())
    }
}
