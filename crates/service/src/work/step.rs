//! Taking one step of a finding: judged and written in one transaction.

use super::facts::responsible_persons;
use super::{FINDING, Shown};
use crate::{Caller, Service, ServiceError};
use std::collections::BTreeMap;
use taizhang_diagnostics::{Diagnostic, Message, Place};
use taizhang_flow::{StepInput, Transition, take};
use taizhang_store::{Change, Record, Writer};
use taizhang_values::{Date, Value};

/// One step without a form of its own (`register`, `start`, `hold_long_term`), or with no more than
/// the fields that the codebook asks for.
#[derive(Clone, Debug)]
pub struct TakeStepInput {
    /// The finding as shown.
    pub shown: Shown,
    /// Step by name.
    pub step: String,
    /// Why, where the step asks for it.
    pub reason: Option<String>,
    /// Fields that the step needs.
    pub fields: BTreeMap<String, Value>,
    /// New deadline, where the step leads back to work.
    pub new_deadline_on: Option<Date>,
}

/// A step inside a transaction.
pub(crate) struct StepRequest<'a> {
    pub(crate) shown: &'a Shown,
    pub(crate) step: &'a str,
    pub(crate) input: StepInput,
    /// Result of the acceptance form written in the same transaction.
    pub(crate) acceptance: Option<bool>,
}

impl Service {
    /// Takes a step of a finding.
    ///
    /// # Errors
    /// `Invalid` with every reason against the step (codes of `taizhang_flow::take`), `Conflict` if
    /// the finding changed since it was shown, `NotFound` if the caller may not see it.
    pub fn take_step(&self, caller: &Caller, input: TakeStepInput) -> Result<Record, ServiceError> {
        self.only_needed_fields(&input)?;
        let step_input = StepInput {
            reason: input.reason,
            fields: input.fields,
            new_deadline_on: input.new_deadline_on,
        };
        let request = StepRequest {
            shown: &input.shown,
            step: &input.step,
            input: step_input,
            acceptance: None,
        };
        self.step(caller, &request)
    }

    /// A step as a transaction of its own.
    pub(crate) fn step(
        &self,
        caller: &Caller,
        request: &StepRequest<'_>,
    ) -> Result<Record, ServiceError> {
        let verb = format!("{FINDING}.{}", request.step);
        let act = self.act(caller, &verb, request.input.reason.as_deref());
        let done = self.write_judged(&act, |writer| self.step_in(writer, caller, request));
        done.map(|record| self.shown(caller, record))
    }

    /// A step in the caller's transaction, whose act must carry the step's verb.
    pub(crate) fn step_in(
        &self,
        writer: &Writer<'_>,
        caller: &Caller,
        request: &StepRequest<'_>,
    ) -> Result<Record, ServiceError> {
        let id = &request.shown.finding;
        let record = self.finding_in(writer, caller, id)?;
        if ["accept", "close"].contains(&request.step) {
            self.require_criterion(writer, &record)?;
        }
        let history = writer.history(FINDING, id)?;
        let mut situation = self.situation(writer, &record, &history)?;
        situation.acceptance = request.acceptance;
        situation.has_upper_consent |= self.is_upper_body(writer, caller, &record)?;
        let person = self.person_over(caller, &record);
        let calendar = self.calendar_in(writer)?;
        let context = self.flow_context(&calendar, record.region.as_ref())?;
        let taken = take(&context, request.step, &situation, &person, &request.input);
        let change = match taken {
            Ok(transition) => self.change_of(transition),
            // Somebody was faster: both versions say more than a refusal of the stale one.
            Err(_) if record.version != request.shown.version => Change {
                state: context.flow.step(request.step).map(|step| step.to.clone()),
                region: None,
                values: request.input.fields.clone(),
            },
            Err(refusals) => return Err(ServiceError::Invalid(refusals)),
        };
        let record = writer.update(FINDING, id, request.shown.version, change)?;
        self.tell_of_step(writer, caller, &record, request.step)?;
        Ok(record)
    }

    /// What a transition changes of the fields that the ledger has.
    pub(crate) fn change_of(&self, transition: Transition) -> Change {
        let ledger = self.codebook().ledger(FINDING);
        let known = |field: &String| ledger.is_some_and(|l| l.field(field).is_some());
        let mut values = transition.changes;
        values.retain(|field, _| known(field));
        Change { state: Some(transition.to), region: None, values }
    }

    /// Messages to those whose turn it is now.
    fn tell_of_step(
        &self,
        writer: &Writer<'_>,
        caller: &Caller,
        record: &Record,
        step: &str,
    ) -> Result<(), ServiceError> {
        let (kind, mut users) = match step {
            "submit" => {
                let flow = self.finding_flow()?;
                let roles = flow.step("accept").map(|step| step.roles.as_slice());
                let users = self.role_holders(writer, roles.unwrap_or_default(), record)?;
                let responsible = responsible_persons(record);
                let others = users.into_iter().filter(|user| !responsible.contains(user));
                ("submitted", others.collect::<Vec<_>>())
            }
            "return" | "reopen" => ("returned", responsible_persons(record).into_iter().collect()),
            _ => return Ok(()),
        };
        users.retain(|user| *user != caller.user);
        self.tell(writer, &users, kind, record, record.get("due_on").as_date())
    }

    /// Refuses fields that the step does not ask for: a step is no way round the rights on fields.
    fn only_needed_fields(&self, input: &TakeStepInput) -> Result<(), ServiceError> {
        let needed = self.finding_flow()?.step(&input.step).map(|step| &step.needs.fields);
        let is_needed = |field: &&String| needed.is_some_and(|needed| needed.contains(*field));
        let faults: Vec<Diagnostic> = input
            .fields
            .keys()
            .filter(|field| !is_needed(field))
            .map(|field| {
                Diagnostic::error(
                    "W0102",
                    Message::new(
                        format!("这一步不填`{field}`"),
                        format!("this step does not set `{field}`"),
                    ),
                )
                .at(Place::Field { ledger: FINDING.to_owned(), field: field.clone() })
            })
            .collect();
        if faults.is_empty() { Ok(()) } else { Err(ServiceError::Invalid(faults)) }
    }
}
