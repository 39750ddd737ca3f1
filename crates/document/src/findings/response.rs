//! The measures of a response (schema M1–M6).

use super::block::{Chunk, merge};
use super::{Context, piece};
use crate::model::{Measure, MeasureItem};
use crate::source::{Source, Span};
use crate::text::enumeration::{self, Enumeration};
use crate::text::markup::trim;
use crate::text::paragraph::is_page_number;

/// Measures of the chunks, in text order.
pub(super) fn read(context: &Context<'_>, chunks: &[Chunk]) -> Vec<Measure> {
    let merged = merge(context.source, chunks);
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(first) = merged.get(at) {
        let count = merged.iter().skip(at).take_while(|c| c.under == first.under).count();
        let group = merged.get(at..at + count).unwrap_or_default();
        group_measures(context, group, &mut out);
        at += count.max(1);
    }
    out
}

fn group_measures(context: &Context<'_>, group: &[Chunk], out: &mut Vec<Measure>) {
    let lists: Vec<(Chunk, Option<Enumeration>)> = group
        .iter()
        .map(|c| {
            let heads = heads(context, c.span);
            (*c, enumeration::outermost(context.source, c.span, &heads))
        })
        .collect();
    if lists.iter().all(|(_, list)| list.is_none()) {
        // Without items the whole response is one measure.
        if let (Some(first), Some(last)) = (group.first(), group.last()) {
            let span = Span::new(first.span.start, last.span.end);
            out.push(measure(context, None, span, first.under));
        }
        return;
    }
    for (chunk, list) in lists {
        match list {
            Some(list) => listed(context, chunk, &list, out),
            None => out.push(measure(context, None, chunk.span, chunk.under)),
        }
    }
}

/// Items, and the unmarked paragraphs before the first one (M3).
fn listed(context: &Context<'_>, chunk: Chunk, list: &Enumeration, out: &mut Vec<Measure>) {
    let heads = heads(context, chunk.span);
    let first = list.lead.end;
    // Paragraphs that end before the one in which the first item stands.
    let own = heads.iter().copied().filter(|h| *h <= first).max().unwrap_or(chunk.span.start);
    let mut starts = heads.iter().copied().filter(|h| *h < own).peekable();
    while let Some(start) = starts.next() {
        let end = starts.peek().copied().unwrap_or(own);
        let span = trim(context.source, Span::new(start, end));
        if !span.is_empty() {
            out.push(measure(context, None, span, chunk.under));
        }
    }
    for item in &list.items {
        out.push(measure(context, Some(item.ordinal), item.content, chunk.under));
    }
}

fn measure(
    context: &Context<'_>,
    ordinal: Option<Span>,
    span: Span,
    under: Option<usize>,
) -> Measure {
    let source = context.source;
    let span = without_page_number(source, span);
    let items = if ordinal.is_some() { nested(context, span) } else { Vec::new() };
    Measure {
        ordinal: ordinal.map(|o| piece(source, o)),
        text: source.text(span),
        span,
        under: under.and_then(|n| context.sections.get(n)).map(|s| s.id.clone()),
        items,
    }
}

/// The span without a page number on its last line.
fn without_page_number(source: &Source, span: Span) -> Span {
    let Some(line_end) = source.slice(span).iter().rposition(|c| *c == '\n') else { return span };
    let last = trim(source, Span::new(span.start + line_end, span.end));
    if is_page_number(source, last) {
        trim(source, Span::new(span.start, span.start + line_end))
    } else {
        span
    }
}

/// Enumerations inside a measure (M4); an item ends with its clause where the list is inline.
fn nested(context: &Context<'_>, span: Span) -> Vec<MeasureItem> {
    let source = context.source;
    let heads = heads(context, span);
    let Some(list) = enumeration::outermost(source, span, &heads) else { return Vec::new() };
    if list.items.len() < 2 {
        return Vec::new();
    }
    let last = list.items.len() - 1;
    list.items
        .iter()
        .enumerate()
        .map(|(i, item)| {
            let content = if i == last { last_item(source, item.content) } else { item.content };
            MeasureItem {
                ordinal: Some(piece(source, item.ordinal)),
                text: source.text(content),
                span: content,
            }
        })
        .collect()
}

/// The last inline item ends at its first full stop when a new topic, `…方面:`, follows.
fn last_item(source: &Source, span: Span) -> Span {
    let sentences = crate::text::sentence::sentences(source, span);
    match sentences.as_slice() {
        [first, second, ..]
            if source.find(Span::new(second.start, second.start + 12), "方面").is_some() =>
        {
            *first
        }
        _ => span,
    }
}

/// Starts of the paragraphs inside `span`, its own start first.
pub(super) fn heads(context: &Context<'_>, span: Span) -> Vec<usize> {
    let paras = &context.layout.paras;
    let from = paras.partition_point(|p| p.span.start <= span.start);
    let mut out = vec![span.start];
    out.extend(paras.iter().skip(from).map(|p| p.span.start).take_while(|s| *s < span.end));
    out
}
