//! Reports that go back: numbers bound to rows, kept with the moment they were counted.

mod bind;
mod make;
mod names;
mod show;
mod workbook;

pub use make::MakeReport;
pub use show::StoredReport;
