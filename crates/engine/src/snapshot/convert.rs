//! Arrow arrays into columns: every integer, float, text, date and time type that can hold what
//! the codebook says.

use super::builder::{
    BooleanBuilder, ColumnBuilder, GapsBuilder, ListBuilder, NumberBuilder, TextBuilder,
    TextColumn, text_key,
};
use crate::bits::Bits;
use crate::column::{Dictionary, is_blank};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Float32Type, Float64Type,
    Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_buffer::ArrowNativeType;
use arrow_schema::{DataType, TimeUnit};
use std::collections::HashMap;
use std::sync::Arc;
use taizhang_program::ColumnKind;

const DAY_SECONDS: i64 = 86_400;

/// What a column of this kind is read as, and whether a file's type can be.
pub(crate) fn accepts(kind: ColumnKind, found: &DataType) -> bool {
    match kind {
        _ if *found == DataType::Null => true,
        ColumnKind::Boolean => *found == DataType::Boolean,
        ColumnKind::Integer => found.is_integer() || found.is_floating(),
        ColumnKind::Decimal => {
            found.is_integer()
                || found.is_floating()
                || matches!(
                    found,
                    DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..)
                )
        }
        ColumnKind::Text | ColumnKind::Fact(_) => is_text(found),
        ColumnKind::Date | ColumnKind::Instant => {
            matches!(found, DataType::Date32 | DataType::Date64 | DataType::Timestamp(..))
        }
        ColumnKind::Id => {
            found.is_integer() || is_text(found) || matches!(found, DataType::FixedSizeBinary(_))
        }
        ColumnKind::List => match found {
            DataType::List(item) | DataType::LargeList(item) => {
                is_text(item.data_type()) || *item.data_type() == DataType::Null
            }
            _ => false,
        },
    }
}

/// What is needed, for the message about a wrong type.
pub(crate) const fn needed(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Boolean => "boolean",
        ColumnKind::Integer => "whole numbers",
        ColumnKind::Decimal => "numbers",
        ColumnKind::Text | ColumnKind::Fact(_) => "text",
        ColumnKind::Date => "dates",
        ColumnKind::Instant => "timestamps",
        ColumnKind::Id => "ids (whole numbers, text or 16 bytes)",
        ColumnKind::List => "lists of text",
    }
}

pub(crate) fn is_text(found: &DataType) -> bool {
    match found {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, value) => is_text(value),
        _ => false,
    }
}

/// An empty column of a kind.
pub(crate) fn builder(kind: ColumnKind) -> ColumnBuilder {
    match kind {
        ColumnKind::Boolean => ColumnBuilder::Boolean(BooleanBuilder::default()),
        ColumnKind::Decimal => ColumnBuilder::Decimal(NumberBuilder::default()),
        ColumnKind::Text | ColumnKind::Fact(_) => ColumnBuilder::Text(TextColumn::default()),
        ColumnKind::List => ColumnBuilder::List(ListBuilder::default()),
        ColumnKind::Integer | ColumnKind::Date | ColumnKind::Instant | ColumnKind::Id => {
            ColumnBuilder::Integer(NumberBuilder::default())
        }
    }
}

/// Dictionaries of a file as our own, by the address of their texts, so that each is turned over
/// once and not once a batch.
#[derive(Debug, Default)]
pub(crate) struct Dictionaries {
    known: HashMap<usize, Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    /// Held, so that the address stays taken.
    _values: ArrayRef,
    dictionary: Arc<Dictionary>,
    blank: Option<Bits>,
}

impl Dictionaries {
    fn get(&mut self, values: &ArrayRef) -> (usize, Entry) {
        let texts = values.as_string::<i32>();
        let address = texts.values().as_ptr().addr() ^ (texts.len() << 48);
        if self.known.len() > 4096 {
            self.known.clear();
        }
        let entry = self.known.entry(address).or_insert_with(|| {
            let mut dictionary = Dictionary::default();
            let blank = Bits::collect(texts.iter().map(|text| {
                let text = text.unwrap_or("").as_bytes();
                dictionary.push(text);
                is_blank(text)
            }));
            let blank = (!blank.none()).then_some(blank);
            Entry { _values: Arc::clone(values), dictionary: Arc::new(dictionary), blank }
        });
        (address, entry.clone())
    }
}

