//! ARCHITECTURE.md and GLOSSARY.md keep up with the code.
//!
//! Every crate has a section with an invariant, every invariant names an owner and a check, and a
//! test that is named there exists. Every ledger of the codebook is in the glossary.

use super::Fault;
use crate::checkout::{Checkout, File};
use std::collections::BTreeSet;

const ARCHITECTURE: &str = "ARCHITECTURE.md";
const GLOSSARY: &str = "GLOSSARY.md";

pub fn check(checkout: &Checkout) -> Vec<Fault> {
    let Some(page) = checkout.file(ARCHITECTURE) else {
        let help = "restore it; it is the map of the code";
        return vec![Fault::new(ARCHITECTURE, 0, "no ARCHITECTURE.md".to_owned(), help)];
    };
    let mut faults = sections(checkout, page);
    faults.extend(invariants(checkout, page));
    faults.extend(glossary(checkout));
    faults
}

/// The text of the section headed with a crate's folder.
fn section<'a>(page: &'a str, name: &str) -> Option<&'a str> {
    let heading = format!("### `crates/{name}`");
    let start = page.find(&heading)? + heading.len();
    let rest = page.get(start..)?;
    let end = rest.find("\n## ").into_iter().chain(rest.find("\n### ")).min();
    rest.get(..end.unwrap_or(rest.len()))
}

fn sections(checkout: &Checkout, page: &File) -> Vec<Fault> {
    let mut faults = Vec::new();
    for name in checkout.crates() {
        let section = section(&page.text, name);
        if !section.is_some_and(|text| text.contains("**Invariant:**")) {
            let message = format!("crate `{name}` has no section with an invariant");
            let help = "say its duty and what must always be true of it, with owner and check";
            faults.push(Fault::new(ARCHITECTURE, 0, message, help));
        }
    }
    faults
}

fn invariants(checkout: &Checkout, page: &File) -> Vec<Fault> {
    let mut faults = Vec::new();
    let functions = function_names(checkout);
    for (index, line) in page.text.lines().enumerate() {
        let Some(invariant) = line.strip_prefix("**Invariant:**") else { continue };
        let Some((_, named)) = invariant.split_once("Check:") else {
            let message = "an invariant without `Owner:` and `Check:` on its line".to_owned();
            let help = "end the line with `Owner: crate. Check: test or tidy rule.`";
            faults.push(Fault::new(ARCHITECTURE, index + 1, message, help));
            continue;
        };
        let tests = named.split('`').skip(1).step_by(2).filter(|name| is_test_name(name));
        for name in tests.filter(|name| !functions.contains(*name)) {
            let message = format!("the check `{name}` does not exist");
            faults.push(Fault::new(ARCHITECTURE, index + 1, message, "name a test that does"));
        }
    }
    faults
}

/// Names of all functions, those written inside a macro such as `proptest!` included.
fn function_names(checkout: &Checkout) -> BTreeSet<&str> {
    let functions = checkout.rust().flat_map(|(_, outline)| outline.functions.iter());
    functions.map(|function| function.name.as_str()).collect()
}

fn is_test_name(name: &str) -> bool {
    let plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    plain && name.matches('_').count() >= 2
}

fn glossary(checkout: &Checkout) -> Vec<Fault> {
    let Some(page) = checkout.file(GLOSSARY) else {
        let message = "no GLOSSARY.md".to_owned();
        return vec![Fault::new(GLOSSARY, 0, message, "restore it")];
    };
    let ledgers = checkout.files.iter().filter_map(|file| {
        let (folder, name) = file.path.rsplit_once('/')?;
        let in_codebook = folder.starts_with("codebook/") && folder.ends_with("/ledgers");
        in_codebook.then(|| name.trim_end_matches(".toml"))
    });
    let unknown = ledgers.filter(|ledger| !page.text.contains(&format!("`{ledger}`")));
    unknown
        .map(|ledger| {
            let message = format!("ledger `{ledger}` is not in the glossary");
            Fault::new(GLOSSARY, 0, message, "add its identifier, its Chinese and one sentence")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::places;
    use super::*;

    #[test]
    fn crates_and_ledgers_are_described() {
        let page = "### `crates/a`\nDuty.\n\
                    **Invariant:** x. Owner: `a`. Check: `rows_are_kept_in_order`, tidy.\n\
                    ### `crates/b`\nDuty.\n## End\n**Invariant:** no check.\n";
        let files = [
            (ARCHITECTURE, page),
            (GLOSSARY, "| `finding` | 问题 |"),
            ("codebook/rural/ledgers/finding.toml", ""),
            ("codebook/rural/ledgers/measure.toml", ""),
            ("crates/a/src/lib.rs", "fn rows_are_kept_in_order() {}"),
            ("crates/b/src/lib.rs", ""),
        ];
        let bad = ["ARCHITECTURE.md:0", "ARCHITECTURE.md:7", "GLOSSARY.md:0"];
        assert_eq!(places(check, &files), bad);
        let gone = places(check, &files[..4]);
        assert!(gone.contains(&"ARCHITECTURE.md:3".to_owned()), "{gone:?}");
    }
}
