//! Functions of the rule language over columns. What has no loop of its own here goes row by row
//! through the function's definition in `rules`.

use super::compare::by_entry;
use super::dates::{
    YearsTo, civil, days_between, epoch_days, month_days, months_between, years_between,
};
use crate::bits::Bits;
use crate::column::{Booleans, Column, Decimals, Dictionary, Gaps, Integers, TextLists, Texts};
use std::sync::Arc;
use taizhang_program::{Function, ValueType};

/// First and last day number of the years 1–9999, outside of which there are no dates.
const CALENDAR: std::ops::RangeInclusive<i64> = -719_162..=2_932_896;

/// Microseconds of a day, and of the eight hours by which China is ahead of UTC.
const DAY_MICROSECONDS: i64 = 86_400_000_000;
const CHINA_MICROSECONDS: i64 = 28_800_000_000;

/// Applies a function; `None` when it has no loop of its own.
#[must_use]
pub fn call(function: Function, arguments: &[Arc<Column>], length: usize) -> Option<Column> {
    let arguments: Vec<&Column> = arguments.iter().map(AsRef::as_ref).collect();
    match (function, arguments.as_slice()) {
        (Function::YearsBetween, [from, to]) => match on_one_day(to) {
            Some(day) => years_to(day, from, to, length),
            None => two(from, to, length, years_between),
        },
        (Function::MonthsBetween, [from, to]) => two(from, to, length, months_between),
        (Function::DaysBetween, [from, to]) => two(from, to, length, days_between),
        (Function::SchoolAge, [birth, on]) => match on_one_day(on) {
            Some(day) => years_to(school_year(day), birth, on, length),
            None => two(birth, on, length, |birth, on| years_between(birth, school_year(on))),
        },
        (Function::MakeDate, [year, month, day]) => make_dates([year, month, day], length),
        (Function::AddDays, [date, days]) => two_checked(date, days, length, |date, days| {
            date.checked_add(days).filter(|day| CALENDAR.contains(day))
        }),
        (Function::AddMonths, [date, months]) => {
            two_checked(date, months, length, remembered(add_months))
        }
        (Function::Year, [date]) => one(date, |date| civil(date).0),
        (Function::Month, [date]) => one(date, |date| civil(date).1),
        (Function::Day, [date]) => one(date, |date| civil(date).2),
        (Function::MonthEnd, [date]) => one(date, |date| {
            let (year, month, _) = civil(date);
            epoch_days(year, month, month_days(year, month))
        }),
        (Function::DateOfInstant, [instant]) => one(instant, |instant| {
            instant.saturating_add(CHINA_MICROSECONDS).div_euclid(DAY_MICROSECONDS)
        }),
        (Function::FenOfMoney | Function::MoneyOfFen, [value]) => Some((*value).clone()),
        (Function::ToDecimal, [Column::Integer(value)]) => Some(Column::Decimal(Decimals {
            values: value.values.iter().map(|value| *value as f64).collect(),
            gaps: value.gaps.clone(),
        })),
        (Function::InYuan, [Column::Integer(value)]) => Some(Column::Decimal(Decimals {
            values: value.values.iter().map(|value| *value as f64 / 100.0).collect(),
            gaps: value.gaps.clone(),
        })),
        (Function::Least, [Column::Integer(_), Column::Integer(_)]) => {
            two(arguments.first()?, arguments.get(1)?, length, i64::min)
        }
        (Function::Greatest, [Column::Integer(_), Column::Integer(_)]) => {
            two(arguments.first()?, arguments.get(1)?, length, i64::max)
        }
        (Function::Absolute, [value @ Column::Integer(_)]) => one_checked(value, i64::checked_abs),
        (Function::TextLength, [Column::Text(text)]) => Some(text_lengths(text)),
        _ => text_call(function, &arguments, length),
    }
}

/// Whether a function of arguments of these types has a loop of its own.
#[must_use]
pub fn has_loop(function: Function, types: &[ValueType]) -> bool {
    let column = |ty: &ValueType| {
        Arc::new(match ty {
            ValueType::Boolean => Column::Boolean(Booleans::default()),
            ValueType::Decimal => Column::Decimal(Decimals::default()),
            ValueType::Text => Column::Text(Texts::default()),
            ValueType::List => Column::List(TextLists::default()),
            _ => Column::Integer(Integers::default()),
        })
    };
    let empty: Vec<Arc<Column>> = types.iter().map(column).collect();
    call(function, &empty, 0).is_some()
}

