//! Tests of the use cases.

#![cfg(test)]

mod access;
mod accounts;
mod agreement;
mod demo;
mod doubts;
mod household_changes;
mod imports;
mod jobs;
mod judged;
mod letters;
mod privacy;
mod registers;
mod snapshots;
mod support;
mod trials;
mod work;
