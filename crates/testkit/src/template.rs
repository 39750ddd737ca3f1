//! Folders that many tests start from, made once for all processes of a test binary.
//!
//! A runner that gives each test a process of its own would otherwise make the same county some
//! hundred times.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Seconds from UTC to the day of the tests' counties.
const SHANGHAI_SECONDS: i64 = 8 * 3_600;
const DAY_SECONDS: i64 = 86_400;

/// A folder's content by name; made anew when the test binary or the day is another.
#[derive(Clone, Debug)]
pub struct Template {
    place: PathBuf,
    name: String,
}

impl Template {
    /// A template that is kept in `place`, a folder that outlives the process. The name must be
    /// one binary's own.
    #[must_use]
    pub fn new(place: &str, name: &str) -> Self {
        Self { place: PathBuf::from(place), name: name.to_owned() }
    }

    /// Fills `target`, which must exist and be empty, with the template's content; `build` makes
    /// that in the folder it is handed when no process did so before.
    ///
    /// # Errors
    /// Files that cannot be read or written. A panic of `build` leaves no template behind.
    pub fn copy_to(&self, target: &Path, build: impl FnOnce(&Path)) -> io::Result<()> {
        let lock = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.place.join(format!("{}.lock", self.name)))?;
        let folder = self.place.join(format!("{}{}", self.prefix(), stamp()?));
        lock.lock()?;
        if !folder.exists() {
            self.clear()?;
            let making = folder.with_extension("making");
            std::fs::create_dir(&making)?;
            build(&making);
            std::fs::rename(&making, &folder)?;
        }
        downgrade(&lock)?;
        copy_folder(&folder, target)
    }

    fn prefix(&self) -> String {
        format!("{}-of-", self.name)
    }

    /// Removes what other builds and other days left.
    fn clear(&self) -> io::Result<()> {
        let prefix = self.prefix();
        for entry in std::fs::read_dir(&self.place)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(&prefix) {
                std::fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(())
    }
}

/// From the one who makes to one of those who read. Between the two, only another build of the
/// same binary could take the folder away.
fn downgrade(lock: &File) -> io::Result<()> {
    lock.unlock()?;
    lock.lock_shared()
}

/// What a template depends on: the program that made it and the day on which it did.
fn stamp() -> io::Result<String> {
    let program = std::fs::metadata(std::env::current_exe()?)?;
    let built = program.modified()?.duration_since(UNIX_EPOCH).map_err(io::Error::other)?;
    let now = UNIX_EPOCH.elapsed().map_err(io::Error::other)?.as_secs();
    let day = (i64::try_from(now).map_err(io::Error::other)? + SHANGHAI_SECONDS) / DAY_SECONDS;
    Ok(format!("{}-{}-{day}", built.as_nanos(), program.len()))
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            std::fs::create_dir(&target)?;
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::Template;
    use std::cell::Cell;

    #[test]
    fn a_template_is_made_once_and_copied_whole() {
        let place = std::env::temp_dir().join(format!("template-{}", std::process::id()));
        std::fs::create_dir(&place).unwrap();
        let template = Template::new(&place.to_string_lossy(), "county");
        let made = Cell::new(0);
        for name in ["first", "second"] {
            let target = place.join(name);
            std::fs::create_dir(&target).unwrap();
            let build = |folder: &std::path::Path| {
                made.set(made.get() + 1);
                std::fs::create_dir(folder.join("files")).unwrap();
                std::fs::write(folder.join("files/one"), "text").unwrap();
            };
            template.copy_to(&target, build).unwrap();
            assert_eq!(std::fs::read_to_string(target.join("files/one")).unwrap(), "text");
        }
        assert_eq!(made.get(), 1);
        std::fs::remove_dir_all(&place).unwrap();
    }
}
