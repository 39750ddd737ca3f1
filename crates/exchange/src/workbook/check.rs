//! Rows of a sheet to records: every fault of every row, and what was left out and why.

use super::cell::{CellFault, parse};
use super::columns::{HeaderMatch, ImportField, match_columns};
use super::{CellContent, Sheet, SheetRow, WorkbookRows};
use crate::ExchangeError;
use std::collections::{BTreeMap, HashMap};
use taizhang_diagnostics::{Diagnostic, Message, Place};
use taizhang_values::{Date, Value};

/// What a check is told beside the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// Date of the letter or ledger: gives the year to `5月20日`.
    pub reference: Option<Date>,
    /// Sheet by name; the one that fits best otherwise.
    pub sheet: Option<String>,
    /// Columns as the user matched them: column from 0 → field (`None`: leave out).
    pub columns: BTreeMap<usize, Option<String>>,
}

/// One fault of one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowFault {
    /// Row as Excel shows it.
    pub row: u32,
    /// Column from 0.
    pub column: usize,
    /// Field of the column.
    pub field: String,
    /// Code, place, message and help.
    pub diagnostic: Diagnostic,
    /// The valid name that was probably meant.
    pub suggestion: Option<String>,
}

/// One row as values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportRow {
    /// Row as Excel shows it.
    pub row: u32,
    /// Values by field; fields with a fault are missing.
    pub values: BTreeMap<String, Value>,
    /// The section line above the row (`一、责任落实方面`).
    pub section: Option<String>,
    /// Number of faults in this row.
    pub fault_count: usize,
}

/// A row that is no record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedRow {
    /// Row as Excel shows it.
    pub row: u32,
    /// Why.
    pub reason: Message,
}

/// The whole answer to one sheet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportCheck {
    /// Sheet that was read.
    pub sheet: String,
    /// Header and columns.
    pub header: HeaderMatch,
    /// All records, with and without faults.
    pub rows: Vec<ImportRow>,
    /// All faults in order of rows and columns.
    pub faults: Vec<RowFault>,
    /// Rows that are no records.
    pub skipped: Vec<SkippedRow>,
    /// What was left out or assumed.
    pub notes: Vec<Message>,
}

impl ImportCheck {
    /// Rows that may go in.
    pub fn good_rows(&self) -> impl Iterator<Item = &ImportRow> {
        self.rows.iter().filter(|row| row.fault_count == 0)
    }
}

/// Checks a workbook against the fields of a ledger. Nothing stops at the first fault.
///
/// # Errors
/// No sheet has a header that fits, or the sheet named does not exist. Faults of rows are part of
/// the result.
pub fn check_sheet(
    book: &WorkbookRows,
    fields: &[ImportField],
    options: &ImportOptions,
) -> Result<ImportCheck, ExchangeError> {
    let (sheet, mut header) = choose(book, fields, options)?;
    apply_choices(&mut header, fields, options);
    let mut check = ImportCheck { sheet: sheet.name.clone(), ..ImportCheck::default() };
    check.notes.extend(book.notes.iter().cloned());
    let missing_columns = note_columns(&header, fields, &mut check);
    let by_name: HashMap<&str, &ImportField> =
        fields.iter().map(|field| (field.name.as_str(), field)).collect();
    let columns: Vec<(usize, &str, &ImportField)> = header
        .columns
        .iter()
        .filter_map(|column| {
            let field = by_name.get(column.field.as_deref()?)?;
            Some((column.column, column.letters.as_str(), *field))
        })
        .collect();
    let mut section = None;
    for row in sheet.rows.iter().skip(header.first_row + header.depth) {
        match kind_of_row(row, &header, sheet) {
            RowKind::Record => check.record(row, &columns, section.clone(), options),
            RowKind::Section(text) => {
                check.skip(row, "小标题行", "a section line");
                section = Some(text);
            }
            RowKind::Blank => {}
            RowKind::Other(zh, en) => check.skip(row, zh, en),
        }
    }
    if missing_columns > 0 {
        for row in &mut check.rows {
            row.fault_count += missing_columns;
        }
    }
    check.header = header;
    Ok(check)
}

