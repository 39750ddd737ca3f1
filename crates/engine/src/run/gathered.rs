//! Tables read before the pass: only the columns that other tables use are kept, and indexes by
//! key. Stretches of a table are read by several threads and joined in their order. A ledger that
//! meets itself is read twice: its keys first, to know which rows can meet another at all. Where
//! few ask for rows of a large ledger, the keys with which they ask are read first.

use super::append::Appender;
use super::frame::{Frame, Shared, TableBatch};
use super::full::{Setting, TablePlan};
use super::index::{Entries, KeyIndex};
use super::plan::Pass;
use super::sketch::Sketch;
use super::worth::{Intake, own_steps};
use crate::bits::Bits;
use crate::column::{Column, NOWHERE, Rows};
use crate::error::EngineError;
use crate::kernel;
use crate::snapshot::{BatchBuilder, LedgerStream, ReadPlan};
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};
use taizhang_program::{IndexId, IndexKind, Program, StepId, StepKind, TableId};

/// Rows of a stretch that one thread reads at a time.
const STRETCH_ROWS: u64 = 1 << 17;

/// Rows of a batch.
const BATCH_ROWS: usize = 8192;

/// What one stretch gave.
#[derive(Default)]
pub(crate) struct Gathered {
    rows: usize,
    columns: Vec<Appender>,
    /// Keys and rows of each index.
    keys: Vec<Entries>,
    spent: Duration,
}

impl Gathered {
    pub(crate) fn new(pass: &Pass) -> Self {
        Self {
            rows: 0,
            columns: pass.kept.iter().map(|_| Appender::default()).collect(),
            keys: vec![Entries::default(); pass.indexes.len()],
            spent: Duration::ZERO,
        }
    }

    /// With room for so many rows.
    fn with_room(pass: &Pass, rows: usize) -> Self {
        Self {
            columns: pass.kept.iter().map(|_| Appender::with_room(rows)).collect(),
            keys: pass.indexes.iter().map(|_| Entries::with_room(rows)).collect(),
            ..Self::default()
        }
    }

    /// Adds the rows that come next.
    fn add(&mut self, part: Self) {
        let first = u32::try_from(self.rows).unwrap_or(NOWHERE);
        for (all, own) in self.columns.iter_mut().zip(part.columns) {
            if let Some(column) = own.finish() {
                all.append(&column, part.rows);
            }
        }
        for (all, own) in self.keys.iter_mut().zip(part.keys) {
            all.append(&own, first);
        }
        self.rows += part.rows;
        self.spent += part.spent;
    }
}

/// Reads a gathered table and puts it where all threads see it; how long that took, summed over the
/// threads.
pub(crate) fn gather(
    setting: &Setting<'_>,
    shared: &mut Shared,
    pass: &Pass,
) -> Result<Duration, EngineError> {
    let mut spent = Duration::ZERO;
    let Some(table) = pass.tables.first().copied() else { return Ok(spent) };
    let Some(plan) = setting.table(table) else { return Ok(spent) };
    let (intakes, took) = intakes(setting, shared, pass, table, plan)?;
    spent += took;
    // Where not every row is taken in, those that are may be few.
    let takes_all = intakes.iter().all(|intake| matches!(intake, Intake::All));
    let room = if takes_all { plan.read.files.rows } else { 0 };
    let mut all = each_stretch(
        setting,
        plan,
        Gathered::with_room(pass, usize::try_from(room).unwrap_or(0)),
        |rows| stretch(setting, shared, pass, table, plan, &rows, &intakes),
        Gathered::add,
    )?;
    if plan.read.files.rows == 0 {
        // A ledger without rows: its columns are empty, not failed.
        let mut frame = Frame::new(setting.program, shared, setting.calendar);
        let none = BatchBuilder::new(&plan.read, 0).finish();
        let batch = TableBatch::of(none, &plan.read.supplies, false);
        add_batch(&mut frame, pass, table, batch, &intakes, &mut all);
    }
    spent += all.spent;
    let started = Instant::now();
    join(setting.program, shared, pass, table, all);
    Ok(spent + started.elapsed())
}

