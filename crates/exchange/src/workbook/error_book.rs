//! The user's own sheet back with what is wrong: an error column, red cells with comments, and a
//! first sheet that counts the faults by reason.

use super::{
    CellContent, HeaderMatch, ImportCheck, RowFault, Sheet, SheetCell, SheetRow, WorkbookRows,
};
use crate::ExchangeError;
use rust_xlsxwriter::{
    Color, Format, FormatAlign, FormatBorder, Note, Workbook, Worksheet, XlsxError,
};
use std::collections::{BTreeMap, HashMap};
use taizhang_diagnostics::Message;

/// Comments written; the error column holds all faults in any case.
pub(super) const NOTES_MAX: usize = 5_000;

/// Name of the first sheet.
pub(super) const SUMMARY_NAME: &str = "错误汇总";

/// Head of the added column.
pub(super) const ERROR_HEAD: &str = "错误说明";

/// Writes the workbook that was checked with its faults marked. Cells are as they were read; the
/// columns that must not be collected stay empty. Memory stays constant, rows are written in order.
///
/// # Errors
/// The workbook cannot be written (`X0801`).
pub fn error_workbook(book: &WorkbookRows, check: &ImportCheck) -> Result<Vec<u8>, ExchangeError> {
    write(book, check).map_err(super::unwritable)
}

fn write(book: &WorkbookRows, check: &ImportCheck) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let formats = Formats::new();
    summary(workbook.add_worksheet(), check, &formats)?;
    let mut names = vec![SUMMARY_NAME.to_owned()];
    for sheet in &book.sheets {
        // A file that came back once already has a summary; the new one takes its place.
        if sheet.name == SUMMARY_NAME {
            continue;
        }
        let page = workbook.add_worksheet_with_constant_memory()?;
        let name = super::ledger_book::sheet_name(&sheet.name);
        if !name.is_empty() && !names.contains(&name) {
            page.set_name(&name)?;
            names.push(name);
        }
        if sheet.name == check.sheet {
            checked_sheet(page, sheet, check, &formats)?;
        } else {
            for row in &sheet.rows {
                for (column, cell) in row.cells.iter().enumerate() {
                    write_cell(
                        page,
                        row.number.saturating_sub(1),
                        column_number(column),
                        cell,
                        &formats.plain,
                    )?;
                }
            }
        }
    }
    workbook.save_to_buffer()
}

pub(super) fn column_number(column: usize) -> u16 {
    u16::try_from(column).unwrap_or(u16::MAX)
}

/// Formats of one background.
struct Kinds {
    text: Format,
    percent: Format,
    date: Format,
}

impl Kinds {
    fn new(base: &Format) -> Self {
        Self {
            text: base.clone().set_num_format("@"),
            percent: base.clone().set_num_format("0.########%"),
            date: base.clone().set_num_format("yyyy-mm-dd"),
        }
    }
}

pub(super) struct Formats {
    plain: Kinds,
    plain_number: Format,
    red: Kinds,
    red_number: Format,
    pub(super) head: Format,
    title: Format,
    pub(super) message: Format,
}

impl Formats {
    pub(super) fn new() -> Self {
        let base = Format::new().set_align(FormatAlign::Top).set_text_wrap();
        let red = base
            .clone()
            .set_background_color(Color::RGB(0x00FF_D6D6))
            .set_border(FormatBorder::Thin)
            .set_border_color(Color::RGB(0x00C0_0000));
        Self {
            plain: Kinds::new(&base),
            red: Kinds::new(&red),
            head: base.clone().set_bold().set_background_color(Color::RGB(0x00EE_EEEE)),
            title: Format::new().set_bold().set_font_size(14),
            message: base.clone().set_font_color(Color::RGB(0x00C0_0000)).set_num_format("@"),
            plain_number: base,
            red_number: red,
        }
    }

    fn of(&self, is_faulty: bool) -> (&Kinds, &Format) {
        if is_faulty { (&self.red, &self.red_number) } else { (&self.plain, &self.plain_number) }
    }
}

