//! Segmented reductions: many pairs to one outer row, exact in Kleene's three values.

use super::logic::settle;
use crate::bits::Bits;
use crate::column::{
    Booleans, Column, Decimals, Dictionary, Expansion, Gaps, Integers, NOWHERE, Texts,
};
use std::borrow::Cow;
use std::sync::Arc;
use taizhang_program::Reduction;

/// Reduces `body` over the pairs of each outer row. Pairs that the filter does not let through do
/// not count; the filter and the body of exists, all, exists-one and count come joined as one body.
#[must_use]
pub fn reduce(
    reduction: Reduction,
    pairs: &Expansion,
    filter: Option<&Booleans>,
    body: &Column,
) -> Column {
    let outer = pairs.length;
    match (reduction, body) {
        (
            Reduction::Exists | Reduction::All | Reduction::ExistsOne | Reduction::Count,
            Column::Boolean(body),
        ) => logical(reduction, pairs, body),
        (Reduction::Average, Column::Integer(values)) => {
            let sums = Sums { pairs, filter, gaps: &values.gaps };
            let add = |(sum, count): (i128, u32), row: usize| {
                (sum + i128::from(super::at(&values.values, row)), count + 1)
            };
            let mean = |(sum, count): (i128, u32)| match i64::try_from(sum) {
                _ if count == 0 => Found::Nothing,
                Ok(sum) => Found::Value(sum as f64 / f64::from(count)),
                Err(_) => Found::Failed,
            };
            decimals(sums.fold((0, 0), add, mean))
        }
        (Reduction::Median, Column::Integer(values)) => {
            let value = |row: usize| super::at(&values.values, row) as f64;
            medians(&Sums { pairs, filter, gaps: &values.gaps }, value)
        }
        (Reduction::Median, Column::Decimal(values)) => {
            let value = |row: usize| super::at(&values.values, row);
            medians(&Sums { pairs, filter, gaps: &values.gaps }, value)
        }
        (Reduction::Distinct, body) => distinct(pairs, filter, body),
        (Reduction::Sum | Reduction::Min | Reduction::Max, Column::Integer(values)) => {
            whole(reduction, pairs, filter, values)
        }
        (_, Column::Decimal(values)) => fractions(reduction, pairs, filter, values),
        (Reduction::Min | Reduction::Max, Column::Text(values)) => {
            texts(reduction, pairs, filter, values)
        }
        _ => Column::Integer(Integers {
            values: vec![0; outer],
            gaps: Gaps {
                known: Some(Bits::filled(outer, false)),
                errors: Some(Bits::filled(outer, true)),
            },
        }),
    }
}

/// Rows whose related rows are not known are undecided, whatever came out.
fn with_outer_gaps(gaps: Gaps, pairs: &Expansion) -> Gaps {
    if pairs.gaps == Gaps::default() {
        return gaps;
    }
    let length = pairs.length;
    let known = gaps.known_bits(length).and(&pairs.gaps.known_bits(length));
    let errors = gaps.error_bits(length).and(&pairs.gaps.known_bits(length));
    settle(known, Some(errors.or(&pairs.gaps.error_bits(length))))
}

fn logical(reduction: Reduction, pairs: &Expansion, body: &Booleans) -> Column {
    let count = pairs.len();
    let truth = body.true_bits(count);
    // What one pair more or less would change is open where a pair is.
    let (answer, sure) = match reduction {
        Reduction::All => {
            let broken = any(pairs, &body.false_bits(count));
            (Answer::Truth(broken.not()), broken)
        }
        Reduction::Exists => {
            let found = any(pairs, &truth);
            (Answer::Truth(found.clone()), found)
        }
        _ => {
            let counts = counts(pairs, body, &truth);
            let is_one = reduction == Reduction::ExistsOne;
            let sure = match is_one && body.gaps.known.is_some() {
                true => Bits::of(&counts, |count| count > 1),
                false => Bits::filled(pairs.length, false),
            };
            match is_one {
                true => (Answer::Truth(Bits::of(&counts, |count| count == 1)), sure),
                false => (Answer::Count(counts), sure),
            }
        }
    };
    let gaps = match &body.gaps.known {
        None => Gaps::default(),
        Some(_) => {
            let open = any(pairs, &body.gaps.known_bits(count).not()).without(&sure);
            let errors = body.gaps.errors.as_ref();
            let failed = errors.map(|_| any(pairs, &body.gaps.error_bits(count)).and(&open));
            settle(open.not(), failed)
        }
    };
    let gaps = with_outer_gaps(gaps, pairs);
    match answer {
        Answer::Truth(truth) => Column::Boolean(Booleans::new(truth, gaps)),
        Answer::Count(values) => Column::Integer(Integers { values, gaps }),
    }
}

enum Answer {
    Truth(Bits),
    Count(Vec<i64>),
}

