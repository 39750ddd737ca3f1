//! Use cases: permission, transaction and audit in one place for every entry point.
//!
//! Pages, commands and jobs call the methods of [`Service`]; nothing else writes. Each method
//! checks the caller's rights, does its work in one transaction of the store and leaves an audit
//! line. Lists get the caller's rights as part of the query, so that a list never holds a row that
//! its reader may not see.

mod access;
pub mod accounts;
mod address_filter;
pub mod agreement;
mod caller;
mod clock;
pub mod demo;
pub mod doubts;
mod error;
pub mod exports;
mod feedback;
pub mod imports;
pub mod jobs;
pub mod letters;
mod nightly;
mod open;
mod paging;
pub mod register;
pub mod report;
mod reveal;
mod sight;
pub mod snapshot;
pub mod trial;
mod upkeep;
mod views;
pub mod work;

pub use address_filter::address_filter;
pub use caller::{Caller, HeldGrant};
pub use clock::{Clock, FixedClock, SystemClock};
pub use error::ServiceError;
pub use feedback::Feedback;
pub use nightly::NightReport;
pub use open::{OpenOptions, override_files};
pub use views::{LEDGER_COLUMNS, LedgerTaste, SavedView};

use std::sync::Arc;
use taizhang_codebook::Codebook;
use taizhang_exchange::FileReader;
use taizhang_store::{Act, Request, Store};
use taizhang_values::{Date, Timestamp, shanghai_date};

/// The façade over store, codebook and clock. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    store: Store,
    codebook: Arc<Codebook>,
    clock: Arc<dyn Clock>,
    hashing: Arc<accounts::HashingSlots>,
    ticks: Arc<work::TickMemory>,
    counts: Arc<work::CountMemo>,
    files: FileReader,
    board: Arc<jobs::Board>,
    rules: Arc<std::sync::OnceLock<Vec<taizhang_rules::Rule>>>,
    ahead: Arc<std::sync::OnceLock<doubts::Ahead>>,
    dependants: Arc<std::sync::OnceLock<doubts::Dependants>>,
    snapshots: Arc<snapshot::Place>,
    replays: Arc<trial::ReplayMemory>,
}

impl Service {
    /// A service over an opened store. `codebook` must be the one the store was opened with.
    #[must_use]
    pub fn new(store: Store, codebook: Arc<Codebook>, clock: Arc<dyn Clock>) -> Self {
        let snapshots = Arc::new(snapshot::Place::beside(store.files_dir()));
        Self {
            store,
            codebook,
            clock,
            hashing: Arc::default(),
            ticks: Arc::default(),
            counts: Arc::default(),
            files: FileReader::here(),
            board: Arc::default(),
            rules: Arc::default(),
            ahead: Arc::default(),
            dependants: Arc::default(),
            snapshots,
            replays: Arc::default(),
        }
    }

    /// The same with another way to read files that people upload: a program that serves others
    /// reads them in a process of their own.
    #[must_use]
    pub fn reading_files_by(mut self, files: FileReader) -> Self {
        self.files = files;
        self
    }

    /// The way files are read.
    #[must_use]
    pub const fn file_reader(&self) -> &FileReader {
        &self.files
    }

    /// The same service for one request: whatever the request writes, it writes once, also if it is
    /// sent again after the program ended before it could answer.
    #[must_use]
    pub fn in_request(&self, request: Request) -> Self {
        Self { store: self.store.in_request(request), ..self.clone() }
    }

    /// The codebook in force.
    #[must_use]
    pub fn codebook(&self) -> &Codebook {
        &self.codebook
    }

    /// The store, for commands that act on the whole of it (backup, verify).
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The moment now by the service's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Today's date in China.
    #[must_use]
    pub fn today(&self) -> Date {
        shanghai_date(self.now())
    }

    /// The act under which a caller writes: audit verb, moment, source and reason.
    fn act(&self, caller: &Caller, verb: &str, reason: Option<&str>) -> Act {
        Act {
            actor: Some(caller.user.clone()),
            verb: verb.to_owned(),
            at: self.now(),
            reason: reason.map(str::to_owned),
            source: caller.source.clone(),
        }
    }

    /// The act of the program itself (scheduler, first start).
    fn own_act(&self, verb: &str) -> Act {
        Act {
            actor: None,
            verb: verb.to_owned(),
            at: self.now(),
            reason: None,
            source: "system".to_owned(),
        }
    }
}
