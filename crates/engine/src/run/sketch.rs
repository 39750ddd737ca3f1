//! Which keys of a table may occur twice. A first look enters every key at one bit of a field of
//! sixteen for each row; a key whose bit was set before is kept. So no key that occurs twice is
//! missed, about one single key in thirty is kept with them, and nothing is held of the others.

use super::index::KeyIndex;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Places for each row, one bit each.
const PLACES: u64 = 16;

/// Places of a word.
const WORD_PLACES: u64 = 64;

/// Words of a region: what one core's second cache holds.
const REGION_WORDS: u64 = 1 << 15;

/// Regions at most.
const REGIONS: u64 = 1 << 10;

/// Keys of a region that wait to be entered together, so that its words are at hand.
const WAITING: usize = 512;

/// Odd, with evenly spread bits (golden ratio and the square root of three).
const SPREAD: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xbb67_ae85_84ca_a73b];

/// Keys while they are being entered, by any number of threads.
pub(crate) struct Sketch {
    regions: Vec<Mutex<Region>>,
    places: Places,
}

/// One stretch of places.
struct Region {
    words: Vec<u64>,
    /// Keys whose place was taken.
    again: Vec<i64>,
}

/// Where a key has its place.
#[derive(Clone, Copy, Debug)]
struct Places {
    regions: u64,
    /// Places of one region.
    each: u64,
}

impl Places {
    /// Region of a spread key.
    fn region(self, spread: u64) -> usize {
        usize::try_from(((spread >> 32) * self.regions) >> 32).unwrap_or(0)
    }

    /// Word of a spread key in its region, and its bit.
    fn bit(self, spread: u64) -> (usize, u64) {
        let place = ((spread & 0xffff_ffff) * self.each) >> 32;
        (usize::try_from(place / WORD_PLACES).unwrap_or(0), 1 << (place % WORD_PLACES))
    }
}

/// Both halves evenly spread, whatever the keys have in common.
fn spread(key: i64) -> u64 {
    let [first, second] = SPREAD;
    let key = key.cast_unsigned();
    let once = (key ^ key >> 32).wrapping_mul(first);
    let twice = (once ^ once >> 29).wrapping_mul(second);
    twice ^ twice >> 32
}

fn lock(region: &Mutex<Region>) -> MutexGuard<'_, Region> {
    region.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sketch {
    /// For about so many keys.
    pub(crate) fn new(keys: u64) -> Self {
        let words = keys.saturating_mul(PLACES).div_ceil(WORD_PLACES).max(1);
        let regions = words.div_ceil(REGION_WORDS).clamp(1, REGIONS);
        // Places of a region are counted in 32 bits.
        let each = words.div_ceil(regions).min(1 << 25);
        let size = usize::try_from(each).unwrap_or(usize::MAX);
        let region = || Mutex::new(Region { words: vec![0; size], again: Vec::new() });
        Self {
            regions: (0..regions).map(|_| region()).collect(),
            places: Places { regions, each: each * WORD_PLACES },
        }
    }

    /// What one thread enters keys with.
    pub(crate) fn writer(&self) -> SketchWriter<'_> {
        SketchWriter { sketch: self, waiting: vec![Vec::new(); self.regions.len()] }
    }

    fn enter(&self, region: usize, keys: &mut Vec<i64>) {
        let Some(region) = self.regions.get(region) else { return };
        let mut region = lock(region);
        let Region { words, again } = &mut *region;
        for key in keys.drain(..) {
            let (word, bit) = self.places.bit(spread(key));
            if let Some(word) = words.get_mut(word) {
                if *word & bit != 0 {
                    again.push(key);
                }
                *word |= bit;
            }
        }
    }

    /// The keys that may occur twice, after all writers are done.
    pub(crate) fn finish(self) -> KeyIndex {
        let regions = self.regions.into_iter();
        let own = |region: Mutex<Region>| {
            region.into_inner().unwrap_or_else(PoisonError::into_inner).again
        };
        KeyIndex::of_keys(&regions.flat_map(own).collect::<Vec<_>>())
    }
}

/// Enters keys region by region.
pub(crate) struct SketchWriter<'a> {
    sketch: &'a Sketch,
    /// Keys of each region that are not entered yet.
    waiting: Vec<Vec<i64>>,
}

impl SketchWriter<'_> {
    /// Adds a key.
    #[inline]
    pub(crate) fn add(&mut self, key: i64) {
        let region = self.sketch.places.region(spread(key));
        let Some(waiting) = self.waiting.get_mut(region) else { return };
        waiting.push(key);
        if waiting.len() >= WAITING {
            self.sketch.enter(region, waiting);
        }
    }
}

impl Drop for SketchWriter<'_> {
    fn drop(&mut self) {
        for (region, waiting) in self.waiting.iter_mut().enumerate() {
            if !waiting.is_empty() {
                self.sketch.enter(region, waiting);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::{Gaps, Integers};
    use std::collections::BTreeSet;

    /// Enters each key so often, half of them by a second writer; tells how many single keys come
    /// through.
    fn check(keys: &[(i64, u32)]) -> usize {
        let count: u64 = keys.iter().map(|(_, times)| u64::from(*times)).sum();
        let sketch = Sketch::new(count);
        let mut writers = [sketch.writer(), sketch.writer()];
        let mut turn = 0;
        for (key, times) in keys {
            for _ in 0..*times {
                turn += 1;
                writers[turn % 2].add(*key);
            }
        }
        drop(writers);
        let values: Vec<i64> = keys.iter().map(|(key, _)| *key).collect();
        let asked = Integers { values, gaps: Gaps::default() };
        let found: BTreeSet<u32> =
            sketch.finish().find(&asked, keys.len()).rows.into_iter().collect();
        let rows = || keys.iter().zip(0_u32..);
        assert!(rows().all(|((_, times), row)| *times < 2 || found.contains(&row)));
        rows().filter(|((_, times), row)| *times < 2 && found.contains(row)).count()
    }

    #[test]
    fn no_repeated_key_is_missed_and_few_single_ones_come_through() {
        for step in [1_i64, 4096, 1 << 33, -977] {
            let keys: Vec<(i64, u32)> = (0..300_000)
                .map(|row| {
                    (step.wrapping_mul(row), if row % 10 == 0 { 2 + (row % 3) as u32 } else { 1 })
                })
                .collect();
            let single = keys.iter().filter(|(_, times)| *times < 2).count();
            let false_alarms = check(&keys);
            assert!(false_alarms * 25 < single, "{false_alarms} of {single} at steps of {step}");
        }
        assert_eq!(check(&[]), 0);
        assert!(check(&[(5, 1), (7, 2), (9, 3)]) <= 1);
    }
}
