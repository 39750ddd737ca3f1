//! Office Open XML workbooks, streamed: the sheet's own dimension is ignored, only what is read
//! is held.
//!
//! Our own reader and not a library's, because the libraries allocate by counts that the file
//! claims; here every allocation follows bytes that were read.

use super::scan::Scanner;
use super::sheet_rows::SheetRows;
use super::{CellBudget, MergedArea, Sheet, WorkbookRows};
use crate::container::{Container, EntryReader, damaged, from_io};
use crate::xml::{self, Element};
use crate::{ExchangeError, Limits};
use quick_xml::Reader;
use quick_xml::events::Event;
use std::collections::HashMap;
use std::io::BufReader;
use taizhang_diagnostics::Message;

/// What a cell's style makes of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum NumberKind {
    #[default]
    Plain,
    Date,
    Percent,
}

/// A workbook that was opened: what its cells need, and where its sheets lie.
pub(super) struct Book<'a> {
    container: Container<'a>,
    context: Context,
    sheets: Vec<(String, String)>,
    notes: Vec<Message>,
}

/// The reader of one sheet's rows.
pub(super) type Rows<'b> = SheetRows<'b, EntryReader<'b>>;

impl<'a> Book<'a> {
    /// Reads everything but the sheets.
    ///
    /// # Errors
    /// Limits, damage, passwords; a container that is no workbook.
    pub(super) fn open(bytes: &'a [u8], limits: &'a Limits) -> Result<Self, ExchangeError> {
        let mut container = Container::open(bytes, limits)?;
        let main = main_part(&mut container, limits)?;
        let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let book = tree(&mut container, &main, limits)?.ok_or_else(not_a_workbook)?;
        let targets = relations(&mut container, &folder, &main, limits)?;
        let by_kind = |kind: &str, usual: &str| {
            let found =
                targets.values().find(|(k, _)| k.ends_with(kind)).map(|(_, path)| path.clone());
            found.unwrap_or_else(|| join(&folder, usual))
        };
        let styles = tree(&mut container, &by_kind("/styles", "styles.xml"), limits)?;
        let kinds = styles.as_ref().map_or_else(Vec::new, number_kinds);
        let strings_path = by_kind("/sharedStrings", "sharedStrings.xml");
        let strings = match container.stream(&strings_path)? {
            Some(entry) => {
                shared_strings(entry.guarded(limits.shared_strings_bytes), &strings_path)?
            }
            None => Strings::default(),
        };
        let is_1904 = book
            .child("workbookPr")
            .and_then(|properties| properties.attribute("date1904"))
            .is_some_and(|value| matches!(value, "1" | "true"));
        let context = Context { kinds, strings, is_1904, limits: limits.clone() };
        let mut opened = Self { container, context, sheets: Vec::new(), notes: Vec::new() };
        for sheet in book.child("sheets").iter().flat_map(|sheets| sheets.elements()) {
            opened.add_sheet(sheet, &targets);
        }
        Ok(opened)
    }

    fn add_sheet(&mut self, sheet: &Element, targets: &HashMap<String, (String, String)>) {
        let name = sheet.attribute("name").unwrap_or_default().to_owned();
        if matches!(sheet.attribute("state"), Some("hidden" | "veryHidden")) {
            self.notes.push(Message::new("隐藏的工作表未读入", "a hidden sheet is left out"));
            return;
        }
        let target = sheet.attribute("id").and_then(|id| targets.get(id));
        if let Some((kind, path)) = target
            && kind.ends_with("/worksheet")
        {
            self.sheets.push((name, path.clone()));
        }
    }

    /// Names of the visible sheets in order.
    pub(super) fn sheet_names(&self) -> Vec<String> {
        self.sheets.iter().map(|(name, _)| name.clone()).collect()
    }

    /// What was left out.
    pub(super) fn notes(&self) -> &[Message] {
        &self.notes
    }

    /// The rows of one sheet from its start; none if there is no such sheet.
    pub(super) fn rows(&mut self, index: usize) -> Result<Option<Rows<'_>>, ExchangeError> {
        let Some((name, path)) = self.sheets.get(index) else { return Ok(None) };
        let limits = &self.context.limits;
        let Some(entry) = self.container.stream(path)? else { return Ok(None) };
        let scanner = Scanner::new(entry.held_below(limits.inflated_bytes), name, limits);
        Ok(Some(SheetRows::new(scanner, &self.context)))
    }
}

