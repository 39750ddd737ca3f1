//! Facts about identity and telephone numbers, read eight digits at a time.
//!
//! A number as it should be is 18 bytes of ASCII and is read as two words and two bytes, without a
//! branch a digit. Only what is not goes the slow way, where width, blanks, hyphens and case are
//! folded first. All facts asked of a column are read in one pass over its numbers.

use super::by_row::with_gaps;
use super::dates::epoch_days;
use crate::bits::Bits;
use crate::column::{Booleans, Column, Dictionary, Gaps, Integers, Rows, Texts};
use crate::snapshot::text_key;
use std::sync::Arc;
use taizhang_program::Fact;
use taizhang_values::{fold_number, holder_part};

/// Check character by remainder.
const CHECKS: [u8; 11] = *b"10X98765432";

/// Eight characters `0`; a digit less this is its value, with no carry between bytes.
const ZEROS: u64 = 0x3030_3030_3030_3030;

/// Every second byte of a word.
const SECOND_BYTES: u64 = 0x00ff_00ff_00ff_00ff;

/// Weights of the first 17 digits (GB 11643), as factors that gather four digits in the top of a
/// product: even and odd places of the first eight digits, then of the next eight; last, the one
/// of the seventeenth.
const WEIGHTS: [u64; 4] =
    [factor([7, 10, 8, 2]), factor([9, 5, 4, 1]), factor([6, 7, 10, 8]), factor([3, 9, 5, 4])];
const LAST_WEIGHT: u64 = 2;

/// Days of each month beyond 28, two bits a month; February is looked at by itself.
const MONTH_DAYS: u64 = {
    let days = [0_u64, 3, 0, 3, 2, 3, 2, 3, 3, 2, 3, 2, 3];
    let mut packed = 0;
    let mut month = 1;
    while month <= 12 {
        #[expect(clippy::indexing_slicing, reason = "reckoned by the compiler, which checks it")]
        let beyond = days[month];
        packed |= beyond << (2 * month);
        month += 1;
    }
    packed
};

const fn factor([first, second, third, fourth]: [u64; 4]) -> u64 {
    first << 48 | second << 32 | third << 16 | fourth
}

/// A fact about every number of a column. Missing numbers give missing facts.
#[must_use]
pub fn fact(texts: &Texts, fact: Fact) -> Column {
    let found = facts(texts, &[fact]).pop();
    found.unwrap_or_else(|| Column::Integer(Integers { values: vec![0], gaps: super::failed() }))
}

/// Several facts about every number of a column, in one pass.
#[must_use]
pub fn facts(texts: &Texts, wanted: &[Fact]) -> Vec<Column> {
    match &texts.keys {
        // Entries are fewer than rows: asked once an entry.
        Some(keys) if texts.dictionary.len() <= keys.len() => {
            let dictionary = Arc::clone(&texts.dictionary);
            let entries = Texts { keys: None, dictionary, gaps: Gaps::default() };
            let rows = Rows::Picked { rows: keys.clone(), has_nowhere: false };
            let found = read(&entries, wanted).into_iter();
            found
                .map(|column| with_gaps(super::gather(&column, &rows), &texts.gaps, keys.len()))
                .collect()
        }
        _ => read(texts, wanted),
    }
}

fn read(texts: &Texts, wanted: &[Fact]) -> Vec<Column> {
    if wanted == [Fact::Valid] {
        return vec![valid(texts)];
    }
    let length = texts.len();
    let mut made: Vec<Made> = wanted.iter().map(|fact| Made::new(*fact, length)).collect();
    for row in 0..length {
        let bytes = texts.bytes(row);
        if let Ok(eighteen) = <&[u8; 18]>::try_from(bytes)
            && let plain = Plain::of(eighteen)
            && plain.is_plain()
        {
            made.iter_mut().for_each(|made| made.add_plain(&plain, eighteen));
        } else {
            folded(bytes, |number| made.iter_mut().for_each(|made| made.add(number)));
        }
    }
    made.into_iter().map(|made| made.finish(&texts.gaps)).collect()
}

/// Whether numbers are valid, and nothing else: those that are valid as they stand are told
/// without a look at width, blanks and hyphens.
fn valid(texts: &Texts) -> Column {
    let is_any = |number: &[u8]| is_valid(number) || is_mobile(number);
    let test = |number: &[u8]| {
        <&[u8; 18]>::try_from(number).is_ok_and(|number| Plain::of(number).is_valid())
            || folded(number, is_any)
    };
    let truth = match &texts.keys {
        None => match texts.dictionary.eighteens() {
            Some(numbers) => Bits::of(numbers, |number: [u8; 18]| {
                Plain::of(&number).is_valid() || folded(&number, is_any)
            }),
            None => Bits::collect(texts.dictionary.iter().map(test)),
        },
        Some(_) => super::compare::by_entry(texts, test),
    };
    Column::Boolean(Booleans::new(truth, texts.gaps.clone()))
}

