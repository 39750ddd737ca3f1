//! Lists and single tests agree: the filter inside a query lets exactly those rows through that
//! the test of one record lets through.

use super::table::ACTIONS;
use crate::support::{TestHouse, open};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use taizhang_codebook::{Codebook, Field, FieldType, Ledger};
use taizhang_diagnostics::Language;
use taizhang_service::{Caller, HeldGrant};
use taizhang_store::{Act, Filter, NewRecord, Query, Record, StoreError, Value, Values, Writer};
use taizhang_values::{Date, Decimal, Money, RecordId, RegionCode};

/// Region codes on which records and grants sit, at every level and in two counties.
const REGIONS: [&str; 11] = [
    "99",
    "9901",
    "990101",
    "990101100",
    "990101100201",
    "990101100202",
    "990101101",
    "990101101201",
    "990102",
    "990102100",
    "990102100201",
];
const ROWS: usize = 14;

/// A store with rows of every ledger in every region, with all kinds of owners.
struct World {
    house: TestHouse,
    users: Vec<RecordId>,
    units: Vec<RecordId>,
    rows: Vec<(String, Vec<Record>)>,
}

static WORLD: LazyLock<World> = LazyLock::new(World::new);

impl World {
    fn new() -> Self {
        let house = open(None);
        let ledgers = in_order(house.service.codebook());
        let mut world = Self { house, users: Vec::new(), units: Vec::new(), rows: Vec::new() };
        for ledger in ledgers {
            let rows: Vec<Record> = (0..ROWS).map(|number| world.row(&ledger, number)).collect();
            let ids = rows.iter().map(|row| row.id.clone());
            match ledger.as_str() {
                "user" => world.users = ids.collect(),
                "unit" => world.units = ids.collect(),
                _ => {}
            }
            world.rows.push((ledger, rows));
        }
        world.tie();
        world
    }

    fn row(&self, ledger: &str, number: usize) -> Record {
        let definition = &self.house.service.codebook().ledgers[ledger];
        let values: Values = definition
            .fields
            .iter()
            .map(|field| (field.name.clone(), self.value(ledger, field, number)))
            .collect();
        let region = definition.home.and_then(|home| {
            let fits: Vec<RegionCode> = REGIONS
                .iter()
                .filter_map(|code| RegionCode::parse(code))
                .filter(|code| code.level() <= home)
                .collect();
            fits.get(number % fits.len()).cloned()
        });
        let act = Act {
            actor: self.users.get(number * 5 % ROWS).cloned(),
            verb: "test.row".to_owned(),
            at: self.house.service.now(),
            reason: None,
            source: "test".to_owned(),
        };
        let new = NewRecord { region, values, ..NewRecord::default() };
        let insert = |writer: &Writer<'_>| writer.insert(ledger, new);
        let made: Result<Record, StoreError> = self.house.service.store().write(&act, insert);
        made.unwrap_or_else(|error| panic!("{ledger}: {error}"))
    }

