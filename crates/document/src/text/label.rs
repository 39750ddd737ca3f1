//! Labels inside a paragraph: `责任单位：`, `责 任 人:`, `【整改措施】`, or a whole line `整改情况`.

use super::glyph::{
    fold, is_blank, is_clause_end, is_closing, is_colon, is_ideograph, is_opening, is_stop,
};
use super::lexicon::{Field, LABEL_LENGTH_MAX, field_of};
use super::markup::skip_blank;
use crate::source::{Source, Span};

/// A label with its field and where its value begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Label {
    /// What it stands for.
    pub(crate) field: Field,
    /// The label with its colon or brackets.
    pub(crate) span: Span,
    /// First offset of the value.
    pub(crate) value: usize,
    /// First offset that the label and its own number take: `(1)整改措施：` begins at `(`.
    pub(crate) outer: usize,
}

/// How far a label's letters may lie apart from its colon, spaces counted.
const REACH_MAX: usize = LABEL_LENGTH_MAX * 3;

/// All labels of a paragraph in order; `content` is where its text begins behind a marker.
pub(crate) fn find(source: &Source, span: Span, content: usize) -> Vec<Label> {
    let mut labels = Vec::new();
    if let Some(label) = whole_line(source, Span::new(content, span.end)) {
        labels.push(label);
        return labels;
    }
    if let Some(label) = spaced(source, Span::new(content, span.end)) {
        labels.push(label);
    }
    let mut floor = content;
    let mut at = content;
    while at < span.end {
        let Some(c) = source.at(at) else { break };
        if is_ideograph(c) {
            at += 1;
            continue;
        }
        let found = if is_stop(c) {
            after_stop(source, Span::new(at + 1, span.end))
        } else if is_colon(c) {
            before_colon(source, Span::new(floor, at), span.end)
        } else if matches!(c, '】' | '〗') || (c == ']' && source.before(at).is_some()) {
            bracketed(source, floor, at, span.end)
        } else {
            None
        };
        if let Some(label) = found
            && labels.last().is_none_or(|last: &Label| last.span.end <= label.span.start)
        {
            floor = label.value;
            labels.push(label);
        }
        at += 1;
    }
    let end = labels.first().map_or(span.end, |first| first.outer);
    let mut unnamed = super::bracket::values(source, Span::new(content, end.max(content)));
    if !unnamed.is_empty() {
        unnamed.extend(labels);
        return unnamed;
    }
    labels
}

/// A label that is the whole line, with or without a closing colon.
fn whole_line(source: &Source, span: Span) -> Option<Label> {
    if span.len() > REACH_MAX {
        return None;
    }
    // What stands behind a colon is a value, were it only a placeholder.
    let mut behind = source.slice(span).iter().skip_while(|c| !is_colon(**c));
    if behind.any(|c| !is_colon(*c) && !is_blank(*c) && !matches!(c, '】' | ']' | '*')) {
        return None;
    }
    let name: String = source
        .slice(span)
        .iter()
        .map(|c| fold(*c))
        .filter(|c| !is_blank(*c) && !is_colon(*c) && !matches!(c, '【' | '】' | '[' | ']'))
        .collect();
    // Bold marks stand on both sides; one-sided asterisks are a redacted value.
    let bold = name.strip_prefix("**").and_then(|rest| rest.strip_suffix("**"));
    // 号 on a line of its own is the rest of a wrapped word, not the head of a column.
    let name = Some(bold.unwrap_or(&name)).filter(|name| name.chars().nth(1).is_some())?;
    let field = field_of(name)?;
    Some(Label { field, span, value: span.end, outer: span.start })
}

/// A label at the head of the line with only white space behind it: `整改时限　5月20日`.
fn spaced(source: &Source, span: Span) -> Option<Label> {
    let slice = source.slice(Span::new(span.start, span.end.min(span.start + REACH_MAX)));
    let mut name = String::new();
    for (i, c) in slice.iter().enumerate() {
        if is_blank(*c) {
            let at = span.start + i;
            let value = skip_blank(source, at, span.end);
            match field_of(&name) {
                Some(field) if field.is_short() && name.chars().count() >= 3 => {
                    if source.at(value).is_some_and(is_colon) {
                        return None;
                    }
                    return Some(Label {
                        field,
                        span: Span::new(span.start, at),
                        value,
                        outer: span.start,
                    });
                }
                _ if name.chars().count() > 2 => return None,
                _ => continue,
            }
        }
        if is_clause_end(*c) || is_closing(*c) {
            return None;
        }
        name.push(fold(*c));
    }
    None
}

/// A response label without a colon, alone between a full stop and a line end or blank.
fn after_stop(source: &Source, span: Span) -> Option<Label> {
    let start = skip_blank(source, span.start, span.end.min(span.start + 6));
    let near = Span::new(start, span.end.min(start + LABEL_LENGTH_MAX));
    let end = source.position(near, |c| is_blank(c) || is_clause_end(c)).unwrap_or(near.end);
    let word = Span::new(start, end);
    let closed = end == span.end || source.at(end).is_some_and(is_blank);
    if !closed || !(4..=8).contains(&word.len()) {
        return None;
    }
    let field = field_of(&source.text(word)).filter(|f| *f == Field::Response)?;
    Some(Label { field, span: word, value: skip_blank(source, end, span.end), outer: start })
}

