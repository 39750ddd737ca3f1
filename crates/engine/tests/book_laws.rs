//! The laws of the engine for any codebook: random ledgers, rules and records.
//!
//! `PROPTEST_CASES` says how many codebooks.

use crate::books::{codebook, shapes};
use crate::data::{Random, Records, write_part};
use crate::laws::{judged_alone, meets_own_tree, tree_of};
use crate::maker::Maker;
use crate::support::{Outcomes, compare, interpreted, judged, rule_of, tell};
use proptest::prelude::*;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use taizhang_codebook::{Codebook, RuleSeverity};
use taizhang_engine::run::Options;
use taizhang_engine::snapshot::{HashKey, Sensitive};
use taizhang_program::{Program, compile};
use taizhang_rules::{Raise, Rule, compile_expression};
use taizhang_values::Date;

const AS_OF: Date = Date::constant(2026, 11, 22);

/// Codebooks when nobody says how many: a few seconds without optimisation.
const CASES: u32 = 32;

/// Expressions tried a ledger; nearly all of them are rules.
const RULES: usize = 8;

static SEEN: [AtomicUsize; 4] = [const { AtomicUsize::new(0) }; 4];

fn rules(codebook: &Codebook, random: Random) -> Vec<Rule> {
    let mut maker = Maker::new(codebook, random);
    let mut rules = Vec::new();
    for (place, ledger) in codebook.ledgers.values().enumerate() {
        for number in 0..RULES {
            let depth = 1 + maker.random.below(3);
            let text = maker.about(ledger, depth);
            let code = format!("WLD-{place}{number:02}");
            let Some(mut rule) = rule_of(codebook, &ledger.name, &code, &text) else { continue };
            if maker.random.chance(30) {
                let text = maker.about(ledger, 1);
                rule.applies = compile_expression(codebook, &ledger.name, &text).ok();
            }
            if maker.random.chance(20) {
                let text = maker.about(ledger, 0);
                let when = compile_expression(codebook, &ledger.name, &text);
                let raise = |when| Raise { severity: RuleSeverity::Blocker, when };
                rule.raises = when.into_iter().map(raise).collect();
            }
            rules.push(rule);
        }
    }
    rules
}

fn records(codebook: &Codebook, random: &mut Random) -> Records {
    let mut records = Records::default();
    for ledger in codebook.ledgers.values() {
        // Rows nested in no root record are looked at by full runs alone.
        let is_root = codebook.ledgers.values().any(|other| {
            other.name != ledger.name && tree_of(codebook, &other.name) == ledger.name
        });
        let is_empty = random.chance(8) && !is_root;
        let count = if is_empty { 0 } else { 3 + random.below(12) };
        records.add(codebook, ledger, count, random);
    }
    records.tie(codebook, random);
    records
}

fn options(threads: usize, batch_rows: usize, partition_rows: u64) -> Options {
    Options { threads, batch_rows, partition_rows, undecided: true, ..Options::default() }
}

/// Any rows in any order, in two files each.
fn write_mixed(codebook: &Codebook, records: &Records, random: &mut Random, folder: &Path) {
    let mut mixed = records.clone();
    for place in (1..mixed.all.len()).rev() {
        mixed.all.swap(place, random.below(place + 1));
    }
    for ledger in codebook.ledgers.values() {
        let own = mixed.of(&ledger.name);
        let (one, other) = own.split_at(own.len() / 2);
        for (part, rows) in [("a", one), ("b", other)] {
            write_part(folder, ledger, part, Sensitive::Plain, rows);
        }
    }
    records.write_links(codebook, folder);
}

/// Adding a rule changes no other's result: some rules alone give what they give among all.
fn check_fewer(
    codebook: &Codebook,
    rules: &[Rule],
    all: &Outcomes,
    random: &mut Random,
    at: &Path,
) {
    let some: Vec<Rule> = rules.iter().filter(|_| random.chance(40)).cloned().collect();
    let (fewer, _) = compile(codebook, &some, AS_OF);
    let (found, _) = judged(&fewer, at, &options(1, 64, 0));
    let mut expected = all.clone();
    expected.retain(|(rule, _), _| some.iter().any(|known| known.code == *rule));
    compare(&found, &expected, "fewer rules");
}

