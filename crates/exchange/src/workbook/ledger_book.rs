//! Records as a workbook: title, unit and period lines, a frozen head, typed cells, totals as
//! formulas, notes and the signature line. What is written here can be imported again.

use super::ImportField;
use crate::ExchangeError;
use rust_xlsxwriter::{
    ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, Workbook, Worksheet, XlsxError,
};
use taizhang_codebook::FieldType;
use taizhang_values::{Decimal, Money, Value, shanghai_date};

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerColumn {
    /// Field in the codebook.
    pub name: String,
    /// Head.
    pub head: String,
    /// Type of the values.
    pub kind: FieldType,
    /// Width in characters.
    pub width: u16,
    /// The sum stands below the column (whole numbers and amounts).
    pub is_total: bool,
    /// Codes with their labels; labels are written.
    pub choices: Vec<(String, String)>,
}

impl LedgerColumn {
    /// A column of usual width without total.
    #[must_use]
    pub fn new(name: &str, head: &str, kind: FieldType) -> Self {
        let width = match kind {
            FieldType::LongText => 40,
            FieldType::Integer | FieldType::Percent | FieldType::Boolean => 8,
            FieldType::Date | FieldType::Money => 13,
            FieldType::Decimal | FieldType::Month => 10,
            _ => 18,
        };
        let (name, head) = (name.to_owned(), head.to_owned());
        Self { name, head, kind, width, is_total: false, choices: Vec::new() }
    }

    /// The import field that reads this column back.
    #[must_use]
    pub fn import_field(&self) -> ImportField {
        let mut field = ImportField::new(&self.name, &[&self.head], self.kind);
        field.choices.clone_from(&self.choices);
        field
    }
}

/// Paper and orientation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PageSetup {
    /// A4 landscape, all columns on one page.
    #[default]
    Landscape,
    /// A4 upright, all columns on one page.
    Portrait,
}

/// A ledger workbook of one sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerWorkbook {
    /// Name of the sheet, at most 31 characters.
    pub sheet_name: String,
    /// Title line.
    pub title: String,
    /// Unit line, for example `填报单位：清河县农业农村局`.
    pub unit_line: String,
    /// Period or date line at the right, for example `2026年10月`.
    pub period: String,
    /// Columns.
    pub columns: Vec<LedgerColumn>,
    /// Notes below the rows.
    pub notes: Vec<String>,
    /// Labels of the signature line; the usual three when empty.
    pub signatures: Vec<String>,
    /// Paper.
    pub page: PageSetup,
}

/// Rows above the first record: title, unit and period, head.
const HEAD_ROWS: u32 = 3;

/// Who signs a ledger in the field's forms.
const SIGNATURES: [&str; 3] = ["填表人", "审核人", "单位负责人"];

impl LedgerWorkbook {
    /// Writes the records, each as one value a column. Rows are taken one by one; memory stays
    /// constant.
    ///
    /// # Errors
    /// The workbook cannot be written (`X0801`), for example too many rows for a sheet.
    pub fn write(
        &self,
        rows: impl IntoIterator<Item = Vec<Value>>,
    ) -> Result<Vec<u8>, ExchangeError> {
        self.write_here(rows).map_err(super::unwritable)
    }

