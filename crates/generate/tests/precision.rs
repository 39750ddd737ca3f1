//! Every rule finds what was planted and nothing else.

use crate::judged::{Hit, World};
use std::collections::{BTreeMap, BTreeSet};
use taizhang_codebook::Codebook;
use taizhang_generate::{Plan, Preset};
use taizhang_values::parse_date;

/// Counts of one rule: planted, found, found rightly.
type Counts = BTreeMap<String, (usize, usize, usize)>;

fn seed(seed: u64, households: u64, every: u64) -> (Counts, Vec<String>) {
    let codebook = Codebook::embedded("rural").unwrap_or_else(|faults| panic!("{faults:?}"));
    let (rules, faults) = taizhang_rules::check(&codebook);
    let plan = Plan { households, fault_every: every, ..Plan::new(Preset::Township, seed) };
    let (world, truth) = World::new(&codebook, &plan);
    let known: BTreeSet<&str> = rules.iter().map(|rule| rule.code.as_str()).collect();
    let planted: BTreeSet<Hit> = truth
        .iter()
        .filter(|truth| known.contains(truth.rule))
        .map(|truth| (truth.rule.to_owned(), truth.ledger.to_owned(), truth.record))
        .collect();
    let as_of = parse_date(&plan.as_of.text()).unwrap();
    let found: BTreeSet<Hit> = world.hits(&rules, as_of).into_iter().collect();
    let mut counts = Counts::new();
    rules.iter().for_each(|rule| {
        counts.entry(rule.code.clone()).or_default();
    });
    for hit in &planted {
        let count = counts.entry(hit.0.clone()).or_default();
        count.0 += 1;
        count.2 += usize::from(found.contains(hit));
    }
    for hit in &found {
        counts.entry(hit.0.clone()).or_default().1 += 1;
    }
    let mut wrong = Vec::new();
    if !faults.is_empty() {
        wrong.push(format!("{} faults in rules", faults.len()));
    }
    let mut shown: BTreeMap<(String, bool), usize> = BTreeMap::new();
    for hit in planted.symmetric_difference(&found) {
        let missed = planted.contains(hit);
        let count = shown.entry((hit.0.clone(), missed)).or_default();
        *count += 1;
        if *count <= 2 {
            let word = if missed { "missed" } else { "false alarm" };
            let partner = truth.iter().find(|t| t.record / 4096 == hit.2 / 4096);
            wrong.push(format!(
                "{word} {hit:?} beside {:?}: {}",
                partner.map(|t| t.rule),
                world.show(&hit.1, hit.2)
            ));
        }
    }
    (counts, wrong)
}

#[test]
fn rules_find_just_what_was_planted() {
    let households = std::env::var("HOUSEHOLDS").ok().and_then(|n| n.parse().ok()).unwrap_or(1500);
    let mut all_wrong = Vec::new();
    for number in [1, 2] {
        let (counts, wrong) = seed(number, households, 3);
        let planted = counts.values().filter(|count| count.0 > 0).count();
        println!("seed {number}: {} rules, {planted} with planted faults", counts.len());
        for (rule, (planted, found, right)) in &counts {
            if planted != right || found != right {
                println!("  {rule}: planted {planted}, found {found}, rightly {right}");
            }
        }
        all_wrong.extend(wrong);
        if std::env::var("ONE").is_ok() {
            break;
        }
    }
    assert!(all_wrong.is_empty(), "{}", all_wrong.join("\n"));
}
