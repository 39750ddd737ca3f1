//! PostgreSQL by its wire protocol. Blocking: to be called from threads that may wait.

use super::{Cell, Connection, Dialect, Row};
use crate::error::StoreError;
use crate::row_sql::values_sql;
use bytes::BytesMut;
use jiff::civil::Date;
use postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, Statement};
use std::collections::HashMap;
use taizhang_values::Timestamp;

/// Settings of every session. `synchronous_commit` is pinned because a server may be set up to
/// acknowledge before the disk has it.
const SETTINGS: &str = "
SET synchronous_commit = on;
SET client_min_messages = warning;
SET lock_timeout = '30s';
SET timezone = 'UTC';
SET jit = off;
";

/// Prepared statements kept by a connection; list filters make new texts now and then.
const STATEMENTS: usize = 512;

/// Values in one statement; the protocol counts them in 16 bits.
const PARAMETERS_MAX: usize = 32_767;

/// Rows inserted by one statement.
const ROWS_MAX: usize = 128;

/// Days from 1970-01-01 to 2000-01-01, the zero of PostgreSQL's dates.
const EPOCH_DAYS: i64 = 10_957;

/// Microseconds from 1970-01-01 to 2000-01-01.
const EPOCH_MICROSECONDS: i64 = EPOCH_DAYS * 86_400_000_000;

/// One PostgreSQL session.
pub(crate) struct PostgresConnection {
    /// `None` only while it is being dropped.
    client: Option<Client>,
    statements: HashMap<String, Statement>,
    is_in_transaction: bool,
    /// A statement of this transaction failed: the server would turn COMMIT into ROLLBACK and
    /// report success.
    is_failed: bool,
    /// The server said that it ends the session; the client notices the closed line only later.
    is_lost: bool,
}

impl PostgresConnection {
    /// Connects and applies the settings.
    pub(crate) fn open(url: &str) -> Result<Self, StoreError> {
        let client = super::tls::connect(url)?;
        let mut this = Self {
            client: Some(client),
            statements: HashMap::new(),
            is_in_transaction: false,
            is_failed: false,
            is_lost: false,
        };
        this.batch(SETTINGS)?;
        Ok(this)
    }

    fn client(&mut self) -> Result<&mut Client, StoreError> {
        self.client.as_mut().ok_or_else(|| StoreError::Database("connection closed".to_owned()))
    }

    /// Notes a failed statement and words the fault.
    fn failed(&mut self, error: &postgres::Error) -> StoreError {
        self.is_failed = true;
        self.is_lost |= is_end(error);
        fault(error)
    }

    fn statement(&mut self, sql: &str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let prepared = self.client()?.prepare(&number_placeholders(sql));
        let statement = prepared.map_err(|error| self.failed(&error))?;
        if self.statements.len() >= STATEMENTS {
            self.statements.clear();
        }
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

/// The client owns a small runtime, which must not be dropped on a thread that runs another one.
impl Drop for PostgresConnection {
    fn drop(&mut self) {
        self.statements.clear();
        if let Some(client) = self.client.take() {
            let closer = std::thread::Builder::new().name("store-close".to_owned());
            if let Ok(handle) = closer.spawn(move || drop(client)) {
                // A failed close leaves nothing to do: the server ends the session itself.
                let _ = handle.join();
            }
        }
    }
}

/// `?` becomes `$1`, `$2` …; our SQL never has a question mark in a literal.
fn number_placeholders(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len() + 16);
    let mut number = 0;
    for character in sql.chars() {
        if character == '?' {
            number += 1;
            text.push_str(&format!("${number}"));
        } else {
            text.push(character);
        }
    }
    text
}

impl ToSql for Cell {
    fn to_sql(
        &self,
        column: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Integer(number) if *column == Type::INT4 => {
                i32::try_from(*number)?.to_sql(column, out)
            }
            Self::Integer(number) => number.to_sql(column, out),
            Self::Boolean(truth) => truth.to_sql(column, out),
            Self::Text(text) => text.as_str().to_sql(column, out),
            Self::Date(date) => days(*date)?.to_sql(&Type::INT4, out),
            Self::Instant(instant) => {
                instant.as_microsecond().saturating_sub(EPOCH_MICROSECONDS).to_sql(&Type::INT8, out)
            }
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn days(date: Date) -> Result<i32, Box<dyn std::error::Error + Sync + Send>> {
    let zero = jiff::civil::date(2000, 1, 1);
    Ok(date.since((jiff::Unit::Day, zero))?.get_days())
}

/// A cell as the server sends it, by the type of its column.
struct Received(Cell);

impl<'a> FromSql<'a> for Received {
    fn from_sql(
        column: &Type,
        raw: &'a [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        let cell = match *column {
            Type::BOOL => Cell::Boolean(bool::from_sql(column, raw)?),
            Type::INT8 => Cell::Integer(i64::from_sql(column, raw)?),
            Type::INT4 => Cell::Integer(i64::from(i32::from_sql(column, raw)?)),
            Type::DATE => {
                let count = i64::from(i32::from_sql(&Type::INT4, raw)?);
                let zero = jiff::civil::date(2000, 1, 1);
                Cell::Date(zero.checked_add(jiff::Span::new().try_days(count)?)?)
            }
            Type::TIMESTAMPTZ => {
                let count = i64::from_sql(&Type::INT8, raw)?;
                Cell::Instant(Timestamp::from_microsecond(
                    count.saturating_add(EPOCH_MICROSECONDS),
                )?)
            }
            _ => Cell::Text(String::from_sql(&Type::TEXT, raw)?),
        };
        Ok(Self(cell))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(Cell::Null))
    }

