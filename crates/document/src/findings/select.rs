//! Which items of a document are its findings or tasks (schema F1–F3, T1).

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::block::Item;
use super::statement::answered_title;
use super::{Context, groups};
use crate::outline::Node;
use crate::source::Span;
use crate::text::glyph::compact;
use crate::text::lexicon::{Field, field_of, is_general, is_problem};
use crate::text::marker::Style;

/// What the direct text of a node holds: from its heading to the next heading.
#[derive(Clone, Copy, Debug, Default)]
struct Direct {
    response: bool,
    fields: bool,
    situation: bool,
    text: bool,
}

impl Direct {
    fn any(self) -> bool {
        self.response || self.fields || self.situation
    }
}

/// Chosen items in text order.
pub(super) fn items(context: &Context<'_>) -> Vec<Item> {
    let nodes = &context.outline.nodes;
    let mut picker = Picker {
        context,
        direct: (0..nodes.len()).map(|n| direct(context, n)).collect(),
        chosen: vec![false; nodes.len()],
        below: vec![false; nodes.len()],
    };
    picker.by_label_headings();
    picker.by_fields();
    picker.fields_of_last_child();
    picker.by_siblings();
    if !context.plan {
        picker.by_wording();
        picker.by_named_siblings();
    }
    let mut out = picker.unnumbered();
    for (n, chosen) in picker.chosen.iter().enumerate() {
        if *chosen {
            out.push(Item { node: Some(n), under: None, paras: extent(context, n) });
        }
    }
    out.sort_by_key(|item| item.paras.start);
    out
}

/// Paragraphs of a node with everything below it.
fn extent(context: &Context<'_>, n: usize) -> Range<usize> {
    let nodes = &context.outline.nodes;
    let Some(node) = nodes.get(n) else { return 0..0 };
    let end = nodes
        .iter()
        .skip(n + 1)
        .find(|next| next.level <= node.level)
        .map_or(context.end, |next| next.para);
    node.para..end
}

/// Paragraphs of a node up to the next heading.
fn own_extent(context: &Context<'_>, n: usize) -> Range<usize> {
    let nodes = &context.outline.nodes;
    let start = nodes.get(n).map_or(0, |node| node.para);
    let end = nodes.get(n + 1).map_or(context.end, |next| next.para);
    start..end
}

fn direct(context: &Context<'_>, n: usize) -> Direct {
    let mut found = Direct::default();
    let Some(node) = context.outline.nodes.get(n) else { return found };
    let general = is_general(context.source.slice(node.title));
    found.text = answered_title(context.source, node.title).is_some();
    for i in own_extent(context, n) {
        let Some(para) = context.layout.paras.get(i) else { break };
        if para.row.is_some() {
            break;
        }
        for label in &para.labels {
            match label.field {
                Field::Response | Field::Progress => found.response = true,
                Field::Situation => found.situation = true,
                Field::Target => found.fields |= context.plan,
                field if field.key().is_some() => found.fields = true,
                _ => {}
            }
        }
        let from = if i == node.para { node.rest } else { para.span.start };
        let end = para.labels.first().map_or(para.span.end, |l| l.outer);
        let lead = Span::new(from.min(end), end);
        if !context.plan && super::status::closing_note(context.source, lead).is_some() {
            found.fields = true;
        }
        found.text |= lead.len() > 3 || !para.labels.is_empty();
        // A long narrative is no statement of the situation.
        if !general && !found.response && i <= node.para + 2 && !context.plan {
            found.situation |= crate::situation::find(context.source, lead).is_some();
        }
    }
    found
}

struct Picker<'a> {
    context: &'a Context<'a>,
    direct: Vec<Direct>,
    /// Chosen nodes.
    chosen: Vec<bool>,
    /// Nodes below a chosen one.
    below: Vec<bool>,
}

