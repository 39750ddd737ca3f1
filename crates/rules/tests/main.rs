//! Tests of the rules, one module a concern.

mod language;
mod manual;
mod shipped;
