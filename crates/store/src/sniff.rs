//! The media type of a file by its bytes; names lie.

use crate::error::StoreError;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Bytes looked at from the beginning.
const HEAD: u64 = 8 * 1024;

/// Bytes looked at from the end, where a zip container lists its entries.
const TAIL: u64 = 128 * 1024;

/// Signatures at the very beginning.
const SIGNATURES: [(&[u8], &str); 7] = [
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"BM", "image/bmp"),
    (b"{\\rtf", "application/rtf"),
];

/// Entries that tell what a zip container is.
const ENTRIES: [(&[u8], &str); 4] = [
    (
        b"word/document.xml",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    (b"xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (
        b"ppt/presentation.xml",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
    (b"OFD.xml", "application/ofd"),
];

/// The media type of a file.
pub(crate) fn media_type(path: &Path) -> Result<&'static str, StoreError> {
    let mut file = File::open(path)?;
    let mut head = Vec::new();
    Read::by_ref(&mut file).take(HEAD).read_to_end(&mut head)?;
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
        let mut tail = Vec::new();
        file.take(TAIL).read_to_end(&mut tail)?;
        let found = ENTRIES.iter().find(|(name, _)| holds(&tail, name) || holds(&head, name));
        return Ok(found.map_or("application/zip", |(_, kind)| kind));
    }
    if let Some((_, kind)) = SIGNATURES.iter().find(|(mark, _)| head.starts_with(mark)) {
        return Ok(kind);
    }
    Ok(text_type(&head))
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// HTML, XML, plain text in one of the encodings of the field, or unknown bytes.
fn text_type(head: &[u8]) -> &'static str {
    const UNKNOWN: &str = "application/octet-stream";
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return "text/plain";
    }
    let is_control = |byte: &u8| *byte < 32 && !matches!(byte, b'\t' | b'\n' | b'\r' | 12);
    if head.is_empty() || head.iter().any(is_control) {
        return UNKNOWN;
    }
    let start: Vec<u8> = head
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(head)
        .iter()
        .copied()
        .skip_while(u8::is_ascii_whitespace)
        .take(512)
        .map(|byte| byte.to_ascii_lowercase())
        .collect();
    if start.starts_with(b"<!doctype html")
        || holds(&start, b"<html")
        || start.starts_with(b"<body")
    {
        "text/html"
    } else if start.starts_with(b"<?xml") {
        "application/xml"
    } else {
        "text/plain"
    }
}