/// Reads all visible sheets.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<WorkbookRows, ExchangeError> {
    let mut book = Book::open(bytes, limits)?;
    let mut result = WorkbookRows { notes: book.notes().to_vec(), ..WorkbookRows::default() };
    let mut budget = CellBudget::new(limits);
    for (index, name) in book.sheet_names().into_iter().enumerate() {
        let Some(mut rows) = book.rows(index)? else { continue };
        let mut sheet = Sheet { name, ..Sheet::default() };
        while rows.advance(&mut budget).map_err(|error| error.at(&sheet.name))? {
            sheet.rows.push(rows.row().to_row());
        }
        sheet.merged = rows.into_merged();
        // Rows are nearly always in order; a file that has them otherwise is still read right.
        sheet.rows.sort_by_key(|row| row.number);
        sheet.rows.dedup_by_key(|row| row.number);
        result.sheets.push(sheet);
    }
    Ok(result)
}

fn not_a_workbook() -> ExchangeError {
    ExchangeError::new("X0706", "这不是工作簿，或已损坏", "this is no workbook, or it is damaged")
        .help("请用 Excel 或 WPS 打开后另存为 .xlsx 再上传", "save it as .xlsx and upload that")
        .tried("xlsx")
}

fn join(folder: &str, path: &str) -> String {
    match path.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None if folder.is_empty() => path.to_owned(),
        None => format!("{folder}/{path}"),
    }
}

fn tree(
    container: &mut Container<'_>,
    path: &str,
    limits: &Limits,
) -> Result<Option<Element>, ExchangeError> {
    let Some(bytes) = container.read(path)? else { return Ok(None) };
    xml::parse(&bytes, path, limits).map(Some)
}

fn main_part(container: &mut Container<'_>, limits: &Limits) -> Result<String, ExchangeError> {
    const USUAL: &str = "xl/workbook.xml";
    if container.has(USUAL) {
        return Ok(USUAL.to_owned());
    }
    let root = tree(container, "_rels/.rels", limits)?.ok_or_else(not_a_workbook)?;
    let target = root.elements().find(|relation| {
        relation.attribute("Type").is_some_and(|kind| kind.ends_with("/officeDocument"))
    });
    target
        .and_then(|relation| relation.attribute("Target"))
        .map(|target| target.trim_start_matches('/').to_owned())
        .filter(|target| container.has(target))
        .ok_or_else(not_a_workbook)
}

/// Relation id → (type, path).
fn relations(
    container: &mut Container<'_>,
    folder: &str,
    main: &str,
    limits: &Limits,
) -> Result<HashMap<String, (String, String)>, ExchangeError> {
    let file = main.rsplit('/').next().unwrap_or(main);
    let path = join(folder, &format!("_rels/{file}.rels"));
    let Some(root) = tree(container, &path, limits)? else { return Ok(HashMap::new()) };
    let entry = |relation: &Element| {
        let target = join(folder, relation.attribute("Target")?);
        Some((
            relation.attribute("Id")?.to_owned(),
            (relation.attribute("Type")?.to_owned(), target),
        ))
    };
    Ok(root.elements().filter_map(entry).collect())
}

/// By style index: what numbers of that style are.
fn number_kinds(styles: &Element) -> Vec<NumberKind> {
    let own: HashMap<&str, NumberKind> = styles
        .child("numFmts")
        .iter()
        .flat_map(|formats| formats.elements())
        .filter_map(|format| {
            Some((format.attribute("numFmtId")?, kind_of_code(format.attribute("formatCode")?)))
        })
        .collect();
    let kind = |style: &Element| {
        let id = style.attribute("numFmtId").unwrap_or("0");
        own.get(id).copied().unwrap_or_else(|| built_in(id))
    };
    styles.child("cellXfs").map_or_else(Vec::new, |list| list.elements().map(kind).collect())
}

/// Built-in number formats (ECMA-376 18.8.30), Chinese ones included.
fn built_in(id: &str) -> NumberKind {
    match id.parse::<u32>() {
        Ok(9 | 10) => NumberKind::Percent,
        Ok(14..=22 | 27..=36 | 45..=47 | 50..=58) => NumberKind::Date,
        _ => NumberKind::Plain,
    }
}

/// A format code shows a date when it has date letters outside quotes and brackets.
fn kind_of_code(code: &str) -> NumberKind {
    let mut quoted = false;
    let mut bracketed = false;
    let mut escaped = false;
    for character in code.chars() {
        match character {
            _ if std::mem::take(&mut escaped) => {}
            '\\' | '_' | '*' => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '[' => bracketed = true,
            ']' => bracketed = false,
            _ if bracketed => {}
            '%' => return NumberKind::Percent,
            'y' | 'Y' | 'd' | 'D' | 'm' | 'M' | 'h' | 'H' => return NumberKind::Date,
            ';' => break,
            _ => {}
        }
    }
    NumberKind::Plain
}

type Xml<'c> = Reader<BufReader<EntryReader<'c>>>;

