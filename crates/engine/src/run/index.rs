//! Rows of a gathered table by 64-bit key.

mod probe;

pub(crate) use probe::Hits;

use crate::column::NOWHERE;
use std::sync::Arc;

/// An index: keys in the order in which they first occur, and the rows of each. Ledgers that meet
/// each other mostly stand in one order, so that keys asked for one after the other lie side by
/// side here.
#[derive(Clone, Debug, Default)]
pub struct KeyIndex {
    /// Open addressing: places in `keys`, plus one; zero is free.
    slots: Vec<u32>,
    filter: KeyFilter,
    keys: Vec<i64>,
    /// Where each key's rows end in `rows`.
    ends: Vec<u32>,
    rows: Arc<Vec<u32>>,
    /// Rows of each key, where no rows are kept.
    counts: Vec<u32>,
}

/// The golden ratio in 64 bits: multiplying spreads keys that follow each other.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

impl KeyIndex {
    /// Of keys and their rows, in any order; rows of a key come in order.
    #[must_use]
    pub fn of_rows(entries: Vec<(i64, u32)>) -> Self {
        Self::of_entries(entries, 1)
    }

    /// The same of keys that occur twice or more.
    #[must_use]
    pub fn of_repeated_rows(entries: Vec<(i64, u32)>) -> Self {
        Self::of_entries(entries, 2)
    }

    fn of_entries(mut entries: Vec<(i64, u32)>, at_least: u32) -> Self {
        if !entries.is_sorted_by_key(|(_, row)| *row) {
            entries.sort_unstable_by_key(|(_, row)| *row);
        }
        let (mut index, places) = Self::counted(entries.iter().map(|(key, _)| *key), at_least);
        let counts = std::mem::take(&mut index.counts);
        let mut end = 0_u32;
        // Where the next row of each key goes; in the end, where its rows end.
        index.ends = counts
            .iter()
            .map(|count| {
                let start = end;
                end = end.saturating_add(*count);
                start
            })
            .collect();
        let mut rows = vec![0; end as usize];
        for (place, (_, row)) in places.iter().zip(&entries) {
            if let Some(next) = index.ends.get_mut(*place as usize)
                && let Some(slot) = rows.get_mut(*next as usize)
            {
                *slot = *row;
                *next = next.saturating_add(1);
            }
        }
        index.rows = Arc::new(rows);
        index
    }

    /// Of keys alone, each once.
    #[must_use]
    pub fn of_keys(keys: Vec<i64>) -> Self {
        let (mut index, _) = Self::counted(keys.into_iter(), 1);
        index.counts = Vec::new();
        index
    }

    /// Of keys alone; only keys that occur twice or more are kept.
    #[must_use]
    pub fn of_repeated(keys: Vec<i64>) -> Self {
        Self::counted(keys.into_iter(), 2).0
    }

    /// Counts keys, and drops those that occur less often than is asked; the place of each key that
    /// came, [`NOWHERE`] for those dropped.
    fn counted(keys: impl Iterator<Item = i64>, at_least: u32) -> (Self, Vec<u32>) {
        let mut index = Self { slots: vec![0; 16], ..Self::default() };
        let mut places: Vec<u32> = keys.map(|key| index.enter(key)).collect();
        if at_least > 1 {
            let mut kept = 0_u32;
            let renamed: Vec<u32> = index
                .counts
                .iter()
                .map(|count| {
                    let place = kept;
                    kept += u32::from(*count >= at_least);
                    if *count >= at_least { place } else { NOWHERE }
                })
                .collect();
            for place in &mut places {
                *place = renamed.get(*place as usize).copied().unwrap_or(NOWHERE);
            }
            let mut counts = index.counts.iter();
            index.keys.retain(|_| counts.next().is_some_and(|count| *count >= at_least));
            index.counts.retain(|count| *count >= at_least);
            index.slots = Vec::new();
        }
        index.hash();
        (index, places)
    }

    /// Counts a key; its place.
    fn enter(&mut self, key: i64) -> u32 {
        if self.keys.len() * 2 >= self.slots.len() {
            self.slots = vec![0; self.slots.len() * 4];
            (0..self.keys.len()).for_each(|place| self.put(place));
        }
        match self.probe(key) {
            Ok(place) => {
                if let Some(count) = self.counts.get_mut(place) {
                    *count = count.saturating_add(1);
                }
                u32::try_from(place).unwrap_or(NOWHERE)
            }
            Err(slot) => {
                let place = u32::try_from(self.keys.len()).unwrap_or(NOWHERE);
                self.keys.push(key);
                self.counts.push(1);
                if let Some(free) = self.slots.get_mut(slot) {
                    *free = place.saturating_add(1);
                }
                place
            }
        }
    }

