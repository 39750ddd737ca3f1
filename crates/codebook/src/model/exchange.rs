//! Import layouts and notices.

use serde::{Deserialize, Serialize};
use taizhang_diagnostics::Message;

/// How a workbook of a known shape becomes records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportLayout {
    /// Name.
    pub name: String,
    /// Name for people.
    pub label: Message,
    /// Ledger of the rows.
    pub ledger: String,
    /// Columns in the order of the template.
    pub columns: Vec<ImportColumn>,
}

/// One column of a layout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportColumn {
    /// Field of the ledger, or `measure` for the text of measures in a finding's row.
    pub field: String,
    /// Head in the template.
    pub head: String,
    /// Other heads that mean it, beside the field's own label and synonyms.
    pub synonyms: Vec<String>,
    /// Row is refused when empty.
    pub is_required: bool,
}

/// A list on a board for a number of days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Name.
    pub name: String,
    /// Name for people.
    pub label: Message,
    /// Ledger of the rows.
    pub ledger: String,
    /// Parameter with the number of days.
    pub days_parameter: String,
    /// The only fields that may be shown.
    pub columns: Vec<String>,
}
