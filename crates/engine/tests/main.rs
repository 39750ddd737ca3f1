//! Integration tests of the engine.

#![cfg(test)]

mod data;
mod expressions;
mod laws;
mod support;
