//! The shipped rules.

use taizhang_codebook::Codebook;
use taizhang_diagnostics::{Language, render_all};
use taizhang_rules::check;

#[test]
fn shipped_rules_and_their_examples_have_no_faults() {
    let codebook = Codebook::embedded("rural").expect("the codebook has no faults");
    let (rules, faults) = check(&codebook);
    assert!(faults.is_empty(), "{}", render_all(&faults, Language::En));
    assert_eq!(rules.len(), codebook.rules.len());
    assert!(!rules.is_empty());
}
