//! Checking a workbook: every fault of every row, nothing written.

use crate::{Caller, Service, ServiceError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Read;
use taizhang_codebook::Action;
use taizhang_exchange::error_workbook;
use taizhang_exchange::{ImportCheck, ImportOptions, Limits, WorkbookRows, check_sheet};
use taizhang_store::{Change, Cursor, NewRecord, Page, Query, Record, Values};
use taizhang_values::{RecordId, RegionCode};

/// Most bytes of a workbook (`reliability.md` §5).
pub const WORKBOOK_BYTES_MAX: u64 = 20 * 1024 * 1024;

/// What comes with the workbook.
#[derive(Clone, Debug)]
pub struct CheckImport {
    /// Name the file came with.
    pub file_name: String,
    /// Layout in the codebook.
    pub layout: String,
    /// Region of the rows.
    pub region: RegionCode,
    /// The inspection that the rows belong to; a new one is made if not said.
    pub inspection: Option<RecordId>,
    /// Every record of a register's list in the region stands in the file, so that what it lacks
    /// may be no more; a part of the list says nothing of what it lacks.
    pub is_complete: bool,
}

/// A workbook as it was understood.
#[derive(Clone, Debug)]
pub struct ImportPreview {
    /// The batch.
    pub batch: Record,
    /// Columns, rows and faults.
    pub check: ImportCheck,
    /// First rows of each column, for choosing its field.
    pub book: WorkbookRows,
    /// Field names with their heads, for the choice of columns.
    pub fields: Vec<(String, String)>,
    /// True while the batch waits to be confirmed.
    pub may_confirm: bool,
    /// True while the batch can be taken back.
    pub may_take_back: bool,
}

/// What a batch remembers beside its record.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct BatchNotes {
    /// Column from 0 → field, as a person chose; an empty name leaves the column out.
    pub columns: BTreeMap<usize, String>,
    /// Inspection of the rows.
    pub inspection: Option<RecordId>,
    /// Records that the batch made, by ledger.
    pub made: Vec<(String, RecordId)>,
}

impl Service {
    /// Keeps a workbook and checks it.
    ///
    /// # Errors
    /// `Denied` without the power `import.run`, `TooLarge` over 20 MiB, `Invalid` if no sheet has
    /// a header that fits.
    pub fn check_import(
        &self,
        caller: &Caller,
        input: &CheckImport,
        content: &mut dyn Read,
    ) -> Result<RecordId, ServiceError> {
        self.require_power(caller, "import.run")?;
        self.require_create(caller, "import_batch", &input.region)?;
        self.import_layout(&input.layout)?;
        if let Some(inspection) = &input.inspection {
            self.visible(caller, "inspection", inspection)?;
        }
        let file = self.store.files().put(content, WORKBOOK_BYTES_MAX)?;
        let book = self.stored_book(&file.hash)?;
        let notes = BatchNotes { inspection: input.inspection.clone(), ..BatchNotes::default() };
        let check = self.checked(&book, &input.layout, &input.region, &notes)?;
        let kept = (file.hash.as_str(), counted(&check));
        let notes = json(&notes)?;
        Ok(self.keep_batch(caller, input, kept, |id| (notes_key(id), notes))?.id)
    }

    /// Makes the record of a batch that waits, and keeps what is noted of it.
    pub(super) fn keep_batch(
        &self,
        caller: &Caller,
        input: &CheckImport,
        (file, counts): (&str, Values),
        notes: impl FnOnce(&RecordId) -> (String, String),
    ) -> Result<Record, ServiceError> {
        let name: String = input.file_name.chars().take(120).collect();
        let mut values = counts;
        values.insert("file_name".to_owned(), name.into());
        values.insert("layout".to_owned(), input.layout.as_str().into());
        values.insert("file".to_owned(), file.into());
        values.insert("status".to_owned(), "checked".into());
        let act = self.act(caller, "import_batch.check", None);
        self.store.write(&act, |writer| {
            let region = Some(input.region.clone());
            let batch = writer
                .insert("import_batch", NewRecord { region, values, ..NewRecord::default() })?;
            let (key, text) = notes(&batch.id);
            writer.set_setting(&key, &text)?;
            Ok(batch)
        })
    }

    /// A batch as it stands, checked anew.
    ///
    /// # Errors
    /// `NotFound` if the caller may not see it.
    pub fn import_preview(
        &self,
        caller: &Caller,
        id: &RecordId,
    ) -> Result<ImportPreview, ServiceError> {
        let batch = self.visible(caller, "import_batch", id)?;
        let (book, check) = self.batch_check(&batch)?;
        let layout = self.import_layout(batch.text("layout"))?;
        let fields = layout.columns.iter().map(|c| (c.field.clone(), c.head.clone())).collect();
        let may_update = self.may(caller, &batch, Action::Update);
        let may_confirm = may_update && batch.text("status") == "checked";
        let may_take_back = may_update && self.is_young(&batch);
        Ok(ImportPreview { batch, check, book, fields, may_confirm, may_take_back })
    }

