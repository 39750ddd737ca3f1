//! The laws of the engine, over random data and all rules of the shipped codebook.

use crate::data::{Random, Records};
use crate::support::{compare, interpreted, judged, rules_of};
use taizhang_codebook::Codebook;
use taizhang_engine::run::Options;
use taizhang_engine::snapshot::{HashKey, Sensitive};
use taizhang_program::compile;
use taizhang_values::Date;

const AS_OF: Date = Date::constant(2026, 11, 22);

/// So many random counties; more when asked for by the environment.
fn counties() -> u64 {
    std::env::var("TAIZHANG_LAW_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(3)
}

#[test]
fn program_and_interpreter_agree_on_every_row() {
    let codebook = Codebook::embedded("rural").unwrap();
    let rules = rules_of(&codebook);
    let (program, left_out) = compile(&codebook, &rules, AS_OF);
    println!("{} rules, {} left out: {left_out:?}", rules.len(), left_out.len());
    for seed in 0..counties() {
        let mut random = Random(seed);
        let records = Records::random(&codebook, &mut random, 12);
        let mut expected = interpreted(&codebook, &rules, &records, AS_OF);
        expected.retain(|(rule, _), _| left_out.iter().all(|left| left.rule != *rule));
        for sensitive in [Sensitive::Plain, Sensitive::Facts(HashKey::new([7; 16]))] {
            let directory = tempfile::tempdir().unwrap();
            records.write(&codebook, directory.path(), sensitive, 2);
            let options = Options { undecided: true, batch_rows: 5, ..Options::default() };
            let (found, report) = judged(&program, directory.path(), &options);
            assert!(report.absences.is_empty(), "{:?}", report.absences);
            compare(&found, &expected, &format!("seed {seed}, {sensitive:?}"));
        }
        println!("seed {seed}: {} outcomes agree", expected.len());
    }
}
