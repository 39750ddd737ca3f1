//! The statement of a finding: title, problems, situation (schema P1–P6, S1).

use super::block::{Chunk, Item, Zones, merge};
use super::{Context, piece};
use crate::model::{Problem, Situation};
use crate::outline::{Node, strip_title};
use crate::source::{Source, Span};
use crate::text::enumeration::{self, Enumeration};
use crate::text::glyph::{is_clause_end, is_colon, is_comma, is_semicolon, is_stop};
use crate::text::lexicon::{Field, begins_action, is_problem, is_shortcoming, tells_of_action};
use crate::text::markup::{skip_blank, trim};
use crate::text::sentence;

/// What a statement holds.
pub(super) struct Stated {
    pub(super) title: Span,
    pub(super) problems: Vec<Problem>,
    pub(super) situation: Option<Situation>,
}

/// Reads title, problems and situation of a finding.
pub(super) fn read(context: &Context<'_>, node: Option<&Node>, zones: &Zones) -> Option<Stated> {
    let source = context.source;
    let (title, full, rest) = match node {
        Some(node) => (node.title, title_sentence(source, node), zones.statement.clone()),
        None => head(source, &zones.statement)?,
    };
    let answered = node.and_then(|n| answered_title(source, n.title)).map(|(subject, _)| subject);
    let title = answered.or_else(|| quoted_subject(source, title)).unwrap_or(title);
    let mut situation = zones
        .marks
        .iter()
        .filter(|m| m.field == Field::Situation)
        .find_map(|m| crate::situation::of_value(source, m.value));
    let mut problems = Vec::new();
    let parts: Vec<(Option<usize>, Vec<Problem>)> = merge(source, &rest)
        .into_iter()
        .map(|chunk| (chunk.under, problems_of(context, chunk, &mut situation)))
        .collect();
    let listed: Vec<Option<usize>> = parts
        .iter()
        .filter(|(_, found)| found.iter().any(|p| p.ordinal.is_some()))
        .map(|(under, _)| *under)
        .collect();
    for (under, found) in parts {
        // Beside an enumeration, text without a marker is background (P2).
        let background = listed.contains(&under) && found.iter().all(|p| p.ordinal.is_none());
        if !background {
            problems.extend(found);
        }
    }
    if problems.is_empty() {
        let subject = if title == full { full } else { title };
        let pieces = sentence::pieces(source, subject, is_semicolon);
        problems = pieces.into_iter().map(|s| problem(context, None, s, None)).collect();
    }
    if problems.is_empty() {
        problems.push(problem(context, None, title, None));
    }
    Some(Stated { title, problems, situation })
}

/// The title with its closing mark.
fn title_sentence(source: &Source, node: &Node) -> Span {
    let end = node.title.end;
    let closed = source.at(end).is_some_and(is_stop);
    Span::new(node.title.start, end + usize::from(closed))
}

/// Title and rest of a statement that has no outline node.
fn head(source: &Source, chunks: &[Chunk]) -> Option<(Span, Span, Vec<Chunk>)> {
    let first = *chunks.first()?;
    let stop = sentence::first(source, first.span, |at, c| {
        is_stop(c) || (is_colon(c) && opens_list(source, Span::new(at + 1, first.span.end)))
    });
    let end = stop.unwrap_or(first.span.end);
    let title = strip_title(source, Span::new(first.span.start, end));
    let closed = source.at(end).is_some_and(is_stop);
    let full = Span::new(first.span.start, end + usize::from(closed));
    let mut after = end;
    while after < first.span.end && source.at(after).is_some_and(|c| is_stop(c) || is_colon(c)) {
        after += 1;
    }
    let after = skip_blank(source, after, first.span.end);
    let mut rest = Vec::new();
    if after < first.span.end {
        rest.push(Chunk { span: Span::new(after, first.span.end), ..first });
    }
    rest.extend(chunks.iter().skip(1));
    (!title.is_empty()).then_some((title, full, rest))
}

fn opens_list(source: &Source, span: Span) -> bool {
    let start = skip_blank(source, span.start, span.end);
    let near = Span::new(start, span.end.min(start + 600));
    enumeration::outermost(source, near, &[]).is_some_and(|e| e.lead.is_empty())
}

