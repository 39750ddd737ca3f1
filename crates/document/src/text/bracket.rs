//! Units and deadlines in a bracket without labels: （县教育局牵头，县财政局配合，2020年10月底前完成）.

use super::glyph::{digit, is_blank, is_clause_end, is_comma, is_semicolon, is_stop};
use super::label::Label;
use super::lexicon::{Field, is_organ};
use super::markup::trim;
use crate::source::{Source, Span};

/// Longest bracket that can hold units and a deadline.
const LENGTH_MAX: usize = 90;

/// Words behind a unit that give its role; they are no part of its name.
const ROLES: [(&str, Field); 9] = [
    ("牵头负责", Field::Lead),
    ("牵头", Field::Lead),
    ("主办", Field::Lead),
    ("配合", Field::Units),
    ("协办", Field::Units),
    ("参与", Field::Units),
    ("具体负责", Field::Units),
    ("负责", Field::Units),
    ("落实", Field::Units),
];

/// Words that make a bracket with a date a deadline.
const TERMS: [&str; 12] = [
    "前",
    "底",
    "完成",
    "长期",
    "立行立改",
    "持续",
    "即知即改",
    "立即",
    "整改到位",
    "个月内",
    "工作日内",
    "全年",
];

/// The role word at the end of a unit: its length, and the role.
pub(crate) fn role_of(source: &Source, name: Span) -> Option<(usize, Field)> {
    ROLES.iter().find_map(|(word, field)| {
        let length = word.chars().count();
        let at = name.end.checked_sub(length).filter(|at| *at > name.start)?;
        source.starts_with(at, word).then_some((length, *field))
    })
}

/// Labels without words for the bracket that closes `span`, if it holds units or a deadline.
pub(crate) fn values(source: &Source, span: Span) -> Vec<Label> {
    let Some((open, inner)) = closing_bracket(source, span) else { return Vec::new() };
    let clear = source
        .slice(Span::new(span.start, open))
        .iter()
        .rev()
        .find(|c| !is_blank(**c))
        .is_some_and(|c| is_stop(*c) || is_semicolon(*c));
    let mut labels: Vec<Label> = Vec::new();
    let mut certain = false;
    for piece in pieces(source, inner) {
        let Some((field, sure)) = field_of_piece(source, piece) else { return Vec::new() };
        certain |= sure;
        // Several units of one role stay one value.
        if labels.last().is_some_and(|last| last.field == field && field != Field::Deadline) {
            continue;
        }
        let outer = if labels.is_empty() { open } else { piece.start };
        labels.push(Label {
            field,
            span: Span::new(piece.start, piece.start),
            value: piece.start,
            outer,
        });
    }
    // 长期坚持 alone is rather the status of the finding.
    let lone = labels.len() == 1 && labels.iter().all(|l| l.field == Field::Deadline);
    if lone && !certain {
        return Vec::new();
    }
    if certain || (clear && !labels.is_empty()) { labels } else { Vec::new() }
}

/// The bracket at the end of a stretch, closing marks behind it allowed.
fn closing_bracket(source: &Source, span: Span) -> Option<(usize, Span)> {
    let mut end = trim(source, span).end;
    while end > span.start && source.before(end).is_some_and(is_clause_end) {
        end -= 1;
    }
    let open_mark = match source.before(end)? {
        ')' | '）' => ['(', '（'],
        '】' => ['【', '【'],
        _ => return None,
    };
    let from = span.start.max(end.saturating_sub(LENGTH_MAX));
    // 各村(社区) may stand inside: the bracket that balances.
    let mut depth = 0_usize;
    let open = (from..end).rev().find(|at| {
        match source.at(*at) {
            Some(')' | '）' | '】') => depth += 1,
            Some(c) if open_mark.contains(&c) => {
                depth = depth.saturating_sub(1);
                return depth == 0;
            }
            _ => {}
        }
        false
    })?;
    Some((open, trim(source, Span::new(open + 1, end - 1))))
}

fn pieces(source: &Source, span: Span) -> Vec<Span> {
    super::sentence::pieces(source, span, |c| is_semicolon(c) || is_comma(c) || is_stop(c))
        .into_iter()
        .map(|piece| {
            let mut end = piece.end;
            while end > piece.start && source.before(end).is_some_and(is_clause_end) {
                end -= 1;
            }
            Span::new(piece.start, end)
        })
        .collect()
}

/// What a piece is, and whether it could be nothing else.
fn field_of_piece(source: &Source, piece: Span) -> Option<(Field, bool)> {
    if piece.is_empty()
        || piece.len() > 40
        || source.position(piece, super::glyph::is_colon).is_some()
    {
        return None;
    }
    let text = source.text(piece);
    let dated = source.slice(piece).iter().any(|c| digit(*c).is_some())
        && ["年", "月", "日"].iter().any(|w| text.contains(w));
    // 已完成, 基本完成 and the like are a status.
    if ["已", "基本", "未", "正", "部分", "全部", "阶段", "尚"].iter().any(|w| text.starts_with(w))
    {
        return None;
    }
    if TERMS.iter().any(|w| text.contains(w)) && (dated || piece.len() <= 8) && !is_organ(&text) {
        let sure = text.contains('前') || text.contains("完成") || text.contains("立行立改");
        return Some((Field::Deadline, sure));
    }
    let (length, field) = role_of(source, piece).unwrap_or((0, Field::Units));
    let names = Span::new(piece.start, piece.end - length);
    let organs = source.text(names).split('、').all(|name| is_organ(name.trim()));
    organs.then_some((field, length > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(Field, &str)]) {
        let source = Source::new(text);
        let labels = values(&source, source.whole());
        let found: Vec<_> = labels
            .iter()
            .map(|l| (l.field, source.text(Span::new(l.value, (l.value + 4).min(source.len())))))
            .collect();
        let expected: Vec<_> = expected.iter().map(|(f, s)| (*f, (*s).to_owned())).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn units_and_deadlines_without_labels_are_found() {
        check(
            "信息不互通。（县教育局牵头，县财政局配合，2020年10月底前完成）",
            &[(Field::Lead, "县教育局"), (Field::Units, "县财政局"), (Field::Deadline, "2020")],
        );
        check(
            "台账不全。(镇扶贫办;立行立改)",
            &[(Field::Units, "镇扶贫办"), (Field::Deadline, "立行立改")],
        );
    }

    #[test]
    fn other_brackets_are_left_alone() {
        for text in [
            "印发管理办法（试行）",
            "实施基础设施项目（乡镇中心幼儿园）",
            "涉及3个村（社区）。",
            "补办手续（详见附件）。",
            "补齐资料。【长期坚持】",
            "补齐资料。（已完成）",
        ] {
            check(text, &[]);
        }
    }
}
