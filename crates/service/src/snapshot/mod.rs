//! Snapshots of the register: all ledgers that rules may read as Parquet, in one state of the
//! store, without identity numbers, telephone numbers, bank accounts, names or free text.
//!
//! They lie in `<data directory>/snapshots/<moment>/`. One is made by each run of the rules, after
//! imports, every night and by hand, unless the newest one is of the same state. Of older ones the
//! last of each day is kept for a month and the last of each month for good (`keep.rs`).
//!
//! INVARIANT: a snapshot is there whole or not at all: it is written under another name and gets
//! its own when its manifest is in it.

mod hidden;
mod keep;
mod place;
mod write;

pub use hidden::looking_in;
pub(crate) use place::Place;

use crate::{Caller, Service, ServiceError};
use serde::Serialize;
use std::path::PathBuf;
use taizhang_codebook::{Codebook, Ledger, SnapshotPart};
use taizhang_engine::error::EngineError;
use taizhang_values::{Date, Timestamp};

/// The power of those who may make snapshots and judge them; the operator of the machine may too.
const POWER: &str = "backup.run";

/// A snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SnapshotInfo {
    /// Name of its folder: the moment at which it was made, UTC.
    pub name: String,
    /// Where it lies.
    pub directory: PathBuf,
    /// The day whose state it holds.
    pub as_of: Date,
    /// When it was made.
    pub made_at: Timestamp,
    /// Edition of the codebook.
    pub edition: String,
    /// Mark of the state of the store.
    pub state: String,
    /// Ledgers and link tables.
    pub ledgers: usize,
    /// Rows of all of them.
    pub rows: u64,
}

/// Ledgers that a snapshot holds with their fields.
pub(crate) fn ledgers(codebook: &Codebook) -> impl Iterator<Item = &Ledger> {
    ledgers_held(codebook, SnapshotPart::Whole)
}

/// Ledgers of which a snapshot holds so much.
fn ledgers_held(codebook: &Codebook, part: SnapshotPart) -> impl Iterator<Item = &Ledger> {
    codebook.ledgers.values().filter(move |ledger| ledger.snapshot == part)
}

impl Service {
    /// Makes a snapshot of the present state, or gives the newest one if it is of this state.
    ///
    /// # Errors
    /// `Denied` for whoever is neither the operator nor holds the power `backup.run`; `Internal`
    /// when disk or database fail.
    pub fn create_snapshot(&self, caller: &Caller) -> Result<SnapshotInfo, ServiceError> {
        self.require_upkeep(caller, POWER)?;
        self.current_snapshot()
    }

    /// The snapshots that are kept, oldest first.
    ///
    /// # Errors
    /// As [`Service::create_snapshot`].
    pub fn snapshots(&self, caller: &Caller) -> Result<Vec<SnapshotInfo>, ServiceError> {
        self.require_upkeep(caller, POWER)?;
        self.snapshots.list()
    }

    /// The same for callers whose right was asked otherwise.
    pub(crate) fn kept_snapshots(&self) -> Result<Vec<SnapshotInfo>, ServiceError> {
        self.snapshots.list()
    }

    /// The snapshot by which a day is judged: of the present state for today and later (or no day),
    /// else the last that was made on the day or, if none was, before it.
    ///
    /// # Errors
    /// As [`Service::create_snapshot`]; `NotFound` for a day before the first snapshot.
    pub fn snapshot_on(
        &self,
        caller: &Caller,
        day: Option<Date>,
    ) -> Result<SnapshotInfo, ServiceError> {
        self.require_upkeep(caller, POWER)?;
        match day.filter(|day| *day < self.today()) {
            None => self.current_snapshot(),
            Some(day) => {
                let mut made = self.snapshots.list()?.into_iter();
                made.rfind(|one| one.as_of <= day).ok_or(ServiceError::NotFound)
            }
        }
    }

    /// The newest snapshot if it is of this state and day, else a new one. Older ones that need not
    /// be kept go.
    pub(crate) fn current_snapshot(&self) -> Result<SnapshotInfo, ServiceError> {
        let _alone = self.snapshots.alone();
        self.snapshots.sweep();
        let state = self.snapshot_state()?;
        if let Some(newest) = self.snapshots.list()?.pop()
            && (newest.as_of, &newest.state) == (self.today(), &state)
        {
            return Ok(newest);
        }
        let made = self.snapshots.make(self.now(), |directory| self.write_snapshot(directory))?;
        self.snapshots.prune(self.today());
        Ok(made)
    }

    /// Makes a snapshot where one is due without being asked for: what fails is told to the
    /// operator and holds up nobody.
    pub(crate) fn note_snapshot(&self) {
        if let Err(error) = self.current_snapshot() {
            tracing::error!(%error, "no snapshot could be made");
        }
    }
}

/// A fault of the engine, for the operator.
pub(crate) fn engine_fault(error: &EngineError) -> ServiceError {
    ServiceError::Internal(error.to_string())
}
