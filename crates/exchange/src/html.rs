//! Web pages: block elements to lines, tables to tables, everything that is not shown left out.
//!
//! A tokenizer of our own, because a page tree built by the rules of browsers costs quadratic time
//! on hostile nesting; this reads every byte once and keeps no tree.

mod token;

use crate::document::{DocumentFormat, DocumentText, GridCell, TableGrid, TextBuilder};
use crate::docx::number_format;
use crate::text::{decode_text, decode_with};
use crate::{ExchangeError, Limits};
use encoding_rs::{Encoding, GB18030, GBK};
use token::{Tag, Token, Tokens};

/// Bytes at the start in which a page names its encoding (the WHATWG figure is 1024; Word writes
/// long heads).
const CHARSET_BYTES: usize = 4096;

/// Reads a web page.
///
/// # Errors
/// Size over the limit; bytes in no known encoding.
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<DocumentText, ExchangeError> {
    read_with_charset(bytes, None, limits)
}

/// Reads a web page whose encoding was named outside of it.
pub(crate) fn read_with_charset(
    bytes: &[u8],
    charset: Option<&str>,
    limits: &Limits,
) -> Result<DocumentText, ExchangeError> {
    let text = decode(bytes, charset, limits)?;
    let mut page = Page::default();
    for token in Tokens::new(&text) {
        match token {
            Token::Text(text) => page.text(&text),
            Token::Tag(tag) => page.tag(&tag),
        }
    }
    page.flush();
    while let Some(table) = page.tables.pop() {
        page.end_table(table);
    }
    Ok(page.out.finish(DocumentFormat::Html))
}

fn decode(bytes: &[u8], charset: Option<&str>, limits: &Limits) -> Result<String, ExchangeError> {
    if Encoding::for_bom(bytes).is_none()
        && bytes.len() as u64 <= limits.text_bytes
        && let Some(encoding) =
            charset.and_then(encoding_of_label).or_else(|| declared_encoding(bytes))
        && let Ok(read) = decode_with(encoding, bytes)
    {
        return Ok(read.text);
    }
    decode_text(bytes, limits).map(|read| read.text)
}

/// The encoding a page names in its head. GB 2312 and GBK are read as GB 18030, which holds both.
fn declared_encoding(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..bytes.len().min(CHARSET_BYTES))?;
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let (_, after) = head.split_once("charset=")?;
    let label = after.trim_start_matches(['"', '\'', ' ']);
    let label = label.split(['"', '\'', ' ', '>', ';', '/']).next()?;
    encoding_of_label(label)
}

fn encoding_of_label(label: &str) -> Option<&'static Encoding> {
    let encoding = Encoding::for_label(label.as_bytes())?;
    Some(if encoding == GBK { GB18030 } else { encoding })
}

/// Elements whose content is not part of the document.
const UNSEEN: [&str; 14] = [
    "head", "nav", "footer", "aside", "select", "button", "svg", "iframe", "object", "template",
    "noscript", "rt", "rp", "audio",
];

/// Elements that stand on lines of their own.
const BLOCKS: [&str; 30] = [
    "p",
    "div",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "li",
    "ul",
    "ol",
    "dl",
    "dt",
    "dd",
    "section",
    "article",
    "header",
    "main",
    "blockquote",
    "pre",
    "hr",
    "address",
    "center",
    "fieldset",
    "form",
    "figure",
    "figcaption",
    "caption",
    "body",
    "html",
];

/// A list and its next number.
struct List {
    ordered: bool,
    format: &'static str,
    next: i64,
}

/// A table being read.
#[derive(Default)]
struct Table {
    grid: TableGrid,
    /// Rows still covered by a cell above, by column.
    covered: Vec<usize>,
    /// Text of the open cell with its spans.
    cell: Option<(String, usize, usize)>,
    /// Holds another table: it is layout, its cells are ordinary text.
    layout: bool,
}

