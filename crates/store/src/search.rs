//! Text search by an index of character pairs: which records may hold a text at all.
//!
//! Chinese has no spaces, so every pair of neighbouring characters of a searched field is a term.
//! A record that holds the text holds all its pairs; the reverse is checked on the row itself by
//! the filter, so that a search with the index finds exactly what one without it finds. A word
//! list would be smaller and would miss what it does not know.
//!
//! SQLite has an FTS5 table beside the ledger's, kept by the writer; PostgreSQL has a GIN index
//! over a function of the columns and keeps it itself. Sealed fields are in neither.

use crate::driver::{Cell, Connection, Dialect, quote};
use crate::error::StoreError;
use crate::query::Filter;
use crate::schema::{Table, bounded};
use std::collections::{BTreeMap, BTreeSet};
use taizhang_values::RecordId;

/// Candidates of a page that are looked at by id. A text that more records may hold stands in
/// every twentieth row or more of a county's ledger: there, walking the order fills a page sooner.
const CANDIDATES_MAX: usize = 5000;

/// Pairs of a long text that are asked for; the rest is left to the row itself.
const PAIRS_MAX: usize = 24;

/// Rows read at a time while the index is filled.
const CHUNK: usize = 2000;

/// Rows of the index that are handed over at a time.
const NUMBERED_AT_ONCE: usize = 4096;

/// Between the terms of a question to PostgreSQL; never part of a term.
const SEPARATOR: char = '\u{1f}';

/// What the index says of each text searched for.
pub(crate) type Narrowing = BTreeMap<String, Candidates>;

/// The records that may hold a text.
#[derive(Clone, Debug)]
pub(crate) enum Candidates {
    /// Their ids, as a JSON list.
    Few(String),
    /// More than are worth naming; the question that finds them.
    Many(String),
}

/// Pairs of neighbouring characters in ASCII lower case, and the last character alone.
fn pairs(text: &str) -> impl Iterator<Item = (char, Option<char>)> + '_ {
    let lower = |character: char| character.to_ascii_lowercase();
    let next = text.chars().skip(1).map(move |next| Some(lower(next))).chain([None]);
    text.chars().map(lower).zip(next)
}

/// A term of the FTS5 table: code points in hex, so that no tokenizer has a say in it.
fn term(first: char, second: Option<char>) -> String {
    match second {
        Some(second) => format!("{:06x}{:06x}", u32::from(first), u32::from(second)),
        None => format!("{:06x}", u32::from(first)),
    }
}

/// All terms of a record's searched columns, each once.
fn terms<'a>(cells: impl Iterator<Item = &'a Cell>) -> String {
    let mut found = BTreeSet::new();
    for cell in cells {
        if let Cell::Text(text) = cell {
            found.extend(pairs(text));
        }
    }
    let found: Vec<String> = found.into_iter().map(|(first, second)| term(first, second)).collect();
    found.join(" ")
}

/// The question to the FTS5 table. A single character begins a pair or is a last one.
fn fts_question(text: &str) -> String {
    let found: Vec<_> = pairs(text).collect();
    match found.as_slice() {
        [(only, _)] => format!("{}*", term(*only, None)),
        [whole @ .., _] => {
            let distinct: BTreeSet<_> = whole.iter().take(PAIRS_MAX).collect();
            let terms: Vec<String> = distinct.into_iter().map(|(a, b)| term(*a, *b)).collect();
            terms.join(" ")
        }
        [] => String::new(),
    }
}

/// The question to the GIN index.
fn gin_question(text: &str) -> String {
    let word = |(first, second): (char, Option<char>)| {
        std::iter::once(first).chain(second).collect::<String>()
    };
    let found: Vec<String> = pairs(text).map(word).collect();
    let wanted: Vec<&str> = match found.as_slice() {
        [only] => vec![only.as_str()],
        [whole @ .., _] => whole.iter().take(PAIRS_MAX).map(String::as_str).collect(),
        [] => Vec::new(),
    };
    let plain: Vec<&str> = wanted.into_iter().filter(|word| !word.contains(SEPARATOR)).collect();
    plain.join(&SEPARATOR.to_string())
}

fn fts_table(table: &Table) -> String {
    bounded(&format!("store_search_{}", table.ledger))
}

