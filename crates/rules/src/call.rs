//! What functions do.

use crate::calendar::{
    add_days, add_months, days_between, make_date, months_between, school_age, years_between,
};
use crate::functions::Function;
use crate::interpret::{Cell, ErrorKind, Evaluated, Undecided, decimal, whole, wrong_type};
use std::borrow::Cow;
use taizhang_values::{Date, WorkingCalendar, shanghai_date};

/// Greatest number of working days to go or count, so that no rule runs long.
const WORKING_DAYS_MAX: i64 = 40_000;

/// Applies a function to arguments none of which is missing.
///
/// # Errors
/// Undecided, with its cause.
pub fn call<'a>(
    function: Function,
    args: &[Cell<'a>],
    calendar: &WorkingCalendar,
) -> Evaluated<'a> {
    match args {
        [Cell::Date(date)] => of_date(function, *date),
        [Cell::Date(from), Cell::Date(to)] => of_dates(function, *from, *to, calendar),
        [Cell::Date(date), Cell::Integer(number)] => moved(function, *date, *number, calendar),
        [Cell::Instant(instant)] if function == Function::DateOfInstant => {
            Ok(Cell::Date(shanghai_date(*instant)))
        }
        [Cell::Integer(year), Cell::Integer(month), Cell::Integer(day)] => {
            date_or(make_date(*year, *month, *day))
        }
        [Cell::Integer(number)] => of_integer(function, *number),
        [Cell::Decimal(number)] => of_decimal(function, *number),
        [Cell::Integer(left), Cell::Integer(right)] => match function {
            Function::Least => Ok(Cell::Integer(*left.min(right))),
            Function::Greatest => Ok(Cell::Integer(*left.max(right))),
            _ => wrong_type(),
        },
        [Cell::Decimal(left), Cell::Decimal(right)] => match function {
            Function::Least => Ok(Cell::Decimal(left.min(*right))),
            Function::Greatest => Ok(Cell::Decimal(left.max(*right))),
            _ => wrong_type(),
        },
        [Cell::Instant(left), Cell::Instant(right)] => match function {
            Function::Least => Ok(Cell::Instant(*left.min(right))),
            Function::Greatest => Ok(Cell::Instant(*left.max(right))),
            _ => wrong_type(),
        },
        [Cell::Text(text), rest @ ..] => of_text(function, text, rest),
        _ => wrong_type(),
    }
}

fn of_date<'a>(function: Function, date: Date) -> Evaluated<'a> {
    match function {
        Function::Year => Ok(Cell::Integer(i64::from(date.year()))),
        Function::Month => Ok(Cell::Integer(i64::from(date.month()))),
        Function::Day => Ok(Cell::Integer(i64::from(date.day()))),
        Function::MonthEnd => Ok(Cell::Date(date.last_of_month())),
        _ => wrong_type(),
    }
}

fn of_dates<'a>(
    function: Function,
    from: Date,
    to: Date,
    calendar: &WorkingCalendar,
) -> Evaluated<'a> {
    match function {
        Function::YearsBetween => Ok(Cell::Integer(years_between(from, to))),
        Function::MonthsBetween => Ok(Cell::Integer(months_between(from, to))),
        Function::DaysBetween => Ok(Cell::Integer(days_between(from, to))),
        Function::WorkingDaysBetween => {
            if days_between(from, to).abs() > WORKING_DAYS_MAX {
                return Err(Undecided::Error(ErrorKind::OutOfRange));
            }
            Ok(Cell::Integer(calendar.working_days_between(from, to)))
        }
        Function::SchoolAge => {
            school_age(from, to).map(Cell::Integer).ok_or(Undecided::Error(ErrorKind::NoSuchDay))
        }
        Function::Least => Ok(Cell::Date(from.min(to))),
        Function::Greatest => Ok(Cell::Date(from.max(to))),
        _ => wrong_type(),
    }
}

fn moved<'a>(
    function: Function,
    date: Date,
    number: i64,
    calendar: &WorkingCalendar,
) -> Evaluated<'a> {
    match function {
        Function::AddDays => date_or(add_days(date, number)),
        Function::AddMonths => date_or(add_months(date, number)),
        Function::AddWorkingDays if number.abs() <= WORKING_DAYS_MAX => {
            Ok(Cell::Date(calendar.add_working_days(date, number)))
        }
        Function::AddWorkingDays => Err(Undecided::Error(ErrorKind::OutOfRange)),
        _ => wrong_type(),
    }
}

