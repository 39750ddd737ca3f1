//! What of a program can be run on the data at hand, and in which order.

use super::guards::{guards, in_order};
use super::worth::{Worth, worth};
use std::collections::{BTreeMap, BTreeSet};
use taizhang_program::{
    Answer, ColumnUse, IndexId, Limit, Program, StepId, StepKind, TableId, Way,
};

/// Something that rules need and the data lack.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Absence {
    /// Ledger.
    pub ledger: String,
    /// Column; the whole ledger if empty.
    pub column: Option<String>,
    /// Rules that are undecided for it.
    pub rules: Vec<String>,
}

/// One pass: a tree of streamed tables, or one gathered table.
#[derive(Clone, Debug, Default)]
pub struct Pass {
    /// The head first.
    pub tables: Vec<TableId>,
    /// Steps in order.
    pub steps: Vec<StepId>,
    /// For each step the steps that nobody needs after it.
    pub drops: Vec<Vec<StepId>>,
    /// Answers that can be told, by place.
    pub answers: Vec<usize>,
    /// Answers of rules that lack something, by place.
    pub undecided: Vec<usize>,
    /// Gathered tables: steps that other tables use.
    pub kept: Vec<StepId>,
    /// Gathered tables: indexes over it, and what is known of their rows.
    pub indexes: Vec<(IndexId, Worth)>,
    /// Trees: the gathered tables that they look at, by place, those first that others need.
    pub uses: Vec<usize>,
    /// Trees: look-ups that only count in rows for which one of these conditions is not false.
    pub guards: BTreeMap<StepId, Vec<StepId>>,
}

/// The order of a run.
#[derive(Clone, Debug, Default)]
pub struct RunPlan {
    /// Constants and what is made of them alone.
    pub constants: Vec<StepId>,
    /// Gathered tables, those first that others need.
    pub gathered: Vec<Pass>,
    /// Trees.
    pub trees: Vec<Pass>,
    /// Steps that cannot be computed.
    pub absent: BTreeSet<StepId>,
    /// What is not there, and which rules it leaves undecided.
    pub absences: Vec<Absence>,
}

/// What the data have.
pub trait Presence {
    /// Whether the table's ledger is there and can be put in its place.
    fn has_table(&self, table: TableId) -> bool;
    /// Whether the column is there.
    fn has_column(&self, table: TableId, column: usize, wanted: &ColumnUse) -> bool;
}

impl RunPlan {
    /// Plans the answers at these places.
    #[must_use]
    pub fn new(program: &Program, answers: &[usize], presence: &dyn Presence) -> Self {
        let absent = absent_steps(program, presence);
        let mut plan = Self { absent, ..Self::default() };
        let mut alive = Vec::new();
        let mut dead = Vec::new();
        for place in answers {
            let Some(answer) = program.answers.get(*place) else { continue };
            let is_dead = answer
                .applies
                .iter()
                .chain([&answer.violates])
                .any(|step| plan.absent.contains(step));
            if is_dead { dead.push(*place) } else { alive.push(*place) }
        }
        let needed = plan.needed(program, &alive);
        plan.absences = absences(program, presence, &dead);
        plan.passes(program, &needed, &alive, &dead);
        plan
    }

    /// Steps that the answers use, directly or not.
    fn needed(&self, program: &Program, alive: &[usize]) -> BTreeSet<StepId> {
        let answers = alive.iter().filter_map(|place| program.answers.get(*place));
        let mut open: Vec<StepId> = answers.flat_map(Answer::roots).collect();
        let mut needed = BTreeSet::new();
        while let Some(step) = open.pop() {
            if !self.absent.contains(&step) && needed.insert(step) {
                open.extend(program.inputs(step));
            }
        }
        needed
    }

    fn passes(
        &mut self,
        program: &Program,
        needed: &BTreeSet<StepId>,
        alive: &[usize],
        dead: &[usize],
    ) {
        let mut by_base: BTreeMap<TableId, Vec<StepId>> = BTreeMap::new();
        for step in needed {
            let Some(found) = program.step(*step) else { continue };
            match program.base(found.space) {
                None => self.constants.push(*step),
                Some(base) => by_base.entry(base).or_default().push(*step),
            }
        }
        let mut trees: BTreeMap<TableId, Pass> = BTreeMap::new();
        let mut gathered: BTreeMap<(std::cmp::Reverse<u32>, TableId), Pass> = BTreeMap::new();
        for (base, steps) in by_base {
            match program.table(base).map(|table| &table.way) {
                Some(Way::Gathered { level }) => {
                    let pass = gathered.entry((std::cmp::Reverse(*level), base)).or_default();
                    pass.tables.push(base);
                    pass.steps = steps;
                }
                _ => tree_of(&mut trees, program, base).steps.extend(steps),
            }
        }
        for (places, is_alive) in [(alive, true), (dead, false)] {
            for place in places {
                let Some(answer) = program.answers.get(*place) else { continue };
                let pass = tree_of(&mut trees, program, answer.table);
                if is_alive { pass.answers.push(*place) } else { pass.undecided.push(*place) }
            }
        }
        self.gathered = gathered.into_values().collect();
        self.trees = trees.into_values().collect();
        for pass in &mut self.trees {
            pass.steps.sort_unstable();
        }
        self.close(program, needed);
    }

