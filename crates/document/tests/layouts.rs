//! Layouts of published documents, one file each: text, a ruling, what the reader finds.
//!
//! `UPDATE_LAYOUTS=1` writes the findings back; look at the difference before it is kept.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use taizhang_document::model::{Finding, Piece, Reading, Task};

/// The line between text and findings.
const RULING: &str = "\n========\n";

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/layouts");
    let entries = fs::read_dir(folder).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn every_layout_is_read_as_written_below_it() {
    let cases = cases();
    assert!(cases.len() >= 20, "the folder of layouts is not complete");
    for path in cases {
        let file = fs::read_to_string(&path).unwrap();
        let (text, expected) = file.split_once(RULING).unwrap_or((&file, ""));
        let found = render(&taizhang_document::read("layout", "layout.txt", text));
        if std::env::var_os("UPDATE_LAYOUTS").is_some() {
            fs::write(&path, format!("{text}{RULING}{found}")).unwrap();
            continue;
        }
        assert_eq!(found, expected, "{}", path.display());
    }
}

fn render(reading: &Reading) -> String {
    let mut out = String::new();
    let document = &reading.document;
    let date = document.date.as_ref().map_or("-", |d| d.value.as_str());
    let kind = serde_json::to_value(document.kind).unwrap();
    writeln!(out, "{} | {} | {date}", kind.as_str().unwrap(), piece(document.title.as_ref()))
        .unwrap();
    for section in &reading.sections {
        let indent = "  ".repeat(section.level);
        let number = section.number.as_ref().map_or("?", |n| n.text.as_str());
        writeln!(out, "{indent}{number} {}", flat(&section.title.text)).unwrap();
    }
    reading.findings.iter().for_each(|f| finding(&mut out, f));
    reading.tasks.iter().for_each(|t| task(&mut out, t));
    out
}

fn finding(out: &mut String, finding: &Finding) {
    let number = finding.number.as_ref().map_or("-", |n| n.text.as_str());
    writeln!(out, "{} {} [{number}] {}", finding.id, finding.path, flat(&finding.title.text))
        .unwrap();
    for problem in &finding.problems {
        writeln!(out, "  problem {}", flat(&problem.text)).unwrap();
    }
    if let Some(situation) = &finding.situation {
        writeln!(out, "  situation {:?}", situation.value).unwrap();
    }
    for measure in &finding.measures {
        let ordinal = measure.ordinal.as_ref().map_or("-", |o| o.text.as_str());
        writeln!(out, "  measure {ordinal} {}", flat(&measure.text)).unwrap();
    }
    names(out, "lead", &finding.lead_units);
    names(out, "units", &finding.responsible_units);
    names(out, "leaders", &finding.responsible_leaders);
    names(out, "persons", &finding.responsible_persons);
    if let Some(deadline) = &finding.deadline {
        let date = deadline.date.as_deref().unwrap_or("-");
        writeln!(out, "  deadline {:?} {date} {}", deadline.kind, flat(&deadline.raw)).unwrap();
    }
    if let Some(status) = &finding.status {
        writeln!(out, "  status {:?} {}", status.value, flat(&status.text)).unwrap();
    }
}

fn task(out: &mut String, task: &Task) {
    writeln!(out, "{} {} {}", task.id, task.path, flat(&task.title.text)).unwrap();
    writeln!(out, "  text {}", flat(&task.text.text)).unwrap();
    names(out, "lead", &task.lead_units);
    names(out, "units", &task.responsible_units);
    if let Some(deadline) = &task.deadline {
        writeln!(out, "  deadline {:?} {}", deadline.kind, flat(&deadline.raw)).unwrap();
    }
    names(out, "targets", &task.targets);
}

fn names(out: &mut String, role: &str, pieces: &[Piece]) {
    if !pieces.is_empty() {
        let names: Vec<String> = pieces.iter().map(|p| flat(&p.text)).collect();
        writeln!(out, "  {role} {}", names.join(" | ")).unwrap();
    }
}

fn piece(piece: Option<&Piece>) -> String {
    piece.map_or_else(|| "-".to_owned(), |p| flat(&p.text))
}

/// One line: white space inside a piece is dropped.
fn flat(text: &str) -> String {
    text.split_whitespace().collect()
}
