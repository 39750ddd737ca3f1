//! Days as numbers: what a snapshot stores and sums can be made with.

use taizhang_values::Date;

/// Days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// The day of a year, month and day of the proleptic Gregorian calendar. Days past the end of
    /// the month run into the next one.
    #[must_use]
    pub const fn of(year: i32, month: i32, day: i32) -> Self {
        let months = year * 12 + month - 1;
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
        let shifted = if month <= 2 { year - 1 } else { year };
        let era = shifted.div_euclid(400);
        let year_of_era = shifted.rem_euclid(400);
        let month_of_year = (month + 9) % 12;
        let day_of_year = (153 * month_of_year + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Self(era * 146_097 + day_of_era - 719_468)
    }

    /// Year, month and day.
    #[must_use]
    pub const fn parts(self) -> (i32, i32, i32) {
        let days = self.0 + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
        (year, month, day)
    }

    /// The year.
    #[must_use]
    pub const fn year(self) -> i32 {
        self.parts().0
    }

    /// So many days later.
    #[must_use]
    pub const fn plus(self, days: i32) -> Self {
        Self(self.0 + days)
    }

    /// First day of the month so many months later.
    #[must_use]
    pub const fn month(self, later: i32) -> Self {
        let (year, month, _) = self.parts();
        Self::of(year, month + later, 1)
    }

    /// Full years since `birth` on this day.
    #[must_use]
    pub const fn age(self, birth: Self) -> i32 {
        let (year, month, day) = self.parts();
        let (birth_year, birth_month, birth_day) = birth.parts();
        let before = month < birth_month || (month == birth_month && day < birth_day);
        year - birth_year - if before { 1 } else { 0 }
    }

    /// `2026-01-31`.
    #[must_use]
    pub fn text(self) -> String {
        let (year, month, day) = self.parts();
        format!("{year:04}-{month:02}-{day:02}")
    }
}

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        Self::of(i32::from(date.year()), i32::from(date.month()), i32::from(date.day()))
    }
}

#[cfg(test)]
mod tests {
    use super::Day;

    #[test]
    fn days_and_parts_agree() {
        assert_eq!(Day::of(1970, 1, 1).0, 0);
        assert_eq!(Day::of(2000, 3, 1).0, 11_017);
        for number in (-20_000..40_000).step_by(13) {
            let (year, month, day) = Day(number).parts();
            assert_eq!(Day::of(year, month, day).0, number);
        }
        assert_eq!(Day::of(2025, 14, 1), Day::of(2026, 2, 1));
        assert_eq!(Day::of(2026, 10, 31).age(Day::of(2010, 11, 1)), 15);
        assert_eq!(Day::of(2026, 1, 15).month(-3).text(), "2025-10-01");
    }
}
