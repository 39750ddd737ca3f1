//! Values of the codebook's fields to and from cells of their columns.

use crate::driver::{Cell, ColumnType, Row, date_digits, to_microsecond};
use crate::error::StoreError;
use crate::keys::{KeyRing, SealPlace};
use crate::record::{Record, Values};
use crate::schema::{FieldColumn, Table};
use taizhang_codebook::{FieldType, SensitiveClass};
use taizhang_values::{
    Decimal, Money, RecordId, RegionCode, Timestamp, Value, ValueKind, mask_identity, mask_name,
    mask_phone,
};

/// A record as its row holds it: sealed fields closed, lists as JSON text.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) id: RecordId,
    pub(crate) version: i64,
    pub(crate) region: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) flow_edition: Option<i64>,
    pub(crate) created_at: Timestamp,
    pub(crate) created_by: Option<String>,
    pub(crate) updated_at: Timestamp,
    pub(crate) updated_by: Option<String>,
    /// One a field, in the order of [`Table::fields`].
    pub(crate) cells: Vec<Cell>,
}

impl Stored {
    /// Reads a row of [`Table::select`].
    pub(crate) fn read(table: &Table, row: &mut Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: record_id(&row.text()?)?,
            version: row.integer()?,
            region: row.optional_text()?,
            state: row.optional_text()?,
            flow_edition: row.optional_integer()?,
            created_at: row.instant()?,
            created_by: row.optional_text()?,
            updated_at: row.instant()?,
            updated_by: row.optional_text()?,
            cells: read_cells(table, row)?,
        })
    }

    /// The record for callers, sealed fields masked.
    pub(crate) fn into_record(self, table: &Table, keys: &KeyRing) -> Result<Record, StoreError> {
        self.into_record_by(table, |field, id, cell| masked(table, field, id, cell, keys))
    }

    /// The record with its sealed fields in clear.
    pub(crate) fn into_clear_record(
        self,
        table: &Table,
        keys: &KeyRing,
    ) -> Result<Record, StoreError> {
        self.into_record_by(table, |field, id, cell| match field.sensitive {
            Some(_) => unseal(table, field, id, cell, keys),
            None => decode(field, cell),
        })
    }

    fn into_record_by(
        self,
        table: &Table,
        read: impl Fn(&FieldColumn, &RecordId, &Cell) -> Result<Value, StoreError>,
    ) -> Result<Record, StoreError> {
        let mut values = Values::new();
        for (field, cell) in table.fields.iter().zip(&self.cells) {
            let value = read(field, &self.id, cell)?;
            if value != Value::Null {
                values.insert(field.name.clone(), value);
            }
        }
        Ok(Record {
            ledger: table.ledger.clone(),
            id: self.id,
            version: self.version,
            region: self.region.map(|code| region_code(&code)).transpose()?,
            state: self.state,
            flow_edition: self.flow_edition,
            created_at: self.created_at,
            created_by: self.created_by.map(|id| record_id(&id)).transpose()?,
            updated_at: self.updated_at,
            updated_by: self.updated_by.map(|id| record_id(&id)).transpose()?,
            values,
        })
    }
}

/// The cells of all fields, from the right place of a row.
pub(crate) fn read_cells(table: &Table, row: &mut Row) -> Result<Vec<Cell>, StoreError> {
    table.fields.iter().map(|field| row.next_as(field.column_type)).collect()
}

pub(crate) fn record_id(text: &str) -> Result<RecordId, StoreError> {
    RecordId::parse(text).ok_or_else(|| StoreError::Damaged("a stored id is not one".to_owned()))
}

pub(crate) fn region_code(text: &str) -> Result<RegionCode, StoreError> {
    RegionCode::parse(text)
        .ok_or_else(|| StoreError::Damaged("a stored region code is not one".to_owned()))
}

/// The value of a cell that is not sealed.
pub(crate) fn decode(field: &FieldColumn, cell: &Cell) -> Result<Value, StoreError> {
    let wrong = || StoreError::Damaged(format!("field `{}` cannot be read", field.name));
    Ok(match (field.field_type.value_kind(), cell) {
        (_, Cell::Null) => Value::Null,
        (ValueKind::Text, Cell::Text(text)) => Value::Text(text.clone()),
        (ValueKind::Integer, Cell::Integer(number)) => Value::Integer(*number),
        (ValueKind::Decimal, Cell::Integer(units)) => Value::Decimal(Decimal::from_units(*units)),
        (ValueKind::Money, Cell::Integer(fen)) => Value::Money(Money::from_fen(*fen)),
        (ValueKind::Boolean, Cell::Boolean(truth)) => Value::Boolean(*truth),
        (ValueKind::Date, Cell::Date(date)) => Value::Date(*date),
        (ValueKind::Instant, Cell::Instant(instant)) => Value::Instant(*instant),
        (ValueKind::Reference, Cell::Text(text)) => Value::Reference(record_id(text)?),
        (ValueKind::List, Cell::Text(text)) => {
            Value::List(serde_json::from_str(text).map_err(|_| wrong())?)
        }
        _ => return Err(wrong()),
    })
}

