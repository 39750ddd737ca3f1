//! Words that must not be left in the sources: places of one machine, registries, unfinished
//! marks, and test documents in product code.

use super::Fault;
use crate::checkout::{Checkout, File};

/// Roots of paths that exist on one machine only. Written in two parts, as is all below, so that
/// this file does not find itself.
const MACHINE_ROOTS: [&str; 4] =
    [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];

/// Hosts of package registries: packages are named, never their addresses.
const REGISTRIES: [&str; 6] = [
    concat!("crates", ".io"),
    concat!("npmjs", ".org"),
    concat!("npmmirror", ".com"),
    concat!("pypi", ".org"),
    concat!("pythonhosted", ".org"),
    concat!("deb.", "debian.org"),
];

/// Marks of work left undone, where they stand in a comment or a page; in a literal they are what a
/// document holds.
const UNFINISHED: [&str; 2] = [concat!("FIX", "ME"), concat!("XX", "X")];

/// Names of the documents that readings are scored on: the reader must not know them.
const TEST_DOCUMENTS: [&str; 3] =
    [concat!("seed", "-00"), concat!("dev", "-0"), concat!("hold", "out")];

pub fn check(checkout: &Checkout) -> Vec<Fault> {
    let mut faults = Vec::new();
    for file in checkout.files.iter().filter(|file| !file.path.ends_with(".svg")) {
        for (index, line) in file.text.lines().enumerate() {
            for (message, help) in line_faults(file, line) {
                faults.push(Fault::new(&file.path, index + 1, message, help));
            }
        }
    }
    faults
}

fn line_faults(file: &File, line: &str) -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    for word in MACHINE_ROOTS.iter().filter(|word| stands_alone(line, word)) {
        found.push((format!("path of one machine (`{word}`)"), "take it from an argument"));
    }
    for word in REGISTRIES.iter().filter(|word| line.contains(*word)) {
        found.push((format!("address of a registry (`{word}`)"), "name the package only"));
    }
    let remark =
        if file.outline.is_some() { line.split_once("//").map_or("", |(_, r)| r) } else { line };
    for word in UNFINISHED.iter().filter(|word| is_word(remark, word)) {
        found.push((format!("unfinished mark `{word}`"), "do it now, or open an issue"));
    }
    let in_product = file.path.starts_with("crates/") && file.path.contains("/src/");
    for word in TEST_DOCUMENTS.iter().filter(|word| in_product && line.contains(*word)) {
        let message = format!("product code names a test document (`{word}`)");
        found.push((message, "move it to a test in `tests/`; the reader knows the genre only"));
    }
    found
}

/// Whether a path starts here and not inside a longer one, such as a route or an address.
fn stands_alone(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '}' | '~' | '*'))
    })
}

fn is_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|text| text.chars().next());
        ![before, after].into_iter().flatten().any(|c| c.is_alphanumeric() || c == '_')
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::places;
    use super::*;

    #[test]
    fn words_that_must_not_stay_are_named() {
        let machine = format!("see {}main", MACHINE_ROOTS[0]);
        let route = format!("ledger{}list", MACHINE_ROOTS[0]);
        let registry = format!("https://{}/x", REGISTRIES[0]);
        let mark = format!("a\n// {} later", UNFINISHED[0]);
        let document = format!("{}1", TEST_DOCUMENTS[0]);
        let files = [
            ("docs/a.md", machine.as_str()),
            ("docs/b.md", &route),
            ("docs/c.md", &registry),
            ("docs/d.md", &mark),
            ("crates/document/src/e.rs", &document),
            ("crates/document/tests/f.rs", &document),
        ];
        let bad = ["docs/a.md:1", "docs/c.md:1", "docs/d.md:2", "crates/document/src/e.rs:1"];
        assert_eq!(places(check, &files), bad);
    }
}
