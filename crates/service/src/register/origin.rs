//! Where each field of a record comes from.

use crate::{Caller, Service, ServiceError};
use taizhang_store::{Record, Version};
use taizhang_values::{RecordId, Timestamp, Value};

/// A filled field with the change that gave it its present value.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldOrigin {
    /// Field.
    pub field: String,
    /// Present value, as the reader sees it.
    pub value: Value,
    /// When it got it.
    pub at: Timestamp,
    /// From whom; none for the program itself.
    pub by: Option<RecordId>,
    /// `thing.verb`.
    pub verb: String,
    /// From where: an address, an import's number.
    pub source: String,
    /// Why.
    pub reason: Option<String>,
    /// How often the field was written.
    pub changes: usize,
}

impl Service {
    /// The filled fields of a record in the codebook's order, each with where it comes from.
    ///
    /// # Errors
    /// `NotFound` if the caller may not see the record, `Denied` without the right to histories.
    pub fn field_origins(
        &self,
        caller: &Caller,
        ledger: &str,
        id: &RecordId,
    ) -> Result<(Record, Vec<FieldOrigin>), ServiceError> {
        let record = self.visible(caller, ledger, id)?;
        let history = self.record_history(caller, ledger, id)?;
        let definition = self.codebook().ledger(ledger).ok_or(ServiceError::NotFound)?;
        let filled = definition.fields.iter().filter(|field| !record.get(&field.name).is_empty());
        let origins = filled.filter_map(|field| origin(&record, &history, &field.name)).collect();
        Ok((record, origins))
    }
}

/// `history` is newest first.
fn origin(record: &Record, history: &[Version], field: &str) -> Option<FieldOrigin> {
    let writes = |version: &&Version| version.changed.iter().any(|(name, ..)| name == field);
    let newest = history.iter().find(writes)?;
    Some(FieldOrigin {
        field: field.to_owned(),
        value: record.get(field).clone(),
        at: newest.at,
        by: newest.by.clone(),
        verb: newest.verb.clone(),
        source: newest.source.clone(),
        reason: newest.reason.clone(),
        changes: history.iter().filter(writes).count(),
    })
}
