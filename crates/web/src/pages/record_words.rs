//! Records of the register, doubts and rules in the words of pages.

use super::issue::id_of;
use crate::app::{AppState, Visit, WebError, capitalised, value_words};
use crate::components::{Menu, tag};
use crate::frame::Frame;
use crate::pages::queue::code_words;
use crate::text::{doubt, household, verb};
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use maud::Markup;
use std::collections::{BTreeMap, BTreeSet};
use taizhang_codebook::{Codebook, Field, FieldType, RuleSeverity, RuleSource, TextHolds};
use taizhang_diagnostics::Language;
use taizhang_service::{Caller, Service, ServiceError};
use taizhang_store::Record;
use taizhang_values::{Money, RecordId, Value, mask_name};

/// The words of a ledger.
pub(crate) fn ledger_label(service: &Service, frame: &Frame, ledger: &str) -> String {
    let known = service.codebook().ledger(ledger);
    known.map_or(ledger, |known| known.label.text(frame.language)).to_owned()
}

/// The words of a field.
pub(crate) fn field_label(codebook: &Codebook, frame: &Frame, ledger: &str, name: &str) -> String {
    let known = codebook.field(ledger, name);
    known.map_or(name, |known| known.label.text(frame.language)).to_owned()
}

/// An act by its verb: a step of the flow by its own words, the others by ours.
pub(crate) fn act_words(service: &Service, frame: &Frame, act: &str) -> String {
    let short = act.strip_prefix("finding.").unwrap_or(act);
    let flow = service.codebook().flows.get("rectification");
    let step = flow.and_then(|flow| flow.step(short));
    let words = || verb::words(act).or_else(|| verb::on_record(act));
    match step {
        Some(step) => step.label.text(frame.language).to_owned(),
        None => words().map_or_else(|| act.to_owned(), |words| frame.t(words).to_owned()),
    }
}

/// What a record is called: the text of its title field; names of people are masked.
pub(crate) fn record_title(codebook: &Codebook, record: &Record) -> String {
    let ledger = codebook.ledger(&record.ledger);
    let field = ledger.and_then(|ledger| ledger.field(ledger.title_field.as_deref()?));
    let title = field.map_or("", |field| record.text(&field.name));
    if field.is_some_and(is_name) { mask_name(title) } else { title.to_owned() }
}

