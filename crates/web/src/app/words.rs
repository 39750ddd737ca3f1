//! Stored values and moments in the words of the page.

use jiff::tz::{Offset, TimeZone};
use taizhang_codebook::{Codebook, FieldType};
use taizhang_diagnostics::Language;
use taizhang_values::{Timestamp, Value, month_text};

/// China has one time zone.
const SHANGHAI_HOURS: i8 = 8;

/// A moment as `2026-11-20 08:05` in China.
pub(crate) fn moment(at: Timestamp) -> String {
    let zone = TimeZone::fixed(Offset::constant(SHANGHAI_HOURS));
    at.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string()
}

/// A sentence of a diagnostic for a page: what stands in backticks stands in quotation marks.
pub(crate) fn sentence(text: &str, language: Language) -> String {
    let (open, close) = match language {
        Language::Zh => ("“", "”"),
        Language::En => ("\"", "\""),
    };
    let mut sentence = String::with_capacity(text.len());
    for (place, part) in text.split('`').enumerate() {
        if place > 0 {
            sentence.push_str(if place % 2 == 1 { open } else { close });
        }
        sentence.push_str(part);
    }
    match language {
        Language::Zh => sentence,
        Language::En => capitalised(&sentence),
    }
}

/// A sentence with a capital.
pub(crate) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
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
        Value::List(items) => {
            let words: Vec<String> = items.iter().map(|item| label(item)).collect();
            words.join(crate::text::common::LIST.at(language))
        }
        Value::Instant(at) => moment(*at),
        Value::Date(date)
            if definition.is_some_and(|field| field.field_type == FieldType::Month) =>
        {
            month_text(*date)
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backticks_become_quotation_marks() {
        let cases = [
            ("没有村`马糖村`", Language::Zh, "没有村“马糖村”"),
            ("no `x`, `y`", Language::En, "No \"x\", \"y\""),
        ];
        for (text, language, expected) in cases {
            assert_eq!(sentence(text, language), expected);
        }
    }
}
