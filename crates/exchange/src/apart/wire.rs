//! Question and answer as bytes. Lengths stand before what they measure and are believed only as
//! far as bytes are there; an answer that was cut off lacks its last byte.

use super::{ApartBounds, FORMATS, OFFICE_EXTENSIONS};
use crate::error::ExchangeFault;
use crate::workbook::{CellContent, MergedArea, Sheet, SheetCell, SheetRow, WorkbookRows};
use crate::{DocumentText, ExchangeError, Limits, TableText};
use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::sync::{Mutex, PoisonError};
use taizhang_diagnostics::Message;

/// First bytes of a question.
const MARK: &[u8; 8] = b"tz-read1";
/// Last byte of an answer.
const END: u8 = 0xE5;
/// Longest name that goes along, bytes.
const NAME_BYTES_MAX: usize = 1024;
/// Most codes of refusals that are remembered.
const CODES_MAX: usize = 1000;

/// What is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    Document,
    Workbook,
    /// A workbook row by row; its fields stand between the question and the file.
    Rows,
}

impl Task {
    pub(super) const fn memory_bytes(self, bounds: &ApartBounds) -> u64 {
        match self {
            Self::Document => bounds.document_memory_bytes,
            Self::Workbook | Self::Rows => bounds.workbook_memory_bytes,
        }
    }

    pub(super) const fn processor_seconds(self, bounds: &ApartBounds) -> u64 {
        match self {
            Self::Document | Self::Workbook => bounds.processor_seconds,
            Self::Rows => bounds.rows_processor_seconds,
        }
    }

    const fn mark(self) -> u8 {
        match self {
            Self::Document => 0,
            Self::Workbook => 1,
            Self::Rows => 2,
        }
    }
}

/// What the parent asks; the file follows.
pub(super) struct Question<'a> {
    pub(super) task: Task,
    pub(super) name_hint: Option<&'a str>,
    pub(super) limits: &'a Limits,
}

/// A question as the child takes it.
pub(super) struct Head {
    pub(super) task: Task,
    pub(super) memory_bytes: u64,
    pub(super) processor_seconds: u64,
    pub(super) limits: Limits,
    pub(super) name_hint: Option<String>,
}

/// What was read.
#[derive(Debug, PartialEq)]
pub(super) enum Answer {
    Document(DocumentText),
    /// LibreOffice is needed first, which the child may not start.
    Office(&'static str),
    Workbook(WorkbookRows),
}

/// The most that an answer may measure: text, its tables and some room; cells with their texts.
pub(super) fn answer_bytes_max(question: &Question<'_>) -> u64 {
    let limits = question.limits;
    let text = u64::try_from(limits.output_bytes).unwrap_or(u64::MAX);
    let cells = u64::try_from(limits.workbook_cells).unwrap_or(u64::MAX);
    match question.task {
        Task::Document => text.saturating_mul(3).saturating_add(1 << 20),
        Task::Workbook | Task::Rows => {
            cells.saturating_mul(16).saturating_add(limits.inflated_bytes)
        }
    }
}

macro_rules! limit_fields {
    ($($field:ident),+ $(,)?) => {
        fn limit_numbers(limits: &Limits) -> Vec<u64> {
            vec![$(u64::try_from(limits.$field).unwrap_or(u64::MAX)),+]
        }

        fn limits_of(numbers: &mut impl Iterator<Item = u64>) -> Option<Limits> {
            Some(Limits { $($field: numbers.next()?.try_into().ok()?),+ })
        }

        const LIMIT_COUNT: usize = [$(stringify!($field)),+].len();
    };
}

limit_fields!(
    container_bytes,
    container_entries,
    inflated_bytes,
    ratio,
    ratio_free_bytes,
    xml_depth,
    xml_attributes,
    xml_token_bytes,
    xml_elements,
    pdf_bytes,
    pages,
    pdf_nesting,
    pdf_operators,
    text_bytes,
    output_bytes,
    sheet_rows,
    sheet_columns,
    workbook_cells,
    cell_characters,
    shared_strings_bytes,
    office_seconds,
);

impl Question<'_> {
    pub(super) fn encode(&self, bounds: &ApartBounds) -> Vec<u8> {
        let mut head = MARK.to_vec();
        head.push(self.task.mark());
        let own = [self.task.memory_bytes(bounds), self.task.processor_seconds(bounds)];
        for number in own.into_iter().chain(limit_numbers(self.limits)) {
            head.extend(number.to_le_bytes());
        }
        // Only the ending of a name plays a part, so a long name is cut from the front.
        let name = self.name_hint.unwrap_or_default();
        let from = name.len().saturating_sub(NAME_BYTES_MAX);
        let name = (from..=name.len()).find_map(|from| name.get(from..)).unwrap_or_default();
        head.push(u8::from(self.name_hint.is_some()));
        head.extend(u32::try_from(name.len()).unwrap_or(0).to_le_bytes());
        head.extend(name.as_bytes());
        head
    }
}

