//! SQLite, embedded: WAL, one writer, several readers.

use super::{Alike, Cell, Connection, Dialect, Row, date_digits, instant_text, quote};
use crate::error::StoreError;
use crate::reader::marks;
use crate::row_sql::values_sql;
use jiff::civil::Date;
use rusqlite::types::{ToSql, ToSqlOutput, Value as SqlValue, ValueRef};
use rusqlite::{ErrorCode, OpenFlags, params_from_iter};
use std::path::Path;

/// Settings of every connection. FULL: with NORMAL a power cut loses acknowledged commits.
/// The page size is that of new files; an old one keeps its own: a row of sixty fields fills a
/// page of 4096 bytes badly, and every page costs a turn of its own.
const SETTINGS: &str = "
PRAGMA page_size = 8192;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA trusted_schema = OFF;
PRAGMA secure_delete = ON;
PRAGMA busy_timeout = 5000;
PRAGMA cell_size_check = ON;
PRAGMA temp_store = MEMORY;
PRAGMA mmap_size = 0;
PRAGMA cache_size = -16384;
";

/// Settings while very many rows come in. With little memory a page of an index is written and
/// read again several times until it is full.
const ROOMY: &str = "PRAGMA cache_size = -65536";
const ROOMY_BYTES: usize = 65_536 << 10;

/// Bytes of an index's row, at most but for rare ones.
const INDEX_ROW_BYTES: usize = 256;

/// With files allowed SQLite sorts in one piece of memory, which is much faster than in one piece
/// a row; it uses a file only beyond the memory of its pages.
const SORTING: &str = "PRAGMA temp_store = FILE";
const NO_LONGER_ROOMY: &str = "PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY";

/// Values of one statement, which makes 64 rows of seventy columns: it finds the places in table
/// and indexes where the last row went, and keeps what it would need to take itself back, once.
const VALUES_AT_ONCE: usize = 5_000;

/// Prepared statements kept by a connection.
const STATEMENTS: usize = 256;

/// One SQLite connection.
pub(crate) struct SqliteConnection {
    connection: rusqlite::Connection,
    inserts: Inserts,
    /// [`ROOMY`] holds until the transaction ends.
    is_roomy: bool,
}

impl SqliteConnection {
    /// Opens or creates the database file and applies and asserts the settings.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = rusqlite::Connection::open_with_flags(path, flags).map_err(fault)?;
        connection.execute_batch(SETTINGS).map_err(fault)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        let this = Self { connection, inserts: Inserts::default(), is_roomy: false };
        this.assert_setting("journal_mode", &SqlValue::Text("wal".to_owned()))?;
        this.assert_setting("synchronous", &SqlValue::Integer(2))?;
        this.assert_setting("foreign_keys", &SqlValue::Integer(1))?;
        Ok(this)
    }

    /// Opens a copy for checking: neither journal nor anything else is written beside it.
    pub(crate) fn open_copy(path: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = rusqlite::Connection::open_with_flags(path, flags).map_err(fault)?;
        Ok(Self { connection, inserts: Inserts::default(), is_roomy: false })
    }

    fn assert_setting(&self, name: &str, expected: &SqlValue) -> Result<(), StoreError> {
        let found: SqlValue = self
            .connection
            .query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))
            .map_err(fault)?;
        if &found == expected {
            Ok(())
        } else {
            Err(StoreError::Database(format!("setting `{name}` could not be applied")))
        }
    }

    /// After a transaction: the settings of every connection hold again.
    fn end(&mut self) -> Result<(), StoreError> {
        if std::mem::take(&mut self.is_roomy) { self.batch(NO_LONGER_ROOMY) } else { Ok(()) }
    }

    /// Inserts rows; what they have in common is handed over once a statement.
    fn insert(
        &mut self,
        table: &str,
        alike: &Alike<'_>,
        columns: &[String],
        mut rows: &[Vec<Cell>],
    ) -> Result<(), StoreError> {
        let mut known = None;
        let most = VALUES_AT_ONCE.saturating_sub(alike.cells.len()) / columns.len().max(1);
        let most = most.max(1);
        while !rows.is_empty() {
            // Powers of two, so that there are few statements.
            let count = 1_usize << rows.len().min(most).ilog2();
            let (now, later) = rows.split_at(count);
            rows = later;
            let mut statement = match known.take().filter(|(of, _)| *of == count) {
                Some((_, statement)) => statement,
                None => {
                    let sql = self.inserts.sql(table, alike.columns, columns, count);
                    let mut statement = self.connection.prepare_cached(sql).map_err(fault)?;
                    for (place, cell) in (1..).zip(alike.cells) {
                        statement.raw_bind_parameter(place, cell).map_err(fault)?;
                    }
                    statement
                }
            };
            for (place, cell) in (alike.cells.len() + 1..).zip(now.iter().flatten()) {
                match date_of(cell) {
                    Some(digits) => {
                        let text = ToSqlOutput::Borrowed(ValueRef::Text(&digits));
                        statement.raw_bind_parameter(place, text).map_err(fault)?;
                    }
                    None => statement.raw_bind_parameter(place, cell).map_err(fault)?,
                }
            }
            statement.raw_execute().map_err(fault)?;
            known = Some((count, statement));
        }
        Ok(())
    }
}

