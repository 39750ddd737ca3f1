//! After a change of key: values sealed with older keys are sealed with the current one.

use crate::driver::{Cell, quote};
use crate::error::StoreError;
use crate::reader::Reader;
use crate::record::Act;
use crate::schema::Table;
use crate::store::Store;
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
    rows.into_iter().map(|mut row| crate::codec::record_id(&row.text()?)).collect()
}
