//! The store: opening, transactions and the connections behind them.

use crate::driver::Connection;
use crate::driver::postgres::PostgresConnection;
use crate::driver::sqlite::SqliteConnection;
use crate::error::StoreError;
use crate::files::Files;
use crate::keys::KeyRing;
use crate::migrate::migrate;
use crate::reader::Reader;
use crate::record::Act;
use crate::schema::Schema;
use crate::setting::Request;
use crate::writer::Writer;
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use taizhang_codebook::Codebook;

/// Connections kept for reading. Two cores serve about four readers; the rest wait their turn.
const READERS: usize = 8;

/// Where the records live.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// A SQLite file; its folder is the data directory. Local disks only.
    Sqlite(PathBuf),
    /// A PostgreSQL server by URL (`postgres://user@host:port/name`).
    Postgres(String),
}

impl fmt::Debug for Database {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(formatter, "Sqlite({})", path.display()),
            // The URL may hold a password.
            Self::Postgres(_) => formatter.write_str("Postgres(hidden)"),
        }
    }
}

/// How to open a store.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// The database.
    pub database: Database,
    /// Folder of the evidence files.
    pub files_dir: PathBuf,
    /// Keys that are not in the database ([`KeyRing::open_or_create`]).
    pub keys: KeyRing,
}

/// A store. Clones share it; every method may be called from any thread that may wait (with an
/// async runtime: from `spawn_blocking`).
///
/// # Example
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
/// use taizhang_codebook::Codebook;
/// use taizhang_store::*;
///
/// let folder = tempfile::tempdir()?;
/// let options = StoreOptions {
///     database: Database::Sqlite(folder.path().join("taizhang.sqlite")),
///     files_dir: folder.path().join("files"),
///     keys: KeyRing::open_or_create(&folder.path().join("keys"))?,
/// };
/// let codebook = Codebook::embedded("rural").map_err(|faults| format!("{faults:?}"))?;
/// let store = Store::open(options, Arc::new(codebook))?;
/// let act = Act {
///     actor: None,
///     verb: "unit.add".to_owned(),
///     at: "2026-11-22T02:00:00Z".parse()?,
///     reason: None,
///     source: "example".to_owned(),
/// };
/// let unit: Result<Record, StoreError> = store.write(&act, |writer| {
///     let name = ("name".to_owned(), Value::from("县农业农村局"));
///     let kind = ("kind".to_owned(), Value::from("bureau"));
///     writer.insert("unit", NewRecord { values: [name, kind].into(), ..NewRecord::default() })
/// });
/// let query = Query::new("unit").filter(Filter::Contains("name".to_owned(), "农业".to_owned()));
/// let page: Result<Page, StoreError> = store.read(|reader| reader.list(&query));
/// assert_eq!(page?.records, [unit?]);
/// assert!(store.audit_verify()?.is_sound());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Store {
    pub(crate) core: Arc<Core>,
    /// The request whose key every transaction takes.
    request: Option<Arc<Request>>,
}

impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Store({:?})", self.core.database)
    }
}

/// What clones share.
pub(crate) struct Core {
    pub(crate) codebook: Arc<Codebook>,
    pub(crate) schema: Schema,
    pub(crate) keys: KeyRing,
    pub(crate) files: Files,
    pub(crate) database: Database,
    pub(crate) files_dir: PathBuf,
    writer: Mutex<Box<dyn Connection>>,
    readers: Pool,
    is_halted: AtomicBool,
    /// Millisecond and random part of the last id made.
    pub(crate) last_id: Mutex<(u64, u128)>,
}

/// Idle readers, and how many there are in all.
struct Pool {
    state: Mutex<(Vec<Box<dyn Connection>>, usize)>,
    returned: Condvar,
}

/// A reader on loan; goes back when dropped.
pub(crate) struct Loan<'a> {
    pool: &'a Pool,
    connection: Option<Box<dyn Connection>>,
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        let mut state = self.pool.state.lock().unwrap_or_else(PoisonError::into_inner);
        match self.connection.take() {
            Some(connection) if connection.is_usable() => state.0.push(connection),
            _ => state.1 = state.1.saturating_sub(1),
        }
        drop(state);
        self.pool.returned.notify_one();
    }
}

pub(crate) fn connect(database: &Database) -> Result<Box<dyn Connection>, StoreError> {
    Ok(match database {
        Database::Sqlite(path) => Box::new(SqliteConnection::open(path)?),
        Database::Postgres(url) => Box::new(PostgresConnection::open(url)?),
    })
}

impl Store {
    /// Opens a store, and makes or grows its tables to fit the codebook.
    ///
    /// # Errors
    /// [`StoreError::Schema`] if a field's type changed, [`StoreError::Keys`] if the keys are not
    /// those of this database, and faults of database and file system.
    pub fn open(options: StoreOptions, codebook: Arc<Codebook>) -> Result<Self, StoreError> {
        let StoreOptions { database, files_dir, keys } = options;
        if let Database::Sqlite(path) = &database {
            if let Some(directory) = path.parent() {
                std::fs::create_dir_all(directory)?;
            }
            make_private(path)?;
        }
        let files = Files::at(&files_dir)?;
        let mut connection = connect(&database)?;
        let schema = migrate(connection.as_mut(), &codebook)?;
        check_keys(connection.as_mut(), &keys)?;
        let readers = Pool { state: Mutex::new((Vec::new(), 0)), returned: Condvar::new() };
        let core = Core {
            codebook,
            schema,
            keys,
            files,
            database,
            files_dir,
            writer: Mutex::new(connection),
            readers,
            is_halted: AtomicBool::new(false),
            last_id: Mutex::new((0, 0)),
        };
        Ok(Self { core: Arc::new(core), request: None })
    }

