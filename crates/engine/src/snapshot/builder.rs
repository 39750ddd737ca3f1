//! Columns of a batch, appended piece by piece from Arrow arrays.

use crate::bits::Bits;
use crate::column::{
    Booleans, Column, Decimals, Dictionary, Gaps, Integers, TextLists, Texts, is_blank,
};
use std::sync::Arc;

/// Odd constants with evenly spread bits (golden ratio and the square root of three).
const MULTIPLIERS: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xbb67_ae85_84ca_a73b];

/// The 64-bit key of a text: equal texts give equal keys; different ones collide with a chance of
/// 2⁻⁶⁴ a pair. Not secret: never leaves the process.
#[must_use]
pub fn text_key(text: &[u8]) -> i64 {
    let [first, second] = MULTIPLIERS;
    let mut state = first ^ (text.len() as u64).wrapping_mul(second);
    let (words, rest) = text.as_chunks::<8>();
    for word in words {
        state = fold(state ^ u64::from_le_bytes(*word), second);
    }
    if !rest.is_empty() {
        // The rest as a word whose missing bytes are zero.
        let word = match text.last_chunk::<8>() {
            Some(last) => u64::from_le_bytes(*last) >> (64 - rest.len() * 8),
            None => rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
        };
        state = fold(state ^ word, second);
    }
    fold(state, first).cast_signed()
}

/// The key of several keys in order.
#[must_use]
pub fn joined_key(keys: impl Iterator<Item = i64>) -> i64 {
    let [first, second] = MULTIPLIERS;
    let mut state = first;
    for key in keys {
        state = fold(state ^ key.cast_unsigned(), second);
    }
    fold(state, first).cast_signed()
}

fn fold(left: u64, right: u64) -> u64 {
    let product = u128::from(left) * u128::from(right);
    let [low, high] = [product, product >> 64].map(|part| (part & u128::from(u64::MAX)) as u64);
    low ^ high ^ left.rotate_left(23)
}

/// Gaps that are appended to; nothing is kept while every row is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct GapsBuilder {
    length: usize,
    known: Option<Bits>,
    errors: Option<Bits>,
}

impl GapsBuilder {
    pub(crate) fn append_known(&mut self, count: usize) {
        for (bits, set) in [(&mut self.known, true), (&mut self.errors, false)] {
            if let Some(bits) = bits {
                bits.append_filled(count, set);
            }
        }
        self.length += count;
    }

    pub(crate) fn append(&mut self, known: &Bits) {
        if known.all() {
            return self.append_known(known.len());
        }
        let length = self.length;
        self.known.get_or_insert_with(|| Bits::filled(length, true)).append(known);
        if let Some(errors) = &mut self.errors {
            errors.append_filled(known.len(), false);
        }
        self.length += known.len();
    }

    /// Rows that hold something unreadable. Call after their known bits were appended.
    pub(crate) fn mark_errors(&mut self, start: usize, rows: impl Iterator<Item = usize>) {
        let length = self.length;
        for row in rows {
            self.known.get_or_insert_with(|| Bits::filled(length, true)).set(start + row, false);
            self.errors.get_or_insert_with(|| Bits::filled(length, false)).set(start + row, true);
        }
    }

    pub(crate) const fn len(&self) -> usize {
        self.length
    }

    /// Rows with a value; `None` when all have one.
    pub(crate) const fn known(&self) -> Option<&Bits> {
        self.known.as_ref()
    }

    fn finish(self) -> Gaps {
        Gaps { known: self.known, errors: self.errors }
    }
}

/// Texts that are appended to.
#[derive(Debug, Default)]
pub(crate) struct TextBuilder {
    keys: Option<Vec<u32>>,
    /// A dictionary taken over whole from a file, with the address it came from.
    shared: Option<(usize, Arc<Dictionary>)>,
    own: Dictionary,
    pub(crate) gaps: GapsBuilder,
    /// Rows for which room is made at once.
    room: usize,
}

impl TextBuilder {
    /// Rows one by one; blank ones are missing.
    pub(crate) fn append_plain<'a>(&mut self, rows: impl Iterator<Item = Option<&'a [u8]>>) {
        if self.keys.is_some() {
            self.make_own();
        }
        let known = Bits::collect(rows.map(|row| {
            let text = row.filter(|text| !is_blank(text));
            if let Some(keys) = &mut self.keys {
                keys.push(u32::try_from(self.own.len()).unwrap_or(u32::MAX));
            }
            self.own.push(text.unwrap_or(&[]));
            text.is_some()
        }));
        self.gaps.append(&known);
    }

    /// Rows as entries of a dictionary of a file. `address` tells dictionaries apart.
    pub(crate) fn append_keys(
        &mut self,
        address: usize,
        dictionary: &Arc<Dictionary>,
        keys: impl Iterator<Item = u32>,
        known: &Bits,
    ) {
        if self.gaps.len() == 0 {
            self.shared = Some((address, Arc::clone(dictionary)));
            self.keys = Some(Vec::with_capacity(self.room));
        }
        let is_same = self.shared.as_ref().is_some_and(|(known, _)| *known == address);
        let offset = if is_same {
            0
        } else {
            self.make_own();
            let offset = u32::try_from(self.own.len()).unwrap_or(u32::MAX);
            for text in dictionary.iter() {
                self.own.push(text);
            }
            offset
        };
        self.keys.get_or_insert_default().extend(keys.map(|key| key.saturating_add(offset)));
        self.gaps.append(known);
    }

    /// Rows that are all missing.
    pub(crate) fn append_missing(&mut self, count: usize) {
        self.append_plain(std::iter::repeat_n(None, count));
    }

    /// Leaves a shared dictionary, so that other entries can be added.
    fn make_own(&mut self) {
        if let Some((_, dictionary)) = self.shared.take() {
            self.own = (*dictionary).clone();
        }
        if self.keys.is_none() {
            let length = u32::try_from(self.gaps.len()).unwrap_or(u32::MAX);
            self.keys = Some((0..length).collect());
        }
    }

    pub(crate) fn finish(self) -> Texts {
        let dictionary = match self.shared {
            Some((_, dictionary)) => dictionary,
            None => Arc::new(self.own),
        };
        Texts { keys: self.keys, dictionary, gaps: self.gaps.finish() }
    }
}

