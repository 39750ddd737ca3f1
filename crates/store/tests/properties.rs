//! Random acts: the chain stays valid, history explains the present, paging shows each row once.

use crate::bench::{Bench, Random, act_at, finding_with, for_each_database, region, values};
use std::collections::BTreeMap;
use taizhang_store::{Change, NewRecord, Query, Record, RecordId, StoreError, Value, Values};
use taizhang_values::parse_date;

/// Rounds on each database; the nightly figure comes by `TAIZHANG_STORE_ROUNDS`.
const ROUNDS: u64 = 12;

fn rounds() -> u64 {
    let budget = std::env::var("TAIZHANG_STORE_ROUNDS").ok();
    budget.and_then(|text| text.parse().ok()).unwrap_or(ROUNDS)
}

/// What the test expects of one record.
#[derive(Clone, Debug)]
struct Expected {
    version: i64,
    values: Values,
}

fn random_values(random: &mut Random) -> Values {
    let texts = ["", "甲", "乙%_", "a'b\"c", "\u{0}"];
    let text = texts[random.number(0..=4) as usize];
    let all = [
        ("topic", text.into()),
        ("percent", (random.number(0..=3) > 0).then(|| random.number(0..=100)).into()),
        ("is_long_term", Value::Boolean(random.number(0..=1) == 1)),
        ("due_on", parse_date(&format!("2026-12-{:02}", random.number(1..=28))).into()),
        ("responsible_units", vec![text.to_owned(); random.number(0..=2) as usize].into()),
    ];
    let keep = random.number(1..=5) as usize;
    values(all).into_iter().take(keep).collect()
}

/// Values as the store keeps them: nothing blank, no NUL.
fn stored(values: &Values) -> Values {
    let clean = |value: &Value| match value {
        Value::Text(text) => Value::Text(text.replace('\u{0}', "")),
        Value::List(items) => {
            Value::List(items.iter().map(|item| item.replace('\u{0}', "")).collect())
        }
        other => other.clone(),
    };
    values
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(n, v)| (n.clone(), clean(v)))
        .collect()
}

fn one_act(bench: &Bench, random: &mut Random, all: &mut BTreeMap<RecordId, Expected>, step: i64) {
    let ids: Vec<RecordId> = all.keys().cloned().collect();
    let chosen =
        |random: &mut Random| ids[random.number(0..=ids.len() as i64 - 1) as usize].clone();
    // The clock jumps about; the order of acts does not.
    let act = act_at("t.act", &format!("20{:02}-06-01T00:00:00Z", random.number(10..=40)));
    let what = if ids.is_empty() { 0 } else { random.number(0..=9) };
    match what {
        0..=2 => {
            let mut new = finding_with(&step.to_string(), []);
            new.values.extend(random_values(random));
            let expected = stored(&new.values);
            let made: Result<Record, StoreError> =
                bench.store.write(&act, |w| w.insert("finding", new));
            all.insert(made.unwrap().id, Expected { version: 1, values: expected });
        }
        3..=6 => {
            let id = chosen(random);
            let new = random_values(random);
            let change = Change { values: new.clone(), ..Change::default() };
            let expected = all.get_mut(&id).unwrap();
            let base = expected.version - i64::from(random.number(0..=4) == 0);
            let done: Result<Record, StoreError> =
                bench.store.write(&act, |w| w.update("finding", &id, base, change));
            match done {
                Err(StoreError::Conflict(_)) => assert_ne!(base, expected.version),
                Err(error) => panic!("{error}"),
                Ok(record) => {
                    assert_eq!(base, expected.version);
                    for name in new.keys() {
                        expected.values.remove(name);
                    }
                    expected.values.extend(stored(&new));
                    expected.version = record.version;
                    assert_eq!(record.values, expected.values);
                }
            }
        }
        7 => {
            let id = chosen(random);
            let version = all[&id].version;
            let done: Result<(), StoreError> =
                bench.store.write(&act, |w| w.delete("finding", &id, version));
            done.unwrap();
            all.remove(&id);
        }
        8 => {
            let new =
                NewRecord { values: values([("text", "措施".into())]), ..NewRecord::default() };
            let (one, two) = (chosen(random), chosen(random));
            let done: Result<(), StoreError> = bench.store.write(&act, |w| {
                let measure = w.insert("measure", new)?;
                w.link("finding", "measures", &one, &measure.id)?;
                w.link("measure", "findings", &measure.id, &two)?;
                w.unlink("finding", "measures", &one, &measure.id)
            });
            done.unwrap();
        }
        _ => {
            // A transaction that fails after some effects.
            let id = chosen(random);
            let done: Result<(), StoreError> = bench.store.write(&act, |w| {
                w.insert("finding", finding_with(&format!("gone {step}"), []))?;
                w.delete("finding", &id, w.get("finding", &id)?.unwrap().version)?;
                Err(StoreError::Busy)
            });
            assert!(done.is_err());
        }
    }
}

