//! Many records at once: what an import brings. Questions are asked for many values together, and
//! new records of one ledger share an audit line.
//!
//! INVARIANT: every record still has a history row of its own, and the line commits to each row,
//! so that a change to any of them is found and named.

use crate::audit::INSERTS;
use crate::codec::{self, Stored};
use crate::driver::{Alike, Cell, Dialect, quote};
use crate::error::StoreError;
use crate::keys::KeyRing;
use crate::migrate::create_index;
use crate::reader::{Reader, marks};
use crate::record::{NewRecord, Record};
use crate::row_sql::{hash_columns, last_row_sql};
use crate::schema::{ACT_COLUMNS, HISTORY_BUILT_IN, Table};
use crate::search;
use crate::store::Store;
use crate::writer::Writer;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use taizhang_values::{RecordId, RegionCode, Value};

/// Stands for all filled fields in the list of those that a version changed.
pub(crate) const WHOLE: &str = "*";

/// Records under one audit line.
const ROWS_AT_ONCE: usize = 500;

/// Columns of the store that all new records of an act share; they are not deleted.
const COMMON: [&str; 5] = ["version", "created_at", "created_by", "updated_at", "updated_by"];

/// The first of them stand in the history, too.
const MADE: usize = 3;

/// Columns of the store that each new record has of its own.
const OWN: [&str; 4] = ["id", "region", "state", "flow_edition"];

/// New records that a text index may wait for: it writes what it has whenever a statement begins,
/// and joins what it wrote before, which by then has left memory.
pub(crate) const TERMS_AT_ONCE: usize = 1 << 17;

/// New records after which the database is reminded of what it will need at the end.
const REMINDED_AFTER: usize = 4096;

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

/// The cells of a new record on its way to the database: those of [`OWN`], of the fields, of the
/// hashes.
#[derive(Default)]
struct Fresh(Vec<Cell>);

impl Fresh {
    fn id(&self) -> &str {
        match self.0.first() {
            Some(Cell::Text(id)) => id,
            _ => "",
        }
    }

    /// The cell of a field.
    fn field(&self, place: usize) -> Option<&Cell> {
        self.0.get(OWN.len() + place)
    }

    fn fields(&self, table: &Table) -> &[Cell] {
        self.0.get(OWN.len()..OWN.len() + table.fields.len()).unwrap_or_default()
    }

    /// The cell of a hash.
    fn hash(&self, table: &Table, at: usize) -> Option<&Cell> {
        self.0.get(OWN.len() + table.fields.len() + at)
    }

    fn hash_mut(&mut self, table: &Table, at: usize) -> Option<&mut Cell> {
        self.0.get_mut(OWN.len() + table.fields.len() + at)
    }
}

