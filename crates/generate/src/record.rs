//! Records as the generator makes them: a ledger, an id, a region and fields by name.

use crate::day::Day;
use crate::number::Number;
use std::borrow::Cow;

/// What stands in a field. A field that is not set is missing.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Missing,
    /// Yes or no.
    Flag(bool),
    /// Whole number, percent, or money in fen.
    Whole(i64),
    /// Number in ten-thousandths.
    Decimal(i64),
    /// Day, or the first day of a month.
    Day(Day),
    /// Text, or a code.
    Text(Cow<'static, str>),
    /// Codes or texts.
    List(Vec<&'static str>),
    /// Id of another record.
    Id(i64),
    /// Identity or certificate number.
    Number(Number),
}

impl Cell {
    /// True when nothing stands there: missing or blank text.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        match self {
            Self::Missing => true,
            Self::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }
}

impl From<bool> for Cell {
    fn from(value: bool) -> Self {
        Self::Flag(value)
    }
}
impl From<i64> for Cell {
    fn from(value: i64) -> Self {
        Self::Whole(value)
    }
}
impl From<i32> for Cell {
    fn from(value: i32) -> Self {
        Self::Whole(i64::from(value))
    }
}
impl From<Day> for Cell {
    fn from(value: Day) -> Self {
        Self::Day(value)
    }
}
impl From<&'static str> for Cell {
    fn from(value: &'static str) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}
impl From<String> for Cell {
    fn from(value: String) -> Self {
        Self::Text(Cow::Owned(value))
    }
}
impl From<Vec<&'static str>> for Cell {
    fn from(value: Vec<&'static str>) -> Self {
        Self::List(value)
    }
}
impl From<Number> for Cell {
    fn from(value: Number) -> Self {
        Self::Number(value)
    }
}
impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Missing, Into::into)
    }
}

/// A reference to the record with this id.
#[must_use]
pub const fn id(id: i64) -> Cell {
    Cell::Id(id)
}

/// One record.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Name of its ledger.
    pub ledger: &'static str,
    /// Its id, unique in the ledger.
    pub id: i64,
    /// Code of the region on which it sits.
    pub region: u64,
    /// Its fields, in the order in which they were set.
    pub fields: Vec<(&'static str, Cell)>,
    /// The records it is tied to: relation of its ledger that is kept in a link table, and id.
    pub links: Vec<(&'static str, i64)>,
}

impl Record {
    /// A record without fields.
    #[must_use]
    pub const fn new(ledger: &'static str, id: i64, region: u64) -> Self {
        Self { ledger, id, region, fields: Vec::new(), links: Vec::new() }
    }

    /// Adds a field, for the first time.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Cell>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    /// Ties the record to another one.
    pub fn link(&mut self, relation: &'static str, other: &Self) {
        self.links.push((relation, other.id));
    }

    /// Cuts all ties of a relation.
    pub fn unlink(&mut self, relation: &str) {
        self.links.retain(|(own, _)| *own != relation);
    }

    /// Sets a field in place of what stands there.
    pub fn set(&mut self, name: &'static str, value: impl Into<Cell>) {
        let value = value.into();
        match self.fields.iter_mut().find(|(own, _)| *own == name) {
            Some((_, place)) => *place = value,
            None => self.fields.push((name, value)),
        }
    }

    /// What stands in a field.
    #[must_use]
    pub fn get(&self, name: &str) -> &Cell {
        self.fields.iter().find(|(own, _)| *own == name).map_or(&Cell::Missing, |(_, cell)| cell)
    }

    /// The whole number in a field; 0 when there is none.
    #[must_use]
    pub fn whole(&self, name: &str) -> i64 {
        match self.get(name) {
            Cell::Whole(value) | Cell::Id(value) => *value,
            _ => 0,
        }
    }

    /// The text or code in a field; empty when there is none.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        match self.get(name) {
            Cell::Text(text) => text,
            _ => "",
        }
    }

    /// True when the field says yes.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        *self.get(name) == Cell::Flag(true)
    }

    /// The day in a field.
    #[must_use]
    pub fn day(&self, name: &str) -> Option<Day> {
        match self.get(name) {
            Cell::Day(day) => Some(*day),
            _ => None,
        }
    }

    /// The number in a field.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<Number> {
        match self.get(name) {
            Cell::Number(number) => Some(*number),
            _ => None,
        }
    }
}
