//! Test support: generated documents and counties with known truth; seen by tests only.