    /// What passes hand on, and when steps may be dropped.
    fn close(&mut self, program: &Program, needed: &BTreeSet<StepId>) {
        let places: BTreeMap<StepId, usize> = self
            .gathered
            .iter()
            .enumerate()
            .flat_map(|(place, pass)| pass.steps.iter().map(move |step| (*step, place)))
            .collect();
        let mut kept: BTreeMap<usize, BTreeSet<StepId>> = BTreeMap::new();
        let mut indexes: BTreeMap<usize, BTreeSet<IndexId>> = BTreeMap::new();
        for step in needed {
            let own = places.get(step);
            for input in program.inputs(*step) {
                if let Some(place) = places.get(&input)
                    && own != Some(place)
                {
                    kept.entry(*place).or_default().insert(input);
                }
            }
            if let Some(id) = index_of(program, *step)
                && let Some(index) = program.index(id)
                && let Some(place) = places.get(&index.key)
            {
                indexes.entry(*place).or_default().insert(id);
            }
        }
        let mut worths = worth(program, needed);
        for (place, pass) in self.gathered.iter_mut().enumerate() {
            let own = indexes.remove(&place).unwrap_or_default().into_iter();
            pass.indexes = own.map(|id| (id, worths.remove(&id).unwrap_or_default())).collect();
            let mut kept = kept.remove(&place).unwrap_or_default();
            for (id, _) in &pass.indexes {
                // Keys live in the index itself.
                if let Some(index) = program.index(*id)
                    && !is_used_elsewhere(program, needed, &places, place, index.key)
                {
                    kept.remove(&index.key);
                }
            }
            pass.kept = kept.into_iter().collect();
        }
        for pass in &mut self.trees {
            pass.uses = uses(program, &self.gathered, &places, &pass.steps);
            pass.guards = guards(program, pass);
            pass.steps = in_order(program, pass);
        }
        for pass in self.gathered.iter_mut().chain(&mut self.trees) {
            let last: BTreeSet<StepId> = pass
                .kept
                .iter()
                .copied()
                .chain(pass.indexes.iter().filter_map(|(id, _)| Some(program.index(*id)?.key)))
                .chain(
                    pass.answers
                        .iter()
                        .filter_map(|p| program.answers.get(*p))
                        .flat_map(Answer::roots),
                )
                .collect();
            pass.drops = drops(program, &pass.steps, &last);
        }
    }
}

/// Gathered tables that steps look at, and those that these look at in their turn.
fn uses(
    program: &Program,
    gathered: &[Pass],
    places: &BTreeMap<StepId, usize>,
    steps: &[StepId],
) -> Vec<usize> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&[StepId]> = vec![steps];
    while let Some(steps) = open.pop() {
        for input in steps.iter().flat_map(|step| program.inputs(*step)) {
            if let Some(place) = places.get(&input)
                && found.insert(*place)
                && let Some(pass) = gathered.get(*place)
            {
                open.push(&pass.steps);
            }
        }
    }
    found.into_iter().collect()
}

/// Whether a step of a gathered table is used from outside other than as the key of an index.
fn is_used_elsewhere(
    program: &Program,
    needed: &BTreeSet<StepId>,
    places: &BTreeMap<StepId, usize>,
    place: usize,
    key: StepId,
) -> bool {
    needed.iter().filter(|step| places.get(step) != Some(&place)).any(|step| {
        let Some(found) = program.step(*step) else { return false };
        match &found.kind {
            StepKind::Gather { source, .. } => *source == key,
            StepKind::Through { inner, .. } => *inner == key,
            StepKind::Expand { limits, .. } => {
                limits.iter().flat_map(Limit::inputs).any(|input| input == key)
            }
            StepKind::Lookup { index, .. } => {
                program.index(*index).is_some_and(|index| index.id == Some(key))
            }
            _ => false,
        }
    })
}

