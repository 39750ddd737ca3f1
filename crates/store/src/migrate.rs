//! Creating tables and growing them: additions only, in one transaction.

use crate::driver::{Cell, ColumnType, Connection, Dialect, quote};
use crate::error::StoreError;
use crate::schema::{FieldColumn, Index, LinkTable, Schema, Table, bounded};
use crate::search;
use crate::shape;
use std::collections::{BTreeMap, BTreeSet};
use taizhang_codebook::Codebook;

use ColumnType::{Instant, Integer, Text};

/// A table of the store itself: name, columns (`!` marks NOT NULL), key, further indexes.
type OwnTable =
    (&'static str, &'static [(&'static str, ColumnType)], &'static str, &'static [&'static str]);

/// The store's own tables. Their columns only ever grow at the end.
pub(crate) const OWN_TABLES: [OwnTable; 10] = [
    (
        "store_column",
        &[("table_name", Text), ("column_name", Text), ("kind", Text)],
        "table_name, column_name",
        &[],
    ),
    (
        "store_head",
        &[("one", Integer), ("sequence", Integer), ("hash", Text), ("mac", Text)],
        "one",
        &[],
    ),
    (
        "store_audit",
        &[
            ("sequence", Integer),
            ("at", Instant),
            ("actor", Text),
            ("verb", Text),
            ("object", Text),
            ("version", Integer),
            ("reason", Text),
            ("source", Text),
            ("detail", Text),
            ("commitments", Text),
            ("previous", Text),
            ("hash", Text),
            ("mac", Text),
        ],
        "sequence",
        &["object, sequence", "actor, sequence", "verb, sequence"],
    ),
    ("store_search", &[("ledger", Text), ("fields", Text)], "ledger", &[]),
    ("store_setting", &[("name", Text), ("value", Text), ("updated_at", Instant)], "name", &[]),
    (
        "store_credential",
        &[("user_id", Text), ("hash", Text), ("updated_at", Instant)],
        "user_id",
        &[],
    ),
    (
        "store_session",
        &[
            ("token_hash", Text),
            ("user_id", Text),
            ("created_at", Instant),
            ("touched_at", Instant),
            ("source", Text),
            ("data", Text),
        ],
        "token_hash",
        &["user_id"],
    ),
    (
        "store_failure",
        &[("failure_key", Text), ("at", Instant), ("number", Integer)],
        "failure_key, at, number",
        &["at"],
    ),
    (
        "store_idempotency",
        &[
            ("request_key", Text),
            ("user_id", Text),
            ("body_hash", Text),
            ("answer", Text),
            ("at", Instant),
        ],
        "user_id, request_key",
        &["at"],
    ),
    (
        "store_job",
        &[
            ("id", Text),
            ("kind", Text),
            ("payload", Text),
            ("run_at", Instant),
            ("unique_key", Text),
            ("state", Text),
            ("lease_until", Instant),
            ("attempts", Integer),
            ("done", Integer),
            ("total", Integer),
            ("message", Text),
            ("created_at", Instant),
            ("finished_at", Instant),
            ("owner", Text),
        ],
        "id",
        &["state, run_at, id", "unique_key, state", "owner, id"],
    ),
];

/// How full PostgreSQL makes the pages of a ledger's new rows.
const FILL_PERCENT: u8 = 85;

/// The refusal that history and audit tables answer with.
const APPEND_ONLY: &str = "rows of this table are never changed";

/// Brings the database up to the codebook and hands back the tables in use.
///
/// # Errors
/// [`StoreError::Schema`] if a field changed its type: that needs a mapping, not an addition.
pub(crate) fn migrate(
    connection: &mut dyn Connection,
    codebook: &Codebook,
) -> Result<Schema, StoreError> {
    if let Some(schema) = made_before(connection, codebook)? {
        return Ok(schema);
    }
    connection.begin_write()?;
    let result = create(connection, codebook).and_then(|schema| {
        if connection.dialect() == Dialect::Postgres {
            for table in schema.tables.values() {
                foreign_keys(connection, &schema, table)?;
            }
        }
        shape::note(connection, &schema)?;
        Ok(schema)
    });
    match result {
        Ok(schema) => {
            connection.commit()?;
            Ok(schema)
        }
        Err(error) => {
            connection.rollback()?;
            Err(error)
        }
    }
}

/// The tables, if this database already has them all.
fn made_before(
    connection: &mut dyn Connection,
    codebook: &Codebook,
) -> Result<Option<Schema>, StoreError> {
    connection.begin_read()?;
    let result = find_made(connection, codebook);
    connection.rollback()?;
    result
}

fn find_made(
    connection: &mut dyn Connection,
    codebook: &Codebook,
) -> Result<Option<Schema>, StoreError> {
    let existing: BTreeSet<String> = connection.tables()?.into_iter().collect();
    if !["store_setting", "store_column", "store_head"].iter().all(|name| existing.contains(*name))
    {
        return Ok(None);
    }
    let mut schema = Schema::derive(codebook, &existing)?;
    let known = known_columns(connection)?;
    for table in schema.tables.values_mut() {
        find_retired(table, &known);
    }
    if !shape::fits(connection, &schema)? {
        return Ok(None);
    }
    Ok(Some(schema))
}

/// Notes the columns of fields that left the codebook.
fn find_retired(table: &mut Table, known: &BTreeMap<(String, String), String>) {
    let columns = known.keys().filter(|(ledger, _)| *ledger == table.ledger);
    let retired: Vec<_> = columns.filter(|(_, column)| table.field(column).is_err()).collect();
    let kind =
        |place: &&(String, String)| column_type(known.get(*place).map_or("", String::as_str));
    table.retired_types = retired.iter().map(kind).collect();
    table.retired = retired.into_iter().map(|(_, column)| column.clone()).collect();
}

/// The tables without PostgreSQL's references, inside the caller's transaction: a restore fills
/// them in any order first.
pub(crate) fn create(
    connection: &mut dyn Connection,
    codebook: &Codebook,
) -> Result<Schema, StoreError> {
    let dialect = connection.dialect();
    if dialect == Dialect::Postgres {
        // Two servers may start at once; the number is arbitrary but fixed.
        connection.batch("SELECT pg_advisory_xact_lock(7204183621)")?;
    }
    let existing: BTreeSet<String> = connection.tables()?.into_iter().collect();
    if dialect == Dialect::Postgres && existing.contains("store_head") {
        // Asking for an index locks its table even if the index is there. Writers of a running
        // server queue on the head; a second program that starts queues too, or both would wait
        // for each other's tables.
        connection.query("SELECT \"sequence\" FROM store_head FOR UPDATE", &[])?;
    }
    let mut schema = Schema::derive(codebook, &existing)?;
    if dialect == Dialect::Postgres {
        connection.batch(&format!(
            "CREATE OR REPLACE FUNCTION store_append_only() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION '{APPEND_ONLY}'; END $$"
        ))?;
    }
    for table in &OWN_TABLES {
        own_table(connection, table, &existing)?;
    }
    let known = known_columns(connection)?;
    for table in schema.tables.values_mut() {
        find_retired(table, &known);
        ledger_table(connection, table, &existing, &known)?;
    }
    for link in &schema.links {
        link_table(connection, link, &existing)?;
    }
    connection.execute(
        "INSERT INTO store_head (\"one\", \"sequence\", \"hash\", \"mac\") \
         SELECT 1, 0, '', '' WHERE NOT EXISTS (SELECT 1 FROM store_head)",
        &[],
    )?;
    Ok(schema)
}

fn own_table(
    connection: &mut dyn Connection,
    (name, columns, key, indexes): &OwnTable,
    existing: &BTreeSet<String>,
) -> Result<(), StoreError> {
    let dialect = connection.dialect();
    if existing.contains(*name) {
        let there: BTreeSet<String> =
            connection.columns(name)?.into_iter().map(|(column, _)| column).collect();
        for (column, kind) in columns.iter().filter(|(column, _)| !there.contains(*column)) {
            add_column(connection, name, column, kind.sql(dialect))?;
        }
    } else {
        let columns: Vec<String> = columns
            .iter()
            .map(|(column, kind)| format!("{} {}", quote(column), kind.sql(dialect)))
            .collect();
        create_table(connection, name, &columns, key)?;
    }
    for index in *indexes {
        let title = bounded(&format!("{name}__{}", index.replace(", ", "__")));
        connection.batch(&format!(
            "CREATE INDEX IF NOT EXISTS {} ON {} ({index})",
            quote(&title),
            quote(name)
        ))?;
    }
    if *name == "store_audit" { append_only(connection, name) } else { Ok(()) }
}

fn create_table(
    connection: &mut dyn Connection,
    name: &str,
    columns: &[String],
    key: &str,
) -> Result<(), StoreError> {
    // STRICT makes SQLite keep to the column types as PostgreSQL does.
    let strict = match connection.dialect() {
        Dialect::Sqlite => " STRICT",
        Dialect::Postgres => "",
    };
    connection.batch(&format!(
        "CREATE TABLE {} ({}, PRIMARY KEY ({key})){strict}",
        quote(name),
        columns.join(", ")
    ))
}

fn add_column(
    connection: &mut dyn Connection,
    table: &str,
    column: &str,
    definition: &str,
) -> Result<(), StoreError> {
    connection.batch(&format!(
        "ALTER TABLE {} ADD COLUMN {} {definition}",
        quote(table),
        quote(column)
    ))
}

/// Kinds of the columns that were made before, by table and column.
fn known_columns(
    connection: &mut dyn Connection,
) -> Result<BTreeMap<(String, String), String>, StoreError> {
    let sql = "SELECT \"table_name\", \"column_name\", \"kind\" FROM store_column";
    let rows = connection.query(sql, &[])?;
    rows.into_iter().map(|mut row| Ok(((row.text()?, row.text()?), row.text()?))).collect()
}

/// What must not change about a field's column once it holds values.
fn kind(field: &FieldColumn) -> String {
    let inside = format!("{:?}", field.field_type.value_kind()).to_lowercase();
    let sealed = if field.sensitive.is_some() { " sealed" } else { "" };
    format!("{inside}{sealed}")
}

/// The type of the column of a [`kind`].
fn column_type(kind: &str) -> ColumnType {
    match kind {
        "integer" | "money" | "decimal" => Integer,
        "boolean" => ColumnType::Boolean,
        "date" => ColumnType::Date,
        "instant" => Instant,
        _ => Text,
    }
}

fn ledger_table(
    connection: &mut dyn Connection,
    table: &Table,
    existing: &BTreeSet<String>,
    known: &BTreeMap<(String, String), String>,
) -> Result<(), StoreError> {
    check_kinds(table, known)?;
    let dialect = connection.dialect();
    let history = table.history();
    let references: BTreeMap<&str, &str> = table
        .fields
        .iter()
        .filter_map(|field| Some((field.name.as_str(), field.reference.as_deref()?)))
        .collect();
    let definition = |name: &str, kind: ColumnType, is_main: bool| {
        let base = kind.sql(dialect);
        match references.get(name) {
            Some(ledger) if is_main && dialect == Dialect::Sqlite => {
                format!("{base} REFERENCES {} (\"id\")", quote(ledger))
            }
            _ => base.to_owned(),
        }
    };
    for (name, columns, key, is_main) in [
        (table.ledger.clone(), table.columns(), "\"id\"", true),
        (history.clone(), table.history_columns(), "\"id\", \"version\"", false),
    ] {
        if existing.contains(&name) {
            let there: BTreeSet<String> =
                connection.columns(&name)?.into_iter().map(|(column, _)| column).collect();
            for (column, kind) in columns.iter().filter(|(column, _)| !there.contains(column)) {
                add_column(connection, &name, column, &definition(column, *kind, is_main))?;
            }
        } else {
            let columns: Vec<String> = columns
                .iter()
                .map(|(column, kind)| {
                    format!("{} {}", quote(column), definition(column, *kind, is_main))
                })
                .collect();
            create_table(connection, &name, &columns, key)?;
        }
    }
    for index in table.former_indexes() {
        connection.batch(&format!("DROP INDEX IF EXISTS {}", quote(&index.name)))?;
    }
    for index in table.indexes() {
        create_index(connection, &table.ledger, &index)?;
    }
    if dialect == Dialect::Postgres {
        // Room for a changed row beside the old one (`Table::is_listed_by_change`).
        connection.batch(&format!(
            "ALTER TABLE {} SET (fillfactor = {FILL_PERCENT})",
            quote(&table.ledger)
        ))?;
    }
    for column in ["act_sequence", "act_at"] {
        let title = bounded(&format!("{history}__{column}"));
        connection.batch(&format!(
            "CREATE INDEX IF NOT EXISTS {} ON {} ({})",
            quote(&title),
            quote(&history),
            quote(column)
        ))?;
    }
    append_only(connection, &history)?;
    search::create(connection, table)?;
    note_kinds(connection, table, known)
}

fn check_kinds(
    table: &Table,
    known: &BTreeMap<(String, String), String>,
) -> Result<(), StoreError> {
    for field in &table.fields {
        let place = (table.ledger.clone(), field.name.clone());
        if let Some(before) = known.get(&place).filter(|before| **before != kind(field)) {
            return Err(StoreError::Schema(format!(
                "field `{}.{}` holds {before} and the codebook now says {}; \
                 add a new field instead",
                table.ledger,
                field.name,
                kind(field)
            )));
        }
    }
    Ok(())
}

fn note_kinds(
    connection: &mut dyn Connection,
    table: &Table,
    known: &BTreeMap<(String, String), String>,
) -> Result<(), StoreError> {
    for field in &table.fields {
        if !known.contains_key(&(table.ledger.clone(), field.name.clone())) {
            connection.execute(
                "INSERT INTO store_column (\"table_name\", \"column_name\", \"kind\") \
                 VALUES (?, ?, ?)",
                &[Cell::text(&table.ledger), Cell::text(&field.name), Cell::Text(kind(field))],
            )?;
        }
    }
    Ok(())
}

/// Makes an index over the live records of a table.
pub(crate) fn create_index(
    connection: &mut dyn Connection,
    table: &str,
    index: &Index,
) -> Result<(), StoreError> {
    let unique = if index.is_unique { "UNIQUE " } else { "" };
    let columns: Vec<String> = index.columns.iter().map(|column| quote(column)).collect();
    connection.batch(&format!(
        "CREATE {unique}INDEX IF NOT EXISTS {} ON {} ({}) WHERE \"deleted_at\" IS NULL",
        quote(&index.name),
        quote(table),
        columns.join(", ")
    ))
}

fn link_table(
    connection: &mut dyn Connection,
    link: &LinkTable,
    existing: &BTreeSet<String>,
) -> Result<(), StoreError> {
    let dialect = connection.dialect();
    if !existing.contains(&link.table) {
        let end = |column: &str, ledger: &str| {
            let kind = Text.sql(dialect);
            format!("{} {kind} NOT NULL REFERENCES {} (\"id\")", quote(column), quote(ledger))
        };
        let columns = [
            end("from_id", &link.from),
            end("to_id", &link.to),
            format!("\"sequence\" {}", Integer.sql(dialect)),
        ];
        create_table(connection, &link.table, &columns, "\"from_id\", \"to_id\"")?;
    }
    connection.batch(&format!(
        "CREATE INDEX IF NOT EXISTS {} ON {} (\"to_id\", \"from_id\")",
        quote(&bounded(&format!("{}__to", link.table))),
        quote(&link.table)
    ))
}

/// Refuses changes and removals; also for people with a shell, until they take the trigger away.
fn append_only(connection: &mut dyn Connection, table: &str) -> Result<(), StoreError> {
    let sql = match connection.dialect() {
        Dialect::Sqlite => ["UPDATE", "DELETE"]
            .map(|verb| {
                format!(
                    "CREATE TRIGGER IF NOT EXISTS {} BEFORE {verb} ON {} \
                     BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY}'); END;",
                    quote(&format!("{table}__no_{}", verb.to_lowercase())),
                    quote(table)
                )
            })
            .concat(),
        Dialect::Postgres => format!(
            "CREATE OR REPLACE TRIGGER {} BEFORE UPDATE OR DELETE OR TRUNCATE ON {} \
             FOR EACH STATEMENT EXECUTE FUNCTION store_append_only();",
            quote(&bounded(&format!("{table}__append_only"))),
            quote(table)
        ),
    };
    connection.batch(&sql)
}

/// References in PostgreSQL are added when all tables are there, because ledgers refer in circles.
fn foreign_keys(
    connection: &mut dyn Connection,
    schema: &Schema,
    table: &Table,
) -> Result<(), StoreError> {
    for field in &table.fields {
        let Some(ledger) =
            field.reference.as_ref().filter(|name| schema.tables.contains_key(*name))
        else {
            continue;
        };
        let name = bounded(&format!("{}__{}__reference", table.ledger, field.name));
        let there = connection.query(
            "SELECT 1 FROM pg_constraint WHERE conname = ? \
             AND connamespace = current_schema()::regnamespace",
            &[Cell::text(&name)],
        )?;
        if there.is_empty() {
            connection.batch(&format!(
                "ALTER TABLE {} ADD CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} (\"id\")",
                quote(&table.ledger),
                quote(&name),
                quote(&field.name),
                quote(ledger)
            ))?;
        }
    }
    Ok(())
}
