//! Texts that a snapshot holds under a token only: names of persons that are plain in the store,
//! whatever people write freely, and numbers that somebody wrote where none belongs.
//!
//! A token is the keyed hash of the text: equal texts have equal tokens and a text that is there
//! has one, so that rules which ask no more say the same. A rule that looks into such a text
//! ([`looking_in`]) is judged over the store instead. Which fields hold names says the codebook
//! (`holds`); a county that adds one marks it `holds = "name"`, or `sensitive = "name"`.

use crate::doubts::{Read, Use, reads_of};
use std::collections::BTreeSet;
use taizhang_codebook::{Codebook, Field, FieldType, Ledger, TextHolds};
use taizhang_engine::snapshot::HashKey;
use taizhang_rules::Rule;
use taizhang_store::Record;
use taizhang_values::{
    IDENTITY_CHARACTERS, IdentityFault, IdentityNumber, Value, fold_width, holder_part,
};

/// What tokens begin with.
const MARK: char = '~';

/// Digits of a mobile number.
const PHONE_DIGITS: usize = 11;

/// True for plain fields whose text never stands in a snapshot.
pub(super) fn is_hidden(field: &Field) -> bool {
    let is_hidden = match field.holds {
        Some(TextHolds::Name | TextHolds::Private) => true,
        Some(TextHolds::Official) => false,
        None => field.field_type == FieldType::LongText,
    };
    field.sensitive.is_none() && is_hidden
}

/// Rules that look into texts of which a snapshot holds tokens.
#[must_use]
pub fn looking_in(codebook: &Codebook, rules: &[Rule]) -> BTreeSet<String> {
    let hides = |ledger: &str, name: &str| codebook.field(ledger, name).is_some_and(is_hidden);
    let looks = |read: Read| {
        let is_hidden = hides(&read.place.ledger, &read.field);
        match read.used {
            Use::Presence => false,
            Use::Value => is_hidden,
            Use::EqualTo(ledger, field) => is_hidden != hides(&ledger, &field),
        }
    };
    let looking = |rule: &&Rule| reads_of(codebook, rule).into_iter().any(looks);
    rules.iter().filter(looking).map(|rule| rule.code.clone()).collect()
}

/// Plain fields in whose text some rule looks: their text stays as it is.
pub(super) fn looked_into(codebook: &Codebook, rules: &[Rule]) -> BTreeSet<(String, String)> {
    let reads = rules.iter().flat_map(|rule| reads_of(codebook, rule));
    let looked = reads.filter(|read| read.used == Use::Value);
    looked.map(|read| (read.place.ledger, read.field)).collect()
}

/// Puts tokens in the place of what a snapshot must not hold.
pub(super) struct Hiding<'a> {
    key: HashKey,
    /// Always hidden.
    always: Vec<&'a Field>,
    /// Hidden where they hold a number.
    numbers: Vec<&'a Field>,
    /// Whose numbers are struck out.
    official: Vec<&'a Field>,
}

impl<'a> Hiding<'a> {
    pub(super) fn new(
        ledger: &'a Ledger,
        key: HashKey,
        looked: &BTreeSet<(String, String)>,
    ) -> Self {
        let fields = || ledger.fields.iter().filter(|field| field.sensitive.is_none());
        let is_looked = |field: &Field| looked.contains(&(ledger.name.clone(), field.name.clone()));
        Self {
            key,
            always: fields().filter(|field| is_hidden(field)).collect(),
            numbers: fields()
                .filter(|field| matches!(field.field_type, FieldType::Text | FieldType::Texts))
                .filter(|field| !is_hidden(field) && !is_looked(field))
                .collect(),
            official: fields().filter(|field| field.holds == Some(TextHolds::Official)).collect(),
        }
    }

    /// The record as the snapshot may hold it.
    pub(super) fn hide(&self, record: &mut Record) {
        for field in &self.always {
            if let Some(value) = record.values.get_mut(&field.name) {
                self.replace(value, |_| true);
            }
        }
        for field in &self.numbers {
            if let Some(value) = record.values.get_mut(&field.name) {
                self.replace(value, |text| !number_places(text).is_empty());
            }
        }
        for field in &self.official {
            if let Some(Value::Text(text)) = record.values.get_mut(&field.name) {
                strike_out(text);
            }
        }
    }

