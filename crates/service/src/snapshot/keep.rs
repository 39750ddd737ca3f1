//! Which snapshots stay.

use std::collections::{BTreeMap, BTreeSet};
use taizhang_values::{Date, days_after};

/// Newest snapshots that stay whatever their day: one may just be read.
const NEWEST_KEPT: usize = 3;

/// Days of which the last snapshot stays.
const DAYS_KEPT: i64 = 31;

/// The names that stay of snapshots in the order of their making: the three newest, the last of
/// each of the past 31 days, and the last of each month.
pub(super) fn kept<'a>(made: &[(&'a str, Date)], today: Date) -> BTreeSet<&'a str> {
    let first_day = days_after(today, -DAYS_KEPT);
    let mut days: BTreeMap<Date, &str> = BTreeMap::new();
    let mut months: BTreeMap<(i16, i8), &str> = BTreeMap::new();
    for (name, on) in made {
        if *on > first_day {
            days.insert(*on, name);
        }
        months.insert((on.year(), on.month()), name);
    }
    let newest = made.iter().rev().take(NEWEST_KEPT).map(|(name, _)| *name);
    newest.chain(days.into_values()).chain(months.into_values()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn days_stay_for_a_month_and_months_for_good() {
        let made = [
            ("2025-12-30", true, "not the last of its month, but of nothing else"),
            ("2025-12-31", true, "last of December"),
            ("2026-08-01", false, "older than a month"),
            ("2026-08-31", true, "last of August"),
            ("2026-10-22", false, "the thirty-first day before today"),
            ("2026-10-23", true, "a day of the past month"),
            ("2026-11-20", true, "a day of the past month"),
            ("2026-11-22", false, "an earlier one of today"),
            ("2026-11-22", true, "third newest"),
            ("2026-11-22", true, "second newest"),
            ("2026-11-22", true, "newest"),
        ];
        let names: Vec<String> = (0..made.len()).map(|place| format!("{place:02}")).collect();
        let list: Vec<(&str, Date)> =
            names.iter().zip(&made).map(|(name, (on, ..))| (name.as_str(), date(on))).collect();
        let kept = kept(&list, date("2026-11-22"));
        for (name, (on, stays, why)) in names.iter().zip(&made).skip(1) {
            assert_eq!(kept.contains(name.as_str()), *stays, "{on}: {why}");
        }
        assert!(!kept.contains("00"), "December has a later one");
    }
}
