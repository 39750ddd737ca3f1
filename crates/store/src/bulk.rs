//! Many records at once: what an import brings. Questions are asked for many values together, and
//! new records of one ledger share an audit line.
//!
//! INVARIANT: every record still has a history row of its own, and the line commits to each row,
//! so that a change to any of them is found and named.

use crate::audit::INSERTS;
use crate::codec::{self, Stored};
use crate::driver::{Cell, Dialect, quote};
use crate::error::StoreError;
use crate::keys::KeyRing;
use crate::migrate::create_index;
use crate::reader::{Reader, marks};
use crate::record::{NewRecord, Record};
use crate::row_sql::{
    hash_columns, history_columns, history_of_rows_sql, insert_columns, last_row_sql, row_cells,
};
use crate::schema::{BUILT_IN, Table};
use crate::search;
use crate::store::Store;
use crate::writer::Writer;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use taizhang_values::{RecordId, RegionCode, Value};

/// Stands for all filled fields in the list of those that a version changed.
pub(crate) const WHOLE: &str = "*";

/// Records under one audit line.
const ROWS_AT_ONCE: usize = 500;

/// Columns that the history has more than the ledger.
const HEAD_MORE: usize = 5;

/// Bytes of a length.
const LENGTH_BYTES: usize = 8;

/// Values of one question.
const CHUNK: usize = 512;

/// Which field of a ledger a value of a [`NewRow`] is for. Good for the stores of one codebook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldPlace(usize);

/// A record to insert together with many others: a [`NewRecord`] without the names of its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewRow {
    /// Region on which it sits.
    pub region: Option<RegionCode>,
    /// First state of its flow.
    pub state: Option<String>,
    /// Edition of the flow.
    pub flow_edition: Option<i64>,
    /// Values with their fields, as [`Store::field_place`] tells them.
    pub values: Vec<(FieldPlace, Value)>,
}

/// A new record on its way to the database.
struct Fresh {
    stored: Stored,
    /// Cells of the hash columns, in their order.
    hashes: Vec<Cell>,
}

/// How the rows of a table are made, worked out once.
pub(crate) struct Layout<'t> {
    table: &'t Table,
    /// Place of each field.
    places: HashMap<&'t str, usize>,
    /// Place of the hash of each field that has one, among the hashes.
    hashes: HashMap<usize, usize>,
    /// Fields in the order of their names.
    by_name: Vec<(&'t str, usize)>,
}

