//! Workbooks in and out: ledgers that offices keep in Excel become typed rows with every fault
//! named, and records become workbooks again.

mod cell;
mod check;
mod columns;
mod compound;
mod csv;
mod error_book;
mod fast_cell;
mod ledger_book;
mod plain_cell;
mod row_check;
mod scan;
mod sheet_rows;
mod stream;
mod stream_error_book;
mod table_book;
mod xls;
mod xlsx;

pub use check::{ImportCheck, ImportOptions, ImportRow, RowFault, SkippedRow, check_sheet};
pub use columns::{ColumnMatch, HeaderMatch, ImportField, MatchKind, match_columns};
pub use csv::write_csv;
pub use error_book::error_workbook;
pub use ledger_book::{LedgerColumn, LedgerWorkbook, PageSetup};
pub use stream::{FaultReason, RowPlan, RowsCheck, StreamedRow, WorkbookStream};
pub use stream_error_book::ErrorBook;
pub use table_book::{TableBook, TableCell};

use crate::container::encrypted;
use crate::{ExchangeError, Limits};
use taizhang_diagnostics::Message;

/// What a cell holds, before anything is made of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum CellContent {
    /// Nothing.
    #[default]
    Empty,
    /// Text, exactly as stored.
    Text(String),
    /// A number. Spreadsheets keep 15 significant digits.
    Number(f64),
    /// A number shown as a date: days since the epoch of the 1900 system.
    Serial(f64),
    /// Yes or no.
    Boolean(bool),
    /// An error value such as `#REF!`.
    Error(String),
}

/// One cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SheetCell {
    /// Its content; for a formula the value calculated when the file was last saved.
    pub content: CellContent,
    /// The content comes from a formula.
    pub is_formula: bool,
    /// The number is shown as a percentage.
    pub is_percent: bool,
}

impl SheetCell {
    /// A text cell; empty text makes an empty cell.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        let content = if text.is_empty() { CellContent::Empty } else { CellContent::Text(text) };
        Self { content, ..Self::default() }
    }

    /// True when nothing is shown.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match &self.content {
            CellContent::Empty => true,
            CellContent::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }

    /// The cell as a reader of the sheet sees it, numbers without needless decimals.
    #[must_use]
    pub fn shown(&self) -> String {
        cell::shown(self)
    }
}

/// A row with its number in the spreadsheet program.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SheetRow {
    /// Row from 1, as Excel shows it.
    pub number: u32,
    /// Cells from column A; shorter than the sheet where the end is empty.
    pub cells: Vec<SheetCell>,
}

/// A merged area, rows and columns from 0, ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MergedArea {
    /// First row.
    pub first_row: u32,
    /// First column.
    pub first_column: u32,
    /// Last row.
    pub last_row: u32,
    /// Last column.
    pub last_column: u32,
}

impl MergedArea {
    /// The area between two corners, given as (row, column) in any order.
    #[must_use]
    pub fn between(one: (u32, u32), other: (u32, u32)) -> Self {
        Self {
            first_row: one.0.min(other.0),
            first_column: one.1.min(other.1),
            last_row: one.0.max(other.0),
            last_column: one.1.max(other.1),
        }
    }
}

/// A visible sheet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// Name.
    pub name: String,
    /// Rows that hold anything, in order.
    pub rows: Vec<SheetRow>,
    /// Merged areas; their content has been repeated downwards in `rows`.
    pub merged: Vec<MergedArea>,
}

/// All visible sheets of a workbook.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WorkbookRows {
    /// The sheets in order.
    pub sheets: Vec<Sheet>,
    /// What was left out or assumed.
    pub notes: Vec<Message>,
}

/// Reads a workbook: `.xlsx` and `.xlsm` (streamed), `.xls`, or `.csv` in UTF-8, UTF-16 or
/// GB 18030. The kind is told by the content.
///
/// # Errors
/// Limits, damage, passwords; bytes that are no workbook. Place is the sheet or the line.
pub fn read_workbook(bytes: &[u8], limits: &Limits) -> Result<WorkbookRows, ExchangeError> {
    let mut book = if bytes.starts_with(b"PK\x03\x04") {
        xlsx::read(bytes, limits)?
    } else if is_compound(bytes) {
        let locked: Vec<u8> =
            "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        if bytes.windows(locked.len()).any(|window| window == locked) {
            return Err(encrypted());
        }
        xls::read(bytes, limits)?
    } else {
        let book = csv::Book::open(bytes, limits)?;
        WorkbookRows { sheets: vec![book.read(limits)?], notes: book.notes }
    };
    book.sheets.retain(|sheet| !sheet.rows.is_empty());
    for sheet in &mut book.sheets {
        repeat_merged(sheet);
    }
    if book.sheets.is_empty() {
        return Err(without_data());
    }
    Ok(book)
}

