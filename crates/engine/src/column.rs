//! Columns as the kernels see them: plain vectors with bits for what is missing or failed.
//!
//! A column of one row stands for the same value in every row of its space, so that constants cost
//! nothing.

use crate::bits::Bits;
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

/// Row numbers that point nowhere.
pub const NOWHERE: u32 = u32::MAX;

/// Which rows have a value, and which lack it because of an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gaps {
    /// Rows with a value; `None` when all have one.
    pub known: Option<Bits>,
    /// Rows without a value because something failed; `None` when none.
    pub errors: Option<Bits>,
}

impl Gaps {
    /// Whether the row has a value. One row stands for all.
    #[must_use]
    pub fn is_known(&self, row: usize) -> bool {
        match &self.known {
            None => true,
            Some(bits) if bits.len() == 1 => bits.get(0),
            Some(bits) => bits.get(row),
        }
    }

    /// Whether the row failed. One row stands for all.
    #[must_use]
    pub fn is_error(&self, row: usize) -> bool {
        match &self.errors {
            None => false,
            Some(bits) if bits.len() == 1 => bits.get(0),
            Some(bits) => bits.get(row),
        }
    }

    /// The known rows of `length`.
    #[must_use]
    pub fn known_bits(&self, length: usize) -> Bits {
        spread(self.known.as_ref(), length, true)
    }

    /// The failed rows of `length`.
    #[must_use]
    pub fn error_bits(&self, length: usize) -> Bits {
        spread(self.errors.as_ref(), length, false)
    }

    /// Gaps of an operation that needs both operands.
    #[must_use]
    pub fn join(&self, other: &Self, length: usize) -> Self {
        let known = match (&self.known, &other.known) {
            (None, None) => None,
            _ => Some(self.known_bits(length).and(&other.known_bits(length))),
        };
        let errors = match (&self.errors, &other.errors) {
            (None, None) => None,
            _ => Some(self.error_bits(length).or(&other.error_bits(length))),
        };
        Self { known, errors }
    }

    /// Marks rows as failed.
    #[must_use]
    pub fn with_errors(self, failed: &Bits) -> Self {
        if failed.none() {
            return self;
        }
        let length = failed.len();
        Self {
            known: Some(self.known_bits(length).without(failed)),
            errors: Some(self.error_bits(length).or(failed)),
        }
    }

    /// The gaps at these rows; nowhere is a gap.
    #[must_use]
    pub fn gather(&self, rows: &Rows, length: usize) -> Self {
        match rows {
            Rows::Identity(_) => self.clone(),
            Rows::Picked { rows, has_nowhere } => Self {
                known: match (&self.known, *has_nowhere) {
                    (None, false) => None,
                    _ => Some(self.known_bits(length).gather(rows)),
                },
                errors: self.errors.as_ref().map(|_| self.error_bits(length).gather(rows)),
            },
        }
    }
}

fn spread(bits: Option<&Bits>, length: usize, otherwise: bool) -> Bits {
    match bits {
        None => Bits::filled(length, otherwise),
        Some(bits) if bits.len() == length => bits.clone(),
        Some(bits) => Bits::filled(length, bits.get(0)),
    }
}

/// Yes, no or undecided a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Booleans {
    /// Rows that are true; clear where unknown.
    pub truth: Bits,
    /// Unknown rows.
    pub gaps: Gaps,
}

impl Booleans {
    /// The rows' truth, with gaps cleared from it.
    #[must_use]
    pub fn new(truth: Bits, gaps: Gaps) -> Self {
        let truth = match &gaps.known {
            None => truth,
            Some(_) => truth.and(&gaps.known_bits(truth.len())),
        };
        Self { truth, gaps }
    }

    /// True rows of `length`.
    #[must_use]
    pub fn true_bits(&self, length: usize) -> Bits {
        spread(Some(&self.truth), length, false)
    }

    /// False rows of `length`.
    #[must_use]
    pub fn false_bits(&self, length: usize) -> Bits {
        self.gaps.known_bits(length).without(&self.true_bits(length))
    }
}

