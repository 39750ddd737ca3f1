//! Sorting a ledger that is out of order, with spill.

use super::open::Snapshot;
use crate::error::EngineError;
use std::path::PathBuf;
use taizhang_program::Program;

/// The snapshot with a sorted copy of one ledger.
///
/// # Errors
/// [`EngineError`].
pub fn sorted(
    _program: &Program,
    _snapshot: Snapshot,
    ledger: &str,
    _scratch: &mut Option<PathBuf>,
) -> Result<Snapshot, EngineError> {
    Err(EngineError::Unsorted(ledger.to_owned()))
}
