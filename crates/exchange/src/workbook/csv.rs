//! Comma-separated values in and out, quoted fields and line breaks in fields included.

use super::{CellBudget, Sheet, SheetCell, SheetRow};
use crate::text::{EncodedText, PartState, TextParts, encoded};
use crate::{ExchangeError, Limits};
use taizhang_diagnostics::Message;

/// Signs that spreadsheet programs take for the start of a formula, full-width forms included.
const FORMULA_STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A file of comma-, tab- or semicolon-separated fields, read row by row: of its text only some
/// kilobytes and one row are held.
pub(super) struct Book<'a> {
    text: EncodedText<'a>,
    separator: char,
    pub(super) notes: Vec<Message>,
}

impl<'a> Book<'a> {
    /// Name of its only sheet.
    pub(super) const SHEET: &'static str = "CSV";

    /// Finds out the encoding and looks at every byte once.
    ///
    /// # Errors
    /// As [`decode_text`](crate::decode_text).
    pub(super) fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, ExchangeError> {
        let text = encoded(bytes, limits).map_err(|error| error.tried("xlsx, xls, csv"))?;
        let mut notes = Vec::new();
        let name = text.name();
        if name != "UTF-8" {
            notes.push(Message::new(format!("按 {name} 编码读取"), format!("read as {name}")));
        }
        let mut start = String::new();
        text.parts().next_into(&mut start);
        Ok(Self { text, separator: separator(&start), notes })
    }

    /// Its rows from the first on.
    pub(super) fn rows(&self) -> Rows<'a> {
        Rows {
            characters: Characters::of(self.text),
            separator: self.separator,
            row: SheetRow::default(),
            next: 0,
        }
    }

    /// All rows at once.
    pub(super) fn read(&self, limits: &Limits) -> Result<Sheet, ExchangeError> {
        let mut sheet = Sheet { name: Self::SHEET.into(), ..Sheet::default() };
        let mut budget = CellBudget::new(limits);
        let mut rows = self.rows();
        while rows.advance(&mut budget)? {
            sheet.rows.push(std::mem::take(&mut rows.row));
        }
        Ok(sheet)
    }
}

/// The rows of a file as they go by.
pub(super) struct Rows<'a> {
    characters: Characters<'a>,
    separator: char,
    row: SheetRow,
    /// The row that is read next, from 0.
    next: u32,
}

impl Rows<'_> {
    /// The row that was read last.
    pub(super) const fn row(&self) -> &SheetRow {
        &self.row
    }

    /// Reads the next row that holds anything; false at the end.
    ///
    /// # Errors
    /// Limits; a quote that is never closed.
    pub(super) fn advance(&mut self, budget: &mut CellBudget<'_>) -> Result<bool, ExchangeError> {
        while self.read_row(budget)? {
            if self.row.cells.iter().any(|cell| !cell.is_blank()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn read_row(&mut self, budget: &mut CellBudget<'_>) -> Result<bool, ExchangeError> {
        let row = self.next;
        // What is too long is refused when it ends; until then no more of it is held.
        let most = budget.cell_bytes();
        let cells = &mut self.row.cells;
        cells.clear();
        self.row.number = row + 1;
        let mut field = String::new();
        let (mut is_quoted, mut was_quoted, mut has_any) = (false, false, false);
        while let Some(character) = self.characters.next() {
            has_any = true;
            match character {
                '"' if is_quoted && self.characters.peek() == Some('"') => {
                    self.characters.next();
                    field.push('"');
                }
                '"' if is_quoted => is_quoted = false,
                '"' if field.is_empty() && !was_quoted => (is_quoted, was_quoted) = (true, true),
                '\n' if !is_quoted => {
                    end_field(cells, &mut field, budget, row)?;
                    self.next += 1;
                    return Ok(true);
                }
                _ if character == self.separator && !is_quoted => {
                    end_field(cells, &mut field, budget, row)?;
                    was_quoted = false;
                }
                _ if field.len() <= most => field.push(character),
                _ => {}
            }
        }
        if is_quoted {
            let line = row + 1;
            return Err(ExchangeError::new(
                "X0709",
                format!("第 {line} 行的引号没有结束"),
                format!("a quote opened in row {line} is never closed"),
            )
            .at_row(line));
        }
        if !field.is_empty() || !cells.is_empty() {
            end_field(cells, &mut field, budget, row)?;
        }
        self.next += 1;
        Ok(has_any)
    }
}

/// The characters of a text, line ends as `\n`, with a look at the next one.
struct Characters<'a> {
    parts: TextParts<'a>,
    part: String,
    held: std::vec::IntoIter<char>,
    peeked: Option<Option<char>>,
    is_over: bool,
    was_return: bool,
}

impl<'a> Characters<'a> {
    fn of(text: EncodedText<'a>) -> Self {
        let (part, held) = (String::new(), Vec::new().into_iter());
        let parts = text.parts();
        Self { parts, part, held, peeked: None, is_over: false, was_return: false }
    }

    fn next(&mut self) -> Option<char> {
        match self.peeked.take() {
            Some(peeked) => peeked,
            None => self.read(),
        }
    }

    fn peek(&mut self) -> Option<char> {
        if self.peeked.is_none() {
            self.peeked = Some(self.read());
        }
        self.peeked.flatten()
    }

    fn read(&mut self) -> Option<char> {
        loop {
            let Some(character) = self.held.next() else {
                if self.is_over {
                    return None;
                }
                // Every byte was looked at when the file was opened.
                self.is_over = self.parts.next_into(&mut self.part) != PartState::More;
                self.held = self.part.chars().collect::<Vec<char>>().into_iter();
                continue;
            };
            let follows_return = std::mem::replace(&mut self.was_return, character == '\r');
            match character {
                '\r' => return Some('\n'),
                '\n' if follows_return => {}
                _ => return Some(character),
            }
        }
    }
}

/// The separator that stands most often in the first line, commas first.
fn separator(text: &str) -> char {
    let mut lines = text.split(['\n', '\r']);
    let line = lines.find(|line| !line.trim().is_empty()).unwrap_or_default();
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
