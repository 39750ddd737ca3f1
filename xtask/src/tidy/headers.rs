//! Every Rust file opens with a header that says what it is for.

use super::Fault;
use crate::checkout::Checkout;

pub fn check(checkout: &Checkout) -> Vec<Fault> {
    let bare = checkout.rust().filter(|(file, _)| !has_header(&file.text));
    bare.map(|(file, _)| {
        let message = format!("no module header in `{}`", file.name());
        Fault::new(&file.path, 1, message, "open the file with `//!` and what it is for")
    })
    .collect()
}

/// A header may only follow attributes of the whole file.
fn has_header(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .find(|line| !line.starts_with("#!"))
        .is_some_and(|line| line.strip_prefix("//!").is_some_and(|header| header.trim().len() >= 5))
}

#[cfg(test)]
mod tests {
    use super::super::tests::places;
    use super::check;

    #[test]
    fn files_without_header_are_named() {
        let files = [
            ("crates/a/src/good.rs", "//! Does one thing.\nfn a() {}\n"),
            ("crates/a/src/late.rs", "use b;\n//! Does one thing.\n"),
            ("crates/a/src/none.rs", "fn a() {}\n"),
            ("crates/a/src/thin.rs", "//! A\n"),
        ];
        let bad = ["crates/a/src/late.rs:1", "crates/a/src/none.rs:1", "crates/a/src/thin.rs:1"];
        assert_eq!(places(check, &files), bad);
    }
}