fn known_bits(array: &dyn Array) -> Bits {
    match array.nulls() {
        None => Bits::filled(array.len(), true),
        Some(nulls) => Bits::from_arrow(nulls.inner()),
    }
}

fn append_gaps(gaps: &mut GapsBuilder, array: &dyn Array) {
    match array.nulls() {
        Some(nulls) if nulls.null_count() > 0 => gaps.append(&Bits::from_arrow(nulls.inner())),
        _ => gaps.append_known(array.len()),
    }
}

/// Appends an array that [`accepts`] let through.
pub(crate) fn append(
    builder: &mut ColumnBuilder,
    kind: ColumnKind,
    array: &ArrayRef,
    dictionaries: &mut Dictionaries,
) {
    if *array.data_type() == DataType::Null {
        return builder.append_missing(array.len());
    }
    match builder {
        ColumnBuilder::Boolean(builder) => {
            if let Some(values) = array.as_boolean_opt() {
                builder.truth.append(&Bits::from_arrow(values.values()));
                append_gaps(&mut builder.gaps, array);
            }
        }
        ColumnBuilder::Integer(builder) => match kind {
            ColumnKind::Id => append_ids(builder, array),
            ColumnKind::Date => append_times(builder, array, 1, DAY_SECONDS),
            ColumnKind::Instant => append_times(builder, array, 1_000_000, 1),
            _ => append_integers(builder, array),
        },
        ColumnBuilder::Decimal(builder) => append_decimals(builder, array),
        ColumnBuilder::Text(builder) => append_texts(&mut builder.0, array, dictionaries),
        ColumnBuilder::List(builder) => append_lists(builder, array, dictionaries),
    }
}

macro_rules! primitive {
    ($array:expr, $type:ty, $target:expr, $map:expr) => {
        $target.extend($array.as_primitive::<$type>().values().iter().map($map))
    };
}

fn append_integers(builder: &mut NumberBuilder<i64>, array: &ArrayRef) {
    let start = builder.gaps.len();
    let target = &mut builder.values;
    match array.data_type() {
        DataType::Int64 => target.extend_from_slice(array.as_primitive::<Int64Type>().values()),
        DataType::Int32 => primitive!(array, Int32Type, target, |value| i64::from(*value)),
        DataType::Int16 => primitive!(array, Int16Type, target, |value| i64::from(*value)),
        DataType::Int8 => primitive!(array, Int8Type, target, |value| i64::from(*value)),
        DataType::UInt64 => primitive!(array, UInt64Type, target, |value| value.cast_signed()),
        DataType::UInt32 => primitive!(array, UInt32Type, target, |value| i64::from(*value)),
        DataType::UInt16 => primitive!(array, UInt16Type, target, |value| i64::from(*value)),
        DataType::UInt8 => primitive!(array, UInt8Type, target, |value| i64::from(*value)),
        DataType::Float64 => primitive!(array, Float64Type, target, |value| *value as i64),
        DataType::Float32 => primitive!(array, Float32Type, target, |value| *value as i64),
        _ => target.resize(target.len() + array.len(), 0),
    }
    append_gaps(&mut builder.gaps, array);
    // What no whole number of 64 bits can hold is an error of the cell, never a rounded value.
    match array.data_type() {
        DataType::Float64 => {
            let values = array.as_primitive::<Float64Type>().values().iter();
            mark(&mut builder.gaps, start, array, values.map(|value| is_whole(*value)));
        }
        DataType::Float32 => {
            let values = array.as_primitive::<Float32Type>().values().iter();
            mark(&mut builder.gaps, start, array, values.map(|value| is_whole((*value).into())));
        }
        DataType::UInt64 => {
            let values = array.as_primitive::<UInt64Type>().values().iter();
            mark(&mut builder.gaps, start, array, values.map(|value| *value >> 63 == 0));
        }
        _ => {}
    }
}

