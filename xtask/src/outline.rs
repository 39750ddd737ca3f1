//! The outline of one Rust file: its functions, its public items and the lines that are tests.

use crate::lexer::{Masked, mask};
use std::ops::Range;

/// What the tidy checks need to know about one Rust file.
#[derive(Debug)]
pub struct Outline {
    /// Code and strings apart.
    pub masked: Masked,
    /// Functions with a body, in order; nested ones are listed too.
    pub functions: Vec<Function>,
    /// Items and fields declared `pub`, outside tests.
    pub public_items: Vec<PublicItem>,
    /// Byte ranges compiled only for tests.
    pub test_ranges: Vec<Range<usize>>,
    /// Lines outside tests.
    pub own_lines: usize,
    line_starts: Vec<usize>,
}

/// One function with a body.
#[derive(Debug)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The line of `fn`, counted from 1.
    pub line: usize,
    /// Lines from `fn` to the closing brace, both included.
    pub lines: usize,
    /// Whether the body is one `match` and nothing else.
    pub flat_match: bool,
    /// Whether it is compiled only for tests.
    pub test: bool,
}

/// One item or field declared `pub`.
#[derive(Debug)]
pub struct PublicItem {
    /// Its declaration, as written on its first line.
    pub declaration: String,
    /// The line, counted from 1.
    pub line: usize,
    /// Whether a doc comment stands above it.
    pub documented: bool,
}

impl Outline {
    /// Reads `text`; `all_test` says that the whole file is compiled only for tests.
    pub fn read(text: &str, all_test: bool) -> Self {
        let masked = mask(text);
        let mut line_starts = vec![0];
        line_starts.extend(text.match_indices('\n').map(|(at, _)| at + 1));
        let whole = all_test.then_some(0..text.len());
        let test_ranges = whole.map_or_else(|| test_ranges(&masked.code), |range| [range].into());
        let mut outline = Self {
            masked,
            functions: Vec::new(),
            public_items: Vec::new(),
            test_ranges,
            own_lines: 0,
            line_starts,
        };
        outline.functions = outline.find_functions();
        outline.public_items = outline.find_public_items(text);
        outline.own_lines = outline.count_own_lines(text);
        outline
    }

    /// The line of a byte offset, counted from 1.
    pub fn line_of(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset)
    }

    /// Whether the byte at `offset` is compiled only for tests.
    pub fn in_test(&self, offset: usize) -> bool {
        self.test_ranges.iter().any(|range| range.contains(&offset))
    }

    /// Every place of `word` in code outside tests.
    pub fn product_code_with(&self, word: &str) -> Vec<usize> {
        let places = self.masked.code.match_indices(word).map(|(offset, _)| offset);
        places.filter(|offset| !self.in_test(*offset)).collect()
    }

    /// Whether the function around `offset`, its attributes included, names a clippy lint: an
    /// `#[expect]` with a reason, which clippy itself holds to be needed.
    pub fn is_excused(&self, offset: usize, lint: &str) -> bool {
        let line = self.line_of(offset);
        let around = self.functions.iter().filter(|f| f.line <= line && line < f.line + f.lines);
        let first = around.map(|function| function.line).max().unwrap_or(line);
        let start = self.line_starts.get(first.saturating_sub(9)).copied().unwrap_or(0);
        let text = self.masked.code.get(start..offset).unwrap_or("");
        text.contains(&format!("clippy::{lint}"))
    }

    fn find_functions(&self) -> Vec<Function> {
        let code = self.masked.code.as_str();
        words(code, "fn").filter_map(|at| self.function_at(code, at)).collect()
    }

    fn function_at(&self, code: &str, at: usize) -> Option<Function> {
        let after = code.get(at + 2..)?;
        let name: String =
            after.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if name.is_empty() {
            return None;
        }
        let body = at + 2 + opening_brace(after)?;
        let end = body + block_length(code.get(body..)?);
        let (line, last) = (self.line_of(at), self.line_of(end.saturating_sub(1)));
        Some(Function {
            name,
            line,
            lines: last - line + 1,
            flat_match: is_flat_match(code.get(body + 1..end.saturating_sub(1))?),
            test: self.in_test(at),
        })
    }

    fn find_public_items(&self, text: &str) -> Vec<PublicItem> {
        let lines: Vec<&str> = text.lines().collect();
        let code: Vec<&str> = self.masked.code.lines().collect();
        let mut items = Vec::new();
        for (index, line) in code.iter().enumerate() {
            let offset = self.line_starts.get(index).copied().unwrap_or(0);
            if is_public_item(line.trim_start()) && !self.in_test(offset) {
                items.push(PublicItem {
                    declaration: line.trim().to_owned(),
                    line: index + 1,
                    documented: is_documented(lines.get(..index).unwrap_or(&[])),
                });
            }
        }
        items
    }

    fn count_own_lines(&self, text: &str) -> usize {
        let starts = self.line_starts.iter().take(text.lines().count());
        starts.filter(|start| !self.in_test(**start)).count()
    }
}

