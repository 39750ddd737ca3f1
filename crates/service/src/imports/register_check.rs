//! Checking a workbook of a register ledger: counts by reason, near misses, what it would change.
//! Nothing is written but the batch.

use super::check::CheckImport;
use super::register_pass::{
    PassInput, PassResult, PassRow, RegisterCounts, RegisterReason, RowChange,
};
use super::register_target::Target;
use crate::{Caller, Service, ServiceError};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use taizhang_codebook::{Action, EditMode};
use taizhang_diagnostics::Message;
use taizhang_exchange::{ErrorBook, FaultReason, HeaderMatch, RowFault, RowPlan};
use taizhang_store::{Change, NewRecord, Record, Values};
use taizhang_values::{RecordId, RegionCode};

/// Most bytes of a workbook of a register, which is streamed.
const REGISTER_BYTES_MAX: u64 = 100 * 1024 * 1024;

/// A register workbook as it was understood.
#[derive(Clone, Debug)]
pub struct RegisterPreview {
    /// The batch.
    pub batch: Record,
    /// Name of the layout or ledger.
    pub label: String,
    /// Ledger of the rows.
    pub ledger: String,
    /// Header and columns.
    pub header: HeaderMatch,
    /// First cells of each column.
    pub samples: BTreeMap<usize, Vec<String>>,
    /// Columns that can be chosen, with their heads.
    pub fields: Vec<(String, String)>,
    /// What the rows would do.
    pub counts: RegisterCounts,
    /// Reasons, most frequent first, accepted near misses among them.
    pub reasons: Vec<RegisterReason>,
    /// The first faults in order of rows.
    pub faults: Vec<RowFault>,
    /// The first fields that would change.
    pub changes: Vec<RowChange>,
    /// The first fields that people changed meanwhile: they stay.
    pub conflicts: Vec<RowChange>,
    /// What was left out or assumed.
    pub notes: Vec<Message>,
    /// Heads of required columns that the sheet has not.
    pub lacking: Vec<String>,
    /// True while the batch waits to be confirmed.
    pub may_confirm: bool,
    /// True while the batch can be taken back.
    pub may_take_back: bool,
}

/// What a register batch remembers beside its record.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct RegisterNotes {
    /// Column from 0 → field; an empty name leaves the column out.
    pub(super) columns: BTreeMap<usize, String>,
    /// Accepted near misses: field and message of the reason.
    pub(super) fixes: BTreeSet<(String, String)>,
    /// Records that the batch made.
    pub(super) made: Vec<(String, RecordId)>,
    /// Records that it changed, with the version they got.
    pub(super) updated: Vec<(String, RecordId, i64)>,
    /// What it did.
    pub(super) counts: RegisterCounts,
}

impl Service {
    /// True for a batch of register records, as against findings.
    #[must_use]
    pub fn is_register_batch(&self, batch: &Record) -> bool {
        self.register_target(batch.text("layout")).is_ok()
    }

    /// Keeps a workbook and checks it against a layout or a ledger of the register. Column matches
    /// that somebody chose for the same heads are used again.
    ///
    /// # Errors
    /// `Denied` without the power `import.run` or the right to make such records in the region,
    /// `TooLarge` over 100 MiB, `Invalid` if no sheet has a header that fits.
    pub fn check_register(
        &self,
        caller: &Caller,
        input: &CheckImport,
        content: &mut dyn Read,
    ) -> Result<RecordId, ServiceError> {
        self.require_power(caller, "import.run")?;
        self.require_create(caller, "import_batch", &input.region)?;
        let target = self.register_target(&input.layout)?;
        self.require_target(caller, &target, &input.region)?;
        let file = self.store.files().put(content, REGISTER_BYTES_MAX)?;
        let bytes = self.store.files().read_all(&file.hash)?;
        let mut notes = RegisterNotes::default();
        let plan =
            self.register_plan(&pass_input(caller, &target, &input.region, &notes, &bytes))?;
        if let Some(learned) = self.learned_columns(&target, &plan)? {
            notes.columns = learned;
        }
        let result = self.dry_run(caller, &target, &input.region, &notes, &bytes)?;
        let mut values = counted(&result.counts);
        let name: String = input.file_name.chars().take(120).collect();
        values.insert("file_name".to_owned(), name.into());
        values.insert("layout".to_owned(), input.layout.as_str().into());
        values.insert("file".to_owned(), file.hash.into());
        values.insert("status".to_owned(), "checked".into());
        let act = self.act(caller, "import_batch.check", None);
        self.store.write(&act, |writer| {
            let region = Some(input.region.clone());
            let batch = writer
                .insert("import_batch", NewRecord { region, values, ..NewRecord::default() })?;
            writer.set_setting(&notes_key(&batch.id), &json(&notes)?)?;
            Ok(batch.id)
        })
    }

