//! Bad codebooks and what is said about them.
//!
//! A case is a text file: a sentence after `#`, then changes to the small codebook of
//! `fixtures/work_safety`, then the messages. `--- PATH` replaces or adds a file, `--- PATH +` adds
//! lines to one, `--- PATH OLD => NEW` changes its first such words
//! (lines that follow belong to NEW), `+++ PATH` is a county's file
//! laid over it. `=== en` and `=== zh` begin the messages.

use crate::support::{Files, compare, files_of, rendered, tests_folder, work_safety};
use std::collections::BTreeSet;
use taizhang_codebook::{FAULT_CODES, read_with_overrides};
use taizhang_diagnostics::{Diagnostic, Language};

struct Case {
    head: String,
    files: Files,
    overrides: Files,
}

fn parse(text: &str) -> Case {
    let head = text.split("=== en").next().unwrap();
    let mut case = Case { head: head.to_owned(), files: work_safety(), overrides: Files::new() };
    let mut change: Option<(&str, String)> = None;
    for line in head.lines().chain(["--- end"]) {
        if line.starts_with("--- ") || line.starts_with("+++ ") {
            if let Some((header, body)) = change.take() {
                apply(&mut case, header, &body);
            }
            change = Some((line, String::new()));
        } else if let Some((_, body)) = &mut change {
            body.push_str(line);
            body.push('\n');
        }
    }
    case
}

fn apply(case: &mut Case, header: &str, body: &str) {
    let (mark, rest) = header.split_at(4);
    let (path, change) = rest.split_once(' ').unwrap_or((rest, ""));
    if mark == "+++ " {
        case.overrides.push((format!("county/{path}"), body.to_owned()));
        return;
    }
    let files = &mut case.files;
    let position = files.iter().position(|(known, _)| known == path);
    match (position, change) {
        (Some(at), "") if body.trim().is_empty() => {
            files.remove(at);
        }
        (Some(at), "") => body.clone_into(&mut files[at].1),
        (None, "") => files.push((path.to_owned(), body.to_owned())),
        (Some(at), "+") => files[at].1 = format!("{}\n{body}", files[at].1),
        (Some(at), change) => {
            let (old, new) = change.split_once(" => ").expect("OLD => NEW");
            assert!(files[at].1.contains(old), "{path} has no `{old}`");
            let new = format!("{new}\n{body}");
            files[at].1 = files[at].1.replacen(old, new.trim_end(), 1);
        }
        (None, _) => panic!("no file {path}"),
    }
}

fn faults_of(case: &Case) -> Vec<Diagnostic> {
    let (codebook, faults) = read_with_overrides(&case.files, &case.overrides);
    assert_eq!(codebook.is_none(), !faults.is_empty());
    faults
}

fn check(name: &str, text: &str) -> Result<Vec<String>, String> {
    let case = parse(text);
    let faults = faults_of(&case);
    let found = format!(
        "{}=== en\n{}\n=== zh\n{}\n",
        case.head,
        rendered(&faults, Language::En),
        rendered(&faults, Language::Zh)
    );
    compare(&tests_folder().join("bad").join(name), text, &found)?;
    let codes: Vec<String> = faults.into_iter().map(|fault| fault.code).collect();
    let own = name.split('-').next().unwrap_or("").to_uppercase();
    if codes.contains(&own) { Ok(codes) } else { Err(format!("{name} does not give {own}")) }
}

#[test]
fn every_bad_codebook_gets_its_messages() {
    let mut failures = Vec::new();
    for (name, text) in files_of(&tests_folder().join("bad")) {
        if let Err(failure) = check(&name, &text) {
            failures.push(failure);
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_code_has_a_bad_codebook() {
    let known: BTreeSet<String> = FAULT_CODES.iter().map(|code| code.code.to_owned()).collect();
    assert_eq!(known.len(), FAULT_CODES.len(), "a code stands twice");
    let mut seen: BTreeSet<String> = files_of(&tests_folder().join("bad"))
        .iter()
        .flat_map(|(_, text)| faults_of(&parse(text)))
        .map(|fault| fault.code)
        .collect();
    let unknown = taizhang_codebook::Codebook::embedded("rurla").unwrap_err();
    seen.extend(unknown.into_iter().map(|fault| fault.code));
    assert_eq!(seen, known);
}
