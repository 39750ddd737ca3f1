//! Checks what rule files name beside their expressions, which the crate `rules` checks.

use super::{Checker, Path};
use crate::faults::FaultKind;
use crate::model::RuleSource;
use crate::read::{is_region_level, region_level_words};

/// `folder` is the part of the tree in which the rule stands.
pub(super) fn check(checker: &Checker<'_>, folder: &'static str, rule: &RuleSource) {
    let path = [folder, rule.code.as_str()];
    let at = |key: &'static str| [path[0], path[1], key];
    checker.ledger(&rule.ledger.text, &at("ledger"));
    asks(checker, rule, &at("asks"));
    sources(checker, rule, &at("source"));
    if rule.until.is_some_and(|until| until < rule.since) {
        let (zh, en) = ("`until`早于`since`", "`until` lies before `since`");
        checker.fault(FaultKind::UntilBeforeSince, &at("until"), zh.to_owned(), en.to_owned());
    }
    if rule.body.text.trim().is_empty() {
        checker.nothing_inside(&path, "正文", "text below the head");
    }
}

/// A source in a short word is declared; a codebook without legend writes words.
fn sources(checker: &Checker<'_>, rule: &RuleSource, path: Path<'_>) {
    let known = &checker.codebook.sources;
    if known.is_empty() {
        return;
    }
    for cited in checker.codebook.citations(&rule.source) {
        let word = cited.passage.split([' ', ',']).next().unwrap_or("");
        let passages = cited.source.map(|source| &source.passages);
        let is_declared = passages.is_some_and(|passages| passages.contains_key(word));
        if is_short(word) && !is_declared {
            let noun = ("来源", "source");
            let known = known.keys().map(String::as_str);
            checker.unknown(FaultKind::UnknownSource, path, noun, word, known);
        }
    }
}

/// True for what looks like the short word of a source: `S1`.
fn is_short(word: &str) -> bool {
    let Some(digits) = word.strip_prefix(|c: char| c.is_ascii_uppercase()) else { return false };
    (1..=3).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Who is asked: levels of the region tree or roles.
fn asks(checker: &Checker<'_>, rule: &RuleSource, path: Path<'_>) {
    let roles: Vec<String> =
        rule.asks.iter().filter(|word| !is_region_level(word)).cloned().collect();
    for name in &roles {
        if !checker.codebook.roles.contains_key(name) {
            let mut known: Vec<&str> = region_level_words().collect();
            known.extend(checker.codebook.roles.keys().map(String::as_str));
            let noun = ("级别或角色", "level or role");
            checker.unknown(FaultKind::UnknownRole, path, noun, name, known);
        }
    }
}
