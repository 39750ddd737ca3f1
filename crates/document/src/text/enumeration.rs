//! The outermost enumeration of a stretch of text: 一是/二是, 1./2., (1)/(2), ①②, 第一，/第二，…

use super::glyph::{
    digit, enclosed, fold, han_number, is_blank, is_clause_end, is_closing, is_han_numeral,
    is_ideograph,
};
use super::marker::{self, Style};
use super::markup::{tag_before, trim};
use super::sentence::Depth;
use crate::source::{Source, Span};

/// The style of an item's marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// 一是, 一要.
    Is,
    /// 第一，
    Nth,
    /// 首先, 其次, 再次, 最后.
    First,
    /// 措施一：
    Worded,
    /// A marker that could also head a section.
    Outline(Style),
}

/// One item: its marker and its text up to the next marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// The marker as written.
    pub(crate) ordinal: Span,
    /// Text behind the marker, trimmed.
    pub(crate) content: Span,
}

/// An enumeration with the text in front of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Enumeration {
    /// Style of the markers.
    pub(crate) mark: Mark,
    /// From the start of the stretch to the first marker.
    pub(crate) lead: Span,
    /// The items in order.
    pub(crate) items: Vec<Item>,
}

#[derive(Clone, Copy, Debug)]
struct Candidate {
    mark: Mark,
    ordinal: u32,
    span: Span,
    head: bool,
}

/// The outermost enumeration of `span`; `heads` are the starts of its paragraphs, ascending.
pub(crate) fn outermost(source: &Source, span: Span, heads: &[usize]) -> Option<Enumeration> {
    let candidates = candidates(source, span, heads);
    let first = candidates.iter().enumerate().position(|(i, c)| {
        c.ordinal == 1 && (has_second(&candidates, i) || is_lone_head(&candidates, i, span))
    })?;
    let mark = candidates.get(first)?.mark;
    let chosen = walk(&candidates, first, mark);
    let ends = chosen.iter().skip(1).map(|c| c.span.start).chain([span.end]);
    let items: Vec<Item> = chosen
        .iter()
        .zip(ends)
        .map(|(c, end)| Item { ordinal: c.span, content: trim(source, Span::new(c.span.end, end)) })
        .filter(|item| !item.content.is_empty())
        .collect();
    let start = items.first()?.ordinal.start;
    Some(Enumeration { mark, lead: Span::new(span.start, start), items })
}

/// Where the text of an item begins, if a marker opens the stretch.
pub(crate) fn item_text(source: &Source, span: Span) -> Option<usize> {
    candidate(source, span, true).map(|c| c.span.end)
}

/// Whether a marker that could also head a section opens the stretch.
pub(crate) fn opens_outline(source: &Source, span: Span) -> bool {
    candidate(source, span, true).is_some_and(|c| matches!(c.mark, Mark::Outline(_)))
}

/// Whether item 2 of the same style follows before the style starts again.
fn has_second(candidates: &[Candidate], from: usize) -> bool {
    let Some(first) = candidates.get(from) else { return false };
    candidates
        .iter()
        .skip(from + 1)
        .filter(|c| c.mark == first.mark)
        .take_while(|c| c.ordinal != 1)
        .any(|c| c.ordinal == 2 || c.ordinal == 3)
        || (first.mark == Mark::Outline(Style::Bullet)
            && candidates.get(from + 1).is_some_and(|c| c.mark == first.mark))
}

/// A single item counts when it opens the stretch and nothing else is enumerated.
fn is_lone_head(candidates: &[Candidate], at: usize, span: Span) -> bool {
    candidates.get(at).is_some_and(|c| {
        c.head && c.span.start == span.start && c.mark != Mark::Outline(Style::Bullet)
    })
}

/// Follows the sequence from `first`; forgives one or two lost numbers and a repeated one.
fn walk(candidates: &[Candidate], first: usize, mark: Mark) -> Vec<Candidate> {
    let bullets = mark == Mark::Outline(Style::Bullet);
    let same: Vec<Candidate> =
        candidates.iter().skip(first).copied().filter(|c| c.mark == mark).collect();
    if bullets {
        return same;
    }
    // For each position, whether the exact next number of a value still comes: scan backwards.
    let mut chosen: Vec<Candidate> = Vec::new();
    let mut last = 0;
    for (i, c) in same.iter().enumerate() {
        let next = same.iter().skip(i + 1).take(8);
        let expected_later = || next.clone().any(|n| n.ordinal == last + 1);
        // 其次 and 再次 may come again; a number only by mistake, at the head of a paragraph.
        let again = mark == Mark::First && last > 0 && c.ordinal >= last;
        let repeated =
            c.ordinal == last && c.head && next.clone().next().is_some_and(|n| n.ordinal > last);
        let jumped = c.ordinal > last + 1 && c.ordinal <= last + 3 && last > 0 && !expected_later();
        if c.ordinal == last + 1 || jumped || repeated || again {
            last = c.ordinal;
            chosen.push(*c);
        }
    }
    chosen
}

