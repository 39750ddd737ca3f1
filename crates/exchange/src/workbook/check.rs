//! Rows of a sheet to records: every fault of every row, and what was left out and why.

use super::columns::{HeaderMatch, ImportField, match_columns};
use super::row_check::{RowChecker, Verdict};
use super::{Sheet, WorkbookRows};
use crate::ExchangeError;
use std::collections::{BTreeMap, HashMap};
use taizhang_diagnostics::{Diagnostic, Message};
use taizhang_values::{Date, Value};

/// What a check is told beside the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// Date of the letter or ledger: gives the year to `5月20日`.
    pub reference: Option<Date>,
    /// Sheet by name; the one that fits best otherwise.
    pub sheet: Option<String>,
    /// Columns as the user matched them: column from 0 → field (`None`: leave out).
    pub columns: BTreeMap<usize, Option<String>>,
}

/// One fault of one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowFault {
    /// Row as Excel shows it.
    pub row: u32,
    /// Column from 0.
    pub column: usize,
    /// Field of the column.
    pub field: String,
    /// Code, place, message and help.
    pub diagnostic: Diagnostic,
    /// The valid name that was probably meant.
    pub suggestion: Option<String>,
}

/// One row as values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportRow {
    /// Row as Excel shows it.
    pub row: u32,
    /// Values by field; fields with a fault are missing.
    pub values: BTreeMap<String, Value>,
    /// The section line above the row (`一、责任落实方面`).
    pub section: Option<String>,
    /// Number of faults in this row.
    pub fault_count: usize,
}

/// A row that is no record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedRow {
    /// Row as Excel shows it.
    pub row: u32,
    /// Why.
    pub reason: Message,
}

/// The whole answer to one sheet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportCheck {
    /// Sheet that was read.
    pub sheet: String,
    /// Header and columns.
    pub header: HeaderMatch,
    /// All records, with and without faults.
    pub rows: Vec<ImportRow>,
    /// All faults in order of rows and columns.
    pub faults: Vec<RowFault>,
    /// Rows that are no records.
    pub skipped: Vec<SkippedRow>,
    /// What was left out or assumed.
    pub notes: Vec<Message>,
}

impl ImportCheck {
    /// Rows that may go in.
    pub fn good_rows(&self) -> impl Iterator<Item = &ImportRow> {
        self.rows.iter().filter(|row| row.fault_count == 0)
    }
}

/// Checks a workbook against the fields of a ledger. Nothing stops at the first fault.
///
/// # Errors
/// No sheet has a header that fits, or the sheet named does not exist. Faults of rows are part of
/// the result.
pub fn check_sheet(
    book: &WorkbookRows,
    fields: &[ImportField],
    options: &ImportOptions,
) -> Result<ImportCheck, ExchangeError> {
    let (sheet, mut header) = choose(book, fields, options)?;
    apply_choices(&mut header, fields, options);
    let mut check = ImportCheck { sheet: sheet.name.clone(), ..ImportCheck::default() };
    check.notes.extend(book.notes.iter().cloned());
    let missing_columns = note_columns(&header, fields, &mut check);
    let mut checker =
        RowChecker::new(&sheet.name, &header, &sheet.merged, fields, options.reference);
    for row in sheet.rows.iter().skip(header.first_row + header.depth) {
        match checker.read(row) {
            Verdict::Record => check.take(row.number, &checker),
            Verdict::Blank => {}
            Verdict::Skipped(zh, en) => check.skip(row.number, zh, en),
        }
    }
    if missing_columns > 0 {
        for row in &mut check.rows {
            row.fault_count += missing_columns;
        }
    }
    check.header = header;
    Ok(check)
}

