//! Several indexes that are asked with the same keys: a key is looked for once, and what is found
//! says in which of them it stands and where.

use super::{Entries, Hits, KeyIndex};
use crate::column::Integers;

/// Indexes side by side.
#[derive(Debug)]
pub(crate) struct JoinedIndex {
    /// Each key leads to its places in the indexes, counted from the first index on.
    keys: KeyIndex,
    /// Where the places of each index end.
    ends: Vec<u32>,
}

impl JoinedIndex {
    /// Of these indexes, in this order.
    pub(crate) fn of(indexes: &[&KeyIndex]) -> Self {
        let keys = indexes.iter().flat_map(|index| &index.keys).copied();
        let keys: Entries = keys.zip(0..).collect();
        let mut end = 0_u32;
        let ends = indexes.iter().map(|index| {
            end = end.saturating_add(u32::try_from(index.keys.len()).unwrap_or(u32::MAX));
            end
        });
        Self { ends: ends.collect(), keys: KeyIndex::of_rows(keys) }
    }

    /// What each index would find with these keys.
    pub(crate) fn find(&self, keys: &Integers, length: usize) -> Vec<Hits> {
        let mut each: Vec<Hits> = self.ends.iter().map(|_| Hits::default()).collect();
        let hits = self.keys.find(keys, length);
        for (row, (start, end)) in hits.rows.iter().zip(self.keys.spans(&hits)) {
            for place in (start..end).map(|place| self.keys.row(place)) {
                let index = self.ends.partition_point(|end| *end <= place);
                let first = index.checked_sub(1).and_then(|before| self.ends.get(before));
                if let Some(hits) = each.get_mut(index) {
                    hits.rows.push(*row);
                    hits.places.push(place.saturating_sub(first.copied().unwrap_or(0)));
                }
            }
        }
        each
    }
}
