//! Product code does not panic, and no test is switched off.
//!
//! Clippy says the first too; here it also holds for code that clippy was not run on, such as
//! code behind a feature or another platform.

use super::Fault;
use crate::checkout::{Checkout, File};
use crate::outline::Outline;

/// What may end the program, and the clippy lint that an exception must name.
const PANICS: [(&str, &str); 7] = [
    (".unwrap()", "unwrap_used"),
    (".unwrap_err()", "unwrap_used"),
    (".expect(\"", "expect_used"),
    ("panic!", "panic"),
    ("todo!", "todo"),
    ("unimplemented!", "unimplemented"),
    ("dbg!", "dbg_macro"),
];

/// Ways to hide a test that fails.
const HIDDEN: [&str; 2] = ["#[ignore", "#[should_panic"];

pub fn check(checkout: &Checkout) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (file, outline) in checkout.rust() {
        if file.is_product() {
            panics(file, outline, &mut faults);
        }
        for word in HIDDEN {
            for (offset, _) in outline.masked.code.match_indices(word) {
                let message = format!("`{word}]` on a test");
                let help = "assert what happens today, and say in the name if it is wrong";
                faults.push(Fault::new(&file.path, outline.line_of(offset), message, help));
            }
        }
    }
    faults
}

fn panics(file: &File, outline: &Outline, faults: &mut Vec<Fault>) {
    for (word, lint) in PANICS {
        for offset in outline.product_code_with(word) {
            if outline.is_excused(offset, lint) || is_part_of_word(outline, offset, word) {
                continue;
            }
            let message = format!("`{}` in product code", word.trim_end_matches('"'));
            let help = "return a value and diagnostics, or `#[expect]` the lint with a reason";
            faults.push(Fault::new(&file.path, outline.line_of(offset), message, help));
        }
    }
}

fn is_part_of_word(outline: &Outline, offset: usize, word: &str) -> bool {
    let before = outline.masked.code.get(..offset).and_then(|code| code.chars().next_back());
    !word.starts_with('.') && before.is_some_and(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::super::tests::places;
    use super::check;

    #[test]
    fn panics_are_refused_in_product_code_only() {
        let files = [
            (
                "crates/a/src/b.rs",
                "fn a() {\n    b.unwrap();\n    // c.unwrap()\n    \".unwrap()\"\n}\n",
            ),
            ("crates/a/src/c.rs", "fn a() { self.expect(Token::End); b.expect(\"c\") }\n"),
            (
                "crates/a/src/d.rs",
                "#[expect(clippy::panic, reason = \"x\")]\nfn a() { panic!() }\n",
            ),
            ("crates/a/tests/e.rs", "fn a() { b.unwrap() }\n"),
            ("crates/testkit/src/f.rs", "fn a() { b.unwrap() }\n"),
        ];
        assert_eq!(places(check, &files), ["crates/a/src/b.rs:2", "crates/a/src/c.rs:1"]);
    }

    #[test]
    fn hidden_tests_are_refused_everywhere() {
        let files = [("crates/a/tests/e.rs", "#[test]\n#[ignore = \"slow\"]\nfn a() {}\n")];
        assert_eq!(places(check, &files), ["crates/a/tests/e.rs:2"]);
    }
}
