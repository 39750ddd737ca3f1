//! A service over a fresh store in a temporary directory, on each database that is there.

use std::path::Path;
use std::sync::Arc;
use taizhang_service::{Caller, FixedClock, OpenOptions, Service};
use taizhang_testkit::template::Template;
use taizhang_values::Timestamp;
use tempfile::TempDir;

/// The moment at which the tests' clock stands unless they move it.
pub const NOW: &str = "2026-11-20T01:00:00Z";

/// A service, its clock and the directory that holds its data.
pub struct TestHouse {
    pub service: Service,
    pub clock: Arc<FixedClock>,
    _directory: TempDir,
}

impl TestHouse {
    pub fn caller(&self, login: &str) -> Caller {
        self.service.caller_by_login(login, "test").unwrap()
    }
}

/// A house with the demonstration county on the embedded database.
pub fn demo_house() -> TestHouse {
    made_in(demo_directory(), None)
}

/// An empty house; `database_url` names a PostgreSQL database.
pub fn open(database_url: Option<String>) -> TestHouse {
    if database_url.is_some() {
        return made_in(tempfile::tempdir().unwrap(), database_url);
    }
    // Some hundred tables are made once and then copied.
    made_in(copied("house-without-rows", |_| {}), None)
}

/// The demonstration county as a directory that no service has open.
pub fn demo_directory() -> TempDir {
    copied("house-of-the-demo", |service| {
        service.build_demo().unwrap();
    })
}

/// A copy of a directory that is made and filled once for all tests.
fn copied(name: &str, fill: impl FnOnce(&Service)) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    Template::new(env!("CARGO_TARGET_TMPDIR"), name)
        .copy_to(directory.path(), |folder| fill(&service_in(folder, None).0))
        .unwrap();
    directory
}

fn made_in(directory: TempDir, database_url: Option<String>) -> TestHouse {
    let (service, clock) = service_in(directory.path(), database_url);
    TestHouse { service, clock, _directory: directory }
}

/// How the house of a directory is opened.
pub fn options_in(folder: &Path) -> OpenOptions {
    OpenOptions { data_dir: folder.join("data"), ..OpenOptions::default() }
}

fn service_in(folder: &Path, database_url: Option<String>) -> (Service, Arc<FixedClock>) {
    let now: Timestamp = NOW.parse().unwrap();
    let clock = Arc::new(FixedClock::new(now));
    let options = OpenOptions { database_url, ..options_in(folder) };
    (Service::open(&options, clock.clone()).unwrap(), clock)
}
