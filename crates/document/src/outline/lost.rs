//! Headings whose number was lost altogether: an unnumbered line in a gap of the numbering.

use std::ops::Range;

use super::Outline;
use crate::source::Source;
use crate::text::paragraph::Layout;

/// Puts a heading without number where a sequence has a gap and a line stands in it.
pub(super) fn restore(
    _source: &Source,
    _layout: &Layout,
    _outline: &mut Outline,
    _range: Range<usize>,
) {
}