/// A number of eighteen bytes, less the character `0` from each of the first seventeen.
#[derive(Clone, Copy)]
struct Plain {
    head: u64,
    middle: u64,
    last: u8,
    check: u8,
}

impl Plain {
    #[inline]
    const fn of(number: &[u8; 18]) -> Self {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, last, check] = *number;
        Self {
            head: u64::from_le_bytes([a, b, c, d, e, f, g, h]) ^ ZEROS,
            middle: u64::from_le_bytes([i, j, k, l, m, n, o, p]) ^ ZEROS,
            last: last ^ b'0',
            check,
        }
    }

    /// Whether the first seventeen are digits.
    ///
    /// Adding 118 sets the top bit of a byte above 9; a byte that has it set already, and so may
    /// carry into its neighbour, is told by itself.
    #[inline]
    const fn has_digits(self) -> bool {
        const ABOVE: u64 = 0x7676_7676_7676_7676;
        const TOPS: u64 = 0x8080_8080_8080_8080;
        let head = self.head.wrapping_add(ABOVE) | self.head;
        let middle = self.middle.wrapping_add(ABOVE) | self.middle;
        ((head | middle) & TOPS == 0) & (self.last <= 9)
    }

    /// Whether nothing needs to be folded.
    const fn is_plain(self) -> bool {
        self.has_digits() & ((self.check == b'X') | (self.check ^ b'0' <= 9))
    }

    /// Year of the century, century, month and day, each below 100 if all are digits.
    #[inline]
    const fn date(self) -> (u64, u64, u64, u64) {
        let digits = self.head >> 48 | self.middle << 16;
        let tens = digits & SECOND_BYTES;
        let pairs = tens.wrapping_mul(10).wrapping_add(digits >> 8 & SECOND_BYTES);
        (pairs >> 16 & 0xff, pairs & 0xff, pairs >> 32 & 0xff, pairs >> 48)
    }

    /// Whether there is such a day.
    #[inline]
    const fn has_date(self) -> bool {
        let (year, century, month, day) = self.date();
        // The last year of a century is a leap year if the century's number is divisible by four.
        let told = if year == 0 { century } else { year };
        let is_long = (month == 2) & (told & 3 == 0);
        let days = 28 + (MONTH_DAYS >> ((month & 31) * 2) & 3) + is_long as u64;
        (month.wrapping_sub(1) < 12) & (day.wrapping_sub(1) < days)
    }

    /// Digits, birth date and check character; no branch depends on them.
    #[inline]
    fn is_valid(self) -> bool {
        let [even, odd, even_middle, odd_middle] = WEIGHTS;
        let part = |word: u64, factor: u64| (word & SECOND_BYTES).wrapping_mul(factor) >> 48;
        let head = part(self.head, even).wrapping_add(part(self.head >> 8, odd));
        let middle =
            part(self.middle, even_middle).wrapping_add(part(self.middle >> 8, odd_middle));
        let last = u64::from(self.last).wrapping_mul(LAST_WEIGHT);
        let sum = head.wrapping_add(middle).wrapping_add(last);
        let expected = CHECKS.get((sum % 11) as usize).copied().unwrap_or(0);
        self.has_digits() & self.has_date() & (self.check == expected)
    }

    /// Birth date as days since 1970; there is no year 0.
    fn birth(self) -> Option<i64> {
        let (year, century, month, day) = self.date();
        let year = century * 100 + year;
        if year == 0 || !self.has_date() {
            return None;
        }
        Some(epoch_days(year.cast_signed(), month.cast_signed(), day.cast_signed()))
    }
}

/// A fact that is being made, row by row.
enum Made {
    Truth(Fact, Vec<u8>),
    Whole(Fact, Vec<i64>, Vec<u32>),
    Word(Fact, Words),
}

/// Words by a dictionary that is entered anew when the word changes.
struct Words {
    keys: Vec<u32>,
    dictionary: Dictionary,
    missing: Vec<u32>,
}

const SEXES: [&[u8]; 2] = [b"female", b"male"];

impl Words {
    fn of(fact: Fact, length: usize) -> Self {
        let mut dictionary = Dictionary::default();
        if fact == Fact::Sex {
            SEXES.iter().for_each(|word| dictionary.push(word));
        }
        Self { keys: Vec::with_capacity(length), dictionary, missing: Vec::new() }
    }

