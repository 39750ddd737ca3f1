//! Many keys looked up at once. Each stage goes over all keys that are left, so that the processor
//! waits for many places of memory together instead of one after the other.

use super::{KeyFilter, KeyIndex};
use crate::column::Integers;

/// Which of many keys an index holds.
#[derive(Debug, Default)]
pub(crate) struct Hits {
    /// Places of the keys that were asked for, in order.
    pub(crate) rows: Vec<u32>,
    /// For each of them its place in the index.
    places: Vec<u32>,
}

impl KeyIndex {
    /// Looks up the keys of a column of so many rows, one value standing for all. Rows without a
    /// key find nothing.
    pub(crate) fn find(&self, keys: &Integers, length: usize) -> Hits {
        if keys.values.len() == 1 && length > 1 {
            let one = keys.values.first().copied().unwrap_or(0);
            let all = Integers { values: vec![one; length], gaps: keys.gaps.clone() };
            return self.find(&all, length);
        }
        self.settle(&keys.values, self.filter.candidates(keys))
    }

    /// The same for rows of which the others are known to find nothing.
    pub(crate) fn find_among(&self, keys: &Integers, rows: &[u32]) -> Hits {
        let key_of = |row: u32| keys.values.get(row as usize).copied().unwrap_or(0);
        let rows = rows.iter().copied().filter(|row| self.filter.lets_through(key_of(*row)));
        self.settle(&keys.values, rows.collect())
    }

    /// Leaves those rows whose key is there.
    fn settle(&self, keys: &[i64], mut rows: Vec<u32>) -> Hits {
        let key_of = |row: u32| keys.get(row as usize).copied().unwrap_or(0);
        // One more than the place of the first key that may be it; zero is none.
        let taken: Vec<u32> = rows
            .iter()
            .map(|row| self.slots.get(self.slot(key_of(*row))).copied().unwrap_or(0))
            .collect();
        let mut places = Vec::with_capacity(rows.len());
        let mut taken = taken.into_iter();
        rows.retain(|row| {
            let key = key_of(*row);
            let Some(place) = taken.next().and_then(|taken| taken.checked_sub(1)) else {
                return false;
            };
            let found = if self.keys.get(place as usize) == Some(&key) {
                Some(place)
            } else {
                self.probe(key).ok().and_then(|place| u32::try_from(place).ok())
            };
            places.extend(found);
            found.is_some()
        });
        Hits { rows, places }
    }

    /// Begin and end of the rows of each key that was found, in [`KeyIndex::rows`].
    pub(crate) fn spans<'a>(&'a self, hits: &'a Hits) -> impl Iterator<Item = (u32, u32)> + 'a {
        hits.places.iter().map(|place| {
            let end = self.ends.get(*place as usize).copied().unwrap_or(0);
            let start = place.checked_sub(1).and_then(|before| self.ends.get(before as usize));
            (start.copied().unwrap_or(0), end)
        })
    }

    /// How many rows share each key that was found, among keys that occur twice or more.
    pub(crate) fn counts<'a>(&'a self, hits: &'a Hits) -> impl Iterator<Item = u32> + 'a {
        hits.places.iter().map(|place| self.counts.get(*place as usize).copied().unwrap_or(0))
    }
}

impl KeyFilter {
    /// Rows with a key that passes. The loop has no branch that depends on the keys.
    pub(crate) fn candidates(&self, keys: &Integers) -> Vec<u32> {
        let mut rows = vec![0_u32; keys.values.len()];
        let mut count = 0_usize;
        let mut row = 0_u32;
        for key in &keys.values {
            if let Some(slot) = rows.get_mut(count) {
                *slot = row;
            }
            count = count.wrapping_add(usize::from(self.lets_through(*key)));
            row = row.wrapping_add(1);
        }
        rows.truncate(count);
        if keys.gaps.known.is_some() {
            rows.retain(|row| keys.gaps.is_known(*row as usize));
        }
        rows
    }
}
