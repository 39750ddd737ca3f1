//! Opening a service over a data directory: codebook, keys, files and database.

use crate::{Clock, Service, ServiceError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use taizhang_codebook::Codebook;
use taizhang_exchange::FileReader;
use taizhang_store::{Database, KeyRing, Store, StoreOptions};

/// The field whose codebook is used unless another is named.
const CODEBOOK: &str = "rural";
/// Most bytes of one override file of the codebook.
const OVERRIDE_BYTES_MAX: u64 = 1024 * 1024;

/// Where everything lies.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// The data directory: database, evidence files, keys, the county's own codebook files.
    pub data_dir: PathBuf,
    /// A PostgreSQL server instead of the embedded database.
    pub database_url: Option<String>,
    /// Name of a shipped codebook; `rural` if not said.
    pub codebook: Option<String>,
    /// Where uploaded files are read; in this process if not said.
    pub file_reader: FileReader,
}

impl Service {
    /// Opens or makes a data directory and grows the database to fit the codebook.
    ///
    /// # Shape
    /// `taizhang.db`, `files/`, `keys/` and, made by the county, `codebook/` below the data
    /// directory. The keys are made at the first start and readable by the owner alone.
    ///
    /// # Errors
    /// `Invalid` with every fault of the county's codebook files; `Internal` when keys, directory
    /// or database cannot be used.
    pub fn open(options: &OpenOptions, clock: Arc<dyn Clock>) -> Result<Self, ServiceError> {
        let codebook = codebook_of(options)?;
        let keys = KeyRing::open_or_create(&options.data_dir.join("keys"))?;
        let store = Store::open(store_options(options, keys), codebook.clone())?;
        let files = options.file_reader.clone();
        Ok(Self::new(store, codebook, clock).reading_files_by(files))
    }
}

/// The shipped codebook with the county's own files laid over it.
pub(crate) fn codebook_of(options: &OpenOptions) -> Result<Arc<Codebook>, ServiceError> {
    let name = options.codebook.as_deref().unwrap_or(CODEBOOK);
    let overrides = override_files(&options.data_dir.join("codebook"))?;
    Ok(Arc::new(Codebook::load(name, &overrides).map_err(ServiceError::Invalid)?))
}

/// Where the store of a data directory lies.
pub(crate) fn store_options(options: &OpenOptions, keys: KeyRing) -> StoreOptions {
    let database = match &options.database_url {
        Some(url) => Database::Postgres(url.clone()),
        None => Database::Sqlite(options.data_dir.join("taizhang.db")),
    };
    StoreOptions { database, files_dir: options.data_dir.join("files"), keys }
}

/// The TOML and Markdown files below a directory with their paths inside it; none if there is no
/// such directory.
///
/// # Errors
/// `Internal` for a file that cannot be read or is larger than a definition can be.
pub fn override_files(directory: &Path) -> Result<Vec<(String, String)>, ServiceError> {
    let mut files = Vec::new();
    let mut waiting = vec![directory.to_path_buf()];
    while let Some(folder) = waiting.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                waiting.push(path);
                continue;
            }
            let is_definition = path.extension().is_some_and(|kind| kind == "toml" || kind == "md");
            if is_definition {
                let inside = path.strip_prefix(directory).unwrap_or(&path);
                let name = inside.to_string_lossy().replace('\\', "/");
                files.push((name, read_definition(&path)?));
            }
        }
    }
    files.sort();
    Ok(files)
}

fn read_definition(path: &Path) -> Result<String, ServiceError> {
    let size = std::fs::metadata(path).map(|metadata| metadata.len()).unwrap_or(0);
    if size > OVERRIDE_BYTES_MAX {
        return Err(ServiceError::TooLarge { limit_bytes: OVERRIDE_BYTES_MAX });
    }
    std::fs::read_to_string(path)
        .map_err(|error| ServiceError::Internal(format!("codebook file: {error}")))
}
