//! Official documents: text to outline, findings, units, deadlines, figures and cross-checks;
//! report text with bound figures.
//!
//! [`read`] turns a text into a [`model::Reading`], the JSON of the `rectification-ledger/1`
//! schema. The reader is deterministic and linear in the length of the text, and any text gives a
//! result: what cannot be understood is left out, never guessed.

pub mod anatomy;
pub mod checks;
pub mod defects;
pub mod figures;
pub mod model;
pub mod report;
pub mod source;

mod date;
mod deadline;
mod findings;
mod header;
mod items;
mod joined;
mod lint;
mod mentions;
mod outline;
mod reader;
mod situation;
mod text;

pub use items::{deadline_of, measure_items};
pub use lint::lint;
pub use reader::read;
