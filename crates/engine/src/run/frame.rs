//! The values of one batch: tables, and a slot a step.

use super::index::{Hits, JoinedIndex, KeyIndex};
use super::merge::{first_rows, rises};
use super::plan::Pass;
use super::reasons::Why;
use crate::bits::Bits;
use crate::column::{Column, Integers, Rows};
use crate::kernel;
use crate::snapshot::{IdColumn, SourceBatch, Supply};
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use taizhang_program::{Fact, IndexId, Program, Space, StepId, StepKind, TableId};
use taizhang_values::WorkingCalendar;

/// Rows of one table in a batch.
#[derive(Debug, Default)]
pub(crate) struct TableBatch {
    /// Number of rows.
    pub(crate) rows: usize,
    /// The program's columns, in its order; what is absent or computed later is empty.
    pub(crate) columns: Vec<Option<Arc<Column>>>,
    /// Nested tables: each row's root row.
    pub(crate) root: Option<Rows>,
    /// Which rows belong to the same root record.
    pub(crate) groups: Vec<u32>,
    /// The first row of each group, once somebody asked.
    pub(crate) firsts: OnceCell<Vec<u32>>,
    /// The ids that were asked for first, and whether they rise within each group.
    pub(crate) rising: OnceCell<(StepId, bool)>,
    /// Record ids, for tables that are judged.
    pub(crate) ids: IdColumn,
    /// Region codes, for tables that are judged.
    pub(crate) region: Option<Arc<Column>>,
    /// Number of the first row in its ledger: names rows without an id.
    pub(crate) first_row: u64,
}

impl TableBatch {
    /// From the sources of a ledger; facts are computed here.
    pub(crate) fn of(batch: SourceBatch, supplies: &[Supply], is_ordered_by_id: bool) -> Self {
        let SourceBatch { columns, order, ids, rows } = batch;
        let sources: Vec<Option<Arc<Column>>> =
            columns.into_iter().map(|column| column.map(Arc::new)).collect();
        let source = |place: usize| sources.get(place).cloned().flatten();
        let mut computed = computed(&sources, supplies);
        let supplied = supplies.iter().map(|supply| match supply {
            Supply::Absent => None,
            Supply::Source(place) => source(*place),
            Supply::Computed(place, fact) => computed.remove(&(*place, *fact)).map(Arc::new),
        });
        Self {
            rows,
            columns: supplied.collect(),
            root: None,
            groups: Vec::new(),
            firsts: OnceCell::new(),
            rising: OnceCell::new(),
            ids: if is_ordered_by_id { order } else { ids },
            region: None,
            first_row: 0,
        }
    }

    /// The first row of each group.
    pub(crate) fn firsts(&self) -> &[u32] {
        self.firsts.get_or_init(|| first_rows(&self.groups))
    }

    /// Whether these ids, made by this step, are known to rise within each group.
    pub(crate) fn is_rising(&self, step: StepId, ids: &Integers) -> bool {
        let (known, is_rising) = self.rising.get_or_init(|| (step, rises(&self.groups, ids)));
        *known == step && *is_rising
    }
}

/// All facts of each source that holds numbers, read in one pass over it.
fn computed(
    sources: &[Option<Arc<Column>>],
    supplies: &[Supply],
) -> BTreeMap<(usize, Fact), Column> {
    let mut wanted: BTreeMap<usize, Vec<Fact>> = BTreeMap::new();
    for supply in supplies {
        if let Supply::Computed(place, fact) = supply {
            wanted.entry(*place).or_default().push(*fact);
        }
    }
    let mut found = BTreeMap::new();
    for (place, facts) in wanted {
        if let Some(Some(column)) = sources.get(place)
            && let Column::Text(texts) = column.as_ref()
        {
            let columns = kernel::facts(texts, &facts);
            found.extend(facts.into_iter().map(|fact| (place, fact)).zip(columns));
        }
    }
    found
}