fn text_call(function: Function, arguments: &[&Column], length: usize) -> Option<Column> {
    let [Column::Text(text), Column::Text(other)] = arguments else { return None };
    let test: fn(&[u8], &[u8]) -> bool = match function {
        Function::StartsWith | Function::Under => |text, other| text.starts_with(other),
        Function::EndsWith => |text, other| text.ends_with(other),
        Function::Contains => contains,
        _ => return None,
    };
    let gaps = text.gaps.join(&other.gaps, length);
    let truth = if other.len() == 1 && text.len() == length {
        let other = other.bytes(0);
        by_entry(text, |text| test(text, other))
    } else {
        Bits::collect((0..length).map(|row| test(text.bytes(row), other.bytes(row))))
    };
    Some(Column::Boolean(Booleans::new(truth, gaps)))
}

/// Whether one text stands in another; both are UTF-8, so bytes are enough.
fn contains(text: &[u8], wanted: &[u8]) -> bool {
    match (std::str::from_utf8(text), std::str::from_utf8(wanted)) {
        (Ok(text), Ok(wanted)) => text.contains(wanted),
        _ => false,
    }
}

fn text_lengths(text: &Texts) -> Column {
    let count = |text: &[u8]| {
        let scalars = text.iter().filter(|byte| (**byte & 0xc0) != 0x80).count();
        i64::try_from(scalars).unwrap_or(i64::MAX)
    };
    let entries: Vec<i64> = text.dictionary.iter().map(count).collect();
    let values = match &text.keys {
        None => entries,
        Some(keys) => {
            keys.iter().map(|key| entries.get(*key as usize).copied().unwrap_or(0)).collect()
        }
    };
    Column::Integer(Integers { values, gaps: text.gaps.clone() })
}

fn one(column: &Column, apply: impl Fn(i64) -> i64) -> Option<Column> {
    let Column::Integer(column) = column else { return None };
    let values = column.values.iter().map(|value| apply(*value)).collect();
    Some(Column::Integer(Integers { values, gaps: column.gaps.clone() }))
}

fn one_checked(column: &Column, apply: impl Fn(i64) -> Option<i64>) -> Option<Column> {
    let Column::Integer(column) = column else { return None };
    let length = column.values.len();
    let value = |row: usize| apply(super::at(&column.values, row));
    Some(checked(value, column.gaps.clone(), length))
}

/// The rows' values; what has none is an error. Which rows that are is only asked when there are
/// some.
fn checked(mut apply: impl FnMut(usize) -> Option<i64>, gaps: Gaps, length: usize) -> Column {
    let mut has_failed = false;
    let value = |row: usize| {
        let found = apply(row);
        has_failed |= found.is_none();
        found.unwrap_or(0)
    };
    let values: Vec<i64> = (0..length).map(value).collect();
    if !has_failed {
        return Column::Integer(Integers { values, gaps });
    }
    let failed = Bits::collect((0..length).map(|row| apply(row).is_none()));
    let gaps = gaps.clone().with_errors(&failed.and(&gaps.known_bits(length)));
    Column::Integer(Integers { values, gaps })
}

fn two(
    left: &Column,
    right: &Column,
    length: usize,
    apply: impl Fn(i64, i64) -> i64,
) -> Option<Column> {
    let (Column::Integer(left), Column::Integer(right)) = (left, right) else { return None };
    let gaps = left.gaps.join(&right.gaps, length);
    let values = match right.values.as_slice() {
        [one] => (0..length).map(|row| apply(super::at(&left.values, row), *one)).collect(),
        _ => {
            let rows = 0..length;
            rows.map(|row| apply(super::at(&left.values, row), super::at(&right.values, row)))
                .collect()
        }
    };
    Some(Column::Integer(Integers { values, gaps }))
}

fn two_checked(
    left: &Column,
    right: &Column,
    length: usize,
    mut apply: impl FnMut(i64, i64) -> Option<i64>,
) -> Option<Column> {
    let (Column::Integer(left), Column::Integer(right)) = (left, right) else { return None };
    let gaps = left.gaps.join(&right.gaps, length);
    let value = |row: usize| apply(super::at(&left.values, row), super::at(&right.values, row));
    Some(checked(value, gaps, length))
}

