//! Lists of texts, read from a page. Each text of a page has two levels: whether it begins a row,
//! and how much of its list is there. Rows end with their page, as they do in every file that has
//! an index of its pages.

use super::{Entries, fault, next_text};
use crate::bits::Bits;
use crate::column::Dictionary;
use crate::snapshot::builder::ListBuilder;
use crate::snapshot::runs::Runs;
use bytes::Bytes;
use parquet::basic::{Encoding, Repetition};
use parquet::errors::ParquetError;
use parquet::schema::types::ColumnDescriptor;
use std::sync::Arc;

/// What the levels of a column of lists mean.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Levels {
    /// Of a text that is there.
    most: u32,
    /// Of a list without texts; below it there is no list.
    empty: u32,
}

impl Levels {
    pub(super) fn of(column: &ColumnDescriptor) -> Self {
        let most = u32::try_from(column.max_def_level()).unwrap_or(0);
        let info = column.self_type().get_basic_info();
        let has_gaps = info.has_repetition() && info.repetition() == Repetition::OPTIONAL;
        Self { most, empty: most.saturating_sub(1 + u32::from(has_gaps)) }
    }

    /// Bits of a level.
    const fn width(self) -> usize {
        (u32::BITS - self.most.leading_zeros()) as usize
    }
}

/// A page as it was found.
pub(super) struct ListPage {
    /// Texts and empty or missing lists.
    pub(super) count: usize,
    pub(super) repetition: Bytes,
    pub(super) definition: Bytes,
    pub(super) values: Bytes,
    pub(super) encoding: Encoding,
}

/// The lists of a page.
pub(super) struct Lists {
    /// The texts of each row, counted from the first of the page.
    spans: Vec<(u32, u32)>,
    /// Rows with a list.
    known: Bits,
    /// Texts that are there.
    known_items: Bits,
    /// The entry of each text in a dictionary: the column's, or the page's own.
    keys: Vec<u32>,
    own: Option<Dictionary>,
    /// Rows that are behind.
    row: usize,
}

impl Lists {
    /// Reads a page of a column with these levels and this dictionary.
    pub(super) fn read(
        levels: Levels,
        entries: &Entries,
        page: ListPage,
    ) -> Result<Self, ParquetError> {
        let repetition = numbers(Runs::new(page.repetition, 1), page.count)?;
        let definition = numbers(Runs::new(page.definition, levels.width()), page.count)?;
        let mut spans: Vec<(u32, u32)> = Vec::with_capacity(page.count);
        let (mut known, mut known_items) = (Vec::with_capacity(page.count), Vec::new());
        let mut end = 0_u32;
        for (repeated, defined) in repetition.iter().zip(&definition) {
            if *repeated == 0 {
                spans.push((end, end));
                known.push(u8::from(*defined >= levels.empty));
            }
            if *defined > levels.empty {
                end = end.saturating_add(1);
                known_items.push(u8::from(*defined == levels.most));
                let row = spans.last_mut();
                row.ok_or_else(|| fault("a page begins within a row"))?.1 = end;
            }
        }
        let count = known_items.iter().filter(|known| **known != 0).count();
        let (found, own) = texts(&page.values, page.encoding, entries, count)?;
        let mut found = found.into_iter();
        let keys = known_items.iter().map(|known| match known {
            0 => 0,
            _ => found.next().unwrap_or(0),
        });
        let keys = keys.collect();
        let (known, known_items) = (Bits::from_bytes(&known), Bits::from_bytes(&known_items));
        Ok(Self { spans, known, known_items, keys, own, row: 0 })
    }

    /// Rows of the page.
    pub(super) fn rows(&self) -> usize {
        self.spans.len()
    }

    /// Appends the next rows to a column.
    pub(super) fn take(
        &mut self,
        rows: usize,
        entries: &Entries,
        target: &mut ListBuilder,
    ) -> Result<(), ParquetError> {
        let missing = || fault("lists are missing");
        let range = self.row..self.row + rows;
        let spans = self.spans.get(range.clone()).ok_or_else(missing)?;
        self.row = range.end;
        let first = spans.first().map_or(0, |(start, _)| *start);
        let last = spans.last().map_or(0, |(_, end)| *end);
        let base = u32::try_from(target.items.gaps.len()).unwrap_or(u32::MAX);
        let place = |item: u32| (item - first).saturating_add(base);
        target.spans.extend(spans.iter().map(|(start, end)| (place(*start), place(*end))));
        target.gaps.append(&cut(&self.known, range));
        if first == last {
            return Ok(());
        }
        let items = first as usize..last as usize;
        let keys = self.keys.get(items.clone()).ok_or_else(missing)?;
        let mut known = cut(&self.known_items, items);
        match (&self.own, entries) {
            (Some(own), _) => target.items.append_plain(
                keys.iter()
                    .zip(known.iter())
                    .map(|(key, known)| known.then(|| own.bytes_at(*key as usize))),
            ),
            (None, Entries::Text(dictionary, blank)) => {
                if let Some(blank) = blank {
                    known = known.without(&blank.gather(keys));
                }
                // The builder holds the dictionary, so that its address stays taken.
                let address = Arc::as_ptr(dictionary).addr();
                target.items.append_keys(address, dictionary, keys.iter().copied(), &known);
            }
            _ => target.items.append_missing(keys.len()),
        }
        Ok(())
    }
}

/// Some of the rows.
fn cut(bits: &Bits, rows: std::ops::Range<usize>) -> Bits {
    if rows.len() == bits.len() {
        return bits.clone();
    }
    Bits::collect(rows.map(|row| bits.get(row)))
}

/// So many numbers of runs.
fn numbers(mut runs: Runs, count: usize) -> Result<Vec<u32>, ParquetError> {
    let mut numbers = Vec::with_capacity(count);
    let all = runs.numbers(count, &mut numbers);
    all.ok_or_else(|| fault("levels or keys are missing"))?;
    Ok(numbers)
}

/// The entries of so many texts, and the dictionary that a page without one gets of its own.
fn texts(
    values: &Bytes,
    encoding: Encoding,
    entries: &Entries,
    count: usize,
) -> Result<(Vec<u32>, Option<Dictionary>), ParquetError> {
    if count == 0 {
        return Ok((Vec::new(), None));
    }
    match (encoding, entries) {
        (Encoding::PLAIN, _) => {
            let mut own = Dictionary::default();
            let mut rest = values.as_ref();
            for _ in 0..count {
                own.push(next_text(&mut rest)?);
            }
            Ok(((0..u32::try_from(count).unwrap_or(u32::MAX)).collect(), Some(own)))
        }
        (Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY, Entries::Text(dictionary, _)) => {
            let width: usize = values.first().copied().unwrap_or(0).into();
            if width > 32 {
                return Err(fault("keys of a dictionary are too wide"));
            }
            let keys = numbers(Runs::new(values.slice(1.min(values.len())..), width), count)?;
            let most = keys.iter().copied().fold(0, u32::max);
            if most as usize >= dictionary.len() {
                return Err(fault("a dictionary lacks an entry"));
            }
            Ok((keys, None))
        }
        (other, _) => Err(fault(&format!("a page of lists is encoded as {other}"))),
    }
}