/// All positions where an item may begin.
fn candidates(source: &Source, span: Span, heads: &[usize]) -> Vec<Candidate> {
    let mut out = Vec::new();
    let mut depth = Depth::default();
    let mut heads = heads.iter().copied();
    let mut next_head = span.start;
    let (mut clear, mut broken) = (true, false);
    for (at, c) in (span.start..).zip(source.slice(span)) {
        let head = at == next_head;
        if !clear && !head && is_ideograph(*c) {
            // In the middle of a clause: nothing begins here, and no mark comes to its end.
            depth.feed(at, *c);
            continue;
        }
        if head {
            // An offset that no text reaches stands behind the last head.
            next_head = heads.find(|h| *h > at).unwrap_or(usize::MAX);
            depth = Depth::default();
            clear = true;
        }
        if clear && depth.is_outside() && may_begin(*c, head) {
            let found = candidate(source, Span::new(at, span.end), head);
            out.extend(found.filter(|f| head || broken || is_inline(source, at, f)));
        }
        depth.feed(at, *c);
        clear = is_clause_end(*c) || is_closing(*c) || (is_blank(*c) && (clear || *c != '\n'));
        // `<br>` in a cell parts its items like a line end.
        broken = *c == '>' && tag_before(source, span.start, at + 1).is_some();
        clear |= *c == '\n' || broken;
    }
    out
}

/// Cheap test before a marker is read.
fn may_begin(c: char, head: bool) -> bool {
    is_han_numeral(c)
        || digit(c).is_some()
        || enclosed(c).is_some()
        || matches!(c, '第' | '首' | '其' | '再' | '最' | '(' | '（' | '措' | '举' | '整')
        || (fold(c).is_ascii_alphabetic() && fold(c).is_ascii_lowercase())
        || (head && matches!(c, '•' | '●' | '■' | '◆' | '▪' | '-' | '·' | '★' | '➢'))
}

/// Inside a paragraph a bare number must follow a clause end, not only a blank.
fn is_inline(source: &Source, at: usize, found: &Candidate) -> bool {
    let before = (0..4)
        .filter_map(|back| at.checked_sub(back + 1).and_then(|i| source.at(i)))
        .find(|c| !is_blank(*c));
    match found.mark {
        Mark::Outline(Style::Digit | Style::Han | Style::Letter | Style::HalfParen) => {
            before.is_none_or(|c| is_clause_end(c) && c != '、' || is_closing(c))
        }
        Mark::Outline(Style::Bullet) => false,
        _ => true,
    }
}

fn candidate(source: &Source, span: Span, head: bool) -> Option<Candidate> {
    let at = span.start;
    let make = |mark, ordinal, end| Candidate { mark, ordinal, span: Span::new(at, end), head };
    let first = source.at(at)?;
    if is_han_numeral(first)
        && let Some((ordinal, end)) = han_is(source, at)
    {
        return Some(make(Mark::Is, ordinal, end));
    }
    match first {
        '第' => nth(source, at).map(|(ordinal, end)| make(Mark::Nth, ordinal, end)),
        '首' | '其' | '再' | '最' => {
            let words = [("首先", 1), ("其次", 2), ("再次", 3), ("最后", 4)];
            let (word, ordinal) = words.iter().find(|(w, _)| source.starts_with(at, w))?;
            let mut end = at + word.chars().count();
            if source.at(end).is_some_and(|c| matches!(c, ',' | '，' | '、' | ':' | '：')) {
                end += 1;
            } else if !head {
                return None;
            }
            Some(make(Mark::First, *ordinal, end))
        }
        '措' | '举' | '整' => {
            let words = ["整改措施", "整改举措", "措施", "举措"];
            let word = words.iter().find(|w| source.starts_with(at, w))?;
            let (ordinal, stop) = short_number(source, at + word.chars().count())?;
            matches!(source.at(stop)?, ':' | '：' | '、' | '.')
                .then(|| make(Mark::Worded, ordinal, stop + 1))
        }
        _ => {
            let m = marker::at(source, at, span.end).filter(|m| !m.irregular)?;
            let usable = !matches!(
                m.style,
                Style::Dotted(_)
                    | Style::Part
                    | Style::Chapter
                    | Style::Section
                    | Style::Article
                    | Style::Worded
            );
            usable.then(|| make(Mark::Outline(m.style), m.ordinal.unwrap_or(1), m.span.end))
        }
    }
}

