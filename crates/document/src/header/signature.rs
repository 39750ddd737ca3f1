//! The foot of a document: issuing organs, date, and what a page puts below them.

use std::ops::Range;

use crate::anatomy::{FieldMark, Owner};
use crate::date;
use crate::deadline::is_placeholder;
use crate::source::{Source, Span};
use crate::text::glyph::{digit, is_blank, is_colon};
use crate::text::markup::{skip_blank, trim};
use crate::text::paragraph::{Layout, Para};

/// What the foot holds.
#[derive(Clone, Debug, Default)]
pub(super) struct Foot {
    /// One past the last paragraph of the body.
    pub(super) body_end: usize,
    pub(super) issuers: Vec<Span>,
    pub(super) date: Option<Span>,
    pub(super) fields: Vec<FieldMark>,
    pub(super) noise: Vec<Span>,
}

/// How many paragraphs from the end the signature may stand.
const DEPTH_MAX: usize = 14;

/// Openings of closing paragraphs that belong to no finding.
const CLOSINGS: [&str; 31] = [
    "欢迎广大",
    "欢迎社会",
    "联系方式",
    "联系电话",
    "监督电话",
    "举报电话",
    "邮政",
    "电子邮箱",
    "电子邮件",
    "特此",
    "专此",
    "以上报告",
    "请各",
    "请你",
    "请贵",
    "请于",
    "请有关",
    "请相关",
    "请对照",
    "妥否",
    "附件",
    "附：",
    "附:",
    "技术支持",
    "[打印]",
    "【打印",
    "打印",
    "分享",
    "责任编辑",
    "扫一扫",
    "主办单位：",
];

/// Whether a paragraph closes the document rather than going on with a finding.
pub(crate) fn is_closing_line(source: &Source, span: Span) -> bool {
    CLOSINGS.iter().any(|word| source.starts_with(span.start, word)) || gives_contact(source, span)
}

/// Whether a paragraph gives a way to reach somebody: 联系电话：…, not 公布监督电话.
fn gives_contact(source: &Source, span: Span) -> bool {
    ["联系电话", "监督电话", "举报电话", "电子邮箱", "邮政信箱", "通讯地址"].iter().any(|word| {
        source.find(span, word).is_some_and(|at| {
            let behind = skip_blank(source, at + word.chars().count(), span.end);
            let c = source.at(behind).filter(|_| behind < span.end);
            c.is_some_and(|c| is_colon(c) || digit(c).is_some() || matches!(c, '为' | '是'))
        })
    })
}

/// Whether a short text names an organ.
pub(super) fn is_organ(source: &Source, span: Span) -> bool {
    let text: String = source.slice(span).iter().filter(|c| !is_blank(**c)).collect();
    crate::text::lexicon::is_organ(&text)
}

/// Reads the foot; a notice in front of the title is signed there.
pub(super) fn read(source: &Source, layout: &Layout, outline: usize, start: usize) -> Foot {
    let paras = &layout.paras;
    let mut foot = Foot { body_end: paras.len(), ..Foot::default() };
    let floor = paras.len().saturating_sub(DEPTH_MAX).max(start);
    for i in (floor..paras.len()).rev() {
        let Some(para) = paras.get(i).filter(|p| p.row.is_none()) else { break };
        if reporting_line(source, para, &mut foot) {
            foot.body_end = i;
            return foot;
        }
        if para.marker.is_some_and(|m| !m.irregular && date::whole(source, para.span).is_none()) {
            break;
        }
        if let Some(span) = date_part(source, para.span) {
            let before = i.checked_sub(1).and_then(|a| paras.get(a));
            if span.start == para.span.start && before.is_some_and(|b| asks_value(source, b)) {
                break;
            }
            foot.date = Some(span);
            foot.body_end = i;
            let own = trim(source, Span::new(para.span.start, span.start));
            if own.is_empty() {
                above(source, paras, i, start, &mut foot);
            } else {
                foot.issuers = names(source, own);
            }
            closings_above(source, paras, floor, &mut foot);
            return foot;
        }
    }
    tail(source, paras, floor, &mut foot);
    front(source, paras, 0..outline.min(16), &mut foot);
    if foot.date.is_none() {
        // A letter is signed before its attachments.
        front(source, paras, outline..paras.len(), &mut foot);
    }
    foot
}

/// A label whose value stands on the next line.
fn asks_value(source: &Source, para: &Para) -> bool {
    let open = para.labels.last().is_some_and(|l| l.value >= para.span.end);
    let name: String = source.slice(para.body()).iter().filter(|c| !is_blank(**c)).collect();
    open || crate::text::lexicon::field_of(&name).is_some()
}

/// The organs on the lines above the date.
fn above(source: &Source, paras: &[Para], date: usize, start: usize, foot: &mut Foot) {
    let mut organs = Vec::new();
    for i in (start.max(date.saturating_sub(4))..date).rev() {
        let Some(para) = paras.get(i) else { break };
        let plain = para.row.is_none() && para.marker.is_none() && para.labels.is_empty();
        let found = names(source, para.span);
        if !plain || found.is_empty() || !found.iter().all(|s| is_organ(source, *s)) {
            break;
        }
        organs.splice(0..0, found);
        foot.body_end = i;
    }
    foot.issuers = organs;
}

