//! What the interpreter and the engine say, in one form.

use crate::data::Records;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use taizhang_codebook::Codebook;
use taizhang_engine::run::{DoubtChunk, Options, Outcome, Report, run};
use taizhang_engine::snapshot::Snapshot;
use taizhang_program::Program;
use taizhang_rules::{Context, ErrorKind, Rule, compile, judge};
use taizhang_values::Date;

/// Outcome by rule and record; only violations and undecided ones.
pub type Outcomes = BTreeMap<(String, String), String>;

/// Every rule of a codebook that compiles.
pub fn rules_of(codebook: &Codebook) -> Vec<Rule> {
    codebook.rules.values().filter_map(|source| compile(codebook, source).ok()).collect()
}

/// A rule that is violated where a condition is true, if the condition can be compiled.
pub fn rule_of(codebook: &Codebook, ledger: &str, code: &str, text: &str) -> Option<Rule> {
    let mut rule = taizhang_rules::trial(codebook, ledger, text).ok()?;
    rule.code = code.to_owned();
    Some(rule)
}

/// What the interpreter says of every record.
pub fn interpreted(
    codebook: &Codebook,
    rules: &[Rule],
    records: &Records,
    as_of: Date,
) -> Outcomes {
    let (rows, ids) = records.memory(codebook);
    let context = Context::new(codebook, as_of);
    let mut outcomes = Outcomes::new();
    for rule in rules.iter().filter(|rule| rule.is_in_force(as_of)) {
        for (record, row) in records.all.iter().zip(&ids) {
            if record.ledger != rule.ledger {
                continue;
            }
            let found = judge(rule, *row, &rows, &context);
            let word = match (found.outcome, found.error) {
                (taizhang_rules::Outcome::Violates, _) => format!("violates {:?}", found.severity),
                (taizhang_rules::Outcome::Undecided, None) => "undecided".to_owned(),
                (taizhang_rules::Outcome::Undecided, Some(_)) => "error".to_owned(),
                _ => continue,
            };
            outcomes.insert((rule.code.clone(), record.id.as_str().to_owned()), word);
        }
    }
    outcomes
}

/// Errors of each rule by reason, as the interpreter meets them; rules without errors left out.
pub fn reasons(
    codebook: &Codebook,
    rules: &[Rule],
    records: &Records,
    as_of: Date,
) -> BTreeMap<String, BTreeMap<ErrorKind, u64>> {
    let (rows, ids) = records.memory(codebook);
    let context = Context::new(codebook, as_of);
    let mut found: BTreeMap<String, BTreeMap<ErrorKind, u64>> = BTreeMap::new();
    for rule in rules.iter().filter(|rule| rule.is_in_force(as_of)) {
        let own = records.all.iter().zip(&ids).filter(|(record, _)| record.ledger == rule.ledger);
        for kind in own.filter_map(|(_, row)| judge(rule, *row, &rows, &context).error) {
            *found.entry(rule.code.clone()).or_default().entry(kind).or_default() += 1;
        }
    }
    found
}

/// The same as a run reports it.
pub fn reported(report: &Report) -> BTreeMap<String, BTreeMap<ErrorKind, u64>> {
    let failed = report.rules.iter().filter(|rule| rule.error > 0);
    failed.map(|rule| (rule.rule.clone(), rule.reasons.clone())).collect()
}

/// What the engine says of a snapshot.
pub fn judged(program: &Program, directory: &Path, options: &Options) -> (Outcomes, Report) {
    let snapshot = Snapshot::open(directory).unwrap();
    let mut chunks: Vec<DoubtChunk> = Vec::new();
    let stop = AtomicBool::new(false);
    let report = run(program, &snapshot, options, &mut chunks, &stop, &|_, _| {}).unwrap();
    (outcomes(program, &chunks), report)
}

pub fn outcomes(program: &Program, chunks: &[DoubtChunk]) -> Outcomes {
    let mut outcomes = Outcomes::new();
    for chunk in chunks {
        for (place, rule) in chunk.rules.iter().enumerate() {
            let rule = program.answers[*rule as usize].rule.clone();
            let word = match chunk.outcomes[place] {
                Outcome::Violates => format!("violates {:?}", chunk.severities[place]),
                Outcome::Undecided => "undecided".to_owned(),
                _ => "error".to_owned(),
            };
            let key = (rule, chunk.records.get(place).to_owned());
            assert!(outcomes.insert(key.clone(), word).is_none(), "{key:?} twice");
        }
    }
    outcomes
}

/// Says how often a law was tried and on what; `cargo xtask laws` makes a table of these lines.
pub fn tell(law: &str, cases: impl std::fmt::Display, compared: &str) {
    println!("law: {law}: {cases}: {compared}");
}

/// The first differences, told so that a reader finds them.
pub fn compare(found: &Outcomes, expected: &Outcomes, hint: &str) {
    let mut wrong = Vec::new();
    for (key, word) in expected {
        if found.get(key) != Some(word) {
            wrong.push(format!("{key:?}: expected {word}, found {:?}", found.get(key)));
        }
    }
    for (key, word) in found {
        if !expected.contains_key(key) {
            wrong.push(format!("{key:?}: found {word}, expected nothing"));
        }
    }
    wrong.sort();
    let count = wrong.len();
    let rules: std::collections::BTreeSet<&str> =
        wrong.iter().filter_map(|line| line.split('"').nth(1)).collect();
    let shown: Vec<&String> = wrong.iter().take(14).collect();
    assert!(
        count == 0,
        "{hint}: {count} differences in {rules:?}\n{}",
        shown.iter().map(|line| line.as_str()).collect::<Vec<_>>().join("\n")
    );
}
