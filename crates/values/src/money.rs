//! Money in whole fen.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An amount in fen (1/100 yuan). Never a float: sums must be exact.
///
/// # Example
/// ```
/// use taizhang_values::Money;
/// assert_eq!(Money::parse("1,234.5"), Some(Money::from_fen(123_450)));
/// assert_eq!(Money::from_fen(123_450).to_string(), "1,234.50");
/// ```
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Money(i64);

impl Money {
    /// An amount given in fen.
    #[must_use]
    pub const fn from_fen(fen: i64) -> Self {
        Self(fen)
    }

    /// The amount in fen.
    #[must_use]
    pub const fn fen(self) -> i64 {
        self.0
    }

    /// Reads yuan with at most two decimals; thousands separators and a trailing `元` are
    /// accepted. `None` for anything else, and for amounts that do not fit.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let folded = crate::fold_width(text);
        let cleaned: String = folded.trim().trim_end_matches('元').replace([',', ' '], "");
        let (sign, digits) = match cleaned.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, cleaned.as_str()),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || fraction.len() > 2 || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let yuan: i64 = whole.parse().ok()?;
        let cents: i64 = format!("{fraction:0<2}").parse().ok()?;
        yuan.checked_mul(100)?.checked_add(cents)?.checked_mul(sign).map(Self)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        let digits = (fen / 100).to_string();
        let mut grouped = String::new();
        for (position, digit) in digits.chars().enumerate() {
            if position > 0 && (digits.len() - position).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        write!(formatter, "{sign}{grouped}.{:02}", fen % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::Money;
    use proptest::prelude::*;

    #[test]
    fn amounts_are_read_or_refused() {
        let cases = [
            ("0", Some(0)),
            ("12.3", Some(1230)),
            ("－１２．３０元", Some(-1230)),
            ("1,000,000", Some(100_000_000)),
            ("1.234", None),
            ("", None),
            ("abc", None),
            ("99999999999999999999", None),
        ];
        for (text, fen) in cases {
            assert_eq!(Money::parse(text).map(Money::fen), fen, "{text}");
        }
    }

    proptest! {
        #[test]
        fn shown_amounts_read_back(fen in -1_000_000_000_000i64..1_000_000_000_000) {
            let money = Money::from_fen(fen);
            prop_assert_eq!(Money::parse(&money.to_string()), Some(money));
        }
    }
}
