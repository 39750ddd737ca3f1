//! Writing: every change makes a version, a history row and an audit line in one transaction.

use crate::audit::{self, AuditHead, NewLine};
use crate::bulk::{SpareRows, TERMS_AT_ONCE};
use crate::codec::{self, Stored};
use crate::driver::{Cell, Connection, Dialect, quote, to_microsecond};
use crate::error::{Conflict, FieldConflict, StoreError};
use crate::former;
use crate::keys::random_bytes;
use crate::reader::{Reader, any_value};
use crate::record::{Act, Change, NewRecord, Record, Touched, Values};
use crate::row_sql::{hash_columns, history_sql, insert_sql, row_cells};
use crate::schema::{FieldColumn, Path, Table};
use crate::search;
use crate::store::Core;
use std::cell::{Cell as StdCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::sync::PoisonError;
use taizhang_values::RecordId;

/// A running transaction. Reads through it see its own effects.
pub struct Writer<'a> {
    reader: Reader<'a>,
    act: Act,
    /// The head of the audit chain, once it was asked for.
    head: RefCell<Option<AuditHead>>,
    has_lines: StdCell<bool>,
    /// A statement failed half-way through an effect; the transaction must not be kept.
    is_torn: StdCell<bool>,
    /// Ledgers whose indexes are made at the end, with the rows they got.
    pub(crate) late: RefCell<BTreeMap<String, usize>>,
    /// Room for the rows of many records at once.
    pub(crate) spare: SpareRows,
    /// Ids and terms of new records that the text index gets later, by ledger: only of ledgers that
    /// nobody searches meanwhile.
    pub(crate) terms: RefCell<BTreeMap<String, Vec<(String, String)>>>,
    /// New records that a text index may wait for ([`Writer::wait_for_terms`]).
    pub(crate) terms_at_once: StdCell<usize>,
    /// Ledgers that got many records.
    pub(crate) many: RefCell<BTreeSet<String>>,
    /// What was written since somebody asked to know.
    watched: RefCell<Option<Watched>>,
}

/// Records by ledger and id, with the version before their first change; none where only links
/// were tied or untied.
type Watched = BTreeMap<(String, RecordId), Option<i64>>;

impl std::fmt::Debug for Writer<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Writer")
    }
}

impl<'a> Deref for Writer<'a> {
    type Target = Reader<'a>;

    fn deref(&self) -> &Reader<'a> {
        &self.reader
    }
}

/// What becomes of a row.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    Insert,
    Update,
    Delete,
}

