//! Stretches of text inside which figures are compared, and small tools over them.

use crate::anatomy::Anatomy;
use crate::figures::is_upper_bound;
pub(crate) use crate::figures::{clause_before as clause, sentence_before as lead};
use crate::model::{CheckPart, Figure};
use crate::source::{Source, Span};
use crate::text::glyph::digit;
use crate::text::wordset::WordSet;

/// Figures of one finding, or of one paragraph outside the findings.
#[derive(Clone, Debug)]
pub struct Block<'a> {
    /// The figures in text order.
    pub figures: Vec<&'a Figure>,
}

/// Splits the figures into blocks, in text order. Quoted figures and ranges take no part.
pub fn blocks<'a>(source: &Source, anatomy: &Anatomy, figures: &'a [Figure]) -> Vec<Block<'a>> {
    let mut blocks: Vec<Block<'a>> = Vec::new();
    let mut last_key = None;
    let exact = |f: &&Figure| !f.optional && !is_upper_bound(source, f.span.start);
    for figure in figures.iter().filter(exact) {
        let at = figure.span.start;
        let finding = finding_at(anatomy, at);
        let key = finding.map_or_else(|| (1, source.line_of(at)), |index| (0, index));
        match blocks.last_mut() {
            Some(block) if last_key == Some(key) => block.figures.push(figure),
            _ => blocks.push(Block { figures: vec![figure] }),
        }
        last_key = Some(key);
    }
    blocks
}

/// Index of the finding that holds `at`; findings stand in text order and do not overlap.
pub fn finding_at(anatomy: &Anatomy, at: usize) -> Option<usize> {
    let after = anatomy.findings.partition_point(|finding| finding.span.start <= at);
    let index = after.checked_sub(1)?;
    anatomy.findings.get(index).filter(|finding| finding.span.contains(at)).map(|_| index)
}

/// Figures of one kind can be added: persons of all wordings together, else the same measure word.
pub fn class(figure: &Figure) -> &str {
    match figure.unit.as_str() {
        "名" | "位" => "人",
        "百分点" => "个百分点",
        unit => unit,
    }
}

/// Whether two values are equal as written amounts.
pub fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

/// The figure as a part of a check.
pub fn part(figure: &Figure) -> CheckPart {
    CheckPart::Figure { figure: figure.id.clone(), span: figure.span, value: figure.value }
}

/// Sum of the values.
pub fn total(figures: &[&Figure]) -> f64 {
    figures.iter().map(|f| f.value.0).sum()
}

/// Whether one of `words` stands in `span`; only the first 160 scalars are looked at.
pub fn has(source: &Source, span: Span, words: &[&str]) -> bool {
    let span = Span::new(span.start, span.end.min(span.start + 160));
    words.iter().any(|word| source.find(span, word).is_some())
}

/// Whether a word of a longer list stands in `span`; only the first 160 scalars are looked at.
pub fn says(source: &Source, span: Span, words: &WordSet) -> bool {
    words.found_in(source.slice(Span::new(span.start, span.end.min(span.start + 160))))
}

/// The text between two figures.
pub fn gap(first: &Figure, second: &Figure) -> Span {
    Span::new(first.span.end, second.span.start)
}

/// Whether `c` is an Arabic digit of either width.
pub fn is_digit(c: char) -> bool {
    digit(c).is_some()
}
