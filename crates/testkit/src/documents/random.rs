//! A small seeded generator of random numbers: the same seed gives the same documents everywhere.

use taizhang_values::next_random;

/// Good enough to vary sentences, never used for secrets.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Starts at `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        next_random(&mut self.0)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: u32, high: u32) -> u32 {
        let width = u64::from(high.saturating_sub(low)) + 1;
        low + u32::try_from(self.bits() % width).unwrap_or(0)
    }

    /// An index below `count`; 0 if there is none.
    pub fn index(&mut self, count: usize) -> usize {
        let width = u64::try_from(count.max(1)).unwrap_or(1);
        usize::try_from(self.bits() % width).unwrap_or(0)
    }

    /// True in `percent` of a hundred cases.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.between(1, 100) <= percent
    }

    /// One of the words; empty if there is none.
    pub fn word(&mut self, words: &[&'static str]) -> &'static str {
        words.get(self.index(words.len())).copied().unwrap_or_default()
    }

    /// `count` different words in random order.
    pub fn words(&mut self, words: &[&'static str], count: usize) -> Vec<&'static str> {
        let mut left: Vec<&'static str> = words.to_vec();
        let mut out = Vec::new();
        while out.len() < count && !left.is_empty() {
            out.push(left.swap_remove(self.index(left.len())));
        }
        out
    }
}
