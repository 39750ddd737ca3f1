//! The manual and the generated reference agree with the code.

use crate::support::{compare, rendered, repository, work_safety};
use taizhang_codebook::{Codebook, FAULT_CODES, read_with_overrides, reference};
use taizhang_diagnostics::Language;

#[test]
fn reference_is_that_of_the_shipped_codebook() {
    let codebook = Codebook::embedded("rural").unwrap();
    let found = reference(&codebook, "2026-01-01".parse().unwrap());
    let path = repository().join("docs/generated/codebook-reference.md");
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    compare(&path, &stored, &found).unwrap();
}

/// A fenced block of the manual that begins with a comment naming its file.
struct Example {
    path: String,
    text: String,
    line: usize,
    faults: Vec<String>,
}

fn examples(manual: &str) -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    let mut open: Option<Vec<&str>> = None;
    for (number, line) in manual.lines().enumerate() {
        match (&mut open, line) {
            (None, "```toml") => open = Some(Vec::new()),
            (Some(lines), "```") => {
                let head = lines.first().and_then(|line| line.strip_prefix("# "));
                let (path, faults) = head.unwrap().split_once(" — ").unwrap_or((head.unwrap(), ""));
                found.push(Example {
                    path: path.trim().to_owned(),
                    text: lines.join("\n"),
                    line: number,
                    faults: faults.split_whitespace().map(str::to_owned).collect(),
                });
                open = None;
            }
            (Some(lines), line) => lines.push(line),
            (None, _) => {}
        }
    }
    found
}

/// All good examples together make a codebook on the ground of the small one; each bad one, laid
/// over them, gets the codes that stand after its dash.
#[test]
fn examples_of_the_manual_are_read() {
    let manual = std::fs::read_to_string(repository().join("docs/codebook.md")).unwrap();
    let examples = examples(&manual);
    assert!(examples.len() >= 8, "only {} examples", examples.len());
    let mut ground = work_safety();
    let shipped: Vec<String> = ground.iter().map(|(path, _)| path.clone()).collect();
    let mut laid_over = Vec::new();
    for example in examples.iter().filter(|example| example.faults.is_empty()) {
        let file = (example.path.clone(), example.text.clone());
        if shipped.contains(&example.path) { laid_over.push(file) } else { ground.push(file) }
    }
    let (_, faults) = read_with_overrides(&ground, &laid_over);
    assert!(faults.is_empty(), "{}", rendered(&faults, Language::En));
    for example in examples.iter().filter(|example| !example.faults.is_empty()) {
        let over = [(format!("county/{}", example.path), &example.text)];
        let (_, faults) = read_with_overrides(&ground, &over);
        let mut codes: Vec<String> = faults.iter().map(|fault| fault.code.clone()).collect();
        codes.sort();
        let text = rendered(&faults, Language::En);
        assert_eq!(codes, example.faults, "docs/codebook.md:{}\n{text}", example.line);
    }
}

#[test]
fn every_code_of_the_manual_exists() {
    let manual = std::fs::read_to_string(repository().join("docs/codebook.md")).unwrap();
    let words = manual.split(|c: char| !c.is_ascii_alphanumeric());
    let is_code = |word: &&str| {
        let digits = word.strip_prefix('C').unwrap_or("");
        digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    for word in words.filter(is_code) {
        assert!(FAULT_CODES.iter().any(|code| code.code == word), "{word}");
    }
}
