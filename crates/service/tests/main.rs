//! Tests of the use cases.

#![cfg(test)]

mod access;
mod accounts;
mod demo;
mod doubts;
mod imports;
mod jobs;
mod letters;
mod privacy;
mod registers;
mod support;
mod work;
