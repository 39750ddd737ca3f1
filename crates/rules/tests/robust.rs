//! Whatever is written, there is an answer: a rule, or faults with places.

use proptest::prelude::*;
use std::sync::LazyLock;
use taizhang_codebook::{Codebook, PlacedText, RuleSource};
use taizhang_rules::{check_rule, trial};

static CODEBOOK: LazyLock<Codebook> = LazyLock::new(|| Codebook::embedded("rural").unwrap());

/// Shipped expressions, joined, cut and with pieces put in.
fn text() -> impl Strategy<Value = String> {
    let shipped: Vec<String> =
        CODEBOOK.rules.values().map(|rule| rule.violates.text.clone()).collect();
    let pieces = prop::sample::select(vec![
        "(",
        ")",
        "&&",
        "!",
        "?",
        ":",
        "'",
        "\"",
        ".",
        ",",
        "members",
        "same(",
        "null",
        "中",
        "-",
        "9223372036854775807",
        "0.5",
        "[",
        "{",
        "date('2020-01-01')",
        "yuan(1)",
        "m",
        "in",
        "\n",
    ]);
    (
        prop::sample::select(shipped.clone()),
        prop::sample::select(shipped),
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        prop::collection::vec(pieces, 0..4),
    )
        .prop_map(|(one, other, cut, join, pieces)| {
            let head: String = one.chars().take(cut.index(one.chars().count() + 1)).collect();
            let tail: String = other.chars().skip(join.index(other.chars().count() + 1)).collect();
            format!("{head}{}{tail}", pieces.join(" "))
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn cut_and_joined_expressions_get_an_answer(text in text(), is_person in any::<bool>()) {
        let ledger = if is_person { "person" } else { "household" };
        match trial(&CODEBOOK, ledger, &text) {
            Ok(rule) => {
                let again = trial(&CODEBOOK, ledger, &text).unwrap();
                prop_assert!(rule.violates.same_as(&again.violates));
            }
            Err(faults) => prop_assert!(!faults.is_empty()),
        }
    }

    #[test]
    fn cut_and_joined_examples_get_an_answer(
        one in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
        join in any::<prop::sample::Index>(),
    ) {
        let rules: Vec<&RuleSource> = CODEBOOK.rules.values().collect();
        let (one, other) = (rules[one.index(rules.len())], rules[other.index(rules.len())]);
        let lines: Vec<&str> = one.body.text.lines().collect();
        let others: Vec<&str> = other.body.text.lines().collect();
        let head = lines.iter().take(cut.index(lines.len() + 1));
        let tail = others.iter().skip(join.index(others.len() + 1));
        let body: Vec<&str> = head.chain(tail).copied().collect();
        let mut source = one.clone();
        source.body = PlacedText::loose("body", &body.join("\n"));
        let _ = check_rule(&CODEBOOK, &source);
    }
}
