//! What several tests need: fixtures, laid-out files, snapshots.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use taizhang_diagnostics::{Diagnostic, Language, render_terminal};

/// Paths below a folder and texts of its files, sorted.
pub(crate) type Files = Vec<(String, String)>;

pub(crate) fn tests_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files of a folder and of the folders in it.
pub(crate) fn files_of(folder: &Path) -> Files {
    let mut files = Files::new();
    collect(folder, folder, &mut files);
    files.sort();
    files
}

fn collect(root: &Path, folder: &Path, files: &mut Files) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            files.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
}

/// A codebook of another field, small enough to be broken in one place at a time.
pub(crate) fn work_safety() -> Files {
    files_of(&tests_folder().join("fixtures/work_safety"))
}

/// The diagnostics as a terminal shows them.
pub(crate) fn rendered(faults: &[Diagnostic], language: Language) -> String {
    let mut text = String::new();
    for fault in faults {
        let _ = writeln!(text, "{}\n", render_terminal(fault, language));
    }
    text.trim_end().to_owned()
}

/// Compares with a stored text; with `TAIZHANG_ACCEPT=1` stores the new one instead.
pub(crate) fn compare(path: &Path, expected: &str, found: &str) -> Result<(), String> {
    if expected == found {
        return Ok(());
    }
    if std::env::var_os("TAIZHANG_ACCEPT").is_some() {
        std::fs::write(path, found).unwrap();
        return Ok(());
    }
    let name = path.display();
    Err(format!("{name} differs (TAIZHANG_ACCEPT=1 stores it); now:\n{found}\n"))
}