impl Writer<'_> {
    /// Makes many records of one ledger, with ids from [`Writer::new_id`]. Each has its history;
    /// some hundreds share an audit line.
    ///
    /// # Errors
    /// As [`Writer::insert`], for the first record that cannot be made; then the transaction must
    /// not be kept.
    pub fn insert_many(
        &self,
        ledger: &str,
        new: Vec<(RecordId, NewRecord)>,
    ) -> Result<(), StoreError> {
        let layout = Layout::of(self.table(ledger)?);
        let row = |(id, new)| Ok((id, layout.row(new)?));
        self.insert_rows(ledger, new.into_iter().map(row).collect::<Result<_, StoreError>>()?)
    }

    /// [`Writer::insert_many`] of records whose fields are told by their places: names are not
    /// made, looked up and dropped again for every value.
    ///
    /// # Errors
    /// As [`Writer::insert_many`]; [`StoreError::BadQuery`] for the place of another ledger's field
    /// that this one has not.
    pub fn insert_rows(
        &self,
        ledger: &str,
        new: Vec<(RecordId, NewRow)>,
    ) -> Result<(), StoreError> {
        let layout = Layout::of(self.table(ledger)?);
        let mut new = new.into_iter().peekable();
        while new.peek().is_some() {
            let batch: Vec<_> = new.by_ref().take(ROWS_AT_ONCE).collect();
            self.whole(self.insert_batch(&layout, batch))?;
        }
        Ok(())
    }

    /// Says that many records of a ledger will come, with values in `fields` by which nothing is
    /// asked meanwhile. If the ledger has no record yet, SQLite makes the indexes over them, and
    /// over regions, at the end of the transaction, from all rows at once: row by row, what stands
    /// in no order drives the pages out of memory that the next row needs. Indexes in which new
    /// records come last anyway are kept.
    ///
    /// # Errors
    /// [`StoreError::UnknownLedger`] and faults of the database.
    pub fn expect_many(&self, ledger: &str, fields: &[&str]) -> Result<(), StoreError> {
        let table = self.table(ledger)?;
        let connection = &mut *self.connection();
        let sql = format!("SELECT 1 FROM {} LIMIT 1", quote(&table.ledger));
        if connection.query_one(&sql, &[])?.is_some() {
            return Ok(());
        }
        if connection.dialect() != Dialect::Sqlite {
            self.many_came([ledger]);
            return Ok(());
        }
        for index in table.late_indexes(fields) {
            connection.batch(&format!("DROP INDEX IF EXISTS {}", quote(&index.name)))?;
        }
        self.late.borrow_mut().insert(ledger.to_owned());
        Ok(())
    }

    /// Says that ledgers got many records, here or before: at the end of the transaction PostgreSQL
    /// counts what they hold. By itself it would do so a minute later, and plan until then as if
    /// they were empty. What SQLite is asked does not depend on counts.
    pub fn many_came<'n>(&self, ledgers: impl IntoIterator<Item = &'n str>) {
        self.many.borrow_mut().extend(ledgers.into_iter().map(str::to_owned));
    }

    /// Counts the rows of those ledgers.
    pub(crate) fn count_many(&self) -> Result<(), StoreError> {
        let connection = &mut *self.connection();
        let ledgers: Vec<String> = self.many.take().iter().map(|name| quote(name)).collect();
        if ledgers.is_empty() || connection.dialect() != Dialect::Postgres {
            return Ok(());
        }
        connection.batch(&format!("ANALYZE {}", ledgers.join(", ")))
    }

    /// Makes the indexes that were left for the end.
    pub(crate) fn make_late(&self) -> Result<(), StoreError> {
        for ledger in self.late.take() {
            // Those that are there already stay as they are.
            for index in self.table(&ledger)?.indexes() {
                create_index(self.connection().as_mut(), &ledger, &index)?;
            }
        }
        Ok(())
    }

    fn insert_batch(
        &self,
        layout: &Layout<'_>,
        new: Vec<(RecordId, NewRow)>,
    ) -> Result<(), StoreError> {
        let table = layout.table;
        let fresh = new.into_iter().map(|(id, new)| self.fresh(layout, id, new));
        let mut fresh: Vec<Fresh> = fresh.collect::<Result<_, _>>()?;
        self.check_unique(layout, &fresh)?;
        self.check_references(table, &fresh)?;
        let mut commitments = BTreeMap::new();
        let mut bytes = Vec::new();
        for new in &fresh {
            let commitment = row_commitment(&self.core.keys, layout, &new.stored, &[], &mut bytes);
            commitments.insert(new.stored.id.to_string(), commitment);
        }
        let sequence = self.line(&self.act().verb, &table.ledger, None, INSERTS, commitments)?;
        let terms = search::new_terms(table, fresh.iter().map(|new| &new.stored));
        let row = |new: &mut Fresh| {
            // What is committed to and indexed is done with: the cells themselves go.
            let mut own = std::mem::take(&mut new.stored.cells);
            let room = BUILT_IN.len() + own.len() + new.hashes.len() + HEAD_MORE;
            let mut cells = Vec::with_capacity(room);
            cells.append(&mut row_cells(&new.stored));
            cells.append(&mut own);
            cells.append(&mut new.hashes);
            cells
        };
        let mut rows: Vec<Vec<Cell>> = fresh.iter_mut().map(row).collect();
        let connection = &mut *self.connection();
        if connection.dialect() == Dialect::Sqlite {
            let last = connection.query_one(&last_row_sql(table), &[])?;
            let last = last.map_or(Ok(0), |mut row| row.integer())?;
            connection.insert_rows(&table.ledger, &insert_columns(table), &rows)?;
            // What lies in the pages already is not handed over once more.
            let mut cells = self.act_cells(sequence);
            cells.push(Cell::Integer(last));
            let count = connection.execute(&history_of_rows_sql(table), &cells)?;
            if usize::try_from(count) != Ok(fresh.len()) {
                return Err(StoreError::Damaged("new rows are not all there".to_owned()));
            }
        } else {
            connection.insert_rows(&table.ledger, &insert_columns(table), &rows)?;
            for (row, new) in rows.iter_mut().zip(&fresh) {
                row.truncate(BUILT_IN.len() + table.fields.len());
                row.splice(..BUILT_IN.len(), self.history_head(sequence, &new.stored));
            }
            connection.insert_rows(&table.history(), &history_columns(table), &rows)?;
        }
        search::note_new(connection.as_mut(), table, terms)
    }

    /// The row of a new record.
    fn fresh(&self, layout: &Layout<'_>, id: RecordId, new: NewRow) -> Result<Fresh, StoreError> {
        let table = layout.table;
        let actor = self.act().actor.as_ref().map(ToString::to_string);
        let mut cells = vec![Cell::Null; table.fields.len()];
        let mut hashes = vec![Cell::Null; layout.hashes.len()];
        for (FieldPlace(place), value) in new.values {
            let (Some(field), Some(cell)) = (table.fields.get(place), cells.get_mut(place)) else {
                return Err(StoreError::BadQuery(format!("`{}` has no such field", table.ledger)));
            };
            if field.sensitive.is_none() {
                *cell = codec::encode_own(table, field, value)?;
                continue;
            }
            let (sealed, hash) = codec::seal(table, field, &id, &value, &self.core.keys)?;
            *cell = sealed;
            let slot = layout.hashes.get(&place).and_then(|at| hashes.get_mut(*at));
            if let Some(slot) = slot {
                *slot = hash;
            }
        }
        let lacking = table.fields.iter().zip(&cells);
        if let Some((field, _)) =
            lacking.filter(|(field, _)| field.is_required).find(|(_, cell)| **cell == Cell::Null)
        {
            let ledger = table.ledger.clone();
            return Err(StoreError::Required { ledger, field: field.name.clone() });
        }
        let stored = Stored {
            id,
            version: 1,
            region: new.region.map(|code| code.to_string()),
            state: new.state,
            flow_edition: new.flow_edition,
            created_at: self.act().at,
            created_by: actor.clone(),
            updated_at: self.act().at,
            updated_by: actor,
            cells,
        };
        Ok(Fresh { stored, hashes })
    }

    /// Unique values are new to the batch and to the database.
    fn check_unique(&self, layout: &Layout<'_>, fresh: &[Fresh]) -> Result<(), StoreError> {
        let table = layout.table;
        for (place, field) in table.fields.iter().enumerate().filter(|(_, f)| f.is_unique) {
            let hash = layout.hashes.get(&place);
            let column = field.hash_column.as_ref().filter(|_| hash.is_some());
            let cell = |new: &Fresh| match hash {
                Some(at) => new.hashes.get(*at).cloned(),
                None => new.stored.cells.get(place).cloned(),
            };
            let cells: Vec<Cell> =
                fresh.iter().filter_map(cell).filter(|cell| *cell != Cell::Null).collect();
            let distinct: BTreeSet<&Cell> = cells.iter().collect();
            let is_twice = distinct.len() < cells.len();
            if is_twice || self.any_of(table, column.unwrap_or(&field.name), &cells)? > 0 {
                let ledger = table.ledger.clone();
                return Err(StoreError::Duplicate { ledger, field: field.name.clone() });
            }
        }
        Ok(())
    }

    /// Every record referred to is there, or comes in the same batch.
    fn check_references(&self, table: &Table, fresh: &[Fresh]) -> Result<(), StoreError> {
        for (place, field) in table.fields.iter().enumerate() {
            let Some(ledger) = &field.reference else { continue };
            let cells = fresh.iter().filter_map(|new| new.stored.cells.get(place));
            let mut wanted: BTreeSet<&Cell> = cells.filter(|cell| **cell != Cell::Null).collect();
            if *ledger == table.ledger {
                for new in fresh {
                    wanted.remove(&Cell::text(new.stored.id.as_str()));
                }
            }
            let wanted: Vec<Cell> = wanted.into_iter().cloned().collect();
            if self.any_of(self.table(ledger)?, "id", &wanted)? < wanted.len() {
                let ledger = table.ledger.clone();
                return Err(StoreError::MissingReference { ledger, field: field.name.clone() });
            }
        }
        Ok(())
    }

    /// The columns of a history row that tell of the act.
    fn act_cells(&self, sequence: i64) -> Vec<Cell> {
        let act = self.act();
        vec![
            Cell::Integer(sequence),
            Cell::Instant(act.at),
            Cell::optional(act.actor.as_ref().map(RecordId::as_str)),
            Cell::text(&act.verb),
            Cell::optional(act.reason.as_deref()),
            Cell::text(&act.source),
            Cell::Text(format!("[\"{WHOLE}\"]")),
            Cell::Boolean(false),
        ]
    }

    /// The store's columns of the history row of a new record.
    fn history_head(&self, sequence: i64, stored: &Stored) -> Vec<Cell> {
        let mut cells = self.act_cells(sequence);
        cells.extend([
            Cell::text(stored.id.as_str()),
            Cell::Integer(stored.version),
            Cell::optional(stored.region.as_deref()),
            Cell::optional(stored.state.as_deref()),
            stored.flow_edition.map_or(Cell::Null, Cell::Integer),
            Cell::Instant(stored.created_at),
            Cell::optional(stored.created_by.as_deref()),
        ]);
        cells
    }
}

