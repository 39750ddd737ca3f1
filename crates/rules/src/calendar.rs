//! Reckoning with civil dates, in whole numbers, so that columns can do the same.

use taizhang_values::Date;

/// The date of a year, month and day.
pub(crate) fn make_date(year: i64, month: i64, day: i64) -> Option<Date> {
    let year = i16::try_from(year).ok().filter(|year| (1..=9999).contains(year))?;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Whole months: 12 × years + months, less one if the day of the month is not reached. Counted
/// from the earlier date, negative if that is the second.
pub(crate) fn months_between(from: Date, to: Date) -> i64 {
    if to < from {
        return -months_between(to, from);
    }
    let months = i64::from(to.year() - from.year()) * 12 + i64::from(to.month() - from.month());
    months - i64::from(to.day() < from.day())
}

/// Whole years, as a birthday reckons them.
pub(crate) fn years_between(from: Date, to: Date) -> i64 {
    months_between(from, to) / 12
}

/// Days from one date to another.
pub(crate) fn days_between(from: Date, to: Date) -> i64 {
    i64::from((to - from).get_days())
}

/// The date so many days later; `None` out of the years 1–9999.
pub(crate) fn add_days(date: Date, days: i64) -> Option<Date> {
    let days = i32::try_from(days).ok()?;
    let later = date.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
    (later.year() >= 1).then_some(later)
}

/// The date so many months later, on the last day of a shorter month.
pub(crate) fn add_months(date: Date, months: i64) -> Option<Date> {
    let months = i32::try_from(months).ok()?;
    let later = date.checked_add(jiff::Span::new().try_months(months).ok()?).ok()?;
    (later.year() >= 1).then_some(later)
}

/// Full years on 1 September of the school year that holds the day.
pub(crate) fn school_age(birth: Date, on: Date) -> Option<i64> {
    let year = if on.month() >= 9 { on.year() } else { on.year() - 1 };
    Some(years_between(birth, Date::new(year, 9, 1).ok()?))
}

/// Days since 1970-01-01.
pub(crate) fn day_number(date: Date) -> i64 {
    days_between(jiff::civil::date(1970, 1, 1), date)
}

/// The date of a number of days since 1970-01-01; that day itself for numbers out of range.
pub(crate) fn date_of_number(days: i64) -> Date {
    let epoch = jiff::civil::date(1970, 1, 1);
    add_days(epoch, days).unwrap_or(epoch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_and_years_are_whole() {
        let cases = [
            ("2020-01-31", "2020-02-29", 0, 0),
            ("2020-01-15", "2020-02-15", 1, 0),
            ("2020-02-15", "2020-01-15", -1, 0),
            ("2000-02-29", "2001-02-28", 11, 0),
            ("2000-02-29", "2001-03-01", 12, 1),
            ("2024-06-30", "2023-07-01", -11, 0),
            ("1990-05-05", "2026-05-05", 432, 36),
        ];
        for (from, to, months, years) in cases {
            let (from, to): (Date, Date) = (from.parse().unwrap(), to.parse().unwrap());
            assert_eq!(months_between(from, to), months, "{from} {to}");
            assert_eq!(years_between(from, to), years, "{from} {to}");
        }
    }

    #[test]
    fn school_age_is_reckoned_on_the_first_of_september() {
        let birth: Date = "2018-09-01".parse().unwrap();
        for (on, age) in [("2024-08-31", 5), ("2024-09-01", 6), ("2025-06-30", 6)] {
            assert_eq!(school_age(birth, on.parse().unwrap()), Some(age), "{on}");
        }
    }

    #[test]
    fn days_go_there_and_back() {
        for number in [-700_000, -1, 0, 1, 2_900_000] {
            assert_eq!(day_number(date_of_number(number)), number);
        }
    }
}
