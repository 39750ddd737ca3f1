//! Random numbers from a seed: the same on every machine, one stream for each household.

use taizhang_values::{next_random, spread_bits};

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
}

impl Random {
    /// The stream of `seed` for the thing number `index` of a kind.
    #[must_use]
    pub const fn new(seed: u64, kind: u64, index: u64) -> Self {
        let mut kind = kind;
        let state = spread_bits(seed ^ next_random(&mut kind));
        let index = spread_bits(index.wrapping_add(0x632b_e59b_d9b4_e019));
        Self { state: spread_bits(state ^ index) }
    }

    /// The next number.
    pub const fn next(&mut self) -> u64 {
        next_random(&mut self.state)
    }

    /// A number from 0 to below `end`; 0 when `end` is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        u64::try_from((u128::from(self.next()) * u128::from(end)) >> 64).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub fn range(&mut self, low: i64, high: i64) -> i64 {
        let width = u64::try_from(high.saturating_sub(low)).unwrap_or(0).saturating_add(1);
        low.saturating_add(i64::try_from(self.below(width)).unwrap_or(0))
    }

    /// True in `per_thousand` of a thousand cases.
    pub fn chance(&mut self, per_thousand: u64) -> bool {
        self.below(1000) < per_thousand
    }

    /// One of the items; `fallback` when there are none.
    pub fn pick<T: Copy>(&mut self, items: &[T], fallback: T) -> T {
        let index = usize::try_from(self.below(items.len() as u64)).unwrap_or(0);
        items.get(index).copied().unwrap_or(fallback)
    }

    /// One of the items by weight; `fallback` when there are none.
    pub fn weighted<T: Copy>(&mut self, items: &[(u64, T)], fallback: T) -> T {
        let total = items.iter().map(|(weight, _)| weight).sum();
        let mut left = self.below(total);
        for (weight, item) in items {
            if left < *weight {
                return *item;
            }
            left -= weight;
        }
        fallback
    }

    /// A number near the middle of `low` to `high`: the mean of three draws.
    pub fn near(&mut self, low: i64, high: i64) -> i64 {
        (self.range(low, high) + self.range(low, high) + self.range(low, high)) / 3
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn streams_repeat_and_stay_in_bounds() {
        let draws = |index| -> Vec<i64> {
            let mut random = Random::new(7, 1, index);
            (0..100).map(|_| random.range(-3, 9)).collect()
        };
        assert_eq!(draws(1), draws(1));
        assert_ne!(draws(1), draws(2));
        assert!(draws(1).iter().all(|n| (-3..=9).contains(n)));
        assert!(draws(1).contains(&-3) && draws(1).contains(&9));
    }
}
