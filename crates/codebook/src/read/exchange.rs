//! Reads notices and import layouts.

use super::own_name;
use crate::model::{ImportColumn, ImportLayout, Notice};
use crate::section::Section;

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
        columns: section.items("columns").iter().map(column).collect(),
    }
}

fn column(section: &Section<'_>) -> ImportColumn {
    let column = ImportColumn {
        field: section.required_text("field"),
        head: section.required_text("head"),
        synonyms: section.texts("synonyms"),
        is_required: section.boolean("required"),
    };
    section.finish();
    column
}
