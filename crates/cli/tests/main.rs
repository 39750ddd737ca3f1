//! Tests of the built program, one module a feature.

#![cfg(test)]

mod asked;
mod read_apart;
mod served;
mod store_checks;
