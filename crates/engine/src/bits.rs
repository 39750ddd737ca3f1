//! Packed bits: one a row, 64 a word. Bits past the length are always zero.

use arrow_buffer::BooleanBuffer;

/// One bit a row. Up to 64 rows lie in the value itself, so that few rows need no memory of their
/// own.
///
/// INVARIANT: `many` is empty up to 64 rows and else holds every word; `few` is zero beyond 64.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bits {
    few: u64,
    many: Vec<u64>,
    length: usize,
}

/// Multiplying eight bytes of 0 or 1 by this gathers them in the top byte, first byte lowest.
const GATHER: u64 = 0x0102_0408_1020_4080;

impl Bits {
    /// All rows `set` or not.
    #[must_use]
    pub fn filled(length: usize, set: bool) -> Self {
        let word = if set { u64::MAX } else { 0 };
        if length <= 64 {
            return Self::few(word, length);
        }
        let mut bits = Self { few: 0, many: vec![word; length.div_ceil(64)], length };
        bits.trim();
        bits
    }

    /// Up to 64 rows; bits past the length are cleared.
    fn few(word: u64, length: usize) -> Self {
        Self { few: word & mask(length), many: Vec::new(), length }
    }

    /// Rows from words; bits past the length are cleared.
    #[must_use]
    pub fn from_words(mut words: Vec<u64>, length: usize) -> Self {
        if length <= 64 {
            return Self::few(words.first().copied().unwrap_or(0), length);
        }
        words.resize(length.div_ceil(64), 0);
        let mut bits = Self { few: 0, many: words, length };
        bits.trim();
        bits
    }

    /// Rows from an iterator of booleans.
    pub fn collect(rows: impl Iterator<Item = bool>) -> Self {
        // Below 64 rows nothing is asked of memory.
        let expected = rows.size_hint().0;
        let mut words = Vec::with_capacity(if expected < 64 { 0 } else { expected.div_ceil(64) });
        let mut word = 0_u64;
        let mut count = 0_usize;
        rows.for_each(|row| {
            word |= u64::from(row) << (count & 63);
            count = count.wrapping_add(1);
            if count & 63 == 0 {
                words.push(word);
                word = 0;
            }
        });
        if count < 64 {
            return Self::few(word, count);
        }
        if count & 63 > 0 {
            words.push(word);
        }
        Self::from_words(words, count)
    }

