//! Plain text: which encoding the bytes are in, and the exact text or the exact place of the fault.
//!
//! INVARIANT: nothing is ever replaced by U+FFFD or `?`; a text is decoded whole or refused with
//! line and column.

use crate::{ExchangeError, Limits};
use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

/// A text and the encoding its bytes were in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodedText {
    /// The text, without byte order mark, line ends as `\n`.
    pub text: String,
    /// Name of the encoding, for example `GB18030`.
    pub encoding: &'static str,
}

/// Decodes the bytes of a text file: by byte order mark, else UTF-8, else UTF-16 without a mark,
/// else GB 18030.
///
/// # Errors
/// Size over the limit; bytes that are none of these; a damaged UTF-8 text is reported as such and
/// not taken for GB 18030. Place is line and column (characters, from 1).
///
/// # Example
/// ```
/// use taizhang_exchange::{decode_text, Limits};
/// let read = decode_text(b"\xce\xca\xcc\xe2", &Limits::default())?;
/// assert_eq!((read.text.as_str(), read.encoding), ("问题", "GB18030"));
/// # Ok::<(), taizhang_exchange::ExchangeError>(())
/// ```
pub fn decode_text(bytes: &[u8], limits: &Limits) -> Result<DecodedText, ExchangeError> {
    decode_exact(bytes, limits).map(DecodedText::with_plain_line_ends)
}

/// As [`decode_text`], with line ends as they are in the file: places in a document count them.
pub(crate) fn decode_exact(bytes: &[u8], limits: &Limits) -> Result<DecodedText, ExchangeError> {
    decode_by(bytes, limits, strict)
}

/// The bytes of a text after its mark, and the encoding they are in: all of them are looked at, and
/// none is held.
///
/// # Errors
/// As [`decode_text`].
pub(crate) fn encoded<'a>(
    bytes: &'a [u8],
    limits: &Limits,
) -> Result<EncodedText<'a>, ExchangeError> {
    decode_by(bytes, limits, |encoding, bytes| {
        EncodedText { bytes, encoding }.each_part(|_| ()).map(|()| EncodedText { bytes, encoding })
    })
}

/// Bytes of a known encoding.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EncodedText<'a> {
    pub(crate) bytes: &'a [u8],
    encoding: &'static Encoding,
}

/// Bytes that are decoded at a time.
const PART_BYTES: usize = 32 << 10;

impl<'a> EncodedText<'a> {
    /// The name offices know the encoding by.
    pub(crate) fn name(self) -> &'static str {
        label(self.encoding)
    }

    /// The text part by part, as it is in the file.
    pub(crate) fn parts(self) -> TextParts<'a> {
        let decoder = self.encoding.new_decoder_without_bom_handling();
        TextParts { rest: self.bytes, decoder, is_done: false }
    }

    /// Hands over every part, or says where decoding stopped.
    fn each_part(self, mut take: impl FnMut(&str)) -> Result<(), Fault> {
        let mut parts = self.parts();
        let (mut line, mut column) = (1, 1);
        let mut part = String::new();
        loop {
            let state = parts.next_into(&mut part);
            let nul = part.find('\0');
            let known = part.get(..nul.unwrap_or(part.len())).unwrap_or_default();
            let lines = known.matches('\n').count();
            let last = known.rsplit('\n').next().unwrap_or_default().chars().count();
            column = if lines == 0 { column + last } else { last + 1 };
            line += lines;
            if nul.is_some() || state == PartState::Malformed {
                return Err(Fault { line, column, binary: nul.is_some() });
            }
            take(&part);
            if state == PartState::End {
                return Ok(());
            }
        }
    }
}

/// What a part of a text is followed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PartState {
    /// More.
    More,
    /// Nothing.
    End,
    /// Bytes that do not belong there.
    Malformed,
}

/// A text that is decoded part by part.
pub(crate) struct TextParts<'a> {
    rest: &'a [u8],
    decoder: Decoder,
    is_done: bool,
}

impl TextParts<'_> {
    /// Puts the next part in the place of the text.
    pub(crate) fn next_into(&mut self, text: &mut String) -> PartState {
        text.clear();
        if self.is_done {
            return PartState::End;
        }
        let (part, after) = self.rest.split_at(PART_BYTES.min(self.rest.len()));
        let room = self.decoder.max_utf8_buffer_length_without_replacement(part.len());
        text.reserve(room.unwrap_or(4 * PART_BYTES));
        self.is_done = after.is_empty();
        let decoder = &mut self.decoder;
        let (result, read) = decoder.decode_to_string_without_replacement(part, text, self.is_done);
        self.rest = after;
        match result {
            DecoderResult::InputEmpty if read == part.len() && self.is_done => PartState::End,
            DecoderResult::InputEmpty if read == part.len() => PartState::More,
            _ => {
                self.is_done = true;
                PartState::Malformed
            }
        }
    }
}

