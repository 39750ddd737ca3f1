//! How far running jobs are, told while their transaction is open, and the bell of the workers.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use taizhang_values::RecordId;

thread_local! {
    /// The job that this thread runs.
    static RUNNING: RefCell<Option<RecordId>> = const { RefCell::new(None) };
}

/// What the threads of one program tell each other of jobs.
#[derive(Debug, Default)]
pub(crate) struct Board {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    progress: BTreeMap<RecordId, (u64, u64)>,
    /// Jobs asked for since a worker looked last.
    asked: bool,
    /// Jobs that ended since the program began.
    ended: u64,
    /// Threads that run jobs.
    workers: usize,
}

impl Board {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A job was asked for.
    pub(super) fn ring(&self) {
        self.state().asked = true;
        self.changed.notify_all();
    }

    /// Waits for the bell, at most so long.
    pub(super) fn wait(&self, patience: Duration) {
        let state = self.state();
        let waited = self.changed.wait_timeout_while(state, patience, |state| !state.asked);
        waited.unwrap_or_else(PoisonError::into_inner).0.asked = false;
    }

    /// A thread begins to run jobs, until what this gives is dropped.
    pub(super) fn at_work(&self) -> AtWork<'_> {
        self.state().workers += 1;
        AtWork(self)
    }

    /// True if a thread of this program runs jobs.
    pub(super) fn has_workers(&self) -> bool {
        self.state().workers > 0
    }

    /// How many jobs ended.
    pub(super) fn ended(&self) -> u64 {
        self.state().ended
    }

    /// Waits until another job ended than those seen.
    pub(super) fn wait_for_end(&self, seen: u64, patience: Duration) {
        let state = self.state();
        let waited = self.changed.wait_timeout_while(state, patience, |state| state.ended == seen);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// Runs a job on this thread, so that what its act tells is told of it.
    pub(super) fn run<T>(&self, job: &RecordId, work: impl FnOnce() -> T) -> T {
        self.state().progress.insert(job.clone(), (0, 0));
        RUNNING.with(|running| running.replace(Some(job.clone())));
        let _end = End { board: self, job };
        work()
    }

    /// How far a running job is.
    pub(super) fn progress(&self, job: &RecordId) -> Option<(u64, u64)> {
        self.state().progress.get(job).copied()
    }

    /// Tells how far the job of this thread is; nothing happens where no job runs.
    pub(crate) fn tell(&self, done: usize, total: usize) {
        let Some(job) = RUNNING.with(|running| running.borrow().clone()) else { return };
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        self.state().progress.insert(job, (number(done), number(total)));
    }

    /// A job ended and stands so in the store.
    pub(super) fn note_end(&self) {
        let mut state = self.state();
        state.ended = state.ended.wrapping_add(1);
        drop(state);
        self.changed.notify_all();
    }
}

/// A thread that runs jobs.
pub(super) struct AtWork<'a>(&'a Board);

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.workers = state.workers.saturating_sub(1);
    }
}

/// Forgets the running job, whatever way its act ended.
struct End<'a> {
    board: &'a Board,
    job: &'a RecordId,
}

impl Drop for End<'_> {
    fn drop(&mut self) {
        RUNNING.with(|running| running.replace(None));
        self.board.state().progress.remove(self.job);
    }
}