fn write_cell(
    page: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &SheetCell,
    kinds: &Kinds,
) -> Result<(), XlsxError> {
    match &cell.content {
        CellContent::Empty => {}
        CellContent::Text(text) | CellContent::Error(text) => {
            page.write_string_with_format(row, column, text, &kinds.text)?;
        }
        CellContent::Number(number) if cell.is_percent => {
            page.write_number_with_format(row, column, *number, &kinds.percent)?;
        }
        CellContent::Number(number) => {
            page.write_number(row, column, *number)?;
        }
        CellContent::Serial(days) => {
            page.write_number_with_format(row, column, *days, &kinds.date)?;
        }
        CellContent::Boolean(truth) => {
            page.write_boolean(row, column, *truth)?;
        }
    }
    Ok(())
}

fn checked_sheet(
    page: &mut Worksheet,
    sheet: &Sheet,
    check: &ImportCheck,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let mut by_row: HashMap<u32, Vec<RowFault>> = HashMap::new();
    for fault in &check.faults {
        by_row.entry(fault.row).or_default().push(fault.clone());
    }
    let forbidden: Vec<usize> =
        check.header.columns.iter().filter(|c| c.is_forbidden).map(|c| c.column).collect();
    // The error column of an earlier round is written anew.
    let earlier = check.header.columns.iter().find(|c| c.head == ERROR_HEAD).map(|c| c.column);
    let width = sheet.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let width = width.min(earlier.unwrap_or(usize::MAX));
    let error_column = column_number(width);
    let head_index = check.header.first_row + check.header.depth.saturating_sub(1);
    page.set_column_width(error_column, 60)?;
    let mut notes_left = NOTES_MAX;
    let none = Vec::new();
    for (index, row) in sheet.rows.iter().enumerate() {
        let faults = by_row.get(&row.number).unwrap_or(&none);
        let number = row.number.saturating_sub(1);
        let past_header = index > head_index;
        let hidden: &[usize] = if past_header { &forbidden } else { &[] };
        faulty_row(page, row, faults, width, hidden, formats, &mut notes_left)?;
        if index == head_index {
            page.write_string_with_format(number, error_column, ERROR_HEAD, &formats.head)?;
        } else if !faults.is_empty() {
            let text = fault_text(faults);
            page.write_string_with_format(number, error_column, text, &formats.message)?;
        }
    }
    Ok(())
}

/// The faults of a row, one a line.
pub(super) fn fault_text(faults: &[RowFault]) -> String {
    let all: Vec<String> =
        faults.iter().map(|f| format!("{}列：{}", letters(f), sentence(f))).collect();
    all.join("\n")
}

/// Writes the cells of a row; faulty ones are red and, as long as there is room, have a comment.
pub(super) fn faulty_row(
    page: &mut Worksheet,
    row: &SheetRow,
    faults: &[RowFault],
    width: usize,
    hidden: &[usize],
    formats: &Formats,
    notes_left: &mut usize,
) -> Result<(), XlsxError> {
    let number = row.number.saturating_sub(1);
    for column in 0..width {
        let own = faults.iter().find(|fault| fault.column == column);
        let at = column_number(column);
        let cell = row.cells.get(column).filter(|_| !hidden.contains(&column));
        let (kinds, number_format) = formats.of(own.is_some());
        match (cell, own) {
            (Some(cell), Some(_)) if is_plain_number(cell) => {
                if let CellContent::Number(value) = &cell.content {
                    page.write_number_with_format(number, at, *value, number_format)?;
                }
            }
            (Some(cell), _) if !cell.is_blank() => write_cell(page, number, at, cell, kinds)?,
            (_, Some(_)) => {
                page.write_blank(number, at, number_format)?;
            }
            _ => {}
        }
        if let (Some(fault), true) = (own, *notes_left > 0) {
            *notes_left -= 1;
            let note = Note::new(sentence(fault)).add_author_prefix(false);
            page.insert_note(number, at, &note)?;
        }
    }
    Ok(())
}

