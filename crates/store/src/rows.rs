//! Rows of a table as lines of JSON, for backups of databases that are not a file.

use crate::driver::{Cell, ColumnType, Connection, Dialect, quote};
use crate::error::StoreError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

/// Rows fetched at a time.
const CHUNK: usize = 1000;

/// The first line of a table's file.
#[derive(Serialize, Deserialize)]
struct Head {
    table: String,
    /// Name and type of each column.
    columns: Vec<(String, String)>,
}

/// Writes all rows of a table. The connection stands in a reading transaction.
pub(crate) fn dump(
    connection: &mut dyn Connection,
    table: &str,
    path: &Path,
) -> Result<(), StoreError> {
    let columns = connection.columns(table)?;
    let kinds: Vec<ColumnType> =
        columns.iter().map(|(_, kind)| column_type(kind)).collect::<Result<_, _>>()?;
    let mut out = BufWriter::new(File::create_new(path)?);
    let names: Vec<String> = columns.iter().map(|(name, _)| quote(name)).collect();
    let typed = columns.iter().zip(&kinds);
    let head = Head {
        table: table.to_owned(),
        columns: typed.map(|((name, _), kind)| (name.clone(), kind.word().to_owned())).collect(),
    };
    write_line(&mut out, &head)?;
    // A cursor of its own name each, because prepared statements remember their columns.
    let cursor = quote(&format!("dump_{table}"));
    connection.batch(&format!(
        "DECLARE {cursor} NO SCROLL CURSOR FOR SELECT {} FROM {}",
        names.join(", "),
        quote(table)
    ))?;
    loop {
        let rows = connection.query(&format!("FETCH {CHUNK} FROM {cursor}"), &[])?;
        if rows.is_empty() {
            break;
        }
        for mut row in rows {
            let line: Vec<serde_json::Value> = kinds
                .iter()
                .map(|kind| Ok(json(row.next_as(*kind)?)))
                .collect::<Result<_, StoreError>>()?;
            write_line(&mut out, &line)?;
        }
    }
    connection.batch(&format!("CLOSE {cursor}"))?;
    out.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
    Ok(())
}

fn write_line(out: &mut BufWriter<File>, line: &impl Serialize) -> Result<(), StoreError> {
    serde_json::to_writer(&mut *out, line)
        .map_err(|_| StoreError::Damaged("a row cannot be written".to_owned()))?;
    out.write_all(b"\n")?;
    Ok(())
}

fn json(cell: Cell) -> serde_json::Value {
    match cell {
        Cell::Null => serde_json::Value::Null,
        Cell::Integer(number) => number.into(),
        Cell::Boolean(truth) => truth.into(),
        Cell::Text(text) => text.into(),
        Cell::Date(date) => date.to_string().into(),
        Cell::Instant(instant) => instant.to_string().into(),
    }
}

/// Reads all rows of a file into its table. Tables and columns that the codebook no longer names
/// are made as they were.
pub(crate) fn load(connection: &mut dyn Connection, path: &Path) -> Result<(), StoreError> {
    let damaged = || StoreError::BackupDamaged("a row cannot be read".to_owned());
    let mut lines = BufReader::new(File::open(path)?).lines();
    let first = lines.next().ok_or_else(damaged)??;
    let head: Head = serde_json::from_str(&first).map_err(|_| damaged())?;
    let mut kinds = Vec::new();
    for (name, kind) in &head.columns {
        let is_plain =
            |name: &str| name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        if !is_plain(name) || !is_plain(&head.table) {
            return Err(damaged());
        }
        kinds.push(ColumnType::from_word(kind).ok_or_else(damaged)?);
    }
    grow(connection, &head, &kinds)?;
    let names: Vec<String> = head.columns.iter().map(|(name, _)| quote(name)).collect();
    let sql = format!(
        "INSERT INTO {} ({}) VALUES ({})",
        quote(&head.table),
        names.join(", "),
        crate::reader::marks(names.len())
    );
    for line in lines {
        let row: Vec<serde_json::Value> = serde_json::from_str(&line?).map_err(|_| damaged())?;
        if row.len() != kinds.len() {
            return Err(damaged());
        }
        let cells: Vec<Cell> = row
            .into_iter()
            .zip(&kinds)
            .map(|(value, kind)| cell(value).ok_or_else(damaged)?.into_type(*kind))
            .collect::<Result<_, _>>()?;
        connection.execute(&sql, &cells)?;
    }
    Ok(())
}

fn grow(
    connection: &mut dyn Connection,
    head: &Head,
    kinds: &[ColumnType],
) -> Result<(), StoreError> {
    let there: BTreeSet<String> =
        connection.columns(&head.table)?.into_iter().map(|(name, _)| name).collect();
    let typed = head.columns.iter().zip(kinds);
    let definition =
        |name: &str, kind: ColumnType| format!("{} {}", quote(name), kind.sql(Dialect::Postgres));
    if there.is_empty() {
        let columns: Vec<String> = typed.map(|((name, _), kind)| definition(name, *kind)).collect();
        let sql = format!("CREATE TABLE {} ({})", quote(&head.table), columns.join(", "));
        return connection.batch(&sql);
    }
    for ((name, _), kind) in typed.filter(|((name, _), _)| !there.contains(name)) {
        let column = definition(name, *kind);
        connection.batch(&format!("ALTER TABLE {} ADD COLUMN {column}", quote(&head.table)))?;
    }
    Ok(())
}

fn cell(value: serde_json::Value) -> Option<Cell> {
    Some(match value {
        serde_json::Value::Null => Cell::Null,
        serde_json::Value::Bool(truth) => Cell::Boolean(truth),
        serde_json::Value::Number(number) => Cell::Integer(number.as_i64()?),
        serde_json::Value::String(text) => Cell::Text(text),
        _ => return None,
    })
}

/// The type of a column by the server's word for it.
fn column_type(word: &str) -> Result<ColumnType, StoreError> {
    Ok(match word {
        "bigint" | "integer" => ColumnType::Integer,
        "boolean" => ColumnType::Boolean,
        "date" => ColumnType::Date,
        "timestamp with time zone" => ColumnType::Instant,
        "text" => ColumnType::Text,
        other => return Err(StoreError::Database(format!("column type `{other}` is not ours"))),
    })
}
