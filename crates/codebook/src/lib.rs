//! The codebook: everything that is true of the field and may change next year, as data.
//!
//! Definitions are read from TOML files (embedded, and overridden or added to by a county's data
//! directory), checked all at once, and handed out as the typed [`Codebook`].

mod assemble;
mod check;
mod describe;
mod embedded;
mod faults;
mod filter;
mod load;
pub mod model;
mod names;
mod overlay;
mod placeholder;
mod read;
mod rule_file;
mod section;
mod source;
mod syntax;
mod tree;

pub use describe::{flow_text, list_mark, reference};
pub use embedded::shipped_names;
pub use faults::{FAULT_CODES, FaultCode, FaultKind};
pub use filter::{FilterFault, FilterOperator, FilterTerm, STATE_KIND_FIELD, TODAY, parse_filter};
pub use load::{read_codebook, read_with_overrides};
pub use model::*;
pub use names::{
    BANNED_LABELS, BUILT_IN_FIELDS, FINDING_PLACEHOLDERS, MEASURE_COLUMN, POWERS,
    REPORT_PLACEHOLDERS, RESERVED_COLUMNS, SEPARATE_POWERS,
};
pub use placeholder::{Placeholder, placeholders};
pub use read::{state_kind, state_kind_word};