/// Numbers of the FTS5 rows by record: rows of the ledger's table have numbers of their own, but
/// a vacuum may change those.
fn row_table(table: &Table) -> String {
    bounded(&format!("store_searched_{}", table.ledger))
}

/// What PostgreSQL indexes: the searched columns, a line apart.
fn gin_content(table: &Table) -> String {
    let columns: Vec<String> =
        table.searched().map(|field| format!("coalesce({}, '')", quote(&field.name))).collect();
    format!("store_grams({})", columns.join(" || chr(10) || "))
}

fn fields(table: &Table) -> String {
    let names: Vec<&str> = table.searched().map(|field| field.name.as_str()).collect();
    names.join(" ")
}

/// The function behind the GIN index, which takes what comes twice once. Its cost keeps the planner
/// from calling it row by row. A loop of eight times the speed of one statement, which would be
/// planned for every row that is written.
const GRAMS: &str = "CREATE OR REPLACE FUNCTION store_grams(content text) RETURNS text[] \
     LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT COST 100000 AS $$ \
     DECLARE \
       one text; \
       before text; \
       grams text[] := '{}'; \
     BEGIN \
       FOREACH one IN ARRAY string_to_array(lower(content COLLATE \"C\"), NULL) LOOP \
         IF before IS NOT NULL THEN \
           grams := array_append(grams, before || one); \
         END IF; \
         grams := array_append(grams, one); \
         before := one; \
       END LOOP; \
       RETURN grams; \
     END $$";

/// Makes the index of a ledger, and fills it where records are there already. An index over other
/// fields is made anew.
///
/// # Errors
/// Faults of the database.
pub(crate) fn create(connection: &mut dyn Connection, table: &Table) -> Result<(), StoreError> {
    if table.searched().next().is_none() {
        return forget(connection, table);
    }
    match connection.dialect() {
        Dialect::Postgres => create_gin(connection, table),
        Dialect::Sqlite => create_fts(connection, table),
    }
}

/// Takes the index of a ledger away whose fields are no longer searched: nobody would keep it.
fn forget(connection: &mut dyn Connection, table: &Table) -> Result<(), StoreError> {
    let Some(known) = known_fields(connection, table)? else {
        return Ok(());
    };
    connection.batch(&match connection.dialect() {
        Dialect::Postgres => format!("DROP INDEX IF EXISTS {}", gin_index(table, &known)),
        Dialect::Sqlite => {
            let (fts, rows) = (quote(&fts_table(table)), quote(&row_table(table)));
            format!("DROP TABLE IF EXISTS {fts}; DROP TABLE IF EXISTS {rows}")
        }
    })?;
    let sql = "DELETE FROM store_search WHERE \"ledger\" = ?";
    connection.execute(sql, &[Cell::text(&table.ledger)])?;
    Ok(())
}

/// The GIN index over some fields; other fields make another.
fn gin_index(table: &Table, fields: &str) -> String {
    let mark: String = crate::hash::sha256_hex(fields.as_bytes()).chars().take(8).collect();
    quote(&bounded(&format!("{}__search_{mark}", table.ledger)))
}

fn create_gin(connection: &mut dyn Connection, table: &Table) -> Result<(), StoreError> {
    connection.batch(GRAMS)?;
    let now = fields(table);
    if let Some(known) = known_fields(connection, table)?
        && known != now
    {
        connection.batch(&format!("DROP INDEX IF EXISTS {}", gin_index(table, &known)))?;
    }
    connection.batch(&format!(
        "CREATE INDEX IF NOT EXISTS {} ON {} USING gin ({}) WHERE \"deleted_at\" IS NULL",
        gin_index(table, &now),
        quote(&table.ledger),
        gin_content(table)
    ))?;
    note_fields(connection, table)
}

/// The fields that the index was made over; `None` before it was made.
fn known_fields(
    connection: &mut dyn Connection,
    table: &Table,
) -> Result<Option<String>, StoreError> {
    let sql = "SELECT \"fields\" FROM store_search WHERE \"ledger\" = ?";
    let row = connection.query_one(sql, &[Cell::text(&table.ledger)])?;
    row.map(|mut row| row.text()).transpose()
}

