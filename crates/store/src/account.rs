//! What belongs to accounts but to no ledger: password hashes, sessions, failed attempts.

use crate::driver::{Cell, Row, to_microsecond};
use crate::error::StoreError;
use crate::reader::Reader;
use crate::writer::Writer;
use std::collections::BTreeMap;
use taizhang_values::{RecordId, Timestamp};

/// A signed-in browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Keyed or plain hash of the session's token; the token itself is never stored.
    pub token_hash: String,
    /// Who is signed in.
    pub user: RecordId,
    /// Moment of the sign-in.
    pub created_at: Timestamp,
    /// Moment of the last noted use.
    pub touched_at: Timestamp,
    /// From where.
    pub source: String,
    /// What the web side keeps with it, such as the CSRF token; opaque here.
    pub data: String,
}

const SESSION: &str =
    "\"token_hash\", \"user_id\", \"created_at\", \"touched_at\", \"source\", \"data\"";

fn session(row: &mut Row) -> Result<Session, StoreError> {
    Ok(Session {
        token_hash: row.text()?,
        user: crate::codec::record_id(&row.text()?)?,
        created_at: row.instant()?,
        touched_at: row.instant()?,
        source: row.text()?,
        data: row.text()?,
    })
}

impl Reader<'_> {
    /// The password hash of a user, as it was set.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn password_hash(&self, user: &RecordId) -> Result<Option<String>, StoreError> {
        let sql = "SELECT \"hash\" FROM store_credential WHERE \"user_id\" = ?";
        let row = self.connection().query_one(sql, &[Cell::text(user.as_str())])?;
        row.map(|mut row| row.text()).transpose()
    }

    /// The session of a token hash.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn session(&self, token_hash: &str) -> Result<Option<Session>, StoreError> {
        let sql = format!("SELECT {SESSION} FROM store_session WHERE \"token_hash\" = ?");
        let row = self.connection().query_one(&sql, &[Cell::text(token_hash)])?;
        row.map(|mut row| session(&mut row)).transpose()
    }

    /// The sessions of a user, oldest first.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn sessions(&self, user: &RecordId) -> Result<Vec<Session>, StoreError> {
        let sql = format!(
            "SELECT {SESSION} FROM store_session WHERE \"user_id\" = ? \
             ORDER BY \"created_at\", \"token_hash\""
        );
        let rows = self.connection().query(&sql, &[Cell::text(user.as_str())])?;
        rows.into_iter().map(|mut row| session(&mut row)).collect()
    }

    /// Failed attempts under a key since a moment: how many, and when the last one was.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn failures(
        &self,
        key: &str,
        since: Timestamp,
    ) -> Result<(u64, Option<Timestamp>), StoreError> {
        let sql = "SELECT COUNT(*), MAX(\"at\") FROM store_failure \
                   WHERE \"failure_key\" = ? AND \"at\" >= ?";
        let cells = [Cell::text(key), Cell::Instant(to_microsecond(since))];
        match self.connection().query_one(sql, &cells)? {
            Some(mut row) => {
                let count = u64::try_from(row.integer()?).unwrap_or(0);
                Ok((count, row.optional_instant()?))
            }
            None => Ok((0, None)),
        }
    }
}

impl Writer<'_> {
    /// Sets the password hash of a user and notes the act in the audit, without the hash.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn set_password_hash(&self, user: &RecordId, hash: &str) -> Result<(), StoreError> {
        self.connection().execute(
            "INSERT INTO store_credential (\"user_id\", \"hash\", \"updated_at\") \
             VALUES (?, ?, ?) ON CONFLICT (\"user_id\") DO UPDATE \
             SET \"hash\" = excluded.\"hash\", \"updated_at\" = excluded.\"updated_at\"",
            &[Cell::text(user.as_str()), Cell::text(hash), Cell::Instant(self.act().at)],
        )?;
        let object = format!("user/{user}");
        self.line(&self.act().verb, &object, None, "set password", BTreeMap::new())?;
        Ok(())
    }

    /// Makes a session. The audit line of the sign-in is the caller's.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn create_session(
        &self,
        token_hash: &str,
        user: &RecordId,
        at: Timestamp,
        data: &str,
    ) -> Result<(), StoreError> {
        let at = to_microsecond(at);
        self.connection().execute(
            &format!("INSERT INTO store_session ({SESSION}) VALUES (?, ?, ?, ?, ?, ?)"),
            &[
                Cell::text(token_hash),
                Cell::text(user.as_str()),
                Cell::Instant(at),
                Cell::Instant(at),
                Cell::text(&self.act().source),
                Cell::text(data),
            ],
        )?;
        Ok(())
    }

    /// Notes a use of a session. Callers do this about once a minute, not at every request.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn touch_session(&self, token_hash: &str, at: Timestamp) -> Result<(), StoreError> {
        self.connection().execute(
            "UPDATE store_session SET \"touched_at\" = ? WHERE \"token_hash\" = ?",
            &[Cell::Instant(to_microsecond(at)), Cell::text(token_hash)],
        )?;
        Ok(())
    }

    /// Replaces what the web side keeps with a session.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn set_session_data(&self, token_hash: &str, data: &str) -> Result<(), StoreError> {
        self.connection().execute(
            "UPDATE store_session SET \"data\" = ? WHERE \"token_hash\" = ?",
            &[Cell::text(data), Cell::text(token_hash)],
        )?;
        Ok(())
    }

    /// Ends a session.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn end_session(&self, token_hash: &str) -> Result<(), StoreError> {
        self.connection().execute(
            "DELETE FROM store_session WHERE \"token_hash\" = ?",
            &[Cell::text(token_hash)],
        )?;
        Ok(())
    }

    /// Ends all sessions of a user: password changed, account disabled, rights taken; how many.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn end_sessions(&self, user: &RecordId) -> Result<u64, StoreError> {
        self.connection().execute(
            "DELETE FROM store_session WHERE \"user_id\" = ?",
            &[Cell::text(user.as_str())],
        )
    }

    /// Removes sessions last used before one moment or made before another; how many.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn expire_sessions(
        &self,
        touched_before: Timestamp,
        created_before: Timestamp,
    ) -> Result<u64, StoreError> {
        self.connection().execute(
            "DELETE FROM store_session WHERE \"touched_at\" < ? OR \"created_at\" < ?",
            &[
                Cell::Instant(to_microsecond(touched_before)),
                Cell::Instant(to_microsecond(created_before)),
            ],
        )
    }

    /// Notes a failed attempt under a key: an account or an address.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn note_failure(&self, key: &str, at: Timestamp) -> Result<(), StoreError> {
        let cells = [Cell::text(key), Cell::Instant(to_microsecond(at))];
        // Several attempts may fall on one microsecond; the number keeps them apart.
        self.connection().execute(
            "INSERT INTO store_failure (\"failure_key\", \"at\", \"number\") \
             SELECT ?, ?, COALESCE(MAX(\"number\"), 0) + 1 FROM store_failure \
             WHERE \"failure_key\" = ? AND \"at\" = ?",
            &[cells.clone(), cells].concat(),
        )?;
        Ok(())
    }

    /// Forgets the failed attempts under a key.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn clear_failures(&self, key: &str) -> Result<(), StoreError> {
        self.connection()
            .execute("DELETE FROM store_failure WHERE \"failure_key\" = ?", &[Cell::text(key)])?;
        Ok(())
    }

    /// Forgets all failed attempts before a moment; how many.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn expire_failures(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.connection().execute(
            "DELETE FROM store_failure WHERE \"at\" < ?",
            &[Cell::Instant(to_microsecond(before))],
        )
    }
}
