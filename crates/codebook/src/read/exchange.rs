//! Reads notices and import layouts.

use super::own_name;
use crate::faults::FaultKind;
use crate::model::{ImportColumn, ImportLayout, Notice};
use crate::section::Section;
use taizhang_diagnostics::Message;

pub(super) fn notice(name: &str, section: &Section<'_>) -> Notice {
    Notice {
        name: own_name(section, name),
        label: section.message("label"),
        ledger: section.required_text("ledger"),
        days_parameter: section.required_text("days_parameter"),
        columns: section.texts("columns"),
    }
}

pub(super) fn import_layout(name: &str, section: &Section<'_>) -> ImportLayout {
    ImportLayout {
        name: own_name(section, name),
        label: section.message("label"),
        ledger: section.required_text("ledger"),
        header_row: row(section, "header_row"),
        keys: section.texts("keys"),
        columns: section.items("columns").iter().map(column).collect(),
    }
}

/// A row counted from 1.
fn row(section: &Section<'_>, key: &'static str) -> Option<usize> {
    let number = section.integer(key)?;
    let row = usize::try_from(number).ok().filter(|row| *row > 0);
    if row.is_none() {
        let message =
            Message::new(format!("`{key}`从 1 数起"), format!("`{key}` is counted from 1"));
        section.faults().add(FaultKind::WrongType, section.at_key(key), message, None);
    }
    row
}

fn column(section: &Section<'_>) -> ImportColumn {
    let column = ImportColumn {
        ledger: section.text("ledger"),
        field: section.required_text("field"),
        head: section.required_text("head"),
        synonyms: section.texts("synonyms"),
        is_required: section.boolean("required"),
    };
    section.finish();
    column
}
