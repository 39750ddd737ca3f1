//! Reading: records, lists, counts, links and history, all in one state of the database.

use crate::bulk::{self, WHOLE};
use crate::codec::{self, Stored};
use crate::cursor::{Cursor, Mark};
use crate::driver::{Cell, Connection, Row, quote, to_microsecond};
use crate::error::StoreError;
use crate::query::{Filter, PAGE_MAX, Page, Query};
use crate::record::{Record, Version};
use crate::schema::{Path, Table};
use crate::search::{self, Narrowing};
use crate::select::{Compiler, Order, Phase, Target};
use crate::store::Core;
use std::cell::{RefCell, RefMut};
use std::collections::{BTreeMap, HashMap};
use taizhang_codebook::Codebook;
use taizhang_values::{RecordId, Timestamp, Value};

/// Rows that a transaction remembers at most.
const KEPT_MAX: usize = 256;

/// Ids bound in one statement.
pub(crate) const CHUNK: usize = 500;

/// A view of one state of the database, alive inside [`crate::Store::read`] or, with the effects
/// of the running transaction, inside [`crate::Store::write`].
pub struct Reader<'a> {
    pub(crate) core: &'a Core,
    connection: RefCell<&'a mut Box<dyn Connection>>,
    is_clear: std::cell::Cell<bool>,
    /// Rows that were read one by one or written, while nobody else writes: what was just judged
    /// is changed, and what was just changed is judged.
    kept: Option<RefCell<KeptRows>>,
}

/// Live rows by ledger and id, some at most.
#[derive(Default)]
struct KeptRows {
    ledgers: BTreeMap<String, HashMap<RecordId, Stored>>,
    count: usize,
}

impl KeptRows {
    fn keep(&mut self, ledger: &str, row: &Stored) {
        if self.count >= KEPT_MAX {
            *self = Self::default();
        }
        if !self.ledgers.contains_key(ledger) {
            self.ledgers.insert(ledger.to_owned(), HashMap::new());
        }
        let rows = self.ledgers.get_mut(ledger);
        let is_new = rows.is_some_and(|rows| rows.insert(row.id.clone(), row.clone()).is_none());
        self.count += usize::from(is_new);
    }

    fn forget(&mut self, ledger: &str, id: &RecordId) {
        let gone = self.ledgers.get_mut(ledger).and_then(|rows| rows.remove(id));
        self.count -= usize::from(gone.is_some());
    }

    fn get(&self, ledger: &str, id: &RecordId) -> Option<&Stored> {
        self.ledgers.get(ledger)?.get(id)
    }
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Reader")
    }
}

impl<'a> Reader<'a> {
    pub(crate) fn new(core: &'a Core, connection: &'a mut Box<dyn Connection>) -> Self {
        Self { core, connection: RefCell::new(connection), is_clear: false.into(), kept: None }
    }

    /// A reader inside a transaction that writes. Writers queue on the head of the audit chain, so
    /// that rows change by this one alone.
    pub(crate) fn of_writer(core: &'a Core, connection: &'a mut Box<dyn Connection>) -> Self {
        Self { kept: Some(RefCell::default()), ..Self::new(core, connection) }
    }

    /// Notes a live row as it was read or written.
    pub(crate) fn keep_row(&self, table: &Table, row: &Stored) {
        if let Some(kept) = &self.kept {
            kept.borrow_mut().keep(&table.ledger, row);
        }
    }

    /// Notes that a row is gone.
    pub(crate) fn forget_row(&self, table: &Table, id: &RecordId) {
        if let Some(kept) = &self.kept {
            kept.borrow_mut().forget(&table.ledger, id);
        }
    }

    pub(crate) fn kept_row(&self, table: &Table, id: &RecordId) -> Option<Stored> {
        self.kept.as_ref()?.borrow().get(&table.ledger, id).cloned()
    }

    /// True for a row that is known to be live in this transaction.
    pub(crate) fn is_kept(&self, table: &Table, id: &RecordId) -> bool {
        self.kept.as_ref().is_some_and(|kept| kept.borrow().get(&table.ledger, id).is_some())
    }

