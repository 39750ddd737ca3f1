//! The form of a record of any ledger: inputs from the codebook's fields, and back to values.

use super::record_words::is_name;
use crate::app::{FormValues, code_options};
use crate::components::{
    Choice, Errors, Field as Input, area_field, check_field, hidden, input_field, many_picker,
    one_picker, select_field,
};
use crate::frame::Frame;
use crate::text::{common, record as t};
use maud::{Markup, html};
use std::collections::BTreeMap;
use taizhang_codebook::{Codebook, Field, FieldType, Ledger};
use taizhang_diagnostics::{Diagnostic, Message, Place};
use taizhang_service::ServiceError;
use taizhang_store::{Record, Values};
use taizhang_values::{
    Date, Decimal, Money, RecordId, Value, fold_width, month_text, parse_date, parse_month,
};

/// Fields that a form never shows: the tie to the household stands fast, moments and former
/// numbers are the program's.
pub(crate) fn is_editable(ledger: &Ledger, field: &Field, today: Date) -> bool {
    let is_tie = ledger.nest.as_deref() == Some(field.name.as_str());
    let is_former = ledger.fields.iter().any(|one| one.former.as_deref() == Some(&field.name));
    let is_over = field.until.is_some_and(|until| until < today);
    !is_tie && !is_former && !is_over && field.field_type != FieldType::Instant
}

/// A value as the form shows and takes it.
pub(crate) fn form_text(field: &Field, value: &Value) -> String {
    match (field.field_type, value) {
        (FieldType::Month, Value::Date(date)) => month_text(*date),
        (_, Value::Boolean(truth)) => if *truth { "yes" } else { "no" }.to_owned(),
        (_, Value::List(items)) => items.join("\n"),
        (_, other) => other.to_string(),
    }
}

/// The pairs of a form that shows a record: every field, and beside it what it was, so that only
/// what a person changes is changed, whoever else writes meanwhile.
pub(crate) fn start_values(ledger: &Ledger, record: &Record) -> FormValues {
    let mut pairs = Vec::new();
    for field in &ledger.fields {
        let text = form_text(field, record.get(&field.name));
        if field.sensitive.is_some() {
            // The mask stands in the hint; the input is empty.
            continue;
        }
        pairs.push((was(&field.name), text.clone()));
        match field.field_type {
            FieldType::Codes => {
                let items = record.get(&field.name).as_list().iter();
                pairs.extend(items.map(|item| (field.name.clone(), item.clone())));
            }
            _ => pairs.push((field.name.clone(), text)),
        }
    }
    FormValues(pairs)
}

fn was(field: &str) -> String {
    format!("was.{field}")
}

fn clear(field: &str) -> String {
    format!("clear.{field}")
}

/// What the form needs beside the codebook.
pub(crate) struct Sheet<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) codebook: &'a Codebook,
    pub(crate) ledger: &'a Ledger,
    pub(crate) values: &'a FormValues,
    pub(crate) errors: &'a Errors,
    /// Masks of the stored sensitive fields.
    pub(crate) masks: &'a BTreeMap<String, String>,
    /// Choices of reference and region fields.
    pub(crate) choices: &'a BTreeMap<String, Vec<Choice>>,
    pub(crate) today: Date,
}

