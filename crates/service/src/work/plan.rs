//! Adopting the plan of a finding: measures, lead unit, deadline.

use super::assign::Assignment;
use super::step::StepRequest;
use super::{FINDING, Shown};
use crate::{Caller, Service, ServiceError};
use std::collections::BTreeMap;
use taizhang_flow::StepInput;
use taizhang_store::Record;
use taizhang_values::{Date, RecordId, Value};

/// A plan.
#[derive(Clone, Debug, Default)]
pub struct PlanInput {
    /// The finding as shown.
    pub shown: Option<Shown>,
    /// Main unit, if it is to change.
    pub lead_unit: Option<RecordId>,
    /// Deadline, if it is to change.
    pub deadline_on: Option<Date>,
    /// Cannot be finished at once; needs no deadline but stage goals.
    pub is_long_term: bool,
    /// Measures to add; blank lines are passed over.
    pub measures: Vec<String>,
}

impl Service {
    /// Adds the measures and adopts the plan in one transaction.
    ///
    /// # Errors
    /// As [`Service::take_step`]; `F0301` at the deadline, `W0121` unknown unit.
    pub fn plan(&self, caller: &Caller, input: &PlanInput) -> Result<Record, ServiceError> {
        let shown = input.shown.as_ref().ok_or(ServiceError::NotFound)?;
        let mut fields = BTreeMap::new();
        if let Some(unit) = &input.lead_unit {
            fields.insert("lead_unit".to_owned(), Value::from(unit));
        }
        if let Some(deadline_on) = input.deadline_on {
            fields.insert("deadline_on".to_owned(), deadline_on.into());
            fields.insert("original_deadline_on".to_owned(), deadline_on.into());
        }
        if input.is_long_term {
            fields.insert("is_long_term".to_owned(), true.into());
        }
        let people = Assignment { lead_unit: input.lead_unit.clone(), ..Assignment::default() };
        let act = self.act(caller, &format!("{FINDING}.plan"), None);
        let done: Result<_, ServiceError> = self.write_judged(&act, |writer| {
            self.check_people(writer, &people)?;
            for text in input.measures.iter().filter(|text| !text.trim().is_empty()) {
                self.add_measure_in(writer, caller, std::slice::from_ref(&shown.finding), text)?;
            }
            let step_input = StepInput { fields: fields.clone(), ..StepInput::default() };
            let request = StepRequest { shown, step: "plan", input: step_input, acceptance: None };
            self.step_in(writer, caller, &request)
        });
        done.map(|record| self.shown(caller, record))
    }
}
