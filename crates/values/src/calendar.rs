//! Working days: weekends and the exceptions that the State Council Office publishes each year.

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A calendar of working days. Days without an exception follow the week.
///
/// # Example
/// ```
/// use taizhang_values::{Date, WorkingCalendar};
/// let mut calendar = WorkingCalendar::default();
/// let friday: Date = "2026-10-09".parse().unwrap();
/// calendar.set("2026-10-10".parse().unwrap(), true); // a Saturday worked in exchange
/// assert_eq!(calendar.add_working_days(friday, 1).to_string(), "2026-10-10");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkingCalendar {
    exceptions: BTreeMap<Date, bool>,
}

/// No run of days off is longer than this; it ends the search on an absurd calendar.
const DAYS_OFF_MAX: i64 = 366;

impl WorkingCalendar {
    /// Says that a day is worked (`true`) or off (`false`), against the week.
    pub fn set(&mut self, date: Date, is_working: bool) {
        self.exceptions.insert(date, is_working);
    }

    /// The exceptions in order of date.
    pub fn exceptions(&self) -> impl Iterator<Item = (Date, bool)> + '_ {
        self.exceptions.iter().map(|(date, working)| (*date, *working))
    }

    /// True if the day is worked.
    #[must_use]
    pub fn is_working(&self, date: Date) -> bool {
        self.exceptions
            .get(&date)
            .copied()
            .unwrap_or_else(|| !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday))
    }

    /// The date `days` working days after `start` (which itself does not count). Negative counts
    /// go back. Zero gives `start`.
    #[must_use]
    pub fn add_working_days(&self, start: Date, days: i64) -> Date {
        let step = days.signum();
        let mut left = days.unsigned_abs();
        let mut date = start;
        let mut idle_days = 0;
        while left > 0 && idle_days < DAYS_OFF_MAX {
            date = date.saturating_add(jiff::Span::new().days(step));
            if self.is_working(date) {
                left -= 1;
                idle_days = 0;
            } else {
                idle_days += 1;
            }
        }
        date
    }

    /// Working days after `start` up to and including `end`; negative if `end` is earlier.
    #[must_use]
    pub fn working_days_between(&self, start: Date, end: Date) -> i64 {
        let (first, last, sign) = if start <= end { (start, end, 1) } else { (end, start, -1) };
        let mut count = 0;
        let mut date = first;
        while date < last {
            date = date.saturating_add(jiff::Span::new().days(1));
            count += i64::from(self.is_working(date));
        }
        count * sign
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn adding_and_counting_agree(offset in 0i64..2000, days in 0i64..200) {
            let calendar = WorkingCalendar::default();
            let start = crate::days_after(jiff::civil::date(2024, 1, 1), offset);
            let end = calendar.add_working_days(start, days);
            prop_assert_eq!(calendar.working_days_between(start, end), days);
        }
    }
}
