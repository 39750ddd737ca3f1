//! Backup while the store is in use, and restore after checking every byte.
//!
//! A backup is a folder with a manifest, or the same packed into one file. It holds no keys: kept
//! apart from them it gives away no sealed value.

use crate::audit::AuditHead;
use crate::driver::sqlite::SqliteConnection;
use crate::driver::{Cell, Connection};
use crate::error::StoreError;
use crate::files::digest_of;
use crate::keys::KeyRing;
use crate::migrate;
use crate::private;
use crate::record::Act;
use crate::rows;
use crate::store::{Database, Store, StoreOptions, connect, make_private};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use taizhang_codebook::Codebook;
use taizhang_values::Timestamp;

const MANIFEST: &str = "manifest.json";
const MANIFEST_HASH: &str = "manifest.sha256";
const SQLITE_FILE: &str = "database.sqlite";
const ROWS_FOLDER: &str = "tables";
const FILES_FOLDER: &str = "files";

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupReport {
    /// Format of the backup; 1.
    pub format: u32,
    /// `sqlite` (a database file) or `rows` (rows of each table).
    pub kind: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Keyed mark of the keys that open it.
    pub keys: String,
    /// Where the audit chain ended.
    pub audit: AuditHead,
    /// Every file of the backup.
    pub entries: Vec<BackupEntry>,
    /// Hashes of evidence files that were damaged already and are not in it.
    pub damaged_files: Vec<String>,
}

/// One file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupEntry {
    /// Path inside the backup, with `/`.
    pub path: String,
    /// Length in bytes.
    pub size_bytes: u64,
    /// SHA-256 in hex.
    pub sha256: String,
}

impl Store {
    /// Writes a backup of one state of the database and all evidence files it can name into a new
    /// folder, or into one file if the path ends in `.tzb`. Work goes on meanwhile.
    ///
    /// # Errors
    /// [`StoreError::TargetNotEmpty`] if something is there already, faults of database and file
    /// system. A backup that failed half-way has no manifest and is refused by restore.
    pub fn backup(&self, target: &Path, at: Timestamp) -> Result<BackupReport, StoreError> {
        if target.exists() {
            return Err(StoreError::TargetNotEmpty);
        }
        if !is_packed(target) {
            return self.backup_folder(target, at);
        }
        let folder = target.with_extension("tzb.part");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let result = self.backup_folder(&folder, at).and_then(|report| {
            let packed = target.with_extension("tzb.new");
            crate::pack::pack(&folder, &paths(&report), &packed)?;
            fs::rename(&packed, target)?;
            sync_parent(target)?;
            Ok(report)
        });
        fs::remove_dir_all(&folder)?;
        result
    }

    fn backup_folder(&self, folder: &Path, at: Timestamp) -> Result<BackupReport, StoreError> {
        private::folder(folder)?;
        let mut entries = Vec::new();
        let (kind, audit) = match &self.core.database {
            Database::Sqlite(path) => {
                let copy = folder.join(SQLITE_FILE);
                let mut source = SqliteConnection::open(path)?;
                source.execute("VACUUM INTO ?", &[Cell::text(copy.to_string_lossy())])?;
                File::open(&copy)?.sync_all()?;
                entries.push(entry(folder, SQLITE_FILE)?);
                ("sqlite", head_of(&mut SqliteConnection::open_copy(&copy)?)?)
            }
            Database::Postgres(_) => {
                fs::create_dir_all(folder.join(ROWS_FOLDER))?;
                let mut source = connect(&self.core.database)?;
                source.begin_read()?;
                let head = head_of(source.as_mut())?;
                for table in source.tables()? {
                    let path = format!("{ROWS_FOLDER}/{table}.jsonl");
                    rows::dump(source.as_mut(), &table, &folder.join(&path))?;
                    entries.push(entry(folder, &path)?);
                }
                source.rollback()?;
                ("rows", head)
            }
        };
        let damaged_files = self.backup_files(folder, &mut entries)?;
        let report = BackupReport {
            format: 1,
            kind: kind.to_owned(),
            made_at: at,
            keys: self.core.keys.mark(),
            audit,
            entries,
            damaged_files,
        };
        write_manifest(folder, &report)?;
        Ok(report)
    }

    /// The files are listed after the database was copied: a row's file was durable before the row.
    fn backup_files(
        &self,
        folder: &Path,
        entries: &mut Vec<BackupEntry>,
    ) -> Result<Vec<String>, StoreError> {
        let mut damaged = Vec::new();
        for hash in self.files().list()? {
            let Some((head, rest)) = hash.split_at_checked(2) else { continue };
            let path = format!("{FILES_FOLDER}/{head}/{rest}");
            fs::create_dir_all(folder.join(FILES_FOLDER).join(head))?;
            let mut source = File::open(self.core.files_dir.join(head).join(rest))?;
            let mut copy = File::create_new(folder.join(&path))?;
            std::io::copy(&mut source, &mut copy)?;
            copy.sync_all()?;
            let entry = entry(folder, &path)?;
            if entry.sha256 == hash {
                entries.push(entry);
            } else {
                fs::remove_file(folder.join(&path))?;
                damaged.push(hash);
            }
        }
        Ok(damaged)
    }