    /// Packs bytes that are 0 or 1.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self::packed(bytes.len(), bytes.chunks(64).map(pack_bytes))
    }

    /// Rows from packed words, made one after the other.
    fn packed(length: usize, mut words: impl Iterator<Item = u64>) -> Self {
        if length <= 64 {
            return Self::few(words.next().unwrap_or(0), length);
        }
        Self { few: 0, many: words.collect(), length }
    }

    /// Packs the answers of `test` over values; the loop has no branch, so that it is vectorised.
    pub fn of<T: Copy>(values: &[T], test: impl Fn(T) -> bool) -> Self {
        let mut bytes = [0_u8; 64];
        let words = values.chunks(64).map(|chunk| {
            if chunk.len() < 64 {
                bytes = [0; 64];
            }
            for (byte, value) in bytes.iter_mut().zip(chunk) {
                *byte = u8::from(test(*value));
            }
            pack_bytes(&bytes)
        });
        Self::packed(values.len(), words)
    }

    /// Packs the answers of `test` over pairs of values.
    pub fn of_pairs<T: Copy, U: Copy>(
        left: &[T],
        right: &[U],
        test: impl Fn(T, U) -> bool,
    ) -> Self {
        let mut bytes = [0_u8; 64];
        let words = left.chunks(64).zip(right.chunks(64)).map(|(chunk, other)| {
            if chunk.len().min(other.len()) < 64 {
                bytes = [0; 64];
            }
            for ((byte, value), second) in bytes.iter_mut().zip(chunk).zip(other) {
                *byte = u8::from(test(*value, *second));
            }
            pack_bytes(&bytes)
        });
        Self::packed(left.len().min(right.len()), words)
    }

    /// A slice of Arrow's bits.
    #[must_use]
    pub fn from_arrow(buffer: &BooleanBuffer) -> Self {
        let chunks = buffer.bit_chunks();
        let words = chunks.iter_padded().take(buffer.len().div_ceil(64));
        Self::packed(buffer.len(), words)
    }

    /// Number of rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.length
    }

    /// True for no rows.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Whether the row's bit is set; false past the end.
    #[must_use]
    pub fn get(&self, row: usize) -> bool {
        row < self.length
            && self.words().get(row / 64).is_some_and(|word| (word >> (row % 64)) & 1 == 1)
    }

    /// Sets or clears the row's bit.
    pub fn set(&mut self, row: usize, value: bool) {
        if row >= self.length {
            return;
        }
        let word =
            if self.length <= 64 { Some(&mut self.few) } else { self.many.get_mut(row / 64) };
        if let Some(word) = word {
            let mask = 1_u64 << (row % 64);
            if value {
                *word |= mask;
            } else {
                *word &= !mask;
            }
        }
    }

    /// The packed words.
    #[must_use]
    pub fn words(&self) -> &[u64] {
        match self.length {
            0 => &[],
            1..=64 => std::slice::from_ref(&self.few),
            _ => &self.many,
        }
    }

    /// Number of set bits.
    #[must_use]
    pub fn count(&self) -> usize {
        self.words().iter().map(|word| word.count_ones() as usize).sum()
    }

    /// True if no bit is set.
    #[must_use]
    pub fn none(&self) -> bool {
        self.words().iter().all(|word| *word == 0)
    }

    /// True if every bit is set.
    #[must_use]
    pub fn all(&self) -> bool {
        let Some((last, whole)) = self.words().split_last() else { return true };
        let rest = self.length - whole.len() * 64;
        *last == mask(rest) && whole.iter().all(|word| *word == u64::MAX)
    }

    /// Set bits of both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        self.zip(other, |left, right| left & right)
    }

    /// Set bits of either.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        self.zip(other, |left, right| left | right)
    }

    /// Set bits of this one that are not set in the other.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        self.zip(other, |left, right| left & !right)
    }

    /// The opposite.
    #[must_use]
    pub fn not(&self) -> Self {
        let mut bits = Self::packed(self.length, self.words().iter().map(|word| !word));
        bits.trim();
        bits
    }

    /// Rows whose bit is set, in order.
    pub fn ones(&self) -> impl Iterator<Item = usize> + '_ {
        self.words().iter().enumerate().flat_map(|(place, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                if rest == 0 {
                    return None;
                }
                let bit = rest.trailing_zeros() as usize;
                rest &= rest - 1;
                Some(place * 64 + bit)
            })
        })
    }

    /// Every row's bit, in order.
    pub fn iter(&self) -> impl Iterator<Item = bool> + '_ {
        let words = self.words().iter();
        words.flat_map(|word| (0..64).map(move |bit| (word >> bit) & 1 == 1)).take(self.length)
    }

    /// Adds rows at the end.
    pub fn append(&mut self, other: &Self) {
        let shift = self.length % 64;
        let length = self.length + other.length;
        if length <= 64 {
            // A shift by 64 only happens when nothing is added.
            self.few |=
                other.few.checked_shl(u32::try_from(self.length).unwrap_or(64)).unwrap_or(0);
            self.length = length;
            return;
        }
        if self.length <= 64 {
            self.many.reserve(length.div_ceil(64));
            if self.length > 0 {
                self.many.push(self.few);
            }
            self.few = 0;
        }
        self.length = length;
        if shift == 0 {
            self.many.extend_from_slice(other.words());
        } else {
            for word in other.words() {
                if let Some(last) = self.many.last_mut() {
                    *last |= word << shift;
                }
                self.many.push(word >> (64 - shift));
            }
        }
        self.many.resize(length.div_ceil(64), 0);
    }

    /// Adds `count` equal rows at the end.
    pub fn append_filled(&mut self, count: usize, set: bool) {
        self.append(&Self::filled(count, set));
    }

    /// Up to 64 rows from `start`, first row lowest.
    #[inline]
    fn window(&self, start: usize, count: usize) -> u64 {
        let words = self.words();
        let shift = start % 64;
        let word = words.get(start / 64).copied().unwrap_or(0) >> shift;
        // Most spans lie in one word.
        if count <= 64 - shift {
            return word & mask(count);
        }
        let next = match shift {
            0 => 0,
            shift => words.get(start / 64 + 1).copied().unwrap_or(0) << (64 - shift),
        };
        (word | next) & mask(count)
    }

    /// Number of set bits in a span.
    #[must_use]
    pub fn count_in(&self, start: usize, end: usize) -> usize {
        let mut count = 0;
        let mut place = start;
        while place < end {
            count += self.window(place, end - place).count_ones() as usize;
            place += 64;
        }
        count
    }

    /// Whether a bit of a span is set.
    #[must_use]
    pub fn any_in(&self, start: usize, end: usize) -> bool {
        let mut place = start;
        while place < end {
            if self.window(place, end - place) != 0 {
                return true;
            }
            place += 64;
        }
        false
    }

    /// Whether a bit is set in each of the runs that end at these places, each beginning where the
    /// one before ends.
    #[must_use]
    pub fn any_in_runs(&self, ends: &[u32]) -> Self {
        let mut start = 0_usize;
        let words = ends.chunks(64).map(|ends| {
            let mut answers = 0_u64;
            // What is asked for is rare: mostly none of these runs has a bit.
            let last = ends.last().map_or(start, |end| *end as usize);
            if !self.any_in(start, last) {
                start = last;
                return 0;
            }
            for (place, end) in ends.iter().enumerate() {
                let end = *end as usize;
                let is_any = if end.wrapping_sub(start) <= 64 {
                    self.window(start, end.wrapping_sub(start)) != 0
                } else {
                    self.any_in(start, end)
                };
                answers |= u64::from(is_any) << (place & 63);
                start = end;
            }
            answers
        });
        Self::packed(ends.len(), words)
    }

    /// The places of set bits in a span, in order.
    pub fn ones_in(&self, start: usize, end: usize) -> impl Iterator<Item = usize> + '_ {
        let mut place = start;
        let mut rest = if start < end { self.window(start, end - start) } else { 0 };
        std::iter::from_fn(move || {
            while rest == 0 {
                place = place.wrapping_add(64);
                if place >= end {
                    return None;
                }
                rest = self.window(place, end - place);
            }
            let bit = rest.trailing_zeros() as usize;
            rest &= rest.wrapping_sub(1);
            Some(place.wrapping_add(bit))
        })
    }

    /// The rows at these places; places past the end give false.
    #[must_use]
    pub fn gather(&self, rows: &[u32]) -> Self {
        let words = self.words();
        // Bits past the length are zero in the last word.
        Self::of(rows, |row| {
            let word = words.get(row as usize / 64).copied().unwrap_or(0);
            (word >> (row % 64)) & 1 == 1
        })
    }

    fn zip(&self, other: &Self, join: impl Fn(u64, u64) -> u64) -> Self {
        let length = self.length.min(other.length);
        let words = self.words().iter().zip(other.words());
        let mut bits = Self::packed(length, words.map(|(left, right)| join(*left, *right)));
        if self.length != other.length {
            bits.trim();
        }
        bits
    }

    fn trim(&mut self) {
        let rest = self.length % 64;
        if self.length <= 64 {
            self.few &= mask(self.length);
        } else if rest > 0
            && let Some(last) = self.many.last_mut()
        {
            *last &= mask(rest);
        }
    }
}

