//! The title of a heading (schema O4).

use crate::source::{Source, Span};
use crate::text::enumeration;
use crate::text::glyph::{is_blank, is_clause_end, is_closing, is_colon, is_stop};
use crate::text::markup::{skip_blank, trim};
use crate::text::paragraph::{Layout, Para};
use crate::text::sentence;

/// How far the second item of a list is looked for.
const LIST_REACH: usize = 600;

/// Title of the heading whose text begins at `start`, and the first offset behind it.
pub(crate) fn title_of(
    source: &Source,
    layout: &Layout,
    para: &Para,
    start: usize,
) -> (Span, usize) {
    let limit = para.labels.iter().map(|l| l.outer).find(|at| *at >= start);
    let mut end = limit.unwrap_or(para.span.end);
    if let Some(at) = limit {
        end = bracket_before(source, start, at).unwrap_or(at);
    }
    let span = Span::new(start, end);
    let stop = sentence::first(source, span, |at, c| {
        is_stop(c) || (is_colon(c) && opens_list(source, Span::new(at + 1, para.span.end)))
    });
    let mut cut = stop.unwrap_or(end);
    if layout.run_on {
        cut = run_on_cut(source, Span::new(start, cut)).unwrap_or(cut);
    }
    let short = short_head(source, Span::new(start, cut));
    let cut = short.unwrap_or(cut);
    let mut rest = cut;
    while rest < para.span.end
        && source.at(rest).is_some_and(|c| is_stop(c) || is_colon(c) || is_closing(c))
    {
        rest += 1;
    }
    (strip(source, Span::new(start, cut)), skip_blank(source, rest, para.span.end))
}

/// Takes closing marks away from a title, and bold marks around it.
pub(crate) fn strip(source: &Source, span: Span) -> Span {
    let mut span = trim(source, span);
    loop {
        let last = source.before(span.end);
        let closing = last.is_some_and(is_clause_end);
        if span.is_empty() || !closing {
            break;
        }
        span = trim(source, Span::new(span.start, span.end - 1));
    }
    let bold = span.len() > 2 && source.starts_with(span.end - 2, "**");
    if bold && source.find(Span::new(span.start, span.end - 2), "**").is_none() {
        span = Span::new(span.start, span.end - 2);
    }
    span
}

/// The bracket that opens right before a label: `（责任单位：…`.
fn bracket_before(source: &Source, start: usize, label: usize) -> Option<usize> {
    let mut at = label;
    while at > start {
        match source.before(at) {
            Some(c) if is_blank(c) => at -= 1,
            Some('(' | '（' | '【' | '[' | '〔') => return Some(at - 1),
            _ => return None,
        }
    }
    None
}

/// Whether an enumeration begins here, or nothing follows.
fn opens_list(source: &Source, span: Span) -> bool {
    let start = skip_blank(source, span.start, span.end);
    if start >= span.end {
        return true;
    }
    // An item longer than this needs no second one to be seen as the first of a list.
    let near = Span::new(start, span.end.min(start + LIST_REACH));
    let head = source.at(start).unwrap_or(' ');
    let may = matches!(head, '一' | '第' | '首' | '(' | '（' | '①' | '1' | '１' | '⑴' | 'a');
    may && enumeration::outermost(source, near, &[]).is_some_and(|e| e.lead.is_empty())
}

/// `产业发展方面：…` is a short head before a colon.
fn short_head(source: &Source, span: Span) -> Option<usize> {
    let near = Span::new(span.start, span.end.min(span.start + 24));
    let colon = sentence::first(source, near, |_, c| is_clause_end(c))?;
    if !source.at(colon).is_some_and(is_colon) {
        return None;
    }
    let head = source.slice(Span::new(span.start, colon));
    head.ends_with(&['方', '面']).then_some(colon)
}

/// In a text without line ends a short title is closed by a blank.
fn run_on_cut(source: &Source, span: Span) -> Option<usize> {
    let near = Span::new(span.start, span.end.min(span.start + 30));
    let at = source.position(near, |c| is_blank(c) || is_clause_end(c))?;
    (source.at(at).is_some_and(is_blank) && at > span.start + 3).then_some(at)
}
