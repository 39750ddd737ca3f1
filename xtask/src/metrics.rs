//! `cargo xtask tidy --metrics`: how long things are and how much is documented.

use crate::checkout::Checkout;
use crate::tidy::documented;

/// Functions and files beyond these lengths are counted, as the measured codebases were.
const LONG_FUNCTION_LINES: usize = 70;

/// The figures as text, one a line.
pub fn report(checkout: &Checkout) -> String {
    let mut functions = Vec::new();
    let mut files = Vec::new();
    let mut test_lines = 0;
    for (file, outline) in checkout.rust().filter(|(file, _)| !file.path.starts_with("xtask/")) {
        let own = outline.functions.iter().filter(|function| !function.test);
        functions.extend(own.map(|function| {
            (function.lines, format!("{} in {}:{}", function.name, file.path, function.line))
        }));
        if outline.own_lines > 0 {
            files.push((outline.own_lines, file.path.clone()));
        }
        test_lines += file.text.lines().count() - outline.own_lines;
    }
    functions.sort();
    files.sort();
    let own_lines: usize = files.iter().map(|(lines, _)| lines).sum();
    let long = functions.iter().filter(|(lines, _)| *lines > LONG_FUNCTION_LINES).count();
    let public = documented(checkout);
    [
        format!(
            "own lines of Rust: {own_lines} in {} files; test lines: {test_lines}",
            files.len()
        ),
        line("functions", &functions),
        format!("functions over {LONG_FUNCTION_LINES} lines: {long}"),
        line("files", &files),
        format!("public items documented: {} ({})", public.yes, percent(public.yes, public.all)),
    ]
    .join("\n")
}

fn line(what: &str, sorted: &[(usize, String)]) -> String {
    let at = |percentile: usize| {
        let index = sorted.len().saturating_sub(1) * percentile / 100;
        sorted.get(index).map_or(0, |(lines, _)| *lines)
    };
    let (longest, name) = sorted.last().map_or((0, ""), |(lines, name)| (*lines, name.as_str()));
    let count = sorted.len();
    format!(
        "{what}: {count}; median {}, 90th percentile {}, longest {longest} ({name})",
        at(50),
        at(90)
    )
}

fn percent(part: usize, all: usize) -> String {
    let tenths = (part * 1000).checked_div(all).unwrap_or(1000);
    format!("{}.{} % of {all}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkout::File;

    #[test]
    fn figures_leave_tests_out() {
        let text = "/// A.\npub fn a() {\n}\npub fn b() {}\n#[cfg(test)]\nmod t {\nfn c() {}\n}\n";
        let checkout = Checkout::of(vec![File::new("crates/a/src/b.rs", text)]);
        assert_eq!(
            report(&checkout),
            "own lines of Rust: 4 in 1 files; test lines: 4\n\
             functions: 2; median 1, 90th percentile 1, longest 2 (a in crates/a/src/b.rs:2)\n\
             functions over 70 lines: 0\n\
             files: 1; median 4, 90th percentile 4, longest 4 (crates/a/src/b.rs)\n\
             public items documented: 1 (50.0 % of 2)"
        );
    }
}
