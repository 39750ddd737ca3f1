//! Tests of the codebook.

#![cfg(test)]

mod bad;
mod manual;
mod other_field;
mod overrides;
mod robust;
mod shipped;
mod support;
