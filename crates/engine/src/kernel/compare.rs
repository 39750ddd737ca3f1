//! Comparisons.

use crate::bits::Bits;
use crate::column::{Booleans, Column, Gaps, Texts};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;
use taizhang_program::{Comparison, Literal};

/// Compares two columns of one type, or numbers of both kinds.
#[must_use]
pub fn compare(how: Comparison, left: &Column, right: &Column, length: usize) -> Booleans {
    let gaps = super::gaps(left).join(&super::gaps(right), length);
    let truth = match (left, right) {
        (Column::Integer(left), Column::Integer(right)) => {
            ordered(how, &left.values, &right.values, length)
        }
        (Column::Decimal(left), Column::Decimal(right)) => {
            ordered(how, &left.values, &right.values, length)
        }
        (Column::Integer(left), Column::Decimal(right)) => {
            mixed(how, &left.values, &right.values, length)
        }
        (Column::Decimal(left), Column::Integer(right)) => {
            mixed(how.turned(), &right.values, &left.values, length)
        }
        (Column::Boolean(left), Column::Boolean(right)) => {
            let (left, right) = (left.true_bits(length), right.true_bits(length));
            booleans(how, &left, &right)
        }
        (Column::Text(left), Column::Text(right)) => texts(how, left, right, length),
        _ => {
            let gaps = super::failed();
            return Booleans { truth: Bits::filled(length, false), gaps: spread(&gaps, length) };
        }
    };
    Booleans::new(truth, gaps)
}

fn spread(gaps: &Gaps, length: usize) -> Gaps {
    Gaps { known: Some(gaps.known_bits(length)), errors: Some(gaps.error_bits(length)) }
}

/// Whether an order answers the comparison.
#[must_use]
pub(crate) fn holds(how: Comparison, order: Ordering) -> bool {
    match how {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterEqual => order.is_ge(),
    }
}

fn ordered<T: Copy + PartialOrd + Default>(
    how: Comparison,
    left: &[T],
    right: &[T],
    length: usize,
) -> Bits {
    match how {
        Comparison::Equal => pairs(left, right, length, |one, other| one == other),
        Comparison::NotEqual => pairs(left, right, length, |one, other| one != other),
        Comparison::Less => pairs(left, right, length, |one, other| one < other),
        Comparison::LessEqual => pairs(left, right, length, |one, other| one <= other),
        Comparison::Greater => pairs(left, right, length, |one, other| one > other),
        Comparison::GreaterEqual => pairs(left, right, length, |one, other| one >= other),
    }
}

fn pairs<T: Copy + Default>(
    left: &[T],
    right: &[T],
    length: usize,
    test: impl Fn(T, T) -> bool,
) -> Bits {
    match (left, right) {
        ([one], [other]) => Bits::filled(length, test(*one, *other)),
        (many, [other]) => Bits::of(many, |value| test(value, *other)),
        ([one], many) => Bits::of(many, |value| test(*one, value)),
        (many, others) => Bits::of_pairs(many, others, test),
    }
}

/// A whole number and a decimal, compared as numbers without rounding the whole one.
fn mixed(how: Comparison, left: &[i64], right: &[f64], length: usize) -> Bits {
    Bits::collect((0..length).map(|row| {
        let (whole, decimal) = (super::at(left, row), super::at(right, row));
        number_order(whole, decimal).is_some_and(|order| holds(how, order))
    }))
}

/// The exact order of a whole number and a decimal; `None` for NaN.
pub(crate) fn number_order(whole: i64, decimal: f64) -> Option<Ordering> {
    // 2⁶³: the first float above every 64-bit whole number.
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if decimal.is_nan() {
        return None;
    }
    if decimal >= LIMIT {
        return Some(Ordering::Less);
    }
    if decimal < -LIMIT {
        return Some(Ordering::Greater);
    }
    let floor = decimal.floor();
    let order = whole.cmp(&(floor as i64));
    Some(if order.is_eq() && decimal > floor { Ordering::Less } else { order })
}

fn booleans(how: Comparison, left: &Bits, right: &Bits) -> Bits {
    match how {
        Comparison::Equal => left.and(right).or(&left.or(right).not()),
        Comparison::NotEqual => left.or(right).without(&left.and(right)),
        Comparison::Less => right.without(left),
        Comparison::LessEqual => left.without(right).not(),
        Comparison::Greater => left.without(right),
        Comparison::GreaterEqual => right.without(left).not(),
    }
}

fn texts(how: Comparison, left: &Texts, right: &Texts, length: usize) -> Bits {
    if right.len() == 1 && left.len() == length {
        let other = right.bytes(0);
        return by_entry(left, |text| holds(how, text.cmp(other)));
    }
    if left.len() == 1 && right.len() == length {
        let other = left.bytes(0);
        return by_entry(right, |text| holds(how, other.cmp(text)));
    }
    match how {
        Comparison::Equal | Comparison::NotEqual => {
            let is_wanted = how == Comparison::Equal;
            equal_entries(left, right, length, is_wanted).unwrap_or_else(|| {
                // Texts of different lengths need not be looked at.
                let is_equal = |row: usize| left.bytes(row) == right.bytes(row);
                Bits::collect((0..length).map(|row| is_equal(row) == is_wanted))
            })
        }
        _ => by_pairs_of_entries(how, left, right, length).unwrap_or_else(|| {
            let order = |row: usize| left.bytes(row).cmp(right.bytes(row));
            Bits::collect((0..length).map(|row| holds(how, order(row))))
        }),
    }
}

