//! Columns of a ledger while they fill: one builder a field, facts in place of sensitive values.

use crate::number::Number;
use crate::record::{Cell, Record};
use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, ListBuilder, StringBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use std::sync::Arc;
use taizhang_codebook::{FieldType, Ledger, SensitiveClass};
use taizhang_values::spread_bits;

/// Values of one column.
enum Values {
    Flag(BooleanBuilder),
    Whole(Int64Builder),
    Decimal(Float64Builder),
    Day(Date32Builder),
    Text(StringBuilder),
    List(ListBuilder<StringBuilder>),
    Facts(Box<Facts>),
    Keyed { key: Int64Builder, filled: BooleanBuilder, valid: Option<BooleanBuilder> },
}

/// Facts of identity numbers, which stand in a snapshot in place of the numbers.
#[derive(Default)]
struct Facts {
    key: Int64Builder,
    valid: BooleanBuilder,
    length: Int64Builder,
    birth: Date32Builder,
    sex: StringBuilder,
    region: StringBuilder,
    class: Int64Builder,
    level: Int64Builder,
    placeholder: BooleanBuilder,
    holder: BooleanBuilder,
}

/// One field and its builder.
struct Column {
    name: String,
    values: Values,
    rows: usize,
}

/// The columns of one ledger.
pub(crate) struct Columns {
    schema: SchemaRef,
    ids: Int64Builder,
    regions: StringBuilder,
    columns: Vec<Column>,
    rows: usize,
    region: (u64, String),
}

/// A record that does not fit its ledger.
#[derive(Debug, thiserror::Error)]
pub enum Misfit {
    /// The ledger has no such field.
    #[error("ledger `{0}` has no field `{1}`")]
    UnknownField(String, String),
    /// The field cannot hold such a value.
    #[error("field `{1}` of ledger `{0}` cannot hold such a value")]
    WrongKind(String, String),
}

impl Columns {
    /// Empty columns for a ledger; `with_numbers` keeps identity numbers as they are.
    pub(crate) fn new(ledger: &Ledger, with_numbers: bool) -> Self {
        let columns: Vec<Column> = ledger
            .fields
            .iter()
            .map(|field| Column {
                name: field.name.clone(),
                values: Values::new(field.field_type, field.sensitive, with_numbers),
                rows: 0,
            })
            .collect();
        let mut fields = vec![
            Field::new("id", DataType::Int64, false),
            Field::new("region", DataType::Utf8, true),
        ];
        columns.iter().for_each(|column| column.values.schema(&column.name, &mut fields));
        Self {
            schema: Arc::new(Schema::new(fields)),
            ids: Int64Builder::new(),
            regions: StringBuilder::new(),
            columns,
            rows: 0,
            region: (0, String::new()),
        }
    }

    pub(crate) fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    pub(crate) const fn rows(&self) -> usize {
        self.rows
    }

    /// Adds a record at the end.
    pub(crate) fn push(&mut self, record: &Record) -> Result<(), Misfit> {
        self.ids.append_value(record.id);
        if self.region.0 != record.region {
            self.region = (record.region, record.region.to_string());
        }
        self.regions.append_value(&self.region.1);
        self.rows += 1;
        let count = self.columns.len();
        let mut next = 0;
        for (name, cell) in &record.fields {
            // Fields are mostly set in the order of the ledger, so the next one is near.
            let place = (next..count)
                .chain(0..next)
                .find(|place| self.columns.get(*place).is_some_and(|column| column.name == *name));
            let column = place.and_then(|place| self.columns.get_mut(place));
            let Some(column) = column else {
                return Err(Misfit::UnknownField(record.ledger.to_owned(), (*name).to_owned()));
            };
            next = place.unwrap_or(0) + 1;
            if column.rows == self.rows || !column.values.push(cell) {
                return Err(Misfit::WrongKind(record.ledger.to_owned(), (*name).to_owned()));
            }
            column.rows = self.rows;
        }
        for column in &mut self.columns {
            if column.rows < self.rows {
                column.values.push(&Cell::Missing);
                column.rows = self.rows;
            }
        }
        Ok(())
    }

    /// The rows so far as a batch; the columns are empty afterwards.
    pub(crate) fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        let mut arrays: Vec<ArrayRef> =
            vec![Arc::new(self.ids.finish()), Arc::new(self.regions.finish())];
        for column in &mut self.columns {
            column.values.finish(&mut arrays);
            column.rows = 0;
        }
        self.rows = 0;
        RecordBatch::try_new(self.schema.clone(), arrays)
    }
}

