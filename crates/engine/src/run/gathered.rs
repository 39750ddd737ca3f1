//! Tables read before the pass: only the columns that other tables use are kept, and indexes by
//! key. Stretches of a table are read by several threads and joined in their order.

use super::append::Appender;
use super::frame::{Frame, Shared, TableBatch};
use super::full::{Setting, TablePlan};
use super::index::KeyIndex;
use super::plan::{Pass, keeps_rows};
use crate::column::{Column, NOWHERE, Rows};
use crate::error::EngineError;
use crate::kernel;
use crate::snapshot::{BatchBuilder, LedgerStream};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use taizhang_program::{IndexId, IndexKind, Program, StepId, TableId};

/// Rows of a stretch that one thread reads at a time.
const STRETCH_ROWS: u64 = 1 << 19;

/// Rows of a batch.
const BATCH_ROWS: usize = 8192;

/// What one stretch gave.
#[derive(Default)]
pub(crate) struct Gathered {
    rows: usize,
    columns: Vec<Appender>,
    /// Key and row of each index.
    keys: Vec<Vec<(i64, u32)>>,
    spent: Duration,
}

impl Gathered {
    pub(crate) fn new(pass: &Pass) -> Self {
        Self {
            rows: 0,
            columns: pass.kept.iter().map(|_| Appender::default()).collect(),
            keys: vec![Vec::new(); pass.indexes.len()],
            spent: Duration::ZERO,
        }
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
    // A ledger that meets itself: keys first, then only rows whose key occurs again.
    let repeated = pass.indexes.iter().copied().find(|id| {
        setting.program.index(*id).is_some_and(|index| index.keeps == IndexKind::Repeated)
    });
    let only = match repeated {
        None => None,
        Some(id) => {
            let steps = steps_for_key(setting, pass, id);
            let keys = Pass { steps, kept: Vec::new(), indexes: vec![id], ..pass.clone() };
            let found = stretches(setting, shared, &keys, table, plan, None)?;
            spent += found.iter().map(|part| part.spent).sum::<Duration>();
            let started = Instant::now();
            let keys = found.into_iter().flat_map(|part| part.keys).flatten();
            let index = KeyIndex::of_repeated(keys.map(|(key, _)| key).collect());
            spent += started.elapsed();
            Some((id, index))
        }
    };
    let mut parts = stretches(setting, shared, pass, table, plan, only.as_ref())?;
    if parts.is_empty() {
        // A ledger without rows: its columns are empty, not failed.
        let mut gathered = Gathered::new(pass);
        let mut frame = Frame::new(setting.program, shared, setting.calendar);
        let none = BatchBuilder::new(&plan.read).finish();
        let batch = TableBatch::of(none, &plan.read.supplies, false);
        add_batch(&mut frame, pass, table, batch, only.as_ref(), &mut gathered);
        parts.push(gathered);
    }
    spent += parts.iter().map(|part| part.spent).sum::<Duration>();
    let started = Instant::now();
    join(setting.program, shared, pass, table, parts);
    Ok(spent + started.elapsed())
}

/// The steps that the key of an index is made of.
fn steps_for_key(setting: &Setting<'_>, pass: &Pass, id: IndexId) -> Vec<StepId> {
    let mut open: Vec<StepId> =
        setting.program.index(id).map(|index| index.key).into_iter().collect();
    let mut needed = std::collections::BTreeSet::new();
    while let Some(step) = open.pop() {
        if needed.insert(step) {
            open.extend(setting.program.inputs(step));
        }
    }
    pass.steps.iter().copied().filter(|step| needed.contains(step)).collect()
}

/// Reads all stretches, each by whichever thread is free.
fn stretches(
    setting: &Setting<'_>,
    shared: &Shared,
    pass: &Pass,
    table: TableId,
    plan: &TablePlan,
    only: Option<&(IndexId, KeyIndex)>,
) -> Result<Vec<Gathered>, EngineError> {
    let count = plan.read.files.rows.div_ceil(STRETCH_ROWS);
    let next = AtomicUsize::new(0);
    let threads = setting.threads.min(usize::try_from(count).unwrap_or(usize::MAX)).max(1);
    let mut parts: Vec<(usize, Gathered)> = Vec::new();
    let work = || -> Result<Vec<(usize, Gathered)>, EngineError> {
        let mut own = Vec::new();
        loop {
            let part = next.fetch_add(1, Ordering::Relaxed);
            if part as u64 >= count {
                return Ok(own);
            }
            let start = part as u64 * STRETCH_ROWS;
            let rows = start..(start + STRETCH_ROWS).min(plan.read.files.rows);
            own.push((part, stretch(setting, shared, pass, table, plan, rows, only)?));
        }
    };
    std::thread::scope(|scope| -> Result<(), EngineError> {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            parts.extend(worker.join().map_err(|_| setting.broken())??);
        }
        Ok(())
    })?;
    parts.sort_by_key(|(part, _)| *part);
    Ok(parts.into_iter().map(|(_, gathered)| gathered).collect())
}

