//! Comma-separated values in and out, quoted fields and line breaks in fields included.

use super::{CellBudget, Sheet, SheetCell, SheetRow};
use crate::{ExchangeError, Limits};

/// Signs that spreadsheet programs take for the start of a formula, full-width forms included.
const FORMULA_STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Reads a text of comma-, tab- or semicolon-separated fields.
pub(super) fn read(text: &str, limits: &Limits) -> Result<Sheet, ExchangeError> {
    let separator = separator(text);
    let mut sheet = Sheet { name: "CSV".into(), ..Sheet::default() };
    let mut budget = CellBudget::new(limits);
    let mut cells: Vec<SheetCell> = Vec::new();
    let mut field = String::new();
    let mut quoted = false;
    let mut was_quoted = false;
    let mut row = 0_u32;
    let mut quote_row = 0_u32;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if field.is_empty() && !was_quoted => {
                (quoted, was_quoted) = (true, true);
                quote_row = row;
            }
            _ if quoted => field.push(character),
            '\n' => {
                end_field(&mut cells, &mut field, &mut budget, row)?;
                was_quoted = false;
                end_row(&mut sheet, &mut cells, row);
                row += 1;
            }
            _ if character == separator => {
                end_field(&mut cells, &mut field, &mut budget, row)?;
                was_quoted = false;
            }
            _ => field.push(character),
        }
    }
    if quoted {
        let line = quote_row + 1;
        return Err(ExchangeError::new(
            "X0709",
            format!("第 {line} 行的引号没有结束"),
            format!("a quote opened in row {line} is never closed"),
        )
        .at(format!("row {line}")));
    }
    if !field.is_empty() || !cells.is_empty() {
        end_field(&mut cells, &mut field, &mut budget, row)?;
        end_row(&mut sheet, &mut cells, row);
    }
    Ok(sheet)
}

/// The separator that stands most often in the first line, commas first.
fn separator(text: &str) -> char {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |sign: char| line.matches(sign).count();
    [',', '\t', ';', '，'].into_iter().rev().max_by_key(|sign| count(*sign)).unwrap_or(',')
}

fn end_field(
    cells: &mut Vec<SheetCell>,
    field: &mut String,
    budget: &mut CellBudget<'_>,
    row: u32,
) -> Result<(), ExchangeError> {
    let text = std::mem::take(field);
    budget.count(row, cells.len(), text.len())?;
    // Our own mark against formulas is taken off again.
    let plain = text.strip_prefix('\'').filter(|rest| is_formula_like(rest)).map(str::to_owned);
    cells.push(SheetCell::text(plain.unwrap_or(text)));
    Ok(())
}

fn end_row(sheet: &mut Sheet, cells: &mut Vec<SheetCell>, row: u32) {
    let cells = std::mem::take(cells);
    if cells.iter().any(|cell| !cell.is_blank()) {
        sheet.rows.push(SheetRow { number: row + 1, cells });
    }
}

/// True for a text that starts a formula, also behind marks against it.
fn is_formula_like(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(FORMULA_STARTS)
}

/// Writes rows as comma-separated values in UTF-8 with a byte order mark (Excel needs it). Every
/// field is quoted; a field that a spreadsheet would take for a formula gets a leading apostrophe,
/// which [`read_workbook`](super::read_workbook) takes off again.
///
/// # Example
/// ```
/// let text = taizhang_exchange::write_csv([["问题", "=1+1"]]);
/// assert_eq!(text, "\u{feff}\"问题\",\"'=1+1\"\r\n");
/// ```
#[must_use]
pub fn write_csv<R, T>(rows: impl IntoIterator<Item = R>) -> String
where
    R: IntoIterator<Item = T>,
    T: AsRef<str>,
{
    let mut text = String::from('\u{feff}');
    for row in rows {
        for (index, field) in row.into_iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            let field = field.as_ref();
            text.push('"');
            if is_formula_like(field) {
                text.push('\'');
            }
            text.push_str(&field.replace('"', "\"\""));
            text.push('"');
        }
        text.push_str("\r\n");
    }
    text
}
