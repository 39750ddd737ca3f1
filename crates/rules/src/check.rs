//! Checks all rules of a codebook: what is written, and that the examples come out as they say.

use crate::compile::compile_into;
use crate::example;
use crate::faults::Faults;
use crate::rule::Rule;
use taizhang_codebook::{Codebook, RuleSource};
use taizhang_diagnostics::Diagnostic;

/// The rules of a codebook, with every fault of those that are not whole.
///
/// # Shape
/// In: a checked codebook. Out: compiled rules in order of code, without those that have faults in
/// their expressions, and all faults of expressions, messages and examples in order of file.
/// Editions in trial are checked as well, but are not among the rules.
#[must_use]
pub fn check(codebook: &Codebook) -> (Vec<Rule>, Vec<Diagnostic>) {
    let mut rules = Vec::new();
    let mut diagnostics = Vec::new();
    for source in codebook.rules.values() {
        let (rule, faults) = check_rule(codebook, source);
        rules.extend(rule);
        diagnostics.extend(faults);
    }
    for source in codebook.trials.values() {
        diagnostics.extend(check_rule(codebook, source).1);
    }
    (rules, diagnostics)
}

/// One rule with its examples.
#[must_use]
pub fn check_rule(codebook: &Codebook, source: &RuleSource) -> (Option<Rule>, Vec<Diagnostic>) {
    let faults = Faults::default();
    let rule = compile_into(codebook, source, &faults).filter(|_| faults.count() == 0);
    if let Some(rule) = &rule {
        example::check(codebook, source, rule, &faults);
    }
    (rule, faults.into_diagnostics())
}