/// A column that is appended to.
#[derive(Debug)]
pub enum ColumnBuilder {
    /// Yes or no.
    #[doc(hidden)]
    Boolean(BooleanBuilder),
    /// Numbers, days, microseconds, keys.
    #[doc(hidden)]
    Integer(NumberBuilder<i64>),
    /// Decimal numbers.
    #[doc(hidden)]
    Decimal(NumberBuilder<f64>),
    /// Texts.
    #[doc(hidden)]
    Text(TextColumn),
    /// Lists.
    #[doc(hidden)]
    List(ListBuilder),
}

/// Yes or no, appended to.
#[derive(Debug, Default)]
pub struct BooleanBuilder {
    pub(crate) truth: Bits,
    pub(crate) gaps: GapsBuilder,
}

/// Numbers, appended to.
#[derive(Clone, Debug, Default)]
pub struct NumberBuilder<T> {
    pub(crate) values: Vec<T>,
    pub(crate) gaps: GapsBuilder,
}

/// Texts, appended to.
#[derive(Debug, Default)]
pub struct TextColumn(pub(crate) TextBuilder);

/// Lists, appended to.
#[derive(Debug, Default)]
pub struct ListBuilder {
    pub(crate) spans: Vec<(u32, u32)>,
    pub(crate) items: TextBuilder,
    pub(crate) gaps: GapsBuilder,
}

impl ColumnBuilder {
    /// Rows so far.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Boolean(builder) => builder.gaps.len(),
            Self::Integer(builder) => builder.gaps.len(),
            Self::Decimal(builder) => builder.gaps.len(),
            Self::Text(builder) => builder.0.gaps.len(),
            Self::List(builder) => builder.gaps.len(),
        }
    }

    /// True without rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes room for so many rows, so that the column is not copied while it grows.
    #[must_use]
    pub(crate) fn with_room(mut self, rows: usize) -> Self {
        match &mut self {
            Self::Integer(builder) => builder.values.reserve(rows),
            Self::Decimal(builder) => builder.values.reserve(rows),
            Self::Text(builder) => builder.0.room = rows,
            Self::Boolean(_) | Self::List(_) => {}
        }
        self
    }

    /// Rows without a value.
    pub fn append_missing(&mut self, count: usize) {
        let unknown = Bits::filled(count, false);
        match self {
            Self::Boolean(builder) => {
                builder.truth.append(&unknown);
                builder.gaps.append(&unknown);
            }
            Self::Integer(builder) => {
                builder.values.resize(builder.values.len() + count, 0);
                builder.gaps.append(&unknown);
            }
            Self::Decimal(builder) => {
                builder.values.resize(builder.values.len() + count, 0.0);
                builder.gaps.append(&unknown);
            }
            Self::Text(builder) => builder.0.append_missing(count),
            Self::List(builder) => {
                builder.spans.resize(builder.spans.len() + count, (0, 0));
                builder.gaps.append(&unknown);
            }
        }
    }

    /// The column.
    #[must_use]
    pub fn finish(self) -> Column {
        match self {
            Self::Boolean(builder) => {
                Column::Boolean(Booleans::new(builder.truth, builder.gaps.finish()))
            }
            Self::Integer(builder) => {
                Column::Integer(Integers { values: builder.values, gaps: builder.gaps.finish() })
            }
            Self::Decimal(builder) => {
                Column::Decimal(Decimals { values: builder.values, gaps: builder.gaps.finish() })
            }
            Self::Text(builder) => Column::Text(builder.0.finish()),
            Self::List(builder) => Column::List(TextLists::new(
                builder.spans,
                Arc::new(builder.items.finish()),
                builder.gaps.finish(),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_alone_have_equal_keys() {
        let texts: Vec<String> = (0..20_000).map(|number| format!("9900{number}")).collect();
        let mut keys: Vec<i64> = texts.iter().map(|text| text_key(text.as_bytes())).collect();
        keys.extend([b"a".as_slice(), b"a\0", b"", b"\0"].map(text_key));
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count);
        assert_eq!(text_key(b"990001"), text_key("990001".as_bytes()));
    }

    #[test]
    fn texts_of_several_dictionaries_and_plain_ones_join() {
        let dictionary = |entries: &[&str]| {
            let mut dictionary = Dictionary::default();
            entries.iter().for_each(|entry| dictionary.push(entry.as_bytes()));
            Arc::new(dictionary)
        };
        let (one, two) = (dictionary(&["a", "b"]), dictionary(&["c"]));
        let mut builder = TextBuilder::default();
        builder.append_keys(1, &one, [1, 0].into_iter(), &Bits::filled(2, true));
        builder.append_keys(2, &two, [0, 0].into_iter(), &Bits::collect([true, false].into_iter()));
        builder.append_plain([Some(b"d".as_slice()), Some(b" "), None].into_iter());
        let texts = builder.finish();
        let rows: Vec<Option<&str>> = (0..7).map(|row| texts.get(row)).collect();
        assert_eq!(rows, [Some("b"), Some("a"), Some("c"), None, Some("d"), None, None]);
    }
}