impl Head {
    pub(super) fn read(input: &mut impl Read) -> io::Result<Self> {
        let wrong = || io::Error::new(io::ErrorKind::InvalidData, "no question");
        let mut fixed = vec![0_u8; MARK.len() + 1 + 8 * (2 + LIMIT_COUNT) + 5];
        input.read_exact(&mut fixed)?;
        let mut rest = Rest(&fixed);
        if rest.bytes(MARK.len()) != Some(MARK) {
            return Err(wrong());
        }
        let task = match rest.byte() {
            Some(0) => Task::Document,
            Some(1) => Task::Workbook,
            Some(2) => Task::Rows,
            _ => return Err(wrong()),
        };
        let memory_bytes = rest.long().ok_or_else(wrong)?;
        let processor_seconds = rest.long().ok_or_else(wrong)?;
        let mut numbers = (0..LIMIT_COUNT).map_while(|_| rest.long());
        let limits = limits_of(&mut numbers).ok_or_else(wrong)?;
        let has_name = rest.byte() == Some(1);
        let length = rest.length().filter(|length| *length <= NAME_BYTES_MAX).ok_or_else(wrong)?;
        let mut name = vec![0_u8; length];
        input.read_exact(&mut name)?;
        let name = String::from_utf8(name).map_err(|_| wrong())?;
        let name_hint = has_name.then_some(name);
        Ok(Self { task, memory_bytes, processor_seconds, limits, name_hint })
    }
}

/// Writes an answer or a refusal.
pub(super) fn encode(
    result: &Result<Answer, ExchangeError>,
    out: &mut impl Write,
) -> io::Result<()> {
    match result {
        Ok(Answer::Document(document)) => {
            out.write_all(&[0])?;
            put_document(out, document)?;
        }
        Ok(Answer::Office(extension)) => {
            out.write_all(&[1])?;
            put_text(out, extension)?;
        }
        Ok(Answer::Workbook(book)) => {
            out.write_all(&[2])?;
            put_workbook(out, book)?;
        }
        Err(error) => {
            out.write_all(&[3])?;
            put_fault(out, error)?;
        }
    }
    out.write_all(&[END])
}

/// The answer in some bytes; `None` if they are not whole.
pub(super) fn decode(bytes: &[u8]) -> Option<Result<Answer, ExchangeError>> {
    let mut rest = Rest(bytes);
    let result = match rest.byte()? {
        0 => Ok(Answer::Document(rest.document()?)),
        1 => {
            let found = rest.text()?;
            Ok(Answer::Office(OFFICE_EXTENSIONS.into_iter().find(|known| *known == found)?))
        }
        2 => Ok(Answer::Workbook(rest.workbook()?)),
        3 => Err(ExchangeError::from_fault(rest.fault()?)),
        _ => return None,
    };
    (rest.byte()? == END && rest.0.is_empty()).then_some(result)
}

pub(super) fn put_number(out: &mut impl Write, number: usize) -> io::Result<()> {
    let number = u32::try_from(number)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "an answer is too long"))?;
    out.write_all(&number.to_le_bytes())
}

pub(super) fn put_text(out: &mut impl Write, text: &str) -> io::Result<()> {
    put_number(out, text.len())?;
    out.write_all(text.as_bytes())
}

pub(super) fn put_optional(out: &mut impl Write, text: Option<&str>) -> io::Result<()> {
    out.write_all(&[u8::from(text.is_some())])?;
    text.map_or(Ok(()), |text| put_text(out, text))
}

fn put_message(out: &mut impl Write, message: &Message) -> io::Result<()> {
    put_text(out, &message.zh)?;
    put_text(out, &message.en)
}

pub(super) fn put_messages(out: &mut impl Write, messages: &[Message]) -> io::Result<()> {
    put_number(out, messages.len())?;
    messages.iter().try_for_each(|message| put_message(out, message))
}

