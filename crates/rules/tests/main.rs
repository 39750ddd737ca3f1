//! Tests of the rules, one module a concern.

mod shipped;
