//! The outline: which numbered paragraphs are headings, their levels and titles (schema O1–O6).

mod group;
mod lost;
mod title;

use std::collections::HashSet;

use crate::model::{Piece, Section};
use crate::source::{Source, Span};
use crate::text::enumeration::{self, Mark};
use crate::text::glyph::{compact, fold, han_number};
use crate::text::lexicon::{Field, field_of};
use crate::text::marker::{Marker, Style};
use crate::text::paragraph::Layout;
use crate::text::written::id;

pub(crate) use title::{strip as strip_title, title_of};

/// What a paragraph, with the unmarked ones below it, says about itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// A response label.
    pub(crate) response: bool,
    /// A label of units, people, deadline or status.
    pub(crate) fields: bool,
    /// The problem exists or not.
    pub(crate) situation: bool,
    /// A paragraph without marker or label stands below.
    pub(crate) body: bool,
}

impl Evidence {
    /// Whether any field of a finding is there.
    pub(crate) fn any(self) -> bool {
        self.response || self.fields || self.situation
    }
}

/// A heading.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Paragraph at which it begins.
    pub(crate) para: usize,
    /// Number as written; `None` where it was lost.
    pub(crate) number: Option<Span>,
    /// Style that it has, or that of the number it replaces.
    pub(crate) style: Style,
    /// Value of the number.
    pub(crate) ordinal: Option<u32>,
    /// Index of the parent.
    pub(crate) parent: Option<usize>,
    /// Depth, from 1.
    pub(crate) level: usize,
    /// Title.
    pub(crate) title: Span,
    /// First offset behind the title and its stop.
    pub(crate) rest: usize,
    /// Offset of the number or title.
    pub(crate) start: usize,
}

/// How many paragraphs behind 问题表现 the heading of the answer is looked for.
const LABEL_REACH: usize = 24;

/// Headings in text order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outline {
    /// The headings.
    pub(crate) nodes: Vec<Node>,
    /// For each paragraph, what it and the unmarked ones below it hold.
    pub(crate) evidence: Vec<Evidence>,
}

/// Reads the outline of the paragraphs from `first` up to `end`.
pub(crate) fn read(
    source: &Source,
    layout: &Layout,
    range: std::ops::Range<usize>,
    plan: bool,
) -> Outline {
    let mut builder = Builder::new(source, layout, range.clone(), plan);
    for i in range.clone() {
        builder.paragraph(i);
    }
    let mut outline = Outline { nodes: builder.nodes, evidence: builder.evidence };
    lost::restore(source, layout, &mut outline, range);
    outline
}

/// Evidence per paragraph: its own, and that of the unmarked paragraphs below it.
fn evidence(source: &Source, layout: &Layout, range: std::ops::Range<usize>) -> Vec<Evidence> {
    let mut out = vec![Evidence::default(); layout.paras.len()];
    let known = known_numbers(layout);
    let mut below: Option<Evidence> = None;
    let mut plain_below = false;
    for (i, para) in layout.paras.iter().enumerate().rev() {
        if !range.contains(&i) {
            continue;
        }
        if para.row.is_some() {
            (below, plain_below) = (None, false);
            continue;
        }
        let mut own = Evidence { body: plain_below, ..below.unwrap_or_default() };
        for label in &para.labels {
            match label.field {
                Field::Response | Field::Progress => own.response = true,
                Field::Situation => own.situation = true,
                field if field.key().is_some() => own.fields = true,
                _ => {}
            }
        }
        let statement = para.labels.first().map_or(para.span.end, |l| l.outer);
        let statement = Span::new(para.content, statement.max(para.content));
        own.situation |= crate::situation::find(source, statement).is_some();
        if let Some(slot) = out.get_mut(i) {
            *slot = own;
        }
        if para.marker.is_some_and(|m| !m.irregular || follows(&known, &m)) {
            (below, plain_below) = (None, false);
        } else {
            below = Some(own);
            plain_below = para.labels.first().is_none_or(|l| l.outer != para.content);
        }
    }
    out
}

