//! The head and the foot of a document: title, issuer, date, number, addressee, metadata, and the
//! paragraphs between them that are the body (schema H1–H4).

mod metadata;
mod signature;

use std::ops::Range;

use crate::anatomy::FieldMark;
use crate::date;
use crate::model::{DateRole, DocumentDate, DocumentInfo, DocumentKind, Issuer, Piece};
use crate::source::{Source, Span};
use crate::text::glyph::{digit, fold, is_blank, is_colon, is_comma, is_ideograph, is_semicolon};
use crate::text::marker::Style;
use crate::text::markup::{skip_blank, trim};
use crate::text::paragraph::{Layout, Para};

/// What the reader knows about head and foot.
#[derive(Clone, Debug, Default)]
pub(crate) struct Head {
    /// Title, issuer, date, kind.
    pub(crate) document: DocumentInfo,
    /// Paragraphs of the body: behind the title, before the signature.
    pub(crate) body: Range<usize>,
    /// Labelled fields of the page and of the signature.
    pub(crate) fields: Vec<FieldMark>,
    /// Page debris.
    pub(crate) noise: Vec<Span>,
}

pub(crate) use signature::is_closing_line;

/// Longest title in characters.
const TITLE_LENGTH_MAX: usize = 100;

/// Last words of titles.
const NOUNS: [&str; 27] = [
    "报告",
    "方案",
    "通报",
    "清单",
    "台账",
    "台帐",
    "一览表",
    "通知",
    "情况",
    "意见",
    "汇总表",
    "计划",
    "办法",
    "要点",
    "公示",
    "公告",
    "进展",
    "分工表",
    "明细表",
    "统计表",
    "表",
    "任务书",
    "总结",
    "函",
    "汇报",
    "说明",
    "请示",
];

/// Reads head and foot.
pub(crate) fn read(source: &Source, layout: &Layout) -> Head {
    let paras = &layout.paras;
    let outline = paras.iter().position(|p| is_top_heading(source, p)).unwrap_or(paras.len());
    let mut head = Head { body: 0..paras.len(), ..Head::default() };
    let page = metadata::read(source, paras, outline);
    head.fields.extend(page.fields.iter().cloned());
    let title = find_title(source, layout, outline);
    if let Some((first, last, span)) = title {
        head.document.title = Some(Piece::new(source, span));
        head.body.start = last + 1;
        head.noise.extend(paras.iter().take(first).filter_map(|p| page_debris(source, p)));
    } else if let Some(span) = page.title {
        head.document.title = Some(Piece::new(source, span));
    }
    let start = head.body.start;
    let near = start..outline.min(start + 8).max(start);
    head.document.recipient = recipient(source, paras, &near, outline);
    head.document.doc_number = page
        .doc_number
        .or_else(|| doc_number(source, paras, outline))
        .map(|s| Piece::new(source, s));
    head.document.publisher = page.publisher.map(|s| Piece::new(source, s));
    let signed = signature::read(source, layout, outline, start);
    head.body.end = signed.body_end.max(head.body.start);
    head.fields.extend(signed.fields.iter().cloned());
    head.noise.extend(signed.noise.iter().copied());
    head.document.date = pick_date(source, paras, &signed, page.date, &near);
    head.document.issuer = issuer(source, &head.document, &signed, page.issuer);
    head.document.kind = kind(source, &head.document, layout);
    head
}

fn is_top_heading(source: &Source, para: &Para) -> bool {
    match para.row {
        Some(_) => true,
        None => para.marker.is_some_and(|m| {
            !m.irregular && m.style <= Style::Digit && !source.starts_with(para.span.start, "附件")
        }),
    }
}

/// First and last paragraph of the title, and its span.
fn find_title(source: &Source, layout: &Layout, outline: usize) -> Option<(usize, usize, Span)> {
    let limit = (outline + 1).min(layout.paras.len());
    let mut fallback = None;
    for (i, para) in layout.paras.iter().enumerate().take(limit.max(1)) {
        let Some(span) = title_line(source, layout, para, i == outline) else { continue };
        if let Some(end) = title_end(source, layout, i, span) {
            let start = title_start(source, layout, i);
            let first = start.map_or(i, |(first, _)| first);
            let from = start.map_or(span.start, |(_, at)| at);
            return Some((first, end.0, Span::new(from, end.1)));
        }
        if fallback.is_none() && is_plain_head(source, span) {
            fallback = Some((i, i, span));
        }
    }
    fallback
}

