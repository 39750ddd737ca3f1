//! Records fit the codebook and repeat.

use std::collections::BTreeSet;
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
