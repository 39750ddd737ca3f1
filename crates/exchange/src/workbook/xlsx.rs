//! Office Open XML workbooks, streamed: the sheet's own dimension is ignored, only what is read
//! is held.
//!
//! Our own reader and not a library's, because the libraries allocate by counts that the file
//! claims; here every allocation follows bytes that were read.

use super::{CellBudget, CellContent, MergedArea, Sheet, SheetCell, SheetRow, WorkbookRows, place};
use crate::container::{Container, EntryReader, damaged, from_io};
use crate::xml::{self, Element};
use crate::{ExchangeError, Limits};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::{HashMap, HashSet};
use std::io::BufReader;
use taizhang_diagnostics::Message;

/// Days between the epochs of the 1904 and the 1900 date systems.
const EPOCH_1904_DAYS: f64 = 1462.0;

/// Merged areas kept of one sheet.
const MERGED_MAX: usize = 100_000;

/// What a cell's style makes of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum NumberKind {
    #[default]
    Plain,
    Date,
    Percent,
}

/// Reads all visible sheets.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<WorkbookRows, ExchangeError> {
    let mut container = Container::open(bytes, limits)?;
    let main = main_part(&mut container, limits)?;
    let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let book = tree(&mut container, &main, limits)?.ok_or_else(not_a_workbook)?;
    let targets = relations(&mut container, &folder, &main, limits)?;
    let by_kind = |kind: &str, usual: &str| {
        let found = targets.values().find(|(k, _)| k.ends_with(kind)).map(|(_, path)| path.clone());
        found.unwrap_or_else(|| join(&folder, usual))
    };
    let styles = tree(&mut container, &by_kind("/styles", "styles.xml"), limits)?;
    let kinds = styles.as_ref().map_or_else(Vec::new, number_kinds);
    let strings_path = by_kind("/sharedStrings", "sharedStrings.xml");
    let strings = match container.stream(&strings_path)? {
        Some(entry) => shared_strings(entry.guarded(limits.shared_strings_bytes), &strings_path)?,
        None => Vec::new(),
    };
    let is_1904 = book
        .child("workbookPr")
        .and_then(|properties| properties.attribute("date1904"))
        .is_some_and(|value| matches!(value, "1" | "true"));
    let mut result = WorkbookRows::default();
    let context = Context { kinds: &kinds, strings: &strings, is_1904 };
    let mut budget = CellBudget::new(limits);
    for sheet in book.child("sheets").iter().flat_map(|sheets| sheets.elements()) {
        let name = sheet.attribute("name").unwrap_or_default().to_owned();
        if matches!(sheet.attribute("state"), Some("hidden" | "veryHidden")) {
            result.notes.push(Message::new("隐藏的工作表未读入", "a hidden sheet is left out"));
            continue;
        }
        let Some((kind, path)) = sheet.attribute("id").and_then(|id| targets.get(id)) else {
            continue;
        };
        if !kind.ends_with("/worksheet") {
            continue;
        }
        if let Some(entry) = container.stream(path)? {
            let reader = entry.guarded(limits.inflated_bytes);
            let read =
                read_sheet(reader, &context, &mut budget).map_err(|error| error.at(&name))?;
            result.sheets.push(Sheet { name, ..read });
        }
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

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|a| a.key.local_name().into_inner() == name);
    found.and_then(|a| quick_xml::escape::unescape(&a.value).ok().map(std::borrow::Cow::into_owned))
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

