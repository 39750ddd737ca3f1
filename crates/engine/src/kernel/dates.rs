//! Civil dates as days since 1970, without a calendar object a row.
//!
//! The conversions are the usual ones for the proleptic Gregorian calendar, counted in eras of 400
//! years that begin on 1 March, so that the leap day is the last of its year.

/// Days between 1 March of year 0 and 1 January 1970.
const SHIFT: i64 = 719_468;

/// Days of 400 years.
const ERA: i64 = 146_097;

/// Year, month and day of a day number.
#[must_use]
#[inline]
pub const fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days.wrapping_add(SHIFT);
    // Some 20,000 years from 1 March of year 0: four times that fits 32 bits.
    if shifted >= 0 && shifted < 1 << 23 {
        return civil_of_ages(shifted as u32, 0);
    }
    let era = shifted.div_euclid(ERA);
    civil_of_ages(shifted.rem_euclid(ERA) as u32, era * 400)
}

/// The date of a day counted from 1 March of a year that 400 divides. Centuries, years and months
/// are found by multiplying instead of dividing (Neri and Schneider, 2022).
const fn civil_of_ages(day: u32, first_year: i64) -> (i64, i64, i64) {
    let quarters = day.wrapping_mul(4).wrapping_add(3);
    let century = quarters / 146_097;
    let day_of_century = quarters % 146_097 / 4;
    let scaled = (day_of_century.wrapping_mul(4).wrapping_add(3) as u64).wrapping_mul(2_939_745);
    let year = century.wrapping_mul(100).wrapping_add((scaled >> 32) as u32);
    let day_of_year = (scaled & 0xffff_ffff) as u32 / 2_939_745 / 4;
    let scaled = day_of_year.wrapping_mul(2_141).wrapping_add(197_913);
    let (month, day) = (scaled >> 16, (scaled & 0xffff) / 2_141 + 1);
    // January and February belong to the next year.
    let is_late = day_of_year >= 306;
    let month = if is_late { month.wrapping_sub(12) } else { month };
    (first_year + year as i64 + is_late as i64, month as i64, day as i64)
}

/// Day number of a date; days past the month's end run into the next one.
#[must_use]
#[inline]
pub const fn epoch_days(year: i64, month: i64, day: i64) -> i64 {
    let (year, from_march) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    if year >= 0 && year < 1 << 20 {
        let whole = year as u32;
        let leaps = (whole / 4) as i64 - (whole / 100) as i64 + (whole / 400) as i64;
        return year * 365 + leaps + day_of_year - SHIFT;
    }
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * ERA + day_of_era - SHIFT
}

/// Days of a month.
#[inline]
pub(crate) const fn month_days(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + is_leap as i64,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from one day to another.
#[must_use]
pub const fn days_between(from: i64, to: i64) -> i64 {
    to - from
}

/// Whole months from one day to another; counted from the other end when `to` is earlier.
#[must_use]
pub const fn months_between(from: i64, to: i64) -> i64 {
    if to < from {
        return -months_between(to, from);
    }
    let (first_year, first_month, first_day) = civil(from);
    let (last_year, last_month, last_day) = civil(to);
    let months = (last_year - first_year) * 12 + last_month - first_month;
    if last_day < first_day { months - 1 } else { months }
}

/// Whole years from one day to another; counted from the other end when `to` is earlier.
#[must_use]
pub const fn years_between(from: i64, to: i64) -> i64 {
    months_between(from, to) / 12
}

/// Whole years from many days to one, without taking each apart.
#[derive(Debug)]
pub(crate) struct YearsTo {
    to: i64,
    /// The last day from which so many years are full.
    last_days: Vec<i64>,
}

/// Lifetimes are shorter; longer spans are reckoned the long way.
const YEARS: i64 = 130;

/// 2³² divided by the days of a year on average.
const YEAR_SHARE: u64 = 11_759_230;

impl YearsTo {
    pub(crate) fn new(to: i64) -> Self {
        let (year, month, day) = civil(to);
        // In a year without the day its month ends before it.
        let last_day =
            |years: i64| epoch_days(year - years, month, day.min(month_days(year - years, month)));
        Self { to, last_days: (0..=YEARS).map(last_day).collect() }
    }

    /// Whole years from a day.
    #[inline]
    pub(crate) fn from(&self, from: i64) -> i64 {
        let days = self.to.wrapping_sub(from);
        // Right, or one too many or too few around the day itself.
        let about = (days.cast_unsigned().wrapping_mul(YEAR_SHARE) >> 32) as usize;
        let after = self.last_days.get(about.wrapping_add(1));
        let (Some(last), Some(after)) = (self.last_days.get(about), after) else {
            return years_between(from, self.to);
        };
        if !(0..YEARS * 365).contains(&days) {
            return years_between(from, self.to);
        }
        (about as i64) - i64::from(from > *last) + i64::from(from <= *after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::Date;

    #[test]
    fn day_numbers_and_dates_agree_with_the_calendar() {
        let epoch = Date::constant(1970, 1, 1);
        for days in (-719_000..999_000).step_by(37).chain(-500..500) {
            let date = taizhang_values::days_after(epoch, days);
            let expected = (i64::from(date.year()), i64::from(date.month()), i64::from(date.day()));
            assert_eq!(civil(days), expected);
            assert_eq!(epoch_days(expected.0, expected.1, expected.2), days);
        }
    }

    #[test]
    fn years_to_one_day_are_those_of_the_calendar() {
        for to in [0, 59, 11_016, 11_017, 20_757, -700_000, 900_000] {
            let years = YearsTo::new(to);
            let near = (to - 60_000..to + 800).chain([i64::from(i32::MIN), to - 500_000]);
            for from in near {
                assert_eq!(years.from(from), years_between(from, to), "{from} {to}");
            }
        }
    }

    #[test]
    fn whole_years_end_on_the_birthday() {
        let day = |text: &str| {
            let date: Date = text.parse().unwrap();
            epoch_days(date.year().into(), date.month().into(), date.day().into())
        };
        let cases = [
            ("2000-05-20", "2020-05-19", 19),
            ("2000-05-20", "2020-05-20", 20),
            ("2000-02-29", "2021-02-28", 20),
            ("2000-02-29", "2021-03-01", 21),
            ("2020-05-20", "2019-05-21", 0),
            ("2020-05-20", "2019-05-20", -1),
        ];
        for (from, to, years) in cases {
            assert_eq!(years_between(day(from), day(to)), years, "{from} {to}");
        }
    }
}