/// `针对“资料不全”的问题`: the subject is what stands in the quotes.
pub(super) fn quoted_subject(source: &Source, title: Span) -> Option<Span> {
    passage(source, title, title.end).map(|(subject, _)| subject)
}

/// Subject of a 针对“…”的问题 passage, and where the response to it begins; the words that name
/// the subject end before `limit`.
fn passage(source: &Source, span: Span, limit: usize) -> Option<(Span, usize)> {
    let word = ["针对", "对照", "对于", "对"]
        .iter()
        .find(|w| source.starts_with(span.start, w))
        .map(|w| span.start + w.chars().count())?;
    let open = skip_blank(source, word, span.end);
    let close = match source.at(open)? {
        '“' => '”',
        '"' => '"',
        '「' => '」',
        '‘' => '’',
        _ => return None,
    };
    let end = closing_quote(source, Span::new(open, span.end), close)?;
    let near = Span::new(end + 1, (end + 12).min(span.end).min(limit));
    let mark = source.position(near, is_clause_end).unwrap_or(near.end);
    let about = source.text(Span::new(end + 1, mark));
    let known = about.is_empty() || about.contains("问题") || about.contains("方面");
    let rest = skip_blank(source, (mark + 1).min(span.end), span.end);
    (known && end > open + 1).then(|| (Span::new(open + 1, end), rest))
}

/// A numbered `关于…的问题，` with its answer in the same sentence: subject and answer.
pub(super) fn answered_title(source: &Source, title: Span) -> Option<(Span, usize)> {
    if let Some(found) = passage(source, title, title.end) {
        return Some(found).filter(|(_, rest)| *rest < title.end);
    }
    let about = source.starts_with(title.start, "关于");
    let aimed = source.starts_with(title.start, "针对");
    let near = Span::new(title.start, title.end.min(title.start + 60));
    let mark = sentence::first(source, near, |_, c| is_clause_end(c) && c != '、')?;
    let named = source.starts_with(mark.checked_sub(2)?, "问题");
    let comma = source.at(mark).is_some_and(|c| is_comma(c) || is_colon(c));
    if !(about || aimed) || !named || !comma || mark < title.start + 6 {
        return None;
    }
    let subject = if aimed {
        let end = if source.starts_with(mark - 3, "的") { mark - 3 } else { mark - 2 };
        Span::new(title.start + 2, end)
    } else {
        Span::new(title.start, mark)
    };
    let rest = skip_blank(source, mark + 1, title.end);
    (rest < title.end).then_some((subject, rest))
}

/// The quote that closes the one at the start of `span`; inner pairs are skipped.
fn closing_quote(source: &Source, span: Span, close: char) -> Option<usize> {
    let open = source.at(span.start)?;
    let mut depth = 0_usize;
    let near = Span::new(span.start, span.end.min(span.start + 120));
    for (i, c) in source.slice(near).iter().enumerate() {
        if *c == close && (open != close || i > 0) {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return Some(span.start + i);
            }
        } else if *c == open {
            depth += 1;
        }
    }
    None
}

fn problems_of(
    context: &Context<'_>,
    chunk: Chunk,
    situation: &mut Option<Situation>,
) -> Vec<Problem> {
    let source = context.source;
    let heads = super::response::heads(context, chunk.span);
    let mut span = chunk.span;
    if situation.is_none() {
        // The sentence that states the situation is no problem.
        for s in sentence::statements(source, chunk.span).into_iter().take(3) {
            if let Some(found) = crate::situation::of_sentence(source, s) {
                *situation = Some(found);
                if s.start == span.start {
                    span = trim(source, Span::new(s.end, span.end));
                }
                break;
            }
        }
    }
    if span.is_empty() {
        return Vec::new();
    }
    if let Some(list) = enumeration::outermost(source, span, &heads)
        && is_problem_list(&list)
    {
        return list
            .items
            .iter()
            .map(|item| problem(context, Some(item.ordinal), item.content, chunk.under))
            .collect();
    }
    let known = situation.as_ref().map(|s| s.span);
    pieces_by_paragraph(source, span, &heads)
        .into_iter()
        .filter(|s| known.is_none_or(|k| !s.covers(k)))
        .map(|s| problem(context, None, s, chunk.under))
        .collect()
}

