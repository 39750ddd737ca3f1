//! Evidence files by content: each is kept once under the SHA-256 of its bytes.
//!
//! INVARIANT: a hash is handed out only when its file is durable under its final name.

use crate::error::StoreError;
use crate::hash::hex;
use crate::keys::random_bytes;
use crate::private;
use crate::sniff::media_type;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Bytes moved at a time.
const BLOCK: usize = 64 * 1024;

/// A file taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFile {
    /// SHA-256 of the bytes, 64 hex digits.
    pub hash: String,
    /// Length in bytes.
    pub size_bytes: u64,
    /// Media type by content, whatever the name said.
    pub media_type: String,
}

/// The folder of evidence files.
#[derive(Clone, Debug)]
pub struct Files {
    directory: PathBuf,
}

impl Files {
    pub(crate) fn at(directory: &Path) -> Result<Self, StoreError> {
        private::folder(&directory.join("tmp"))?;
        Ok(Self { directory: directory.to_owned() })
    }

    /// Takes in a stream of at most `limit_bytes`. When this returns, the file survives a power
    /// cut; on any error nothing is kept.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`], [`StoreError::Io`].
    pub fn put(&self, stream: &mut dyn Read, limit_bytes: u64) -> Result<StoredFile, StoreError> {
        let name = format!("{}.part", hex(&random_bytes::<16>()?));
        let temporary = self.directory.join("tmp").join(name);
        let result = self.take(stream, limit_bytes, &temporary);
        if result.is_err() && temporary.exists() {
            // The sweep takes what cannot be removed now.
            let _ = fs::remove_file(&temporary);
        }
        result
    }

    fn take(
        &self,
        stream: &mut dyn Read,
        limit_bytes: u64,
        temporary: &Path,
    ) -> Result<StoredFile, StoreError> {
        let mut out = File::create_new(temporary)?;
        let mut digest = Sha256::new();
        let mut size_bytes = 0u64;
        let mut block = vec![0u8; BLOCK];
        loop {
            let count = match stream.read(&mut block) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            size_bytes = size_bytes.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
            if size_bytes > limit_bytes {
                return Err(StoreError::TooLarge { limit_bytes });
            }
            let bytes = block.get(..count).unwrap_or_default();
            digest.update(bytes);
            out.write_all(bytes)?;
        }
        out.sync_all()?;
        let media_type = media_type(temporary)?.to_owned();
        let hash = hex(&digest.finalize());
        self.settle(temporary, &hash)?;
        Ok(StoredFile { hash, size_bytes, media_type })
    }

    /// Gives a finished file its name. The same content twice stays one file; a damaged copy is
    /// replaced by the sound one.
    fn settle(&self, temporary: &Path, hash: &str) -> Result<(), StoreError> {
        let path = self.path(hash)?;
        if path.exists() && self.verify(hash).is_ok() {
            fs::remove_file(temporary)?;
            return Ok(());
        }
        let Some(folder) = path.parent() else {
            return Err(missing(hash));
        };
        let is_new = !folder.exists();
        fs::create_dir_all(folder)?;
        fs::rename(temporary, &path)?;
        File::open(folder)?.sync_all()?;
        if is_new {
            File::open(&self.directory)?.sync_all()?;
        }
        Ok(())
    }

    /// The path of a hash; only 64 hex digits ever become a path.
    fn path(&self, hash: &str) -> Result<PathBuf, StoreError> {
        let is_hash =
            hash.len() == 64 && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        match (hash.get(..2), hash.get(2..)) {
            (Some(head), Some(rest)) if is_hash => Ok(self.directory.join(head).join(rest)),
            _ => Err(missing(hash)),
        }
    }

    /// True if a file with this hash is there (its bytes are checked when it is opened).
    #[must_use]
    pub fn contains(&self, hash: &str) -> bool {
        self.path(hash).is_ok_and(|path| path.is_file())
    }

    /// Opens a file for reading after checking that its bytes are those of its hash.
    ///
    /// # Errors
    /// [`StoreError::FileMissing`], [`StoreError::FileDamaged`], [`StoreError::Io`].
    pub fn open(&self, hash: &str) -> Result<File, StoreError> {
        self.verify(hash)?;
        File::open(self.path(hash)?).map_err(StoreError::from)
    }

    /// All bytes of a file, checked against the hash.
    ///
    /// # Errors
    /// As [`Files::open`].
    pub fn read_all(&self, hash: &str) -> Result<Vec<u8>, StoreError> {
        let path = self.path(hash)?;
        let bytes = fs::read(path).map_err(|error| not_there(error, hash))?;
        if hex(&Sha256::digest(&bytes)) == hash {
            Ok(bytes)
        } else {
            Err(StoreError::FileDamaged { hash: hash.to_owned() })
        }
    }

    /// Length of a file in bytes, without reading it.
    ///
    /// # Errors
    /// [`StoreError::FileMissing`], [`StoreError::Io`].
    pub fn size_bytes(&self, hash: &str) -> Result<u64, StoreError> {
        let metadata = fs::metadata(self.path(hash)?).map_err(|error| not_there(error, hash))?;
        Ok(metadata.len())
    }

    /// Checks that the bytes of a file are those of its hash.
    ///
    /// # Errors
    /// As [`Files::open`].
    pub fn verify(&self, hash: &str) -> Result<(), StoreError> {
        let mut file = File::open(self.path(hash)?).map_err(|error| not_there(error, hash))?;
        if digest_of(&mut file)? == hash {
            Ok(())
        } else {
            Err(StoreError::FileDamaged { hash: hash.to_owned() })
        }
    }

    /// Hashes of all files, in order.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn list(&self) -> Result<Vec<String>, StoreError> {
        let mut hashes = Vec::new();
        for folder in fs::read_dir(&self.directory)? {
            let folder = folder?;
            let head = folder.file_name().to_string_lossy().into_owned();
            if head.len() != 2 || !folder.file_type()?.is_dir() {
                continue;
            }
            for file in fs::read_dir(folder.path())? {
                let hash = format!("{head}{}", file?.file_name().to_string_lossy());
                if self.path(&hash).is_ok() {
                    hashes.push(hash);
                }
            }
        }
        hashes.sort();
        Ok(hashes)
    }

    /// Removes unfinished uploads older than `age` (24 hours in service); how many.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn sweep(&self, age: Duration) -> Result<usize, StoreError> {
        let mut count = 0;
        for entry in fs::read_dir(self.directory.join("tmp"))? {
            let entry = entry?;
            let modified = entry.metadata()?.modified()?;
            let is_old = SystemTime::now().duration_since(modified).is_ok_and(|found| found >= age);
            if is_old {
                fs::remove_file(entry.path())?;
                count += 1;
            }
        }
        Ok(count)
    }
}

/// SHA-256 of a stream in hex.
pub(crate) fn digest_of(stream: &mut dyn Read) -> Result<String, StoreError> {
    let mut digest = Sha256::new();
    let mut block = vec![0u8; BLOCK];
    loop {
        let count = stream.read(&mut block)?;
        if count == 0 {
            return Ok(hex(&digest.finalize()));
        }
        digest.update(block.get(..count).unwrap_or_default());
    }
}

fn missing(hash: &str) -> StoreError {
    StoreError::FileMissing { hash: hash.chars().take(64).collect() }
}

fn not_there(error: std::io::Error, hash: &str) -> StoreError {
    if error.kind() == std::io::ErrorKind::NotFound { missing(hash) } else { error.into() }
}
