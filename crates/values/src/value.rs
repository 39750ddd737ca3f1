//! A value of one field of one record.

use crate::{Decimal, Money, PartialDate, RecordId, RegionCode};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A value as the store keeps it. Which variant a field takes is told by its type in the codebook.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum Value {
    /// Missing.
    #[default]
    Null,
    /// Free text or a code of a code list.
    Text(String),
    /// A whole number, a count or a percentage in whole per cent.
    Integer(i64),
    /// An amount.
    Money(Money),
    /// A number with four fraction digits.
    Decimal(Decimal),
    /// Yes or no.
    Boolean(bool),
    /// A civil date; the first day for a month.
    Date(Date),
    /// A moment, UTC.
    Instant(Timestamp),
    /// A reference to another record.
    Reference(RecordId),
    /// Several texts, codes or ids in order.
    List(Vec<String>),
}

/// The variants of [`Value`] without their content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// [`Value::Text`].
    Text,
    /// [`Value::Integer`].
    Integer,
    /// [`Value::Money`].
    Money,
    /// [`Value::Decimal`].
    Decimal,
    /// [`Value::Boolean`].
    Boolean,
    /// [`Value::Date`].
    Date,
    /// [`Value::Instant`].
    Instant,
    /// [`Value::Reference`].
    Reference,
    /// [`Value::List`].
    List,
}

impl Value {
    /// True when nothing is there: null, blank text or an empty list.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.chars().all(char::is_whitespace),
            Self::List(items) => items.is_empty(),
            _ => false,
        }
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, if it is one.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// The decimal number, if it is one.
    #[must_use]
    pub fn as_decimal(&self) -> Option<Decimal> {
        match self {
            Self::Decimal(number) => Some(*number),
            _ => None,
        }
    }

    /// The date, if it is one.
    #[must_use]
    pub fn as_date(&self) -> Option<Date> {
        match self {
            Self::Date(date) => Some(*date),
            _ => None,
        }
    }

    /// The moment, if it is one.
    #[must_use]
    pub fn as_instant(&self) -> Option<Timestamp> {
        match self {
            Self::Instant(instant) => Some(*instant),
            _ => None,
        }
    }

    /// Yes or no, if it is one.
    #[must_use]
    pub fn as_boolean(&self) -> Option<bool> {
        match self {
            Self::Boolean(truth) => Some(*truth),
            _ => None,
        }
    }

    /// The record referred to, if it is one.
    #[must_use]
    pub fn as_reference(&self) -> Option<&RecordId> {
        match self {
            Self::Reference(id) => Some(id),
            _ => None,
        }
    }

    /// The items of a list; empty for everything else.
    #[must_use]
    pub fn as_list(&self) -> &[String] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Text(text) => formatter.write_str(text),
            Self::Integer(number) => write!(formatter, "{number}"),
            Self::Money(money) => write!(formatter, "{money}"),
            Self::Decimal(number) => write!(formatter, "{number}"),
            Self::Boolean(truth) => formatter.write_str(if *truth { "是" } else { "否" }),
            Self::Date(date) => write!(formatter, "{date}"),
            Self::Instant(instant) => write!(formatter, "{instant}"),
            Self::Reference(id) => write!(formatter, "{id}"),
            Self::List(items) => formatter.write_str(&items.join("、")),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Boolean(truth)
    }
}

impl From<Date> for Value {
    fn from(date: Date) -> Self {
        Self::Date(date)
    }
}

impl From<Timestamp> for Value {
    fn from(instant: Timestamp) -> Self {
        Self::Instant(instant)
    }
}

impl From<Money> for Value {
    fn from(money: Money) -> Self {
        Self::Money(money)
    }
}

impl From<Decimal> for Value {
    fn from(number: Decimal) -> Self {
        Self::Decimal(number)
    }
}

impl From<RecordId> for Value {
    fn from(id: RecordId) -> Self {
        Self::Reference(id)
    }
}

impl From<&RecordId> for Value {
    fn from(id: &RecordId) -> Self {
        Self::Reference(id.clone())
    }
}

impl From<RegionCode> for Value {
    fn from(code: RegionCode) -> Self {
        Self::Text(code.to_string())
    }
}

impl From<PartialDate> for Value {
    fn from(date: PartialDate) -> Self {
        Self::Text(date.to_string())
    }
}

impl From<Vec<String>> for Value {
    fn from(items: Vec<String>) -> Self {
        Self::List(items)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Folds full-width letters, digits, punctuation and spaces to their half-width forms; everything
/// else stays as it is.
///
/// # Example
/// ```
/// assert_eq!(taizhang_values::fold_width("２０２６　Ａ：村"), "2026 A:村");
/// ```
#[must_use]
pub fn fold_width(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\u{3000}' => ' ',
            '\u{ff01}'..='\u{ff5e}' => {
                char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character)
            }
            other => other,
        })
        .collect()
}

/// The form in which two writings of one number are alike: half-width, without white space and
/// hyphens, in capitals. Search over sealed fields, keys of snapshots, relations by key and the
/// facts of identity numbers and telephone numbers all go by it.
///
/// # Example
/// ```
/// assert_eq!(taizhang_values::fold_number("１３９-0000 0000"), "13900000000");
/// assert_eq!(taizhang_values::fold_number("99000119700101001x"), "99000119700101001X");
/// ```
#[must_use]
pub fn fold_number(text: &str) -> String {
    // Nearly all are written so already, and saves and runs fold them by the thousand.
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()) {
        return text.to_owned();
    }
    fold_width(text)
        .chars()
        .filter(|character| !character.is_whitespace() && *character != '-')
        .flat_map(char::to_uppercase)
        .collect()
}