/// Lines above the signature that ask for comments or give telephones: no part of the last item.
fn closings_above(source: &Source, paras: &[Para], floor: usize, foot: &mut Foot) {
    while let Some(para) =
        foot.body_end.checked_sub(1).filter(|i| *i >= floor).and_then(|i| paras.get(i))
    {
        let plain = para.row.is_none() && para.marker.is_none_or(|marker| marker.irregular);
        if !plain || !is_closing_line(source, para.span) {
            break;
        }
        foot.body_end -= 1;
    }
}

/// A foot without date: organs alone, closing lines, debris.
fn tail(source: &Source, paras: &[Para], floor: usize, foot: &mut Foot) {
    for i in (floor..paras.len()).rev() {
        let Some(para) = paras.get(i) else { break };
        if para.row.is_some() || para.marker.is_some_and(|m| !m.irregular) {
            break;
        }
        let closing = is_closing_line(source, para.span);
        let organ = para.labels.is_empty()
            && i + 1 == foot.body_end
            && is_organ(source, para.span)
            && para.gap;
        let debris = is_debris(source, para.span);
        if !(closing || organ || debris) {
            break;
        }
        if organ {
            foot.issuers = vec![para.span];
        }
        if debris || closing {
            foot.noise.push(para.span);
        }
        foot.body_end = i;
    }
}

/// `文档为doc格式`, `[打印] [关闭]`: short, no sentence.
fn is_debris(source: &Source, span: Span) -> bool {
    let words = [
        "格式",
        "打印",
        "关闭",
        "上一篇",
        "下一篇",
        "分享",
        "下载",
        "版权",
        "备案",
        "技术支持",
        "返回",
    ];
    span.len() <= 60
        && words.iter().any(|word| source.find(span, word).is_some())
        && source.position(span, |c| c == '。').is_none()
}

/// A signature before the title: organs and a date.
fn front(source: &Source, paras: &[Para], range: Range<usize>, foot: &mut Foot) {
    for i in range {
        let Some(para) = paras.get(i) else { continue };
        let Some(span) = date_part(source, para.span) else { continue };
        let mut found = Foot::default();
        above(source, paras, i, 0, &mut found);
        if !found.issuers.is_empty() {
            foot.issuers = found.issuers;
            foot.date = Some(span);
            return;
        }
    }
}

/// `填报单位:某镇人民政府    填报日期:2023年5月8日`
fn reporting_line(source: &Source, para: &Para, foot: &mut Foot) -> bool {
    let words = [
        "填报单位",
        "报送单位",
        "制表单位",
        "填表单位",
        "填报日期",
        "填报时间",
        "报送日期",
        "制表日期",
        "填表日期",
    ];
    let hits: Vec<(usize, &str)> =
        words.iter().filter_map(|w| source.find(para.span, w).map(|at| (at, *w))).collect();
    if hits.is_empty() || para.span.len() > 120 {
        return false;
    }
    for (at, word) in &hits {
        let colon = at + word.chars().count();
        if !source.at(skip_blank(source, colon, para.span.end)).is_some_and(is_colon) {
            continue;
        }
        let begin = skip_blank(source, skip_blank(source, colon, para.span.end) + 1, para.span.end);
        let next = hits.iter().map(|(a, _)| *a).filter(|a| *a > *at).min();
        let value = trim(source, Span::new(begin, next.unwrap_or(para.span.end)));
        let is_date = word.ends_with("日期") || word.ends_with("时间");
        let key = if is_date { "date" } else { "issuer" };
        let blank = value.is_empty() || is_placeholder(source, value);
        foot.fields.push(FieldMark {
            field: key.to_owned(),
            label: Span::new(*at, begin),
            value,
            blank,
            owner: Owner::Document,
        });
        if !blank && is_date {
            foot.date = Some(value);
        } else if !blank {
            let end = source.position(value, is_blank).unwrap_or(value.end);
            foot.issuers = vec![Span::new(value.start, end)];
        }
    }
    true
}

/// The date of a paragraph that is only a date, or organs with a date behind them.
fn date_part(source: &Source, span: Span) -> Option<Span> {
    if span.len() > 60 {
        return None;
    }
    if date::whole(source, span).is_some() {
        return Some(span);
    }
    let found = date::find(source, span);
    let last = found.last().filter(|e| e.span.end == span.end && e.to.is_none())?;
    last.from.day?;
    let before = trim(source, Span::new(span.start, last.span.start));
    let organs = names(source, before);
    (!organs.is_empty() && organs.iter().all(|s| is_organ(source, *s))).then_some(last.span)
}

/// Names on one line, parted by blanks.
fn names(source: &Source, span: Span) -> Vec<Span> {
    let mut out = Vec::new();
    let mut start = skip_blank(source, span.start, span.end);
    let mut at = start;
    while at <= span.end {
        let blank = at == span.end
            || source.at(at).is_none_or(is_blank)
            || crate::text::markup::entity_at(source, at).is_some_and(|(_, blank)| blank);
        if blank {
            let piece = trim(source, Span::new(start, at));
            if !piece.is_empty() {
                out.push(piece);
            }
            let next = skip_blank(source, at, span.end);
            start = next;
            at = next.max(at + 1);
        } else {
            at += 1;
        }
    }
    // A name spaced out for looks, `某 镇 人 民 政 府`, is one name.
    if out.len() > 2 && out.iter().filter(|s| s.len() <= 2).count() * 2 > out.len() {
        return vec![span];
    }
    out
}
