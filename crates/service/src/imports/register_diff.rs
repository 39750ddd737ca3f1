//! What a row changes in a record that is there: nothing is overwritten silently.

use super::register_values::PartValues;
use crate::ServiceError;
use serde::{Deserialize, Serialize};
use taizhang_store::{Reader, Record, Version};
use taizhang_values::Value;

/// One field as it stands and as the file has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Field of the ledger.
    pub field: String,
    /// What is stored.
    pub old: Value,
    /// What the file says; null takes away what an earlier import brought.
    pub new: Value,
}

/// What of a row is written, and what is not because people changed it meanwhile.
#[derive(Clone, Debug, Default)]
pub(super) struct Difference {
    /// Written.
    pub(super) changes: Vec<FieldChange>,
    /// Not written.
    pub(super) conflicts: Vec<FieldChange>,
}

/// Source under which the records of a target are written; the batch stands behind it.
pub(super) fn source_of(target: &str) -> String {
    format!("import:{target}:")
}

/// Compares field by field. A field that an import set last takes the file's value; one that a
/// person set stays, and is a conflict if the file says something new; an empty cell empties only
/// what the same list had brought.
pub(super) fn difference(
    reader: &Reader<'_>,
    record: &Record,
    values: &PartValues<'_>,
    target: &str,
) -> Result<Difference, ServiceError> {
    let mut found = Difference::default();
    let mut history: Option<Vec<Version>> = None;
    for (field, new) in values.iter() {
        let old = record.get(field);
        if old == new || (old.is_empty() && new.is_empty()) {
            continue;
        }
        let versions = match &history {
            Some(versions) => versions,
            None => history.insert(reader.history(&record.ledger, &record.id)?),
        };
        let change = FieldChange { field: field.to_owned(), old: old.clone(), new: new.clone() };
        match judge(versions, &change, target) {
            Judgement::Write => found.changes.push(change),
            Judgement::Conflict => found.conflicts.push(change),
            Judgement::Keep => {}
        }
    }
    Ok(found)
}

enum Judgement {
    Write,
    Conflict,
    Keep,
}

/// True for what an import wrote.
pub(super) fn is_import(version: &Version) -> bool {
    version.source.starts_with("import:")
}

fn judge(versions: &[Version], change: &FieldChange, target: &str) -> Judgement {
    let sets = |version: &&Version| version.changed.iter().any(|(name, ..)| *name == change.field);
    let last = versions.iter().rev().find(sets);
    if change.new.is_empty() {
        let own = source_of(target);
        let is_own = last.is_some_and(|version| version.source.starts_with(&own));
        return if is_own { Judgement::Write } else { Judgement::Keep };
    }
    match last {
        None => Judgement::Write,
        Some(version) if is_import(version) => Judgement::Write,
        Some(_) if change.old.is_empty() && !versions.iter().any(is_import) => Judgement::Write,
        Some(_) => {
            let imported =
                versions.iter().rev().find(|version| is_import(version) && sets(version));
            let brought = imported.map(|version| version.record.get(&change.field));
            if brought == Some(&change.new) { Judgement::Keep } else { Judgement::Conflict }
        }
    }
}
