//! The register of the demonstration: invented households from the generator, judged by all rules.

use crate::{Service, ServiceError};
use std::collections::{BTreeMap, HashMap, HashSet};
use taizhang_codebook::FieldType;
use taizhang_generate::{Cell, Day, Plan, Preset, Record, records};
use taizhang_store::{Filter, NewRecord, Query, Values, Writer};
use taizhang_values::{Date, Decimal, Money, RecordId, RegionCode, Value};

/// Households of the demonstration: enough to have something of everything.
const HOUSEHOLDS: u64 = 180;

/// One household in so many carries a planted fault.
const FAULT_EVERY: u64 = 4;

/// Seed of the demonstration.
const SEED: u64 = 2026;

/// Ledgers that the story of the demonstration fills.
const STORY_LEDGERS: [&str; 11] = [
    "acceptance",
    "escalation",
    "evidence",
    "extension",
    "finding",
    "inspection",
    "look_back",
    "measure",
    "progress",
    "stage_goal",
    "unit",
];

/// Who starts the first run.
const RUNNER: &str = "county";

/// Digits of the codes of county, township and village.
const COUNTY_DIGITS: usize = 6;
const TOWNSHIP_DIGITS: usize = 9;
const VILLAGE_DIGITS: usize = 12;

impl Service {
    /// Puts invented households into the villages of the demonstration and judges them.
    pub(super) fn build_register(&self) -> Result<(), ServiceError> {
        let places = self.places()?;
        let Some(county) = places.first().and_then(|village| cut(village, COUNTY_DIGITS)) else {
            return Ok(());
        };
        let (year, month, day) = {
            let today = self.today();
            (i32::from(today.year()), i32::from(today.month()), i32::from(today.day()))
        };
        let plan = Plan {
            households: HOUSEHOLDS,
            fault_every: FAULT_EVERY,
            as_of: Day::of(year, month, day),
            ..Plan::new(Preset::Township, SEED)
        };
        let mut made: Vec<Record> = Vec::new();
        records(&plan, |record| {
            if !STORY_LEDGERS.contains(&record.ledger) {
                made.push(record.clone());
            }
            Ok::<(), ServiceError>(())
        })?;
        let mut villages: BTreeMap<u64, RegionCode> = BTreeMap::new();
        let mut regions = HashMap::new();
        for record in &made {
            let region = placed(record.region, &places, &mut villages, &county);
            regions.insert(record.region, region);
        }
        let act = self.own_act("demo.register");
        self.store.write(&act, |writer| self.insert_all(writer, made, &regions))?;
        let runner = self.caller_by_login(RUNNER, "demo")?;
        self.run_checks(&runner, &county, &mut |_, _| {})?;
        let ledgers = self.codebook().ledgers.keys();
        self.store.write(&act, |writer| {
            writer.many_came(ledgers.map(String::as_str));
            Ok(())
        })
    }

    /// Codes of the villages in order.
    fn places(&self) -> Result<Vec<RegionCode>, ServiceError> {
        let query = Query::new("region").filter(Filter::eq("level", "village")).limit(1000);
        let page = self.store.read(|reader| reader.list(&query))?;
        let mut codes: Vec<RegionCode> =
            page.records.iter().filter_map(|row| RegionCode::parse(row.text("code"))).collect();
        codes.sort();
        Ok(codes)
    }

    /// Inserts each record after those that it refers to.
    fn insert_all(
        &self,
        writer: &Writer<'_>,
        made: Vec<Record>,
        regions: &HashMap<u64, Option<RegionCode>>,
    ) -> Result<(), ServiceError> {
        let mut ids: HashMap<(String, i64), RecordId> = HashMap::new();
        let mut taken: HashSet<(String, String, String)> = HashSet::new();
        let mut waiting = made;
        let mut is_last = false;
        while !waiting.is_empty() {
            let before = waiting.len();
            let mut left = Vec::new();
            for record in waiting {
                let is_ready = self.references(&record).all(|key| ids.contains_key(&key));
                if !is_ready && !is_last {
                    left.push(record);
                    continue;
                }
                let mut values = self.values(&record, &ids);
                self.keep_unique(record.ledger, &mut values, &mut taken);
                // A planted fault may leave out what the store insists on.
                if !self.is_whole(record.ledger, &values) {
                    continue;
                }
                let region = regions.get(&record.region).cloned().flatten();
                let new = NewRecord { region, values, ..NewRecord::default() };
                let stored = writer.insert(record.ledger, new)?;
                ids.insert((record.ledger.to_owned(), record.id), stored.id);
            }
            // What only refers to each other goes in without its references.
            is_last = left.len() == before;
            waiting = left;
        }
        Ok(())
    }

