//! A message code means one thing: it is written in one file, with one text.

use super::Fault;
use crate::checkout::{Checkout, File};
use std::collections::BTreeMap;

pub fn check(checkout: &Checkout) -> Vec<Fault> {
    let mut first: BTreeMap<&str, (&File, usize, &str)> = BTreeMap::new();
    let mut faults = Vec::new();
    for (file, outline) in checkout.rust().filter(|(file, _)| file.is_product()) {
        let strings = &outline.masked.strings;
        let product = strings.iter().enumerate().filter(|(_, (at, _))| !outline.in_test(*at));
        for (index, (offset, code)) in product.filter(|(_, (_, text))| is_code(text)) {
            let text = strings.get(index + 1).map_or("", |(_, text)| text.as_str());
            let line = outline.line_of(*offset);
            let (other, at, meaning) = *first.entry(code).or_insert((file, line, text));
            if other.path != file.path || meaning != text {
                let message = format!("code `{code}` already stands at {}:{at}", other.path);
                let help = "take a new code, or call the one function that makes this message";
                faults.push(Fault::new(&file.path, line, message, help));
            }
        }
    }
    faults
}

/// One capital letter and four digits.
fn is_code(text: &str) -> bool {
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
                "fn a() {\n  e(\"A0001\", \"one\");\n  e(\"A0001\", \"two\");\n}\n",
            ),
            (
                "crates/b/src/b.rs",
                "fn a() {\n  e(\"A0001\", \"one\");\n  e(\"B0001\", \"one\");\n}\n",
            ),
            ("crates/b/tests/b.rs", "fn a() { e(\"A0001\") }\n"),
        ];
        assert_eq!(places(check, &files), ["crates/a/src/a.rs:3", "crates/b/src/b.rs:2"]);
    }
}
