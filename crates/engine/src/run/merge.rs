//! Household batches: rows of the root and of the ledgers nested in it, side by side.
//!
//! Every ledger of a tree is sorted by the id of its root record. Rows of one root record form a
//! *group*; a group that has no root row is an orphan, whose rows still meet each other.

use super::frame::TableBatch;
use super::partition::Partition;
use crate::column::{Column, Integers, NOWHERE, Rows};
use crate::error::EngineError;
use crate::snapshot::{BatchBuilder, IdColumn, LedgerStream, MISSING};
use std::cmp::Ordering;
use std::collections::HashMap;
use taizhang_program::StepId;

/// Rows of a group that are gone through one by one; longer groups get a table.
const GROUP_ROWS: usize = 16;

/// Takes every row up to the boundary, all of them if there is none.
pub(crate) fn take_until(
    stream: &mut LedgerStream,
    batch: &mut BatchBuilder,
    boundary: Option<(&IdColumn, usize)>,
) -> Result<(), EngineError> {
    while stream.fill()? {
        let Some((ids, range)) = stream.pending() else { return Ok(()) };
        let count = match boundary {
            None => range.len(),
            Some((other, row)) => {
                let is_inside = |place: &usize| ids.compare(*place, other, row).is_le();
                partition_point(range.clone(), is_inside)
            }
        };
        let is_all = count == range.len();
        if count > 0 {
            stream.take(count, batch)?;
        }
        if !is_all {
            return Ok(());
        }
    }
    Ok(())
}

/// How many places from the start of a range pass a test that is true up to some place.
fn partition_point(range: std::ops::Range<usize>, test: impl Fn(&usize) -> bool) -> usize {
    let (mut low, mut high) = (range.start, range.end);
    while low < high {
        let middle = low + (high - low) / 2;
        if test(&middle) { low = middle + 1 } else { high = middle }
    }
    low - range.start
}

/// Checks that ids lie in the partition and go on in order from the last one seen, which becomes
/// the last of these.
pub(crate) fn check_order(
    ledger: &str,
    part: &Partition,
    last: &mut IdColumn,
    ids: &IdColumn,
) -> Result<(), EngineError> {
    if ids.is_empty() {
        return Ok(());
    }
    let unsorted = || EngineError::Unsorted(ledger.to_owned());
    if !part.holds(ids) || (!last.is_empty() && last.compare(0, ids, 0).is_gt()) {
        return Err(unsorted());
    }
    let is_sorted = match ids {
        IdColumn::Number(ids) => ids.is_sorted(),
        _ => (1..ids.len()).all(|row| ids.compare(row - 1, ids, row).is_le()),
    };
    if !is_sorted {
        return Err(unsorted());
    }
    let mut end = IdColumn::default();
    end.append(ids, ids.len() - 1, 1);
    *last = end;
    Ok(())
}

/// Groups of a tree's rows in one batch.
pub(crate) struct Groups {
    driver: IdColumn,
    /// The group of each driver row: the first row with its id.
    pub(crate) own: Vec<u32>,
    orphans: HashMap<i64, u32>,
}

impl Groups {
    /// Groups are numbered by the first row of the driving table in them.
    pub(crate) fn new(driver: IdColumn) -> Self {
        let mut own: Vec<u32> = Vec::with_capacity(driver.len());
        for row in 0..driver.len() {
            let is_same =
                row > 0 && driver.compare(row - 1, &driver, row).is_eq() && !driver.is_missing(row);
            let before = if is_same { own.last().copied() } else { None };
            let number = u32::try_from(row).unwrap_or(NOWHERE);
            own.push(before.unwrap_or(number));
        }
        Self { driver, own, orphans: HashMap::new() }
    }

    /// The last id of the driver.
    pub(crate) fn last(&self) -> Option<IdColumn> {
        let last = self.driver.len().checked_sub(1)?;
        let mut end = IdColumn::default();
        end.append(&self.driver, last, 1);
        Some(end)
    }

    /// The group of each row with these sorted ids; rows without an id are in none.
    pub(crate) fn of(&mut self, ids: &IdColumn) -> Vec<u32> {
        if let (IdColumn::Number(driver), IdColumn::Number(own)) = (&self.driver, ids)
            && let Some(groups) = self.numbers(driver, own)
        {
            return groups;
        }
        let mut groups: Vec<u32> = Vec::with_capacity(ids.len());
        let mut place = 0;
        for row in 0..ids.len() {
            let is_same = row > 0 && ids.compare(row - 1, ids, row).is_eq();
            let group = if is_same {
                groups.last().copied().unwrap_or(NOWHERE)
            } else {
                self.find(ids, row, &mut place)
            };
            groups.push(group);
        }
        groups
    }

