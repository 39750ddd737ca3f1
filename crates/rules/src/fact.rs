//! Facts about sensitive values, reckoned from the value itself.

use crate::interpret::Cell;
use crate::ir::Fact;
use std::borrow::Cow;
use taizhang_values::{Date, IdentityNumber, fold_number};

/// A fact about a cell that holds the value.
pub(crate) fn of_cell<'a>(cell: &Cell<'_>, fact: Fact) -> Cell<'a> {
    match cell {
        Cell::Text(text) if !text.trim().is_empty() => of_text(text, fact),
        _ => Cell::Missing,
    }
}

/// A fact about an identity number, a telephone number or another sensitive text.
///
/// Identity numbers and telephone numbers are told apart by what is asked of them: only
/// [`Fact::Valid`] is asked of both, and a telephone number has 11 digits.
///
/// # Example
/// ```
/// use taizhang_rules::{Cell, fact_of, ir::Fact};
/// assert_eq!(fact_of("13900000000", Fact::Valid), Cell::Boolean(true));
/// assert_eq!(fact_of("99000119700101001", Fact::Length), Cell::Integer(17));
/// ```
#[must_use]
pub fn of_text<'a>(text: &str, fact: Fact) -> Cell<'a> {
    let folded = fold_number(text);
    match fact {
        Fact::Key => Cell::Text(Cow::Owned(folded)),
        Fact::Valid => Cell::Boolean(is_valid(&folded)),
        Fact::Length => Cell::Integer(i64::try_from(folded.chars().count()).unwrap_or(i64::MAX)),
        Fact::Birth => birth(&folded).map_or(Cell::Missing, Cell::Date),
        Fact::Sex => digit(&folded, 16).map_or(Cell::Missing, |digit| {
            Cell::Text(Cow::Borrowed(if digit % 2 == 1 { "male" } else { "female" }))
        }),
        Fact::Region => match folded.get(..6) {
            Some(code) if code.bytes().all(|byte| byte.is_ascii_digit()) => {
                Cell::Text(Cow::Owned(code.to_owned()))
            }
            _ => Cell::Missing,
        },
        Fact::Class => digit(&folded, 18).map_or(Cell::Missing, Cell::Integer),
        Fact::Level => digit(&folded, 19).map_or(Cell::Missing, Cell::Integer),
        Fact::Placeholder => Cell::Boolean(folded.starts_with("999999")),
        Fact::Holder => {
            let holder: String = folded.chars().take(18).collect();
            Cell::Boolean(IdentityNumber::parse(&holder).is_ok())
        }
    }
}

/// A telephone number is 1, 3–9 and nine digits; everything else is read as an identity number.
fn is_valid(folded: &str) -> bool {
    let bytes = folded.as_bytes();
    let is_mobile = bytes.len() == 11
        && bytes.iter().all(u8::is_ascii_digit)
        && bytes.first() == Some(&b'1')
        && bytes.get(1).is_some_and(|second| *second >= b'3');
    is_mobile || IdentityNumber::parse(folded).is_ok()
}

fn birth(folded: &str) -> Option<Date> {
    let number = |range: std::ops::Range<usize>| -> Option<i64> {
        let digits = folded.get(range)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    crate::calendar::make_date(number(6..10)?, number(10..12)?, number(12..14)?)
}

fn digit(folded: &str, at: usize) -> Option<i64> {
    folded.chars().nth(at)?.to_digit(10).map(i64::from)
}
