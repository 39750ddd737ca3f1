//! Resident identity numbers (domain §1.4).

use crate::fold_number;
use jiff::civil::Date;
use std::fmt;

/// Weights and check characters of the resident identity number (GB 11643).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];

/// Characters of a person's number. A disability certificate's number begins with its holder's and
/// adds class and level, and two more where it was issued again.
pub const IDENTITY_CHARACTERS: usize = 18;

/// The holder's number in a number of a person or a certificate: its first
/// [`IDENTITY_CHARACTERS`] characters, by which people are matched across ledgers. What is shorter
/// stays whole. Takes the folded form ([`fold_number`]).
///
/// # Example
/// ```
/// assert_eq!(taizhang_values::holder_part("99000119700101001X4312"), "99000119700101001X");
/// assert_eq!(taizhang_values::holder_part("13900000000"), "13900000000");
/// ```
#[must_use]
pub fn holder_part(folded: &str) -> &str {
    let end = folded.char_indices().nth(IDENTITY_CHARACTERS).map(|(place, _)| place);
    end.and_then(|end| folded.get(..end)).unwrap_or(folded)
}

/// A valid number of 18, 20 or 22 characters. Its `Debug` form hides the number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdentityNumber(String);

/// Sex as the seventeenth digit tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// Odd digit.
    Male,
    /// Even digit.
    Female,
}

/// Why a number is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityFault {
    /// Not 18, 20 or 22 characters.
    Length,
    /// A character that cannot stand at its place.
    Character,
    /// The birth date does not exist.
    BirthDate,
    /// The check character does not fit.
    CheckDigit,
    /// Class or level of the disability certificate is out of range.
    Certificate,
}

impl IdentityNumber {
    /// Reads a number; full-width digits, spaces, hyphens and a small `x` are accepted
    /// ([`fold_number`]).
    ///
    /// # Errors
    /// The first fault in the order of [`IdentityFault`].
    pub fn parse(text: &str) -> Result<Self, IdentityFault> {
        let cleaned = fold_number(text);
        let count = cleaned.chars().count();
        if !matches!(count, IDENTITY_CHARACTERS | 20 | 22) {
            return Err(IdentityFault::Length);
        }
        let digits: Vec<char> = cleaned.chars().collect();
        let head = digits.get(..17).unwrap_or(&[]);
        if !head.iter().all(char::is_ascii_digit) {
            return Err(IdentityFault::Character);
        }
        let number = Self(cleaned);
        if number.birth_date().is_none() {
            return Err(IdentityFault::BirthDate);
        }
        let sum: u32 =
            head.iter().zip(WEIGHTS).filter_map(|(c, w)| Some(c.to_digit(10)? * w)).sum();
        let expected = CHECKS.get(usize::try_from(sum % 11).unwrap_or(0));
        if digits.get(17) != expected {
            return Err(IdentityFault::CheckDigit);
        }
        if count > IDENTITY_CHARACTERS {
            let class = digits.get(18).and_then(|c| c.to_digit(10)).unwrap_or(0);
            let level = digits.get(19).and_then(|c| c.to_digit(10)).unwrap_or(0);
            if !(1..=7).contains(&class) || !(1..=4).contains(&level) {
                return Err(IdentityFault::Certificate);
            }
        }
        Ok(number)
    }

    /// The number itself. Only for encryption and keyed hashes.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The holder's part, by which people are matched across ledgers.
    #[must_use]
    pub fn person_key(&self) -> &str {
        holder_part(&self.0)
    }

    /// Birth date in the number.
    #[must_use]
    pub fn birth_date(&self) -> Option<Date> {
        let year = self.0.get(6..10)?.parse().ok()?;
        let month = self.0.get(10..12)?.parse().ok()?;
        let day = self.0.get(12..14)?.parse().ok()?;
        Date::new(year, month, day).ok()
    }

    /// Sex in the number.
    #[must_use]
    pub fn sex(&self) -> Option<Sex> {
        let digit: u32 = self.0.get(16..17)?.parse().ok()?;
        Some(if digit % 2 == 1 { Sex::Male } else { Sex::Female })
    }
}

impl fmt::Debug for IdentityNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("IdentityNumber(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Appends the check character; the division 990001 is not assigned to any place.
    fn number(seventeen: &str) -> String {
        let sum: u32 =
            seventeen.chars().zip(WEIGHTS).map(|(c, w)| c.to_digit(10).unwrap() * w).sum();
        format!("{seventeen}{}", CHECKS[usize::try_from(sum % 11).unwrap()])
    }

    #[test]
    fn every_single_digit_error_is_found() {
        let good = number("99000119700101001");
        assert!(IdentityNumber::parse(&good).is_ok());
        for place in 0..17 {
            for digit in '0'..='9' {
                let mut bad: Vec<char> = good.chars().collect();
                if bad[place] == digit {
                    continue;
                }
                bad[place] = digit;
                let text: String = bad.into_iter().collect();
                assert!(IdentityNumber::parse(&text).is_err(), "{text}");
            }
        }
    }

    #[test]
    fn faults_are_told_apart() {
        let good = number("99000119700101001");
        let cases = [
            ("123".to_owned(), IdentityFault::Length),
            (good.replacen('9', "A", 1), IdentityFault::Character),
            (number("99000119701301001"), IdentityFault::BirthDate),
            (format!("{good}91"), IdentityFault::Certificate),
        ];
        for (text, fault) in cases {
            assert_eq!(IdentityNumber::parse(&text), Err(fault), "{text}");
        }
        assert!(IdentityNumber::parse(&format!("{good}41")).is_ok());
        assert!(!format!("{:?}", IdentityNumber::parse(&good)).contains("1970"));
    }
}
