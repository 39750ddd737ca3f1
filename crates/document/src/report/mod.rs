//! Reports that go back up: fixed words of a template, numbers bound to their rows.
//!
//! [`compose`] joins a template of the codebook with the ledger's data into a [`Report`]: a list
//! of numbered blocks whose every figure names its [`Binding`]. The same value is printed as a
//! Word file, shown as a page and read again by the reader of this crate.

mod compose;
mod mask;
mod model;
mod numbering;
mod text;

pub use compose::{FindingText, ReportData, compose, enumerated};
pub use mask::{mask_public, possible_names};
pub use model::{Binding, BoundRow, Report, ReportBlock, ReportRun};
pub use text::plain_text;