/// Outer rows of which a pair's bit is set.
fn any(pairs: &Expansion, bits: &Bits) -> Bits {
    if pairs.picked.is_none() && !bits.none() {
        return bits.any_in_runs(&pairs.ends);
    }
    let mut found = Bits::filled(pairs.length, false);
    if !bits.none() {
        let hits = pairs.spans().filter(|(_, start, end)| bits.any_in(*start, *end));
        hits.for_each(|(row, ..)| found.set(row, true));
    }
    found
}

/// How many of each outer row's pairs are true.
fn counts(pairs: &Expansion, body: &Booleans, truth: &Bits) -> Vec<i64> {
    let is_every = body.truth.len() == 1 && body.truth.get(0) && body.gaps.known.is_none();
    let count = |start: usize, end: usize| {
        let count = if is_every { end.saturating_sub(start) } else { truth.count_in(start, end) };
        i64::try_from(count).unwrap_or(i64::MAX)
    };
    if pairs.picked.is_none() {
        return pairs.spans().map(|(_, start, end)| count(start, end)).collect();
    }
    let mut values = vec![0; pairs.length];
    for (row, start, end) in pairs.spans() {
        if let Some(value) = values.get_mut(row) {
            *value = count(start, end);
        }
    }
    values
}

/// What a reduction found in the pairs of one row.
enum Found<T> {
    Value(T),
    /// No pair to look at.
    Nothing,
    /// Overflow.
    Failed,
}

/// Pairs to be gone through, row by row.
struct Sums<'a> {
    pairs: &'a Expansion,
    filter: Option<&'a Booleans>,
    gaps: &'a Gaps,
}

/// The rows' values as they are found.
struct Results<T> {
    values: Vec<T>,
    known: Bits,
    failed: Option<Bits>,
}

impl<T: Default + Clone> Results<T> {
    /// Every row as if it had no pairs.
    fn new(length: usize, nothing: Found<T>) -> Self {
        let (value, is_known) = match nothing {
            Found::Value(value) => (value, true),
            _ => (T::default(), false),
        };
        let known = Bits::filled(length, is_known);
        Self { values: vec![value; length], known, failed: None }
    }

    fn set(&mut self, row: usize, found: Found<T>) {
        let is_known = matches!(found, Found::Value(_));
        if matches!(found, Found::Failed) {
            let length = self.values.len();
            self.failed.get_or_insert_with(|| Bits::filled(length, false)).set(row, true);
        }
        if let Found::Value(value) = found
            && let Some(slot) = self.values.get_mut(row)
        {
            *slot = value;
        }
        self.known.set(row, is_known);
    }
}

impl Sums<'_> {
    /// Applies `find` to the pairs of each row that the filter lets through.
    fn each<T: Default + Clone>(
        &self,
        mut find: impl FnMut(&mut dyn Iterator<Item = usize>) -> Found<T>,
    ) -> (Vec<T>, Gaps) {
        let nothing = find(&mut std::iter::empty());
        self.over(nothing, |included, start, end| match included {
            None => find(&mut (start..end)),
            Some(bits) => find(&mut bits.ones_in(start, end)),
        })
    }

    /// Adds up the pairs of each row that the filter lets through.
    fn fold<A: Copy, T: Default + Clone>(
        &self,
        start_value: A,
        add: impl Fn(A, usize) -> A,
        close: impl Fn(A) -> Found<T>,
    ) -> (Vec<T>, Gaps) {
        self.over(close(start_value), |included, start, end| {
            close(match included {
                None => (start..end).fold(start_value, &add),
                Some(bits) => bits.ones_in(start, end).fold(start_value, &add),
            })
        })
    }

    /// Goes through the rows that have pairs; all others are as `nothing`.
    fn over<T: Default + Clone>(
        &self,
        nothing: Found<T>,
        mut find: impl FnMut(Option<&Bits>, usize, usize) -> Found<T>,
    ) -> (Vec<T>, Gaps) {
        let count = self.pairs.len();
        let included = self.filter.map(|filter| filter.true_bits(count));
        // A pair is in doubt when the filter is, or when it counts and has no value.
        let in_doubt = self.doubtful(included.as_ref(), count).filter(|bits| !bits.none());
        let errors = self.errors(included.as_ref(), count);
        let mut results = Results::new(self.pairs.length, nothing);
        for (row, start, end) in self.pairs.spans().filter(|(_, start, end)| start < end) {
            let is_open = in_doubt.as_ref().is_some_and(|bits| bits.any_in(start, end));
            let has_failed = || errors.as_ref().is_some_and(|bits| bits.any_in(start, end));
            let found = match is_open {
                false => find(included.as_ref(), start, end),
                true if has_failed() => Found::Failed,
                true => Found::Nothing,
            };
            results.set(row, found);
        }
        let gaps = settle(results.known, results.failed);
        (results.values, with_outer_gaps(gaps, self.pairs))
    }

    fn doubtful(&self, included: Option<&Bits>, count: usize) -> Option<Bits> {
        let missing = self.gaps.known.as_ref().map(|_| self.gaps.known_bits(count).not());
        let Some(included) = included else { return missing };
        let missing = missing.map(|missing| missing.and(included));
        let filter = self.filter.filter(|filter| filter.gaps.known.is_some());
        let undecided = filter.map(|filter| filter.gaps.known_bits(count).not());
        match (missing, undecided) {
            (Some(missing), Some(undecided)) => Some(missing.or(&undecided)),
            (missing, undecided) => missing.or(undecided),
        }
    }

    fn errors(&self, included: Option<&Bits>, count: usize) -> Option<Bits> {
        let own = self.gaps.errors.as_ref().map(|_| {
            let errors = self.gaps.error_bits(count);
            included.map_or_else(|| errors.clone(), |included| errors.and(included))
        });
        let filter = self.filter.filter(|filter| filter.gaps.errors.is_some());
        match (own, filter.map(|filter| filter.gaps.error_bits(count))) {
            (Some(own), Some(filter)) => Some(own.or(&filter)),
            (own, filter) => own.or(filter),
        }
    }
}