/// Whole numbers, amounts in fen, days or microseconds since 1970, ids as 64-bit keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Integers {
    /// One a row; anything where unknown.
    pub values: Vec<i64>,
    /// Unknown rows.
    pub gaps: Gaps,
}

/// Decimal numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decimals {
    /// One a row; anything where unknown.
    pub values: Vec<f64>,
    /// Unknown rows.
    pub gaps: Gaps,
}

/// Distinct or plain texts, end to end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dictionary {
    /// Where each entry ends in `bytes`.
    pub ends: Vec<u32>,
    /// The texts, UTF-8.
    pub bytes: Vec<u8>,
}

impl Dictionary {
    /// Number of entries.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// True without entries.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The bytes of an entry; empty past the end.
    #[must_use]
    pub fn bytes_at(&self, entry: usize) -> &[u8] {
        let end = self.ends.get(entry).copied().unwrap_or(0) as usize;
        let start = match entry.checked_sub(1) {
            Some(before) => self.ends.get(before).copied().unwrap_or(0) as usize,
            None => 0,
        };
        self.bytes.get(start..end).unwrap_or(&[])
    }

    /// The text of an entry; empty past the end or where it is not UTF-8.
    #[must_use]
    pub fn text_at(&self, entry: usize) -> &str {
        std::str::from_utf8(self.bytes_at(entry)).unwrap_or("")
    }

    /// Adds an entry.
    pub fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        self.ends.push(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX));
    }

    /// Every entry in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let span = start as usize..*end as usize;
            start = *end;
            self.bytes.get(span).unwrap_or(&[])
        })
    }

    /// The entries, if every one has eighteen bytes: numbers as they should be.
    #[must_use]
    pub fn eighteens(&self) -> Option<&[[u8; 18]]> {
        let (entries, rest) = self.bytes.as_chunks::<18>();
        let mut end = 0_u32;
        let is_even = rest.is_empty() && entries.len() == self.ends.len();
        let is_even = is_even
            && self.ends.iter().all(|own| {
                end = end.wrapping_add(18);
                *own == end
            });
        is_even.then_some(entries)
    }
}

/// Texts, mostly codes of a dictionary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    /// Entry of each row; `None` when row and entry are the same number.
    pub keys: Option<Vec<u32>>,
    /// The texts.
    pub dictionary: Arc<Dictionary>,
    /// Unknown rows: null or blank.
    pub gaps: Gaps,
}

impl Texts {
    /// Plain texts, one a row.
    pub fn plain<'a>(rows: impl Iterator<Item = Option<&'a [u8]>>) -> Self {
        let mut dictionary = Dictionary::default();
        let known = Bits::collect(rows.map(|row| {
            let text = row.filter(|text| !is_blank(text));
            dictionary.push(text.unwrap_or(&[]));
            text.is_some()
        }));
        let known = (!known.all()).then_some(known);
        let gaps = Gaps { known, errors: None };
        Self { keys: None, dictionary: Arc::new(dictionary), gaps }
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.as_ref().map_or(self.dictionary.len(), Vec::len)
    }

    /// True without rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The dictionary entry of a row. One row stands for all.
    #[must_use]
    pub fn entry(&self, row: usize) -> usize {
        let row = if self.len() == 1 { 0 } else { row };
        match &self.keys {
            None => row,
            Some(keys) => keys.get(row).copied().unwrap_or(NOWHERE) as usize,
        }
    }

    /// The row's bytes, whether or not it is known.
    #[must_use]
    pub fn bytes(&self, row: usize) -> &[u8] {
        self.dictionary.bytes_at(self.entry(row))
    }

    /// The row's text, if it is known.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&str> {
        self.gaps.is_known(row).then(|| self.dictionary.text_at(self.entry(row)))
    }
}

/// True for a text of blanks only, which counts as missing.
#[must_use]
pub fn is_blank(text: &[u8]) -> bool {
    match text.first() {
        None => true,
        Some(byte) if byte.is_ascii_graphic() => false,
        Some(_) => std::str::from_utf8(text).is_ok_and(|text| text.trim().is_empty()),
    }
}