/// What each index of a pass takes in, and how long it took to know.
fn intakes(
    setting: &Setting<'_>,
    shared: &Shared,
    pass: &Pass,
    table: TableId,
    plan: &TablePlan,
) -> Result<(Vec<Intake>, Duration), EngineError> {
    let mut spent = Duration::ZERO;
    let mut intakes = Vec::with_capacity(pass.indexes.len());
    for (id, worth) in &pass.indexes {
        let index = setting.program.index(*id).filter(|index| index.keeps != IndexKind::Rows);
        let own = index.and_then(|index| Some((index.key, own_steps(setting.program, index.key)?)));
        let intake = if let Some((key, (_, steps))) = own {
            // A ledger that meets itself: keys first, then only rows whose key may occur again.
            let sketch = Sketch::new(plan.read.files.rows);
            spent += each_key(setting, shared, (table, &steps), key, || {
                let mut writer = sketch.writer();
                move |key| writer.add(key)
            })?;
            Intake::Keyed(sketch.finish())
        } else if !worth.conditions.is_empty() {
            Intake::Limited(worth.conditions.clone())
        } else {
            let (asked, took) = asked_keys(setting, shared, &worth.asked, plan.read.files.rows)?;
            spent += took;
            asked.map_or(Intake::All, |asked| Intake::Keyed(KeyIndex::of_keys(&asked)))
        };
        intakes.push(intake);
    }
    Ok((intakes, spent))
}

/// A table must have so many times the rows of those that look into it for their keys to be read
/// before.
const ASKED_BY_FEW: u64 = 8;

/// The keys with which a table of so many rows is asked, if those that ask have few rows.
fn asked_keys(
    setting: &Setting<'_>,
    shared: &Shared,
    asked: &[StepId],
    rows: u64,
) -> Result<(Option<Vec<i64>>, Duration), EngineError> {
    let sides: Option<Vec<_>> = asked
        .iter()
        .map(|key| {
            let (table, steps) = own_steps(setting.program, *key)?;
            setting.table(table).map(|plan| (*key, table, steps, plan.read.files.rows))
        })
        .collect();
    let sides = sides.unwrap_or_default();
    let asking: u64 = sides.iter().map(|(.., rows)| rows).sum();
    if sides.is_empty() || asking.saturating_mul(ASKED_BY_FEW) > rows {
        return Ok((None, Duration::ZERO));
    }
    let keys = Mutex::new(Vec::new());
    let mut spent = Duration::ZERO;
    for (key, table, steps, _) in &sides {
        spent += each_key(setting, shared, (*table, steps), *key, || {
            let mut asked = Asked { own: Vec::new(), all: &keys };
            move |key| asked.own.push(key)
        })?;
    }
    Ok((Some(keys.into_inner().unwrap_or_else(PoisonError::into_inner)), spent))
}

/// The keys of one stretch; in the end they go to those of all.
struct Asked<'a> {
    own: Vec<i64>,
    all: &'a Mutex<Vec<i64>>,
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).append(&mut self.own);
    }
}

/// Reads the keys of a table, which these steps make, and hands each to what `writer` makes for a
/// stretch; how long that took.
fn each_key<W: FnMut(i64)>(
    setting: &Setting<'_>,
    shared: &Shared,
    (table, steps): (TableId, &[StepId]),
    key: StepId,
    writer: impl Fn() -> W + Sync,
) -> Result<Duration, EngineError> {
    let Some(plan) = setting.table(table) else { return Ok(Duration::ZERO) };
    let read = Arc::new(columns_of(setting, steps, table, plan)?);
    let read_keys = |rows| {
        let started = Instant::now();
        let mut frame = Frame::new(setting.program, shared, setting.calendar);
        let mut write = writer();
        each_batch(setting, &read, &rows, |batch| {
            let rows = batch.rows;
            run_steps(&mut frame, steps, table, batch);
            if let Some(Column::Integer(column)) = frame.get(key).map(AsRef::as_ref) {
                let known = (0..rows).filter(|row| column.gaps.is_known(*row));
                known.for_each(|row| write(super::eval::kernel_at(&column.values, row)));
            }
        })?;
        Ok(started.elapsed())
    };
    each_stretch(setting, plan, Duration::ZERO, read_keys, |all, own| *all += own)
}

