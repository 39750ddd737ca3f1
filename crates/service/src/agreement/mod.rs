//! Three-way agreement (三统一): what the national export, the paper file and the visit say of the
//! same thing, side by side, with the doubts that rules have about it.

use crate::register::ROOT;
use crate::{Caller, Service, ServiceError};
use std::collections::{BTreeMap, BTreeSet};
use taizhang_codebook::{Action, Field};
use taizhang_store::{Filter, Query, Record};
use taizhang_values::{Date, RecordId, RegionCode, Value};

/// Ledger of what each source says.
const SOURCES: &str = "field_source";
/// Rows read at a time.
const PAGE: usize = 1000;
/// Rows of one page at most; a village has some thousand.
const ROWS_MAX: usize = 20_000;

/// A village in the overview.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreementVillage {
    /// The village.
    pub region: String,
    /// Values that sources say there.
    pub said: u64,
    /// Standing doubts about them.
    pub doubts: u64,
}

/// What one source says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceValue {
    /// The record that says it.
    pub record: RecordId,
    /// Code of the list `value_source`.
    pub source: String,
    /// What it says.
    pub text: String,
    /// When it was recorded.
    pub on: Option<Date>,
}

/// What the register itself holds.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnValue {
    /// The record.
    pub record: RecordId,
    /// Its ledger.
    pub ledger: String,
    /// The field.
    pub field: String,
    /// Its value as the reader sees it.
    pub value: Value,
}

/// One thing of a household or person, as every source says it.
#[derive(Clone, Debug, PartialEq)]
pub struct AgreementItem {
    /// The household.
    pub household: RecordId,
    /// Number of household or person, as the sources name it.
    pub subject: String,
    /// Name or words of the field, as the sources name it.
    pub field: String,
    /// The newest value of each source.
    pub values: Vec<SourceValue>,
    /// What the register holds, if the field is one of its own.
    pub own: Option<OwnValue>,
    /// Sources say different things.
    pub differs: bool,
    /// Standing doubts about the rows of this thing.
    pub doubts: Vec<Record>,
}

impl AgreementItem {
    /// What a source says.
    #[must_use]
    pub fn said_by(&self, source: &str) -> Option<&SourceValue> {
        self.values.iter().find(|value| value.source == source)
    }
}

/// The things of a village or household.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Agreement {
    /// Those of which sources say different things, by household; all of them if that was asked.
    pub items: Vec<AgreementItem>,
    /// Things of which two sources or more say something.
    pub compared: usize,
    /// Of them, those of which they say different things.
    pub different: usize,
    /// Things of which a single source says something.
    pub single: usize,
    /// Households by id, masked, as far as the reader may see them.
    pub households: BTreeMap<RecordId, Record>,
    /// There were more rows than one page reads.
    pub is_cut: bool,
}

/// Whose things are compared.
#[derive(Clone, Debug)]
pub enum AgreementScope {
    /// Those of a region.
    Region(RegionCode),
    /// Those of one household.
    Household(RecordId),
}

impl Service {
    /// Villages of which sources say anything, among those the caller may see.
    ///
    /// # Errors
    /// Store errors only.
    pub fn agreement_villages(
        &self,
        caller: &Caller,
    ) -> Result<Vec<AgreementVillage>, ServiceError> {
        let Some(rights) = self.read_filter(caller, SOURCES, Action::Read) else {
            return Ok(Vec::new());
        };
        let seen = self.read_filter(caller, "doubt", Action::Read);
        self.store.read(|reader| {
            let said = reader.count_by(&Query::new(SOURCES).filter(rights), "region")?;
            let mut doubts = BTreeMap::new();
            if let Some(seen) = seen {
                let query = Query::new("doubt").filter(seen).filter(about_sources());
                for (region, count) in reader.count_by(&query, "region")? {
                    doubts.insert(region.to_string(), count);
                }
            }
            let village = |(region, said): (Value, u64)| {
                let region = region.to_string();
                let doubts = doubts.get(&region).copied().unwrap_or(0);
                AgreementVillage { region, said, doubts }
            };
            Ok(said.into_iter().map(village).collect())
        })
    }

