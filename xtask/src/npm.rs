//! Packages for development, installed outside the checkout, once for each lock file.
//!
//! Nothing that is built or shipped needs them: they drive the browser in tests and make
//! `assets/dist`, which is committed.

use crate::command::step;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder that holds the `node_modules` for `<root>/<folder>/package-lock.json`; `None` when
/// npm could not install them.
///
/// # Errors
/// When npm cannot be started or files cannot be copied.
pub fn packages(root: &Path, folder: &str) -> io::Result<Option<PathBuf>> {
    let lock = fs::read(root.join(folder).join("package-lock.json"))?;
    let mut hasher = DefaultHasher::new();
    lock.hash(&mut hasher);
    let installed = cache_folder().join(format!("taizhang-{folder}/{:016x}", hasher.finish()));
    let done = installed.join("installed");
    if done.is_file() {
        return Ok(Some(installed));
    }
    fs::create_dir_all(&installed)?;
    for file in ["package.json", "package-lock.json"] {
        fs::copy(root.join(folder).join(file), installed.join(file))?;
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    if !step(&format!("npm ci for {folder}/"), npm.current_dir(&installed))? {
        return Ok(None);
    }
    fs::write(&done, "")?;
    Ok(Some(installed))
}

fn cache_folder() -> PathBuf {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    cache.or_else(home).unwrap_or_else(std::env::temp_dir)
}