impl Store {
    /// Where a field stands among those of its ledger, for [`NewRow`].
    ///
    /// # Errors
    /// [`StoreError::UnknownLedger`] and [`StoreError::UnknownField`].
    pub fn field_place(&self, ledger: &str, field: &str) -> Result<FieldPlace, StoreError> {
        let table = self.core.schema.table(ledger)?;
        let own = table.field(field)?;
        let place = table.fields.iter().position(|other| other.name == own.name);
        Ok(FieldPlace(place.unwrap_or(usize::MAX)))
    }
}

impl Reader<'_> {
    /// Live records by the exact value of a field, for many values at once: an answer for each
    /// value, in their order, each in the order of making. Sealed fields are found by their keyed
    /// hash. An empty value finds nothing.
    ///
    /// # Errors
    /// [`StoreError::BadQuery`] for sealed fields that have no hash, and as [`Reader::get`].
    pub fn find_many(
        &self,
        ledger: &str,
        field: &str,
        values: &[Value],
    ) -> Result<Vec<Vec<Record>>, StoreError> {
        let table = self.table(ledger)?;
        let column = table.field(field)?;
        let name = match (&column.hash_column, column.sensitive) {
            (Some(hash), _) => hash,
            (None, None) => &column.name,
            (None, Some(_)) => {
                return Err(StoreError::BadQuery(format!("`{field}` cannot be searched")));
            }
        };
        let kind = match column.hash_column {
            Some(_) => crate::driver::ColumnType::Text,
            None => column.column_type,
        };
        let mut asked: BTreeMap<Cell, Vec<usize>> = BTreeMap::new();
        for (at, value) in values.iter().enumerate().filter(|(_, value)| !value.is_empty()) {
            let cell = match column.sensitive {
                Some(_) => {
                    let text = value.to_string();
                    Cell::Text(self.core.keys.blind_index(&table.ledger, &column.name, &text))
                }
                None => codec::encode(table, column, value)?,
            };
            asked.entry(cell).or_default().push(at);
        }
        let mut found = vec![Vec::new(); values.len()];
        let cells: Vec<Cell> = asked.keys().cloned().collect();
        for chunk in cells.chunks(CHUNK) {
            let padded = padded(chunk);
            let sql = format!(
                "SELECT {}, t.{name} FROM {} t WHERE t.{name} IN ({}) \
                 AND t.\"deleted_at\" IS NULL ORDER BY t.\"id\"",
                table.select,
                quote(&table.ledger),
                marks(padded.len()),
                name = quote(name),
            );
            let rows = self.connection().query(&sql, &padded)?;
            for mut row in rows {
                let stored = Stored::read(table, &mut row)?;
                let places = asked.get(&row.next_as(kind)?);
                let record = self.record(table, stored)?;
                for at in places.into_iter().flatten() {
                    if let Some(answer) = found.get_mut(*at) {
                        answer.push(record.clone());
                    }
                }
            }
        }
        Ok(found)
    }

    /// Ids of the live records at or below a region of which some version came from a source that
    /// begins with `source`, in the order of making.
    ///
    /// # Errors
    /// [`StoreError::BadQuery`] for ledgers without a region, and as [`Reader::get`].
    pub fn brought_by(
        &self,
        ledger: &str,
        region: &RegionCode,
        source: &str,
    ) -> Result<Vec<RecordId>, StoreError> {
        let table = self.table(ledger)?;
        let column = table.region_column().ok_or_else(|| {
            StoreError::BadQuery(format!("ledger `{}` has no region", table.ledger))
        })?;
        let (mut places, mut sources) = (region.to_string(), source.to_owned());
        // The character after the last one bounds everything that begins the same.
        for end in [&mut places, &mut sources] {
            let next = end.pop().and_then(|last| char::from_u32(u32::from(last) + 1));
            end.extend(next);
        }
        let sql = format!(
            "SELECT t.\"id\" FROM {ledger} t WHERE t.\"deleted_at\" IS NULL \
             AND (? = '' OR (t.{column} >= ? AND t.{column} < ?)) \
             AND EXISTS (SELECT 1 FROM {history} h WHERE h.\"id\" = t.\"id\" \
             AND h.\"act_source\" >= ? AND h.\"act_source\" < ?) ORDER BY t.\"id\"",
            ledger = quote(&table.ledger),
            history = quote(&table.history()),
            column = quote(column),
        );
        let cells = [region.as_str(), region.as_str(), &places, source, &sources].map(Cell::text);
        let rows = self.connection().query(&sql, &cells)?;
        rows.into_iter().map(|mut row| codec::record_id(&row.text()?)).collect()
    }

    /// How many live rows have one of some values in a column.
    fn any_of(&self, table: &Table, column: &str, cells: &[Cell]) -> Result<usize, StoreError> {
        let mut count = 0;
        for chunk in cells.chunks(CHUNK) {
            let padded = padded(chunk);
            let sql = format!(
                "SELECT COUNT(*) FROM {} WHERE {} IN ({}) AND \"deleted_at\" IS NULL",
                quote(&table.ledger),
                quote(column),
                marks(padded.len())
            );
            let row = self.connection().query_one(&sql, &padded)?;
            let found = row.map_or(Ok(0), |mut row| row.integer())?;
            count += usize::try_from(found).unwrap_or(0);
        }
        Ok(count)
    }
}

