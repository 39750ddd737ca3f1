//! Reopening a closed finding on recurrence.

use super::Shown;
use super::return_finding::back;
use crate::{Caller, Service, ServiceError};
use taizhang_store::Record;
use taizhang_values::Date;

/// A reopening.
#[derive(Clone, Debug)]
pub struct ReopenInput {
    /// The finding as shown.
    pub shown: Shown,
    /// What came back.
    pub reason: String,
    /// New deadline, never longer than the first; needed if the old one is over.
    pub new_deadline_on: Option<Date>,
}

impl Service {
    /// Opens a closed finding again; both counters rise.
    ///
    /// # Errors
    /// As [`Service::take_step`].
    pub fn reopen(&self, caller: &Caller, input: ReopenInput) -> Result<Record, ServiceError> {
        self.step(caller, &back("reopen", &input.shown, input.reason, input.new_deadline_on))
    }
}