    /// Groups of ids that are numbers, all of which the driver has; the common case.
    fn numbers(&self, driver: &[i64], ids: &[i64]) -> Option<Vec<u32>> {
        let mut groups = Vec::with_capacity(ids.len());
        let mut place = 0_usize;
        let (mut last, mut group) = (MISSING, NOWHERE);
        for id in ids {
            if *id != last || *id == MISSING {
                while driver.get(place).is_some_and(|other| other < id) {
                    place = place.wrapping_add(1);
                }
                let is_known = *id != MISSING && driver.get(place) == Some(id);
                group = *self.own.get(place).filter(|_| is_known)?;
                last = *id;
            }
            groups.push(group);
        }
        Some(groups)
    }

    fn find(&mut self, ids: &IdColumn, row: usize, place: &mut usize) -> u32 {
        if ids.is_missing(row) {
            return NOWHERE;
        }
        while *place < self.driver.len() {
            match self.driver.compare(*place, ids, row) {
                Ordering::Less => *place += 1,
                Ordering::Equal => return self.own.get(*place).copied().unwrap_or(NOWHERE),
                Ordering::Greater => break,
            }
        }
        let next = u32::try_from(self.driver.len() + self.orphans.len()).unwrap_or(NOWHERE);
        match ids.key(row) {
            Some(key) => *self.orphans.entry(key).or_insert(next),
            None => NOWHERE,
        }
    }
}

/// Groups as rows of the root; orphans lead nowhere.
pub(crate) fn root_rows(groups: &[u32], root_count: usize) -> Rows {
    let limit = u32::try_from(root_count).unwrap_or(NOWHERE);
    let mut has_nowhere = false;
    let row = |group: &u32| {
        has_nowhere |= *group >= limit;
        if *group < limit { *group } else { NOWHERE }
    };
    let rows = groups.iter().map(row).collect();
    Rows::Picked { rows, has_nowhere }
}

/// For each row the row of another table of the same group whose id is the reference.
pub(crate) fn nested_rows(
    own: &TableBatch,
    reference: &Column,
    target: &TableBatch,
    (step, id): (StepId, &Column),
) -> Rows {
    let (Column::Integer(references), Column::Integer(ids)) = (reference, id) else {
        return Rows::picked(vec![NOWHERE; own.rows]);
    };
    let mut finder = Finder { target, ids, firsts: target.firsts(), all: None };
    let is_rising = target.is_rising(step, ids);
    // Rows that follow each other mostly name the same one.
    let mut last = (NOWHERE, 0, NOWHERE);
    let mut has_nowhere = false;
    let rows = references.values.iter().zip(&own.groups).enumerate();
    let found = rows.map(|(row, (wanted, group))| {
        let found = if *group == NOWHERE || !references.gaps.is_known(row) {
            NOWHERE
        } else if let Some(row) = finder.near(*group, *wanted).filter(|_| is_rising) {
            row
        } else if (last.0, last.1) == (*group, *wanted) {
            last.2
        } else {
            last = (*group, *wanted, finder.find(*group, *wanted));
            last.2
        };
        has_nowhere |= found == NOWHERE;
        found
    });
    let rows = found.collect();
    Rows::Picked { rows, has_nowhere }
}

/// The first row of each group.
pub(crate) fn first_rows(groups: &[u32]) -> Vec<u32> {
    let known = groups.iter().filter(|group| **group != NOWHERE);
    let count = known.max().map_or(0, |last| *last as usize + 1);
    let mut firsts = vec![NOWHERE; count];
    // From the end on, so that what is written last is the first.
    for (row, group) in groups.iter().enumerate().rev() {
        if let Some(first) = firsts.get_mut(*group as usize) {
            *first = u32::try_from(row).unwrap_or(NOWHERE);
        }
    }
    firsts
}

/// Whether ids that are all known rise within each group.
pub(crate) fn rises(groups: &[u32], ids: &Integers) -> bool {
    let next = groups.iter().zip(&ids.values).skip(1);
    let falls = groups.iter().zip(&ids.values).zip(next).fold(
        false,
        |falls, ((group, id), (next_group, next_id))| {
            falls | (group == next_group) & (id >= next_id)
        },
    );
    ids.gaps.known.is_none() && ids.values.len() == groups.len() && !falls
}

