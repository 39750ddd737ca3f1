//! Showing a sealed field once: to those whose role may, with a reason, on record.

use crate::{Caller, Service, ServiceError};
use taizhang_codebook::{Action, FieldAccess};
use taizhang_store::Record;
use taizhang_values::RecordId;

/// Fewest and most characters of a reason.
const REASON_LENGTH: std::ops::RangeInclusive<usize> = 2..=200;

impl Service {
    /// The clear text of a sealed or masked field. The audit line with the reason is durable before
    /// the text is given out; the text itself is nowhere kept.
    ///
    /// # Errors
    /// `NotFound` for a record that the caller may not see, `Denied` unless a role of his over its
    /// place reveals the field, `Invalid` `S0821` without a reason.
    pub fn reveal_field(
        &self,
        caller: &Caller,
        ledger: &str,
        id: &RecordId,
        field: &str,
        reason: &str,
    ) -> Result<String, ServiceError> {
        let record = self.whole(caller, ledger, id)?;
        if !self.may_reveal(caller, &record, field) {
            let needed = format!("{ledger}.reveal");
            return Err(self.denied(&needed, record.region.as_ref()));
        }
        let reason = reason.trim();
        if !REASON_LENGTH.contains(&reason.chars().count()) {
            let (zh, en) = ("请写明查看原因", "say why you need it");
            return Err(ServiceError::field(ledger, "reason", "S0821", zh, en));
        }
        let act = self.act(caller, &format!("{ledger}.reveal"), Some(reason));
        let is_sealed =
            self.codebook().field(ledger, field).is_some_and(|field| field.sensitive.is_some());
        self.store.write(&act, |writer| {
            if is_sealed {
                return Ok(writer.reveal(ledger, id, field, reason)?);
            }
            let object = format!("{ledger}/{id}");
            writer.audit(&format!("{ledger}.reveal"), &object, &format!("reveal {field}"))?;
            Ok(record.get(field).to_string())
        })
    }

    /// True if a role of the caller that reads the record may have the field shown on asking.
    #[must_use]
    pub fn may_reveal(&self, caller: &Caller, record: &Record, field: &str) -> bool {
        let field = self.codebook().field(&record.ledger, field);
        field.is_some_and(|field| {
            let access = self.sight(caller, &record.ledger, Action::Read).most(record, field);
            matches!(access, FieldAccess::Reveal | FieldAccess::Full)
        })
    }
}