fn decimals((values, gaps): (Vec<f64>, Gaps)) -> Column {
    Column::Decimal(Decimals { values, gaps })
}

fn whole(
    reduction: Reduction,
    pairs: &Expansion,
    filter: Option<&Booleans>,
    body: &Integers,
) -> Column {
    if reduction == Reduction::Sum && filter.is_none() && body.gaps == Gaps::default() {
        return plain_sums(pairs, &body.values);
    }
    let sums = Sums { pairs, filter, gaps: &body.gaps };
    let value = |row: usize| super::at(&body.values, row);
    let some = |found: Option<i64>| found.map_or(Found::Nothing, Found::Value);
    let best = |pick: fn(i64, i64) -> i64| {
        let add = move |best: Option<i64>, row: usize| {
            Some(best.map_or_else(|| value(row), |best| pick(best, value(row))))
        };
        sums.fold(None, add, some)
    };
    let (values, gaps) = match reduction {
        Reduction::Min => best(i64::min),
        Reduction::Max => best(i64::max),
        _ => sums.fold(
            0_i128,
            |sum, row| sum.wrapping_add(i128::from(value(row))),
            |sum| i64::try_from(sum).map_or(Found::Failed, Found::Value),
        ),
    };
    Column::Integer(Integers { values, gaps })
}

/// Sums without gaps or filter, the common case: one loop.
fn plain_sums(pairs: &Expansion, body: &[i64]) -> Column {
    let mut results = Results::new(pairs.length, Found::Value(0));
    for (row, start, end) in pairs.spans().filter(|(_, start, end)| start < end) {
        let sum: i128 = match body.get(start..end) {
            Some(span) if body.len() != 1 => span.iter().map(|value| i128::from(*value)).sum(),
            _ => (start..end).map(|row| i128::from(super::at(body, row))).sum(),
        };
        match i64::try_from(sum) {
            Ok(sum) => {
                if let Some(value) = results.values.get_mut(row) {
                    *value = sum;
                }
            }
            Err(_) => results.set(row, Found::Failed),
        }
    }
    let gaps = settle(results.known, results.failed);
    Column::Integer(Integers { values: results.values, gaps: with_outer_gaps(gaps, pairs) })
}

fn fractions(
    reduction: Reduction,
    pairs: &Expansion,
    filter: Option<&Booleans>,
    body: &Decimals,
) -> Column {
    let sums = Sums { pairs, filter, gaps: &body.gaps };
    let value = |row: usize| super::at(&body.values, row);
    decimals(sums.each(|rows| match reduction {
        Reduction::Min => rows.map(value).reduce(f64::min).map_or(Found::Nothing, Found::Value),
        Reduction::Max => rows.map(value).reduce(f64::max).map_or(Found::Nothing, Found::Value),
        Reduction::Average => {
            let (sum, count) =
                rows.fold((0.0, 0.0), |(sum, count), row| (sum + value(row), count + 1.0));
            if count == 0.0 { Found::Nothing } else { finite(sum / count) }
        }
        _ => finite(rows.map(value).fold(0.0, |sum, value| sum + value)),
    }))
}

/// Values in the middle, found without sorting the rest.
fn medians(sums: &Sums<'_>, value: impl Fn(usize) -> f64) -> Column {
    let mut seen: Vec<f64> = Vec::new();
    decimals(sums.each(|rows| {
        seen.clear();
        seen.extend(rows.map(&value));
        let (middle, is_even) = (seen.len() / 2, seen.len().is_multiple_of(2));
        if seen.is_empty() {
            return Found::Nothing;
        }
        let (below, upper, _) = seen.select_nth_unstable_by(middle, f64::total_cmp);
        match below.iter().copied().max_by(f64::total_cmp).filter(|_| is_even) {
            Some(lower) => finite(f64::midpoint(lower, *upper)),
            None => finite(*upper),
        }
    }))
}

