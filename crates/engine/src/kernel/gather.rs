//! Moving values between spaces.

use crate::bits::Bits;
use crate::column::{
    Booleans, Column, Decimals, Expansion, Gaps, Integers, NOWHERE, Related, Rows, TextLists, Texts,
};
use std::sync::Arc;
use taizhang_program::Comparison;

/// The values at these rows; missing where nowhere.
#[must_use]
pub fn gather(source: &Column, rows: &Rows) -> Column {
    let Rows::Picked { rows: picked, has_nowhere } = rows else { return source.clone() };
    let length = source.len();
    if length == 1 && picked.iter().any(|row| !matches!(*row, 0 | NOWHERE)) {
        // One value stands for all rows.
        let somewhere = picked.iter().map(|row| if *row == NOWHERE { NOWHERE } else { 0 });
        let (rows, has_nowhere) = (somewhere.collect(), *has_nowhere);
        return gather(source, &Rows::Picked { rows, has_nowhere });
    }
    let gaps = source.gaps().map(|gaps| gaps.gather(rows, length)).unwrap_or_default();
    let gaps = Gaps {
        known: gaps.known.filter(|known| !known.all()),
        errors: gaps.errors.filter(|errors| !errors.none()),
    };
    match source {
        Column::Boolean(column) => {
            Column::Boolean(Booleans { truth: column.truth.gather(picked), gaps })
        }
        Column::Integer(column) => {
            Column::Integer(Integers { values: take(&column.values, picked), gaps })
        }
        Column::Decimal(column) => {
            Column::Decimal(Decimals { values: take(&column.values, picked), gaps })
        }
        Column::Text(column) => Column::Text(Texts {
            keys: Some(match &column.keys {
                Some(keys) => take_or(keys, picked, NOWHERE),
                None => picked.clone(),
            }),
            dictionary: Arc::clone(&column.dictionary),
            gaps,
        }),
        Column::List(column) => Column::List(TextLists::new(
            take(&column.spans, picked),
            Arc::clone(&column.items),
            gaps,
        )),
        Column::Rows(column) => {
            Column::Rows(Rows::picked(picked.iter().map(|row| pointed(column, *row)).collect()))
        }
        Column::Related(column) => {
            let spans = take(&column.every_span(), picked);
            Column::Related(Related::each(spans, column.rows.clone(), gaps))
        }
        Column::Expansion(_) => source.clone(),
    }
}

fn pointed(rows: &Rows, row: u32) -> u32 {
    let found = (row != NOWHERE).then(|| rows.get(row as usize)).flatten();
    found.and_then(|row| u32::try_from(row).ok()).unwrap_or(NOWHERE)
}

fn take<T: Copy + Default>(values: &[T], rows: &[u32]) -> Vec<T> {
    take_or(values, rows, T::default())
}

fn take_or<T: Copy>(values: &[T], rows: &[u32], otherwise: T) -> Vec<T> {
    rows.iter().map(|row| values.get(*row as usize).copied().unwrap_or(otherwise)).collect()
}

/// Pairs of each row with its related rows, which are of a table of `child_rows` rows.
#[must_use]
pub fn expand(related: &Related, child_rows: usize) -> Expansion {
    let mut ends = Vec::with_capacity(related.spans.len());
    let mut end = 0_u32;
    let mut is_whole = related.rows.is_none();
    for (start, stop) in &related.spans {
        is_whole &= *start == end || start == stop;
        end = end.saturating_add(stop.saturating_sub(*start));
        ends.push(end);
    }
    let children = if is_whole && end as usize == child_rows {
        None
    } else {
        let mut children = Vec::with_capacity(end as usize);
        for (start, stop) in &related.spans {
            related.add_span(*start, *stop, &mut children);
        }
        Some(children)
    };
    let picked = related.picked.clone();
    Expansion { length: related.length, picked, ends, children, gaps: related.gaps.clone() }
}

/// One side of a comparison that limits pairs.
#[derive(Clone, Debug)]
pub struct Sided<'a> {
    /// A key for every row, or one for all; two are compared as whole numbers.
    pub keys: &'a [i64],
    /// Rows without one.
    pub gaps: &'a Gaps,
}

impl Sided<'_> {
    /// Whether the other side is the same column: keys and gaps lie in the same places.
    fn is(&self, other: &Sided<'_>) -> bool {
        std::ptr::eq(self.keys, other.keys) && std::ptr::eq(self.gaps, other.gaps)
    }
}

