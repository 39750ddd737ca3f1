//! One cell to one value of a field's type, or the reason why not. Nothing is bent: what is
//! doubtful is refused with the way to write it.

use super::{CellContent, ImportField, SheetCell};
use taizhang_codebook::FieldType;
use taizhang_diagnostics::{Message, nearest};
use taizhang_values::{
    Date, Decimal, IdentityFault, IdentityNumber, Money, Timestamp, Value, fold_width, parse_month,
    parse_partial_date,
};

/// Spreadsheets keep 15 significant digits: from here on a number may have lost some.
const EXACT_NUMBER_MAX: f64 = 1e15;

/// Serial days that are taken for dates when a date is expected: 1930 to 2150.
const SERIAL_DAYS: std::ops::RangeInclusive<f64> = 10_960.0..=91_311.0;

/// Why a cell is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CellFault {
    /// `I03xx`.
    pub(super) code: &'static str,
    /// What is wrong, without the content of personal fields.
    pub(super) message: Message,
    /// How to write it.
    pub(super) help: Option<Message>,
    /// The valid name that was probably meant.
    pub(super) suggestion: Option<String>,
}

fn fault(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Box<CellFault> {
    Box::new(CellFault { code, message: Message::new(zh, en), help: None, suggestion: None })
}

impl CellFault {
    fn help(mut self: Box<Self>, zh: &str, en: &str) -> Box<Self> {
        self.help = Some(Message::new(zh, en));
        self
    }
}

/// The cell as a reader of the sheet sees it.
pub(super) fn shown(cell: &SheetCell) -> String {
    match &cell.content {
        CellContent::Empty => String::new(),
        CellContent::Text(text) => text.clone(),
        CellContent::Number(number) if cell.is_percent => {
            format!("{}%", plain_number((number * 1e10).round() / 1e8))
        }
        CellContent::Number(number) => plain_number(*number),
        CellContent::Serial(days) => {
            date_of_serial(*days).map_or_else(|| plain_number(*days), |date| date.to_string())
        }
        CellContent::Boolean(truth) => (if *truth { "是" } else { "否" }).to_owned(),
        CellContent::Error(text) => text.clone(),
    }
}

/// Digits without exponent or needless decimals.
fn plain_number(number: f64) -> String {
    format!("{number}")
}

/// The day of a serial number of the 1900 system, whose 29 February 1900 never was.
pub(super) fn date_of_serial(days: f64) -> Option<Date> {
    if !(1.0..2_958_466.0).contains(&days) {
        return None;
    }
    let epoch = Date::new(1899, 12, if days < 60.0 { 31 } else { 30 }).ok()?;
    epoch.checked_add(jiff::Span::new().days(whole(days.floor())?)).ok()
}

#[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < EXACT_NUMBER_MAX).then_some(number as i64)
}

/// Makes the value of one cell.
pub(super) fn parse(
    cell: &SheetCell,
    field: &ImportField,
    reference: Option<Date>,
) -> Result<Value, Box<CellFault>> {
    if cell.is_formula {
        return Err(fault(
            "I0301",
            "单元格是公式，算出的值可能已过时",
            "the cell is a formula whose stored result may be stale",
        )
        .help(
            "请复制该列，用“选择性粘贴—数值”粘贴回去",
            "copy the column and paste it back as values",
        ));
    }
    if let CellContent::Error(text) = &cell.content {
        let error: String = text.chars().take(12).collect();
        return Err(fault(
            "I0302",
            format!("单元格是错误值`{error}`"),
            format!("the cell holds the error `{error}`"),
        ));
    }
    if cell.is_blank() {
        return Ok(Value::Null);
    }
    if field.is_identity {
        return identity(cell);
    }
    refuse_lost_digits(cell)?;
    match field.kind {
        FieldType::Text | FieldType::LongText | FieldType::Reference | FieldType::Region => {
            one_of(&shown(cell), field).map(Value::Text)
        }
        FieldType::Code => one_of(&shown(cell), field).map(Value::Text),
        FieldType::Codes | FieldType::Texts => list(&shown(cell), field),
        FieldType::Integer => integer(cell),
        FieldType::Percent => percent(cell),
        FieldType::Money => money(cell),
        FieldType::Decimal => decimal(cell),
        FieldType::Boolean => boolean(cell),
        FieldType::Date => date(cell, reference).map(Value::Date),
        FieldType::Month => month(cell).map(Value::Date),
        FieldType::Instant => instant(cell, reference),
    }
}