fn note_fields(connection: &mut dyn Connection, table: &Table) -> Result<(), StoreError> {
    let ledger = Cell::text(&table.ledger);
    connection
        .execute("DELETE FROM store_search WHERE \"ledger\" = ?", std::slice::from_ref(&ledger))?;
    connection.execute(
        "INSERT INTO store_search (\"ledger\", \"fields\") VALUES (?, ?)",
        &[ledger, Cell::Text(fields(table))],
    )?;
    Ok(())
}

fn create_fts(connection: &mut dyn Connection, table: &Table) -> Result<(), StoreError> {
    let (fts, rows, ledger) = (fts_table(table), row_table(table), quote(&table.ledger));
    let (fts, rows) = (quote(&fts), quote(&rows));
    connection.batch(&format!(
        "CREATE VIRTUAL TABLE IF NOT EXISTS {fts} USING fts5(grams, tokenize = 'ascii', \
         detail = none, content = '', contentless_delete = 1); \
         CREATE TABLE IF NOT EXISTS {rows} \
         (\"number\" INTEGER PRIMARY KEY, \"id\" TEXT NOT NULL UNIQUE) STRICT"
    ))?;
    let known = known_fields(connection, table)?;
    // A copy of the program without this index may have written in between: numbers tell.
    let mut count = |sql: &str| -> Result<i64, StoreError> {
        connection.query_one(sql, &[])?.map_or(Ok(0), |mut row| row.integer())
    };
    let live = count(&format!("SELECT COUNT(*) FROM {ledger} WHERE \"deleted_at\" IS NULL"))?;
    let indexed = count(&format!("SELECT COUNT(*) FROM {rows}"))?;
    if known.as_deref() == Some(fields(table).as_str()) && live == indexed {
        return Ok(());
    }
    connection
        .batch(&format!("INSERT INTO {fts} ({fts}) VALUES ('delete-all'); DELETE FROM {rows}"))?;
    fill(connection, table)?;
    note_fields(connection, table)
}

/// Terms of all live records, in the order of their ids.
fn fill(connection: &mut dyn Connection, table: &Table) -> Result<(), StoreError> {
    let columns: Vec<String> = table.searched().map(|field| quote(&field.name)).collect();
    let sql = format!(
        "SELECT \"id\", {} FROM {} WHERE \"id\" > ? AND \"deleted_at\" IS NULL \
         ORDER BY \"id\" LIMIT {CHUNK}",
        columns.join(", "),
        quote(&table.ledger)
    );
    let mut last = String::new();
    loop {
        let rows = connection.query(&sql, &[Cell::text(&last)])?;
        if rows.is_empty() {
            return Ok(());
        }
        for mut row in rows {
            last = row.text()?;
            let cells: Vec<Cell> = columns.iter().map(|_| row.raw()).collect::<Result<_, _>>()?;
            insert(connection, table, &last, cells.iter())?;
        }
    }
}

fn insert<'a>(
    connection: &mut dyn Connection,
    table: &Table,
    id: &str,
    cells: impl Iterator<Item = &'a Cell>,
) -> Result<(), StoreError> {
    let sql = format!(
        "INSERT INTO {} (\"id\") VALUES (?) RETURNING \"number\"",
        quote(&row_table(table))
    );
    let Some(mut row) = connection.query_one(&sql, &[Cell::text(id)])? else {
        return Err(StoreError::Database("a row of the search index has no number".to_owned()));
    };
    let sql = format!("INSERT INTO {} (rowid, grams) VALUES (?, ?)", quote(&fts_table(table)));
    connection.execute(&sql, &[Cell::Integer(row.integer()?), Cell::Text(terms(cells))])?;
    Ok(())
}

/// The id of a new record with the terms of its fields; nothing where there is no such index.
pub(crate) fn new_terms(table: &Table, id: &RecordId, cells: &[Cell]) -> Option<(String, String)> {
    table.searched().next()?;
    let searched = table.fields.iter().zip(cells).filter(|(field, _)| field.is_searched);
    Some((id.as_str().to_owned(), terms(searched.map(|(_, cell)| cell))))
}

