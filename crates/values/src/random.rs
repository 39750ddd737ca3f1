//! Random numbers from a seed, the same on every machine: for invented counties and for tests that
//! can be repeated. Never for secrets.

/// What the state grows by with each number (`SplitMix64`: Steele, Lea and Flood 2014).
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// The next 64 random bits after `state`, which goes on by one step.
///
/// # Example
/// ```
/// let mut state = 0;
/// assert_eq!(taizhang_values::next_random(&mut state), 0xe220_a839_7b1d_cdaf);
/// ```
#[inline]
pub const fn next_random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(STEP);
    spread_bits(*state)
}

/// Spreads what a number tells over all 64 bits; different numbers stay different.
#[must_use]
#[inline]
pub const fn spread_bits(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