impl Values {
    fn new(kind: FieldType, sensitive: Option<SensitiveClass>, with_numbers: bool) -> Self {
        match (sensitive, kind) {
            (Some(SensitiveClass::Identity), _) if !with_numbers => Self::Facts(Box::default()),
            (Some(SensitiveClass::Phone), _) => Self::keyed(true),
            (Some(SensitiveClass::Bank | SensitiveClass::Name | SensitiveClass::Reporter), _) => {
                Self::keyed(false)
            }
            (_, FieldType::Boolean) => Self::Flag(BooleanBuilder::new()),
            (_, FieldType::Integer | FieldType::Percent | FieldType::Money) => {
                Self::Whole(Int64Builder::new())
            }
            (_, FieldType::Reference) => Self::Whole(Int64Builder::new()),
            (_, FieldType::Decimal) => Self::Decimal(Float64Builder::new()),
            (_, FieldType::Date | FieldType::Month) => Self::Day(Date32Builder::new()),
            (_, FieldType::Codes | FieldType::Texts) => {
                Self::List(ListBuilder::new(StringBuilder::new()))
            }
            _ => Self::Text(StringBuilder::new()),
        }
    }

    fn keyed(is_phone: bool) -> Self {
        Self::Keyed {
            key: Int64Builder::new(),
            filled: BooleanBuilder::new(),
            valid: is_phone.then(BooleanBuilder::new),
        }
    }

    fn schema(&self, name: &str, fields: &mut Vec<Field>) {
        let mut add = |ending: &str, kind: DataType| {
            fields.push(Field::new(format!("{name}{ending}"), kind, true));
        };
        match self {
            Self::Flag(_) => add("", DataType::Boolean),
            Self::Whole(_) => add("", DataType::Int64),
            Self::Decimal(_) => add("", DataType::Float64),
            Self::Day(_) => add("", DataType::Date32),
            Self::Text(_) => add("", DataType::Utf8),
            Self::List(_) => {
                add("", DataType::List(Arc::new(Field::new("item", DataType::Utf8, true))));
            }
            Self::Facts(_) => {
                add("__key", DataType::Int64);
                add("__valid", DataType::Boolean);
                add("__length", DataType::Int64);
                add("__birth", DataType::Date32);
                add("__sex", DataType::Utf8);
                add("__region", DataType::Utf8);
                add("__class", DataType::Int64);
                add("__level", DataType::Int64);
                add("__placeholder", DataType::Boolean);
                add("__holder", DataType::Boolean);
            }
            Self::Keyed { valid, .. } => {
                add("__key", DataType::Int64);
                add("__has", DataType::Boolean);
                if valid.is_some() {
                    add("__valid", DataType::Boolean);
                }
            }
        }
    }

    /// Adds a value; false when it is of another kind.
    fn push(&mut self, cell: &Cell) -> bool {
        match (self, cell) {
            (Self::Flag(values), Cell::Flag(value)) => values.append_value(*value),
            (Self::Flag(values), Cell::Missing) => values.append_null(),
            (Self::Whole(values), Cell::Whole(value) | Cell::Id(value)) => {
                values.append_value(*value);
            }
            (Self::Whole(values), Cell::Missing) => values.append_null(),
            (Self::Decimal(values), Cell::Decimal(value)) => {
                values.append_value(ten_thousandths(*value));
            }
            (Self::Decimal(values), Cell::Missing) => values.append_null(),
            (Self::Day(values), Cell::Day(day)) => values.append_value(day.0),
            (Self::Day(values), Cell::Missing) => values.append_null(),
            (Self::Text(values), Cell::Text(text)) => values.append_value(text),
            (Self::Text(values), Cell::Number(number)) => values.append_value(number.text()),
            (Self::Text(values), Cell::Missing) => values.append_null(),
            (Self::List(values), Cell::List(items)) => {
                items.iter().for_each(|item| values.values().append_value(item));
                values.append(true);
            }
            (Self::List(values), Cell::Missing) => values.append_null(),
            (Self::Facts(facts), Cell::Number(number)) => facts.push(Some(number)),
            (Self::Facts(facts), Cell::Missing) => facts.push(None),
            (Self::Keyed { key, filled, valid }, cell) => {
                let text = match cell {
                    Cell::Text(text) if !text.trim().is_empty() => Some(text.as_ref()),
                    Cell::Text(_) | Cell::Missing => None,
                    _ => return false,
                };
                key.append_option(text.map(|text| hash(text.as_bytes())));
                filled.append_value(text.is_some());
                if let Some(valid) = valid {
                    valid.append_option(text.map(is_phone));
                }
            }
            _ => return false,
        }
        true
    }

