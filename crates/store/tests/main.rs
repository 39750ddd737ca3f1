//! The store's tests. Every one runs on SQLite, and on PostgreSQL too where
//! `TAIZHANG_TEST_POSTGRES` names a server.

#![cfg(test)]

mod accounts;
mod audit;
mod backup;
mod bench;
mod bulk;
mod crash;
mod files;
mod lists;
mod migration;
mod properties;
mod records;
mod sealed;
mod search;
mod tls;
mod ways;
