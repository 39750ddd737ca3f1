//! Code lists: something in them, and no word twice.

use super::Checker;
use super::words::Words;
use crate::model::CodeList;

pub(super) fn check(checker: &Checker<'_>, list: &CodeList) {
    let path = ["code_lists", list.name.as_str()];
    if list.codes.is_empty() {
        checker.nothing_inside(&path, "码", "codes");
    }
    let mut words = Words::default();
    for code in &list.codes {
        let below = [path.as_slice(), &["codes", code.code.as_str()]].concat();
        super::ledger::dates(checker, &below, code.since, code.until);
        let at = |last: &[&'static str]| [below.as_slice(), last].concat();
        words.add(&code.code, &code.code, &at(&[]));
        words.add(&code.label.zh, &code.code, &at(&["label", "zh"]));
        words.add(&code.label.en, &code.code, &at(&["label", "en"]));
        words.add_list(&code.synonyms, &code.code, &at(&["synonyms"]));
    }
    words.check(checker);
}
