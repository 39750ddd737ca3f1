//! Functions without a loop of their own, row by row through their definition in `rules`.

use crate::bits::Bits;
use crate::column::{Booleans, Column, Decimals, Dictionary, Gaps, Integers, Texts};
use std::borrow::Cow;
use std::sync::Arc;
use taizhang_program::{Function, ValueType};
use taizhang_rules::{Cell, Undecided, apply};
use taizhang_values::{Date, Timestamp, WorkingCalendar, days_after};

/// What came out, row by row.
#[derive(Default)]
struct Outcome {
    truth: Vec<bool>,
    integers: Vec<i64>,
    decimals: Vec<f64>,
    texts: Dictionary,
    known: Vec<bool>,
    errors: Vec<bool>,
}

/// Applies a function to each row; `None` when an argument is of no value type.
#[must_use]
pub fn by_row(
    function: Function,
    arguments: &[Arc<Column>],
    types: &[ValueType],
    value: ValueType,
    calendar: &WorkingCalendar,
    length: usize,
) -> Option<Column> {
    if let Some(column) = by_entry_of_text(function, arguments, value, calendar, length) {
        return Some(column);
    }
    let mut outcome = Outcome::default();
    let mut cells: Vec<Cell<'_>> = Vec::with_capacity(arguments.len());
    for row in 0..length {
        cells.clear();
        let mut cause: Option<Undecided> = None;
        for (column, ty) in arguments.iter().zip(types) {
            match cell(column, *ty, row) {
                Ok(cell) => cells.push(cell),
                Err(error) => cause = cause.max(Some(error)),
            }
        }
        outcome.add(match cause {
            Some(cause) => Err(cause),
            None => apply(function, &cells, calendar),
        });
    }
    Some(outcome.column(value))
}

/// Functions of one text and constants: asked once an entry of the dictionary.
fn by_entry_of_text(
    function: Function,
    arguments: &[Arc<Column>],
    value: ValueType,
    calendar: &WorkingCalendar,
    length: usize,
) -> Option<Column> {
    let (first, rest) = arguments.split_first()?;
    let Column::Text(texts) = first.as_ref() else { return None };
    let keys = texts.keys.as_ref()?;
    let are_constant = rest.iter().all(|column| column.len() == 1 && length != 1);
    if !are_constant || texts.dictionary.len() > keys.len() || keys.len() != length {
        return None;
    }
    let mut constants = Vec::with_capacity(rest.len());
    for column in rest {
        let ty = if matches!(column.as_ref(), Column::Text(_)) {
            ValueType::Text
        } else {
            ValueType::Integer
        };
        constants.push(cell(column, ty, 0).ok()?);
    }
    let mut outcome = Outcome::default();
    for entry in 0..texts.dictionary.len() {
        let mut cells = vec![Cell::Text(Cow::Borrowed(texts.dictionary.text_at(entry)))];
        cells.extend(constants.iter().cloned());
        outcome.add(apply(function, &cells, calendar));
    }
    let rows = crate::column::Rows::picked(keys.clone());
    let column = super::gather(&outcome.column(value), &rows);
    Some(with_gaps(column, &texts.gaps, length))
}

/// The column without the values of unknown rows. They stand at some entry, too; what failed there
/// says nothing about them.
pub(super) fn with_gaps(column: Column, gaps: &Gaps, length: usize) -> Column {
    let join = |own: &Gaps| {
        let errors = own.errors.as_ref().filter(|_| gaps.known.is_some());
        let errors = errors.map(|errors| errors.and(&gaps.known_bits(length)));
        let errors = errors.or_else(|| own.errors.clone());
        Gaps { known: own.known.clone(), errors }.join(gaps, length)
    };
    match column {
        Column::Boolean(column) => {
            let gaps = join(&column.gaps);
            Column::Boolean(Booleans::new(column.truth, gaps))
        }
        Column::Integer(column) => {
            let gaps = join(&column.gaps);
            Column::Integer(Integers { gaps, ..column })
        }
        Column::Decimal(column) => {
            let gaps = join(&column.gaps);
            Column::Decimal(Decimals { gaps, ..column })
        }
        Column::Text(column) => {
            let gaps = join(&column.gaps);
            Column::Text(Texts { gaps, ..column })
        }
        other => other,
    }
}

impl Outcome {
    fn add(&mut self, value: Result<Cell<'_>, Undecided>) {
        let epoch = Date::constant(1970, 1, 1);
        self.known.push(value.is_ok());
        self.errors.push(matches!(value, Err(Undecided::Error(_))));
        let (mut truth, mut integer, mut decimal) = (false, 0, 0.0);
        let mut text: Option<Cow<'_, str>> = None;
        match value {
            Ok(Cell::Boolean(value)) => truth = value,
            Ok(Cell::Integer(value)) => integer = value,
            Ok(Cell::Decimal(value)) => decimal = value,
            Ok(Cell::Text(value)) => text = Some(value),
            Ok(Cell::Date(value)) => {
                integer = value.duration_since(epoch).as_secs().div_euclid(86_400);
            }
            Ok(Cell::Instant(value)) => integer = value.as_microsecond(),
            _ => {}
        }
        self.truth.push(truth);
        self.integers.push(integer);
        self.decimals.push(decimal);
        self.texts.push(text.as_deref().unwrap_or("").as_bytes());
    }

    fn column(self, value: ValueType) -> Column {
        let gaps = super::logic::settle(
            Bits::collect(self.known.into_iter()),
            Some(Bits::collect(self.errors.into_iter())),
        );
        match value {
            ValueType::Boolean => {
                Column::Boolean(Booleans { truth: Bits::collect(self.truth.into_iter()), gaps })
            }
            ValueType::Decimal => Column::Decimal(Decimals { values: self.decimals, gaps }),
            ValueType::Text => {
                Column::Text(Texts { keys: None, dictionary: Arc::new(self.texts), gaps })
            }
            _ => Column::Integer(Integers { values: self.integers, gaps }),
        }
    }
}

/// The value of a row as the interpreter sees it.
pub(crate) fn cell(column: &Column, ty: ValueType, row: usize) -> Result<Cell<'_>, Undecided> {
    let gaps = super::gaps(column);
    if !gaps.is_known(row) {
        let error = Undecided::Error(taizhang_rules::ErrorKind::WrongType);
        return Err(if gaps.is_error(row) { error } else { Undecided::Missing });
    }
    let at = |length: usize| if length == 1 { 0 } else { row };
    Ok(match column {
        Column::Boolean(column) => Cell::Boolean(column.truth.get(at(column.truth.len()))),
        Column::Integer(column) => {
            let value = column.values.get(at(column.values.len())).copied().unwrap_or(0);
            match ty {
                ValueType::Date => Cell::Date(days_after(Date::constant(1970, 1, 1), value)),
                ValueType::Instant => {
                    Cell::Instant(Timestamp::from_microsecond(value).unwrap_or_default())
                }
                _ => Cell::Integer(value),
            }
        }
        Column::Decimal(column) => {
            Cell::Decimal(column.values.get(at(column.values.len())).copied().unwrap_or(0.0))
        }
        Column::Text(column) => Cell::Text(Cow::Borrowed(column.get(row).unwrap_or(""))),
        Column::List(column) => {
            let (start, end) = column.spans.get(at(column.spans.len())).copied().unwrap_or((0, 0));
            let item = |place: u32| {
                column.items.dictionary.text_at(column.items.entry(place as usize)).to_owned()
            };
            Cell::List(Cow::Owned((start..end).map(item).collect()))
        }
        _ => return Err(Undecided::Missing),
    })
}
