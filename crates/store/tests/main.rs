//! The store's tests. Every one runs on SQLite, and on PostgreSQL too where
//! `TAIZHANG_TEST_POSTGRES` names a server.

mod accounts;
mod bench;
mod files;
mod lists;
mod records;
mod sealed;
