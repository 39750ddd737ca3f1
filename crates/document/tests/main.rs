//! Tests of the whole reader, one binary.

#![cfg(test)]

mod any_text;
mod generated;
mod layouts;
mod linear;
mod shared_documents;