impl<'t> Layout<'t> {
    pub(crate) const fn table(&self) -> &'t Table {
        self.table
    }

    pub(crate) fn of(table: &'t Table) -> Self {
        let fields = table.fields.iter().enumerate();
        let places = fields.map(|(at, field)| (field.name.as_str(), at));
        let mut by_name: Vec<(&str, usize)> = places.clone().collect();
        by_name.sort_unstable();
        let hashes = hash_columns(table).enumerate();
        Self {
            table,
            places: places.collect(),
            hashes: hashes.map(|(at, (field, _))| (field, at)).collect(),
            by_name,
        }
    }

    /// A record with its fields by place.
    fn row(&self, new: NewRecord) -> Result<NewRow, StoreError> {
        let mut values = Vec::with_capacity(new.values.len());
        for (name, value) in new.values {
            match self.places.get(name.as_str()) {
                Some(place) => values.push((FieldPlace(*place), value)),
                None => {
                    self.table.field(&name)?;
                }
            }
        }
        let (region, state) = (new.region, new.state);
        Ok(NewRow { region, state, flow_edition: new.flow_edition, values })
    }
}

/// The values, filled up to a power of two with the last one, so that there are few statements.
fn padded(cells: &[Cell]) -> Vec<Cell> {
    let mut padded = cells.to_vec();
    if let Some(last) = cells.last() {
        padded.resize(cells.len().next_power_of_two(), last.clone());
    }
    padded
}

