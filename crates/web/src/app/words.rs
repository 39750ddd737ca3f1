//! Stored values and moments in the words of the page.

use jiff::tz::{Offset, TimeZone};
use taizhang_codebook::{Codebook, FieldType};
use taizhang_diagnostics::Language;
use taizhang_values::{Timestamp, Value};

/// China has one time zone.
const SHANGHAI_HOURS: i8 = 8;

/// A moment as `2026-11-20 08:05` in China.
pub(crate) fn moment(at: Timestamp) -> String {
    let zone = TimeZone::fixed(Offset::constant(SHANGHAI_HOURS));
    at.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string()
}

/// A value in words: codes by their label, moments in local time.
pub(crate) fn value_words(
    codebook: &Codebook,
    ledger: &str,
    field: &str,
    value: &Value,
    language: Language,
) -> String {
    let definition = codebook.field(ledger, field);
    let list = definition.and_then(|field| field.codes.as_deref());
    let label = |code: &str| {
        list.and_then(|list| codebook.code_label(list, code))
            .map_or_else(|| code.to_owned(), |label| label.text(language).to_owned())
    };
    match value {
        Value::Text(text) => label(text),
        Value::List(items) => items.iter().map(|item| label(item)).collect::<Vec<_>>().join("、"),
        Value::Instant(at) => moment(*at),
        Value::Boolean(truth) => {
            let words = if *truth { crate::text::common::YES } else { crate::text::common::NO };
            words.at(language).to_owned()
        }
        Value::Integer(number)
            if definition.is_some_and(|field| field.field_type == FieldType::Percent) =>
        {
            format!("{number}%")
        }
        other => other.to_string(),
    }
}

/// The codes of a list as options of a form.
pub(crate) fn code_options(
    codebook: &Codebook,
    list: &str,
    language: Language,
) -> Vec<(String, String)> {
    codebook.code_lists.get(list).map_or_else(Vec::new, |list| {
        list.codes
            .iter()
            .map(|code| (code.code.clone(), code.label.text(language).to_owned()))
            .collect()
    })
}
