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
    if let Some(sets) = list.sets() {
        let entries = list.items.dictionary.iter().enumerate();
        let wanted =
            entries.filter(|(_, text)| test(text)).fold(0, |set, (at, _)| set | 1_u64 << at);
        return Bits::of(sets, |set| set & wanted != 0);
    }
    let items = by_entry(&list.items, test);
    Bits::of(&list.spans, |(start, end)| items.any_in(start as usize, end as usize))
}

fn spread(bits: Bits, length: usize) -> Bits {
    if bits.len() == length { bits } else { Bits::filled(length, bits.get(0)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::{Dictionary, Gaps};
    use std::sync::Arc;

    /// Lists of up to three of so many texts.
    fn lists(rows: u32, texts: u32) -> TextLists {
        let mut dictionary = Dictionary::default();
        (0..texts).for_each(|text| dictionary.push(text.to_string().as_bytes()));
        let spans: Vec<(u32, u32)> =
            (0..rows).scan(0, |end, row| Some((*end, *(*end += row % 4, end).1))).collect();
        let keys = (0..rows * 3).map(|place| place * place % texts).collect();
        let items =
            Texts { keys: Some(keys), dictionary: Arc::new(dictionary), gaps: Gaps::default() };
        TextLists::new(spans, Arc::new(items), Gaps::default())
    }

    #[test]
    fn few_codes_and_many_texts_are_asked_alike() {
        for (rows, texts) in [(3, 5), (1_000, 5), (1_000, 64), (1_000, 65)] {
            let list = lists(rows, texts);
            assert_eq!(list.sets().is_some(), rows == 1_000 && texts <= 64);
            let wanted = ["1".to_owned(), (texts - 1).to_string(), "none".to_owned()];
            let item = |place: u32| list.items.bytes(place as usize);
            let is_wanted = |place: u32| wanted.iter().any(|text| text.as_bytes() == item(place));
            let each = |test: &dyn Fn((u32, u32)) -> bool| {
                Bits::collect(list.spans.iter().map(|span| test(*span)))
            };
            let some = each(&|(start, end)| (start..end).any(is_wanted));
            let only = each(&|(start, end)| (start..end).all(is_wanted));
            assert_eq!(list_overlaps(&list, &wanted).truth, some, "{rows} of {texts}");
            assert_eq!(list_within(&list, &wanted).truth, only, "{rows} of {texts}");
            assert!(rows < 10 || !some.none() && !some.all() && !only.none() && !only.all());
        }
    }
}