/// An enumeration of two or more items; a lone marker is part of its sentence.
fn is_problem_list(list: &Enumeration) -> bool {
    list.items.len() >= 2 || list.lead.is_empty()
}

/// Pieces at 。 and ；, and at the ends of paragraphs.
fn pieces_by_paragraph(source: &Source, span: Span, heads: &[usize]) -> Vec<Span> {
    let inner = heads.iter().copied().filter(|h| *h > span.start && *h < span.end);
    let mut out = Vec::new();
    let mut start = span.start;
    for end in inner.chain([span.end]) {
        out.extend(sentence::statements(source, Span::new(start, end)));
        start = end;
    }
    out
}

fn problem(
    context: &Context<'_>,
    ordinal: Option<Span>,
    span: Span,
    under: Option<usize>,
) -> Problem {
    let words = context.source.slice(span);
    Problem {
        ordinal: ordinal.map(|o| piece(context.source, o)),
        optional: ordinal.is_none() && !is_shortcoming(words) && !is_problem(words),
        text: context.source.text(span),
        span,
        under: under.and_then(|n| context.sections.get(n)).map(|s| s.id.clone()),
        situation: None,
    }
}

/// Divides a block without a response label: what was found stays, what was done is response.
pub(super) fn divide(context: &Context<'_>, item: &Item, zones: &mut Zones) {
    if !zones.response.is_empty() {
        return;
    }
    let source = context.source;
    if divide_passage(context, item, zones) {
        return;
    }
    let Some(tail) = zones.tail else {
        divide_inline(context, item, zones);
        return;
    };
    // The answer may begin behind the title already.
    let told = zones.statement.first().copied().filter(|_| tail > 0).is_some_and(|chunk| {
        let first = sentence::sentences(source, chunk.span).first().copied();
        item.node.is_some()
            && first.is_some_and(|s| {
                let list = enumeration::item_text(source, s).is_some();
                reports_measure(source, s) || (list && !is_problem(source.slice(s)))
            })
    });
    if told {
        zones.response = std::mem::take(&mut zones.statement);
        return;
    }
    // Paragraphs below the heading: the first that reports measures opens the response.
    let below = zones.statement.get(tail..).unwrap_or_default();
    // A list is read as a whole: mostly shortcomings, or mostly measures.
    let listed = |chunk: &Chunk| enumeration::item_text(source, chunk.span).is_some();
    let marked = below.iter().filter(|c| listed(c)).count();
    let stated = below.iter().filter(|c| listed(c) && states_problem(source, c.span)).count();
    let mostly = stated * 2 > marked;
    let mut first = below
        .iter()
        .position(|chunk| !states_problem(source, chunk.span) || (listed(chunk) && !mostly));
    if first.is_none() && below.len() == 1 {
        let only = below.first().copied();
        if let Some((chunk, cut)) =
            only.and_then(|c| action_start(source, c.span).map(|at| (c, at)))
        {
            zones.statement.truncate(tail);
            let head = trim(source, Span::new(chunk.span.start, cut));
            if !head.is_empty() {
                zones.statement.push(Chunk { span: head, ..chunk });
            }
            zones.response.push(Chunk { span: Span::new(cut, chunk.span.end), ..chunk });
            return;
        }
        first = Some(0);
    }
    let at = tail + first.unwrap_or(0);
    zones.response = zones.statement.split_off(at.min(zones.statement.len()));
}

/// 针对“…”的问题: what follows is the response.
fn divide_passage(context: &Context<'_>, item: &Item, zones: &mut Zones) -> bool {
    let node = item.node.and_then(|n| context.outline.nodes.get(n));
    let chunk = zones.statement.first().copied();
    let from = node.map(|n| n.title.start).or(chunk.map(|c| c.span.start));
    let end = chunk.map(|c| c.span.end).or(node.map(|n| n.title.end));
    let (Some(from), Some(end)) = (from, end) else { return false };
    let span = Span::new(from, end.max(node.map_or(0, |n| n.title.end)));
    // A title on a line of its own ends with its paragraph.
    let para = context.layout.paras.get(item.paras.start);
    let limit = para.map_or(span.end, |p| p.span.end);
    let found = node
        .and_then(|n| answered_title(context.source, n.title))
        .or_else(|| passage(context.source, span, limit));
    let Some((_, cut)) = found else { return false };
    let first = trim(context.source, Span::new(cut, span.end));
    let mut chunks = std::mem::take(&mut zones.statement);
    if chunk.is_some_and(|c| c.span.end == span.end) {
        let head = Span::new(from, cut);
        if let Some(slot) = chunks.first_mut().filter(|_| node.is_none()) {
            slot.span = head;
            zones.statement.push(*slot);
        }
        chunks.remove(0);
    }
    if !first.is_empty() {
        zones.response.push(Chunk { span: first, under: None });
    }
    zones.response.extend(chunks);
    true
}