impl Effect {
    const fn word(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

impl<'a> Writer<'a> {
    pub(crate) fn begin(
        core: &'a Core,
        connection: &'a mut Box<dyn Connection>,
        act: &Act,
    ) -> Result<Self, StoreError> {
        audit::lock_head(connection.as_mut())?;
        let mut act = act.clone();
        act.at = to_microsecond(act.at);
        act.verb = codec::without_nul(&act.verb);
        act.source = codec::without_nul(&act.source);
        act.reason = act.reason.map(|reason| codec::without_nul(&reason));
        Ok(Self {
            reader: Reader::of_writer(core, connection),
            act,
            head: RefCell::default(),
            has_lines: StdCell::new(false),
            is_torn: StdCell::new(false),
            late: RefCell::default(),
            spare: SpareRows::default(),
            terms: RefCell::default(),
            terms_at_once: StdCell::new(TERMS_AT_ONCE),
            many: RefCell::default(),
            watched: RefCell::default(),
        })
    }

    /// Stores the head if the transaction added audit lines.
    ///
    /// # Errors
    /// If a statement failed half-way through an effect: kept, it would be an effect without its
    /// audit line.
    pub(crate) fn finish(self) -> Result<(), StoreError> {
        if self.is_torn.get() {
            return Err(StoreError::Database("a statement of this transaction failed".to_owned()));
        }
        self.make_late()?;
        self.count_many()?;
        match self.head.borrow().as_ref().filter(|_| self.has_lines.get()) {
            None => Ok(()),
            Some(head) => {
                audit::store_head(self.reader.connection().as_mut(), &self.core.keys, head)
            }
        }
    }

    /// Adds a line behind the head.
    fn append(&self, line: &NewLine<'_>) -> Result<i64, StoreError> {
        let mut head = self.head.borrow_mut();
        let connection = &mut *self.connection();
        let known = match head.take() {
            Some(known) => known,
            None => audit::locked_head(connection.as_mut())?,
        };
        let known = head.insert(known);
        self.has_lines.set(true);
        audit::append(connection.as_mut(), &self.core.keys, known, &self.act, line)
    }

    /// Notes faults, as against refusals, which come before the first statement of an effect.
    pub(crate) fn whole<T>(&self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(
            StoreError::Database(_)
            | StoreError::Disk(_)
            | StoreError::Busy
            | StoreError::Damaged(_)
            | StoreError::Keys(_)
            | StoreError::Io(_),
        ) = &result
        {
            self.is_torn.set(true);
        }
        result
    }

    /// Notes from now on which records are written, for [`Writer::watched`]. Writing many rows at
    /// once does not ask for it: the list would be as long as they are.
    pub fn watch(&self) {
        self.watched.borrow_mut().get_or_insert_default();
    }

    /// The records written since [`Writer::watch`] was called; it notes nothing more.
    #[must_use]
    pub fn watched(&self) -> Vec<Touched> {
        let watched = self.watched.borrow_mut().take().unwrap_or_default();
        watched.into_iter().map(|((ledger, id), before)| Touched { ledger, id, before }).collect()
    }

    fn see(&self, ledger: &str, id: &RecordId, before: Option<i64>) {
        if let Some(watched) = self.watched.borrow_mut().as_mut() {
            let seen = watched.entry((ledger.to_owned(), id.clone())).or_insert(before);
            *seen = seen.or(before);
        }
    }

    /// The act that this transaction carries out.
    #[must_use]
    pub const fn act(&self) -> &Act {
        &self.act
    }

    /// A fresh id. Ids of one millisecond rise in the order of making.
    ///
    /// # Errors
    /// [`StoreError::Keys`] if the system has no random numbers.
    pub fn new_id(&self) -> Result<RecordId, StoreError> {
        let milliseconds = u64::try_from(self.act.at.as_millisecond()).unwrap_or(0);
        let mut last = self.core.last_id.lock().unwrap_or_else(PoisonError::into_inner);
        let random = match *last {
            (at, random) if at == milliseconds => random.wrapping_add(1),
            _ => u128::from_be_bytes(random_bytes()?),
        };
        *last = (milliseconds, random);
        Ok(RecordId::from_parts(milliseconds, random))
    }

    /// Makes a record.
    ///
    /// # Errors
    /// [`StoreError::Required`], [`StoreError::Duplicate`], [`StoreError::MissingReference`],
    /// [`StoreError::WrongType`], [`StoreError::UnknownField`], [`StoreError::UnknownLedger`] and
    /// faults of the database.
    pub fn insert(&self, ledger: &str, new: NewRecord) -> Result<Record, StoreError> {
        self.whole(self.insert_record(ledger, new))
    }

    fn insert_record(&self, ledger: &str, new: NewRecord) -> Result<Record, StoreError> {
        let table = self.table(ledger)?;
        let id = self.new_id()?;
        let mut stored = Stored {
            id,
            version: 1,
            region: new.region.map(|code| code.to_string()),
            state: new.state,
            flow_edition: new.flow_edition,
            created_at: self.act.at,
            created_by: self.act.actor.as_ref().map(ToString::to_string),
            updated_at: self.act.at,
            updated_by: self.act.actor.as_ref().map(ToString::to_string),
            cells: vec![Cell::Null; table.fields.len()],
        };
        let (hashes, mut changed) = self.apply(table, &mut stored, &new.values)?;
        for (field, cell) in table.fields.iter().zip(&stored.cells) {
            if field.is_required && *cell == Cell::Null {
                return Err(required(table, field));
            }
        }
        changed.extend(stored.region.as_ref().map(|_| "region".to_owned()));
        changed.extend(stored.state.as_ref().map(|_| "state".to_owned()));
        changed.extend(stored.flow_edition.map(|_| "flow_edition".to_owned()));
        self.check(table, &stored, &hashes, &changed)?;
        let hash_cells: Vec<Cell> = hash_columns(table)
            .map(|(place, _)| hashes.get(&place).cloned().unwrap_or(Cell::Null))
            .collect();
        let sql = insert_sql(table);
        let cells: Vec<Cell> = row_cells(&stored).into_iter().chain(hash_cells).collect();
        self.connection().later(&sql, cells, None)?;
        self.note(table, &stored, &changed, Effect::Insert)?;
        self.record(table, stored)
    }

    /// Changes a record that was read in version `base_version`. An edit that changes nothing
    /// leaves record and version as they are.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the record has a later version, [`StoreError::NotFound`] if it
    /// is gone, and as [`Writer::insert`].
    pub fn update(
        &self,
        ledger: &str,
        id: &RecordId,
        base_version: i64,
        change: Change,
    ) -> Result<Record, StoreError> {
        self.whole(self.update_record(ledger, id, base_version, change))
    }

    fn update_record(
        &self,
        ledger: &str,
        id: &RecordId,
        base_version: i64,
        change: Change,
    ) -> Result<Record, StoreError> {
        let table = self.table(ledger)?;
        let current = self.live(table, id)?;
        if current.version != base_version {
            return Err(self.conflict(table, current, base_version, &change));
        }
        let mut next = current.clone();
        let (hashes, mut changed) = self.apply(table, &mut next, &change.values)?;
        former::keep(table, &current, &mut next, &mut changed)?;
        if let Some(state) = change.state.filter(|state| current.state.as_ref() != Some(state)) {
            next.state = Some(state);
            changed.insert("state".to_owned());
        }
        if let Some(region) = change.region.map(|region| region.to_string())
            && current.region.as_ref() != Some(&region)
        {
            next.region = Some(region);
            changed.insert("region".to_owned());
        }
        if changed.is_empty() {
            return self.record(table, current);
        }
        for (field, cell) in table.fields.iter().zip(&next.cells) {
            if field.is_required && *cell == Cell::Null && changed.contains(&field.name) {
                return Err(required(table, field));
            }
        }
        self.check(table, &next, &hashes, &changed)?;
        self.step(&mut next);
        self.write_changed(table, &next, &hashes, &changed)?;
        self.note(table, &next, &changed, Effect::Update)?;
        self.record(table, next)
    }

    /// Takes a record out of the lists. Its history stays.
    ///
    /// # Errors
    /// As [`Writer::update`].
    pub fn delete(&self, ledger: &str, id: &RecordId, base_version: i64) -> Result<(), StoreError> {
        self.whole(self.delete_record(ledger, id, base_version))
    }

    fn delete_record(
        &self,
        ledger: &str,
        id: &RecordId,
        base_version: i64,
    ) -> Result<(), StoreError> {
        let table = self.table(ledger)?;
        let mut current = self.live(table, id)?;
        if current.version != base_version {
            return Err(self.conflict(table, current, base_version, &Change::default()));
        }
        self.step(&mut current);
        let sql = format!(
            "UPDATE {} SET \"version\" = ?, \"updated_at\" = ?, \"updated_by\" = ?, \
             \"deleted_at\" = ? WHERE \"id\" = ? AND \"version\" = ?",
            quote(&table.ledger)
        );
        let cells = vec![
            Cell::Integer(current.version),
            Cell::Instant(current.updated_at),
            Cell::optional(current.updated_by.as_deref()),
            Cell::Instant(current.updated_at),
            Cell::text(id.as_str()),
            Cell::Integer(base_version),
        ];
        self.exactly_one(&sql, cells)?;
        self.note(table, &current, &BTreeSet::new(), Effect::Delete)?;
        Ok(())
    }

    /// Ties two records by a link relation; nothing happens if they are tied already.
    ///
    /// # Errors
    /// [`StoreError::UnknownRelation`] for relations of another kind, [`StoreError::NotFound`] if
    /// one of the records is gone.
    pub fn link(
        &self,
        ledger: &str,
        relation: &str,
        from: &RecordId,
        to: &RecordId,
    ) -> Result<(), StoreError> {
        self.whole(self.set_link(ledger, relation, from, to, true))
    }

    /// Unties two records; nothing happens if they are not tied.
    ///
    /// # Errors
    /// As [`Writer::link`].
    pub fn unlink(
        &self,
        ledger: &str,
        relation: &str,
        from: &RecordId,
        to: &RecordId,
    ) -> Result<(), StoreError> {
        self.whole(self.set_link(ledger, relation, from, to, false))
    }

    fn set_link(
        &self,
        ledger: &str,
        relation: &str,
        from: &RecordId,
        to: &RecordId,
        is_tied: bool,
    ) -> Result<(), StoreError> {
        let (link, left, right) = self.link_ends(ledger, relation, from, to)?;
        if is_tied {
            self.live(self.table(ledger)?, from)?;
            self.live(self.table(&link.other)?, to)?;
        }
        self.see(ledger, from, None);
        self.see(&link.other, to, None);
        let table = quote(&link.table);
        let ends = [Cell::text(left.as_str()), Cell::text(right.as_str())];
        let there = format!("SELECT 1 FROM {table} WHERE \"from_id\" = ? AND \"to_id\" = ?");
        if self.connection().query_one(&there, &ends)?.is_some() == is_tied {
            return Ok(());
        }
        let word = if is_tied { "link" } else { "unlink" };
        let sequence = self.line(
            &self.act.verb,
            &format!("{ledger}/{from}"),
            None,
            &format!("{word} {} {left} {right}", link.table),
            BTreeMap::new(),
        )?;
        if is_tied {
            let sql = format!(
                "INSERT INTO {table} (\"from_id\", \"to_id\", \"sequence\") VALUES (?, ?, ?)"
            );
            let cells = [ends.as_slice(), &[Cell::Integer(sequence)]].concat();
            self.connection().execute(&sql, &cells)?;
        } else {
            let sql = format!("DELETE FROM {table} WHERE \"from_id\" = ? AND \"to_id\" = ?");
            self.connection().execute(&sql, &ends)?;
        }
        Ok(())
    }

    /// The clear text of a sealed field. The audit line stands in this transaction: hand the text
    /// out only after the transaction is durable.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::UnknownField`], [`StoreError::BadQuery`] for a field
    /// that is not sealed, [`StoreError::Damaged`] if it does not open.
    pub fn reveal(
        &self,
        ledger: &str,
        id: &RecordId,
        field: &str,
        reason: &str,
    ) -> Result<String, StoreError> {
        let table = self.table(ledger)?;
        let stored = self.live(table, id)?;
        let column = table.field(field)?;
        if column.sensitive.is_none() {
            return Err(StoreError::BadQuery(format!("`{field}` is not sealed")));
        }
        let place = table.fields.iter().position(|known| known.name == field);
        let cell = place.and_then(|place| stored.cells.get(place)).unwrap_or(&Cell::Null);
        let clear = codec::unseal(table, column, id, cell, &self.core.keys)?;
        let reason = codec::without_nul(reason);
        self.append(&NewLine {
            verb: &format!("{ledger}.reveal"),
            object: &format!("{ledger}/{id}"),
            version: Some(stored.version),
            reason: Some(&reason),
            detail: &format!("reveal {field}"),
            commitments: BTreeMap::new(),
        })?;
        Ok(clear.to_string())
    }

    /// Adds an audit line of its own: a sign-in, an export, a page printed. Neither object nor
    /// detail may hold personal data.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn audit(&self, verb: &str, object: &str, detail: &str) -> Result<i64, StoreError> {
        self.whole(self.line(verb, object, None, detail, BTreeMap::new()))
    }

    pub(crate) fn line(
        &self,
        verb: &str,
        object: &str,
        version: Option<i64>,
        detail: &str,
        commitments: BTreeMap<String, String>,
    ) -> Result<i64, StoreError> {
        self.append(&NewLine {
            verb: &codec::without_nul(verb),
            object: &codec::without_nul(object),
            version,
            reason: self.act.reason.as_deref(),
            detail: &codec::without_nul(detail),
            commitments,
        })
    }

    fn live(&self, table: &Table, id: &RecordId) -> Result<Stored, StoreError> {
        self.stored(table, id)?
            .ok_or_else(|| StoreError::NotFound { ledger: table.ledger.clone(), id: id.clone() })
    }

    /// Puts new values into the cells; the hash cells by field place, and the names that changed.
    /// A mask that comes back from a form leaves its sealed field alone.
    fn apply(
        &self,
        table: &Table,
        stored: &mut Stored,
        values: &Values,
    ) -> Result<(BTreeMap<usize, Cell>, BTreeSet<String>), StoreError> {
        let keys = &self.core.keys;
        let mut hashes = BTreeMap::new();
        let mut changed = BTreeSet::new();
        if let Some(unknown) = values.keys().find(|name| table.field(name).is_err()) {
            table.field(unknown)?;
        }
        let id = stored.id.clone();
        for (place, (field, cell)) in table.fields.iter().zip(&mut stored.cells).enumerate() {
            let Some(value) = values.get(&field.name) else {
                continue;
            };
            if field.sensitive.is_some() {
                let before = codec::unseal(table, field, &id, cell, keys)?;
                let mask = codec::masked(table, field, &id, cell, keys)?;
                if *value == before || (*value == mask && !mask.is_empty()) {
                    continue;
                }
                let (sealed, hash) = codec::seal(table, field, &id, value, keys)?;
                if sealed == Cell::Null && *cell == Cell::Null {
                    continue;
                }
                *cell = sealed;
                hashes.insert(place, hash);
                changed.insert(field.name.clone());
            } else {
                let new = codec::encode(table, field, value)?;
                if new != *cell {
                    *cell = new;
                    changed.insert(field.name.clone());
                }
            }
        }
        Ok((hashes, changed))
    }

    /// Looks for taken values and missing references before the database refuses: a refused
    /// statement would end the whole transaction on PostgreSQL.
    fn check(
        &self,
        table: &Table,
        stored: &Stored,
        hashes: &BTreeMap<usize, Cell>,
        changed: &BTreeSet<String>,
    ) -> Result<(), StoreError> {
        let mut questions = Vec::new();
        let mut refusals = Vec::new();
        for (place, (field, cell)) in table.fields.iter().zip(&stored.cells).enumerate() {
            if *cell == Cell::Null || !changed.contains(&field.name) {
                continue;
            }
            let (ledger, name) = (table.ledger.clone(), field.name.clone());
            if field.is_unique {
                let (column, cell) = match (&field.hash_column, hashes.get(&place)) {
                    (Some(column), Some(hash)) => (column, hash),
                    _ => (&field.name, cell),
                };
                let sql = format!(
                    "SELECT 1 FROM {} WHERE {} = ? AND \"deleted_at\" IS NULL AND \"id\" <> ?",
                    quote(&table.ledger),
                    quote(column)
                );
                questions.push((sql, vec![cell.clone(), Cell::text(stored.id.as_str())]));
                let (ledger, field) = (ledger.clone(), name.clone());
                refusals.push((true, StoreError::Duplicate { ledger, field }));
            }
            if let Some(other) = &field.reference {
                let other = self.table(other)?;
                let id = if let Cell::Text(id) = cell { RecordId::parse(id) } else { None };
                if id.is_some_and(|id| self.is_kept(other, &id)) {
                    continue;
                }
                let sql = format!(
                    "SELECT 1 FROM {} WHERE \"id\" = ? AND \"deleted_at\" IS NULL",
                    quote(&other.ledger)
                );
                questions.push((sql, vec![cell.clone()]));
                refusals.push((false, StoreError::MissingReference { ledger, field: name }));
            }
        }
        if questions.is_empty() {
            return Ok(());
        }
        let answers = self.connection().query_all(&questions)?;
        for (rows, (refused_if_there, refusal)) in answers.iter().zip(refusals) {
            if rows.is_empty() != refused_if_there {
                return Err(refusal);
            }
        }
        Ok(())
    }

    /// The next version, made now by this act.
    pub(crate) fn step(&self, stored: &mut Stored) {
        stored.version = stored.version.saturating_add(1);
        stored.updated_at = self.act.at;
        stored.updated_by = self.act.actor.as_ref().map(ToString::to_string);
    }

    pub(crate) fn write_changed(
        &self,
        table: &Table,
        next: &Stored,
        hashes: &BTreeMap<usize, Cell>,
        changed: &BTreeSet<String>,
    ) -> Result<(), StoreError> {
        let mut columns = vec!["version", "updated_at", "updated_by", "state", "region"];
        let mut cells = vec![
            Cell::Integer(next.version),
            Cell::Instant(next.updated_at),
            Cell::optional(next.updated_by.as_deref()),
            Cell::optional(next.state.as_deref()),
            Cell::optional(next.region.as_deref()),
        ];
        for (place, (field, cell)) in table.fields.iter().zip(&next.cells).enumerate() {
            if !changed.contains(&field.name) {
                continue;
            }
            columns.push(&field.name);
            cells.push(cell.clone());
            if let (Some(column), Some(hash)) = (&field.hash_column, hashes.get(&place)) {
                columns.push(column);
                cells.push(hash.clone());
            }
        }
        let assignments: Vec<String> =
            columns.iter().map(|column| format!("{} = ?", quote(column))).collect();
        let sql = format!(
            "UPDATE {} SET {} WHERE \"id\" = ? AND \"version\" = ?",
            quote(&table.ledger),
            assignments.join(", ")
        );
        cells.push(Cell::text(next.id.as_str()));
        cells.push(Cell::Integer(next.version - 1));
        self.exactly_one(&sql, cells)
    }

    /// The second guard after the version check: the row must still be the one that was read.
    fn exactly_one(&self, sql: &str, cells: Vec<Cell>) -> Result<(), StoreError> {
        self.connection().later(sql, cells, Some(1))
    }

    /// Audit line, history row and search index of a version.
    pub(crate) fn note(
        &self,
        table: &Table,
        stored: &Stored,
        changed: &BTreeSet<String>,
        effect: Effect,
    ) -> Result<(), StoreError> {
        self.see(&table.ledger, &stored.id, Some(stored.version - 1));
        let object = format!("{}/{}", table.ledger, stored.id);
        let commitments = commitments(self.core, table, stored, changed, effect.word());
        let sequence =
            self.line(&self.act.verb, &object, Some(stored.version), effect.word(), commitments)?;
        let names: Vec<&String> = changed.iter().collect();
        let names = serde_json::to_string(&names)
            .map_err(|_| StoreError::Damaged("changed fields cannot be written".to_owned()))?;
        let mut cells = vec![
            Cell::Integer(sequence),
            Cell::Instant(self.act.at),
            Cell::optional(self.act.actor.as_ref().map(RecordId::as_str)),
            Cell::text(&self.act.verb),
            Cell::optional(self.act.reason.as_deref()),
            Cell::text(&self.act.source),
            Cell::Text(names),
            Cell::Boolean(effect == Effect::Delete),
            Cell::text(stored.id.as_str()),
            Cell::Integer(stored.version),
            Cell::optional(stored.region.as_deref()),
            Cell::optional(stored.state.as_deref()),
            stored.flow_edition.map_or(Cell::Null, Cell::Integer),
            Cell::Instant(stored.created_at),
            Cell::optional(stored.created_by.as_deref()),
        ];
        cells.extend(stored.cells.iter().cloned());
        cells.extend(table.retired.iter().map(|_| Cell::text(stored.id.as_str())));
        if effect == Effect::Delete {
            self.forget_row(table, &stored.id);
        } else {
            self.keep_row(table, stored);
        }
        self.index_terms(table)?;
        let connection = &mut *self.connection();
        connection.later(&history_sql(table), cells, None)?;
        let live = (effect != Effect::Delete).then_some(stored.cells.as_slice());
        search::note(connection.as_mut(), table, stored.id.as_str(), live, changed)
    }

    /// Both versions of a record, field by field.
    fn conflict(
        &self,
        table: &Table,
        current: Stored,
        base_version: i64,
        change: &Change,
    ) -> StoreError {
        match self.conflict_fields(table, current, base_version, change) {
            Ok(conflict) => StoreError::Conflict(Box::new(conflict)),
            Err(error) => error,
        }
    }

    fn conflict_fields(
        &self,
        table: &Table,
        current: Stored,
        base_version: i64,
        change: &Change,
    ) -> Result<Conflict, StoreError> {
        let id = current.id.clone();
        let base = match self.stored_version(table, &id, base_version)? {
            Some(base) => self.record(table, base)?,
            None => self.record(table, current.clone())?,
        };
        let mut mine = self.stored_version(table, &id, base.version)?.unwrap_or(current.clone());
        self.apply(table, &mut mine, &change.values)?;
        if change.state.is_some() {
            mine.state.clone_from(&change.state);
        }
        if let Some(region) = &change.region {
            mine.region = Some(region.to_string());
        }
        let mine = self.record(table, mine)?;
        let current = self.record(table, current)?;
        let built_in = ["state".to_owned(), "region".to_owned()];
        let names = built_in.into_iter().chain(table.fields.iter().map(|field| field.name.clone()));
        let fields = names
            .map(|field| FieldConflict {
                base: any_value(&base, &field),
                mine: any_value(&mine, &field),
                theirs: any_value(&current, &field),
                field,
            })
            .filter(|one| one.mine != one.base || one.theirs != one.base)
            .collect();
        Ok(Conflict { ledger: table.ledger.clone(), id, base_version, current, fields })
    }

    fn link_ends<'b>(
        &self,
        ledger: &str,
        relation: &str,
        from: &'b RecordId,
        to: &'b RecordId,
    ) -> Result<(LinkPlace, &'b RecordId, &'b RecordId), StoreError> {
        match self.core.schema.path(ledger, relation)? {
            Path::Links { table, ledger: other, is_inverse } => {
                let (left, right) = if is_inverse { (to, from) } else { (from, to) };
                Ok((LinkPlace { table, other }, left, right))
            }
            _ => Err(StoreError::UnknownRelation {
                ledger: ledger.to_owned(),
                relation: relation.to_owned(),
            }),
        }
    }

