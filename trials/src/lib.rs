//! What the trials share: the program as a child process, a plain browser, a PostgreSQL to throw
//! away, and random numbers from a seed that is printed.
//!
//! The trials drive the built program from outside, as people do; they are run by hand and by
//! nightly jobs. `cargo test` runs none of them; the test that serves the program uses this
//! library.

pub mod http;
pub mod page;
pub mod postgres;
pub mod program;
pub mod random;

/// Sorts measured times and gives those below which so many per cent of them lie, in milliseconds;
/// zeros where nothing was measured.
pub fn percentiles_ms<const COUNT: usize>(
    times: &mut [std::time::Duration],
    percents: [usize; COUNT],
) -> [f64; COUNT] {
    times.sort_unstable();
    percents.map(|percent| {
        let place = (times.len() * percent / 100).min(times.len().saturating_sub(1));
        times.get(place).copied().unwrap_or_default().as_secs_f64() * 1000.0
    })
}

/// What a trial gives back when it cannot go on.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
