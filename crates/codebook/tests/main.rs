//! Tests of the codebook.

mod bad;
mod other_field;
mod overrides;
mod shipped;
mod support;
