//! Existing ledgers come in as workbooks: checked as a whole, confirmed, and for a day taken back.
//!
//! Nothing is written to the ledger before the confirmation. The file and what its columns were
//! taken for are kept, so that every page of the way shows the same check.

mod check;
mod confirm;
mod deadlines;
mod fields;
mod regions;
mod register_check;
mod register_confirm;
mod register_content;
mod register_diff;
mod register_export;
mod register_find;
mod register_lookup;
mod register_make;
mod register_pass;
mod register_places;
mod register_removed;
mod register_row;
mod register_target;
mod register_values;
mod take_back;
mod template;

pub use check::{CheckImport, ImportPreview, WORKBOOK_BYTES_MAX};
pub use confirm::{ConfirmImport, ConfirmedImport};
pub use register_check::{REGISTER_BYTES_MAX, RegisterPreview};
pub use register_confirm::{ConfirmRegister, ConfirmedRegister, TakeRegister};
pub use register_diff::FieldChange;
pub use register_export::{ExportRegister, RegisterColumns, TakeRow};
pub use register_pass::{RegisterCounts, RegisterReason, RowChange};
pub use register_removed::{EndRemoved, RemovedRecord};
