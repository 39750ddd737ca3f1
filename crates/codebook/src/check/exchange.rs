//! Notices show nothing sensitive; import layouts tell columns apart.

use super::words::Words;
use super::{Checker, Path};
use crate::faults::FaultKind;
use crate::model::{ImportLayout, Ledger, Notice};
use crate::names::{BUILT_IN_FIELDS, MEASURE_COLUMN};
use taizhang_diagnostics::Message;

pub(super) fn check_notice(checker: &Checker<'_>, notice: &Notice) {
    let path = ["notices", notice.name.as_str()];
    checker.parameter(&notice.days_parameter, &[path.as_slice(), &["days_parameter"]].concat());
    if notice.columns.is_empty() {
        checker.nothing_inside(&path, "列 columns", "columns in `columns`");
    }
    let Some(ledger) = checker.ledger(&notice.ledger, &[path.as_slice(), &["ledger"]].concat())
    else {
        return;
    };
    for (position, column) in notice.columns.iter().enumerate() {
        let position = position.to_string();
        let below = [path.as_slice(), &["columns", position.as_str()]].concat();
        match ledger.field(column) {
            None if BUILT_IN_FIELDS.contains(&column.as_str()) => {}
            None => checker.unknown_field(ledger, column, &below, &BUILT_IN_FIELDS),
            Some(_) => check_shown(checker, ledger, column, &below),
        }
    }
}

/// A fault if a field that is shown in public is sensitive.
pub(super) fn check_shown(checker: &Checker<'_>, ledger: &Ledger, name: &str, path: Path<'_>) {
    if ledger.field(name).is_some_and(|field| field.sensitive.is_some()) {
        checker.fault_at_word(
            FaultKind::SensitiveShown,
            path,
            name,
            Message::new(
                format!("敏感字段`{name}`不得公开"),
                format!("sensitive field `{name}` must not be public"),
            ),
        );
    }
}

pub(super) fn check_layout(checker: &Checker<'_>, layout: &ImportLayout) {
    let path = ["import_layouts", layout.name.as_str()];
    if layout.columns.is_empty() {
        checker.nothing_inside(&path, "列 columns", "columns in `columns`");
    }
    let Some(ledger) = checker.ledger(&layout.ledger, &[path.as_slice(), &["ledger"]].concat())
    else {
        return;
    };
    let mut words = Words::default();
    for (position, column) in layout.columns.iter().enumerate() {
        let position = position.to_string();
        let below = [path.as_slice(), &["columns", position.as_str()]].concat();
        let at = |key: &'static str| [below.as_slice(), &[key]].concat();
        let others = [MEASURE_COLUMN, "state", "region"];
        let holder = match &column.ledger {
            None => ledger,
            Some(other) => match beside(checker, ledger, other, &at("ledger")) {
                Some(other) => other,
                None => continue,
            },
        };
        let is_known = holder.field(&column.field).is_some()
            || (column.ledger.is_none() && others.contains(&column.field.as_str()));
        if !is_known && !column.field.is_empty() {
            let others = if column.ledger.is_none() { others.as_slice() } else { &[] };
            checker.unknown_field(holder, &column.field, &at("field"), others);
        }
        let means = column.key();
        words.add(&column.head, &means, &at("head"));
        words.add_list(&column.synonyms, &means, &at("synonyms"));
    }
    words.check(checker);
    for (position, key) in layout.keys.iter().enumerate() {
        let is_column =
            layout.columns.iter().any(|column| column.ledger.is_none() && column.field == *key);
        if !is_column {
            let position = position.to_string();
            let below = [path.as_slice(), &["keys", position.as_str()]].concat();
            let columns = layout.columns.iter().filter(|column| column.ledger.is_none());
            let known = columns.map(|column| column.field.as_str());
            checker.unknown(FaultKind::UnknownField, &below, ("列", "column"), key, known);
        }
    }
}

/// The other ledger of a column: one that meets the layout's by a reference, or in their root.
fn beside<'a>(
    checker: &'a Checker<'a>,
    ledger: &Ledger,
    other: &str,
    path: Path<'_>,
) -> Option<&'a Ledger> {
    let other = checker.ledger(other, path)?;
    let refers = |from: &Ledger, to: &Ledger| {
        from.fields.iter().any(|field| field.ledger.as_deref() == Some(to.name.as_str()))
    };
    let root = |of: &Ledger| -> Option<String> {
        of.nest.as_deref().and_then(|name| of.field(name)?.ledger.clone())
    };
    let are_siblings = root(ledger).is_some() && root(ledger) == root(other);
    if are_siblings || refers(ledger, other) || refers(other, ledger) {
        return Some(other);
    }
    checker.fault(
        FaultKind::RelationAstray,
        path,
        format!("台账`{}`与`{}`之间没有引用", other.name, ledger.name),
        format!("no reference ties `{}` to `{}`", other.name, ledger.name),
    );
    None
}
