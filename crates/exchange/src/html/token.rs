//! Text and tags of a page in one pass over its characters.

use std::borrow::Cow;
use web_atoms::NAMED_ENTITIES;

/// Attributes kept of one tag; the ones we ask for stand near the front.
const ATTRIBUTES_KEPT: usize = 32;

/// Longest name of a character reference in the standard's table, bytes.
const ENTITY_NAME_BYTES: usize = 32;

/// Elements whose content is raw text that is never shown.
const RAW: [&str; 6] = ["script", "style", "textarea", "title", "xmp", "noframes"];

/// A start or end tag.
#[derive(Debug)]
pub(super) struct Tag<'a> {
    /// Lower-case name without prefix.
    pub(super) name: String,
    /// `</name>`.
    pub(super) end: bool,
    /// `<name/>` or an element that never has content.
    pub(super) empty: bool,
    attributes: Vec<(&'a str, &'a str)>,
}

impl Tag<'_> {
    /// The decoded value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        let found = self.attributes.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| decode(value).into_owned())
    }

    /// True when the element is switched off by attribute or inline style.
    pub(super) fn is_hidden(&self) -> bool {
        let style = self.attribute("style").unwrap_or_default().to_ascii_lowercase();
        let style: String = style.chars().filter(|c| !c.is_whitespace()).collect();
        self.attribute("hidden").is_some()
            || style.contains("display:none")
            || style.contains("mso-hide:all")
    }
}

/// A piece of a page.
#[derive(Debug)]
pub(super) enum Token<'a> {
    /// Characters with references resolved.
    Text(Cow<'a, str>),
    /// A tag.
    Tag(Tag<'a>),
}

/// The tokens of a page from start to end.
pub(super) struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    /// Starts at the beginning of `text`.
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// Takes `bytes` off the front; everything when that is no character boundary.
    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    /// Skips to just after `end`, or to the end of the page.
    fn skip_past(&mut self, end: &str) {
        let to = self.rest.find(end).map_or(self.rest.len(), |at| at + end.len());
        self.take(to);
    }

    /// Skips the raw content of an element up to its end tag.
    fn skip_raw(&mut self, name: &str) {
        let rest = self.rest.as_bytes();
        let mut from = 0;
        while let Some(at) = self.rest.get(from..).and_then(|rest| rest.find("</")) {
            let start = from + at + 2;
            let found = rest.get(start..start + name.len());
            if found.is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes())) {
                self.take(from + at);
                return;
            }
            from = start;
        }
        self.rest = "";
    }

    fn tag(&mut self) -> Option<Tag<'a>> {
        let end = self.rest.starts_with("</");
        self.take(1 + usize::from(end));
        let whole = self.rest;
        let name_len = whole.find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'))?;
        let name = self.take(name_len);
        let name = name.rsplit(':').next().unwrap_or(name).to_ascii_lowercase();
        let mut scan = Scan::new(self.rest);
        let length = scan.run()?;
        self.take(length);
        let empty = scan.closed || VOID.contains(&name.as_str());
        Some(Tag { name, end, empty, attributes: scan.attributes })
    }
}

/// Elements that never have content.
const VOID: [&str; 10] =
    ["br", "hr", "img", "input", "meta", "link", "col", "area", "embed", "wbr"];

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let mut head = self.rest.chars();
            let first = head.next();
            let second = head.next();
            let letter = if second == Some('/') { head.next() } else { second };
            if first != Some('<') {
                let length = self.rest.find('<').unwrap_or(self.rest.len());
                return Some(Token::Text(decode(self.take(length))));
            }
            if self.rest.starts_with("<!--") {
                self.take(4);
                self.skip_past("-->");
            } else if matches!(second, Some('!' | '?')) {
                self.skip_past(">");
            } else if letter.is_some_and(|letter| letter.is_ascii_alphabetic()) {
                let Some(tag) = self.tag() else {
                    self.rest = "";
                    return None;
                };
                if !tag.end && !tag.empty && RAW.contains(&tag.name.as_str()) {
                    self.skip_raw(&tag.name);
                }
                return Some(Token::Tag(tag));
            } else {
                return Some(Token::Text(Cow::Borrowed(self.take(1))));
            }
        }
    }
}

/// Where the scan stands within a tag.
#[derive(Clone, Copy)]
enum State {
    BeforeName,
    Name { start: usize },
    AfterName,
    BeforeValue,
    Quoted { start: usize, quote: u8 },
    Bare { start: usize },
}