fn is_plain_number(cell: &SheetCell) -> bool {
    matches!(cell.content, CellContent::Number(_)) && !cell.is_percent
}

fn letters(fault: &RowFault) -> String {
    super::column_letters(fault.column)
}

/// Message and help in one sentence.
fn sentence(fault: &RowFault) -> String {
    let mut text = fault.diagnostic.message.zh.clone();
    if let Some(help) = &fault.diagnostic.help {
        text.push('。');
        text.push_str(&help.zh);
    }
    format!("{text}（{}）", fault.diagnostic.code)
}

/// The first sheet: how many rows, and each reason with its count and first place.
fn summary(page: &mut Worksheet, check: &ImportCheck, formats: &Formats) -> Result<(), XlsxError> {
    page.set_name(SUMMARY_NAME)?;
    let good = check.good_rows().count();
    let counts = [
        ("记录行", check.rows.len() as u64),
        ("可导入", good as u64),
        ("有错误", (check.rows.len() - good) as u64),
        ("未作记录", check.skipped.len() as u64),
    ];
    let mut reasons: BTreeMap<(&str, usize, &str), (u64, &RowFault)> = BTreeMap::new();
    for fault in &check.faults {
        let key =
            (fault.diagnostic.code.as_str(), fault.column, fault.diagnostic.message.zh.as_str());
        reasons.entry(key).or_insert((0, fault)).0 += 1;
    }
    let mut reasons: Vec<(u64, &RowFault)> = reasons.into_values().collect();
    reasons.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let skipped = check.skipped.iter().take(1_000).map(|skipped| {
        let zh = format!("第{}行：{}，未作记录", skipped.row, skipped.reason.zh);
        Message::new(zh, skipped.reason.en.clone())
    });
    let notes: Vec<Message> = check.notes.iter().cloned().chain(skipped).collect();
    summary_table(page, &counts, &check.header, &reasons, &notes, formats)
}

/// Fills the first sheet: counts, reasons, what was left out.
pub(super) fn summary_table(
    page: &mut Worksheet,
    counts: &[(&str, u64)],
    header: &HeaderMatch,
    reasons: &[(u64, &RowFault)],
    notes: &[Message],
    formats: &Formats,
) -> Result<(), XlsxError> {
    for (column, width) in [(0, 10), (1, 18), (2, 50), (3, 8), (4, 12), (5, 50)] {
        page.set_column_width(column, width)?;
    }
    page.write_string_with_format(0, 0, "导入检查结果", &formats.title)?;
    let mut row = 1;
    for (label, count) in counts {
        page.write_string(row, 0, *label)?;
        page.write_number(row, 1, as_number(*count))?;
        row += 1;
    }
    let heads = ["代码", "列", "原因", "次数", "首处", "怎么改"];
    row += 1;
    for (column, head) in (0_u16..).zip(heads) {
        page.write_string_with_format(row, column, head, &formats.head)?;
    }
    row += 1;
    for (count, first) in reasons.iter().take(10_000) {
        let head = header.columns.iter().find(|c| c.column == first.column);
        let head = head.map_or(String::new(), |c| format!("{} {}", c.letters, c.head));
        let help = first.diagnostic.help.as_ref().map_or("", |help| help.zh.as_str());
        page.write_string(row, 0, &first.diagnostic.code)?;
        page.write_string_with_format(row, 1, head, &formats.plain.text)?;
        page.write_string_with_format(row, 2, &first.diagnostic.message.zh, &formats.plain.text)?;
        page.write_number(row, 3, as_number(*count))?;
        page.write_string(row, 4, format!("{}{}", letters(first), first.row))?;
        page.write_string_with_format(row, 5, help, &formats.plain.text)?;
        row += 1;
    }
    row += 1;
    for note in notes {
        page.write_string(row, 0, &note.zh)?;
        row += 1;
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows stay far below 2^52")]
fn as_number(count: u64) -> f64 {
    count as f64
}