    /// A register batch as it stands, checked anew against the store as it is now.
    ///
    /// # Errors
    /// `NotFound` if the caller may not see it.
    pub fn register_preview(
        &self,
        caller: &Caller,
        id: &RecordId,
    ) -> Result<RegisterPreview, ServiceError> {
        let batch = self.visible(caller, "import_batch", id)?;
        let target = self.register_target(batch.text("layout"))?;
        let region = batch.region.clone().ok_or(ServiceError::NotFound)?;
        let notes = self.register_notes(id)?;
        let bytes = self.store.files().read_all(batch.text("file"))?;
        let result = self.dry_run(caller, &target, &region, &notes, &bytes)?;
        let is_waiting = batch.text("status") == "checked";
        let may_update = self.may(caller, &batch, Action::Update);
        Ok(RegisterPreview {
            label: target.label.clone(),
            ledger: target.ledger.name.clone(),
            fields: target.columns.iter().map(|c| (c.key.clone(), c.head.clone())).collect(),
            counts: if is_waiting { result.counts } else { notes.counts },
            header: result.plan.header,
            samples: result.samples,
            reasons: result.reasons,
            faults: result.faults,
            changes: result.changes,
            conflicts: result.conflicts,
            notes: result.notes,
            lacking: result.lacking,
            may_confirm: may_update && is_waiting,
            may_take_back: may_update && self.is_young(&batch),
            batch,
        })
    }

    /// Says which column is which field; an empty name leaves a column out. The choice is kept for
    /// the next file with the same heads.
    ///
    /// # Errors
    /// `Invalid` when the batch is confirmed or no column fits any more.
    pub fn match_register(
        &self,
        caller: &Caller,
        id: &RecordId,
        columns: BTreeMap<usize, String>,
    ) -> Result<(), ServiceError> {
        let batch = self.waiting_batch(caller, id)?;
        let mut notes = self.register_notes(id)?;
        notes.columns = columns;
        let target = self.register_target(batch.text("layout"))?;
        let region = batch.region.clone().ok_or(ServiceError::NotFound)?;
        let bytes = self.store.files().read_all(batch.text("file"))?;
        let result = self.dry_run(caller, &target, &region, &notes, &bytes)?;
        let learned = learned_key(&target, &result.plan);
        let chosen = serde_json::to_string(&notes.columns)
            .map_err(|error| ServiceError::Internal(error.to_string()))?;
        let act = self.act(caller, "import_batch.match", None);
        self.store.write(&act, |writer| {
            writer.set_setting(&learned, &chosen)?;
            let change = Change { values: counted(&result.counts), ..Change::default() };
            writer.update("import_batch", id, batch.version, change)?;
            Ok(writer.set_setting(&notes_key(id), &json(&notes)?)?)
        })
    }

    /// Accepts the near misses of some reasons for all their rows; none named accepts all. Returns
    /// how many reasons are accepted.
    ///
    /// # Errors
    /// `Invalid` when the batch is confirmed.
    pub fn fix_register(
        &self,
        caller: &Caller,
        id: &RecordId,
        reasons: &[(String, String)],
    ) -> Result<usize, ServiceError> {
        let batch = self.waiting_batch(caller, id)?;
        let mut notes = self.register_notes(id)?;
        let preview = self.register_preview(caller, id)?;
        for reason in preview.reasons.iter().filter(|reason| reason.first.suggestion.is_some()) {
            let first = &reason.first;
            let key = (first.field.clone(), first.diagnostic.message.zh.clone());
            if reasons.is_empty() || reasons.contains(&key) {
                notes.fixes.insert(key);
            }
        }
        let target = self.register_target(batch.text("layout"))?;
        let region = batch.region.clone().ok_or(ServiceError::NotFound)?;
        let bytes = self.store.files().read_all(batch.text("file"))?;
        let result = self.dry_run(caller, &target, &region, &notes, &bytes)?;
        let act = self.act(caller, "import_batch.fix", None);
        self.store.write(&act, |writer| {
            let change = Change { values: counted(&result.counts), ..Change::default() };
            writer.update("import_batch", id, batch.version, change)?;
            writer.set_setting(&notes_key(id), &json(&notes)?)?;
            Ok(notes.fixes.len())
        })
    }