/// Brings the index up to new records: their ids with their terms.
///
/// # Errors
/// Faults of the database.
pub(crate) fn note_new(
    connection: &mut dyn Connection,
    table: &Table,
    terms: Vec<(String, String)>,
) -> Result<(), StoreError> {
    if connection.dialect() != Dialect::Sqlite || terms.is_empty() {
        return Ok(());
    }
    let last = format!("SELECT COALESCE(MAX(\"number\"), 0) FROM {}", quote(&row_table(table)));
    let last = connection.query_one(&last, &[])?.map_or(Ok(0), |mut row| row.integer())?;
    let (ids, grams): (Vec<String>, Vec<String>) = terms.into_iter().unzip();
    insert_numbered(connection, &row_table(table), ["number", "id"], (last, ids))?;
    insert_numbered(connection, &fts_table(table), ["rowid", "grams"], (last, grams))
}

/// Inserts texts under the numbers after `last`, some thousands at a time.
fn insert_numbered(
    connection: &mut dyn Connection,
    table: &str,
    columns: [&str; 2],
    (last, texts): (i64, Vec<String>),
) -> Result<(), StoreError> {
    let columns = columns.map(quote);
    let mut rows = Vec::new();
    for (number, text) in (last.saturating_add(1)..).zip(texts) {
        rows.push(vec![Cell::Integer(number), Cell::Text(text)]);
        if rows.len() >= NUMBERED_AT_ONCE {
            connection.insert_rows(table, &columns, &rows)?;
            rows.clear();
        }
    }
    connection.insert_rows(table, &columns, &rows)
}

fn remove(connection: &mut dyn Connection, table: &Table, id: &str) -> Result<(), StoreError> {
    let sql =
        format!("DELETE FROM {} WHERE \"id\" = ? RETURNING \"number\"", quote(&row_table(table)));
    if let Some(mut row) = connection.query_one(&sql, &[Cell::text(id)])? {
        let sql = format!("DELETE FROM {} WHERE rowid = ?", quote(&fts_table(table)));
        connection.execute(&sql, &[Cell::Integer(row.integer()?)])?;
    }
    Ok(())
}

/// Brings the index up to a record that was written: `None` once it is deleted. `cells` are those
/// of all fields, `changed` tells by name what the write touched.
///
/// # Errors
/// Faults of the database.
pub(crate) fn note(
    connection: &mut dyn Connection,
    table: &Table,
    id: &str,
    cells: Option<&[Cell]>,
    changed: &BTreeSet<String>,
) -> Result<(), StoreError> {
    let is_touched = cells.is_none() || table.searched().any(|f| changed.contains(&f.name));
    if connection.dialect() != Dialect::Sqlite || !is_touched || table.searched().next().is_none() {
        return Ok(());
    }
    remove(connection, table, id)?;
    let Some(cells) = cells else { return Ok(()) };
    let searched = table.fields.iter().zip(cells).filter(|(field, _)| field.is_searched);
    insert(connection, table, id, searched.map(|(_, cell)| cell))
}

/// Texts of the filter that the index can narrow: those looked for in searched fields only.
fn texts<'a>(table: &Table, filter: &'a Filter, found: &mut BTreeSet<&'a str>) {
    let is_searched = |name: &String| table.field(name).is_ok_and(|field| field.is_searched);
    match filter {
        Filter::And(parts) => parts.iter().for_each(|part| texts(table, part, found)),
        Filter::Contains(field, text) if is_searched(field) => {
            found.insert(text);
        }
        Filter::AnyContains(fields, text) if fields.iter().all(is_searched) => {
            found.insert(text);
        }
        _ => {}
    }
}

/// For each text of the filter the records that may hold it.
///
/// # Errors
/// Faults of the database.
pub(crate) fn narrow(
    connection: &mut dyn Connection,
    table: &Table,
    filter: &Filter,
) -> Result<Narrowing, StoreError> {
    let mut wanted = BTreeSet::new();
    texts(table, filter, &mut wanted);
    let mut narrowing = Narrowing::new();
    for text in wanted {
        let plain = crate::codec::without_nul(text);
        let question = match connection.dialect() {
            Dialect::Sqlite => fts_question(&plain),
            Dialect::Postgres => gin_question(&plain),
        };
        // An empty text is in every filled field, and the index cannot tell which are.
        if !question.is_empty() {
            narrowing.insert(text.to_owned(), candidates(connection, table, question)?);
        }
    }
    Ok(narrowing)
}

