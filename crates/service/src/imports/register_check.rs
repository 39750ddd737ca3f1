//! Checking a workbook of a register ledger: counts by reason, near misses, what it would change.
//! Nothing is written but the batch.

use super::check::CheckImport;
use super::register_pass::{
    PassInput, PassResult, PassRow, RegisterCounts, RegisterReason, RowChange,
};
use super::register_removed::RemovedRecord;
use super::register_target::Target;
use crate::{Caller, Service, ServiceError};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use taizhang_codebook::{Action, EditMode};
use taizhang_diagnostics::Message;
use taizhang_exchange::{ErrorBook, FaultReason, HeaderMatch, RowFault, RowPlan};
use taizhang_store::{Change, Record, Values};
use taizhang_values::{RecordId, RegionCode};

/// Most bytes of a workbook of a register, which is streamed.
pub const REGISTER_BYTES_MAX: u64 = 100 * 1024 * 1024;

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
    /// The first records that earlier files of this list brought and this complete one has no row
    /// for: perhaps they are no more. Nothing happens to them by themselves.
    pub removed: Vec<RemovedRecord>,
    /// The file was taken for the complete list of its region.
    pub is_complete: bool,
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
    /// The file is the complete list of its region.
    #[serde(default)]
    pub(super) is_complete: bool,
    /// Records that the batch made.
    pub(super) made: Vec<(String, RecordId)>,
    /// Records that it changed, with the version they got.
    pub(super) updated: Vec<(String, RecordId, i64)>,
    /// What it did.
    pub(super) counts: RegisterCounts,
}

/// A batch with what it is read for.
pub(super) struct OpenBatch<'a> {
    pub(super) batch: Record,
    pub(super) target: Target<'a>,
    pub(super) region: RegionCode,
    pub(super) notes: RegisterNotes,
}

impl OpenBatch<'_> {
    /// How its file is read.
    pub(super) fn input<'a>(&'a self, caller: &'a Caller) -> PassInput<'a> {
        PassInput {
            caller,
            target: &self.target,
            region: &self.region,
            columns: &self.notes.columns,
            fixes: &self.notes.fixes,
            is_complete: self.notes.is_complete,
            file: self.batch.text("file"),
        }
    }
}

impl Service {
    /// True for a batch of register records, as against findings.
    #[must_use]
    pub fn is_register_batch(&self, batch: &Record) -> bool {
        self.register_target(batch.text("layout")).is_ok()
    }

