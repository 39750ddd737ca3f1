//! Existing ledgers come in as workbooks: checked as a whole, confirmed, and for a day taken back.
//!
//! Nothing is written to the ledger before the confirmation. The file and what its columns were
//! taken for are kept, so that every page of the way shows the same check.

mod check;
mod confirm;
mod deadlines;
mod fields;
mod regions;
mod take_back;
mod template;

pub use check::{CheckImport, ImportPreview};
pub use confirm::{ConfirmImport, ConfirmedImport};
