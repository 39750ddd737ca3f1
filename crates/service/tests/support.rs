//! A service over a fresh store in a temporary directory, on each database that is there.

use std::sync::Arc;
use taizhang_service::{Caller, FixedClock, OpenOptions, Service};
use taizhang_values::Timestamp;

/// The moment at which the tests' clock stands unless they move it.
pub const NOW: &str = "2026-11-20T01:00:00Z";

/// A service, its clock and the directory that holds its data.
pub struct TestHouse {
    pub service: Service,
    pub clock: Arc<FixedClock>,
    _directory: tempfile::TempDir,
}

impl TestHouse {
    pub fn caller(&self, login: &str) -> Caller {
        self.service.caller_by_login(login, "test").unwrap()
    }
}

/// A house with the demonstration county on the embedded database.
pub fn demo_house() -> TestHouse {
    let house = open(None);
    house.service.build_demo().unwrap();
    house
}

/// An empty house; `database_url` names a PostgreSQL database.
pub fn open(database_url: Option<String>) -> TestHouse {
    let directory = tempfile::tempdir().unwrap();
    let now: Timestamp = NOW.parse().unwrap();
    let clock = Arc::new(FixedClock::new(now));
    let options = OpenOptions {
        data_dir: directory.path().join("data"),
        database_url,
        ..OpenOptions::default()
    };
    let service = Service::open(&options, clock.clone()).unwrap();
    TestHouse { service, clock, _directory: directory }
}
