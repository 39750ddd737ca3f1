//! Splits Rust source into code, comments and string literals without parsing it.
//!
//! The tidy checks look for words in code (`panic!`), in strings (SQL) or in neither. A full parser
//! would tell them apart too, but takes longer to compile than all checks take to run.

/// Source text with everything that is not code blanked out.
#[derive(Debug, Default)]
pub struct Masked {
    /// The text with comments and the insides of literals as spaces; same length, same lines.
    pub code: String,
    /// Every string literal: byte offset of its content and the content as written.
    pub strings: Vec<(usize, String)>,
}

/// Blanks comments and literals out of `text`. Linear in its length; never fails: what is not
/// closed runs to the end.
pub fn mask(text: &str) -> Masked {
    let mut lexer = Lexer { text, at: 0, out: Masked::default() };
    while lexer.at < text.len() {
        lexer.step();
    }
    lexer.out
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    out: Masked,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn step(&mut self) {
        let rest = self.rest();
        if rest.starts_with("//") {
            let length = rest.find('\n').unwrap_or(rest.len());
            self.blank(length);
        } else if rest.starts_with("/*") {
            self.blank(block_comment_length(rest));
        } else if let Some(hashes) = self.raw_string_hashes(rest) {
            self.raw_string(rest, hashes);
        } else if rest.starts_with('"') {
            self.string(rest);
        } else if let Some(length) = char_literal_length(rest) {
            self.blank(length);
        } else {
            self.keep_word(rest);
        }
    }

    /// Copies one identifier or one character, so that `r` inside a name opens no raw string.
    fn keep_word(&mut self, rest: &str) {
        let word = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        let length = if word > 0 { word } else { rest.chars().next().map_or(1, char::len_utf8) };
        self.out.code.push_str(rest.get(..length).unwrap_or(""));
        self.at += length;
    }

    fn blank(&mut self, length: usize) {
        let gone = self.rest().get(..length).unwrap_or("");
        for byte in gone.bytes() {
            self.out.code.push(if byte == b'\n' { '\n' } else { ' ' });
        }
        self.at += length;
    }

    fn string(&mut self, rest: &str) {
        let mut escaped = false;
        let inside = rest.get(1..).unwrap_or("");
        let length = inside.bytes().position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        self.literal(1, length.unwrap_or(inside.len()), 1);
    }

    fn raw_string(&mut self, rest: &str, hashes: usize) {
        let opening = rest.find('"').map_or(rest.len(), |quote| quote + 1);
        let closing = format!("\"{}", "#".repeat(hashes));
        let inside = rest.get(opening..).unwrap_or("");
        let length = inside.find(&closing).unwrap_or(inside.len());
        self.literal(opening, length, closing.len());
    }

    fn literal(&mut self, opening: usize, length: usize, closing: usize) {
        let start = self.at + opening;
        let content = self.text.get(start..start + length).unwrap_or("");
        self.out.strings.push((start, content.to_owned()));
        self.blank(opening - 1);
        self.out.code.push('"');
        self.at += 1;
        self.blank(length);
        if self.at < self.text.len() {
            self.out.code.push('"');
            self.at += 1;
            self.blank(closing - 1);
        }
    }

    /// The number of `#` when a raw string starts here.
    fn raw_string_hashes(&self, rest: &str) -> Option<usize> {
        let after = ["r", "br", "cr"].iter().find_map(|prefix| rest.strip_prefix(prefix))?;
        let hashes = after.bytes().take_while(|byte| *byte == b'#').count();
        after.get(hashes..)?.starts_with('"').then_some(hashes)
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn block_comment_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let (mut depth, mut at) = (0_usize, 0_usize);
    while at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => (depth, at) = (depth + 1, at + 2),
            Some(b"*/") => (depth, at) = (depth.saturating_sub(1), at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    bytes.len()
}

/// The length of a character literal starting here; `None` for a lifetime or anything else.
fn char_literal_length(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix('\'')?;
    let first = inside.chars().next()?;
    if first == '\\' {
        let skipped = 1 + inside.chars().nth(1)?.len_utf8();
        return inside.get(skipped..)?.find('\'').map(|end| 1 + skipped + end + 1);
    }
    let after = inside.get(first.len_utf8()..)?;
    after.starts_with('\'').then_some(first.len_utf8() + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, code: &str, strings: &[&str]) {
        let masked = mask(text);
        assert_eq!(masked.code, code, "code of {text}");
        let found: Vec<&str> = masked.strings.iter().map(|(_, content)| content.as_str()).collect();
        assert_eq!(found, strings, "strings of {text}");
        for (offset, content) in &masked.strings {
            assert_eq!(text.get(*offset..*offset + content.len()), Some(content.as_str()));
        }
    }

    #[test]
    fn comments_and_literals_are_blanked_in_place() {
        check("a // b\nc", "a     \nc", &[]);
        check("a /* b /* c */ d */ e", "a                   e", &[]);
        check(r#"f("a\"b", 1)"#, r#"f("    ", 1)"#, &[r#"a\"b"#]);
        check("r#\"x\"y\"# z", "  \"   \"  z", &["x\"y"]);
        check("br\"x\" z", "  \" \" z", &["x"]);
        check("var\"x\"", "var\" \"", &["x"]);
    }

    #[test]
    fn lifetimes_are_not_character_literals() {
        check("fn f<'a>(x: &'a str) { '{' }", "fn f<'a>(x: &'a str) {     }", &[]);
        check(r"'\'' '\u{7b}' 'é' '台'", &" ".repeat(24), &[]);
    }

    #[test]
    fn unclosed_literals_run_to_the_end() {
        check("a \"b", "a \" ", &["b"]);
        check("a /* b", "a     ", &[]);
    }
}
