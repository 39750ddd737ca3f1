//! Showing a sealed field once: to those whose role may, with a reason, on record.

use crate::{Caller, Service, ServiceError};
use taizhang_codebook::{Action, FieldAccess};
use taizhang_store::Record;
use taizhang_values::RecordId;

/// Fewest and most characters of a reason.
const REASON_LENGTH: std::ops::RangeInclusive<usize> = 2..=200;

impl Service {
    /// The clear text of a sealed field. The audit line with the reason is durable before the text
    /// is given out; the text itself is nowhere kept.
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
        let record = self.visible(caller, ledger, id)?;
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
        self.store.write(&act, |writer| Ok(writer.reveal(ledger, id, field, reason)?))
    }

    /// True if a role of the caller that reads the record may have the field shown on asking.
    #[must_use]
    pub fn may_reveal(&self, caller: &Caller, record: &Record, field: &str) -> bool {
        if !self.may(caller, record, Action::Read) {
            return false;
        }
        caller.roles(self.codebook()).any(|(held, role)| {
            let covers = record.region.as_ref().is_some_and(|place| place.is_under(&held.region));
            let grant = role.grants.get(&record.ledger);
            let access = grant.and_then(|grant| grant.fields.get(field));
            covers && matches!(access, Some(FieldAccess::Reveal | FieldAccess::Full))
        })
    }
}
