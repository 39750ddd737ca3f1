//! Some records in memory, judged at once: the way of the save.
//!
//! Everything that does not depend on the records is made beforehand, the values of every step
//! over no rows included: a step over a ledger without rows costs nothing.

use super::emit::{Doubt, DoubtChunk, Wanted, emit};
use super::frame::{Frame, Shared, TableBatch};
use super::gathered::{Gathered, add_batch, join};
use super::merge::{Groups, root_rows};
use super::plan::{Pass, Presence, RunPlan};
use super::summary::RuleSummary;
use super::tree::own_or_root;
use crate::bits::Bits;
use crate::column::{Booleans, Column, Decimals, Dictionary, Gaps, Integers, TextLists, Texts};
use crate::kernel;
use crate::snapshot::{IdColumn, text_key};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use taizhang_program::{
    Answer, ColumnKind, ColumnUse, Fact, Program, Space, StepId, StepKind, TableId, Way,
};
use taizhang_values::{Value, WorkingCalendar};

/// A record as its holder keeps it.
pub trait RecordView {
    /// Its id.
    fn id(&self) -> &str;
    /// A field, or `region`, `state`, `created_at`, `updated_at`; nothing if missing.
    fn value(&self, field: &str) -> Option<&Value>;
}

/// Records by ledger: those that are judged, those nested in the same root records, and those of
/// other ledgers that they meet by reference or key.
#[derive(Default)]
pub struct MemoryRows<'a> {
    ledgers: BTreeMap<&'a str, Vec<&'a dyn RecordView>>,
}

impl<'a> MemoryRows<'a> {
    /// Adds a record.
    pub fn add(&mut self, ledger: &'a str, record: &'a dyn RecordView) {
        self.ledgers.entry(ledger).or_default().push(record);
    }

    fn of(&self, ledger: &str) -> &[&'a dyn RecordView] {
        self.ledgers.get(ledger).map_or(&[], Vec::as_slice)
    }
}

/// A program made ready for records in memory.
pub struct Judge {
    program: Arc<Program>,
    plan: RunPlan,
    calendar: WorkingCalendar,
    /// Values over no rows.
    empty: Arc<Shared>,
    /// Places of the columns of each table that are used, by place of the table.
    used: Vec<Vec<usize>>,
    /// What each step of a tree needs, by place of the step; nothing for all others.
    steps: Vec<Option<Needs>>,
}

/// What must be there before a step can be computed.
struct Needs {
    /// The table that its rows are made of.
    base: TableId,
    /// The steps that it is made of.
    inputs: Vec<StepId>,
}

/// Records in memory lack no column.
struct Everything;

impl Presence for Everything {
    fn has_table(&self, _: TableId) -> bool {
        true
    }

    fn has_column(&self, _: TableId, _: usize, _: &ColumnUse) -> bool {
        true
    }
}

impl Judge {
    /// Makes a program ready.
    #[must_use]
    pub fn new(program: Arc<Program>) -> Self {
        let answers: Vec<usize> = (0..program.answers.len()).collect();
        let plan = RunPlan::new(&program, &answers, &Everything);
        let mut calendar = WorkingCalendar::default();
        for day in &program.calendar {
            calendar.set(day.date, day.is_working);
        }
        let used = used_columns(&program, &plan);
        let mut steps: Vec<Option<Needs>> = program.steps.iter().map(|_| None).collect();
        for step in plan.trees.iter().flat_map(|pass| &pass.steps) {
            let base = program.step(*step).and_then(|found| program.base(found.space));
            if let (Some(base), Some(slot)) = (base, steps.get_mut(step.0 as usize)) {
                *slot = Some(Needs { base, inputs: program.inputs(*step) });
            }
        }
        let empty = Arc::new(Shared::new(&program));
        let mut judge = Self { program, plan, calendar, empty, used, steps };
        judge.empty = Arc::new(judge.over_no_rows());
        judge
    }

    fn over_no_rows(&self) -> Shared {
        let mut shared = Shared::new(&self.program);
        let none = MemoryRows::default();
        let run = |steps: &[StepId], shared: &mut Shared, tables: &[TableId]| {
            let mut found = Vec::new();
            {
                let mut frame = Frame::new(&self.program, shared, &self.calendar);
                for table in tables {
                    self.place(&mut frame, *table, &none);
                }
                for step in steps {
                    frame.run(*step);
                    found.push((*step, frame.get(*step).cloned()));
                }
            }
            for (step, column) in found {
                if let Some(slot) = shared.slots.get_mut(step.0 as usize) {
                    *slot = column;
                }
            }
        };
        run(&self.plan.constants, &mut shared, &[]);
        for pass in &self.plan.gathered {
            run(&pass.steps, &mut shared, &pass.tables);
            for (index, _) in &pass.indexes {
                if let Some(slot) = shared.indexes.get_mut(index.0 as usize) {
                    *slot = Some(Arc::default());
                }
            }
        }
        for pass in &self.plan.trees {
            run(&pass.steps, &mut shared, &pass.tables);
        }
        shared
    }

