//! Parquet's runs: numbers of a fixed width, either one number repeated or packed bit by bit.

use crate::bits::Bits;
use bytes::Bytes;

/// Reads runs one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Runs {
    data: Bytes,
    /// Where the next run begins.
    at: usize,
    /// Bits of a number.
    width: usize,
    run: Run,
}

#[derive(Clone, Copy, Debug)]
enum Run {
    Repeat {
        value: u32,
        left: usize,
    },
    /// `bit` is the place of the next number in the data.
    Packed {
        bit: usize,
        left: usize,
    },
}

/// Numbers that belong together.
pub(crate) enum Piece<'a> {
    /// So many times this number.
    Repeat(u32, usize),
    /// So many packed numbers.
    Packed(Packed<'a>),
}

/// Packed numbers.
#[derive(Clone, Copy)]
pub(crate) struct Packed<'a> {
    data: &'a [u8],
    bit: usize,
    width: usize,
    pub(crate) count: usize,
}

impl Runs {
    /// Over data with numbers of so many bits.
    pub(crate) const fn new(data: Bytes, width: usize) -> Self {
        Self { data, at: 0, width, run: Run::Repeat { value: 0, left: 0 } }
    }

    /// The next numbers, `most` at most; nothing at the end of the data or where it is damaged.
    pub(crate) fn next(&mut self, most: usize) -> Option<Piece<'_>> {
        let is_over = matches!(self.run, Run::Repeat { left: 0, .. } | Run::Packed { left: 0, .. });
        if is_over {
            self.run = self.begin()?;
        }
        let width = self.width;
        match &mut self.run {
            Run::Repeat { value, left } => {
                let count = most.min(*left);
                *left -= count;
                Some(Piece::Repeat(*value, count))
            }
            Run::Packed { bit, left } => {
                let count = most.min(*left);
                let packed = Packed { data: &self.data, bit: *bit, width, count };
                *left -= count;
                *bit += count * width;
                Some(Piece::Packed(packed))
            }
        }
    }

    /// Appends the next numbers, so many; nothing if they are not all there.
    pub(crate) fn numbers(&mut self, count: usize, target: &mut Vec<u32>) -> Option<()> {
        let end = target.len() + count;
        while target.len() < end {
            match self.next(end - target.len())? {
                Piece::Repeat(number, times) => target.resize(target.len() + times, number),
                Piece::Packed(packed) => packed.unpack(target),
            }
        }
        Some(())
    }

    fn begin(&mut self) -> Option<Run> {
        let mut head = 0_u64;
        let mut shift = 0;
        loop {
            let byte = *self.data.get(self.at)?;
            self.at += 1;
            head |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
            shift += 7;
            if shift > 35 {
                return None;
            }
        }
        let count = usize::try_from(head >> 1).ok()?;
        if count == 0 {
            return None;
        }
        if head & 1 == 0 {
            let size = self.width.div_ceil(8);
            let bytes = self.data.get(self.at..self.at + size)?;
            let value = bytes.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte));
            self.at += size;
            return Some(Run::Repeat { value, left: count });
        }
        let bit = self.at.checked_mul(8)?;
        let size = count.checked_mul(self.width)?;
        // The last group of a page may be cut short.
        let room = self.data.len().saturating_sub(self.at);
        let whole = (room * 8).checked_div(self.width).unwrap_or(count * 8);
        self.at += size.min(room);
        let left = count.checked_mul(8)?.min(whole);
        (left > 0).then_some(Run::Packed { bit, left })
    }
}

impl Packed<'_> {
    /// Appends the numbers.
    pub(crate) fn unpack(&self, target: &mut Vec<u32>) {
        let Self { data, bit, width, count } = *self;
        let low = |word: u64| (word & u64::from(u32::MAX)) as u32;
        let one = |place: usize| {
            let bit = bit.wrapping_add(place.wrapping_mul(width));
            low(number_at(data, bit, width))
        };
        // Up to a byte's border one by one, then eight at a time.
        let is_even = |place: &usize| (bit + place * width).is_multiple_of(8);
        let head = (0..8).find(is_even).unwrap_or(count).min(count);
        target.extend((0..head).map(one));
        let groups = (count - head) / 8;
        let start = (bit + head * width) / 8;
        let first = target.len();
        target.resize(first + groups * 8, 0);
        let (eights, _) = target.get_mut(first..).unwrap_or_default().as_chunks_mut::<8>();
        for (group, eight_of_them) in eights.iter_mut().enumerate() {
            let from = start.wrapping_add(group.wrapping_mul(width));
            *eight_of_them = eight(data, from, width).map(low);
        }
        target.extend((head + groups * 8..count).map(one));
    }

    /// The numbers as bits; only of numbers of one bit.
    pub(crate) fn bits(&self) -> Bits {
        bits_at(self.data, self.bit, self.count)
    }
}

/// `count` bits of packed bytes from a place, lowest bit of a byte first.
pub(crate) fn bits_at(data: &[u8], bit: usize, count: usize) -> Bits {
    let (place, shift) = (bit / 8, bit % 8);
    let words = (0..count.div_ceil(64)).map(|word| {
        let at = place + word * 8;
        let low = word_at(data, at) >> shift;
        if shift == 0 { low } else { low | word_at(data, at + 8) << (64 - shift) }
    });
    Bits::from_words(words.collect(), count)
}