#[derive(Default)]
struct Page {
    out: TextBuilder,
    line: String,
    space: bool,
    /// The pending space holds a line end of the source.
    space_breaks: bool,
    preformatted: usize,
    lists: Vec<List>,
    tables: Vec<Table>,
    /// Name of an unseen element and how many of that name are open within.
    unseen: Option<(String, usize)>,
}

impl Page {
    fn text(&mut self, text: &str) {
        if self.unseen.is_some() {
            return;
        }
        for character in text.chars() {
            let blank = character.is_ascii_whitespace();
            if self.preformatted > 0 && character == '\n' {
                self.break_line();
            } else if blank && self.preformatted == 0 {
                self.space = true;
                self.space_breaks |= character == '\n';
            } else {
                self.push(if character == '\u{a0}' { ' ' } else { character });
            }
        }
    }

    fn push(&mut self, character: char) {
        let before = self.line.chars().next_back();
        // Source line ends between Chinese characters are not spaces on the page.
        let wide = |c: char| u32::from(c) >= 0x2e80;
        let breaks = std::mem::take(&mut self.space_breaks);
        let joined = breaks && wide(character) && before.is_some_and(wide);
        if std::mem::take(&mut self.space) && !joined && !before.is_none_or(char::is_whitespace) {
            self.line.push(' ');
        }
        self.line.push(character);
    }

    /// Ends the current line and hands it to the open cell or to the document.
    fn flush(&mut self) {
        self.space = false;
        self.space_breaks = false;
        let line = std::mem::take(&mut self.line);
        let line = line.trim();
        if line.is_empty() {
            return;
        }
        match self.tables.last_mut() {
            Some(Table { layout: false, cell: Some((text, ..)), .. }) => {
                if !text.is_empty() {
                    text.push('\n');
                }
                text.push_str(line);
            }
            _ => self.out.paragraph(line),
        }
    }

    fn break_line(&mut self) {
        self.flush();
    }

    fn tag(&mut self, tag: &Tag<'_>) {
        if let Some((name, depth)) = &mut self.unseen {
            if *name == tag.name && !tag.empty {
                *depth = if tag.end { depth.saturating_sub(1) } else { *depth + 1 };
            }
            if *depth == 0 {
                self.unseen = None;
            }
            return;
        }
        let name = tag.name.as_str();
        let unseen = UNSEEN.contains(&name) || tag.is_hidden();
        if unseen && !tag.end && !tag.empty {
            self.unseen = Some((tag.name.clone(), 1));
            return;
        }
        match name {
            "br" => self.break_line(),
            "table" | "tr" | "td" | "th" | "caption" => {
                self.flush();
                self.table_tag(name, tag);
            }
            "ul" | "ol" | "li" => {
                self.flush();
                self.list_tag(name, tag);
            }
            "pre" => {
                self.flush();
                let depth = self.preformatted;
                self.preformatted = if tag.end { depth.saturating_sub(1) } else { depth + 1 };
            }
            _ if BLOCKS.contains(&name) => self.flush(),
            _ => {}
        }
    }

    fn list_tag(&mut self, name: &str, tag: &Tag<'_>) {
        match (name, tag.end) {
            ("li", false) => {
                let Some(list) = self.lists.last_mut() else { return };
                if !list.ordered {
                    return;
                }
                let own = tag.attribute("value").and_then(|value| value.parse().ok());
                let number = own.unwrap_or(list.next);
                list.next = number.saturating_add(1);
                let text = number_format::render(list.format, number);
                let end = if list.format == "chineseCounting" { "、" } else { ". " };
                self.line.push_str(&text);
                self.line.push_str(end);
            }
            ("li", true) => {}
            (_, true) => {
                self.lists.pop();
            }
            (_, false) if self.lists.len() < 64 => {
                let start = tag.attribute("start").and_then(|value| value.parse().ok());
                let format = list_format(tag);
                self.lists.push(List { ordered: name == "ol", format, next: start.unwrap_or(1) });
            }
            _ => {}
        }
    }