    fn finish(&mut self, arrays: &mut Vec<ArrayRef>) {
        match self {
            Self::Flag(values) => arrays.push(Arc::new(values.finish())),
            Self::Whole(values) => arrays.push(Arc::new(values.finish())),
            Self::Decimal(values) => arrays.push(Arc::new(values.finish())),
            Self::Day(values) => arrays.push(Arc::new(values.finish())),
            Self::Text(values) => arrays.push(Arc::new(values.finish())),
            Self::List(values) => arrays.push(Arc::new(values.finish())),
            Self::Facts(facts) => facts.finish(arrays),
            Self::Keyed { key, filled, valid } => {
                arrays.push(Arc::new(key.finish()));
                arrays.push(Arc::new(filled.finish()));
                if let Some(valid) = valid {
                    arrays.push(Arc::new(valid.finish()));
                }
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "amounts stay far below 2^53")]
fn ten_thousandths(value: i64) -> f64 {
    value as f64 / 10_000.0
}

/// True for a mobile number: eleven digits, the first 1 and the second at least 3.
fn is_phone(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 11
        && bytes.iter().all(u8::is_ascii_digit)
        && bytes.first() == Some(&b'1')
        && bytes.get(1).is_some_and(|byte| *byte >= b'3')
}

/// A hash that is the same for the same text.
fn hash(bytes: &[u8]) -> i64 {
    let mut state = 0x7461_697a_6861_6e67;
    for chunk in bytes.chunks(8) {
        let word = chunk.iter().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
        state = spread_bits(state ^ word).wrapping_add(bytes.len() as u64);
    }
    spread_bits(state).cast_signed()
}

impl Facts {
    fn push(&mut self, number: Option<&Number>) {
        let number = number.map(|number| number.folded());
        let text = number.as_ref().map(Number::text).filter(|text| !text.trim().is_empty());
        let first = text.map(|text| text.get(..18).unwrap_or(text));
        let digits = |from: usize, to: usize| text.and_then(|text| text.get(from..to));
        let is_valid = |text: &str| taizhang_values::IdentityNumber::parse(text).is_ok();
        let birth = digits(6, 14).and_then(birth);
        self.key.append_option(first.map(|first| hash(first.as_bytes())));
        self.valid.append_option(text.map(is_valid));
        self.holder.append_option(first.map(is_valid));
        self.length.append_option(text.and_then(|text| i64::try_from(text.len()).ok()));
        self.birth.append_option(birth);
        self.sex.append_option(digits(16, 17).and_then(sex));
        self.region.append_option(digits(0, 6));
        self.class.append_option(digits(18, 19).and_then(|digit| digit.parse().ok()));
        self.level.append_option(digits(19, 20).and_then(|digit| digit.parse().ok()));
        self.placeholder.append_option(text.map(|text| text.starts_with("999999")));
    }

    fn finish(&mut self, arrays: &mut Vec<ArrayRef>) {
        arrays.push(Arc::new(self.key.finish()));
        arrays.push(Arc::new(self.valid.finish()));
        arrays.push(Arc::new(self.length.finish()));
        arrays.push(Arc::new(self.birth.finish()));
        arrays.push(Arc::new(self.sex.finish()));
        arrays.push(Arc::new(self.region.finish()));
        arrays.push(Arc::new(self.class.finish()));
        arrays.push(Arc::new(self.level.finish()));
        arrays.push(Arc::new(self.placeholder.finish()));
        arrays.push(Arc::new(self.holder.finish()));
    }
}

fn birth(digits: &str) -> Option<i32> {
    let part = |from: usize, to: usize| digits.get(from..to)?.parse::<i32>().ok();
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let date = crate::day::Day::of(year, month, day);
    (date.parts() == (year, month, day)).then_some(date.0)
}

fn sex(digit: &str) -> Option<&'static str> {
    let digit: u8 = digit.parse().ok()?;
    Some(if digit % 2 == 1 { "male" } else { "female" })
}
