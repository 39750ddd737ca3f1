//! PDF fonts, as far as they tell which characters a string holds and how wide they are.

use super::cmap::CharacterMap;
use super::true_type::glyph_characters;
use encoding_rs::{Encoding, GB18030, GBK, UTF_16BE};
use lopdf::{Dictionary, Document, Object};
use std::collections::HashMap;

/// Bound on one decoded font stream, bytes. Chinese fonts reach 20 MiB.
const FONT_BYTES_MAX: usize = 32 * 1024 * 1024;

/// One shown character.
pub(super) struct Glyph {
    /// What it stands for; `None` when the font does not tell.
    pub(super) text: Option<String>,
    /// Advance in thousandths of the font size.
    pub(super) width: f64,
    /// The single-byte space, which word spacing applies to.
    pub(super) is_space: bool,
}

/// How codes of a composite font become characters when there is no `ToUnicode`.
enum Named {
    /// The code is a character of this encoding.
    Encoding(&'static Encoding),
    /// Glyph numbers of the embedded font.
    Glyphs(HashMap<u32, char>),
    /// Not known.
    None,
}

/// A font resource.
pub(super) struct Font {
    composite: bool,
    to_unicode: Option<CharacterMap>,
    named: Named,
    simple: Vec<Option<String>>,
    widths: HashMap<u32, f64>,
    default_width: f64,
}

impl Font {
    /// Reads a font dictionary.
    ///
    /// Decoded streams are taken off `left_bytes`; without any left the font tells less.
    pub(super) fn read(document: &Document, font: &Dictionary, left_bytes: &mut usize) -> Self {
        let map = stream(document, font, b"ToUnicode", left_bytes);
        let to_unicode = map.map(|text| CharacterMap::parse(&text));
        let composite = name(document, font, b"Subtype") == b"Type0";
        let mut read = Self {
            composite,
            to_unicode,
            named: Named::None,
            simple: Vec::new(),
            widths: HashMap::new(),
            default_width: if composite { 1000.0 } else { 500.0 },
        };
        if composite {
            read.composite(document, font, left_bytes);
        } else {
            read.simple(document, font);
        }
        read
    }

    fn simple(&mut self, document: &Document, font: &Dictionary) {
        // The library would decode the Unicode map once more.
        let mut plain = font.clone();
        plain.remove(b"ToUnicode");
        if let Ok(encoding) = plain.get_font_encoding_with_limit(document, FONT_BYTES_MAX) {
            self.simple = (0..=255_u8)
                .map(|code| {
                    let text = encoding.bytes_to_string(&[code]).ok()?;
                    (!text.is_empty() && !text.contains(['\u{fffd}', '\0'])).then_some(text)
                })
                .collect();
        }
        let first = number(document, font, b"FirstChar").unwrap_or(0.0);
        if let Some(widths) = array(document, font, b"Widths") {
            for (offset, width) in widths.iter().take(256).enumerate() {
                if let (Some(width), Some(code)) = (float(document, width), whole(first)) {
                    let offset = u32::try_from(offset).unwrap_or(0);
                    self.widths.insert(code.saturating_add(offset), width);
                }
            }
        }
    }

    fn composite(&mut self, document: &Document, font: &Dictionary, left_bytes: &mut usize) {
        let encoding = name(document, font, b"Encoding");
        let descendant = array(document, font, b"DescendantFonts")
            .and_then(|fonts| fonts.first())
            .and_then(|first| document.dereference(first).ok())
            .and_then(|(_, object)| object.as_dict().ok());
        self.named = match named_encoding(&encoding) {
            Some(encoding) => Named::Encoding(encoding),
            None if self.to_unicode.is_none() => embedded_glyphs(document, descendant, left_bytes),
            None => Named::None,
        };
        let Some(descendant) = descendant else { return };
        if let Some(width) = number(document, descendant, b"DW") {
            self.default_width = width;
        }
        if let Some(widths) = array(document, descendant, b"W") {
            self.read_widths(document, widths);
        }
    }