    /// Judges the records by all rules: violations, and undecided rows if asked for.
    #[must_use]
    pub fn judge(&self, rows: &MemoryRows<'_>, undecided: bool) -> Vec<Doubt> {
        let mut shared = Shared::new(&self.program);
        shared.below = Some(Arc::clone(&self.empty));
        for pass in &self.plan.gathered {
            self.gather(pass, rows, &mut shared);
        }
        let wanted = Wanted { undecided, values: true, region: None };
        let mut doubts = DoubtChunk::default();
        let mut frame = Frame::new(&self.program, &shared, &self.calendar);
        for pass in &self.plan.trees {
            self.tree(pass, rows, &mut frame, wanted, &mut doubts);
        }
        doubts.each(&self.program)
    }

    fn gather(&self, pass: &Pass, rows: &MemoryRows<'_>, shared: &mut Shared) {
        let Some(table) = pass.tables.first().copied() else { return };
        let Some(found) = self.program.table(table) else { return };
        if rows.of(&found.ledger).is_empty() {
            return;
        }
        let mut gathered = Gathered::new(pass);
        {
            let mut frame = Frame::new(&self.program, shared, &self.calendar);
            let batch = self.batch(table, rows);
            add_batch(&mut frame, pass, table, batch, &[], &mut gathered);
        }
        join(&self.program, shared, pass, table, gathered);
    }

    fn tree(
        &self,
        pass: &Pass,
        rows: &MemoryRows<'_>,
        frame: &mut Frame<'_>,
        wanted: Wanted<'_>,
        doubts: &mut DoubtChunk,
    ) {
        let has_rows = |id: &TableId| {
            self.program.table(*id).is_some_and(|table| !rows.of(&table.ledger).is_empty())
        };
        if !pass.tables.iter().any(has_rows) {
            return;
        }
        frame.clear();
        self.place_tree(pass, rows, frame);
        let mut summary = RuleSummary::default();
        for place in &pass.answers {
            if let Some(answer) = self.program.answers.get(*place)
                && frame.table_rows(answer.table) > 0
                && self.has_doubts(answer, wanted, frame)
            {
                emit(frame, *place, answer, wanted, &mut summary, doubts);
            }
        }
    }

    /// Computes what the doubts of a rule need; false if it has none.
    fn has_doubts(&self, answer: &Answer, wanted: Wanted<'_>, frame: &mut Frame<'_>) -> bool {
        let mut is_open = false;
        for step in answer.applies.into_iter().chain([answer.violates]) {
            self.demand(step, frame);
            let Some(Column::Boolean(found)) = frame.get(step).map(AsRef::as_ref) else {
                return false;
            };
            // Where the guard is undecided, so is the outcome, whatever else is said.
            is_open |= wanted.undecided && found.gaps.known.is_some();
            if found.truth.none() && !is_open {
                return false;
            }
        }
        answer.roots().for_each(|step| self.demand(step, frame));
        true
    }

    /// Computes a step and what it is made of, where that is not done yet. What a condition that
    /// is false for every row stands beside is not asked for.
    fn demand(&self, step: StepId, frame: &mut Frame<'_>) {
        let Some(Some(needs)) = self.steps.get(step.0 as usize) else { return };
        if frame.has_own(step) || frame.table_rows(needs.base) == 0 {
            return;
        }
        let Some(found) = self.program.step(step) else { return };
        if let Space::Pairs(pairs) = found.space {
            self.demand(pairs, frame);
        }
        if let StepKind::And(parts) = &found.kind {
            for part in parts {
                self.demand(*part, frame);
                let column = frame.get(*part).cloned();
                if column.as_deref().is_some_and(is_false) {
                    frame.set(step, column);
                    return;
                }
            }
        } else {
            needs.inputs.iter().for_each(|input| self.demand(*input, frame));
        }
        frame.run(step);
    }

