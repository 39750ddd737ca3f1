//! The shipped rules.

use std::collections::BTreeSet;
use taizhang_codebook::{Codebook, RuleSource};
use taizhang_diagnostics::{Language, render_all};
use taizhang_rules::{Context, Piece, check, examples_of, message_text, retold};

#[test]
fn shipped_rules_and_their_examples_have_no_faults() {
    let codebook = Codebook::embedded("rural").expect("the codebook has no faults");
    let (rules, faults) = check(&codebook);
    assert!(faults.is_empty(), "{}", render_all(&faults, Language::En));
    assert_eq!(rules.len(), codebook.rules.len());
    assert!(!rules.is_empty());
}

/// Places of values, in order, each once.
fn places(pieces: &[Piece]) -> BTreeSet<usize> {
    let place = |piece: &Piece| match piece {
        Piece::Text(_) => None,
        Piece::Value(place) => Some(*place),
    };
    pieces.iter().filter_map(place).collect()
}

#[test]
fn both_languages_of_a_message_show_the_same_values() {
    let codebook = Codebook::embedded("rural").expect("the codebook has no faults");
    let (rules, _) = check(&codebook);
    for rule in &rules {
        let message = &rule.message;
        let shown = |places: BTreeSet<usize>| -> Vec<&str> {
            places.iter().map(|place| message.values[*place].text.as_str()).collect()
        };
        let [zh, en] = [&message.zh, &message.en].map(|pieces| shown(places(pieces)));
        assert_eq!(zh, en, "{}", rule.code);
    }
}

#[test]
fn what_was_told_in_chinese_is_told_in_english_with_its_values() {
    let codebook = Codebook::embedded("rural").expect("the codebook has no faults");
    let (rules, _) = check(&codebook);
    let mut with_values = 0;
    for rule in &rules {
        for example in examples_of(&codebook, rule) {
            let context = Context::new(&codebook, example.as_of);
            let told = |language| {
                message_text(&rule.message, example.row, &example.rows, &context, language)
            };
            let retold = retold(&codebook, &rule.message, &told(Language::Zh));
            assert_eq!(retold, Some(told(Language::En)), "{} {}", rule.code, example.case);
            with_values += usize::from(!rule.message.values.is_empty());
        }
    }
    assert!(with_values > 60, "{with_values}");
}

#[test]
fn what_may_be_read_in_several_ways_is_not_told_again() {
    let file = "+++\ncode = \"TST-001\"\nname = \"tst\"\nledger = \"household\"\nkind = \"logic\"\n\
                severity = \"low\"\nsince = 2020-01-01\nsource = \"tst\"\nasks = [\"village\"]\n\
                violates = \"population > 1\"\n[message]\nzh = \"{address}，{population}，{risk_note}\"\n\
                en = \"{address}, {population}, {risk_note}\"\n+++\n# t\n";
    let codebook = Codebook::load("rural", &[("rules/tst/TST-001.md", file)]).unwrap();
    let rule = taizhang_rules::compile(&codebook, &codebook.rules["TST-001"]).unwrap();
    let told = |text: &str| retold(&codebook, &rule.message, text);
    assert_eq!(told("甲，5，乙"), Some("甲, 5, 乙".to_owned()));
    assert_eq!(told("甲，5，乙，6，丙"), None);
    // The second way lies behind what a search may take.
    let far = "，乙".repeat(3_000);
    assert_eq!(told(&format!("甲，5{far}，6，丙")), None);
}

#[test]
fn every_rule_says_why_in_both_languages() {
    let codebook = Codebook::embedded("rural").expect("the codebook has no faults");
    for rule in codebook.rules.values() {
        let prose = |text: &str| {
            let lines = text.lines().map(str::trim);
            let is_prose = |line: &&str| !line.is_empty() && !line.starts_with(['#', '|']);
            lines.filter(is_prose).map(str::to_owned).collect::<Vec<_>>()
        };
        let [zh, en] = [Language::Zh, Language::En].map(|language| prose(&rule.text(language)));
        assert_eq!(zh.len(), en.len(), "{}: {zh:?} {en:?}", rule.code);
        for (zh, en) in zh.iter().zip(&en) {
            assert!(en.is_ascii() && en.ends_with('.'), "{}: {en}", rule.code);
            assert_eq!(zh.starts_with("怎么改："), en.starts_with("To mend: "), "{}", rule.code);
        }
        assert!(rule.title(Language::En).is_ascii() && !rule.title(Language::Zh).is_ascii());
    }
}

#[test]
fn every_source_of_a_rule_is_declared_and_every_declared_one_used() {
    let codebook = Codebook::embedded("rural").expect("the codebook has no faults");
    for rule in codebook.rules.values() {
        let cited = codebook.citations(&rule.source);
        assert!(!cited.is_empty(), "{}", rule.code);
        for one in cited {
            let Some(source) = one.source else { panic!("{}: {}", rule.code, rule.source) };
            let is_named = one.passage.is_empty() || source.passages.contains_key(one.passage);
            let is_number = !one.passage.is_empty() && source.passage.is_some();
            assert!(is_named || is_number, "{}: {:?}", rule.code, one.passage);
        }
    }
    let unused: Vec<&str> =
        codebook.unused_sources().iter().map(|source| source.id.as_str()).collect();
    assert!(unused.is_empty(), "{unused:?}");
    for source in codebook.sources.values() {
        for passage in source.passages.keys() {
            let names = |rule: &RuleSource| {
                codebook.citations(&rule.source).iter().any(|one| one.passage == passage)
            };
            assert!(codebook.rules.values().any(names), "{}: {passage}", source.id);
        }
    }
}
