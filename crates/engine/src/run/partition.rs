//! Partitions: where each ledger's rows of a stretch of root records begin and end.

use super::full::Setting;
use crate::error::EngineError;
use crate::snapshot::{IdColumn, LedgerStream, ReadPlan};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use taizhang_program::TableId;

/// Root records of a partition at least: the row groups on its edges are decoded twice.
const ROWS_MIN: u64 = 1 << 16;

/// Root records of a partition at most: its doubts wait in memory for those before it.
const ROWS_MAX: u64 = 1 << 18;

/// Row ranges of the tables of a tree.
#[derive(Clone, Debug, Default)]
pub(crate) struct Partition {
    ranges: BTreeMap<TableId, Range<u64>>,
    /// The least id in it, and the least of the next one.
    low: Option<IdColumn>,
    high: Option<IdColumn>,
}

impl Partition {
    /// Whether sorted ids lie in it. Ids of a ledger that is out of order may not.
    pub(crate) fn holds(&self, ids: &IdColumn) -> bool {
        let Some(last) = ids.len().checked_sub(1) else { return true };
        self.low.as_ref().is_none_or(|low| ids.compare(0, low, 0).is_ge())
            && self.high.as_ref().is_none_or(|high| ids.compare(last, high, 0).is_lt())
    }

    /// A table's rows.
    pub(crate) fn range(&self, table: TableId) -> Range<u64> {
        self.ranges.get(&table).cloned().unwrap_or(0..0)
    }

    /// How many rows of a table it has.
    pub(crate) fn rows(&self, table: TableId) -> u64 {
        let range = self.range(table);
        range.end.saturating_sub(range.start)
    }
}

/// Divides the tables of a tree. A root record and all that is nested in it stay together.
pub(crate) fn partitions(
    setting: &Setting<'_>,
    tables: &[TableId],
    driver: TableId,
) -> Result<Vec<Partition>, EngineError> {
    let Some(plan) = setting.table(driver) else { return Ok(Vec::new()) };
    let total = plan.read.files.rows;
    let size = match setting.options.partition_rows {
        0 => (total / (setting.threads as u64 * 2)).clamp(ROWS_MIN, ROWS_MAX),
        asked => asked,
    };
    if tables.len() == 1 {
        let starts = (0..total.div_ceil(size)).map(|part| part * size);
        let part = |start: u64| Partition {
            ranges: BTreeMap::from([(driver, start..(start + size).min(total))]),
            ..Partition::default()
        };
        let parts: Vec<Partition> = starts.map(part).collect();
        return Ok(if parts.is_empty() { vec![Partition::default()] } else { parts });
    }
    let bounds = bounds(&plan.read, size)?;
    let mut found: Vec<(TableId, Vec<u64>)> = Vec::new();
    std::thread::scope(|scope| -> Result<(), EngineError> {
        let bounds = &bounds;
        let mut jobs = Vec::new();
        for chunk in tables.chunks(tables.len().div_ceil(setting.threads).max(1)) {
            jobs.push(scope.spawn(move || -> Result<Vec<(TableId, Vec<u64>)>, EngineError> {
                let mut found = Vec::new();
                for id in chunk {
                    if let Some(plan) = setting.table(*id) {
                        found.push((*id, positions(&plan.read, bounds)?));
                    }
                }
                Ok(found)
            }));
        }
        for job in jobs {
            found.extend(job.join().map_err(|_| setting.broken())??);
        }
        Ok(())
    })?;
    let one = |place: usize| {
        let mut id = IdColumn::default();
        id.append(&bounds, place, 1);
        (place < bounds.len()).then_some(id)
    };
    let mut parts: Vec<Partition> = (0..=bounds.len())
        .map(|part| Partition {
            ranges: BTreeMap::new(),
            low: part.checked_sub(1).and_then(one),
            high: one(part),
        })
        .collect();
    for (id, positions) in found {
        let rows = setting.table(id).map_or(0, |plan| plan.read.files.rows);
        let starts = std::iter::once(0).chain(positions.iter().copied());
        let ends = positions.iter().copied().chain([rows]);
        for (part, range) in parts.iter_mut().zip(starts.zip(ends)) {
            part.ranges.insert(id, range.0..range.1.max(range.0));
        }
    }
    Ok(parts)
}

/// The ids at every so many rows of the driver, the first left out.
fn bounds(plan: &Arc<ReadPlan>, size: u64) -> Result<IdColumn, EngineError> {
    let mut bounds = IdColumn::default();
    let only = Arc::new(plan.order_only()?);
    let mut next = size;
    while next < plan.files.rows {
        let mut stream = LedgerStream::new(Arc::clone(&only), &(next..next + 1));
        if stream.fill()?
            && let Some((ids, range)) = stream.pending()
            && !ids.is_missing(range.start)
        {
            let last = bounds.len().checked_sub(1);
            if last.is_none_or(|last| bounds.compare(last, ids, range.start).is_lt()) {
                bounds.append(ids, range.start, 1);
            }
        }
        next += size;
    }
    Ok(bounds)
}

/// The first row of each boundary's id or a later one. Where row groups tell their least id, only
/// the groups that a boundary lies in are looked at.
fn positions(plan: &Arc<ReadPlan>, bounds: &IdColumn) -> Result<Vec<u64>, EngineError> {
    let only = Arc::new(plan.order_only()?);
    let groups = plan.group_starts();
    let mut positions: Vec<u64> = Vec::with_capacity(bounds.len());
    while positions.len() < bounds.len() {
        let bound = positions.len();
        let first = positions.last().copied().unwrap_or(0);
        let range = match &groups {
            Some((ids, starts)) => group_of(ids, starts, bounds, bound, plan.files.rows),
            None => first..plan.files.rows,
        };
        let range = range.start.max(first)..range.end.max(first);
        positions.push(lower_bound(&only, range, bounds, bound)?);
    }
    Ok(positions)
}

/// The rows of the last group whose least id lies before the boundary.
fn group_of(
    ids: &IdColumn,
    starts: &[u64],
    bounds: &IdColumn,
    bound: usize,
    rows: u64,
) -> Range<u64> {
    let before = (0..starts.len()).take_while(|group| ids.compare(*group, bounds, bound).is_lt());
    let Some(group) = before.last() else { return 0..0 };
    let start = starts.get(group).copied().unwrap_or(0);
    start..starts.get(group + 1).copied().unwrap_or(rows)
}

/// The first row of a range whose id is not before the boundary; the end if there is none.
fn lower_bound(
    only: &Arc<ReadPlan>,
    range: Range<u64>,
    bounds: &IdColumn,
    bound: usize,
) -> Result<u64, EngineError> {
    let mut stream = LedgerStream::new(Arc::clone(only), &range);
    while stream.fill()? {
        let Some((ids, pending)) = stream.pending() else { break };
        if ids.compare(pending.end - 1, bounds, bound).is_ge() {
            let mut row = pending.start;
            while ids.compare(row, bounds, bound).is_lt() {
                row += 1;
            }
            return Ok(stream.row() + (row - pending.start) as u64);
        }
        stream.pass();
    }
    Ok(range.end)
}
