//! Findings and tasks: which items they are, and what each of them holds (schema F, P, M, U, D, S).

mod block;
mod fields;
mod groups;
mod response;
mod rows;
mod select;
mod statement;
mod status;
mod tasks;

use crate::anatomy::{FieldMark, Owner};
use crate::deadline::is_placeholder;
use crate::model::{Finding, Piece, Section, Task};
use crate::outline::Outline;
use crate::source::{Source, Span};
use crate::text::glyph::{is_blank, is_colon};
use crate::text::lexicon::Field;
use crate::text::paragraph::Layout;
use crate::text::written::id;

/// Everything the stage looks at.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) source: &'a Source,
    pub(crate) layout: &'a Layout,
    pub(crate) outline: &'a Outline,
    pub(crate) sections: &'a [Section],
    /// First and one-past-last paragraph of the body.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Whether the items are tasks of an implementation plan.
    pub(crate) plan: bool,
    /// Whether any label in the document opens a response.
    pub(crate) labelled: bool,
}

/// Whether any label of the paragraphs opens a response.
pub(crate) fn is_labelled(layout: &Layout) -> bool {
    layout.paras.iter().any(|p| p.labels.iter().any(|l| l.field == Field::Response))
}

/// What the stage finds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    pub(crate) findings: Vec<Finding>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) fields: Vec<FieldMark>,
}

/// A finding or task with its fields, before the owners have their numbers.
#[derive(Clone, Debug)]
struct Row<T> {
    item: T,
    fields: Vec<Mark>,
}

/// A labelled value of one item.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub(crate) field: Field,
    pub(crate) label: Span,
    pub(crate) value: Span,
}

/// Reads findings and tasks.
pub(crate) fn read(context: &Context<'_>) -> Found {
    let mut findings: Vec<Row<Finding>> = Vec::new();
    let mut tasks: Vec<Row<Task>> = Vec::new();
    for item in select::items(context) {
        if context.plan {
            tasks.extend(tasks::read(context, &item));
        } else {
            findings.extend(block::read(context, &item));
        }
    }
    rows::read(context, &mut findings, &mut tasks);
    findings.sort_by_key(|row| row.item.span);
    tasks.sort_by_key(|row| row.item.span);
    let mut found = Found::default();
    for (i, mut row) in findings.into_iter().enumerate() {
        row.item.id = id('F', i + 1, 2);
        found.fields.extend(marks(context.source, &row.fields, Owner::Finding(i)));
        found.findings.push(row.item);
    }
    for (i, mut row) in tasks.into_iter().enumerate() {
        row.item.id = id('T', i + 1, 2);
        found.fields.extend(marks(context.source, &row.fields, Owner::Task(i)));
        found.tasks.push(row.item);
    }
    found
}

fn marks<'a>(
    source: &'a Source,
    fields: &'a [Mark],
    owner: Owner,
) -> impl Iterator<Item = FieldMark> + 'a {
    fields.iter().map(move |mark| {
        let letters = source.slice(mark.label).iter();
        let name = || letters.filter(|c| !is_blank(**c) && !is_colon(**c)).collect();
        FieldMark {
            field: mark.field.key().map_or_else(name, str::to_owned),
            label: mark.label,
            value: mark.value,
            blank: mark.value.is_empty() || is_placeholder(source, mark.value),
            owner,
        }
    })
}

/// A piece of the text.
fn piece(source: &Source, span: Span) -> Piece {
    Piece::new(source, span)
}
