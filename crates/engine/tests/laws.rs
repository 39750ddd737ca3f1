//! The laws of the engine, over random data and all rules of the shipped codebook.

use crate::data::{Random, Record, Records};
use crate::support::{Outcomes, compare, interpreted, judged, rule_of, rules_of, tell};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use taizhang_codebook::Codebook;
use taizhang_engine::error::EngineError;
use taizhang_engine::run::{
    DoubtChunk, DoubtSink, Judge, MemoryRows, Options, Outcome, RecordView, run,
};
use taizhang_engine::snapshot::{HashKey, Sensitive, Snapshot};
use taizhang_program::{Program, compile};
use taizhang_rules::Rule;
use taizhang_values::{Date, Value};

const AS_OF: Date = Date::constant(2026, 11, 22);

/// So many random counties; more when asked for by the environment.
fn counties() -> u64 {
    std::env::var("TAIZHANG_LAW_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(2)
}

fn shipped() -> (Codebook, Vec<Rule>, Program) {
    let codebook = Codebook::embedded("rural").unwrap();
    let rules = rules_of(&codebook);
    let (program, _) = compile(&codebook, &rules, AS_OF);
    (codebook, rules, program)
}

#[test]
fn program_and_interpreter_agree_on_every_row() {
    let (codebook, rules, program) = shipped();
    let in_force = rules.iter().filter(|rule| rule.is_in_force(AS_OF)).count();
    let known: Vec<Rule> = rules
        .into_iter()
        .filter(|rule| program.answers.iter().any(|answer| answer.rule == rule.code))
        .collect();
    assert_eq!(known.len(), in_force);
    let (mut rows, mut outcomes) = (0, 0);
    for seed in 0..counties() {
        let records = Records::random(&codebook, &mut Random(seed), 12);
        let expected = interpreted(&codebook, &known, &records, AS_OF);
        for sensitive in [Sensitive::Plain, Sensitive::Facts(HashKey::new([7; 16]))] {
            let directory = tempfile::tempdir().unwrap();
            records.write(&codebook, directory.path(), sensitive, 2);
            let options = Options { undecided: true, batch_rows: 5, ..Options::default() };
            let (found, report) = judged(&program, directory.path(), &options);
            assert!(report.absences.is_empty(), "{:?}", report.absences);
            compare(&found, &expected, &format!("seed {seed}, {sensitive:?}"));
        }
        rows += records.all.len();
        outcomes += expected.len();
    }
    let compared = format!("{in_force} rules, {rows} records twice, {outcomes} outcomes twice");
    tell("program = interpreter, shipped rules", counties(), &compared);
}

/// Rows of a large ledger that the few rows of another cannot ask for are not kept.
#[test]
fn rows_that_cannot_count_change_nothing_when_they_are_left_out() {
    let codebook = Codebook::embedded("rural").unwrap();
    let lifted = "household_rows.filter(h, default(h.is_active, true)\
                  && h.household_type == 'lifted')";
    let sum =
        |field: &str, least: &str| format!("{lifted}.sum(h, default(h.{field}, 0.0)) > {least}");
    let conditions = [
        ("village", sum("farmland_mu", "50.0")),
        ("village", sum("forest_mu", "70.0")),
        ("village", "household_rows.filter(h, h.farmland_mu > 9.0).sum(h, 1) > 3".to_owned()),
        ("village", format!("{} || size(household_rows) > 9", sum("farmland_mu", "50.0"))),
        ("project", "'illness' in household.risk_types".to_owned()),
        ("project", "household.household_type == 'lifted'".to_owned()),
    ];
    let mut outcomes = 0;
    for seed in 700..700 + counties() {
        let (mut records, mut random) = (Records::default(), Random(seed));
        for (ledger, count) in [("village", 12), ("household", 120), ("project", 12)] {
            records.add(&codebook, codebook.ledger(ledger).unwrap(), count, &mut random);
        }
        let directory = tempfile::tempdir().unwrap();
        records.write(&codebook, directory.path(), Sensitive::Plain, 2);
        // Each by itself, then together: rows that one leaves out may count for another.
        let rules: Vec<Rule> = conditions
            .iter()
            .enumerate()
            .map(|(place, (ledger, text))| {
                rule_of(&codebook, ledger, &format!("LAW-{place:03}"), text).unwrap()
            })
            .collect();
        let alone = rules.iter().map(std::slice::from_ref);
        for rules in alone.chain([rules.as_slice()]) {
            let (program, _) = compile(&codebook, rules, AS_OF);
            let expected = interpreted(&codebook, rules, &records, AS_OF);
            let options = Options { undecided: true, batch_rows: 5, ..Options::default() };
            let (found, _) = judged(&program, directory.path(), &options);
            compare(&found, &expected, &format!("seed {seed}"));
            outcomes += expected.len();
        }
    }
    assert!(outcomes > 0, "nothing was violated");
    let compared = format!("{} rules alone and together, {outcomes} outcomes", conditions.len());
    tell("rows that cannot count change nothing", counties(), &compared);
}

#[test]
fn threads_partitions_and_batches_change_nothing() {
    let (codebook, _, program) = shipped();
    let mut outcomes = 0;
    for seed in 100..100 + counties() {
        let records = Records::random(&codebook, &mut Random(seed), 40);
        let directory = tempfile::tempdir().unwrap();
        records.write(&codebook, directory.path(), Sensitive::Plain, 3);
        let run = |threads: usize, batch_rows: usize, partition_rows: u64| {
            let options = Options {
                threads,
                batch_rows,
                partition_rows,
                undecided: true,
                ..Options::default()
            };
            judged(&program, directory.path(), &options)
        };
        let (expected, first) = run(1, 4096, 1 << 20);
        for (threads, batch_rows, partition_rows) in [(1, 1, 7), (2, 3, 5), (4, 64, 1), (3, 7, 40)]
        {
            let (found, report) = run(threads, batch_rows, partition_rows);
            outcomes += found.len();
            let hint = format!("seed {seed}, {threads} {batch_rows} {partition_rows}");
            compare(&found, &expected, &hint);
            for (one, other) in first.rules.iter().zip(&report.rules) {
                assert_eq!(
                    (one.rows, one.passes),
                    (other.rows, other.passes),
                    "{hint} {}",
                    one.rule
                );
            }
        }
    }
    let compared = format!("four ways to cut each, {outcomes} outcomes");
    tell("threads, partitions and batches change nothing", counties(), &compared);
}

/// Writes the records in any order, each ledger as two files.
fn write_mixed(codebook: &Codebook, records: &Records, random: &mut Random, directory: &Path) {
    let mut shuffled = records.clone();
    for place in (1..shuffled.all.len()).rev() {
        shuffled.all.swap(place, random.below(place + 1));
    }
    for ledger in codebook.ledgers.values() {
        let own = shuffled.of(&ledger.name);
        let (one, other) = own.split_at(own.len() / 2);
        for (part, rows) in [("a", one), ("b", other)] {
            crate::data::write_part(directory, ledger, part, Sensitive::Plain, rows);
        }
    }
    records.write_links(codebook, directory);
}

/// Counts how often a run begins anew.
#[derive(Default)]
struct Restarts(usize);

impl DoubtSink for Restarts {
    fn take(&mut self, _: &Program, _: DoubtChunk) -> Result<(), EngineError> {
        Ok(())
    }

    fn restart(&mut self) -> Result<(), EngineError> {
        self.0 += 1;
        Ok(())
    }
}

#[test]
fn a_run_begins_anew_once_however_many_ledgers_are_out_of_order() {
    let (codebook, _, program) = shipped();
    let mut random = Random(250);
    let records = Records::random(&codebook, &mut random, 15);
    let mixed = tempfile::tempdir().unwrap();
    write_mixed(&codebook, &records, &mut random, mixed.path());
    let snapshot = Snapshot::open(mixed.path()).unwrap();
    let mut restarts = Restarts::default();
    let stop = AtomicBool::new(false);
    let options = Options::default();
    let report = run(&program, &snapshot, &options, &mut restarts, &stop, &|_, _| {}).unwrap();
    assert!(report.sorted.len() > 20, "{:?}", report.sorted);
    assert_eq!(restarts.0, 1);
}

#[test]
fn rows_in_any_order_give_the_same_doubts() {
    let (codebook, _, program) = shipped();
    let mut outcomes = 0;
    for seed in 200..200 + counties() {
        let mut random = Random(seed);
        let records = Records::random(&codebook, &mut random, 15);
        let options = Options { undecided: true, batch_rows: 4, ..Options::default() };
        let sorted = tempfile::tempdir().unwrap();
        records.write(&codebook, sorted.path(), Sensitive::Plain, 1);
        let (expected, _) = judged(&program, sorted.path(), &options);
        let mixed = tempfile::tempdir().unwrap();
        write_mixed(&codebook, &records, &mut random, mixed.path());
        let small = Options { partition_rows: 4, threads: 2, ..options.clone() };
        let (found, _) = judged(&program, mixed.path(), &small);
        compare(&found, &expected, &format!("seed {seed}, small partitions"));
        let (found, report) = judged(&program, mixed.path(), &options);
        assert!(report.sorted.contains(&"household".to_owned()), "{:?}", report.sorted);
        compare(&found, &expected, &format!("seed {seed}"));
        outcomes += 2 * found.len();
    }
    tell("rows in any order", counties(), &format!("two runs each, {outcomes} outcomes"));
}

#[test]
fn a_further_rule_changes_no_other_result() {
    let (codebook, rules, program) = shipped();
    let records = Records::random(&codebook, &mut Random(300), 15);
    let directory = tempfile::tempdir().unwrap();
    records.write(&codebook, directory.path(), Sensitive::Plain, 1);
    let options = Options { undecided: true, ..Options::default() };
    let (all, _) = judged(&program, directory.path(), &options);
    let mut random = Random(301);
    let mut outcomes = 0;
    for _ in 0..4 * counties() {
        let some: Vec<Rule> = rules.iter().filter(|_| random.chance(10)).cloned().collect();
        let (fewer, _) = compile(&codebook, &some, AS_OF);
        let (found, _) = judged(&fewer, directory.path(), &options);
        let mut expected = all.clone();
        expected.retain(|(rule, _), _| some.iter().any(|known| known.code == *rule));
        compare(&found, &expected, "fewer rules");
        outcomes += found.len();
        // The same by asking the whole program for some rules.
        let asked = Options {
            rules: some.iter().map(|rule| rule.code.clone()).collect(),
            ..options.clone()
        };
        if !asked.rules.is_empty() {
            let (found, _) = judged(&program, directory.path(), &asked);
            compare(&found, &expected, "asked rules");
        }
    }
    let compared = format!("some of the rules each, {outcomes} outcomes");
    tell("a further rule changes no other result", 4 * counties(), &compared);
}

impl RecordView for Record {
    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn value(&self, field: &str) -> Option<&Value> {
        self.values.get(field)
    }
}

/// The root ledger of a ledger's tree.
pub fn tree_of(codebook: &Codebook, ledger: &str) -> String {
    let own = codebook.ledger(ledger).unwrap();
    let root = own.nest.as_ref().and_then(|nest| own.field(nest)?.ledger.clone());
    root.unwrap_or_else(|| ledger.to_owned())
}

/// Whether a rule looks beyond its own root record at ledgers of its own tree, all rows of which
/// must then be at hand.
pub fn meets_own_tree(codebook: &Codebook, program: &Program, rule: &str) -> bool {
    let answer = program.answers.iter().find(|answer| answer.rule == rule).unwrap();
    let own = tree_of(codebook, &program.table(answer.table).unwrap().ledger);
    let mut open: Vec<_> = answer.roots().collect();
    while let Some(step) = open.pop() {
        if let Some(table) = program.base(program.step(step).unwrap().space)
            && let table = program.table(table).unwrap()
            && matches!(table.way, taizhang_program::Way::Gathered { .. })
            && tree_of(codebook, &table.ledger) == own
        {
            return true;
        }
        open.extend(program.inputs(step));
    }
    false
}

/// What is said of each root record of a tree and its nested records, judged by itself with all
/// records of other trees at hand.
pub fn judged_alone(
    codebook: &Codebook,
    program: &Program,
    records: &Records,
    root: &str,
) -> Outcomes {
    let judge = Judge::new(Arc::new(program.clone()));
    let mut found = Outcomes::new();
    for head in records.of(root) {
        let here = Value::Reference(head.id.clone());
        let mut rows = MemoryRows::default();
        let mut own = vec![head.id.as_str()];
        rows.add(root, head);
        for record in &records.all {
            let ledger = codebook.ledger(&record.ledger).unwrap();
            if tree_of(codebook, &record.ledger) != root {
                rows.add(&record.ledger, record);
            } else if ledger.nest.as_ref().is_some_and(|by| record.values.get(by) == Some(&here)) {
                rows.add(&record.ledger, record);
                own.push(record.id.as_str());
            }
        }
        for doubt in judge.judge(&rows, true) {
            let word = match doubt.outcome {
                Outcome::Violates => format!("violates {:?}", doubt.severity),
                Outcome::Undecided => "undecided".to_owned(),
                _ => "error".to_owned(),
            };
            if own.contains(&doubt.record.as_str()) {
                found.insert((doubt.rule, doubt.record), word);
            }
        }
    }
    found
}

#[test]
fn a_full_run_is_the_union_of_single_households() {
    let (codebook, _, program) = shipped();
    let (mut alone, mut outcomes) = (0, 0);
    for seed in 400..400 + counties() {
        let records = Records::random(&codebook, &mut Random(seed), 12);
        let directory = tempfile::tempdir().unwrap();
        records.write(&codebook, directory.path(), Sensitive::Plain, 1);
        let options = Options { undecided: true, ..Options::default() };
        let (mut expected, _) = judged(&program, directory.path(), &options);
        let own = |rule: &str| {
            let answer = program.answers.iter().find(|answer| answer.rule == rule).unwrap();
            let ledger = &program.table(answer.table).unwrap().ledger;
            tree_of(&codebook, ledger) == "household" && !meets_own_tree(&codebook, &program, rule)
        };
        expected.retain(|(rule, _), _| own(rule));
        let mut found = judged_alone(&codebook, &program, &records, "household");
        found.retain(|(rule, _), _| own(rule));
        compare(&found, &expected, &format!("seed {seed}"));
        alone += records.of("household").len();
        outcomes += found.len();
    }
    let compared = format!("{alone} households alone, {outcomes} outcomes");
    tell("full run = union of its households", counties(), &compared);
}

#[test]
fn what_the_snapshot_lacks_leaves_rules_undecided_and_is_told() {
    let (codebook, _, program) = shipped();
    let records = Records::random(&codebook, &mut Random(500), 10);
    let directory = tempfile::tempdir().unwrap();
    records.write(&codebook, directory.path(), Sensitive::Plain, 1);
    let options = Options::default();
    let (_, whole) = judged(&program, directory.path(), &options);
    std::fs::rename(directory.path().join("income"), directory.path().join(".income")).unwrap();
    let (_, report) = judged(&program, directory.path(), &options);
    let absent: Vec<&str> = report.absences.iter().map(|absence| absence.ledger.as_str()).collect();
    assert!(absent.iter().all(|ledger| *ledger == "income") && !absent.is_empty(), "{absent:?}");
    let lacking: Vec<&String> = report.absences.iter().flat_map(|absence| &absence.rules).collect();
    let before: BTreeMap<&str, _> =
        whole.rules.iter().map(|rule| (rule.rule.as_str(), rule)).collect();
    for rule in &report.rules {
        if lacking.contains(&&rule.rule) {
            assert_eq!(rule.undecided, rule.rows, "{}", rule.rule);
        } else {
            let known = before[rule.rule.as_str()];
            assert_eq!(
                (rule.violates, rule.passes),
                (known.violates, known.passes),
                "{}",
                rule.rule
            );
        }
    }
}

#[test]
fn a_program_can_be_sent_as_text() {
    let (_, _, program) = shipped();
    let text = serde_json::to_string(&program).unwrap();
    let back: Program = serde_json::from_str(&text).unwrap();
    assert_eq!(back, program);
}
