//! Character maps of PDF fonts: codes to Unicode (`ToUnicode`) and code lengths.

use std::collections::HashMap;

/// Entries read of one map; real fonts have at most 65,536 glyphs.
const ENTRIES_MAX: usize = 200_000;

/// A parsed map.
#[derive(Clone, Debug, Default)]
pub(super) struct CharacterMap {
    single: HashMap<u32, String>,
    /// First code, last code, UTF-16 of the first.
    ranges: Vec<(u32, u32, Vec<u16>)>,
    /// Bytes of one code, when all codes are equally long.
    pub(super) code_bytes: Option<usize>,
}

/// A token of the map's PostScript text.
enum Token<'a> {
    Hex(&'a [u8]),
    Open,
    Close,
    Word(&'a [u8]),
}

impl CharacterMap {
    /// Reads the text of a map; what is not understood is skipped.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let mut map = Self::default();
        let mut operands: Vec<Vec<u8>> = Vec::new();
        let mut list: Option<Vec<Vec<u8>>> = None;
        let mut section: &[u8] = b"";
        for token in tokens(bytes) {
            if map.single.len() + map.ranges.len() > ENTRIES_MAX {
                break;
            }
            match token {
                Token::Hex(digits) => {
                    let value = hex(digits);
                    match &mut list {
                        Some(list) => list.push(value),
                        None => operands.push(value),
                    }
                }
                Token::Open => list = Some(Vec::new()),
                Token::Close => {
                    if let (Some(items), [first, _]) = (list.take(), operands.as_slice()) {
                        map.add_list(first, &items);
                    }
                    operands.clear();
                }
                Token::Word(word) => {
                    section = if word.starts_with(b"begin") { word } else { b"" };
                    operands.clear();
                }
            }
            map.entry(section, &mut operands);
        }
        map.ranges.sort_by_key(|(first, ..)| *first);
        map
    }

    /// Takes a whole entry off the operands, as the section says how long it is.
    fn entry(&mut self, section: &[u8], operands: &mut Vec<Vec<u8>>) {
        match (section, operands.as_slice()) {
            (b"beginbfchar", [code, text]) => {
                self.single.insert(number(code), utf16(&units(text)));
            }
            (b"beginbfrange", [first, last, text]) => {
                self.ranges.push((number(first), number(last), units(text)));
            }
            (b"begincodespacerange", [first, _]) => {
                let known = self.code_bytes.get_or_insert(first.len());
                if *known != first.len() {
                    // Codes of mixed length: most are two bytes long.
                    *known = 0;
                }
            }
            _ => return,
        }
        operands.clear();
    }

    fn add_list(&mut self, first: &[u8], items: &[Vec<u8>]) {
        for (offset, item) in items.iter().enumerate() {
            let code = number(first).saturating_add(u32::try_from(offset).unwrap_or(u32::MAX));
            self.single.insert(code, utf16(&units(item)));
        }
    }

    /// The text of a code.
    pub(super) fn text(&self, code: u32) -> Option<String> {
        if let Some(text) = self.single.get(&code) {
            return Some(text.clone());
        }
        let after = self.ranges.partition_point(|(first, ..)| *first <= code);
        let (first, last, units) = self.ranges.get(after.checked_sub(1)?)?;
        if code > *last {
            return None;
        }
        let mut units = units.clone();
        let offset = code - first;
        let unit = units.last_mut()?;
        *unit = unit.wrapping_add(u16::try_from(offset).ok()?);
        Some(utf16(&units))
    }
}

fn tokens(bytes: &[u8]) -> impl Iterator<Item = Token<'_>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_ascii_start();
            let first = *rest.first()?;
            let single = match first {
                b'[' => Some(Token::Open),
                b']' => Some(Token::Close),
                _ => None,
            };
            if single.is_some() {
                rest = rest.get(1..)?;
                return single;
            }
            if first == b'%' {
                let end = rest.iter().position(|b| matches!(b, b'\n' | b'\r'))?;
                rest = rest.get(end..)?;
                continue;
            }
            if first == b'<' && rest.get(1) != Some(&b'<') {
                let end = rest.iter().position(|b| *b == b'>')?;
                let digits = rest.get(1..end)?;
                rest = rest.get(end + 1..)?;
                return Some(Token::Hex(digits));
            }
            let stop = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'<' | b'[' | b']' | b'%');
            let length = rest.iter().skip(1).position(stop).map_or(rest.len(), |at| at + 1);
            let (word, after) = rest.split_at_checked(length)?;
            rest = after;
            return Some(Token::Word(word));
        }
    })
}

fn hex(digits: &[u8]) -> Vec<u8> {
    let values: Vec<u8> = digits
        .iter()
        .filter_map(|digit| char::from(*digit).to_digit(16))
        .filter_map(|value| u8::try_from(value).ok())
        .collect();
    values.chunks(2).map(|pair| pair.iter().fold(0, |sum, digit| (sum << 4) | digit)).collect()
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |sum, byte| (sum << 8) | u32::from(*byte))
}

fn units(bytes: &[u8]) -> Vec<u16> {
    bytes
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |sum, byte| (sum << 8) | u16::from(*byte)))
        .collect()
}

/// The characters of UTF-16 units; unpaired halves and control characters are left out.
fn utf16(units: &[u16]) -> String {
    char::decode_utf16(units.iter().copied())
        .filter_map(Result::ok)
        .filter(|character| !character.is_control())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::CharacterMap;

    #[test]
    fn codes_map_by_character_range_and_list() {
        let map = CharacterMap::parse(
            b"begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange
              2 beginbfchar <0003> <4E00> <0004> <D840DC0B> endbfchar
              2 beginbfrange <0010><0012><4E8C> <0020> <0021> [<5341> <00660069>] endbfrange
              % comment <
              endcmap",
        );
        let cases = [
            (3, Some("一")),
            (4, Some("𠀋")),
            (0x10, Some("二")),
            (0x12, Some("于")),
            (0x20, Some("十")),
            (0x21, Some("fi")),
            (0x13, None),
        ];
        for (code, expected) in cases {
            assert_eq!(map.text(code).as_deref(), expected, "{code}");
        }
        assert_eq!(map.code_bytes, Some(2));
    }
}