impl Picker<'_> {
    fn choose(&mut self, n: usize) {
        if let Some(slot) = self.chosen.get_mut(n) {
            *slot = true;
        }
    }

    fn parent(&self, n: usize) -> Option<usize> {
        self.context.outline.nodes.get(n).and_then(|node| node.parent)
    }

    fn is_chosen(&self, n: usize) -> bool {
        self.chosen.get(n).copied().unwrap_or(false)
    }

    fn is_below(&self, n: usize) -> bool {
        self.below.get(n).copied().unwrap_or(false)
    }

    /// A heading whose sub-headings are labels, (一)存在问题 (二)整改措施, is the finding.
    fn by_label_headings(&mut self) {
        let nodes = &self.context.outline.nodes;
        let mut labels: HashMap<usize, (usize, bool)> = HashMap::new();
        for node in nodes {
            let Some(parent) = node.parent else { continue };
            if let Some(field) = label_heading(self.context, node) {
                let slot = labels.entry(parent).or_default();
                slot.0 += 1;
                slot.1 |= field == Field::Response;
            }
        }
        for (parent, (count, response)) in labels {
            if count >= 2 && response {
                self.choose(parent);
            }
        }
    }

    /// From the top down, the first item that has a field directly (F1).
    fn by_fields(&mut self) {
        for n in 0..self.chosen.len() {
            let covered = self.parent(n).is_some_and(|p| self.is_chosen(p) || self.is_below(p));
            if covered {
                if let Some(slot) = self.below.get_mut(n) {
                    *slot = true;
                }
            } else if self.is_chosen(n) || self.evident(n) {
                self.choose(n);
            }
        }
    }

    fn evident(&self, n: usize) -> bool {
        let Some(direct) = self.direct.get(n).copied() else { return false };
        if self.context.plan { direct.fields } else { direct.any() }
    }

    /// Fields behind the last of several sub-items only belong to the heading above them.
    fn fields_of_last_child(&mut self) {
        let count = self.chosen.len();
        for n in 0..count {
            let children: Vec<usize> =
                (n + 1..count).take_while(|c| self.level(*c) > self.level(n)).collect();
            let own: Vec<usize> =
                children.iter().copied().filter(|c| self.parent(*c) == Some(n)).collect();
            let [first @ .., last] = own.as_slice() else { continue };
            let deep = self.level(n) >= 2 && children.len() == own.len();
            let bare = first.iter().all(|c| !self.evident(*c));
            let stated = self.title(n).is_some_and(|t| is_problem(t) || self.context.plan);
            if deep
                && stated
                && !first.is_empty()
                && bare
                && self.is_chosen(*last)
                && !self.has_response_before(n, *last)
            {
                self.choose(n);
                for c in own {
                    if let Some(slot) = self.chosen.get_mut(c) {
                        *slot = false;
                    }
                    if let Some(slot) = self.below.get_mut(c) {
                        *slot = true;
                    }
                }
            }
        }
    }

    fn has_response_before(&self, n: usize, last: usize) -> bool {
        (n..last).any(|c| self.direct.get(c).is_some_and(|d| d.response))
    }

    fn title(&self, n: usize) -> Option<&[char]> {
        let context = self.context;
        context.outline.nodes.get(n).map(|node| context.source.slice(node.title))
    }

    fn level(&self, n: usize) -> usize {
        self.context.outline.nodes.get(n).map_or(0, |node| node.level)
    }

    fn top(&self, n: usize) -> usize {
        let mut top = n;
        while let Some(parent) = self.parent(top) {
            top = parent;
        }
        top
    }

    /// An item without fields among siblings that have them is a finding as well.
    fn by_siblings(&mut self) {
        let nodes = &self.context.outline.nodes;
        let mut tally: HashMap<(usize, Style, usize), (usize, usize)> = HashMap::new();
        let tops: Vec<usize> = (0..nodes.len()).map(|n| self.top(n)).collect();
        let general: Vec<bool> = (0..nodes.len())
            .map(|n| tops.get(n) == Some(&n) && self.title(n).is_some_and(is_general))
            .collect();
        let key = |n: usize| {
            let node = nodes.get(n)?;
            let top = tops.get(n).copied()?;
            // Sections of problems are counted together, each general section by itself.
            let scope = if general.get(top).copied()? { top + 1 } else { 0 };
            Some((scope, node.style, node.level))
        };
        let holds: Vec<bool> = self.holds_chosen();
        for n in 0..nodes.len() {
            if let Some(key) = key(n).filter(|_| !self.is_below(n)) {
                let slot = tally.entry(key).or_default();
                slot.0 += usize::from(self.is_chosen(n));
                slot.1 += 1;
            }
        }
        let missing: Vec<usize> = (0..nodes.len())
            .filter(|n| {
                let Some((chosen, all)) = key(*n).and_then(|k| tally.get(&k)).copied() else {
                    return false;
                };
                let level = self.level(*n);
                !self.is_chosen(*n)
                    && !self.is_below(*n)
                    && !holds.get(*n).copied().unwrap_or(false)
                    && chosen * 2 > all
                    && chosen >= 2
                    && level >= 2
                    && self.title(*n).is_some_and(|t| !is_general(t))
                    && !self.context.plan
            })
            .collect();
        for n in missing {
            self.choose(n);
            for c in n + 1..nodes.len() {
                if self.level(c) <= self.level(n) {
                    break;
                }
                if let Some(slot) = self.below.get_mut(c) {
                    *slot = true;
                }
            }
        }
    }

    /// For each node, whether a chosen one stands below it.
    fn holds_chosen(&self) -> Vec<bool> {
        let mut holds = vec![false; self.chosen.len()];
        for n in (0..self.chosen.len()).rev() {
            if (self.is_chosen(n) || holds.get(n).copied().unwrap_or(false))
                && let Some(slot) = self.parent(n).and_then(|p| holds.get_mut(p))
            {
                *slot = true;
            }
        }
        holds
    }

    /// Branches without any label: leaves whose titles state problems and that have text below.
    /// Where other branches have their findings already, only titles that call themselves a problem
    /// (关于…的问题) count.
    fn by_wording(&mut self) {
        let nodes = &self.context.outline.nodes;
        let is_first = !self.chosen.contains(&true);
        let taken: HashSet<usize> = (0..nodes.len())
            .filter(|n| self.is_chosen(*n) || self.is_below(*n))
            .map(|n| self.top(n))
            .collect();
        let mut groups: HashMap<(Option<usize>, usize), Vec<usize>> = HashMap::new();
        for n in 0..nodes.len() {
            let leaf = nodes.get(n + 1).is_none_or(|next| next.level <= self.level(n));
            let top = self.top(n);
            if leaf && !taken.contains(&top) {
                let group = if top == n { None } else { Some(top) };
                groups.entry((group, self.level(n))).or_default().push(n);
            }
        }
        for ((top, _), leaves) in groups {
            let general = top
                .and_then(|t| nodes.get(t))
                .is_some_and(|t| is_general(self.context.source.slice(t.title)));
            let stated: Vec<usize> =
                leaves.iter().copied().filter(|n| self.states_problem(*n, is_first)).collect();
            if general || stated.len() * 2 < leaves.len() || stated.is_empty() {
                continue;
            }
            for n in leaves {
                let kept = is_first && top.is_some() || self.states_problem(n, is_first);
                if kept && self.direct.get(n).is_some_and(|d| d.text) {
                    self.choose(n);
                }
            }
        }
    }

    /// Beside a chosen 关于…的问题 another heading of that form is a finding as well, although its
    /// measures have headings of their own.
    fn by_named_siblings(&mut self) {
        let nodes = &self.context.outline.nodes;
        let key = |n: usize| nodes.get(n).map(|node| (node.parent, node.style));
        let named: HashSet<_> = (0..nodes.len())
            .filter(|n| self.is_chosen(*n) && self.calls_itself(*n))
            .filter_map(key)
            .collect();
        let holds = self.holds_chosen();
        for n in 0..nodes.len() {
            let free = !self.is_chosen(n) && !self.is_below(n) && holds.get(n) == Some(&false);
            if !free || !self.calls_itself(n) || !key(n).is_some_and(|k| named.contains(&k)) {
                continue;
            }
            let below: Vec<usize> =
                (n + 1..nodes.len()).take_while(|c| self.level(*c) > self.level(n)).collect();
            if below.is_empty() || below.iter().any(|c| self.calls_itself(*c)) {
                continue;
            }
            self.choose(n);
            for c in below {
                if let Some(slot) = self.below.get_mut(c) {
                    *slot = true;
                }
            }
        }
    }

    /// Whether a title calls itself a problem: 关于…的问题, “…”问题.
    fn calls_itself(&self, n: usize) -> bool {
        let title = self.title(n).map(String::from_iter).unwrap_or_default();
        title.contains("的问题") || title.contains("”问题")
    }

    fn states_problem(&self, n: usize, by_any_word: bool) -> bool {
        let Some(node) = self.context.outline.nodes.get(n) else { return false };
        let words = self.context.source.slice(node.title);
        !is_general(words) && (self.calls_itself(n) || by_any_word && is_problem(words))
    }

    /// Unnumbered findings: several under one heading, or one under a heading of a category.
    fn unnumbered(&mut self) -> Vec<Item> {
        let nodes = &self.context.outline.nodes;
        let mut out = Vec::new();
        if nodes.is_empty() {
            if !self.context.plan {
                out.extend(groups::find(self.context, self.context.start..self.context.end, None));
            }
            return out;
        }
        if self.context.plan {
            return out;
        }
        let holds = self.holds_chosen();
        // How many siblings of one style hold findings one level deeper.
        let mut holding: HashMap<_, usize> = HashMap::new();
        for (node, _) in nodes.iter().zip(&holds).filter(|(_, holds)| **holds) {
            *holding.entry((node.parent, node.style)).or_default() += 1;
        }
        let groups: Vec<(usize, bool, Vec<Item>)> =
            (0..nodes.len()).filter_map(|n| self.groups_below(n)).collect();
        // A heading over several findings without number is one of a category, too.
        for (n, several, _) in &groups {
            if let Some(node) = nodes.get(*n).filter(|_| *several && holds.get(*n) == Some(&false))
            {
                *holding.entry((node.parent, node.style)).or_default() += 1;
            }
        }
        for (n, several, found) in groups {
            let Some(node) = nodes.get(n) else { break };
            let here = usize::from(holds.get(n).copied().unwrap_or(false));
            let beside = holding.get(&(node.parent, node.style)).is_some_and(|all| *all > here);
            let category = self.is_category(n, beside);
            if several || (found.len() == 1 && category) {
                if let Some(slot) = self.chosen.get_mut(n) {
                    *slot = false;
                }
                out.extend(found);
            }
        }
        out
    }

    /// The groups in the own text of a heading, and whether they are several findings for sure.
    fn groups_below(&self, n: usize) -> Option<(usize, bool, Vec<Item>)> {
        let node = self.context.outline.nodes.get(n)?;
        let own = own_extent(self.context, n);
        let run_in =
            self.context.layout.paras.get(node.para).is_some_and(|p| node.rest < p.span.end);
        if !self.is_chosen(n) && !self.passages(n, &own) || run_in || self.is_below(n) {
            return None;
        }
        let found = groups::find(self.context, own.start + 1..own.end, Some(n));
        let several =
            found.len() >= 2 && (!self.is_chosen(n) || self.repeats_label(own.start + 1..own.end));
        Some((n, several, found))
    }

    /// Whether a label stands twice: one finding has one response, one deadline, one unit line.
    fn repeats_label(&self, range: Range<usize>) -> bool {
        let mut seen = HashSet::new();
        let paras = self.context.layout.paras.get(range).unwrap_or_default();
        paras.iter().flat_map(|para| &para.labels).any(|label| !seen.insert(label.field))
    }

    /// Whether the text under a heading is made of 针对“…” passages.
    fn passages(&self, n: usize, own: &Range<usize>) -> bool {
        !self.is_below(n)
            && self.title(n).is_none_or(|t| !is_general(t))
            && own.clone().skip(1).any(|i| groups::is_passage(self.context, i))
    }

    /// A heading beside others that hold their findings one level deeper.
    fn is_category(&self, n: usize, beside: bool) -> bool {
        let Some(node) = self.context.outline.nodes.get(n) else { return false };
        let title = self.context.source.text(node.title);
        let named = node.level == 1 && is_list_heading(&title);
        (beside || named) && !is_problem(self.context.source.slice(node.title))
    }
}

/// The field that a heading names, when the heading is nothing but a label.
pub(super) fn label_heading(context: &Context<'_>, node: &Node) -> Option<Field> {
    if node.style <= Style::Han || node.title.len() > 10 {
        return None;
    }
    let name = compact(context.source.slice(node.title).iter().copied());
    field_of(&name).filter(|f| f.key().is_some() || *f == Field::Problem)
}

/// A heading over a list of problems: 反馈问题整改情况, 存在问题及整改措施.
fn is_list_heading(title: &str) -> bool {
    [
        "反馈问题",
        "存在问题",
        "存在的问题",
        "主要问题",
        "整改情况",
        "整改措施",
        "整改内容",
        "整改任务",
        "整改落实",
        "问题整改",
        "问题清单",
        "问题及",
        "自查问题",
        "发现问题",
        "发现的问题",
    ]
    .iter()
    .any(|word| title.contains(word))
}
