//! The metadata line of a page: 索引号, 发文机构, 发布日期, 来源 …, with their values or blanks.

use crate::anatomy::{FieldMark, Owner};
use crate::deadline::is_placeholder;
use crate::source::{Source, Span};
use crate::text::glyph::{fold, is_blank, is_colon};
use crate::text::markup::trim;
use crate::text::paragraph::Para;

/// Metadata that the document's own fields can be taken from.
#[derive(Clone, Debug, Default)]
pub(super) struct Page {
    pub(super) title: Option<Span>,
    pub(super) publisher: Option<Span>,
    pub(super) issuer: Option<Span>,
    pub(super) doc_number: Option<Span>,
    pub(super) date: Option<Span>,
    pub(super) fields: Vec<FieldMark>,
}

/// Labels of metadata lines and the schema key they give, if any.
const LABELS: [(&str, Option<&str>); 50] = [
    ("索引号", None),
    ("公文目录", None),
    ("发文机构", Some("publisher")),
    ("发文机关", Some("publisher")),
    ("发文单位", Some("publisher")),
    ("发布机构", Some("publisher")),
    ("发布单位", Some("publisher")),
    ("发布机关", Some("publisher")),
    ("公开机构", Some("publisher")),
    ("信息来源", Some("publisher")),
    ("稿件来源", Some("publisher")),
    ("文章来源", Some("publisher")),
    ("来源", Some("publisher")),
    ("主题词", None),
    ("主题分类", None),
    ("组配分类", None),
    ("分类", None),
    ("体裁", None),
    ("有效性", None),
    ("关键词", None),
    ("发布日期", Some("date")),
    ("发布时间", Some("date")),
    ("发文日期", Some("date")),
    ("成文日期", Some("date")),
    ("生成日期", Some("date")),
    ("公开日期", Some("date")),
    ("印发日期", Some("date")),
    ("更新时间", Some("date")),
    ("录入时间", Some("date")),
    ("时间", Some("date")),
    ("日期", Some("date")),
    ("文号", Some("doc_number")),
    ("发文字号", Some("doc_number")),
    ("发文文号", Some("doc_number")),
    ("标题", Some("title")),
    ("名称", Some("title")),
    ("作者", None),
    ("编辑", None),
    ("责任编辑", None),
    ("审核", None),
    ("浏览次数", None),
    ("点击数", None),
    ("点击量", None),
    ("阅读次数", None),
    ("访问量", None),
    ("字体", None),
    ("签发人", None),
    ("公开方式", None),
    ("公开范围", None),
    ("废止日期", None),
];

/// Reads the metadata of the paragraphs before the outline.
pub(super) fn read(source: &Source, paras: &[Para], outline: usize) -> Page {
    let mut page = Page::default();
    for para in
        paras.iter().take(outline.min(20)).filter(|p| p.row.is_none() && p.span.len() <= 600)
    {
        let labels = labels(source, para.span);
        for (i, (label, key, name)) in labels.iter().enumerate() {
            let end = labels.get(i + 1).map_or(para.span.end, |(next, _, _)| next.start);
            let value = trim(source, Span::new(label.end, end));
            take(&mut page, source, *key, value);
            page.fields.push(FieldMark {
                field: key.map_or_else(|| (*name).to_owned(), str::to_owned),
                label: *label,
                value,
                blank: value.is_empty() || is_placeholder(source, value),
                owner: Owner::Document,
            });
        }
    }
    page
}

fn take(page: &mut Page, source: &Source, key: Option<&str>, value: Span) {
    if value.is_empty() {
        return;
    }
    let slot = match key {
        Some("publisher") => &mut page.publisher,
        Some("doc_number") => &mut page.doc_number,
        Some("date") => &mut page.date,
        Some("title") => &mut page.title,
        _ => return,
    };
    if key == Some("date") && crate::date::find(source, value).is_empty() {
        return;
    }
    if key == Some("publisher") {
        // 来源：某网 作者：某人 — a name has no blanks inside.
        let end = source.position(value, is_blank).unwrap_or(value.end);
        let name = Span::new(value.start, end);
        page.issuer.get_or_insert(name);
        slot.get_or_insert(name);
        return;
    }
    slot.get_or_insert(value);
}

/// All metadata labels of a line.
fn labels(source: &Source, span: Span) -> Vec<(Span, Option<&'static str>, &'static str)> {
    let mut out: Vec<(Span, Option<&'static str>, &'static str)> = Vec::new();
    for at in span.range() {
        if !source.at(at).is_some_and(is_colon) {
            continue;
        }
        let floor = out.last().map_or(span.start, |(label, _, _)| label.end);
        if let Some((start, key, name)) = before(source, floor, at) {
            out.push((Span::new(start, at + 1), key, name));
        }
    }
    out
}

/// The longest known label right before a colon, blanks inside allowed.
fn before(
    source: &Source,
    floor: usize,
    colon: usize,
) -> Option<(usize, Option<&'static str>, &'static str)> {
    let mut letters: Vec<char> = Vec::new();
    let mut best = None;
    let mut at = colon;
    while at > floor && letters.len() < 5 && colon - at < 16 {
        let Some(c) = source.before(at) else { break };
        at -= 1;
        if is_blank(c) {
            continue;
        }
        letters.push(fold(c));
        let clear = at == floor
            || source
                .before(at)
                .is_none_or(|b| is_blank(b) || b.is_ascii_punctuation() || b == '【');
        let name: String = letters.iter().rev().collect();
        if clear && let Some((known, key)) = LABELS.iter().find(|(known, _)| *known == name) {
            best = Some((at, *key, *known));
        }
    }
    best
}