fn put_document(out: &mut impl Write, document: &DocumentText) -> io::Result<()> {
    let format = FORMATS.iter().position(|known| *known == document.format).unwrap_or(0);
    put_number(out, format)?;
    put_text(out, &document.text)?;
    put_messages(out, &document.notes)?;
    put_number(out, document.tables.len())?;
    for table in &document.tables {
        put_number(out, table.first_line)?;
        put_number(out, table.line_count)?;
        put_number(out, table.rows.len())?;
        for row in &table.rows {
            put_number(out, row.len())?;
            row.iter().try_for_each(|cell| put_text(out, cell))?;
        }
    }
    Ok(())
}

fn put_workbook(out: &mut impl Write, book: &WorkbookRows) -> io::Result<()> {
    put_messages(out, &book.notes)?;
    put_number(out, book.sheets.len())?;
    for sheet in &book.sheets {
        put_text(out, &sheet.name)?;
        put_number(out, sheet.merged.len())?;
        for area in &sheet.merged {
            for number in [area.first_row, area.first_column, area.last_row, area.last_column] {
                out.write_all(&number.to_le_bytes())?;
            }
        }
        put_number(out, sheet.rows.len())?;
        for row in &sheet.rows {
            out.write_all(&row.number.to_le_bytes())?;
            put_number(out, row.cells.len())?;
            row.cells.iter().try_for_each(|cell| put_cell(out, cell))?;
        }
    }
    Ok(())
}

pub(super) fn put_cell(out: &mut impl Write, cell: &SheetCell) -> io::Result<()> {
    let marks = (u8::from(cell.is_formula) << 3) | (u8::from(cell.is_percent) << 4);
    match &cell.content {
        CellContent::Empty => out.write_all(&[marks]),
        CellContent::Text(text) => {
            out.write_all(&[marks | 1])?;
            put_text(out, text)
        }
        CellContent::Number(number) => {
            out.write_all(&[marks | 2])?;
            out.write_all(&number.to_le_bytes())
        }
        CellContent::Serial(number) => {
            out.write_all(&[marks | 3])?;
            out.write_all(&number.to_le_bytes())
        }
        CellContent::Boolean(truth) => out.write_all(&[marks | 4, u8::from(*truth)]),
        CellContent::Error(text) => {
            out.write_all(&[marks | 5])?;
            put_text(out, text)
        }
    }
}

pub(super) fn put_fault(out: &mut impl Write, fault: &ExchangeFault) -> io::Result<()> {
    put_text(out, fault.code)?;
    put_message(out, &fault.message)?;
    put_messages(out, fault.help.as_slice())?;
    put_messages(out, fault.place.as_slice())?;
    put_number(out, fault.tried.len())?;
    fault.tried.iter().try_for_each(|tried| put_text(out, tried))
}

