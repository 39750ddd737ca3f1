//! Whole numbers stored as differences from one to the next (Parquet's `DELTA_BINARY_PACKED`):
//! blocks with a least difference, and what each difference is more, packed bit by bit.

use super::runs::eight;

/// Reads a page of numbers, `most` at most; nothing where it is damaged.
///
/// Numbers of a narrower type have wrapped around there, so their low bits alone count.
pub(crate) fn numbers(page: &[u8], most: usize) -> Option<Vec<i64>> {
    let mut rest = page;
    let block = count(&mut rest)?;
    let parts = count(&mut rest)?;
    let total = count(&mut rest)?;
    let mut last = signed(&mut rest)?;
    let each = block.checked_div(parts)?;
    if total > most || each == 0 || !each.is_multiple_of(8) || parts > 1 << 10 {
        return None;
    }
    let mut numbers = Vec::with_capacity(total);
    if total > 0 {
        numbers.push(last);
    }
    while numbers.len() < total {
        let least = signed(&mut rest)?;
        let (widths, packed) = rest.split_at_checked(parts)?;
        rest = packed;
        for width in widths.iter().map(|width| usize::from(*width)) {
            let wanted = each.min(total - numbers.len());
            if wanted == 0 {
                // Parts after the last number have a width and nothing else.
                break;
            }
            if width > 64 {
                return None;
            }
            let size = (each / 8).checked_mul(width)?;
            let (part, after) = rest.split_at_checked(size)?;
            rest = after;
            last = sums(part, width, least, last, wanted, &mut numbers);
        }
    }
    Some(numbers)
}

/// Appends so many sums of the differences of one part; the last of them.
fn sums(
    part: &[u8],
    width: usize,
    least: i64,
    before: i64,
    wanted: usize,
    numbers: &mut Vec<i64>,
) -> i64 {
    let mut last = before;
    if width == 0 {
        numbers.extend((0..wanted).map(|_| {
            last = last.wrapping_add(least);
            last
        }));
        return last;
    }
    let mut add = |number: u64| {
        last = last.wrapping_add(least).wrapping_add(number.cast_signed());
        last
    };
    let first = numbers.len();
    numbers.resize(first.wrapping_add(wanted), 0);
    let (eights, few) = numbers.get_mut(first..).unwrap_or_default().as_chunks_mut::<8>();
    for (group, sums) in eights.iter_mut().enumerate() {
        *sums = eight(part, group.wrapping_mul(width), width).map(&mut add);
    }
    let rest = eight(part, eights.len().wrapping_mul(width), width);
    few.iter_mut().zip(rest).for_each(|(sum, number)| *sum = add(number));
    last
}

/// A number in groups of seven bits, lowest first.
fn unsigned(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn count(bytes: &mut &[u8]) -> Option<usize> {
    usize::try_from(unsigned(bytes)?).ok()
}

/// A number whose lowest bit is its sign.
fn signed(bytes: &mut &[u8]) -> Option<i64> {
    let number = unsigned(bytes)?;
    Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes numbers as the format says: one part a block, of this many numbers.
    fn written(values: &[i64], each: usize, width: usize) -> Vec<u8> {
        let mut page = Vec::new();
        let zigzag = |value: i64| (value << 1 ^ value >> 63).cast_unsigned();
        let put = |page: &mut Vec<u8>, mut number: u64| {
            while number >= 0x80 {
                page.push((number & 0x7f) as u8 | 0x80);
                number >>= 7;
            }
            page.push(number as u8);
        };
        for head in [each, 1, values.len()] {
            put(&mut page, head as u64);
        }
        put(&mut page, zigzag(values.first().copied().unwrap_or(0)));
        let steps: Vec<i64> = values.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
        for block in steps.chunks(each) {
            let least = *block.iter().min().unwrap();
            put(&mut page, zigzag(least));
            page.push(width as u8);
            let mut packed = vec![0_u8; each / 8 * width];
            for (place, step) in block.iter().enumerate() {
                let more = step.wrapping_sub(least).cast_unsigned();
                assert!(width == 64 || more >> width == 0, "the width holds the test's steps");
                for bit in 0..width {
                    let at = place * width + bit;
                    packed[at / 8] |= ((more >> bit & 1) as u8) << (at % 8);
                }
            }
            page.extend(packed);
        }
        page
    }

    #[test]
    fn differences_of_any_width_add_up() {
        for width in [0_usize, 1, 3, 7, 8, 9, 12, 15, 16, 17, 24, 28, 29, 33, 57, 58, 63, 64] {
            for each in [8, 32, 64] {
                for length in [0_usize, 1, 2, 8, 9, 31, 70, 200] {
                    let mask = if width == 64 { u64::MAX } else { (1 << width) - 1 };
                    let mut last = -77_i64;
                    let values: Vec<i64> = (0..length as u64)
                        .map(|row| {
                            let mixed = row.wrapping_mul(0x9e37_79b9_7f4a_7c15);
                            // Every block has its least step, so that the width is enough.
                            let step = if row % 8 == 1 { 0 } else { (mixed ^ mixed >> 31) & mask };
                            last = last.wrapping_add(step.cast_signed());
                            last
                        })
                        .collect();
                    let page = written(&values, each, width);
                    assert_eq!(numbers(&page, length), Some(values), "{width} {each} {length}");
                }
            }
        }
    }

    #[test]
    fn damaged_pages_end() {
        let page = written(&[5, 9, 2, 11, 40, 3, 8, 1, 900], 8, 12);
        assert!(numbers(&page, 9).is_some());
        assert!(numbers(&page, 8).is_none(), "more numbers than rows");
        for length in 0..page.len() {
            assert!(numbers(&page[..length], 9).is_none(), "cut at {length}");
        }
        let cases: [&[u8]; 4] = [&[0x80; 20], &[8, 0, 9, 0], &[4, 1, 9, 0], &[8, 1, 9, 0, 0, 65]];
        for case in cases {
            assert!(numbers(case, 100).is_none(), "{case:?}");
        }
    }
}