/// Names of the filled fields, sorted, those of the store among them.
pub(crate) fn filled(table: &Table, stored: &Stored) -> Vec<String> {
    let fields = table.fields.iter().zip(&stored.cells);
    let fields = fields.filter(|(_, cell)| **cell != Cell::Null);
    let mut names: Vec<String> = fields.map(|(field, _)| field.name.clone()).collect();
    names.extend(stored.region.as_ref().map(|_| "region".to_owned()));
    names.extend(stored.state.as_ref().map(|_| "state".to_owned()));
    names.extend(stored.flow_edition.map(|_| "flow_edition".to_owned()));
    names.sort_unstable();
    names
}

/// The keyed commitment to a whole row. `retired` are the cells of fields that left the codebook
/// since; `bytes` is room that is used again from row to row.
pub(crate) fn row_commitment(
    keys: &KeyRing,
    layout: &Layout<'_>,
    stored: &Stored,
    retired: &[(String, Cell)],
    bytes: &mut Vec<u8>,
) -> String {
    bytes.clear();
    let mut part = |text: &str| push_part(bytes, |bytes| bytes.extend(text.as_bytes()));
    part("rows");
    part(&layout.table.ledger);
    part(stored.id.as_str());
    part(&stored.version.to_string());
    part(stored.region.as_deref().unwrap_or(""));
    part(stored.state.as_deref().unwrap_or(""));
    part(&stored.flow_edition.map_or(String::new(), |edition| edition.to_string()));
    let own = layout.by_name.iter().filter_map(|(name, at)| Some((*name, stored.cells.get(*at)?)));
    if retired.is_empty() {
        own.for_each(|(name, cell)| put(bytes, name, cell));
        return keys.commitment_to(bytes);
    }
    let mut all: Vec<(&str, &Cell)> = own.collect();
    all.extend(retired.iter().map(|(name, cell)| (name.as_str(), cell)));
    all.sort_unstable_by_key(|(name, _)| *name);
    all.into_iter().for_each(|(name, cell)| put(bytes, name, cell));
    keys.commitment_to(bytes)
}

/// Adds name and content of a filled field.
fn put(bytes: &mut Vec<u8>, name: &str, cell: &Cell) {
    if *cell == Cell::Null {
        return;
    }
    push_part(bytes, |bytes| bytes.extend_from_slice(name.as_bytes()));
    push_part(bytes, |bytes| codec::push_canonical(bytes, cell));
}

/// Adds a part with its length before it.
fn push_part(bytes: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = bytes.len();
    bytes.extend_from_slice(&[0; LENGTH_BYTES]);
    write(bytes);
    let length = bytes.len().saturating_sub(start + LENGTH_BYTES);
    let length = u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes();
    for (byte, own) in bytes.iter_mut().skip(start).zip(length) {
        *byte = own;
    }
}