/// Lists of texts.
#[derive(Clone, Debug, Default)]
pub struct TextLists {
    /// Where each row's items begin and end in `items`.
    pub spans: Vec<(u32, u32)>,
    /// All items.
    pub items: Arc<Texts>,
    /// Unknown rows.
    pub gaps: Gaps,
    /// Made when it is first asked for.
    sets: OnceLock<Vec<u64>>,
}

impl PartialEq for TextLists {
    fn eq(&self, other: &Self) -> bool {
        (&self.spans, &self.items, &self.gaps) == (&other.spans, &other.items, &other.gaps)
    }
}

impl Eq for TextLists {}

/// Lists of so many rows are worth being turned into sets.
const SET_ROWS: usize = 256;

impl TextLists {
    /// From spans of items.
    #[must_use]
    pub const fn new(spans: Vec<(u32, u32)>, items: Arc<Texts>, gaps: Gaps) -> Self {
        Self { spans, items, gaps, sets: OnceLock::new() }
    }

    /// Each row's items as bits, by their place in the dictionary, if that has no more entries
    /// than a word has bits: codes are few, and one list is asked for many of them.
    #[must_use]
    pub fn sets(&self) -> Option<&[u64]> {
        if self.spans.len() < SET_ROWS || self.items.dictionary.len() > 64 {
            return None;
        }
        let bit = |place: u32| 1_u64.checked_shl(self.entry(place)).unwrap_or(0);
        let set = |(start, end): &(u32, u32)| (*start..*end).fold(0, |set, at| set | bit(at));
        Some(self.sets.get_or_init(|| self.spans.iter().map(set).collect()))
    }

    fn entry(&self, place: u32) -> u32 {
        u32::try_from(self.items.entry(place as usize)).unwrap_or(u32::MAX)
    }
}

/// Rows of another space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rows {
    /// So many rows, each pointing to the row of the same number.
    Identity(usize),
    /// Any rows, [`NOWHERE`] included.
    Picked {
        /// One a row.
        rows: Vec<u32>,
        /// Whether some row points nowhere.
        has_nowhere: bool,
    },
}

impl Rows {
    /// Rows, with a look whether some point nowhere.
    #[must_use]
    pub fn picked(rows: Vec<u32>) -> Self {
        let has_nowhere = rows.contains(&NOWHERE);
        Self::Picked { rows, has_nowhere }
    }

    /// Number of rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::Identity(length) => *length,
            Self::Picked { rows, .. } => rows.len(),
        }
    }

    /// True without rows.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where the row points.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<usize> {
        match self {
            Self::Identity(length) => (row < *length).then_some(row),
            Self::Picked { rows, .. } => {
                rows.get(row).copied().filter(|row| *row != NOWHERE).map(|row| row as usize)
            }
        }
    }
}

/// Related rows of each row: spans of a list of row numbers. Where few rows have any, only these
/// are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Related {
    /// Number of rows.
    pub length: usize,
    /// The rows that have related rows, in order; `None` when every row has its span.
    pub picked: Option<Vec<u32>>,
    /// Begin and end of the related rows, of every row or of each picked one.
    pub spans: Vec<(u32, u32)>,
    /// The related rows; `None` when the spans are of the other table itself.
    pub rows: Option<Arc<Vec<u32>>>,
    /// Rows whose related rows are not known.
    pub gaps: Gaps,
}

impl Related {
    /// A span for every row.
    #[must_use]
    pub const fn each(spans: Vec<(u32, u32)>, rows: Option<Arc<Vec<u32>>>, gaps: Gaps) -> Self {
        Self { length: spans.len(), picked: None, spans, rows, gaps }
    }

    /// Begin and end of a row's related rows.
    #[must_use]
    pub fn span(&self, row: usize) -> (u32, u32) {
        let place = match &self.picked {
            None => Some(row),
            Some(picked) => u32::try_from(row).ok().and_then(|row| picked.binary_search(&row).ok()),
        };
        place.and_then(|place| self.spans.get(place)).copied().unwrap_or((0, 0))
    }

