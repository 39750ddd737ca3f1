//! The floor of a run: the columns that it reads, each decoded once, and nothing done with them.

use super::full::{Options, selected_answers, table_plans};
use super::plan::RunPlan;
use crate::error::EngineError;
use crate::snapshot::{BatchBuilder, LedgerStream, ReadPlan, Snapshot};
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use taizhang_program::{ColumnKind, ColumnUse, Program};

/// Rows of a batch.
const BATCH_ROWS: usize = 8192;

/// What was decoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Floor {
    /// Ledgers.
    pub ledgers: usize,
    /// Columns of all ledgers.
    pub columns: usize,
    /// Rows of all ledgers.
    pub rows: u64,
    /// Cells: rows of each ledger times its columns.
    pub cells: u64,
}

/// Decodes every column that a run would read, once, into columns and drops them: what no
/// run over the same snapshot can go below. Options other than threads and rules say nothing here.
///
/// # Errors
/// As [`super::run`].
pub fn decode_only(
    program: &Program,
    snapshot: &Snapshot,
    options: &Options,
    stop: &AtomicBool,
) -> Result<Floor, EngineError> {
    let answers = selected_answers(program, options);
    let plan = RunPlan::new(program, &answers, &(program, snapshot));
    let plans = ledger_plans(program, snapshot, &plan)?;
    let mut floor = Floor { ledgers: plans.len(), ..Floor::default() };
    let mut work: Vec<(Arc<ReadPlan>, Range<u64>)> = Vec::new();
    for plan in &plans {
        floor.columns += plan.sources.len();
        floor.rows += plan.files.rows;
        floor.cells += plan.files.rows * plan.sources.len() as u64;
        let mut first = 0;
        for rows in plan.files.parts.iter().flat_map(|part| part.group_rows()) {
            work.push((Arc::clone(plan), first..first + rows));
            first += rows;
        }
    }
    let next = AtomicUsize::new(0);
    let decode = || -> Result<(), EngineError> {
        while let Some((plan, rows)) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut stream = LedgerStream::new(Arc::clone(plan), rows);
            while stream.fill()? {
                if stop.load(Ordering::Relaxed) {
                    return Err(EngineError::Stopped);
                }
                let mut batch = BatchBuilder::new(plan, BATCH_ROWS);
                while batch.rows() < BATCH_ROWS && stream.fill()? {
                    stream.take(BATCH_ROWS - batch.rows(), &mut batch)?;
                }
                drop(batch.finish());
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| -> Result<(), EngineError> {
        let workers: Vec<_> = (0..options.threads.max(1)).map(|_| scope.spawn(decode)).collect();
        for worker in workers {
            worker.join().map_err(|_| EngineError::Program("a thread broke off".to_owned()))??;
        }
        Ok(())
    })?;
    Ok(floor)
}

/// One plan a ledger: the columns of all tables that are made of it, each once.
fn ledger_plans(
    program: &Program,
    snapshot: &Snapshot,
    plan: &RunPlan,
) -> Result<Vec<Arc<ReadPlan>>, EngineError> {
    let mut columns: BTreeMap<String, BTreeMap<String, ColumnKind>> = BTreeMap::new();
    for table in table_plans(program, snapshot, plan)?.iter().flatten() {
        let own = columns.entry(table.read.files.name.clone()).or_default();
        for source in &table.read.sources {
            own.entry(source.name.clone()).or_insert(source.kind);
        }
    }
    let mut plans = Vec::new();
    for (ledger, columns) in columns {
        let Some(files) = snapshot.ledger(&ledger) else { continue };
        let uses: Vec<ColumnUse> =
            columns.into_iter().map(|(name, kind)| ColumnUse { name, kind }).collect();
        plans.push(Arc::new(ReadPlan::new(files, &uses, &|_| true, None, false)?));
    }
    Ok(plans)
}
