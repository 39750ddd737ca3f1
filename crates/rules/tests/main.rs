//! Tests of the rules, one module a concern.

mod conformance;
mod language;
mod limits;
mod manual;
mod shipped;
