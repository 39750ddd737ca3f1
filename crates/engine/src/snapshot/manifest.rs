//! What a snapshot is of: `manifest.json` beside the ledgers.

use crate::error::EngineError;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use taizhang_values::{Date, Timestamp};

/// Name of the file.
pub const MANIFEST_NAME: &str = "manifest.json";

/// What a snapshot is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Codebook.
    pub codebook: String,
    /// Its edition.
    pub edition: String,
    /// Day whose state it holds.
    pub as_of: Date,
    /// When it was made.
    pub made_at: Timestamp,
    /// Mark of the state of the store that it was made from; two snapshots of one state are the
    /// same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Ledgers by name.
    pub ledgers: BTreeMap<String, ManifestLedger>,
}

/// Files of a ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestLedger {
    /// Rows of all files.
    pub rows: u64,
    /// SHA-256 of each file in hexadecimal, by its name.
    pub files: BTreeMap<String, String>,
}

impl Manifest {
    /// Adds a file of a ledger.
    ///
    /// # Errors
    /// [`EngineError::File`].
    pub fn add(&mut self, ledger: &str, path: &Path, rows: u64) -> Result<(), EngineError> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let own = self.ledgers.entry(ledger.to_owned()).or_default();
        own.rows += rows;
        own.files.insert(name.unwrap_or_default(), file_hash(path)?);
        Ok(())
    }

    /// Writes it into a snapshot's directory. Written last, it says that the snapshot is whole.
    ///
    /// # Errors
    /// [`EngineError::File`].
    pub fn write(&self, directory: &Path) -> Result<(), EngineError> {
        let path = directory.join(MANIFEST_NAME);
        let text = serde_json::to_string_pretty(self).map_err(EngineError::file_reason(&path))?;
        std::fs::write(&path, text).map_err(EngineError::file(&path))
    }

    /// Reads the manifest of a snapshot; `None` if it has none, or one of another maker.
    ///
    /// # Errors
    /// [`EngineError::File`].
    pub fn read(directory: &Path) -> Result<Option<Self>, EngineError> {
        let path = directory.join(MANIFEST_NAME);
        if !path.is_file() {
            return Ok(None);
        }
        let text = std::fs::read_to_string(&path).map_err(EngineError::file(&path))?;
        Ok(serde_json::from_str(&text).ok())
    }
}

fn file_hash(path: &Path) -> Result<String, EngineError> {
    let mut file = File::open(path).map_err(EngineError::file(path))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0_u8; 1 << 16];
    loop {
        let count = file.read(&mut buffer).map_err(EngineError::file(path))?;
        if count == 0 {
            break;
        }
        hasher.update(buffer.get(..count).unwrap_or(&[]));
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