/// What was gathered before the pass, for all threads.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// Constants and kept columns.
    pub(crate) slots: Vec<Option<Arc<Column>>>,
    /// Indexes, by place in the program.
    pub(crate) indexes: Vec<Option<Arc<KeyIndex>>>,
    /// Rows of gathered tables, by place in the program.
    pub(crate) rows: Vec<usize>,
    /// What counts where nothing is set here.
    pub(crate) below: Option<Arc<Self>>,
    /// Which errors count, in a pass that counts them by reason.
    pub(crate) why: Option<Arc<Why>>,
    /// By the key with which they are asked: indexes that are looked into together.
    joined: BTreeMap<StepId, Joined>,
}

/// Indexes that are asked with one key, as a person is looked for in many lists.
#[derive(Debug)]
struct Joined {
    ids: Vec<IndexId>,
    index: JoinedIndex,
}

/// Keys that are joined at most: those of larger indexes would push the others out of the
/// processor's cache.
const JOINED_KEYS: usize = 1 << 19;

impl Shared {
    pub(crate) fn new(program: &Program) -> Self {
        Self {
            slots: vec![None; program.steps.len()],
            indexes: vec![None; program.indexes.len()],
            rows: vec![0; program.tables.len()],
            below: None,
            why: None,
            joined: BTreeMap::new(),
        }
    }

    /// Joins the indexes that a pass asks with the same key.
    pub(crate) fn join_indexes(&mut self, program: &Program, pass: &Pass) {
        let mut asked: BTreeMap<StepId, BTreeSet<IndexId>> = BTreeMap::new();
        for step in pass.steps.iter().filter_map(|step| program.step(*step)) {
            if let StepKind::Lookup { key, index, .. } | StepKind::LookupOne { key, index } =
                &step.kind
            {
                asked.entry(*key).or_default().insert(*index);
            }
        }
        self.joined.clear();
        for (key, ids) in asked {
            let found = ids.into_iter().filter_map(|id| Some((id, self.index(id)?)));
            let mut found: Vec<(IndexId, &KeyIndex)> = found.collect();
            found.sort_by_key(|(_, index)| index.key_count());
            let mut keys = 0;
            found.retain(|(_, index)| {
                keys += index.key_count();
                keys <= JOINED_KEYS
            });
            if let [_, _, ..] = found.as_slice() {
                let (ids, indexes): (Vec<_>, Vec<_>) = found.into_iter().unzip();
                let index = JoinedIndex::of(&indexes);
                self.joined.insert(key, Joined { ids, index });
            }
        }
    }

    /// The indexes that are asked with this key, and the place of one of them, if it is among
    /// several.
    fn joined(&self, key: StepId, id: IndexId) -> Option<(&JoinedIndex, usize)> {
        let joined = self.joined.get(&key)?;
        let place = joined.ids.iter().position(|known| *known == id)?;
        Some((&joined.index, place))
    }

    /// Drops what was gathered by a pass.
    pub(crate) fn forget(&mut self, pass: &Pass) {
        for step in &pass.kept {
            if let Some(slot) = self.slots.get_mut(step.0 as usize) {
                *slot = None;
            }
        }
        for (id, _) in &pass.indexes {
            if let Some(slot) = self.indexes.get_mut(id.0 as usize) {
                *slot = None;
            }
        }
    }

    /// The value of a step.
    fn slot(&self, place: usize) -> Option<&Arc<Column>> {
        let own = self.slots.get(place)?.as_ref();
        own.or_else(|| self.below.as_ref()?.slot(place))
    }

    /// An index.
    pub(crate) fn index(&self, id: IndexId) -> Option<&KeyIndex> {
        match self.indexes.get(id.0 as usize)? {
            Some(index) => Some(index),
            None => self.below.as_ref()?.index(id),
        }
    }
}

/// The values of a batch.
pub(crate) struct Frame<'a> {
    pub(crate) program: &'a Program,
    pub(crate) shared: &'a Shared,
    pub(crate) calendar: &'a WorkingCalendar,
    /// By place in the program.
    pub(crate) tables: Vec<Option<TableBatch>>,
    pub(crate) slots: Vec<Option<Arc<Column>>>,
    /// Values of steps over no rows, which are the same in every batch.
    pub(crate) empties: Vec<Option<Arc<Column>>>,
    /// What was found with a key in each of several indexes.
    found: RefCell<BTreeMap<StepId, Vec<Hits>>>,
    /// Look-ups that only count in rows for which one of these conditions is not false.
    pub(crate) guards: Option<&'a BTreeMap<StepId, Vec<StepId>>>,
}

