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
    if rule.until.is_some_and(|until| until < rule.since) {
        let (zh, en) = ("`until`早于`since`", "`until` lies before `since`");
        checker.fault(FaultKind::UntilBeforeSince, &at("until"), zh.to_owned(), en.to_owned());
    }
    if rule.body.text.trim().is_empty() {
        checker.nothing_inside(&path, "正文", "text below the head");
    }
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
