//! What the reader knows about a text before figures, cross-checks and defects are looked for.

use crate::model::{DocumentInfo, Finding, Section, Task};
use crate::source::Span;

/// The parts of a document, and every labelled field with its place, blank ones included.
#[derive(Clone, Debug, Default)]
pub struct Anatomy {
    /// Title, issuer, date, kind.
    pub document: DocumentInfo,
    /// The outline in text order.
    pub sections: Vec<Section>,
    /// Ledger rows in text order.
    pub findings: Vec<Finding>,
    /// Tasks of an implementation plan in text order.
    pub tasks: Vec<Task>,
    /// Every field that has a label or a column, in text order.
    pub fields: Vec<FieldMark>,
}

/// One labelled field as it stands in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldMark {
    /// Schema key (`deadline`, `lead_units`, `doc_number` …), or the label without spaces and
    /// colon where the schema has no key (`主题词`).
    pub field: String,
    /// The label with its colon; in a table the header cell's text.
    pub label: Span,
    /// The value without white space; empty at its place when nothing stands there.
    pub value: Span,
    /// Whether the value is missing or only a placeholder.
    pub blank: bool,
    /// Whose field it is.
    pub owner: Owner,
}

/// The owner of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The document itself (page metadata, signature).
    Document,
    /// Index into `Anatomy::findings`.
    Finding(usize),
    /// Index into `Anatomy::tasks`.
    Task(usize),
}
