//! Segmented reductions: many pairs to one outer row, exact in Kleene's three values.

use super::logic::settle;
use crate::bits::Bits;
use crate::column::{Booleans, Column, Decimals, Dictionary, Expansion, Gaps, Integers, Texts};
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
    let outer = pairs.ends.len();
    match (reduction, body) {
        (
            Reduction::Exists | Reduction::All | Reduction::ExistsOne | Reduction::Count,
            Column::Boolean(body),
        ) => logical(reduction, pairs, body),
        (Reduction::Average, Column::Integer(values)) => {
            let sums = Sums { pairs, filter, gaps: &values.gaps };
            let mean = |rows: &mut dyn Iterator<Item = usize>| {
                let (mut sum, mut count) = (0_i128, 0_u32);
                for row in rows {
                    sum += i128::from(super::at(&values.values, row));
                    count += 1;
                }
                if count == 0 {
                    return Found::Nothing;
                }
                match i64::try_from(sum) {
                    Ok(sum) => Found::Value(sum as f64 / f64::from(count)),
                    Err(_) => Found::Failed,
                }
            };
            decimals(sums.each(outer, mean))
        }
        (Reduction::Median, Column::Integer(values)) => {
            let value = |row: usize| super::at(&values.values, row) as f64;
            medians(&Sums { pairs, filter, gaps: &values.gaps }, outer, value)
        }
        (Reduction::Median, Column::Decimal(values)) => {
            let value = |row: usize| super::at(&values.values, row);
            medians(&Sums { pairs, filter, gaps: &values.gaps }, outer, value)
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
    let length = pairs.ends.len();
    let known = gaps.known_bits(length).and(&pairs.gaps.known_bits(length));
    let errors = gaps.error_bits(length).and(&pairs.gaps.known_bits(length));
    settle(known, Some(errors.or(&pairs.gaps.error_bits(length))))
}

fn logical(reduction: Reduction, pairs: &Expansion, body: &Booleans) -> Column {
    let count = pairs.len();
    let truth = body.true_bits(count);
    let unknown = body.gaps.known.as_ref().map(|_| body.gaps.known_bits(count).not());
    let errors = body.gaps.errors.as_ref().map(|_| body.gaps.error_bits(count));
    let any = |bits: &Option<Bits>, span: (usize, usize)| {
        bits.as_ref().is_some_and(|bits| bits.any_in(span.0, span.1))
    };
    let outer = pairs.ends.len();
    let mut known = unknown.as_ref().map(|_| Bits::filled(outer, true));
    let mut failed = errors.as_ref().map(|_| Bits::filled(outer, false));
    let mut forget = |row: usize, span: (usize, usize)| {
        if let Some(known) = &mut known {
            known.set(row, false);
        }
        if any(&errors, span)
            && let Some(failed) = &mut failed
        {
            failed.set(row, true);
        }
    };
    if reduction == Reduction::Count {
        let mut values = Vec::with_capacity(outer);
        for (row, span) in pairs.spans().enumerate() {
            values.push(i64::try_from(truth.count_in(span.0, span.1)).unwrap_or(i64::MAX));
            if any(&unknown, span) {
                forget(row, span);
            }
        }
        let gaps = with_outer_gaps(settle_all(known, failed, outer), pairs);
        return Column::Integer(Integers { values, gaps });
    }
    let falsity = (reduction == Reduction::All).then(|| body.false_bits(count));
    let answers = Bits::collect(pairs.spans().enumerate().map(|(row, span)| {
        let (answer, is_sure) = match reduction {
            Reduction::All => {
                let broken = any(&falsity, span);
                (!broken, broken)
            }
            Reduction::ExistsOne => {
                let hits = truth.count_in(span.0, span.1);
                (hits == 1, hits > 1)
            }
            _ => {
                let found = truth.any_in(span.0, span.1);
                (found, found)
            }
        };
        if !is_sure && any(&unknown, span) {
            forget(row, span);
        }
        answer
    }));
    let gaps = with_outer_gaps(settle_all(known, failed, outer), pairs);
    Column::Boolean(Booleans::new(answers, gaps))
}

fn settle_all(known: Option<Bits>, errors: Option<Bits>, length: usize) -> Gaps {
    settle(known.unwrap_or_else(|| Bits::filled(length, true)), errors)
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

impl Sums<'_> {
    /// Applies `find` to the pairs of each row that the filter lets through.
    fn each<T: Default + Clone>(
        &self,
        outer: usize,
        mut find: impl FnMut(&mut dyn Iterator<Item = usize>) -> Found<T>,
    ) -> (Vec<T>, Gaps) {
        let count = self.pairs.len();
        let included = self.filter.map(|filter| filter.true_bits(count));
        // A pair is in doubt when the filter is, or when it counts and has no value.
        let in_doubt = self.doubtful(included.as_ref(), count);
        let errors = self.errors(included.as_ref(), count);
        let mut values = Vec::with_capacity(outer);
        let mut known = Bits::filled(outer, true);
        let mut failed = Bits::filled(outer, false);
        for (row, (start, end)) in self.pairs.spans().enumerate() {
            if in_doubt.as_ref().is_some_and(|bits| bits.any_in(start, end)) {
                known.set(row, false);
                failed.set(row, errors.as_ref().is_some_and(|bits| bits.any_in(start, end)));
                values.push(T::default());
                continue;
            }
            let found = match &included {
                None => find(&mut (start..end)),
                Some(bits) => find(&mut (start..end).filter(|row| bits.get(*row))),
            };
            match found {
                Found::Value(value) => values.push(value),
                Found::Nothing => {
                    known.set(row, false);
                    values.push(T::default());
                }
                Found::Failed => {
                    known.set(row, false);
                    failed.set(row, true);
                    values.push(T::default());
                }
            }
        }
        (values, with_outer_gaps(settle(known, Some(failed)), self.pairs))
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
    let outer = pairs.ends.len();
    let (values, gaps) = sums.each(outer, |rows| match reduction {
        Reduction::Min => rows.map(value).min().map_or(Found::Nothing, Found::Value),
        Reduction::Max => rows.map(value).max().map_or(Found::Nothing, Found::Value),
        _ => {
            let sum = rows.map(|row| i128::from(value(row))).sum::<i128>();
            i64::try_from(sum).map_or(Found::Failed, Found::Value)
        }
    });
    Column::Integer(Integers { values, gaps })
}

/// Sums without gaps or filter, the common case: one loop.
fn plain_sums(pairs: &Expansion, body: &[i64]) -> Column {
    let mut failed = Bits::filled(pairs.ends.len(), false);
    let mut values = Vec::with_capacity(pairs.ends.len());
    for (row, (start, end)) in pairs.spans().enumerate() {
        let mut sum = 0_i128;
        match body.get(start..end) {
            Some(span) if body.len() != 1 => {
                for value in span {
                    sum += i128::from(*value);
                }
            }
            _ => {
                for row in start..end {
                    sum += i128::from(super::at(body, row));
                }
            }
        }
        let sum = i64::try_from(sum).ok();
        failed.set(row, sum.is_none());
        values.push(sum.unwrap_or(0));
    }
    let gaps = Gaps::default().with_errors(&failed);
    Column::Integer(Integers { values, gaps: with_outer_gaps(gaps, pairs) })
}

fn fractions(
    reduction: Reduction,
    pairs: &Expansion,
    filter: Option<&Booleans>,
    body: &Decimals,
) -> Column {
    let sums = Sums { pairs, filter, gaps: &body.gaps };
    let value = |row: usize| super::at(&body.values, row);
    decimals(sums.each(pairs.ends.len(), |rows| match reduction {
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
fn medians(sums: &Sums<'_>, outer: usize, value: impl Fn(usize) -> f64) -> Column {
    let mut seen: Vec<f64> = Vec::new();
    decimals(sums.each(outer, |rows| {
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
    let (found, gaps) = sums.each(pairs.ends.len(), |rows| {
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
    let mut seen: Vec<i64> = Vec::new();
    let (values, gaps) = sums.each(pairs.ends.len(), |rows| {
        seen.clear();
        seen.extend(rows.map(|row| key(body, row)));
        seen.sort_unstable();
        seen.dedup();
        Found::Value(i64::try_from(seen.len()).unwrap_or(i64::MAX))
    });
    Column::Integer(Integers { values, gaps })
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