    /// The codebook that the tables follow.
    #[must_use]
    pub fn codebook(&self) -> &Arc<Codebook> {
        &self.core.codebook
    }

    /// The same store for one request: each transaction takes the request's key first, and is
    /// refused with [`StoreError::Repeated`] if another attempt has it.
    #[must_use]
    pub fn in_request(&self, request: Request) -> Self {
        Self { core: self.core.clone(), request: Some(Arc::new(request)) }
    }

    /// The evidence files.
    #[must_use]
    pub fn files(&self) -> &Files {
        &self.core.files
    }

    /// The folder of the evidence files.
    #[must_use]
    pub fn files_dir(&self) -> &std::path::Path {
        &self.core.files_dir
    }

    /// A secret of sixteen bytes for a purpose outside the store (keyed hashes in snapshots). It
    /// comes from the key ring and stays the same when sealing keys are added.
    #[must_use]
    pub fn derived_key(&self, purpose: &str) -> [u8; 16] {
        self.core.keys.derived(purpose)
    }

    /// Reads in one state of the database.
    ///
    /// # Errors
    /// Those of `work`, and faults of the database.
    pub fn read<T, E>(&self, work: impl FnOnce(&Reader<'_>) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let mut loan = self.reader()?;
        let Some(connection) = loan.connection.as_mut() else {
            return Err(StoreError::Busy.into());
        };
        connection.begin_read()?;
        let result = work(&Reader::new(&self.core, connection));
        connection.rollback()?;
        result
    }

    /// Writes in one transaction: all of it durable when this returns `Ok`, or none of it. Inside
    /// `work` use the writer only; a second `write` would wait for the first for ever.
    ///
    /// # Errors
    /// Those of `work`, [`StoreError::Halted`], and faults of the database.
    pub fn write<T, E>(
        &self,
        act: &Act,
        work: impl FnOnce(&Writer<'_>) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let mut connection = self.writer()?;
        connection.begin_write()?;
        let result = match Writer::begin(&self.core, &mut connection, act) {
            Err(error) => Err(error.into()),
            Ok(writer) => self
                .request
                .as_ref()
                .map_or(Ok(()), |request| writer.claim(request))
                .map_err(E::from)
                .and_then(|()| work(&writer))
                .and_then(|value| writer.finish().map(|()| value).map_err(E::from)),
        };
        match result {
            Err(error) => {
                // The first error tells more than a failing rollback, which the next begin repeats.
                let _ = connection.rollback();
                Err(error)
            }
            Ok(value) => match connection.commit() {
                Ok(()) => Ok(value),
                Err(error) => {
                    if matches!(error, StoreError::Disk(_)) {
                        self.core.is_halted.store(true, Ordering::SeqCst);
                    }
                    let _ = connection.rollback();
                    Err(error.into())
                }
            },
        }
    }

    /// The one writing connection, opened anew if the server closed it.
    pub(crate) fn writer(&self) -> Result<MutexGuard<'_, Box<dyn Connection>>, StoreError> {
        if self.core.is_halted.load(Ordering::SeqCst) {
            return Err(StoreError::Halted);
        }
        // A panic in a caller's closure leaves an open transaction; the next begin rolls it back.
        let mut connection = self.core.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if !connection.is_usable() {
            *connection = connect(&self.core.database)?;
        }
        Ok(connection)
    }

    fn reader(&self) -> Result<Loan<'_>, StoreError> {
        let pool = &self.core.readers;
        let mut state = pool.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(connection) = state.0.pop() {
                return Ok(Loan { pool, connection: Some(connection) });
            }
            if state.1 < READERS {
                state.1 += 1;
                break;
            }
            state = pool.returned.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        drop(state);
        // If connecting fails, dropping the empty loan gives the place back.
        let mut loan = Loan { pool, connection: None };
        loan.connection = Some(connect(&self.core.database)?);
        Ok(loan)
    }
}

/// Makes a new database file that its owner alone may read; SQLite gives the journal beside it the
/// same rights.
#[cfg(unix)]
pub(crate) fn make_private(path: &std::path::Path) -> Result<(), StoreError> {
    use std::os::unix::fs::OpenOptionsExt;
    if !path.exists() {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600).open(path)?;
    }
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn make_private(_: &std::path::Path) -> Result<(), StoreError> {
    Ok(())
}

/// Refuses keys that did not make this database: nothing would open and every seal would fail.
fn check_keys(connection: &mut dyn Connection, keys: &KeyRing) -> Result<(), StoreError> {
    use crate::driver::Cell;
    let mark = keys.mark();
    let sql = "SELECT \"value\" FROM store_setting WHERE \"name\" = 'store.keys'";
    let stored = connection.query_one(sql, &[])?.map(|mut row| row.text()).transpose()?;
    match stored {
        Some(stored) if stored == mark => Ok(()),
        Some(_) => Err(StoreError::Keys("these are not the keys of this database".to_owned())),
        None => {
            let sql = "INSERT INTO store_setting (\"name\", \"value\") VALUES ('store.keys', ?)";
            connection.execute(sql, &[Cell::Text(mark)])?;
            Ok(())
        }
    }
}