    /// `W`: `c [w1 w2 …]` or `c_first c_last w`.
    fn read_widths(&mut self, document: &Document, widths: &[Object]) {
        let mut items = widths.iter().peekable();
        while let Some(first) = items.next().and_then(|item| whole(float(document, item)?)) {
            let Some(second) = items.next() else { return };
            let second = document.dereference(second).map_or(second, |(_, object)| object);
            if let Ok(list) = second.as_array() {
                for (offset, width) in list.iter().take(0x1_0000).enumerate() {
                    let offset = u32::try_from(offset).unwrap_or(u32::MAX);
                    if let Some(width) = float(document, width) {
                        self.widths.insert(first.saturating_add(offset), width);
                    }
                }
                if self.widths.len() > 0x2_0000 {
                    return;
                }
                continue;
            }
            let last = float(document, second).and_then(whole);
            let width = items.next().and_then(|item| float(document, item));
            let (Some(last), Some(width)) = (last, width) else { return };
            for code in first..=last.min(first.saturating_add(0xffff)) {
                self.widths.insert(code, width);
            }
            if self.widths.len() > 0x2_0000 {
                return;
            }
        }
    }

    /// The characters of a shown string.
    pub(super) fn glyphs(&self, bytes: &[u8]) -> Vec<Glyph> {
        if self.composite { self.composite_glyphs(bytes) } else { self.simple_glyphs(bytes) }
    }

    fn simple_glyphs(&self, bytes: &[u8]) -> Vec<Glyph> {
        bytes
            .iter()
            .map(|byte| {
                let code = u32::from(*byte);
                let mapped = self.to_unicode.as_ref().and_then(|map| map.text(code));
                let mapped = mapped.filter(|text| !text.is_empty());
                Glyph {
                    text: mapped.or_else(|| self.simple.get(usize::from(*byte)).cloned().flatten()),
                    width: self.widths.get(&code).copied().unwrap_or(self.default_width),
                    is_space: *byte == b' ',
                }
            })
            .collect()
    }

