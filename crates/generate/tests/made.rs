//! Records fit the codebook and repeat.

use std::collections::{BTreeMap, BTreeSet};
use taizhang_codebook::{Codebook, FieldType};
use taizhang_generate::{Cell, Plan, Preset, Record, records, write};

fn plan(seed: u64, households: u64) -> Plan {
    Plan { households, fault_every: 5, ..Plan::new(Preset::Township, seed) }
}

fn all(plan: &Plan) -> Vec<Record> {
    let mut all = Vec::new();
    let keep = |record: &Record| {
        all.push(record.clone());
        Ok::<(), ()>(())
    };
    records(plan, keep).unwrap();
    all
}

#[test]
fn one_seed_makes_one_world() {
    assert_eq!(all(&plan(4, 300)), all(&plan(4, 300)));
    assert_ne!(all(&plan(4, 300)), all(&plan(5, 300)));
}

#[test]
fn codes_stand_in_their_lists_and_ids_stand_once() {
    let codebook = Codebook::embedded("rural").unwrap_or_else(|faults| panic!("{faults:?}"));
    let mut ids = BTreeSet::new();
    for record in all(&plan(1, 2000)) {
        assert!(ids.insert((record.ledger, record.id)), "{} {}", record.ledger, record.id);
        let ledger = &codebook.ledgers[record.ledger];
        for (name, cell) in &record.fields {
            let field = ledger.field(name).unwrap_or_else(|| panic!("{}.{name}", record.ledger));
            let Some(list) = field.codes.as_ref().map(|list| &codebook.code_lists[list]) else {
                continue;
            };
            let words: Vec<&str> = match cell {
                Cell::Text(word) if field.field_type == FieldType::Code => vec![word],
                Cell::List(words) => words.clone(),
                _ => Vec::new(),
            };
            for word in words {
                assert!(
                    list.codes.iter().any(|c| c.code == word),
                    "{}.{name}: {word}",
                    record.ledger
                );
            }
        }
    }
}

#[test]
fn files_do_not_depend_on_threads() {
    let codebook = Codebook::embedded("rural").unwrap_or_else(|faults| panic!("{faults:?}"));
    let folder = tempfile::tempdir().unwrap();
    let mut plan = plan(2, 400);
    for threads in [1, 3] {
        plan.threads = threads;
        write(&plan, &codebook, &folder.path().join(threads.to_string())).unwrap();
    }
    for ledger in ["household", "person", "income", "village"] {
        let read = |threads: &str| {
            std::fs::read(folder.path().join(threads).join(ledger).join("part-00000.parquet"))
                .unwrap()
        };
        assert_eq!(read("1"), read("3"), "{ledger}");
    }
}

#[test]
fn the_township_is_as_large_as_the_one_it_follows() {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for record in all(&Plan::new(Preset::Township, 1)) {
        *counts.entry(record.ledger).or_default() += 1;
    }
    assert_eq!(counts["household"], 4398);
    assert_eq!(counts["monitoring_case"], 357 + 112);
    let people = counts["person"];
    assert!(people.abs_diff(15_926) < 160, "{people} people, not near 15,926");
    assert_eq!(counts["village"], 18);
}
