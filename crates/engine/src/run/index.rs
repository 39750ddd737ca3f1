//! Rows of a gathered table by 64-bit key.

mod entries;
mod joined;
mod probe;

pub(crate) use entries::Entries;
pub(crate) use joined::JoinedIndex;
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
    /// The rows, key by key; [`None`] where each key has the row of its own place.
    rows: Option<Arc<Vec<u32>>>,
    /// Rows of each key, where no rows are kept.
    counts: Vec<u32>,
}

/// The golden ratio in 64 bits: multiplying spreads keys that follow each other.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// Keys whose places in memory are asked for together, so that the processor waits for them once.
const TOGETHER: usize = 32;

impl KeyIndex {
    /// Of keys and their rows, in any order; rows of a key come in order.
    #[must_use]
    pub(crate) fn of_rows(entries: Entries) -> Self {
        Self::of_entries(entries, 1)
    }

    /// The same of keys that occur twice or more.
    #[must_use]
    pub(crate) fn of_repeated_rows(entries: Entries) -> Self {
        Self::of_entries(entries, 2)
    }

    fn of_entries(entries: Entries, at_least: u32) -> Self {
        let entries = entries.sorted();
        let (mut index, places) = Self::counted(entries.keys(), at_least);
        let counts = std::mem::take(&mut index.counts);
        if entries.is_plain() && counts.len() == places.len() {
            return index;
        }
        let mut end = 0_u32;
        // Where the next row of each key goes; in the end, where its rows end.
        let mut ends: Vec<u32> = counts
            .iter()
            .map(|count| {
                let start = end;
                end = end.saturating_add(*count);
                start
            })
            .collect();
        let mut rows = vec![0; end as usize];
        for (entry, place) in places.iter().enumerate() {
            if let Some(next) = ends.get_mut(*place as usize)
                && let Some(slot) = rows.get_mut(*next as usize)
            {
                *slot = entries.row(entry);
                *next = next.saturating_add(1);
            }
        }
        index.ends = ends;
        index.rows = Some(Arc::new(rows));
        index
    }

    /// Of keys alone, each once.
    #[must_use]
    pub fn of_keys(keys: &[i64]) -> Self {
        let (mut index, _) = Self::counted(keys, 1);
        index.counts = Vec::new();
        index
    }

    /// Of keys alone; only keys that occur twice or more are kept.
    #[must_use]
    pub fn of_repeated(keys: &[i64]) -> Self {
        Self::counted(keys, 2).0
    }

    /// Counts keys, and drops those that occur less often than is asked; the place of each key that
    /// came, [`NOWHERE`] for those dropped.
    fn counted(keys: &[i64], at_least: u32) -> (Self, Vec<u32>) {
        let mut index = Self { slots: vec![0; 16], ..Self::default() };
        let total = keys.len();
        let mut places: Vec<u32> = Vec::with_capacity(total);
        for keys in keys.chunks(TOGETHER) {
            index.make_room(places.len(), keys.len(), total);
            // The processor fetches all places in one go, not each when its key is entered.
            let looked = keys.iter().fold(0_u32, |all, key| all.wrapping_add(index.first(*key)));
            std::hint::black_box(looked);
            places.extend(keys.iter().map(|key| index.enter(*key)));
        }
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

    /// Makes room for the keys that come next, after so many of all entries; if it must, for as
    /// many as there will be in the end when they go on as they began.
    fn make_room(&mut self, seen: usize, next: usize, all: usize) {
        let known = self.keys.len();
        if (known + next) * 2 <= self.slots.len() {
            return;
        }
        let expected = (known as u128 * all as u128).checked_div(seen as u128).unwrap_or(0);
        let expected = usize::try_from(expected).unwrap_or(all).clamp(known + next, all);
        self.keys.reserve(expected - known);
        self.counts.reserve(expected - known);
        self.slots = vec![0; (expected * 2).next_power_of_two()];
        (0..known).for_each(|place| self.put(place));
    }

    /// What stands in the first slot of a key.
    #[inline]
    fn first(&self, key: i64) -> u32 {
        self.slots.get(self.slot(key)).copied().unwrap_or(0)
    }

    /// Counts a key, for which there is room; its place.
    fn enter(&mut self, key: i64) -> u32 {
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

    /// All rows, key by key; [`None`] where each key has the row of its own place.
    #[must_use]
    pub const fn rows(&self) -> Option<&Arc<Vec<u32>>> {
        self.rows.as_ref()
    }

    /// A row by its place among the rows.
    pub(crate) fn row(&self, place: u32) -> u32 {
        match &self.rows {
            None => place,
            Some(rows) => rows.get(place as usize).copied().unwrap_or(NOWHERE),
        }
    }
}

/// Three bits for each key in a word of a small field: most keys that are asked for are in no
/// index, and this says so from the processor's cache.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeyFilter {
    words: Vec<u64>,
}

impl KeyFilter {
    /// Of so many keys, eight to sixteen bits each: one or two false alarms in a hundred.
    fn of(count: usize, keys: impl Iterator<Item = i64>) -> Self {
        let mut words = vec![0; (count / 8).next_power_of_two()];
        let size = words.len();
        for key in keys {
            let (word, bits) = filter_place(size, key);
            if let Some(word) = words.get_mut(word) {
                *word |= bits;
            }
        }
        Self { words }
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
        let entries = (0..2000).rev().map(|row| (key(row), row)).collect();
        let index = KeyIndex::of_rows(entries);
        // Every third number of these is a key.
        let asked: Vec<i64> = (-1000..1300).collect();
        let mut keys = integers(&asked);
        let hits = index.find(&keys, asked.len());
        let expected: Vec<i64> = (0..700).map(key).collect();
        let found: Vec<i64> = hits.rows.iter().map(|row| asked[*row as usize]).collect();
        assert_eq!(found, expected);
        for (row, (start, end)) in hits.rows.iter().zip(index.spans(&hits)) {
            let rows: Vec<u32> = (start..end).map(|place| index.row(place)).collect();
            assert!(rows.is_sorted() && (2..=3).contains(&rows.len()));
            assert!(rows.iter().all(|other| key(*other) == asked[*row as usize]));
        }
        keys.gaps.known = Some(Bits::collect((0..asked.len()).map(|row| row % 2 == 0)));
        let hits = index.find(&keys, asked.len());
        assert!(hits.rows.len() == 350 && hits.rows.iter().all(|row| row % 2 == 0));
        assert!(KeyIndex::default().find(&keys, asked.len()).rows.is_empty());
    }

