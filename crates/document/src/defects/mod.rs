//! Outline defects: numbering faults, missing fields and empty values (schema 2.7, rule X1).

mod fields;
mod numbers;
mod style;

use crate::anatomy::Anatomy;
use crate::model::{DefectType, OutlineDefect};
use crate::source::{Source, Span};
use crate::text::written::id;

/// A defect without its id.
#[derive(Clone, Debug)]
struct Draft {
    defect: DefectType,
    field: Option<String>,
    span: Span,
    expected: Option<String>,
    found: Option<String>,
    finding: Option<String>,
    task: Option<String>,
    section: Option<String>,
    optional: bool,
}

/// All defects of the outline and of the fields, in text order.
#[must_use]
pub fn find(source: &Source, anatomy: &Anatomy) -> Vec<OutlineDefect> {
    let mut drafts = Vec::new();
    numbers::find(anatomy, &mut drafts);
    fields::find(source, anatomy, &mut drafts);
    drafts.sort_by_key(|draft| draft.span);
    drafts.into_iter().enumerate().map(|(index, draft)| finish(source, index, draft)).collect()
}

/// Numbers a defect and adds its text and line.
fn finish(source: &Source, index: usize, draft: Draft) -> OutlineDefect {
    OutlineDefect {
        id: id('D', index + 1, 2),
        defect: draft.defect,
        field: draft.field,
        text: source.text(draft.span),
        span: draft.span,
        line: source.line_of(draft.span.start),
        expected: draft.expected,
        found: draft.found,
        finding: draft.finding,
        task: draft.task,
        section: draft.section,
        optional: draft.optional,
    }
}

#[cfg(test)]
mod tests;
