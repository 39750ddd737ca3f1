//! Where a diagnostic points.

use serde::{Deserialize, Serialize};

/// A place that the reader can go to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Place {
    /// No place, or the whole input.
    #[default]
    Nowhere,
    /// A stretch of one line of a text file. Lines and columns count from 1, in characters.
    File {
        /// File as the user named it.
        path: String,
        /// Line.
        line: usize,
        /// First column.
        column: usize,
        /// Number of characters to underline; at least 1.
        length: usize,
        /// The line itself, for the excerpt.
        excerpt: String,
    },
    /// A cell of a workbook; rows are those that the spreadsheet program shows.
    Cell {
        /// Sheet, if there are several.
        sheet: Option<String>,
        /// Row from 1.
        row: u32,
        /// Column letters.
        column: String,
    },
    /// A field of a form or record.
    Field {
        /// Ledger in the codebook.
        ledger: String,
        /// Field in the ledger.
        field: String,
    },
}
