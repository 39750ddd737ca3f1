//! Faults in the input of the work's use cases. Codes W01 forms, W02 files.

use crate::ServiceError;
use taizhang_diagnostics::{Diagnostic, Message, Place};

/// Gathers faults, so that a form is told all of them at once.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Diagnostic>);

impl Faults {
    /// Adds a fault at a field.
    pub(crate) fn add(&mut self, ledger: &str, field: &str, code: &str, zh: &str, en: &str) {
        let place = Place::Field { ledger: ledger.to_owned(), field: field.to_owned() };
        self.0.push(Diagnostic::error(code, Message::new(zh, en)).at(place));
    }

    /// Adds a fault if `is_bad`.
    pub(crate) fn check(
        &mut self,
        is_bad: bool,
        (ledger, field): (&str, &str),
        code: &str,
        (zh, en): (&str, &str),
    ) {
        if is_bad {
            self.add(ledger, field, code, zh, en);
        }
    }

    /// Adds ready faults.
    pub(crate) fn extend(&mut self, faults: impl IntoIterator<Item = Diagnostic>) {
        self.0.extend(faults);
    }

    /// Refuses if there is any.
    pub(crate) fn done(self) -> Result<(), ServiceError> {
        if self.0.is_empty() { Ok(()) } else { Err(ServiceError::Invalid(self.0)) }
    }
}
