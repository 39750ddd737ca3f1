//! Paragraphs: lines joined where a text is hard-wrapped, cut where line ends were lost.

use super::glyph::{
    fold, is_blank, is_closing, is_colon, is_comma, is_opening, is_semicolon, is_stop,
};
use super::label::{self, Label};
use super::lexicon::Field;
use super::marker::{self, Marker, Style};
use super::markup::{skip_blank, tag_at, trim};
use super::run_on::{self, RunOn};
use super::table::{self, Row, Table};
use crate::source::{Source, Span};

/// A paragraph or a table row.
#[derive(Clone, Debug)]
pub(crate) struct Para {
    /// From the first to the last character, markup trimmed.
    pub(crate) span: Span,
    /// Outline marker at its start; `None` for label lines.
    pub(crate) marker: Option<Marker>,
    /// First offset behind the marker.
    pub(crate) content: usize,
    /// Labels inside.
    pub(crate) labels: Vec<Label>,
    /// Table and row, for a table row.
    pub(crate) row: Option<(usize, usize)>,
    /// Whether a blank line stands before it.
    pub(crate) gap: bool,
}

impl Para {
    /// The text behind the marker.
    pub(crate) fn body(&self) -> Span {
        Span::new(self.content, self.span.end)
    }
}

/// The text as paragraphs and tables.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    /// In text order.
    pub(crate) paras: Vec<Para>,
    /// Tables in text order.
    pub(crate) tables: Vec<Table>,
    /// Whether the line ends were lost.
    pub(crate) run_on: bool,
    /// Follows the numbers of a text without line ends.
    lost: Option<RunOn>,
}

/// A stretch between line ends or block tags.
#[derive(Clone, Copy, Debug)]
struct Segment {
    raw: Span,
    span: Span,
    gap: bool,
}

/// Reads the paragraphs of a text; linear.
pub(crate) fn read(source: &Source) -> Layout {
    let segments = segments(source);
    let wrap = wrap_edge(source, &segments);
    let mut layout = Layout {
        run_on: run_on::is_lost(source, segments.iter().map(|s| s.span)),
        ..Layout::default()
    };
    layout.lost = layout.run_on.then(RunOn::default);
    let mut rows: Vec<(Row, bool)> = Vec::new();
    let mut open: Option<(Span, Segment)> = None;
    let all = segments;
    for (at, segment) in all.iter().copied().enumerate() {
        if let Some(row) = table::row(source, segment.raw) {
            flush(source, &mut layout, open.take());
            if segment.gap && !rows.is_empty() && !continues(&rows, &row) {
                close_table(source, &mut layout, &mut rows);
            }
            rows.push((row, segment.gap));
            continue;
        }
        if segment.span.is_empty() {
            continue;
        }
        if is_row_heading(source, &rows, &segment, all.get(at + 1)) {
            let row = Row { span: segment.span, cells: vec![segment.span] };
            rows.push((row, segment.gap));
            continue;
        }
        close_table(source, &mut layout, &mut rows);
        open = match (open, wrap) {
            (Some((start, last)), Some(wrap))
                if !segment.gap && joins(source, start.start, last, segment, wrap) =>
            {
                Some((start, segment))
            }
            (held, _) => {
                flush(source, &mut layout, held);
                Some((segment.span, segment))
            }
        };
        if let Some((span, last)) = open.as_mut() {
            *span = Span::new(span.start, last.span.end);
        }
        if let (Some((_, last)), true) = (open.as_mut(), segment.gap) {
            last.gap = true;
        }
    }
    flush(source, &mut layout, open);
    close_table(source, &mut layout, &mut rows);
    settle_label_lines(source, &mut layout);
    layout
}