#[test]
fn history_explains_the_present_after_any_acts() {
    for_each_database(|bench| {
        let rounds = if bench.is_postgres() { rounds().div_ceil(3) } else { rounds() };
        for seed in 0..rounds {
            println!("seed {seed}");
            let mut random = Random::new(seed);
            let mut all = BTreeMap::new();
            for step in 0..40 {
                one_act(bench, &mut random, &mut all, seed as i64 * 1000 + step);
            }
            for (id, expected) in &all {
                let current = bench.read(|r| r.get("finding", id)).unwrap();
                assert_eq!(
                    (current.version, &current.values),
                    (expected.version, &expected.values)
                );
                let history = bench.read(|r| r.history("finding", id));
                let mut replayed = Values::new();
                for version in &history {
                    for (field, old, new) in &version.changed {
                        if matches!(field.as_str(), "state" | "region" | "flow_edition") {
                            continue;
                        }
                        let before = replayed.insert(field.clone(), new.clone());
                        assert_eq!(before.unwrap_or(Value::Null), *old);
                    }
                    replayed.retain(|_, value| *value != Value::Null);
                    assert_eq!(replayed, version.record.values);
                }
                assert_eq!(replayed, current.values);
                assert!(history.windows(2).all(|pair| pair[0].sequence < pair[1].sequence));
            }
            assert_eq!(bench.store.audit_verify().unwrap().faults, [], "seed {seed}");
        }
    });
}

/// The expected order: by the sort fields, missing last in both directions, then by id.
fn expected_order(records: &[Record], sort: &[(&str, bool)]) -> Vec<String> {
    let value = |record: &Record, field: &str| match field {
        "region" => record.region.clone().into(),
        "state" => record.state.clone().into(),
        "version" => Value::Integer(record.version),
        _ => record.get(field).clone(),
    };
    let last_down = sort.last().is_none_or(|(_, down)| *down);
    let mut sorted: Vec<&Record> = records.iter().collect();
    sorted.sort_by(|a, b| {
        for (field, down) in sort {
            let (left, right) = (value(a, field), value(b, field));
            let order = match (&left, &right) {
                (Value::Null, Value::Null) => std::cmp::Ordering::Equal,
                (Value::Null, _) => std::cmp::Ordering::Greater,
                (_, Value::Null) => std::cmp::Ordering::Less,
                _ if *down => right.cmp(&left),
                _ => left.cmp(&right),
            };
            if order.is_ne() {
                return order;
            }
        }
        if last_down { b.id.cmp(&a.id) } else { a.id.cmp(&b.id) }
    });
    sorted.iter().map(|record| record.id.to_string()).collect()
}

#[test]
fn paging_shows_each_row_once_in_any_order() {
    for_each_database(|bench| {
        let mut random = Random::new(11);
        for number in 0..120 {
            let mut new = finding_with(&number.to_string(), []);
            new.values.extend(random_values(&mut random));
            let places = ["990101102203", "990101103001"];
            new.region = match random.number(0..=2) {
                0 => None,
                place => region(places[place as usize - 1]),
            };
            bench.insert("finding", new);
        }
        let records = bench.read(|r| r.list(&Query::new("finding").limit(1000))).records;
        let fields =
            ["topic", "percent", "is_long_term", "due_on", "region", "state", "number", "version"];
        for round in 0..rounds() * 3 {
            let sort: Vec<(&str, bool)> = (0..random.number(0..=3))
                .map(|_| (fields[random.number(0..=7) as usize], random.number(0..=1) == 1))
                .collect();
            let mut unique: Vec<(&str, bool)> = Vec::new();
            for one in sort {
                if unique.iter().all(|known| known.0 != one.0) {
                    unique.push(one);
                }
            }
            let limit = random.number(1..=50) as usize;
            let mut query = Query::new("finding").limit(limit);
            for (field, down) in &unique {
                query = query.sort(field, *down);
            }
            let mut found = Vec::new();
            loop {
                let page = bench.read(|r| r.list(&query));
                found.extend(page.records.iter().map(|record| record.id.to_string()));
                match page.next {
                    Some(next) => query.after = Some(next),
                    None => break,
                }
            }
            assert_eq!(
                found,
                expected_order(&records, &unique),
                "round {round} {unique:?} {limit}"
            );
        }
    });
}
