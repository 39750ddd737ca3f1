//! The audit chain: one line for each effect, in the same transaction, each bound to the one
//! before it.
//!
//! INVARIANT: a line's hash covers its number, its content and the hash before it; its seal is
//! keyed with a key that is not in the database. Values enter only as keyed commitments.

use crate::driver::{Cell, Connection, Dialect, Row, instant_text};
use crate::error::StoreError;
use crate::hash::hex;
use crate::keys::KeyRing;
use crate::record::Act;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use taizhang_values::{RecordId, Timestamp};

/// What kind of effect the line of many new records at once tells: its object is the ledger, and
/// its commitments are those to whole rows, by record.
pub(crate) const INSERTS: &str = "inserts";

/// One line of the audit chain, as pages show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLine {
    /// Server sequence number; rises by one.
    pub sequence: i64,
    /// Moment by the server's clock.
    pub at: Timestamp,
    /// Who; `None` for the program itself.
    pub actor: Option<RecordId>,
    /// `thing.verb`.
    pub verb: String,
    /// What it was done to: `<ledger>/<id>`, the ledger for `inserts`, or another name.
    pub object: String,
    /// Version of the record that it made.
    pub version: Option<i64>,
    /// Why.
    pub reason: Option<String>,
    /// From where.
    pub source: String,
    /// What kind of effect: `insert`, `inserts` (an import's rows), `update`, `delete`,
    /// `link measures <id>` …
    pub detail: String,
    /// Fields changed, each with the keyed commitment to its value; for `inserts` the records
    /// made, each with the commitment to its row.
    pub commitments: BTreeMap<String, String>,
    /// Hash of the line before.
    pub previous: String,
    /// Hash of this line.
    pub hash: String,
}

/// Which audit lines. Every filled part narrows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Exactly this object, such as `finding/<id>`; also the line that made it with others.
    pub object: Option<String>,
    /// By this user.
    pub actor: Option<RecordId>,
    /// Exactly this verb.
    pub verb: Option<String>,
    /// At or after this moment.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}

/// The end of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditHead {
    /// Number of the last line; 0 for an empty chain.
    pub sequence: i64,
    /// Its hash; empty for an empty chain.
    pub hash: String,
}

/// A line to be.
pub(crate) struct NewLine<'a> {
    pub(crate) verb: &'a str,
    pub(crate) object: &'a str,
    pub(crate) version: Option<i64>,
    pub(crate) reason: Option<&'a str>,
    pub(crate) detail: &'a str,
    pub(crate) commitments: BTreeMap<String, String>,
}

/// Columns of a line in the order of [`read_line`].
pub(crate) const COLUMNS: &str = "\"sequence\", \"at\", \"actor\", \"verb\", \"object\", \
     \"version\", \"reason\", \"source\", \"detail\", \"commitments\", \"previous\", \"hash\", \
     \"mac\"";

/// A line as stored, seal included.
pub(crate) struct StoredLine {
    pub(crate) sequence: i64,
    pub(crate) at: Timestamp,
    pub(crate) actor: Option<String>,
    pub(crate) verb: String,
    pub(crate) object: String,
    pub(crate) version: Option<i64>,
    pub(crate) reason: Option<String>,
    pub(crate) source: String,
    pub(crate) detail: String,
    pub(crate) commitments: String,
    pub(crate) previous: String,
    pub(crate) hash: String,
    pub(crate) mac: String,
}

impl StoredLine {
    pub(crate) fn read(row: &mut Row) -> Result<Self, StoreError> {
        Ok(Self {
            sequence: row.integer()?,
            at: row.instant()?,
            actor: row.optional_text()?,
            verb: row.text()?,
            object: row.text()?,
            version: row.optional_integer()?,
            reason: row.optional_text()?,
            source: row.text()?,
            detail: row.text()?,
            commitments: row.text()?,
            previous: row.text()?,
            hash: row.text()?,
            mac: row.text()?,
        })
    }

    /// The hash that the line's content asks for, were it number `sequence`.
    pub(crate) fn expected_hash(&self, sequence: i64) -> String {
        let mut hash = Sha256::new();
        let mut part = |text: Option<&str>| match text {
            Some(text) => {
                hash.update([1]);
                hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
                hash.update(text.as_bytes());
            }
            None => hash.update([0]),
        };
        part(Some(&self.previous));
        part(Some(&sequence.to_string()));
        part(Some(&instant_text(self.at)));
        part(self.actor.as_deref());
        part(Some(&self.verb));
        part(Some(&self.object));
        part(self.version.map(|version| version.to_string()).as_deref());
        part(self.reason.as_deref());
        part(Some(&self.source));
        part(Some(&self.detail));
        part(Some(&self.commitments));
        hex(&hash.finalize())
    }

