//! Letters: from an uploaded document to an inspection with findings.
//!
//! An upload is kept as it came, read into rows, corrected by a person beside the text, and only
//! then confirmed. Nothing reaches the ledger of findings before that.

mod confirm;
mod list;
mod page;
mod rows;
mod units;
mod upload;

pub use confirm::{ConfirmLetter, ConfirmedLetter};
pub use page::{LetterPage, RowMark};
pub use rows::{EditRow, NewRow};
pub use units::UnitNames;
pub(crate) use units::unit_names;
pub use upload::{LETTER_BYTES_MAX, UploadLetter, UploadedLetter};
