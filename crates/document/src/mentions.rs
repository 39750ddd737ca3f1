//! What a text mentions: regulations in 《》, dates, regions and organisations (schema G1–G3).

use std::collections::HashSet;

use crate::anatomy::Anatomy;
use crate::date;
use crate::header::number_at;
use crate::model::{DateMention, Mentions, Piece, Regulation};
use crate::source::{Source, Span};
use crate::text::glyph::{fold, is_blank, is_comma, is_ideograph, is_semicolon, is_stop};
use crate::text::markup::skip_blank;

/// Longest name of a regulation.
const NAME_LENGTH_MAX: usize = 160;

/// Everything the text mentions.
pub(crate) fn find(source: &Source, anatomy: &Anatomy) -> Mentions {
    Mentions {
        regions: regions(source, anatomy),
        organisations: organisations(anatomy),
        regulations: regulations(source),
        dates: dates(source),
    }
}

fn dates(source: &Source) -> Vec<DateMention> {
    date::find(source, source.whole())
        .into_iter()
        .map(|e| DateMention { text: source.text(e.span), span: e.span, value: e.value() })
        .collect()
}

fn regulations(source: &Source) -> Vec<Regulation> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < source.len() {
        if source.at(at) != Some('《') {
            at += 1;
            continue;
        }
        let (span, unclosed) = match closing(source, at) {
            Some(end) => (Span::new(at, end), false),
            None => (Span::new(at, unclosed_end(source, at)), true),
        };
        if span.len() > 2 {
            out.push(regulation(source, span, unclosed));
        }
        at = span.end.max(at + 1);
    }
    out
}

fn regulation(source: &Source, span: Span, unclosed: bool) -> Regulation {
    let open = skip_blank(source, span.end, (span.end + 4).min(source.len()));
    let bracket = source.at(open).is_some_and(|c| fold(c) == '(');
    let number = bracket
        .then(|| {
            let start = skip_blank(source, open + 1, source.len().min(open + 6));
            number_at(source, start, (start + 40).min(source.len()))
        })
        .flatten();
    let title = Piece::new(source, span);
    let forms = ["手册", "登记表", "审批表", "确认书", "申请书", "承诺书"];
    let optional = forms.iter().any(|f| title.text.trim_end_matches('》').ends_with(f));
    Regulation { title, number: number.map(|n| Piece::new(source, n)), optional, unclosed }
}

/// One past the 》 that closes the 《 at `start`; inner pairs belong to the name.
fn closing(source: &Source, start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for at in start..(start + NAME_LENGTH_MAX).min(source.len()) {
        match source.at(at)? {
            '《' => depth += 1,
            '》' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            '。' | '；' => return None,
            _ => {}
        }
    }
    None
}

/// Without a closing mark the name ends before its number or the next mark.
fn unclosed_end(source: &Source, start: usize) -> usize {
    let limit = (start + NAME_LENGTH_MAX).min(source.len());
    for at in start + 1..limit {
        let Some(c) = source.at(at) else { break };
        let numbered = fold(c) == '(' && number_at(source, at + 1, limit).is_some();
        let mark = is_stop(c) || is_comma(c) || is_semicolon(c) || matches!(c, '《' | '》');
        let mark = mark || (c == '\n' && source.at(at + 1).is_none_or(is_blank));
        if numbered || mark || source.starts_with(at, "要求") {
            return at;
        }
    }
    limit
}

/// The first mention of each unit that has a role.
fn organisations(anatomy: &Anatomy) -> Vec<Piece> {
    let mut seen = HashSet::new();
    let document = &anatomy.document;
    let issuers = document.issuer.iter().filter(|i| !i.redacted).map(|i| (i.text.as_str(), i.span));
    let page = document.publisher.iter().chain(&document.recipient);
    let found =
        anatomy.findings.iter().flat_map(|f| f.lead_units.iter().chain(&f.responsible_units));
    let tasks = anatomy.tasks.iter().flat_map(|t| t.lead_units.iter().chain(&t.responsible_units));
    let pieces = page.chain(found.chain(tasks)).map(|piece| (piece.text.as_str(), piece.span));
    let mut out: Vec<Piece> = issuers
        .chain(pieces)
        .filter(|(text, _)| seen.insert(*text))
        .map(|(text, span)| Piece { text: text.to_owned(), span })
        .collect();
    out.sort_by_key(|piece| piece.span);
    out
}

/// Regions that the title and the issuers begin with.
fn regions(source: &Source, anatomy: &Anatomy) -> Vec<Piece> {
    let document = &anatomy.document;
    let places =
        document.title.iter().map(|t| t.span).chain(document.issuer.iter().map(|i| i.span));
    let mut seen = HashSet::new();
    let mut out: Vec<Piece> = places
        .filter_map(|span| region_at(source, span))
        .map(|span| Piece::new(source, span))
        .filter(|piece| seen.insert(piece.text.clone()))
        .collect();
    out.sort_by_key(|piece| piece.span);
    out
}

/// The shortest leading name that ends like a region.
fn region_at(source: &Source, span: Span) -> Option<Span> {
    let start = if source.starts_with(span.start, "中共") { span.start + 2 } else { span.start };
    let near = Span::new(start, span.end.min(start + 8));
    let slice = source.slice(near);
    let end = slice.iter().enumerate().skip(1).find(|(_, c)| {
        matches!(c, '省' | '市' | '县' | '区' | '州' | '镇' | '乡' | '村') || !is_ideograph(**c)
    });
    let (i, c) = end?;
    (is_ideograph(*c) && !is_blank(*c)).then(|| Span::new(start, start + i + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regulations_have_their_number_and_inner_names() {
        for (text, expected) in [
            (
                "根据《甲办法》(柳政办〔2018〕102号),",
                vec![("《甲办法》", Some("柳政办〔2018〕102号"), false)],
            ),
            ("《关于印发〈乙方案〉的通知》", vec![("《关于印发〈乙方案〉的通知》", None, false)]),
            ("《关于《丙》的通知》", vec![("《关于《丙》的通知》", None, false)]),
            (
                "《丁的通知(大开组办〔2019〕7号)要求,",
                vec![("《丁的通知", Some("大开组办〔2019〕7号"), true)],
            ),
            ("《甲》、《乙》", vec![("《甲》", None, false), ("《乙》", None, false)]),
        ] {
            let source = Source::new(text);
            let found: Vec<_> = regulations(&source)
                .into_iter()
                .map(|r| (r.title.text, r.number.map(|n| n.text), r.unclosed))
                .collect();
            let expected: Vec<_> = expected
                .into_iter()
                .map(|(t, n, u)| (t.to_owned(), n.map(str::to_owned), u))
                .collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
