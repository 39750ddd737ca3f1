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
    let rest = planted.symmetric_difference(&found);
    for hit in rest {
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
    let mut tables = Vec::new();
    for number in [1, 2] {
        let (counts, wrong) = seed(number, households, 3);
        for (rule, count) in &counts {
            if count.0 == 0 {
                all_wrong.push(format!("nothing was planted for {rule}"));
            }
        }
        all_wrong.extend(wrong);
        tables.push(counts);
    }
    assert!(all_wrong.is_empty(), "{}", all_wrong.join("\n"));
    compare(&page(households, &tables));
}

/// The table that the documentation keeps.
fn page(households: u64, tables: &[Counts]) -> String {
    let mut page = format!(
        "# Precision and recall of the rules\n\nMade by `cargo test -p taizhang-generate`: two \
         invented townships of {households} households (seeds 1 and 2), one household in three with \
         a planted fault, judged by the plain interpreter. Planted are the fault's own record and \
         all others that it breaks.\n\n| rule | planted (1) | found (1) | precision (1) | recall \
         (1) | planted (2) | found (2) | precision (2) | recall (2) |\n|---|---|---|---|---|---|---|---|---|\n"
    );
    let rules: BTreeSet<&String> = tables.iter().flat_map(BTreeMap::keys).collect();
    for rule in rules {
        page.push_str(&format!("| {rule} |"));
        for table in tables {
            let (planted, found, right) = table.get(rule).copied().unwrap_or_default();
            let share = |of: usize| if of == 0 { 0.0 } else { right as f64 / of as f64 };
            page.push_str(&format!(
                " {planted} | {found} | {:.3} | {:.3} |",
                share(found),
                share(planted)
            ));
        }
        page.push('\n');
    }
    page
}

fn compare(page: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs/generated/rule-precision.md");
    if std::env::var_os("TAIZHANG_ACCEPT").is_some() {
        std::fs::write(&path, page).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == page, "docs/generated/rule-precision.md is old: run with TAIZHANG_ACCEPT=1");
}
