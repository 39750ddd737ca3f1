//! Rules that are not in the catalogue, written from the manual alone: a codebook extension beside
//! this file, with the patterns that practice asks for. What the manual promises must carry them.

use crate::data::{Random, Records};
use crate::support::{compare, interpreted, judged};
use std::path::Path;
use taizhang_codebook::{Codebook, LadderEnd};
use taizhang_diagnostics::{Language, render_all};
use taizhang_engine::run::Options;
use taizhang_engine::snapshot::Sensitive;
use taizhang_program::compile;
use taizhang_rules::{Rule, check};
use taizhang_values::Date;

const AS_OF: Date = Date::constant(2026, 11, 22);

/// All files of the extension by their paths in it.
fn files(folder: &Path, within: &str, found: &mut Vec<(String, String)>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(Result::unwrap).collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = format!("{within}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            files(&entry.path(), &format!("{path}/"), found);
        } else {
            found.push((path, std::fs::read_to_string(entry.path()).unwrap()));
        }
    }
}

fn extended() -> (Codebook, Vec<Rule>) {
    let mut found = Vec::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/further");
    files(&folder, "", &mut found);
    let told = |faults: &[_]| render_all(faults, Language::En);
    let codebook = Codebook::load("rural", &found).unwrap_or_else(|it| panic!("{}", told(&it)));
    let (mut rules, faults) = check(&codebook);
    assert!(faults.is_empty(), "{}", told(&faults));
    rules.retain(|rule| rule.code.starts_with("FUR-"));
    assert!(rules.len() >= 140, "{} rules", rules.len());
    (codebook, rules)
}

#[test]
fn further_rules_mean_the_same_in_program_and_interpreter() {
    let (codebook, rules) = extended();
    let (program, left_out) = compile(&codebook, &rules, AS_OF);
    assert!(left_out.is_empty(), "{left_out:?}");
    assert_eq!(program.answers.len(), rules.len());
    let mut violates = 0;
    for seed in 700..702 {
        let records = Records::random(&codebook, &mut Random(seed), 14);
        let expected = interpreted(&codebook, &rules, &records, AS_OF);
        let directory = tempfile::tempdir().unwrap();
        records.write(&codebook, directory.path(), Sensitive::Plain, 2);
        let options = Options { undecided: true, batch_rows: 5, ..Options::default() };
        let (found, report) = judged(&program, directory.path(), &options);
        assert!(report.absences.is_empty(), "{:?}", report.absences);
        compare(&found, &expected, &format!("seed {seed}"));
        violates += expected.values().filter(|word| word.starts_with("violates")).count();
    }
    assert!(violates > 40, "{violates} violations");
}

/// Parameters that pages and reminders ask for by themselves.
const OF_THE_PROGRAM: [&str; 1] = ["rect.near_due_days"];

#[test]
fn every_parameter_has_a_rule_a_flow_or_a_notice() {
    let (codebook, _) = extended();
    let texts: Vec<&str> = codebook
        .rules
        .values()
        .flat_map(|rule| {
            let defines = rule.defines.iter().map(|define| &define.text);
            let raises = rule.raises.iter().map(|raise| &raise.when);
            defines.chain(raises).chain(&rule.applies).chain([&rule.violates])
        })
        .map(|text| text.text.as_str())
        .collect();
    let states = codebook.flows.values().flat_map(|flow| &flow.states);
    let clocks = states.filter_map(|state| Some(state.clock.as_ref()?.parameter.as_str()));
    let rungs = codebook.flows.values().flat_map(|flow| &flow.escalation);
    let ends = rungs.filter_map(|rung| match rung.last.as_ref()? {
        LadderEnd::Parameter(name) => Some(name.as_str()),
        LadderEnd::Day(_) => None,
    });
    let notices = codebook.notices.values().map(|notice| notice.days_parameter.as_str());
    let others: Vec<&str> = clocks.chain(ends).chain(notices).chain(OF_THE_PROGRAM).collect();
    let is_used = |name: &&String| {
        others.contains(&name.as_str())
            || texts.iter().any(|text| text.contains(&format!("'{name}'")))
    };
    let idle: Vec<&String> = codebook.parameters.keys().filter(|name| !is_used(name)).collect();
    assert!(idle.is_empty(), "used by nobody: {idle:?}");
}