fn finite(value: f64) -> Found<f64> {
    if value.is_finite() { Found::Value(value) } else { Found::Failed }
}

fn texts(
    reduction: Reduction,
    pairs: &Expansion,
    filter: Option<&Booleans>,
    body: &Texts,
) -> Column {
    let sums = Sums { pairs, filter, gaps: &body.gaps };
    let (found, gaps) = sums.each(|rows| {
        let rows = rows.map(|row| body.bytes(row));
        let found = if reduction == Reduction::Min { rows.min() } else { rows.max() };
        found.map_or(Found::Nothing, |text| Found::Value(text.to_vec()))
    });
    let mut dictionary = Dictionary::default();
    found.iter().for_each(|text| dictionary.push(text));
    Column::Text(Texts { keys: None, dictionary: Arc::new(dictionary), gaps })
}

fn distinct(pairs: &Expansion, filter: Option<&Booleans>, body: &Column) -> Column {
    let gaps = super::gaps(body);
    let sums = Sums { pairs, filter, gaps: &gaps };
    if let Some((keys, places)) = few_texts(body) {
        let add = |seen: u64, row: usize| {
            let key = keys.get(if keys.len() == 1 { 0 } else { row }).copied().unwrap_or(NOWHERE);
            seen | 1 << places.get(key as usize).copied().unwrap_or(0)
        };
        let close = |seen: u64| Found::Value(i64::from(seen.count_ones()));
        let (values, gaps) = sums.fold(0, add, close);
        return Column::Integer(Integers { values, gaps });
    }
    let keyed = keyed(body);
    let mut seen: Vec<i64> = Vec::new();
    let (values, gaps) = sums.each(|rows| {
        seen.clear();
        // One value differs from no other, whatever it is.
        let Some(first) = rows.next() else { return Found::Value(0) };
        let Some(second) = rows.next() else { return Found::Value(1) };
        seen.extend([first, second].map(|row| key(&keyed, row)));
        seen.extend(rows.map(|row| key(&keyed, row)));
        seen.sort_unstable();
        seen.dedup();
        Found::Value(i64::try_from(seen.len()).unwrap_or(i64::MAX))
    });
    Column::Integer(Integers { values, gaps })
}

/// The entry of each row and a number below 64 for each entry, the same for equal texts; nothing
/// where there are more texts.
fn few_texts(column: &Column) -> Option<(&[u32], Vec<u32>)> {
    let Column::Text(texts) = column else { return None };
    let keys = texts.keys.as_ref()?;
    let mut known: Vec<&[u8]> = Vec::new();
    let mut places = Vec::new();
    // The same codes stand in the dictionary of every stretch of the file.
    for entry in texts.dictionary.iter().take(MANY_ENTRIES + 1) {
        let place = known.iter().position(|text| *text == entry).unwrap_or_else(|| {
            known.push(entry);
            known.len() - 1
        });
        places.push(u32::try_from(place).ok().filter(|place| *place < u64::BITS)?);
    }
    (places.len() <= MANY_ENTRIES).then_some((keys, places))
}

/// More entries of a dictionary than these are not compared with each other one by one.
const MANY_ENTRIES: usize = 256;

/// Texts as their keys where entries are fewer than rows: each is hashed once.
fn keyed(column: &Column) -> Cow<'_, Column> {
    let Column::Text(texts) = column else { return Cow::Borrowed(column) };
    match &texts.keys {
        Some(keys) if texts.dictionary.len() <= keys.len() => {
            let hashed: Vec<i64> = texts.dictionary.iter().map(crate::snapshot::text_key).collect();
            let key = |entry: &u32| hashed.get(*entry as usize).copied().unwrap_or(0);
            let values = keys.iter().map(key).collect();
            Cow::Owned(Column::Integer(Integers { values, gaps: Gaps::default() }))
        }
        _ => Cow::Borrowed(column),
    }
}

/// A 64-bit key of a known value.
fn key(column: &Column, row: usize) -> i64 {
    match column {
        Column::Integer(column) => super::at(&column.values, row),
        // Adding zero makes both zeros one.
        Column::Decimal(column) => (super::at(&column.values, row) + 0.0).to_bits().cast_signed(),
        Column::Text(column) => crate::snapshot::text_key(column.bytes(row)),
        Column::Boolean(column) => {
            let row = if column.truth.len() == 1 { 0 } else { row };
            i64::from(column.truth.get(row))
        }
        _ => 0,
    }
}
