//! SQL stands in `crates/store` and nowhere else.

use super::Fault;
use crate::checkout::Checkout;

/// Openings of SQL statements, as written in this project: upper case.
const STATEMENTS: [&str; 6] =
    ["SELECT ", "INSERT INTO ", "DELETE FROM ", "CREATE TABLE ", "ALTER TABLE ", "PRAGMA "];

pub fn check(checkout: &Checkout) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (file, outline) in checkout.rust() {
        if !file.path.starts_with("crates/") || file.crate_name() == Some("store") {
            continue;
        }
        for (offset, content) in &outline.masked.strings {
            if let Some(word) = STATEMENTS.iter().find(|word| content.contains(*word)) {
                let message = format!("SQL (`{}`) outside `crates/store`", word.trim_end());
                let help = "add a method to the store and call it";
                faults.push(Fault::new(&file.path, outline.line_of(*offset), message, help));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::super::tests::places;
    use super::check;

    #[test]
    fn statements_outside_the_store_are_named() {
        let sql = "fn a() {\n    b(\"SELECT 1\");\n}\n";
        let files = [
            ("crates/store/src/a.rs", sql),
            ("crates/web/src/a.rs", sql),
            ("crates/web/src/b.rs", "// SELECT 1\nfn a() { b(\"please select one\") }\n"),
        ];
        assert_eq!(places(check, &files), ["crates/web/src/a.rs:2"]);
    }
}
