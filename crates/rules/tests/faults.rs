//! What is said about rules that are wrong: message, underlined place and help.
//!
//! `faults/expressions.txt` holds expressions: a line `=== LEDGER | WHAT`, the expression, then
//! what is said. `faults/files.txt` holds rule files: a line `=== WHAT`, the file, then what is
//! said.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use taizhang_codebook::Codebook;
use taizhang_diagnostics::{Diagnostic, Language, render_all};
use taizhang_rules::{RULE_FAULT_CODES, check_rule, compile_expression};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults").join(name)
}

const SAID_EN: &str = "--- en";
const SAID_ZH: &str = "--- zh";

/// Cases of a file: head and text.
fn cases(name: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(path(name)).unwrap();
    let mut cases = Vec::new();
    for part in text.split("\n=== ").map(|part| part.trim_start_matches("=== ")) {
        let (head, rest) = part.split_once('\n').unwrap();
        let body = rest.split(&format!("\n{SAID_EN}")).next().unwrap();
        cases.push((head.to_owned(), body.trim_end_matches('\n').to_owned()));
    }
    cases
}

/// Long lines are cut, as a terminal would.
fn shown(faults: &[Diagnostic], language: Language) -> String {
    let text = render_all(faults, language);
    let cut = |line: &str| line.chars().take(160).collect::<String>().trim_end().to_owned();
    text.trim().lines().map(cut).collect::<Vec<_>>().join("\n")
}

fn compare(name: &str, judged: &[(String, String, Vec<Diagnostic>)]) -> BTreeSet<String> {
    let mut found = String::new();
    let mut codes = BTreeSet::new();
    for (head, body, faults) in judged {
        assert!(!faults.is_empty(), "nothing is said about: {head}");
        codes.extend(faults.iter().map(|fault| fault.code.clone()));
        found.push_str(&format!(
            "=== {head}\n{body}\n{SAID_EN}\n{}\n{SAID_ZH}\n{}\n",
            shown(faults, Language::En),
            shown(faults, Language::Zh)
        ));
    }
    let found = format!("{}\n", found.trim_end());
    let kept = std::fs::read_to_string(path(name)).unwrap();
    if kept != found {
        if std::env::var_os("TAIZHANG_ACCEPT").is_some() {
            std::fs::write(path(name), &found).unwrap();
        } else {
            let line = kept.lines().zip(found.lines()).position(|(a, b)| a != b);
            panic!("{name} differs from line {line:?} (TAIZHANG_ACCEPT=1 stores it)");
        }
    }
    codes
}

fn expression_codes(codebook: &Codebook) -> BTreeSet<String> {
    let judged: Vec<(String, String, Vec<Diagnostic>)> = cases("expressions.txt")
        .into_iter()
        .map(|(head, text)| {
            let ledger = head.split(" | ").next().unwrap();
            let faults = compile_expression(codebook, ledger, &text).err().unwrap_or_default();
            (head, text, faults)
        })
        .collect();
    compare("expressions.txt", &judged)
}

fn file_codes() -> BTreeSet<String> {
    let judged: Vec<(String, String, Vec<Diagnostic>)> = cases("files.txt")
        .into_iter()
        .map(|(head, text)| {
            let file = [("rules/tst/TST-001.md", text.as_str())];
            let faults = match Codebook::load("rural", &file) {
                Err(faults) => faults,
                Ok(codebook) => check_rule(&codebook, &codebook.rules["TST-001"]).1,
            };
            (head, text, faults)
        })
        .collect();
    compare("files.txt", &judged)
}

#[test]
fn every_fault_of_a_rule_is_told_with_place_and_help() {
    let codebook = Codebook::embedded("rural").unwrap();
    let mut told = expression_codes(&codebook);
    told.extend(file_codes());
    let all: BTreeSet<String> =
        RULE_FAULT_CODES.iter().map(|fault| fault.code.to_owned()).collect();
    let untold: Vec<&String> = all.difference(&told).collect();
    assert!(untold.is_empty(), "without a case: {untold:?}");
}
