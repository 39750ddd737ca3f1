//! The front door for documents: what the bytes are, and which reader takes them.

use crate::container::{Container, encrypted};
use crate::document::{DocumentFormat, DocumentText, TextBuilder};
use crate::page::{ofd, pdf};
use crate::{ExchangeError, Limits, docx, html, mime, office, text};

/// What the first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Zip,
    Pdf,
    Compound,
    Rtf,
    WordXml,
    Html,
    Image,
    Archive,
    WebArchive,
    Text,
}

/// Reads a document of any kind as text. The kind is told by the content; `name_hint`, the name
/// the file came with, is only used in messages, to tell `.doc` from `.wps`, and to
/// keep a `.txt` with left-overs of a page as text.
///
/// # Errors
/// Everything that cannot be read gives a message with what was tried: limits, damage, passwords,
/// scans without text, unknown formats.
///
/// # Example
/// ```
/// use taizhang_exchange::{document_text, DocumentFormat, Limits};
/// let page = "<html><p>一、问题</p><p>二、整改</p></html>";
/// let read = document_text(page.as_bytes(), None, &Limits::default())?;
/// assert_eq!((read.text.as_str(), read.format), ("一、问题\n二、整改\n", DocumentFormat::Html));
/// # Ok::<(), taizhang_exchange::ExchangeError>(())
/// ```
pub fn document_text(
    bytes: &[u8],
    name_hint: Option<&str>,
    limits: &Limits,
) -> Result<DocumentText, ExchangeError> {
    match way(bytes, name_hint, limits)? {
        Way::Read(document) => Ok(document),
        Way::Office(extension) => {
            let converted = office::convert_with_office(bytes, extension, "docx", limits)?;
            Ok(as_office(docx::read(&converted, limits)?, extension))
        }
    }
}

/// How a file is read.
pub(crate) enum Way {
    /// Here, and this is its text.
    Read(DocumentText),
    /// By LibreOffice, as a file with this ending, whose result is read here.
    Office(&'static str),
}

/// True for bytes that are taken as plain text, of which nothing is parsed.
pub(crate) fn is_plain(bytes: &[u8], name_hint: Option<&str>) -> bool {
    match kind(bytes) {
        Kind::Text => true,
        Kind::Html => is_named_text(name_hint),
        _ => false,
    }
}

/// [`document_text`] up to the point where another program is needed.
///
/// # Errors
/// As [`document_text`].
pub(crate) fn way(
    bytes: &[u8],
    name_hint: Option<&str>,
    limits: &Limits,
) -> Result<Way, ExchangeError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ExchangeError::new("X0101", "文件是空的", "the file is empty")
            .help("请检查文件后重新上传", "look at the file and upload it again"));
    }
    match kind(bytes) {
        Kind::Zip => zip_document(bytes, limits),
        Kind::Pdf => pdf::read(bytes, limits).map(Way::Read),
        Kind::Compound => compound(bytes, name_hint, limits),
        Kind::Rtf => Ok(Way::Office("rtf")),
        Kind::WordXml => Ok(Way::Office("xml")),
        // A text file may hold left-overs of a page; its places count what is in the file.
        Kind::Html if is_named_text(name_hint) => plain(bytes, limits).map(Way::Read),
        Kind::Html => html::read(bytes, limits).map(Way::Read),
        Kind::Image => Err(ExchangeError::new(
            "X0103",
            "这是一张图片，没有可读的文字",
            "this is an image without readable text",
        )
        .help(
            "请上传 Word、PDF（带文字层）或 OFD 原件；扫描件请先用 OCR 识别",
            "upload the Word, PDF (with text) or OFD original; run OCR on scans first",
        )),
        Kind::Archive => Err(ExchangeError::new("X0104", "这是一个压缩包", "this is an archive")
            .help("请解压后逐个上传文件", "unpack it and upload the files one by one")),
        Kind::WebArchive => web_archive(bytes, limits).map(Way::Read),
        Kind::Text => plain(bytes, limits).map(Way::Read),
    }
}

/// True for a name that ends in `.txt`.
fn is_named_text(name: Option<&str>) -> bool {
    let ending = name.and_then(|name| name.rsplit_once('.')).map(|(_, ending)| ending);
    ending.is_some_and(|ending| ending.eq_ignore_ascii_case("txt"))
}

fn unknown(format: &str) -> ExchangeError {
    ExchangeError::new(
        "X0102",
        format!("无法读取 {format} 格式"),
        format!("`{format}` files cannot be read"),
    )
    .help(
        "请另存为 .docx、.txt、.html、带文字层的 .pdf 或 .ofd 后再上传",
        "save it as .docx, .txt, .html, .pdf with text or .ofd and upload that",
    )
}

/// A web page saved as one file, as office systems export it under the name `.doc`.
fn web_archive(bytes: &[u8], limits: &Limits) -> Result<DocumentText, ExchangeError> {
    if bytes.len() as u64 > limits.container_bytes {
        return Err(ExchangeError::limit(
            "X0201",
            "文件大小",
            "the file size",
            format!("{} MiB", limits.container_bytes >> 20),
        ));
    }
    match mime::html_part(bytes) {
        Some((page, charset)) => html::read_with_charset(&page, charset.as_deref(), limits),
        None => Err(unknown("MHTML").tried("text/html part")),
    }
}

