//! The reference documents, where they lie beside the checkout: every metric reaches its target.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use taizhang_testkit::documents::score::{Tally, score};

/// Metric and the F1 that must be reached over all documents together.
const TARGETS: &[(&str, f64)] = &[
    ("outline", 0.97),
    ("findings", 0.97),
    ("problems", 0.93),
    ("measures", 0.95),
    ("units", 0.97),
    ("deadlines", 0.97),
    ("tasks", 0.95),
    ("figures", 0.95),
    ("cross_checks", 0.80),
    ("outline_defects", 0.85),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/documents")
}

/// Text and truth of every document.
fn documents() -> Vec<(String, String, Value)> {
    let Ok(entries) = fs::read_dir(folder()) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.filter_map(|e| e.ok().map(|e| e.path())).collect();
    paths.sort();
    paths
        .iter()
        .filter(|p| p.extension().is_some_and(|e| e == "txt"))
        .filter_map(|p| {
            let name = p.file_stem()?.to_string_lossy().into_owned();
            let text = fs::read_to_string(p).ok()?;
            let truth = fs::read_to_string(p.with_extension("json")).ok()?;
            Some((name, text, serde_json::from_str(&truth).ok()?))
        })
        .collect()
}

#[test]
fn every_metric_reaches_its_target() {
    let documents = documents();
    if documents.is_empty() {
        println!("skipped: no reference documents at ../shared/documents");
        return;
    }
    let mut sums: BTreeMap<&str, Tally> = BTreeMap::new();
    for (name, text, truth) in &documents {
        let reading = taizhang_document::read(name, &format!("{name}.txt"), text);
        let reading = serde_json::to_value(&reading).unwrap();
        for (metric, tally) in score(text, truth, &reading) {
            sums.entry(metric).or_default().add(tally);
        }
    }
    for (metric, least) in TARGETS {
        let reached = sums.get(metric).map_or(0.0, |tally| tally.f1());
        println!("{metric:16} {reached:.3}, at least {least}");
        assert!(reached >= *least, "{metric}: {reached:.3} is below {least}");
    }
}

#[test]
fn every_slice_equals_the_text_at_its_span() {
    for (name, text, _) in documents() {
        let chars: Vec<char> = text.chars().collect();
        let reading = taizhang_document::read(&name, "a.txt", &text);
        walk(&name, &chars, &serde_json::to_value(&reading).unwrap());
    }
}

/// Compares `text` or `raw` with the slice at `span`, at every depth.
fn walk(name: &str, chars: &[char], value: &Value) {
    if let Some(items) = value.as_array() {
        items.iter().for_each(|item| walk(name, chars, item));
    }
    let Some(object) = value.as_object() else { return };
    if let Some([start, end]) = object.get("span").and_then(Value::as_array).map(Vec::as_slice) {
        let (start, end) = (start.as_u64().unwrap() as usize, end.as_u64().unwrap() as usize);
        let slice: String = chars[start..end].iter().collect();
        for key in ["text", "raw"] {
            if let Some(text) = object.get(key).and_then(Value::as_str) {
                assert_eq!(text, slice, "{name}: {key} at {start}..{end}");
            }
        }
    }
    object.values().for_each(|item| walk(name, chars, item));
}
