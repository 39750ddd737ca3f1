//! The folder of the snapshots: names, whole-or-nothing, sweeping, pruning.

use super::keep::kept;
use super::{SnapshotInfo, engine_fault};
use crate::ServiceError;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use taizhang_engine::snapshot::Manifest;
use taizhang_values::{Date, Timestamp};

/// What the name of an unfinished snapshot ends with; those that begin with a dot are none.
const UNFINISHED: &str = ".part";

/// Snapshots made in one second at most.
const OF_A_SECOND: u32 = 100;

/// The folder in which snapshots lie.
#[derive(Debug)]
pub(crate) struct Place {
    directory: PathBuf,
    busy: Mutex<()>,
}

impl Place {
    /// The folder beside that of the evidence files.
    pub(crate) fn beside(files: &Path) -> Self {
        let data = files.parent().unwrap_or(files);
        Self { directory: data.join("snapshots"), busy: Mutex::new(()) }
    }

    /// Waits until nobody else of this program makes one.
    pub(super) fn alone(&self) -> MutexGuard<'_, ()> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All whole snapshots, in the order of their making.
    pub(super) fn list(&self) -> Result<Vec<SnapshotInfo>, ServiceError> {
        let mut found = Vec::new();
        for (name, path) in self.entries() {
            if name.starts_with('.') {
                continue;
            }
            if let Some(manifest) = Manifest::read(&path).map_err(|error| engine_fault(&error))? {
                found.push(info(name, path, manifest));
            }
        }
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(found)
    }

    fn entries(&self) -> Vec<(String, PathBuf)> {
        let Ok(entries) = fs::read_dir(&self.directory) else { return Vec::new() };
        let named = entries.flatten().map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, entry.path())
        });
        named.collect()
    }

    /// Makes a snapshot by `write`, which is given the folder to fill.
    pub(super) fn make(
        &self,
        now: Timestamp,
        write: impl FnOnce(&Path) -> Result<Manifest, ServiceError>,
    ) -> Result<SnapshotInfo, ServiceError> {
        let moment = now.strftime("%Y%m%dT%H%M%SZ").to_string();
        let unfinished = format!(".{moment}.{}{UNFINISHED}", std::process::id());
        let unfinished = self.directory.join(unfinished);
        fs::create_dir_all(&unfinished).map_err(|error| disk(&error))?;
        let written = write(&unfinished).and_then(|manifest| {
            sync_folder(&unfinished)?;
            Ok(manifest)
        });
        let manifest = match written {
            Ok(manifest) => manifest,
            Err(error) => {
                // What cannot be removed now is swept later.
                let _ = fs::remove_dir_all(&unfinished);
                return Err(error);
            }
        };
        let names = (0..OF_A_SECOND).map(|number| match number {
            0 => moment.clone(),
            number => format!("{moment}-{number:02}"),
        });
        for name in names {
            let path = self.directory.join(&name);
            if path.exists() {
                continue;
            }
            fs::rename(&unfinished, &path).map_err(|error| disk(&error))?;
            sync(&self.directory)?;
            return Ok(info(name, path, manifest));
        }
        let _ = fs::remove_dir_all(&unfinished);
        Err(ServiceError::Internal("too many snapshots in one second".to_owned()))
    }

    /// Removes what was left unfinished by a program that is gone. The caller holds the lock, so
    /// none of this program's own is under way.
    pub(super) fn sweep(&self) {
        for (name, path) in self.entries() {
            if !name.starts_with('.') || !name.ends_with(UNFINISHED) {
                continue;
            }
            let maker = name.trim_end_matches(UNFINISHED).rsplit('.').next().unwrap_or("");
            let is_own = maker == std::process::id().to_string();
            let is_alive =
                Path::new("/proc/self").exists() && Path::new("/proc").join(maker).exists();
            if is_own || !is_alive {
                remove(&path);
            }
        }
    }

    /// Removes the snapshots that need not be kept.
    pub(super) fn prune(&self, today: Date) {
        let Ok(made) = self.list() else { return };
        let days: Vec<(&str, Date)> =
            made.iter().map(|one| (one.name.as_str(), one.as_of)).collect();
        let kept = kept(&days, today);
        for one in made.iter().filter(|one| !kept.contains(one.name.as_str())) {
            // Half removed, it must not look like a snapshot.
            let gone = self.directory.join(format!(".{}.0{UNFINISHED}", one.name));
            match fs::rename(&one.directory, &gone) {
                Ok(()) => remove(&gone),
                Err(error) => tracing::warn!(%error, "an old snapshot could not be removed"),
            }
        }
    }
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_dir_all(path) {
        tracing::warn!(%error, "an unfinished snapshot could not be removed");
    }
}

fn info(name: String, directory: PathBuf, manifest: Manifest) -> SnapshotInfo {
    SnapshotInfo {
        name,
        directory,
        as_of: manifest.as_of,
        made_at: manifest.made_at,
        edition: manifest.edition,
        state: manifest.state.unwrap_or_default(),
        ledgers: manifest.ledgers.len(),
        rows: manifest.ledgers.values().map(|ledger| ledger.rows).sum(),
    }
}

/// Makes the files of a folder and of its folders durable.
fn sync_folder(folder: &Path) -> Result<(), ServiceError> {
    for entry in fs::read_dir(folder).map_err(|error| disk(&error))? {
        let path = entry.map_err(|error| disk(&error))?.path();
        if path.is_dir() { sync_folder(&path)? } else { sync(&path)? }
    }
    sync(folder)
}

fn sync(path: &Path) -> Result<(), ServiceError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(|error| disk(&error))
}

fn disk(error: &std::io::Error) -> ServiceError {
    ServiceError::Internal(format!("snapshot: {error}"))
}