fn open(entry: EntryReader<'_>) -> Xml<'_> {
    Reader::from_reader(BufReader::with_capacity(64 * 1024, entry))
}

/// The next event; limits that stopped the reader come out as themselves.
fn next<'b>(
    reader: &mut Xml<'_>,
    buffer: &'b mut Vec<u8>,
    place: &str,
) -> Result<Event<'b>, ExchangeError> {
    buffer.clear();
    reader.read_event_into(buffer).map_err(|error| match error {
        quick_xml::Error::Io(error) => from_io(&error, place),
        _ => damaged().at(place),
    })
}

/// Adds character data and references to a text.
fn push_text(event: &Event<'_>, text: &mut String) {
    match event {
        Event::Text(piece) => text.push_str(&piece.xml10_content()),
        Event::CData(piece) => text.push_str(&piece.xml10_content()),
        Event::GeneralRef(reference) => match reference.resolve_char_ref() {
            Ok(Some(character)) => text.push(character),
            _ => text.push_str(match &**reference {
                "lt" => "<",
                "gt" => ">",
                "amp" => "&",
                "quot" => "\"",
                "apos" => "'",
                _ => "",
            }),
        },
        _ => {}
    }
}

fn shared_strings(entry: EntryReader<'_>, place: &str) -> Result<Strings, ExchangeError> {
    let mut reader = open(entry);
    let mut buffer = Vec::new();
    let mut strings = Strings::default();
    let mut text = String::new();
    let (mut in_text, mut in_phonetic) = (false, false);
    loop {
        let event = next(&mut reader, &mut buffer, place)?;
        match &event {
            Event::Start(start) => match start.local_name().into_inner() {
                "t" => in_text = !in_phonetic,
                "rPh" => in_phonetic = true,
                _ => {}
            },
            Event::Empty(start) if start.local_name().into_inner() == "si" => {
                strings.push("");
            }
            Event::End(end) => match end.local_name().into_inner() {
                "t" => in_text = false,
                "rPh" => in_phonetic = false,
                "si" => strings.push(&unescape_controls(std::mem::take(&mut text))),
                "sst" => return Ok(strings),
                _ => {}
            },
            Event::Eof => return Ok(strings),
            _ if in_text => push_text(&event, &mut text),
            _ => {}
        }
    }
}

/// `_xHHHH_` stands for one UTF-16 unit (ECMA-376 22.4.2.4); line ends become `\n`.
pub(super) fn unescape_controls(text: String) -> String {
    if !text.contains("_x") {
        return plain_line_ends(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("_x") {
        plain.push_str(before);
        let code = after.split_at_checked(5).and_then(|(code, rest)| {
            let unit = u32::from_str_radix(code.strip_suffix('_')?, 16).ok()?;
            Some((char::from_u32(unit)?, rest))
        });
        match code {
            Some((character, after)) => {
                plain.push(character);
                rest = after;
            }
            None => {
                plain.push_str("_x");
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain_line_ends(plain)
}

fn plain_line_ends(text: String) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text }
}

/// Shared strings, one behind the other.
#[derive(Default)]
struct Strings {
    text: String,
    ends: Vec<usize>,
}

impl Strings {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    fn get(&self, index: usize) -> &str {
        let start = match index.checked_sub(1) {
            Some(before) => self.ends.get(before).copied(),
            None => Some(0),
        };
        let range = start.zip(self.ends.get(index).copied());
        range.and_then(|(start, end)| self.text.get(start..end)).unwrap_or_default()
    }
}

/// What cells need from the rest of the workbook.
pub(super) struct Context {
    kinds: Vec<NumberKind>,
    strings: Strings,
    is_1904: bool,
    limits: Limits,
}

impl Context {
    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(super) fn is_1904(&self) -> bool {
        self.is_1904
    }

    /// What numbers of a style are.
    pub(super) fn kind(&self, style: usize) -> NumberKind {
        self.kinds.get(style).copied().unwrap_or_default()
    }

    /// A shared string; empty if there is none of that index.
    pub(super) fn shared(&self, index: usize) -> &str {
        self.strings.get(index)
    }
}

/// Row and column from 0 of `B12`.
pub(super) fn cell_place(reference: &[u8]) -> Option<(u32, u32)> {
    let letters = reference.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let (column, row) = reference.split_at_checked(letters)?;
    let column = column.iter().try_fold(0_u32, |sum, letter| {
        sum.checked_mul(26)?.checked_add(u32::from(letter.to_ascii_uppercase() - b'A' + 1))
    })?;
    let row = row.iter().try_fold(0_u32, |sum, digit| {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 10)?;
        sum.checked_mul(10)?.checked_add(u32::from(digit))
    })?;
    Some((row.checked_sub(1)?, column.checked_sub(1)?))
}

pub(super) fn merged_area(reference: &[u8]) -> Option<MergedArea> {
    let colon = reference.iter().position(|byte| *byte == b':')?;
    let (first, last) = reference.split_at_checked(colon)?;
    Some(MergedArea::between(cell_place(first)?, cell_place(last.get(1..)?)?))
}
