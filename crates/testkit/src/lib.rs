//! Test support: generated documents and counties with known truth; seen by tests only.

#[expect(
    clippy::indexing_slicing,
    reason = "only JSON values are indexed: a key that is not there reads as null"
)]
pub mod documents;
pub mod template;
