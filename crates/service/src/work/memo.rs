//! Counts that are asked again and again: of tabs and of the queue.
//!
//! INVARIANT: a remembered count is that of the store as it stands. Every effect moves the audit
//! head in its own transaction, and a count is remembered under the head of the very transaction
//! that counted; with another head it is counted anew.

use crate::ServiceError;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use taizhang_store::Reader;

/// Different questions remembered at once; beyond it all are forgotten.
const QUESTIONS_MAX: usize = 2_000;

/// Counts under one audit head.
#[derive(Debug, Default)]
pub(crate) struct CountMemo {
    remembered: Mutex<Remembered>,
    counted: Condvar,
}

#[derive(Debug, Default)]
struct Remembered {
    sequence: i64,
    hash: String,
    counts: BTreeMap<String, Vec<u64>>,
    /// Questions that somebody is counting.
    counting: BTreeSet<String>,
}

impl CountMemo {
    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The remembered counts, or those that `count` finds. Two who ask the same at once count once;
    /// other questions wait for neither.
    pub(crate) fn get(
        &self,
        reader: &Reader<'_>,
        question: String,
        count: impl FnOnce() -> Result<Vec<u64>, ServiceError>,
    ) -> Result<Vec<u64>, ServiceError> {
        let head = reader.audit_head()?;
        let mut memo = self.lock();
        loop {
            if memo.sequence > head.sequence {
                // Somebody already saw a later state; this one is not worth remembering.
                drop(memo);
                return count();
            }
            if memo.hash != head.hash {
                *memo = Remembered {
                    sequence: head.sequence,
                    hash: head.hash.clone(),
                    ..Remembered::default()
                };
            }
            if let Some(counts) = memo.counts.get(&question) {
                return Ok(counts.clone());
            }
            if memo.counting.insert(question.clone()) {
                break;
            }
            memo = self.counted.wait(memo).unwrap_or_else(PoisonError::into_inner);
        }
        drop(memo);
        let counting = Counting { memo: self, question, hash: head.hash };
        let counts = count()?;
        let mut memo = self.lock();
        if memo.hash == counting.hash {
            if memo.counts.len() >= QUESTIONS_MAX {
                memo.counts.clear();
            }
            memo.counts.insert(counting.question.clone(), counts.clone());
        }
        drop(memo);
        Ok(counts)
    }
}

/// A question that is being counted, until this is dropped, whatever the count comes to.
struct Counting<'a> {
    memo: &'a CountMemo,
    question: String,
    hash: String,
}

impl Drop for Counting<'_> {
    fn drop(&mut self) {
        let mut memo = self.memo.lock();
        if memo.hash == self.hash {
            memo.counting.remove(&self.question);
        }
        drop(memo);
        self.memo.counted.notify_all();
    }
}
