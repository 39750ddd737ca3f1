//! After a change of key: values sealed with older keys are sealed with the current one.

use crate::codec;
use crate::driver::{Cell, quote};
use crate::error::StoreError;
use crate::reader::Reader;
use crate::record::Act;
use crate::schema::Table;
use crate::store::Store;
use crate::writer::{Effect, Writer};
use std::collections::{BTreeMap, BTreeSet};
use taizhang_values::{RecordId, Timestamp};

/// Records of one transaction; other writers take their turn between two.
const BATCH: usize = 200;

impl Store {
    /// Seals every live record that an older key sealed with the current key, and says how many.
    ///
    /// Each becomes a version of its own with its audit line under the verb `keys.reseal`. What was
    /// written before stays as it was written, in history and in deleted records, so the older keys
    /// are still needed to read those. Broken off, it goes on where it stopped.
    ///
    /// # Errors
    /// [`StoreError::Keys`] if an older key is missing, [`StoreError::Damaged`] for a value that
    /// does not open, and faults of the database.
    pub fn reseal(&self, at: Timestamp) -> Result<u64, StoreError> {
        let act = Act {
            actor: None,
            verb: "keys.reseal".to_owned(),
            at,
            reason: None,
            source: "system".to_owned(),
        };
        let mut resealed = 0;
        for table in self.core.schema.tables.values() {
            loop {
                let ids = self.read(|reader| sealed_before(reader, table))?;
                let done = self.write(&act, |writer| {
                    let mut done = 0;
                    for id in &ids {
                        done += u64::from(writer.reseal(table, id)?);
                    }
                    Ok::<u64, StoreError>(done)
                })?;
                resealed += done;
                if done == 0 {
                    break;
                }
            }
        }
        Ok(resealed)
    }
}

impl Writer<'_> {
    /// Seals the sealed fields of a record with the current key, as a version of its own; `false`
    /// if they are, or if the record is gone.
    fn reseal(&self, table: &Table, id: &RecordId) -> Result<bool, StoreError> {
        let keys = &self.core.keys;
        let Some(mut next) = self.stored(table, id)? else { return Ok(false) };
        let mut changed = BTreeSet::new();
        for (field, cell) in table.fields.iter().zip(&mut next.cells) {
            let is_old = field.sensitive.is_some()
                && matches!(cell, Cell::Text(old) if !keys.is_current(old));
            if is_old {
                let clear = codec::unseal(table, field, id, cell, keys)?;
                *cell = codec::seal(table, field, id, &clear, keys)?.0;
                changed.insert(field.name.clone());
            }
        }
        if changed.is_empty() {
            return Ok(false);
        }
        self.step(&mut next);
        self.whole(self.write_changed(table, &next, &BTreeMap::new(), &changed))?;
        self.whole(self.note(table, &next, &changed, Effect::Update))?;
        Ok(true)
    }
}

/// Live records with a value that an older key sealed; some of them, until there are none.
fn sealed_before(reader: &Reader<'_>, table: &Table) -> Result<Vec<RecordId>, StoreError> {
    let sealed: Vec<&str> = table
        .fields
        .iter()
        .filter(|field| field.sensitive.is_some())
        .map(|field| field.name.as_str())
        .collect();
    if sealed.is_empty() {
        return Ok(Vec::new());
    }
    let mark = format!("{}%", reader.core.keys.mark_of_current());
    let is_old = |name: &&str| format!("({0} IS NOT NULL AND {0} NOT LIKE ?)", quote(name));
    let conditions: Vec<String> = sealed.iter().map(is_old).collect();
    let sql = format!(
        "SELECT \"id\" FROM {} WHERE \"deleted_at\" IS NULL AND ({}) ORDER BY \"id\" LIMIT {BATCH}",
        quote(&table.ledger),
        conditions.join(" OR ")
    );
    let cells = vec![Cell::Text(mark); sealed.len()];
    let rows = reader.connection().query(&sql, &cells)?;
    rows.into_iter().map(|mut row| codec::record_id(&row.text()?)).collect()
}
