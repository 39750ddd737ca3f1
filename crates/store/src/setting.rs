//! Named settings, and answers remembered for requests that come twice.

use crate::codec::without_nul;
use crate::driver::{Cell, to_microsecond};
use crate::error::StoreError;
use crate::reader::Reader;
use crate::writer::Writer;
use std::collections::BTreeMap;
use taizhang_values::{RecordId, Timestamp};

/// The first answer to a request that came under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// Hash of the request's body; another body under the same key is a mistake of the client.
    pub body_hash: String,
    /// The answer given.
    pub answer: String,
    /// When.
    pub at: Timestamp,
}

impl Reader<'_> {
    /// A setting by name.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT \"value\" FROM store_setting WHERE \"name\" = ?";
        let row = self.connection().query_one(sql, &[Cell::text(name)])?;
        row.map(|mut row| row.text()).transpose()
    }

    /// What was answered to this user's request under a key.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn recall(&self, key: &str, user: &RecordId) -> Result<Option<Remembered>, StoreError> {
        let sql = "SELECT \"body_hash\", \"answer\", \"at\" FROM store_idempotency \
                   WHERE \"user_id\" = ? AND \"request_key\" = ?";
        let cells = [Cell::text(user.as_str()), Cell::text(key)];
        let row = self.connection().query_one(sql, &cells)?;
        row.map(|mut row| {
            Ok(Remembered { body_hash: row.text()?, answer: row.text()?, at: row.instant()? })
        })
        .transpose()
    }
}

impl Writer<'_> {
    /// Sets a setting and notes the act in the audit, without the value.
    ///
    /// # Errors
    /// [`StoreError::BadQuery`] for names beginning with `store.`, which are the store's own.
    pub fn set_setting(&self, name: &str, value: &str) -> Result<(), StoreError> {
        if name.starts_with("store.") {
            return Err(StoreError::BadQuery(format!("setting `{name}` belongs to the store")));
        }
        self.put_setting(name, value)?;
        let object = format!("setting/{name}");
        self.line(&self.act().verb, &object, None, "set", BTreeMap::new())?;
        Ok(())
    }

    pub(crate) fn put_setting(&self, name: &str, value: &str) -> Result<(), StoreError> {
        self.connection().execute(
            "INSERT INTO store_setting (\"name\", \"value\", \"updated_at\") VALUES (?, ?, ?) \
             ON CONFLICT (\"name\") DO UPDATE \
             SET \"value\" = excluded.\"value\", \"updated_at\" = excluded.\"updated_at\"",
            &[
                Cell::Text(without_nul(name)),
                Cell::Text(without_nul(value)),
                Cell::Instant(self.act().at),
            ],
        )?;
        Ok(())
    }

    /// Remembers the answer to a request, in the transaction of its effect. The first one stays:
    /// `false` if there was one already.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn remember(
        &self,
        key: &str,
        user: &RecordId,
        body_hash: &str,
        answer: &str,
    ) -> Result<bool, StoreError> {
        let count = self.connection().execute(
            "INSERT INTO store_idempotency \
             (\"request_key\", \"user_id\", \"body_hash\", \"answer\", \"at\") \
             VALUES (?, ?, ?, ?, ?) ON CONFLICT (\"user_id\", \"request_key\") DO NOTHING",
            &[
                Cell::Text(without_nul(key)),
                Cell::text(user.as_str()),
                Cell::text(body_hash),
                Cell::Text(without_nul(answer)),
                Cell::Instant(self.act().at),
            ],
        )?;
        Ok(count == 1)
    }

    /// Forgets answers given before a moment (400 days in service); how many.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn expire_remembered(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.connection().execute(
            "DELETE FROM store_idempotency WHERE \"at\" < ?",
            &[Cell::Instant(to_microsecond(before))],
        )
    }
}