/// The cell of a value that is not sealed. Blank is missing; NUL characters, which PostgreSQL
/// cannot hold, are dropped on both databases.
pub(crate) fn encode(
    table: &Table,
    field: &FieldColumn,
    value: &Value,
) -> Result<Cell, StoreError> {
    if value.is_empty() {
        return Ok(Cell::Null);
    }
    let wrong = || StoreError::WrongType {
        ledger: table.ledger.clone(),
        field: field.name.clone(),
        expected: expected(field.field_type.value_kind()),
    };
    Ok(match (field.field_type.value_kind(), value) {
        (ValueKind::Text, Value::Text(text)) => Cell::Text(without_nul(text)),
        (ValueKind::Integer, Value::Integer(number)) => Cell::Integer(*number),
        (ValueKind::Decimal, Value::Decimal(number)) => Cell::Integer(number.units()),
        (ValueKind::Money, Value::Money(money)) => Cell::Integer(money.fen()),
        (ValueKind::Boolean, Value::Boolean(truth)) => Cell::Boolean(*truth),
        (ValueKind::Date, Value::Date(date)) if field.field_type == FieldType::Month => {
            Cell::Date(date.first_of_month())
        }
        (ValueKind::Date, Value::Date(date)) => Cell::Date(*date),
        (ValueKind::Instant, Value::Instant(instant)) => Cell::Instant(to_microsecond(*instant)),
        (ValueKind::Reference, Value::Reference(id)) => Cell::text(id.as_str()),
        (ValueKind::Reference, Value::Text(text)) => {
            Cell::text(RecordId::parse(text).ok_or_else(wrong)?.as_str())
        }
        (ValueKind::List, Value::List(items)) => {
            let items: Vec<String> = items.iter().map(|item| without_nul(item)).collect();
            Cell::Text(serde_json::to_string(&items).map_err(|_| wrong())?)
        }
        _ => return Err(wrong()),
    })
}

/// [`encode`] of a value that is not needed any more: a text becomes the cell as it is.
pub(crate) fn encode_own(
    table: &Table,
    field: &FieldColumn,
    value: Value,
) -> Result<Cell, StoreError> {
    match value {
        Value::Text(text)
            if field.field_type.value_kind() == ValueKind::Text
                && !text.contains('\0')
                && !text.trim().is_empty() =>
        {
            Ok(Cell::Text(text))
        }
        other => encode(table, field, &other),
    }
}

pub(crate) fn without_nul(text: &str) -> String {
    if text.contains('\0') { text.replace('\0', "") } else { text.to_owned() }
}

/// What a field holds, in words for messages.
const fn expected(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Text => "text",
        ValueKind::Integer => "a whole number",
        ValueKind::Money => "an amount",
        ValueKind::Decimal => "a number",
        ValueKind::Boolean => "yes or no",
        ValueKind::Date => "a date",
        ValueKind::Instant => "a moment",
        ValueKind::Reference => "a record id",
        ValueKind::List => "a list of texts",
    }
}

/// The text that is sealed for a value. Text stands for itself; the rest is JSON.
fn clear_text(field: &FieldColumn, value: &Value) -> Result<String, StoreError> {
    match value {
        Value::Text(text) => Ok(without_nul(text)),
        other => serde_json::to_string(other)
            .map_err(|_| StoreError::Damaged(format!("field `{}` cannot be sealed", field.name))),
    }
}

/// The cell of a sealed field, and of its hash column.
pub(crate) fn seal(
    table: &Table,
    field: &FieldColumn,
    id: &RecordId,
    value: &Value,
    keys: &KeyRing,
) -> Result<(Cell, Cell), StoreError> {
    // The plain form is made only to refuse a value of the wrong type.
    if encode(table, field, value)? == Cell::Null {
        return Ok((Cell::Null, Cell::Null));
    }
    let clear = clear_text(field, value)?;
    let hash = match field.hash_column {
        Some(_) => Cell::Text(keys.blind_index(&table.ledger, &field.name, &clear)),
        None => Cell::Null,
    };
    Ok((Cell::Text(keys.seal(&place(table, field, id), &clear)?), hash))
}

fn place<'a>(table: &'a Table, field: &'a FieldColumn, id: &'a RecordId) -> SealPlace<'a> {
    SealPlace { ledger: table.ledger.as_str(), id: id.as_str(), field: field.name.as_str() }
}

/// The clear value of a sealed cell.
pub(crate) fn unseal(
    table: &Table,
    field: &FieldColumn,
    id: &RecordId,
    cell: &Cell,
    keys: &KeyRing,
) -> Result<Value, StoreError> {
    let Cell::Text(envelope) = cell else {
        return Ok(Value::Null);
    };
    let clear = keys.unseal(&place(table, field, id), envelope)?;
    match field.field_type.value_kind() {
        ValueKind::Text => Ok(Value::Text(clear)),
        _ => serde_json::from_str(&clear)
            .map_err(|_| StoreError::Damaged(format!("field `{}` cannot be read", field.name))),
    }
}