impl Sheet<'_> {
    /// All inputs: what is filled or required first, the rest behind a summary.
    pub(crate) fn fields(&self, is_new: bool) -> Markup {
        let fields = self.ledger.fields.iter();
        let fields: Vec<&Field> =
            fields.filter(|field| is_editable(self.ledger, field, self.today)).collect();
        let is_first = |field: &&Field| {
            field.is_required
                || !self.values.get(&field.name).is_empty()
                || self.masks.contains_key(&field.name)
                || self.errors.of(&field.name).is_some()
        };
        let (first, rest): (Vec<&Field>, Vec<&Field>) = if is_new && fields.len() <= SHOWN_WHOLE {
            (fields, Vec::new())
        } else {
            fields.into_iter().partition(is_first)
        };
        let has_date = self.ledger.fields.iter().any(|field| field.field_type == FieldType::Date);
        html! {
            @if has_date { p.muted.small { (self.frame.t(t::DATES)) } }
            (self.rows(&first))
            @if !rest.is_empty() {
                details.act-d open[is_new] {
                    summary.btn.s { (self.frame.with(t::MORE, &[&rest.len()])) }
                    div.bx { (self.rows(&rest)) }
                }
            }
        }
    }

    /// One-line inputs side by side, then what takes more room.
    fn rows(&self, fields: &[&Field]) -> Markup {
        let is_tall = |field: &Field| {
            let is_open = field.sensitive.is_none();
            let tall = [FieldType::Codes, FieldType::Texts, FieldType::LongText];
            is_open && tall.contains(&field.field_type)
        };
        html! {
            div.frow { @for field in fields { @if !is_tall(field) { (self.field(field)) } } }
            @for field in fields { @if is_tall(field) { (self.field(field)) } }
        }
    }

    fn field(&self, field: &Field) -> Markup {
        let input = self.input(field);
        html! {
            @if field.sensitive.is_none() {
                (hidden(&was(&field.name), self.values.get(&was(&field.name))))
            }
            (input)
        }
    }

    fn input(&self, field: &Field) -> Markup {
        let (frame, errors) = (self.frame, self.errors);
        let label = field.label.text(frame.language);
        let hint = self.hint(field);
        let value = self.values.get(&field.name);
        let input = Input {
            name: &field.name,
            label,
            hint: &hint,
            value,
            is_required: field.is_required,
            autocomplete: (is_name(field) || field.sensitive.is_some()).then_some("off"),
            ..Input::default()
        };
        if field.sensitive.is_some() {
            return self.sensitive(field, &input);
        }
        match field.field_type {
            FieldType::LongText | FieldType::Texts => area_field(frame, errors, &input),
            FieldType::Boolean => {
                let options = [("yes", common::YES), ("no", common::NO)]
                    .map(|(value, words)| (value.to_owned(), frame.t(words).to_owned()));
                select_field(frame, errors, &input, &options)
            }
            FieldType::Code => select_field(frame, errors, &input, &self.codes(field)),
            FieldType::Codes => many_picker(frame, errors, &input, &self.ticked(field)),
            FieldType::Reference | FieldType::Region => {
                let none = Vec::new();
                let choices = self.choices.get(&field.name).unwrap_or(&none);
                one_picker(frame, errors, &input, choices)
            }
            _ => input_field(frame, errors, &input),
        }
    }

    fn hint(&self, field: &Field) -> String {
        if field.sensitive.is_some() {
            return match self.masks.get(&field.name) {
                Some(mask) => self.frame.with(t::SENSITIVE, &[mask]),
                None => self.frame.t(t::SENSITIVE_NONE).to_owned(),
            };
        }
        let fixed = match field.field_type {
            FieldType::Texts => Some(t::LIST_HINT),
            FieldType::Money => Some(t::MONEY_HINT),
            FieldType::Month => Some(t::MONTH_HINT),
            _ => None,
        };
        match (&field.hint, fixed) {
            (Some(hint), _) => hint.text(self.frame.language).to_owned(),
            (None, Some(text)) => self.frame.t(text).to_owned(),
            (None, None) => String::new(),
        }
    }

    /// Typed anew or left alone; what is stored never comes back into a form.
    fn sensitive(&self, field: &Field, input: &Input<'_>) -> Markup {
        let name = clear(&field.name);
        let label = self.frame.with(t::SENSITIVE_CLEAR, &[&input.label]);
        html! {
            div {
                (input_field(self.frame, self.errors, input))
                @if self.masks.contains_key(&field.name) {
                    (check_field(&Input {
                        name: &name, label: &label, value: self.values.get(&name),
                        ..Input::default()
                    }))
                }
            }
        }
    }

    /// Codes in force, and the one that stands in the record.
    fn codes(&self, field: &Field) -> Vec<(String, String)> {
        let list = field.codes.as_deref().unwrap_or("");
        let stored = self.values.get(&field.name);
        let mut options = code_options(self.codebook, list, self.frame.language);
        let known = self.codebook.code_lists.get(list);
        options.retain(|(code, _)| {
            let until = known.and_then(|list| list.code(code)).and_then(|code| code.until);
            code == stored || until.is_none_or(|until| self.today <= until)
        });
        options
    }

    fn ticked(&self, field: &Field) -> Vec<Choice> {
        let list = field.codes.as_deref().unwrap_or("");
        let ticked = self.values.all(&field.name);
        code_options(self.codebook, list, self.frame.language)
            .into_iter()
            .map(|(id, name)| Choice {
                is_picked: ticked.contains(&id),
                id,
                name,
                note: String::new(),
            })
            .collect()
    }
}

