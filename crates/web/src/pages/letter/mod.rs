//! `/letters/new` and `/letters/{id}`: a letter comes in and becomes a ledger.

pub(crate) mod model;
pub(crate) mod text;
pub(crate) mod view;