/// Texts of the statements that insert many rows, which are long.
#[derive(Default)]
struct Inserts(Vec<Insert>);

struct Insert {
    table: String,
    columns: Vec<String>,
    count: usize,
    sql: String,
}

impl Inserts {
    fn sql(&mut self, table: &str, alike: &[String], columns: &[String], count: usize) -> &str {
        let is_it = |known: &Insert| {
            known.table == table
                && known.count == count
                && known.columns.iter().eq(alike.iter().chain(columns))
        };
        let place = match self.0.iter().position(is_it) {
            Some(place) => place,
            None => {
                if self.0.len() >= STATEMENTS {
                    self.0.clear();
                }
                self.0.push(Insert {
                    table: table.to_owned(),
                    columns: [alike, columns].concat(),
                    count,
                    sql: insert_sql(table, alike, columns, count),
                });
                self.0.len() - 1
            }
        };
        self.0.get(place).map_or("", |known| known.sql.as_str())
    }
}

/// A statement that inserts rows; what they have in common are its first parameters.
fn insert_sql(table: &str, alike: &[String], columns: &[String], count: usize) -> String {
    if alike.is_empty() {
        return values_sql(table, columns, count);
    }
    let same: String = (1..=alike.len()).map(|place| format!("?{place}, ")).collect();
    let row = format!("({same}{})", marks(columns.len()));
    format!(
        "INSERT INTO {} ({}) VALUES {}",
        quote(table),
        [alike, columns].concat().join(", "),
        vec![row; count].join(", ")
    )
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Self::Integer(number) => ToSqlOutput::Owned(SqlValue::Integer(*number)),
            Self::Boolean(truth) => ToSqlOutput::Owned(SqlValue::Integer(i64::from(*truth))),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Date(date) => ToSqlOutput::Owned(SqlValue::Text(date_text(*date))),
            Self::Instant(instant) => ToSqlOutput::Owned(SqlValue::Text(instant_text(*instant))),
        })
    }
}

fn date_text(date: Date) -> String {
    let digits = date_digits(date).and_then(|digits| String::from_utf8(digits.to_vec()).ok());
    digits.unwrap_or_else(|| date.to_string())
}

/// The digits of a date, which need no room of their own.
fn date_of(cell: &Cell) -> Option<[u8; 10]> {
    match cell {
        Cell::Date(date) => date_digits(*date),
        _ => None,
    }
}

fn cell(value: ValueRef<'_>) -> Result<Cell, StoreError> {
    match value {
        ValueRef::Null => Ok(Cell::Null),
        ValueRef::Integer(number) => Ok(Cell::Integer(number)),
        ValueRef::Text(bytes) => String::from_utf8(bytes.to_vec())
            .map(Cell::Text)
            .map_err(|_| StoreError::Damaged("a text is not UTF-8".to_owned())),
        ValueRef::Real(_) | ValueRef::Blob(_) => {
            Err(StoreError::Damaged("a column holds a type the store never writes".to_owned()))
        }
    }
}

