//! Functions that stay calls in the typed form. What a rule may write is declared in
//! [`LANGUAGE`]; what is left of it after resolving is one of [`Function`].

mod entry;
mod language;

pub use entry::{Entry, EntryGroup};
pub use language::LANGUAGE;

use serde::{Deserialize, Serialize};

/// A function of values: same arguments, same value; undecided if an argument is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Function {
    /// (from date, to date) -> whole years; negative if `to` is earlier. `age(d)` is
    /// `years_between(d, as_of())`.
    YearsBetween,
    /// (from date, to date) -> whole months: 12 × years + months, less one if the day of the month
    /// is not reached; negative, and counted from the other end, if `to` is earlier.
    MonthsBetween,
    /// (from date, to date) -> days; negative if `to` is earlier.
    DaysBetween,
    /// (from date, to date) -> working days after `from` up to and with `to`, by the codebook's
    /// calendar; negative if `to` is earlier.
    WorkingDaysBetween,
    /// (birth date, day) -> full years on 1 September of the school year that holds the day.
    SchoolAge,
    /// (date, integer) -> date so many days later. Out of the calendar (years 1–9999): error.
    AddDays,
    /// (date, integer) -> date so many months later, on the month's last day if it is shorter.
    AddMonths,
    /// (date, integer) -> date so many working days later.
    AddWorkingDays,
    /// (date) -> calendar year.
    Year,
    /// (date) -> month 1–12.
    Month,
    /// (date) -> day of the month 1–31.
    Day,
    /// (year, month, day) -> date; error if there is no such day.
    MakeDate,
    /// (date) -> last day of its month.
    MonthEnd,
    /// (instant) -> the civil date in China.
    DateOfInstant,
    /// (text) -> number of scalar values.
    TextLength,
    /// (text, text) -> whether the first begins with the second.
    StartsWith,
    /// (text, text) -> whether the first ends with the second.
    EndsWith,
    /// (text, text) -> whether the first contains the second.
    Contains,
    /// (text, literal pattern) -> whether the pattern matches somewhere (RE2 syntax, linear time).
    Matches,
    /// (text) -> without white space at both ends.
    Trim,
    /// (text, integer, integer) -> scalar values from the first position up to the second, counted
    /// from 0; error if they are out of range.
    Substring,
    /// (text) -> whole number written in it; error if there is none.
    TextToInteger,
    /// (text) -> number written in it; error if there is none.
    TextToDecimal,
    /// (integer) -> text in digits.
    IntegerToText,
    /// (integer or money) -> decimal with the same number (money: fen).
    ToDecimal,
    /// (decimal) -> whole number, cut toward zero; error out of range.
    DecimalToInteger,
    /// (decimal) -> nearest whole number, halves away from zero; error out of range.
    Round,
    /// (money) -> its fen as a whole number. The same column.
    FenOfMoney,
    /// (integer) -> an amount of so many fen. The same column.
    MoneyOfFen,
    /// (money) -> yuan as a decimal.
    InYuan,
    /// (a, b) of one type -> the lesser.
    Least,
    /// (a, b) of one type -> the greater.
    Greatest,
    /// (number) -> without its sign; overflow is an error.
    Absolute,
    /// (region, literal region code) -> whether the first lies in the second or is it.
    Under,
    /// (region, literal level) -> the code cut to the level (`province` 2, `prefecture` 4, `county`
    /// 6, `township` 9, `village` 12 digits); undecided if it is shorter.
    RegionAt,
}
