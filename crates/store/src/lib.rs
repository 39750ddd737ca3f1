//! The only SQL: tables derived from the codebook, versions, history, audit chain and evidence
//! files, on SQLite and PostgreSQL alike.
//!
//! Everything here blocks. With an async runtime call it from threads that may wait
//! (`spawn_blocking`).
//!
//! INVARIANT: every effect on a record has a history row and an audit line in the same
//! transaction; whatever [`Store::write`] returned `Ok` for is durable.

mod account;
mod ask;
mod audit;
mod backup;
mod base64url;
mod bulk;
mod chain;
mod codec;
mod cursor;
mod driver;
mod error;
mod files;
mod former;
mod hash;
mod job;
mod keys;
mod migrate;
mod pack;
mod private;
mod query;
mod reader;
mod record;
mod reseal;
mod row_sql;
mod rows;
mod schema;
mod search;
mod select;
mod serial;
mod setting;
mod shape;
mod sniff;
mod store;
mod stream;
mod verify;
mod writer;

pub use account::Session;
pub use ask::{Answers, Questions};
pub use audit::{AuditFilter, AuditHead, AuditLine};
pub use backup::{BackupEntry, BackupReport};
pub use bulk::{FieldPlace, NewRow};
pub use cursor::Cursor;
pub use error::{Conflict, FieldConflict, StoreError};
pub use files::{Files, StoredFile};
pub use job::{Job, JobState};
pub use keys::KeyRing;
pub use query::{Filter, Page, Query, Sort};
pub use reader::Reader;
pub use record::{Act, Change, NewRecord, Record, Touched, Values, Version};
pub use setting::{Remembered, Request};
pub use store::{Database, Store, StoreOptions};
pub use taizhang_values::{RecordId, RegionCode, Timestamp, Value};
pub use verify::{AuditFault, AuditFaultKind, AuditReport};
pub use writer::Writer;
