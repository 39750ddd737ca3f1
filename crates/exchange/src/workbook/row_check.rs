//! One row of a sheet: is it a record, and what are its values and faults?

use super::cell::CellFault;
use super::columns::{HeaderMatch, ImportField};
use super::fast_cell::FieldReader;
use super::{CellContent, MergedArea, SheetCell, SheetRow};
use std::borrow::Cow;
use taizhang_diagnostics::{Diagnostic, Message, Place};
use taizhang_values::{Date, Value};

use super::check::RowFault;

/// Reads the rows of one sheet, whose header is known.
pub(super) struct RowChecker<'a> {
    sheet: &'a str,
    header: &'a HeaderMatch,
    merged: &'a [MergedArea],
    columns: Vec<Column<'a>>,
    required: usize,
    section: Option<String>,
    values: Vec<Value>,
    faults: Vec<RowFault>,
    reference: Option<Date>,
}

struct Column<'a> {
    column: usize,
    letters: &'a str,
    reader: FieldReader<'a>,
}

/// What a row is.
pub(super) enum Verdict {
    /// A record; its values and faults are in the checker.
    Record,
    /// Nothing stands there.
    Blank,
    /// No record, and why.
    Skipped(&'static str, &'static str),
}

impl<'a> RowChecker<'a> {
    pub(super) fn new(
        sheet: &'a str,
        header: &'a HeaderMatch,
        merged: &'a [MergedArea],
        fields: &'a [ImportField],
        reference: Option<Date>,
    ) -> Self {
        let columns: Vec<Column<'a>> = header
            .columns
            .iter()
            .filter_map(|column| {
                let name = column.field.as_deref()?;
                let field = fields.iter().find(|field| field.name == name)?;
                let reader = FieldReader::new(field);
                Some(Column { column: column.column, letters: &column.letters, reader })
            })
            .collect();
        let required = columns.iter().filter(|column| column.reader.field().is_required).count();
        Self {
            sheet,
            header,
            merged,
            columns,
            required,
            section: None,
            values: Vec::new(),
            faults: Vec::new(),
            reference,
        }
    }

    /// The fields of the columns that are read, in the order of [`RowChecker::values`].
    pub(super) fn fields(&self) -> impl Iterator<Item = &'a ImportField> {
        self.columns.iter().map(|column| column.reader.field())
    }

    /// Values of the last record; null where nothing stands or the cell is faulty.
    pub(super) fn values(&self) -> &[Value] {
        &self.values
    }

    /// Faults of the last record in order of columns.
    pub(super) fn faults(&self) -> &[RowFault] {
        &self.faults
    }

    /// Values, faults and section line of the last record.
    pub(super) fn record_read(&mut self) -> (&mut Vec<Value>, &mut Vec<RowFault>, Option<&str>) {
        (&mut self.values, &mut self.faults, self.section.as_deref())
    }

    /// The section line above the last record.
    pub(super) fn section(&self) -> Option<&String> {
        self.section.as_ref()
    }

    /// Reads one row.
    pub(super) fn read(&mut self, row: &SheetRow) -> Verdict {
        self.values.clear();
        self.faults.clear();
        match kind_of_row(row, self.header, self.merged) {
            RowKind::Record => self.record(row),
            RowKind::Section(text) => {
                self.section = Some(text);
                Verdict::Skipped("小标题行", "a section line")
            }
            RowKind::Blank => Verdict::Blank,
            RowKind::Other(zh, en) => Verdict::Skipped(zh, en),
        }
    }

    fn record(&mut self, row: &SheetRow) -> Verdict {
        let blank = SheetCell::default();
        let mut filled = false;
        for column in &mut self.columns {
            let cell = row.cells.get(column.column).unwrap_or(&blank);
            let field = column.reader.field();
            let result = column.reader.read(cell, self.reference).and_then(|value| {
                if value.is_empty() && field.is_required { Err(missing(field)) } else { Ok(value) }
            });
            match result {
                Ok(value) => {
                    filled |= value != Value::Null;
                    self.values.push(value);
                }
                Err(fault) => {
                    let at = (column.column, column.letters);
                    self.faults.push(row_fault(self.sheet, row.number, at, field, *fault));
                    self.values.push(Value::Null);
                }
            }
        }
        // A row in which no matched column holds anything is no record.
        let is_record = filled || self.faults.len() < self.required;
        let blank =
            |column: &Column<'_>| row.cells.get(column.column).is_none_or(SheetCell::is_blank);
        if !is_record && self.columns.iter().all(blank) {
            self.faults.clear();
            return Verdict::Skipped("对应的列都是空的", "all matched columns are empty");
        }
        Verdict::Record
    }
}

