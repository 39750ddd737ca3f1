//! The text with its hard-wrapped lines joined, and the way back to the offsets of the file.
//!
//! Figures and the words around them are looked for in the joined text, so that `85.22\n万元` is one
//! figure; every span that leaves the reader is one of the file.

use crate::source::{Source, Span};
use crate::text::paragraph::Layout;

/// A text without the line ends that only wrap a paragraph.
#[derive(Clone, Debug)]
pub(crate) struct Joined<'a> {
    original: &'a Source,
    /// The joined text and, for each of its scalars, the offset in the file; `None` when nothing
    /// is wrapped.
    joined: Option<(Source, Vec<usize>)>,
}

impl<'a> Joined<'a> {
    /// Joins the lines of every paragraph of `layout`; linear.
    pub(crate) fn new(original: &'a Source, layout: &Layout) -> Self {
        let wrapped: Vec<Span> = layout
            .paras
            .iter()
            .filter(|para| para.row.is_none() && original.slice(para.span).contains(&'\n'))
            .map(|para| para.span)
            .collect();
        if wrapped.is_empty() {
            return Self { original, joined: None };
        }
        let mut offsets: Vec<usize> = Vec::with_capacity(original.len());
        let mut at = 0;
        for para in wrapped {
            offsets.extend(at..para.start);
            join(original, para, &mut offsets);
            at = para.end.max(at);
        }
        offsets.extend(at..original.len());
        let text: String = offsets.iter().filter_map(|i| original.at(*i)).collect();
        Self { original, joined: Some((Source::new(&text), offsets)) }
    }

    /// The joined text.
    pub(crate) fn source(&self) -> &Source {
        self.joined.as_ref().map_or(self.original, |(source, _)| source)
    }

    /// Whether nothing is wrapped, so that both texts are the same.
    pub(crate) fn is_plain(&self) -> bool {
        self.joined.is_none()
    }

    /// A span of the joined text as a span of the file.
    pub(crate) fn outward(&self, span: Span) -> Span {
        let Some((_, offsets)) = &self.joined else { return span };
        let end = self.original.len();
        let start = offsets.get(span.start).copied().unwrap_or(end);
        if span.is_empty() {
            return Span::new(start, start);
        }
        Span::new(start, offsets.get(span.end - 1).map_or(end, |last| last + 1))
    }

    /// An offset of the file as an offset of the joined text.
    pub(crate) fn inward(&self, offset: usize) -> usize {
        self.joined
            .as_ref()
            .map_or(offset, |(_, offsets)| offsets.partition_point(|original| *original < offset))
    }

    /// A span of the file as a span of the joined text.
    pub(crate) fn inward_span(&self, span: Span) -> Span {
        Span::new(self.inward(span.start), self.inward(span.end))
    }
}

/// The offsets of a paragraph without its line ends and the blanks around them.
fn join(source: &Source, para: Span, offsets: &mut Vec<usize>) {
    let mut at = para.start;
    let mut blanks = at;
    while at < para.end {
        match source.at(at) {
            Some('\n') => {
                at += 1;
                while at < para.end && source.at(at).is_some_and(char::is_whitespace) {
                    at += 1;
                }
                blanks = at;
            }
            Some(c) if c.is_whitespace() => at += 1,
            _ => {
                offsets.extend(blanks..=at);
                at += 1;
                blanks = at;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::paragraph;

    #[test]
    fn spans_of_wrapped_text_lead_back_to_the_file() {
        let line = "经全面排查核实全镇范围内共有脱贫户和监测户一百二十余万共\n";
        let text = format!("{}投入85.22\n万元。\n", line.repeat(9));
        let source = Source::new(&text);
        let joined = Joined::new(&source, &paragraph::read(&source));
        assert!(!joined.is_plain());
        let at = joined.source().find(joined.source().whole(), "投入").unwrap();
        let back = joined.outward(Span::new(at, at + 2));
        assert_eq!(source.text(back), "投入");
        assert_eq!(joined.inward_span(back), Span::new(at, at + 2));
    }

    #[test]
    fn text_that_is_not_wrapped_stays_as_it_is() {
        let source = Source::new("一、总则\n1.第一条\n");
        assert!(Joined::new(&source, &paragraph::read(&source)).is_plain());
    }
}
