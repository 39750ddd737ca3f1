//! Statements that write whole rows, and the cells in their order.

use crate::codec::Stored;
use crate::driver::{Cell, quote};
use crate::reader::marks;
use crate::schema::{ACT_COLUMNS, BUILT_IN, HISTORY_BUILT_IN, Table};

/// Fields with a hash column: their place and that column's name.
pub(crate) fn hash_columns(table: &Table) -> impl Iterator<Item = (usize, &String)> {
    let fields = table.fields.iter().enumerate();
    fields.filter_map(|(place, field)| Some((place, field.hash_column.as_ref()?)))
}

pub(crate) fn row_cells(stored: &Stored) -> Vec<Cell> {
    let mut cells = vec![
        Cell::text(stored.id.as_str()),
        Cell::Integer(stored.version),
        Cell::optional(stored.region.as_deref()),
        Cell::optional(stored.state.as_deref()),
        stored.flow_edition.map_or(Cell::Null, Cell::Integer),
        Cell::Instant(stored.created_at),
        Cell::optional(stored.created_by.as_deref()),
        Cell::Instant(stored.updated_at),
        Cell::optional(stored.updated_by.as_deref()),
        Cell::Null,
    ];
    cells.extend(stored.cells.iter().cloned());
    cells
}

pub(crate) fn insert_sql(table: &Table) -> String {
    values_sql(&table.ledger, &insert_columns(table), 1)
}

/// Columns of a new row: those of the store, the fields, the hashes.
pub(crate) fn insert_columns(table: &Table) -> Vec<String> {
    let built_in = BUILT_IN.iter().map(|(name, _)| *name);
    let fields = table.fields.iter().map(|field| field.name.as_str());
    let hashes = hash_columns(table).map(|(_, name)| name.as_str());
    built_in.chain(fields).chain(hashes).map(quote).collect()
}

/// Columns of a history row, without those of fields that left the codebook.
pub(crate) fn history_columns(table: &Table) -> Vec<String> {
    let built_in = HISTORY_BUILT_IN.iter().map(|(name, _)| *name);
    let fields = table.fields.iter().map(|field| field.name.as_str());
    built_in.chain(fields).map(quote).collect()
}

/// SQLite's own number of the last row of a ledger.
pub(crate) fn last_row_sql(table: &Table) -> String {
    format!("SELECT COALESCE(MAX(_rowid_), 0) FROM {}", quote(&table.ledger))
}

/// The history rows of rows that stand in the ledger of a SQLite database already, as the last
/// ones: after the columns that tell of the act, the number of the row before them. A fault ends
/// the transaction: SQLite need not keep what takes this statement alone back.
pub(crate) fn history_of_rows_sql(table: &Table) -> String {
    let columns = history_columns(table);
    let own = columns.get(ACT_COLUMNS..).unwrap_or_default();
    format!(
        "INSERT OR FAIL INTO {} ({}) SELECT {}, {} FROM {} WHERE _rowid_ > ? ORDER BY _rowid_",
        quote(&table.history()),
        columns.join(", "),
        marks(ACT_COLUMNS),
        own.join(", "),
        quote(&table.ledger)
    )
}

pub(crate) fn history_sql(table: &Table) -> String {
    let mut columns = history_columns(table);
    let count = columns.len();
    columns.extend(table.retired.iter().map(|name| quote(name)));
    let kept = table.retired.iter().map(|name| {
        format!(", (SELECT {} FROM {} WHERE \"id\" = ?)", quote(name), quote(&table.ledger))
    });
    format!(
        "INSERT INTO {} ({}) VALUES ({}{})",
        quote(&table.history()),
        columns.join(", "),
        marks(count),
        kept.collect::<String>()
    )
}

/// A statement that inserts a number of rows.
pub(crate) fn values_sql(table: &str, columns: &[String], count: usize) -> String {
    let row = format!("({})", marks(columns.len()));
    format!(
        "INSERT INTO {} ({}) VALUES {}",
        quote(table),
        columns.join(", "),
        vec![row; count].join(", ")
    )
}
