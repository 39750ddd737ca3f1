//! Tests of the use cases.

#![cfg(test)]

mod demo;
mod support;
mod work;