    fn composite_glyphs(&self, bytes: &[u8]) -> Vec<Glyph> {
        let mut glyphs = Vec::with_capacity(bytes.len() / 2);
        let mut rest = bytes;
        while !rest.is_empty() {
            let length = self.code_length(rest).clamp(1, rest.len());
            let (code_bytes, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
            rest = after;
            let code = code_bytes.iter().fold(0, |sum, byte| (sum << 8) | u32::from(*byte));
            let mapped = self.to_unicode.as_ref().and_then(|map| map.text(code));
            let text = mapped.filter(|text| !text.is_empty()).or_else(|| match &self.named {
                Named::Encoding(encoding) => {
                    let decoded =
                        encoding.decode_without_bom_handling_and_without_replacement(code_bytes)?;
                    Some(decoded.into_owned())
                }
                Named::Glyphs(glyphs) => glyphs.get(&code).map(|character| (*character).into()),
                Named::None => None,
            });
            let half = matches!(self.named, Named::Encoding(_)) && code < 0x80;
            let width = match self.widths.get(&code) {
                Some(width) if !matches!(self.named, Named::Encoding(_)) => *width,
                _ if half => self.default_width / 2.0,
                _ => self.default_width,
            };
            glyphs.push(Glyph { text, width, is_space: length == 1 && code == 0x20 });
        }
        glyphs
    }

    /// Bytes of the code at the start of `rest`.
    fn code_length(&self, rest: &[u8]) -> usize {
        let first = rest.first().copied().unwrap_or(0);
        match &self.named {
            Named::Encoding(encoding) if *encoding == UTF_16BE => {
                if (0xd8..=0xdb).contains(&first) { 4 } else { 2 }
            }
            Named::Encoding(encoding) if *encoding == GB18030 => {
                let second = rest.get(1).copied().unwrap_or(0);
                match (first, second) {
                    (0..=0x80, _) => 1,
                    (_, 0x30..=0x39) => 4,
                    _ => 2,
                }
            }
            Named::Encoding(_) => usize::from(first > 0x80) + 1,
            Named::Glyphs(_) | Named::None => {
                let told = self.to_unicode.as_ref().and_then(|map| map.code_bytes);
                told.filter(|length| (1..=4).contains(length)).unwrap_or(2)
            }
        }
    }
}

/// The standard maps of simplified Chinese whose codes are characters of a known encoding.
fn named_encoding(name: &[u8]) -> Option<&'static Encoding> {
    let name = name.strip_suffix(b"-H").or_else(|| name.strip_suffix(b"-V")).unwrap_or(name);
    match name {
        b"GB-EUC" | b"GBK-EUC" | b"GBKp-EUC" | b"GBpc-EUC" => Some(GBK),
        b"GBK2K" => Some(GB18030),
        b"UniGB-UCS2" | b"UniGB-UTF16" | b"UniCNS-UTF16" | b"UniJIS-UTF16" => Some(UTF_16BE),
        _ => None,
    }
}

/// The glyph numbers of an embedded TrueType font whose codes are glyph numbers.
fn embedded_glyphs(
    document: &Document,
    descendant: Option<&Dictionary>,
    left_bytes: &mut usize,
) -> Named {
    let Some(descendant) = descendant else { return Named::None };
    let descriptor = descendant
        .get_deref(b"FontDescriptor", document)
        .ok()
        .and_then(|object| object.as_dict().ok());
    let Some(descriptor) = descriptor else { return Named::None };
    let identity = descendant
        .get_deref(b"CIDToGIDMap", document)
        .map_or(true, |object| object.as_name().is_ok_and(|name| name == b"Identity"));
    let file = if identity { stream(document, descriptor, b"FontFile2", left_bytes) } else { None };
    match file.map(|file| glyph_characters(&file)) {
        Some(glyphs) if !glyphs.is_empty() => Named::Glyphs(glyphs),
        _ => Named::None,
    }
}

fn stream(
    document: &Document,
    dictionary: &Dictionary,
    key: &[u8],
    left_bytes: &mut usize,
) -> Option<Vec<u8>> {
    let stream = dictionary.get_deref(key, document).ok()?.as_stream().ok()?;
    let limit = FONT_BYTES_MAX.min(*left_bytes);
    if limit == 0 {
        return None;
    }
    let content = stream.get_plain_content_with_limit(limit).ok();
    // A stream that is over the limit costs what was allowed.
    *left_bytes = left_bytes.saturating_sub(content.as_ref().map_or(limit, Vec::len));
    content
}

fn name(document: &Document, dictionary: &Dictionary, key: &[u8]) -> Vec<u8> {
    let object = dictionary.get_deref(key, document).ok();
    object.and_then(|object| object.as_name().ok()).map_or(Vec::new(), <[u8]>::to_vec)
}

fn array<'d>(
    document: &'d Document,
    dictionary: &'d Dictionary,
    key: &[u8],
) -> Option<&'d [Object]> {
    dictionary.get_deref(key, document).ok()?.as_array().ok().map(Vec::as_slice)
}

fn number(document: &Document, dictionary: &Dictionary, key: &[u8]) -> Option<f64> {
    float(document, dictionary.get(key).ok()?)
}

/// The number an object holds, directly or by reference.
pub(super) fn float(document: &Document, object: &Object) -> Option<f64> {
    let (_, object) = document.dereference(object).ok()?;
    object.as_float().ok().map(f64::from).filter(|value| value.is_finite())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range is checked first"
)]
fn whole(value: f64) -> Option<u32> {
    (0.0..=f64::from(u16::MAX)).contains(&value).then_some(value as u32)
}