    fn write_here(&self, rows: impl IntoIterator<Item = Vec<Value>>) -> Result<Vec<u8>, XlsxError> {
        let mut workbook = Workbook::new();
        let page = workbook.add_worksheet_with_constant_memory()?;
        let styles = Styles::new();
        self.set_up(page)?;
        self.head(page, &styles)?;
        let mut row = HEAD_ROWS;
        let mut sums = vec![0_i64; self.columns.len()];
        for values in rows {
            let places = (0_u16..).zip(&self.columns);
            for (((at, column), value), sum) in places.zip(&values).zip(&mut sums) {
                write_value(page, row, at, column, value, &styles)?;
                let amount = match value {
                    Value::Integer(number) => *number,
                    Value::Money(money) => money.fen(),
                    Value::Decimal(number) => number.units(),
                    _ => 0,
                };
                *sum = sum.saturating_add(amount);
            }
            row += 1;
        }
        if row > HEAD_ROWS && self.columns.iter().any(|column| column.is_total) {
            self.totals(page, row, &sums, &styles)?;
            row += 1;
        }
        for note in &self.notes {
            page.write_string_with_format(row, 0, format!("注：{note}"), &styles.line)?;
            row += 1;
        }
        let own: Vec<&str> = self.signatures.iter().map(String::as_str).collect();
        let labels = if own.is_empty() { SIGNATURES.to_vec() } else { own };
        let line: Vec<String> = labels.iter().map(|label| format!("{label}：")).collect();
        page.write_string_with_format(row + 1, 0, line.join(&" ".repeat(20)), &styles.line)?;
        workbook.save_to_buffer()
    }

    fn last_column(&self) -> u16 {
        u16::try_from(self.columns.len().saturating_sub(1)).unwrap_or(u16::MAX)
    }

    fn set_up(&self, page: &mut Worksheet) -> Result<(), XlsxError> {
        if !self.sheet_name.is_empty() {
            page.set_name(sheet_name(&self.sheet_name))?;
        }
        // 9 is A4.
        page.set_paper_size(9);
        if self.page == PageSetup::Landscape {
            page.set_landscape();
        }
        page.set_print_fit_to_pages(1, 0);
        page.set_repeat_rows(HEAD_ROWS - 1, HEAD_ROWS - 1)?;
        page.set_footer("&C第 &P 页 共 &N 页");
        page.set_freeze_panes(HEAD_ROWS, 0)?;
        for (at, column) in (0_u16..).zip(&self.columns) {
            page.set_column_width(at, column.width)?;
        }
        Ok(())
    }

    fn head(&self, page: &mut Worksheet, styles: &Styles) -> Result<(), XlsxError> {
        let last = self.last_column();
        page.set_row_height(0, 30)?;
        if last > 0 {
            page.merge_range(0, 0, 0, last, &self.title, &styles.title)?;
        } else {
            page.write_string_with_format(0, 0, &self.title, &styles.title)?;
        }
        page.write_string_with_format(1, 0, &self.unit_line, &styles.line)?;
        if last > 0 {
            page.write_string_with_format(1, last, &self.period, &styles.line_right)?;
        }
        for (at, column) in (0_u16..).zip(&self.columns) {
            page.write_string_with_format(HEAD_ROWS - 1, at, &column.head, &styles.head)?;
        }
        Ok(())
    }

    fn totals(
        &self,
        page: &mut Worksheet,
        row: u32,
        sums: &[i64],
        styles: &Styles,
    ) -> Result<(), XlsxError> {
        for (at, (column, sum)) in (0_u16..).zip(self.columns.iter().zip(sums)) {
            if !column.is_total {
                let label = if at == 0 { "合计" } else { "" };
                page.write_string_with_format(row, at, label, &styles.head)?;
                continue;
            }
            let letters = super::column_letters(usize::from(at));
            let sum_of = format!("=SUM({letters}{}:{letters}{row})", HEAD_ROWS + 1);
            let (result, format) = match column.kind {
                FieldType::Money => (yuan(Money::from_fen(*sum)), &styles.money),
                FieldType::Decimal => (Decimal::from_units(*sum).to_string(), &styles.decimal),
                _ => (sum.to_string(), &styles.integer),
            };
            page.write_formula_with_format(
                row,
                at,
                Formula::new(sum_of).set_result(result),
                format,
            )?;
        }
        Ok(())
    }
}

/// A sheet name Excel takes: 31 characters, none of `[]:*?/\`.
pub(super) fn sheet_name(name: &str) -> String {
    name.chars().filter(|c| !"[]:*?/\\'".contains(*c)).take(31).collect()
}

/// Yuan with two decimals and no separators.
fn yuan(money: Money) -> String {
    let fen = money.fen();
    let sign = if fen < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", fen.unsigned_abs() / 100, fen.unsigned_abs() % 100)
}

