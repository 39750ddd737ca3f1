//! What a newer file of a list has no row for any more: to be looked at, and ended by people.

use crate::register::SaveRecord;
use crate::{Caller, Service, ServiceError};
use std::collections::BTreeSet;
use taizhang_codebook::{Field, FieldType, Ledger};
use taizhang_diagnostics::{Diagnostic, Message};
use taizhang_store::{Reader, Record, Values};
use taizhang_values::{Date, RecordId, Value};

/// Fields that say when a record ended and why, in the ledgers that have an end.
const ENDS: [(&str, &str); 2] = [("left_on", "left_reason"), ("ended_on", "end_reason")];

/// A record that earlier files of a list brought and the newer one lacks.
#[derive(Clone, Debug)]
pub struct RemovedRecord {
    /// Its ledger.
    pub ledger: String,
    /// The record.
    pub id: RecordId,
    /// Its version.
    pub version: i64,
    /// Its own numbers, as the reader may see them.
    pub number: String,
    /// The record as the reader may see it; pages mask the names of people in it.
    pub record: Record,
    /// It can be ended with a day and a reason.
    pub may_end: bool,
}

/// How records that are no more are ended.
#[derive(Clone, Debug)]
pub struct EndRemoved {
    /// The batch whose file lacks them.
    pub batch: RecordId,
    /// The records.
    pub records: Vec<RecordId>,
    /// The day from which they are no more.
    pub on: Date,
    /// Code of the ledger's reason.
    pub reason: String,
}

/// The fields in which the end of a record is written: whether it is in force, the day, the reason.
struct EndFields<'a> {
    active: &'a Field,
    on: &'a Field,
    reason: &'a Field,
}

impl<'a> EndFields<'a> {
    fn of(ledger: &'a Ledger) -> Option<Self> {
        let active = ledger.field("is_active");
        let active = active.filter(|field| field.field_type == FieldType::Boolean)?;
        let (on, reason) = ENDS
            .iter()
            .find_map(|(on, reason)| Some((ledger.field(on)?, ledger.field(reason)?)))?;
        Some(Self { active, on, reason })
    }
}

/// Leaves out records that have ended: that a list has no row for them is as it should be.
pub(super) fn drop_ended(
    reader: &Reader<'_>,
    ledger: &Ledger,
    ids: &mut Vec<RecordId>,
) -> Result<(), ServiceError> {
    let Some(fields) = EndFields::of(ledger) else { return Ok(()) };
    let records = reader.get_many(&ledger.name, ids)?;
    let has_ended = |record: &Record| {
        record.get(&fields.active.name).as_boolean() == Some(false)
            || record.get(&fields.on.name).as_date().is_some()
    };
    ids.retain(|id| records.get(id).is_some_and(|record| !has_ended(record)));
    Ok(())
}

impl Service {
    /// Records that a file lacks, as the caller sees them.
    pub(super) fn removed_shown(
        &self,
        caller: &Caller,
        ledger: &str,
        ids: &[RecordId],
    ) -> Result<Vec<RemovedRecord>, ServiceError> {
        let Some(definition) = self.codebook().ledger(ledger) else { return Ok(Vec::new()) };
        let has_end = EndFields::of(definition).is_some();
        let mut found = self.store.read(|reader| self.many_shown(reader, caller, ledger, ids))?;
        let unique = definition.fields.iter().filter(|field| field.is_unique);
        let unique: Vec<&str> = unique.map(|field| field.name.as_str()).collect();
        let shown = |record: Record| {
            let words = unique.iter().map(|name| record.get(name).to_string());
            let words: Vec<String> = words.filter(|word| !word.is_empty()).collect();
            RemovedRecord {
                ledger: ledger.to_owned(),
                id: record.id.clone(),
                version: record.version,
                number: words.join(" "),
                may_end: has_end && self.may_change(caller, &record),
                record,
            }
        };
        Ok(ids.iter().filter_map(|id| found.remove(id)).map(shown).collect())
    }

    /// Reasons with which records of a batch's ledger can end: codes and labels; empty where its
    /// records have no end.
    #[must_use]
    pub fn end_reasons(&self, ledger: &str) -> Vec<(String, Message)> {
        let fields = self.codebook().ledger(ledger).and_then(EndFields::of);
        let list = fields.and_then(|fields| fields.reason.codes.as_ref());
        let list = list.and_then(|list| self.codebook().code_lists.get(list));
        let codes = list.into_iter().flat_map(|list| &list.codes);
        codes.map(|code| (code.code.clone(), code.label.clone())).collect()
    }

    /// Marks records that a newer file lacks as ended, each with day and reason, by the ordinary
    /// way of changing a record: with its rights, its judgement, and as a proposal where the ledger
    /// asks for one. Returns how many.
    ///
    /// # Errors
    /// `Invalid` `S0721` for a record that the file does not lack or whose ledger knows no end,
    /// `S0722` for a day to come, and those of [`Service::save_record`].
    pub fn end_removed(&self, caller: &Caller, input: &EndRemoved) -> Result<usize, ServiceError> {
        let batch = self.visible(caller, "import_batch", &input.batch)?;
        let opened = self.open_batch(caller, batch)?;
        let result = self.dry_run(caller, &opened)?;
        let lacking: BTreeSet<&RecordId> = result.removed.iter().collect();
        let ledger = opened.target.ledger;
        let fields = EndFields::of(ledger).filter(|_| {
            !input.records.is_empty() && input.records.iter().all(|id| lacking.contains(id))
        });
        let Some(fields) = fields else { return Err(not_lacking()) };
        if input.on > self.today() {
            return Err(ServiceError::field(
                "import_batch",
                "on",
                "S0722",
                "日期不能晚于今天",
                "the day lies in the future",
            ));
        }
        let records = self.store.read(|reader| reader.get_many(&ledger.name, &input.records))?;
        for (id, record) in &records {
            let values = Values::from([
                (fields.active.name.clone(), false.into()),
                (fields.on.name.clone(), input.on.into()),
                (fields.reason.name.clone(), Value::from(input.reason.as_str())),
            ]);
            let name = opened.batch.text("file_name");
            let save = SaveRecord {
                ledger: ledger.name.clone(),
                id: Some(id.clone()),
                version: record.version,
                region: None,
                values,
                reason: format!("名册中已没有：{name}"),
            };
            self.save_record(caller, &save)?;
        }
        Ok(records.len())
    }
}

fn not_lacking() -> ServiceError {
    ServiceError::invalid(
        Diagnostic::error(
            "S0721",
            Message::new(
                "所选记录不在待核实的减少名单里",
                "these records are not among the missing",
            ),
        )
        .help(Message::new("请刷新页面后重选", "load the page again and choose anew")),
    )
}