/// Tries encodings one after the other: by byte order mark, else UTF-8, else UTF-16 without a mark,
/// else GB 18030.
fn decode_by<'a, T>(
    bytes: &'a [u8],
    limits: &Limits,
    strict: impl Fn(&'static Encoding, &'a [u8]) -> Result<T, Fault>,
) -> Result<T, ExchangeError> {
    if bytes.len() as u64 > limits.text_bytes {
        return Err(ExchangeError::limit(
            "X0401",
            "文件大小",
            "the file size",
            format!("{} MiB", limits.text_bytes >> 20),
        ));
    }
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let rest = bytes.get(mark..).unwrap_or_default();
        return strict(encoding, rest).map_err(|fault| fault.error(&[encoding]));
    }
    let utf8_fault = match strict(UTF_8, bytes) {
        Ok(read) => return Ok(read),
        Err(fault) => fault,
    };
    if let Some(encoding) = utf16_without_mark(bytes) {
        return strict(encoding, bytes).map_err(|fault| fault.error(&[UTF_8, encoding]));
    }
    if utf8_fault.binary || looks_like_damaged_utf8(bytes) {
        return Err(utf8_fault.error(&[UTF_8]));
    }
    strict(GB18030, bytes).map_err(|fault| fault.error(&[UTF_8, GB18030]))
}

/// Decodes with one known encoding.
///
/// # Errors
/// The place of the first byte that does not belong there.
pub(crate) fn decode_with(
    encoding: &'static Encoding,
    bytes: &[u8],
) -> Result<DecodedText, ExchangeError> {
    let read = strict(encoding, bytes).map_err(|fault| fault.error(&[encoding]))?;
    Ok(read.with_plain_line_ends())
}

/// Where decoding stopped.
struct Fault {
    line: usize,
    column: usize,
    /// A NUL was decoded: this is no text at all.
    binary: bool,
}

impl Fault {
    fn error(&self, tried: &[&'static Encoding]) -> ExchangeError {
        let (line, column) = (self.line, self.column);
        let mut error = if self.binary {
            ExchangeError::new(
                "X0403",
                "文件不是文本：含有空字符",
                "the file is not text: it holds a NUL character",
            )
        } else {
            ExchangeError::new(
                "X0402",
                format!("第 {line} 行第 {column} 个字符处的编码已损坏或无法识别"),
                format!("the encoding is damaged or unknown at line {line}, column {column}"),
            )
        };
        let place =
            [format!("第 {line} 行第 {column} 个字符"), format!("line {line}, column {column}")];
        let [zh, en] = place;
        error = error.at_words(zh, en).help(
            "请用记事本打开检查该处，另存为 UTF-8 后再上传",
            "open it in a text editor, mend that place, save as UTF-8 and upload again",
        );
        for encoding in tried {
            error = error.tried(label(encoding));
        }
        error
    }
}

/// Decodes all bytes or says where it stopped.
fn strict(encoding: &'static Encoding, bytes: &[u8]) -> Result<DecodedText, Fault> {
    let mut text = String::with_capacity(bytes.len());
    EncodedText { bytes, encoding }.each_part(|part| text.push_str(part))?;
    Ok(DecodedText { text, encoding: label(encoding) })
}

/// The name offices know the encoding by.
fn label(encoding: &'static Encoding) -> &'static str {
    if encoding == GB18030 { "GB18030" } else { encoding.name() }
}

impl DecodedText {
    fn with_plain_line_ends(mut self) -> Self {
        if self.text.contains('\r') {
            self.text = self.text.replace("\r\n", "\n").replace('\r', "\n");
        }
        self
    }
}

/// UTF-16 texts of Chinese offices hold line ends, digits and spaces: a zero byte beside them.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    let (mut low, mut high) = (0_usize, 0_usize);
    for pair in head.chunks_exact(2) {
        match pair {
            [first, 0] if first.is_ascii() && *first != 0 => low += 1,
            [0, second] if second.is_ascii() && *second != 0 => high += 1,
            _ => {}
        }
    }
    if !bytes.len().is_multiple_of(2) || low.max(high) < 2 {
        return None;
    }
    // A Chinese character such as 一 (U+4E00) has a zero byte on the other side now and then.
    match (low, high) {
        _ if low > high.saturating_mul(2) => Some(UTF_16LE),
        _ if high > low.saturating_mul(2) => Some(UTF_16BE),
        _ => None,
    }
}

/// True when more bytes form whole three-byte UTF-8 characters than stand alone: such a text
/// would decode as GB 18030 into other characters, silently.
fn looks_like_damaged_utf8(bytes: &[u8]) -> bool {
    let (mut whole, mut broken) = (0_usize, 0_usize);
    let mut rest = bytes;
    while !rest.is_empty() {
        match std::str::from_utf8(rest) {
            Ok(text) => {
                whole += text.bytes().filter(|byte| *byte >= 0xe0).count();
                break;
            }
            Err(error) => {
                let (valid, after) = rest.split_at(error.valid_up_to());
                whole += valid.iter().filter(|byte| **byte >= 0xe0).count();
                broken += 1;
                rest = after.get(error.error_len().unwrap_or(after.len())..).unwrap_or_default();
            }
        }
    }
    whole > 0 && whole >= broken.saturating_mul(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: Result<(&str, &str), &str>) {
        let found = decode_text(bytes, &Limits::default());
        let found = found.as_ref().map(|read| (read.text.as_str(), read.encoding));
        match (found, expected) {
            (Err(error), Err(place)) => {
                let told = error.place.as_ref().map(|place| place.en.as_str());
                assert_eq!(told, Some(place), "{error}");
            }
            (found, expected) => {
                assert_eq!(found.map_err(|e| e.to_string()), expected.map_err(str::to_owned));
            }
        }
    }

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect()
    }