    /// Compares what the sources say of a region's or a household's things; `is_all` keeps those of
    /// which they say the same, too.
    ///
    /// # Errors
    /// `NotFound` for a household that the caller may not see.
    pub fn agreement(
        &self,
        caller: &Caller,
        scope: &AgreementScope,
        is_all: bool,
    ) -> Result<Agreement, ServiceError> {
        let filter = match scope {
            AgreementScope::Region(region) => Filter::Under(region.clone()),
            AgreementScope::Household(id) => {
                self.visible(caller, ROOT, id)?;
                Filter::eq(ROOT, id)
            }
        };
        let (rows, is_cut) = self.said(caller, &filter)?;
        let mut found = Agreement { is_cut, ..Agreement::default() };
        let mut doubts = self.doubts_about(caller, &filter)?;
        for ((household, subject, field), rows) in grouped(rows) {
            let values = newest(&rows);
            let texts: BTreeSet<&str> = values.iter().map(|value| value.text.trim()).collect();
            let differs = texts.len() > 1;
            found.compared += usize::from(values.len() > 1);
            found.single += usize::from(values.len() == 1);
            found.different += usize::from(differs);
            if !differs && !is_all {
                continue;
            }
            let own = rows.iter().filter_map(|row| doubts.remove(&row.id));
            let person = rows.iter().find_map(|row| row.reference("person").cloned());
            found.items.push(AgreementItem {
                doubts: own.flatten().collect(),
                own: self.own_value(caller, &household, person.as_ref(), &field)?,
                household,
                subject,
                field,
                values,
                differs,
            });
        }
        let ids: BTreeSet<RecordId> =
            found.items.iter().map(|item| item.household.clone()).collect();
        for id in ids {
            if let Ok(household) = self.visible(caller, ROOT, &id) {
                found.households.insert(id, household);
            }
        }
        Ok(found)
    }

    fn said(&self, caller: &Caller, filter: &Filter) -> Result<(Vec<Record>, bool), ServiceError> {
        let (mut rows, mut after) = (Vec::new(), None);
        loop {
            let query = Query::new(SOURCES).filter(filter.clone()).after(after).limit(PAGE);
            let page = self.list_visible(caller, query)?;
            rows.extend(page.records);
            after = page.next;
            if after.is_none() || rows.len() >= ROWS_MAX {
                return Ok((rows, after.is_some()));
            }
        }
    }

    /// Standing doubts about rows of sources, by row.
    fn doubts_about(
        &self,
        caller: &Caller,
        filter: &Filter,
    ) -> Result<BTreeMap<RecordId, Vec<Record>>, ServiceError> {
        let (mut found, mut after) = (BTreeMap::<_, Vec<Record>>::new(), None);
        loop {
            let own = filter.clone().and(about_sources());
            let page = self.doubts(caller, own, after, PAGE)?;
            for doubt in page.records {
                if let Some(subject) = RecordId::parse(doubt.text("subject")) {
                    found.entry(subject).or_default().push(doubt);
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(found);
            }
        }
    }

    /// What the register holds of a thing that sources name by a field's name or words.
    fn own_value(
        &self,
        caller: &Caller,
        household: &RecordId,
        person: Option<&RecordId>,
        words: &str,
    ) -> Result<Option<OwnValue>, ServiceError> {
        let (ledger, id) = match person {
            Some(person) => ("person", person),
            None => (ROOT, household),
        };
        let definition = self.codebook().ledger(ledger);
        let is_named = |field: &&Field| {
            field.name == words
                || field.label.zh == words
                || field.synonyms.iter().any(|synonym| synonym == words)
        };
        let Some(field) = definition.and_then(|ledger| ledger.fields.iter().find(is_named)) else {
            return Ok(None);
        };
        match self.visible(caller, ledger, id) {
            Ok(record) => Ok(Some(OwnValue {
                value: record.get(&field.name).clone(),
                record: record.id,
                ledger: ledger.to_owned(),
                field: field.name.clone(),
            })),
            Err(ServiceError::NotFound) => Ok(None),
            Err(other) => Err(other),
        }
    }
}

fn about_sources() -> Filter {
    let open = Filter::Not(Box::new(Filter::eq("doubt_status", "closed")));
    Filter::eq("subject_ledger", SOURCES).and(open)
}

type Thing = (RecordId, String, String);

fn grouped(rows: Vec<Record>) -> BTreeMap<Thing, Vec<Record>> {
    let mut things: BTreeMap<Thing, Vec<Record>> = BTreeMap::new();
    for row in rows {
        let Some(household) = row.reference(ROOT).cloned() else { continue };
        let key = (household, row.text("subject").to_owned(), row.text("field").to_owned());
        things.entry(key).or_default().push(row);
    }
    things
}

/// The newest filled value of each source, in the order of the code list's words.
fn newest(rows: &[Record]) -> Vec<SourceValue> {
    let mut values: BTreeMap<String, SourceValue> = BTreeMap::new();
    for row in rows.iter().filter(|row| !row.text("value_text").trim().is_empty()) {
        let value = SourceValue {
            record: row.id.clone(),
            source: row.text("value_source").to_owned(),
            text: row.text("value_text").to_owned(),
            on: row.get("recorded_on").as_date(),
        };
        let age = |value: &SourceValue| (value.on, value.record.clone());
        match values.get(&value.source) {
            Some(known) if age(known) >= age(&value) => {}
            _ => {
                values.insert(value.source.clone(), value);
            }
        }
    }
    values.into_values().collect()
}
