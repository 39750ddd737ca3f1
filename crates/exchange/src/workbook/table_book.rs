//! A long plain table as a workbook: text cells, a frozen head, further sheets where one is full.

use crate::ExchangeError;
use rust_xlsxwriter::{Format, Workbook, XlsxError};

/// Records of a sheet: the format ends at 1,048,576 rows, the head included.
const SHEET_ROWS: u32 = 1_000_000;

/// A workbook that grows row by row in constant memory. Every cell is text, so that nothing is
/// taken for a formula.
pub struct TableBook {
    workbook: Workbook,
    heads: Vec<String>,
    row: u32,
    sheets: usize,
}

impl TableBook {
    /// A workbook with one sheet.
    ///
    /// # Errors
    /// The workbook cannot be written (`X0801`).
    pub fn new(heads: &[&str]) -> Result<Self, ExchangeError> {
        let heads = heads.iter().map(|head| (*head).to_owned()).collect();
        let mut book = Self { workbook: Workbook::new(), heads, row: 0, sheets: 0 };
        book.sheet().map_err(fault)?;
        Ok(book)
    }

    fn sheet(&mut self) -> Result<(), XlsxError> {
        let page = self.workbook.add_worksheet_with_constant_memory()?;
        page.set_freeze_panes(1, 0)?;
        let bold = Format::new().set_bold();
        for (column, head) in (0_u16..).zip(&self.heads) {
            page.write_string_with_format(0, column, head, &bold)?;
        }
        self.row = 1;
        self.sheets += 1;
        Ok(())
    }

    /// Adds a row.
    ///
    /// # Errors
    /// The workbook cannot be written (`X0801`).
    pub fn push(&mut self, cells: &[&str]) -> Result<(), ExchangeError> {
        self.push_here(cells).map_err(fault)
    }

    fn push_here(&mut self, cells: &[&str]) -> Result<(), XlsxError> {
        if self.row > SHEET_ROWS {
            self.sheet()?;
        }
        let row = self.row;
        let page = self.workbook.worksheet_from_index(self.sheets.saturating_sub(1))?;
        for (column, cell) in (0_u16..).zip(cells) {
            page.write_string(row, column, *cell)?;
        }
        self.row += 1;
        Ok(())
    }

    /// The finished file.
    ///
    /// # Errors
    /// The workbook cannot be written (`X0801`).
    pub fn finish(mut self) -> Result<Vec<u8>, ExchangeError> {
        self.workbook.save_to_buffer().map_err(fault)
    }
}

fn fault(error: XlsxError) -> ExchangeError {
    ExchangeError::new("X0801", "无法写出工作簿", "the workbook cannot be written")
        .tried(error.to_string())
}