impl<'a> Frame<'a> {
    pub(crate) fn new(
        program: &'a Program,
        shared: &'a Shared,
        calendar: &'a WorkingCalendar,
    ) -> Self {
        let tables = program.tables.iter().map(|_| None).collect();
        let slots = vec![None; program.steps.len()];
        let found = RefCell::default();
        let empties = slots.clone();
        let guards = None;
        Self { program, shared, calendar, tables, empties, slots, found, guards }
    }

    /// Looks up the keys of a step in an index, for the look-up `step`.
    pub(crate) fn find(
        &self,
        step: StepId,
        key: StepId,
        id: IndexId,
        length: usize,
    ) -> Option<Hits> {
        let Column::Integer(keys) = self.get(key)?.as_ref() else { return None };
        let index = self.shared.index(id)?;
        let joined = self.shared.joined(key, id).filter(|_| keys.values.len() == length);
        if let Some((joined, place)) = joined {
            let mut found = self.found.borrow_mut();
            let hits = found.entry(key).or_insert_with(|| joined.find(keys, length));
            return hits.get(place).cloned();
        }
        if keys.values.len() == length
            && let Some(rows) = self.rows_that_count(step, length)
        {
            let known = |row: &u32| keys.gaps.is_known(*row as usize);
            let rows: Vec<u32> = rows.into_iter().filter(known).collect();
            return Some(index.find_among(keys, &rows));
        }
        Some(index.find(keys, length))
    }

    /// Rows for which a look-up counts, if they are less than half of all.
    fn rows_that_count(&self, step: StepId, length: usize) -> Option<Vec<u32>> {
        let mut open: Option<Bits> = None;
        for guard in self.guards?.get(&step)? {
            let Column::Boolean(guard) = self.get(*guard)?.as_ref() else { return None };
            let own = guard.false_bits(length).not();
            open = Some(open.map_or_else(|| own.clone(), |open| open.or(&own)));
        }
        let open = open.filter(|open| open.count() * 2 < length)?;
        Some(open.ones().filter_map(|row| u32::try_from(row).ok()).collect())
    }

    pub(crate) fn table(&self, id: TableId) -> Option<&TableBatch> {
        self.tables.get(id.0 as usize)?.as_ref()
    }

    /// The value of a step.
    pub(crate) fn get(&self, step: StepId) -> Option<&Arc<Column>> {
        let place = step.0 as usize;
        let own = self.slots.get(place).and_then(Option::as_ref);
        own.or_else(|| self.shared.slot(place))
    }

    /// Whether the batch has a value of the step by itself.
    pub(crate) fn has_own(&self, step: StepId) -> bool {
        self.slots.get(step.0 as usize).is_some_and(Option::is_some)
    }

    pub(crate) fn set(&mut self, step: StepId, column: Option<Arc<Column>>) {
        if let Some(slot) = self.slots.get_mut(step.0 as usize) {
            *slot = column;
        }
    }

    /// Rows of a table: in this batch, or gathered.
    pub(crate) fn table_rows(&self, table: TableId) -> usize {
        match self.table(table) {
            Some(batch) => batch.rows,
            None => self.shared.rows.get(table.0 as usize).copied().unwrap_or(0),
        }
    }

    /// Number of values of a space.
    pub(crate) fn length(&self, space: Space) -> usize {
        match space {
            Space::One => 1,
            Space::Table(table) => self.table_rows(table),
            Space::Pairs(pairs) => match self.get(pairs).map(AsRef::as_ref) {
                Some(Column::Expansion(pairs)) => pairs.len(),
                _ => 0,
            },
        }
    }

    /// Forgets the values of the batch, keeps the room for the next.
    pub(crate) fn clear(&mut self) {
        self.slots.iter_mut().for_each(|slot| *slot = None);
        self.tables.iter_mut().for_each(|table| *table = None);
        self.found.borrow_mut().clear();
    }
}