    fn accepts(column: &Type) -> bool {
        [Type::BOOL, Type::INT8, Type::INT4, Type::DATE, Type::TIMESTAMPTZ].contains(column)
            || <String as FromSql>::accepts(column)
    }
}

impl Connection for PostgresConnection {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn execute(&mut self, sql: &str, cells: &[Cell]) -> Result<u64, StoreError> {
        let statement = self.statement(sql)?;
        let values: Vec<&(dyn ToSql + Sync)> = cells.iter().map(|cell| cell as _).collect();
        let result = self.client()?.execute(&statement, &values);
        result.map_err(|error| self.failed(&error))
    }

    fn insert_rows(
        &mut self,
        table: &str,
        columns: &[String],
        mut rows: &[Vec<Cell>],
    ) -> Result<(), StoreError> {
        // Each statement is a way to the server and back, so it carries many rows; powers of two,
        // so that there are few statements.
        let most = (PARAMETERS_MAX / columns.len().max(1)).clamp(1, ROWS_MAX);
        while !rows.is_empty() {
            let count = rows.len().min(most);
            let count = if count.is_power_of_two() { count } else { count.next_power_of_two() / 2 };
            let (now, later) = rows.split_at(count);
            let statement = self.statement(&values_sql(table, columns, count))?;
            let values: Vec<&(dyn ToSql + Sync)> =
                now.iter().flatten().map(|cell| cell as _).collect();
            let result = self.client()?.execute(&statement, &values);
            result.map_err(|error| self.failed(&error))?;
            rows = later;
        }
        Ok(())
    }

    fn query(&mut self, sql: &str, cells: &[Cell]) -> Result<Vec<Row>, StoreError> {
        let statement = self.statement(sql)?;
        let values: Vec<&(dyn ToSql + Sync)> = cells.iter().map(|cell| cell as _).collect();
        let result = self.client()?.query(&statement, &values);
        let rows = result.map_err(|error| self.failed(&error))?;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let mut line = Vec::with_capacity(row.len());
            for position in 0..row.len() {
                let received: Received = row.try_get(position).map_err(|error| fault(&error))?;
                line.push(received.0);
            }
            found.push(Row::new(line));
        }
        Ok(found)
    }

    fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        let result = self.client()?.batch_execute(sql);
        result.map_err(|error| self.failed(&error))
    }

    fn begin_read(&mut self) -> Result<(), StoreError> {
        self.rollback()?;
        self.batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        self.is_in_transaction = true;
        Ok(())
    }

    /// Writers queue on the row of the audit head, so READ COMMITTED sees all that was committed
    /// before: no rule rests on an isolation level.
    fn begin_write(&mut self) -> Result<(), StoreError> {
        self.rollback()?;
        self.batch("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")?;
        self.is_in_transaction = true;
        Ok(())
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        if self.is_failed {
            return Err(StoreError::Database("a statement of this transaction failed".to_owned()));
        }
        self.batch("COMMIT")?;
        self.is_in_transaction = false;
        Ok(())
    }

    fn rollback(&mut self) -> Result<(), StoreError> {
        if self.is_in_transaction {
            self.batch("ROLLBACK")?;
            self.is_in_transaction = false;
        }
        self.is_failed = false;
        Ok(())
    }

    fn is_usable(&self) -> bool {
        !self.is_lost && self.client.as_ref().is_some_and(|client| !client.is_closed())
    }

    fn columns(&mut self, table: &str) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT column_name::text, data_type::text FROM information_schema.columns \
                   WHERE table_schema = current_schema() AND table_name = ? \
                   ORDER BY ordinal_position";
        let rows = self.query(sql, &[Cell::text(table)])?;
        rows.into_iter().map(|mut row| Ok((row.text()?, row.text()?))).collect()
    }

    fn tables(&mut self) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT table_name::text FROM information_schema.tables \
                   WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' \
                   ORDER BY table_name";
        self.query(sql, &[])?.into_iter().map(|mut row| row.text()).collect()
    }
}

/// True if no further word on this connection will be answered: classes 08 (connection) and 57P
/// (server going down), and everything that is no answer of the server at all.
fn is_end(error: &postgres::Error) -> bool {
    match error.code() {
        Some(code) => code.code().starts_with("08") || code.code().starts_with("57P"),
        None => {
            error.is_closed()
                || std::error::Error::source(error).is_some_and(|s| s.is::<std::io::Error>())
        }
    }
}

/// Keeps code, constraint and primary message; the server's detail line names stored values and
/// is left out.
pub(super) fn fault(error: &postgres::Error) -> StoreError {
    match error.as_db_error() {
        Some(db) if db.code().code() == "55P03" || db.code().code() == "40P01" => StoreError::Busy,
        Some(db) => StoreError::Database(format!(
            "{}: {} (constraint {})",
            db.code().code(),
            db.message(),
            db.constraint().unwrap_or("none")
        )),
        None => StoreError::Database(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::number_placeholders;

    #[test]
    fn placeholders_are_numbered_in_order() {
        assert_eq!(number_placeholders("a = ? AND b IN (?, ?)"), "a = $1 AND b IN ($2, $3)");
    }
}
