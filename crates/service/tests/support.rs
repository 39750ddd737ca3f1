//! A service over a fresh store in a temporary directory, on each database that is there.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use taizhang_service::{Caller, FixedClock, OpenOptions, Service};
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
    static TEMPLATE: OnceLock<TempDir> = OnceLock::new();
    copy_of(TEMPLATE.get_or_init(|| {
        let house = made_in(template_folder(), None);
        house.service.build_demo().unwrap();
        house._directory
    }))
}

/// An empty house; `database_url` names a PostgreSQL database.
pub fn open(database_url: Option<String>) -> TestHouse {
    static TEMPLATE: OnceLock<TempDir> = OnceLock::new();
    if database_url.is_some() {
        return made_in(tempfile::tempdir().unwrap(), database_url);
    }
    // Some hundred tables are made once and then copied.
    copy_of(TEMPLATE.get_or_init(|| made_in(template_folder(), None)._directory))
}

/// A folder for a template. It outlives the process, so those of earlier runs go first.
fn template_folder() -> TempDir {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for entry in std::fs::read_dir(place).unwrap().flatten() {
        let made = entry.metadata().and_then(|data| data.modified()).ok();
        let is_old = made.and_then(|at| at.elapsed().ok()).is_some_and(|age| age.as_secs() > 3600);
        if is_old && entry.file_name().to_string_lossy().starts_with("house-") {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    tempfile::Builder::new().prefix("house-").tempdir_in(place).unwrap()
}

fn copy_of(template: &TempDir) -> TestHouse {
    let directory = tempfile::tempdir().unwrap();
    copy_folder(template.path(), directory.path());
    made_in(directory, None)
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).unwrap();
        }
    }
}

fn made_in(directory: TempDir, database_url: Option<String>) -> TestHouse {
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
