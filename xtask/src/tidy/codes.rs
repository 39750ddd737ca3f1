//! A message code means one thing: wherever it is written, the same sentence stands with it.

use super::Fault;
use crate::checkout::Checkout;
use crate::outline::Outline;
use std::collections::BTreeMap;

/// How far back the sentence of a code may stand, in literals: `let (zh, en) = (…, …)` and the
/// name of a field between.
const LITERALS_BACK: usize = 4;

pub fn check(checkout: &Checkout) -> Vec<Fault> {
    let mut first: BTreeMap<&str, (&str, usize, &str)> = BTreeMap::new();
    let mut faults = Vec::new();
    for (file, outline) in checkout.rust().filter(|(file, _)| file.is_product()) {
        for (index, (offset, code)) in outline.masked.strings.iter().enumerate() {
            if !is_code(code) || outline.in_test(*offset) {
                continue;
            }
            let Some(sentence) = sentence(outline, index, *offset) else { continue };
            let line = outline.line_of(*offset);
            let (path, at, known) = *first.entry(code).or_insert((&file.path, line, sentence));
            if known != sentence {
                let message = format!("code `{code}` already says something else at {path}:{at}");
                let help = "take a new code, or make both by one function";
                faults.push(Fault::new(&file.path, line, message, help));
            }
        }
    }
    faults
}

/// The Chinese sentence of the code at `index`: behind it in the same statement, or before it when
/// the statement names `zh`. `None` when the code is only handed on.
fn sentence(outline: &Outline, index: usize, offset: usize) -> Option<&str> {
    let strings = &outline.masked.strings;
    let rest = outline.masked.code.get(offset..)?;
    let end = offset + rest.find(';').unwrap_or(rest.len());
    let behind = strings.iter().skip(index + 1).take_while(|(at, _)| *at < end);
    let found = behind.map(|(_, text)| text.as_str()).find(|text| is_chinese(text));
    found.or_else(|| {
        let names = outline.masked.code.get(offset..end)?;
        let before = strings.iter().take(index).rev().take(LITERALS_BACK);
        let mut chinese = before.map(|(_, text)| text.as_str()).filter(|text| is_chinese(text));
        names.contains("zh").then(|| chinese.next())?
    })
}

fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

/// One capital letter and four digits.
pub(super) fn is_code(text: &str) -> bool {
    let mut characters = text.chars();
    let letter = characters.next().is_some_and(|c| c.is_ascii_uppercase());
    letter && text.len() == 5 && characters.all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::super::tests::places;
    use super::check;

    #[test]
    fn a_code_with_two_meanings_is_named() {
        let files = [
            (
                "crates/a/src/a.rs",
                "fn a() {\n  e(\"A0001\", \"一\");\n  e(\"A0001\", \"二\");\n  f(\"A0001\");\n}\n",
            ),
            (
                "crates/b/src/b.rs",
                "fn a() {\n  e(\"A0001\", \"一\");\n  let (zh, en) = (\"三\", \"three\");\n  \
                 e(\"field\", \"A0001\", zh, en);\n  e(\"B0001\", \"一\");\n}\n",
            ),
            ("crates/b/tests/b.rs", "fn a() { e(\"A0001\", \"四\") }\n"),
        ];
        assert_eq!(places(check, &files), ["crates/a/src/a.rs:3", "crates/b/src/b.rs:4"]);
    }
}