fn is_whole(value: f64) -> bool {
    // 2⁵³: beyond it a float no longer tells neighbouring whole numbers apart.
    value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_992.0
}

fn mark(gaps: &mut GapsBuilder, start: usize, array: &ArrayRef, fits: impl Iterator<Item = bool>) {
    let wrong: Vec<usize> = fits
        .enumerate()
        .filter(|(row, fits)| !fits && array.is_valid(*row))
        .map(|(row, _)| row)
        .collect();
    gaps.mark_errors(start, wrong.into_iter());
}

fn append_decimals(builder: &mut NumberBuilder<f64>, array: &ArrayRef) {
    let start = builder.gaps.len();
    let target = &mut builder.values;
    match array.data_type() {
        DataType::Float64 => target.extend_from_slice(array.as_primitive::<Float64Type>().values()),
        DataType::Float32 => primitive!(array, Float32Type, target, |value| f64::from(*value)),
        DataType::Decimal128(_, scale) => {
            let divisor = 10_f64.powi(i32::from(*scale));
            primitive!(array, Decimal128Type, target, |value| *value as f64 / divisor);
        }
        DataType::Decimal64(_, scale) => {
            let divisor = 10_f64.powi(i32::from(*scale));
            primitive!(array, Decimal64Type, target, |value| *value as f64 / divisor);
        }
        DataType::Decimal32(_, scale) => {
            let divisor = 10_f64.powi(i32::from(*scale));
            primitive!(array, Decimal32Type, target, |value| f64::from(*value) / divisor);
        }
        _ => {
            let mut whole = NumberBuilder::<i64>::default();
            append_integers(&mut whole, array);
            target.extend(whole.values.iter().map(|value| *value as f64));
        }
    }
    append_gaps(&mut builder.gaps, array);
    let added: Vec<bool> =
        builder.values.iter().skip(start).map(|value| value.is_finite()).collect();
    mark(&mut builder.gaps, start, array, added.into_iter());
}

/// Moments in `per_second` parts, divided by `unit` seconds: 1 and a day give days, 1,000,000 and
/// 1 give microseconds. Days of moments are those of China's calendar only if written so; a
/// timestamp in a date column is taken by its own clock.
fn append_times(builder: &mut NumberBuilder<i64>, array: &ArrayRef, per_second: i64, unit: i64) {
    let target = &mut builder.values;
    let scaled = |value: i64, parts: i64| -> i64 {
        if per_second >= parts {
            value.saturating_mul(per_second / parts).div_euclid(unit)
        } else {
            value.div_euclid((parts / per_second).saturating_mul(unit))
        }
    };
    match array.data_type() {
        DataType::Date32 if unit == DAY_SECONDS => {
            primitive!(array, Date32Type, target, |value| i64::from(*value));
        }
        DataType::Date32 => {
            primitive!(array, Date32Type, target, |value| {
                i64::from(*value) * DAY_SECONDS * per_second
            });
        }
        DataType::Date64 => primitive!(array, Date64Type, target, |value| scaled(*value, 1_000)),
        DataType::Timestamp(TimeUnit::Second, _) => {
            primitive!(array, TimestampSecondType, target, |value| scaled(*value, 1));
        }
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            primitive!(array, TimestampMillisecondType, target, |value| scaled(*value, 1_000));
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            primitive!(array, TimestampMicrosecondType, target, |value| scaled(*value, 1_000_000));
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            primitive!(array, TimestampNanosecondType, target, |value| {
                scaled(*value, 1_000_000_000)
            });
        }
        _ => target.resize(target.len() + array.len(), 0),
    }
    append_gaps(&mut builder.gaps, array);
}

fn append_ids(builder: &mut NumberBuilder<i64>, array: &ArrayRef) {
    let found = array.data_type();
    if found.is_integer() {
        return append_integers(builder, array);
    }
    let target = &mut builder.values;
    let key = |text: Option<&[u8]>| text.map_or(0, text_key);
    each_bytes(array, &mut |rows| target.extend(rows.map(key)));
    let blank = {
        let mut known = Bits::default();
        each_bytes(array, &mut |rows| {
            known = Bits::collect(rows.map(|row| row.is_some_and(|text| !text.is_empty())));
        });
        known
    };
    builder.gaps.append(&blank);
}