    fn push(&mut self, word: Option<&[u8]>) {
        let Some(word) = word else {
            self.missing.push(u32::try_from(self.keys.len()).unwrap_or(u32::MAX));
            self.keys.push(0);
            return;
        };
        let last = self.dictionary.len().wrapping_sub(1);
        let place = if self.dictionary.bytes_at(last) == word {
            last
        } else {
            self.dictionary.push(word);
            last.wrapping_add(1)
        };
        self.keys.push(u32::try_from(place).unwrap_or(u32::MAX));
    }
}

impl Made {
    fn new(fact: Fact, length: usize) -> Self {
        match fact {
            Fact::Valid | Fact::Holder | Fact::Placeholder => {
                Self::Truth(fact, Vec::with_capacity(length))
            }
            Fact::Sex | Fact::Region => Self::Word(fact, Words::of(fact, length)),
            _ => Self::Whole(fact, Vec::with_capacity(length), Vec::new()),
        }
    }

    /// Adds what eighteen plain characters say.
    #[inline]
    fn add_plain(&mut self, plain: &Plain, number: &[u8; 18]) {
        match self {
            Self::Truth(fact, flags) => flags.push(u8::from(match fact {
                Fact::Placeholder => number.starts_with(b"999999"),
                _ => plain.is_valid(),
            })),
            Self::Whole(fact, values, missing) => {
                let found = match fact {
                    Fact::Length => Some(18),
                    Fact::Birth => plain.birth(),
                    Fact::Class | Fact::Level => None,
                    _ => Some(text_key(number)),
                };
                push_whole(values, missing, found);
            }
            Self::Word(Fact::Sex, words) => words.keys.push(u32::from(plain.last & 1)),
            Self::Word(_, words) => words.push(number.get(..6)),
        }
    }

    /// Adds what a folded number of any length says.
    fn add(&mut self, number: &[u8]) {
        match self {
            Self::Truth(fact, flags) => flags.push(u8::from(match fact {
                Fact::Placeholder => number.starts_with(b"999999"),
                Fact::Holder => number.get(..18).is_some_and(is_valid_eighteen),
                _ => is_valid(number) || is_mobile(number),
            })),
            Self::Whole(fact, values, missing) => {
                let found = match fact {
                    Fact::Length => i64::try_from(characters(number)).ok(),
                    Fact::Birth => birth(number),
                    Fact::Class => digit(number, 18),
                    Fact::Level => digit(number, 19),
                    Fact::PersonKey => Some(text_key(holder(number))),
                    _ => Some(text_key(number)),
                };
                push_whole(values, missing, found);
            }
            Self::Word(Fact::Sex, words) => match digit(number, 16) {
                Some(digit) => words.keys.push(u32::from(digit & 1 == 1)),
                None => words.push(None),
            },
            Self::Word(_, words) => {
                let digits = number.get(..6);
                words.push(digits.filter(|digits| digits.iter().all(u8::is_ascii_digit)));
            }
        }
    }

    fn finish(self, gaps: &Gaps) -> Column {
        let without = |missing: Vec<u32>, length: usize| {
            if missing.is_empty() {
                return gaps.clone();
            }
            let mut known = gaps.known_bits(length);
            missing.iter().for_each(|row| known.set(*row as usize, false));
            super::logic::settle(known, gaps.errors.clone())
        };
        match self {
            Self::Truth(_, flags) => {
                Column::Boolean(Booleans::new(Bits::from_bytes(&flags), gaps.clone()))
            }
            Self::Whole(_, values, missing) => {
                let gaps = without(missing, values.len());
                Column::Integer(Integers { values, gaps })
            }
            Self::Word(_, Words { keys, dictionary, missing }) => {
                let gaps = without(missing, keys.len());
                Column::Text(Texts { keys: Some(keys), dictionary: Arc::new(dictionary), gaps })
            }
        }
    }
}