    /// True if every required field is filled.
    fn is_whole(&self, ledger: &str, values: &Values) -> bool {
        let fields = self.codebook().ledger(ledger).map_or(&[][..], |ledger| &ledger.fields);
        let is_filled = |name: &String| values.get(name).is_some_and(|value| !value.is_empty());
        fields.iter().all(|field| !field.is_required || is_filled(&field.name))
    }

    /// The store refuses what a planted fault may hold: a number that two records share. Here the
    /// second record goes without it, or with a mark where it cannot.
    fn keep_unique(
        &self,
        ledger: &str,
        values: &mut Values,
        taken: &mut HashSet<(String, String, String)>,
    ) {
        let fields = self.codebook().ledger(ledger).map_or(&[][..], |ledger| &ledger.fields);
        for field in fields.iter().filter(|field| field.is_unique) {
            let Some(value) = values.get(&field.name).cloned() else { continue };
            if taken.insert((ledger.to_owned(), field.name.clone(), value.to_string())) {
                continue;
            }
            if field.is_required {
                let marked = format!("{value}-{}", taken.len());
                values.insert(field.name.clone(), marked.into());
            } else {
                values.remove(&field.name);
            }
        }
    }

    fn references<'a>(&'a self, record: &'a Record) -> impl Iterator<Item = (String, i64)> + 'a {
        record.fields.iter().filter_map(|(name, cell)| {
            let Cell::Id(id) = cell else { return None };
            Some((self.codebook().field(record.ledger, name)?.ledger.clone()?, *id))
        })
    }

    fn values(&self, record: &Record, ids: &HashMap<(String, i64), RecordId>) -> Values {
        let mut values = Values::new();
        for (name, cell) in &record.fields {
            let Some(field) = self.codebook().field(record.ledger, name) else { continue };
            let value = match cell {
                Cell::Missing => continue,
                Cell::Flag(truth) => Value::Boolean(*truth),
                Cell::Whole(number) if field.field_type == FieldType::Money => {
                    Value::Money(Money::from_fen(*number))
                }
                Cell::Whole(number) => Value::Integer(*number),
                Cell::Decimal(units) => Value::Decimal(Decimal::from_units(*units)),
                Cell::Day(day) => date(*day).map_or(Value::Null, Value::Date),
                Cell::Text(text) => Value::Text(text.to_string()),
                Cell::List(items) => {
                    Value::List(items.iter().map(|item| (*item).to_owned()).collect())
                }
                Cell::Id(id) => {
                    let ledger = field.ledger.clone().unwrap_or_default();
                    ids.get(&(ledger, *id)).map_or(Value::Null, Value::from)
                }
                Cell::Number(number) => Value::Text(number.text().to_owned()),
            };
            values.insert((*name).to_owned(), value);
        }
        values
    }
}

fn date(day: Day) -> Option<Date> {
    let (year, month, day) = day.parts();
    let (year, month) = (i16::try_from(year).ok()?, i8::try_from(month).ok()?);
    Date::new(year, month, i8::try_from(day).ok()?).ok()
}

/// The place in the demonstration's county of a place in the generator's: villages in the order in
/// which they come, and what lies above them.
fn placed(
    code: u64,
    places: &[RegionCode],
    villages: &mut BTreeMap<u64, RegionCode>,
    county: &RegionCode,
) -> Option<RegionCode> {
    let text = code.to_string();
    if text.len() < VILLAGE_DIGITS {
        let first = places.first()?;
        let above = if text.len() < TOWNSHIP_DIGITS {
            Some(county.clone())
        } else {
            cut(first, TOWNSHIP_DIGITS)
        };
        return above;
    }
    let village: u64 = text.get(..VILLAGE_DIGITS)?.parse().ok()?;
    let next = villages.len() % places.len().max(1);
    let place = places.get(next)?;
    Some(villages.entry(village).or_insert_with(|| place.clone()).clone())
}

/// The first digits of a code.
fn cut(code: &RegionCode, digits: usize) -> Option<RegionCode> {
    RegionCode::parse(code.as_str().get(..digits)?)
}