    /// Puts all tables of a tree in their places, root first.
    fn place_tree(&self, pass: &Pass, rows: &MemoryRows<'_>, frame: &mut Frame<'_>) {
        let mut groups = Groups::new(IdColumn::default());
        let mut root_count = 0;
        let mut region: Option<Arc<Column>> = None;
        for id in &pass.tables {
            let Some(table) = self.program.table(*id) else { continue };
            let has_rows = !rows.of(&table.ledger).is_empty();
            // Steps over no rows are made beforehand and need no columns.
            let mut batch = if has_rows { self.batch(*id, rows) } else { TableBatch::default() };
            match &table.way {
                Way::Nested { .. } if !has_rows => batch.root = Some(root_rows(&[], root_count)),
                Way::Nested { by, .. } => {
                    let ids = nest_ids(rows.of(&table.ledger), by);
                    batch.groups = groups.of(&ids);
                    let root = root_rows(&batch.groups, root_count);
                    batch.region = own_or_root(batch.region, region.as_ref(), &root);
                    batch.root = Some(root);
                }
                _ => {
                    groups = Groups::new(batch.ids.clone());
                    batch.groups = groups.own.clone();
                    root_count = batch.rows;
                    region.clone_from(&batch.region);
                }
            }
            if let Some(slot) = frame.tables.get_mut(id.0 as usize) {
                *slot = Some(batch);
            }
        }
    }

    fn place(&self, frame: &mut Frame<'_>, table: TableId, rows: &MemoryRows<'_>) {
        let mut batch = self.batch(table, rows);
        batch.root = Some(root_rows(&[], 0));
        if let Some(slot) = frame.tables.get_mut(table.0 as usize) {
            *slot = Some(batch);
        }
    }

    /// The used columns of a table's records, in the order of ids of their root records.
    fn batch(&self, id: TableId, rows: &MemoryRows<'_>) -> TableBatch {
        let Some(table) = self.program.table(id) else { return TableBatch::default() };
        let mut records: Vec<&dyn RecordView> = rows.of(&table.ledger).to_vec();
        let by = match &table.way {
            Way::Nested { by, .. } => Some(by.as_str()),
            _ => None,
        };
        sort_records(&mut records, by);
        let mut columns = vec![None; table.columns.len()];
        let mut facts: Vec<(usize, &ColumnUse, Fact)> = Vec::new();
        for place in self.used.get(id.0 as usize).into_iter().flatten() {
            let (Some(column), Some(slot)) = (table.columns.get(*place), columns.get_mut(*place))
            else {
                continue;
            };
            match column.kind {
                ColumnKind::Fact(fact) => facts.push((*place, column, fact)),
                _ => *slot = Some(Arc::new(column_of(&records, column))),
            }
        }
        add_facts(&records, &facts, &mut columns);
        let mut ids = Dictionary::default();
        records.iter().for_each(|record| ids.push(record.id().as_bytes()));
        let region = ColumnUse { name: "region".to_owned(), kind: ColumnKind::Text };
        let has_region = records.iter().any(|record| record.value("region").is_some());
        TableBatch {
            rows: records.len(),
            columns,
            root: None,
            groups: Vec::new(),
            firsts: OnceCell::new(),
            rising: OnceCell::new(),
            ids: IdColumn::Text(ids),
            region: has_region.then(|| Arc::new(column_of(&records, &region))),
            first_row: 0,
        }
    }
}

/// Whether a condition is false, and known to be, in every row.
fn is_false(column: &Column) -> bool {
    matches!(column, Column::Boolean(found) if found.truth.none() && found.gaps.known.is_none())
}

/// Places of the columns that steps read, by place of the table.
fn used_columns(program: &Program, plan: &RunPlan) -> Vec<Vec<usize>> {
    let mut used: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); program.tables.len()];
    for step in plan.gathered.iter().chain(&plan.trees).flat_map(|pass| &pass.steps) {
        if let Some(step) = program.step(*step)
            && let (Space::Table(table), StepKind::Column(place)) = (step.space, &step.kind)
            && let Some(own) = used.get_mut(table.0 as usize)
        {
            own.insert(*place as usize);
        }
    }
    used.into_iter().map(|own| own.into_iter().collect()).collect()
}

/// Computes all facts of each field in one pass over it.
fn add_facts(
    records: &[&dyn RecordView],
    wanted: &[(usize, &ColumnUse, Fact)],
    columns: &mut [Option<Arc<Column>>],
) {
    let mut done: Vec<&str> = Vec::new();
    for (_, column, _) in wanted {
        let name = column.name.as_str();
        if done.contains(&name) {
            continue;
        }
        done.push(name);
        let own = wanted.iter().filter(|(_, column, _)| column.name == name);
        let facts: Vec<Fact> = own.clone().map(|(.., fact)| *fact).collect();
        let found = kernel::facts(&texts(records, name), &facts);
        for ((place, ..), column) in own.zip(found) {
            if let Some(slot) = columns.get_mut(*place) {
                *slot = Some(Arc::new(column));
            }
        }
    }
}

fn reference<'a>(record: &'a dyn RecordView, by: Option<&str>) -> &'a str {
    match by.and_then(|by| record.value(by)) {
        Some(Value::Reference(id)) => id.as_str(),
        Some(Value::Text(text)) => text,
        _ => "",
    }
}