/// Comparisons of the same keys of related rows, which limit these to a range for each row.
struct Ranged<'a> {
    inner: &'a Sided<'a>,
    own: Vec<(Comparison, &'a Sided<'a>)>,
}

impl<'a> Ranged<'a> {
    /// One for each kind of keys; what is unlike another has no range.
    fn of(comparisons: &'a [(Comparison, [Sided<'a>; 2])]) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for (how, [inner, own]) in comparisons.iter().filter(|(how, _)| has_range(*how)) {
            let is_same = |known: &&mut Self| known.inner.is(inner);
            match all.iter_mut().find(is_same) {
                Some(known) => known.own.push((*how, own)),
                None => all.push(Self { inner, own: vec![(*how, own)] }),
            }
        }
        all
    }

    /// The lowest and the highest key that a row lets through.
    fn range(&self, row: usize) -> (i64, i64) {
        let known = self.own.iter().filter(|(_, own)| own.gaps.is_known(row));
        known.fold(EVERY, |(low, high), (how, own)| {
            let (from, to) = range_of(*how, super::at(own.keys, row));
            (low.max(from), high.min(to))
        })
    }

    /// Whether the key of a related row lies in the range, or is not known.
    #[inline]
    fn may_hold(&self, child: usize, (low, high): (i64, i64)) -> bool {
        (low..=high).contains(&super::at(self.inner.keys, child))
            || !self.inner.gaps.is_known(child)
    }

    /// Adds the related rows of a span that the range lets through.
    fn add(
        &self,
        related: &Related,
        (start, end): (u32, u32),
        (low, high): (i64, i64),
        found: &mut Found,
    ) {
        let (from, to) = (start as usize, end as usize);
        found.make_room(to.saturating_sub(from));
        let beside = match (&related.rows, &self.inner.gaps.known) {
            (None, None) => self.inner.keys.get(from..to),
            _ => None,
        };
        match (beside, &related.rows) {
            (Some(keys), _) => (start..end)
                .zip(keys)
                .for_each(|(child, key)| found.add(child, (low..=high).contains(key))),
            (None, None) => (start..end)
                .for_each(|child| found.add(child, self.may_hold(child as usize, (low, high)))),
            (None, Some(rows)) => {
                let rows = rows.get(from..to).unwrap_or(&[]).iter();
                rows.for_each(|child| {
                    found.add(*child, self.may_hold(*child as usize, (low, high)));
                });
            }
        }
    }
}

/// Rows of a table that meet their own table under the same key, but not themselves: where no two
/// of a span share the key, nothing is looked at row by row.
struct Twins<'a> {
    key: &'a Sided<'a>,
    /// What keeps a row from meeting itself.
    apart: &'a Sided<'a>,
    /// The span that was looked at last, and whether its rows may meet.
    last: ((u32, u32), bool),
}

/// Longer spans are gone through row by row: all their pairs would be too many to look at.
const TWINS_MAX: usize = 16;

impl<'a> Twins<'a> {
    fn of(comparisons: &'a [(Comparison, [Sided<'a>; 2])]) -> Option<Self> {
        let of_kind = |wanted: fn(Comparison) -> bool| {
            let mut all = comparisons.iter();
            let own = all.find(|(how, [inner, own])| wanted(*how) && inner.is(own));
            own.map(|(_, [side, _])| side)
        };
        let key = of_kind(|how| how == Comparison::Equal)?;
        let apart = of_kind(|how| {
            matches!(how, Comparison::NotEqual | Comparison::Less | Comparison::Greater)
        })?;
        Some(Self { key, apart, last: ((0, 0), false) })
    }

    /// Whether a row may meet any of these rows that follow each other.
    #[inline]
    fn may_meet(&mut self, row: u32, (start, end): (u32, u32)) -> bool {
        if self.last.0 != (start, end) {
            self.last = ((start, end), self.any(start as usize, end as usize));
        }
        self.last.1 || row < start || end <= row
    }

    fn any(&self, start: usize, end: usize) -> bool {
        let Some(keys) = self.key.keys.get(start..end).filter(|keys| keys.len() <= TWINS_MAX)
        else {
            return true;
        };
        let is_known = |side: &Sided<'_>| {
            side.gaps.known.as_ref().is_none_or(|known| known.count_in(start, end) == keys.len())
        };
        let mut is_met = false;
        for (place, key) in keys.iter().enumerate() {
            let rest = keys.get(place.wrapping_add(1)..).unwrap_or(&[]);
            is_met |= rest.iter().fold(false, |met, other| met | (other == key));
        }
        is_met || !is_known(self.key) || !is_known(self.apart)
    }
}

