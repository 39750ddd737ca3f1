//! Arithmetic with checks: overflow and division by zero are errors of the row.

use crate::bits::Bits;
use crate::column::{Column, Decimals, Dictionary, Integers, Texts};
use std::sync::Arc;
use taizhang_program::Operation;

/// `left (op) right`.
#[must_use]
pub fn arithmetic(operation: Operation, left: &Column, right: &Column, length: usize) -> Column {
    let gaps = super::gaps(left).join(&super::gaps(right), length);
    match (left, right) {
        (Column::Integer(one), Column::Integer(other)) => {
            let (values, failed) = whole(operation, &one.values, &other.values, length);
            // A value nobody knows cannot fail.
            let failed = failed.map(|bits| bits.and(&gaps.known_bits(length)));
            let gaps = match failed {
                Some(bits) => gaps.with_errors(&bits),
                None => gaps,
            };
            Column::Integer(Integers { values, gaps })
        }
        (Column::Text(one), Column::Text(other)) if operation == Operation::Add => {
            let mut dictionary = Dictionary::default();
            let mut joined = Vec::new();
            for row in 0..length {
                joined.clear();
                joined.extend_from_slice(one.bytes(row));
                joined.extend_from_slice(other.bytes(row));
                dictionary.push(&joined);
            }
            Column::Text(Texts { keys: None, dictionary: Arc::new(dictionary), gaps })
        }
        _ => match (decimals(left), decimals(right)) {
            (Some(one), Some(other)) => {
                let (values, failed) = fractions(operation, &one, &other, length);
                let failed = failed.and(&gaps.known_bits(length));
                Column::Decimal(Decimals { values, gaps: gaps.with_errors(&failed) })
            }
            _ => Column::Integer(Integers { values: vec![0], gaps: super::failed() }),
        },
    }
}

/// Numbers as decimals.
fn decimals(column: &Column) -> Option<std::borrow::Cow<'_, [f64]>> {
    match column {
        Column::Decimal(column) => Some(column.values.as_slice().into()),
        Column::Integer(column) => {
            Some(column.values.iter().map(|value| *value as f64).collect::<Vec<_>>().into())
        }
        _ => None,
    }
}

/// Whole numbers; the second part has the rows that failed.
fn whole(
    operation: Operation,
    left: &[i64],
    right: &[i64],
    length: usize,
) -> (Vec<i64>, Option<Bits>) {
    match operation {
        Operation::Add => quick(left, right, length, i64::overflowing_add),
        Operation::Subtract => quick(left, right, length, i64::overflowing_sub),
        Operation::Multiply => quick(left, right, length, i64::overflowing_mul),
        Operation::Divide => quick(left, right, length, |one, other| {
            one.checked_div(other).map_or((0, true), |value| (value, false))
        }),
        Operation::Modulo => quick(left, right, length, |one, other| {
            one.checked_rem(other).map_or((0, true), |value| (value, false))
        }),
    }
}

/// One loop over the values; the failed rows are only packed when there are some.
fn quick(
    left: &[i64],
    right: &[i64],
    length: usize,
    apply: impl Fn(i64, i64) -> (i64, bool),
) -> (Vec<i64>, Option<Bits>) {
    let mut any = false;
    let mut one = |left: i64, right: i64| {
        let (value, failed) = apply(left, right);
        any |= failed;
        value
    };
    let values: Vec<i64> = match (left, right) {
        ([left], [right]) => vec![one(*left, *right); length.min(1)],
        (many, [right]) => many.iter().map(|left| one(*left, *right)).collect(),
        ([left], many) => many.iter().map(|right| one(*left, *right)).collect(),
        (many, others) => many.iter().zip(others).map(|(left, right)| one(*left, *right)).collect(),
    };
    let failed = any.then(|| {
        let rows = 0..length;
        Bits::collect(rows.map(|row| apply(super::at(left, row), super::at(right, row)).1))
    });
    (spread(values, length), failed)
}

/// A single value stands for all rows again.
fn spread<T: Copy>(values: Vec<T>, length: usize) -> Vec<T> {
    match values.as_slice() {
        [one] if length != 1 => vec![*one; length],
        _ => values,
    }
}

fn fractions(operation: Operation, left: &[f64], right: &[f64], length: usize) -> (Vec<f64>, Bits) {
    let apply = |one: f64, other: f64| match operation {
        Operation::Add => one + other,
        Operation::Subtract => one - other,
        Operation::Multiply => one * other,
        Operation::Divide => one / other,
        Operation::Modulo => one % other,
    };
    let rows = 0..length;
    let values: Vec<f64> =
        rows.map(|row| apply(super::at(left, row), super::at(right, row))).collect();
    let failed = Bits::of(&values, |value| !value.is_finite());
    (values, failed)
}

/// Minus a number.
#[must_use]
pub fn negate(column: &Column) -> Column {
    match column {
        Column::Integer(column) => {
            let failed = Bits::of(&column.values, |value| value == i64::MIN)
                .and(&column.gaps.known_bits(column.values.len()));
            let values = column.values.iter().map(|value| value.wrapping_neg()).collect();
            Column::Integer(Integers { values, gaps: column.gaps.clone().with_errors(&failed) })
        }
        Column::Decimal(column) => Column::Decimal(Decimals {
            values: column.values.iter().map(|value| -value).collect(),
            gaps: column.gaps.clone(),
        }),
        _ => Column::Integer(Integers { values: vec![0], gaps: super::failed() }),
    }
}
