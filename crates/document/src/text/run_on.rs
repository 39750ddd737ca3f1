//! Texts whose line ends were lost, wholly or after full stops: paragraphs begin at markers that
//! follow a sentence end (schema O1).

use super::glyph::{is_blank, is_clause_end, is_closing, is_colon, is_ideograph, is_stop};
use super::marker::{self, Marker, Style};
use crate::source::{Source, Span};

/// Longest heading that can be followed by the next one without any mark between.
const HEADING_LENGTH_MAX: usize = 34;
/// A line as long as this in which headings follow blanks was many lines once.
const LINE_LENGTH_MIN: usize = 300;

/// Whether headings stand inside lines, so that line ends must have been lost.
pub(crate) fn is_lost(source: &Source, lines: impl Iterator<Item = Span>) -> bool {
    let mut inside = 0;
    for line in lines {
        let mut blanks = 0;
        let (mut stop, mut blank) = (false, false);
        for at in line.range() {
            let Some(c) = source.at(at) else { break };
            if !stop && !blank && is_ideograph(c) {
                continue;
            }
            if (stop || blank) && !is_blank(c) && at > line.start + 4 && may_head(c) {
                let found = marker::at(source, at, line.end).filter(|m| !m.irregular);
                if found.is_some_and(|m| m.style <= Style::HanParen) {
                    inside += usize::from(stop);
                    blanks += 1;
                }
            }
            stop = is_stop(c) || (stop && (is_blank(c) || is_closing(c)));
            blank = is_blank(c);
        }
        if line.len() >= LINE_LENGTH_MIN && blanks >= 2 {
            inside += blanks;
        }
    }
    inside >= 2
}

fn may_head(c: char) -> bool {
    super::glyph::is_han_numeral(c) || matches!(c, '(' | '（' | '第')
}

/// Follows the numbers through the stretches of a text.
#[derive(Clone, Debug, Default)]
pub(crate) struct RunOn {
    last: Vec<(Style, u32)>,
}

impl RunOn {
    /// Where the paragraphs of a stretch begin, its own start not counted.
    pub(crate) fn cuts(&mut self, source: &Source, span: Span) -> Vec<usize> {
        let mut cuts: Vec<(usize, Marker)> = Vec::new();
        let (mut clear, mut colon, mut blank) = (true, false, false);
        // Where a heading without any mark may be going on.
        let mut bare: Option<usize> = None;
        for at in span.range() {
            let Some(c) = source.at(at) else { break };
            let glued = bare.is_some_and(|b| at > b + 3 && at <= b + HEADING_LENGTH_MAX)
                && matches!(c, '(' | '（' | '1' | '１');
            if (clear || colon || blank || glued)
                && !is_blank(c)
                && let Some(m) = marker::at(source, at, span.end)
                && (self.begins(&m, clear, colon, glued, cuts.last().map(|(_, l)| l.style))
                    || (clear && self.enclosed(source, &m, span.end)))
            {
                if let Some(ordinal) = m.ordinal {
                    self.last.retain(|(style, _)| *style != m.style);
                    self.last.push((m.style, ordinal));
                }
                cuts.push((at, m));
                bare = Some(m.after);
            }
            clear = is_stop(c) || (clear && (is_blank(c) || is_closing(c)));
            blank = is_blank(c);
            colon = is_colon(c);
            if bare.is_some_and(|b| at >= b) && is_clause_end(c) {
                bare = None;
            }
        }
        cuts.into_iter().map(|(at, _)| at).filter(|at| *at > span.start).collect()
    }

    fn begins(
        &self,
        m: &Marker,
        clear: bool,
        colon: bool,
        glued: bool,
        before: Option<Style>,
    ) -> bool {
        let heads = matches!(
            m.style,
            Style::Han | Style::HanParen | Style::Digit | Style::Chapter | Style::Bullet
        );
        // Odd punctuation counts where the number goes on with the last one.
        if !heads || (m.irregular && !self.goes_on(m)) {
            return false;
        }
        if clear || m.style == Style::Bullet {
            return true;
        }
        let first = m.ordinal == Some(1);
        if glued {
            return first && before.is_some_and(|style| style < m.style);
        }
        if colon {
            return first && m.style <= Style::Han;
        }
        first || self.goes_on(m)
    }

    /// ① or (1) heads a paragraph where the first of its kind has fields of its own.
    fn enclosed(&mut self, source: &Source, m: &Marker, end: usize) -> bool {
        if !matches!(m.style, Style::DigitParen | Style::Circled) {
            return false;
        }
        if m.ordinal == Some(1) {
            self.last.retain(|(style, _)| *style != m.style);
            return has_fields(source, m, end);
        }
        self.goes_on(m)
    }

    fn goes_on(&self, m: &Marker) -> bool {
        let last = self.last.iter().find(|(style, _)| *style == m.style);
        // One number may have been lost.
        last.is_some_and(|(_, n)| Some(n + 1) == m.ordinal || Some(n + 2) == m.ordinal)
    }
}

/// Whether an enclosed number, ① or (1), is followed by labels before the next one of its kind.
fn has_fields(source: &Source, m: &Marker, end: usize) -> bool {
    let reach = Span::new(m.after, end.min(m.after + LINE_LENGTH_MIN));
    let next = reach.range().find(|at| {
        source
            .at(*at)
            .is_some_and(|c| matches!(c, '(' | '（') || super::glyph::enclosed(c).is_some())
            && marker::at(source, *at, end).is_some_and(|o| o.style == m.style)
    });
    let own = Span::new(m.after, next.unwrap_or(reach.end));
    super::label::find(source, own, own.start).iter().any(|l| l.field.key().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let source = Source::new(text);
        if !is_lost(&source, source.lines()) {
            assert!(expected.is_empty(), "{text}");
            return;
        }
        let cuts = RunOn::default().cuts(&source, source.whole());
        let starts: Vec<usize> = std::iter::once(0).chain(cuts).collect();
        let ends = starts.iter().copied().skip(1).chain([source.len()]);
        let found: Vec<_> = starts
            .iter()
            .zip(ends)
            .map(|(a, b)| source.text(source.trim(Span::new(*a, b))))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn headings_after_sentence_ends_begin_paragraphs() {
        check(
            "一、总体情况。高度重视。二、整改情况。（一）资料不全。1.缺项。2.漏项。（二）培训不够。",
            &[
                "一、总体情况。高度重视。",
                "二、整改情况。",
                "（一）资料不全。",
                "1.缺项。",
                "2.漏项。",
                "（二）培训不够。",
            ],
        );
    }

    #[test]
    fn headings_glued_to_each_other_are_parted() {
        check(
            "一、反馈问题整改情况（一）责任落实有差距。1.研究不够。（二）无。二、下一步。",
            &[
                "一、反馈问题整改情况",
                "（一）责任落实有差距。",
                "1.研究不够。",
                "（二）无。",
                "二、下一步。",
            ],
        );
    }

    #[test]
    fn an_ordinary_text_is_left_alone() {
        check("一、总体情况\n高度重视，明确责任。\n二、整改情况\n已完成。", &[]);
    }
}