/// Numbers of the text by style: the regular ones, and the odd ones that go on with them.
fn known_numbers(layout: &Layout) -> HashSet<(Style, u32)> {
    let markers = || layout.paras.iter().filter_map(|p| p.marker);
    let number = |m: &Marker| m.ordinal.map(|n| (m.style, n));
    let mut known: HashSet<(Style, u32)> =
        markers().filter(|m| !m.irregular).filter_map(|m| number(&m)).collect();
    for m in markers().filter(|m| m.irregular) {
        if follows(&known, &m) {
            known.extend(number(&m));
        }
    }
    known
}

/// Whether a marker with odd punctuation goes on with the numbers of the text.
fn follows(known: &HashSet<(Style, u32)>, m: &Marker) -> bool {
    let before = m.ordinal.and_then(|n| n.checked_sub(1));
    before.is_some_and(|n| known.contains(&(m.style, n)))
}

struct Builder<'a> {
    source: &'a Source,
    layout: &'a Layout,
    end: usize,
    plan: bool,
    dotted: bool,
    evidence: Vec<Evidence>,
    nodes: Vec<Node>,
    stack: Vec<usize>,
    /// A labelled response is open under the deepest heading.
    open: bool,
    /// Style and last value of a list that holds items, not headings.
    items: Option<(Style, u32)>,
    /// Last value of each style, for sequences that run on across parents.
    last: Vec<(Style, u32)>,
    /// Inside a list of attachments.
    attachments: bool,
}

impl<'a> Builder<'a> {
    fn new(
        source: &'a Source,
        layout: &'a Layout,
        range: std::ops::Range<usize>,
        plan: bool,
    ) -> Self {
        let dotted = layout
            .paras
            .iter()
            .any(|p| p.marker.is_some_and(|m| matches!(m.style, Style::Dotted(_))));
        Self {
            source,
            layout,
            end: range.end,
            plan,
            dotted,
            evidence: evidence(source, layout, range),
            nodes: Vec::new(),
            stack: Vec::new(),
            open: false,
            items: None,
            last: Vec::new(),
            attachments: false,
        }
    }

    fn paragraph(&mut self, i: usize) {
        let Some(para) = self.layout.paras.get(i) else { return };
        if para.row.is_some() {
            self.row(i);
            return;
        }
        if let Some(m) = para.marker {
            let item = self.items.is_some() || self.open;
            if self.is_heading(i, m, para.gap) {
                return;
            }
            if item || self.items.is_some() {
                self.labels(i);
                return;
            }
        } else {
            self.attachments = self.source.starts_with(para.span.start, "附件");
        }
        self.labels(i);
    }

    /// Labels open and close the response.
    fn labels(&mut self, i: usize) {
        let Some(para) = self.layout.paras.get(i) else { return };
        for label in &para.labels {
            match label.field {
                Field::Response | Field::Progress => {
                    self.open = true;
                    self.items = self.inline_items(Span::new(label.value, para.span.end));
                }
                Field::Other | Field::Problem | Field::Category | Field::Task => {}
                _ => {
                    self.open = false;
                    self.items = None;
                }
            }
        }
    }

    /// A list that begins behind the label, in the same paragraph.
    fn inline_items(&self, span: Span) -> Option<(Style, u32)> {
        // Without a marker of that kind at its very start the span holds no such list.
        enumeration::opens_outline(self.source, span).then_some(())?;
        let list = enumeration::outermost(self.source, span, &[])?;
        let Mark::Outline(style) = list.mark else { return None };
        let count = u32::try_from(list.items.len()).unwrap_or(u32::MAX);
        list.lead.is_empty().then_some((style, count))
    }

