//! Counts that are asked again and again: of tabs and of the queue.
//!
//! INVARIANT: a remembered count is that of the store as it stands. Every effect moves the audit
//! head in its own transaction, and a count is remembered under the head of the very transaction
//! that counted; with another head it is counted anew.

use crate::ServiceError;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use taizhang_store::Reader;

/// Different questions remembered at once; beyond it all are forgotten.
const QUESTIONS_MAX: usize = 2_000;

/// Counts under one audit head.
#[derive(Debug, Default)]
pub(crate) struct CountMemo(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    sequence: i64,
    hash: String,
    counts: BTreeMap<String, Vec<u64>>,
}

impl CountMemo {
    /// The remembered counts, or those that `count` finds. Two who ask at once count once.
    pub(crate) fn get(
        &self,
        reader: &Reader<'_>,
        question: String,
        count: impl FnOnce() -> Result<Vec<u64>, ServiceError>,
    ) -> Result<Vec<u64>, ServiceError> {
        let head = reader.audit_head()?;
        let mut memo = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if memo.sequence > head.sequence {
            // Somebody already saw a later state; this one is not worth remembering.
            drop(memo);
            return count();
        }
        if memo.hash != head.hash || memo.counts.len() >= QUESTIONS_MAX {
            *memo =
                Remembered { sequence: head.sequence, hash: head.hash, counts: BTreeMap::new() };
        }
        if let Some(counts) = memo.counts.get(&question) {
            return Ok(counts.clone());
        }
        let counts = count()?;
        memo.counts.insert(question, counts.clone());
        Ok(counts)
    }
}