/// How to read no more of a table than these steps use.
fn columns_of(
    setting: &Setting<'_>,
    steps: &[StepId],
    table: TableId,
    plan: &TablePlan,
) -> Result<ReadPlan, EngineError> {
    let columns = setting.program.table(table).map_or(&[][..], |table| &table.columns);
    let used: BTreeSet<u32> = steps
        .iter()
        .filter_map(|step| match setting.program.step(*step)?.kind {
            StepKind::Column(place) => Some(place),
            _ => None,
        })
        .collect();
    let is_used = |place: usize| u32::try_from(place).is_ok_and(|place| used.contains(&place));
    ReadPlan::new(&plan.read.files, columns, &is_used, None, false)
}

/// What the stretches so far gave, and which of them comes next.
struct Turn<T> {
    all: T,
    next: usize,
    is_broken: bool,
}

/// Tells those that wait for a stretch when it will never come, however its thread ended.
struct Alarm<'a, T> {
    turn: &'a Mutex<Turn<T>>,
    moved: &'a Condvar,
    is_over: bool,
}

impl<T> Drop for Alarm<'_, T> {
    fn drop(&mut self) {
        if !self.is_over {
            self.turn.lock().unwrap_or_else(PoisonError::into_inner).is_broken = true;
            self.moved.notify_all();
        }
    }
}

/// Reads all stretches of a table, each by whichever thread is free. `join` adds them in their
/// order, as soon as their turn comes: no more of them wait than there are threads.
fn each_stretch<P, T: Send>(
    setting: &Setting<'_>,
    plan: &TablePlan,
    all: T,
    read: impl Fn(Range<u64>) -> Result<P, EngineError> + Sync,
    join: impl Fn(&mut T, P) + Sync,
) -> Result<T, EngineError> {
    let count = plan.read.files.rows.div_ceil(STRETCH_ROWS);
    let started = AtomicUsize::new(0);
    let threads = setting.threads.min(usize::try_from(count).unwrap_or(usize::MAX)).max(1);
    let turn = Mutex::new(Turn { all, next: 0, is_broken: false });
    let moved = Condvar::new();
    let work = || -> Result<(), EngineError> {
        let mut alarm = Alarm { turn: &turn, moved: &moved, is_over: false };
        loop {
            let part = started.fetch_add(1, Ordering::Relaxed);
            if part as u64 >= count {
                alarm.is_over = true;
                return Ok(());
            }
            let start = part as u64 * STRETCH_ROWS;
            let found = read(start..(start + STRETCH_ROWS).min(plan.read.files.rows))?;
            let is_early = |turn: &mut Turn<T>| turn.next != part && !turn.is_broken;
            let turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
            let mut turn = moved.wait_while(turn, is_early).unwrap_or_else(PoisonError::into_inner);
            if turn.is_broken {
                return Err(EngineError::Stopped);
            }
            join(&mut turn.all, found);
            turn.next += 1;
            moved.notify_all();
        }
    };
    std::thread::scope(|scope| -> Result<(), EngineError> {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let ended = workers.into_iter().map(|worker| worker.join());
        let ended: Vec<Result<(), EngineError>> =
            ended.map(|end| end.unwrap_or_else(|_| Err(setting.broken()))).collect();
        // Who waited for the one that failed only knows that something stopped.
        let (stopped, other): (Vec<_>, Vec<_>) =
            ended.into_iter().partition(|end| matches!(end, Err(EngineError::Stopped)));
        other.into_iter().chain(stopped).collect()
    })?;
    Ok(turn.into_inner().unwrap_or_else(PoisonError::into_inner).all)
}

/// Hands the batches of some rows to `take`.
fn each_batch(
    setting: &Setting<'_>,
    read: &Arc<ReadPlan>,
    rows: &Range<u64>,
    mut take: impl FnMut(TableBatch),
) -> Result<(), EngineError> {
    let mut stream = LedgerStream::new(Arc::clone(read), rows);
    while stream.fill()? {
        setting.go_on()?;
        let mut batch = BatchBuilder::new(read, BATCH_ROWS);
        while batch.rows() < BATCH_ROWS && stream.fill()? {
            stream.take(BATCH_ROWS - batch.rows(), &mut batch)?;
        }
        take(TableBatch::of(batch.finish(), &read.supplies, false));
    }
    Ok(())
}