    /// A row that holds only a heading of a category.
    fn row(&mut self, i: usize) {
        let Some(para) = self.layout.paras.get(i) else { return };
        let Some((table, row)) = para.row else { return };
        let Some(row) = self.layout.tables.get(table).and_then(|t| t.rows.get(row)) else { return };
        if let Some((m, title)) = split_heading(self.source, &row.cells) {
            self.push(i, &m, m.style, title, title.end);
            return;
        }
        let Some(cell) = row_heading(self.source, &row.cells) else { return };
        let Some(m) = crate::text::marker::at(self.source, cell.start, cell.end) else { return };
        if !m.irregular && m.style <= Style::Worded && m.after < cell.end {
            self.push(i, &m, m.style, Span::new(m.after, cell.end), cell.end);
        }
    }

    /// Decides about a marked paragraph; true if it became a heading.
    fn is_heading(&mut self, i: usize, m: Marker, gap: bool) -> bool {
        if self.attachments && m.style >= Style::Digit && !gap {
            return false;
        }
        self.attachments = false;
        if m.style == Style::Letter || m.after >= self.para_end(i) {
            return false;
        }
        let Some(style) = self.settled_style(&m) else { return false };
        if m.style == Style::Bullet {
            return match self.bullet_style(i) {
                Some(style) => self.head(i, &m, style),
                None => false,
            };
        }
        let ordinal = m.ordinal.unwrap_or(0);
        if self.is_item(i, style, ordinal) {
            self.items = Some((style, ordinal));
            return false;
        }
        self.head(i, &m, style)
    }

    fn para_end(&self, i: usize) -> usize {
        self.layout.paras.get(i).map_or(0, |p| p.span.end)
    }

    /// The style, unless odd punctuation does not continue a sequence.
    fn settled_style(&self, m: &Marker) -> Option<Style> {
        let ordinal = m.ordinal.unwrap_or(0);
        let continues = |style: Style| self.last_of(style) + 1 == ordinal && ordinal > 1;
        if m.style == Style::HalfParen
            && !self.in_stack(Style::HalfParen)
            && self.in_stack(Style::DigitParen)
            && continues(Style::DigitParen)
        {
            return Some(Style::DigitParen);
        }
        if !m.irregular {
            return Some(m.style);
        }
        let spaced = self.source.before(m.span.end).is_some_and(|c| c.is_alphanumeric());
        let fits = self.in_stack(m.style) && continues(m.style);
        ((fits && !spaced) || (spaced && self.dotted && m.style == Style::Digit)).then_some(m.style)
    }

    fn last_of(&self, style: Style) -> u32 {
        self.last.iter().find(|(s, _)| *s == style).map_or(0, |(_, n)| *n)
    }

    fn in_stack(&self, style: Style) -> bool {
        self.stack.iter().any(|n| self.nodes.get(*n).is_some_and(|n| n.style == style))
    }

    fn ordinal_in_stack(&self, style: Style) -> Option<u32> {
        self.stack
            .iter()
            .rev()
            .filter_map(|n| self.nodes.get(*n))
            .find(|n| n.style == style)
            .map(|n| n.ordinal.unwrap_or_else(|| self.last_of(style)))
    }

    /// Whether a marked paragraph is an item of a list rather than a heading (schema O3).
    fn is_item(&self, i: usize, style: Style, ordinal: u32) -> bool {
        let evidence = self.evidence.get(i).copied().unwrap_or_default();
        let listed = self.items.filter(|(s, _)| *s == style).map(|(_, n)| n);
        let goes_on = listed.is_some_and(|last| ordinal == last + 1);
        let Some(known) = self.ordinal_in_stack(style) else {
            if goes_on {
                return true;
            }
            if evidence.response || self.leads_to_fields(i, style) {
                return false;
            }
            if listed.is_some() {
                return true;
            }
            if self.open {
                return !(evidence.body && self.is_short_heading(i));
            }
            return group::is_list(self, i, style);
        };
        if evidence.response || self.leads_to_fields(i, style) {
            return false;
        }
        if listed.is_some() {
            // The next number of the outline wins over the list if it has fields of its own.
            let next = ordinal == known + 1 && (evidence.fields || evidence.situation);
            return goes_on && !next;
        }
        self.open && ordinal == 1 && known >= 1
    }