/// Splits the inside of a tag into attributes, as browsers do.
struct Scan<'a> {
    text: &'a str,
    name: &'a str,
    closed: bool,
    attributes: Vec<(&'a str, &'a str)>,
}

impl<'a> Scan<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, name: "", closed: false, attributes: Vec::new() }
    }

    /// Bytes up to and including the `>`; `None` when the tag never ends.
    fn run(&mut self) -> Option<usize> {
        let mut state = State::BeforeName;
        for (at, byte) in self.text.bytes().enumerate() {
            let blank = byte.is_ascii_whitespace();
            let outside = !matches!(state, State::Quoted { .. });
            if outside && byte == b'>' {
                self.leave(state, at);
                return Some(at + 1);
            }
            if outside && !blank {
                self.closed = byte == b'/';
            }
            state = match state {
                State::BeforeName if blank || byte == b'/' => state,
                State::BeforeName => State::Name { start: at },
                State::Name { .. } if blank || byte == b'/' || byte == b'=' => {
                    self.leave_name(state, at);
                    match byte {
                        b'=' => State::BeforeValue,
                        b'/' => self.value(""),
                        _ => State::AfterName,
                    }
                }
                State::AfterName if blank => state,
                State::AfterName if byte == b'=' => State::BeforeValue,
                State::AfterName => {
                    self.value("");
                    if byte == b'/' { State::BeforeName } else { State::Name { start: at } }
                }
                State::BeforeValue if blank => state,
                State::BeforeValue if byte == b'"' || byte == b'\'' => {
                    State::Quoted { start: at + 1, quote: byte }
                }
                State::BeforeValue => State::Bare { start: at },
                State::Quoted { start, quote } if byte == quote => {
                    self.value(self.text.get(start..at).unwrap_or_default())
                }
                State::Bare { start } if blank => {
                    self.value(self.text.get(start..at).unwrap_or_default())
                }
                State::Name { .. } | State::Quoted { .. } | State::Bare { .. } => state,
            };
        }
        None
    }

    fn leave(&mut self, state: State, at: usize) {
        match state {
            State::Name { .. } => {
                self.leave_name(state, at);
                self.value("");
            }
            State::AfterName => {
                self.value("");
            }
            State::Bare { start } => {
                self.value(self.text.get(start..at).unwrap_or_default());
            }
            _ => {}
        }
    }

    fn leave_name(&mut self, state: State, at: usize) {
        if let State::Name { start } = state {
            self.name = self.text.get(start..at).unwrap_or_default();
        }
    }

    fn value(&mut self, value: &'a str) -> State {
        if self.attributes.len() < ATTRIBUTES_KEPT {
            self.attributes.push((self.name, value));
        }
        State::BeforeName
    }
}

/// Resolves character references; what is none stays as written.
fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut decoded = String::with_capacity(text.len());
    let mut pieces = text.split('&');
    decoded.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        match reference(piece) {
            Some((characters, length)) => {
                decoded.push_str(&characters);
                decoded.push_str(piece.get(length..).unwrap_or_default());
            }
            None => {
                decoded.push('&');
                decoded.push_str(piece);
            }
        }
    }
    Cow::Owned(decoded)
}

/// The characters a reference after `&` stands for, and its length in bytes.
fn reference(piece: &str) -> Option<(String, usize)> {
    if let Some(number) = piece.strip_prefix('#') {
        let (digits, radix) = match number.strip_prefix(['x', 'X']) {
            Some(hexadecimal) => (hexadecimal, 16),
            None => (number, 10),
        };
        let count = digits.bytes().take(8).take_while(|b| char::from(*b).is_digit(radix)).count();
        let code = u32::from_str_radix(digits.get(..count)?, radix).ok()?;
        let character = char::from_u32(code).filter(|c| *c != '\0')?;
        let end = piece.len() - digits.len() + count;
        let semicolon = piece.get(end..).is_some_and(|rest| rest.starts_with(';'));
        return Some((character.into(), end + usize::from(semicolon)));
    }
    let name = piece.bytes().take(ENTITY_NAME_BYTES).take_while(u8::is_ascii_alphanumeric).count();
    let semicolon = piece.as_bytes().get(name) == Some(&b';');
    let length = name + usize::from(semicolon);
    let (first, second) = NAMED_ENTITIES.get(piece.get(..length)?)?;
    let characters: String = [*first, *second]
        .iter()
        .filter(|code| **code != 0)
        .filter_map(|c| char::from_u32(*c))
        .collect();
    (!characters.is_empty()).then_some((characters, length))
}
