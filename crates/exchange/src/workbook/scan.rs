//! A scanner for large XML parts: pieces in, tags and text out, nothing held but one token.
//!
//! Sheets of registers hold half a gigabyte of XML made of very short tags. A general parser spends
//! most of its time on events; this one knows only what a sheet needs, and counts the same limits
//! as [`crate::xml::Guard`]: token length, depth, attributes; document types are refused.

use super::plain_cell::{ATTRIBUTES, LEVELS, PlainCell, plain_cell};
use crate::container::{damaged, from_io};
use crate::{ExchangeError, Limits, xml};
use std::io::Read;
use std::ops::Range;

/// Bytes read at a time.
const PIECE_BYTES: usize = 256 * 1024;

/// Longest name of a reference, `#x0010FFFF`, bytes.
const REFERENCE_BYTES_MAX: usize = 10;

/// One piece of markup; ranges lie in [`Scanner::bytes`] until the next call of
/// [`Scanner::next`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// `<name …>`: range of the name without prefix, range of what follows it.
    Open { name: Range<usize>, attributes: Range<usize>, is_empty: bool },
    /// `</name>`.
    Close { name: Range<usize> },
    /// Character data, references not resolved.
    Text(Range<usize>),
    /// The content of a CDATA section.
    Raw(Range<usize>),
    /// The part is at its end.
    End,
}

/// Reads tokens from one part.
pub(super) struct Scanner<'a, R> {
    source: R,
    limits: &'a Limits,
    place: &'a str,
    buffer: Vec<u8>,
    at: usize,
    filled: usize,
    is_ended: bool,
    depth: usize,
}

impl<'a, R: Read> Scanner<'a, R> {
    pub(super) fn new(source: R, place: &'a str, limits: &'a Limits) -> Self {
        let buffer = vec![0; PIECE_BYTES];
        Self { source, limits, place, buffer, at: 0, filled: 0, is_ended: false, depth: 0 }
    }

    /// The bytes of a range of the last token.
    pub(super) fn bytes(&self, range: Range<usize>) -> &[u8] {
        self.buffer.get(range).unwrap_or_default()
    }

    /// The plain cell that comes next, if one does and is at hand whole; its bytes stay until
    /// [`Scanner::pass`].
    pub(super) fn plain_cell(&self) -> Option<PlainCell<'_>> {
        let fits = self.depth.saturating_add(LEVELS) <= self.limits.xml_depth
            && self.limits.xml_attributes >= ATTRIBUTES;
        let rest = self.buffer.get(self.at..self.filled).filter(|_| fits)?;
        plain_cell(rest)
    }

    /// Passes over bytes at hand.
    pub(super) fn pass(&mut self, length: usize) {
        self.at = self.at.saturating_add(length).min(self.filled);
    }

    /// The next token.
    ///
    /// # Errors
    /// A limit, a document type, or markup that does not end.
    pub(super) fn next(&mut self) -> Result<Token, ExchangeError> {
        loop {
            let start = self.at;
            let rest = self.buffer.get(start..self.filled).unwrap_or_default();
            match rest.first() {
                None => {
                    if !self.more()? {
                        return Ok(Token::End);
                    }
                }
                Some(b'<') => {
                    if let Some(token) = self.markup()? {
                        return Ok(token);
                    }
                }
                Some(_) => {
                    let end = self.find(start, b'<')?.unwrap_or(self.filled);
                    let range = self.at..end;
                    self.at = end;
                    return Ok(Token::Text(range));
                }
            }
        }
    }

    /// One tag, comment, instruction or section; nothing for what means nothing here.
    fn markup(&mut self) -> Result<Option<Token>, ExchangeError> {
        while self.filled - self.at < 9 && self.more()? {}
        let head = self.buffer.get(self.at..self.filled).unwrap_or_default();
        if head.starts_with(b"<!--") {
            self.skip_to(4, b"-->")?;
            return Ok(None);
        }
        if head.starts_with(b"<![CDATA[") {
            let range = self.skip_to(9, b"]]>")?;
            return Ok(Some(Token::Raw(range)));
        }
        if head.starts_with(b"<?") {
            self.skip_to(2, b"?>")?;
            return Ok(None);
        }
        if head.starts_with(b"<!") {
            return Err(xml::document_type().at(self.place));
        }
        self.tag().map(Some)
    }

    fn tag(&mut self) -> Result<Token, ExchangeError> {
        let end = self.tag_end()?;
        let start = self.at + 1;
        let tag = self.buffer.get(start..end).unwrap_or_default();
        self.at = end + 1;
        if tag.first() == Some(&b'/') {
            self.depth = self.depth.saturating_sub(1);
            return Ok(Token::Close { name: local_name(tag, start, 1) });
        }
        let is_empty = tag.last() == Some(&b'/');
        let name = local_name(tag, start, 0);
        let attributes = name.end..end - usize::from(is_empty);
        self.depth += usize::from(!is_empty);
        if self.depth > self.limits.xml_depth {
            return Err(xml::too_deep(self.limits).at(self.place));
        }
        Ok(Token::Open { name, attributes, is_empty })
    }

    /// The place of the `>` that ends the tag, quotes respected.
    fn tag_end(&mut self) -> Result<usize, ExchangeError> {
        let mut quote = 0_u8;
        let mut seen = 1;
        loop {
            let rest = self.buffer.get(self.at + seen..self.filled).unwrap_or_default();
            for (offset, &byte) in rest.iter().enumerate() {
                if quote == 0 {
                    match byte {
                        b'>' => return Ok(self.at + seen + offset),
                        b'"' | b'\'' => quote = byte,
                        _ => {}
                    }
                } else if byte == quote {
                    quote = 0;
                }
            }
            seen = self.filled - self.at;
            if !self.more()? {
                return Err(damaged().at(self.place));
            }
        }
    }

    /// Passes over a section; the range of its content.
    fn skip_to(&mut self, opening: usize, end: &[u8]) -> Result<Range<usize>, ExchangeError> {
        let mut seen = opening;
        loop {
            let rest = self.buffer.get(self.at + seen..self.filled).unwrap_or_default();
            if let Some(offset) = rest.windows(end.len()).position(|window| window == end) {
                let range = self.at + opening..self.at + seen + offset;
                self.at = range.end + end.len();
                return Ok(range);
            }
            seen = (self.filled - self.at).saturating_sub(end.len() - 1).max(opening);
            if !self.more()? {
                return Err(damaged().at(self.place));
            }
        }
    }

    /// The next place of a byte from `from` on; none before the part's end.
    fn find(&mut self, from: usize, byte: u8) -> Result<Option<usize>, ExchangeError> {
        let mut seen = from - self.at;
        loop {
            let rest = self.buffer.get(self.at + seen..self.filled).unwrap_or_default();
            if let Some(offset) = memchr::memchr(byte, rest) {
                return Ok(Some(self.at + seen + offset));
            }
            seen = self.filled - self.at;
            if !self.more()? {
                return Ok(None);
            }
        }
    }

    /// Reads on; the bytes from `at` stay. False at the end of the part.
    fn more(&mut self) -> Result<bool, ExchangeError> {
        if self.is_ended {
            return Ok(false);
        }
        if self.at > 0 {
            self.buffer.copy_within(self.at..self.filled, 0);
            self.filled -= self.at;
            self.at = 0;
        }
        if self.filled > self.limits.xml_token_bytes {
            return Err(xml::token_too_long(self.limits).at(self.place));
        }
        if self.buffer.len() < self.filled + PIECE_BYTES / 2 {
            self.buffer.resize(self.filled + PIECE_BYTES, 0);
        }
        let room = self.buffer.get_mut(self.filled..).unwrap_or_default();
        let count = self.source.read(room).map_err(|error| from_io(&error, self.place))?;
        self.filled += count;
        self.is_ended = count == 0;
        Ok(count > 0)
    }
}

