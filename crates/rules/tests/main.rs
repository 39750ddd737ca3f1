//! Tests of the rules, one module a concern.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::format_push_string,
    reason = "tests fail by panicking"
)]

mod conformance;
mod faults;
mod kleene;
mod language;
mod limits;
mod manual;
mod oracle;
mod shipped;
