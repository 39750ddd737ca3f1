//! Files in and out: documents to text, workbooks in and out, reports as Word files.
//!
//! Everything that comes in is hostile until read: every container, tag and table is counted
//! against [`Limits`] while it is read, and whatever the bytes are, the answer is a value or an
//! [`ExchangeError`], never a panic and never an endless run.

mod apart;
mod container;
mod document;
mod docx;
mod error;
mod html;
mod limits;
mod mime;
mod office;
mod page;
mod read;
mod report_docx;
mod text;
mod workbook;
mod xml;

pub use apart::{ApartBounds, FileReader, RowsRequest, answer_parent};
pub use document::{DocumentFormat, DocumentText, TableText};
pub use error::{ExchangeError, ExchangeFault};
pub use limits::Limits;
pub use office::{convert_with_office, find_office};
pub use read::document_text;
pub use report_docx::report_docx;
pub use text::{DecodedText, decode_text};
pub use workbook::{
    CellContent, ColumnMatch, ErrorBook, FaultReason, HeaderMatch, ImportCheck, ImportField,
    ImportOptions, ImportRow, LedgerColumn, LedgerWorkbook, MatchKind, MergedArea, PageSetup,
    RowFault, RowPlan, RowsCheck, Sheet, SheetCell, SheetRow, SkippedRow, StreamedRow, TableBook,
    TableCell, WorkbookRows, WorkbookStream, check_sheet, column_letters, error_workbook,
    match_columns, read_workbook, write_csv,
};
