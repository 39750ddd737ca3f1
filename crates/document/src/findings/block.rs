//! One finding: its block cut into statement, response and fields.

use std::ops::Range;

use super::fields::{self, Fields};
use super::select::label_heading;
use super::{Context, Mark, Row, piece, response, statement, status};
use crate::header::is_closing_line;
use crate::model::{Finding, Piece};
use crate::source::{Source, Span};
use crate::text::glyph::{compact, fold, is_blank, is_colon};
use crate::text::label::Label;
use crate::text::lexicon::{Field, without_number};
use crate::text::markup::trim;
use crate::text::paragraph::Para;
use crate::text::paragraph::is_page_number;

/// An item chosen as a finding or task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    /// Its outline node.
    pub(super) node: Option<usize>,
    /// Without a node, the node it stands under.
    pub(super) under: Option<usize>,
    /// Its paragraphs.
    pub(super) paras: Range<usize>,
}

/// A stretch of statement or response, with the inner heading it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) span: Span,
    pub(super) under: Option<usize>,
}

/// What the reading of a block is in the middle of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Statement,
    /// Fields stand before the response.
    Fields,
    Response,
    /// A label that is read over.
    Other,
    /// Behind the fields that follow the response.
    After,
}

/// A block cut into its parts.
#[derive(Clone, Debug)]
pub(super) struct Zones {
    pub(super) statement: Vec<Chunk>,
    pub(super) response: Vec<Chunk>,
    pub(super) marks: Vec<Mark>,
    /// Whether a label opens the response.
    pub(super) labelled: bool,
    /// Index of the first statement chunk behind the first paragraph.
    pub(super) tail: Option<usize>,
    /// Title given by a label of its own.
    pub(super) named: bool,
    pub(super) number: Option<Span>,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Cuts the block of an item.
pub(super) fn zones(context: &Context<'_>, item: &Item) -> Option<Zones> {
    let first = context.layout.paras.get(item.paras.start)?;
    let start = item
        .node
        .and_then(|n| context.outline.nodes.get(n))
        .map_or(first.span.start, |node| node.start);
    let zones = Zones {
        statement: Vec::new(),
        response: Vec::new(),
        marks: Vec::new(),
        labelled: false,
        tail: None,
        named: false,
        number: None,
        start,
        end: first.span.end,
    };
    let mut cutter = Cutter {
        context,
        item,
        zones,
        mode: Mode::Statement,
        under: None,
        response_name: None,
        outcome: None,
        pending: None,
    };
    for i in item.paras.clone() {
        if !cutter.paragraph(i) {
            break;
        }
    }
    Some(cutter.zones)
}

struct Cutter<'a> {
    context: &'a Context<'a>,
    item: &'a Item,
    zones: Zones,
    mode: Mode,
    under: Option<usize>,
    /// Name of the label that opened the response.
    response_name: Option<String>,
    /// The label of the outcome that is being read over.
    outcome: Option<Label>,
    /// A label without value at the end of a line: the next line may hold it.
    pending: Option<usize>,
}

