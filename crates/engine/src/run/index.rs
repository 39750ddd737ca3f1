//! Rows of a gathered table by 64-bit key.

mod probe;

use std::sync::Arc;

/// An index: keys, and the rows of each.
#[derive(Clone, Debug, Default)]
pub struct KeyIndex {
    /// Open addressing: places in `keys`, plus one; zero is free.
    slots: Vec<u32>,
    /// Three bits for each key in a word of a small field: most keys that are asked for are in no
    /// index, and this says so from the processor's cache.
    filter: Vec<u64>,
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
        Self::of_runs(entries, 1)
    }

    /// The same of keys that occur twice or more.
    #[must_use]
    pub fn of_repeated_rows(entries: Vec<(i64, u32)>) -> Self {
        Self::of_runs(entries, 2)
    }

    fn of_runs(mut entries: Vec<(i64, u32)>, at_least: usize) -> Self {
        entries.sort_unstable();
        let mut index = Self::default();
        let mut rows = Vec::with_capacity(entries.len());
        for run in entries.chunk_by(|one, other| one.0 == other.0) {
            if let [(key, _), ..] = run
                && run.len() >= at_least
            {
                rows.extend(run.iter().map(|(_, row)| *row));
                index.keys.push(*key);
                index.ends.push(u32::try_from(rows.len()).unwrap_or(u32::MAX));
            }
        }
        index.rows = Arc::new(rows);
        index.hash();
        index
    }

    /// Of keys alone, each once.
    #[must_use]
    pub fn of_keys(mut keys: Vec<i64>) -> Self {
        keys.sort_unstable();
        keys.dedup();
        let mut index = Self { keys, ..Self::default() };
        index.hash();
        index
    }

    /// Of keys alone; only keys that occur twice or more are kept.
    #[must_use]
    pub fn of_repeated(mut keys: Vec<i64>) -> Self {
        keys.sort_unstable();
        let mut index = Self::default();
        for run in keys.chunk_by(|one, other| one == other) {
            if let [key, _, ..] = run {
                index.keys.push(*key);
                index.counts.push(u32::try_from(run.len()).unwrap_or(u32::MAX));
            }
        }
        index.hash();
        index
    }

    fn hash(&mut self) {
        let size = (self.keys.len() * 2).next_power_of_two().max(2);
        self.slots = vec![0; size];
        // Sixteen bits a key: about one false alarm in a hundred.
        self.filter = vec![0; (self.keys.len() / 4).next_power_of_two()];
        for (place, key) in self.keys.iter().enumerate() {
            let mut slot = self.slot(*key);
            while let Some(taken) = self.slots.get(slot) {
                if *taken == 0 {
                    break;
                }
                slot = (slot + 1) & (size - 1);
            }
            if let Some(free) = self.slots.get_mut(slot) {
                *free = u32::try_from(place + 1).unwrap_or(0);
            }
            let (word, bits) = filter_place(self.filter.len(), *key);
            if let Some(word) = self.filter.get_mut(word) {
                *word |= bits;
            }
        }
    }

    fn slot(&self, key: i64) -> usize {
        let bits = self.slots.len().trailing_zeros();
        let spread = key.cast_unsigned().wrapping_mul(SPREAD);
        usize::try_from(spread >> (64 - bits)).unwrap_or(0)
    }

    /// Looks for a key that the filter lets through.
    fn search(&self, key: i64) -> Option<usize> {
        let mut slot = self.slot(key);
        loop {
            let place = (*self.slots.get(slot)? as usize).checked_sub(1)?;
            if self.keys.get(place) == Some(&key) {
                return Some(place);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }

    /// All rows, key by key.
    #[must_use]
    pub const fn rows(&self) -> &Arc<Vec<u32>> {
        &self.rows
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
