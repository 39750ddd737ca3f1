//! Runs programs over snapshots: Parquet in and out, household batches, kernels; in full or for
//! some households.

pub mod bits;
pub mod column;
pub mod error;
pub mod kernel;
pub mod output;
pub mod run;
pub mod snapshot;
