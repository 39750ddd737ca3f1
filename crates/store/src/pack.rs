//! A backup folder as one file: a line of JSON before each file's bytes, and at the end the hash of
//! everything before.

use crate::backup::is_inside;
use crate::error::StoreError;
use crate::hash::hex;
use crate::private;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;

const FIRST_LINE: &str = "TAIZHANG BACKUP 1\n";

/// Begins the last line, before the hash.
const END: &str = "END ";

/// Longest head line, in bytes.
const LINE_MAX: u64 = 4096;

#[derive(Serialize, Deserialize)]
struct Head {
    path: String,
    size_bytes: u64,
}

/// Packs the named files of a folder.
pub(crate) fn pack(folder: &Path, paths: &[String], target: &Path) -> Result<(), StoreError> {
    let mut out = Hashed { inner: BufWriter::new(private::file(target)?), hash: Sha256::new() };
    out.write_all(FIRST_LINE.as_bytes())?;
    for path in paths {
        let mut file = File::open(folder.join(path))?;
        let head = Head { path: path.clone(), size_bytes: file.metadata()?.len() };
        let line = serde_json::to_string(&head).map_err(|_| damaged("a path cannot be written"))?;
        writeln!(out, "{line}")?;
        let count = std::io::copy(&mut file, &mut out)?;
        if count != head.size_bytes {
            return Err(damaged("a file grew while it was packed"));
        }
    }
    let hash = hex(&out.hash.finalize());
    let mut inner = out.inner;
    writeln!(inner, "{END}{hash}")?;
    inner.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
    Ok(())
}

/// Unpacks into a new folder; the hash of the whole is checked first.
pub(crate) fn unpack(source: &Path, folder: &Path) -> Result<(), StoreError> {
    check(source)?;
    private::folder(folder)?;
    let mut file = BufReader::new(File::open(source)?);
    if line(&mut file)? != FIRST_LINE {
        return Err(damaged("it is not a backup"));
    }
    loop {
        let text = line(&mut file)?;
        if text.starts_with(END) {
            return Ok(());
        }
        let head: Head =
            serde_json::from_str(&text).map_err(|_| damaged("a head cannot be read"))?;
        if !is_inside(&head.path) {
            return Err(damaged("a path leads outside"));
        }
        let path = folder.join(&head.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut out = File::create_new(path)?;
        let count = std::io::copy(&mut Read::by_ref(&mut file).take(head.size_bytes), &mut out)?;
        if count != head.size_bytes {
            return Err(damaged("it ends too early"));
        }
    }
}

/// The hash over everything but the last line.
fn check(source: &Path) -> Result<(), StoreError> {
    // `END `, 64 digits, a line feed.
    const TAIL: u64 = 69;
    let file = File::open(source)?;
    let length = file.metadata()?.len();
    let body = length.checked_sub(TAIL).ok_or_else(|| damaged("it is too short"))?;
    let mut file = BufReader::new(file);
    let hash = crate::files::digest_of(&mut Read::by_ref(&mut file).take(body))?;
    let mut tail = String::new();
    file.read_to_string(&mut tail).map_err(|_| damaged("its end cannot be read"))?;
    if tail == format!("{END}{hash}\n") { Ok(()) } else { Err(damaged("its hash does not fit")) }
}

fn line(file: &mut BufReader<File>) -> Result<String, StoreError> {
    let mut text = String::new();
    Read::by_ref(file)
        .take(LINE_MAX)
        .read_line(&mut text)
        .map_err(|_| damaged("a head cannot be read"))?;
    if text.ends_with('\n') { Ok(text) } else { Err(damaged("it ends too early")) }
}

fn damaged(what: &str) -> StoreError {
    StoreError::BackupDamaged(what.to_owned())
}

struct Hashed<W> {
    inner: W,
    hash: Sha256,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.hash.update(bytes.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}
