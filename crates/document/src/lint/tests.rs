//! Diagnostics of small documents, by example.

use super::*;
use taizhang_diagnostics::Language;

/// Compares codes, severities and lines of the faults of `text`.
fn check(text: &str, expected: &str) {
    let reading = crate::read("a", "a.txt", text);
    let found: Vec<String> = lint(text, &reading)
        .iter()
        .map(|fault| {
            let Place::File { line, .. } = fault.place else { panic!("a fault has a place") };
            format!("{} {:?} {line}", fault.code, fault.severity)
        })
        .collect();
    assert_eq!(found.join("; "), expected, "{text}");
}

#[test]
fn a_wrong_sum_is_an_error_at_the_total() {
    let text = "情况报告\n\n共投入326.54万元,其中产业301.14万元、就业20.40万元。\n";
    check(text, "D0301 Error 3");
    let reading = crate::read("a", "a.txt", text);
    let fault = &lint(text, &reading)[0];
    assert_eq!(
        fault.message.text(Language::Zh),
        "合计不符：写的是`326.54万元`，`301.14万元`＋`20.40万元`等于`321.54万元`"
    );
}

#[test]
fn a_document_without_faults_is_clean() {
    check("情况报告\n\n共12户,其中甲村5户、乙村7户。\n", "");
    check("", "");
}

#[test]
fn a_place_far_inside_a_line_keeps_its_column() {
    let text = format!("{}共12户,其中甲村5户、乙村8户。{}", "前言".repeat(50), "后语".repeat(500));
    let reading = crate::read("a", "a.txt", &text);
    let faults = lint(&text, &reading);
    let Place::File { column, excerpt, .. } = &faults[0].place else { panic!("a place") };
    assert_eq!(*column, 102);
    assert_eq!(excerpt.chars().skip(column - 1).take(3).collect::<String>(), "12户");
    assert!(excerpt.chars().count() < 200);
}

#[test]
fn a_document_in_one_line_is_not_repeated_with_every_fault() {
    let text = "前言".repeat(2000) + "共12户,其中甲村5户、乙村8户。";
    let reading = crate::read("a", "a.txt", &text);
    let faults = lint(&text, &reading);
    let Place::File { column, excerpt, .. } = &faults[0].place else { panic!("a place") };
    assert_eq!((*column, excerpt.as_str()), (4002, ""));
}
