//! Random expressions of the rule language over random data of the shipped codebook: program =
//! interpreter.

use crate::data::{Random, Records};
use crate::maker::Maker;
use crate::support::{compare, interpreted, judged, rule_of, tell};
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
    let (mut compiled, mut outcomes) = (0, 0);
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
        let (found, _) = judged(&program, directory.path(), &options);
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
    }
    let compared = format!("{compiled} expressions, {outcomes} outcomes");
    tell("program = interpreter, random expressions", cases.unwrap_or(2), &compared);
    assert!(compiled > 200, "{compiled}");
}
