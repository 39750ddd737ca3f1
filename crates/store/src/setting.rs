//! Named settings, and answers remembered for requests that come twice.

use crate::codec::without_nul;
use crate::driver::{Cell, to_microsecond};
use crate::error::StoreError;
use crate::hash::hex;
use crate::keys::random_bytes;
use crate::reader::Reader;
use crate::writer::Writer;
use std::collections::BTreeMap;
use taizhang_values::{RecordId, Timestamp};

/// The first answer to a request that came under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// Hash of the request's body; another body under the same key is a mistake of the client.
    pub body_hash: String,
    /// The answer given; the mark of the attempt while there is none.
    pub answer: String,
    /// The effect stands, and the answer was never noted: the program ended in between.
    pub is_pending: bool,
    /// When.
    pub at: Timestamp,
}

/// What the answer of a request begins with that was not answered yet.
const PENDING: &str = "pending:";

/// A request with a key: whatever it writes is written once. Every transaction written through
/// [`Store::in_request`](crate::Store::in_request) takes the key as its first effect, so that key
/// and effects stand or fall together.
#[derive(Clone, Debug)]
pub struct Request {
    key: String,
    user: RecordId,
    body_hash: String,
    /// Tells this attempt from another one under the same key.
    mark: String,
}

impl Request {
    /// A new attempt at a request under a user's key.
    ///
    /// # Errors
    /// [`StoreError::Keys`] if the system has no random numbers.
    pub fn new(key: &str, user: &RecordId, body_hash: &str) -> Result<Self, StoreError> {
        let attempt = hex(&random_bytes::<16>()?);
        Ok(Self {
            key: key.to_owned(),
            user: user.clone(),
            body_hash: body_hash.to_owned(),
            mark: format!("{PENDING}{attempt}"),
        })
    }
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
            let (body_hash, answer) = (row.text()?, row.text()?);
            let is_pending = answer.starts_with(PENDING);
            Ok(Remembered { body_hash, answer, is_pending, at: row.instant()? })
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

    /// Takes the key of a request for this attempt.
    pub(crate) fn claim(&self, request: &Request) -> Result<(), StoreError> {
        let Request { key, user, body_hash, mark } = request;
        if self.remember(key, user, body_hash, mark)? {
            return Ok(());
        }
        match self.recall(key, user)? {
            Some(kept) if kept.answer == *mark => Ok(()),
            _ => Err(StoreError::Repeated),
        }
    }

    /// Notes the answer to a request, whether it wrote something or not.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn answer(&self, request: &Request, answer: &str) -> Result<(), StoreError> {
        let count = self.connection().execute(
            "UPDATE store_idempotency SET \"answer\" = ? \
             WHERE \"user_id\" = ? AND \"request_key\" = ? AND \"answer\" = ?",
            &[
                Cell::Text(without_nul(answer)),
                Cell::text(request.user.as_str()),
                Cell::text(request.key.as_str()),
                Cell::text(request.mark.as_str()),
            ],
        )?;
        if count == 0 {
            self.remember(&request.key, &request.user, &request.body_hash, answer)?;
        }
        Ok(())
    }

    /// Gives the key of a request back that was refused, after it wrote something beside the act.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn forget(&self, request: &Request) -> Result<(), StoreError> {
        self.connection().execute(
            "DELETE FROM store_idempotency \
             WHERE \"user_id\" = ? AND \"request_key\" = ? AND \"answer\" = ?",
            &[
                Cell::text(request.user.as_str()),
                Cell::text(request.key.as_str()),
                Cell::text(request.mark.as_str()),
            ],
        )?;
        Ok(())
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
