//! Which ledgers of a run are out of order, told of all at once: a run begins anew once and not for
//! every ledger.

use super::full::{Options, selected_answers, table_plans};
use super::plan::RunPlan;
use crate::error::EngineError;
use crate::snapshot::{IdColumn, LedgerStream, ReadPlan, Snapshot};
use std::collections::BTreeSet;
use std::sync::Arc;
use taizhang_program::Program;

/// The ledgers that a run reads by the ids of their root records and that are not in that order.
pub(super) fn out_of_order(
    program: &Program,
    snapshot: &Snapshot,
    options: &Options,
) -> Result<BTreeSet<String>, EngineError> {
    let answers = selected_answers(program, options);
    let plan = RunPlan::new(program, &answers, &(program, snapshot));
    let mut found = BTreeSet::new();
    for table in table_plans(program, snapshot, &plan)?.into_iter().flatten() {
        let name = &table.read.files.name;
        if table.read.order.is_some()
            && !found.contains(name)
            && !is_in_order(table.read.order_only()?)?
        {
            found.insert(name.clone());
        }
    }
    Ok(found)
}

fn is_in_order(read: ReadPlan) -> Result<bool, EngineError> {
    let rows = 0..read.files.rows;
    let mut stream = LedgerStream::new(Arc::new(read), &rows);
    let mut last = IdColumn::default();
    while stream.fill()? {
        let Some((ids, range)) = stream.pending() else { return Ok(true) };
        let follows = |row: usize| ids.compare(row.saturating_sub(1), ids, row).is_le();
        let is_after = last.is_empty() || last.compare(0, ids, range.start).is_le();
        if !is_after || !range.clone().skip(1).all(follows) {
            return Ok(false);
        }
        last = IdColumn::default();
        last.append(ids, range.end.saturating_sub(1), 1);
        stream.pass();
    }
    Ok(true)
}
