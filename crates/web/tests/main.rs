//! Requests against the pages over the demonstration county: what people do, and what goes wrong.

#![cfg(test)]

mod browser;
mod routes;