    /// Checks a backup without restoring it: every byte against its hash.
    ///
    /// # Errors
    /// [`StoreError::BackupDamaged`], [`StoreError::Io`].
    pub fn check_backup(from: &Path) -> Result<BackupReport, StoreError> {
        if from.is_dir() {
            return check_folder(from);
        }
        let folder = tempfile_beside(from);
        let result = crate::pack::unpack(from, &folder).and_then(|()| check_folder(&folder));
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        result
    }

    /// Restores a checked backup into an empty place and opens it. The audit chain gets a line that
    /// tells of it.
    ///
    /// # Errors
    /// [`StoreError::BackupDamaged`] before anything is touched, [`StoreError::TargetNotEmpty`],
    /// [`StoreError::Keys`] if the keys are not those of the backup, and faults of database and
    /// file system.
    pub fn restore(
        from: &Path,
        target: StoreOptions,
        codebook: Arc<Codebook>,
        at: Timestamp,
    ) -> Result<Self, StoreError> {
        if from.is_dir() {
            return restore_folder(from, target, codebook, at);
        }
        let folder = tempfile_beside(from);
        let result = crate::pack::unpack(from, &folder)
            .and_then(|()| restore_folder(&folder, target, codebook, at));
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        result
    }
}

fn is_packed(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "tzb")
}

fn tempfile_beside(path: &Path) -> PathBuf {
    path.with_extension(format!("unpacked-{}", std::process::id()))
}

/// Paths of a backup's files, the manifest last.
fn paths(report: &BackupReport) -> Vec<String> {
    let entries = report.entries.iter().map(|entry| entry.path.clone());
    entries.chain([MANIFEST.to_owned(), MANIFEST_HASH.to_owned()]).collect()
}

fn head_of(connection: &mut dyn Connection) -> Result<AuditHead, StoreError> {
    let row = connection.query_one("SELECT \"sequence\", \"hash\" FROM store_head", &[])?;
    let missing = || StoreError::Damaged("the audit head is missing".to_owned());
    let mut row = row.ok_or_else(missing)?;
    Ok(AuditHead { sequence: row.integer()?, hash: row.text()? })
}

fn entry(folder: &Path, path: &str) -> Result<BackupEntry, StoreError> {
    let mut file = File::open(folder.join(path))?;
    let size_bytes = file.metadata()?.len();
    Ok(BackupEntry { path: path.to_owned(), size_bytes, sha256: digest_of(&mut file)? })
}

/// The manifest comes last: a folder without one is no backup.
fn write_manifest(folder: &Path, report: &BackupReport) -> Result<(), StoreError> {
    let text = serde_json::to_vec_pretty(report)
        .map_err(|_| StoreError::Damaged("the manifest cannot be written".to_owned()))?;
    let hash = crate::hash::sha256_hex(&text);
    for (name, bytes) in [(MANIFEST, text.as_slice()), (MANIFEST_HASH, hash.as_bytes())] {
        let mut file = File::create_new(folder.join(name))?;
        file.write_all(bytes)?;
        file.sync_all()?;
    }
    File::open(folder)?.sync_all()?;
    sync_parent(folder)
}

fn sync_parent(path: &Path) -> Result<(), StoreError> {
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        File::open(parent)?.sync_all()?;
    }
    Ok(())
}

fn damaged(what: impl Into<String>) -> StoreError {
    StoreError::BackupDamaged(what.into())
}

/// Every byte of a backup folder against its manifest; nothing missing, nothing besides.
fn check_folder(folder: &Path) -> Result<BackupReport, StoreError> {
    let read = |name: &str| {
        fs::read(folder.join(name)).map_err(|_| damaged(format!("`{name}` is missing")))
    };
    let text = read(MANIFEST)?;
    if read(MANIFEST_HASH)? != crate::hash::sha256_hex(&text).into_bytes() {
        return Err(damaged("the manifest does not fit its hash"));
    }
    let report: BackupReport =
        serde_json::from_slice(&text).map_err(|_| damaged("the manifest cannot be read"))?;
    if report.format != 1 {
        return Err(damaged(format!("format `{}` is unknown", report.format)));
    }
    let mut expected: BTreeSet<String> = paths(&report).into_iter().collect();
    for listed in &report.entries {
        if !is_inside(&listed.path) {
            return Err(damaged("a path leads outside"));
        }
        let is_same = entry(folder, &listed.path).is_ok_and(|found| found == *listed);
        if !is_same {
            return Err(damaged(format!("`{}` does not fit its hash", listed.path)));
        }
    }
    for found in walk(folder, folder)? {
        if !expected.remove(&found) {
            return Err(damaged("a file does not belong to it"));
        }
    }
    Ok(report)
}