    /// Whether the next marked paragraph is a deeper one that has fields of its own.
    fn leads_to_fields(&self, i: usize, style: Style) -> bool {
        let paras = self.layout.paras.get(i + 1..self.end.min(i + 4)).unwrap_or_default();
        let next = paras
            .iter()
            .enumerate()
            .find_map(|(k, p)| p.marker.filter(|m| !m.irregular).map(|m| (i + 1 + k, m.style)));
        next.is_some_and(|(j, deeper)| {
            deeper > style
                && deeper != Style::Bullet
                && self.evidence.get(j).is_some_and(|e| e.response)
        })
    }

    /// A line that is only a short title.
    fn is_short_heading(&self, i: usize) -> bool {
        let Some(para) = self.layout.paras.get(i) else { return false };
        let body = para.body();
        let stops = |c: char| matches!(c, '；' | ';' | '：' | ':');
        let inner = Span::new(body.start, body.end.saturating_sub(1));
        body.len() <= 30
            && para.labels.is_empty()
            && self.source.position(inner, |c| stops(c) || c == '。').is_none()
            && !self.source.before(body.end).is_some_and(stops)
    }

    /// The style of the number that a bullet stands for, if it stands for one (schema O5).
    fn bullet_style(&self, i: usize) -> Option<Style> {
        let next = self.next_markers(i);
        let bullets = 1 + next.bullets;
        let deepest_first = self.stack.iter().rev().filter_map(|n| self.nodes.get(*n));
        let mut styles: Vec<Style> = deepest_first.map(|n| n.style).collect();
        if let Some((style, _, _)) = next.first
            && !styles.contains(&style)
        {
            styles.insert(0, style);
        }
        // Numbers that run on across parents may have left the stack.
        for (style, _) in &next.seen {
            if !styles.contains(style) && self.last_of(*style) > 0 {
                styles.push(*style);
            }
        }
        let gap = styles.iter().copied().find(|style| {
            let last = if self.in_stack(*style) || self.runs_on(*style, next.of(*style)) {
                self.last_of(*style)
            } else {
                0
            };
            let expected = last + 1 + bullets;
            // A sequence that runs on across parents goes on behind the next heading.
            let across = last > 0 && next.across(*style) == Some(expected);
            next.of(*style) == Some(expected) || across
        });
        if gap.is_some() {
            return gap;
        }
        let evidence = self.evidence.get(i).copied().unwrap_or_default();
        if let Some((style, _, true)) = next.first
            && self.is_short_heading(i)
            && let Some(at) =
                self.stack.iter().position(|n| self.nodes.get(*n).is_some_and(|n| n.style == style))
        {
            // The bullet heads numbers of this style: it stands one level above them.
            let above = at.checked_sub(1).and_then(|a| self.stack.get(a))?;
            return self.nodes.get(*above).map(|n| n.style);
        }
        if let Some((style, 1, _)) = next.first
            && self.leads_to_fields(i, Style::HanParen)
            && let Some(at) = self.position(style)
        {
            // The bullet heads aspects that are numbered anew.
            let above = at.checked_sub(1).and_then(|a| self.stack.get(a))?;
            return self.nodes.get(*above).map(|n| n.style);
        }
        let fields = (evidence.fields || evidence.situation) && !self.open && self.items.is_none();
        if evidence.response || fields {
            return self.stack.last().and_then(|n| self.nodes.get(*n)).map(|n| n.style);
        }
        None
    }

    /// Place of a style in the stack.
    fn position(&self, style: Style) -> Option<usize> {
        self.stack.iter().position(|n| self.nodes.get(*n).is_some_and(|n| n.style == style))
    }

    /// Whether the next number of a style outside the stack goes on with an earlier sequence.
    fn runs_on(&self, style: Style, next: Option<u32>) -> bool {
        next.is_some_and(|n| n > self.last_of(style))
    }

