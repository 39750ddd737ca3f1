//! Nothing is longer than a reader can hold: lines, functions and files.

use super::Fault;
use crate::checkout::Checkout;
use crate::outline::{Function, Outline};

/// Characters of a line of Rust.
const COLUMNS: usize = 100;
/// Lines of a function, from `fn` to its closing brace.
const FUNCTION_LINES: usize = 70;
/// Lines of a function that is one flat `match`.
const FLAT_MATCH_LINES: usize = 100;
/// Lines of a file outside its tests.
const FILE_LINES: usize = 800;

pub fn check(checkout: &Checkout) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (file, outline) in checkout.rust() {
        for (index, line) in file.text.lines().enumerate() {
            // Characters, because an unbroken Chinese sentence is what makes lines wide here, and
            // it reads worse when broken.
            let columns = line.chars().count();
            if columns > COLUMNS && !is_test_data(outline, index + 1) {
                let message = format!("line of {columns} characters ({COLUMNS} at most)");
                faults.push(Fault::new(&file.path, index + 1, message, "break the line"));
            }
        }
        for function in outline.functions.iter().filter(|function| is_long(function)) {
            let (name, lines) = (&function.name, function.lines);
            let message = format!("function `{name}` of {lines} lines ({FUNCTION_LINES} at most)");
            let help = "split it by what its parts do (a single flat `match` may have 100)";
            faults.push(Fault::new(&file.path, function.line, message, help));
        }
        if outline.own_lines > FILE_LINES {
            let lines = outline.own_lines;
            let message = format!("file of {lines} lines outside tests ({FILE_LINES} at most)");
            faults.push(Fault::new(&file.path, 0, message, "move a part to a file of its own"));
        }
    }
    faults
}

fn is_long(function: &Function) -> bool {
    let limit = if function.flat_match { FLAT_MATCH_LINES } else { FUNCTION_LINES };
    function.lines > limit
}

/// Whether a literal on this line belongs to a test: test data is not broken for its length.
fn is_test_data(outline: &Outline, line: usize) -> bool {
    outline.masked.strings.iter().any(|(at, content)| {
        let lines = outline.line_of(*at)..=outline.line_of(at + content.len());
        outline.in_test(*at) && lines.contains(&line)
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::places;
    use super::check;

    #[test]
    fn long_lines_functions_and_files_are_named() {
        let line = format!("//! {}\n", "台".repeat(97));
        let data = format!("#[cfg(test)]\nmod t {{\nfn f() {{ \"{line}\" }}\n}}\n");
        let function = format!("//! Long.\nfn a() {{\n{}}}\n", "b();\n".repeat(69));
        let flat = format!("fn a() {{ match x {{\n{} }} }}\n", "A => 1,\n".repeat(80));
        let file = "// a\n".repeat(801);
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "// a\n".repeat(801));
        let files = [
            ("a.rs", line.as_str()),
            ("b.rs", &function),
            ("c.rs", &flat),
            ("d.rs", &file),
            ("e.rs", &tests),
            ("f.rs", &data),
        ];
        assert_eq!(places(check, &files), ["a.rs:1", "b.rs:2", "d.rs:0"]);
    }
}