/// True for relative paths without `..`.
pub(crate) fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

/// Paths of all files below a folder, with `/`.
fn walk(root: &Path, folder: &Path) -> Result<Vec<String>, StoreError> {
    let mut found = Vec::new();
    for item in fs::read_dir(folder)? {
        let item = item?;
        if item.file_type()?.is_dir() {
            found.extend(walk(root, &item.path())?);
        } else if let Ok(path) = item.path().strip_prefix(root) {
            let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
            found.push(parts.join("/"));
        }
    }
    Ok(found)
}

fn restore_folder(
    folder: &Path,
    target: StoreOptions,
    codebook: Arc<Codebook>,
    at: Timestamp,
) -> Result<Store, StoreError> {
    let report = check_folder(folder)?;
    if report.keys != target.keys.mark() {
        return Err(StoreError::Keys("these are not the keys of this backup".to_owned()));
    }
    match (&target.database, report.kind.as_str()) {
        (Database::Sqlite(path), "sqlite") => {
            if path.exists() {
                return Err(StoreError::TargetNotEmpty);
            }
            restore_files(folder, &report, &target)?;
            restore_sqlite(&folder.join(SQLITE_FILE), path)?;
        }
        (Database::Postgres(_), "rows") => {
            let mut connection = connect(&target.database)?;
            if !connection.tables()?.is_empty() {
                return Err(StoreError::TargetNotEmpty);
            }
            restore_files(folder, &report, &target)?;
            restore_rows(connection.as_mut(), folder, &report, &codebook)?;
        }
        _ => return Err(damaged(format!("`{}` does not fit this database", report.kind))),
    }
    let store = Store::open(target, codebook)?;
    let act = Act {
        actor: None,
        verb: "store.restore".to_owned(),
        at,
        reason: None,
        source: "restore".to_owned(),
    };
    let detail = format!("backup of {} at line {}", report.made_at, report.audit.sequence);
    store.write(&act, |writer| writer.audit("store.restore", "store", &detail))?;
    Ok(store)
}

fn restore_files(
    folder: &Path,
    report: &BackupReport,
    target: &StoreOptions,
) -> Result<(), StoreError> {
    let files = crate::files::Files::at(&target.files_dir)?;
    let prefix = format!("{FILES_FOLDER}/");
    for listed in report.entries.iter().filter(|entry| entry.path.starts_with(&prefix)) {
        let mut source = BufReader::new(File::open(folder.join(&listed.path))?);
        let stored = files.put(&mut source, u64::MAX)?;
        if stored.hash != listed.sha256 {
            return Err(damaged(format!("`{}` does not fit its hash", listed.path)));
        }
    }
    Ok(())
}

/// The database gets its name last, so that a restore that died leaves none.
fn restore_sqlite(copy: &Path, path: &Path) -> Result<(), StoreError> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    let temporary = path.with_extension("restoring");
    let mut source = File::open(copy)?;
    make_private(&temporary)?;
    let mut out = BufWriter::new(File::create(&temporary)?);
    std::io::copy(&mut source, &mut out)?;
    out.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
    let mut check = SqliteConnection::open_copy(&temporary)?;
    let sound =
        check.query_one("PRAGMA quick_check", &[])?.map(|mut row| row.text()).transpose()?;
    drop(check);
    if sound.as_deref() != Some("ok") {
        fs::remove_file(&temporary)?;
        return Err(damaged("the database in it is not sound"));
    }
    fs::rename(&temporary, path)?;
    sync_parent(path)
}

fn restore_rows(
    connection: &mut dyn Connection,
    folder: &Path,
    report: &BackupReport,
    codebook: &Codebook,
) -> Result<(), StoreError> {
    connection.begin_write()?;
    let result = (|| {
        migrate::create(connection, codebook)?;
        for table in ["store_head", "store_column", "store_search"] {
            connection.execute(&format!("DELETE FROM {table}"), &[])?;
        }
        let prefix = format!("{ROWS_FOLDER}/");
        for listed in report.entries.iter().filter(|entry| entry.path.starts_with(&prefix)) {
            rows::load(connection, &folder.join(&listed.path))?;
        }
        Ok(())
    })();
    match result {
        Ok(()) => connection.commit(),
        Err(error) => {
            connection.rollback()?;
            Err(error)
        }
    }
}

impl KeyRing {
    /// A mark by which keys and database are matched.
    pub(crate) fn mark(&self) -> String {
        self.commitment(&["keys of this store"])
    }
}