/// A line that could be the title or a part of it.
fn title_line(source: &Source, layout: &Layout, para: &Para, at_outline: bool) -> Option<Span> {
    if let Some((table, row)) = para.row {
        let table = layout.tables.get(table)?;
        if row >= table.body.saturating_sub(1) {
            return None;
        }
        let cells = &table.rows.get(row)?.cells;
        let cell = crate::outline::row_heading(source, cells)?;
        return (cell.len() <= TITLE_LENGTH_MAX).then_some(cell);
    }
    if at_outline && para.marker.is_some() {
        return None;
    }
    let line = if layout.run_on { head_of_line(source, para.span) } else { para.span };
    let span = super::outline::strip_title(source, line);
    let ends = source.before(line.end)?;
    let fits = (4..=TITLE_LENGTH_MAX).contains(&span.len());
    let closed = matches!(ends, '。' | '；' | ';' | '，' | ',') || is_colon(ends);
    let text = source.slice(span);
    let crumbs = text.contains(&'>') || text.contains(&'»');
    let labelled = source.position(span, is_colon).is_some();
    (fits && !closed && !crumbs && !labelled).then_some(span)
}

/// In a text without line ends the title is closed by a blank: the shortest head that ends one.
fn head_of_line(source: &Source, span: Span) -> Span {
    let near = Span::new(span.start, span.end.min(span.start + TITLE_LENGTH_MAX));
    near.range()
        .filter(|at| source.at(*at).is_some_and(is_blank))
        .map(|at| Span::new(span.start, at))
        .find(|head| head.len() >= 8 && ends_title(source, *head))
        .unwrap_or(span)
}

/// Whether the words of a line end a title, a bracket such as (试行) behind them allowed.
fn ends_title(source: &Source, span: Span) -> bool {
    let mut text: String =
        source.slice(span).iter().map(|c| fold(*c)).filter(|c| !is_blank(*c)).collect();
    while text.ends_with(')') {
        match text.rfind('(') {
            Some(at) => text.truncate(at),
            None => break,
        }
    }
    NOUNS.iter().any(|noun| text.ends_with(noun))
}

/// The last paragraph of the title that begins in paragraph `i`.
fn title_end(source: &Source, layout: &Layout, i: usize, span: Span) -> Option<(usize, usize)> {
    if ends_title(source, span) {
        return Some((i, span.end));
    }
    source.find(span, "关于")?;
    for j in (i + 1)..(i + 3) {
        let para = layout.paras.get(j)?;
        let next = title_line(source, layout, para, false)?;
        if para.row.is_some() || para.marker.is_some() {
            return None;
        }
        if ends_title(source, next) {
            return Some((j, next.end));
        }
    }
    None
}

/// An earlier line that the title began in: `中共某县委` above `关于…的通报`.
fn title_start(source: &Source, layout: &Layout, i: usize) -> Option<(usize, usize)> {
    let para = layout.paras.get(i)?;
    let first = source.at(para.span.start)?;
    let headless = source.starts_with(para.span.start, "关于")
        || source.starts_with(para.span.start, "整改")
        || first == '的';
    let above = layout.paras.get(i.checked_sub(1)?)?;
    let span = title_line(source, layout, above, false)?;
    let plain = above.row.is_none()
        && !source.slice(span).ends_with(&['文', '件'])
        && source.slice(span).iter().all(|c| is_ideograph(*c) || is_blank(*c));
    let organ = signature::is_organ(source, span) || source.find(span, "关于").is_some();
    (headless && plain && organ && !para.gap).then_some((i - 1, span.start))
}

/// A short first line without any mark is the title if nothing better is there.
fn is_plain_head(source: &Source, span: Span) -> bool {
    span.len() <= 50
        && span.len() >= 6
        && !source.slice(span).iter().any(|c| is_semicolon(*c) || is_comma(*c))
        && date::whole(source, span).is_none()
        && source.slice(span).iter().filter(|c| is_ideograph(**c)).count() * 2 > span.len()
}

/// The addressee: a short line that ends with a colon.
fn recipient(
    source: &Source,
    paras: &[Para],
    near: &Range<usize>,
    outline: usize,
) -> Option<Piece> {
    let later = paras.iter().enumerate().skip(near.start).take(near.len());
    let early = paras.iter().enumerate().take(near.start.min(3));
    let (_, para) = later.chain(early).find(|(i, para)| {
        let span = para.span;
        let ends = source.before(span.end).is_some_and(is_colon);
        let inner = Span::new(span.start, span.end.saturating_sub(1));
        let plain = source.position(inner, |c| c == '。' || is_colon(c)).is_none();
        let below = source.find(span, "如下").is_some() || source.find(span, "情况").is_some();
        *i < outline
            && para.row.is_none()
            && ends
            && plain
            && !below
            && span.len() <= 90
            && span.len() >= 3
            && para.labels.is_empty()
    })?;
    let span = trim(source, Span::new(para.span.start, para.span.end - 1));
    Some(Piece::new(source, span))
}