fn stretch(
    setting: &Setting<'_>,
    shared: &Shared,
    pass: &Pass,
    table: TableId,
    plan: &TablePlan,
    rows: &Range<u64>,
    intakes: &[Intake],
) -> Result<Gathered, EngineError> {
    let started = Instant::now();
    let mut gathered = Gathered::new(pass);
    let mut frame = Frame::new(setting.program, shared, setting.calendar);
    each_batch(setting, &plan.read, rows, |batch| {
        add_batch(&mut frame, pass, table, batch, intakes, &mut gathered);
    })?;
    gathered.spent = started.elapsed();
    Ok(gathered)
}

/// Puts a batch in its place and runs the steps over it.
fn run_steps(frame: &mut Frame<'_>, steps: &[StepId], table: TableId, batch: TableBatch) {
    frame.clear();
    if let Some(slot) = frame.tables.get_mut(table.0 as usize) {
        *slot = Some(batch);
    }
    for step in steps {
        frame.run(*step);
    }
}

/// Runs the steps over a batch and keeps what is used elsewhere.
pub(crate) fn add_batch(
    frame: &mut Frame<'_>,
    pass: &Pass,
    table: TableId,
    batch: TableBatch,
    intakes: &[Intake],
    gathered: &mut Gathered,
) {
    let rows = batch.rows;
    run_steps(frame, &pass.steps, table, batch);
    let each = pass.indexes.iter().enumerate();
    let taken: Vec<Option<Bits>> =
        each.map(|(place, (id, _))| intakes.get(place)?.rows(frame, *id, rows)).collect();
    let picked = together(&taken).map(|taken| {
        let rows = taken.ones().filter_map(|row| u32::try_from(row).ok()).collect();
        Rows::Picked { rows, has_nowhere: false }
    });
    let count = picked.as_ref().map_or(rows, Rows::len);
    for (step, column) in pass.kept.iter().zip(&mut gathered.columns) {
        let Some(found) = frame.get(*step) else { continue };
        match &picked {
            None => column.append(found, rows),
            Some(picked) => column.append(&kernel::gather(found, picked), count),
        }
    }
    let first = u32::try_from(gathered.rows).unwrap_or(NOWHERE);
    for (((id, _), taken), keys) in pass.indexes.iter().zip(&taken).zip(&mut gathered.keys) {
        let key = key_column(frame, *id);
        let Some(Column::Integer(column)) = key.as_deref() else { continue };
        let row_of = |place: usize| picked.as_ref().map_or(Some(place), |rows| rows.get(place));
        for place in 0..count {
            let Some(row) = row_of(place) else { continue };
            if column.gaps.is_known(row) && taken.as_ref().is_none_or(|taken| taken.get(row)) {
                let number = first.saturating_add(u32::try_from(place).unwrap_or(NOWHERE));
                keys.push(super::eval::kernel_at(&column.values, row), number);
            }
        }
    }
    gathered.rows += count;
}

/// Rows that any index takes in; [`None`] for all.
fn together(taken: &[Option<Bits>]) -> Option<Bits> {
    let mut all: Option<Bits> = None;
    for own in taken {
        let own = own.as_ref()?;
        all = Some(all.map_or_else(|| own.clone(), |all| all.or(own)));
    }
    all
}

fn key_column(frame: &Frame<'_>, id: IndexId) -> Option<Arc<Column>> {
    frame.get(frame.program.index(id)?.key).cloned()
}

/// Puts what was gathered where all threads see it.
pub(crate) fn join(
    program: &Program,
    shared: &mut Shared,
    pass: &Pass,
    table: TableId,
    all: Gathered,
) {
    let Gathered { rows, columns, keys, .. } = all;
    for (step, column) in pass.kept.iter().zip(columns) {
        if let Some(slot) = shared.slots.get_mut(step.0 as usize) {
            *slot = column.finish().map(Arc::new);
        }
    }
    for ((id, _), keys) in pass.indexes.iter().zip(keys) {
        let index = match program.index(*id).map(|index| index.keeps) {
            Some(IndexKind::Counts) => KeyIndex::of_repeated(keys.keys()),
            // What was let through by mistake meets nobody.
            Some(IndexKind::Repeated) => KeyIndex::of_repeated_rows(keys),
            _ => KeyIndex::of_rows(keys),
        };
        if let Some(slot) = shared.indexes.get_mut(id.0 as usize) {
            *slot = Some(Arc::new(index));
        }
    }
    if let Some(slot) = shared.rows.get_mut(table.0 as usize) {
        *slot = rows;
    }
}
