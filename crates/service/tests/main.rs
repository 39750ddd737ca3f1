//! Tests of the use cases.

mod demo;
mod support;
mod work;