struct Styles {
    title: Format,
    line: Format,
    line_right: Format,
    head: Format,
    text: Format,
    integer: Format,
    percent: Format,
    money: Format,
    decimal: Format,
    date: Format,
    month: Format,
}

impl Styles {
    fn new() -> Self {
        let cell = Format::new()
            .set_border(FormatBorder::Thin)
            .set_align(FormatAlign::VerticalCenter)
            .set_text_wrap();
        let head = cell.clone().set_bold().set_align(FormatAlign::Center).set_num_format("@");
        Self {
            title: Format::new()
                .set_bold()
                .set_font_size(18)
                .set_align(FormatAlign::Center)
                .set_align(FormatAlign::VerticalCenter),
            line: Format::new().set_num_format("@"),
            line_right: Format::new().set_num_format("@").set_align(FormatAlign::Right),
            head,
            text: cell.clone().set_num_format("@"),
            integer: cell.clone().set_num_format("0"),
            percent: cell.clone().set_num_format("0%"),
            money: cell.clone().set_num_format("#,##0.00"),
            decimal: cell.clone().set_num_format("0.####"),
            date: cell.clone().set_num_format("yyyy-mm-dd"),
            month: cell.set_num_format("yyyy-mm"),
        }
    }
}

/// Numbers beyond this lose digits in a spreadsheet and are written as text.
const EXACT_INTEGER_MAX: u64 = 999_999_999_999_999;

fn write_value(
    page: &mut Worksheet,
    row: u32,
    at: u16,
    column: &LedgerColumn,
    value: &Value,
    styles: &Styles,
) -> Result<(), XlsxError> {
    let labelled = |code: &str| {
        let known = column.choices.iter().find(|(known, _)| known == code);
        known.map_or_else(|| code.to_owned(), |(_, label)| label.clone())
    };
    let text = match value {
        Value::Null => String::new(),
        Value::Integer(number) if number.unsigned_abs() <= EXACT_INTEGER_MAX => {
            #[expect(clippy::cast_precision_loss, reason = "at most 15 digits")]
            let number = *number as f64;
            let (number, format) = match column.kind {
                FieldType::Percent => (number / 100.0, &styles.percent),
                _ => (number, &styles.integer),
            };
            page.write_number_with_format(row, at, number, format)?;
            return Ok(());
        }
        Value::Money(money) if money.fen().unsigned_abs() <= EXACT_INTEGER_MAX => {
            #[expect(clippy::cast_precision_loss, reason = "at most 15 digits")]
            let amount = money.fen() as f64 / 100.0;
            page.write_number_with_format(row, at, amount, &styles.money)?;
            return Ok(());
        }
        Value::Decimal(number) if number.units().unsigned_abs() <= EXACT_INTEGER_MAX => {
            page.write_number_with_format(row, at, number.to_f64(), &styles.decimal)?;
            return Ok(());
        }
        Value::Date(date) => {
            let parts =
                (u16::try_from(date.year()), u8::try_from(date.month()), u8::try_from(date.day()));
            if let (Ok(year @ 1900..=9999), Ok(month), Ok(day)) = parts {
                let moment = ExcelDateTime::from_ymd(year, month, day)?;
                let is_month = column.kind == FieldType::Month;
                let format = if is_month { &styles.month } else { &styles.date };
                page.write_datetime_with_format(row, at, &moment, format)?;
                return Ok(());
            }
            date.to_string()
        }
        Value::Money(money) => yuan(*money),
        Value::Instant(moment) if column.kind == FieldType::Date => {
            shanghai_date(*moment).to_string()
        }
        Value::Text(text) => labelled(text),
        Value::List(items) => {
            items.iter().map(|item| labelled(item)).collect::<Vec<_>>().join("、")
        }
        other => other.to_string(),
    };
    if text.is_empty() {
        page.write_blank(row, at, &styles.text)?;
    } else {
        page.write_string_with_format(row, at, text, &styles.text)?;
    }
    Ok(())
}
