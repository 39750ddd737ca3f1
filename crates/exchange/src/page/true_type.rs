//! The character table inside an embedded TrueType font, read backwards: glyph to character. It
//! helps where a PDF gives glyph numbers and no Unicode map.

use std::collections::HashMap;

/// Characters read of one font.
const CHARACTERS_MAX: u32 = 200_000;

/// Big-endian numbers at byte offsets.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn u16(&self, at: usize) -> Option<u16> {
        let pair = self.0.get(at..at.checked_add(2)?)?;
        Some(u16::from_be_bytes(pair.try_into().ok()?))
    }

    fn u32(&self, at: usize) -> Option<u32> {
        let four = self.0.get(at..at.checked_add(4)?)?;
        Some(u32::from_be_bytes(four.try_into().ok()?))
    }

    fn offset(&self, at: usize) -> Option<usize> {
        usize::try_from(self.u32(at)?).ok()
    }
}

/// Glyph number → character, from the Unicode tables of the font.
pub(super) fn glyph_characters(font: &[u8]) -> HashMap<u32, char> {
    let mut found = HashMap::new();
    let bytes = Bytes(font);
    let Some(table) = find_table(&bytes, b"cmap") else { return found };
    let count = bytes.u16(table + 2).unwrap_or(0);
    for index in 0..usize::from(count.min(32)) {
        let record = table + 4 + 8 * index;
        let platform = (bytes.u16(record), bytes.u16(record + 2));
        let unicode = matches!(platform, (Some(0), _) | (Some(3), Some(1 | 10)));
        let Some(start) = bytes.offset(record + 4).and_then(|at| table.checked_add(at)) else {
            continue;
        };
        match bytes.u16(start) {
            Some(4) if unicode => segments(&bytes, start, &mut found),
            Some(12) if unicode => groups(&bytes, start, &mut found),
            _ => {}
        }
    }
    found
}

fn find_table(bytes: &Bytes<'_>, name: &[u8; 4]) -> Option<usize> {
    let count = bytes.u16(4)?;
    (0..usize::from(count)).find_map(|index| {
        let record = 12 + 16 * index;
        let tag = bytes.0.get(record..record + 4)?;
        if tag == name { bytes.offset(record + 8) } else { None }
    })
}

/// Format 4.
fn segments(bytes: &Bytes<'_>, start: usize, found: &mut HashMap<u32, char>) {
    let Some(double) = bytes.u16(start + 6).map(usize::from) else { return };
    // Segments of a sound font do not overlap; hostile ones must not multiply.
    let mut left = CHARACTERS_MAX;
    for at in (0..double).step_by(2) {
        let ends = start + 14 + at;
        let starts = ends + double + 2;
        let deltas = starts + double;
        let offsets = deltas + double;
        let all = (bytes.u16(starts), bytes.u16(ends), bytes.u16(deltas), bytes.u16(offsets));
        let (Some(first), Some(last), Some(delta), Some(offset)) = all else { return };
        for code in first..=last {
            left = left.saturating_sub(1);
            if left == 0 {
                return;
            }
            let glyph = if offset == 0 {
                Some(code.wrapping_add(delta))
            } else {
                let place = offsets + usize::from(offset) + 2 * usize::from(code - first);
                bytes.u16(place).map(|g| if g == 0 { 0 } else { g.wrapping_add(delta) })
            };
            if let (Some(glyph), Some(character)) = (glyph, char::from_u32(u32::from(code))) {
                found.entry(u32::from(glyph)).or_insert(character);
            }
        }
    }
}

/// Format 12.
fn groups(bytes: &Bytes<'_>, start: usize, found: &mut HashMap<u32, char>) {
    let Some(count) = bytes.u32(start + 12) else { return };
    let mut left = CHARACTERS_MAX;
    for index in 0..count.min(CHARACTERS_MAX) {
        let Ok(index) = usize::try_from(index) else { return };
        let record = start + 16 + 12 * index;
        let all = (bytes.u32(record), bytes.u32(record + 4), bytes.u32(record + 8));
        let (Some(first), Some(last), Some(glyph)) = all else { return };
        for offset in 0..=last.saturating_sub(first).min(left) {
            if let Some(character) = char::from_u32(first.saturating_add(offset)) {
                found.entry(glyph.saturating_add(offset)).or_insert(character);
            }
        }
        left = left.saturating_sub(last.saturating_sub(first).saturating_add(1));
        if left == 0 {
            return;
        }
    }
}