impl Connection for SqliteConnection {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn execute(&mut self, sql: &str, cells: &[Cell]) -> Result<u64, StoreError> {
        let mut statement = self.connection.prepare_cached(sql).map_err(fault)?;
        let count = statement.execute(params_from_iter(cells)).map_err(fault)?;
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
    }

    fn insert_rows(
        &mut self,
        table: &str,
        columns: &[String],
        rows: &[Vec<Cell>],
    ) -> Result<(), StoreError> {
        self.insert(table, &Alike { columns: &[], cells: &[] }, columns, rows)
    }

    fn insert_alike(
        &mut self,
        table: &str,
        alike: &Alike<'_>,
        columns: &[String],
        rows: &mut [Vec<Cell>],
    ) -> Result<(), StoreError> {
        self.insert(table, alike, columns, rows)
    }

    fn query(&mut self, sql: &str, cells: &[Cell]) -> Result<Vec<Row>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql).map_err(fault)?;
        let width = statement.column_count();
        let mut rows = statement.query(params_from_iter(cells)).map_err(fault)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().map_err(fault)? {
            let mut line = Vec::with_capacity(width);
            for position in 0..width {
                line.push(cell(row.get_ref(position).map_err(fault)?)?);
            }
            found.push(Row::new(line));
        }
        Ok(found)
    }

    fn expect_rows(&mut self) -> Result<(), StoreError> {
        self.is_roomy = true;
        self.batch(ROOMY)
    }

    fn keep_at_hand(&mut self) -> Result<(), StoreError> {
        // Every page of the table of tables is looked at.
        self.query("SELECT COUNT(*) FROM sqlite_schema", &[]).map(drop)
    }

    fn expect_sorting(&mut self, rows: usize) -> Result<(), StoreError> {
        let is_small = rows.saturating_mul(INDEX_ROW_BYTES) <= ROOMY_BYTES;
        if self.is_roomy && is_small { self.batch(SORTING) } else { Ok(()) }
    }

    fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        self.connection.execute_batch(sql).map_err(fault)
    }

    fn begin_read(&mut self) -> Result<(), StoreError> {
        self.rollback()?;
        self.batch("BEGIN DEFERRED")
    }

    fn begin_write(&mut self) -> Result<(), StoreError> {
        self.rollback()?;
        self.batch("BEGIN IMMEDIATE")
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        self.batch("COMMIT")?;
        // What is durable is done, whatever becomes of the settings.
        let _ = self.end();
        Ok(())
    }

    fn rollback(&mut self) -> Result<(), StoreError> {
        if !self.connection.is_autocommit() {
            self.batch("ROLLBACK")?;
        }
        self.end()
    }

    fn is_usable(&self) -> bool {
        true
    }

    fn columns(&mut self, table: &str) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT name, type FROM pragma_table_info(?) ORDER BY cid";
        let rows = self.query(sql, &[Cell::text(table)])?;
        rows.into_iter().map(|mut row| Ok((row.text()?, row.text()?))).collect()
    }

    fn tables(&mut self) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
        self.query(sql, &[])?.into_iter().map(|mut row| row.text()).collect()
    }
}

/// Keeps table, column and code of a fault. SQLite's own texts name no stored values.
#[expect(clippy::needless_pass_by_value, reason = "handed to map_err as it is")]
pub(crate) fn fault(error: rusqlite::Error) -> StoreError {
    match &error {
        rusqlite::Error::SqliteFailure(failure, message) => match failure.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy,
            ErrorCode::DiskFull => StoreError::Disk("full".to_owned()),
            ErrorCode::ReadOnly | ErrorCode::SystemIoFailure | ErrorCode::CannotOpen => {
                StoreError::Disk(format!("{:?} ({})", failure.code, failure.extended_code))
            }
            code => {
                let message = message.as_deref().unwrap_or("no message");
                StoreError::Database(format!("{code:?} ({}): {message}", failure.extended_code))
            }
        },
        other => StoreError::Database(other.to_string()),
    }
}
