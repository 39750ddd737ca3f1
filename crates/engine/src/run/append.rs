//! Columns of several batches as one.

use crate::bits::Bits;
use crate::column::{
    Booleans, Column, Decimals, Dictionary, Expansion, Gaps, Integers, Related, Rows, TextLists,
    Texts,
};
use std::collections::HashMap;
use std::sync::Arc;

/// A column that grows by whole columns.
#[derive(Debug, Default)]
pub(crate) struct Appender {
    /// Rows for which room is made at once.
    room: usize,
    length: usize,
    known: Option<Bits>,
    errors: Option<Bits>,
    content: Content,
}

#[derive(Debug, Default)]
enum Content {
    #[default]
    Empty,
    Boolean(Bits),
    Integer(Vec<i64>),
    Decimal(Vec<f64>),
    Text(TextContent),
    List(Vec<(u32, u32)>, TextContent),
    Rows(Vec<u32>),
    Related(Vec<(u32, u32)>, Vec<u32>),
}

#[derive(Debug, Default)]
struct TextContent {
    keys: Vec<u32>,
    dictionary: Dictionary,
    known: HashMap<Box<[u8]>, u32>,
}

impl TextContent {
    fn append(&mut self, texts: &Texts, rows: usize) {
        let next = |dictionary: &Dictionary| u32::try_from(dictionary.len()).unwrap_or(u32::MAX);
        let Some(keys) = &texts.keys else {
            for row in 0..rows {
                self.keys.push(next(&self.dictionary));
                self.dictionary.push(texts.bytes(row));
            }
            return;
        };
        // Entries of a dictionary are entered when a row first names them.
        let mut entered: Vec<u32> = vec![u32::MAX; texts.dictionary.len()];
        for row in 0..rows {
            let row = if keys.len() == 1 { 0 } else { row };
            let entry = keys.get(row).copied().unwrap_or(u32::MAX) as usize;
            let place = match entered.get_mut(entry) {
                None => self.enter(&[]),
                Some(place) if *place != u32::MAX => *place,
                Some(place) => {
                    let own = self.enter(texts.dictionary.bytes_at(entry));
                    *place = own;
                    own
                }
            };
            self.keys.push(place);
        }
    }

    fn enter(&mut self, text: &[u8]) -> u32 {
        if let Some(known) = self.known.get(text) {
            return *known;
        }
        let place = u32::try_from(self.dictionary.len()).unwrap_or(u32::MAX);
        self.dictionary.push(text);
        self.known.insert(text.into(), place);
        place
    }

    fn finish(self, gaps: Gaps) -> Texts {
        Texts { keys: Some(self.keys), dictionary: Arc::new(self.dictionary), gaps }
    }
}

/// Adds a value for each of so many rows.
fn extend<T: Copy>(all: &mut Vec<T>, values: &[T], rows: usize) {
    match values {
        [one] => all.resize(all.len() + rows, *one),
        many => all.extend_from_slice(many),
    }
}

impl Appender {
    /// For about so many rows: what grows step by step leaves holes in memory that nobody fills.
    pub(crate) fn with_room(rows: usize) -> Self {
        Self { room: rows, ..Self::default() }
    }

    /// Adds the column's rows; a column of one row stands for all of them.
    pub(crate) fn append(&mut self, column: &Column, rows: usize) {
        if let Content::Empty = self.content {
            self.content = empty_like(column, self.room);
        }
        match (&mut self.content, column) {
            (Content::Boolean(bits), Column::Boolean(added)) => {
                bits.append(&added.true_bits(rows));
            }
            (Content::Integer(values), Column::Integer(added)) => {
                extend(values, &added.values, rows);
            }
            (Content::Decimal(values), Column::Decimal(added)) => {
                extend(values, &added.values, rows);
            }
            (Content::Text(texts), Column::Text(added)) => texts.append(added, rows),
            (Content::List(spans, items), Column::List(added)) => {
                let base = u32::try_from(items.keys.len()).unwrap_or(u32::MAX);
                items.append(&added.items, added.items.len());
                let first = spans.len();
                extend(spans, &added.spans, rows);
                let added = spans.iter_mut().skip(first);
                added.for_each(|(start, end)| (*start, *end) = (*start + base, *end + base));
            }
            (Content::Rows(all), Column::Rows(added)) => all.extend(
                (0..rows)
                    .map(|row| added.get(row).and_then(|row| row.try_into().ok()))
                    .map(|row| row.unwrap_or(crate::column::NOWHERE)),
            ),
            (Content::Related(spans, all), Column::Related(added)) => {
                for row in 0..rows {
                    let start = u32::try_from(all.len()).unwrap_or(u32::MAX);
                    all.extend(added.of(row));
                    spans.push((start, u32::try_from(all.len()).unwrap_or(u32::MAX)));
                }
            }
            _ => {}
        }
        self.append_gaps(column.gaps(), rows);
        self.length += rows;
    }

    fn append_gaps(&mut self, gaps: Option<&Gaps>, rows: usize) {
        let known = gaps.filter(|gaps| gaps.known.is_some()).map(|gaps| gaps.known_bits(rows));
        let errors = gaps.filter(|gaps| gaps.errors.is_some()).map(|gaps| gaps.error_bits(rows));
        let length = self.length;
        for (own, added, otherwise) in
            [(&mut self.known, known, true), (&mut self.errors, errors, false)]
        {
            match (own.as_mut(), added) {
                (None, None) => {}
                (Some(own), None) => own.append_filled(rows, otherwise),
                (_, Some(added)) => {
                    own.get_or_insert_with(|| Bits::filled(length, otherwise)).append(&added);
                }
            }
        }
    }

    pub(crate) fn finish(self) -> Option<Column> {
        let gaps = Gaps { known: self.known, errors: self.errors };
        Some(match self.content {
            Content::Empty => return None,
            Content::Boolean(truth) => Column::Boolean(Booleans { truth, gaps }),
            Content::Integer(values) => Column::Integer(Integers { values, gaps }),
            Content::Decimal(values) => Column::Decimal(Decimals { values, gaps }),
            Content::Text(texts) => Column::Text(texts.finish(gaps)),
            Content::List(spans, items) => {
                Column::List(TextLists::new(spans, Arc::new(items.finish(Gaps::default())), gaps))
            }
            Content::Rows(rows) => Column::Rows(Rows::picked(rows)),
            Content::Related(spans, rows) => {
                Column::Related(Related::each(spans, Some(Arc::new(rows)), gaps))
            }
        })
    }
}

/// An empty list with room for so many, if there is so much: the number is what a file claims.
pub(crate) fn roomy<T>(count: usize) -> Vec<T> {
    let mut list = Vec::new();
    match list.try_reserve_exact(count) {
        Ok(()) => list,
        Err(_) => Vec::new(),
    }
}

fn empty_like(column: &Column, room: usize) -> Content {
    match column {
        Column::Boolean(_) => Content::Boolean(Bits::default()),
        Column::Integer(_) => Content::Integer(roomy(room)),
        Column::Decimal(_) => Content::Decimal(roomy(room)),
        Column::Text(_) => {
            Content::Text(TextContent { keys: roomy(room), ..TextContent::default() })
        }
        Column::List(_) => Content::List(roomy(room), TextContent::default()),
        Column::Rows(_) => Content::Rows(roomy(room)),
        Column::Related(_) => Content::Related(roomy(room), Vec::new()),
        Column::Expansion(Expansion { .. }) => Content::Empty,
    }
}