/// The sheet named by the user, or the one whose header fits most fields.
fn choose<'b>(
    book: &'b WorkbookRows,
    fields: &[ImportField],
    options: &ImportOptions,
) -> Result<(&'b Sheet, HeaderMatch), ExchangeError> {
    let wanted = |sheet: &&Sheet| options.sheet.as_ref().is_none_or(|name| *name == sheet.name);
    let mut best: Option<(&Sheet, HeaderMatch)> = None;
    for sheet in book.sheets.iter().filter(wanted) {
        let Some(header) = match_columns(sheet, fields) else { continue };
        let count =
            |header: &HeaderMatch| header.columns.iter().filter(|c| c.field.is_some()).count();
        if best.as_ref().is_none_or(|(_, best)| count(&header) > count(best)) {
            best = Some((sheet, header));
        }
    }
    best.ok_or_else(|| {
        let heads: Vec<&str> = fields
            .iter()
            .filter_map(|field| field.heads.first())
            .map(String::as_str)
            .take(8)
            .collect();
        ExchangeError::new("X0708", "没有找到表头行", "no header row was found").help(
            format!("表头应含有这些列中的几列：{}", heads.join("、")),
            format!("the header should hold some of these columns: {}", heads.join(", ")),
        )
    })
}

/// Puts the user's own matching over the proposed one.
fn apply_choices(header: &mut HeaderMatch, fields: &[ImportField], options: &ImportOptions) {
    for column in &mut header.columns {
        let Some(choice) = options.columns.get(&column.column) else { continue };
        let known = |name: &String| fields.iter().any(|field| field.name == *name);
        column.field = choice.clone().filter(|name| known(name) && !column.is_forbidden);
    }
}

/// Notes what happens to each column; the number of required columns that are missing.
fn note_columns(header: &HeaderMatch, fields: &[ImportField], check: &mut ImportCheck) -> usize {
    let mut missing_columns = 0;
    let mut seen: HashMap<&str, &str> = HashMap::new();
    for column in &header.columns {
        let (head, letters) = (&column.head, &column.letters);
        if column.is_forbidden {
            check.notes.push(Message::new(
                format!("{letters}列`{head}`属于不得采集的信息，未读入"),
                format!("column {letters} `{head}` must not be collected and is left out"),
            ));
            continue;
        }
        if let Some(first) = seen.insert(head, letters) {
            check.notes.push(Message::new(
                format!("{first}列与{letters}列的表头都是`{head}`，请确认各列的含义"),
                format!(
                    "columns {first} and {letters} are both headed `{head}`: confirm which is which"
                ),
            ));
        }
        if column.field.is_none() && head != super::error_book::ERROR_HEAD {
            check.notes.push(Message::new(
                format!("{letters}列`{head}`没有对应的字段，未读入"),
                format!("column {letters} `{head}` fits no field and is left out"),
            ));
        }
    }
    for field in fields.iter().filter(|field| field.is_required) {
        if header.column_of(&field.name).is_none() {
            let head = field.heads.first().map_or(field.name.as_str(), String::as_str);
            missing_columns += 1;
            check.notes.push(Message::new(
                format!("缺少必填列`{head}`，所有行都不能导入"),
                format!("the required column `{head}` is missing, so that no row can go in"),
            ));
        }
    }
    missing_columns
}

enum RowKind {
    Record,
    Blank,
    Section(String),
    Other(&'static str, &'static str),
}

