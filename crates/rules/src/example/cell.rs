//! What is written in a cell → a value of the field's type.

use crate::interpret::Cell;
use std::borrow::Cow;
use taizhang_codebook::{Codebook, Field, FieldType, SensitiveClass};
use taizhang_values::{Date, IdentityNumber, Money, RegionCode, Timestamp, parse_partial_date};

/// Why a cell cannot be read: what is wanted, in Chinese and English.
pub(super) struct Wanted {
    pub(super) zh: String,
    pub(super) en: String,
}

fn wanted(zh: &str, en: &str) -> Wanted {
    Wanted { zh: zh.to_owned(), en: en.to_owned() }
}

/// The value of a cell. Blank is missing.
pub(super) fn read(
    codebook: &Codebook,
    field: &Field,
    text: &str,
) -> Result<Cell<'static>, Wanted> {
    if text.is_empty() {
        return Ok(Cell::Missing);
    }
    let owned = |text: &str| Cell::Text(Cow::Owned(text.to_owned()));
    match field.field_type {
        FieldType::Text | FieldType::LongText => {
            if field.sensitive == Some(SensitiveClass::Identity) && text.starts_with("id:") {
                return example_number(text).map(|number| owned(&number)).ok_or_else(|| {
                    wanted(
                        "`id:1970-01-31:male`，后面可加 `:序号`、`+残疾类别和等级`、`!`（校验码错）",
                        "`id:1970-01-31:male`, then `:serial`, `+class and level`, `!` (wrong)",
                    )
                });
            }
            Ok(owned(text))
        }
        FieldType::Integer | FieldType::Percent => {
            text.parse().map(Cell::Integer).map_err(|_| wanted("整数", "a whole number"))
        }
        FieldType::Money => {
            Money::parse(text).map(|money| Cell::Integer(money.fen())).ok_or_else(|| {
                wanted("以元为单位的金额，如 4000 或 4000.50", "yuan, as 4000 or 4000.50")
            })
        }
        FieldType::Decimal => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Cell::Decimal(number)),
            _ => Err(wanted("小数", "a decimal")),
        },
        FieldType::Date => date(text),
        FieldType::Month => month(text),
        FieldType::Instant => instant(text),
        FieldType::Boolean => match text {
            "true" | "yes" | "是" => Ok(Cell::Boolean(true)),
            "false" | "no" | "否" => Ok(Cell::Boolean(false)),
            _ => Err(wanted("true 或 false", "true or false")),
        },
        FieldType::Code => code(codebook, field, text).map(|code| owned(&code)),
        FieldType::Codes => {
            let items: Result<Vec<String>, Wanted> =
                items(text).map(|item| code(codebook, field, item)).collect();
            items.map(|items| Cell::List(Cow::Owned(items)))
        }
        FieldType::Texts => Ok(Cell::List(Cow::Owned(items(text).map(str::to_owned).collect()))),
        FieldType::Reference => Ok(owned(text)),
        FieldType::Region => region(text),
    }
}

pub(super) fn region(text: &str) -> Result<Cell<'static>, Wanted> {
    RegionCode::parse(text)
        .map(|code| Cell::Text(Cow::Owned(code.to_string())))
        .ok_or_else(|| wanted("区划代码", "a region code"))
}

/// Items between commas; `[]` has none.
fn items(text: &str) -> impl Iterator<Item = &str> {
    let inner = text.trim_start_matches('[').trim_end_matches(']');
    inner.split([',', '、', '，']).map(str::trim).filter(|item| !item.is_empty())
}

pub(super) fn date(text: &str) -> Result<Cell<'static>, Wanted> {
    let date: Option<Date> = text.parse().ok();
    date.map(Cell::Date).ok_or_else(|| wanted("日期，如 2025-01-31", "a date as 2025-01-31"))
}

fn month(text: &str) -> Result<Cell<'static>, Wanted> {
    parse_partial_date(text)
        .and_then(|month| Date::new(month.year?, month.month?, 1).ok())
        .map(Cell::Date)
        .ok_or_else(|| wanted("年月，如 2025-01", "a month as 2025-01"))
}

pub(super) fn instant(text: &str) -> Result<Cell<'static>, Wanted> {
    let noon = format!("{text}T12:00:00+08:00");
    let instant: Option<Timestamp> = text.parse().ok().or_else(|| noon.parse().ok());
    instant.map(Cell::Instant).ok_or_else(|| {
        wanted("时刻，如 2025-01-31 或 2025-01-31T08:00:00Z", "a moment as 2025-01-31T08:00:00Z")
    })
}

/// Codes listed in one hint at most.
const LISTED_MAX: usize = 16;

/// A code, or the label of one.
fn code(codebook: &Codebook, field: &Field, text: &str) -> Result<String, Wanted> {
    let list = field.codes.as_deref().and_then(|list| codebook.code_lists.get(list));
    let Some(list) = list.filter(|list| !list.codes.is_empty()) else {
        return Ok(text.to_owned());
    };
    let known = list.codes.iter().find(|code| code.code == text || code.label.zh == text);
    known.map(|code| code.code.clone()).ok_or_else(|| {
        let near = taizhang_diagnostics::nearest(text, list.codes.iter().map(|c| c.code.as_str()));
        match near {
            Some(near) => Wanted {
                zh: format!("码表`{}`的码，最近的是`{near}`", list.name),
                en: format!("a code of `{}`, the nearest is `{near}`", list.name),
            },
            None if list.codes.len() <= LISTED_MAX => {
                let known: Vec<&str> = list.codes.iter().map(|code| code.code.as_str()).collect();
                Wanted {
                    zh: format!("码表`{}`的码：`{}`", list.name, known.join("`、`")),
                    en: format!("a code of `{}` (`{}`)", list.name, known.join("`, `")),
                }
            }
            None => Wanted {
                zh: format!("码表`{}`的码", list.name),
                en: format!("a code of `{}`", list.name),
            },
        }
    })
}

/// An invented identity number of examples: `id:1970-01-31:male`, then `:serial` for another
/// person, `+` with class and level of disability, `!` for a wrong check digit.
///
/// # Example
/// ```
/// use taizhang_values::IdentityNumber;
/// let number = taizhang_rules::example_number("id:1970-01-31:female").unwrap();
/// assert!(IdentityNumber::parse(&number).is_ok());
/// assert!(taizhang_rules::example_number("id:1970-02-30:male").is_none());
/// ```
#[must_use]
pub fn example_number(text: &str) -> Option<String> {
    let text = text.strip_prefix("id:")?;
    let (text, is_wrong) = match text.strip_suffix('!') {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let (text, certificate) = text.split_once('+').unwrap_or((text, ""));
    let mut parts = text.split(':');
    let date: Date = parts.next()?.parse().ok()?;
    let is_male = match parts.next()? {
        "male" => true,
        "female" => false,
        _ => return None,
    };
    let serial: u32 = parts.next().map_or(Some(1), |serial| serial.parse().ok())?;
    if serial == 0 || serial > 499 || parts.next().is_some() {
        return None;
    }
    let sequence = serial * 2 - u32::from(is_male);
    let head = format!("990001{:04}{:02}{:02}{sequence:03}", date.year(), date.month(), date.day());
    let check = "0123456789X"
        .chars()
        .find(|check| IdentityNumber::parse(&format!("{head}{check}")).is_ok())?;
    let check = match (is_wrong, check) {
        (false, check) => check,
        (true, '0') => '1',
        (true, _) => '0',
    };
    Some(format!("{head}{check}{certificate}"))
}
