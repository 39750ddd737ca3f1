//! Record ids in their own order, for merging sorted ledgers and for naming records.

use super::convert::each_bytes;
use crate::column::Dictionary;
use crate::snapshot::text_key;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use std::cmp::Ordering;

/// Stands for no id: the least number, so that missing ids come first.
pub const MISSING: i64 = i64::MIN;

/// Ids of rows. Missing ids come before all others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdColumn {
    /// Whole numbers; [`MISSING`] where there is none.
    Number(Vec<i64>),
    /// Texts, ordered by their bytes.
    Text(Dictionary),
    /// Bytes, shown in hexadecimal.
    Bytes(Dictionary),
}

impl Default for IdColumn {
    fn default() -> Self {
        Self::Number(Vec::new())
    }
}

macro_rules! numbers {
    ($array:expr, $type:ty) => {
        $array.as_primitive::<$type>().iter().map(|id| id.map_or(MISSING, i64::from)).collect()
    };
}

impl IdColumn {
    /// Ids of an array of a type that can be an id.
    #[must_use]
    pub fn of(array: &ArrayRef) -> Self {
        match array.data_type() {
            DataType::Int64 if array.null_count() == 0 => {
                Self::Number(array.as_primitive::<Int64Type>().values().to_vec())
            }
            DataType::Int64 => Self::Number(numbers!(array, Int64Type)),
            DataType::Int32 => Self::Number(numbers!(array, Int32Type)),
            DataType::Int16 => Self::Number(numbers!(array, Int16Type)),
            DataType::Int8 => Self::Number(numbers!(array, Int8Type)),
            DataType::UInt32 => Self::Number(numbers!(array, UInt32Type)),
            DataType::UInt16 => Self::Number(numbers!(array, UInt16Type)),
            DataType::UInt8 => Self::Number(numbers!(array, UInt8Type)),
            DataType::UInt64 => {
                let values = array.as_primitive::<UInt64Type>();
                Self::Number(values.iter().map(|id| id.map_or(MISSING, u64::cast_signed)).collect())
            }
            found => {
                let mut texts = Dictionary::default();
                each_bytes(array, &mut |rows| rows.for_each(|row| texts.push(row.unwrap_or(&[]))));
                match found {
                    DataType::FixedSizeBinary(_) => Self::Bytes(texts),
                    _ => Self::Text(texts),
                }
            }
        }
    }

    /// Number of ids.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::Number(ids) => ids.len(),
            Self::Text(ids) | Self::Bytes(ids) => ids.len(),
        }
    }

    /// True without ids.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row's id as a 64-bit key.
    #[must_use]
    pub fn key(&self, row: usize) -> Option<i64> {
        match self {
            Self::Number(ids) => ids.get(row).copied().filter(|id| *id != MISSING),
            Self::Text(ids) | Self::Bytes(ids) => {
                let id = ids.bytes_at(row);
                (!id.is_empty()).then(|| text_key(id))
            }
        }
    }

    /// The order of a row here and one there. Numbers come before texts.
    #[must_use]
    pub fn compare(&self, row: usize, other: &Self, other_row: usize) -> Ordering {
        match (self, other) {
            (Self::Number(left), Self::Number(right)) => {
                let at = |ids: &[i64], row: usize| ids.get(row).copied().unwrap_or(MISSING);
                at(left, row).cmp(&at(right, other_row))
            }
            (Self::Number(_), _) => Ordering::Less,
            (_, Self::Number(_)) => Ordering::Greater,
            (Self::Text(left) | Self::Bytes(left), Self::Text(right) | Self::Bytes(right)) => {
                left.bytes_at(row).cmp(right.bytes_at(other_row))
            }
        }
    }

    /// Whether the row has no id.
    #[must_use]
    pub fn is_missing(&self, row: usize) -> bool {
        match self {
            Self::Number(ids) => ids.get(row).is_none_or(|id| *id == MISSING),
            Self::Text(ids) | Self::Bytes(ids) => ids.bytes_at(row).is_empty(),
        }
    }

    /// Writes the row's id as text.
    pub fn write(&self, row: usize, target: &mut Vec<u8>) {
        match self {
            Self::Number(ids) => {
                if let Some(id) = ids.get(row).copied().filter(|id| *id != MISSING) {
                    write_number(id, target);
                }
            }
            Self::Text(ids) => target.extend_from_slice(ids.bytes_at(row)),
            Self::Bytes(ids) => {
                for byte in ids.bytes_at(row) {
                    for half in [byte >> 4, byte & 15] {
                        target.push(if half < 10 { b'0' + half } else { b'a' + half - 10 });
                    }
                }
            }
        }
    }

    /// Appends `count` rows of another column, from `start`.
    pub fn append(&mut self, other: &Self, start: usize, count: usize) {
        if self.is_empty() && std::mem::discriminant(self) != std::mem::discriminant(other) {
            *self = match other {
                Self::Number(_) => Self::Number(Vec::new()),
                Self::Text(_) => Self::Text(Dictionary::default()),
                Self::Bytes(_) => Self::Bytes(Dictionary::default()),
            };
        }
        match (self, other) {
            (Self::Number(ids), Self::Number(added)) => {
                ids.extend_from_slice(added.get(start..start + count).unwrap_or(&[]));
            }
            (Self::Text(ids) | Self::Bytes(ids), Self::Text(added) | Self::Bytes(added)) => {
                (start..start + count).for_each(|row| ids.push(added.bytes_at(row)));
            }
            // Files of one ledger with ids of two kinds: what does not fit is missing.
            (Self::Number(ids), _) => ids.resize(ids.len() + count, MISSING),
            (Self::Text(ids) | Self::Bytes(ids), _) => (0..count).for_each(|_| ids.push(&[])),
        }
    }
}

/// Decimal digits of a number.
pub(crate) fn write_number(number: i64, target: &mut Vec<u8>) {
    target.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_digits() {
        for number in [0, 7, -7, 10, 1_234_567, i64::MAX, i64::MIN] {
            let mut written = Vec::new();
            write_number(number, &mut written);
            assert_eq!(String::from_utf8(written).unwrap(), number.to_string());
        }
    }
}
