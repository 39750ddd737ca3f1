//! Tasks of an implementation plan (schema T1, T2).

use super::block::{self, Item};
use super::fields::Fields;
use super::{Context, Row, piece};
use crate::date;
use crate::model::{Piece, Task};
use crate::source::{Source, Span};
use crate::text::glyph::{digit, is_clause_end, is_comma, is_semicolon, is_stop};
use crate::text::markup::trim;
use crate::text::sentence;

/// Measure words behind a numeral that make a clause a target.
const UNITS: &str = "户人名个家件条项次期场亩元%％公吨村所座处套辆台万亿千余多兆批支";

/// Words of an aim.
const AIMS: [&str; 20] = [
    "达到",
    "不低于",
    "不少于",
    "以上",
    "以内",
    "控制在",
    "稳定在",
    "不超过",
    "确保",
    "力争",
    "完成",
    "实现",
    "建成",
    "争取",
    "新建",
    "新增",
    "开发",
    "培育",
    "发放",
    "投入",
];

/// Reads one task.
pub(super) fn read(context: &Context<'_>, item: &Item) -> Option<Row<Task>> {
    let source = context.source;
    let zones = block::zones(context, item)?;
    let node = item.node.and_then(|n| context.outline.nodes.get(n))?;
    let section = item.node.and_then(|n| context.sections.get(n))?;
    let chunks: Vec<Span> = zones.statement.iter().chain(&zones.response).map(|c| c.span).collect();
    let body = match (chunks.first(), chunks.last()) {
        (Some(first), Some(last)) => trim(source, Span::new(first.start, last.end)),
        _ => {
            let stop = source.at(node.title.end).is_some_and(is_stop);
            Span::new(node.title.start, node.title.end + usize::from(stop))
        }
    };
    let fields = Fields::of(source, &zones.marks);
    Some(Row {
        item: Task {
            id: String::new(),
            section: Some(section.id.clone()),
            path: section.path.clone(),
            number: node.number.map(|n| piece(source, n)),
            span: Span::new(zones.start, zones.end),
            line: source.line_of(zones.start),
            title: piece(source, node.title),
            text: piece(source, body),
            lead_units: fields.lead,
            responsible_units: fields.units,
            responsible_leaders: fields.leaders,
            responsible_persons: fields.persons,
            deadline: fields.deadline,
            targets: targets(source, body),
        },
        fields: zones.marks,
    })
}

/// Clauses with a quantity or a date to be reached.
pub(super) fn targets(source: &Source, body: Span) -> Vec<Piece> {
    sentence::pieces(source, body, |c| is_stop(c) || is_semicolon(c) || is_comma(c))
        .into_iter()
        .filter_map(|clause| {
            let mut clause = clause;
            while source.before(clause.end).is_some_and(is_clause_end) && !clause.is_empty() {
                clause = Span::new(clause.start, clause.end - 1);
            }
            let text = source.text(clause);
            let aims = AIMS.iter().any(|w| text.contains(w));
            let dated = !date::find(source, clause).is_empty() || text.contains("年底前");
            let aimed =
                (has_quantity(source, clause) && aims) || (dated && (aims || text.contains('前')));
            aimed.then(|| piece(source, clause))
        })
        .collect()
}

fn has_quantity(source: &Source, span: Span) -> bool {
    let mut number = false;
    for c in source.slice(span) {
        if digit(*c).is_some() || *c == '.' {
            number = true;
        } else {
            if number && UNITS.contains(*c) {
                return true;
            }
            number = false;
        }
    }
    false
}
