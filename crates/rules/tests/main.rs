//! Tests of the rules, one module a concern.

#![cfg(test)]

mod conformance;
mod faults;
mod kleene;
mod language;
mod limits;
mod manual;
mod oracle;
mod robust;
mod shipped;