/// Rows as they are found. Whether one stays is no branch: the processor could not foretell it.
#[derive(Default)]
struct Found {
    /// Longer than what was found.
    rows: Vec<u32>,
    count: usize,
}

impl Found {
    /// Makes room for so many more.
    fn make_room(&mut self, more: usize) {
        let wanted = self.count.saturating_add(more);
        if wanted > self.rows.len() {
            self.rows.resize(wanted.saturating_mul(2).max(64), 0);
        }
    }

    /// Adds a row, for which there is room, if it stays.
    #[inline]
    fn add(&mut self, row: u32, stays: bool) {
        if let Some(slot) = self.rows.get_mut(self.count) {
            *slot = row;
        }
        self.count = self.count.wrapping_add(usize::from(stays));
    }

    /// Keeps those of the rows from `begin` on that pass the test.
    #[inline]
    fn keep(&mut self, begin: usize, test: impl Fn(usize) -> bool) {
        let end = std::mem::replace(&mut self.count, begin);
        for place in begin..end {
            let row = self.rows.get(place).copied().unwrap_or(NOWHERE);
            self.add(row, test(row as usize));
        }
    }

    fn finish(mut self) -> Vec<u32> {
        self.rows.truncate(self.count);
        self.rows
    }
}

/// Every key lies in this range.
const EVERY: (i64, i64) = (i64::MIN, i64::MAX);

/// No key lies in this range.
const NONE: (i64, i64) = (i64::MAX, i64::MIN);

fn has_range(how: Comparison) -> bool {
    how != Comparison::NotEqual
}

/// The keys that compare so with another.
fn range_of(how: Comparison, other: i64) -> (i64, i64) {
    match how {
        Comparison::Equal => (other, other),
        Comparison::NotEqual => EVERY,
        Comparison::Less => other.checked_sub(1).map_or(NONE, |last| (i64::MIN, last)),
        Comparison::LessEqual => (i64::MIN, other),
        Comparison::Greater => other.checked_add(1).map_or(NONE, |first| (first, i64::MAX)),
        Comparison::GreaterEqual => (other, i64::MAX),
    }
}

