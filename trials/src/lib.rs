//! What the trials share: the program as a child process, a plain browser, a PostgreSQL to throw
//! away, and random numbers from a seed that is printed.
//!
//! The trials drive the built program from outside, as people do; they are run by hand and by
//! nightly jobs, not by `cargo test`.

pub mod http;
pub mod page;
pub mod postgres;
pub mod program;
pub mod random;

/// What a trial gives back when it cannot go on.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