/// Offsets of `word` as a whole word.
fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).filter_map(move |(at, _)| {
        let before = code.get(..at)?.chars().next_back().is_some_and(is_part);
        let after = code.get(at + word.len()..)?.chars().next().is_some_and(is_part);
        (!before && !after).then_some(at)
    })
}

/// Where the body opens after a signature; `None` when it ends in `;` first.
fn opening_brace(signature: &str) -> Option<usize> {
    let mut depth = 0_i32;
    for (at, c) in signature.char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '{' if depth <= 0 => return Some(at),
            ';' if depth <= 0 => return None,
            _ => {}
        }
    }
    None
}

/// The length of the block that opens at the start of `code`, both braces included.
fn block_length(code: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in code.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && c == '}' {
            return at + 1;
        }
    }
    code.len()
}

fn is_flat_match(body: &str) -> bool {
    let body = body.trim();
    let Some(after) = body.strip_prefix("match ") else { return false };
    let Some(opening) = opening_brace(after) else { return false };
    let block = after.get(opening..).unwrap_or("");
    block_length(block) == block.len()
}

/// Ranges under `#[cfg(test)]`: the attribute, and the item after it to its brace or semicolon.
fn test_ranges(code: &str) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (at, attribute) in code.match_indices("#[cfg(test)]") {
        if ranges.last().is_some_and(|range| range.contains(&at)) {
            continue;
        }
        let after = code.get(at + attribute.len()..).unwrap_or("");
        let length = item_length(after);
        ranges.push(at..at + attribute.len() + length);
    }
    ranges
}

/// The length of the item at the start of `code`, other attributes on it included.
fn item_length(code: &str) -> usize {
    match opening_brace(code) {
        Some(body) => body + block_length(code.get(body..).unwrap_or("")),
        None => code.find(';').map_or(code.len(), |at| at + 1),
    }
}

/// Whether a line of code declares a public item or field; re-exports carry their own docs.
fn is_public_item(line: &str) -> bool {
    let Some(after) = line.strip_prefix("pub ") else { return false };
    const KINDS: [&str; 14] = [
        "fn", "struct", "enum", "trait", "type", "const", "static", "union", "async", "unsafe",
        "extern", "macro", "mod", "auto",
    ];
    let first = after.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or("");
    if first == "use" {
        return false;
    }
    // `pub mod x;` is documented by the header of its file, which another check asks for.
    if first == "mod" {
        return after.contains('{');
    }
    KINDS.contains(&first) || after.trim_start_matches(first).starts_with(':')
}

/// Whether the lines above end in a doc comment, attributes between it and the item aside.
fn is_documented(above: &[&str]) -> bool {
    let mut inside_attribute = false;
    for line in above.iter().rev().map(|line| line.trim()) {
        if line.starts_with("#[") {
            if line.starts_with("#[doc") {
                return true;
            }
            inside_attribute = false;
        } else if line.ends_with(']') && !line.starts_with("//") {
            inside_attribute = true;
        } else if !inside_attribute {
            return line.starts_with("///") || line.ends_with("*/");
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_measured_from_fn_to_brace() {
        let text = "fn a(x: [u8; 3]) -> u8\nwhere\n{\n    \"}\";\n}\nfn b();\nfn c() {}\n";
        let outline = Outline::read(text, false);
        let found: Vec<_> =
            outline.functions.iter().map(|f| (f.name.as_str(), f.line, f.lines)).collect();
        assert_eq!(found, [("a", 1, 5), ("c", 7, 1)]);
    }

    #[test]
    fn a_body_of_one_match_is_flat() {
        let flat = "fn a() { match x { A => {} B => 1 } }";
        let not = "fn a() { match x { A => 1 } + 1 }";
        assert!(Outline::read(flat, false).functions[0].flat_match);
        assert!(!Outline::read(not, false).functions[0].flat_match);
    }

    #[test]
    fn test_blocks_are_not_own_lines() {
        let text =
            "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() { x.unwrap() }\n}\nfn c() {}\n";
        let outline = Outline::read(text, false);
        assert_eq!(outline.own_lines, 2);
        assert_eq!(outline.product_code_with(".unwrap()"), Vec::<usize>::new());
        assert_eq!(Outline::read(text, true).own_lines, 0);
    }

    #[test]
    fn public_items_and_fields_are_found_with_their_docs() {
        let text = "/// Yes.\n#[derive(\n    A,\n)]\npub struct S {\n    pub a: u8,\n".to_owned()
            + "    /// Yes.\n    pub b: u8,\n}\npub use x;\npub(crate) fn f() {}\npub fn g() {}\n";
        let outline = Outline::read(&text, false);
        let found: Vec<_> =
            outline.public_items.iter().map(|item| (item.line, item.documented)).collect();
        assert_eq!(found, [(5, true), (6, false), (8, true), (12, false)]);
    }

    #[test]
    fn an_expectation_with_the_lint_excuses_its_function() {
        let text = "#[expect(clippy::unwrap_used)]\nfn a() {\n  b.unwrap()\n}\n";
        let outline = Outline::read(text, false);
        let place = outline.product_code_with(".unwrap()");
        assert!(outline.is_excused(place[0], "unwrap_used"));
        assert!(!outline.is_excused(place[0], "panic"));
    }
}