    #[test]
    fn several_indexes_are_asked_at_once() {
        let one = KeyIndex::of_keys(&(0..500).map(|key| key * 7).collect::<Vec<_>>());
        let entries = (0..900).map(|row| (i64::from(row % 300) * 11, row));
        let other = KeyIndex::of_rows(entries.collect());
        let mut keys = integers(&(0..20_000).collect::<Vec<i64>>());
        keys.gaps.known = Some(Bits::collect((0..20_000).map(|row| row % 10 != 0)));
        let joined = JoinedIndex::of(&[&one, &other]).find(&keys, 20_000);
        for (index, joined) in [&one, &other].into_iter().zip(&joined) {
            let alone = index.find(&keys, 20_000);
            assert!(alone.rows.len() > 200);
            assert_eq!(alone.rows, joined.rows);
            assert!(index.spans(&alone).eq(index.spans(joined)));
        }
    }

    #[test]
    fn keys_of_a_large_index_are_found_in_any_order() {
        let size = FEW_KEYS_AND_MORE;
        let key = |row: u32| i64::from(row) * 5 - 70;
        let plain = KeyIndex::of_rows((0..size).map(|row| (key(row), row)).collect());
        assert!(plain.rows().is_none(), "each row has a key of its own");
        let turned = KeyIndex::of_rows((0..size).map(|row| (key(size - 1 - row), row)).collect());
        let spread = |row: u32| i64::from(row.wrapping_mul(2_654_435_761) % (size * 6)) - 90;
        let asked: [Vec<i64>; 3] = [
            (0..size).map(key).collect(),
            (0..size).rev().map(|row| key(row) + i64::from(row % 3 == 0)).collect(),
            (0..size).map(spread).collect(),
        ];
        for keys in asked {
            let expected = |key: i64| {
                let is_key =
                    (key + 70) % 5 == 0 && (0..i64::from(size)).contains(&((key + 70) / 5));
                is_key.then(|| u32::try_from((key + 70) / 5).unwrap())
            };
            let rows: Vec<u32> = (0..size).collect();
            let keys = integers(&keys);
            for (index, is_turned) in [(&plain, false), (&turned, true)] {
                for hits in [index.find(&keys, rows.len()), index.find_among(&keys, &rows)] {
                    let found = hits.rows.iter().zip(index.spans(&hits));
                    let found: Vec<(u32, u32)> =
                        found.map(|(row, (start, _))| (*row, index.row(start))).collect();
                    let row_of = |row: u32| if is_turned { size - 1 - row } else { row };
                    let expected = rows.iter().filter_map(|row| {
                        Some((*row, row_of(expected(keys.values[*row as usize])?)))
                    });
                    assert!(found.into_iter().eq(expected));
                }
            }
        }
    }

    /// More keys than the processor has at hand.
    const FEW_KEYS_AND_MORE: u32 = 40_000;

    #[test]
    fn entries_without_rows_of_their_own_join_others() {
        let plain = |count: u32| (0..count).map(|row| (i64::from(row), row)).collect::<Entries>();
        let mut all = plain(3);
        all.append(&plain(2), 3);
        assert!(all.is_plain());
        all.append(&[(9, 1), (8, 4)].into_iter().collect(), 5);
        all.push(7, 12);
        let rows: Vec<u32> = (0..all.keys().len()).map(|place| all.row(place)).collect();
        assert_eq!(
            (all.keys(), rows.as_slice()),
            ([0, 1, 2, 0, 1, 9, 8, 7].as_slice(), [0, 1, 2, 3, 4, 6, 9, 12].as_slice(),)
        );
        let mixed: Entries = [(5, 3), (6, 0), (7, 2)].into_iter().collect();
        assert_eq!(mixed.sorted().keys(), [6, 7, 5]);
    }

    #[test]
    fn one_key_stands_for_all_rows() {
        let index = KeyIndex::of_rows([(7, 0), (9, 1), (7, 2)].into_iter().collect());
        let hits = index.find(&integers(&[7]), 3);
        assert_eq!(hits.rows, [0, 1, 2]);
        assert_eq!(index.spans(&hits).collect::<Vec<_>>(), [(0, 2); 3]);
    }

    #[test]
    fn only_repeated_keys_are_counted() {
        let index = KeyIndex::of_repeated(&[5, 7, 5, 9, 5, 7]);
        let hits = index.find(&integers(&[5, 7, 9, 11]), 4);
        assert_eq!(hits.rows, [0, 1]);
        assert_eq!(index.counts(&hits).collect::<Vec<_>>(), [3, 2]);
    }
}
