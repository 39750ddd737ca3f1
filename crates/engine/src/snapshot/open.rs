//! Finding the files of a snapshot and reading their heads.

use crate::error::EngineError;
use arrow_schema::{DataType, SchemaRef};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// A directory of ledgers as Parquet files.
#[derive(Clone, Debug)]
pub struct Snapshot {
    directory: PathBuf,
    ledgers: BTreeMap<String, LedgerFiles>,
}

/// The files of one ledger.
#[derive(Clone, Debug)]
pub struct LedgerFiles {
    /// Ledger.
    pub name: String,
    /// Its files, in the order of their names.
    pub parts: Vec<Part>,
    /// Rows of all files.
    pub rows: u64,
}

/// One Parquet file with its head.
#[derive(Clone, Debug)]
pub struct Part {
    /// Where it lies.
    pub path: PathBuf,
    /// Its head.
    pub metadata: ArrowReaderMetadata,
}

impl Part {
    /// Reads the head of a file.
    ///
    /// # Errors
    /// [`EngineError::File`] and [`EngineError::Parquet`].
    pub fn open(path: &Path) -> Result<Self, EngineError> {
        let file = File::open(path).map_err(EngineError::file(path))?;
        let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())
            .map_err(EngineError::parquet(path))?;
        Ok(Self { path: path.to_path_buf(), metadata })
    }

    /// Rows of each row group.
    pub fn group_rows(&self) -> impl Iterator<Item = u64> + '_ {
        let groups = self.metadata.metadata().row_groups().iter();
        groups.map(|group| u64::try_from(group.num_rows()).unwrap_or(0))
    }

    /// Columns and their types.
    #[must_use]
    pub fn schema(&self) -> &SchemaRef {
        self.metadata.schema()
    }
}

impl LedgerFiles {
    /// Reads the heads of files.
    ///
    /// # Errors
    /// [`EngineError::File`] and [`EngineError::Parquet`].
    pub fn open(name: &str, paths: &[PathBuf]) -> Result<Self, EngineError> {
        let parts: Vec<Part> =
            paths.iter().map(|path| Part::open(path)).collect::<Result<_, _>>()?;
        let rows = parts.iter().flat_map(Part::group_rows).sum();
        Ok(Self { name: name.to_owned(), parts, rows })
    }

    /// Type of a column, if every file has it.
    #[must_use]
    pub fn column_type(&self, column: &str) -> Option<&DataType> {
        let mut found = None;
        for part in &self.parts {
            let field = part.schema().field_with_name(column).ok()?;
            found = Some(field.data_type());
        }
        found
    }
}

impl Snapshot {
    /// Finds every ledger of a directory: its folders that hold `*.parquet`, or files
    /// `<ledger>.parquet` in the directory itself.
    ///
    /// # Errors
    /// [`EngineError::NoSnapshot`] when there is none; errors of the files.
    pub fn open(directory: &Path) -> Result<Self, EngineError> {
        let mut found: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
        for path in entries(directory)? {
            let Some(name) = path.file_stem().and_then(|name| name.to_str()) else { continue };
            let name = name.to_owned();
            if path.is_dir() {
                let files: Vec<PathBuf> =
                    entries(&path)?.into_iter().filter(|path| is_parquet(path)).collect();
                if !files.is_empty() {
                    found.entry(name).or_default().extend(files);
                }
            } else if is_parquet(&path) {
                found.entry(name).or_default().push(path);
            }
        }
        let mut ledgers = BTreeMap::new();
        for (name, paths) in found {
            let files = LedgerFiles::open(&name, &paths)?;
            ledgers.insert(name, files);
        }
        if ledgers.is_empty() {
            return Err(EngineError::NoSnapshot(directory.to_path_buf()));
        }
        Ok(Self { directory: directory.to_path_buf(), ledgers })
    }

    /// Where it lies.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// A ledger's files.
    #[must_use]
    pub fn ledger(&self, name: &str) -> Option<&LedgerFiles> {
        self.ledgers.get(name)
    }

    /// All ledgers by name.
    pub fn ledgers(&self) -> impl Iterator<Item = &LedgerFiles> {
        self.ledgers.values()
    }

    /// The same snapshot with other files for one ledger.
    #[must_use]
    pub fn with_ledger(mut self, files: LedgerFiles) -> Self {
        self.ledgers.insert(files.name.clone(), files);
        self
    }
}

fn is_parquet(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ending.eq_ignore_ascii_case("parquet")) && path.is_file()
}

/// The entries of a directory in the order of their names, hidden ones left out.
fn entries(directory: &Path) -> Result<Vec<PathBuf>, EngineError> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory).map_err(EngineError::file(directory))? {
        let path = entry.map_err(EngineError::file(directory))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
        if !name.starts_with(['.', '_']) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}
