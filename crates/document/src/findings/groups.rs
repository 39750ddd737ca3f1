//! Findings without a number: paragraphs with fields of their own, 针对“…” passages (schema F3).

use std::ops::Range;

use super::Context;
use super::block::Item;
use super::statement::{quoted_subject, reports_measure};
use crate::header::is_closing_line;
use crate::text::lexicon::{Field, is_problem};
use crate::text::sentence;

/// What the current group holds so far.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    statement: bool,
    named: bool,
    response: bool,
    fields: bool,
}

/// Groups of paragraphs that are a finding each.
pub(super) fn find(context: &Context<'_>, range: Range<usize>, under: Option<usize>) -> Vec<Item> {
    let passages: Vec<usize> = range.clone().filter(|i| is_passage(context, *i)).collect();
    let labelled = range.clone().any(|i| {
        context.layout.paras.get(i).is_some_and(|p| {
            p.labels.iter().any(|l| l.field.key().is_some() || l.field == Field::Progress)
        })
    });
    if !labelled {
        return match passages.is_empty() {
            false => by_starts(&passages, range.end, under),
            true => plain(context, range, under),
        };
    }
    by_labels(context, range, under)
}

fn by_starts(starts: &[usize], end: usize, under: Option<usize>) -> Vec<Item> {
    let ends = starts.iter().copied().skip(1).chain([end]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| Item { node: None, under, paras: *start..end })
        .collect()
}

/// Whether a paragraph begins with 针对“…”.
pub(super) fn is_passage(context: &Context<'_>, i: usize) -> bool {
    context.layout.paras.get(i).is_some_and(|p| {
        p.row.is_none() && p.marker.is_none() && quoted_subject(context.source, p.span).is_some()
    })
}

/// Paragraphs that state a problem and answer it, without any label or number.
fn plain(context: &Context<'_>, range: Range<usize>, under: Option<usize>) -> Vec<Item> {
    let starts: Vec<usize> = range
        .clone()
        .filter(|i| {
            let Some(para) = context.layout.paras.get(*i) else { return false };
            if para.row.is_some() || is_closing_line(context.source, para.span) {
                return false;
            }
            let sentences = sentence::sentences(context.source, para.span);
            let Some((first, rest)) = sentences.split_first() else { return false };
            let head = context.source.slice(*first);
            let answered = rest.iter().any(|s| reports_measure(context.source, *s));
            is_problem(head) && head.len() <= 80 && answered
        })
        .collect();
    if starts.len() < 2 {
        return Vec::new();
    }
    starts.iter().map(|i| Item { node: None, under, paras: *i..*i + 1 }).collect()
}

fn by_labels(context: &Context<'_>, range: Range<usize>, under: Option<usize>) -> Vec<Item> {
    let mut out: Vec<Item> = Vec::new();
    let mut start: Option<usize> = None;
    let mut held = Held::default();
    for i in range.clone() {
        let Some(para) = context.layout.paras.get(i).filter(|p| p.row.is_none()) else { break };
        if begins(context, i, range.end, held) {
            close(&mut out, start.take(), i, held, under);
            held = Held::default();
            start = Some(i);
        } else if start.is_none() && (para.marker.is_none() || !para.labels.is_empty()) {
            start = Some(i);
        }
        let lead = para.labels.first().is_none_or(|l| l.outer > para.content + 3);
        held.statement |= lead;
        for label in &para.labels {
            match label.field {
                Field::Problem | Field::Serial => held.named = true,
                Field::Response | Field::Progress => held.response = true,
                field if field.key().is_some() => held.fields = true,
                _ => {}
            }
        }
    }
    close(&mut out, start, range.end, held, under);
    out
}

fn close(out: &mut Vec<Item>, start: Option<usize>, end: usize, held: Held, under: Option<usize>) {
    if let Some(start) = start
        && (held.response || held.fields)
        && (held.statement || held.named)
    {
        out.push(Item { node: None, under, paras: start..end });
    }
}

/// Whether paragraph `i` begins the next group.
fn begins(context: &Context<'_>, i: usize, end: usize, held: Held) -> bool {
    let Some(para) = context.layout.paras.get(i) else { return false };
    let complete = held.response || held.fields;
    if let Some(first) = para.labels.first().filter(|l| l.outer <= para.content) {
        return match first.field {
            Field::Serial => complete || held.named || held.statement,
            Field::Problem => {
                complete || (held.statement && !held.named && !is_statement(context, i))
            }
            _ => false,
        };
    }
    if !para.labels.is_empty() {
        // Statement and fields in one paragraph; behind a response alone the fields are its own.
        if held.response && !held.fields {
            return is_problem_line(context, i);
        }
        return complete || (held.statement && begins_fresh(context, i));
    }
    if para.marker.is_some() {
        return false;
    }
    if is_closing_line(context.source, para.span) {
        return false;
    }
    let next = next_label(context, i, end);
    let answered = matches!(next, Some(Field::Response | Field::Progress));
    if held.fields && complete {
        return next.is_some() && (!held.response || answered || is_problem_line(context, i));
    }
    if held.response {
        // Within a response only the last line before the next response label begins a group.
        return answered && is_last_before_label(context, i);
    }
    // A preamble before the first group is no statement.
    held.statement
        && !complete
        && answered
        && is_last_before_label(context, i)
        && !is_statement(context, i)
}

fn is_statement(context: &Context<'_>, i: usize) -> bool {
    i.checked_sub(1).is_some_and(|above| is_problem_line(context, above))
}

fn begins_fresh(context: &Context<'_>, i: usize) -> bool {
    !is_statement(context, i)
}

fn is_problem_line(context: &Context<'_>, i: usize) -> bool {
    context.layout.paras.get(i).is_some_and(|p| {
        let first = sentence::sentences(context.source, p.span).first().copied();
        first.is_some_and(|s| {
            s.len() <= 120
                && is_problem(context.source.slice(s))
                && !reports_measure(context.source, s)
        })
    })
}

/// The first label of the following paragraphs, some plain ones in between allowed.
fn next_label(context: &Context<'_>, i: usize, end: usize) -> Option<Field> {
    context
        .layout
        .paras
        .get(i + 1..end.min(i + 5))?
        .iter()
        .take_while(|p| p.row.is_none())
        .find_map(|p| p.labels.first().map(|l| l.field))
}

fn is_last_before_label(context: &Context<'_>, i: usize) -> bool {
    context.layout.paras.get(i + 1).is_some_and(|p| !p.labels.is_empty())
}