/// Rows of new records that were written, whose room is used again.
#[derive(Default)]
pub(crate) struct SpareRows(RefCell<Vec<Vec<Cell>>>);

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
        let rows: Result<Vec<_>, StoreError> = new.into_iter().map(row).collect();
        self.insert_rows(ledger, &mut rows?)
    }

    /// [`Writer::insert_many`] of records whose fields are told by their places: names are not
    /// made, looked up and dropped again for every value. The values are taken out of the rows;
    /// their room stays, for other values.
    ///
    /// # Errors
    /// As [`Writer::insert_many`]; [`StoreError::BadQuery`] for the place of another ledger's field
    /// that this one has not.
    pub fn insert_rows(
        &self,
        ledger: &str,
        new: &mut [(RecordId, NewRow)],
    ) -> Result<(), StoreError> {
        let layout = Layout::of(self.table(ledger)?);
        for batch in new.chunks_mut(ROWS_AT_ONCE) {
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
        connection.expect_rows()?;
        self.late.borrow_mut().insert(ledger.to_owned(), 0);
        if table.searched().all(|field| fields.contains(&field.name.as_str())) {
            self.terms.borrow_mut().insert(ledger.to_owned(), Vec::new());
        }
        Ok(())
    }

    /// Lets a text index wait for at most so many new records of a ledger that
    /// [`Writer::expect_many`] was called for; without it for 131,072. Fewer take less memory and
    /// more time.
    pub fn wait_for_terms(&self, most: usize) {
        self.terms_at_once.set(most);
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

    /// Brings the text index of a ledger up to what was written.
    pub(crate) fn index_terms(&self, table: &Table) -> Result<(), StoreError> {
        let waiting = self.terms.borrow_mut().get_mut(&table.ledger).map(std::mem::take);
        search::note_new(self.connection().as_mut(), table, waiting.unwrap_or_default())
    }

    /// Makes the indexes that were left for the end.
    pub(crate) fn make_late(&self) -> Result<(), StoreError> {
        for (ledger, rows) in self.late.take() {
            self.index_terms(self.table(&ledger)?)?;
            self.connection().expect_sorting(rows)?;
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
        new: &mut [(RecordId, NewRow)],
    ) -> Result<(), StoreError> {
        let table = layout.table;
        let mut rows = Vec::with_capacity(new.len());
        let mut commitments = BTreeMap::new();
        let mut terms = Vec::with_capacity(new.len());
        let mut bytes = Vec::new();
        for (id, new) in new {
            // All that a row is asked for is asked while it is at hand.
            let fresh = self.fresh(layout, id, new)?;
            let head = RowHead {
                id: id.as_str(),
                version: 1,
                region: new.region.as_ref().map(RegionCode::as_str),
                state: new.state.as_deref(),
                flow_edition: new.flow_edition,
            };
            let cells = fresh.fields(table);
            let commitment =
                row_commitment(&self.core.keys, layout, (head, cells, &[]), &mut bytes);
            commitments.insert(id.as_str().to_owned(), commitment);
            terms.extend(search::new_terms(table, id, cells));
            rows.push(fresh);
        }
        self.check_unique(layout, &rows)?;
        self.check_references(table, &rows)?;
        let sequence = self.line(&self.act().verb, &table.ledger, None, INSERTS, commitments)?;
        if let Some(count) = self.late.borrow_mut().get_mut(&table.ledger) {
            let before = *count / REMINDED_AFTER;
            *count += rows.len();
            if *count / REMINDED_AFTER > before {
                self.connection().keep_at_hand()?;
            }
        }
        let mut rows: Vec<Vec<Cell>> = rows.into_iter().map(|Fresh(cells)| cells).collect();
        self.write_new(table, sequence, &mut rows)?;
        rows.iter_mut().for_each(Vec::clear);
        self.spare.0.borrow_mut().append(&mut rows);
        match self.terms.borrow_mut().get_mut(&table.ledger) {
            Some(waiting) if waiting.len() + terms.len() < self.terms_at_once.get() => {
                waiting.extend(terms);
                return Ok(());
            }
            Some(waiting) => terms.splice(..0, waiting.drain(..)).for_each(drop),
            None => {}
        }
        search::note_new(self.connection().as_mut(), table, terms)
    }

    /// Writes new rows with their history.
    fn write_new(
        &self,
        table: &Table,
        sequence: i64,
        rows: &mut [Vec<Cell>],
    ) -> Result<(), StoreError> {
        let (act, count) = (self.act(), rows.len());
        let made_by = Cell::optional(act.actor.as_ref().map(RecordId::as_str));
        let made = [Cell::Integer(1), Cell::Instant(act.at), made_by.clone()];
        let cells = [made.as_slice(), &[Cell::Instant(act.at), made_by]].concat();
        let alike = Alike { columns: &COMMON.map(quote), cells: &cells };
        let own = OWN.into_iter().chain(table.fields.iter().map(|field| field.name.as_str()));
        let mut columns: Vec<String> = own.map(quote).collect();
        let width = columns.len();
        columns.extend(hash_columns(table).map(|(_, name)| quote(name)));
        let connection = &mut *self.connection();
        let mut told = self.act_cells(sequence);
        if connection.dialect() == Dialect::Sqlite {
            let last = connection.query_one(&last_row_sql(table), &[])?;
            told.push(Cell::Integer(last.map_or(Ok(0), |mut row| row.integer())?));
            connection.insert_alike(&table.ledger, &alike, &columns, rows)?;
            // What lies in the pages already is not handed over once more.
            let written = connection.execute(table.history_of_rows(), &told)?;
            if usize::try_from(written) != Ok(count) {
                return Err(StoreError::Damaged("new rows are not all there".to_owned()));
            }
            return Ok(());
        }
        connection.insert_alike(&table.ledger, &alike, &columns, rows)?;
        // Hashes are in no history.
        columns.truncate(width);
        rows.iter_mut().for_each(|row| row.truncate(width));
        told.extend(made);
        let act_columns = HISTORY_BUILT_IN.iter().take(ACT_COLUMNS).map(|(name, _)| *name);
        let names: Vec<String> =
            act_columns.chain(COMMON.into_iter().take(MADE)).map(quote).collect();
        let alike = Alike { columns: &names, cells: &told };
        connection.insert_alike(&table.history(), &alike, &columns, rows)
    }

    /// The cells of a new record; its values are taken.
    fn fresh(
        &self,
        layout: &Layout<'_>,
        id: &RecordId,
        new: &mut NewRow,
    ) -> Result<Fresh, StoreError> {
        let table = layout.table;
        let mut cells = self.spare.0.borrow_mut().pop().unwrap_or_default();
        cells.extend([
            Cell::text(id.as_str()),
            Cell::optional(new.region.as_ref().map(RegionCode::as_str)),
            Cell::optional(new.state.as_deref()),
            new.flow_edition.map_or(Cell::Null, Cell::Integer),
        ]);
        cells.resize(OWN.len() + table.fields.len() + layout.hashes.len(), Cell::Null);
        let mut fresh = Fresh(cells);
        for (FieldPlace(place), value) in new.values.drain(..) {
            let slot = fresh.0.get_mut(OWN.len() + place);
            let (Some(field), Some(cell)) = (table.fields.get(place), slot) else {
                return Err(StoreError::BadQuery(format!("`{}` has no such field", table.ledger)));
            };
            if field.sensitive.is_none() {
                *cell = codec::encode_own(table, field, value)?;
                continue;
            }
            let (sealed, hash) = codec::seal(table, field, id, &value, &self.core.keys)?;
            *cell = sealed;
            let slot = layout.hashes.get(&place).and_then(|at| fresh.hash_mut(table, *at));
            if let Some(slot) = slot {
                *slot = hash;
            }
        }
        let lacking = table.fields.iter().zip(fresh.fields(table));
        if let Some((field, _)) =
            lacking.filter(|(field, _)| field.is_required).find(|(_, cell)| **cell == Cell::Null)
        {
            let ledger = table.ledger.clone();
            return Err(StoreError::Required { ledger, field: field.name.clone() });
        }
        Ok(fresh)
    }

    /// Unique values are new to the batch and to the database.
    fn check_unique(&self, layout: &Layout<'_>, fresh: &[Fresh]) -> Result<(), StoreError> {
        let table = layout.table;
        for (place, field) in table.fields.iter().enumerate().filter(|(_, f)| f.is_unique) {
            let hash = layout.hashes.get(&place);
            let column = field.hash_column.as_ref().filter(|_| hash.is_some());
            let cell = |new: &Fresh| match hash {
                Some(at) => new.hash(table, *at).cloned(),
                None => new.field(place).cloned(),
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
            let cells = fresh.iter().filter_map(|new| new.field(place));
            let mut wanted: BTreeSet<&Cell> = cells.filter(|cell| **cell != Cell::Null).collect();
            if *ledger == table.ledger {
                for new in fresh {
                    wanted.remove(&Cell::text(new.id()));
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

/// The store's part of what is committed to.
#[derive(Clone, Copy)]
pub(crate) struct RowHead<'r> {
    pub(crate) id: &'r str,
    pub(crate) version: i64,
    pub(crate) region: Option<&'r str>,
    pub(crate) state: Option<&'r str>,
    pub(crate) flow_edition: Option<i64>,
}

impl<'r> RowHead<'r> {
    pub(crate) fn of(stored: &'r Stored) -> Self {
        Self {
            id: stored.id.as_str(),
            version: stored.version,
            region: stored.region.as_deref(),
            state: stored.state.as_deref(),
            flow_edition: stored.flow_edition,
        }
    }
}

/// The keyed commitment to a whole row: its head, the cells of its fields, and those of fields that
/// left the codebook since. `bytes` is room that is used again from row to row.
pub(crate) fn row_commitment(
    keys: &KeyRing,
    layout: &Layout<'_>,
    (head, cells, retired): (RowHead<'_>, &[Cell], &[(String, Cell)]),
    bytes: &mut Vec<u8>,
) -> String {
    bytes.clear();
    let mut part = |text: &str| push_part(bytes, |bytes| bytes.extend(text.as_bytes()));
    part("rows");
    part(&layout.table.ledger);
    part(head.id);
    part(&head.version.to_string());
    part(head.region.unwrap_or(""));
    part(head.state.unwrap_or(""));
    part(&head.flow_edition.map_or(String::new(), |edition| edition.to_string()));
    let own = layout.by_name.iter().filter_map(|(name, at)| Some((*name, cells.get(*at)?)));
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