/// Numbers of 16 digits and more and texts such as `3.2E+17` have lost their last digits.
fn refuse_lost_digits(cell: &SheetCell) -> Result<(), Box<CellFault>> {
    let lost = match &cell.content {
        CellContent::Number(number) => number.abs() >= EXACT_NUMBER_MAX,
        CellContent::Text(text) => is_scientific(text),
        _ => false,
    };
    if !lost {
        return Ok(());
    }
    Err(fault(
        "I0303",
        "超过15位的数字按数值存储，末位已丢失",
        "a number of more than 15 digits was stored as a number and has lost its last digits",
    )
    .help(
        "请把该列设为“文本”格式后按原件重新填写",
        "set the column to text and type the digits again from the original",
    ))
}

fn is_scientific(text: &str) -> bool {
    let text = text.trim();
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let digits =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    digits(mantissa) && digits(exponent) && exponent.parse::<u32>().is_ok_and(|n| n >= 10)
}

fn identity(cell: &SheetCell) -> Result<Value, Box<CellFault>> {
    refuse_lost_digits(cell)?;
    let text = shown(cell);
    let refused = |zh: &str, en: &str| {
        Err(fault("I0304", zh, en).help("请按原件核对", "check against the original"))
    };
    match IdentityNumber::parse(&text) {
        Ok(number) => Ok(Value::Text(number.reveal().to_owned())),
        Err(IdentityFault::Length) => {
            refused("身份证号位数不对", "the identity number has the wrong length")
        }
        Err(IdentityFault::Character) => refused(
            "身份证号含有不该有的字符",
            "the identity number holds a character that cannot stand there",
        ),
        Err(IdentityFault::BirthDate) => refused(
            "身份证号里的出生日期不存在",
            "the birth date in the identity number does not exist",
        ),
        Err(IdentityFault::CheckDigit) => {
            refused("身份证号校验码不符", "the check character of the identity number does not fit")
        }
        Err(IdentityFault::Certificate) => refused(
            "残疾证号的类别或等级不对",
            "class or level of the certificate number is out of range",
        ),
    }
}

/// A text, or the code or valid name it stands for.
fn one_of(text: &str, field: &ImportField) -> Result<String, Box<CellFault>> {
    let text = text.trim();
    if field.choices.is_empty() && field.names.is_empty() {
        return Ok(text.to_owned());
    }
    let key = name_key(text);
    for (code, label) in &field.choices {
        if text == code || text == label || key == name_key(label) || key == name_key(code) {
            return Ok(code.clone());
        }
    }
    if let Some(name) = field.names.iter().find(|name| *name == text || name_key(name) == key) {
        return Ok(name.clone());
    }
    let labels = field.choices.iter().map(|(_, label)| label.as_str());
    let known = labels.chain(field.names.iter().map(String::as_str));
    let suggestion = nearest(text, known).map(str::to_owned);
    let text: String = text.chars().take(30).collect();
    let mut refused = fault(
        "I0305",
        format!("`{text}`不在可填的名称之内"),
        format!("`{text}` is none of the known names"),
    );
    if let Some(name) = &suggestion {
        refused = refused.help(&format!("改为`{name}`"), &format!("replace by `{name}`"));
    }
    refused.suggestion = suggestion;
    Err(refused)
}

