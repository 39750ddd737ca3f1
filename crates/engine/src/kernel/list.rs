//! Lists of texts.

use super::compare::by_entry;
use crate::bits::Bits;
use crate::column::{Booleans, Integers, TextLists, Texts};

/// Number of items of each list.
#[must_use]
pub fn list_size(list: &TextLists) -> Integers {
    let values = list.spans.iter().map(|(start, end)| i64::from(end.saturating_sub(*start)));
    Integers { values: values.collect(), gaps: list.gaps.clone() }
}

/// Whether each list holds the text of its row.
#[must_use]
pub fn list_has(list: &TextLists, item: &Texts, length: usize) -> Booleans {
    let gaps = list.gaps.join(&item.gaps, length);
    if item.len() == 1 {
        let wanted = item.bytes(0);
        return Booleans::new(spread(overlaps(list, |text| text == wanted), length), gaps);
    }
    let truth = Bits::collect((0..length).map(|row| {
        let (start, end) = super::at(&list.spans, row);
        let wanted = item.bytes(row);
        (start..end).any(|place| list.items.bytes(place as usize) == wanted)
    }));
    Booleans::new(truth, gaps)
}

/// Whether each list holds one of the texts.
#[must_use]
pub fn list_overlaps(list: &TextLists, wanted: &[String]) -> Booleans {
    let truth = overlaps(list, |text| wanted.iter().any(|known| known.as_bytes() == text));
    Booleans::new(truth, list.gaps.clone())
}

/// Whether each list holds nothing but the texts.
#[must_use]
pub fn list_within(list: &TextLists, allowed: &[String]) -> Booleans {
    let truth = overlaps(list, |text| !allowed.iter().any(|known| known.as_bytes() == text));
    Booleans::new(truth.not(), list.gaps.clone())
}

/// Whether the lists of each row have an item in common.
#[must_use]
pub fn list_meets(list: &TextLists, other: &TextLists, length: usize) -> Booleans {
    of_two(list, other, length, |items, has| items.into_iter().any(has))
}

/// Whether the first list of each row holds nothing but items of the second.
#[must_use]
pub fn list_inside(list: &TextLists, other: &TextLists, length: usize) -> Booleans {
    of_two(list, other, length, |items, has| items.into_iter().all(has))
}

/// Looks at the items of the first list and whether the second holds them.
fn of_two(
    list: &TextLists,
    other: &TextLists,
    length: usize,
    test: impl Fn(std::ops::Range<u32>, &dyn Fn(u32) -> bool) -> bool,
) -> Booleans {
    let gaps = list.gaps.join(&other.gaps, length);
    let truth = Bits::collect((0..length).map(|row| {
        let (start, end) = super::at(&list.spans, row);
        let (first, last) = super::at(&other.spans, row);
        test(start..end, &|place| {
            let wanted = list.items.bytes(place as usize);
            (first..last).any(|place| other.items.bytes(place as usize) == wanted)
        })
    }));
    Booleans::new(truth, gaps)
}

/// Whether the test holds for an item of each list.
fn overlaps(list: &TextLists, test: impl Fn(&[u8]) -> bool) -> Bits {
    let items = by_entry(&list.items, test);
    Bits::of(&list.spans, |(start, end)| items.any_in(start as usize, end as usize))
}

fn spread(bits: Bits, length: usize) -> Bits {
    if bits.len() == length { bits } else { Bits::filled(length, bits.get(0)) }
}
