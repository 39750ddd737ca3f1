//! Tests of the use cases.

#![cfg(test)]

mod demo;
mod imports;
mod support;
mod work;
