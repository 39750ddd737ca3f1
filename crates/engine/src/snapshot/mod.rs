//! Snapshots: `<dir>/<ledger>/*.parquet`, column = field name, and a manifest.

mod builder;
mod convert;
mod cursor;
mod differences;
mod ids;
mod key;
mod layout;
mod links;
mod manifest;
mod open;
mod plan;
mod runs;
mod sort;
mod stream;
mod write;

pub use builder::{ColumnBuilder, joined_key, text_key};
pub(crate) use ids::write_number;
pub use ids::{IdColumn, MISSING};
pub use key::HashKey;
pub use layout::file_layout;
pub use links::LinkWriter;
pub use manifest::{MANIFEST_NAME, Manifest, ManifestLedger};
pub use open::{LedgerFiles, Part, Snapshot};
pub use plan::{ReadPlan, Source, Supply, fact_column};
pub use sort::sorted;
pub use stream::{BatchBuilder, LedgerStream, SourceBatch};
pub use write::{LedgerWriter, Sensitive};
