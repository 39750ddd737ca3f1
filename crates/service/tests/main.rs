//! Tests of the use cases.

#![cfg(test)]

mod demo;
mod imports;
mod letters;
mod support;
mod work;
