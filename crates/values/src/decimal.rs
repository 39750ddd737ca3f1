//! Numbers with four fixed fraction digits: areas in mu, distances in kilometres, scores.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Ten-thousandths in one.
const SCALE: i64 = 10_000;

/// Fraction digits kept.
const FRACTION_DIGITS: usize = 4;

/// A number with four fraction digits, exact in sums and comparisons.
///
/// # Shape
/// Serialised as its ten-thousandths, a whole number.
///
/// # Example
/// ```
/// use taizhang_values::Decimal;
/// let area = Decimal::parse("２.５０ ").unwrap();
/// assert_eq!(area, Decimal::from_units(25_000));
/// assert_eq!(area.to_string(), "2.5");
/// assert!(area < Decimal::from_integer(3).unwrap());
/// ```
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Decimal(i64);

impl Decimal {
    /// A number given in ten-thousandths.
    #[must_use]
    pub const fn from_units(units: i64) -> Self {
        Self(units)
    }

    /// The number in ten-thousandths.
    #[must_use]
    pub const fn units(self) -> i64 {
        self.0
    }

    /// A whole number; `None` if it does not fit.
    #[must_use]
    pub fn from_integer(number: i64) -> Option<Self> {
        number.checked_mul(SCALE).map(Self)
    }

    /// Reads a number with at most four fraction digits; thousands separators are accepted.
    /// `None` for anything else, and for numbers that do not fit.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let folded = crate::fold_width(text);
        let cleaned: String = folded.trim().replace([',', ' '], "");
        let (sign, digits) = match cleaned.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, cleaned.strip_prefix('+').unwrap_or(&cleaned)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let fraction = fraction.trim_end_matches('0');
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let is_blank = whole.is_empty();
        if is_blank || fraction.len() > FRACTION_DIGITS || !all_digits(whole) {
            return None;
        }
        if !all_digits(fraction) {
            return None;
        }
        let whole: i64 = whole.parse().ok()?;
        let rest: i64 = format!("{fraction:0<4}").parse().ok()?;
        whole.checked_mul(SCALE)?.checked_add(rest)?.checked_mul(sign).map(Self)
    }

    /// The nearest number of four fraction digits; `None` if it is not finite or does not fit.
    #[must_use]
    pub fn from_f64(number: f64) -> Option<Self> {
        let scaled = (number * 10_000.0).round();
        if !scaled.is_finite() || scaled.abs() > 9e18 {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "whole and within range")]
        Some(Self(scaled as i64))
    }

    /// The number as a float, for rules and snapshots.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "the result is rounded by its type")]
        let units = self.0 as f64;
        units / 10_000.0
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let units = self.0.unsigned_abs();
        let scale = SCALE.unsigned_abs();
        write!(formatter, "{sign}{}", units / scale)?;
        let rest = format!("{:04}", units % scale);
        let rest = rest.trim_end_matches('0');
        if rest.is_empty() { Ok(()) } else { write!(formatter, ".{rest}") }
    }
}

#[cfg(test)]
mod tests {
    use super::Decimal;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_read_or_refused() {
        let cases = [
            ("0", Some(0)),
            ("12.3", Some(123_000)),
            ("－１，２００.0001", Some(-12_000_001)),
            ("+0.5000000", Some(5_000)),
            ("7.", Some(70_000)),
            ("1.23456", None),
            (".5", None),
            ("--1", None),
            ("1.2.3", None),
            ("3亩", None),
            ("", None),
            ("999999999999999999", None),
        ];
        for (text, units) in cases {
            assert_eq!(Decimal::parse(text).map(Decimal::units), units, "{text}");
        }
    }

    #[test]
    fn floats_round_to_four_digits() {
        let cases = [(0.1 + 0.2, Some(3_000)), (-2.5, Some(-25_000)), (f64::NAN, None)];
        for (number, units) in cases {
            assert_eq!(Decimal::from_f64(number).map(Decimal::units), units, "{number}");
        }
    }

    proptest! {
        #[test]
        fn shown_numbers_read_back(units in -1_000_000_000_000_i64..1_000_000_000_000) {
            let number = Decimal::from_units(units);
            prop_assert_eq!(Decimal::parse(&number.to_string()), Some(number));
            prop_assert_eq!(Decimal::from_f64(number.to_f64()), Some(number));
        }
    }
}