    /// Says which column is which field; an empty name leaves a column out.
    ///
    /// # Errors
    /// `Invalid` when the batch is confirmed or no column fits any more.
    pub fn match_import(
        &self,
        caller: &Caller,
        id: &RecordId,
        columns: BTreeMap<usize, String>,
    ) -> Result<(), ServiceError> {
        let batch = self.waiting_batch(caller, id)?;
        let region = batch.region.clone().ok_or(ServiceError::NotFound)?;
        let mut notes = self.batch_notes(id)?;
        notes.columns = columns;
        let book = self.stored_book(batch.text("file"))?;
        let check = self.checked(&book, batch.text("layout"), &region, &notes)?;
        let act = self.act(caller, "import_batch.match", None);
        self.store.write(&act, |writer| {
            let change = Change { values: counted(&check), ..Change::default() };
            writer.update("import_batch", id, batch.version, change)?;
            Ok(writer.set_setting(&notes_key(id), &json(&notes)?)?)
        })
    }

    /// The user's own workbook with an error column, red cells and a sheet of counts.
    ///
    /// # Errors
    /// `NotFound` if the caller may not see the batch.
    pub fn import_errors(&self, caller: &Caller, id: &RecordId) -> Result<Vec<u8>, ServiceError> {
        let batch = self.visible(caller, "import_batch", id)?;
        let (book, check) = self.batch_check(&batch)?;
        error_workbook(&book, &check).map_err(|error| ServiceError::invalid(error.diagnostic()))
    }

    /// Batches that the caller may see, newest first.
    ///
    /// # Errors
    /// Store errors only.
    pub fn imports(
        &self,
        caller: &Caller,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page, ServiceError> {
        let query = Query::new("import_batch").sort("id", true).after(after).limit(limit);
        self.list_visible(caller, query)
    }

    /// The batch, if the caller may change it and it still waits.
    pub(super) fn waiting_batch(
        &self,
        caller: &Caller,
        id: &RecordId,
    ) -> Result<Record, ServiceError> {
        let batch = self.reachable(caller, "import_batch", id, Action::Update)?;
        if batch.text("status") == "checked" {
            return Ok(batch);
        }
        Err(ServiceError::field(
            "import_batch",
            "status",
            "S0602",
            "这个批次已经导入或撤回，不能再改",
            "the batch is imported or taken back and cannot be changed any more",
        ))
    }

    pub(super) fn batch_check(
        &self,
        batch: &Record,
    ) -> Result<(WorkbookRows, ImportCheck), ServiceError> {
        let region = batch.region.clone().ok_or(ServiceError::NotFound)?;
        let book = self.stored_book(batch.text("file"))?;
        let notes = self.batch_notes(&batch.id)?;
        let check = self.checked(&book, batch.text("layout"), &region, &notes)?;
        Ok((book, check))
    }

    fn checked(
        &self,
        book: &WorkbookRows,
        layout: &str,
        region: &RegionCode,
        notes: &BatchNotes,
    ) -> Result<ImportCheck, ServiceError> {
        let units = self.unit_names(region)?;
        let fields = self.import_fields(self.import_layout(layout)?, &units);
        let chosen = |name: &String| Some(name.clone()).filter(|name| !name.is_empty());
        let columns = notes.columns.iter().map(|(at, name)| (*at, chosen(name))).collect();
        let options = ImportOptions { reference: Some(self.today()), sheet: None, columns };
        let mut check = check_sheet(book, &fields, &options)
            .map_err(|error| ServiceError::invalid(error.diagnostic()))?;
        super::deadlines::check_deadlines(&mut check);
        Ok(check)
    }

    fn stored_book(&self, hash: &str) -> Result<WorkbookRows, ServiceError> {
        let bytes = self.store.files().read_all(hash)?;
        self.file_reader()
            .workbook(&bytes, &Limits::default())
            .map_err(|error| ServiceError::invalid(error.diagnostic()))
    }

    pub(super) fn batch_notes(&self, id: &RecordId) -> Result<BatchNotes, ServiceError> {
        let stored = self.store.read(|reader| reader.setting(&notes_key(id)))?;
        match stored {
            Some(text) => serde_json::from_str(&text)
                .map_err(|error| ServiceError::Internal(format!("stored batch: {error}"))),
            None => Ok(BatchNotes::default()),
        }
    }
}

pub(super) fn notes_key(id: &RecordId) -> String {
    format!("import.{id}")
}

pub(super) fn json(notes: &BatchNotes) -> Result<String, ServiceError> {
    serde_json::to_string(notes).map_err(|error| ServiceError::Internal(error.to_string()))
}

fn counted(check: &ImportCheck) -> Values {
    let count = |rows: usize| i64::try_from(rows).unwrap_or(i64::MAX);
    let good = check.good_rows().count();
    Values::from([
        ("rows_total".to_owned(), count(check.rows.len()).into()),
        ("rows_good".to_owned(), count(good).into()),
        ("rows_bad".to_owned(), count(check.rows.len() - good).into()),
    ])
}