/// The name of a tag without its prefix; `tag` lies at `start`, the name begins after `skipped`.
fn local_name(tag: &[u8], start: usize, skipped: usize) -> Range<usize> {
    let mut from = skipped;
    let mut to = tag.len();
    for (at, byte) in tag.iter().enumerate().skip(skipped) {
        match byte {
            b' ' | b'/' | b'\t' | b'\n' | b'\r' => {
                to = at;
                break;
            }
            b':' => from = at + 1,
            _ => {}
        }
    }
    start + from..start + to
}

/// Calls `take` with each attribute's local name and value as it stands; stops at the limit.
pub(super) fn each_attribute<'b>(
    bytes: &'b [u8],
    limits: &Limits,
    mut take: impl FnMut(&'b [u8], &'b [u8]),
) -> Result<(), ExchangeError> {
    let mut rest = bytes;
    for _ in 0..=limits.xml_attributes {
        let Some(equals) = rest.iter().position(|byte| *byte == b'=') else { return Ok(()) };
        let (name, after) = rest.split_at(equals);
        let name = name.trim_ascii();
        let name = name
            .iter()
            .position(|b| *b == b':')
            .map_or(name, |colon| name.get(colon + 1..).unwrap_or_default());
        let after = after.get(1..).unwrap_or_default().trim_ascii_start();
        let Some((&quote, after)) = after.split_first() else { return Ok(()) };
        let Some(end) = after.iter().position(|byte| *byte == quote) else { return Ok(()) };
        let (value, after) = after.split_at(end);
        take(name, value);
        rest = after.get(1..).unwrap_or_default();
    }
    Err(xml::too_many_attributes(limits))
}

/// Adds character data to a text, references resolved, line ends as `\n`.
///
/// # Errors
/// Bytes that are not UTF-8.
pub(super) fn push_text(bytes: &[u8], text: &mut String) -> Result<(), ExchangeError> {
    let piece = std::str::from_utf8(bytes).map_err(|_| xml::undecodable())?;
    if memchr::memchr2(b'&', b'\r', bytes).is_none() {
        text.push_str(piece);
        return Ok(());
    }
    let mut rest = piece;
    while let Some(at) = rest.find(['&', '\r']) {
        let (before, after) = rest.split_at(at);
        text.push_str(before);
        if let Some(line) = after.strip_prefix('\r') {
            text.push('\n');
            rest = line.strip_prefix('\n').unwrap_or(line);
            continue;
        }
        let body = after.strip_prefix('&').unwrap_or(after);
        // Looked for no further than a name reaches: a text may be all ampersands.
        let end = body.bytes().take(REFERENCE_BYTES_MAX + 1).position(|byte| byte == b';');
        let named = end.and_then(|end| Some((body.get(..end)?, body.get(end + 1..)?)));
        rest = match named {
            Some((name, after)) => {
                text.extend(reference(name));
                after
            }
            None => {
                text.push('&');
                body
            }
        };
    }
    text.push_str(rest);
    Ok(())
}

/// The character a reference stands for; nothing for an unknown name.
fn reference(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}
