//! Deadlines in a workbook: words such as `立行立改` stay words, but what is written as a date has to
//! be one.

use taizhang_diagnostics::{Diagnostic, Message, Place};
use taizhang_exchange::{ImportCheck, RowFault};
use taizhang_values::{fold_width, parse_partial_date};

/// Field of the deadline as it is written.
const FIELD: &str = "deadline_raw";
/// Most characters behind a date that belong to it: `前`, `底前`, `之前完成`.
const TAIL_MAX: usize = 4;

/// Adds a fault for every deadline that is written as a date and is none. One pass over the rows.
pub(super) fn check_deadlines(check: &mut ImportCheck) {
    let Some(column) = check.header.column_of(FIELD) else { return };
    let (at, letters) = (column.column, column.letters.clone());
    let mut faults = Vec::new();
    for row in &mut check.rows {
        let is_bad = |text: &str| broken_date(text).is_some();
        let Some(text) = row.values.get(FIELD).map(ToString::to_string).filter(|t| is_bad(t))
        else {
            continue;
        };
        let sheet = Some(check.sheet.clone());
        let place = Place::Cell { sheet, row: row.row, column: letters.clone() };
        let day = broken_date(&text).unwrap_or_default();
        let message = Message::new(
            format!("没有`{day}`这一天"),
            format!("`{day}` is no day of the calendar"),
        );
        let help = Message::new(
            "请写成 2026-11-20，或照原文写“立行立改”“长期坚持”",
            "write it as 2026-11-20, or in the words of the letter",
        );
        let diagnostic = Diagnostic::error("S0611", message).at(place).help(help);
        let field = FIELD.to_owned();
        faults.push(RowFault { row: row.row, column: at, field, diagnostic, suggestion: None });
        row.values.remove(FIELD);
        row.fault_count += 1;
    }
    if !faults.is_empty() {
        check.faults.extend(faults);
        check.faults.sort_by_key(|fault| (fault.row, fault.column));
    }
}

/// The date at the head of a text, if it is written as one and does not exist.
fn broken_date(text: &str) -> Option<String> {
    let folded: String = fold_width(text).chars().filter(|c| !c.is_whitespace()).collect();
    let is_date_like = |c: char| c.is_ascii_digit() || "-./年月日号".contains(c);
    let date: String = folded.chars().take_while(|c| is_date_like(*c)).collect();
    let tail = folded.chars().count() - date.chars().count();
    let numbers = date.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let numbers: Vec<&str> = numbers.collect();
    let is_written_as_date = match numbers.as_slice() {
        [whole] => whole.len() == 8,
        [_, _] | [_, _, _] => true,
        _ => false,
    };
    (is_written_as_date && tail <= TAIL_MAX && parse_partial_date(&date).is_none()).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_as_a_date_has_to_be_one() {
        let cases = [
            ("2026-13-45", Some("2026-13-45")),
            ("２０２６－１３－４５", Some("2026-13-45")),
            ("2026年2月30日前", Some("2026年2月30日")),
            ("20261345", Some("20261345")),
            ("13月1日", Some("13月1日")),
            ("2026-12-20", None),
            ("2026年12月底前", None),
            ("12月20日", None),
            ("2026.12", None),
            ("立行立改", None),
            ("长期坚持", None),
            ("3个月内", None),
            ("2026-13-45 由县里另行通知", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(broken_date(text).as_deref(), expected, "{text}");
        }
    }
}
