//! Kleene's three values, word by word.

use crate::bits::Bits;
use crate::column::{Booleans, Column, Decimals, Gaps, Integers, TextLists, Texts};
use std::borrow::Cow;
use std::sync::Arc;

/// True and false turned round.
#[must_use]
pub fn not(column: &Booleans) -> Booleans {
    let length = column.truth.len();
    Booleans { truth: column.false_bits(length), gaps: column.gaps.clone() }
}

/// False where one part is, else undecided where one is, else true.
#[must_use]
pub fn all_of(parts: &[&Booleans], length: usize) -> Booleans {
    if parts.iter().all(|part| part.gaps.known.is_none()) {
        let mut truth = Bits::filled(length, true);
        for part in parts {
            truth = truth.and(&part.true_bits(length));
        }
        return Booleans { truth, gaps: Gaps::default() };
    }
    let mut truth = Bits::filled(length, true);
    let mut falsity = Bits::filled(length, false);
    for part in parts {
        truth = truth.and(&part.true_bits(length));
        falsity = falsity.or(&part.false_bits(length));
    }
    let known = truth.or(&falsity);
    Booleans { truth, gaps: undecided(parts, &known, length) }
}

/// True where one part is, else undecided where one is, else false.
#[must_use]
pub fn any_of(parts: &[&Booleans], length: usize) -> Booleans {
    let mut truth = Bits::filled(length, false);
    for part in parts {
        truth = truth.or(&part.true_bits(length));
    }
    if parts.iter().all(|part| part.gaps.known.is_none()) {
        return Booleans { truth, gaps: Gaps::default() };
    }
    let mut falsity = Bits::filled(length, true);
    for part in parts {
        falsity = falsity.and(&part.false_bits(length));
    }
    let known = truth.or(&falsity);
    Booleans { truth, gaps: undecided(parts, &known, length) }
}

/// Gaps of a result that is known in these rows; errors of the parts count elsewhere.
fn undecided(parts: &[&Booleans], known: &Bits, length: usize) -> Gaps {
    let mut errors: Option<Bits> = None;
    for part in parts.iter().filter(|part| part.gaps.errors.is_some()) {
        let own = part.gaps.error_bits(length).without(known);
        errors = Some(errors.map_or_else(|| own.clone(), |errors| errors.or(&own)));
    }
    settle(known.clone(), errors)
}

/// Gaps without bits that say nothing.
pub(crate) fn settle(known: Bits, errors: Option<Bits>) -> Gaps {
    Gaps { known: (!known.all()).then_some(known), errors: errors.filter(|errors| !errors.none()) }
}

/// Whether there is a value; never undecided.
#[must_use]
pub fn has(column: &Column) -> Booleans {
    let length = column.len();
    let truth = match column.gaps() {
        Some(gaps) => gaps.known_bits(length),
        None => Bits::filled(length, true),
    };
    Booleans { truth, gaps: Gaps::default() }
}

/// The first value where it is known, else the second.
#[must_use]
pub fn or_default(value: &Column, fallback: &Column, length: usize) -> Column {
    let known =
        value.gaps().map_or_else(|| Bits::filled(length, true), |gaps| gaps.known_bits(length));
    if known.all() {
        return value.clone();
    }
    let condition = Booleans { truth: known, gaps: Gaps::default() };
    choose(&condition, value, fallback, length)
}

/// The one value where the condition is true, the other where it is false.
#[must_use]
pub fn choose(condition: &Booleans, then: &Column, otherwise: &Column, length: usize) -> Column {
    let yes = condition.true_bits(length);
    let no = condition.false_bits(length);
    let part = |column: &Column, rows: &Bits| match column.gaps() {
        Some(gaps) => (gaps.known_bits(length).and(rows), gaps.error_bits(length).and(rows)),
        None => (rows.clone(), Bits::filled(length, false)),
    };
    let (known_then, errors_then) = part(then, &yes);
    let (known_otherwise, errors_otherwise) = part(otherwise, &no);
    let errors = condition.gaps.error_bits(length).or(&errors_then).or(&errors_otherwise);
    let gaps = settle(known_then.or(&known_otherwise), Some(errors));
    match (then, otherwise) {
        (Column::Boolean(one), Column::Boolean(other)) => {
            let truth = one.true_bits(length).and(&yes);
            let truth = truth.or(&other.true_bits(length).and(&no));
            Column::Boolean(Booleans { truth, gaps })
        }
        (Column::Integer(one), Column::Integer(other)) => {
            let values = pick(&one.values, &other.values, &yes);
            Column::Integer(Integers { values, gaps })
        }
        (Column::Decimal(one), Column::Decimal(other)) => {
            let values = pick(&one.values, &other.values, &yes);
            Column::Decimal(Decimals { values, gaps })
        }
        (Column::Integer(one), Column::Decimal(other)) => {
            let one: Vec<f64> = one.values.iter().map(|value| *value as f64).collect();
            Column::Decimal(Decimals { values: pick(&one, &other.values, &yes), gaps })
        }
        (Column::Decimal(one), Column::Integer(other)) => {
            let other: Vec<f64> = other.values.iter().map(|value| *value as f64).collect();
            Column::Decimal(Decimals { values: pick(&one.values, &other, &yes), gaps })
        }
        (Column::Text(one), Column::Text(other)) => {
            Column::Text(pick_texts(one, other, &yes, gaps))
        }
        (Column::List(one), Column::List(other)) => {
            Column::List(pick_lists(one, other, &yes, gaps))
        }
        _ => Column::Boolean(Booleans { truth: Bits::filled(1, false), gaps: super::failed() }),
    }
}

/// The one value or the other: the fewer ones are put among the others.
fn pick<T: Copy + Default>(one: &[T], other: &[T], yes: &Bits) -> Vec<T> {
    let (among, fewer, rows) = if yes.count() > yes.len() / 2 {
        (one, other, Cow::Owned(yes.not()))
    } else {
        (other, one, Cow::Borrowed(yes))
    };
    let mut values = match among {
        [value] => vec![*value; yes.len()],
        values => values.to_vec(),
    };
    for row in rows.ones() {
        if let Some(value) = values.get_mut(row) {
            *value = super::at(fewer, row);
        }
    }
    values
}

fn pick_texts(one: &Texts, other: &Texts, yes: &Bits, gaps: Gaps) -> Texts {
    let mut dictionary = crate::column::Dictionary::default();
    for (row, yes) in yes.iter().enumerate() {
        dictionary.push(if yes { one.bytes(row) } else { other.bytes(row) });
    }
    Texts { keys: None, dictionary: Arc::new(dictionary), gaps }
}

fn pick_lists(one: &TextLists, other: &TextLists, yes: &Bits, gaps: Gaps) -> TextLists {
    let mut dictionary = crate::column::Dictionary::default();
    let mut spans = Vec::with_capacity(yes.len());
    for (row, yes) in yes.iter().enumerate() {
        let from = if yes { one } else { other };
        let start = u32::try_from(dictionary.len()).unwrap_or(u32::MAX);
        let (first, last) = super::at(&from.spans, row);
        for item in first..last {
            dictionary.push(from.items.bytes(item as usize));
        }
        spans.push((start, u32::try_from(dictionary.len()).unwrap_or(u32::MAX)));
    }
    let items = Texts { keys: None, dictionary: Arc::new(dictionary), gaps: Gaps::default() };
    TextLists::new(spans, Arc::new(items), gaps)
}
