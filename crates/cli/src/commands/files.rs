//! Files named on the command line: folders are walked, names are sorted.

use std::io::Read;
use std::path::{Path, PathBuf};
use taizhang_diagnostics::{Diagnostic, Message};
use taizhang_exchange::write_csv;
use taizhang_service::ServiceError;

/// Most bytes of a document.
const DOCUMENT_BYTES_MAX: u64 = 50 * 1024 * 1024;
/// Endings that are tried in a folder; a file named by itself is read whatever it is called.
const ENDINGS: [&str; 9] = ["txt", "docx", "html", "htm", "pdf", "ofd", "doc", "wps", "md"];

/// The documents named: files as they are, folders with every document below them.
pub(super) fn documents(paths: &[PathBuf]) -> Result<Vec<PathBuf>, ServiceError> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            walk(path, &mut found)?;
        } else if path.exists() {
            found.push(path.clone());
        } else {
            return Err(missing(path));
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), ServiceError> {
    for entry in std::fs::read_dir(folder).map_err(|_| missing(folder))? {
        let path = entry.map_err(|_| missing(folder))?.path();
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        if path.is_dir() && !path.is_symlink() {
            walk(&path, found)?;
        } else if ENDINGS.contains(&ending.to_ascii_lowercase().as_str()) {
            found.push(path);
        }
    }
    Ok(())
}

/// The bytes of a document, within the limit.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, ServiceError> {
    let file = std::fs::File::open(path).map_err(|_| missing(path))?;
    let mut bytes = Vec::new();
    // A device or a pipe tells no size: what comes is counted.
    file.take(DOCUMENT_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|_| missing(path))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > DOCUMENT_BYTES_MAX {
        return Err(ServiceError::TooLarge { limit_bytes: DOCUMENT_BYTES_MAX });
    }
    Ok(bytes)
}

/// A file that is read as it is needed; whoever reads it counts.
pub(super) fn open(path: &Path) -> Result<std::fs::File, ServiceError> {
    std::fs::File::open(path).map_err(|_| missing(path))
}

/// Writes a file that was asked for.
pub(super) fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<(), ServiceError> {
    std::fs::write(path, bytes).map_err(unwritable(path))
}

/// A line of comma-separated text.
pub(super) fn csv_line<T: AsRef<str>>(cells: &[T]) -> String {
    // The mark stands at the head of a file only.
    write_csv([cells]).trim_start_matches('\u{feff}').to_owned()
}

/// The fault of a file or folder that cannot be written.
pub(super) fn unwritable<E: std::fmt::Display>(
    path: &Path,
) -> impl Fn(E) -> ServiceError + use<'_, E> {
    move |error| {
        let name = path.display();
        ServiceError::invalid(Diagnostic::error(
            "L0102",
            Message::new(
                format!("写不进`{name}`：{error}"),
                format!("cannot write `{name}`: {error}"),
            ),
        ))
    }
}

fn missing(path: &Path) -> ServiceError {
    let name = path.display();
    ServiceError::invalid(Diagnostic::error(
        "L0101",
        Message::new(format!("打不开`{name}`"), format!("cannot open `{name}`")),
    ))
}