    fn replace(&self, value: &mut Value, is_hidden: impl Fn(&str) -> bool) {
        let replace = |text: &mut String| {
            // Blank text is missing text and stays so.
            if !text.trim().is_empty() && is_hidden(text) {
                *text = format!("{MARK}{:016x}", self.key.hash(text.as_bytes()));
            }
        };
        match value {
            Value::Text(text) => replace(text),
            Value::List(items) => items.iter_mut().for_each(replace),
            _ => {}
        }
    }
}

/// The characters of a text, by number, that belong to mobile and identity numbers, with blanks or
/// strokes in them or not.
fn number_places(text: &str) -> Vec<usize> {
    let mut found = Vec::new();
    // Most texts are short, which costs little to see.
    if text.len() < PHONE_DIGITS {
        return found;
    }
    let mut run = String::new();
    let mut places = Vec::new();
    let end = std::iter::once('\n');
    for (place, character) in text.chars().chain(end).enumerate() {
        let plain = match character {
            '０'..='９' | 'Ｘ' | 'ｘ' | '　' => fold_width(&character.to_string()),
            other => other.to_string(),
        };
        match plain.chars().next().map(|plain| plain.to_ascii_uppercase()) {
            Some(' ' | '-') => {}
            Some(digit) if digit.is_ascii_digit() || is_check(digit, &run) => {
                run.push(digit);
                places.push(place);
            }
            _ => {
                if is_number(&run) {
                    found.append(&mut places);
                }
                run.clear();
                places.clear();
            }
        }
    }
    found
}

/// The letter that may end an identity number.
fn is_check(character: char, run: &str) -> bool {
    character == 'X' && run.len() + 1 == IDENTITY_CHARACTERS
}

/// Puts stars in the place of numbers.
fn strike_out(text: &mut String) {
    let places = number_places(text);
    if !places.is_empty() {
        let stars = text.chars().enumerate();
        *text = stars
            .map(|(place, c)| if places.binary_search(&place).is_ok() { '*' } else { c })
            .collect();
    }
}

fn is_number(run: &str) -> bool {
    let is_phone = run.len() == PHONE_DIGITS
        && run.starts_with('1')
        && run.chars().nth(1).is_some_and(|second| second >= '3');
    // A mistyped number is one, too.
    is_phone
        || matches!(IdentityNumber::parse(holder_part(run)), Ok(_) | Err(IdentityFault::CheckDigit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_however_they_are_written() {
        for (text, expected) in [
            ("电话13900001111，晚上打", true),
            ("139 0000-1111", true),
            ("１３９００００１１１１", true),
            ("990101199001010119", true),
            ("990101199013010119", false),
            ("身份证99000120010501001X。", true),
            ("户编号990100000001", false),
            ("2026-11-20 至 2026-11-22", false),
            ("档案12345", false),
            ("", false),
        ] {
            assert_eq!(!number_places(text).is_empty(), expected, "{text}");
        }
        let mut text = "电话１39 0000-1111，做5户".to_owned();
        strike_out(&mut text);
        assert_eq!(text, "电话*** ****-****，做5户");
    }

    #[test]
    fn no_shipped_rule_looks_into_what_snapshots_hide() {
        let codebook = Codebook::embedded("rural").unwrap();
        let (rules, _) = taizhang_rules::check(&codebook);
        assert_eq!(looking_in(&codebook, &rules), BTreeSet::new());
    }

    #[test]
    fn no_name_is_forgotten() {
        let codebook = Codebook::embedded("rural").unwrap();
        for ledger in super::super::ledgers(&codebook) {
            for field in ledger.fields.iter().filter(|field| field.sensitive.is_none()) {
                let is_text = matches!(field.field_type, FieldType::Text | FieldType::Texts);
                let label = &field.label.zh;
                let tells = ["姓名", "户主", "联系人", "经办人", "责任人", "家庭医生", "户名"];
                if is_text
                    && !label.contains("关系")
                    && tells.iter().any(|word| label.contains(word))
                {
                    assert!(is_hidden(field), "{}.{} {label}", ledger.name, field.name);
                }
            }
        }
    }
}
