//! A long plain table as a workbook, written while its rows come: memory does not grow with it.
//!
//! Our own writer, because a register has millions of cells and needs of the format no more than
//! texts, numbers and a frozen head. Texts stand in their cells as texts: nothing is taken for a
//! formula.

use super::{column_letters, unwritable};
use crate::ExchangeError;
use std::fmt::Write as _;
use std::io::{Cursor, Seek, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Records of a sheet: the format ends at 1,048,576 rows, the head included.
const SHEET_ROWS: u32 = 1_000_000;

/// Bytes of XML handed on at a time.
const PIECE_BYTES: usize = 128 * 1024;

/// Packing that is worth its time: a third more bytes than the best, in a fraction of the time.
const LEVEL: i64 = 2;

const XML_HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// One cell of a table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TableCell<'a> {
    /// Nothing.
    Empty,
    /// Text as it is.
    Text(&'a str),
    /// A number.
    Number(f64),
}

/// A workbook that grows row by row, into memory or into a file.
///
/// # Example
/// ```
/// # fn main() -> Result<(), taizhang_exchange::ExchangeError> {
/// let mut book = taizhang_exchange::TableBook::new(&["户编号", "人口"])?;
/// book.push(&["0001", "4"])?;
/// assert!(book.finish()?.starts_with(b"PK"));
/// # Ok(())
/// # }
/// ```
pub struct TableBook<W: Write + Seek = Cursor<Vec<u8>>> {
    zip: ZipWriter<W>,
    heads: Vec<String>,
    letters: Vec<String>,
    piece: String,
    row: u32,
    sheets: usize,
}

impl TableBook {
    /// A workbook in memory with one sheet.
    ///
    /// # Errors
    /// The workbook cannot be written (`X0801`).
    pub fn new(heads: &[&str]) -> Result<Self, ExchangeError> {
        Self::to(Cursor::new(Vec::new()), heads)
    }

    /// The finished file.
    ///
    /// # Errors
    /// The workbook cannot be written (`X0801`).
    pub fn finish(self) -> Result<Vec<u8>, ExchangeError> {
        Ok(self.end()?.into_inner())
    }
}

impl<W: Write + Seek> TableBook<W> {
    /// A workbook that is written to `target` while it grows.
    ///
    /// # Errors
    /// The workbook cannot be written (`X0801`).
    pub fn to(target: W, heads: &[&str]) -> Result<Self, ExchangeError> {
        let mut book = Self {
            zip: ZipWriter::new(target),
            heads: heads.iter().map(|head| (*head).to_owned()).collect(),
            letters: (0..heads.len()).map(column_letters).collect(),
            piece: String::with_capacity(PIECE_BYTES + 4096),
            row: 0,
            sheets: 0,
        };
        book.open_sheet()?;
        Ok(book)
    }

    /// Adds a row of texts.
    ///
    /// # Errors
    /// The workbook cannot be written (`X0801`).
    pub fn push(&mut self, cells: &[&str]) -> Result<(), ExchangeError> {
        self.row_of(cells.iter().map(|text| TableCell::Text(text)), "")
    }

    /// Adds a row of texts and numbers.
    ///
    /// # Errors
    /// As [`TableBook::push`].
    pub fn push_cells<'c>(
        &mut self,
        cells: impl IntoIterator<Item = TableCell<'c>>,
    ) -> Result<(), ExchangeError> {
        self.row_of(cells.into_iter(), "")
    }

    fn row_of<'c>(
        &mut self,
        cells: impl Iterator<Item = TableCell<'c>>,
        style: &str,
    ) -> Result<(), ExchangeError> {
        if self.row > SHEET_ROWS {
            self.close_sheet()?;
            self.open_sheet()?;
        }
        self.row += 1;
        let number = self.row.to_string();
        let piece = &mut self.piece;
        piece.push_str("<row r=\"");
        piece.push_str(&number);
        piece.push_str("\">");
        for (column, cell) in cells.enumerate() {
            if matches!(cell, TableCell::Empty | TableCell::Text("")) {
                continue;
            }
            piece.push_str("<c r=\"");
            match self.letters.get(column) {
                Some(letters) => piece.push_str(letters),
                None => piece.push_str(&column_letters(column)),
            }
            piece.push_str(&number);
            piece.push('"');
            piece.push_str(style);
            match cell {
                TableCell::Number(value) if value.is_finite() => {
                    write!(piece, "><v>{value}</v></c>").unwrap_or_default();
                }
                TableCell::Text(text) => {
                    piece.push_str(" t=\"inlineStr\"><is><t");
                    let edges = text.starts_with(char::is_whitespace)
                        || text.ends_with(char::is_whitespace);
                    piece.push_str(if edges { " xml:space=\"preserve\">" } else { ">" });
                    escape(text, piece);
                    piece.push_str("</t></is></c>");
                }
                TableCell::Empty | TableCell::Number(_) => piece.push_str("/>"),
            }
        }
        piece.push_str("</row>");
        if self.piece.len() >= PIECE_BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), ExchangeError> {
        let written = self.zip.write_all(self.piece.as_bytes());
        self.piece.clear();
        written.map_err(unwritable)
    }

    fn open_sheet(&mut self) -> Result<(), ExchangeError> {
        self.sheets += 1;
        let name = format!("xl/worksheets/sheet{}.xml", self.sheets);
        self.part(&name)?;
        self.piece.push_str(XML_HEAD);
        self.piece.push_str(concat!(
            "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">",
            "<sheetViews><sheetView workbookViewId=\"0\"><pane ySplit=\"1\" topLeftCell=\"A2\" ",
            "activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews><sheetData>"
        ));
        self.row = 0;
        let heads = self.heads.clone();
        self.row_of(heads.iter().map(|head| TableCell::Text(head)), " s=\"1\"")
    }

    fn close_sheet(&mut self) -> Result<(), ExchangeError> {
        self.piece.push_str("</sheetData></worksheet>");
        self.flush()
    }

    fn part(&mut self, name: &str) -> Result<(), ExchangeError> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(LEVEL))
            .large_file(true);
        self.zip.start_file(name, options).map_err(unwritable)
    }

    /// Writes what a workbook needs beside its sheets, and gives the target back.
    ///
    /// # Errors
    /// The workbook cannot be written (`X0801`).
    pub fn end(mut self) -> Result<W, ExchangeError> {
        self.close_sheet()?;
        for (name, content) in parts(self.sheets) {
            self.part(&name)?;
            self.piece.push_str(XML_HEAD);
            self.piece.push_str(&content);
            self.flush()?;
        }
        self.zip.finish().map_err(unwritable)
    }
}