/// A full run is the union of its root records judged one by one, each with all records of other
/// trees at hand.
fn check_alone(codebook: &Codebook, program: &Program, records: &Records, all: &Outcomes) {
    for root in codebook.ledgers.values().filter(|ledger| ledger.nest.is_none()) {
        let own = |rule: &str| {
            let answer = program.answers.iter().find(|answer| answer.rule == rule).unwrap();
            let ledger = &program.table(answer.table).unwrap().ledger;
            tree_of(codebook, ledger) == root.name && !meets_own_tree(codebook, program, rule)
        };
        let mut expected = all.clone();
        expected.retain(|(rule, _), _| own(rule));
        let mut found = judged_alone(codebook, program, records, &root.name);
        found.retain(|(rule, _), _| own(rule));
        compare(&found, &expected, &format!("one by one over {}", root.name));
    }
}

fn check_case(codebook: &Codebook, seed: u64) {
    let mut random = Random(seed);
    let rules = rules(codebook, Random(random.next()));
    let (program, left_out) = compile(codebook, &rules, AS_OF);
    assert!(left_out.is_empty(), "{left_out:?}");
    let records = records(codebook, &mut random);
    let expected = interpreted(codebook, &rules, &records, AS_OF);
    let plain = tempfile::tempdir().unwrap();
    records.write(codebook, plain.path(), Sensitive::Plain, 2);
    let (found, report) = judged(&program, plain.path(), &options(1, 5, 0));
    compare(&found, &expected, &format!("plain numbers\n{}", texts(&rules, &found, &expected)));
    let rows = |rule: &str| records.of(&ledger_of(&rules, rule)).len() as u64;
    for rule in &report.rules {
        let told = rule.outside + rule.passes + rule.violates + rule.undecided;
        assert_eq!((rule.rows, told), (rows(&rule.rule), rule.rows), "{}", rule.rule);
    }
    let facts = tempfile::tempdir().unwrap();
    records.write(codebook, facts.path(), Sensitive::Facts(HashKey::new([3; 16])), 1);
    let (found, _) = judged(&program, facts.path(), &options(2, 3, 2));
    compare(&found, &expected, "facts, two threads, batches of three, partitions of two");
    let mixed = tempfile::tempdir().unwrap();
    write_mixed(codebook, &records, &mut random, mixed.path());
    let (found, _) = judged(&program, mixed.path(), &options(2, 64, 3));
    compare(&found, &expected, "rows in any order");
    check_fewer(codebook, &rules, &expected, &mut random, plain.path());
    check_alone(codebook, &program, &records, &expected);
    let counts = [1, rules.len(), records.all.len(), expected.len()];
    for (seen, count) in SEEN.iter().zip(counts) {
        seen.fetch_add(count, Ordering::Relaxed);
    }
}

/// The rules that two outcomes differ in.
fn texts(rules: &[Rule], found: &Outcomes, expected: &Outcomes) -> String {
    let own = |outcomes: &Outcomes, code: &str| -> Vec<_> {
        let own = outcomes.iter().filter(|((rule, _), _)| rule == code);
        own.map(|(key, word)| (key.clone(), word.clone())).collect()
    };
    let differs = |rule: &&Rule| own(found, &rule.code) != own(expected, &rule.code);
    let lines = rules.iter().filter(differs).take(4);
    lines.map(|rule| format!("{} {} {}\n", rule.code, rule.ledger, rule.title)).collect()
}

fn ledger_of(rules: &[Rule], code: &str) -> String {
    rules.iter().find(|rule| rule.code == code).unwrap().ledger.clone()
}

#[test]
fn the_laws_hold_for_random_codebooks_rules_and_records() {
    let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = CASES;
    }
    proptest!(config, |(shapes in shapes(), seed in any::<u64>())| {
        let (codebook, text) = codebook(&shapes);
        let case = std::panic::AssertUnwindSafe(|| check_case(&codebook, seed));
        if let Err(fault) = std::panic::catch_unwind(case) {
            let told = fault.downcast_ref::<String>().map_or("", String::as_str);
            return Err(TestCaseError::fail(format!("{told}\nin the codebook\n{text}")));
        }
    });
    let [cases, rules, records, outcomes] = SEEN.each_ref().map(|s| s.load(Ordering::Relaxed));
    let compared = format!("{rules} rules, {records} records, {outcomes} outcomes five ways");
    tell("all laws, random codebooks", cases, &compared);
    assert!(rules > cases * 4, "too few rules: {rules} in {cases} codebooks");
}