fn shared_strings(entry: EntryReader<'_>, place: &str) -> Result<Vec<String>, ExchangeError> {
    let mut reader = open(entry);
    let mut buffer = Vec::new();
    let mut strings = Vec::new();
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
                strings.push(String::new());
            }
            Event::End(end) => match end.local_name().into_inner() {
                "t" => in_text = false,
                "rPh" => in_phonetic = false,
                "si" => strings.push(unescape_controls(std::mem::take(&mut text))),
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
fn unescape_controls(text: String) -> String {
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

/// What cells need from the rest of the workbook.
struct Context<'a> {
    kinds: &'a [NumberKind],
    strings: &'a [String],
    is_1904: bool,
}

/// A cell while it is read.
#[derive(Default)]
struct OpenCell {
    column: usize,
    style: usize,
    kind: String,
    value: String,
    is_formula: bool,
    formula: String,
    /// Index of the shared formula that this cell takes part in.
    shared: Option<String>,
}

/// Where the reader stands within a sheet.
#[derive(Default)]
struct Cursor {
    row: u32,
    column: usize,
    cells: Vec<SheetCell>,
    cell: Option<OpenCell>,
    takes_text: bool,
    takes_formula: bool,
    /// Shared formulas that only count rows.
    counting: HashSet<String>,
}

fn read_sheet(
    entry: EntryReader<'_>,
    context: &Context<'_>,
    budget: &mut CellBudget<'_>,
) -> Result<Sheet, ExchangeError> {
    let mut reader = open(entry);
    let mut buffer = Vec::new();
    let mut sheet = Sheet::default();
    let mut cursor = Cursor::default();
    loop {
        let event = next(&mut reader, &mut buffer, "worksheet")?;
        match &event {
            Event::Start(start) => cursor.start(start, &mut sheet),
            Event::Empty(start) => {
                cursor.start(start, &mut sheet);
                cursor.end(start.local_name().into_inner(), context, budget, &mut sheet)?;
            }
            Event::End(end) => {
                cursor.end(end.local_name().into_inner(), context, budget, &mut sheet)?;
            }
            Event::Eof => break,
            _ => {
                if let (true, Some(cell)) = (cursor.takes_text, &mut cursor.cell) {
                    push_text(&event, &mut cell.value);
                } else if let (true, Some(cell)) = (cursor.takes_formula, &mut cursor.cell) {
                    push_text(&event, &mut cell.formula);
                }
            }
        }
    }
    // Rows are nearly always in order; a file that has them otherwise is still read right.
    sheet.rows.sort_by_key(|row| row.number);
    sheet.rows.dedup_by_key(|row| row.number);
    Ok(sheet)
}

impl Cursor {
    fn start(&mut self, start: &BytesStart<'_>, sheet: &mut Sheet) {
        match start.local_name().into_inner() {
            "row" => {
                let own = attribute(start, "r").and_then(|r| r.parse::<u32>().ok());
                self.row = own.unwrap_or(self.row.saturating_add(1)).max(1);
                self.column = 0;
            }
            "c" => {
                let place = attribute(start, "r").and_then(|r| cell_place(&r));
                if let Some((_, column)) = place {
                    self.column = usize::try_from(column).unwrap_or(usize::MAX);
                }
                self.cell = Some(OpenCell {
                    column: self.column,
                    style: attribute(start, "s").and_then(|s| s.parse().ok()).unwrap_or(0),
                    kind: attribute(start, "t").unwrap_or_default(),
                    ..OpenCell::default()
                });
                self.column = self.column.saturating_add(1);
            }
            "v" | "t" => self.takes_text = true,
            "f" => {
                if let Some(cell) = &mut self.cell {
                    cell.is_formula = true;
                    cell.shared = attribute(start, "si");
                    self.takes_formula = true;
                }
            }
            "mergeCell" if sheet.merged.len() < MERGED_MAX => {
                let area = attribute(start, "ref").and_then(|area| merged_area(&area));
                sheet.merged.extend(area);
            }
            _ => {}
        }
    }

    fn end(
        &mut self,
        name: &str,
        context: &Context<'_>,
        budget: &mut CellBudget<'_>,
        sheet: &mut Sheet,
    ) -> Result<(), ExchangeError> {
        match name {
            "v" | "t" => self.takes_text = false,
            "f" => self.takes_formula = false,
            "c" => {
                let Some(mut cell) = self.cell.take() else { return Ok(()) };
                self.settle_formula(&mut cell);
                let column = cell.column;
                let read = cell.finish(context);
                if read.content != CellContent::Empty || read.is_formula {
                    let bytes = match &read.content {
                        CellContent::Text(text) => text.len(),
                        _ => 0,
                    };
                    budget.count(self.row.saturating_sub(1), column, bytes)?;
                    place(&mut self.cells, column, read);
                }
            }
            "row" => {
                let cells = std::mem::take(&mut self.cells);
                if !cells.is_empty() && self.row > 0 {
                    sheet.rows.push(SheetRow { number: self.row, cells });
                }
            }
            _ => {}
        }
        Ok(())
    }
}

impl Cursor {
    /// Row numbers such as `=ROW()-3` cannot be stale: their stored result is taken as typed.
    fn settle_formula(&mut self, cell: &mut OpenCell) {
        let known = cell.shared.as_ref().is_some_and(|index| self.counting.contains(index));
        let counts = cell.formula.contains("ROW()")
            && cell.formula.chars().all(|c| "ROW()+- 0123456789".contains(c));
        if counts && let Some(index) = &cell.shared {
            self.counting.insert(index.clone());
        }
        let taken = counts || (known && cell.formula.is_empty());
        cell.is_formula &= !taken || cell.value.is_empty();
    }
}

impl OpenCell {
    fn finish(self, context: &Context<'_>) -> SheetCell {
        let kind = context.kinds.get(self.style).copied().unwrap_or_default();
        let content = match self.kind.as_str() {
            "s" => {
                let index = self.value.trim().parse::<usize>().ok();
                text_content(
                    index.and_then(|i| context.strings.get(i)).cloned().unwrap_or_default(),
                )
            }
            "str" | "inlineStr" => text_content(unescape_controls(self.value)),
            "b" => CellContent::Boolean(self.value.trim() == "1"),
            "e" => CellContent::Error(self.value),
            "d" => text_content(self.value),
            _ => match self.value.trim().parse::<f64>() {
                Ok(days) if kind == NumberKind::Date => {
                    let shift = if context.is_1904 { EPOCH_1904_DAYS } else { 0.0 };
                    CellContent::Serial(days + shift)
                }
                Ok(number) if number.is_finite() => CellContent::Number(number),
                _ => CellContent::Empty,
            },
        };
        SheetCell { content, is_formula: self.is_formula, is_percent: kind == NumberKind::Percent }
    }
}

fn text_content(text: String) -> CellContent {
    if text.is_empty() { CellContent::Empty } else { CellContent::Text(text) }
}

/// Row and column from 0 of `B12`.
fn cell_place(reference: &str) -> Option<(u32, u32)> {
    let letters = reference.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (column, row) = reference.split_at_checked(letters)?;
    let column = column.bytes().try_fold(0_u32, |sum, letter| {
        sum.checked_mul(26)?.checked_add(u32::from(letter.to_ascii_uppercase() - b'A' + 1))
    })?;
    Some((row.parse::<u32>().ok()?.checked_sub(1)?, column.checked_sub(1)?))
}

fn merged_area(reference: &str) -> Option<MergedArea> {
    let (first, last) = reference.split_once(':')?;
    Some(MergedArea::between(cell_place(first)?, cell_place(last)?))
}
