//! Civil dates as the field writes them, and dates with missing parts.

use crate::fold_width;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;

/// China has one time zone without daylight saving since 1991; eight hours in seconds.
const SHANGHAI_OFFSET_SECONDS: i64 = 8 * 3600;

/// A date whose year, month or day may be unknown: `2020-03`, `--05-20`.
///
/// # Shape
/// At least one part is present. The text form is that of `SCHEMA.md` D3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PartialDate {
    /// Calendar year, four digits.
    pub year: Option<i16>,
    /// Month 1–12.
    pub month: Option<i8>,
    /// Day of month 1–31.
    pub day: Option<i8>,
}

impl PartialDate {
    /// The full date if no part is missing and the day exists.
    #[must_use]
    pub fn full(self) -> Option<Date> {
        Date::new(self.year?, self.month?, self.day?).ok()
    }

    /// The full date with a missing year proposed from `reference` (the letter's date): the first
    /// such day on or after it. A missing day becomes the last day of the month.
    #[must_use]
    pub fn propose(self, reference: Date) -> Option<Date> {
        let month = self.month.unwrap_or(12);
        let in_year = |year: i16| -> Option<Date> {
            let first = Date::new(year, month, 1).ok()?;
            match self.day {
                Some(day) => Date::new(year, month, day).ok(),
                None => Some(first.last_of_month()),
            }
        };
        match self.year {
            Some(year) => in_year(year),
            None => match in_year(reference.year()) {
                Some(date) if date >= reference => Some(date),
                _ => in_year(reference.year().checked_add(1)?),
            },
        }
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.year {
            Some(year) => write!(formatter, "{year:04}")?,
            None => write!(formatter, "-")?,
        }
        if let Some(month) = self.month {
            write!(formatter, "-{month:02}")?;
        }
        if let Some(day) = self.day {
            write!(formatter, "-{day:02}")?;
        }
        Ok(())
    }
}

/// Reads a date as staff type it: `2020年3月10日`, `2020.3.10`, `2020/3/10`, `2020-03-10`,
/// `20200310`, with full-width digits and spaces. `None` if any part is missing or does not exist.
///
/// # Example
/// ```
/// use taizhang_values::parse_date;
/// assert_eq!(parse_date("２０２０年3月10日").map(|d| d.to_string()), Some("2020-03-10".into()));
/// ```
#[must_use]
pub fn parse_date(text: &str) -> Option<Date> {
    parse_partial_date(text)?.full()
}

/// Reads a date in which the day, the month or the year may be missing: `2020年3月`, `202003`,
/// `5月20日`, `2020`.
#[must_use]
pub fn parse_partial_date(text: &str) -> Option<PartialDate> {
    let folded: String = fold_width(text).chars().filter(|c| !c.is_whitespace()).collect();
    if folded.bytes().all(|byte| byte.is_ascii_digit()) {
        return compact(&folded);
    }
    let unified = folded
        .trim_end_matches(['日', '号'])
        .trim_end_matches('月')
        .trim_end_matches('年')
        .replace(['年', '月', '.', '/'], "-");
    let mut parts = Vec::new();
    for part in unified.split('-').filter(|part| !part.is_empty()) {
        parts.push(part.parse::<i16>().ok()?);
    }
    let date = match parts.as_slice() {
        [year] if *year > 31 => partial(Some(*year), None, None),
        [month] if folded.ends_with('月') => partial(None, Some(*month), None),
        [year, month] if *year > 31 => partial(Some(*year), Some(*month), None),
        [month, day] => partial(None, Some(*month), Some(*day)),
        [year, month, day] => partial(Some(*year), Some(*month), Some(*day)),
        _ => None,
    }?;
    exists(date).then_some(date)
}

/// `2020`, `202003` or `20200310`.
fn compact(digits: &str) -> Option<PartialDate> {
    let number = |range: std::ops::Range<usize>| digits.get(range)?.parse::<i16>().ok();
    let date = match digits.len() {
        4 => partial(number(0..4), None, None),
        6 => partial(number(0..4), Some(number(4..6)?), None),
        8 => partial(number(0..4), Some(number(4..6)?), Some(number(6..8)?)),
        _ => None,
    }?;
    exists(date).then_some(date)
}

fn partial(year: Option<i16>, month: Option<i16>, day: Option<i16>) -> Option<PartialDate> {
    let small = |part: Option<i16>| match part {
        Some(value) => i8::try_from(value).ok().map(Some),
        None => Some(None),
    };
    Some(PartialDate { year, month: small(month)?, day: small(day)? })
}

