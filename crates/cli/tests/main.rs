//! Tests of the built program, one module a feature.

#![cfg(test)]

mod read_apart;
mod store_checks;
