//! Resolved rules as shared steps over household batches.
