//! Signs of the symbol fonts that office programs use for bullets and boxes.

/// True for fonts whose characters are signs at private code points.
pub(super) fn is_symbol_font(font: &str) -> bool {
    let font = font.to_ascii_lowercase();
    font.starts_with("wingdings") || font.starts_with("webdings") || font == "symbol"
}

/// The Unicode sign for code `code` of a symbol font; `None` if it is not in the table.
pub(super) fn sign(code: u32, font: &str) -> Option<char> {
    let font = font.to_ascii_lowercase();
    let sign = match (font.as_str(), code & 0xff) {
        ("wingdings 2", 0x50) => '✓',
        ("wingdings 2", 0x52) => '☑',
        ("wingdings 2", 0x51 | 0x53 | 0x54) => '☒',
        ("wingdings 2", 0xa3 | 0x2a | 0x35) => '□',
        ("symbol", 0xb7) => '•',
        ("symbol", 0xd7 | 0xb4) => '×',
        ("symbol", 0xb3) => '≥',
        ("symbol", 0xa3) => '≤',
        ("symbol", 0xb1) => '±',
        ("symbol", 0xb0) => '°',
        ("symbol", 0xae | 0xde) => '→',
        ("wingdings", 0xfc) => '✓',
        ("wingdings", 0xfb) => '✗',
        ("wingdings", 0xfe) => '☑',
        ("wingdings", 0xfd) => '☒',
        ("wingdings", 0x6f | 0xa8 | 0x71 | 0x72) => '□',
        ("wingdings", 0x6c) => '●',
        ("wingdings", 0xa1 | 0x6d) => '○',
        ("wingdings", 0x6e) => '■',
        ("wingdings", 0x75) => '◆',
        ("wingdings", 0xa7) => '▪',
        ("wingdings", 0xd8) => '➢',
        ("wingdings", 0xe0 | 0xe8 | 0xf0) => '→',
        ("wingdings", 0xab | 0xb6) => '★',
        ("wingdings", code @ 0x81..=0x8a) => char::from_u32(0x2460 + code - 0x81)?,
        ("wingdings", code @ 0x8c..=0x95) => char::from_u32(0x2776 + code - 0x8c)?,
        _ => return None,
    };
    Some(sign)
}

/// The sign of a bullet: known symbols as they are, everything private as a plain bullet.
pub(super) fn bullet(character: char, font: Option<&str>) -> char {
    let code = u32::from(character);
    let private = (0xe000..=0xf8ff).contains(&code);
    match font {
        Some(font) => sign(code, font).unwrap_or('•'),
        None if private => sign(code, "wingdings").unwrap_or('•'),
        None => character,
    }
}