fn stretch(
    setting: &Setting<'_>,
    shared: &Shared,
    pass: &Pass,
    table: TableId,
    plan: &TablePlan,
    rows: Range<u64>,
    only: Option<&(IndexId, KeyIndex)>,
) -> Result<Gathered, EngineError> {
    let started = Instant::now();
    let mut stream = LedgerStream::new(Arc::clone(&plan.read), &rows);
    let mut gathered = Gathered::new(pass);
    let mut frame = Frame::new(setting.program, shared, setting.calendar);
    while stream.fill()? {
        setting.go_on()?;
        let mut batch = BatchBuilder::new(&plan.read);
        while batch.rows() < BATCH_ROWS && stream.fill()? {
            stream.take(BATCH_ROWS - batch.rows(), &mut batch);
        }
        let batch = TableBatch::of(batch.finish(), &plan.read.supplies, false);
        add_batch(&mut frame, pass, table, batch, only, &mut gathered);
    }
    gathered.spent = started.elapsed();
    Ok(gathered)
}

/// Runs the steps over a batch and keeps what is used elsewhere.
pub(crate) fn add_batch(
    frame: &mut Frame<'_>,
    pass: &Pass,
    table: TableId,
    batch: TableBatch,
    only: Option<&(IndexId, KeyIndex)>,
    gathered: &mut Gathered,
) {
    let rows = batch.rows;
    frame.clear();
    if let Some(slot) = frame.tables.get_mut(table.0 as usize) {
        *slot = Some(batch);
    }
    for step in &pass.steps {
        frame.run(*step);
    }
    let picked = only.map(|(id, keys)| {
        let found = key_column(frame, *id);
        let is_in = |row: &u32| match &found {
            Some(Column::Integer(column)) => {
                column.gaps.is_known(*row as usize)
                    && keys.contains(super::eval::kernel_at(&column.values, *row as usize))
            }
            _ => false,
        };
        let rows = (0..u32::try_from(rows).unwrap_or(NOWHERE)).filter(is_in).collect();
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
    for (id, keys) in pass.indexes.iter().zip(&mut gathered.keys) {
        let Some(Column::Integer(column)) = key_column(frame, *id) else { continue };
        let row_of = |place: usize| picked.as_ref().map_or(Some(place), |rows| rows.get(place));
        for place in 0..count {
            let Some(row) = row_of(place) else { continue };
            if column.gaps.is_known(row) {
                let number = first.saturating_add(u32::try_from(place).unwrap_or(NOWHERE));
                keys.push((super::eval::kernel_at(&column.values, row), number));
            }
        }
    }
    gathered.rows += count;
}

fn key_column(frame: &Frame<'_>, id: IndexId) -> Option<Column> {
    let key = frame.program.index(id)?.key;
    frame.get(key).map(|column| column.as_ref().clone())
}

/// Joins the stretches in their order.
pub(crate) fn join(
    program: &Program,
    shared: &mut Shared,
    pass: &Pass,
    table: TableId,
    parts: Vec<Gathered>,
) {
    let mut columns: Vec<Appender> = pass.kept.iter().map(|_| Appender::default()).collect();
    let mut keys: Vec<Vec<(i64, u32)>> = vec![Vec::new(); pass.indexes.len()];
    let mut rows = 0;
    for part in parts {
        let first = u32::try_from(rows).unwrap_or(NOWHERE);
        for (all, own) in columns.iter_mut().zip(part.columns) {
            if let Some(column) = own.finish() {
                all.append(&column, part.rows);
            }
        }
        for (all, own) in keys.iter_mut().zip(part.keys) {
            all.extend(own.into_iter().map(|(key, row)| (key, row.saturating_add(first))));
        }
        rows += part.rows;
    }
    for (step, column) in pass.kept.iter().zip(columns) {
        if let Some(slot) = shared.slots.get_mut(step.0 as usize) {
            *slot = column.finish().map(Arc::new);
        }
    }
    for (id, keys) in pass.indexes.iter().zip(keys) {
        let index = if keeps_rows(program, *id) {
            KeyIndex::of_rows(keys)
        } else {
            KeyIndex::of_repeated(keys.into_iter().map(|(key, _)| key).collect())
        };
        if let Some(slot) = shared.indexes.get_mut(id.0 as usize) {
            *slot = Some(Arc::new(index));
        }
    }
    if let Some(slot) = shared.rows.get_mut(table.0 as usize) {
        *slot = rows;
    }
}
