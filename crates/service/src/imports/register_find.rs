//! The record that a row is about, and the records that it refers to.

use super::register_content::last_brought;
use super::register_lookup::Lookups;
use super::register_target::{PERSON, ROOT, Target};
use super::register_values::PartValues;
use crate::ServiceError;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use taizhang_codebook::{FieldType, Ledger};
use taizhang_store::{Filter, Query, Reader, Record, Writer};
use taizhang_values::{RecordId, Value};

/// Candidates looked at; more of them is no answer.
const CANDIDATES: usize = 20;
/// Rows of one household, or of one nature, that a row without a number is looked for among.
const ALIKE: usize = 1000;

/// What a look-up came to.
pub(super) enum Found {
    /// No record.
    None,
    /// This one.
    One(Rc<Record>),
    /// Several, and the file does not tell which.
    Several,
}

/// Records of the store in clear, for comparing: those of the block's look-ups, else asked for.
pub(super) struct Finder<'r, 's> {
    pub(super) reader: &'r Reader<'s>,
    /// Writes what waits before the store is asked.
    pub(super) writer: Option<&'r Writer<'s>>,
    pub(super) lookups: &'r RefCell<Lookups>,
    /// Ledgers in the order of writing.
    pub(super) order: &'r [&'r str],
}

impl Finder<'_, '_> {
    pub(super) fn list(
        &self,
        ledger: &str,
        filter: Filter,
    ) -> Result<Vec<Rc<Record>>, ServiceError> {
        self.list_up_to(CANDIDATES, ledger, filter)
    }

    fn list_up_to(
        &self,
        limit: usize,
        ledger: &str,
        filter: Filter,
    ) -> Result<Vec<Rc<Record>>, ServiceError> {
        if let Some(writer) = self.writer {
            self.lookups.borrow_mut().flush(writer, self.order)?;
        }
        let query = Query::new(ledger).filter(filter).sort("id", false).limit(limit);
        let page = self.reader.for_judging(|reader| reader.list(&query))?;
        Ok(page.records.into_iter().map(Rc::new).collect())
    }

    /// By a key field; an old number finds the record as well.
    fn by_key(
        &self,
        ledger: &Ledger,
        field: &str,
        value: &Value,
    ) -> Result<Vec<Rc<Record>>, ServiceError> {
        let known = self.lookups.borrow().get(&ledger.name, field, value).map(<[_]>::to_vec);
        let found = match known {
            Some(found) => found,
            None => self.list(&ledger.name, Filter::Eq(field.to_owned(), value.clone()))?,
        };
        let former = ledger.field(field).and_then(|field| field.former.as_ref());
        let (Some(former), Value::Text(text), true) = (former, value, found.is_empty()) else {
            return Ok(found);
        };
        let ids = self.lookups.borrow().formerly(&ledger.name, former, text).map(<[_]>::to_vec);
        match ids {
            Some(ids) if ids.is_empty() => Ok(found),
            Some(ids) => {
                if let Some(writer) = self.writer {
                    self.lookups.borrow_mut().flush(writer, self.order)?;
                }
                let own = self.reader.for_judging(|reader| reader.get_many(&ledger.name, &ids))?;
                Ok(own.into_values().map(Rc::new).collect())
            }
            None => self.list(&ledger.name, Filter::ListHas(former.clone(), text.clone())),
        }
    }

    /// A record named by the cell of a reference: by a unique field, else by its title.
    pub(super) fn by_name(
        &self,
        ledger: &Ledger,
        text: &str,
        household: Option<&RecordId>,
    ) -> Result<Found, ServiceError> {
        let known = self.lookups.borrow().named(&ledger.name, text).cloned();
        if let Some(found) = known {
            return Ok(narrowed(found, household));
        }
        let plain = |name: &&str| {
            ledger.field(name).is_some_and(|field| {
                matches!(field.field_type, FieldType::Text | FieldType::Region)
            })
        };
        let unique = ledger.fields.iter().filter(|field| field.is_unique);
        let unique = unique.map(|field| field.name.as_str());
        let mut found = Vec::new();
        for field in unique.chain(ledger.title_field.as_deref()).filter(plain) {
            found = self.by_key(ledger, field, &Value::from(text))?;
            if !found.is_empty() {
                break;
            }
        }
        // What the file itself writes may be there for a later row.
        if !self.order.contains(&ledger.name.as_str()) {
            self.lookups.borrow_mut().remember(&ledger.name, text, found.clone());
        }
        Ok(narrowed(found, household))
    }