/// The longest label that ends right before the colon at `span.end`.
fn before_colon(source: &Source, span: Span, end: usize) -> Option<Label> {
    let colon = span.end;
    let mut letters: Vec<char> = Vec::new();
    let mut best = None;
    let mut at = colon;
    while at > span.start && colon - at < REACH_MAX && letters.len() <= LABEL_LENGTH_MAX {
        let Some(c) = source.before(at) else { break };
        at -= 1;
        if is_blank(c) {
            continue;
        }
        let bracket = matches!(c, ')' | '）' | '(' | '（') && !letters.is_empty();
        if (is_clause_end(c) || is_opening(c) || is_closing(c) || c == '>')
            && !bracket
            && !(matches!(c, ')' | '）') && letters.is_empty())
        {
            break;
        }
        letters.push(fold(c));
        let previous = if at > span.start { source.before(at) } else { None };
        if previous.is_none_or(is_boundary) {
            let name: String = letters.iter().rev().collect();
            if let Some(field) = field_of(&name) {
                best = Some((field, at));
            }
        }
    }
    let (field, start) = best?;
    let value = skip_blank(source, colon + 1, end);
    Some(Label {
        field,
        span: Span::new(start, colon + 1),
        value,
        outer: outer(source, span.start, start),
    })
}

/// Whether a label may begin right after this character.
fn is_boundary(c: char) -> bool {
    is_blank(c)
        || is_clause_end(c)
        || is_opening(c)
        || is_closing(c)
        || matches!(c, '>' | '|' | '*' | '.' | '-' | '—' | '·' | '#')
        || super::glyph::enclosed(c).is_some()
}

/// `【责任单位】`, with or without a colon behind it.
fn bracketed(source: &Source, floor: usize, close: usize, end: usize) -> Option<Label> {
    let from = floor.max(close.saturating_sub(REACH_MAX));
    let slice = source.slice(Span::new(from, close));
    let back = slice.iter().rposition(|c| matches!(c, '【' | '[' | '〖'))?;
    let name: String =
        slice.get(back + 1..)?.iter().map(|c| fold(*c)).filter(|c| !is_blank(*c)).collect();
    // `【责任单位：县财政局】` has its label before the colon inside.
    let field = field_of(name.trim_end_matches(':'))?;
    let mut stop = close + 1;
    if source.at(stop).is_some_and(is_colon) {
        stop += 1;
    }
    let value = skip_blank(source, stop, end);
    let start = from + back;
    Some(Label { field, span: Span::new(start, stop), value, outer: outer(source, floor, start) })
}

/// Takes in a number right before the label: `(1)`, `①`, `2.`.
fn outer(source: &Source, floor: usize, start: usize) -> usize {
    let from = floor.max(start.saturating_sub(4));
    (from..start)
        .find(|&at| {
            let clear =
                at == floor || source.before(at).is_none_or(|c| is_clause_end(c) || is_blank(c));
            clear
                && super::marker::at(source, at, start + 1)
                    .is_some_and(|m| !m.irregular && m.after == start)
        })
        .unwrap_or(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(Field, &str)]) {
        let source = Source::new(text);
        let labels = find(&source, source.whole(), 0);
        let end = |i: usize| labels.get(i + 1).map_or(source.len(), |l: &Label| l.outer);
        let found: Vec<_> = labels
            .iter()
            .enumerate()
            .map(|(i, l)| (l.field, source.text(Span::new(l.value, end(i)))))
            .collect();
        let expected: Vec<_> = expected.iter().map(|(f, s)| (*f, (*s).to_owned())).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn labels_in_lines_brackets_and_spaced_letters_are_found() {
        check("责 任 人:**", &[(Field::Persons, "**")]);
        check("整改情况", &[(Field::Response, "")]);
        check("【整改措施】完善制度", &[(Field::Response, "完善制度")]);
        check(
            "责任单位：县财政局 整改时限：2020年5月",
            &[(Field::Units, "县财政局 "), (Field::Deadline, "2020年5月")],
        );
        check(
            "资料不全。（牵头单位：县教育局；完成时限：立行立改）",
            &[(Field::Lead, "县教育局；"), (Field::Deadline, "立行立改）")],
        );
        check(
            "(1)整改措施：补齐。(2)责任人：甲",
            &[(Field::Response, "补齐。"), (Field::Persons, "甲")],
        );
        check("完成时限　2020年底", &[(Field::Deadline, "2020年底")]);
    }

    #[test]
    fn running_text_before_a_colon_is_no_label() {
        check("现将整改情况报告如下:", &[]);
        check("存在以下几个问题:一是资料不全", &[]);
    }
}