    /// The codebook of the store.
    #[must_use]
    pub fn codebook(&self) -> &Codebook {
        &self.core.codebook
    }

    pub(crate) fn connection(&self) -> RefMut<'_, &'a mut Box<dyn Connection>> {
        self.connection.borrow_mut()
    }

    pub(crate) fn table(&self, ledger: &str) -> Result<&'a Table, StoreError> {
        self.core.schema.table(ledger)
    }

    pub(crate) fn record(&self, table: &Table, stored: Stored) -> Result<Record, StoreError> {
        if self.is_clear.get() {
            return stored.into_clear_record(table, &self.core.keys);
        }
        stored.into_record(table, &self.core.keys)
    }

    /// Reads records with their sealed fields in clear while `judge` runs: for rules and
    /// snapshots, which keep facts and keyed hashes of such values and never the values. What is
    /// shown to a person comes from [`Reader::get`] and its like, masked.
    pub fn for_judging<T>(&self, judge: impl FnOnce(&Self) -> T) -> T {
        let before = self.is_clear.replace(true);
        let judged = judge(self);
        self.is_clear.set(before);
        judged
    }

    /// The live row of a record.
    pub(crate) fn stored(
        &self,
        table: &Table,
        id: &RecordId,
    ) -> Result<Option<Stored>, StoreError> {
        if let Some(kept) = self.kept_row(table, id) {
            return Ok(Some(kept));
        }
        let rows = self.connection().query(&live_sql(table), &[Cell::text(id.as_str())])?;
        self.live_row(table, rows)
    }

    /// The answer to [`live_sql`].
    pub(crate) fn live_row(
        &self,
        table: &Table,
        rows: Vec<Row>,
    ) -> Result<Option<Stored>, StoreError> {
        let row = rows.into_iter().next();
        let stored = row.map(|mut row| Stored::read(table, &mut row)).transpose()?;
        if let Some(stored) = &stored {
            self.keep_row(table, stored);
        }
        Ok(stored)
    }

    /// The answer to a list's question.
    pub(crate) fn rows_of(
        &self,
        query: &Query,
        table: &Table,
        rows: Vec<Row>,
    ) -> Result<Vec<Stored>, StoreError> {
        let mut found = Vec::with_capacity(rows.len());
        for mut row in rows {
            let stored = Stored::read(table, &mut row)?;
            if query.is_kept {
                self.keep_row(table, &stored);
            }
            found.push(stored);
        }
        Ok(found)
    }

    /// A record by id; `None` if there is none or it is deleted.
    ///
    /// # Errors
    /// [`StoreError::UnknownLedger`] and faults of the database.
    pub fn get(&self, ledger: &str, id: &RecordId) -> Result<Option<Record>, StoreError> {
        let table = self.table(ledger)?;
        self.stored(table, id)?.map(|stored| self.record(table, stored)).transpose()
    }

    /// Several records by id; ids without a live record are left out.
    ///
    /// # Errors
    /// As [`Reader::get`].
    pub fn get_many(
        &self,
        ledger: &str,
        ids: &[RecordId],
    ) -> Result<BTreeMap<RecordId, Record>, StoreError> {
        let table = self.table(ledger)?;
        let mut found = BTreeMap::new();
        for chunk in ids.chunks(CHUNK) {
            let sql = format!(
                "SELECT {} FROM {} t WHERE t.\"id\" IN ({}) AND t.\"deleted_at\" IS NULL",
                table.select,
                quote(&table.ledger),
                marks(chunk.len())
            );
            let rows = self.connection().query(&sql, &id_cells(chunk))?;
            for mut row in rows {
                let stored = Stored::read(table, &mut row)?;
                found.insert(stored.id.clone(), self.record(table, stored)?);
            }
        }
        Ok(found)
    }

    /// One page of a list.
    ///
    /// # Errors
    /// [`StoreError::BadCursor`] for a mark of another list, [`StoreError::BadQuery`] and
    /// [`StoreError::UnknownField`] for questions that cannot be answered, and faults of the
    /// database.
    pub fn list(&self, query: &Query) -> Result<Page, StoreError> {
        let table = self.table(&query.ledger)?;
        let limit = query.limit.clamp(1, PAGE_MAX);
        let order = Order::resolve(table, &query.sort)?;
        let mark = query.after.as_ref().map(Cursor::read).transpose()?;
        let is_backward = mark.as_ref().is_some_and(|mark| mark.is_backward);
        let mut found = Vec::new();
        let narrowing = self.narrowing(table, &query.filter)?;
        for phase in order.phases(table, mark.as_ref(), is_backward)? {
            let wanted = (limit + 1).saturating_sub(found.len());
            if wanted == 0 {
                break;
            }
            let compiler = self.compiler(table, narrowing.clone()).walking(order.is_indexed());
            let (sql, cells) = phase_sql(table, query, compiler, &phase, wanted)?;
            let rows = self.connection().query(&sql, &cells)?;
            found.extend(self.rows_of(query, table, rows)?);
        }
        self.page(table, &order, found, mark.is_some(), is_backward, limit)
    }

    /// What the search index says of the texts in a filter.
    pub(crate) fn narrowing(
        &self,
        table: &Table,
        filter: &Filter,
    ) -> Result<Narrowing, StoreError> {
        search::narrow(self.connection().as_mut(), table, filter)
    }

    pub(crate) fn compiler(&self, table: &'a Table, narrowing: Narrowing) -> Compiler<'a> {
        let dialect = self.connection().dialect();
        Compiler::new(&self.core.schema, table, &self.core.keys, dialect).narrowed(narrowing)
    }

    /// Cuts the surplus row, which only tells that there is more, and marks both edges.
    pub(crate) fn page(
        &self,
        table: &Table,
        order: &Order<'_>,
        mut found: Vec<Stored>,
        has_mark: bool,
        is_backward: bool,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let has_more = found.len() > limit;
        found.truncate(limit);
        if is_backward {
            found.reverse();
        }
        let has_next = if is_backward { has_mark } else { has_more };
        let has_previous = if is_backward { has_more } else { has_mark };
        let edge = |stored: Option<&Stored>, is_backward: bool| -> Result<_, StoreError> {
            stored.map(|stored| cursor(table, order, stored, is_backward)).transpose()
        };
        let next = edge(found.last().filter(|_| has_next), false)?;
        let previous = edge(found.first().filter(|_| has_previous), true)?;
        let records: Result<Vec<_>, _> =
            found.into_iter().map(|stored| self.record(table, stored)).collect();
        Ok(Page { records: records?, next, previous })
    }

    /// How many records pass the filter; paging and order of the query do not matter.
    ///
    /// # Errors
    /// As [`Reader::list`].
    pub fn count(&self, query: &Query) -> Result<u64, StoreError> {
        let table = self.table(&query.ledger)?;
        let narrowing = self.narrowing(table, &query.filter)?;
        let mut compiler = self.compiler(table, narrowing);
        let condition = compiler.condition(&query.filter)?;
        let sql = format!("SELECT COUNT(*) FROM {} t WHERE {condition}", quote(&table.ledger));
        let row = self.connection().query_one(&sql, &compiler.cells)?;
        let count = row.map_or(Ok(0), |mut row| row.integer())?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// How many records pass the filter for each value of a field, most frequent first, missing
    /// among them as [`Value::Null`].
    ///
    /// # Errors
    /// As [`Reader::list`]; [`StoreError::BadQuery`] for sealed fields.
    pub fn count_by(&self, query: &Query, field: &str) -> Result<Vec<(Value, u64)>, StoreError> {
        let table = self.table(&query.ledger)?;
        let target = Target::find(table, field)?;
        let column = target.clear_column()?;
        let narrowing = self.narrowing(table, &query.filter)?;
        let mut compiler = self.compiler(table, narrowing);
        let condition = compiler.condition(&query.filter)?;
        let sql = format!(
            "SELECT {column}, COUNT(*) FROM {} t WHERE {condition} GROUP BY {column} \
             ORDER BY 2 DESC, 1 ASC NULLS LAST",
            quote(&table.ledger)
        );
        let rows = self.connection().query(&sql, &compiler.cells)?;
        rows.into_iter()
            .map(|mut row| {
                let value = target.value(row.raw()?)?;
                Ok((value, u64::try_from(row.integer()?).unwrap_or(0)))
            })
            .collect()
    }

    /// [`Reader::count_by`], and for each value how many of its records pass each of some further
    /// filters, in one look at the rows: for questions that no index answers by itself.
    ///
    /// # Errors
    /// As [`Reader::count_by`].
    pub fn count_by_each(
        &self,
        query: &Query,
        field: &str,
        further: &[Filter],
    ) -> Result<Vec<(Value, u64, Vec<u64>)>, StoreError> {
        let table = self.table(&query.ledger)?;
        let target = Target::find(table, field)?;
        let column = target.clear_column()?;
        let narrowing = self.narrowing(table, &query.filter)?;
        let mut compiler = self.compiler(table, narrowing);
        let mut counts = String::new();
        for filter in further {
            let condition = compiler.condition(filter)?;
            counts.push_str(&format!(", COUNT(*) FILTER (WHERE {condition})"));
        }
        let condition = compiler.condition(&query.filter)?;
        let sql = format!(
            "SELECT {column}, COUNT(*){counts} FROM {} t WHERE {condition} GROUP BY {column} \
             ORDER BY 2 DESC, 1 ASC NULLS LAST",
            quote(&table.ledger)
        );
        let rows = self.connection().query(&sql, &compiler.cells)?;
        let number = |row: &mut Row| row.integer().map(|n| u64::try_from(n).unwrap_or(0));
        rows.into_iter()
            .map(|mut row| {
                let value = target.value(row.raw()?)?;
                let all = number(&mut row)?;
                let each = further.iter().map(|_| number(&mut row)).collect::<Result<_, _>>()?;
                Ok((value, all, each))
            })
            .collect()
    }

    /// Ids that a relation leads to, in the order of linking (of making, for `many`). Deleted
    /// records are left out. `<ledger>.<relation>` follows another ledger's links backwards.
    ///
    /// # Errors
    /// [`StoreError::UnknownRelation`] and faults of the database.
    pub fn linked(
        &self,
        ledger: &str,
        relation: &str,
        id: &RecordId,
    ) -> Result<Vec<RecordId>, StoreError> {
        let mut found = self.linked_many(ledger, relation, std::slice::from_ref(id))?;
        Ok(found.remove(id).unwrap_or_default())
    }

    /// [`Reader::linked`] for many records at once; those without links are left out.
    ///
    /// # Errors
    /// As [`Reader::linked`].
    pub fn linked_many(
        &self,
        ledger: &str,
        relation: &str,
        ids: &[RecordId],
    ) -> Result<BTreeMap<RecordId, Vec<RecordId>>, StoreError> {
        let path = self.core.schema.path(ledger, relation)?;
        let mut found: BTreeMap<RecordId, Vec<RecordId>> = BTreeMap::new();
        for chunk in ids.chunks(CHUNK) {
            let sql = path_sql(ledger, &path, chunk.len());
            for mut row in self.connection().query(&sql, &id_cells(chunk))? {
                let from = codec::record_id(&row.text()?)?;
                found.entry(from).or_default().push(codec::record_id(&row.text()?)?);
            }
        }
        Ok(found)
    }

    /// All versions of a record, oldest first; empty if it never was. Deleted records have theirs.
    ///
    /// # Errors
    /// As [`Reader::get`].
    pub fn history(&self, ledger: &str, id: &RecordId) -> Result<Vec<Version>, StoreError> {
        let table = self.table(ledger)?;
        let sql = format!(
            "SELECT {} FROM {} t WHERE t.\"id\" = ? ORDER BY t.\"version\"",
            table.select_history,
            quote(&table.history())
        );
        let rows = self.connection().query(&sql, &[Cell::text(id.as_str())])?;
        let mut versions = Vec::new();
        let mut before: Option<Record> = None;
        for mut row in rows {
            let (act, stored) = HistoryAct::read(table, &mut row)?;
            let record = self.record(table, stored)?;
            let version = act.into_version(record, before.as_ref())?;
            before = Some(version.record.clone());
            versions.push(version);
        }
        Ok(versions)
    }

    /// The record as it stood at a moment; `None` before it was made or while it was deleted.
    ///
    /// # Errors
    /// As [`Reader::get`].
    pub fn as_of(
        &self,
        ledger: &str,
        id: &RecordId,
        at: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        let table = self.table(ledger)?;
        let sql = format!(
            "SELECT {} FROM {} t WHERE t.\"id\" = ? AND t.\"act_at\" <= ? \
             ORDER BY t.\"version\" DESC LIMIT 1",
            table.select_history,
            quote(&table.history())
        );
        let cells = [Cell::text(id.as_str()), Cell::Instant(to_microsecond(at))];
        let row = self.connection().query_one(&sql, &cells)?;
        let Some(mut row) = row else {
            return Ok(None);
        };
        let (act, stored) = HistoryAct::read(table, &mut row)?;
        if act.is_deleted { Ok(None) } else { self.record(table, stored).map(Some) }
    }

    /// The stored form of one version, for comparing.
    pub(crate) fn stored_version(
        &self,
        table: &Table,
        id: &RecordId,
        version: i64,
    ) -> Result<Option<Stored>, StoreError> {
        let sql = format!(
            "SELECT {} FROM {} t WHERE t.\"id\" = ? AND t.\"version\" = ?",
            table.select_history,
            quote(&table.history())
        );
        let cells = [Cell::text(id.as_str()), Cell::Integer(version)];
        let row = self.connection().query_one(&sql, &cells)?;
        row.map(|mut row| Ok(HistoryAct::read(table, &mut row)?.1)).transpose()
    }
}

/// The part of a history row that tells of the act.
pub(crate) struct HistoryAct {
    pub(crate) sequence: i64,
    pub(crate) at: Timestamp,
    pub(crate) actor: Option<String>,
    pub(crate) verb: String,
    pub(crate) reason: Option<String>,
    pub(crate) source: String,
    pub(crate) changed: Vec<String>,
    pub(crate) is_deleted: bool,
    /// Made with others: its line commits to the whole row.
    pub(crate) is_whole: bool,
}

impl HistoryAct {
    /// Reads a row of [`Table::select_history`].
    pub(crate) fn read(table: &Table, row: &mut Row) -> Result<(Self, Stored), StoreError> {
        let mut act = Self {
            sequence: row.integer()?,
            at: row.instant()?,
            actor: row.optional_text()?,
            verb: row.text()?,
            reason: row.optional_text()?,
            source: row.text()?,
            changed: serde_json::from_str(&row.text()?).map_err(|_| {
                StoreError::Damaged("the list of changed fields cannot be read".to_owned())
            })?,
            is_deleted: row.boolean()?,
            is_whole: false,
        };
        let stored = Stored {
            id: codec::record_id(&row.text()?)?,
            version: row.integer()?,
            region: row.optional_text()?,
            state: row.optional_text()?,
            flow_edition: row.optional_integer()?,
            created_at: row.instant()?,
            created_by: row.optional_text()?,
            updated_at: act.at,
            updated_by: act.actor.clone(),
            cells: codec::read_cells(table, row)?,
        };
        act.is_whole = act.changed.first().is_some_and(|name| name == WHOLE);
        if act.is_whole {
            act.changed = bulk::filled(table, &stored);
        }
        Ok((act, stored))
    }

    fn into_version(self, record: Record, before: Option<&Record>) -> Result<Version, StoreError> {
        let changed = self.changed.iter().map(|field| {
            let old = before.map_or(Value::Null, |before| any_value(before, field));
            (field.clone(), old, any_value(&record, field))
        });
        Ok(Version {
            version: record.version,
            sequence: self.sequence,
            at: self.at,
            by: self.actor.map(|id| codec::record_id(&id)).transpose()?,
            verb: self.verb,
            reason: self.reason,
            source: self.source,
            is_deleted: self.is_deleted,
            changed: changed.collect(),
            record,
        })
    }
}

/// A field of a record, `state` and `region` included.
pub(crate) fn any_value(record: &Record, field: &str) -> Value {
    match field {
        "state" => record.state.clone().into(),
        "region" => record.region.clone().into(),
        "flow_edition" => record.flow_edition.into(),
        _ => record.get(field).clone(),
    }
}

/// The statement for a live row by its id.
pub(crate) fn live_sql(table: &Table) -> String {
    format!(
        "SELECT {} FROM {} t WHERE t.\"id\" = ? AND t.\"deleted_at\" IS NULL",
        table.select,
        quote(&table.ledger)
    )
}

/// The statement of one part of a list, and its cells.
pub(crate) fn phase_sql(
    table: &Table,
    query: &Query,
    mut compiler: Compiler<'_>,
    phase: &Phase,
    wanted: usize,
) -> Result<(String, Vec<Cell>), StoreError> {
    let condition = compiler.condition(&query.filter)?;
    let sql = format!(
        "SELECT {} FROM {} t WHERE {condition} AND {} ORDER BY {} LIMIT {wanted}",
        table.select,
        quote(&table.ledger),
        phase.condition,
        phase.order
    );
    let mut cells = compiler.cells;
    cells.extend_from_slice(&phase.cells);
    Ok((sql, cells))
}

fn cursor(
    table: &Table,
    order: &Order<'_>,
    stored: &Stored,
    is_backward: bool,
) -> Result<Cursor, StoreError> {
    let values: Result<Vec<Value>, StoreError> = order
        .keys
        .iter()
        .map(|key| match key.target {
            Target::BuiltIn(name, _) => Ok(built_in_value(stored, name)),
            Target::Field(field) => {
                let place = table.fields.iter().position(|known| known.name == field.name);
                let cell = place.and_then(|place| stored.cells.get(place));
                cell.map_or(Ok(Value::Null), |cell| codec::decode(field, cell))
            }
        })
        .collect();
    Cursor::write(&Mark {
        is_backward,
        order: order.fingerprint.clone(),
        values: values?,
        id: stored.id.clone(),
    })
}

fn built_in_value(stored: &Stored, name: &str) -> Value {
    match name {
        "id" => Value::Text(stored.id.to_string()),
        "version" => Value::Integer(stored.version),
        "region" => stored.region.clone().into(),
        "state" => stored.state.clone().into(),
        "flow_edition" => stored.flow_edition.into(),
        "created_at" => Value::Instant(stored.created_at),
        "created_by" => stored.created_by.clone().into(),
        "updated_at" => Value::Instant(stored.updated_at),
        "updated_by" => stored.updated_by.clone().into(),
        _ => Value::Null,
    }
}

/// `?, ?, …`
pub(crate) fn marks(count: usize) -> String {
    vec!["?"; count].join(", ")
}

pub(crate) fn id_cells(ids: &[RecordId]) -> Vec<Cell> {
    ids.iter().map(|id| Cell::text(id.as_str())).collect()
}

/// Pairs of (asked id, linked id) for a number of asked ids.
fn path_sql(ledger: &str, path: &Path, count: usize) -> String {
    let marks = marks(count);
    match path {
        Path::Many { ledger: other, by } => format!(
            "SELECT t.{by}, t.\"id\" FROM {other} t WHERE t.{by} IN ({marks}) \
             AND t.\"deleted_at\" IS NULL ORDER BY 1, 2",
            by = quote(by),
            other = quote(other)
        ),
        Path::One { ledger: other, by } => format!(
            "SELECT t.\"id\", o.\"id\" FROM {own} t JOIN {other} o ON o.\"id\" = t.{by} \
             WHERE t.\"id\" IN ({marks}) AND o.\"deleted_at\" IS NULL ORDER BY 1",
            by = quote(by),
            own = quote(ledger),
            other = quote(other)
        ),
        Path::Links { table, ledger: other, is_inverse } => {
            let (from, to) = if *is_inverse { ("to_id", "from_id") } else { ("from_id", "to_id") };
            format!(
                "SELECT l.\"{from}\", l.\"{to}\" FROM {table} l \
                 JOIN {other} o ON o.\"id\" = l.\"{to}\" \
                 WHERE l.\"{from}\" IN ({marks}) AND o.\"deleted_at\" IS NULL \
                 ORDER BY l.\"{from}\", l.\"sequence\", l.\"{to}\"",
                table = quote(table),
                other = quote(other)
            )
        }
    }
}