/// The sheet named by the user, or the one whose header fits most fields.
fn choose<'b>(
    book: &'b WorkbookRows,
    fields: &[ImportField],
    options: &ImportOptions,
) -> Result<(&'b Sheet, HeaderMatch), ExchangeError> {
    let wanted = |sheet: &&Sheet| options.sheet.as_ref().is_none_or(|name| *name == sheet.name);
    let mut best: Option<(&Sheet, HeaderMatch)> = None;
    for sheet in book.sheets.iter().filter(wanted) {
        let Some(header) = match_columns(sheet, fields) else { continue };
        let count =
            |header: &HeaderMatch| header.columns.iter().filter(|c| c.field.is_some()).count();
        if best.as_ref().is_none_or(|(_, best)| count(&header) > count(best)) {
            best = Some((sheet, header));
        }
    }
    best.ok_or_else(|| no_header(fields))
}

/// No row of any sheet is a header of this ledger.
pub(super) fn no_header(fields: &[ImportField]) -> ExchangeError {
    let heads: Vec<&str> =
        fields.iter().filter_map(|field| field.heads.first()).map(String::as_str).take(8).collect();
    ExchangeError::new("X0708", "没有找到表头行", "no header row was found").help(
        format!("表头应含有这些列中的几列：{}", heads.join("、")),
        format!("the header should hold some of these columns: {}", heads.join(", ")),
    )
}

/// Puts the user's own matching over the proposed one.
pub(super) fn apply_choices(
    header: &mut HeaderMatch,
    fields: &[ImportField],
    options: &ImportOptions,
) {
    for column in &mut header.columns {
        let Some(choice) = options.columns.get(&column.column) else { continue };
        let known = |name: &String| fields.iter().any(|field| field.name == *name);
        column.field = choice.clone().filter(|name| known(name) && !column.is_forbidden);
    }
}

/// Notes what happens to each column; the number of required columns that are missing.
pub(super) fn note_columns(
    header: &HeaderMatch,
    fields: &[ImportField],
    check: &mut ImportCheck,
) -> usize {
    let mut missing_columns = 0;
    let mut seen: HashMap<&str, &str> = HashMap::new();
    for column in &header.columns {
        let (head, letters) = (&column.head, &column.letters);
        if column.is_forbidden {
            check.notes.push(Message::new(
                format!("{letters}列`{head}`属于不得采集的信息，未读入"),
                format!("column {letters} `{head}` must not be collected and is left out"),
            ));
            continue;
        }
        if let Some(first) = seen.insert(head, letters) {
            check.notes.push(Message::new(
                format!("{first}列与{letters}列的表头都是`{head}`，请确认各列的含义"),
                format!(
                    "columns {first} and {letters} are both headed `{head}`: confirm which is which"
                ),
            ));
        }
        if column.field.is_none() && head != super::error_book::ERROR_HEAD {
            check.notes.push(Message::new(
                format!("{letters}列`{head}`没有对应的字段，未读入"),
                format!("column {letters} `{head}` fits no field and is left out"),
            ));
        }
    }
    for field in fields.iter().filter(|field| field.is_required) {
        if header.column_of(&field.name).is_none() {
            let head = field.heads.first().map_or(field.name.as_str(), String::as_str);
            missing_columns += 1;
            check.notes.push(Message::new(
                format!("缺少必填列`{head}`，所有行都不能导入"),
                format!("the required column `{head}` is missing, so that no row can go in"),
            ));
        }
    }
    missing_columns
}

impl ImportCheck {
    fn skip(&mut self, row: u32, zh: &str, en: &str) {
        self.skipped.push(SkippedRow { row, reason: Message::new(zh, en) });
    }

    /// Keeps the record that the checker has just read.
    fn take(&mut self, row: u32, checker: &RowChecker<'_>) {
        let filled = checker.fields().zip(checker.values()).filter(|(_, v)| **v != Value::Null);
        self.rows.push(ImportRow {
            row,
            values: filled.map(|(field, value)| (field.name.clone(), value.clone())).collect(),
            section: checker.section().cloned(),
            fault_count: checker.faults().len(),
        });
        self.faults.extend_from_slice(checker.faults());
    }
}