fn date_or<'a>(date: Option<Date>) -> Evaluated<'a> {
    date.map(Cell::Date).ok_or(Undecided::Error(ErrorKind::NoSuchDay))
}

#[expect(clippy::cast_precision_loss, reason = "as CEL's double()")]
fn of_integer<'a>(function: Function, number: i64) -> Evaluated<'a> {
    match function {
        Function::IntegerToText => Ok(Cell::Text(Cow::Owned(number.to_string()))),
        Function::ToDecimal => decimal(number as f64),
        Function::FenOfMoney | Function::MoneyOfFen => Ok(Cell::Integer(number)),
        Function::InYuan => decimal(number as f64 / 100.0),
        Function::Absolute => whole(number.checked_abs()),
        _ => wrong_type(),
    }
}

fn of_decimal<'a>(function: Function, number: f64) -> Evaluated<'a> {
    match function {
        Function::DecimalToInteger => whole(whole_of(number.trunc())),
        Function::Round => whole(whole_of(number.round())),
        Function::Absolute => decimal(number.abs()),
        _ => wrong_type(),
    }
}

/// A decimal without fraction as a whole number, if it fits.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
pub(crate) fn whole_of(number: f64) -> Option<i64> {
    // 2^63 is the first number that does not fit; both bounds are exact as decimals.
    (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0)
        .contains(&number)
        .then_some(number as i64)
}

fn of_text<'a>(function: Function, text: &str, rest: &[Cell<'a>]) -> Evaluated<'a> {
    match (function, rest) {
        (Function::TextLength, []) => whole(i64::try_from(text.chars().count()).ok()),
        (Function::Trim, []) => Ok(Cell::Text(Cow::Owned(text.trim().to_owned()))),
        (Function::TextToInteger, []) => text
            .trim()
            .parse()
            .map(Cell::Integer)
            .map_err(|_| Undecided::Error(ErrorKind::NoNumber)),
        (Function::TextToDecimal, []) => match text.trim().parse() {
            Ok(number) => decimal(number),
            Err(_) => Err(Undecided::Error(ErrorKind::NoNumber)),
        },
        (Function::StartsWith, [Cell::Text(part)]) => Ok(Cell::Boolean(text.starts_with(&**part))),
        (Function::EndsWith, [Cell::Text(part)]) => Ok(Cell::Boolean(text.ends_with(&**part))),
        (Function::Contains, [Cell::Text(part)]) => Ok(Cell::Boolean(text.contains(&**part))),
        (Function::Matches, [Cell::Text(pattern)]) => match crate::pattern::compile(pattern) {
            Ok(pattern) => Ok(Cell::Boolean(pattern.is_match(text))),
            Err(_) => wrong_type(),
        },
        (Function::Substring, [Cell::Integer(from), Cell::Integer(to)]) => {
            substring(text, *from, *to)
        }
        (Function::Under, [Cell::Text(holder)]) => Ok(Cell::Boolean(text.starts_with(&**holder))),
        (Function::RegionAt, [Cell::Text(level)]) => region_at(text, level),
        _ => wrong_type(),
    }
}

fn substring<'a>(text: &str, from: i64, to: i64) -> Evaluated<'a> {
    let error = Err(Undecided::Error(ErrorKind::OutOfRange));
    let (Ok(from), Ok(to)) = (usize::try_from(from), usize::try_from(to)) else {
        return error;
    };
    if from > to || to > text.chars().count() {
        return error;
    }
    let part: String = text.chars().skip(from).take(to - from).collect();
    // An empty part is a missing value, like any blank text.
    if part.trim().is_empty() { Err(Undecided::Missing) } else { Ok(Cell::Text(Cow::Owned(part))) }
}

fn region_at<'a>(code: &str, level: &str) -> Evaluated<'a> {
    let length = match level {
        "province" => 2,
        "prefecture" => 4,
        "county" => 6,
        "township" => 9,
        _ => 12,
    };
    let cut = code.get(..length).map(str::to_owned);
    cut.map(|code| Cell::Text(Cow::Owned(code))).ok_or(Undecided::Missing)
}
