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
    /// Row of the heads counted from 1; `None` if it is to be found.
    pub header_row: Option<usize>,
    /// Fields of the ledger by which a row meets the record it is about; the first of them that is
    /// filled counts. Empty if every row is a new record.
    pub keys: Vec<String>,
    /// Columns in the order of the template.
    pub columns: Vec<ImportColumn>,
}

/// One column of a layout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportColumn {
    /// Ledger of the field if it is not the layout's: a record that the row's record refers to
    /// (the household of a person), that refers to it, or that is nested in the same root (the
    /// household's case). Found by its own unique field, made if there is none.
    pub ledger: Option<String>,
    /// Field of the ledger, or `measure` for the text of measures in a finding's row.
    pub field: String,
    /// Head in the template.
    pub head: String,
    /// Other heads that mean it, beside the field's own label and synonyms.
    pub synonyms: Vec<String>,
    /// Row is refused when empty.
    pub is_required: bool,
}

impl ImportColumn {
    /// Name by which the column's values travel: `field`, or `ledger.field` for another ledger.
    #[must_use]
    pub fn key(&self) -> String {
        match &self.ledger {
            Some(ledger) => format!("{ledger}.{}", self.field),
            None => self.field.clone(),
        }
    }
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
