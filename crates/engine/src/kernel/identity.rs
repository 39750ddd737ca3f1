//! Facts about identity and telephone numbers, without a branch a digit.
//!
//! A number as it should be is 18, 20 or 22 bytes of ASCII. Only what is not goes the slow way,
//! where width, blanks and case are folded first.

use super::dates::epoch_days;
use crate::bits::Bits;
use crate::column::{Booleans, Column, Dictionary, Gaps, Integers, Texts};
use crate::snapshot::text_key;
use std::sync::Arc;
use taizhang_program::Fact;
use taizhang_values::fold_width;

/// Weights of the first 17 digits (GB 11643).
const WEIGHTS: [u16; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// Check character by remainder.
const CHECKS: [u8; 11] = *b"10X98765432";

/// Days of the months; February is looked at by itself.
const MONTH_DAYS: [u32; 13] = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// A fact about every number of a column. Missing numbers give missing facts.
#[must_use]
pub fn fact(texts: &Texts, fact: Fact) -> Column {
    match fact {
        Fact::Valid => valid(texts),
        Fact::Holder => boolean(texts, |number| number.get(..18).is_some_and(is_valid_eighteen)),
        Fact::Placeholder => boolean(texts, |number| number.starts_with(b"999999")),
        Fact::Key => integers(texts, |number| Some(text_key(number))),
        Fact::PersonKey => integers(texts, |number| Some(text_key(first(number, 18)))),
        Fact::Length => integers(texts, |number| i64::try_from(characters(number)).ok()),
        Fact::Birth => integers(texts, birth),
        Fact::Class => integers(texts, |number| digit(number, 18)),
        Fact::Level => integers(texts, |number| digit(number, 19)),
        Fact::Sex => words(texts, |number| {
            let digit = digit(number, 16)?;
            Some(if digit % 2 == 1 { b"male".as_slice() } else { b"female" })
        }),
        Fact::Region => words(texts, |number| {
            number.get(..6).filter(|digits| digits.iter().all(u8::is_ascii_digit))
        }),
    }
}

fn characters(number: &[u8]) -> usize {
    number.iter().filter(|byte| (**byte & 0xc0) != 0x80).count()
}

/// Hands the folded form of a number to `take`; plain ones are not copied.
fn folded<T>(number: &[u8], take: impl FnOnce(&[u8]) -> T) -> T {
    let is_plain = number.iter().all(|byte| byte.is_ascii_digit() || *byte == b'X');
    if is_plain {
        return take(number);
    }
    let text = fold_width(std::str::from_utf8(number).unwrap_or(""));
    let clean: String = text
        .chars()
        .filter(|character| !character.is_whitespace())
        .map(|character| character.to_ascii_uppercase())
        .collect();
    take(clean.as_bytes())
}

/// Numbers that are valid as they stand are told without a look at width and blanks.
fn valid(texts: &Texts) -> Column {
    let is_any = |number: &[u8]| is_valid(number) || is_mobile(number);
    let test = |number: &[u8]| is_valid_eighteen(number) || folded(number, is_any);
    let truth = match &texts.keys {
        None => Bits::collect(texts.dictionary.iter().map(test)),
        Some(_) => super::compare::by_entry(texts, test),
    };
    Column::Boolean(Booleans::new(truth, texts.gaps.clone()))
}

fn boolean(texts: &Texts, test: impl Fn(&[u8]) -> bool) -> Column {
    let truth = match &texts.keys {
        None => Bits::collect(texts.dictionary.iter().map(|number| folded(number, &test))),
        Some(_) => super::compare::by_entry(texts, |number| folded(number, &test)),
    };
    Column::Boolean(Booleans::new(truth, texts.gaps.clone()))
}

fn integers(texts: &Texts, find: impl Fn(&[u8]) -> Option<i64>) -> Column {
    let length = texts.len();
    let mut known = texts.gaps.known_bits(length);
    let values = (0..length)
        .map(|row| {
            let found = folded(texts.bytes(row), &find);
            if found.is_none() {
                known.set(row, false);
            }
            found.unwrap_or(0)
        })
        .collect();
    let gaps = super::logic::settle(known, texts.gaps.errors.clone());
    Column::Integer(Integers { values, gaps })
}

fn words(texts: &Texts, find: impl Fn(&[u8]) -> Option<&[u8]>) -> Column {
    let length = texts.len();
    let mut known = texts.gaps.known_bits(length);
    let mut dictionary = Dictionary::default();
    for row in 0..length {
        folded(texts.bytes(row), |number| match find(number) {
            Some(word) => dictionary.push(word),
            None => {
                dictionary.push(&[]);
                known.set(row, false);
            }
        });
    }
    let gaps: Gaps = super::logic::settle(known, texts.gaps.errors.clone());
    Column::Text(Texts { keys: None, dictionary: Arc::new(dictionary), gaps })
}

/// The digit at a place, counted in characters.
fn digit(number: &[u8], place: usize) -> Option<i64> {
    if number.is_ascii() {
        let byte = number.get(place).filter(|byte| byte.is_ascii_digit())?;
        return Some(i64::from(byte - b'0'));
    }
    let character = std::str::from_utf8(number).ok()?.chars().nth(place)?;
    character.to_digit(10).map(i64::from)
}

/// The first characters of a text.
fn first(text: &[u8], count: usize) -> &[u8] {
    if text.is_ascii() {
        return text.get(..count).unwrap_or(text);
    }
    let whole = std::str::from_utf8(text).unwrap_or("");
    let end = whole.char_indices().nth(count).map_or(whole.len(), |(place, _)| place);
    text.get(..end).unwrap_or(text)
}

/// Valid as a whole: 18 characters, or 20 or 22 with class and level of a certificate.
fn is_valid(number: &[u8]) -> bool {
    match number.len() {
        18 => is_valid_eighteen(number),
        20 | 22 => {
            let class = digit(number, 18).unwrap_or(0);
            let level = digit(number, 19).unwrap_or(0);
            number.get(..18).is_some_and(is_valid_eighteen)
                && (1..=7).contains(&class)
                && (1..=4).contains(&level)
        }
        _ => false,
    }
}

/// Digits, birth date and check character of exactly 18 bytes; no branch depends on them.
///
/// Sums cannot overflow: 207 is the most a byte less `0` can be, and 207 × 10 × 17 fits 16 bits.
#[inline]
fn is_valid_eighteen(number: &[u8]) -> bool {
    let Ok(bytes) = <&[u8; 18]>::try_from(number) else { return false };
    let mut sum = 0_u16;
    let mut wrong = 0_u8;
    for (byte, weight) in bytes.iter().zip(WEIGHTS) {
        let digit = byte.wrapping_sub(b'0');
        wrong |= u8::from(digit > 9);
        sum = sum.wrapping_add(u16::from(digit).wrapping_mul(weight));
    }
    let [_, _, _, _, _, _, y0, y1, y2, y3, m0, m1, d0, d1, _, _, _, check] = *bytes;
    let value = |byte: u8| u32::from(byte.wrapping_sub(b'0'));
    let two = |tens: u8, ones: u8| value(tens).wrapping_mul(10).wrapping_add(value(ones));
    let year = two(y0, y1).wrapping_mul(100).wrapping_add(two(y2, y3));
    let (month, day) = (two(m0, m1), two(d0, d1));
    // A year divisible by 25 must be divisible by 16 to be a leap year, any other by 4.
    let mask = if year % 25 == 0 { 15 } else { 3 };
    let is_short = u32::from((month == 2) & (year & mask != 0));
    let days = MONTH_DAYS.get(month as usize).copied().unwrap_or(0).wrapping_sub(is_short);
    let expected = CHECKS.get(usize::from(sum % 11)).copied().unwrap_or(0);
    (wrong == 0) & (day.wrapping_sub(1) < days) & (check == expected)
}

/// Birth date as days since 1970; none if there is no such day.
fn birth(number: &[u8]) -> Option<i64> {
    let part = number.get(6..14)?;
    let mut digits = 0_i64;
    for byte in part {
        if !byte.is_ascii_digit() {
            return None;
        }
        digits = digits * 10 + i64::from(byte - b'0');
    }
    let (year, month, day) = (digits / 10_000, digits / 100 % 100, digits % 100);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = MONTH_DAYS.get(usize::try_from(month).ok()?).copied().unwrap_or(0);
    let days = i64::from(days) - i64::from(month == 2 && !is_leap);
    (year >= 1 && (1..=days).contains(&day)).then(|| epoch_days(year, month, day))
}

/// A mobile number: eleven digits that begin with 1 and 3–9.
fn is_mobile(number: &[u8]) -> bool {
    match number {
        [b'1', second, rest @ ..] => {
            (b'3'..=b'9').contains(second) && rest.len() == 9 && rest.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use taizhang_values::IdentityNumber;

    /// Numbers of the division 990001, which is assigned to no place, with every kind of fault.
    fn numbers() -> Vec<String> {
        let mut numbers = Vec::new();
        for serial in 0..2000_u32 {
            let (year, month, day) = (1930 + serial % 95, serial % 14, serial % 33);
            let head = format!("990001{year:04}{month:02}{day:02}{:03}", serial % 1000);
            let sum: u32 =
                head.bytes().zip(WEIGHTS).map(|(b, w)| u32::from(b - b'0') * u32::from(w)).sum();
            let check = char::from(CHECKS[(sum % 11) as usize]);
            numbers.push(format!("{head}{check}"));
            numbers.push(format!("{head}{}", serial % 10));
            numbers.push(format!("{head}{check}{}{}", serial % 9, serial % 6));
        }
        let plain = numbers[3].clone();
        numbers.push(plain.to_lowercase());
        numbers.push(format!(" {plain}"));
        numbers.push(plain.replace('9', "９"));
        numbers.push("12345".to_owned());
        numbers.push("9900011970010100".to_owned() + "AX");
        numbers
    }

    #[test]
    fn validity_and_facts_agree_with_the_value_type() {
        let numbers = numbers();
        let texts = Texts::plain(numbers.iter().map(|number| Some(number.as_bytes())));
        let Column::Boolean(valid) = fact(&texts, Fact::Valid) else { panic!("no booleans") };
        let Column::Integer(birth) = fact(&texts, Fact::Birth) else { panic!("no dates") };
        let mut count = 0;
        for (row, number) in numbers.iter().enumerate() {
            let parsed = IdentityNumber::parse(number);
            assert_eq!(valid.truth.get(row), parsed.is_ok(), "{number}");
            if let Ok(parsed) = parsed {
                count += 1;
                let date = parsed.birth_date().unwrap();
                let days = epoch_days(date.year().into(), date.month().into(), date.day().into());
                assert_eq!(birth.values[row], days, "{number}");
                assert!(birth.gaps.is_known(row));
            }
        }
        assert!(count > 500 && count < numbers.len(), "{count}");
    }

    #[test]
    fn numbers_with_and_without_certificate_share_a_key() {
        let texts = Texts::plain(
            [
                Some(b"990001197001010015".as_slice()),
                Some(b"99000119700101001543"),
                None,
                Some(b"99 0001197001010015"),
            ]
            .into_iter(),
        );
        let Column::Integer(keys) = fact(&texts, Fact::PersonKey) else { panic!("no keys") };
        assert_eq!(keys.values[0], keys.values[1]);
        assert_eq!(keys.values[0], keys.values[3]);
        assert!(!keys.gaps.is_known(2));
    }
}