/// Pairs of each row with those of its related rows for which a condition of the related table may
/// hold and each comparison of a related row's key with the row's own may: it does where one of the
/// two is missing.
#[must_use]
pub fn expand_within(
    related: &Related,
    condition: Option<&Bits>,
    comparisons: &[(Comparison, [Sided<'_>; 2])],
) -> Expansion {
    let ranged = Ranged::of(comparisons);
    let unlike: Vec<_> = comparisons.iter().filter(|(how, _)| !has_range(*how)).collect();
    let mut twins = Twins::of(comparisons).filter(|_| related.rows.is_none());
    let (mut picked, mut ends, mut found) = (Vec::new(), Vec::new(), Found::default());
    for (place, (start, end)) in
        related.spans.iter().enumerate().filter(|(_, (one, two))| one < two)
    {
        let row = related.row_at(place);
        if twins.as_mut().is_some_and(|twins| !twins.may_meet(row, (*start, *end))) {
            continue;
        }
        let begin = found.count;
        let ranges = ranged.iter().map(|limit| (limit, limit.range(row as usize)));
        let mut ranges = ranges.filter(|(_, range)| *range != EVERY);
        match ranges.next() {
            None => every(related, (*start, *end), &mut found),
            Some((limit, range)) => limit.add(related, (*start, *end), range, &mut found),
        }
        if found.count > begin {
            for (limit, range) in ranges {
                found.keep(begin, |child| limit.may_hold(child, range));
            }
            let known = |own: &Sided<'_>| own.gaps.is_known(row as usize);
            for (_, [inner, own]) in unlike.iter().filter(|(_, [_, own])| known(own)) {
                let own = super::at(own.keys, row as usize);
                found.keep(begin, |child| {
                    super::at(inner.keys, child) != own || !inner.gaps.is_known(child)
                });
            }
            if let Some(bits) = condition {
                found.keep(begin, |child| bits.get(child));
            }
        }
        if found.count > begin {
            picked.push(row);
            ends.push(u32::try_from(found.count).unwrap_or(u32::MAX));
        }
    }
    let (length, gaps) = (related.length, related.gaps.clone());
    Expansion { length, picked: Some(picked), ends, children: Some(found.finish()), gaps }
}

/// Adds all related rows of a span.
fn every(related: &Related, (start, end): (u32, u32), found: &mut Found) {
    found.make_room(end.saturating_sub(start) as usize);
    match &related.rows {
        None => (start..end).for_each(|child| found.add(child, true)),
        Some(rows) => {
            let rows = rows.get(start as usize..end as usize).unwrap_or(&[]);
            rows.iter().for_each(|child| found.add(*child, true));
        }
    }
}

/// The outer row of every pair.
#[must_use]
pub fn outer_rows(pairs: &Expansion) -> Rows {
    let mut rows = Vec::with_capacity(pairs.len());
    for (row, start, end) in pairs.spans() {
        let row = u32::try_from(row).unwrap_or(NOWHERE);
        rows.extend(std::iter::repeat_n(row, end.saturating_sub(start)));
    }
    Rows::Picked { rows, has_nowhere: false }
}

/// For each of `length` rows the rows that point to it, in order.
#[must_use]
pub fn pointing(rows: &Rows, length: usize) -> Related {
    let Rows::Picked { rows: picked, .. } = rows else {
        let spans = (0..u32::try_from(length).unwrap_or(u32::MAX)).map(|row| (row, row + 1));
        return Related::each(spans.collect(), None, Gaps::default());
    };
    if picked.len() < length / FEW
        && let Some(related) = ascending(picked, length)
    {
        return related;
    }
    match contiguous(picked, length) {
        Some(spans) => Related::each(spans, None, Gaps::default()),
        None => counted(picked, length),
    }
}

/// Of so many rows less than one has related rows when only those are kept.
const FEW: usize = 4;

/// The rows that are pointed to and their spans, when they come in order.
fn ascending(rows: &[u32], length: usize) -> Option<Related> {
    let mut picked: Vec<u32> = Vec::with_capacity(rows.len());
    let mut spans: Vec<(u32, u32)> = Vec::with_capacity(rows.len());
    let mut last = NOWHERE;
    for (place, row) in rows.iter().enumerate() {
        let place = u32::try_from(place).ok()?;
        if *row != NOWHERE {
            if *row == last {
                spans.last_mut()?.1 = place + 1;
            } else if picked.last().is_none_or(|before| before < row) {
                picked.push(*row);
                spans.push((place, place + 1));
            } else {
                return None;
            }
        }
        last = *row;
    }
    let is_inside = picked.last().is_none_or(|row| (*row as usize) < length);
    is_inside.then(|| Related {
        length,
        picked: Some(picked),
        spans,
        rows: None,
        gaps: Gaps::default(),
    })
}

/// Spans, when the rows that point to one row stand side by side.
fn contiguous(picked: &[u32], length: usize) -> Option<Vec<(u32, u32)>> {
    let mut spans = vec![(0_u32, 0_u32); length];
    let mut last = NOWHERE;
    for (place, row) in picked.iter().enumerate() {
        let place = u32::try_from(place).ok()?;
        if *row == NOWHERE {
            last = NOWHERE;
            continue;
        }
        let span = spans.get_mut(*row as usize)?;
        if *row == last {
            span.1 = place + 1;
        } else if span.0 == span.1 {
            *span = (place, place + 1);
            last = *row;
        } else {
            return None;
        }
    }
    Some(spans)
}

/// Spans of a list, by counting.
fn counted(picked: &[u32], length: usize) -> Related {
    let mut spans = vec![(0_u32, 0_u32); length];
    for row in picked {
        if let Some(span) = spans.get_mut(*row as usize) {
            span.1 += 1;
        }
    }
    let mut next = 0_u32;
    for span in &mut spans {
        let count = span.1;
        *span = (next, next);
        next += count;
    }
    let mut rows = vec![0_u32; next as usize];
    for (place, row) in picked.iter().enumerate() {
        if let Some(span) = spans.get_mut(*row as usize)
            && let Some(target) = rows.get_mut(span.1 as usize)
        {
            *target = u32::try_from(place).unwrap_or(NOWHERE);
            span.1 += 1;
        }
    }
    Related::each(spans, Some(Arc::new(rows)), Gaps::default())
}

/// The related rows of the related rows, each once and in order.
#[must_use]
pub fn through(outer: &Related, inner: &Related) -> Related {
    if let Some(found) = through_few(outer, inner) {
        return found;
    }
    let mut rows = Vec::new();
    let mut spans = Vec::with_capacity(outer.length);
    let mut found = Vec::new();
    let mut unknown = None;
    for row in 0..outer.length {
        found.clear();
        let mut is_known = outer.gaps.is_known(row);
        for middle in outer.of(row) {
            found.extend(inner.of(middle as usize));
            is_known &= inner.gaps.is_known(middle as usize);
        }
        let start = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        add_once(&mut found, &mut rows);
        spans.push((start, u32::try_from(rows.len()).unwrap_or(u32::MAX)));
        if !is_known {
            unknown.get_or_insert_with(|| Bits::filled(outer.length, true)).set(row, false);
        }
    }
    let gaps = Gaps { known: unknown, errors: None };
    Related::each(spans, Some(Arc::new(rows)), gaps)
}

/// Adds each of the rows found, once and in order.
fn add_once(found: &mut Vec<u32>, rows: &mut Vec<u32>) {
    if found.len() > 1 {
        found.sort_unstable();
        found.dedup();
    }
    rows.append(found);
}

/// The same where few rows have related rows and the outer spans follow each other, as in a tree:
/// goes from one inner row that has any to the next.
fn through_few(outer: &Related, inner: &Related) -> Option<Related> {
    let middles = inner.picked.as_ref()?;
    let is_known = outer.gaps == Gaps::default() && inner.gaps == Gaps::default();
    if !is_known || outer.rows.is_some() {
        return None;
    }
    let mut entries = middles.iter().zip(&inner.spans).peekable();
    let (mut picked, mut spans) = (Vec::new(), Vec::new());
    let (mut rows, mut found) = (Vec::new(), Vec::new());
    let mut last = 0;
    for (row, (start, end)) in outer.spans.iter().enumerate().filter(|(_, (one, two))| one < two) {
        if *start < last {
            return None;
        }
        last = *end;
        while entries.next_if(|(middle, _)| *middle < start).is_some() {}
        while let Some((_, (first, stop))) = entries.next_if(|(middle, _)| *middle < end) {
            inner.add_span(*first, *stop, &mut found);
        }
        if !found.is_empty() {
            picked.push(outer.row_at(row));
            let begin = u32::try_from(rows.len()).unwrap_or(u32::MAX);
            add_once(&mut found, &mut rows);
            spans.push((begin, u32::try_from(rows.len()).unwrap_or(u32::MAX)));
        }
    }
    let (length, rows) = (outer.length, Some(Arc::new(rows)));
    Some(Related { length, picked: Some(picked), spans, rows, gaps: Gaps::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn related(picked: &[u32], length: usize) -> Vec<Vec<u32>> {
        let related = pointing(&Rows::picked(picked.to_vec()), length);
        (0..length).map(|row| related.of(row).collect()).collect()
    }

    #[test]
    fn rows_that_point_to_a_row_are_found_in_any_order() {
        type Case<'a> = (&'a [u32], usize, &'a [&'a [u32]]);
        let cases: [Case<'_>; 5] = [
            (&[0, 0, 1, 3], 4, &[&[0, 1], &[2], &[], &[3]]),
            (&[1, 0, 1], 2, &[&[1], &[0, 2]]),
            (&[NOWHERE, 0, NOWHERE, 0], 1, &[&[1, 3]]),
            (&[], 2, &[&[], &[]]),
            (&[2, 2, NOWHERE], 3, &[&[], &[], &[0, 1]]),
        ];
        for (picked, length, expected) in cases {
            assert_eq!(related(picked, length), expected, "{picked:?}");
        }
    }

    #[test]
    fn pairs_keep_gaps_between_spans_apart() {
        let related = pointing(&Rows::picked(vec![0, NOWHERE, 1, 1]), 2);
        let pairs = expand(&related, 4);
        assert_eq!(pairs.children.as_deref(), Some([0, 2, 3].as_slice()));
        assert_eq!(outer_rows(&pairs), Rows::Picked { rows: vec![0, 1, 1], has_nowhere: false });
    }

    #[test]
    fn pairs_that_cannot_count_are_not_made_and_no_other_is_lost() {
        // Rows of both tables, and whether their number is known.
        let (inner, outer) = ([3, 5, 5, 8, 5, 0], [5, 8, 4]);
        let known = |hidden: usize, length: usize| Gaps {
            known: (hidden < length).then(|| Bits::collect((0..length).map(|row| row != hidden))),
            errors: None,
        };
        let related = pointing(&Rows::picked(vec![0, 0, 0, 1, 1, 2]), 3);
        let told = |how, hidden: [usize; 2], condition: Option<&Bits>| {
            let (gaps, own) = (known(hidden[0], 6), known(hidden[1], 3));
            let sides = [
                Sided { keys: inner.as_slice(), gaps: &gaps },
                Sided { keys: outer.as_slice(), gaps: &own },
            ];
            let pairs = expand_within(&related, condition, &[(how, sides)]);
            let children = pairs.children.clone().unwrap_or_default();
            let of =
                |(row, start, end): (usize, usize, usize)| (row, children[start..end].to_vec());
            pairs.spans().map(of).collect::<Vec<_>>()
        };
        let none = usize::MAX;
        assert_eq!(
            told(Comparison::Equal, [none, none], None),
            [(0, vec![1, 2]), (1, vec![3])],
            "what differs is left out"
        );
        assert_eq!(
            told(Comparison::Less, [0, none], None),
            [(0, vec![0]), (1, vec![4]), (2, vec![5])],
            "what is not known may count"
        );
        assert_eq!(told(Comparison::Equal, [none, 1], None)[1], (1, vec![3, 4]));
        let odd = Bits::collect((0..6).map(|row| row % 2 == 1));
        assert_eq!(told(Comparison::Equal, [none, none], Some(&odd)), [(0, vec![1]), (1, vec![3])]);
    }

    #[test]
    fn rows_meet_others_under_the_same_key_and_never_themselves() {
        // Groups of 1, 2, 3, 4 and 20 rows; the last is longer than what is looked at whole. The
        // first row is asked for the third group, which has its key once.
        let ends = [1_u32, 3, 6, 10, 30];
        let span = |row: u32| {
            let group = if row == 0 { 2 } else { ends.iter().filter(|end| **end <= row).count() };
            (group.checked_sub(1).map_or(0, |before| ends[before]), ends[group])
        };
        let related = Related::each((0..30).map(span).collect(), None, Gaps::default());
        let mut keys: Vec<i64> = (0..30).map(|row| if row < 6 { row } else { row % 3 }).collect();
        keys[0] = 4;
        let numbers: Vec<i64> = (0..30).map(|row| row * 7 % 30).collect();
        let gaps = |hidden: Option<usize>| Gaps {
            known: hidden.map(|hidden| Bits::collect((0..30).map(|row| row != hidden))),
            errors: None,
        };
        let hidden = [None, Some(0), Some(4), Some(7), Some(12)];
        let cases = hidden.iter().flat_map(|one| hidden.iter().map(move |other| [*one, *other]));
        for hidden in cases {
            let [key_gaps, number_gaps] = hidden.map(gaps);
            for how in [Comparison::Less, Comparison::NotEqual] {
                let key = Sided { keys: &keys, gaps: &key_gaps };
                let number = Sided { keys: &numbers, gaps: &number_gaps };
                let both = [(Comparison::Equal, key), (how, number)];
                let comparisons = both.map(|(how, side)| (how, [side.clone(), side]));
                let pairs = expand_within(&related, None, &comparisons);
                let children = pairs.children.clone().unwrap_or_default();
                let found = pairs.spans().flat_map(|(row, start, end)| {
                    children[start..end].iter().map(move |child| (row, *child as usize))
                });
                let is_known = |column: usize, rows: [usize; 2]| {
                    hidden[column].is_none_or(|hidden| !rows.contains(&hidden))
                };
                let may_meet = |rows: [usize; 2]| {
                    let [own, other] = rows.map(|row| numbers[row]);
                    let is_apart = if how == Comparison::Less { other < own } else { other != own };
                    (keys[rows[0]] == keys[rows[1]] || !is_known(0, rows))
                        && (is_apart || !is_known(1, rows))
                };
                let all = (0..30).flat_map(|row| {
                    let (start, end) = span(row);
                    (start..end).map(move |child| (row as usize, child as usize))
                });
                let expected: Vec<_> = all.filter(|(row, at)| may_meet([*row, *at])).collect();
                assert_eq!(found.collect::<Vec<_>>(), expected, "{how:?} without {hidden:?}");
            }
        }
    }
}
