//! Saying that a finding does not exist here, after looking.

use super::Shown;
use super::step::StepRequest;
use crate::{Caller, Service, ServiceError};
use taizhang_flow::StepInput;
use taizhang_store::Record;
use taizhang_values::Value;

/// A statement of absence.
#[derive(Clone, Debug)]
pub struct MarkAbsentInput {
    /// The finding as shown.
    pub shown: Shown,
    /// What was checked and how, in words.
    pub self_check: String,
}

impl Service {
    /// Says that the problem does not exist here.
    ///
    /// # Errors
    /// As [`Service::take_step`]; `F0201` without a self-check.
    pub fn mark_absent(
        &self,
        caller: &Caller,
        input: &MarkAbsentInput,
    ) -> Result<Record, ServiceError> {
        let fields = [
            ("exists_here".to_owned(), Value::from("absent")),
            ("self_check".to_owned(), Value::from(input.self_check.trim())),
        ];
        let step_input = StepInput { fields: fields.into(), ..StepInput::default() };
        let request = StepRequest {
            shown: &input.shown,
            step: "mark_absent",
            input: step_input,
            acceptance: None,
        };
        self.step(caller, &request)
    }
}