fn push_whole(values: &mut Vec<i64>, missing: &mut Vec<u32>, found: Option<i64>) {
    if found.is_none() {
        missing.push(u32::try_from(values.len()).unwrap_or(u32::MAX));
    }
    values.push(found.unwrap_or(0));
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
    take(fold_number(std::str::from_utf8(number).unwrap_or("")).as_bytes())
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

/// The holder's part of a folded number.
fn holder(number: &[u8]) -> &[u8] {
    holder_part(std::str::from_utf8(number).unwrap_or("")).as_bytes()
}

/// Valid as a whole: 18 characters, or 20 or 22 with class and level of a certificate.
fn is_valid(number: &[u8]) -> bool {
    match characters(number) {
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

/// Digits, birth date and check character of exactly 18 bytes.
fn is_valid_eighteen(number: &[u8]) -> bool {
    <&[u8; 18]>::try_from(number).is_ok_and(|number| Plain::of(number).is_valid())
}

/// Birth date as days since 1970; none if there is no such day.
fn birth(number: &[u8]) -> Option<i64> {
    let digits = number.get(6..14).filter(|digits| digits.iter().all(u8::is_ascii_digit))?;
    let mut plain = *b"000000000000000000";
    plain.get_mut(6..14)?.copy_from_slice(digits);
    Plain::of(&plain).birth()
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
    use taizhang_rules::{Cell, fact_of, ir};
    use taizhang_values::{Date, IdentityNumber};

    /// Numbers of the division 990001, which is assigned to no place, with every kind of fault.
    fn numbers() -> Vec<String> {
        let mut numbers = Vec::new();
        for serial in 0..2000_u32 {
            let (year, month, day) = (1930 + serial % 95, serial % 14, serial % 33);
            let head = format!("990001{year:04}{month:02}{day:02}{:03}", serial % 1000);
            let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
            let sum: u32 = head.bytes().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
            let check = char::from(CHECKS[(sum % 11) as usize]);
            numbers.push(format!("{head}{check}"));
            numbers.push(format!("{head}{}", serial % 10));
            numbers.push(format!("{head}{check}{}{}", serial % 9, serial % 6));
        }
        let plain = numbers[3].clone();
        numbers.push(plain.to_lowercase());
        numbers.push(format!(" {plain}"));
        numbers.push(plain.replace('9', "９"));
        numbers.push(plain.replacen("990001", "990001-", 1));
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
                Some(b"99-0001 197001010015"),
            ]
            .into_iter(),
        );
        let Column::Integer(keys) = fact(&texts, Fact::PersonKey) else { panic!("no keys") };
        assert_eq!(keys.values[0], keys.values[1]);
        assert_eq!(keys.values[0], keys.values[3]);
        assert!(!keys.gaps.is_known(2));
    }

    #[test]
    fn every_fact_agrees_with_the_interpreters() {
        let mut texts: Vec<Option<String>> = numbers().into_iter().map(Some).collect();
        for damaged in ["", "9900011970010100１X", "x", "13900000000", "99000119700101001/"] {
            texts.push(Some(damaged.to_owned()));
        }
        texts.push(None);
        for leap in ["1900", "2000", "2004", "2001", "0000", "0004"] {
            texts
                .extend(["0228", "0229", "0230"].map(|day| Some(format!("990001{leap}{day}0011"))));
        }
        let last = Some(format!("{}11ÄÄ", numbers()[3]));
        texts.push(last);
        let column = Texts::plain(texts.iter().map(|text| text.as_deref().map(str::as_bytes)));
        // The same by a dictionary with fewer entries than rows.
        let twice: Vec<u32> = (0..2 * texts.len() as u32).map(|row| row / 2).collect();
        let rows = crate::column::Rows::picked(twice);
        let Column::Text(coded) = crate::kernel::gather(&Column::Text(column.clone()), &rows)
        else {
            panic!("no texts")
        };
        let wanted = [
            (Fact::Valid, ir::Fact::Valid),
            (Fact::Length, ir::Fact::Length),
            (Fact::Birth, ir::Fact::Birth),
            (Fact::Sex, ir::Fact::Sex),
            (Fact::Region, ir::Fact::Region),
            (Fact::Class, ir::Fact::Class),
            (Fact::Level, ir::Fact::Level),
            (Fact::Placeholder, ir::Fact::Placeholder),
            (Fact::Holder, ir::Fact::Holder),
        ];
        let facts_wanted = wanted.map(|(fact, _)| fact);
        let together = facts(&column, &facts_wanted);
        let by_entry = facts(&coded, &facts_wanted);
        for (place, (own, other)) in wanted.iter().enumerate() {
            assert_eq!(together[place], fact(&column, *own), "{own:?} alone");
            for (row, text) in texts.iter().enumerate() {
                let text = text.as_deref().filter(|text| !text.trim().is_empty());
                let expected = text.map_or(Cell::Missing, |text| fact_of(text, *other));
                assert_eq!(told(&together[place], *own, row), expected, "{own:?} of {text:?}");
                assert_eq!(told(&by_entry[place], *own, 2 * row + 1), expected, "{own:?} {text:?}");
            }
        }
    }

    fn told(column: &Column, fact: Fact, row: usize) -> Cell<'_> {
        if !column.gaps().unwrap().is_known(row) {
            return Cell::Missing;
        }
        match column {
            Column::Boolean(column) => Cell::Boolean(column.truth.get(row)),
            Column::Text(column) => Cell::Text(column.get(row).unwrap().into()),
            Column::Integer(column) if fact == Fact::Birth => {
                let epoch = Date::constant(1970, 1, 1);
                Cell::Date(taizhang_values::days_after(epoch, column.values[row]))
            }
            Column::Integer(column) => Cell::Integer(column.values[row]),
            _ => panic!("no fact"),
        }
    }
}
