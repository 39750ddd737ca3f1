//! Cross-checks: claimed totals, counts, shares and differences against what the text holds.
//!
//! Every search is bounded: figures are compared inside one finding or one paragraph, a sum has at
//! most twelve neighbouring parts, a share looks at the eight figures before it. What holds is
//! believed when words announce it or when chance is unlikely; what fails is reported only when the
//! text plainly means a sum, a share or a count.

mod blocks;
mod counts;
mod shares;
mod sums;

use std::collections::BTreeSet;

use crate::anatomy::Anatomy;
use crate::joined::Joined;
use crate::model::{CheckKind, CheckPart, CheckResult, CrossCheck, Figure, Number};
use crate::source::{Source, Span};
use crate::text::written::id;

/// A cross-check without its id.
#[derive(Clone, Debug)]
struct Draft {
    kind: CheckKind,
    holds: bool,
    result: CheckResult,
    operands: Vec<CheckPart>,
    computed: f64,
    note: String,
    optional: bool,
}

impl Draft {
    /// All figures of the check, in text order: two checks over the same figures are one.
    fn figures(&self) -> Vec<Span> {
        let mut spans: Vec<Span> = shares::spans(&self.operands).collect();
        match &self.result {
            CheckResult::Part(part) => spans.extend(shares::spans(std::slice::from_ref(part))),
            CheckResult::Sum { sum_of, .. } => spans.extend(shares::spans(sum_of)),
        }
        spans.sort_unstable();
        spans
    }
}

/// All cross-checks of the text, in text order.
#[must_use]
pub fn find(source: &Source, anatomy: &Anatomy, figures: &[Figure]) -> Vec<CrossCheck> {
    let drafts = drafts(source, anatomy, figures);
    drafts.into_iter().enumerate().map(|(index, draft)| finish(index, draft)).collect()
}

/// All cross-checks of a text whose wrapped lines are joined, with their places in the file.
pub(crate) fn find_joined(
    joined: &Joined<'_>,
    anatomy: &Anatomy,
    figures: &[Figure],
) -> Vec<CrossCheck> {
    if joined.is_plain() {
        return find(joined.source(), anatomy, figures);
    }
    let mut anatomy = anatomy.clone();
    for finding in &mut anatomy.findings {
        finding.span = joined.inward_span(finding.span);
    }
    for section in &mut anatomy.sections {
        section.start = joined.inward(section.start);
    }
    let mut figures = figures.to_vec();
    for figure in &mut figures {
        figure.span = joined.inward_span(figure.span);
    }
    let mut checks = find(joined.source(), &anatomy, &figures);
    for check in &mut checks {
        let (sides, single) = match &mut check.result {
            CheckResult::Part(part) => (&mut [][..], Some(part)),
            CheckResult::Sum { sum_of, .. } => (&mut sum_of[..], None),
        };
        for part in sides.iter_mut().chain(single).chain(&mut check.operands) {
            if let CheckPart::Figure { span, .. } = part {
                *span = joined.outward(*span);
            }
        }
    }
    checks
}

/// The checks before they are numbered.
fn drafts(source: &Source, anatomy: &Anatomy, figures: &[Figure]) -> Vec<Draft> {
    let mut drafts = Vec::new();
    counts::find(source, anatomy, figures, &mut drafts);
    for block in blocks::blocks(source, anatomy, figures) {
        sums::find(source, &block, &mut drafts);
        shares::find(source, &block, &mut drafts);
    }
    drafts.sort_by_key(|draft| draft.figures().first().copied());
    drop_chance_sums(&mut drafts);
    drop_beaten(&mut drafts);
    let mut seen = BTreeSet::new();
    drafts.retain(|draft| seen.insert((draft.kind == CheckKind::Count, draft.figures())));
    drafts.sort_by_key(|draft| draft.figures().first().copied());
    drafts
}

/// A sum that holds among some of the figures of a failing one is chance: what fails was plainly
/// announced over all of them. Both stand close together in the sorted list.
fn drop_chance_sums(drafts: &mut Vec<Draft>) {
    let additive = |d: &Draft| d.kind == CheckKind::Sum;
    let spans: Vec<Vec<Span>> = drafts.iter().map(Draft::figures).collect();
    let mut chance = vec![false; drafts.len()];
    for (index, draft) in drafts.iter().enumerate().filter(|(_, d)| additive(d) && !d.holds) {
        let whole = spans.get(index).map_or(&[][..], Vec::as_slice);
        let near = index.saturating_sub(4)..(index + 5).min(drafts.len());
        for other in near {
            let holds = drafts.get(other).is_some_and(|d| additive(d) && d.holds);
            let inside =
                spans.get(other).is_some_and(|part| part.iter().all(|s| whole.contains(s)));
            if let Some(slot) = chance.get_mut(other).filter(|_| holds && inside) {
                *slot = draft.operands.len() > 2;
            }
        }
    }
    let mut chance = chance.into_iter();
    drafts.retain(|_| !chance.next().unwrap_or(false));
}

/// A failing sum gives way to a sum that holds over one of the same parts.
fn drop_beaten(drafts: &mut Vec<Draft>) {
    let additive = |d: &Draft| matches!(d.kind, CheckKind::Sum | CheckKind::SumEquality);
    let held: BTreeSet<Span> = drafts
        .iter()
        .filter(|d| d.holds && additive(d))
        .flat_map(|d| shares::spans(&d.operands).collect::<Vec<_>>())
        .collect();
    drafts.retain(|d| {
        d.holds || !additive(d) || !shares::spans(&d.operands).any(|span| held.contains(&span))
    });
}

/// Numbers a check.
fn finish(index: usize, draft: Draft) -> CrossCheck {
    CrossCheck {
        id: id('C', index + 1, 2),
        kind: draft.kind,
        holds: draft.holds,
        result: draft.result,
        operands: draft.operands,
        computed: Some(Number(draft.computed)),
        note: draft.note,
        alternatives: Vec::new(),
        optional: draft.optional,
    }
}

#[cfg(test)]
mod tests;