    fn next_markers(&self, i: usize) -> NextMarkers {
        let mut next = NextMarkers::default();
        // Far look-ahead helps nobody: the next heading of a style stands within some paragraphs.
        for j in (i + 1)..self.end.min(i + 60) {
            let Some(para) = self.layout.paras.get(j) else { break };
            let Some(m) = para.marker.filter(|m| !m.irregular) else { continue };
            if m.style == Style::Bullet {
                next.bullets += u32::from(next.first.is_none());
                continue;
            }
            let ordinal = m.ordinal.unwrap_or(0);
            if next.first.is_none() {
                next.first = Some((m.style, ordinal, j == i + 1));
            }
            if next.of(m.style).is_none() {
                // A shallower number closes the scope of the deeper ones.
                let closed = next.seen.iter().any(|(s, _)| *s < m.style && *s <= Style::HanParen);
                if !closed || m.style <= Style::HanParen {
                    next.seen.push((m.style, ordinal));
                } else if next.across(m.style).is_none() {
                    next.later.push((m.style, ordinal));
                }
            }
        }
        next
    }

    fn head(&mut self, i: usize, m: &Marker, style: Style) -> bool {
        let Some(para) = self.layout.paras.get(i) else { return false };
        let (title, rest) = title_of(self.source, self.layout, para, m.after);
        if title.is_empty() {
            return false;
        }
        self.push(i, m, style, title, rest);
        self.labels(i);
        self.open |= self.opens_response(style, title);
        true
    }

    /// A heading that is nothing but the label of a response, below the top level.
    fn opens_response(&self, style: Style, title: Span) -> bool {
        if style <= Style::Han || title.len() > 10 {
            return false;
        }
        if self.stack.len() < 2 {
            return false;
        }
        match field_of(&compact(self.source.slice(title).iter().copied())) {
            Some(Field::Response) => self.siblings_are_labels(),
            // 问题表现 lists the problems where the answer has a heading of the same kind.
            Some(Field::Problem) => self.next_is_label(style),
            _ => false,
        }
    }

    /// Whether the next heading of a style is nothing but the label of a response.
    fn next_is_label(&self, style: Style) -> bool {
        let from = self.nodes.last().map_or(0, |node| node.para + 1);
        let paras = self.layout.paras.get(from..self.end).unwrap_or_default();
        let next = paras
            .iter()
            .take(LABEL_REACH)
            .find(|p| p.marker.is_some_and(|m| !m.irregular && m.style <= style));
        next.is_some_and(|p| {
            p.marker.is_some_and(|m| m.style == style)
                && field_of(&compact(self.source.slice(p.body()).iter().copied()))
                    == Some(Field::Response)
        })
    }

    /// Whether the heading before the latest one, at the same level, is a label as well.
    fn siblings_are_labels(&self) -> bool {
        let mut last = self.nodes.iter().rev();
        let Some(own) = last.next() else { return false };
        let Some(before) = last.find(|n| n.level <= own.level) else { return false };
        let name = compact(self.source.slice(before.title).iter().copied());
        before.level == own.level && field_of(&name).is_some()
    }

    fn push(&mut self, i: usize, m: &Marker, style: Style, title: Span, rest: usize) {
        let at =
            self.stack.iter().rposition(|n| self.nodes.get(*n).is_some_and(|n| n.style == style));
        match at {
            Some(at) => self.stack.truncate(at),
            None => {
                // A top heading keeps what follows below it, whatever its style: 3、 then （一）.
                let floor = usize::from(style >= Style::HanParen);
                while self.stack.len() > floor
                    && self
                        .stack
                        .last()
                        .and_then(|n| self.nodes.get(*n))
                        .is_some_and(|n| n.style > style)
                {
                    self.stack.pop();
                }
            }
        }
        let index = self.nodes.len();
        self.nodes.push(Node {
            para: i,
            number: Some(m.span),
            style,
            ordinal: m.ordinal,
            parent: self.stack.last().copied(),
            level: self.stack.len() + 1,
            title,
            rest,
            start: m.span.start,
        });
        self.stack.push(index);
        let value = m.ordinal.unwrap_or_else(|| self.last_of(style) + 1);
        self.last.retain(|(s, _)| *s != style);
        self.last.push((style, value));
        self.open = false;
        self.items = None;
    }
}

