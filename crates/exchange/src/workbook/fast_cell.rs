//! The reading of one column. Cells of a register repeat a few words, dates and amounts a hundred
//! thousand times: what was understood once is remembered, plain numbers take a short way, and
//! [`parse`] remains the one meaning of all of them.

use super::cell::{CellFault, parse};
use super::{CellContent, ImportField, SheetCell};
use std::collections::HashMap;
use taizhang_codebook::FieldType;
use taizhang_values::{Date, Money, Value};

/// Different texts of one column that are remembered.
const REMEMBERED_MAX: usize = 8_192;

/// Longest text that is remembered, bytes.
const REMEMBERED_BYTES_MAX: usize = 120;

/// Amounts below this many yuan take the short way: their fen are exact in a double.
const SHORT_WAY_YUAN: f64 = 1e12;

type Read = Result<Value, Box<CellFault>>;

/// Reads the cells of one column.
pub(super) struct FieldReader<'a> {
    field: &'a ImportField,
    remembers: bool,
    is_free_text: bool,
    known: HashMap<String, Read, foldhash::fast::RandomState>,
}

impl<'a> FieldReader<'a> {
    pub(super) fn new(field: &'a ImportField) -> Self {
        let few_words = !matches!(
            field.kind,
            FieldType::Text | FieldType::LongText | FieldType::Texts | FieldType::Instant
        );
        let named = !field.choices.is_empty() || !field.names.is_empty();
        let remembers = !field.is_identity && (few_words || named);
        let is_free_text = matches!(field.kind, FieldType::Text | FieldType::LongText)
            && !named
            && !field.is_identity;
        Self { field, remembers, is_free_text, known: HashMap::default() }
    }

    pub(super) fn field(&self) -> &'a ImportField {
        self.field
    }

    /// The value of a cell, exactly as [`parse`] gives it.
    pub(super) fn read(&mut self, cell: &SheetCell, reference: Option<Date>) -> Read {
        match &cell.content {
            CellContent::Empty if !cell.is_formula => Ok(Value::Null),
            CellContent::Number(number) if !cell.is_formula && !cell.is_percent => {
                match short_way(self.field.kind, *number) {
                    Some(value) => Ok(value),
                    None => parse(cell, self.field, reference),
                }
            }
            // Only a text with an exponent may be a damaged number.
            CellContent::Text(text)
                if self.is_free_text && !cell.is_formula && !text.contains(['E', 'e']) =>
            {
                let text = text.trim();
                Ok(if text.is_empty() { Value::Null } else { Value::Text(text.to_owned()) })
            }
            CellContent::Text(text)
                if self.remembers && !cell.is_formula && text.len() <= REMEMBERED_BYTES_MAX =>
            {
                if let Some(known) = self.known.get(text) {
                    return known.clone();
                }
                let read = parse(cell, self.field, reference);
                if self.known.len() < REMEMBERED_MAX {
                    self.known.insert(text.clone(), read.clone());
                }
                read
            }
            _ => parse(cell, self.field, reference),
        }
    }
}

/// Whole numbers, and amounts that are the double nearest to a whole number of fen.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
fn short_way(kind: FieldType, number: f64) -> Option<Value> {
    if number.abs() >= SHORT_WAY_YUAN {
        return None;
    }
    match kind {
        FieldType::Integer if number.fract() == 0.0 => Some(Value::Integer(number as i64)),
        FieldType::Money => {
            let fen = (number * 100.0).round();
            let is_exact = (fen / 100.0).to_bits() == number.to_bits();
            is_exact.then(|| Value::Money(Money::from_fen(fen as i64)))
        }
        _ => None,
    }
}