/// The lowest bits set, all of them for 64 and more.
const fn mask(count: usize) -> u64 {
    if count >= 64 { u64::MAX } else { (1 << count) - 1 }
}

fn pack_bytes(bytes: &[u8]) -> u64 {
    let (eights, rest) = bytes.as_chunks::<8>();
    let mut word = 0_u64;
    let mut shift = 0_u32;
    for eight in eights {
        word |= (u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56) << (shift & 63);
        shift = shift.wrapping_add(8);
    }
    for byte in rest {
        word |= u64::from(*byte) << (shift & 63);
        shift = shift.wrapping_add(1);
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing_and_reading_agree_at_every_length() {
        for length in [0_usize, 1, 7, 8, 63, 64, 65, 127, 128, 200] {
            let rows: Vec<bool> = (0..length).map(|row| row % 3 == 0 || row % 7 == 2).collect();
            let values: Vec<u8> = rows.iter().map(|row| u8::from(*row)).collect();
            let expected = Bits::collect(rows.iter().copied());
            assert_eq!(Bits::of(&values, |value| value == 1), expected, "{length}");
            assert_eq!(Bits::from_bytes(&values), expected, "{length}");
            assert_eq!(expected.iter().collect::<Vec<_>>(), rows, "{length}");
            let ones: Vec<usize> = expected.ones().collect();
            assert!(ones.iter().all(|row| rows[*row]) && ones.len() == expected.count());
            assert_eq!(expected.not().count() + expected.count(), length);
        }
    }

    #[test]
    fn spans_are_counted_across_words() {
        let rows: Vec<bool> = (0..300).map(|row| row % 5 == 1 || row % 11 == 0).collect();
        let bits = Bits::collect(rows.iter().copied());
        for (start, end) in [(0, 0), (0, 1), (3, 70), (63, 65), (64, 128), (1, 300), (299, 300)] {
            let expected = rows[start..end].iter().filter(|row| **row).count();
            assert_eq!(bits.count_in(start, end), expected, "{start}..{end}");
            assert_eq!(bits.any_in(start, end), expected > 0, "{start}..{end}");
            let ones: Vec<usize> = (start..end).filter(|row| rows[*row]).collect();
            assert_eq!(bits.ones_in(start, end).collect::<Vec<_>>(), ones, "{start}..{end}");
        }
    }

    #[test]
    fn runs_are_looked_at_one_after_the_other() {
        let rows: Vec<bool> = (0..400).map(|row| row % 17 == 3 || row % 90 == 1).collect();
        let bits = Bits::collect(rows.iter().copied());
        let mut ends: Vec<u32> = (0..100).map(|run| run * 3 + run % 2).collect();
        ends.extend([300, 399, 400, 400]);
        let mut start = 0;
        let expected = Bits::collect(ends.iter().map(|end| {
            let run = start..*end as usize;
            start = *end as usize;
            rows[run].contains(&true)
        }));
        assert_eq!(bits.any_in_runs(&ends), expected);
    }

    #[test]
    fn appending_keeps_the_order_of_rows() {
        let mut joined = Bits::default();
        let mut rows = Vec::new();
        for length in [3_usize, 64, 61, 1, 130, 0, 5] {
            let part: Vec<bool> = (0..length).map(|row| (row * length) % 5 < 2).collect();
            joined.append(&Bits::collect(part.iter().copied()));
            rows.extend(part);
        }
        assert_eq!(joined, Bits::collect(rows.into_iter()));
    }
}
