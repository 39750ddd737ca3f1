//! Rows of one sheet, one after the other, in memory that does not grow with the sheet.

use super::scan::{Scanner, Token, each_attribute, push_text};
use super::xlsx::{Context, NumberKind, cell_place, merged_area, unescape_controls};
use super::{CellBudget, CellContent, MergedArea, SheetCell, SheetRow};
use crate::ExchangeError;
use std::collections::HashSet;
use std::io::Read;
use std::ops::Range;

/// Days between the epochs of the 1904 and the 1900 date systems.
const EPOCH_1904_DAYS: f64 = 1462.0;

/// Merged areas kept of one sheet.
const MERGED_MAX: usize = 100_000;

/// Content of a cell; texts lie in the row's own buffer or among the shared strings.
#[derive(Clone, Debug, PartialEq)]
enum Content {
    Empty,
    Text(Range<usize>),
    Shared(usize),
    Number(f64),
    Serial(f64),
    Boolean(bool),
    Error(Range<usize>),
}

/// One cell of the row at hand.
#[derive(Clone, Debug)]
struct RowCell {
    column: usize,
    content: Content,
    is_formula: bool,
    is_percent: bool,
}

/// The row at hand; its memory is used again for the next.
#[derive(Debug, Default)]
struct RowBuffer {
    number: u32,
    cells: Vec<RowCell>,
    text: String,
}

/// What is known of a cell before its end.
#[derive(Default)]
struct OpenCell {
    column: usize,
    style: usize,
    kind: Kind,
    value: Range<usize>,
    is_formula: bool,
    has_formula_text: bool,
    /// Index of the shared formula that this cell takes part in.
    shared: Option<String>,
}

/// The `t` attribute of a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Number,
    Shared,
    Text,
    Boolean,
    Error,
    Date,
}

impl Kind {
    fn of(value: &[u8]) -> Self {
        match value {
            b"s" => Self::Shared,
            b"str" | b"inlineStr" => Self::Text,
            b"b" => Self::Boolean,
            b"e" => Self::Error,
            b"d" => Self::Date,
            _ => Self::Number,
        }
    }
}

/// Where text goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    Value,
    Formula,
}

/// The rows of one sheet.
pub(super) struct SheetRows<'a, R> {
    scanner: Scanner<'a, R>,
    context: &'a Context,
    row: RowBuffer,
    next_row: u32,
    next_column: usize,
    formula: String,
    takes: Takes,
    is_phonetic: bool,
    /// Shared formulas that only count rows.
    counting: HashSet<String>,
    merged: Vec<MergedArea>,
}

impl<'a, R: Read> SheetRows<'a, R> {
    pub(super) fn new(scanner: Scanner<'a, R>, context: &'a Context) -> Self {
        Self {
            scanner,
            context,
            row: RowBuffer::default(),
            next_row: 1,
            next_column: 0,
            formula: String::new(),
            takes: Takes::Nothing,
            is_phonetic: false,
            counting: HashSet::new(),
            merged: Vec::new(),
        }
    }

    /// Merged areas; complete once the rows are at their end.
    pub(super) fn into_merged(self) -> Vec<MergedArea> {
        self.merged
    }

    /// Goes to the next row that holds anything; false at the end of the sheet.
    ///
    /// # Errors
    /// Limits and damage.
    pub(super) fn advance(&mut self, budget: &mut CellBudget<'_>) -> Result<bool, ExchangeError> {
        self.row.cells.clear();
        self.row.text.clear();
        let mut cell = OpenCell::default();
        loop {
            if self.plain_cells(budget)? {
                cell = OpenCell::default();
            }
            match self.scanner.next()? {
                Token::Open { name, attributes, is_empty } => {
                    self.open(&name, attributes, &mut cell)?;
                    if is_empty && self.close(&name, &mut cell, budget)? {
                        return Ok(true);
                    }
                }
                Token::Close { name } => {
                    if self.close(&name, &mut cell, budget)? {
                        return Ok(true);
                    }
                }
                Token::Text(range) => self.text(range, &mut cell, true)?,
                Token::Raw(range) => self.text(range, &mut cell, false)?,
                Token::End => return Ok(false),
            }
        }
    }

