//! Numbers change; the old ones stay with the record.

use crate::codec::{self, Stored};
use crate::driver::Cell;
use crate::error::StoreError;
use crate::schema::Table;
use std::collections::BTreeSet;
use taizhang_values::Value;

/// Adds the old value of a changed field to the field's list of former ones.
pub(crate) fn keep(
    table: &Table,
    current: &Stored,
    next: &mut Stored,
    changed: &mut BTreeSet<String>,
) -> Result<(), StoreError> {
    for (field, old) in table.fields.iter().zip(&current.cells) {
        let (Some(list), Cell::Text(old)) = (&field.former, old) else {
            continue;
        };
        let place = table.fields.iter().position(|other| other.name == *list);
        let Some((place, holder)) = place.and_then(|at| Some((at, table.fields.get(at)?))) else {
            continue;
        };
        if !changed.contains(&field.name) {
            continue;
        }
        let before = next.cells.get(place).unwrap_or(&Cell::Null);
        let mut kept = codec::decode(holder, before)?.as_list().to_vec();
        if kept.contains(old) {
            continue;
        }
        kept.push(old.clone());
        let cell = codec::encode(table, holder, &Value::List(kept))?;
        if let Some(slot) = next.cells.get_mut(place) {
            *slot = cell;
            changed.insert(list.clone());
        }
    }
    Ok(())
}
