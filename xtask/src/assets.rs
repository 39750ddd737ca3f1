//! `cargo xtask assets`: what the server embeds is what its sources give.

use crate::command::{find, step};
use crate::npm;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

/// Builds the assets from their sources outside the checkout and compares the result with
/// `assets/dist`, or with `write` puts it there. True when they are the same.
///
/// # Errors
/// When a program cannot be started or files cannot be copied.
pub fn run(root: &Path, write: bool) -> io::Result<bool> {
    if find("node").is_none() || find("npm").is_none() {
        eprintln!("left out: the check of assets/dist, because Node.js with npm is not installed");
        return Ok(true);
    }
    let Some(folder) = npm::packages(root, "assets")? else { return Ok(false) };
    let source = root.join("assets");
    fs::copy(source.join("build.mjs"), folder.join("build.mjs"))?;
    copy_files(&source.join("src"), &folder.join("src"))?;
    if !step("build assets", Command::new("node").arg("build.mjs").current_dir(&folder))? {
        return Ok(false);
    }
    if write {
        copy_files(&folder.join("dist"), &source.join("dist"))?;
    }
    let differing = differing(&folder.join("dist"), &source.join("dist"))?;
    for name in &differing {
        eprintln!("error: assets/dist/{name} is not what its source gives");
        eprintln!(" help: run `cargo xtask assets --write` and commit the result");
    }
    Ok(differing.is_empty())
}

/// Replaces the files of a flat folder.
fn copy_files(from: &Path, to: &Path) -> io::Result<()> {
    if to.is_dir() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Names that are missing on one side or hold other bytes.
fn differing(built: &Path, committed: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for folder in [built, committed] {
        for entry in fs::read_dir(folder)? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    names.dedup();
    let same = |name: &String| match [built, committed].map(|folder| fs::read(folder.join(name))) {
        [Ok(one), Ok(other)] => one == other,
        _ => false,
    };
    names.retain(|name| !same(name));
    Ok(names)
}