    /// The place of a key, or the free slot where it would have been found.
    fn probe(&self, key: i64) -> Result<usize, usize> {
        let mut slot = self.slot(key);
        while let Some(taken) = self.slots.get(slot)
            && let Some(place) = (*taken as usize).checked_sub(1)
        {
            if self.keys.get(place) == Some(&key) {
                return Ok(place);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        Err(slot)
    }

    /// Puts the key at a place into the first free slot.
    fn put(&mut self, place: usize) {
        let Some(key) = self.keys.get(place).copied() else { return };
        let last = self.slots.len() - 1;
        let mut slot = self.slot(key);
        while self.slots.get(slot).is_some_and(|taken| *taken != 0) {
            slot = (slot + 1) & last;
        }
        if let Some(free) = self.slots.get_mut(slot) {
            *free = u32::try_from(place + 1).unwrap_or(0);
        }
    }

    /// Makes slots and filter for the keys.
    fn hash(&mut self) {
        let size = (self.keys.len() * 2).next_power_of_two().max(2);
        if !(size..=size * 2).contains(&self.slots.len()) {
            self.slots = vec![0; size];
            (0..self.keys.len()).for_each(|place| self.put(place));
        }
        self.filter = KeyFilter::of(self.keys.len(), self.keys.iter().copied());
    }

    fn slot(&self, key: i64) -> usize {
        let bits = self.slots.len().trailing_zeros();
        let spread = key.cast_unsigned().wrapping_mul(SPREAD);
        usize::try_from(spread >> (64 - bits)).unwrap_or(0)
    }

    /// Number of keys.
    #[must_use]
    pub const fn key_count(&self) -> usize {
        self.keys.len()
    }

    /// All rows, key by key.
    #[must_use]
    pub const fn rows(&self) -> &Arc<Vec<u32>> {
        &self.rows
    }
}

/// Three bits for each key in a word of a small field: most keys that are asked for are in no
/// index, and this says so from the processor's cache.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeyFilter {
    words: Vec<u64>,
}

impl KeyFilter {
    /// Of so many keys, sixteen bits each: about one false alarm in a hundred.
    fn of(count: usize, keys: impl Iterator<Item = i64>) -> Self {
        let mut words = vec![0; (count / 4).next_power_of_two()];
        let size = words.len();
        for key in keys {
            let (word, bits) = filter_place(size, key);
            if let Some(word) = words.get_mut(word) {
                *word |= bits;
            }
        }
        Self { words }
    }

    /// Of the keys of several indexes.
    pub(crate) fn joined(indexes: &[&KeyIndex]) -> Self {
        let keys = || indexes.iter().flat_map(|index| &index.keys);
        Self::of(keys().count(), keys().copied())
    }

    /// False for most keys that are not there, never for one that is.
    #[inline]
    fn lets_through(&self, key: i64) -> bool {
        let (word, bits) = filter_place(self.words.len(), key);
        self.words.get(word).is_some_and(|word| word & bits == bits)
    }
}

/// Word and bits of a key in a filter of so many words, a power of two.
#[inline]
fn filter_place(words: usize, key: i64) -> (usize, u64) {
    let mixed = key.cast_unsigned().wrapping_mul(SPREAD).rotate_left(29).wrapping_mul(SPREAD);
    let word = (mixed >> 32) as usize & words.saturating_sub(1);
    let bit = |shift: u32| 1_u64 << (mixed >> shift & 63);
    (word, bit(0) | bit(6) | bit(12))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bits::Bits;
    use crate::column::{Gaps, Integers};

    fn integers(values: &[i64]) -> Integers {
        Integers { values: values.to_vec(), gaps: Gaps::default() }
    }

    #[test]
    fn rows_are_found_by_their_keys() {
        let key = |row: u32| i64::from(row % 700) * 3 - 900;
        let entries: Vec<(i64, u32)> = (0..2000).rev().map(|row| (key(row), row)).collect();
        let index = KeyIndex::of_rows(entries);
        // Every third number of these is a key.
        let asked: Vec<i64> = (-1000..1300).collect();
        let mut keys = integers(&asked);
        let hits = index.find(&keys, asked.len());
        let expected: Vec<i64> = (0..700).map(key).collect();
        let found: Vec<i64> = hits.rows.iter().map(|row| asked[*row as usize]).collect();
        assert_eq!(found, expected);
        for (row, (start, end)) in hits.rows.iter().zip(index.spans(&hits)) {
            let rows = &index.rows()[start as usize..end as usize];
            assert!(rows.is_sorted() && (2..=3).contains(&rows.len()));
            assert!(rows.iter().all(|other| key(*other) == asked[*row as usize]));
        }
        keys.gaps.known = Some(Bits::collect((0..asked.len()).map(|row| row % 2 == 0)));
        let hits = index.find(&keys, asked.len());
        assert!(hits.rows.len() == 350 && hits.rows.iter().all(|row| row % 2 == 0));
        assert!(KeyIndex::default().find(&keys, asked.len()).rows.is_empty());
    }

    #[test]
    fn keys_of_several_indexes_pass_their_joined_filter() {
        let one = KeyIndex::of_keys((0..500).map(|key| key * 7).collect());
        let other = KeyIndex::of_rows((0..900).map(|row| (i64::from(row) * 11, row)).collect());
        let keys = integers(&(0..20_000).collect::<Vec<i64>>());
        let rows = KeyFilter::joined(&[&one, &other]).candidates(&keys);
        assert!(rows.len() < 2_000, "most others stay behind");
        for index in [&one, &other] {
            let (all, among) = (index.find(&keys, 20_000), index.find_among(&keys, &rows));
            assert_eq!(all.rows, among.rows);
            assert!(index.spans(&all).eq(index.spans(&among)));
        }
    }

    #[test]
    fn one_key_stands_for_all_rows() {
        let index = KeyIndex::of_rows(vec![(7, 0), (9, 1), (7, 2)]);
        let hits = index.find(&integers(&[7]), 3);
        assert_eq!(hits.rows, [0, 1, 2]);
        assert_eq!(index.spans(&hits).collect::<Vec<_>>(), [(0, 2); 3]);
    }

    #[test]
    fn only_repeated_keys_are_counted() {
        let index = KeyIndex::of_repeated(vec![5, 7, 5, 9, 5, 7]);
        let hits = index.find(&integers(&[5, 7, 9, 11]), 4);
        assert_eq!(hits.rows, [0, 1]);
        assert_eq!(index.counts(&hits).collect::<Vec<_>>(), [3, 2]);
    }
}