/// True when the parts that are present can stand together (2020 stands in for a missing year, so
/// that 29 February is possible).
fn exists(date: PartialDate) -> bool {
    let year = date.year.unwrap_or(2020);
    (1900..=2200).contains(&year)
        && Date::new(year, date.month.unwrap_or(1), date.day.unwrap_or(1)).is_ok()
}

/// Reads a month as staff and exports write it: `202305`, `2023年05月`, `2023-05`, `2023.5`; of a
/// full date, its month. The answer is the month's first day; `None` if year or month is missing.
///
/// # Example
/// ```
/// use taizhang_values::parse_month;
/// assert_eq!(parse_month("2023年05月").map(|d| d.to_string()), Some("2023-05-01".into()));
/// assert_eq!(parse_month("2023"), None);
/// ```
#[must_use]
pub fn parse_month(text: &str) -> Option<Date> {
    let partial = parse_partial_date(text)?;
    Date::new(partial.year?, partial.month?, 1).ok()
}

/// `2023-05`: the month of a date.
#[must_use]
pub fn month_text(date: Date) -> String {
    format!("{:04}-{:02}", date.year(), date.month())
}

/// `2026年11月5日`: Arabic digits without leading zeros, as official documents write dates
/// (GB/T 9704-2012, 7.3.5).
///
/// # Example
/// ```
/// let date = "2026-11-05".parse().unwrap();
/// assert_eq!(taizhang_values::official_date(date), "2026年11月5日");
/// ```
#[must_use]
pub fn official_date(date: Date) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

/// The date so many days after `start`, before it for negative counts; stays within the calendar.
#[must_use]
pub fn days_after(start: Date, days: i64) -> Date {
    start.saturating_add(jiff::Span::new().days(days.clamp(-1_000_000, 1_000_000)))
}

/// Days from 1970-01-01 to a date, negative before.
///
/// # Example
/// ```
/// let date = "1970-02-01".parse().unwrap();
/// assert_eq!(taizhang_values::epoch_days(date), 31);
/// ```
#[must_use]
pub fn epoch_days(date: Date) -> i64 {
    date.duration_since(Date::constant(1970, 1, 1)).as_secs().div_euclid(86_400)
}

/// The civil date in China at `instant`. Deadlines are dates of this calendar.
#[must_use]
pub fn shanghai_date(instant: Timestamp) -> Date {
    let shifted = instant.as_second().saturating_add(SHANGHAI_OFFSET_SECONDS);
    let days = shifted.div_euclid(86_400);
    let epoch = jiff::civil::date(1970, 1, 1);
    days_after(epoch, days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_staff_type_them() {
        let cases = [
            ("2020年3月10日", Some("2020-03-10")),
            ("2020.3.10", Some("2020-03-10")),
            ("2020/03/10", Some("2020-03-10")),
            ("20200310", Some("2020-03-10")),
            ("2020.3", Some("2020-03")),
            ("2020年3月", Some("2020-03")),
            ("202003", Some("2020-03")),
            ("5月20日", Some("--05-20")),
            ("２０２０", Some("2020")),
            ("2020-02-30", None),
            ("2020-13", None),
            ("不详", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let found = parse_partial_date(text).map(|date| date.to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn months_are_read_as_exports_write_them() {
        let cases = [
            ("202305", Some("2023-05")),
            ("2023年05月", Some("2023-05")),
            ("2023-5", Some("2023-05")),
            ("２０２３．５", Some("2023-05")),
            ("2023-05-31", Some("2023-05")),
            ("2023", None),
            ("5月", None),
            ("202313", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let found = parse_month(text);
            assert!(found.is_none_or(|date| date.day() == 1), "{text}");
            assert_eq!(found.map(month_text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn missing_year_is_proposed_after_the_letter() {
        let letter = jiff::civil::date(2020, 4, 2);
        let cases =
            [("5月20日", "2020-05-20"), ("3月1日", "2021-03-01"), ("2020年6月", "2020-06-30")];
        for (text, expected) in cases {
            let date = parse_partial_date(text).and_then(|date| date.propose(letter));
            assert_eq!(date.map(|date| date.to_string()).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn day_changes_at_midnight_in_china() {
        let before: Timestamp = "2026-11-21T15:59:59Z".parse().unwrap();
        let after: Timestamp = "2026-11-21T16:00:00Z".parse().unwrap();
        assert_eq!(shanghai_date(before).to_string(), "2026-11-21");
        assert_eq!(shanghai_date(after).to_string(), "2026-11-22");
    }
}
