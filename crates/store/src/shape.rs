//! A mark of what was made for which codebook, so that opening a database that already fits asks
//! two questions instead of some thousand.

use crate::driver::{Cell, Connection, Dialect};
use crate::error::StoreError;
use crate::hash::sha256_hex;
use crate::migrate::OWN_TABLES;
use crate::schema::Schema;

/// Setting that holds the mark.
const NAME: &str = "store.shape";

/// To be raised whenever other statements are made for the same schema.
const EDITION: u32 = 2;

/// True if all tables, indexes and triggers of this schema were made here, and none is gone since.
pub(crate) fn fits(connection: &mut dyn Connection, schema: &Schema) -> Result<bool, StoreError> {
    let sql = "SELECT \"value\" FROM store_setting WHERE \"name\" = ?";
    let Some(mut row) = connection.query_one(sql, &[Cell::text(NAME)])? else {
        return Ok(false);
    };
    Ok(row.text()? == mark(connection, schema)?)
}

/// Notes that everything of this schema is made.
pub(crate) fn note(connection: &mut dyn Connection, schema: &Schema) -> Result<(), StoreError> {
    let mark = mark(connection, schema)?;
    let sql = "UPDATE store_setting SET \"value\" = ? WHERE \"name\" = ?";
    let cells = [Cell::Text(mark), Cell::text(NAME)];
    if connection.execute(sql, &cells)? == 0 {
        let sql = "INSERT INTO store_setting (\"value\", \"name\") VALUES (?, ?)";
        connection.execute(sql, &cells)?;
    }
    Ok(())
}

/// Fingerprint of the definitions, and the number of things in the database that came of them.
fn mark(connection: &mut dyn Connection, schema: &Schema) -> Result<String, StoreError> {
    let dialect = connection.dialect();
    let definitions = format!("{EDITION} {dialect:?} {OWN_TABLES:?} {schema:?}");
    let sql = match dialect {
        Dialect::Sqlite => "SELECT COUNT(*) FROM sqlite_schema",
        Dialect::Postgres => {
            "SELECT (SELECT COUNT(*) FROM pg_class WHERE relkind IN ('r', 'i') \
             AND relnamespace = current_schema()::regnamespace) \
             + (SELECT COUNT(*) FROM pg_constraint WHERE contype = 'f' \
             AND connamespace = current_schema()::regnamespace) \
             + (SELECT COUNT(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid \
             WHERE NOT t.tgisinternal AND t.tgenabled = 'O' \
             AND c.relnamespace = current_schema()::regnamespace)"
        }
    };
    let count = match connection.query_one(sql, &[])? {
        Some(mut row) => row.integer()?,
        None => 0,
    };
    Ok(format!("{} {count}", sha256_hex(definitions.as_bytes())))
}
