//! Field names, amounts and excerpts for people.

use crate::model::Figure;
use crate::source::{Source, Span};

/// Longest excerpt of a line; where the line ends are lost a line is the whole document, and a
/// place far inside it is shown without excerpt.
const EXCERPT_MAX: usize = 600;
/// How much of the line is kept behind the place.
const BEHIND_MAX: usize = 40;
/// Longest stretch that is underlined.
pub const UNDERLINE_MAX: usize = 60;

/// Chinese and English name of a field.
pub fn field(key: &str) -> (String, String) {
    let names = [
        ("lead_units", "牵头单位", "lead unit"),
        ("responsible_units", "责任单位", "responsible unit"),
        ("responsible_leaders", "责任领导", "responsible leader"),
        ("responsible_persons", "责任人", "responsible person"),
        ("deadline", "整改时限", "deadline"),
        ("status", "完成情况", "status"),
        ("situation", "是否存在的说明", "statement whether the problem exists"),
        ("measures", "整改措施", "measure"),
        ("targets", "目标任务", "target"),
        ("doc_number", "文号", "document number"),
        ("publisher", "发布机构", "publisher"),
        ("issuer", "落款单位", "issuing unit"),
        ("date", "日期", "date"),
        ("title", "标题", "title"),
    ];
    names.iter().find(|(name, ..)| *name == key).map_or_else(
        || (format!("`{key}`"), format!("`{key}`")),
        |(_, zh, en)| ((*zh).to_owned(), (*en).to_owned()),
    )
}

/// An amount in the unit and scale of the figure that it is compared with (`326.54万元`).
pub fn amount(figure: Option<&Figure>, value: f64) -> String {
    let Some(figure) = figure else { return plain(value) };
    let scale = [('亿', 1e8), ('万', 1e4)]
        .into_iter()
        .find(|(word, _)| figure.raw.contains(*word))
        .filter(|_| figure.unit != "%");
    match scale {
        Some((word, factor)) => format!("{}{word}{}", plain(value / factor), figure.unit),
        None => format!("{}{}", plain(value), figure.unit),
    }
}

/// A number with at most four decimals and no trailing zeros.
fn plain(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The line up to a little behind `span`, and the column of `span` in it, from 1. Tabs become
/// spaces.
pub fn excerpt(source: &Source, line: Span, span: Span) -> (String, usize) {
    let column = span.start.saturating_sub(line.start);
    let end = line.end.min(span.end.min(span.start + UNDERLINE_MAX) + BEHIND_MAX);
    let shown = Span::new(line.start, end);
    let text = if shown.len() <= EXCERPT_MAX { source.text(shown) } else { String::new() };
    (text.replace('\t', " "), column + 1)
}