    /// Takes the cells that come next as far as they are plain, as their tokens would have it.
    /// True if there was one.
    fn plain_cells(&mut self, budget: &mut CellBudget<'_>) -> Result<bool, ExchangeError> {
        if self.takes != Takes::Nothing || self.is_phonetic {
            return Ok(false);
        }
        let mut is_any = false;
        while let Some(plain) = self.scanner.plain_cell() {
            is_any = true;
            let own = cell_place(plain.place);
            let column = own.map_or(self.next_column, |(_, column)| {
                usize::try_from(column).unwrap_or(usize::MAX)
            });
            self.next_column = column.saturating_add(1);
            let (kind, style) = (Kind::of(plain.kind), whole(plain.style).unwrap_or(0));
            let length = plain.length;
            let start = self.row.text.len();
            let short = match kind {
                Kind::Shared => self.shared(plain.value),
                Kind::Number => short_number(plain.value).map(|days| self.number(days, style)),
                _ => None,
            };
            if short.is_none() {
                push_text(plain.value, &mut self.row.text)?;
            }
            self.scanner.pass(length);
            let value = start..self.row.text.len();
            let cell = OpenCell { column, style, kind, value, ..OpenCell::default() };
            match short {
                Some(content) => self.keep(&cell, content, budget)?,
                None => self.finish(cell, budget)?,
            }
        }
        Ok(is_any)
    }

    fn text(
        &mut self,
        range: Range<usize>,
        cell: &mut OpenCell,
        resolves: bool,
    ) -> Result<(), ExchangeError> {
        let target = match self.takes {
            Takes::Nothing => return Ok(()),
            Takes::Value => &mut self.row.text,
            Takes::Formula => &mut self.formula,
        };
        let bytes = self.scanner.bytes(range);
        if resolves {
            push_text(bytes, target)?;
        } else {
            target.push_str(&String::from_utf8_lossy(bytes));
        }
        if self.takes == Takes::Value {
            cell.value.end = self.row.text.len();
        } else {
            cell.has_formula_text = true;
        }
        Ok(())
    }

    fn open(
        &mut self,
        name: &Range<usize>,
        attributes: Range<usize>,
        cell: &mut OpenCell,
    ) -> Result<(), ExchangeError> {
        let limits = self.context.limits();
        match self.scanner.bytes(name.clone()) {
            b"c" => {
                let mut fresh = OpenCell { column: self.next_column, ..OpenCell::default() };
                let bytes = self.scanner.bytes(attributes);
                each_attribute(bytes, limits, |key, value| match key {
                    b"r" => {
                        if let Some((_, column)) = cell_place(value) {
                            fresh.column = usize::try_from(column).unwrap_or(usize::MAX);
                        }
                    }
                    b"s" => fresh.style = whole(value).unwrap_or(0),
                    b"t" => fresh.kind = Kind::of(value),
                    _ => {}
                })?;
                let end = self.row.text.len();
                fresh.value = end..end;
                self.next_column = fresh.column.saturating_add(1);
                *cell = fresh;
            }
            b"v" => self.takes = Takes::Value,
            b"t" if !self.is_phonetic => self.takes = Takes::Value,
            b"rPh" => self.is_phonetic = true,
            b"f" => {
                cell.is_formula = true;
                self.takes = Takes::Formula;
                self.formula.clear();
                let bytes = self.scanner.bytes(attributes);
                each_attribute(bytes, limits, |key, value| {
                    if key == b"si" {
                        cell.shared = Some(String::from_utf8_lossy(value).into_owned());
                    }
                })?;
            }
            b"row" => {
                let mut own = None;
                let bytes = self.scanner.bytes(attributes);
                each_attribute(bytes, limits, |key, value| {
                    if key == b"r" {
                        own = whole(value).and_then(|row| u32::try_from(row).ok());
                    }
                })?;
                // A number that was used up counts as none: each row has a place of its own in
                // messages and in the workbook that goes back.
                self.row.number = own.unwrap_or(self.next_row).max(self.next_row);
                self.next_row = self.row.number.saturating_add(1);
                self.next_column = 0;
            }
            b"mergeCell" if self.merged.len() < MERGED_MAX => {
                let bytes = self.scanner.bytes(attributes);
                let merged = &mut self.merged;
                each_attribute(bytes, limits, |key, value| {
                    if key == b"ref" {
                        merged.extend(merged_area(value));
                    }
                })?;
            }
            _ => {}
        }
        Ok(())
    }

