//! Generated documents with known truth: open layouts and layouts held out while tuning.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use taizhang_testkit::documents::layout::{HELD_OUT, Layout, OPEN};
use taizhang_testkit::documents::score::{Tally, score};
use taizhang_testkit::documents::{Document, generate, mixed::mixed};

/// Documents per listed layout.
const SEEDS: RangeInclusive<u64> = 1..=5;
/// Seeds of mixed layouts that rules may be tuned on.
const MIXED_OPEN: RangeInclusive<u64> = 1..=80;
/// Seeds of mixed layouts of which only the scores are looked at.
const MIXED_HELD_OUT: RangeInclusive<u64> = 5001..=5080;

/// The documents of listed layouts.
fn listed(layouts: &[Layout]) -> impl Iterator<Item = Document> + '_ {
    layouts.iter().flat_map(|layout| SEEDS.map(|seed| generate(layout, seed)))
}

/// The documents of layouts put together at random.
fn put_together(seeds: RangeInclusive<u64>) -> impl Iterator<Item = Document> {
    seeds.map(|seed| generate(&mixed(seed), seed))
}

/// Reads the documents and checks that every metric reaches `least`.
fn check(name: &str, documents: impl Iterator<Item = Document>, least: f64) {
    let mut sums: BTreeMap<&str, Tally> = BTreeMap::new();
    for document in documents {
        let reading = taizhang_document::read(&document.name, "a.txt", &document.text);
        let reading = serde_json::to_value(&reading).unwrap();
        for (metric, tally) in score(&document.text, &document.truth, &reading) {
            sums.entry(metric).or_default().add(tally);
        }
    }
    for (metric, tally) in &sums {
        println!("{name} {metric:16} {:.3} {tally:?}", tally.f1());
    }
    let low: Vec<_> = sums.iter().filter(|(_, tally)| tally.f1() < least).collect();
    assert!(low.is_empty(), "{name}: below {least}: {low:?}");
}

#[test]
fn open_layouts_are_read() {
    check("open", listed(OPEN).chain(put_together(MIXED_OPEN)), 0.95);
}

#[test]
fn layouts_held_out_while_tuning_are_read() {
    check("held out, listed", listed(HELD_OUT), 0.92);
    check("held out, mixed", put_together(MIXED_HELD_OUT), 0.92);
}