/// Finds rows by group and id.
struct Finder<'a> {
    target: &'a TableBatch,
    ids: &'a Integers,
    firsts: &'a [u32],
    /// Made when a group is too long to be gone through.
    all: Option<HashMap<(u32, i64), u32>>,
}

impl Finder<'_> {
    /// The row that is as far from the group's first as the ids are apart, if it has the id:
    /// members who were entered together were numbered together. Of ids that rise no other row
    /// of the group has it.
    #[inline]
    fn near(&self, group: u32, wanted: i64) -> Option<u32> {
        let first = *self.firsts.get(group as usize)?;
        let start = *self.ids.values.get(first as usize)?;
        let row = first.checked_add(u32::try_from(wanted.checked_sub(start)?).ok()?)?;
        let is_it = self.ids.values.get(row as usize) == Some(&wanted)
            && self.target.groups.get(row as usize) == Some(&group);
        is_it.then_some(row)
    }

    fn find(&mut self, group: u32, wanted: i64) -> u32 {
        let Some(first) = self.firsts.get(group as usize).copied().filter(|row| *row != NOWHERE)
        else {
            return NOWHERE;
        };
        let start = first as usize;
        let groups = self.target.groups.get(start..).unwrap_or(&[]);
        let ids = self.ids.values.get(start..).unwrap_or(&[]);
        let is_whole = self.ids.gaps.known.is_none();
        let mut place = first;
        for (own, id) in groups.iter().zip(ids).take(GROUP_ROWS) {
            if *own != group {
                return NOWHERE;
            }
            if *id == wanted && (is_whole || self.ids.gaps.is_known(place as usize)) {
                return place;
            }
            place = place.wrapping_add(1);
        }
        let (target, ids) = (self.target, self.ids);
        let all = self.all.get_or_insert_with(|| {
            let mut all = HashMap::new();
            for (row, (group, id)) in target.groups.iter().zip(&ids.values).enumerate() {
                if ids.gaps.is_known(row) {
                    let row = u32::try_from(row).unwrap_or(NOWHERE);
                    all.entry((*group, *id)).or_insert(row);
                }
            }
            all
        });
        all.get(&(group, wanted)).copied().unwrap_or(NOWHERE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::Gaps;

    /// The row of the group with each wanted id.
    fn check(groups: &[u32], ids: &[i64], wanted: &[(u32, i64)], expected: &[u32]) {
        let target = TableBatch { groups: groups.to_vec(), ..TableBatch::default() };
        let whole = |values| Column::Integer(Integers { values, gaps: Gaps::default() });
        let own_groups = wanted.iter().map(|(group, _)| *group).collect();
        let own = TableBatch { groups: own_groups, rows: wanted.len(), ..TableBatch::default() };
        let references = whole(wanted.iter().map(|(_, id)| *id).collect());
        let ids = whole(ids.to_vec());
        match nested_rows(&own, &references, &target, (StepId(0), &ids)) {
            Rows::Picked { rows, .. } => assert_eq!(rows, expected, "{groups:?} {ids:?}"),
            Rows::Identity(_) => panic!("rows were not looked for"),
        }
    }

    #[test]
    fn a_member_is_found_by_his_number_however_numbers_were_given() {
        let wanted = [(0, 11), (0, 12), (0, 12), (2, 9), (2, 11), (1, 11), (0, 99), (2, i64::MIN)];
        let nowhere = [NOWHERE; 3];
        // Numbered together, with gaps, in any order, and one number twice: the first row counts.
        check(&[0, 0, 0, 2], &[10, 11, 12, 9], &wanted[..4], &[1, 2, 2, 3]);
        check(&[0, 0, 0, 2, 2], &[5, 11, 12, 9, 11], &wanted[..5], &[1, 2, 2, 3, 4]);
        check(&[0, 0, 0, 2, 2], &[12, 11, 13, 11, 9], &wanted[..5], &[1, 0, 0, 4, 3]);
        check(&[0, 0, 0, 0], &[10, 12, 12, 11], &wanted[..3], &[3, 1, 1]);
        check(&[0, 0, 2], &[11, 12, 9], &wanted[5..], &nowhere);
    }
}