    /// True when the tag ended a row that holds anything.
    fn close(
        &mut self,
        name: &Range<usize>,
        cell: &mut OpenCell,
        budget: &mut CellBudget<'_>,
    ) -> Result<bool, ExchangeError> {
        match self.scanner.bytes(name.clone()) {
            b"c" => {
                let cell = std::mem::take(cell);
                self.finish(cell, budget)?;
                Ok(false)
            }
            b"v" | b"t" | b"f" => {
                self.takes = Takes::Nothing;
                Ok(false)
            }
            b"rPh" => {
                self.is_phonetic = false;
                Ok(false)
            }
            b"row" => Ok(!self.row.cells.is_empty()),
            _ => Ok(false),
        }
    }

    fn finish(
        &mut self,
        mut cell: OpenCell,
        budget: &mut CellBudget<'_>,
    ) -> Result<(), ExchangeError> {
        self.settle_formula(&mut cell);
        let value = self.row.text.get(cell.value.clone()).unwrap_or_default();
        let content = match cell.kind {
            Kind::Shared => self.shared(value.trim().as_bytes()).unwrap_or(Content::Empty),
            Kind::Text | Kind::Date if value.is_empty() => Content::Empty,
            Kind::Text if has_escape(value) => {
                let plain = unescape_controls(value.to_owned());
                self.row.text.truncate(cell.value.start);
                self.row.text.push_str(&plain);
                Content::Text(cell.value.start..self.row.text.len())
            }
            Kind::Text | Kind::Date => Content::Text(cell.value.clone()),
            Kind::Boolean => Content::Boolean(value.trim() == "1"),
            Kind::Error => Content::Error(cell.value.clone()),
            Kind::Number => match value.trim().parse::<f64>() {
                Ok(days) => self.number(days, cell.style),
                Err(_) => Content::Empty,
            },
        };
        self.keep(&cell, content, budget)
    }

    /// A shared string that is there and not empty.
    fn shared(&self, value: &[u8]) -> Option<Content> {
        let index = whole(value)?;
        (!self.context.shared(index).is_empty()).then_some(Content::Shared(index))
    }

    /// What a number is in a cell of a style.
    fn number(&self, number: f64, style: usize) -> Content {
        match self.context.kind(style) {
            NumberKind::Date => {
                let shift = if self.context.is_1904() { EPOCH_1904_DAYS } else { 0.0 };
                Content::Serial(number + shift)
            }
            _ if number.is_finite() => Content::Number(number),
            _ => Content::Empty,
        }
    }

    /// Adds a cell to the row, if it holds anything.
    fn keep(
        &mut self,
        cell: &OpenCell,
        content: Content,
        budget: &mut CellBudget<'_>,
    ) -> Result<(), ExchangeError> {
        if content == Content::Empty && !cell.is_formula {
            return Ok(());
        }
        let bytes = match &content {
            Content::Text(range) => range.len(),
            Content::Shared(index) => self.context.shared(*index).len(),
            _ => 0,
        };
        budget.count(self.row.number.saturating_sub(1), cell.column, bytes)?;
        self.row.cells.push(RowCell {
            column: cell.column,
            content,
            is_formula: cell.is_formula,
            is_percent: self.context.kind(cell.style) == NumberKind::Percent,
        });
        Ok(())
    }

