//! Generated documents with known truth: open layouts and layouts held out while tuning.

use std::collections::BTreeMap;

use taizhang_testkit::documents::generate;
use taizhang_testkit::documents::layout::{HELD_OUT, Layout, OPEN};
use taizhang_testkit::documents::score::{Tally, score};

/// Documents per layout.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=12;

/// Reads the documents of all `layouts` and checks that every metric reaches `least`.
fn check(name: &str, layouts: &[Layout], least: f64) {
    let mut sums: BTreeMap<&str, Tally> = BTreeMap::new();
    for layout in layouts {
        for seed in SEEDS {
            let document = generate(layout, seed);
            let reading = taizhang_document::read(&document.name, "a.txt", &document.text);
            let reading = serde_json::to_value(&reading).unwrap();
            for (metric, tally) in score(&document.text, &document.truth, &reading) {
                sums.entry(metric).or_default().add(tally);
            }
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
    check("open", OPEN, 0.95);
}

#[test]
fn layouts_held_out_while_tuning_are_read() {
    check("held out", HELD_OUT, 0.92);
}