    fn table_tag(&mut self, name: &str, tag: &Tag<'_>) {
        match (name, tag.end) {
            ("table", false) => self.start_table(),
            ("table", true) => {
                if let Some(table) = self.tables.pop() {
                    self.end_table(table);
                }
            }
            ("caption", _) => {}
            ("tr", false) => {
                if let Some(table) = self.tables.last_mut() {
                    table.end_cell();
                    // A cell above may cover the last columns of the row that ends here.
                    table.cover();
                    table.grid.rows.push(Vec::new());
                }
            }
            (_, false) => {
                if let Some(table) = self.tables.last_mut() {
                    table.end_cell();
                    let span = |name| tag.attribute(name).and_then(|v| v.trim().parse().ok());
                    let columns: usize = span("colspan").unwrap_or(1);
                    let rows: usize = span("rowspan").unwrap_or(1);
                    table.cell = Some((String::new(), columns.clamp(1, 200), rows.clamp(1, 5000)));
                }
            }
            (_, true) => {
                if let Some(table) = self.tables.last_mut() {
                    table.end_cell();
                }
            }
        }
    }

    /// A table inside a cell makes the outer one layout: what it held so far becomes lines.
    fn start_table(&mut self) {
        if let Some(outer) = self.tables.last_mut() {
            outer.layout = true;
            let open = outer.cell.as_mut().map(|cell| std::mem::take(&mut cell.0));
            let rows = std::mem::take(&mut outer.grid.rows);
            let cells = rows.into_iter().flatten().filter(|cell| !cell.continued);
            for text in cells.map(|cell| cell.text).chain(open) {
                self.out.paragraph(&text);
            }
        }
        if self.tables.len() < 64 {
            self.tables.push(Table::default());
        }
    }

    fn end_table(&mut self, mut table: Table) {
        table.end_cell();
        table.cover();
        table.grid.rows.retain(|row| !row.is_empty());
        if !table.layout {
            self.out.table(table.grid);
        }
    }
}

impl Table {
    /// Puts the open cell into the last row, after the columns that cells above still cover.
    fn end_cell(&mut self) {
        let Some((text, columns, rows)) = self.cell.take() else { return };
        if self.layout {
            return;
        }
        if self.grid.rows.is_empty() {
            self.grid.rows.push(Vec::new());
        }
        self.cover();
        let Some(row) = self.grid.rows.last_mut() else { return };
        let at = row.iter().map(|cell| cell.columns).sum::<usize>();
        if at > 400 {
            return;
        }
        if self.covered.len() < at + columns {
            self.covered.resize(at + columns, 0);
        }
        for slot in self.covered.iter_mut().skip(at).take(columns) {
            *slot = rows - 1;
        }
        row.push(GridCell { text, columns, continued: false });
    }

    /// Adds continued cells while the next column is covered from above.
    fn cover(&mut self) {
        let Some(row) = self.grid.rows.last_mut() else { return };
        let mut at = row.iter().map(|cell| cell.columns).sum::<usize>();
        while let Some(left) = self.covered.get_mut(at).filter(|left| **left > 0) {
            *left -= 1;
            row.push(GridCell { text: String::new(), columns: 1, continued: true });
            at += 1;
        }
    }
}

fn list_format(tag: &Tag<'_>) -> &'static str {
    let style = tag.attribute("style").unwrap_or_default().to_ascii_lowercase();
    if ["cjk-ideographic", "simp-chinese-informal", "trad-chinese-informal"]
        .iter()
        .any(|name| style.contains(name))
    {
        return "chineseCounting";
    }
    match tag.attribute("type").as_deref() {
        Some("a") => "lowerLetter",
        Some("A") => "upperLetter",
        Some("i") => "lowerRoman",
        Some("I") => "upperRoman",
        _ => "decimal",
    }
}
