//! Partitions: where each ledger's rows of a stretch of root records begin and end.

use super::full::Setting;
use crate::error::EngineError;
use crate::snapshot::{IdColumn, LedgerStream, ReadPlan};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use taizhang_program::TableId;

/// Row ranges of the tables of a tree.
#[derive(Clone, Debug, Default)]
pub(crate) struct Partition {
    ranges: BTreeMap<TableId, Range<u64>>,
}

impl Partition {
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
    let size = setting.options.partition_rows.max(1);
    if tables.len() == 1 {
        let starts = (0..total.div_ceil(size)).map(|part| part * size);
        let part = |start: u64| Partition {
            ranges: BTreeMap::from([(driver, start..(start + size).min(total))]),
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
    let mut parts = vec![Partition::default(); bounds.len() + 1];
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

/// The first row of each boundary's id or a later one.
fn positions(plan: &Arc<ReadPlan>, bounds: &IdColumn) -> Result<Vec<u64>, EngineError> {
    let mut positions = Vec::with_capacity(bounds.len());
    let only = Arc::new(plan.order_only()?);
    let mut stream = LedgerStream::new(only, &(0..plan.files.rows));
    while positions.len() < bounds.len() && stream.fill()? {
        let Some((ids, range)) = stream.pending() else { break };
        let last = range.end - 1;
        while positions.len() < bounds.len() && ids.compare(last, bounds, positions.len()).is_ge() {
            let mut row = range.start;
            while ids.compare(row, bounds, positions.len()).is_lt() {
                row += 1;
            }
            positions.push(stream.row() + (row - range.start) as u64);
        }
        stream.pass();
    }
    positions.resize(bounds.len(), plan.files.rows);
    Ok(positions)
}