/// The value that callers see: sealed fields as their mask.
pub(crate) fn masked(
    table: &Table,
    field: &FieldColumn,
    id: &RecordId,
    cell: &Cell,
    keys: &KeyRing,
) -> Result<Value, StoreError> {
    let Some(class) = field.sensitive else {
        return decode(field, cell);
    };
    if *cell == Cell::Null {
        return Ok(Value::Null);
    }
    let clear = unseal(table, field, id, cell, keys)?;
    Ok(Value::Text(mask(class, &clear.to_string())))
}

/// The mask of a clear text by the class of its field.
pub(crate) fn mask(class: SensitiveClass, clear: &str) -> String {
    match class {
        SensitiveClass::Phone => mask_phone(clear),
        SensitiveClass::Identity => mask_identity(clear),
        SensitiveClass::Name | SensitiveClass::Reporter => mask_name(clear),
        SensitiveClass::Bank | SensitiveClass::Health | SensitiveClass::Income => "****".to_owned(),
    }
}

/// The cell of a built-in column in a filter or a paging mark.
pub(crate) fn encode_built_in(
    name: &str,
    column_type: ColumnType,
    value: &Value,
) -> Result<Cell, StoreError> {
    Ok(match (column_type, value) {
        (_, Value::Null) => Cell::Null,
        (ColumnType::Text, Value::Text(text)) => Cell::Text(without_nul(text)),
        (ColumnType::Text, Value::Reference(id)) => Cell::text(id.as_str()),
        (ColumnType::Integer, Value::Integer(number)) => Cell::Integer(*number),
        (ColumnType::Instant, Value::Instant(instant)) => Cell::Instant(to_microsecond(*instant)),
        _ => return Err(StoreError::BadQuery(format!("wrong type of value for `{name}`"))),
    })
}

/// The value of a built-in column, for paging marks and groups.
pub(crate) fn decode_built_in(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Integer(number) => Value::Integer(*number),
        Cell::Boolean(truth) => Value::Boolean(*truth),
        Cell::Text(text) => Value::Text(text.clone()),
        Cell::Date(date) => Value::Date(*date),
        Cell::Instant(instant) => Value::Instant(*instant),
    }
}

/// A text that two equal cells share and two different ones do not, for commitments.
pub(crate) fn canonical(cell: &Cell) -> String {
    match cell {
        Cell::Null => "n".to_owned(),
        Cell::Integer(number) => format!("i{number}"),
        Cell::Boolean(truth) => format!("b{truth}"),
        Cell::Text(text) => format!("t{text}"),
        Cell::Date(date) => format!("d{date}"),
        Cell::Instant(instant) => format!("m{}", instant.as_microsecond()),
    }
}

/// Adds [`canonical`] to bytes.
pub(crate) fn push_canonical(bytes: &mut Vec<u8>, cell: &Cell) {
    match cell {
        Cell::Text(text) => {
            bytes.push(b't');
            bytes.extend_from_slice(text.as_bytes());
        }
        Cell::Integer(number) => {
            bytes.push(b'i');
            push_integer(bytes, *number);
        }
        Cell::Date(date) => match date_digits(*date) {
            Some(digits) => {
                bytes.push(b'd');
                bytes.extend_from_slice(&digits);
            }
            None => bytes.extend_from_slice(canonical(cell).as_bytes()),
        },
        Cell::Boolean(true) => bytes.extend_from_slice(b"btrue"),
        Cell::Boolean(false) => bytes.extend_from_slice(b"bfalse"),
        other => bytes.extend_from_slice(canonical(other).as_bytes()),
    }
}

/// Adds a number in decimal digits.
fn push_integer(bytes: &mut Vec<u8>, number: i64) {
    /// Digits of the largest number of 64 bits.
    const DIGITS: usize = 20;
    let mut digits = [0; DIGITS];
    let mut left = number.unsigned_abs();
    let mut used = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(left % 10).unwrap_or(0);
        left /= 10;
        used += 1;
        if left == 0 {
            break;
        }
    }
    if number < 0 {
        bytes.push(b'-');
    }
    bytes.extend(digits.iter().skip(DIGITS - used));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_bytes_are_the_canonical_text() {
        let numbers = [0, 1, -1, 9, 10, 210_670, i64::MAX, i64::MIN];
        let mut cells: Vec<Cell> = numbers.into_iter().map(Cell::Integer).collect();
        cells.extend(["", "户主", "a\u{0}b"].map(Cell::text));
        cells.extend([Cell::Null, Cell::Boolean(true), Cell::Boolean(false)]);
        cells.push(Cell::Instant(Timestamp::from_microsecond(-5).unwrap()));
        let dates = [(-1, 1, 2), (0, 1, 1), (987, 6, 5), (2026, 11, 22), (9999, 12, 31)];
        let date = |(year, month, day)| Cell::Date(jiff::civil::date(year, month, day));
        cells.extend(dates.map(date));
        for cell in cells {
            let mut bytes = Vec::new();
            push_canonical(&mut bytes, &cell);
            assert_eq!(String::from_utf8(bytes).unwrap(), canonical(&cell), "{cell:?}");
        }
    }
}
