//! Which keys of a table may occur twice, in two bits for each of eight places a row: no key is
//! kept. What occurs twice is never missed; about one single key in eight is let through.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Places for each row.
const PLACES: u64 = 8;

/// Places of a word, two bits each: seen, and seen again.
const WORD_PLACES: u64 = 32;

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
    regions: Vec<Mutex<Vec<u64>>>,
    places: Places,
}

/// Keys that may occur twice.
#[derive(Debug)]
pub(crate) struct Repeated {
    regions: Vec<Vec<u64>>,
    places: Places,
}

/// Where a key has its place.
#[derive(Clone, Copy, Debug)]
struct Places {
    regions: u64,
    /// Places of one region.
    each: u64,
}

impl Places {
    /// Region, and place in it, of a spread key.
    fn of(self, spread: u64) -> (usize, u64) {
        let region = ((spread >> 32) * self.regions) >> 32;
        (usize::try_from(region).unwrap_or(0), ((spread & 0xffff_ffff) * self.each) >> 32)
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

/// Word of a region and the first bit of a place in it.
fn bit(place: u64) -> (usize, u64) {
    (usize::try_from(place / WORD_PLACES).unwrap_or(0), 1 << (place % WORD_PLACES * 2))
}

fn lock(region: &Mutex<Vec<u64>>) -> MutexGuard<'_, Vec<u64>> {
    region.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sketch {
    /// For about so many keys.
    pub(crate) fn new(keys: u64) -> Self {
        let words = keys.saturating_mul(PLACES).div_ceil(WORD_PLACES).max(1);
        let regions = words.div_ceil(REGION_WORDS).clamp(1, REGIONS);
        // Places of a region are counted in 32 bits.
        let each = words.div_ceil(regions).min(1 << 26);
        let size = usize::try_from(each).unwrap_or(usize::MAX);
        Self {
            regions: (0..regions).map(|_| Mutex::new(vec![0; size])).collect(),
            places: Places { regions, each: each * WORD_PLACES },
        }
    }

    /// What one thread enters keys with.
    pub(crate) fn writer(&self) -> SketchWriter<'_> {
        SketchWriter { sketch: self, waiting: vec![Vec::new(); self.regions.len()] }
    }

    fn enter(&self, region: usize, places: &mut Vec<u32>) {
        let Some(region) = self.regions.get(region) else { return };
        let mut words = lock(region);
        for place in places.drain(..) {
            let (word, bit) = bit(place.into());
            if let Some(word) = words.get_mut(word) {
                *word |= bit | (*word & bit) << 1;
            }
        }
    }

    /// After all writers are done.
    pub(crate) fn finish(self) -> Repeated {
        let regions = self.regions.into_iter();
        let words =
            |region: Mutex<Vec<u64>>| region.into_inner().unwrap_or_else(PoisonError::into_inner);
        Repeated { regions: regions.map(words).collect(), places: self.places }
    }
}

/// Enters keys region by region.
pub(crate) struct SketchWriter<'a> {
    sketch: &'a Sketch,
    /// Places of each region that are not entered yet.
    waiting: Vec<Vec<u32>>,
}

impl SketchWriter<'_> {
    /// Adds a key.
    #[inline]
    pub(crate) fn add(&mut self, key: i64) {
        let (region, place) = self.sketch.places.of(spread(key));
        let Some(waiting) = self.waiting.get_mut(region) else { return };
        waiting.push(u32::try_from(place).unwrap_or(u32::MAX));
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

impl Repeated {
    /// Whether the key may have occurred twice; never false for one that did.
    #[inline]
    pub(crate) fn may_hold(&self, key: i64) -> bool {
        let (region, place) = self.places.of(spread(key));
        let (word, bit) = bit(place);
        let word = self.regions.get(region).and_then(|words| words.get(word));
        word.is_some_and(|word| word & (bit << 1) != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let found = sketch.finish();
        assert!(keys.iter().all(|(key, times)| *times < 2 || found.may_hold(*key)));
        keys.iter().filter(|(key, times)| *times < 2 && found.may_hold(*key)).count()
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
            assert!(false_alarms * 7 < single, "{false_alarms} of {single} at steps of {step}");
        }
        assert_eq!(check(&[]), 0);
        assert!(check(&[(5, 1), (7, 2), (9, 3)]) <= 1);
    }
}
