//! Claiming a finding: it exists here, and why.

use super::Shown;
use super::step::StepRequest;
use crate::{Caller, Service, ServiceError};
use taizhang_flow::StepInput;
use taizhang_store::Record;
use taizhang_values::Value;

/// A claim.
#[derive(Clone, Debug)]
pub struct ClaimInput {
    /// The finding as shown.
    pub shown: Shown,
    /// Why the problem arose.
    pub cause: String,
    /// What was looked at, in words.
    pub self_check: Option<String>,
}

impl Service {
    /// Says that the problem exists here, with its cause.
    ///
    /// # Errors
    /// As [`Service::take_step`].
    pub fn claim(&self, caller: &Caller, input: ClaimInput) -> Result<Record, ServiceError> {
        let mut fields = std::collections::BTreeMap::from([
            ("exists_here".to_owned(), Value::from("exists")),
            ("cause".to_owned(), Value::from(input.cause.trim())),
        ]);
        if let Some(self_check) = input.self_check.filter(|text| !text.trim().is_empty()) {
            fields.insert("self_check".to_owned(), Value::from(self_check));
        }
        let step_input = StepInput { fields, ..StepInput::default() };
        self.step(
            caller,
            &StepRequest {
                shown: &input.shown,
                step: "claim",
                input: step_input,
                acceptance: None,
            },
        )
    }
}