#[derive(Default)]
struct NextMarkers {
    /// Style, value, and whether it stands in the very next paragraph.
    first: Option<(Style, u32, bool)>,
    /// Bullets before the first number.
    bullets: u32,
    seen: Vec<(Style, u32)>,
    /// Numbers behind a shallower heading.
    later: Vec<(Style, u32)>,
}

impl NextMarkers {
    fn of(&self, style: Style) -> Option<u32> {
        self.seen.iter().find(|(s, _)| *s == style).map(|(_, n)| *n)
    }

    fn across(&self, style: Style) -> Option<u32> {
        self.later.iter().find(|(s, _)| *s == style).map(|(_, n)| *n)
    }
}

/// The only filled cell of a row, or the cell that a merged row repeats.
pub(crate) fn row_heading(source: &Source, cells: &[Span]) -> Option<Span> {
    let mut filled = cells.iter().filter(|c| !c.is_empty());
    let first = *filled.next()?;
    let text = source.slice(first);
    let alone = filled.all(|c| source.slice(*c) == text);
    alone.then_some(first)
}

/// A heading row whose number stands in a cell of its own: 一 | 资金管理方面 | | |.
pub(crate) fn split_heading(source: &Source, cells: &[Span]) -> Option<(Marker, Span)> {
    let mut filled = cells.iter().copied().filter(|c| !c.is_empty());
    let (number, title) = (filled.next()?, filled.next()?);
    if filled.next().is_some() || cells.len() < 4 || number.len() > 4 {
        return None;
    }
    let digits: Vec<char> = source
        .slice(number)
        .iter()
        .copied()
        .filter(|c| !matches!(fold(*c), '(' | ')' | '、' | '.' | ' '))
        .collect();
    let bracket = source.at(number.start).is_some_and(|c| fold(c) == '(');
    let ordinal = han_number(&digits)?;
    let style = if bracket { Style::HanParen } else { Style::Han };
    let marker = Marker {
        style,
        ordinal: Some(ordinal),
        span: number,
        after: title.start,
        irregular: false,
    };
    Some((marker, title))
}

/// The outline as the schema wants it.
pub(crate) fn sections(source: &Source, outline: &Outline) -> Vec<Section> {
    let mut out: Vec<Section> = Vec::with_capacity(outline.nodes.len());
    for (i, node) in outline.nodes.iter().enumerate() {
        let parent = node.parent.and_then(|p| out.get(p));
        let step = node.number.map(|n| path_step(source, n)).unwrap_or_default();
        let path = match parent.map(|p| p.path.as_str()) {
            Some(above) if !above.is_empty() && !step.is_empty() => [above, "/", &step].concat(),
            Some(above) if step.is_empty() => above.to_owned(),
            _ => step,
        };
        let parent = parent.map(|p| p.id.clone());
        out.push(Section {
            id: id('S', i + 1, 1),
            parent,
            level: node.level,
            path,
            number: node.number.map(|n| Piece::new(source, n)),
            ordinal: node.ordinal,
            title: Piece::new(source, node.title),
            start: node.start,
            line: source.line_of(node.start),
        });
    }
    out
}

/// A number without its closing punctuation, folded: `（一）、` gives `(一)`.
fn path_step(source: &Source, number: Span) -> String {
    let text = compact(source.slice(number).iter().map(|c| fold(*c)));
    let cut = text.trim_end_matches(['、', '.', ',', ':', '：', '．', '】', ']', ';']);
    let cut = cut.trim_start_matches(['【', '[']);
    match (cut.ends_with(')'), cut.contains('(')) {
        (true, false) => cut.trim_end_matches(')').to_owned(),
        _ => cut.to_owned(),
    }
}
