//! The user's own sheet back with what is wrong, written while its rows go by: memory stays
//! constant whatever the length.

use super::error_book::{
    ERROR_HEAD, Formats, NOTES_MAX, SUMMARY_NAME, fault_text, faulty_row, summary_table,
};
use super::{FaultReason, RowFault, RowPlan, SheetRow, unwritable};
use crate::ExchangeError;
use rust_xlsxwriter::{Workbook, XlsxError};

/// A workbook of two sheets: the counts by reason, and the sheet that was checked with an error
/// column and red cells. Other sheets of the file are not written.
///
/// A sheet that is read anew, because merged cells were found at its end, begins a new
/// [`ErrorBook`].
pub struct ErrorBook {
    workbook: Workbook,
    formats: Formats,
    forbidden: Vec<usize>,
    error_column: usize,
    header_row: u32,
    plan: RowPlan,
    notes_left: usize,
    rows: u64,
    rows_bad: u64,
}

impl std::fmt::Debug for ErrorBook {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ErrorBook").field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl ErrorBook {
    /// Begins the workbook of a sheet.
    ///
    /// # Errors
    /// `X0801`: the workbook cannot be written.
    pub fn begin(plan: &RowPlan) -> Result<Self, ExchangeError> {
        let mut workbook = Workbook::new();
        workbook.add_worksheet().set_name(SUMMARY_NAME).map_err(unwritable)?;
        let columns = &plan.header.columns;
        // The error column of an earlier round is written anew.
        let earlier = columns.iter().find(|c| c.head == ERROR_HEAD).map(|c| c.column);
        let width = columns.iter().map(|column| column.column + 1).max().unwrap_or(0);
        let page = workbook.add_worksheet_with_constant_memory().map_err(unwritable)?;
        let name = super::ledger_book::sheet_name(&plan.sheet);
        if !name.is_empty() && name != SUMMARY_NAME {
            page.set_name(&name).map_err(unwritable)?;
        }
        let error_column = earlier.unwrap_or(width);
        page.set_column_width(super::error_book::column_number(error_column), 60)
            .map_err(unwritable)?;
        Ok(Self {
            workbook,
            formats: Formats::new(),
            forbidden: columns.iter().filter(|c| c.is_forbidden).map(|c| c.column).collect(),
            error_column,
            header_row: plan.header_row,
            plan: plan.clone(),
            notes_left: NOTES_MAX,
            rows: 0,
            rows_bad: 0,
        })
    }

    /// Writes the next row. Rows come in the order of the sheet.
    ///
    /// # Errors
    /// As [`ErrorBook::begin`].
    pub fn row(&mut self, row: &SheetRow, faults: &[RowFault]) -> Result<(), ExchangeError> {
        self.write_row(row, faults).map_err(unwritable)
    }

    fn write_row(&mut self, row: &SheetRow, faults: &[RowFault]) -> Result<(), XlsxError> {
        let page = self.workbook.worksheet_from_index(1)?;
        let forbidden: &[usize] = if row.number > self.header_row { &self.forbidden } else { &[] };
        let width = if row.number < self.header_row {
            row.cells.len()
        } else {
            self.error_column.min(row.cells.len())
        };
        let width = width.max(faults.iter().map(|fault| fault.column + 1).max().unwrap_or(0));
        faulty_row(page, row, faults, width, forbidden, &self.formats, &mut self.notes_left)?;
        let at = row.number.saturating_sub(1);
        let column = super::error_book::column_number(self.error_column);
        if row.number == self.header_row {
            page.write_string_with_format(at, column, ERROR_HEAD, &self.formats.head)?;
        } else if !faults.is_empty() {
            let text = fault_text(faults);
            page.write_string_with_format(at, column, text, &self.formats.message)?;
        }
        self.rows += u64::from(row.number > self.header_row);
        self.rows_bad += u64::from(!faults.is_empty());
        Ok(())
    }

    /// Writes the sheet of counts and ends the workbook. `counts` are lines of the summary: a label
    /// and a number.
    ///
    /// # Errors
    /// As [`ErrorBook::begin`].
    pub fn finish(
        mut self,
        counts: &[(&str, u64)],
        reasons: &[FaultReason],
        notes: &[taizhang_diagnostics::Message],
    ) -> Result<Vec<u8>, ExchangeError> {
        let page = self.workbook.worksheet_from_index(0).map_err(unwritable)?;
        let reasons: Vec<(u64, &RowFault)> =
            reasons.iter().map(|reason| (reason.count, &reason.first)).collect();
        summary_table(page, counts, &self.plan.header, &reasons, notes, &self.formats)
            .map_err(unwritable)?;
        self.workbook.save_to_buffer().map_err(unwritable)
    }
}
