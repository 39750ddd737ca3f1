//! The text as Unicode scalars with a line index; every offset of the reader counts scalars.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// A half-open stretch `[start, end)` of Unicode scalar offsets, written as `[start, end]` in JSON.
///
/// ```
/// use taizhang_document::source::Span;
/// assert_eq!(Span::new(3, 9).len(), 6);
/// ```
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(from = "(usize, usize)", into = "(usize, usize)")]
pub struct Span {
    /// First scalar of the stretch.
    pub start: usize,
    /// One past the last scalar; never less than `start`.
    pub end: usize,
}

impl From<(usize, usize)> for Span {
    fn from((start, end): (usize, usize)) -> Self {
        Self::new(start, end)
    }
}

impl From<Span> for (usize, usize) {
    fn from(span: Span) -> Self {
        (span.start, span.end)
    }
}

impl Span {
    /// The stretch from `start` to `end`; an `end` before `start` gives an empty span at `start`.
    #[must_use]
    #[inline]
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end: end.max(start) }
    }

    /// Number of scalars.
    #[must_use]
    #[inline]
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether the span holds nothing.
    #[must_use]
    #[inline]
    pub fn is_empty(self) -> bool {
        self.end == self.start
    }

    /// Whether `offset` lies inside.
    #[must_use]
    #[inline]
    pub fn contains(self, offset: usize) -> bool {
        self.start <= offset && offset < self.end
    }

    /// Whether `other` lies wholly inside.
    #[must_use]
    #[inline]
    pub fn covers(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether the two share at least one scalar.
    #[must_use]
    #[inline]
    pub fn overlaps(self, other: Span) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The offsets as a range.
    #[must_use]
    #[inline]
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// How many scalars share one known byte offset.
const STRIDE: usize = 4;

/// A document's text: scalars, and where its lines begin. Nothing is ever normalised in it.
///
/// ```
/// use taizhang_document::source::{Source, Span};
/// let source = Source::new("一、总则\n1.第一条");
/// assert_eq!(source.line_of(5), 2);
/// assert_eq!(source.text(Span::new(2, 4)), "总则");
/// ```
#[derive(Clone, Debug)]
pub struct Source {
    /// The text itself; whole pieces of it are copied from here.
    text: String,
    chars: Vec<char>,
    /// Byte offset of every [`STRIDE`]th scalar.
    byte_starts: Vec<usize>,
    line_starts: Vec<usize>,
}

impl Source {
    /// Reads `text` once; linear.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut chars = Vec::with_capacity(text.len() / 3 + 1);
        let mut line_starts = vec![0];
        let mut byte_starts = Vec::with_capacity(text.len() / (3 * STRIDE) + 1);
        for (byte, c) in text.char_indices() {
            if chars.len() % STRIDE == 0 {
                byte_starts.push(byte);
            }
            chars.push(c);
            if c == '\n' {
                line_starts.push(chars.len());
            }
        }
        Self { text: text.to_owned(), chars, byte_starts, line_starts }
    }

    /// Length in scalars.
    #[must_use]
    pub fn len(&self) -> usize {
        self.chars.len()
    }

    /// Whether the text is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chars.is_empty()
    }

    /// All scalars.
    #[must_use]
    pub fn chars(&self) -> &[char] {
        &self.chars
    }

    /// The span of the whole text.
    #[must_use]
    pub fn whole(&self) -> Span {
        Span::new(0, self.chars.len())
    }

    /// The scalar at `offset`, or `None` past the end.
    #[must_use]
    #[inline]
    pub fn at(&self, offset: usize) -> Option<char> {
        self.chars.get(offset).copied()
    }

    /// The scalar before `offset`, or `None` at the start.
    #[must_use]
    #[inline]
    pub fn before(&self, offset: usize) -> Option<char> {
        offset.checked_sub(1).and_then(|i| self.at(i))
    }

    /// The scalars of `span`, cut to the text's end.
    #[must_use]
    #[inline]
    pub fn slice(&self, span: Span) -> &[char] {
        let end = span.end.min(self.chars.len());
        let start = span.start.min(end);
        self.chars.get(start..end).unwrap_or_default()
    }

    /// The text of `span`, as written.
    #[must_use]
    pub fn text(&self, span: Span) -> String {
        let (start, end) = (self.byte(span.start), self.byte(span.end));
        self.text.get(start..end).unwrap_or_default().to_owned()
    }

    /// Byte offset of a scalar; the length of the text past its end.
    fn byte(&self, offset: usize) -> usize {
        if offset >= self.chars.len() {
            return self.text.len();
        }
        let known = offset / STRIDE;
        let from = self.byte_starts.get(known).copied().unwrap_or(self.text.len());
        let before = self.chars.get(known * STRIDE..offset).unwrap_or_default();
        from + before.iter().map(|c| c.len_utf8()).sum::<usize>()
    }

    /// Whether the text continues with `word` at `offset`.
    #[must_use]
    #[inline]
    pub fn starts_with(&self, offset: usize, word: &str) -> bool {
        let Some(rest) = self.chars.get(offset..) else { return false };
        let mut rest = rest.iter();
        word.chars().all(|c| rest.next() == Some(&c))
    }

    /// First offset of `word` inside `span`.
    #[must_use]
    pub fn find(&self, span: Span, word: &str) -> Option<usize> {
        let mut tail = word.chars();
        let first = tail.next()?;
        let slice = self.slice(span);
        let mut from = 0;
        loop {
            let rest = slice.get(from..)?;
            from += rest.iter().position(|c| *c == first)? + 1;
            let mut next = slice.get(from..)?.iter();
            if tail.clone().all(|c| next.next() == Some(&c)) {
                return Some(span.start + from - 1);
            }
        }
    }

    /// First offset inside `span` whose scalar satisfies `test`.
    #[must_use]
    pub fn position(&self, span: Span, test: impl Fn(char) -> bool) -> Option<usize> {
        self.slice(span).iter().position(|c| test(*c)).map(|i| span.start + i)
    }

    /// The span without white space at both ends.
    #[must_use]
    pub fn trim(&self, span: Span) -> Span {
        let slice = self.slice(span);
        let Some(head) = slice.iter().position(|c| !c.is_whitespace()) else {
            return Span::new(span.start, span.start);
        };
        let tail = slice.iter().rposition(|c| !c.is_whitespace()).unwrap_or(head);
        Span::new(span.start + head, span.start + tail + 1)
    }

    /// Line number of `offset`, from 1; lines end at `\n` only.
    #[must_use]
    pub fn line_of(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset)
    }

    /// Number of lines.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.line_starts.len()
    }

    /// The span of line `number` (from 1) without its `\n` and a final `\r`.
    #[must_use]
    pub fn line(&self, number: usize) -> Option<Span> {
        let start = *self.line_starts.get(number.checked_sub(1)?)?;
        let next = self.line_starts.get(number).map_or(self.len(), |next| next - 1);
        let end = if next > start && self.at(next - 1) == Some('\r') { next - 1 } else { next };
        Some(Span::new(start, end))
    }

    /// All lines in order, without their line ends.
    pub fn lines(&self) -> impl Iterator<Item = Span> + '_ {
        (1..=self.line_starts.len()).filter_map(|n| self.line(n))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_lose_their_carriage_return() {
        let source = Source::new("甲\r\n乙\n\n丙");
        let lines: Vec<_> = source.lines().map(|l| source.text(l)).collect();
        assert_eq!(lines, ["甲", "乙", "", "丙"]);
        assert_eq!(source.line_of(0), 1);
        assert_eq!(source.line_of(3), 2);
        assert_eq!(source.line_of(99), 4);
    }

    #[test]
    fn trimming_white_space_gives_an_empty_span_when_nothing_is_left() {
        let source = Source::new(" \u{3000}甲 ");
        assert_eq!(source.trim(Span::new(0, 4)), Span::new(2, 3));
        assert!(source.trim(Span::new(0, 2)).is_empty());
    }

    #[test]
    fn finding_stays_inside_the_span() {
        let source = Source::new("责任单位责任");
        assert_eq!(source.find(Span::new(1, 6), "责任"), Some(4));
        assert_eq!(source.find(Span::new(1, 5), "责任"), None);
    }
}