/// Menu and first step of the path of a record's pages: what belongs to no household was reached
/// from a doubt about it.
pub(crate) fn above(frame: &Frame, is_of_household: bool) -> (Menu, (&str, &'static str)) {
    match is_of_household {
        true => (Menu::Households, (frame.t(household::TITLE), "/households")),
        false => (Menu::Doubts, (frame.t(doubt::TITLE), "/doubts")),
    }
}

/// The page of a record. Findings and what belongs to them are read where they are worked on.
pub(crate) fn record_address(record: &Record) -> String {
    let finding = record.reference("finding");
    match (record.ledger.as_str(), finding) {
        ("household", _) => format!("/households/{}", record.id),
        ("inspection", _) => format!("/inspections/{}", record.id),
        ("finding", _) => format!("/issues/{}", record.id),
        (_, Some(finding)) => format!("/issues/{finding}"),
        (ledger, None) => format!("/records/{}?ledger={ledger}", record.id),
    }
}

/// A household by the masked name of its head.
pub(crate) fn household_words(frame: &Frame, record: &Record) -> String {
    frame.with(household::OF_HEAD, &[&mask_name(record.text("head_name"))])
}

/// A value of a record in words, names of people masked, records it refers to by `names`.
pub(crate) fn shown_value(
    service: &Service,
    frame: &Frame,
    field: &Field,
    ledger: &str,
    value: &Value,
    names: &BTreeMap<RecordId, String>,
) -> String {
    match value {
        Value::Reference(id) => names.get(id).cloned().unwrap_or_default(),
        Value::Text(text) if is_name(field) => mask_name(text),
        Value::Money(money) => yuan(*money),
        other => value_words(service.codebook(), ledger, &field.name, other, frame.language),
    }
}

/// True for a field that holds the name of a person of the register, which pages show masked.
pub(crate) fn is_name(field: &Field) -> bool {
    field.holds == Some(TextHolds::Name) && field.field_type == FieldType::Text
}

/// The household that a record belongs to, as far as the caller may see it.
pub(crate) fn home_of(service: &Service, caller: &Caller, record: &Record) -> Option<Record> {
    let id = service.household_of(record)?;
    service.register_record(caller, "household", &id).ok()
}

/// An amount in yuan; whole ones without their zero fen.
pub(crate) fn yuan(money: Money) -> String {
    let text = money.to_string();
    text.strip_suffix(".00").map_or(text.clone(), str::to_owned)
}

/// Names of what the values of a record refer to: people and units by name, records by title.
pub(crate) fn reference_names(
    service: &Service,
    visit: &Visit,
    ledger: &str,
    values: &[&Value],
) -> Result<BTreeMap<RecordId, String>, ServiceError> {
    let ids: Vec<RecordId> =
        values.iter().filter_map(|value| value.as_reference().cloned()).collect();
    let mut names = service.names_of(&ids)?;
    let fields = service.codebook().ledger(ledger).map_or(&[][..], |ledger| &ledger.fields);
    let targets: BTreeSet<&str> =
        fields.iter().filter_map(|field| field.ledger.as_deref()).collect();
    for target in targets {
        if target == "user" || target == "unit" {
            continue;
        }
        for id in &ids {
            if names.contains_key(id) {
                continue;
            }
            if let Ok(record) = service.register_record(&visit.caller, target, id) {
                names.insert(id.clone(), record_title(service.codebook(), &record));
            }
        }
    }
    Ok(names)
}

/// The severity of a rule or doubt as a tag.
pub(crate) fn severity_tag(service: &Service, frame: &Frame, severity: &str) -> Markup {
    let tone = match severity {
        "blocker" => "r",
        "high" => "y",
        "medium" => "b",
        _ => "",
    };
    tag(tone, &code_words(service, frame, RuleSeverity::LIST, severity))
}

/// The status of a doubt as a tag.
pub(crate) fn status_tag(service: &Service, frame: &Frame, status: &str) -> Markup {
    let tone = match status {
        "asked" => "y",
        "answered" | "passed_on" => "b",
        "closed" => "g",
        _ => "",
    };
    tag(tone, &code_words(service, frame, "doubt_status", status))
}

/// Title of a rule by its code; the code where the codebook has no such rule any more.
pub(crate) fn title_of_rule(codebook: &Codebook, code: &str, frame: &Frame) -> String {
    let rule = codebook.rules.get(code);
    rule.map_or_else(|| code.to_owned(), |rule| rule.title(frame.language))
}

/// What a doubt says. It keeps the words of its day, in Chinese; in English they are told again
/// with the same values, and stand as they are where its rule says something else by now.
pub(crate) fn doubt_words(service: &Service, frame: &Frame, doubt: &Record) -> String {
    let told = doubt.text("message");
    let source = service.codebook().rules.get(doubt.text("rule"));
    let words = match source.filter(|_| frame.language == Language::En) {
        // Who may not see the values reads the title instead.
        Some(source) if told == source.title(Language::Zh) => Some(source.title(Language::En)),
        Some(source) => service.told_in_english(&source.code, told),
        None => None,
    };
    rule_words(frame, words.as_deref().unwrap_or(told))
}

/// A message of a rule as pages write it: a capital first, values between quotation marks instead
/// of backticks.
pub(crate) fn rule_words(frame: &Frame, message: &str) -> String {
    let (open, close) = if frame.language == Language::Zh { ("“", "”") } else { ("\"", "\"") };
    let mut text = String::with_capacity(message.len());
    for (place, part) in message.split('`').enumerate() {
        match place {
            0 => {}
            odd if odd % 2 == 1 => text.push_str(open),
            _ => text.push_str(close),
        }
        text.push_str(part);
    }
    // A Chinese sentence may begin with a value, which stays as it is.
    if frame.language == Language::Zh { text } else { capitalised(&text) }
}

/// Where a rule comes from, a line a source.
pub(crate) fn source_lines(codebook: &Codebook, frame: &Frame, rule: &RuleSource) -> Vec<String> {
    let cited = codebook.citations(&rule.source);
    cited.iter().map(|one| one.text(frame.language)).collect()
}

/// What the address of a page about one record says: `/records/{id}…?ledger=…`.
pub(crate) struct RecordAsked {
    pub(crate) id: RecordId,
    pub(crate) ledger: String,
    /// A field of it, where the page is about one.
    pub(crate) field: Option<String>,
}

impl FromRequestParts<AppState> for RecordAsked {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, WebError> {
        let gone = |_| WebError::NotFound;
        let Path(id) = Path::<String>::from_request_parts(parts, state).await.map_err(gone)?;
        let Query(mut asked) = Query::<BTreeMap<String, String>>::from_request_parts(parts, state)
            .await
            .map_err(|_| WebError::NotFound)?;
        let ledger = asked.remove("ledger").ok_or(WebError::NotFound)?;
        Ok(Self { id: id_of(&id)?, ledger, field: asked.remove("field") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_a_message_stand_between_quotation_marks() {
        let cases = [
            (Language::Zh, "状况`小学`不符", "状况“小学”不符"),
            (Language::En, "the stage `a` or `b`", "The stage \"a\" or \"b\""),
            (Language::Zh, "", ""),
        ];
        for (language, message, expected) in cases {
            let frame = Frame { language, ..Frame::default() };
            assert_eq!(rule_words(&frame, message), expected);
        }
    }
}
