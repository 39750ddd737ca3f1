//! Headings whose number was lost altogether: an unnumbered line in a gap of the numbering.

use std::ops::Range;

use super::{Node, Outline, title_of};
use crate::source::{Source, Span};
use crate::text::lexicon::{Field, is_problem};
use crate::text::marker::Style;
use crate::text::paragraph::{Layout, Para};

/// Longest line that can be a heading without a number.
const TITLE_LENGTH_MAX: usize = 60;

/// Puts a heading without number where a sequence has a gap and a line stands in it.
pub(super) fn restore(
    source: &Source,
    layout: &Layout,
    outline: &mut Outline,
    range: Range<usize>,
) {
    let mut found: Vec<(usize, usize, Node)> = Vec::new();
    for (at, node) in outline.nodes.iter().enumerate() {
        let Some(ordinal) = node.ordinal else { continue };
        let before = previous(outline, at, node.style);
        let missing = match before {
            Some(b) => outline.nodes.get(b).and_then(|b| b.ordinal).map(|n| n + 2) == Some(ordinal),
            None => ordinal == 2 && node.style <= Style::HanParen,
        };
        // Deeper numbers run on across parents: a first child need not be number one.
        if !missing || layout.paras.get(node.para).is_some_and(|p| p.row.is_some()) {
            continue;
        }
        let start = match before.or(node.parent).and_then(|n| outline.nodes.get(n)) {
            Some(above) => above.para + 1,
            None => range.start,
        };
        let look = Look {
            source,
            layout,
            outline,
            start,
            end: node.para,
            first: before.is_none(),
            top: node.style <= Style::HanParen,
        };
        if let Some(para) = look.line() {
            found.push((before.unwrap_or(usize::MAX), at, heading(source, layout, node, para)));
        }
    }
    if !found.is_empty() {
        merge(outline, found);
    }
}

/// The sibling before a node.
fn previous(outline: &Outline, at: usize, style: Style) -> Option<usize> {
    let node = outline.nodes.get(at)?;
    let nodes = outline.nodes.get(..at)?;
    let back = nodes
        .iter()
        .rev()
        .take_while(|n| n.level >= node.level)
        .position(|n| n.level == node.level && n.style == style)?;
    Some(at - 1 - back)
}

struct Look<'a> {
    source: &'a Source,
    layout: &'a Layout,
    outline: &'a Outline,
    start: usize,
    end: usize,
    /// Whether the first number of its sequence is missing.
    first: bool,
    /// Whether the sequence is one of sections.
    top: bool,
}

impl Look<'_> {
    /// The only line in the gap that can be the heading.
    fn line(&self) -> Option<usize> {
        let mut held = !self.first && self.speaks(self.start.saturating_sub(1));
        let mut above = held;
        for i in self.start..self.end {
            let para = self.layout.paras.get(i)?;
            if para.row.is_some() {
                return None;
            }
            let bare = para.marker.is_none() && para.labels.is_empty();
            if bare && above && (held || self.first) && self.begins(i, para, held) {
                return Some(i);
            }
            above = true;
            held |=
                para.labels.iter().any(|l| l.field.key().is_some() || l.field == Field::Progress);
            held |= !bare;
            if self.first && bare && self.begins(i, para, false) {
                return Some(i);
            }
        }
        None
    }

    /// Whether a paragraph holds a field or says that the problem exists or not.
    fn speaks(&self, i: usize) -> bool {
        self.layout.paras.get(i).is_some_and(|p| {
            p.labels.iter().any(|l| l.field.key().is_some() || l.field == Field::Progress)
                || (p.row.is_none() && self.denies(p))
        })
    }

    /// Whether a paragraph closes its finding by saying that the problem does not exist.
    fn denies(&self, para: &Para) -> bool {
        crate::situation::find(self.source, para.span)
            .is_some_and(|s| s.value == crate::model::SituationValue::Absent)
    }

    /// Whether a line begins what the missing number stood for.
    fn begins(&self, i: usize, para: &Para, held: bool) -> bool {
        let Some(evidence) = self.outline.evidence.get(i) else { return false };
        let paras = &self.layout.paras;
        let below = paras.get(i + 1).filter(|next| i + 1 < self.end && next.row.is_none());
        let Some(below) = below else { return false };
        let ends = self.source.before(para.span.end).unwrap_or(' ');
        let bare = !matches!(ends, '。' | '；' | ';' | '：' | ':' | '，' | ',' | '！' | '？');
        let length = first_sentence(self.source, para.span);
        let above = i.checked_sub(1).and_then(|a| paras.get(a));
        let after_field = above.is_some_and(|p| {
            p.labels.iter().any(|l| l.field.is_short() || l.field == Field::Status)
                || self.denies(p)
        });
        let answered = evidence.any();
        if held && after_field && answered {
            return length <= TITLE_LENGTH_MAX;
        }
        let text = self.source.slice(para.span);
        if held && answered && !after_field && bare {
            return length <= TITLE_LENGTH_MAX && is_problem(text);
        }
        // A short line above a long paragraph, at the levels of sections.
        let heading = (4..=30).contains(&para.span.len()) && !text.iter().any(|c| c.is_numeric());
        self.top && bare && heading && below.marker.is_none() && below.span.len() > 15
    }
}

/// Length of the first sentence.
fn first_sentence(source: &Source, span: Span) -> usize {
    crate::text::sentence::first_stop(source, span).map_or(span.len(), |at| at - span.start)
}

/// A heading without number that stands for the one before `next`.
fn heading(source: &Source, layout: &Layout, next: &Node, para: usize) -> Node {
    let span = layout.paras.get(para).map(|p| p.span).unwrap_or_default();
    let (title, rest) = match layout.paras.get(para) {
        Some(p) => title_of(source, layout, p, span.start),
        None => (span, span.end),
    };
    Node {
        para,
        number: None,
        style: next.style,
        ordinal: None,
        parent: next.parent,
        level: next.level,
        title,
        rest,
        start: title.start,
    }
}

/// Merges restored headings in and hands them the children that stand behind them.
fn merge(outline: &mut Outline, mut found: Vec<(usize, usize, Node)>) {
    found.sort_by_key(|(_, _, node)| node.para);
    let old = std::mem::take(&mut outline.nodes);
    let mut places: Vec<usize> = Vec::with_capacity(old.len());
    let mut out: Vec<Node> = Vec::with_capacity(old.len() + found.len());
    let mut new = found.into_iter().peekable();
    // The restored heading that the following children of `before` now belong to.
    let mut heir: Option<(usize, usize, usize)> = None;
    for (i, mut node) in old.into_iter().enumerate() {
        while let Some((before, after, mut lost)) = new.next_if(|(_, _, n)| n.para < node.para) {
            lost.parent = lost.parent.and_then(|p| places.get(p).copied());
            heir = Some((before, after, out.len()));
            out.push(lost);
        }
        places.push(out.len());
        node.parent = match (node.parent, heir) {
            (Some(p), Some((before, after, at))) if p == before && i < after => Some(at),
            (parent, _) => parent.and_then(|p| places.get(p).copied()),
        };
        out.push(node);
    }
    outline.nodes = out;
}
