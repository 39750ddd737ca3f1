//! The checkout as text in memory, so that every check is a pure function and can be tested.

use crate::outline::Outline;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Folders that are never part of the sources.
const SKIPPED: [&str; 5] = [".git", "target", "node_modules", "vendor", "corpus"];

/// Folders of a running program, at the root only.
const DATA: [&str; 2] = ["data", "taizhang-data"];

/// Endings of files that are read as text; files in `.ci` have none.
const TEXT: [&str; 15] = [
    "rs", "toml", "md", "json", "mjs", "js", "css", "html", "sh", "sql", "snap", "new", "txt",
    "yml", "svg",
];

/// All text files of a checkout.
#[derive(Debug, Default)]
pub struct Checkout {
    /// In the order of their paths.
    pub files: Vec<File>,
    /// Paths of all files, pictures and data included, in order.
    pub paths: Vec<String>,
}

/// One text file.
#[derive(Debug)]
pub struct File {
    /// Relative to the root, with `/`.
    pub path: String,
    /// Its text; bytes that are not UTF-8 are replaced.
    pub text: String,
    /// For Rust files.
    pub outline: Option<Outline>,
}

impl File {
    /// A file with its outline, when it is Rust.
    pub fn new(path: &str, text: &str) -> Self {
        let outline = path.ends_with(".rs").then(|| Outline::read(text, is_test_file(path)));
        Self { path: path.to_owned(), text: text.to_owned(), outline }
    }

    /// The crate folder this file lies in: `store` for `crates/store/src/lib.rs`.
    pub fn crate_name(&self) -> Option<&str> {
        self.path.strip_prefix("crates/")?.split('/').next()
    }

    /// Whether this is Rust source of a crate that ships, and not of tests or test support.
    pub fn is_product(&self) -> bool {
        let in_src = self.path.split('/').nth(2) == Some("src");
        in_src && self.path.ends_with(".rs") && self.crate_name().is_some_and(|c| c != "testkit")
    }

    /// The file's own name.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or("")
    }
}

impl Checkout {
    /// Reads every text file under `root`.
    ///
    /// # Errors
    /// When a folder or file cannot be read.
    pub fn read(root: &Path) -> io::Result<Self> {
        let mut paths = Vec::new();
        collect(root, root, &mut paths)?;
        paths.sort();
        let read = |path: &String| {
            let bytes = fs::read(root.join(path))?;
            Ok(File::new(path, &String::from_utf8_lossy(&bytes)))
        };
        let texts = paths.iter().filter(|path| is_text(path));
        let files = texts.map(read).collect::<io::Result<_>>()?;
        Ok(Self { files, paths })
    }

    /// A checkout of these files only.
    #[cfg(test)]
    pub fn of(files: Vec<File>) -> Self {
        let paths = files.iter().map(|file| file.path.clone()).collect();
        Self { files, paths }
    }

    /// The file at exactly this path.
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Names of the folders in `crates/`, in order, once each.
    pub fn crates(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.files.iter().filter_map(File::crate_name).collect();
        names.dedup();
        names
    }

    /// Every Rust file with its outline.
    pub fn rust(&self) -> impl Iterator<Item = (&File, &Outline)> {
        self.files.iter().filter_map(|file| Some((file, file.outline.as_ref()?)))
    }
}

/// The root of the checkout this command was started in.
///
/// Looked up at run time: builds of several checkouts share one target folder, so a path that
/// was compiled in could be another checkout's.
pub fn root() -> io::Result<PathBuf> {
    let start = match std::env::var_os("CARGO_MANIFEST_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => std::env::current_dir()?,
    };
    let found = start.ancestors().find(|folder| folder.join("ARCHITECTURE.md").is_file());
    let found = found.or_else(|| start.ancestors().find(|f| f.join("Cargo.lock").is_file()));
    found.map(Path::to_path_buf).ok_or_else(|| io::Error::other("no checkout around here"))
}

fn collect(root: &Path, folder: &Path, paths: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type()?;
        let is_data = folder == root && DATA.contains(&name.as_str());
        if kind.is_dir() && !is_data && !SKIPPED.contains(&name.as_str()) {
            collect(root, &entry.path(), paths)?;
        } else if kind.is_file() {
            let path = entry.path();
            let relative = path.strip_prefix(root).map_err(io::Error::other)?;
            paths.push(relative.to_string_lossy().replace('\\', "/"));
        }
    }
    Ok(())
}

/// Built files are as foreign as packages.
fn is_text(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((_, ending)) => {
            TEXT.contains(&ending) && name != "package-lock.json" && !path.contains("/dist/")
        }
        None => name == "LICENSE" || path.starts_with(".ci/"),
    }
}

/// Whether a Rust file holds only tests or benchmarks.
fn is_test_file(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "tests" | "benches" | "tests.rs" | "fuzz"))
}
