//! Closing an accepted finding.

use super::Shown;
use super::step::StepRequest;
use crate::{Caller, Service, ServiceError};
use taizhang_flow::StepInput;
use taizhang_store::Record;

impl Service {
    /// Strikes an accepted finding off: children closed, and the upper body's consent recorded if
    /// the letter came from above.
    ///
    /// # Errors
    /// As [`Service::take_step`].
    pub fn close(&self, caller: &Caller, shown: &Shown) -> Result<Record, ServiceError> {
        let input = StepInput::default();
        self.step(caller, &StepRequest { shown, step: "close", input, acceptance: None })
    }
}
