//! Workbooks of the old binary format, through calamine.

use super::{
    CellBudget, CellContent, MergedArea, Sheet, SheetCell, SheetRow, WorkbookRows, compound, place,
};
use crate::{ExchangeError, Limits};
use calamine::{Data, Reader, SheetVisible, Xls};
use std::io::Cursor;
use taizhang_diagnostics::Message;

/// The library gets a stack of its own, and a failure inside it ends the thread only.
const STACK_BYTES: usize = 16 * 1024 * 1024;

/// Reads all visible sheets.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<WorkbookRows, ExchangeError> {
    let most = Limits::XLS_BYTES_MAX.min(limits.container_bytes);
    if bytes.len() as u64 > most {
        return Err(ExchangeError::limit(
            "X0711",
            ".xls 文件大小",
            "the size of an .xls file",
            format!("{} MiB", most >> 20),
        )
        .help("请另存为 .xlsx 或 .csv 再上传", "save it as .xlsx or .csv and upload that"));
    }
    if compound::look_over(bytes, limits)?.is_none() {
        return Err(damaged());
    }
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, || read_here(bytes, limits))
            .map_err(|_| damaged())?
            .join()
            .unwrap_or_else(|_| Err(damaged()))
    })
}

fn damaged() -> ExchangeError {
    ExchangeError::new("X0706", "这不是工作簿，或已损坏", "this is no workbook, or it is damaged")
        .help("请用 Excel 或 WPS 打开后另存为 .xlsx 再上传", "save it as .xlsx and upload that")
        .tried("xls")
}

fn read_here(bytes: &[u8], limits: &Limits) -> Result<WorkbookRows, ExchangeError> {
    let mut book: Xls<_> = Xls::new(Cursor::new(bytes)).map_err(|_| damaged())?;
    let mut result = WorkbookRows::default();
    let mut budget = CellBudget::new(limits);
    let sheets: Vec<(String, bool)> = book
        .sheets_metadata()
        .iter()
        .map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible))
        .collect();
    for (name, visible) in sheets {
        if !visible {
            result.notes.push(Message::new("隐藏的工作表未读入", "a hidden sheet is left out"));
            continue;
        }
        let mut sheet = Sheet { name: name.clone(), ..Sheet::default() };
        for area in book.merge_cells_by_sheet_name(&name).unwrap_or_default() {
            sheet.merged.push(MergedArea::between(area.start, area.end));
        }
        let range = book.worksheet_range(&name).map_err(|_| damaged().at(&name))?;
        let formulas = book.worksheet_formula(&name).ok();
        let (top, left) = range.start().unwrap_or((0, 0));
        for (offset, row) in (0_u32..).zip(range.rows()) {
            let number = top + offset;
            let mut cells = Vec::new();
            for (column, data) in (left..).zip(row) {
                let formula = formulas
                    .as_ref()
                    .and_then(|range| range.get_value((number, column)))
                    .is_some_and(|formula| !formula.is_empty());
                let cell =
                    SheetCell { content: content(data), is_formula: formula, is_percent: false };
                if cell.content == CellContent::Empty {
                    continue;
                }
                let column = usize::try_from(column).unwrap_or(usize::MAX);
                budget.count(number, column, 0)?;
                place(&mut cells, column, cell);
            }
            if !cells.is_empty() {
                sheet.rows.push(SheetRow { number: number + 1, cells });
            }
        }
        result.sheets.push(sheet);
    }
    Ok(result)
}

fn content(data: &Data) -> CellContent {
    match data {
        Data::Int(number) => match i32::try_from(*number) {
            Ok(small) => CellContent::Number(f64::from(small)),
            Err(_) => CellContent::Text(number.to_string()),
        },
        Data::Float(number) => CellContent::Number(*number),
        Data::String(text) if text.is_empty() => CellContent::Empty,
        Data::String(text) => CellContent::Text(text.clone()),
        Data::Bool(truth) => CellContent::Boolean(*truth),
        Data::DateTime(moment) => CellContent::Serial(moment.as_f64()),
        Data::DateTimeIso(text) | Data::DurationIso(text) => CellContent::Text(text.clone()),
        Data::Error(error) => CellContent::Error(error.to_string()),
        _ => CellContent::Empty,
    }
}
