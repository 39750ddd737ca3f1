//! Which rows of a gathered table can count at all: the others are neither kept nor found.

use super::frame::Frame;
use super::index::KeyIndex;
use crate::bits::Bits;
use crate::column::Column;
use std::collections::{BTreeMap, BTreeSet};
use taizhang_program::{IndexId, IndexKind, Limit, Program, Space, StepId, StepKind, TableId};

/// What the program says of the rows of an index before any of them is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Worth {
    /// A row counts if all conditions of one of these may hold; any row if nothing stands here.
    pub conditions: Vec<Vec<StepId>>,
    /// With which keys rows are looked for, if columns of their own tables tell them.
    pub asked: Vec<StepId>,
}

/// Which rows an index of a gathered table takes in.
pub(crate) enum Intake {
    /// Every row with a key.
    All,
    /// Those with one of these keys.
    Keyed(KeyIndex),
    /// Those for which all conditions of one of these may hold.
    Limited(Vec<Vec<StepId>>),
}

impl Intake {
    /// The rows of a batch; [`None`] for all.
    pub(crate) fn rows(&self, frame: &Frame<'_>, index: IndexId, rows: usize) -> Option<Bits> {
        match self {
            Self::All => None,
            Self::Keyed(keys) => {
                let mut taken = Bits::filled(rows, false);
                let step = frame.program.index(index)?.key;
                if let Some(Column::Integer(column)) = frame.get(step).map(AsRef::as_ref) {
                    let found = keys.find(column, rows).rows;
                    found.into_iter().for_each(|row| taken.set(row as usize, true));
                }
                Some(taken)
            }
            Self::Limited(ways) => {
                let mut taken = Bits::filled(rows, false);
                for conditions in ways {
                    let mut own = Bits::filled(rows, true);
                    for condition in conditions {
                        let Column::Boolean(found) = frame.get(*condition)?.as_ref() else {
                            return None;
                        };
                        own = own.without(&found.false_bits(rows));
                    }
                    taken = taken.or(&own);
                }
                Some(taken)
            }
        }
    }
}

/// What is known of the rows of each index that the needed steps look into.
pub(super) fn worth(program: &Program, needed: &BTreeSet<StepId>) -> BTreeMap<IndexId, Worth> {
    let mut users: BTreeMap<StepId, Vec<StepId>> = BTreeMap::new();
    let mut lookups: BTreeMap<IndexId, Vec<StepId>> = BTreeMap::new();
    for step in needed {
        for input in program.inputs(*step) {
            users.entry(input).or_default().push(*step);
        }
        if let Some(id) = super::plan::index_of(program, *step)
            && program.index(id).is_some_and(|index| index.keeps == IndexKind::Rows)
        {
            lookups.entry(id).or_default().push(*step);
        }
    }
    let of = |steps: &[StepId]| Worth {
        conditions: every(steps.iter().map(|step| conditions(program, &users, *step))),
        asked: every(steps.iter().map(|step| Some(vec![key_alone(program, *step)?]))),
    };
    lookups.into_iter().map(|(id, steps)| (id, of(&steps))).collect()
}

/// All of them together; nothing if one is not known.
fn every<T>(parts: impl Iterator<Item = Option<Vec<T>>>) -> Vec<T> {
    parts
        .collect::<Option<Vec<_>>>()
        .map(|all| all.into_iter().flatten().collect())
        .unwrap_or_default()
}

/// The conditions of a look-up's rows wherever these are looked at, if there are any each time.
fn conditions(
    program: &Program,
    users: &BTreeMap<StepId, Vec<StepId>>,
    related: StepId,
) -> Option<Vec<Vec<StepId>>> {
    let mut ways = Vec::new();
    for user in users.get(&related).into_iter().flatten() {
        match &program.step(*user)?.kind {
            StepKind::Expand { related: own, limits, .. } if *own == related => {
                let held = limits.iter().filter_map(|limit| match limit {
                    Limit::Holds(condition) => Some(*condition),
                    Limit::Compares(..) => None,
                });
                let held: Vec<StepId> = held.collect();
                ways.push(Some(held).filter(|held| !held.is_empty())?);
            }
            StepKind::Through { outer, .. } if *outer != related => {
                ways.extend(conditions(program, users, *user)?);
            }
            _ => return None,
        }
    }
    Some(ways)
}

/// The key with which a look-up asks, if it is made of columns of one table and nothing else.
fn key_alone(program: &Program, lookup: StepId) -> Option<StepId> {
    let (StepKind::Lookup { key, .. } | StepKind::LookupOne { key, .. }) =
        program.step(lookup)?.kind
    else {
        return None;
    };
    own_steps(program, key)?;
    Some(key)
}

/// The table of a value and the steps that make it there, in order, if it looks at no other table
/// and at no other row.
pub(crate) fn own_steps(program: &Program, value: StepId) -> Option<(TableId, Vec<StepId>)> {
    let Space::Table(table) = program.step(value)?.space else { return None };
    let mut steps = BTreeSet::new();
    let mut open = vec![value];
    while let Some(id) = open.pop() {
        let step = program.step(id)?;
        let is_alone = match step.space {
            Space::One => continue,
            Space::Table(own) => own == table && !looks_elsewhere(&step.kind),
            Space::Pairs(_) => false,
        };
        if !is_alone {
            return None;
        }
        if steps.insert(id) {
            open.extend(program.inputs(id));
        }
    }
    Some((table, steps.into_iter().collect()))
}

const fn looks_elsewhere(kind: &StepKind) -> bool {
    matches!(
        kind,
        StepKind::RootRow
            | StepKind::NestedRow { .. }
            | StepKind::Pointing { .. }
            | StepKind::Lookup { .. }
            | StepKind::LookupOne { .. }
            | StepKind::Duplicates { .. }
            | StepKind::Through { .. }
            | StepKind::Expand { .. }
            | StepKind::Gather { .. }
            | StepKind::Reduce { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use taizhang_codebook::Codebook;
    use taizhang_values::Date;

    #[test]
    fn rows_are_limited_where_every_look_at_them_is() {
        let codebook = Codebook::embedded("rural").unwrap();
        let lifted = "household_rows.filter(h, h.household_type == 'lifted')";
        let area = format!("{lifted}.sum(h, default(h.farmland_mu, 0.0)) > 3.0");
        let two = format!("{area} || household_rows.filter(h, h.is_active).sum(h, 1) > 9");
        let all = format!("{area} || size(household_rows) > 2");
        // Ledger and condition, ways to count, whether the keys that ask can be read before.
        let cases: [(&str, &str, usize, bool); 6] = [
            ("village", &area, 1, true),
            ("village", &two, 2, true),
            ("village", &all, 0, true),
            ("project", "household.household_type == 'lifted'", 0, true),
            ("person", "school_rolls.exists(s, s.is_present)", 0, true),
            ("household", "members.exists(m, size(m.school_rolls) > 1)", 0, true),
        ];
        for (ledger, text, ways, is_asked) in cases {
            let rule = taizhang_rules::trial(&codebook, ledger, text).unwrap();
            let day = Date::constant(2026, 11, 22);
            let (program, _) = taizhang_program::compile(&codebook, &[rule], day);
            let steps = 0..u32::try_from(program.steps.len()).unwrap();
            let found = worth(&program, &steps.map(StepId).collect());
            let found: Vec<_> = found.into_values().collect();
            let [found] = found.as_slice() else { panic!("{text}: one index") };
            assert_eq!(
                (found.conditions.len(), !found.asked.is_empty()),
                (ways, is_asked),
                "{text}"
            );
        }
    }
}
