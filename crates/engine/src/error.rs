//! What can go wrong with a snapshot or a run.

use std::path::{Path, PathBuf};

/// An error of the engine. Holds names of ledgers, columns and files, never values.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A file or directory cannot be read or written.
    #[error("`{}`: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is no Parquet file, or a damaged one.
    #[error("`{}` cannot be read as parquet: {reason}", path.display())]
    Parquet {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// No snapshot there.
    #[error("`{}` holds no snapshot: no folder with parquet files in it", .0.display())]
    NoSnapshot(PathBuf),
    /// A column holds something else than the codebook says.
    #[error("column `{column}` of ledger `{ledger}` holds {found}, needed is {needed}")]
    ColumnType {
        /// Ledger.
        ledger: String,
        /// Column.
        column: String,
        /// What it holds.
        found: String,
        /// What would be read.
        needed: &'static str,
    },
    /// A ledger is not in the order of its root records.
    #[error("ledger `{0}` is not sorted by its root record")]
    Unsorted(String),
    /// The program and the data do not fit.
    #[error("the program cannot run: {0}")]
    Program(String),
    /// Somebody stopped the run.
    #[error("the run was stopped")]
    Stopped,
}

impl EngineError {
    /// An error of the file system at a place.
    pub fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_path_buf();
        move |source| Self::File { path, source }
    }

    /// Any other fault of a file that is written.
    pub fn file_reason<E: std::fmt::Display>(path: &Path) -> impl FnOnce(E) -> Self + use<E> {
        let path = path.to_path_buf();
        move |error| Self::File { path, source: std::io::Error::other(error.to_string()) }
    }

    /// An error of the Parquet reader or writer at a place.
    pub fn parquet<E: std::fmt::Display>(path: &Path) -> impl FnOnce(E) -> Self + use<E> {
        let path = path.to_path_buf();
        move |error| Self::Parquet { path, reason: error.to_string() }
    }
}