    /// Ties findings to the units named in them, and measures and evidence to two findings each.
    fn tie(&self) {
        let rows = |ledger: &str| {
            let found = self.rows.iter().find(|(name, _)| name == ledger);
            found.map(|(_, rows)| rows.as_slice()).unwrap_or_default()
        };
        let findings = rows("finding");
        let act = crate::work::world::act("test.tie");
        let tie = |writer: &Writer<'_>| {
            for finding in findings {
                for unit in finding.get("responsible_units").as_list() {
                    let unit = RecordId::parse(unit).unwrap();
                    writer.link("finding", "units", &finding.id, &unit)?;
                }
            }
            for (ledger, relation) in [("measure", "measures"), ("evidence", "evidence")] {
                for (number, row) in rows(ledger).iter().enumerate() {
                    for step in [1, 4] {
                        let finding = &findings[(number + step) % ROWS];
                        writer.link("finding", relation, &finding.id, &row.id)?;
                    }
                }
            }
            Ok::<_, StoreError>(())
        };
        self.house.service.store().write(&act, tie).unwrap();
    }

    fn value(&self, ledger: &str, field: &Field, number: usize) -> Value {
        let codebook = self.house.service.codebook();
        match field.field_type {
            FieldType::Text | FieldType::LongText => format!("{}-{number}", field.name).into(),
            FieldType::Texts if field.name == "responsible_units" && ledger == "finding" => {
                let unit = self.units.get(number * 3 % ROWS);
                unit.map_or(Value::Null, |unit| vec![unit.to_string()].into())
            }
            FieldType::Texts | FieldType::Codes => Value::Null,
            FieldType::Integer | FieldType::Percent => i64::try_from(number).unwrap().into(),
            FieldType::Money => Money::from_fen(i64::try_from(number).unwrap()).into(),
            FieldType::Decimal => Decimal::parse("1.5").into(),
            FieldType::Month => "2026-11-01".parse::<Date>().unwrap().into(),
            FieldType::Date => self.house.service.today().into(),
            FieldType::Instant => self.house.service.now().into(),
            FieldType::Boolean => number.is_multiple_of(2).into(),
            FieldType::Code => {
                let list = &codebook.code_lists[field.codes.as_deref().unwrap()];
                list.codes.first().map_or(Value::Null, |code| code.code.as_str().into())
            }
            FieldType::Region if field.name == "code" && ledger == "region" => REGIONS
                .get(number)
                .map_or_else(|| format!("9801{number:02}").into(), |code| (*code).into()),
            FieldType::Region => REGIONS.get(number).map_or(Value::Null, |code| (*code).into()),
            FieldType::Reference => {
                let target = field.ledger.as_deref().unwrap();
                let rows = self.rows.iter().find(|(name, _)| name == target);
                let step = 1 + field.name.len();
                rows.and_then(|(_, rows)| rows.get(number * step % ROWS))
                    .map_or(Value::Null, |row| (&row.id).into())
            }
        }
    }

    fn caller(&self, user: usize, unit: Option<usize>, grants: &[Grant]) -> Caller {
        let codebook = self.house.service.codebook();
        let roles: Vec<&String> = codebook.roles.keys().collect();
        let held = |(role, region, unit): &Grant| HeldGrant {
            role: roles[role % roles.len()].clone(),
            region: RegionCode::parse(REGIONS[*region]).unwrap(),
            unit: unit.map(|unit| self.units[unit].clone()),
        };
        Caller {
            user: self.users[user].clone(),
            login: "somebody".to_owned(),
            name: "某人".to_owned(),
            unit: unit.map(|unit| self.units[unit].clone()),
            grants: grants.iter().map(held).collect(),
            language: Language::Zh,
            source: "test".to_owned(),
        }
    }

    /// Rows that the list gives, and rows that the single test gives.
    fn compare(&self, caller: &Caller) -> usize {
        let mut given = 0;
        for (ledger, rows) in &self.rows {
            for (action, letter) in ACTIONS {
                let listed: BTreeSet<RecordId> =
                    match self.house.service.read_filter(caller, ledger, action) {
                        None => BTreeSet::new(),
                        Some(filter) => self.list(ledger, filter),
                    };
                let service = &self.house.service;
                let single = service.store().read(|reader| {
                    let mut single = BTreeSet::new();
                    for row in rows {
                        if service.may_in(reader, caller, row, action)? {
                            single.insert(row.id.clone());
                        }
                    }
                    Ok::<_, StoreError>(single)
                });
                let single: BTreeSet<RecordId> = single.unwrap();
                assert_eq!(listed, single, "{ledger} {letter} {:?}", caller.grants);
                given += listed.len();
            }
        }
        given
    }

    fn list(&self, ledger: &str, filter: Filter) -> BTreeSet<RecordId> {
        let query = Query::new(ledger).filter(filter).limit(1000);
        let page = self.house.service.store().read(|reader| reader.list(&query)).unwrap();
        page.records.into_iter().map(|record| record.id).collect()
    }
}

/// The ledgers, those to which others refer before them.
fn in_order(codebook: &Codebook) -> Vec<String> {
    let mut placed: Vec<String> = Vec::new();
    while placed.len() < codebook.ledgers.len() {
        let mut waiting = codebook.ledgers.values().filter(|l| !placed.contains(&l.name));
        let is_ready = |ledger: &&Ledger| {
            let mut targets = ledger.fields.iter().filter_map(|field| field.ledger.as_ref());
            targets.all(|target| *target == ledger.name || placed.contains(target))
        };
        let next = waiting.clone().find(is_ready).or_else(|| waiting.next()).unwrap();
        placed.push(next.name.clone());
    }
    placed
}

/// Role, region and unit, as places in their lists.
type Grant = (usize, usize, Option<usize>);

fn grant() -> impl Strategy<Value = Grant> {
    (0..64_usize, 0..REGIONS.len(), proptest::option::of(0..ROWS))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn filter_and_test_agree(
        user in 0..ROWS,
        unit in proptest::option::of(0..ROWS),
        grants in proptest::collection::vec(grant(), 0..4),
    ) {
        WORLD.compare(&WORLD.caller(user, unit, &grants));
    }
}

#[test]
fn filter_and_test_agree_for_every_role_in_every_region() {
    let roles = WORLD.house.service.codebook().roles.len();
    let mut given = 0;
    for role in 0..roles {
        let region = 1 + role % 5;
        given += WORLD.compare(&WORLD.caller(role % ROWS, Some(1), &[(role, region, Some(3))]));
    }
    assert!(given > 1_000, "the world is too empty to prove anything: {given} rows");
    assert_eq!(WORLD.compare(&WORLD.caller(0, None, &[])), 0, "without grants there is nothing");
}