/// Whether texts are equal, or are not, told from the entries of their dictionaries: equal ones get
/// one number, where entries are fewer than rows.
fn equal_entries(left: &Texts, right: &Texts, length: usize, is_wanted: bool) -> Option<Bits> {
    let (one, other) = (left.keys.as_ref()?, right.keys.as_ref()?);
    let is_shared = Arc::ptr_eq(&left.dictionary, &right.dictionary);
    let own = left.dictionary.len() + if is_shared { 0 } else { right.dictionary.len() };
    if one.len() != length || other.len() != length || own > length {
        return None;
    }
    let mut numbers: HashMap<&[u8], u32> = HashMap::with_capacity(own);
    let mut number = |text| {
        let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        *numbers.entry(text).or_insert(next)
    };
    let firsts: Vec<u32> = left.dictionary.iter().map(&mut number).collect();
    let seconds: Vec<u32> =
        if is_shared { Vec::new() } else { right.dictionary.iter().map(&mut number).collect() };
    let seconds = if is_shared { &firsts } else { &seconds };
    // Keys that point nowhere are of rows without a value.
    let number = |numbers: &[u32], key: u32| numbers.get(key as usize).copied().unwrap_or(0);
    Some(Bits::of_pairs(one, other, |one, other| {
        (number(&firsts, one) == number(seconds, other)) == is_wanted
    }))
}

/// Each pair of entries compared once, where these are fewer than rows.
fn by_pairs_of_entries(
    how: Comparison,
    left: &Texts,
    right: &Texts,
    length: usize,
) -> Option<Bits> {
    let (one, other) = (left.keys.as_ref()?, right.keys.as_ref()?);
    let width = right.dictionary.len();
    if one.len() != length || other.len() != length || left.dictionary.len() * width > length {
        return None;
    }
    let entries = left.dictionary.iter();
    let answers: Vec<u8> = entries
        .flat_map(|text| right.dictionary.iter().map(move |other| (text, other)))
        .map(|(text, other)| u8::from(holds(how, text.cmp(other))))
        .collect();
    // Keys that point nowhere are of rows without a value.
    Some(Bits::of_pairs(one, other, |one, other| {
        let place = (one as usize).wrapping_mul(width).wrapping_add(other as usize);
        answers.get(place).is_some_and(|answer| *answer != 0)
    }))
}

/// The answers of a test over texts: asked once an entry where entries are fewer than rows.
pub(crate) fn by_entry(texts: &Texts, test: impl Fn(&[u8]) -> bool) -> Bits {
    match &texts.keys {
        Some(keys) if texts.dictionary.len() <= keys.len() => {
            let answers: Vec<u8> =
                texts.dictionary.iter().map(|text| u8::from(test(text))).collect();
            look_up(keys, &answers)
        }
        Some(keys) => Bits::of(keys, |key| test(texts.dictionary.bytes_at(key as usize))),
        None => Bits::collect(texts.dictionary.iter().map(test)),
    }
}

/// The answer of each key. A key past the end gives false.
pub(crate) fn look_up(keys: &[u32], answers: &[u8]) -> Bits {
    if answers.iter().all(|answer| *answer == 0) {
        return Bits::filled(keys.len(), false);
    }
    Bits::of(keys, |key| answers.get(key as usize).copied().unwrap_or(0) != 0)
}

/// Whether each value is one of the constants.
#[must_use]
pub fn is_in(column: &Column, constants: &[Literal], length: usize) -> Booleans {
    let truth = match column {
        Column::Text(texts) => {
            let mut known: Vec<&[u8]> = constants
                .iter()
                .filter_map(|constant| match constant {
                    Literal::Text(text) => Some(text.as_bytes()),
                    _ => None,
                })
                .collect();
            known.sort_unstable();
            by_entry(texts, |text| known.binary_search(&text).is_ok())
        }
        Column::Integer(values) => {
            let mut known: Vec<i64> = constants
                .iter()
                .filter_map(|constant| match constant {
                    Literal::Integer(number) => Some(*number),
                    _ => None,
                })
                .collect();
            known.sort_unstable();
            match known.as_slice() {
                [one] => Bits::of(&values.values, |value| value == *one),
                [one, two] => Bits::of(&values.values, |value| value == *one || value == *two),
                few if few.len() <= 8 => Bits::of(&values.values, |value| few.contains(&value)),
                many => Bits::of(&values.values, |value| many.binary_search(&value).is_ok()),
            }
        }
        Column::Decimal(values) => Bits::of(&values.values, |value| {
            constants.iter().any(|constant| match constant {
                Literal::Decimal(number) => *number == value,
                Literal::Integer(number) => number_order(*number, value) == Some(Ordering::Equal),
                _ => false,
            })
        }),
        Column::Boolean(values) => Bits::collect(
            values.truth.iter().map(|truth| constants.contains(&Literal::Boolean(truth))),
        ),
        _ => Bits::filled(length, false),
    };
    Booleans::new(truth, super::gaps(column))
}
