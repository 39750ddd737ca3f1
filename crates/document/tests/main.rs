//! Tests of the whole reader, one binary.

mod generated;
