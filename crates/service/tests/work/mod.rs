//! Tests of the work on findings. Every one runs on SQLite, and on PostgreSQL too where
//! `TAIZHANG_TEST_POSTGRES` names a server.

mod by_hand;
mod evidence;
mod histories;
mod lists;
mod peers;
mod races;
mod repeats;
mod scheduler;
mod scripts;
pub mod world;
