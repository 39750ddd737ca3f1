//! Cross-checks: claimed totals, counts, shares and differences against what the text holds.

use crate::anatomy::Anatomy;
use crate::model::{CrossCheck, Figure};
use crate::source::Source;

/// All cross-checks of the text, in text order.
#[must_use]
pub fn find(_source: &Source, _anatomy: &Anatomy, _figures: &[Figure]) -> Vec<CrossCheck> {
    Vec::new()
}
