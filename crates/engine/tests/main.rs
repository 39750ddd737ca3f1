//! Integration tests of the engine.

mod data;
mod laws;
mod support;
