//! Use cases: permission, transaction and audit in one place for every entry point.
