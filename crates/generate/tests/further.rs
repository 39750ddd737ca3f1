//! Rules that the county was not made for: the engine and the plain interpreter say the same of a
//! generated county.

use crate::judged::{Hit, World};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use taizhang_codebook::Codebook;
use taizhang_engine::run::{DoubtChunk, Options, Outcome, run};
use taizhang_engine::snapshot::Snapshot;
use taizhang_generate::{Plan, Preset, write};
use taizhang_rules::{Rule, compile};
use taizhang_values::parse_date;

/// The extension that lies beside the engine's tests.
const FURTHER: &str = "../engine/tests/further";

/// Reads a relation back from its other side, which the rows in memory do not hold.
const READ_BACK: &str = "FUR-024";

fn files(folder: &Path, within: &str, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = format!("{within}{}", entry.file_name().to_string_lossy());
        match entry.path().is_dir() {
            true => files(&entry.path(), &format!("{path}/"), found),
            false => found.push((path, std::fs::read_to_string(entry.path()).unwrap())),
        }
    }
}

#[test]
fn further_rules_find_the_same_in_a_generated_county() {
    let mut found = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(FURTHER), "", &mut found);
    let codebook = Codebook::load("rural", &found).unwrap_or_else(|faults| panic!("{faults:?}"));
    let compiled = codebook.rules.values().filter_map(|source| compile(&codebook, source).ok());
    let mut rules: Vec<Rule> = compiled.collect();
    rules.retain(|rule| rule.code.starts_with("FUR-") && rule.code != READ_BACK);
    let plan = Plan { households: 600, ..Plan::new(Preset::Township, 5) };
    let as_of = parse_date(&plan.as_of.text()).unwrap();
    let (world, _) = World::new(&codebook, &plan);
    let expected: BTreeSet<Hit> = world.hits(&rules, as_of).into_iter().collect();

    let folder = tempfile::tempdir().unwrap();
    write(&plan, &codebook, folder.path()).unwrap();
    let (program, left_out) = taizhang_program::compile(&codebook, &rules, as_of);
    assert!(left_out.is_empty(), "{left_out:?}");
    let mut chunks: Vec<DoubtChunk> = Vec::new();
    let snapshot = Snapshot::open(folder.path()).unwrap();
    let stop = AtomicBool::new(false);
    let report =
        run(&program, &snapshot, &Options::default(), &mut chunks, &stop, &|_, _| {}).unwrap();
    assert!(report.absences.is_empty(), "{:?}", report.absences);
    let mut found = BTreeSet::new();
    for chunk in &chunks {
        for (place, rule) in chunk.rules.iter().enumerate() {
            assert!(matches!(chunk.outcomes[place], Outcome::Violates));
            let answer = &program.answers[*rule as usize];
            let ledger = program.table(answer.table).unwrap().ledger.clone();
            found.insert((answer.rule.clone(), ledger, chunk.records.get(place).parse().unwrap()));
        }
    }
    let differ: Vec<&Hit> = expected.symmetric_difference(&found).take(10).collect();
    assert!(differ.is_empty(), "{differ:?}");
    let hit: BTreeSet<&str> = found.iter().map(|(rule, _, _)| rule.as_str()).collect();
    assert!(found.len() > 300 && hit.len() >= 5, "{} doubts of {hit:?}", found.len());
    println!("{} rules, {} doubts of {hit:?}", rules.len(), found.len());
}