impl Cutter<'_> {
    fn source(&self) -> &Source {
        self.context.source
    }

    /// Takes one paragraph; false where the block ends.
    fn paragraph(&mut self, i: usize) -> bool {
        let layout = self.context.layout;
        let Some(para) = layout.paras.get(i) else { return false };
        let first = i == self.item.paras.start;
        if para.row.is_some() {
            return false;
        }
        let bare = para.marker.is_none() && para.labels.is_empty();
        if !first && bare && (is_closing_line(self.source(), para.span) || self.is_outlook(i)) {
            return false;
        }
        let mut start = para.span.start;
        if first {
            start = self
                .item
                .node
                .and_then(|n| self.context.outline.nodes.get(n))
                .map_or(para.span.start, |node| node.rest);
        } else if let Some(node) = self.inner_node(i) {
            if let Some(label) = self.heading_label(node) {
                self.under = None;
                if label.field.is_short() && self.begins_with_label(i + 1) {
                    // 责任单位及责任人 over the lines that hold them.
                    self.zones.end = self.zones.end.max(para.span.end);
                    return true;
                }
                self.label(para, &label, para.span.end);
                self.zones.end = self.zones.end.max(para.span.end);
                return true;
            }
            // The text of a task holds its sub-headings.
            start = if self.context.plan { para.span.start } else { self.enter(node) };
            self.zones.end = para.span.end;
        }
        if bare && self.take_pending(para) {
            return true;
        }
        self.pending = None;
        let lead_end = para.labels.first().map_or(para.span.end, |l| l.outer);
        let lead = trim(self.source(), Span::new(start.min(lead_end), lead_end));
        let lead = if para.labels.is_empty() { lead } else { without_bracket(self.source(), lead) };
        if !lead.is_empty() {
            self.text(lead, first);
        }
        for (k, label) in para.labels.iter().enumerate() {
            let end = para.labels.get(k + 1).map_or(para.span.end, |next| next.outer);
            self.label(para, label, end);
        }
        if self.mode != Mode::After || !para.labels.is_empty() {
            self.zones.end = self.zones.end.max(para.span.end);
        }
        true
    }

    /// The last paragraph of the body that looks ahead: `下一步，我镇将…`.
    fn is_outlook(&self, i: usize) -> bool {
        let Some(para) = self.context.layout.paras.get(i) else { return false };
        let words = ["下一步", "下步", "今后", "接下来"];
        i + 1 == self.context.end
            && words.iter().any(|w| self.source().starts_with(para.span.start, w))
    }

    fn inner_node(&self, i: usize) -> Option<usize> {
        let nodes = &self.context.outline.nodes;
        let at = nodes.partition_point(|n| n.para < i);
        nodes.get(at).filter(|n| n.para == i).map(|_| at)
    }

    /// Whether a paragraph of the block begins with a label of its own.
    fn begins_with_label(&self, i: usize) -> bool {
        let para = self.context.layout.paras.get(i).filter(|_| self.item.paras.contains(&i));
        para.and_then(|p| p.labels.first().filter(|l| l.outer <= p.content)).is_some()
    }

    /// A heading that is nothing but a label, as a label.
    fn heading_label(&self, node: usize) -> Option<Label> {
        let node = self.context.outline.nodes.get(node)?;
        let field = label_heading(self.context, node)?;
        let end = self.context.layout.paras.get(node.para)?.span.end;
        Some(Label { field, span: node.title, value: end, outer: node.start })
    }

    /// Enters an inner heading: an aspect with its own response, or a heading of measures.
    fn enter(&mut self, node: usize) -> usize {
        self.under = Some(node);
        let Some(found) = self.context.outline.nodes.get(node) else { return 0 };
        let evidence = self.context.outline.evidence.get(found.para).copied().unwrap_or_default();
        self.mode = if evidence.response { Mode::Statement } else { Mode::Response };
        found.rest
    }

    /// The value of a label on the line before.
    fn take_pending(&mut self, para: &Para) -> bool {
        let Some(at) = self.pending.take() else { return false };
        let short = para.span.len() <= 60 && !para.gap;
        let value = fields::strip_marks(self.source(), para.span);
        match self.zones.marks.get_mut(at) {
            Some(mark) if short && mark.value.is_empty() => {
                mark.value = value;
                self.zones.end = para.span.end;
                true
            }
            _ => false,
        }
    }

    /// Text without a label.
    fn text(&mut self, span: Span, first: bool) {
        let chunk = Chunk { span, under: self.under };
        match self.mode {
            Mode::Statement => {
                if !first && self.zones.tail.is_none() && self.under.is_none() {
                    self.zones.tail = Some(self.zones.statement.len());
                }
                self.zones.statement.push(chunk);
            }
            Mode::Fields => {
                self.mode = Mode::Response;
                self.zones.response.push(chunk);
            }
            Mode::Response => self.zones.response.push(chunk),
            Mode::Other => self.outcome_note(span),
            Mode::After => {}
        }
    }

    fn label(&mut self, para: &Para, label: &Label, end: usize) {
        self.outcome = None;
        let value = fields::value(self.context.source, label.value, end, label.field);
        match label.field {
            Field::Response => self.open_response(label, value, end),
            Field::Progress => {
                if self.zones.labelled || !self.zones.response.is_empty() {
                    self.outcome(label, value);
                } else {
                    self.open_response(label, value, end);
                }
            }
            Field::Problem | Field::Task => {
                self.mode = Mode::Statement;
                self.zones.named |= self.zones.statement.is_empty();
                self.number_of(para, label);
                let raw = trim(self.context.source, Span::new(label.value, end));
                if !raw.is_empty() {
                    self.zones.statement.push(Chunk { span: raw, under: self.under });
                }
            }
            Field::Status => self.status(label, value, end),
            Field::Serial => self.zones.number = Some(value).filter(|v| !v.is_empty()),
            Field::Other if self.is_demand(label) => self.open_response(label, value, end),
            Field::Other => self.mode = Mode::Other,
            Field::Target | Field::Category => {
                self.mark(label, value);
                if value.is_empty() {
                    self.mode = Mode::Other;
                }
            }
            Field::Situation => {
                self.mark(label, value);
                self.mode = Mode::Statement;
            }
            _ => {
                self.mark(label, value);
                if value.is_empty() && label.value >= para.span.end {
                    self.pending = self.zones.marks.len().checked_sub(1);
                }
                let answered = !self.zones.response.is_empty();
                self.mode = if answered { Mode::After } else { Mode::Fields };
            }
        }
    }

    /// 整改要求：… says what is to be done where nothing else does.
    fn is_demand(&self, label: &Label) -> bool {
        let name = compact(self.source().slice(label.span).iter().copied());
        self.zones.response.is_empty() && !self.zones.labelled && name.starts_with("整改要求")
    }

    fn mark(&mut self, label: &Label, value: Span) {
        let place =
            if value.is_empty() { Span::new(label.span.end, label.span.end) } else { value };
        self.zones.marks.push(Mark { field: label.field, label: label.span, value: place });
    }

    fn open_response(&mut self, label: &Label, value: Span, end: usize) {
        let name: String = self
            .source()
            .slice(label.span)
            .iter()
            .map(|c| fold(*c))
            .filter(|c| !is_blank(*c) && !is_colon(*c))
            .collect();
        let base = without_number(&name).map(str::to_owned);
        let numbered = base.is_some();
        let name = base.unwrap_or(name);
        let proposed =
            |name: &String| ["建议", "意见", "要求"].iter().any(|word| name.ends_with(word));
        if self.response_name.as_ref().is_some_and(|first| proposed(first) && !proposed(&name)) {
            // What was proposed gives way to what was done.
            self.response_name = None;
            self.zones.response.clear();
        }
        let again = self.response_name.as_ref().is_some_and(|first| *first != name);
        if again && !self.zones.response.is_empty() && self.under.is_none() {
            // Measures first, what came of them second: only the first are measures.
            self.outcome(label, value);
            return;
        }
        self.response_name.get_or_insert(name);
        self.zones.labelled = true;
        self.mode = Mode::Response;
        // 整改措施1：… is an item of a list with its marker.
        let from = if numbered { label.span.start } else { label.value };
        let raw = trim(self.source(), Span::new(from, end));
        if !raw.is_empty() {
            self.zones.response.push(Chunk { span: raw, under: self.under });
        }
    }

    /// What came of the measures: a status if it is nothing but one, else read over.
    fn outcome(&mut self, label: &Label, value: Span) {
        let plain = value.len() <= 8 && status::is_status(self.context.source, value);
        if plain && !self.zones.marks.iter().any(|m| m.field == Field::Status) {
            let field = Label { field: Field::Status, ..*label };
            self.mark(&field, value);
            self.mode = Mode::After;
        } else {
            self.mode = Mode::Other;
            self.outcome = Some(*label);
            self.outcome_note(value);
        }
    }

    /// A report on what came of the measures may close with the status: `…。（已完成）`
    fn outcome_note(&mut self, text: Span) {
        let Some(label) = self.outcome else { return };
        if let Some((status, _)) = status::closing_note(self.source(), text)
            && !self.zones.marks.iter().any(|m| m.field == Field::Status)
        {
            self.mark(&Label { field: Field::Status, ..label }, status.span);
        }
    }

    /// A status field; a long value is a report on measures if no response stands before it.
    fn status(&mut self, label: &Label, value: Span, end: usize) {
        let plain = value.is_empty() || status::is_status(self.context.source, value);
        if !plain && self.zones.response.is_empty() && status_is_report(self.source(), value) {
            self.open_response(label, value, end);
            return;
        }
        self.mark(label, value);
        self.mode = if self.zones.response.is_empty() { Mode::Fields } else { Mode::After };
    }

    /// `1.存在问题：…`: the number before the label numbers the finding.
    fn number_of(&mut self, para: &Para, label: &Label) {
        if label.outer == para.span.start && label.outer < label.span.start {
            self.zones.number =
                Some(trim(self.context.source, Span::new(label.outer, label.span.start)));
        }
    }
}