/// True for the bytes of the binary format before 2007, or of an encrypted workbook.
fn is_compound(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
}

fn without_data() -> ExchangeError {
    ExchangeError::new("X0707", "工作簿里没有数据", "the workbook holds no data")
        .help("请检查是否上传了正确的文件", "see whether this is the right file")
}

/// Letters of a column, from 0: `A`, `B` … `AA`.
///
/// # Example
/// ```
/// use taizhang_exchange::column_letters;
/// assert_eq!((column_letters(0), column_letters(27)), ("A".to_owned(), "AB".to_owned()));
/// ```
#[must_use]
pub fn column_letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column;
    loop {
        let letter = u8::try_from(rest % 26).unwrap_or(0);
        letters.push(char::from(b'A' + letter));
        match (rest / 26).checked_sub(1) {
            Some(more) => rest = more,
            None => break,
        }
    }
    letters.iter().rev().collect()
}

/// Counts the cells of a workbook against the limits.
struct CellBudget<'a> {
    limits: &'a Limits,
    cells: usize,
}

impl<'a> CellBudget<'a> {
    fn new(limits: &'a Limits) -> Self {
        Self { limits, cells: 0 }
    }

    /// Most bytes of a cell: a character has at most four.
    const fn cell_bytes(&self) -> usize {
        self.limits.cell_characters.saturating_mul(4)
    }

    /// Counts the cell at `row` and `column`, both from 0.
    fn count(&mut self, row: u32, column: usize, text_bytes: usize) -> Result<(), ExchangeError> {
        self.cells += 1;
        let limits = self.limits;
        let row = usize::try_from(row).unwrap_or(usize::MAX);
        if row >= limits.sheet_rows {
            return Err(ExchangeError::limit(
                "X0701",
                "行数",
                "the number of rows",
                limits.sheet_rows,
            ));
        }
        if column >= limits.sheet_columns {
            return Err(ExchangeError::limit(
                "X0702",
                "列数",
                "the number of columns",
                limits.sheet_columns,
            )
            .at_row(row + 1));
        }
        if self.cells > limits.workbook_cells {
            return Err(ExchangeError::limit(
                "X0703",
                "单元格数",
                "the number of cells",
                limits.workbook_cells,
            ));
        }
        if text_bytes > self.cell_bytes() {
            return Err(ExchangeError::limit(
                "X0704",
                "单元格文字长度",
                "the length of a cell",
                limits.cell_characters,
            )
            .at(format!("{}{}", column_letters(column), row + 1)));
        }
        Ok(())
    }
}

/// A workbook that the library or the disk refuses to take.
fn unwritable(error: impl std::fmt::Display) -> ExchangeError {
    ExchangeError::new("X0801", "无法写出工作簿", "the workbook cannot be written")
        .tried(error.to_string())
}

/// Puts a cell at its column.
fn place(cells: &mut Vec<SheetCell>, column: usize, cell: SheetCell) {
    if cells.len() <= column {
        cells.resize_with(column + 1, SheetCell::default);
    }
    if let Some(slot) = cells.get_mut(column) {
        *slot = cell;
    }
}

/// Longest text that is repeated down a merged area, bytes; all repetitions of a sheet together
/// stay below a thousand times this.
const REPEATED_CELL_BYTES_MAX: usize = 16 * 1024;

/// Repeats the content of merged cells downwards in their first column, so that every row is
/// complete.
fn repeat_merged(sheet: &mut Sheet) {
    let mut budget_bytes = REPEATED_CELL_BYTES_MAX * 1000;
    let mut areas: Vec<MergedArea> =
        sheet.merged.iter().copied().filter(|area| area.last_row > area.first_row).collect();
    areas.sort_by_key(|area| (area.first_row, area.first_column));
    for area in areas {
        let row_at = |row: u32| sheet.rows.binary_search_by_key(&(row + 1), |row| row.number);
        let Ok(first) = row_at(area.first_row) else { continue };
        let column = usize::try_from(area.first_column).unwrap_or(usize::MAX);
        let top = sheet.rows.get(first).and_then(|row| row.cells.get(column)).cloned();
        let Some(top) = top.filter(|cell| !cell.is_blank()) else { continue };
        let bytes = 32 + top.shown().len();
        for row in sheet.rows.iter_mut().skip(first + 1) {
            if row.number > area.last_row + 1 || bytes > budget_bytes.min(REPEATED_CELL_BYTES_MAX) {
                break;
            }
            budget_bytes -= bytes;
            place(&mut row.cells, column, top.clone());
        }
    }
}
