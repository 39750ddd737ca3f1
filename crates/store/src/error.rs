//! What can go wrong in the store, told apart by who can mend it.

use crate::record::Record;
use serde::{Deserialize, Serialize};
use taizhang_values::{RecordId, Value};

/// A refusal or a fault of the store. No variant carries a stored value in its text, except
/// [`Conflict`], which is for the user who may see both versions anyway.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No live record has this id.
    #[error("no record `{ledger}/{id}`")]
    NotFound {
        /// Ledger asked.
        ledger: String,
        /// Id asked.
        id: RecordId,
    },
    /// The edit was made on an older version than the stored one.
    #[error("record `{}/{}` was changed meanwhile", .0.ledger, .0.id)]
    Conflict(Box<Conflict>),
    /// Another live record holds the same value in a unique field.
    #[error("value of `{ledger}.{field}` is taken")]
    Duplicate {
        /// Ledger of the unique field.
        ledger: String,
        /// The unique field.
        field: String,
    },
    /// A reference names a record that does not exist.
    #[error("reference `{ledger}.{field}` leads nowhere")]
    MissingReference {
        /// Ledger of the reference field.
        ledger: String,
        /// The reference field.
        field: String,
    },
    /// A required field is empty.
    #[error("field `{ledger}.{field}` is required")]
    Required {
        /// Ledger of the field.
        ledger: String,
        /// The empty field.
        field: String,
    },
    /// The codebook has no such ledger.
    #[error("unknown ledger `{0}`")]
    UnknownLedger(String),
    /// The ledger has no such field.
    #[error("unknown field `{ledger}.{field}`")]
    UnknownField {
        /// Ledger asked.
        ledger: String,
        /// Field asked.
        field: String,
    },
    /// The ledger has no such relation, or it is not of the kind needed.
    #[error("unknown relation `{ledger}.{relation}`")]
    UnknownRelation {
        /// Ledger asked.
        ledger: String,
        /// Relation asked.
        relation: String,
    },
    /// A value does not have the type of its field.
    #[error("field `{ledger}.{field}` holds {expected}")]
    WrongType {
        /// Ledger of the field.
        ledger: String,
        /// The field.
        field: String,
        /// What the field holds, in words.
        expected: &'static str,
    },
    /// Another attempt at the same request wrote already; this one wrote nothing.
    #[error("the request was carried out before")]
    Repeated,
    /// A query that cannot be answered: sorting by a sealed field, comparing a list …
    #[error("query not possible: {0}")]
    BadQuery(String),
    /// A paging cursor that is damaged or belongs to another query.
    #[error("paging mark does not belong to this list")]
    BadCursor,
    /// An upload beyond its limit. Nothing was kept.
    #[error("file is larger than `{limit_bytes}` bytes")]
    TooLarge {
        /// The limit in bytes.
        limit_bytes: u64,
    },
    /// No stored file has this hash.
    #[error("no stored file `{hash}`")]
    FileMissing {
        /// SHA-256 in hex.
        hash: String,
    },
    /// A stored file no longer has the bytes it was stored with.
    #[error("stored file `{hash}` is damaged")]
    FileDamaged {
        /// SHA-256 in hex.
        hash: String,
    },
    /// Codebook and database do not fit: a changed type, a name taken twice.
    #[error("database does not fit the codebook: {0}")]
    Schema(String),
    /// Keys missing, unreadable or not those of this database.
    #[error("keys: {0}")]
    Keys(String),
    /// Stored data that cannot be read back.
    #[error("stored data is damaged: {0}")]
    Damaged(String),
    /// A backup that fails its checksums, or is not one. Nothing was touched.
    #[error("backup is damaged: {0}")]
    BackupDamaged(String),
    /// The target of a restore already holds data.
    #[error("restore target is not empty")]
    TargetNotEmpty,
    /// The database is locked by somebody else for longer than the patience of the store.
    #[error("database is busy")]
    Busy,
    /// An earlier commit could not be made durable; the store takes no more writes until the
    /// process is started anew (a failed fsync is never retried).
    #[error("store stopped after a failed write to disk")]
    Halted,
    /// The disk refuses: full, read-only or broken. Nothing was saved.
    #[error("disk: {0}")]
    Disk(String),
    /// A fault of the database itself; names of tables and codes only.
    #[error("database: {0}")]
    Database(String),
    /// A fault of the file system.
    #[error("file system: {0}")]
    Io(#[from] std::io::Error),
}

/// Both versions of a record that two people edited, field by field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// Ledger of the record.
    pub ledger: String,
    /// Its id.
    pub id: RecordId,
    /// Version that the refused edit was made on.
    pub base_version: i64,
    /// The record as it stands now.
    pub current: Record,
    /// Fields that differ between the refused edit and the stored record, by name; `state` and
    /// `region` stand among them.
    pub fields: Vec<FieldConflict>,
}

impl Conflict {
    /// True if both sides changed one field to different values; false if the edits would merge.
    #[must_use]
    pub fn is_overlapping(&self) -> bool {
        self.fields.iter().any(FieldConflict::is_overlapping)
    }
}

/// One field of a [`Conflict`]. Sealed fields appear masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldConflict {
    /// Field name.
    pub field: String,
    /// Value in the version that the edit was made on.
    pub base: Value,
    /// Value that the refused edit wanted (the base value where it left the field alone).
    pub mine: Value,
    /// Value stored now.
    pub theirs: Value,
}

impl FieldConflict {
    /// True if both sides changed the field, and differently.
    #[must_use]
    pub fn is_overlapping(&self) -> bool {
        self.mine != self.base && self.theirs != self.base && self.mine != self.theirs
    }
}
