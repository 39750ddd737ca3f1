//! Civil dates as days since 1970, without a calendar object a row.
//!
//! The conversions are the usual ones for the proleptic Gregorian calendar, counted in eras of 400
//! years that begin on 1 March, so that the leap day is the last of its year.

/// Year, month and day of a day number.
#[must_use]
pub const fn civil(days: i64) -> (i64, i64, i64) {
    // 719,468 days lie between 1 March of year 0 and 1 January 1970; 146,097 make an era.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

/// Day number of a date; days past the month's end run into the next one.
#[must_use]
pub const fn epoch_days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
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

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::Date;

    #[test]
    fn day_numbers_and_dates_agree_with_the_calendar() {
        let epoch = Date::constant(1970, 1, 1);
        for days in (-200_000..300_000).step_by(37) {
            let date = taizhang_values::days_after(epoch, days);
            let expected = (i64::from(date.year()), i64::from(date.month()), i64::from(date.day()));
            assert_eq!(civil(days), expected);
            assert_eq!(epoch_days(expected.0, expected.1, expected.2), days);
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