fn plain(bytes: &[u8], limits: &Limits) -> Result<DocumentText, ExchangeError> {
    let decoded = text::decode_exact(bytes, limits)?;
    let mut read = TextBuilder::default().finish(DocumentFormat::Text);
    read.text = decoded.text;
    if decoded.encoding != "UTF-8" {
        let name = decoded.encoding;
        read.notes.push(taizhang_diagnostics::Message::new(
            format!("按 {name} 编码读取"),
            format!("read as {name}"),
        ));
    }
    Ok(read)
}

/// Tells the format by the first bytes.
fn kind(bytes: &[u8]) -> Kind {
    let starts = |mark: &[u8]| bytes.starts_with(mark);
    let head = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") {
        return Kind::Zip;
    }
    if head.get(..head.len().min(1024)).is_some_and(|head| contains(head, b"%PDF-")) {
        return Kind::Pdf;
    }
    if starts(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Kind::Compound;
    }
    if starts(b"{\\rtf") {
        return Kind::Rtf;
    }
    let images: [&[u8]; 7] =
        [b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"BM", b"RIFF"];
    if images.iter().any(|mark| starts(mark)) && !head.is_ascii() {
        return Kind::Image;
    }
    let archives: [&[u8]; 5] = [b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh9", b"\xfd7zXZ"];
    if archives.iter().any(|mark| starts(mark)) {
        return Kind::Archive;
    }
    marked_up(head)
}

/// Tells web pages and flat Word files from plain text by their first tags.
fn marked_up(head: &[u8]) -> Kind {
    // Zero bytes fall away, so that UTF-16 pages are known as well.
    let lower: Vec<u8> =
        head.iter().filter(|byte| **byte != 0).map(u8::to_ascii_lowercase).collect();
    let text = lower.trim_ascii_start();
    let text = text.strip_prefix(b"\xef\xbb\xbf".as_slice()).unwrap_or(text);
    let text = text.strip_prefix(b"\xff\xfe".as_slice()).unwrap_or(text).trim_ascii_start();
    let text = text.strip_prefix(b"\xfe\xff".as_slice()).unwrap_or(text).trim_ascii_start();
    if text.starts_with(b"mime-version:") && contains(text, b"multipart/related") {
        return Kind::WebArchive;
    }
    if !text.starts_with(b"<") {
        return Kind::Text;
    }
    let flat: [&[u8]; 2] = [b"<pkg:package", b"<w:worddocument"];
    if flat.iter().any(|tag| contains(text, tag)) {
        return Kind::WordXml;
    }
    let tags: [&[u8]; 9] = [
        b"<html",
        b"<!doctype html",
        b"<head",
        b"<body",
        b"<table",
        b"<p",
        b"<div",
        b"<span",
        b"<meta",
    ];
    if tags.iter().any(|tag| contains(text, tag)) { Kind::Html } else { Kind::Text }
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// Containers: Word, OFD, OpenDocument; workbooks belong to the ledger import.
fn zip_document(bytes: &[u8], limits: &Limits) -> Result<Way, ExchangeError> {
    let mut container = Container::open(bytes, limits)?;
    let has = |name: &str| container.has(name);
    if has("OFD.xml") {
        return ofd::read(bytes, limits).map(Way::Read);
    }
    if has("xl/workbook.xml") || has("xl/workbook.bin") {
        return Err(ExchangeError::new(
            "X0105",
            "这是工作簿，不是文件",
            "this is a workbook, not a document",
        )
        .help("请用“台账导入”读取工作簿", "use the ledger import for workbooks"));
    }
    if has("ppt/presentation.xml") {
        return Err(unknown("PowerPoint"));
    }
    if has("[Content_Types].xml") || has("word/document.xml") {
        return docx::read(bytes, limits).map(Way::Read);
    }
    let kind = container.read("mimetype")?.unwrap_or_default();
    if contains(&kind, b"opendocument.text") {
        return Ok(Way::Office("odt"));
    }
    let mut error = unknown("zip");
    for name in ["docx", "ofd", "odt"] {
        error = error.tried(name);
    }
    Err(error)
}

/// Old binary files: streams are told by their UTF-16 names in the directory.
fn compound(bytes: &[u8], name_hint: Option<&str>, limits: &Limits) -> Result<Way, ExchangeError> {
    if bytes.len() as u64 > limits.text_bytes {
        return Err(ExchangeError::limit(
            "X0401",
            "文件大小",
            "the file size",
            format!("{} MiB", limits.text_bytes >> 20),
        ));
    }
    let stream = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        contains(bytes, &wide)
    };
    if stream("EncryptedPackage") {
        return Err(encrypted());
    }
    let word = stream("WordDocument");
    if !word && (stream("Workbook") || stream("Book")) {
        return Err(ExchangeError::new(
            "X0105",
            "这是工作簿，不是文件",
            "this is a workbook, not a document",
        )
        .help("请用“台账导入”读取工作簿", "use the ledger import for workbooks"));
    }
    let wps = name_hint.is_some_and(|name| name.to_lowercase().ends_with(".wps")) && !word;
    Ok(Way::Office(if wps { "wps" } else { "doc" }))
}

/// The text of a file that LibreOffice made a Word file of.
pub(crate) fn as_office(mut read: DocumentText, extension: &str) -> DocumentText {
    read.format = DocumentFormat::Office;
    read.notes.push(taizhang_diagnostics::Message::new(
        format!("经 LibreOffice 由 .{extension} 转换后读取"),
        format!("read from .{extension} through LibreOffice"),
    ));
    read
}
