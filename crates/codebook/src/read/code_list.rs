//! Reads code lists.

use super::own_name;
use crate::model::{Code, CodeList};
use crate::names::check_name;
use crate::section::Section;

pub(super) fn code_list(name: &str, section: &Section<'_>) -> CodeList {
    CodeList {
        name: own_name(section, name),
        label: section.message("label"),
        codes: section.sections("codes").into_iter().map(|(name, s)| code(name, &s)).collect(),
    }
}

fn code(name: &str, section: &Section<'_>) -> Code {
    check_name(section.faults(), name, section.at());
    let code = Code {
        code: name.to_owned(),
        label: section.message("label"),
        synonyms: section.texts("synonyms"),
        since: section.date("since"),
        until: section.date("until"),
    };
    section.finish();
    code
}