/// Eight packed numbers that begin at a byte. As a call of its own it costs as much as what it
/// does.
#[inline(always)]
pub(crate) fn eight(data: &[u8], start: usize, width: usize) -> [u64; 8] {
    match width {
        // So many numbers always lie within eight bytes, wherever in a byte they begin.
        0..=8 => eight_by::<8>(data, start, width),
        9..=16 => eight_by::<4>(data, start, width),
        17..=28 => eight_by::<2>(data, start, width),
        _ => {
            let mut numbers = [0; 8];
            for (place, number) in numbers.iter_mut().enumerate() {
                let bit = start.wrapping_mul(8).wrapping_add(place.wrapping_mul(width));
                *number = number_at(data, bit, width);
            }
            numbers
        }
    }
}

/// The same, `EACH` of them from a word.
#[inline(always)]
fn eight_by<const EACH: usize>(data: &[u8], start: usize, width: usize) -> [u64; 8] {
    let mask = (1_u64 << (width & 63)) - 1;
    let mut numbers = [0; 8];
    for (group, few) in numbers.chunks_exact_mut(EACH).enumerate() {
        let first = (group * EACH).wrapping_mul(width);
        let mut word = word_at(data, start.wrapping_add(first / 8)) >> (first % 8);
        for number in few {
            *number = word & mask;
            word >>= width & 63;
        }
    }
    numbers
}

/// A packed number at a bit.
#[inline]
fn number_at(data: &[u8], bit: usize, width: usize) -> u64 {
    let (place, shift) = (bit / 8, bit % 8);
    let low = word_at(data, place) >> shift;
    let reaches_over = shift + width > 64;
    let word =
        if reaches_over { low | word_at(data, place.wrapping_add(8)) << (64 - shift) } else { low };
    if width >= 64 { word } else { word & ((1 << width) - 1) }
}

/// Eight bytes as a number, lowest first; bytes past the end are zero.
#[inline]
fn word_at(data: &[u8], place: usize) -> u64 {
    let Some(rest) = data.get(place..) else { return 0 };
    match rest.first_chunk::<8>() {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packs numbers as a writer would: groups of eight, behind one head.
    fn packed(numbers: &[u32], width: usize) -> Vec<u8> {
        let groups = numbers.len().div_ceil(8);
        let mut data = Vec::new();
        let mut head = groups << 1 | 1;
        while head >= 0x80 {
            data.push((head & 0x7f) as u8 | 0x80);
            head >>= 7;
        }
        data.push(head as u8);
        let mut bytes = vec![0_u8; groups * width];
        for (place, number) in numbers.iter().enumerate() {
            for bit in 0..width {
                let at = place * width + bit;
                bytes[at / 8] |= ((number >> bit & 1) as u8) << (at % 8);
            }
        }
        data.extend(bytes);
        data
    }

    /// Reads all runs in steps and compares.
    fn check(data: Vec<u8>, width: usize, step: usize, expected: &[u32]) {
        let mut runs = Runs::new(Bytes::from(data), width);
        let mut found = Vec::new();
        while found.len() < expected.len() {
            match runs.next(step.min(expected.len() - found.len())) {
                Some(Piece::Repeat(value, count)) => {
                    found.extend(std::iter::repeat_n(value, count));
                }
                Some(Piece::Packed(packed)) => {
                    let before = found.len();
                    packed.unpack(&mut found);
                    if width == 1 {
                        let bits: Vec<u32> = packed.bits().iter().map(u32::from).collect();
                        assert_eq!(bits, found[before..]);
                    }
                }
                None => break,
            }
        }
        assert_eq!(found, expected, "width {width}, step {step}");
    }

    #[test]
    fn packed_and_repeated_numbers_are_read_in_any_steps() {
        for width in [1_usize, 2, 3, 5, 7, 8, 9, 12, 13, 17, 24, 31, 32] {
            let mask = (1_u64 << width) - 1;
            let numbers: Vec<u32> = (0..331_u64)
                .map(|row| (row.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20 & mask) as u32)
                .collect();
            let mut data = packed(&numbers[..160], width);
            // Two hundred times the first number.
            data.extend([0x90, 0x03]);
            data.extend(&numbers[0].to_le_bytes()[..width.div_ceil(8)]);
            data.extend(packed(&numbers[160..], width));
            let mut expected = numbers[..160].to_vec();
            expected.extend(std::iter::repeat_n(numbers[0], 200));
            expected.extend(&numbers[160..]);
            for step in [1, 3, 8, 64, 100, 1000] {
                check(data.clone(), width, step, &expected);
            }
        }
        check(vec![0x20], 0, 5, &[0; 16]);
    }

    #[test]
    fn damaged_runs_end() {
        let cases: [&[u8]; 5] = [&[], &[0x80], &[0x00], &[0x04], &[0xff; 12]];
        for data in cases {
            assert!(Runs::new(Bytes::copy_from_slice(data), 8).next(9).is_none(), "{data:?}");
        }
    }
}