fn row_fault(
    sheet: &str,
    row: u32,
    (column, letters): (usize, &str),
    field: &ImportField,
    fault: CellFault,
) -> RowFault {
    let place = Place::Cell { sheet: Some(sheet.to_owned()), row, column: letters.to_owned() };
    let mut diagnostic = Diagnostic::error(fault.code, fault.message).at(place);
    diagnostic.help = fault.help;
    RowFault { row, column, field: field.name.clone(), diagnostic, suggestion: fault.suggestion }
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

enum RowKind {
    Record,
    Blank,
    Section(String),
    Other(&'static str, &'static str),
}

/// Tells records from totals, signatures, notes, column numbers and section lines.
///
/// Nearly every row is a record, so each test looks at as few cells as it can.
fn kind_of_row(row: &SheetRow, header: &HeaderMatch, merged: &[MergedArea]) -> RowKind {
    let mut filled = row.cells.iter().enumerate().filter(|(_, cell)| !cell.is_blank());
    let Some((first_column, first_cell)) = filled.next() else { return RowKind::Blank };
    let is_alone = filled.next().is_none();
    let first = first_cell.shown();
    let bare: Cow<'_, str> = if first.contains(char::is_whitespace) {
        first.chars().filter(|c| !c.is_whitespace()).collect::<String>().into()
    } else {
        first.as_str().into()
    };
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
    if is_alone && remark.iter().any(|word| bare.starts_with(word)) {
        return RowKind::Other("说明行", "a remark");
    }
    if is_column_numbers(row, first_column, header.columns.len()) {
        return RowKind::Other("列号行", "column numbers");
    }
    if repeats_header(row, header) {
        return RowKind::Other("重复的表头", "the header again");
    }
    if !is_alone {
        return RowKind::Record;
    }
    let wide = merged.iter().any(|area| {
        area.first_row + 1 == row.number
            && area.last_row == area.first_row
            && area.last_column.saturating_sub(area.first_column) as usize + 2
                >= header.columns.len()
    });
    if wide || (first_column == 0 && is_heading(&bare)) {
        return RowKind::Section(first.trim().to_owned());
    }
    RowKind::Record
}

/// A row that only counts its columns: 1, 2, 3 …
fn is_column_numbers(row: &SheetRow, first_column: usize, width: usize) -> bool {
    let mut count = 0_usize;
    for (column, cell) in row.cells.iter().enumerate().filter(|(_, cell)| !cell.is_blank()) {
        let counted = column + 1 - first_column;
        let fits = match &cell.content {
            // Column formats may show 6 as a date; the number itself counts.
            CellContent::Number(number) | CellContent::Serial(number) => u32::try_from(counted)
                .is_ok_and(|counted| (number - f64::from(counted)).abs() < 1e-9),
            CellContent::Text(text) => {
                let bare = text.trim().trim_matches(['(', ')', '（', '）']);
                bare.parse::<usize>().is_ok_and(|number| number == counted)
            }
            _ => false,
        };
        if !fits {
            return false;
        }
        count += 1;
    }
    count > 2 && count * 2 > width
}

/// True when more than half of the columns hold their own head.
fn repeats_header(row: &SheetRow, header: &HeaderMatch) -> bool {
    let width = header.columns.len();
    let mut missed = 0;
    for column in &header.columns {
        let cell = row.cells.get(column.column).filter(|cell| !cell.is_blank());
        let same = cell.is_some_and(|cell| match &cell.content {
            CellContent::Text(text) if text.len() == column.head.len() => *text == column.head,
            CellContent::Text(text) => text.len() > column.head.len() && text.trim() == column.head,
            // No number is shown without a digit.
            CellContent::Number(_) if !column.head.bytes().any(|b| b.is_ascii_digit()) => false,
            _ => cell.shown().trim() == column.head,
        });
        missed += usize::from(!same);
        if missed * 2 >= width {
            return false;
        }
    }
    true
}

/// `一、…`, `（二）…`, `第三部分…`: a heading when it stands alone in the first column.
fn is_heading(text: &str) -> bool {
    let inner = text.trim_start_matches(['（', '(', '第']);
    let rest = inner.trim_start_matches(|c| "一二三四五六七八九十百".contains(c));
    rest.len() < inner.len() && rest.starts_with(['、', '）', ')', '部', '章', '方', '类'])
}
