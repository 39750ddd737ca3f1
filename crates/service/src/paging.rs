//! Lists read whole: the store gives pages, and some work needs every row.

use taizhang_store::{Query, Reader, Record, StoreError};

/// Rows read at a time.
const BATCH: usize = 1_000;

/// Every record of a query, in its order, in one state of the database.
pub(crate) fn every(reader: &Reader<'_>, query: Query) -> Result<Vec<Record>, StoreError> {
    let mut query = query.limit(BATCH);
    let mut records = Vec::new();
    loop {
        let page = reader.list(&query)?;
        records.extend(page.records);
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(records),
        }
    }
}