/// Rows as bytes, one after the other.
pub(crate) type ByteRows<'i, 'a> = &'i mut dyn Iterator<Item = Option<&'a [u8]>>;

/// Hands the rows of a text or fixed-size array to `take` as bytes.
pub(crate) fn each_bytes<'a>(array: &'a ArrayRef, take: &mut dyn FnMut(ByteRows<'_, 'a>)) {
    match array.data_type() {
        DataType::Utf8 => {
            take(&mut array.as_string::<i32>().iter().map(|row| row.map(str::as_bytes)));
        }
        DataType::LargeUtf8 => {
            take(&mut array.as_string::<i64>().iter().map(|row| row.map(str::as_bytes)));
        }
        DataType::Utf8View => {
            take(&mut array.as_string_view().iter().map(|row| row.map(str::as_bytes)));
        }
        DataType::FixedSizeBinary(_) => take(&mut array.as_fixed_size_binary().iter()),
        DataType::Dictionary(_, _) => {
            let dictionary = array.as_any_dictionary();
            let keys = dictionary.normalized_keys();
            let values = dictionary.values();
            let mut texts: Vec<Option<&[u8]>> = Vec::new();
            each_bytes(values, &mut |rows| texts.extend(rows));
            let is_null = |row: usize| array.is_null(row);
            let mut rows = keys.iter().enumerate().map(|(row, key)| {
                if is_null(row) { None } else { texts.get(*key).copied().flatten() }
            });
            take(&mut rows);
        }
        _ => take(&mut std::iter::repeat_n(None, array.len())),
    }
}

fn append_texts(builder: &mut TextBuilder, array: &ArrayRef, dictionaries: &mut Dictionaries) {
    let keys = array
        .as_any_dictionary_opt()
        .filter(|found| *found.values().data_type() == DataType::Utf8)
        .and_then(|found| found.keys().as_primitive_opt::<Int32Type>().map(|keys| (found, keys)));
    let Some((found, keys)) = keys else {
        each_bytes(array, &mut |rows| builder.append_plain(rows));
        return;
    };
    let (address, entry) = dictionaries.get(found.values());
    let mut known = known_bits(array);
    if let Some(blank) = &entry.blank {
        let rows: Vec<u32> = keys.values().iter().map(|key| key.cast_unsigned()).collect();
        known = known.without(&blank.gather(&rows));
    }
    let keys = keys.values().iter().map(|key| key.cast_unsigned());
    builder.append_keys(address, &entry.dictionary, keys, &known);
}

fn append_lists(builder: &mut ListBuilder, array: &ArrayRef, dictionaries: &mut Dictionaries) {
    match array.data_type() {
        DataType::List(_) => {
            let lists = array.as_list::<i32>();
            spans(builder, lists.offsets(), lists.values(), dictionaries);
        }
        DataType::LargeList(_) => {
            let lists = array.as_list::<i64>();
            spans(builder, lists.offsets(), lists.values(), dictionaries);
        }
        _ => builder.spans.resize(builder.spans.len() + array.len(), (0, 0)),
    }
    append_gaps(&mut builder.gaps, array);
}

fn spans<O: ArrowNativeType>(
    builder: &mut ListBuilder,
    offsets: &[O],
    values: &ArrayRef,
    dictionaries: &mut Dictionaries,
) {
    let first = offsets.first().map_or(0, |offset| offset.as_usize());
    let last = offsets.last().map_or(0, |offset| offset.as_usize());
    let base = builder.items.gaps.len();
    let place = |offset: &O| u32::try_from(offset.as_usize() - first + base).unwrap_or(u32::MAX);
    let starts = offsets.iter().zip(offsets.iter().skip(1));
    builder.spans.extend(starts.map(|(start, end)| (place(start), place(end))));
    let items = values.slice(first, last - first);
    if *items.data_type() == DataType::Null {
        builder.items.append_missing(items.len());
    } else {
        append_texts(&mut builder.items, &items, dictionaries);
    }
}
