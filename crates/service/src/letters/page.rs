//! The reading view: text on the left, rows on the right.

use crate::paging::every;
use crate::{Caller, Service, ServiceError};
use taizhang_codebook::Action;
use taizhang_diagnostics::Diagnostic;
use taizhang_document::model::Reading;
use taizhang_store::{Filter, Query, Reader, Record, StoreError};
use taizhang_values::RecordId;

/// A letter with its text and rows.
#[derive(Clone, Debug)]
pub struct LetterPage {
    /// The letter.
    pub letter: Record,
    /// Extracted text; spans count its scalars.
    pub text: String,
    /// What the reader understood.
    pub reading: Reading,
    /// Rows by position, excluded ones too.
    pub rows: Vec<Record>,
    /// Where each row stands in the text, by position in `rows`.
    pub marks: Vec<RowMark>,
    /// Outline defects, missing fields and failed cross-checks.
    pub faults: Vec<Diagnostic>,
    /// Rows that will become findings.
    pub included_count: usize,
    /// True if the caller may edit and confirm.
    pub may_edit: bool,
}

/// The place of a row in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowMark {
    /// First scalar; `None` for a row that a person added.
    pub start: Option<usize>,
    /// Scalar behind the last.
    pub end: Option<usize>,
}

impl Service {
    /// Everything that the reading view shows.
    ///
    /// # Errors
    /// `NotFound` if the caller may not see the letter.
    pub fn letter_page(&self, caller: &Caller, id: &RecordId) -> Result<LetterPage, ServiceError> {
        let letter = self.visible(caller, "letter", id)?;
        let text = self.stored_text(letter.text("text_file"))?;
        let reading = self.stored_text(letter.text("reading_file"))?;
        let reading: Reading = serde_json::from_str(&reading)
            .map_err(|error| ServiceError::Internal(format!("stored reading: {error}")))?;
        let rows = self.all_shown(caller, self.letter_rows(id)?);
        let marks = rows.iter().map(mark).collect();
        let included_count = rows.iter().filter(|row| is_included(row)).count();
        let faults = taizhang_document::lint(&text, &reading);
        let is_draft = letter.text("status") == "draft";
        let may_edit = is_draft && self.may(caller, &letter, Action::Update);
        Ok(LetterPage { letter, text, reading, rows, marks, faults, included_count, may_edit })
    }

    /// The place of a row among the rows of its letter, from 1.
    ///
    /// # Errors
    /// Store errors only.
    pub fn letter_row_place(
        &self,
        letter: &RecordId,
        row: &RecordId,
    ) -> Result<usize, ServiceError> {
        let rows = self.letter_rows(letter)?;
        Ok(rows.iter().position(|known| known.id == *row).map_or(1, |place| place + 1))
    }

    /// The rows of a letter by position.
    fn letter_rows(&self, letter: &RecordId) -> Result<Vec<Record>, ServiceError> {
        Ok(self.store.read(|reader| rows_of(reader, letter))?)
    }

    /// A stored text file.
    pub(crate) fn stored_text(&self, hash: &str) -> Result<String, ServiceError> {
        let bytes = self.store.files().read_all(hash)?;
        String::from_utf8(bytes)
            .map_err(|_| ServiceError::Internal("stored text is not UTF-8".to_owned()))
    }
}

/// The rows of a letter by position, in the caller's transaction.
pub(super) fn rows_of(reader: &Reader<'_>, letter: &RecordId) -> Result<Vec<Record>, StoreError> {
    let query = Query::new("letter_row").filter(Filter::eq("letter", letter));
    every(reader, query.sort("position", false))
}

/// True if the row will become a finding.
pub(super) fn is_included(row: &Record) -> bool {
    row.get("is_included").as_boolean() != Some(false)
}

fn mark(row: &Record) -> RowMark {
    let offset =
        |field: &str| row.get(field).as_integer().and_then(|offset| usize::try_from(offset).ok());
    RowMark { start: offset("span_start"), end: offset("span_end") }
}
