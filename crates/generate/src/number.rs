//! Invented identity and certificate numbers with right check digits, of regions that do not exist.

use crate::day::Day;

/// An invented number of at most 22 characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Number {
    bytes: [u8; 22],
    length: u8,
}

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: &[u8; 11] = b"10X98765432";

/// The check character of 17 digits.
fn check(digits: &[u8]) -> u8 {
    let sum: u32 =
        digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    CHECKS.get((sum % 11) as usize).copied().unwrap_or(b'0')
}

impl Number {
    /// The number of a person: six digits of the county, the birth date, a sequence of 0 to 499 and
    /// the sex, then the check character.
    #[must_use]
    pub fn person(county: u32, birth: Day, sequence: u32, is_male: bool) -> Self {
        let (year, month, day) = birth.parts();
        let sequence = sequence % 500 * 2 + u32::from(is_male);
        let text = format!("{county:06}{year:04}{month:02}{day:02}{sequence:03}");
        let mut number = Self { bytes: [0; 22], length: 0 };
        text.bytes().for_each(|byte| number.push(byte));
        number.push(check(text.as_bytes()));
        number
    }

    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(usize::from(self.length)) {
            *place = byte;
            self.length += 1;
        }
    }

    /// A number written just so, for faults; at most 22 characters are kept.
    #[must_use]
    pub fn written(text: &str) -> Self {
        let mut number = Self { bytes: [0; 22], length: 0 };
        text.bytes().for_each(|byte| number.push(byte));
        number
    }

    /// The certificate number made of this number, a class of 1 to 7 and a level of 1 to 4.
    #[must_use]
    pub fn certificate(self, class: u8, level: u8) -> Self {
        let mut number = Self { length: self.length.min(18), ..self };
        number.push(b'0' + class % 10);
        number.push(b'0' + level % 10);
        number
    }

    /// Its characters.
    #[must_use]
    pub fn text(&self) -> &str {
        let bytes = self.bytes.get(..usize::from(self.length)).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// The same with a capital check letter, by which numbers meet.
    #[must_use]
    pub fn folded(mut self) -> Self {
        self.bytes.make_ascii_uppercase();
        self
    }

    /// The same with another last digit of the first 18, so that the check fails.
    #[must_use]
    pub fn damaged(self) -> Self {
        let mut number = self;
        if let Some(byte) = number.bytes.get_mut(17) {
            *byte = if *byte == b'5' { b'6' } else { b'5' };
        }
        number
    }
}

#[cfg(test)]
mod tests {
    use super::Number;
    use crate::day::Day;

    #[test]
    fn invented_numbers_are_valid_and_damaged_ones_not() {
        for sequence in 0..400 {
            let birth = Day(i32::try_from(sequence).unwrap() * 53);
            let number = Number::person(998_001, birth, sequence, sequence % 3 == 0);
            assert!(taizhang_values::IdentityNumber::parse(number.text()).is_ok());
            assert!(taizhang_values::IdentityNumber::parse(number.damaged().text()).is_err());
            assert_eq!(number.certificate(4, 2).text().len(), 20);
        }
    }
}