fn candidates(
    connection: &mut dyn Connection,
    table: &Table,
    question: String,
) -> Result<Candidates, StoreError> {
    let sql = format!("{} LIMIT {}", ids_sql(connection.dialect(), table), CANDIDATES_MAX + 1);
    let rows = connection.query(&sql, &[Cell::text(&question)])?;
    if rows.len() > CANDIDATES_MAX {
        return Ok(Candidates::Many(question));
    }
    let ids: Vec<String> = rows.into_iter().map(|mut row| row.text()).collect::<Result<_, _>>()?;
    let ids = serde_json::to_string(&ids);
    ids.map(Candidates::Few).map_err(|_| StoreError::Damaged("ids cannot be written".to_owned()))
}

/// The ids that a question finds.
fn ids_sql(dialect: Dialect, table: &Table) -> String {
    match dialect {
        Dialect::Sqlite => {
            let fts = quote(&fts_table(table));
            format!(
                "SELECT r.\"id\" FROM {fts} f JOIN {} r ON r.\"number\" = f.rowid \
                 WHERE f.{fts} MATCH ?",
                quote(&row_table(table))
            )
        }
        Dialect::Postgres => format!(
            "SELECT \"id\" FROM {} WHERE \"deleted_at\" IS NULL AND {}",
            quote(&table.ledger),
            gin_condition(table)
        ),
    }
}

fn gin_condition(table: &Table) -> String {
    let mark = u32::from(SEPARATOR);
    format!("{} @> string_to_array(?, chr({mark}))", gin_content(table))
}

/// The condition that a row `t` is among the candidates, and its value. `None` for a page of what
/// stands nearly everywhere: its order is walked.
pub(crate) fn condition(
    dialect: Dialect,
    table: &Table,
    candidates: &Candidates,
    is_page: bool,
) -> Option<(String, Cell)> {
    let (sql, value) = match (candidates, dialect) {
        (Candidates::Few(ids), Dialect::Sqlite) => {
            ("t.\"id\" IN (SELECT value FROM json_each(?))".to_owned(), ids)
        }
        (Candidates::Few(ids), Dialect::Postgres) => {
            // As an array, so that the planner cannot take it for a join and walk another index.
            let list = "ARRAY(SELECT jsonb_array_elements_text(?::text::jsonb))";
            (format!("t.\"id\" = ANY ({list})"), ids)
        }
        (Candidates::Many(_), _) if is_page => return None,
        (Candidates::Many(question), Dialect::Sqlite) => {
            (format!("t.\"id\" IN ({})", ids_sql(dialect, table)), question)
        }
        (Candidates::Many(question), Dialect::Postgres) => (gin_condition(table), question),
    };
    Some((sql, Cell::text(value)))
}

#[cfg(test)]
mod tests {
    use super::{fts_question, gin_question, terms};
    use crate::driver::Cell;

    #[test]
    fn every_part_of_a_text_asks_only_for_terms_that_the_text_has() {
        for text in ["饮水安全管护", "A-042b\u{1f}c", "水", "aa", "\u{1F600}e\u{301}"] {
            let held = terms([Cell::text(text)].iter());
            let held: Vec<&str> = held.split(' ').collect();
            let characters: Vec<char> = text.chars().collect();
            for start in 0..characters.len() {
                for end in start + 1..=characters.len() {
                    let part: String = characters[start..end].iter().collect();
                    for asked in fts_question(&part.to_uppercase()).split(' ') {
                        let is_held = match asked.strip_suffix('*') {
                            Some(head) => held.iter().any(|term| term.starts_with(head)),
                            None => held.contains(&asked),
                        };
                        assert!(is_held, "{text} {part} {asked}");
                    }
                }
            }
        }
    }

    #[test]
    fn questions_to_postgres_hold_no_separator_inside_a_term() {
        assert_eq!(gin_question("水"), "水");
        assert_eq!(gin_question("水费A"), "水费\u{1f}费a");
        assert_eq!(gin_question("a\u{1f}b"), "");
    }
}
