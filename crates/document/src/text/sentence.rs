//! Cutting text at sentence marks that stand outside quotes and brackets.

use super::glyph::{is_closing, is_opening, is_semicolon, is_stop};
use super::markup::{closes_entity, trim};
use crate::source::{Source, Span};

/// Deepest nesting that is followed; an unclosed bracket must not swallow the rest of a text.
const NESTING_LENGTH_MAX: usize = 200;

/// Follows quotes and brackets; forgets one that stays open too long.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Depth {
    depth: usize,
    since: usize,
}

impl Depth {
    /// Takes the next character.
    #[inline]
    pub(crate) fn feed(&mut self, at: usize, c: char) {
        if may_bracket(c) {
            self.bracket(at, c);
        } else if self.depth > 0 {
            self.forget(at);
        }
    }

    /// Takes a character that may be a bracket.
    fn bracket(&mut self, at: usize, c: char) {
        if is_opening(c) {
            if self.depth == 0 {
                self.since = at;
            }
            self.depth += 1;
        } else if is_closing(c) {
            self.depth = self.depth.saturating_sub(1);
        } else {
            self.forget(at);
        }
    }

    /// Gives a bracket up that stays open too long.
    #[inline]
    fn forget(&mut self, at: usize) {
        if self.depth > 0 && at - self.since > NESTING_LENGTH_MAX {
            self.depth = 0;
        }
    }

    /// Whether the text stands outside all brackets.
    #[inline]
    pub(crate) fn is_outside(self) -> bool {
        self.depth == 0
    }
}

/// Cheap test: ideographs, most of any text, lie between the blocks of the brackets.
#[inline]
fn may_bracket(c: char) -> bool {
    !matches!(c, '\u{3020}'..='\u{feff}')
}

/// First `。` or other stop outside brackets inside `span`.
pub(crate) fn first_stop(source: &Source, span: Span) -> Option<usize> {
    first(source, span, |_, c| is_stop(c))
}

/// First offset outside brackets that satisfies `test`.
pub(crate) fn first(
    source: &Source,
    span: Span,
    test: impl Fn(usize, char) -> bool,
) -> Option<usize> {
    let mut depth = Depth::default();
    for (i, c) in source.slice(span).iter().enumerate() {
        let at = span.start + i;
        if depth.is_outside() && test(at, *c) {
            return Some(at);
        }
        depth.feed(at, *c);
    }
    None
}

/// The pieces between marks that satisfy `cut`, each with its closing mark, trimmed.
pub(crate) fn pieces(source: &Source, span: Span, cut: impl Fn(char) -> bool) -> Vec<Span> {
    let mut out = Vec::new();
    let (mut start, mut depth) = (span.start, Depth::default());
    let mut at = span.start;
    while at < span.end.min(source.len()) {
        let Some(c) = source.at(at) else { break };
        let outside = depth.is_outside();
        depth.feed(at, c);
        at += 1;
        if outside && cut(c) && !(c == ';' && closes_entity(source, at - 1)) {
            // `。;` and `。”` close one piece.
            while at < span.end
                && source.at(at).is_some_and(|c| is_stop(c) || is_semicolon(c) || is_closing(c))
            {
                at += 1;
            }
            push(source, &mut out, Span::new(start, at));
            start = at;
        }
    }
    push(source, &mut out, Span::new(start, span.end));
    out
}

fn push(source: &Source, out: &mut Vec<Span>, span: Span) {
    let piece = trim(source, span);
    let has_text = |c: &char| c.is_alphanumeric() || *c == '*' || *c == '×';
    if source.slice(piece).iter().any(has_text) {
        out.push(piece);
    }
}

/// Sentences: cut at stops.
pub(crate) fn sentences(source: &Source, span: Span) -> Vec<Span> {
    pieces(source, span, is_stop)
}

/// Statements: cut at stops and semicolons.
pub(crate) fn statements(source: &Source, span: Span) -> Vec<Span> {
    pieces(source, span, |c| is_stop(c) || is_semicolon(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_stand_outside_quotes_brackets_and_entities() {
        let text = "甲“一。二”不全;乙(三；四)不全。丙&nbsp;丁";
        let source = Source::new(text);
        let found: Vec<_> =
            statements(&source, source.whole()).into_iter().map(|s| source.text(s)).collect();
        assert_eq!(found, ["甲“一。二”不全;", "乙(三；四)不全。", "丙&nbsp;丁"]);
    }
}
