//! Random expressions of the rule language over random data of the shipped codebook: program =
//! interpreter.

use crate::data::{Random, Records};
use crate::maker::Maker;
use crate::support::{compare, interpreted, judged, reasons, reported, rule_of, tell};
use std::collections::{BTreeMap, BTreeSet};
use taizhang_codebook::{Codebook, Ledger};
use taizhang_engine::run::Options;
use taizhang_engine::snapshot::Sensitive;
use taizhang_program::compile;
use taizhang_rules::Rule;
use taizhang_values::Date;

const AS_OF: Date = Date::constant(2026, 11, 22);

#[test]
fn random_expressions_mean_the_same_in_program_and_interpreter() {
    let codebook = Codebook::embedded("rural").unwrap();
    let cases = std::env::var("TAIZHANG_LAW_CASES").ok().and_then(|text| text.parse().ok());
    let (mut compiled, mut outcomes, mut errors) = (0, 0, 0);
    for seed in 900..900 + cases.unwrap_or(2) {
        let mut rules: Vec<Rule> = Vec::new();
        let mut texts = Vec::new();
        let mut maker = Maker::new(&codebook, Random(seed));
        let ledgers: Vec<&Ledger> = codebook.ledgers.values().collect();
        for number in 0..400 {
            let ledger = match maker.random.below(10) {
                0..=4 => codebook.ledger("household").unwrap(),
                5..=7 => codebook.ledger("person").unwrap(),
                _ => *maker.random.pick(&ledgers),
            };
            let depth = 1 + maker.random.below(3);
            let text = maker.about(ledger, depth);
            let code = format!("RND-{number:03}");
            let Some(rule) = rule_of(&codebook, &ledger.name, &code, &text) else { continue };
            rules.push(rule);
            texts.push(text);
        }
        compiled += rules.len();
        let (program, left_out) = compile(&codebook, &rules, AS_OF);
        assert!(left_out.is_empty(), "{left_out:?}");
        let records = Records::random(&codebook, &mut maker.random, 10);
        let expected = interpreted(&codebook, &rules, &records, AS_OF);
        outcomes += expected.len();
        let directory = tempfile::tempdir().unwrap();
        records.write(&codebook, directory.path(), Sensitive::Plain, 1);
        let options = Options { undecided: true, batch_rows: 6, ..Options::default() };
        let (found, report) = judged(&program, directory.path(), &options);
        let told: Vec<String> =
            rules.iter().zip(&texts).map(|(rule, text)| format!("{} {text}", rule.code)).collect();
        let wrong: Vec<&String> = told
            .iter()
            .filter(|line| {
                let code = line.split(' ').next().unwrap();
                let own = |outcomes: &crate::support::Outcomes| {
                    outcomes
                        .iter()
                        .filter(|((rule, _), _)| rule == code)
                        .map(|(key, word)| (key.clone(), word.clone()))
                        .collect::<Vec<_>>()
                };
                own(&found) != own(&expected)
            })
            .take(5)
            .collect();
        compare(&found, &expected, &format!("seed {seed}: {wrong:#?}"));
        let why = reasons(&codebook, &rules, &records, AS_OF);
        errors += why.values().flat_map(BTreeMap::values).sum::<u64>();
        assert_eq!(reported(&report), why, "seed {seed}");
    }
    let compared =
        format!("{compiled} expressions, {outcomes} outcomes, {errors} errors by reason");
    tell("program = interpreter, random expressions", cases.unwrap_or(2), &compared);
    assert!(compiled > 200, "{compiled}");
}

/// Texts over a ledger that fail by each kind, alone and together, here and in related rows; and
/// ways to rows of the own ledger, which lie in any household.
const TEXTS: [(&str, &str); 12] = [
    ("household", "population / (population - population) > 0"),
    ("household", "population * 9223372036854775807 > 0"),
    ("household", "date(2020, population, 30) > as_of()"),
    ("household", "int(household_no) > 3"),
    ("household", "substring(household_no, 3, population) == '1'"),
    ("household", "population * 9223372036854775807 > 0 || date(2020, population, 30) > as_of()"),
    ("household", "7 / (population % 2) > 1 || population * 4611686018427387904 > 0"),
    ("household", "members.exists(m, 1 / (age(m.birth_date) % 2) > 2)"),
    ("household", "members.sum(m, population * 4611686018427387904) > 0"),
    (
        "person",
        "household.members.exists(m, household.population / (household.population % 3) > 1)",
    ),
    ("monitoring_case", "later_cases.exists(c, !has(c.entered_on))"),
    (
        "monitoring_case",
        "previous_case.population > population || previous_case.household == household",
    ),
];

#[test]
fn errors_are_counted_by_reason_and_the_own_ledger_is_met_anywhere() {
    let codebook = Codebook::embedded("rural").unwrap();
    let rules: Vec<Rule> = TEXTS
        .iter()
        .enumerate()
        .filter_map(|(number, (ledger, text))| {
            let rule = rule_of(&codebook, ledger, &format!("TXT-{number:03}"), text);
            if rule.is_none() {
                println!("not compiled: {text}");
            }
            rule
        })
        .collect();
    assert_eq!(rules.len(), TEXTS.len());
    let (program, left_out) = compile(&codebook, &rules, AS_OF);
    assert!(left_out.is_empty(), "{left_out:?}");
    let (mut kinds, mut elsewhere) = (BTreeSet::new(), 0);
    for seed in 950..954 {
        let records = Records::random(&codebook, &mut Random(seed), 40);
        let expected = interpreted(&codebook, &rules, &records, AS_OF);
        let directory = tempfile::tempdir().unwrap();
        records.write(&codebook, directory.path(), Sensitive::Plain, 2);
        let options = Options { undecided: true, batch_rows: 7, ..Options::default() };
        let (found, report) = judged(&program, directory.path(), &options);
        compare(&found, &expected, &format!("seed {seed}"));
        let why = reasons(&codebook, &rules, &records, AS_OF);
        assert_eq!(reported(&report), why, "seed {seed}");
        kinds.extend(why.values().flat_map(BTreeMap::keys).copied());
        elsewhere += expected.keys().filter(|(rule, _)| rule.as_str() >= "TXT-010").count();
    }
    assert!(kinds.len() > 3, "{kinds:?}");
    assert!(elsewhere > 20, "{elsewhere}");
}
