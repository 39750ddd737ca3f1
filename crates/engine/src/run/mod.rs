//! Running a program: over a snapshot in full, or over the rows of some households in memory.

mod append;
mod emit;
mod eval;
mod floor;
mod frame;
mod full;
mod gathered;
mod guards;
mod index;
mod judge;
mod merge;
mod order;
mod partition;
mod plan;
mod reasons;
mod sketch;
mod summary;
mod tree;
mod worth;

pub use emit::{Doubt, DoubtChunk, Outcome, TextRun};
pub use floor::{Floor, decode_only};
pub use full::{DoubtSink, Options, Report, run};
pub use judge::{Judge, MemoryRows, RecordView};
pub use plan::{Absence, RunPlan, goes_by_row};
pub use summary::{Phases, RuleSummary};
