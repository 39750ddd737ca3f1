//! The record that a row is about, and the records that it refers to.

use super::register_target::{PERSON, ROOT, Target};
use crate::ServiceError;
use taizhang_codebook::{FieldType, Ledger};
use taizhang_store::{Filter, Query, Reader, Record, Values};
use taizhang_values::{RecordId, Value};

/// Candidates looked at; more of them is no answer.
const CANDIDATES: usize = 20;

/// What a look-up came to.
pub(super) enum Found {
    /// No record.
    None,
    /// This one.
    One(Box<Record>),
    /// Several, and the file does not tell which.
    Several,
}

/// Records of the store in clear, for comparing.
pub(super) struct Finder<'r, 's> {
    pub(super) reader: &'r Reader<'s>,
}

impl Finder<'_, '_> {
    pub(super) fn list(&self, ledger: &str, filter: Filter) -> Result<Vec<Record>, ServiceError> {
        let query = Query::new(ledger).filter(filter).sort("id", false).limit(CANDIDATES);
        Ok(self.reader.for_judging(|reader| reader.list(&query))?.records)
    }

    /// By a key field; an old number finds the record as well.
    fn by_key(
        &self,
        ledger: &Ledger,
        field: &str,
        value: &Value,
    ) -> Result<Vec<Record>, ServiceError> {
        let found = self.list(&ledger.name, Filter::Eq(field.to_owned(), value.clone()))?;
        let former = ledger.field(field).and_then(|field| field.former.clone());
        match (former, value) {
            (Some(former), Value::Text(text)) if found.is_empty() => {
                self.list(&ledger.name, Filter::ListHas(former, text.clone()))
            }
            _ => Ok(found),
        }
    }

    /// A record named by the cell of a reference: by a unique field, else by its title.
    pub(super) fn by_name(
        &self,
        ledger: &Ledger,
        text: &str,
        household: Option<&RecordId>,
    ) -> Result<Found, ServiceError> {
        let plain = |name: &&str| {
            ledger.field(name).is_some_and(|field| {
                matches!(field.field_type, FieldType::Text | FieldType::Region)
            })
        };
        let unique = ledger.fields.iter().filter(|field| field.is_unique);
        let unique = unique.map(|field| field.name.as_str());
        for field in unique.chain(ledger.title_field.as_deref()).filter(plain) {
            let mut found = self.by_key(ledger, field, &Value::from(text))?;
            if found.len() > 1
                && let Some(household) = household
            {
                found.retain(|record| record.reference(ROOT) == Some(household));
            }
            match found.len() {
                0 => {}
                1 => return Ok(one(found)),
                _ => return Ok(Found::Several),
            }
        }
        Ok(Found::None)
    }

    /// The record of a part by its keys: each in turn, those that are filled.
    pub(super) fn by_keys(
        &self,
        ledger: &Ledger,
        keys: &[String],
        values: &Values,
        household: Option<&RecordId>,
    ) -> Result<Found, ServiceError> {
        for key in keys {
            let Some(value) = values.get(key).filter(|value| !value.is_empty()) else { continue };
            let mut found = self.by_key(ledger, key, value)?;
            if found.len() > 1
                && let Some(household) = household
            {
                found.retain(|record| record.reference(ROOT) == Some(household));
            }
            match found.len() {
                0 => {}
                1 => return Ok(one(found)),
                _ => return Ok(Found::Several),
            }
        }
        Ok(Found::None)
    }

    /// A person of a household by name, when no number is given.
    pub(super) fn by_person_name(
        &self,
        household: &RecordId,
        name: &Value,
    ) -> Result<Found, ServiceError> {
        let filter = Filter::eq(ROOT, household).and(Filter::Eq("name".to_owned(), name.clone()));
        let found = self.list(PERSON, filter)?;
        Ok(match found.len() {
            0 => Found::None,
            1 => one(found),
            _ => Found::Several,
        })
    }

    /// A record without a key: the same references and the same required fields. Of several, one
    /// that says just the same, else the first that no earlier row took.
    pub(super) fn by_nature(
        &self,
        ledger: &Ledger,
        values: &Values,
        is_taken: &dyn Fn(&RecordId) -> bool,
        is_main: bool,
    ) -> Result<Found, ServiceError> {
        let keys = nature(ledger);
        let mut filter = Filter::All;
        let mut is_told = !is_main;
        let mut has_reference = false;
        for key in &keys {
            let Some(value) = values.get(*key).filter(|value| !value.is_empty()) else { continue };
            let is_reference = matches!(value, Value::Reference(_));
            has_reference |= is_reference;
            is_told |= !is_reference;
            filter = filter.and(Filter::Eq((*key).to_owned(), value.clone()));
        }
        if !has_reference && !is_told {
            return Ok(Found::None);
        }
        let mut found = self.list(&ledger.name, filter)?;
        found.retain(|record| !is_taken(&record.id));
        let same = |record: &Record| {
            values.iter().all(|(name, value)| {
                record.get(name) == value || (record.get(name).is_empty() && value.is_empty())
            })
        };
        if let Some(at) = found.iter().position(same) {
            return Ok(Found::One(Box::new(found.swap_remove(at))));
        }
        if !is_told || found.is_empty() {
            return Ok(Found::None);
        }
        if !is_main && found.len() > 1 {
            return Ok(Found::Several);
        }
        found.truncate(1);
        Ok(one(found))
    }
}

fn one(found: Vec<Record>) -> Found {
    found.into_iter().next().map_or(Found::None, |record| Found::One(Box::new(record)))
}

/// Fields of which one record a household, or a person, has one for each value.
const PERIODS: [&str; 3] = ["year", "term", "month"];

/// One record a household or person and period: a second row of the same is a fault.
pub(super) fn is_periodic(ledger: &Ledger) -> bool {
    let is_period = |name: &&str| ledger.field(name).is_some_and(|field| field.is_required);
    PERIODS.iter().any(is_period)
}

/// Fields that together say which record is meant where no number does.
pub(super) fn nature(ledger: &Ledger) -> Vec<&str> {
    ledger
        .fields
        .iter()
        .filter(|field| {
            (field.is_required || PERIODS.contains(&field.name.as_str()) || field.name == PERSON)
                && field.sensitive.is_none()
                && !matches!(field.field_type, FieldType::Codes | FieldType::Texts)
        })
        .map(|field| field.name.as_str())
        .collect()
}

/// The fields by which records of a ledger are known: the layout's, else its unique ones.
pub(super) fn keys_of(target: &Target<'_>, ledger: &Ledger) -> Vec<String> {
    let is_main = target.ledger.name == ledger.name;
    let mut keys = if is_main { target.keys.clone() } else { Vec::new() };
    let unique = ledger.fields.iter().filter(|field| field.is_unique);
    keys.extend(unique.map(|field| field.name.clone()));
    if ledger.name == PERSON {
        keys.push("id_number".to_owned());
    }
    let mut seen = std::collections::BTreeSet::new();
    keys.retain(|key| seen.insert(key.clone()));
    keys
}