    /// Row numbers such as `=ROW()-3` cannot be stale: their stored result is taken as typed.
    fn settle_formula(&mut self, cell: &mut OpenCell) {
        if !cell.is_formula {
            return;
        }
        let formula = if cell.has_formula_text { self.formula.as_str() } else { "" };
        let known = cell.shared.as_ref().is_some_and(|index| self.counting.contains(index));
        let counts =
            formula.contains("ROW()") && formula.chars().all(|c| "ROW()+- 0123456789".contains(c));
        if counts && let Some(index) = &cell.shared {
            self.counting.insert(index.clone());
        }
        let taken = counts || (known && formula.is_empty());
        cell.is_formula = !taken || cell.value.is_empty();
    }

    /// The row at hand.
    pub(super) fn row(&self) -> RowView<'_> {
        RowView { row: &self.row, context: self.context }
    }
}

/// True for a text with `_x` in it.
fn has_escape(text: &str) -> bool {
    memchr::memchr(b'_', text.as_bytes()).is_some() && text.contains("_x")
}

/// The number that a value is as it stands, as parsing it would give; whole ones are not parsed.
fn short_number(value: &[u8]) -> Option<f64> {
    match whole(value).and_then(|number| u32::try_from(number).ok()) {
        Some(number) => Some(f64::from(number)),
        None => std::str::from_utf8(value).ok()?.parse().ok(),
    }
}

/// A whole number of plain digits.
fn whole(digits: &[u8]) -> Option<usize> {
    if digits.is_empty() || digits.len() > 12 {
        return None;
    }
    digits.iter().try_fold(0_usize, |sum, digit| {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 10)?;
        Some(sum * 10 + usize::from(digit))
    })
}

/// The row at hand, until the next one is read.
#[derive(Clone, Copy)]
pub(super) struct RowView<'r> {
    row: &'r RowBuffer,
    context: &'r Context,
}

impl RowView<'_> {
    /// The row on its own.
    pub(super) fn to_row(self) -> SheetRow {
        let mut row = SheetRow::default();
        self.fill(&mut row);
        row
    }

    /// Writes the row over another one, whose memory is used again.
    pub(super) fn fill(self, target: &mut SheetRow) {
        target.number = self.row.number;
        let width = self.row.cells.iter().map(|cell| cell.column + 1).max().unwrap_or(0);
        target.cells.truncate(width);
        target.cells.resize_with(width, SheetCell::default);
        let mut cells = target.cells.iter_mut().enumerate();
        let mut sorted = true;
        let mut before = None;
        for cell in &self.row.cells {
            sorted &= before.is_none_or(|before| before < cell.column);
            before = Some(cell.column);
        }
        if !sorted {
            target.cells.fill_with(SheetCell::default);
            for cell in &self.row.cells {
                if let Some(slot) = target.cells.get_mut(cell.column) {
                    self.write(cell, slot);
                }
            }
            return;
        }
        for cell in &self.row.cells {
            for (column, slot) in cells.by_ref() {
                if column == cell.column {
                    self.write(cell, slot);
                    break;
                }
                clear(slot);
            }
        }
    }

    fn write(self, cell: &RowCell, slot: &mut SheetCell) {
        slot.is_formula = cell.is_formula;
        slot.is_percent = cell.is_percent;
        let text = match &cell.content {
            Content::Empty => {
                slot.content = CellContent::Empty;
                return;
            }
            Content::Number(number) => {
                slot.content = CellContent::Number(*number);
                return;
            }
            Content::Serial(days) => {
                slot.content = CellContent::Serial(*days);
                return;
            }
            Content::Boolean(truth) => {
                slot.content = CellContent::Boolean(*truth);
                return;
            }
            Content::Error(range) => {
                let text = self.row.text.get(range.clone()).unwrap_or_default();
                slot.content = CellContent::Error(text.to_owned());
                return;
            }
            Content::Text(range) => self.row.text.get(range.clone()).unwrap_or_default(),
            Content::Shared(index) => self.context.shared(*index),
        };
        if let CellContent::Text(old) = &mut slot.content {
            old.clear();
            old.push_str(text);
        } else {
            slot.content = CellContent::Text(text.to_owned());
        }
    }
}

/// Empties a cell.
fn clear(slot: &mut SheetCell) {
    slot.content = CellContent::Empty;
    slot.is_formula = false;
    slot.is_percent = false;
}
