//! Tests of the whole reader, one binary.

mod any_text;
mod generated;
