//! The items of a single cell or field, outside any document.

use crate::model::Deadline;
use crate::source::{Source, Span};
use crate::text::enumeration::outermost;

/// The measures enumerated in a text, without their markers; empty when nothing is enumerated.
///
/// # Example
/// ```
/// use taizhang_document::measure_items;
/// let items = measure_items("一是重新划定网格；二是公示网格员。");
/// assert_eq!(items, ["重新划定网格；", "公示网格员。"]);
/// assert!(measure_items("逐户核查。").is_empty());
/// ```
#[must_use]
pub fn measure_items(text: &str) -> Vec<String> {
    let source = Source::new(text);
    let whole = Span::new(0, text.chars().count());
    let lines = text.chars().enumerate().filter(|(_, c)| *c == '\n').map(|(at, _)| at + 1);
    let heads: Vec<usize> = std::iter::once(0).chain(lines).collect();
    let found = outermost(&source, whole, &heads);
    let items = found.map(|enumeration| enumeration.items).unwrap_or_default();
    items.iter().map(|item| source.text(item.content).replace(['\r', '\n'], "")).collect()
}

/// A deadline as it stands alone in a cell or field: `2023年3月底前`, `立行立改`, `长期坚持`.
///
/// # Example
/// ```
/// use taizhang_document::{deadline_of, model::DeadlineKind};
/// assert_eq!(deadline_of("2023年3月底前").date.as_deref(), Some("2023-03-31"));
/// assert_eq!(deadline_of("长期坚持").kind, DeadlineKind::Ongoing);
/// ```
#[must_use]
pub fn deadline_of(text: &str) -> Deadline {
    let source = Source::new(text);
    crate::deadline::read(&source, Span::new(0, text.chars().count()))
}