    pub(super) fn open_batch(
        &self,
        caller: &Caller,
        batch: Record,
    ) -> Result<OpenBatch<'_>, ServiceError> {
        let region = batch.region.clone().ok_or(ServiceError::NotFound)?;
        let target = self.register_target(batch.text("layout"))?;
        Ok(OpenBatch {
            target: self.seen_by(caller, &region, target),
            region,
            notes: self.register_notes(&batch.id)?,
            batch,
        })
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
        let batch = self.keep_register(caller, input, content)?;
        let opened = self.open_batch(caller, batch)?;
        let counts = self.dry_run(caller, &opened)?.counts;
        self.note_check(caller, "import_batch.check", &opened, &counts)?;
        Ok(opened.batch.id)
    }

    /// Keeps a workbook as a batch that nobody has looked into but for its columns.
    pub(super) fn keep_register(
        &self,
        caller: &Caller,
        input: &CheckImport,
        content: &mut dyn Read,
    ) -> Result<Record, ServiceError> {
        self.require_power(caller, "import.run")?;
        self.require_create(caller, "import_batch", &input.region)?;
        let target = self.register_target(&input.layout)?;
        self.require_target(caller, &target, &input.region)?;
        let target = self.seen_by(caller, &input.region, target);
        let file = self.store.files().put(content, REGISTER_BYTES_MAX)?;
        let is_complete = input.is_complete;
        let mut notes = RegisterNotes { is_complete, ..RegisterNotes::default() };
        let plan = self.register_plan(&PassInput {
            caller,
            target: &target,
            region: &input.region,
            columns: &notes.columns,
            fixes: &notes.fixes,
            is_complete,
            file: &file.hash,
        })?;
        if let Some(learned) = self.learned_columns(&target, &plan)? {
            notes.columns = learned;
        }
        let kept = (file.hash.as_str(), counted(&RegisterCounts::default()));
        let notes = json(&notes)?;
        self.keep_batch(caller, input, kept, |id| (notes_key(id), notes))
    }

    /// Notes what a check came to, and what was chosen for it.
    pub(super) fn note_check(
        &self,
        caller: &Caller,
        verb: &str,
        opened: &OpenBatch<'_>,
        counts: &RegisterCounts,
    ) -> Result<(), ServiceError> {
        let (id, act) = (&opened.batch.id, self.act(caller, verb, None));
        self.store.write(&act, |writer| {
            let change = Change { values: counted(counts), ..Change::default() };
            writer.update("import_batch", id, opened.batch.version, change)?;
            Ok(writer.set_setting(&notes_key(id), &json(&opened.notes)?)?)
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
        let opened = self.open_batch(caller, batch)?;
        let result = self.dry_run(caller, &opened)?;
        self.shown_batch(caller, opened, result)
    }

    /// A batch with what a reading of its file came to.
    pub(super) fn shown_batch(
        &self,
        caller: &Caller,
        opened: OpenBatch<'_>,
        result: PassResult,
    ) -> Result<RegisterPreview, ServiceError> {
        let OpenBatch { batch, target, notes, .. } = opened;
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
            removed: self.removed_shown(caller, &target.ledger.name, &result.removed)?,
            is_complete: notes.is_complete,
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
        let mut opened = self.open_batch(caller, self.waiting_batch(caller, id)?)?;
        opened.notes.columns = columns;
        let result = self.dry_run(caller, &opened)?;
        let learned = learned_key(&opened.target, &result.plan);
        let chosen = serde_json::to_string(&opened.notes.columns)
            .map_err(|error| ServiceError::Internal(error.to_string()))?;
        let act = self.act(caller, "import_batch.match", None);
        self.store
            .write(&act, |writer| Ok::<_, ServiceError>(writer.set_setting(&learned, &chosen)?))?;
        self.note_check(caller, "import_batch.match", &opened, &result.counts)
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
        let mut opened = self.open_batch(caller, self.waiting_batch(caller, id)?)?;
        let found = self.dry_run(caller, &opened)?;
        for reason in found.reasons.iter().filter(|reason| reason.first.suggestion.is_some()) {
            let first = &reason.first;
            let key = (first.field.clone(), first.diagnostic.message.zh.clone());
            if reasons.is_empty() || reasons.contains(&key) {
                opened.notes.fixes.insert(key);
            }
        }
        let result = self.dry_run(caller, &opened)?;
        self.note_check(caller, "import_batch.fix", &opened, &result.counts)?;
        Ok(opened.notes.fixes.len())
    }

    /// The user's own sheet with an error column, red cells and a sheet of counts.
    ///
    /// # Errors
    /// `NotFound` if the caller may not see the batch.
    pub fn register_errors(&self, caller: &Caller, id: &RecordId) -> Result<Vec<u8>, ServiceError> {
        let opened = self.open_batch(caller, self.visible(caller, "import_batch", id)?)?;
        let input = opened.input(caller);
        let invalid =
            |error: taizhang_exchange::ExchangeError| ServiceError::invalid(error.diagnostic());
        let mut book: Option<ErrorBook> = None;
        let result = self.store.read(|reader| {
            let mut take = |row: PassRow<'_>| {
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
            };
            self.register_pass(reader, &input, None, Some(&mut take))
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
        opened: &OpenBatch<'_>,
    ) -> Result<PassResult, ServiceError> {
        let input = opened.input(caller);
        self.store.read(|reader| self.register_pass(reader, &input, None, None))
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

pub(super) fn counted(counts: &RegisterCounts) -> Values {
    let count = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
    Values::from([
        ("rows_total".to_owned(), count(counts.rows_total).into()),
        ("rows_good".to_owned(), count(counts.rows_good).into()),
        ("rows_bad".to_owned(), count(counts.rows_bad).into()),
    ])
}