/// Statement and response in one paragraph.
fn divide_inline(context: &Context<'_>, item: &Item, zones: &mut Zones) {
    let source = context.source;
    let Some(last) = zones.statement.last().copied() else { return };
    let whole = zones.statement.len() == 1 && item.node.is_none();
    let from = if whole {
        sentence::first_stop(source, last.span).map_or(last.span.end, |at| at + 1)
    } else {
        last.span.start
    };
    if answers_title(context, item, last.span) {
        zones.statement.pop();
        zones.response.push(last);
        return;
    }
    let told = action_start(source, Span::new(from, last.span.end));
    // Under a title that states the problem, text without any shortcoming is the answer.
    let answer = || {
        let plain = item.node.is_some() && !is_problem(source.slice(last.span));
        // Behind 任务…，实际完成… with a deadline nothing is answered yet.
        let due = zones.marks.iter().any(|m| m.field == Field::Deadline);
        (plain && !context.labelled && !due).then_some(last.span.start)
    };
    let Some(cut) = told.or_else(answer) else { return };
    zones.statement.pop();
    let head = trim(source, Span::new(last.span.start, cut));
    if !head.is_empty() {
        zones.statement.push(Chunk { span: head, ..last });
    }
    zones.response.push(Chunk { span: Span::new(cut, last.span.end), ..last });
}

/// Whether the text behind a title 关于…的问题 answers it: a list of measures, or a first sentence
/// that names no shortcoming.
fn answers_title(context: &Context<'_>, item: &Item, text: Span) -> bool {
    let source = context.source;
    let Some(node) = item.node.and_then(|n| context.outline.nodes.get(n)) else { return false };
    let aimed = ["关于", "针对"].iter().any(|w| source.starts_with(node.title.start, w))
        && source.slice(node.title).ends_with(&['问', '题']);
    if !aimed || text.start < node.rest {
        return false;
    }
    let heads = super::response::heads(context, text);
    match enumeration::outermost(source, text, &heads).filter(|list| list.lead.is_empty()) {
        Some(list) => {
            let stated = list.items.iter().filter(|i| states_problem(source, i.content)).count();
            stated * 2 <= list.items.len()
        }
        None => sentence::sentences(source, text)
            .first()
            .is_some_and(|s| !is_problem(source.slice(*s)) || reports_measure(source, *s)),
    }
}

/// Start of the first sentence that reports a measure.
fn action_start(source: &Source, span: Span) -> Option<usize> {
    let span = trim(source, span);
    sentence::sentences(source, span)
        .into_iter()
        .find(|s| reports_measure(source, *s))
        .map(|s| s.start)
}

/// Whether a sentence says what was or is to be done.
pub(super) fn reports_measure(source: &Source, span: Span) -> bool {
    let start = enumeration::item_text(source, span).unwrap_or(span.start);
    let text = source.slice(Span::new(start, span.end.min(start + 120)));
    let blanks = text.iter().take_while(|c| c.is_whitespace()).count();
    let text_begins = text.get(blanks..).unwrap_or_default();
    // 针对该问题，… speaks of the answer.
    let aimed = matches!(text_begins, ['针', '对', '该' | '此' | '上' | '这' | '以', ..]);
    aimed || begins_action(text_begins) || (tells_of_action(text) && !is_problem(text))
}

fn states_problem(source: &Source, span: Span) -> bool {
    let first = sentence::sentences(source, span).first().copied().unwrap_or(span);
    let text = source.slice(Span::new(first.start, first.end.min(first.start + 120)));
    is_problem(text)
        && !reports_measure(source, first)
        && !tells_of_action(text)
        && !text.starts_with(&['一', '是'])
}
