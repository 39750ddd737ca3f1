//! Handing a finding in for checking.

use super::Shown;
use super::step::StepRequest;
use crate::{Caller, Service, ServiceError};
use taizhang_flow::StepInput;
use taizhang_store::Record;
use taizhang_values::Value;

/// A submission.
#[derive(Clone, Debug)]
pub struct SubmitInput {
    /// The finding as shown.
    pub shown: Shown,
    /// What was done and what came of it.
    pub result: String,
}

impl Service {
    /// Hands a finding in: result, evidence and progress must be there.
    ///
    /// # Errors
    /// As [`Service::take_step`].
    pub fn submit(&self, caller: &Caller, input: &SubmitInput) -> Result<Record, ServiceError> {
        let fields = [("result".to_owned(), Value::from(input.result.trim()))];
        let step_input = StepInput { fields: fields.into(), ..StepInput::default() };
        let request = StepRequest {
            shown: &input.shown,
            step: "submit",
            input: step_input,
            acceptance: None,
        };
        self.step(caller, &request)
    }
}