    pub(crate) fn into_line(self) -> Result<AuditLine, StoreError> {
        let damaged = || StoreError::Damaged("an audit line cannot be read".to_owned());
        Ok(AuditLine {
            sequence: self.sequence,
            at: self.at,
            actor: match self.actor {
                Some(text) => Some(RecordId::parse(&text).ok_or_else(damaged)?),
                None => None,
            },
            verb: self.verb,
            object: self.object,
            version: self.version,
            reason: self.reason,
            source: self.source,
            detail: self.detail,
            commitments: serde_json::from_str(&self.commitments).map_err(|_| damaged())?,
            previous: self.previous,
            hash: self.hash,
        })
    }

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::Integer(self.sequence),
            Cell::Instant(self.at),
            Cell::optional(self.actor.as_deref()),
            Cell::text(&self.verb),
            Cell::text(&self.object),
            self.version.map_or(Cell::Null, Cell::Integer),
            Cell::optional(self.reason.as_deref()),
            Cell::text(&self.source),
            Cell::text(&self.detail),
            Cell::text(&self.commitments),
            Cell::text(&self.previous),
            Cell::text(&self.hash),
            Cell::text(&self.mac),
        ]
    }
}

/// The keyed seal of a line's hash.
pub(crate) fn line_seal(keys: &KeyRing, hash: &str) -> String {
    keys.commitment(&["line", hash])
}

/// The keyed seal of the stored head.
pub(crate) fn head_seal(keys: &KeyRing, head: &AuditHead) -> String {
    keys.commitment(&["head", &head.sequence.to_string(), &head.hash])
}

/// The question for the head. On PostgreSQL the row lock makes all writers queue here, so that
/// each sees everything committed before it.
fn lock_sql(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "SELECT \"sequence\", \"hash\" FROM store_head WHERE \"one\" = 1",
        Dialect::Postgres => {
            "SELECT \"sequence\", \"hash\" FROM store_head WHERE \"one\" = 1 FOR UPDATE"
        }
    }
}

/// Sees to it that the head is locked before anything else is asked.
pub(crate) fn lock_head(connection: &mut dyn Connection) -> Result<(), StoreError> {
    connection.announce(lock_sql(connection.dialect()))
}

/// The head as it was locked.
pub(crate) fn locked_head(connection: &mut dyn Connection) -> Result<AuditHead, StoreError> {
    let mut row = connection
        .announced(lock_sql(connection.dialect()))?
        .into_iter()
        .next()
        .ok_or_else(|| StoreError::Damaged("the audit head is missing".to_owned()))?;
    Ok(AuditHead { sequence: row.integer()?, hash: row.text()? })
}

/// Adds a line and moves the head in memory; the number of the line.
pub(crate) fn append(
    connection: &mut dyn Connection,
    keys: &KeyRing,
    head: &mut AuditHead,
    act: &Act,
    line: &NewLine<'_>,
) -> Result<i64, StoreError> {
    let commitments = serde_json::to_string(&line.commitments)
        .map_err(|_| StoreError::Damaged("commitments cannot be written".to_owned()))?;
    let sequence = head.sequence.saturating_add(1);
    let mut stored = StoredLine {
        sequence,
        at: act.at,
        actor: act.actor.as_ref().map(ToString::to_string),
        verb: line.verb.to_owned(),
        object: line.object.to_owned(),
        version: line.version,
        reason: line.reason.map(str::to_owned),
        source: act.source.clone(),
        detail: line.detail.to_owned(),
        commitments,
        previous: head.hash.clone(),
        hash: String::new(),
        mac: String::new(),
    };
    stored.hash = stored.expected_hash(sequence);
    stored.mac = line_seal(keys, &stored.hash);
    let sql = format!(
        "INSERT INTO store_audit ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    );
    connection.later(&sql, stored.cells(), None)?;
    head.sequence = sequence;
    head.hash = stored.hash;
    Ok(sequence)
}

/// Writes the head that the transaction reached.
pub(crate) fn store_head(
    connection: &mut dyn Connection,
    keys: &KeyRing,
    head: &AuditHead,
) -> Result<(), StoreError> {
    let cells = vec![
        Cell::Integer(head.sequence),
        Cell::text(&head.hash),
        Cell::Text(head_seal(keys, head)),
    ];
    let sql = "UPDATE store_head SET \"sequence\" = ?, \"hash\" = ?, \"mac\" = ? WHERE \"one\" = 1";
    connection.later(sql, cells, None)
}