/// Names are compared without spaces, width and kind of brackets.
fn name_key(text: &str) -> String {
    fold_width(text).chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

fn list(text: &str, field: &ImportField) -> Result<Value, Box<CellFault>> {
    let mut items = Vec::new();
    for item in split_outside_brackets(text) {
        if !item.is_empty() && !items.contains(&item) {
            items.push(item);
        }
    }
    let items: Result<Vec<String>, Box<CellFault>> =
        items.into_iter().map(|item| one_of(&item, field)).collect();
    items.map(Value::List)
}

/// Items between `、，；,;` and line ends; brackets keep theirs: `各村（甲、乙）` is one item.
fn split_outside_brackets(text: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut depth = 0_usize;
    for character in text.chars() {
        match character {
            '（' | '(' | '【' | '《' => depth += 1,
            '）' | ')' | '】' | '》' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let separates = matches!(character, '、' | '，' | '；' | ',' | ';' | '\n' | '\r');
        if separates && depth == 0 {
            items.push(String::new());
        } else if let Some(item) = items.last_mut() {
            item.push(character);
        }
    }
    items.iter().map(|item| item.trim().to_owned()).collect()
}

fn not_a_number() -> Box<CellFault> {
    fault("I0306", "这里要填整数", "a whole number is expected here")
        .help("只填数字，例如`12`", "digits only, for example `12`")
}

fn integer(cell: &SheetCell) -> Result<Value, Box<CellFault>> {
    let number = match &cell.content {
        CellContent::Number(number) => whole(*number),
        CellContent::Text(text) => {
            fold_width(text).trim().replace([',', ' '], "").parse::<i64>().ok()
        }
        _ => None,
    };
    number.map(Value::Integer).ok_or_else(not_a_number)
}

fn percent(cell: &SheetCell) -> Result<Value, Box<CellFault>> {
    let number = match &cell.content {
        CellContent::Number(number) if cell.is_percent => Some(number * 100.0),
        CellContent::Number(number) => Some(*number),
        CellContent::Text(text) => {
            let folded = fold_width(text);
            folded.trim().trim_end_matches('%').trim().parse::<f64>().ok()
        }
        _ => None,
    };
    let rounded = number.map(|number| (number * 1e6).round() / 1e6).and_then(whole);
    let within = rounded.filter(|number| (0..=100).contains(number));
    within.map(Value::Integer).ok_or_else(|| {
        fault("I0307", "这里要填百分数", "a percentage is expected here").help(
            "填 0 至 100 的整数，例如`85%`",
            "a whole number from 0 to 100, for example `85%`",
        )
    })
}

fn money(cell: &SheetCell) -> Result<Value, Box<CellFault>> {
    let money = match &cell.content {
        CellContent::Number(number) => Money::parse(&plain_number(*number)),
        CellContent::Text(text) => Money::parse(text),
        _ => None,
    };
    money.map(Value::Money).ok_or_else(|| {
        fault("I0308", "这里要填金额（元）", "an amount in yuan is expected here")
            .help("最多两位小数，例如`1200.50`", "at most two decimals, for example `1200.50`")
    })
}

fn decimal(cell: &SheetCell) -> Result<Value, Box<CellFault>> {
    let number = match &cell.content {
        // Sums in a sheet carry binary dust; anything coarser than that is a fifth digit.
        CellContent::Number(number) => Decimal::from_f64(*number)
            .filter(|rounded| (rounded.to_f64() - number).abs() <= 1e-9 * number.abs().max(1.0)),
        CellContent::Text(text) => Decimal::parse(text),
        _ => None,
    };
    number.map(Value::Decimal).ok_or_else(|| {
        fault("I0315", "这里要填数字", "a number is expected here")
            .help("最多四位小数，例如`3.25`", "at most four decimals, for example `3.25`")
    })
}

/// A month as typed or a serial number. `2023.1` stored as a number may have been `2023.10`.
fn month(cell: &SheetCell) -> Result<Date, Box<CellFault>> {
    let not_a_month = || {
        fault("I0314", "这里要填年月", "a month is expected here")
            .help("例如`2023-05`或`2023年05月`", "for example `2023-05` or `2023年05月`")
    };
    let found = match &cell.content {
        CellContent::Serial(days) => date_of_serial(*days),
        CellContent::Number(number) if SERIAL_DAYS.contains(number) => date_of_serial(*number),
        CellContent::Number(number) if number.fract() == 0.0 => parse_month(&plain_number(*number)),
        CellContent::Number(number) => {
            let text = plain_number(*number);
            let is_clear = !text.ends_with(".1");
            if is_clear { parse_month(&text) } else { None }
        }
        CellContent::Text(text) => parse_month(text),
        _ => None,
    };
    found.map(Date::first_of_month).ok_or_else(not_a_month)
}

fn boolean(cell: &SheetCell) -> Result<Value, Box<CellFault>> {
    let text = match &cell.content {
        CellContent::Boolean(truth) => return Ok(Value::Boolean(*truth)),
        _ => name_key(&shown(cell)),
    };
    match text.as_str() {
        "是" | "有" | "对" | "√" | "✓" | "☑" | "1" | "true" | "yes" | "y" => {
            Ok(Value::Boolean(true))
        }
        "否" | "无" | "错" | "×" | "✗" | "□" | "0" | "false" | "no" | "n" => {
            Ok(Value::Boolean(false))
        }
        _ => Err(fault("I0309", "这里要填是或否", "yes or no is expected here")
            .help("填`是`或`否`", "write `是` or `否`")),
    }
}

/// A date as typed, or a serial number.
pub(super) fn date(cell: &SheetCell, reference: Option<Date>) -> Result<Date, Box<CellFault>> {
    match &cell.content {
        CellContent::Serial(days) => date_of_serial(*days).ok_or_else(not_a_date),
        CellContent::Number(number) if SERIAL_DAYS.contains(number) => {
            date_of_serial(*number).ok_or_else(not_a_date)
        }
        CellContent::Number(number) => {
            let digits = whole(*number).map(|number| number.to_string()).ok_or_else(not_a_date)?;
            if digits.len() < 6 { Err(not_a_date()) } else { text_date(&digits, reference) }
        }
        CellContent::Text(text) => text_date(text, reference),
        _ => Err(not_a_date()),
    }
}

fn not_a_date() -> Box<CellFault> {
    fault("I0310", "这里要填日期", "a date is expected here")
        .help("例如`2026-03-10`或`2026年3月10日`", "for example `2026-03-10` or `2026年3月10日`")
}

/// A month without a day ends on its last day; a day without a year needs the reference date.
fn text_date(text: &str, reference: Option<Date>) -> Result<Date, Box<CellFault>> {
    let folded = fold_width(text);
    let mut core = folded.trim();
    for ending in ["以前", "之前", "前", "底", "末"] {
        core = core.strip_suffix(ending).unwrap_or(core).trim_end();
    }
    // A time of day after the date does not change the day.
    let core = core
        .split_once([' ', 'T'])
        .filter(|(_, time)| time.contains(':'))
        .map_or(core, |(day, _)| day);
    let partial = parse_partial_date(core).ok_or_else(not_a_date)?;
    match (partial.full(), partial.year, partial.month, reference) {
        (Some(date), ..) => Ok(date),
        (None, Some(_), Some(_), _) => {
            partial.propose(Date::constant(2000, 1, 1)).ok_or_else(not_a_date)
        }
        (None, None, Some(_), Some(reference)) => partial.propose(reference).ok_or_else(not_a_date),
        (None, None, Some(_), None) => Err(fault("I0311", "日期缺少年份", "the date has no year")
            .help(
                "请写全年份，例如`2026年5月20日`",
                "write the year as well, for example `2026年5月20日`",
            )),
        _ => Err(fault("I0312", "日期缺少月份", "the date has no month").help(
            "请写全年月日，例如`2026年5月20日`",
            "write the whole date, for example `2026年5月20日`",
        )),
    }
}

/// A moment: midnight in China of a date, or the moment a text of RFC 3339 names.
fn instant(cell: &SheetCell, reference: Option<Date>) -> Result<Value, Box<CellFault>> {
    if let CellContent::Text(text) = &cell.content
        && let Ok(moment) = text.trim().parse::<Timestamp>()
    {
        return Ok(Value::Instant(moment));
    }
    let date = date(cell, reference)?;
    let midnight = format!("{date}T00:00:00+08:00").parse::<Timestamp>();
    midnight.map(Value::Instant).map_err(|_| not_a_date())
}
