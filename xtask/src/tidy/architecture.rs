//! ARCHITECTURE.md and GLOSSARY.md keep up with the code.
//!
//! Every crate has a section with an invariant and the row in the table that the direction of
//! dependencies is checked by, every invariant names an owner and a check, and a test that is named
//! there exists. Every letter of a message code has its area, every ledger of the codebook is in
//! the glossary, and the front pages count the rules as there are.

use super::Fault;
use super::codes::is_code;
use super::dependencies::row;
use crate::checkout::{Checkout, File};
use std::collections::BTreeSet;

const ARCHITECTURE: &str = "ARCHITECTURE.md";
const GLOSSARY: &str = "GLOSSARY.md";

/// Pages that say how many rules there are, with what stands behind the number.
const FRONT_PAGES: [(&str, &str); 2] =
    [("README.md", " rules"), ("README.zh-CN.md", " 条业务规则")];

pub fn check(checkout: &Checkout) -> Vec<Fault> {
    let Some(page) = checkout.file(ARCHITECTURE) else {
        let help = "restore it; it is the map of the code";
        return vec![Fault::new(ARCHITECTURE, 0, "no ARCHITECTURE.md".to_owned(), help)];
    };
    let mut faults = sections(checkout, page);
    faults.extend(rows(page));
    faults.extend(letters(checkout, page));
    faults.extend(rule_counts(checkout));
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

/// Lines of the table of rows, `| 4 | `flow` | …`, that say something else than the check does.
fn rows(page: &File) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (index, line) in page.text.lines().enumerate() {
        let mut cells = line.split('|').map(str::trim).skip(1);
        let number = cells.next().and_then(|cell| cell.parse::<u8>().ok());
        let name = cells.next().and_then(|cell| cell.strip_prefix('`')?.strip_suffix('`'));
        let (Some(number), Some(name)) = (number, name) else { continue };
        if row(name) != Some(number) {
            let message = format!("crate `{name}` does not stand in row {number}");
            let help = "make it the row of xtask/src/tidy/dependencies.rs";
            faults.push(Fault::new(ARCHITECTURE, index + 1, message, help));
        }
    }
    faults
}

/// Letters of message codes that have no line, `| C | definitions | …`, in the table of codes.
fn letters(checkout: &Checkout, page: &File) -> Vec<Fault> {
    let products = checkout.rust().filter(|(file, _)| file.is_product());
    let strings = products.flat_map(|(_, outline)| outline.masked.strings.iter());
    let codes = strings.map(|(_, text)| text.as_str()).filter(|text| is_code(text));
    let used: BTreeSet<char> = codes.filter_map(|code| code.chars().next()).collect();
    let unknown = used.into_iter().filter(|letter| !page.text.contains(&format!("\n| {letter} |")));
    unknown
        .map(|letter| {
            let message = format!("codes with `{letter}` are made, but their area is not told");
            let help = "add the letter, its area and the crate to the table of codes";
            Fault::new(ARCHITECTURE, 0, message, help)
        })
        .collect()
}

/// Front pages that count the shipped rules otherwise than there are files of them.
fn rule_counts(checkout: &Checkout) -> Vec<Fault> {
    let is_rule =
        |path: &&String| path.starts_with("codebook/rural/rules/") && path.ends_with(".md");
    let count = checkout.paths.iter().filter(is_rule).count();
    let mut faults = Vec::new();
    for (path, words) in FRONT_PAGES {
        let Some(file) = checkout.file(path) else { continue };
        for (index, line) in file.text.lines().enumerate() {
            let Some((before, _)) = line.split_once(words) else { continue };
            let digits = before.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or("");
            if digits.parse::<usize>().is_ok_and(|told| told != count) {
                let message = format!("{digits} rules are told, {count} are shipped");
                faults.push(Fault::new(path, index + 1, message, "tell the number of rule files"));
            }
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
    fn rows_are_those_of_the_dependency_check() {
        let page = "| row | crate |\n|---|---|\n| 4 | `flow` | judges |\n| 5 | `store` | keeps |\n";
        let files = [(ARCHITECTURE, page), (GLOSSARY, "")];
        assert_eq!(places(check, &files), ["ARCHITECTURE.md:4"]);
    }

    #[test]
    fn letters_of_codes_have_their_area() {
        let page = "| letter | area |\n|---|---|\n| C | definitions |\n### `crates/a`\n\
                    **Invariant:** x. Owner: `a`. Check: review.\n";
        let code = "fn a() { e(\"C0001\", \"一\"); e(\"I0001\", \"二\") }";
        let files = [(ARCHITECTURE, page), (GLOSSARY, ""), ("crates/a/src/lib.rs", code)];
        assert_eq!(places(check, &files), ["ARCHITECTURE.md:0"]);
    }

    #[test]
    fn front_pages_count_the_rules() {
        let files = [
            (ARCHITECTURE, ""),
            (GLOSSARY, ""),
            ("README.md", "One:\n- 2 rules of the field\n"),
            ("README.zh-CN.md", "1 条业务规则，另有规则\n"),
            ("codebook/rural/rules/acc/ACC-001.md", ""),
        ];
        assert_eq!(places(check, &files), ["README.md:2"]);
    }

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