fn status_is_report(source: &Source, value: Span) -> bool {
    value.len() > 14 && (status::of_value(source, value).is_none() || value.len() > 30)
}

/// Text in front of a label without the bracket that opens before the label.
fn without_bracket(source: &Source, span: Span) -> Span {
    let mut span = span;
    while source
        .before(span.end)
        .is_some_and(|c| matches!(c, '(' | '（' | '【' | '[' | '〔') || is_blank(c))
        && !span.is_empty()
    {
        span = Span::new(span.start, span.end - 1);
    }
    trim(source, span)
}

/// Joins neighbouring chunks between which only white space, markup or a page number stands.
pub(super) fn merge(source: &Source, chunks: &[Chunk]) -> Vec<Chunk> {
    let mut out: Vec<Chunk> = Vec::new();
    for chunk in chunks {
        match out.last_mut() {
            Some(last)
                if last.under == chunk.under
                    && is_idle(source, Span::new(last.span.end, chunk.span.start)) =>
            {
                last.span = Span::new(last.span.start, chunk.span.end);
            }
            _ => out.push(*chunk),
        }
    }
    out
}

/// Whether nothing of the document stands in `gap`.
fn is_idle(source: &Source, gap: Span) -> bool {
    let rest = trim(source, gap);
    rest.is_empty() || is_page_number(source, rest)
}

