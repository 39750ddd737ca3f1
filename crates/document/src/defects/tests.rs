//! Numbering faults of small outlines, by example.

use super::*;
use crate::model::{Piece, Section};

/// Builds an outline from lines `level number ordinal` (ordinal `-` for a bullet) and compares
/// the faults with `expected`, written `type number expected` and joined by `; `.
fn check(outline: &str, expected: &str) {
    let mut anatomy = Anatomy::default();
    let mut open: Vec<String> = Vec::new();
    for (index, line) in outline.lines().map(str::trim).filter(|l| !l.is_empty()).enumerate() {
        let mut words = line.split(' ');
        let level: usize = words.next().unwrap().parse().unwrap();
        let number = words.next().unwrap();
        open.truncate(level - 1);
        let id = format!("S{}", index + 1);
        let span = Span::new(index * 10, index * 10 + number.chars().count());
        anatomy.sections.push(Section {
            id: id.clone(),
            parent: open.last().cloned(),
            level,
            path: String::new(),
            number: Some(Piece { text: number.to_owned(), span }),
            ordinal: words.next().unwrap().parse().ok(),
            title: Piece::default(),
            start: span.start,
            line: index + 1,
        });
        open.push(id);
    }
    let text = "字".repeat(outline.len());
    let found: Vec<String> = find(&Source::new(&text), &anatomy)
        .iter()
        .map(|d| {
            let kind = serde_json::to_value(d.defect).unwrap();
            let found = d.found.clone().unwrap_or_default();
            format!("{} {found} {}", kind.as_str().unwrap(), d.expected.clone().unwrap())
        })
        .collect();
    assert_eq!(found.join("; "), expected, "{outline}");
}

#[test]
fn numbering_that_restarts_or_runs_on_is_normal() {
    check("1 一、 1\n2 1. 1\n2 2. 2\n1 二、 2\n2 1. 1\n2 2. 2", "");
    check("1 一、 1\n2 1. 1\n2 2. 2\n1 二、 2\n2 3. 3\n2 4. 4", "");
    check("1 一、 1\n2 (1) 1\n2 (2) 2\n2 1. 1\n2 2. 2", "");
}

#[test]
fn a_gap_is_reported_at_the_number_behind_it() {
    check("1 一、 1\n1 二、 2\n1 四、 4\n1 五、 5", "skipped_number 四、 三、");
    check("1 一、 1\n2 1. 1\n1 二、 2\n2 2. 2\n2 ４． 4", "skipped_number ４． ３．");
}

#[test]
fn a_repeated_number_takes_the_place_of_the_next() {
    check("1 1. 1\n1 2. 2\n1 2. 2\n1 4. 4", "duplicate_number 2. 3.");
    check("1 1. 1\n1 2. 2\n1 2. 2\n1 3. 3", "duplicate_number 2. 3.");
}

#[test]
fn a_bullet_among_numbers_has_lost_its_number() {
    check("1 • -\n1 二、 2\n1 三、 3", "lost_number • 一、");
    check("1 一、 1\n2 1. 1\n2 2. 2\n1 二、 2\n2 • -\n2 4. 4", "lost_number • 3.");
    check("1 • -\n1 • -", "");
}

#[test]
fn odd_punctuation_is_irregular() {
    check("1 1. 1\n1 2. 2\n1 3， 3\n1 4. 4", "irregular_number 3， 3.");
    check("1 1. 1\n1 2． 2\n1 3. 3", "");
    check("1 一、 1\n2 1. 1\n2 2. 2\n1 二、 2\n2 3. 3\n2 4, 4", "irregular_number 4, 4.");
    check("1 一、 1\n2 1. 1\n2 2. 2\n2 3. 3\n2 4. 4\n1 二、 2\n2 1、 1\n2 2、 2", "");
}