    /// The record of a part by its keys: each in turn, those that are filled.
    pub(super) fn by_keys(
        &self,
        ledger: &Ledger,
        keys: &[String],
        values: &PartValues<'_>,
        household: Option<&RecordId>,
    ) -> Result<Found, ServiceError> {
        for key in keys {
            let Some(value) = values.get(key).filter(|value| !value.is_empty()) else { continue };
            match narrowed(self.by_key(ledger, key, value)?, household) {
                Found::None => {}
                found => return Ok(found),
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
        let own = Value::from(household);
        let known = self.lookups.borrow().get(PERSON, ROOT, &own).map(<[_]>::to_vec);
        let mut found = match known {
            Some(found) => found,
            None => {
                let filter = Filter::eq(ROOT, household);
                self.list(PERSON, filter.and(Filter::Eq("name".to_owned(), name.clone())))?
            }
        };
        found.retain(|record| record.get("name") == name);
        Ok(narrowed(found, None))
    }

    /// A record without a key: the same references and the same required fields. Of several, one
    /// that says just the same, else the first that no earlier row took. Where references alone
    /// tell it, one that said the same before people changed it.
    pub(super) fn by_nature(
        &self,
        ledger: &Ledger,
        (keys, values): (&[&str], &PartValues<'_>),
        is_taken: &dyn Fn(&RecordId) -> bool,
        is_main: bool,
    ) -> Result<Found, ServiceError> {
        let told = keys.iter().filter_map(|key| Some((*key, values.get(key)?)));
        let told: Vec<(&str, &Value)> = told.filter(|(_, value)| !value.is_empty()).collect();
        let has_reference = told.iter().any(|(_, value)| matches!(value, Value::Reference(_)));
        let is_told = !is_main || is_told(keys, values);
        if !has_reference && !is_told {
            return Ok(Found::None);
        }
        let known = told.iter().find_map(|(key, value)| {
            self.lookups.borrow().get(&ledger.name, key, value).map(<[_]>::to_vec)
        });
        let mut found = match known {
            Some(found) => found,
            None => {
                let equal =
                    |(key, value): &(&str, &Value)| Filter::Eq((*key).to_owned(), (*value).clone());
                let filter = told.iter().map(equal).fold(Filter::All, Filter::and);
                self.list_up_to(ALIKE, &ledger.name, filter)?
            }
        };
        found.retain(|record| told.iter().all(|(key, value)| record.get(key) == *value));
        found.retain(|record| !is_taken(&record.id));
        let same = |record: &Record| {
            values.iter().all(|(name, value)| {
                record.get(name) == value || (record.get(name).is_empty() && value.is_empty())
            })
        };
        if let Some(at) = found.iter().position(|record| same(record)) {
            return Ok(Found::One(found.swap_remove(at)));
        }
        if !is_told {
            for record in found.into_iter().filter(|record| record.version > 1) {
                let brought = last_brought(self.reader, &ledger.name, &record.id)?;
                if brought.is_some_and(|brought| same(&brought)) {
                    return Ok(Found::One(record));
                }
            }
            return Ok(Found::None);
        }
        if !is_main && found.len() > 1 {
            return Ok(Found::Several);
        }
        found.truncate(1);
        Ok(narrowed(found, None))
    }
}

/// One record, none or too many; of several those of the row's household.
fn narrowed(mut found: Vec<Rc<Record>>, household: Option<&RecordId>) -> Found {
    if found.len() > 1
        && let Some(household) = household
    {
        found.retain(|record| record.reference(ROOT) == Some(household));
    }
    if found.len() > 1 {
        return Found::Several;
    }
    found.pop().map_or(Found::None, Found::One)
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

/// Some field says more of a record than to whom it belongs.
pub(super) fn is_told(nature: &[&str], values: &PartValues<'_>) -> bool {
    nature
        .iter()
        .filter_map(|name| values.get(name))
        .any(|value| !value.is_empty() && !matches!(value, Value::Reference(_)))
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
    let mut seen = BTreeSet::new();
    keys.retain(|key| seen.insert(key.clone()));
    keys
}