/// A new record of so few fields is shown whole.
const SHOWN_WHOLE: usize = 14;

/// What the form changes, read by the types of the fields.
///
/// # Errors
/// `Invalid` with `P0020` to `P0024` at every field that cannot be read.
pub(crate) fn changes(
    ledger: &Ledger,
    form: &FormValues,
    today: Date,
) -> Result<Values, ServiceError> {
    let mut values = Values::new();
    let mut faults = Vec::new();
    for field in ledger.fields.iter().filter(|field| is_editable(ledger, field, today)) {
        match change(field, form) {
            Ok(Some(value)) => {
                values.insert(field.name.clone(), value);
            }
            Ok(None) => {}
            Err((code, zh, en)) => faults.push(
                Diagnostic::error(code, Message::new(zh, en))
                    .at(Place::Field { ledger: ledger.name.clone(), field: field.name.clone() }),
            ),
        }
    }
    if faults.is_empty() { Ok(values) } else { Err(ServiceError::Invalid(faults)) }
}

type Fault = (&'static str, &'static str, &'static str);

/// The new value of a field; none if it stays as it was.
fn change(field: &Field, form: &FormValues) -> Result<Option<Value>, Fault> {
    if field.sensitive.is_some() {
        let typed = form.get(&field.name);
        return if form.is_ticked(&clear(&field.name)) && typed.is_empty() {
            Ok(Some(Value::Null))
        } else if typed.is_empty() {
            Ok(None)
        } else {
            read(field, typed).map(Some)
        };
    }
    let typed = match field.field_type {
        FieldType::Codes => form.all(&field.name).join("\n"),
        _ if !form.has(&field.name) => return Ok(None),
        _ => form.get(&field.name).replace("\r\n", "\n"),
    };
    let before = form.get(&was(&field.name)).replace("\r\n", "\n");
    if typed == before {
        return Ok(None);
    }
    let value = read(field, &typed)?;
    // The same amount written in another way is no change.
    Ok((read(field, &before).ok().as_ref() != Some(&value)).then_some(value))
}

/// A typed text as a value of the field's type; blank is missing.
fn read(field: &Field, typed: &str) -> Result<Value, Fault> {
    let text = typed.trim();
    if text.is_empty() {
        return Ok(Value::Null);
    }
    let folded = fold_width(text);
    let number = folded.trim_end_matches('%').replace(',', "");
    let read = match field.field_type {
        FieldType::Text | FieldType::LongText | FieldType::Code | FieldType::Region => {
            Some(Value::from(text))
        }
        FieldType::Integer | FieldType::Percent => number.trim().parse().ok().map(Value::Integer),
        FieldType::Money => Money::parse(text).map(Value::Money),
        FieldType::Decimal => Decimal::parse(text).map(Value::Decimal),
        FieldType::Date => parse_date(text).map(Value::Date),
        FieldType::Month => parse_month(text).map(Value::Date),
        FieldType::Boolean => match text {
            "yes" => Some(Value::Boolean(true)),
            "no" => Some(Value::Boolean(false)),
            _ => None,
        },
        FieldType::Codes | FieldType::Texts => {
            let items = text.lines().map(str::trim).filter(|line| !line.is_empty());
            Some(Value::List(items.map(str::to_owned).collect()))
        }
        FieldType::Reference => RecordId::parse(text).map(Value::Reference),
        FieldType::Instant => None,
    };
    read.ok_or(match field.field_type {
        FieldType::Integer | FieldType::Percent => ("P0020", "请填整数", "not a whole number"),
        FieldType::Money => {
            ("P0021", "金额看不懂，请写成 1234.50", "not an amount, write it as 1234.50")
        }
        FieldType::Decimal => {
            ("P0022", "请填数字，最多四位小数", "not a number of at most four decimals")
        }
        FieldType::Month => {
            ("P0023", "月份看不懂，请写成 2026-11", "not a month, write it as 2026-11")
        }
        _ => ("P0024", "填写的内容看不懂", "this cannot be read"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(field_type: FieldType) -> Field {
        Field {
            name: "x".to_owned(),
            label: Message::new("", ""),
            field_type,
            codes: None,
            ledger: None,
            is_required: false,
            is_unique: false,
            is_indexed: false,
            is_searched: false,
            former: None,
            sensitive: None,
            holds: None,
            since: None,
            until: None,
            length_max: None,
            minimum: None,
            maximum: None,
            synonyms: Vec::new(),
            hint: None,
        }
    }

    fn form(pairs: &[(&str, &str)]) -> FormValues {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        FormValues(pairs.iter().map(pair).collect())
    }

    #[test]
    fn only_what_was_changed_is_changed() {
        use FieldType as Type;
        let cases = [
            (Type::Text, "甲", "甲", None),
            (Type::Text, "甲", "乙", Some(Value::from("乙"))),
            (Type::Text, "甲", "", Some(Value::Null)),
            (Type::Money, "1,200.00", "1200", None),
            (Type::Money, "1,200.00", "１２０１元", Some(Value::Money(Money::from_fen(120_100)))),
            (Type::Date, "2020-03-10", "2020年3月10日", None),
            (Type::Boolean, "", "no", Some(Value::Boolean(false))),
            (Type::Percent, "", "80%", Some(Value::Integer(80))),
            (Type::LongText, "一\n二", "一\r\n二", None),
        ];
        for (kind, before, typed, expected) in cases {
            let form = form(&[("was.x", before), ("x", typed)]);
            assert_eq!(change(&field(kind), &form), Ok(expected), "{kind:?} {before} {typed}");
        }
    }

    #[test]
    fn unreadable_values_are_refused_by_their_type() {
        use FieldType as Type;
        let cases = [
            (Type::Integer, "P0020"),
            (Type::Money, "P0021"),
            (Type::Decimal, "P0022"),
            (Type::Month, "P0023"),
            (Type::Date, "P0024"),
        ];
        for (kind, code) in cases {
            let fault = change(&field(kind), &form(&[("x", "下周三")])).unwrap_err();
            assert_eq!(fault.0, code, "{kind:?}");
        }
    }

    #[test]
    fn a_sensitive_field_is_left_alone_unless_typed_or_cleared() {
        use taizhang_codebook::SensitiveClass;
        let sealed = Field { sensitive: Some(SensitiveClass::Phone), ..field(FieldType::Text) };
        let cases = [
            (form(&[("x", "")]), None),
            (form(&[("x", "13800000000")]), Some(Value::from("13800000000"))),
            (form(&[("x", ""), ("clear.x", "yes")]), Some(Value::Null)),
            (form(&[]), None),
        ];
        for (form, expected) in cases {
            assert_eq!(change(&sealed, &form), Ok(expected), "{form:?}");
        }
    }
}