    /// `FOR UPDATE` where the database knows it.
    pub(crate) fn for_update(&self) -> &'static str {
        match self.connection().dialect() {
            Dialect::Sqlite => "",
            Dialect::Postgres => " FOR UPDATE",
        }
    }
}

/// A link table and the ledger at its far end.
struct LinkPlace {
    table: String,
    other: String,
}

fn required(table: &Table, field: &FieldColumn) -> StoreError {
    StoreError::Required { ledger: table.ledger.clone(), field: field.name.clone() }
}

/// The keyed commitments to what a version changed, and to what became of the row.
pub(crate) fn commitments(
    core: &Core,
    table: &Table,
    stored: &Stored,
    changed: &BTreeSet<String>,
    effect: &str,
) -> BTreeMap<String, String> {
    let version = stored.version.to_string();
    let commit = |name: &str, content: &str| {
        let parts = [table.ledger.as_str(), stored.id.as_str(), &version, name, content];
        (name.to_owned(), core.keys.commitment(&parts))
    };
    let built_in = changed.iter().filter_map(|name| match name.as_str() {
        "state" => Some(commit(name, stored.state.as_deref().unwrap_or(""))),
        "region" => Some(commit(name, stored.region.as_deref().unwrap_or(""))),
        "flow_edition" => {
            Some(commit(name, &stored.flow_edition.map_or(String::new(), |n| n.to_string())))
        }
        _ => None,
    });
    let fields = table.fields.iter().zip(&stored.cells);
    let fields = fields
        .filter(|(field, _)| changed.contains(&field.name))
        .map(|(field, cell)| commit(&field.name, &codec::canonical(cell)));
    let mut all: BTreeMap<String, String> = built_in.chain(fields).collect();
    if effect == Effect::Delete.word() {
        all.extend([commit("deleted_at", "deleted")]);
    }
    all
}