/// The small parts: their names and content.
fn parts(sheets: usize) -> [(String, String); 5] {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    let (mut names, mut links, mut types) = (String::new(), String::new(), String::new());
    for number in 1..=sheets {
        let _ =
            write!(names, "<sheet name=\"表{number}\" sheetId=\"{number}\" r:id=\"r{number}\"/>");
        let _ = write!(
            links,
            "<Relationship Id=\"r{number}\" Type=\"{OFFICE}/worksheet\" \
             Target=\"worksheets/sheet{number}.xml\"/>"
        );
        let _ = write!(
            types,
            "<Override PartName=\"/xl/worksheets/sheet{number}.xml\" \
             ContentType=\"{TYPE}.worksheet+xml\"/>"
        );
    }
    let part = |name: &str, content: String| (name.to_owned(), content);
    [
        part(
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>{names}</sheets>\
                 </workbook>"
            ),
        ),
        part(
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{PACKAGE}/relationships\">{links}\
                 <Relationship Id=\"s\" Type=\"{OFFICE}/styles\" Target=\"styles.xml\"/>\
                 </Relationships>"
            ),
        ),
        part(
            "xl/styles.xml",
            format!(
                "<styleSheet xmlns=\"{MAIN}\"><fonts count=\"2\"><font><sz val=\"11\"/></font>\
                 <font><b/><sz val=\"11\"/></font></fonts><fills count=\"1\"><fill><patternFill \
                 patternType=\"none\"/></fill></fills><borders count=\"1\"><border/></borders>\
                 <cellStyleXfs count=\"1\"><xf/></cellStyleXfs><cellXfs count=\"2\"><xf/>\
                 <xf fontId=\"1\" applyFont=\"1\"/></cellXfs></styleSheet>"
            ),
        ),
        part(
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"r1\" \
                 Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        part(
            "[Content_Types].xml",
            format!(
                "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" \
                 ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
                 <Default Extension=\"xml\" ContentType=\"application/xml\"/><Override \
                 PartName=\"/xl/workbook.xml\" ContentType=\"{TYPE}.sheet.main+xml\"/><Override \
                 PartName=\"/xl/styles.xml\" ContentType=\"{TYPE}.styles+xml\"/>{types}</Types>"
            ),
        ),
    ]
}

/// Text as XML; what XML cannot hold is written as the format has it (`_x0007_`).
fn escape(text: &str, out: &mut String) {
    let is_plain = |byte: u8| byte >= 0x20 && !matches!(byte, b'&' | b'<' | b'>' | b'_');
    if text.bytes().all(is_plain) {
        out.push_str(text);
        return;
    }
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // A text that looks like such a mark is marked itself.
            '_' if rest.as_str().starts_with('x') => out.push_str("_x005F_"),
            '\n' | '\t' => out.push(character),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                write!(out, "_x{:04X}_", u32::from(character)).unwrap_or_default();
            }
            _ => out.push(character),
        }
    }
}
