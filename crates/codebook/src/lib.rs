//! The codebook: everything that is true of the field and may change next year, as data.
//!
//! Definitions are read from TOML files (embedded, and overridden or added to by a county's data
//! directory), checked all at once, and handed out as the typed [`Codebook`].

pub mod model;

pub use model::*;