/// 1 September of the school year that holds the day.
fn school_year(on: i64) -> i64 {
    let (year, month, _) = civil(on);
    epoch_days(if month >= 9 { year } else { year - 1 }, 9, 1)
}

/// The day, if it is the same in every row.
fn on_one_day(column: &Column) -> Option<i64> {
    match column {
        Column::Integer(Integers { values, .. }) => match values.as_slice() {
            [day] => Some(*day),
            _ => None,
        },
        _ => None,
    }
}

/// Full years from each date to one day, which is made of the column `on`.
fn years_to(day: i64, from: &Column, on: &Column, length: usize) -> Option<Column> {
    let years = YearsTo::new(day);
    two(from, on, length, |from, _| years.from(from))
}

/// Dates of years, months and days; what is no date is an error.
fn make_dates(parts: [&Column; 3], length: usize) -> Option<Column> {
    let [Column::Integer(years), Column::Integer(months), Column::Integer(days)] = parts else {
        return None;
    };
    let gaps = years.gaps.join(&months.gaps, length).join(&days.gaps, length);
    if let ([month], [day]) = (months.values.as_slice(), days.values.as_slice()) {
        let mut first = remembered(|year, _| make_date(year, *month, *day));
        return Some(checked(|row| first(super::at(&years.values, row), 0), gaps, length));
    }
    let date = |row: usize| {
        let year = super::at(&years.values, row);
        make_date(year, super::at(&months.values, row), super::at(&days.values, row))
    };
    Some(checked(date, gaps, length))
}

/// A function that remembers some of its answers: days that rules reckon with are mostly the same
/// few.
fn remembered(apply: impl Fn(i64, i64) -> Option<i64>) -> impl FnMut(i64, i64) -> Option<i64> {
    // Two answers a place: years that follow each other must not push each other out.
    let mut known: [[Option<Answer>; 2]; 32] = [[None; 2]; 32];
    move |one, other| {
        let mixed = (one ^ other.rotate_left(32)).cast_unsigned().wrapping_mul(SPREAD);
        let place = (mixed >> 59) as usize;
        let Some([newer, older]) = known.get_mut(place) else { return apply(one, other) };
        let is_it = |answer: &Answer| answer.one == one && answer.other == other;
        if let Some(answer) = newer.as_ref().filter(|answer| is_it(answer)) {
            return answer.found;
        }
        if !older.as_ref().is_some_and(is_it) {
            *older = Some(Answer { one, other, found: apply(one, other) });
        }
        std::mem::swap(newer, older);
        newer.as_ref().and_then(|answer| answer.found)
    }
}

/// What a function of two numbers gave.
#[derive(Clone, Copy, Debug)]
struct Answer {
    one: i64,
    other: i64,
    found: Option<i64>,
}

/// The golden ratio in 64 bits.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

fn make_date(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_date = (1..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=month_days(year, month)).contains(&day);
    is_date.then(|| epoch_days(year, month, day))
}

/// So many months later, on the month's last day if it is shorter.
fn add_months(date: i64, months: i64) -> Option<i64> {
    let (year, month, day) = civil(date);
    let count = (year * 12 + month - 1).checked_add(months)?;
    // Years 1–9999; checked before the conversion, which would overflow far outside.
    if !(12..120_000).contains(&count) {
        return None;
    }
    let (year, month) = (count / 12, count % 12 + 1);
    Some(epoch_days(year, month, day.min(month_days(year, month))))
}

/// Texts cut to a number of digits; unknown where they are shorter.
#[must_use]
pub fn cut(text: &Texts, digits: usize) -> Texts {
    let mut dictionary = Dictionary::default();
    let mut long_enough = Vec::with_capacity(text.dictionary.len());
    for entry in text.dictionary.iter() {
        let part = entry.get(..digits);
        long_enough.push(u8::from(part.is_some()));
        dictionary.push(part.unwrap_or(&[]));
    }
    let known = match &text.keys {
        None => Bits::from_bytes(&long_enough),
        Some(keys) => super::compare::look_up(keys, &long_enough),
    };
    let length = known.len();
    let known = known.and(&text.gaps.known_bits(length));
    let gaps = super::logic::settle(known, Some(text.gaps.error_bits(length)));
    Texts { keys: text.keys.clone(), dictionary: Arc::new(dictionary), gaps }
}