/// Among numbered label lines of the top style, `三、整改措施：` without a value is one as well.
fn settle_label_lines(source: &Source, layout: &mut Layout) {
    let numbered = |p: &Para| {
        p.marker.is_none()
            && p.labels.first().is_some_and(|l| l.outer == p.span.start && l.span.start > l.outer)
            && super::glyph::is_han_numeral(source.at(p.span.start).unwrap_or(' '))
    };
    if layout.paras.iter().filter(|p| numbered(p)).count() < 2 {
        return;
    }
    for para in &mut layout.paras {
        let Some(m) = para.marker.filter(|m| m.style == Style::Han) else { continue };
        let colon = source.before(para.span.end).is_some_and(is_colon);
        let label = label::find(source, para.span, m.after).first().copied();
        if let Some(mut label) = label.filter(|l| colon && l.span.start == m.after) {
            label.outer = para.span.start;
            para.labels = vec![label];
            para.content = para.span.start;
            para.marker = None;
        }
    }
}

/// Whether a row after a blank line goes on with the same table.
fn continues(rows: &[(Row, bool)], row: &Row) -> bool {
    rows.last().is_some_and(|(last, _)| last.cells.len() == row.cells.len())
}

/// A heading between two rows of a table that lost its empty cells: `一、责任落实方面`.
fn is_row_heading(
    source: &Source,
    rows: &[(Row, bool)],
    segment: &Segment,
    next: Option<&Segment>,
) -> bool {
    let Some((last, _)) = rows.iter().rev().find(|(row, _)| row.cells.len() > 1) else {
        return false;
    };
    let marked = marker::at(source, segment.span.start, segment.span.end)
        .is_some_and(|m| !m.irregular && m.style <= Style::HanParen);
    let next = next.and_then(|next| table::row(source, next.raw));
    marked
        && segment.span.len() <= 40
        && next.is_some_and(|next| next.cells.len().abs_diff(last.cells.len()) <= 1)
}

fn segments(source: &Source) -> Vec<Segment> {
    let mut out = Vec::with_capacity(source.line_count());
    let mut gap = false;
    let mut push = |raw: Span, out: &mut Vec<Segment>| {
        let span = trim(source, raw);
        if span.is_empty() {
            gap = true;
            return;
        }
        if is_page_number(source, span) {
            return;
        }
        out.push(Segment { raw, span, gap });
        gap = false;
    };
    for line in source.lines() {
        if !source.slice(line).contains(&'<') || is_pipe_row(source, line) {
            push(line, &mut out);
            continue;
        }
        let mut start = line.start;
        let mut at = line.start;
        while at < line.end {
            match tag_at(source, at) {
                Some(tag) if tag.block => {
                    if !trim(source, Span::new(start, at)).is_empty() {
                        push(Span::new(start, at), &mut out);
                    }
                    at = tag.end;
                    start = at;
                }
                Some(tag) => at = tag.end,
                None => at += 1,
            }
        }
        if !trim(source, Span::new(start, line.end)).is_empty() {
            push(Span::new(start, line.end), &mut out);
        }
    }
    out
}

fn is_pipe_row(source: &Source, line: Span) -> bool {
    source.slice(source.trim(line)).first() == Some(&'|')
}

/// `— 3 —`, `- 3 -`, `第 3 页 共 9 页`: page debris.
pub(crate) fn is_page_number(source: &Source, span: Span) -> bool {
    if span.len() > 16 {
        return false;
    }
    let slice = source.slice(span);
    let mut digits = 0;
    let (mut dashes, mut words) = (0, 0);
    for c in slice {
        match fold(*c) {
            d if d.is_ascii_digit() => digits += 1,
            '-' | '—' | '–' | '―' => dashes += 1,
            '第' | '页' | '共' | '/' => words += 1,
            c if is_blank(c) => {}
            _ => return false,
        }
    }
    digits > 0 && digits <= 6 && (dashes >= 2 || words >= 2)
}

