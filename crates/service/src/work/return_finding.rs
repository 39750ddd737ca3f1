//! Returning a finding to work, with a reason.

use super::Shown;
use super::step::StepRequest;
use crate::{Caller, Service, ServiceError};
use taizhang_flow::StepInput;
use taizhang_store::Record;
use taizhang_values::Date;

/// A return.
#[derive(Clone, Debug)]
pub struct ReturnInput {
    /// The finding as shown.
    pub shown: Shown,
    /// Why.
    pub reason: String,
    /// New deadline; without one the old stands.
    pub new_deadline_on: Option<Date>,
}

impl Service {
    /// Returns a finding that was handed in or accepted; its counter rises.
    ///
    /// # Errors
    /// As [`Service::take_step`].
    pub fn return_finding(
        &self,
        caller: &Caller,
        input: ReturnInput,
    ) -> Result<Record, ServiceError> {
        self.step(caller, &back("return", &input.shown, input.reason, input.new_deadline_on))
    }
}

/// The request of a step that leads back to work.
pub(crate) fn back<'a>(
    step: &'a str,
    shown: &'a Shown,
    reason: String,
    new_deadline_on: Option<Date>,
) -> StepRequest<'a> {
    let input = StepInput { reason: Some(reason), new_deadline_on, ..StepInput::default() };
    StepRequest { shown, step, input, acceptance: None }
}