/// `柳教发〔2020〕63号` on a line of its own.
fn doc_number(source: &Source, paras: &[Para], outline: usize) -> Option<Span> {
    paras.iter().take(outline.min(15)).filter(|p| p.row.is_none()).find_map(|para| {
        let span = number_at(source, para.span.start, para.span.end)?;
        let rest = Span::new(span.end, para.span.end);
        let closed = trim(source, rest).is_empty() || source.find(rest, "签发").is_some();
        closed.then_some(span)
    })
}

/// A document number that begins at `start`: letters, a year in brackets, a number, 号.
pub(crate) fn number_at(source: &Source, start: usize, end: usize) -> Option<Span> {
    let limit = end.min(start + 40);
    let open =
        source.position(Span::new(start, limit), |c| matches!(fold(c), '〔' | '[' | '【' | '('))?;
    let word = source.slice(Span::new(start, open));
    let plain = |c: &char| is_ideograph(*c) || is_blank(*c) || *c == '*' || c.is_ascii_alphabetic();
    if word.is_empty() || word.len() > 20 || !word.iter().all(plain) {
        return None;
    }
    let mut at = open + 1;
    let year = source.slice(Span::new(at, at + 4)).iter().filter(|c| digit(**c).is_some()).count();
    at += 4;
    let close = source.at(at).map(fold)?;
    if year != 4 || !matches!(close, '〕' | ']' | '】' | ')') {
        return None;
    }
    at = skip_blank(source, at + 1, limit);
    if source.at(at) == Some('第') {
        at += 1;
    }
    let digits =
        source.slice(Span::new(at, at + 6)).iter().take_while(|c| digit(**c).is_some()).count();
    at = skip_blank(source, at + digits, limit);
    (digits > 0 && source.at(at) == Some('号')).then(|| Span::new(start, at + 1))
}

fn pick_date(
    source: &Source,
    paras: &[Para],
    signed: &signature::Foot,
    page: Option<Span>,
    near: &Range<usize>,
) -> Option<DocumentDate> {
    let make = |span: Span, role: DateRole| {
        let core = source.trim(span);
        let found = date::whole(source, core)
            .or_else(|| date::find(source, core).first().map(|e| e.from))?;
        let span = date::find(source, core).first().map_or(core, |e| e.span);
        let text = source.text(span);
        Some(DocumentDate { value: found.iso(), role, text, span })
    };
    signed
        .date
        .and_then(|span| make(span, DateRole::Signed))
        .or_else(|| page.and_then(|span| make(span, DateRole::Published)))
        .or_else(|| {
            let line = paras
                .iter()
                .skip(near.start)
                .take(3)
                .find(|p| p.row.is_none() && date::whole(source, p.span).is_some())?;
            make(line.span, DateRole::Header)
        })
}

fn issuer(
    source: &Source,
    document: &DocumentInfo,
    signed: &signature::Foot,
    page: Option<Span>,
) -> Vec<Issuer> {
    let make = |span: Span| {
        let text = source.text(span);
        let redacted = text.contains('*') || text.contains('×');
        Issuer { text, span, redacted }
    };
    if !signed.issuers.is_empty() {
        return signed.issuers.iter().map(|s| make(*s)).collect();
    }
    if let Some(title) = &document.title
        && let Some(about) = source.find(title.span, "关于")
        && about > title.span.start
    {
        let span = source.trim(Span::new(title.span.start, about));
        if signature::is_organ(source, span) || span.len() <= 20 {
            return vec![make(span)];
        }
    }
    page.map(make).into_iter().collect()
}

/// Kind of document (rule H3).
fn kind(source: &Source, document: &DocumentInfo, layout: &Layout) -> DocumentKind {
    let Some(title) = &document.title else {
        let ledger = layout.tables.iter().any(crate::text::table::Table::is_ledger);
        return if ledger { DocumentKind::RectificationLedger } else { DocumentKind::default() };
    };
    let has = |word: &str| source.find(title.span, word).is_some();
    if has("审计") && has("整改") {
        DocumentKind::AuditRectificationReport
    } else if (has("巡察") || has("巡视")) && (has("通报") || has("整改进展")) {
        DocumentKind::InspectionRectificationNotice
    } else if ["台账", "台帐", "清单", "一览表"].iter().any(|w| has(w)) {
        DocumentKind::RectificationLedger
    } else if has("整改") && has("方案") {
        DocumentKind::RectificationPlan
    } else if has("方案") {
        DocumentKind::ImplementationPlan
    } else {
        DocumentKind::RectificationReport
    }
}

fn page_debris(source: &Source, para: &Para) -> Option<Span> {
    let crumbs =
        source.slice(para.span).contains(&'>') || source.find(para.span, "当前位置").is_some();
    (crumbs || para.span.len() <= 12).then_some(para.span)
}
