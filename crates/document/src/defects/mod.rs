//! Outline defects: numbering faults, missing fields and empty values.

use crate::anatomy::Anatomy;
use crate::model::OutlineDefect;
use crate::source::Source;

/// All defects of the outline and of the fields, in text order.
#[must_use]
pub fn find(_source: &Source, _anatomy: &Anatomy) -> Vec<OutlineDefect> {
    Vec::new()
}