    #[test]
    fn each_encoding_is_known_by_its_bytes() {
        let text = "一、问题\n2.整改 3";
        check(text.as_bytes(), Ok((text, "UTF-8")));
        check(&[b"\xef\xbb\xbf", text.as_bytes()].concat(), Ok((text, "UTF-8")));
        check(&[b"\xff\xfe".to_vec(), utf16(text, false)].concat(), Ok((text, "UTF-16LE")));
        check(&[b"\xfe\xff".to_vec(), utf16(text, true)].concat(), Ok((text, "UTF-16BE")));
        check(&utf16(text, false), Ok((text, "UTF-16LE")));
        check(&utf16(text, true), Ok((text, "UTF-16BE")));
        check(b"\xb8\xc4\r\n\xce\xca", Ok(("改\n问", "GB18030")));
        // 4-byte names and the middle dot of minority names.
        let (rare, _, _) = GB18030.encode("𬱖·㙍𠮷");
        check(&rare, Ok(("𬱖·㙍𠮷", "GB18030")));
        check(b"", Ok(("", "UTF-8")));
    }

    #[test]
    fn damage_is_named_with_line_and_column() {
        let mut damaged = "第一行没有问题\n第二行在此损坏，其后仍有文字".as_bytes().to_vec();
        let place = "第一行没有问题\n第二行".len();
        damaged[place] = 0xff;
        check(&damaged, Err("line 2, column 4"));
        check("半个字".as_bytes().get(..8).unwrap(), Err("line 1, column 3"));
        check(b"ab\0cd\xff\xff\xff", Err("line 1, column 3"));
        check(b"ok\nab\xff\xff", Err("line 2, column 3"));
        check(b"\xff\xfe\x00\xd8a\x00", Err("line 1, column 1"));
        check(&[b"\xef\xbb\xbfab".as_slice(), b"\xd6\xd0"].concat(), Err("line 1, column 3"));
    }

    #[test]
    fn every_two_byte_character_of_gb18030_survives() {
        for lead in 0x81..=0xfe_u8 {
            let mut line = b"\xd5\xfd\xb8\xc4".to_vec();
            for trail in (0x40..=0x7e_u8).chain(0x80..=0xfe) {
                line.extend([lead, trail]);
            }
            let read = strict(GB18030, &line).ok().unwrap().text;
            let (back, _, lossy) = GB18030.encode(&read);
            assert!(!lossy && !read.contains('\u{fffd}'));
            let again = strict(GB18030, &back).ok().unwrap().text;
            assert_eq!(read, again, "lead {lead:x}");
        }
    }

    #[test]
    fn text_size_limit_holds_on_both_sides() {
        let limits = Limits { text_bytes: 10, ..Limits::default() };
        assert!(decode_text(b"0123456789", &limits).is_ok());
        let error = decode_text(b"0123456789a", &limits).unwrap_err();
        assert_eq!(error.code, "X0401");
    }
}