/// Bytes that are still to be read. Every method gives `None` where they do not suffice.
pub(super) struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    pub(super) const fn of(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// A text, or that there is none.
    pub(super) fn optional(&mut self) -> Option<Option<String>> {
        match self.byte()? {
            0 => Some(None),
            _ => self.text().map(Some),
        }
    }

    pub(super) fn row(&mut self) -> Option<SheetRow> {
        Some(SheetRow { number: self.number()?, cells: self.many(Self::cell)? })
    }

    /// Bytes that are left.
    pub(super) const fn left(&self) -> usize {
        self.0.len()
    }

    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(head)
    }

    pub(super) fn array<const COUNT: usize>(&mut self) -> Option<[u8; COUNT]> {
        self.bytes(COUNT)?.try_into().ok()
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(super) fn number(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn long(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(super) fn length(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    pub(super) fn text(&mut self) -> Option<String> {
        let length = self.length()?;
        String::from_utf8(self.bytes(length)?.to_vec()).ok()
    }

    /// As many items as a number says. What each needs is read before room is made for the next.
    pub(super) fn many<T>(&mut self, item: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.length()?;
        let mut items = Vec::with_capacity(count.min(self.0.len()).min(1 << 16));
        for _ in 0..count {
            items.push(item(self)?);
        }
        Some(items)
    }

    pub(super) fn message(&mut self) -> Option<Message> {
        Some(Message::new(self.text()?, self.text()?))
    }

    fn document(&mut self) -> Option<DocumentText> {
        let format = *FORMATS.get(self.length()?)?;
        let text = self.text()?;
        let notes = self.many(Self::message)?;
        let table = |rest: &mut Self| {
            Some(TableText {
                first_line: rest.length()?,
                line_count: rest.length()?,
                rows: rest.many(|rest| rest.many(Self::text))?,
            })
        };
        Some(DocumentText { text, tables: self.many(table)?, format, notes })
    }

    fn workbook(&mut self) -> Option<WorkbookRows> {
        let notes = self.many(Self::message)?;
        let area = |rest: &mut Self| {
            Some(MergedArea {
                first_row: rest.number()?,
                first_column: rest.number()?,
                last_row: rest.number()?,
                last_column: rest.number()?,
            })
        };
        let sheet = |rest: &mut Self| {
            let name = rest.text()?;
            let merged = rest.many(area)?;
            Some(Sheet { name, rows: rest.many(Self::row)?, merged })
        };
        Some(WorkbookRows { sheets: self.many(sheet)?, notes })
    }

    fn cell(&mut self) -> Option<SheetCell> {
        let mark = self.byte()?;
        let content = match mark & 7 {
            0 => CellContent::Empty,
            1 => CellContent::Text(self.text()?),
            2 => CellContent::Number(self.array().map(f64::from_le_bytes)?),
            3 => CellContent::Serial(self.array().map(f64::from_le_bytes)?),
            4 => CellContent::Boolean(self.byte()? == 1),
            5 => CellContent::Error(self.text()?),
            _ => return None,
        };
        Some(SheetCell { content, is_formula: mark & 8 != 0, is_percent: mark & 16 != 0 })
    }

    pub(super) fn fault(&mut self) -> Option<ExchangeFault> {
        Some(ExchangeFault {
            code: known_code(&self.text()?)?,
            message: self.message()?,
            help: self.many(Self::message)?.pop(),
            place: self.many(Self::message)?.pop(),
            tried: self.many(Self::text)?,
        })
    }
}

/// A code for the rest of the process's life. Codes are few and short; others are none.
fn known_code(code: &str) -> Option<&'static str> {
    static KNOWN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let is_code = code.len() == 5 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = known.get(code) {
        return Some(found);
    }
    if !is_code || known.len() >= CODES_MAX {
        return None;
    }
    let kept: &'static str = String::leak(code.to_owned());
    known.insert(kept);
    Some(kept)
}

#[cfg(test)]
mod tests {
    use super::{Answer, Head, Question, Task, decode, encode};
    use crate::apart::ApartBounds;
    use crate::{Limits, document_text, read_workbook};

    fn round(result: &Result<Answer, crate::ExchangeError>) {
        let mut bytes = Vec::new();
        encode(result, &mut bytes).unwrap();
        assert_eq!(decode(&bytes).as_ref(), Some(result));
        for cut in 0..bytes.len() {
            assert_eq!(decode(&bytes[..cut]), None, "cut at {cut}");
        }
        for place in 0..bytes.len() {
            bytes[place] ^= 0x55;
            // Any bytes give a value or nothing, never a panic or a huge allocation.
            let _ = decode(&bytes);
            bytes[place] ^= 0x55;
        }
    }

    #[test]
    fn answers_come_back_as_they_went() {
        let limits = Limits::default();
        let page = "<html><p>一、问题</p><table><tr><td>序号<td>问题</tr><tr><td>1<td>甲|乙</tr>\
                    </table></html>";
        round(&document_text(page.as_bytes(), None, &limits).map(Answer::Document));
        round(&document_text(b"  ", None, &limits).map(Answer::Document));
        round(&document_text(b"\x89PNG\xff", None, &limits).map(Answer::Document));
        round(&Ok(Answer::Office("wps")));
        let sheet = "序号,问题\n1,甲\n2,\"乙\n丙\"\n";
        round(&read_workbook(sheet.as_bytes(), &limits).map(Answer::Workbook));
        round(&read_workbook(b"", &limits).map(Answer::Workbook));
    }

    #[test]
    fn question_carries_limits_bounds_and_the_end_of_a_long_name() {
        let limits = Limits { pages: 7, ratio: 3, ..Limits::default() };
        let bounds = ApartBounds { processor_seconds: 9, ..ApartBounds::default() };
        let name = format!("{}.wps", "长".repeat(1000));
        let question = Question { task: Task::Workbook, name_hint: Some(&name), limits: &limits };
        let head = Head::read(&mut question.encode(&bounds).as_slice()).unwrap();
        assert_eq!((head.task, head.limits), (Task::Workbook, limits));
        assert_eq!((head.memory_bytes, head.processor_seconds), (1 << 30, 9));
        assert!(head.name_hint.unwrap().ends_with("长.wps"));
        assert!(Head::read(&mut b"something else entirely".as_slice()).is_err());
    }
}
