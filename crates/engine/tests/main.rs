//! Integration tests of the engine.

#![cfg(test)]

mod book_laws;
mod books;
mod data;
mod explained;
mod expressions;
mod further;
mod laws;
mod maker;
mod support;
