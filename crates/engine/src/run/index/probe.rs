//! Many keys looked up at once. Each stage goes over all keys that are left, so that the processor
//! waits for many places of memory together instead of one after the other.

use super::{KeyFilter, KeyIndex, TOGETHER};
use crate::column::{Integers, NOWHERE};

/// Which of many keys an index holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hits {
    /// Places of the keys that were asked for, in order.
    pub(crate) rows: Vec<u32>,
    /// For each of them its place in the index.
    pub(super) places: Vec<u32>,
}

/// Keys of an index that are looked at before its slots are.
const NEAR: usize = 4;

/// Keys whose slots the processor has at hand.
const FEW_KEYS: usize = 1 << 15;

impl KeyIndex {
    /// Looks up the keys of a column of so many rows, one value standing for all. Rows without a
    /// key find nothing.
    pub(crate) fn find(&self, keys: &Integers, length: usize) -> Hits {
        if keys.values.len() == 1 && length > 1 {
            let one = keys.values.first().copied().unwrap_or(0);
            let all = Integers { values: vec![one; length], gaps: keys.gaps.clone() };
            return self.find(&all, length);
        }
        let rows = self.filter.candidates(keys);
        self.settle(&keys.values, &rows, true)
    }

    /// The same for rows of which the others are known to find nothing.
    pub(crate) fn find_among(&self, keys: &Integers, rows: &[u32]) -> Hits {
        self.settle(&keys.values, rows, false)
    }

    /// Leaves those rows whose key is there; `is_sifted` if the filter let them all through.
    fn settle(&self, keys: &[i64], rows: &[u32], is_sifted: bool) -> Hits {
        let room = if is_sifted { rows.len() } else { rows.len() / 8 };
        // What is small is at hand anyway.
        let has_order = self.keys.len() > FEW_KEYS;
        let mut hits = Hits { rows: Vec::with_capacity(room), places: Vec::with_capacity(room) };
        let mut places = [NOWHERE; TOGETHER];
        // Rows of a block whose key does not stand where the last one leads.
        let mut open = [(0_usize, 0_i64, 0_u32); TOGETHER];
        let mut next = 0_usize;
        for rows in rows.chunks(TOGETHER) {
            let mut count = 0_usize;
            for (at, (row, place)) in rows.iter().zip(&mut places).enumerate() {
                let key = keys.get(*row as usize).copied().unwrap_or(0);
                *place = NOWHERE;
                let beside = if has_order { self.near(next, key) } else { None };
                match beside {
                    Some(found) => {
                        next = found + 1;
                        *place = u32::try_from(found).unwrap_or(NOWHERE);
                    }
                    None if is_sifted || self.filter.lets_through(key) => {
                        if let Some(slot) = open.get_mut(count) {
                            *slot = (at, key, self.first(key));
                        }
                        count += 1;
                    }
                    None => {}
                }
            }
            for (at, key, first) in open.iter().take(count) {
                let Some(first) = first.checked_sub(1) else { continue };
                let found = if self.keys.get(first as usize) == Some(key) {
                    Some(first as usize)
                } else {
                    self.probe(*key).ok()
                };
                if let Some(found) = found
                    && let Some(place) = places.get_mut(*at)
                {
                    next = found + 1;
                    *place = u32::try_from(found).unwrap_or(NOWHERE);
                }
            }
            for (row, place) in rows.iter().zip(places).filter(|(_, place)| *place != NOWHERE) {
                hits.rows.push(*row);
                hits.places.push(place);
            }
        }
        hits
    }

    /// The place of a key if it is one of the next: ledgers that meet mostly stand in one order.
    #[inline]
    fn near(&self, next: usize, key: i64) -> Option<usize> {
        let keys = self.keys.get(next..(next + NEAR).min(self.keys.len()))?;
        keys.iter().position(|other| *other == key).map(|ahead| next + ahead)
    }

    /// Begin and end of the rows of each key that was found, in [`KeyIndex::rows`].
    pub(crate) fn spans<'a>(&'a self, hits: &'a Hits) -> impl Iterator<Item = (u32, u32)> + 'a {
        let is_plain = self.rows.is_none();
        hits.places.iter().map(move |place| {
            if is_plain {
                return (*place, place.saturating_add(1));
            }
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