fn tree_of<'a>(
    trees: &'a mut BTreeMap<TableId, Pass>,
    program: &Program,
    table: TableId,
) -> &'a mut Pass {
    let root = match program.table(table).map(|table| &table.way) {
        Some(Way::Nested { root, .. }) => *root,
        _ => table,
    };
    let pass = trees.entry(root).or_default();
    for table in [root, table] {
        if !pass.tables.contains(&table) {
            pass.tables.push(table);
        }
    }
    pass
}

/// Whether a step has no loop of its own and goes row by row through the definition of its
/// function in `rules`.
#[must_use]
pub fn goes_by_row(program: &Program, step: StepId) -> bool {
    let Some(StepKind::Call { function, arguments }) = program.step(step).map(|step| &step.kind)
    else {
        return false;
    };
    let types: Vec<_> =
        arguments.iter().filter_map(|step| Some(program.step(*step)?.value)).collect();
    !crate::kernel::has_loop(*function, &types)
}

pub(super) fn index_of(program: &Program, step: StepId) -> Option<IndexId> {
    match &program.step(step)?.kind {
        StepKind::Lookup { index, .. }
        | StepKind::LookupOne { index, .. }
        | StepKind::Duplicates { index, .. } => Some(*index),
        _ => None,
    }
}

/// Steps that read something that is not there, and all that are made of them.
fn absent_steps(program: &Program, presence: &dyn Presence) -> BTreeSet<StepId> {
    let mut absent = BTreeSet::new();
    for (place, step) in program.steps.iter().enumerate() {
        let id = StepId(u32::try_from(place).unwrap_or(u32::MAX));
        let base = program.base(step.space);
        let is_gone = match (&step.kind, base) {
            (_, Some(base)) if !presence.has_table(base) => true,
            (StepKind::RootRow, Some(base)) => match program.table(base).map(|t| &t.way) {
                Some(Way::Nested { root, .. }) => !presence.has_table(*root),
                _ => true,
            },
            (StepKind::Column(column), Some(base)) => {
                let wanted = program.table(base).and_then(|t| t.columns.get(*column as usize));
                wanted.is_none_or(|wanted| !presence.has_column(base, *column as usize, wanted))
            }
            _ => program.inputs(id).iter().any(|input| absent.contains(input)),
        };
        if is_gone {
            absent.insert(id);
        }
    }
    absent
}

/// What dead answers lack, by ledger and column.
fn absences(program: &Program, presence: &dyn Presence, dead: &[usize]) -> Vec<Absence> {
    let mut found: BTreeMap<(String, Option<String>), BTreeSet<String>> = BTreeMap::new();
    for answer in dead.iter().filter_map(|place| program.answers.get(*place)) {
        let mut open: Vec<StepId> = answer.applies.into_iter().chain([answer.violates]).collect();
        let mut seen = BTreeSet::new();
        while let Some(step) = open.pop() {
            if !seen.insert(step) {
                continue;
            }
            open.extend(program.inputs(step));
            let Some(found_step) = program.step(step) else { continue };
            let Some(base) = program.base(found_step.space) else { continue };
            let Some(table) = program.table(base) else { continue };
            let column = match &found_step.kind {
                _ if !presence.has_table(base) => None,
                StepKind::Column(column) => match table.columns.get(*column as usize) {
                    Some(wanted) if !presence.has_column(base, *column as usize, wanted) => {
                        Some(wanted.name.clone())
                    }
                    _ => continue,
                },
                _ => continue,
            };
            let key = (table.ledger.clone(), column);
            found.entry(key).or_default().insert(answer.rule.clone());
        }
    }
    let absence = |((ledger, column), rules): ((String, Option<String>), BTreeSet<String>)| {
        Absence { ledger, column, rules: rules.into_iter().collect() }
    };
    found.into_iter().map(absence).collect()
}

/// For each step the steps that are used for the last time there.
fn drops(program: &Program, steps: &[StepId], held: &BTreeSet<StepId>) -> Vec<Vec<StepId>> {
    let own: BTreeSet<StepId> = steps.iter().copied().collect();
    let mut seen: BTreeSet<StepId> = BTreeSet::new();
    let mut drops = vec![Vec::new(); steps.len()];
    for (step, dropped) in steps.iter().zip(drops.iter_mut()).rev() {
        for used in program.inputs(*step).into_iter().chain([*step]) {
            if own.contains(&used) && !held.contains(&used) && seen.insert(used) {
                dropped.push(used);
            }
        }
    }
    drops
}