    /// The user's own sheet with an error column, red cells and a sheet of counts.
    ///
    /// # Errors
    /// `NotFound` if the caller may not see the batch.
    pub fn register_errors(&self, caller: &Caller, id: &RecordId) -> Result<Vec<u8>, ServiceError> {
        let batch = self.visible(caller, "import_batch", id)?;
        let target = self.register_target(batch.text("layout"))?;
        let region = batch.region.clone().ok_or(ServiceError::NotFound)?;
        let notes = self.register_notes(id)?;
        let bytes = self.store.files().read_all(batch.text("file"))?;
        let input = pass_input(caller, &target, &region, &notes, &bytes);
        let invalid =
            |error: taizhang_exchange::ExchangeError| ServiceError::invalid(error.diagnostic());
        let mut book: Option<ErrorBook> = None;
        let result = self.store.read(|reader| {
            self.register_pass(reader, &input, None, &mut |row| {
                match (row, &mut book) {
                    (PassRow::Start(plan), _) => {
                        book = Some(ErrorBook::begin(plan).map_err(invalid)?);
                    }
                    (PassRow::Row(row, faults), Some(book)) => {
                        book.row(row, faults).map_err(invalid)?;
                    }
                    (PassRow::Row(..), None) => {}
                }
                Ok(())
            })
        })?;
        let counts = [
            ("记录行", result.counts.rows_total),
            ("可导入", result.counts.rows_good),
            ("有错误", result.counts.rows_bad),
            ("未作记录", result.counts.rows_skipped),
        ];
        let left = result.reasons.into_iter().filter(|reason| !reason.is_fixed);
        let reasons: Vec<FaultReason> =
            left.map(|reason| FaultReason { first: reason.first, count: reason.count }).collect();
        let book = book.ok_or(ServiceError::NotFound)?;
        book.finish(&counts, &reasons, &result.notes).map_err(invalid)
    }

    /// Checks against the store as it is now; nothing is written.
    pub(super) fn dry_run(
        &self,
        caller: &Caller,
        target: &Target<'_>,
        region: &RegionCode,
        notes: &RegisterNotes,
        bytes: &[u8],
    ) -> Result<PassResult, ServiceError> {
        let input = pass_input(caller, target, region, notes, bytes);
        self.store.read(|reader| self.register_pass(reader, &input, None, &mut |_| Ok(())))
    }

    /// The caller may write every ledger of a target in a region, without asking anybody.
    pub(super) fn require_target(
        &self,
        caller: &Caller,
        target: &Target<'_>,
        region: &RegionCode,
    ) -> Result<(), ServiceError> {
        for part in target.parts.iter().filter(|part| part.is_made) {
            self.require_create(caller, &part.ledger.name, region)?;
            if part.ledger.edit == EditMode::Propose {
                // What a village changes is proposed record by record, not in bulk.
                self.require_create(caller, crate::doubts::DOUBT, region)?;
            }
        }
        Ok(())
    }

    pub(super) fn register_notes(&self, id: &RecordId) -> Result<RegisterNotes, ServiceError> {
        let stored = self.store.read(|reader| reader.setting(&notes_key(id)))?;
        match stored {
            Some(text) => serde_json::from_str(&text)
                .map_err(|error| ServiceError::Internal(format!("stored batch: {error}"))),
            None => Ok(RegisterNotes::default()),
        }
    }

    fn learned_columns(
        &self,
        target: &Target<'_>,
        plan: &RowPlan,
    ) -> Result<Option<BTreeMap<usize, String>>, ServiceError> {
        let key = learned_key(target, plan);
        let stored = self.store.read(|reader| reader.setting(&key))?;
        // What an earlier edition of the codebook learned and cannot be read is learned anew.
        Ok(stored.and_then(|text| serde_json::from_str(&text).ok()))
    }
}

pub(super) fn pass_input<'a>(
    caller: &'a Caller,
    target: &'a Target<'a>,
    region: &'a RegionCode,
    notes: &'a RegisterNotes,
    bytes: &'a [u8],
) -> PassInput<'a> {
    PassInput { caller, target, region, columns: &notes.columns, fixes: &notes.fixes, bytes }
}

/// Where the matches of a source are kept: the target and the heads of its columns.
fn learned_key(target: &Target<'_>, plan: &RowPlan) -> String {
    let mut hash = Sha256::new();
    for column in &plan.header.columns {
        hash.update(column.column.to_le_bytes());
        hash.update(column.head.as_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    let hex: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("import.columns.{}.{hex}", target.name)
}

pub(super) fn notes_key(id: &RecordId) -> String {
    format!("import.register.{id}")
}

pub(super) fn json(notes: &RegisterNotes) -> Result<String, ServiceError> {
    serde_json::to_string(notes).map_err(|error| ServiceError::Internal(error.to_string()))
}

fn counted(counts: &RegisterCounts) -> Values {
    let count = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
    Values::from([
        ("rows_total".to_owned(), count(counts.rows_total).into()),
        ("rows_good".to_owned(), count(counts.rows_good).into()),
        ("rows_bad".to_owned(), count(counts.rows_bad).into()),
    ])
}
