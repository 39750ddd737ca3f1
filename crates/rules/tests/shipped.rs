//! The shipped rules.

use taizhang_codebook::Codebook;
use taizhang_diagnostics::{Language, render_all};
use taizhang_rules::check;

#[test]
fn the_day_of_missing_escalation_is_a_day_of_the_ladder() {
    let codebook = Codebook::embedded("rural").unwrap();
    let on = "2026-11-20".parse().unwrap();
    let days = codebook.parameter("rect.escalation_days", on, None).unwrap().value;
    let ladder = codebook.flows.values().flat_map(|flow| &flow.escalation);
    let letter = ladder.filter(|rung| rung.form == "guidance_letter").find_map(|rung| rung.to_day);
    assert_eq!(letter, Some(days));
}

#[test]
fn shipped_rules_and_their_examples_have_no_faults() {
    let codebook = Codebook::embedded("rural").expect("the codebook has no faults");
    let (rules, faults) = check(&codebook);
    assert!(faults.is_empty(), "{}", render_all(&faults, Language::En));
    assert_eq!(rules.len(), codebook.rules.len());
    assert!(!rules.is_empty());
}