fn short_number(source: &Source, from: usize) -> Option<(u32, usize)> {
    let slice = source.slice(Span::new(from, from + 3));
    let han = slice.iter().take_while(|c| is_han_numeral(**c)).count();
    if han > 0 {
        return Some((han_number(slice.get(..han)?)?, from + han));
    }
    let digits = slice.iter().map_while(|c| digit(*c)).count();
    let value = slice.iter().map_while(|c| digit(*c)).fold(0, |sum, d| sum * 10 + d);
    (digits > 0).then_some((value, from + digits))
}

/// `一是`, `二要`; 一是一 and 二是二 are running text.
fn han_is(source: &Source, at: usize) -> Option<(u32, usize)> {
    let (ordinal, mut stop) = short_number(source, at)?;
    // A wrapped line may end between 二 and 是.
    while source.at(stop).is_some_and(is_blank) && stop < at + 4 {
        stop += 1;
    }
    if !matches!(source.at(stop)?, '是' | '要') {
        return None;
    }
    let next = source.at(stop + 1)?;
    let echo = is_han_numeral(next)
        && source.at(at) == Some(next)
        && source.at(stop + 2).is_none_or(is_clause_end);
    (!echo).then_some((ordinal, stop + 1))
}

/// `第一，`, `第二是`.
fn nth(source: &Source, at: usize) -> Option<(u32, usize)> {
    // A wrapped line may end between 第 and 四.
    let blanks = source.slice(Span::new(at + 1, at + 4)).iter().take_while(|c| is_blank(**c));
    let (ordinal, stop) = short_number(source, at + 1 + blanks.count())?;
    matches!(source.at(stop)?, ',' | '，' | '、' | ':' | '：' | '是').then_some((ordinal, stop + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, &str)]) {
        let source = Source::new(text);
        let heads: Vec<usize> = source.lines().map(|l| l.start).collect();
        let found = outermost(&source, source.whole(), &heads);
        let items: Vec<_> = found
            .iter()
            .flat_map(|e| &e.items)
            .map(|i| (source.text(i.ordinal), source.text(i.content)))
            .collect();
        let expected: Vec<_> =
            expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        assert_eq!(items, expected, "{text}");
    }

    #[test]
    fn items_of_each_style_are_found() {
        check("一是补录资料;二是核查。", &[("一是", "补录资料;"), ("二是", "核查。")]);
        check("1.划定网格126个,2.公示。", &[("1.", "划定网格126个,"), ("2.", "公示。")]);
        check("（1）入住；（2）鉴定。", &[("（1）", "入住；"), ("（2）", "鉴定。")]);
        check("①人籍不一致35人;②未办12人。", &[("①", "人籍不一致35人;"), ("②", "未办12人。")]);
        check("第一，学习。第二，整改。", &[("第一，", "学习。"), ("第二，", "整改。")]);
        check(
            "首先，学习。其次，整改。最后，巩固。",
            &[("首先，", "学习。"), ("其次，", "整改。"), ("最后，", "巩固。")],
        );
        check("a)学习；b)整改。", &[("a)", "学习；"), ("b)", "整改。")]);
    }

    #[test]
    fn the_first_style_is_the_outermost() {
        check(
            "1.产业方面:一是流转;二是种植。就业方面。\n2.管理。",
            &[("1.", "产业方面:一是流转;二是种植。就业方面。"), ("2.", "管理。")],
        );
        check(
            "一是规范。(1)受理;(2)发布。二是管理。(1)认真;(2)齐全。",
            &[("一是", "规范。(1)受理;(2)发布。"), ("二是", "管理。(1)认真;(2)齐全。")],
        );
    }

    #[test]
    fn look_alikes_are_no_markers() {
        check("统一是要求，一是一、二是二。", &[]);
        check("投入1.5万元，2.8公里道路。", &[]);
        check("村内两户、3.其他", &[]);
    }

    #[test]
    fn a_lost_number_does_not_end_the_sequence() {
        check("一是学习。三是整改。", &[("一是", "学习。"), ("三是", "整改。")]);
    }
}
