//! Test support: generated documents with known truth, folders made once; seen by tests only.

#[expect(
    clippy::indexing_slicing,
    reason = "only JSON values are indexed: a key that is not there reads as null"
)]
pub mod documents;
pub mod template;