    /// The related rows of one row.
    pub fn of(&self, row: usize) -> impl Iterator<Item = u32> + '_ {
        let (start, end) = self.span(row);
        (start..end).map(move |place| match &self.rows {
            None => place,
            Some(rows) => rows.get(place as usize).copied().unwrap_or(NOWHERE),
        })
    }

    /// The row that a place in the spans is about.
    #[must_use]
    pub fn row_at(&self, place: usize) -> u32 {
        match &self.picked {
            None => u32::try_from(place).unwrap_or(NOWHERE),
            Some(picked) => picked.get(place).copied().unwrap_or(NOWHERE),
        }
    }

    /// Adds the related rows of a span.
    pub fn add_span(&self, start: u32, end: u32, target: &mut Vec<u32>) {
        match &self.rows {
            None => target.extend(start..end),
            Some(rows) => {
                target.extend_from_slice(rows.get(start as usize..end as usize).unwrap_or(&[]));
            }
        }
    }

    /// Begin and end of the related rows of every row.
    #[must_use]
    pub fn every_span(&self) -> Cow<'_, [(u32, u32)]> {
        let Some(picked) = &self.picked else { return Cow::Borrowed(&self.spans) };
        let mut spans = vec![(0, 0); self.length];
        for (row, span) in picked.iter().zip(&self.spans) {
            if let Some(slot) = spans.get_mut(*row as usize) {
                *slot = *span;
            }
        }
        Cow::Owned(spans)
    }
}

/// Pairs of a row and one of its related rows, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expansion {
    /// Number of outer rows.
    pub length: usize,
    /// The outer rows that have pairs, in order; `None` when every row has its end.
    pub picked: Option<Vec<u32>>,
    /// Where the pairs of every outer row end, or of each picked one.
    pub ends: Vec<u32>,
    /// The related row of each pair; `None` when it is the pair's own number.
    pub children: Option<Vec<u32>>,
    /// Outer rows whose related rows are not known.
    pub gaps: Gaps,
}

impl Expansion {
    /// Number of pairs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.last().copied().unwrap_or(0) as usize
    }

    /// True without pairs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Outer rows with begin and end of their pairs; rows that are left out have none.
    pub fn spans(&self) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let spans = starts.zip(&self.ends).enumerate();
        let picked = self.picked.as_deref();
        spans.map(move |(place, (start, end))| {
            let row = match picked {
                None => place,
                Some(picked) => picked.get(place).map_or(place, |row| *row as usize),
            };
            (row, start as usize, *end as usize)
        })
    }
}

/// A column of any type.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Yes, no, undecided.
    Boolean(Booleans),
    /// Whole numbers, amounts, dates, moments, ids.
    Integer(Integers),
    /// Decimal numbers.
    Decimal(Decimals),
    /// Texts and codes.
    Text(Texts),
    /// Lists of texts.
    List(TextLists),
    /// Rows of another space.
    Rows(Rows),
    /// Related rows.
    Related(Related),
    /// Pairs.
    Expansion(Expansion),
}

impl Column {
    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Boolean(column) => column.truth.len(),
            Self::Integer(column) => column.values.len(),
            Self::Decimal(column) => column.values.len(),
            Self::Text(column) => column.len(),
            Self::List(column) => column.spans.len(),
            Self::Rows(column) => column.len(),
            Self::Related(column) => column.length,
            Self::Expansion(column) => column.length,
        }
    }

    /// True without rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Which rows have a value. Row columns have none missing.
    #[must_use]
    pub fn gaps(&self) -> Option<&Gaps> {
        match self {
            Self::Boolean(column) => Some(&column.gaps),
            Self::Integer(column) => Some(&column.gaps),
            Self::Decimal(column) => Some(&column.gaps),
            Self::Text(column) => Some(&column.gaps),
            Self::List(column) => Some(&column.gaps),
            Self::Related(column) => Some(&column.gaps),
            Self::Expansion(column) => Some(&column.gaps),
            Self::Rows(_) => None,
        }
    }
}
