//! TOML with places: the form in which files are read, overlaid and looked up.

use crate::faults::{FaultKind, Faults};
use crate::source::{At, Sources};
use taizhang_values::Date;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// A key as written.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) at: At,
}

/// A value with its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) at: At,
    pub(crate) data: Data,
}

/// A value.
#[derive(Clone, Debug)]
pub(crate) enum Data {
    Text(String),
    Integer(i64),
    Boolean(bool),
    Date(Date),
    Array(Vec<Node>),
    Table(Table),
    /// Something that no definition uses: fractions, times, numbers out of range.
    Other,
}

/// Keys and values in the order of the file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    pub(crate) entries: Vec<(Key, Node)>,
}

impl Table {
    pub(crate) fn get(&self, name: &str) -> Option<&(Key, Node)> {
        self.entries.iter().find(|(key, _)| key.name == name)
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut (Key, Node)> {
        self.entries.iter_mut().find(|(key, _)| key.name == name)
    }

    /// The table under a key, made if there is none.
    pub(crate) fn table_mut(&mut self, name: &str) -> Option<&mut Table> {
        if self.get(name).is_none() {
            let key = Key { name: name.to_owned(), at: At::default() };
            let node = Node { at: At::default(), data: Data::Table(Table::default()) };
            self.entries.push((key, node));
        }
        self.get_mut(name).and_then(|(_, node)| node.table_mut())
    }

    /// The entry at the end of a path of keys; positions in arrays are written as numbers.
    pub(crate) fn find(&self, path: &[&str]) -> Option<Found<'_>> {
        let (first, rest) = path.split_first()?;
        let (key, node) = self.get(first)?;
        node.find(rest, Some(key))
    }
}

/// An entry found by a path.
pub(crate) struct Found<'a> {
    pub(crate) key: Option<&'a Key>,
    pub(crate) node: &'a Node,
}

impl Node {
    pub(crate) fn table(&self) -> Option<&Table> {
        match &self.data {
            Data::Table(table) => Some(table),
            _ => None,
        }
    }

    pub(crate) fn table_mut(&mut self) -> Option<&mut Table> {
        match &mut self.data {
            Data::Table(table) => Some(table),
            _ => None,
        }
    }

    fn find<'a>(&'a self, path: &[&str], key: Option<&'a Key>) -> Option<Found<'a>> {
        let Some((first, rest)) = path.split_first() else {
            return Some(Found { key, node: self });
        };
        match &self.data {
            Data::Table(table) => {
                let (key, node) = table.get(first)?;
                node.find(rest, Some(key))
            }
            Data::Array(items) => items.get(first.parse::<usize>().ok()?)?.find(rest, key),
            _ => None,
        }
    }
}

/// Reads one file; syntax faults are added, and what could be read is returned.
pub(crate) fn parse(sources: &Sources, file: usize, faults: &Faults) -> Table {
    sources.file(file).map_or_else(Table::default, |(_, text)| parse_text(file, text, faults))
}

/// Reads a text that stands in a file at the same bytes.
pub(crate) fn parse_text(file: usize, text: &str, faults: &Faults) -> Table {
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        let at = At { file, start: span.start, end: span.end };
        let message = error.message();
        let help = crate::syntax::help(message);
        faults.add(FaultKind::Syntax, at, crate::syntax::message(message), help);
    }
    table(file, text, root.get_ref())
}

fn table(file: usize, text: &str, source: &DeTable<'_>) -> Table {
    let mut entries: Vec<(Key, Node)> = source
        .iter()
        .map(|(key, value)| {
            let span = key.span();
            let at = At { file, start: span.start, end: span.end };
            (Key { name: key.get_ref().to_string(), at }, node(file, text, value))
        })
        .collect();
    entries.sort_by_key(|(key, _)| key.at.start);
    Table { entries }
}

fn node(file: usize, text: &str, value: &Spanned<DeValue<'_>>) -> Node {
    let span = value.span();
    let mut at = At { file, start: span.start, end: span.end };
    let data = match value.get_ref() {
        DeValue::String(content) => {
            at = without_quotes(at, text);
            Data::Text(content.to_string())
        }
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).map_or(Data::Other, Data::Integer)
        }
        DeValue::Boolean(truth) => Data::Boolean(*truth),
        DeValue::Datetime(moment) => date(moment).map_or(Data::Other, Data::Date),
        DeValue::Array(items) => Data::Array(array(file, text, items)),
        DeValue::Table(content) => Data::Table(table(file, text, content)),
        DeValue::Float(_) => Data::Other,
    };
    Node { at, data }
}

fn array(file: usize, text: &str, items: &DeArray<'_>) -> Vec<Node> {
    items.iter().map(|item| node(file, text, item)).collect()
}

/// The place of a text without its quotes, so that only the text is underlined.
fn without_quotes(at: At, text: &str) -> At {
    let raw = text.get(at.start..at.end).unwrap_or("");
    let is_quoted = raw.len() > 2 && raw.starts_with(['"', '\'']);
    if is_quoted && !raw.starts_with("\"\"\"") && !raw.starts_with("'''") {
        At { file: at.file, start: at.start + 1, end: at.end - 1 }
    } else {
        at
    }
}

fn date(moment: &toml::value::Datetime) -> Option<Date> {
    let (Some(date), None, None) = (moment.date, moment.time, moment.offset) else {
        return None;
    };
    let year = i16::try_from(date.year).ok()?;
    let month = i8::try_from(date.month).ok()?;
    let day = i8::try_from(date.day).ok()?;
    Date::new(year, month, day).ok()
}