/// Width in columns: 2 for wide characters, 1 for others.
fn width(source: &Source, span: Span) -> usize {
    source.slice(span).iter().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

/// Where a text was wrapped: in columns and in characters.
#[derive(Clone, Copy, Debug)]
struct Wrap {
    columns: usize,
    chars: usize,
}

impl Wrap {
    /// Whether a line reaches the edge; two characters may hang over to keep marks together.
    fn is_full(self, source: &Source, segment: &Segment) -> bool {
        let line = Span::new(segment.raw.start, segment.span.end);
        width(source, line) + 5 >= self.columns || line.len() + 2 >= self.chars
    }
}

/// The longest line but for one in fifty, which may run over: an address, a table row.
fn edge(mut lengths: Vec<usize>) -> usize {
    lengths.sort_unstable();
    let last = lengths.len().saturating_sub(1 + lengths.len() / 50);
    lengths.get(last).copied().unwrap_or(0)
}

/// The edge at which the text was wrapped, if it was.
fn wrap_edge(source: &Source, segments: &[Segment]) -> Option<Wrap> {
    if segments.len() < 8 {
        return None;
    }
    let lines = || segments.iter().map(|s| Span::new(s.raw.start, s.span.end));
    let columns = edge(lines().map(|line| width(source, line)).collect());
    if !(24..=130).contains(&columns) {
        return None;
    }
    let wrap = Wrap { columns, chars: edge(lines().map(Span::len).collect()) };
    let (mut full, mut cut) = (0, 0);
    for segment in segments.iter().filter(|s| wrap.is_full(source, s)) {
        full += 1;
        cut += usize::from(!ends_sentence(source, segment));
    }
    let many = full * 6 >= segments.len() && full >= 3 && cut * 2 >= full;
    // Among many short lines fewer full ones do, if most of them break a sentence.
    let clear = full * 10 >= segments.len() && full >= 5 && cut * 3 >= full * 2;
    (many || clear).then_some(wrap)
}

fn ends_sentence(source: &Source, segment: &Segment) -> bool {
    source
        .before(segment.span.end)
        .is_some_and(|c| is_stop(c) || is_semicolon(c) || is_colon(c) || is_closing(c))
}

/// Whether `next` goes on with the paragraph that `last` is the latest line of.
fn joins(source: &Source, start: usize, last: Segment, next: Segment, wrap: Wrap) -> bool {
    // A line that ends in a comma or inside a bracket goes on, however short it is.
    let hangs =
        source.before(last.span.end).is_some_and(|c| is_comma(c) || c == '、' || is_opening(c));
    if !hangs && !wrap.is_full(source, &last) {
        return false;
    }
    let indent = next.span.start - next.raw.start;
    let last_indent = last.span.start - last.raw.start;
    let deep = indent >= 2 || source.at(next.raw.start) == Some('\u{3000}');
    if deep && indent > last_indent {
        return false;
    }
    let ended = ends_sentence(source, &last);
    let marker = marker::at(source, next.span.start, next.span.end).filter(|m| !m.irregular);
    if let Some(m) = marker {
        let inline = goes_on_inline(source, Span::new(start, last.span.end), m);
        // A line of units before the next number ends without any mark.
        let field = begins_with_label(source, Span::new(start, last.span.end));
        // Running text of several lines does not end without a mark: 五 / 一、展望两村.
        let numeral = source.before(last.span.end).is_some_and(super::glyph::is_han_numeral);
        let text =
            numeral || start < last.raw.start && !begins_with_marker(source, start, last.span.end);
        // 问题三：… is a heading wherever a line begins with it.
        let worded = m.style == Style::Worded;
        if !inline && (ended || field || worded || (m.style <= Style::HanParen && !text)) {
            return false;
        }
    }
    if crate::header::number_at(source, next.span.start, next.span.end)
        .is_some_and(|number| number.end == next.span.end)
    {
        return false;
    }
    let labels = label::find(source, next.span, next.span.start);
    labels.first().is_none_or(|l| {
        l.outer != next.span.start || (!ended && is_tail_of_label(source, last.span, l))
    })
}

/// Whether a marker at the start of a line goes on with an enumeration inside the paragraph.
fn goes_on_inline(source: &Source, open: Span, m: Marker) -> bool {
    let enclosed = matches!(m.style, Style::DigitParen | Style::Circled | Style::HalfParen);
    let Some(before) = m.ordinal.and_then(|n| n.checked_sub(1)).filter(|n| enclosed && *n > 0)
    else {
        return false;
    };
    // Items of one paragraph stand near each other.
    let near = Span::new((open.start + 1).max(open.end.saturating_sub(400)), open.end);
    near.range().rev().any(|at| {
        source
            .at(at)
            .is_some_and(|c| matches!(c, '(' | '（') || super::glyph::enclosed(c).is_some())
            && marker::at(source, at, open.end)
                .is_some_and(|o| o.style == m.style && o.ordinal == Some(before))
    })
}

fn begins_with_marker(source: &Source, start: usize, end: usize) -> bool {
    marker::at(source, start, end).is_some_and(|m| !m.irregular && m.style <= Style::HanParen)
}

fn begins_with_label(source: &Source, span: Span) -> bool {
    let near = Span::new(span.start, span.end.min(span.start + 24));
    label::find(source, near, near.start).first().is_some_and(|l| l.outer == near.start)
}

/// `整改` at the end of a line and `时限：` on the next are one label.
fn is_tail_of_label(source: &Source, last: Span, label: &Label) -> bool {
    let tail: String =
        source.slice(label.span).iter().map(|c| fold(*c)).filter(|c| *c != ':').collect();
    (1..=4).any(|length| {
        let head = Span::new(last.end.saturating_sub(length).max(last.start), last.end);
        let name = source.text(head) + &tail;
        let clear = source.before(head.start).is_none_or(|c| !super::glyph::is_ideograph(c));
        clear && super::lexicon::field_of(&name).is_some()
    })
}

fn close_table(source: &Source, layout: &mut Layout, rows: &mut Vec<(Row, bool)>) {
    if rows.is_empty() {
        return;
    }
    let taken = std::mem::take(rows);
    let gap = taken.first().is_some_and(|(_, gap)| *gap);
    let listed: Vec<Row> = taken.iter().map(|(row, _)| row.clone()).collect();
    if let Some(pairs) = table::pairs(source, &listed) {
        layout.paras.extend(pairs.into_iter().map(|pair| pair_para(source, pair, gap)));
        return;
    }
    let mut table = table::build(source, taken.into_iter().map(|(row, _)| row).collect());
    if let Some(before) = layout.tables.last() {
        table.inherit(before);
    }
    let index = layout.tables.len();
    for (i, row) in table.rows.iter().enumerate() {
        layout.paras.push(Para {
            span: row.span,
            marker: None,
            content: row.span.start,
            labels: Vec::new(),
            row: Some((index, i)),
            gap: gap && i == 0,
        });
    }
    layout.tables.push(table);
}

/// A label cell and its value as a paragraph.
fn pair_para(source: &Source, pair: (Field, Span, Span), gap: bool) -> Para {
    let (field, label, value) = pair;
    let span = Span::new(label.start, value.end.max(label.end));
    let value = if value.is_empty() { span.end } else { skip_blank(source, value.start, span.end) };
    let label = Label { field, span: label, value, outer: label.start };
    Para { span, marker: None, content: span.start, labels: vec![label], row: None, gap }
}

fn flush(source: &Source, layout: &mut Layout, open: Option<(Span, Segment)>) {
    let Some((span, segment)) = open else { return };
    let cuts = match layout.lost.as_mut() {
        Some(lost) => lost.cuts(source, span),
        None => Vec::new(),
    };
    let mut start = span.start;
    let mut gap = segment.gap;
    for cut in cuts.into_iter().chain([span.end]) {
        let piece = trim(source, Span::new(start, cut));
        if !piece.is_empty() {
            layout.paras.push(para(source, piece, gap));
        }
        gap = false;
        start = cut;
    }
}

/// Reads marker and labels of one paragraph.
fn para(source: &Source, span: Span, gap: bool) -> Para {
    let start = skip_decoration(source, span);
    let marker = marker::at(source, start, span.end);
    let content = marker.map_or(start, |m| m.after);
    let labels = label::find(source, span, content);
    let marker = marker.filter(|m| !is_label_line(source, span, m, &labels));
    let content = marker.map_or(start, |m| m.after);
    // A heading that reads like a label, `二、整改任务`, is only a heading.
    let labels: Vec<Label> = labels
        .into_iter()
        .filter(|l| marker.is_none() || l.span.start != content || l.value < span.end)
        .collect();
    let mut labels = labels;
    if marker.is_none() {
        let behind = label_start(source, start, span.end);
        if behind != start || content != start {
            labels = label::find(source, span, behind);
        }
        if let Some(first) = labels.first_mut().filter(|l| l.outer == behind) {
            // The number of a label line belongs to its label.
            first.outer = start;
        }
    }
    Para { span: Span::new(start, span.end), marker, content, labels, row: None, gap }
}

/// Where the text of a label line begins behind its own number.
fn label_start(source: &Source, start: usize, end: usize) -> usize {
    marker::at(source, start, end).filter(|m| !m.irregular).map_or(start, |m| {
        let labels = label::find(source, Span::new(start, end), m.after);
        if labels.first().is_some_and(|l| l.span.start == m.after) { m.after } else { start }
    })
}

/// Skips `#` of headings, `**` before a marker, and stray bars.
fn skip_decoration(source: &Source, span: Span) -> usize {
    let mut at = span.start;
    while source.at(at).is_some_and(|c| matches!(c, '#' | '|' | '>')) && at < span.end {
        at = skip_blank(source, at + 1, span.end);
    }
    if source.starts_with(at, "**")
        && marker::at(source, at + 2, span.end).is_some_and(|m| !m.irregular)
    {
        return at + 2;
    }
    at
}

/// A numbered label, `(1)整改措施：`, is a label line and no heading (schema O2).
fn is_label_line(source: &Source, span: Span, marker: &Marker, labels: &[Label]) -> bool {
    let Some(first) = labels.first() else { return false };
    if first.span.start != marker.after || marker.style < Style::Han {
        return false;
    }
    if marker.style == Style::Han {
        // `四、整改时限：2021年9月底` has its value on the line; `四、整改要求：` is a section.
        return first.value < span.end && source.before(first.span.end).is_some_and(is_colon);
    }
    let colon = source.before(first.span.end).is_some_and(|c| is_colon(c) || c == '】');
    colon || (first.span.end == span.end && marker.style >= Style::DigitParen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        let source = Source::new(text);
        read(&source).paras.iter().map(|p| source.text(p.span)).collect()
    }

    #[test]
    fn hard_wrapped_lines_become_one_paragraph() {
        let text = "一、总体情况\n　　县委高度重视考核反馈问题整改工作，多次召开会\n议专题研究，制定整改方案，明确整改措施和时限，\n\
            建立整改台账，逐项推进落实，确保全部整改到位。\n　　县政府分管领导每周调度一次整改进展情况，督促\n\
            各乡镇各部门对照问题清单逐条逐项认真整改落实，\n防止问题反弹。\n二、整改情况\n　　（一）档案资料不规范的问题。已经组织专人逐户\n\
            核对户档资料并且补齐缺失的材料。\n";
        let found = texts(text);
        assert_eq!(found.len(), 5, "{found:#?}");
        assert!(found[1].ends_with("整改到位。"));
        assert!(found[2].starts_with("县政府"));
    }

    #[test]
    fn lost_line_ends_are_found_before_headings() {
        let body = "县委高度重视，召开会议研究，制定整改方案，明确责任单位和完成时限，逐项推进。"
            .repeat(3);
        let text = format!(
            "一、总体情况。{body}二、整改情况。（一）资料不全。{body}（二）培训不够。{body}"
        );
        let found = texts(&text);
        assert_eq!(found.len(), 4, "{found:#?}");
        assert!(found[2].starts_with("（一）"));
    }

    #[test]
    fn block_tags_end_paragraphs_and_page_numbers_vanish() {
        assert_eq!(texts("<p>甲。<br/>乙。</p>\n— 3 —\n<p>丙</p>"), ["甲。", "乙。", "丙"]);
    }

    #[test]
    fn numbered_labels_are_no_markers() {
        let source = Source::new("(1)整改措施：补齐资料。\n1.资料不全\n一、整改措施：\n");
        let layout = read(&source);
        let markers: Vec<_> = layout.paras.iter().map(|p| p.marker.is_some()).collect();
        assert_eq!(markers, [false, true, true]);
    }
}
