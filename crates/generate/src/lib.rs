//! Makes an invented county from a seed: ledgers, department lists, planted faults and the truth
//! about them.

mod column;
mod day;
mod emit;
mod fault;
mod home;
mod ids;
mod links;
mod money;
mod names;
mod number;
mod place;
mod project;
mod random;
mod record;
mod run;
mod traits;
mod tree;
mod village;
mod writer;

pub use column::Misfit;
pub use day::Day;
pub use fault::Truth;
pub use number::Number;
pub use place::{Preset, Region, Village, regions, villages};
pub use record::{Cell, Record};
pub use run::{Made, Plan, records, write};
pub use writer::WriteError;
