//! Who may do what with which rows: the decision function against the reviewed table, lists
//! against single tests, strangers against every way in.

mod agree;
mod duties;
mod fields;
mod named;
mod references;
mod strangers;
mod table;
