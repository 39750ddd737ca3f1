//! Every stored snapshot belongs to a test that still stands.

use super::Fault;
use crate::checkout::{Checkout, File};

pub fn check(checkout: &Checkout) -> Vec<Fault> {
    let mut faults = Vec::new();
    for file in &checkout.files {
        if file.path.ends_with(".snap.new") {
            let help = "look at it: accept it as `.snap`, or mend the code";
            let message = "a snapshot that nobody accepted".to_owned();
            faults.push(Fault::new(&file.path, 0, message, help));
        } else if file.path.ends_with(".snap") && !is_referenced(checkout, file) {
            let message = "no test refers to this snapshot".to_owned();
            faults.push(Fault::new(&file.path, 0, message, "remove it"));
        }
    }
    faults
}

/// A snapshot is `<module path>__<name>.snap`: its source must exist and hold the name.
fn is_referenced(checkout: &Checkout, file: &File) -> bool {
    let stem = file.name().trim_end_matches(".snap");
    let name = stem.rsplit("__").next().unwrap_or(stem);
    let counted = name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('-');
    let source = file.text.lines().find_map(|line| line.strip_prefix("source: "));
    let source = source.and_then(|path| checkout.file(path.trim().trim_matches('"')));
    source.is_some_and(|source| [name, counted].iter().any(|name| source.text.contains(name)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::places;
    use super::check;

    #[test]
    fn snapshots_without_test_are_named() {
        let snap = "---\nsource: crates/a/tests/b.rs\n---\nx\n";
        let files = [
            ("crates/a/tests/b.rs", "fn letter_is_read() {}\n"),
            ("crates/a/tests/snapshots/b__letter_is_read-2.snap", snap),
            ("crates/a/tests/snapshots/b__letter_is_lost.snap", snap),
            ("crates/a/tests/snapshots/b__letter_is_read.snap.new", snap),
        ];
        let bad = [
            "crates/a/tests/snapshots/b__letter_is_lost.snap:0",
            "crates/a/tests/snapshots/b__letter_is_read.snap.new:0",
        ];
        assert_eq!(places(check, &files), bad);
    }
}