/// Reads one finding.
pub(super) fn read(context: &Context<'_>, item: &Item) -> Option<Row<Finding>> {
    let source = context.source;
    let mut zones = zones(context, item)?;
    if !zones.labelled {
        statement::divide(context, item, &mut zones);
    }
    let node = item.node.and_then(|n| context.outline.nodes.get(n));
    let mut closing = note(source, &mut zones);
    let stated = statement::read(context, node, &zones)?;
    let fields = Fields::of(source, &zones.marks);
    let mark = zones.marks.iter().find(|m| m.field == Field::Status && !m.value.is_empty());
    if let Some(found) = mark.and_then(|m| status::of_value(source, m.value)) {
        closing = Some(found);
    }
    let mut measures = response::read(context, &zones.response);
    let mut situation = stated.situation;
    if situation.is_none()
        && let [only] = measures.as_slice()
        && only.ordinal.is_none()
        && let Some(found) = crate::situation::of_sentence(source, only.span)
    {
        situation = Some(found);
        measures.clear();
    }
    let section = item.node.and_then(|n| context.sections.get(n));
    let place = section.or_else(|| item.under.and_then(|n| context.sections.get(n)));
    let (category, subcategory) = headings(context, item);
    let number = node.and_then(|n| n.number).or(zones.number);
    let finding = Finding {
        id: String::new(),
        section: section.map(|s| s.id.clone()),
        path: place.map(|s| s.path.clone()).unwrap_or_default(),
        number: number.map(|n| piece(source, n)),
        category,
        subcategory,
        span: Span::new(zones.start, zones.end),
        line: source.line_of(zones.start),
        title: piece(source, stated.title),
        problems: stated.problems,
        situation,
        measures,
        lead_units: fields.lead,
        responsible_units: fields.units,
        responsible_leaders: fields.leaders,
        responsible_persons: fields.persons,
        deadline: fields.deadline,
        status: closing,
    };
    Some(Row { item: finding, fields: zones.marks })
}

/// A closing note behind the response, taken out of it.
fn note(source: &Source, zones: &mut Zones) -> Option<crate::model::Status> {
    let chunk = zones.response.last_mut()?;
    let (found, cut) = status::closing_note(source, chunk.span)
        .or_else(|| status::bare_note(source, chunk.span))?;
    chunk.span = trim(source, Span::new(chunk.span.start, cut));
    if chunk.span.is_empty() {
        zones.response.pop();
    }
    Some(found)
}

/// Titles of the top-level heading and of the nearest one above.
pub(super) fn headings(context: &Context<'_>, item: &Item) -> (Option<Piece>, Option<Piece>) {
    let nodes = &context.outline.nodes;
    let nearest = match item.node {
        Some(n) => nodes.get(n).and_then(|n| n.parent),
        None => item.under,
    };
    let mut top = nearest;
    while let Some(parent) = top.and_then(|n| nodes.get(n)).and_then(|n| n.parent) {
        top = Some(parent);
    }
    let title =
        |n: Option<usize>| n.and_then(|n| nodes.get(n)).map(|n| piece(context.source, n.title));
    let category = title(top);
    let subcategory = if nearest == top { None } else { title(nearest) };
    (category, subcategory)
}
