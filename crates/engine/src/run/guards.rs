//! Where look-ups count: a rule that is only about some rows asks the lists only for these.

use super::plan::Pass;
use std::collections::{BTreeMap, BTreeSet};
use taizhang_program::{Program, Space, StepId, StepKind, TableId};

/// The look-ups whose rows all belong to rules with a guard, and these guards.
pub(super) fn guards(program: &Program, pass: &Pass) -> BTreeMap<StepId, Vec<StepId>> {
    let mut users: BTreeMap<StepId, Vec<StepId>> = BTreeMap::new();
    for step in &pass.steps {
        for input in program.inputs(*step) {
            users.entry(input).or_default().push(*step);
        }
    }
    let is_lookup = |step: &&StepId| {
        let kind = program.step(**step).map(|found| &found.kind);
        matches!(kind, Some(StepKind::Lookup { .. } | StepKind::LookupOne { .. }))
    };
    let lookups = pass.steps.iter().filter(is_lookup);
    lookups.filter_map(|step| Some((*step, guards_of(program, pass, &users, *step)?))).collect()
}

fn guards_of(
    program: &Program,
    pass: &Pass,
    users: &BTreeMap<StepId, Vec<StepId>>,
    lookup: StepId,
) -> Option<Vec<StepId>> {
    let Space::Table(table) = program.step(lookup)?.space else { return None };
    let made_of_it = row_by_row(program, users, lookup, table)?;
    let mut guards = BTreeSet::new();
    for place in &pass.answers {
        let answer = program.answers.get(*place)?;
        if !answer.roots().any(|root| made_of_it.contains(&root)) {
            continue;
        }
        let guard = answer.applies.filter(|_| answer.table == table)?;
        if made_of_it.contains(&guard) {
            return None;
        }
        guards.insert(guard);
    }
    Some(guards.into_iter().collect())
}

/// All steps that are made of a look-up, if each of their rows looks at the row of the same number
/// and at no other.
fn row_by_row(
    program: &Program,
    users: &BTreeMap<StepId, Vec<StepId>>,
    lookup: StepId,
    table: TableId,
) -> Option<BTreeSet<StepId>> {
    let mut found = BTreeSet::from([lookup]);
    let mut open = vec![lookup];
    while let Some(step) = open.pop() {
        for user in users.get(&step).into_iter().flatten() {
            let stays = program.base(program.step(*user)?.space) == Some(table)
                && is_row_by_row(program, *user, step);
            if !stays {
                return None;
            }
            if found.insert(*user) {
                open.push(*user);
            }
        }
    }
    Some(found)
}

/// Whether each row of a step looks at the same row of an input, or at the outer row of its pair.
fn is_row_by_row(program: &Program, user: StepId, input: StepId) -> bool {
    let Some(found) = program.step(user) else { return false };
    match &found.kind {
        StepKind::Gather { source, rows } if *source == input => {
            matches!(program.step(*rows).map(|step| &step.kind), Some(StepKind::Outer))
        }
        StepKind::Through { inner, .. } => *inner != input,
        StepKind::NestedRow { id, .. } => *id != input,
        StepKind::Pointing { .. } => false,
        StepKind::Expand { limits, .. } => {
            limits.iter().all(|limit| limit.inputs().next() != Some(input))
        }
        StepKind::Lookup { index, .. }
        | StepKind::LookupOne { index, .. }
        | StepKind::Duplicates { index, .. } => {
            let index = program.index(*index);
            index.is_some_and(|index| index.key != input && index.id != Some(input))
        }
        _ => true,
    }
}

/// The steps of a pass, guards before what they guard.
pub(super) fn in_order(program: &Program, pass: &Pass) -> Vec<StepId> {
    let mut ordered = Vec::with_capacity(pass.steps.len());
    let mut seen = BTreeSet::new();
    let own: BTreeSet<StepId> = pass.steps.iter().copied().collect();
    for step in &pass.steps {
        // What must come first stands above on the pile; a step is laid down the second time.
        let mut pile = vec![(*step, false)];
        while let Some((step, is_ready)) = pile.pop() {
            if is_ready {
                ordered.push(step);
            } else if own.contains(&step) && seen.insert(step) {
                pile.push((step, true));
                let guards = pass.guards.get(&step).into_iter().flatten().copied();
                pile.extend(program.inputs(step).into_iter().chain(guards).map(|one| (one, false)));
            }
        }
    }
    ordered
}