/// Tells records from totals, signatures, notes, column numbers and section lines.
fn kind_of_row(row: &SheetRow, header: &HeaderMatch, sheet: &Sheet) -> RowKind {
    let shown: Vec<(usize, String)> = row
        .cells
        .iter()
        .enumerate()
        .filter(|(_, cell)| !cell.is_blank())
        .map(|(column, cell)| (column, cell.shown().trim().to_owned()))
        .collect();
    let Some((first_column, first)) = shown.first() else { return RowKind::Blank };
    let bare: String = first.chars().filter(|c| !c.is_whitespace()).collect();
    if ["合计", "总计", "小计", "累计"].iter().any(|word| bare.starts_with(word))
        && bare.chars().count() <= 6
    {
        return RowKind::Other("合计行", "a total");
    }
    let signed =
        ["填表人", "审核人", "单位负责人", "制表人", "填报人", "联系人", "填报单位", "填报日期"];
    if signed.iter().any(|word| bare.starts_with(word)) && bare.contains(['：', ':']) {
        return RowKind::Other("签字行", "a signature line");
    }
    let remark = ["注：", "注:", "备注：", "备注:", "说明：", "说明:", "填表说明"];
    if shown.len() == 1 && remark.iter().any(|word| bare.starts_with(word)) {
        return RowKind::Other("说明行", "a remark");
    }
    let numbers = shown.iter().all(|(column, text)| {
        let bare = text.trim_matches(['(', ')', '（', '）']);
        let counted = column + 1 - first_column;
        // Column formats may show 6 as a date; the number itself counts.
        let value = row.cells.get(*column).map(|cell| &cell.content);
        match value {
            Some(CellContent::Number(number) | CellContent::Serial(number)) => {
                u32::try_from(counted)
                    .is_ok_and(|counted| (number - f64::from(counted)).abs() < 1e-9)
            }
            _ => bare.parse::<usize>().is_ok_and(|number| number == counted),
        }
    });
    if numbers && shown.len() > 2 && shown.len() * 2 > header.columns.len() {
        return RowKind::Other("列号行", "column numbers");
    }
    let repeated = header.columns.iter().filter(|column| {
        shown.iter().any(|(at, text)| *at == column.column && *text == column.head)
    });
    if repeated.count() * 2 > header.columns.len() {
        return RowKind::Other("重复的表头", "the header again");
    }
    let wide = sheet.merged.iter().any(|area| {
        area.first_row + 1 == row.number
            && area.last_row == area.first_row
            && area.last_column.saturating_sub(area.first_column) as usize + 2
                >= header.columns.len()
    });
    let heading = *first_column == 0 && is_heading(&bare);
    if shown.len() == 1 && (wide || heading) {
        return RowKind::Section(first.clone());
    }
    RowKind::Record
}

/// `一、…`, `（二）…`, `第三部分…`: a heading when it stands alone in the first column.
fn is_heading(text: &str) -> bool {
    let inner = text.trim_start_matches(['（', '(', '第']);
    let rest = inner.trim_start_matches(|c| "一二三四五六七八九十百".contains(c));
    rest.len() < inner.len() && rest.starts_with(['、', '）', ')', '部', '章', '方', '类'])
}

impl ImportCheck {
    fn skip(&mut self, row: &SheetRow, zh: &str, en: &str) {
        self.skipped.push(SkippedRow { row: row.number, reason: Message::new(zh, en) });
    }

    fn record(
        &mut self,
        row: &SheetRow,
        columns: &[(usize, &str, &ImportField)],
        section: Option<String>,
        options: &ImportOptions,
    ) {
        let mut record = ImportRow { row: row.number, section, ..ImportRow::default() };
        let blank = super::SheetCell::default();
        for (column, letters, field) in columns {
            let cell = row.cells.get(*column).unwrap_or(&blank);
            let result = parse(cell, field, options.reference).and_then(|value| {
                if value.is_empty() && field.is_required { Err(missing(field)) } else { Ok(value) }
            });
            match result {
                Ok(Value::Null) => {}
                Ok(value) => {
                    record.values.insert(field.name.clone(), value);
                }
                Err(fault) => {
                    record.fault_count += 1;
                    self.fault(row.number, (*column, *letters), field, *fault);
                }
            }
        }
        // A row in which no matched column holds anything is no record.
        if !record.values.is_empty()
            || record.fault_count < columns.iter().filter(|(_, _, f)| f.is_required).count()
        {
            self.rows.push(record);
        } else if columns
            .iter()
            .all(|(at, ..)| row.cells.get(*at).is_none_or(super::SheetCell::is_blank))
        {
            self.faults.retain(|fault| fault.row != row.number);
            self.skip(row, "对应的列都是空的", "all matched columns are empty");
        } else {
            self.rows.push(record);
        }
    }

    fn fault(
        &mut self,
        row: u32,
        (column, letters): (usize, &str),
        field: &ImportField,
        fault: CellFault,
    ) {
        let place =
            Place::Cell { sheet: Some(self.sheet.clone()), row, column: letters.to_owned() };
        let mut diagnostic = Diagnostic::error(fault.code, fault.message).at(place);
        diagnostic.help = fault.help;
        self.faults.push(RowFault {
            row,
            column,
            field: field.name.clone(),
            diagnostic,
            suggestion: fault.suggestion,
        });
    }
}

fn missing(field: &ImportField) -> Box<CellFault> {
    let head = field.heads.first().map_or(field.name.as_str(), String::as_str);
    Box::new(CellFault {
        code: "I0313",
        message: Message::new(
            format!("必填项`{head}`是空的"),
            format!("the required `{head}` is empty"),
        ),
        help: None,
        suggestion: None,
    })
}