fn sort_records(records: &mut [&dyn RecordView], by: Option<&str>) {
    let key =
        |record: &&dyn RecordView| (reference(*record, by).to_owned(), record.id().to_owned());
    let is_sorted = records.is_sorted_by(|one, other| {
        (reference(*one, by), one.id()) <= (reference(*other, by), other.id())
    });
    if !is_sorted {
        records.sort_by_cached_key(key);
    }
}

fn nest_ids(records: &[&dyn RecordView], by: &str) -> IdColumn {
    let mut records = records.to_vec();
    sort_records(&mut records, Some(by));
    let mut ids = Dictionary::default();
    records.iter().for_each(|record| ids.push(reference(*record, Some(by)).as_bytes()));
    IdColumn::Text(ids)
}

/// A column of records. Facts are made elsewhere, all of a field at once.
fn column_of(records: &[&dyn RecordView], column: &ColumnUse) -> Column {
    let name = column.name.as_str();
    match column.kind {
        ColumnKind::Text | ColumnKind::Fact(_) => Column::Text(texts(records, name)),
        ColumnKind::Boolean => {
            let value = |record: &&dyn RecordView| record.value(name)?.as_boolean();
            let truth = Bits::collect(records.iter().map(|record| value(record) == Some(true)));
            let gaps = gaps_of(records.iter().map(|record| value(record).is_some()));
            Column::Boolean(Booleans { truth, gaps })
        }
        ColumnKind::Decimal => {
            let (values, gaps) = numbers(records, |record| match record.value(name)? {
                Value::Decimal(number) => Some(number.to_f64()),
                Value::Integer(number) => Some(*number as f64),
                _ => None,
            });
            Column::Decimal(Decimals { values, gaps })
        }
        ColumnKind::List => lists(records, name),
        ColumnKind::Id if name == "id" => {
            let (values, gaps) = numbers(records, |record| {
                let id = record.id();
                (!id.is_empty()).then(|| text_key(id.as_bytes()))
            });
            Column::Integer(Integers { values, gaps })
        }
        ColumnKind::Integer | ColumnKind::Date | ColumnKind::Instant | ColumnKind::Id => {
            let (values, gaps) = numbers(records, |record| whole(record.value(name)?, column.kind));
            Column::Integer(Integers { values, gaps })
        }
    }
}

/// Numbers of records, and which lack one.
fn numbers<T: Default>(
    records: &[&dyn RecordView],
    find: impl Fn(&dyn RecordView) -> Option<T>,
) -> (Vec<T>, Gaps) {
    let mut known = Bits::filled(records.len(), true);
    let mut values = Vec::with_capacity(records.len());
    for (row, record) in records.iter().enumerate() {
        let found = find(*record);
        if found.is_none() {
            known.set(row, false);
        }
        values.push(found.unwrap_or_default());
    }
    (values, Gaps { known: (!known.all()).then_some(known), errors: None })
}

fn whole(value: &Value, kind: ColumnKind) -> Option<i64> {
    match value {
        Value::Integer(number) => Some(*number),
        Value::Money(money) => Some(money.fen()),
        Value::Date(date) => {
            Some(kernel::epoch_days(date.year().into(), date.month().into(), date.day().into()))
        }
        Value::Instant(instant) => Some(instant.as_microsecond()),
        Value::Reference(id) => Some(text_key(id.as_str().as_bytes())),
        Value::Text(text) if kind == ColumnKind::Id && !text.is_empty() => {
            Some(text_key(text.as_bytes()))
        }
        _ => None,
    }
}

fn gaps_of(known: impl Iterator<Item = bool>) -> Gaps {
    let known = Bits::collect(known);
    Gaps { known: (!known.all()).then_some(known), errors: None }
}

fn texts(records: &[&dyn RecordView], name: &str) -> Texts {
    Texts::plain(records.iter().map(|record| match record.value(name) {
        Some(Value::Text(text)) => Some(text.as_bytes()),
        _ => None,
    }))
}

fn lists(records: &[&dyn RecordView], name: &str) -> Column {
    let mut dictionary = Dictionary::default();
    let mut spans = Vec::with_capacity(records.len());
    let mut known = Vec::with_capacity(records.len());
    for record in records {
        let start = u32::try_from(dictionary.len()).unwrap_or(u32::MAX);
        let list = match record.value(name) {
            Some(Value::List(items)) => Some(items),
            _ => None,
        };
        known.push(list.is_some());
        list.into_iter().flatten().for_each(|item| dictionary.push(item.as_bytes()));
        spans.push((start, u32::try_from(dictionary.len()).unwrap_or(u32::MAX)));
    }
    let items = Texts { keys: None, dictionary: Arc::new(dictionary), gaps: Gaps::default() };
    let gaps = gaps_of(known.into_iter());
    Column::List(TextLists::new(spans, Arc::new(items), gaps))
}
