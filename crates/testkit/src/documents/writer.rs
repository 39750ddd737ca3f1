//! Writes a text and its annotation side by side: whatever is written is known with its place.

use serde_json::{Value, json};

use super::layout::{Frame, Layout};
use super::phrase::{Phrase, Token};

/// A place in the text, `[start, end)` in characters.
pub type Place = (usize, usize);

/// The text so far and what is known about it.
#[derive(Debug)]
pub struct Writer {
    chars: Vec<char>,
    column: usize,
    half: bool,
    wide: bool,
    frame: Frame,
    paragraphs: usize,
    /// Nodes of the outline.
    pub sections: Vec<Value>,
    /// Findings.
    pub findings: Vec<Value>,
    /// Tasks.
    pub tasks: Vec<Value>,
    /// Figures.
    pub figures: Vec<Value>,
    /// Relations.
    pub checks: Vec<Value>,
    /// Defects.
    pub defects: Vec<Value>,
}

impl Writer {
    /// An empty text in the punctuation and frame of `layout`.
    #[must_use]
    pub fn new(layout: &Layout) -> Self {
        Self {
            chars: Vec::new(),
            column: 0,
            half: layout.half,
            wide: layout.wide,
            frame: layout.frame,
            paragraphs: 0,
            sections: Vec::new(),
            findings: Vec::new(),
            tasks: Vec::new(),
            figures: Vec::new(),
            checks: Vec::new(),
            defects: Vec::new(),
        }
    }

    /// Where the next character goes.
    #[must_use]
    pub fn at(&self) -> usize {
        self.chars.len()
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> String {
        self.chars.iter().collect()
    }

    /// The slice of the text at `place` as a Span of the schema.
    #[must_use]
    pub fn piece(&self, place: Place) -> Value {
        json!({"text": self.slice(place), "span": [place.0, place.1]})
    }

    /// The slice of the text at `place`.
    #[must_use]
    pub fn slice(&self, place: Place) -> String {
        self.chars.iter().skip(place.0).take(place.1 - place.0).collect()
    }

    /// Line of `at`, from 1.
    #[must_use]
    pub fn line(&self, at: usize) -> usize {
        self.chars.iter().take(at).filter(|c| **c == '\n').count() + 1
    }

    /// Writes words and gives their place.
    pub fn put(&mut self, words: &str) -> Place {
        let mut start = None;
        for c in words.chars() {
            let c = if self.half { narrow(c) } else { c };
            let c = if self.wide { widen(c, self.chars.last().copied()) } else { c };
            self.wrap_before(c);
            start.get_or_insert(self.chars.len());
            self.push(c);
        }
        (start.unwrap_or(self.chars.len()), self.chars.len())
    }

    /// Writes characters as they are, never wrapped or narrowed.
    pub fn raw(&mut self, words: &str) {
        for c in words.chars() {
            self.push(c);
        }
    }

    fn push(&mut self, c: char) {
        self.column = if c == '\n' { 0 } else { self.column + 1 };
        self.chars.push(c);
    }

    /// Breaks the line where a wrapped frame must, but not before closing punctuation and not
    /// inside a number.
    fn wrap_before(&mut self, c: char) {
        let Frame::Wrapped(width) = self.frame else { return };
        let digit = |c: char| c.is_ascii_digit() || matches!(c, '.' | '%');
        let inside = digit(c) && self.chars.last().is_some_and(|last| digit(*last));
        let closing = "，。；：、）”》,;:)!？".contains(c);
        let opened = self.chars.last().is_some_and(|last| "（(“《".contains(*last));
        if self.column >= width && !inside && !closing && !opened {
            self.push('\n');
        }
    }

    /// Writes a phrase, its figures and relations.
    pub fn phrase(&mut self, phrase: &Phrase) -> Place {
        let first = self.figures.len();
        let mut start = None;
        for token in &phrase.tokens {
            let place = match token {
                Token::Words(words) => self.put(words),
                Token::Figure(amount) => {
                    let place = self.put(&amount.raw);
                    self.figures.push(json!({
                        "id": format!("N{:03}", self.figures.len() + 1),
                        "raw": self.slice(place), "span": [place.0, place.1],
                        "value": amount.value, "unit": amount.unit, "modifier": null,
                    }));
                    place
                }
            };
            start.get_or_insert(place.0);
        }
        for relation in &phrase.relations {
            let result = self.part(first + relation.result);
            let operands: Vec<Value> =
                relation.operands.iter().map(|index| self.part(first + index)).collect();
            self.checks.push(json!({
                "kind": relation.kind, "holds": relation.holds,
                "result": result, "operands": operands, "note": phrase.plain(),
            }));
        }
        (start.unwrap_or(self.at()), self.at())
    }

    /// A figure as a part of a check.
    #[must_use]
    pub fn part(&self, index: usize) -> Value {
        self.figures.get(index).map_or(Value::Null, |figure| {
            json!({"figure": figure["id"], "span": figure["span"], "value": figure["value"]})
        })
    }

    /// Begins a paragraph.
    pub fn open(&mut self) {
        match self.frame {
            Frame::Html => self.raw("<p>　　"),
            Frame::Indented => self.raw("　　"),
            _ => {}
        }
    }

    /// Ends a paragraph.
    pub fn close(&mut self) {
        match self.frame {
            Frame::Html => self.raw("</p>\n"),
            Frame::Spaced => self.raw("\n\n"),
            Frame::Carriage => self.raw("\r\n"),
            Frame::LostEnds => {
                if self.chars.last().is_some_and(|c| !"。：:；;】".contains(*c)) {
                    self.raw("。");
                }
            }
            Frame::Paged => {
                self.raw("\n");
                self.paragraphs += 1;
                if self.paragraphs.is_multiple_of(7) {
                    self.raw(&format!("— {} —\n", self.paragraphs / 7));
                }
            }
            _ => self.raw("\n"),
        }
    }

    /// Ends one paragraph and begins the next, unless findings stand in one line.
    pub fn next(&mut self) {
        if self.frame != Frame::OneLineFindings {
            self.close();
            self.open();
        }
    }

    /// A paragraph of plain words.
    pub fn paragraph(&mut self, words: &str) -> Place {
        self.open();
        let place = self.put(words);
        self.close();
        place
    }

    /// Notes a node of the outline and gives its index.
    pub fn node(
        &mut self,
        parent: Option<usize>,
        number: Option<(Place, Option<u32>)>,
        title: Place,
    ) -> usize {
        let above = parent.and_then(|index| self.sections.get(index));
        let level = above.map_or(1, |node| node["level"].as_u64().unwrap_or(0) + 1);
        let own = number.map(|(place, _)| {
            self.slice(place).trim_end_matches(['、', '.', '．', '，', ',', '：', ':']).to_owned()
        });
        let path = match (above.and_then(|node| node["path"].as_str()), own) {
            (Some(above), Some(own)) => format!("{above}/{own}"),
            (None, Some(own)) => own,
            (Some(above), None) => above.to_owned(),
            (None, None) => String::new(),
        };
        let start = number.map_or(title.0, |(place, _)| place.0);
        let node = json!({
            "id": format!("S{}", self.sections.len() + 1),
            "parent": above.map_or(Value::Null, |node| node["id"].clone()),
            "level": level, "path": path,
            "number": number.map_or(Value::Null, |(place, _)| self.piece(place)),
            "ordinal": number.and_then(|(_, ordinal)| ordinal),
            "title": self.piece(title), "start": start, "line": self.line(start),
        });
        self.sections.push(node);
        self.sections.len() - 1
    }

    /// Notes a defect.
    pub fn defect(&mut self, kind: &str, field: Option<&str>, place: Place) {
        let defect = json!({
            "type": kind, "field": field, "text": self.slice(place),
            "span": [place.0, place.1], "line": self.line(place.0),
        });
        self.defects.push(defect);
    }

    /// Notes a claimed count.
    pub fn count(&mut self, figure: usize, of: &str, found: usize) {
        let result = self.part(figure);
        let holds = result["value"].as_f64() == Some(f64::from(u32::try_from(found).unwrap_or(0)));
        self.checks.push(json!({
            "kind": "count", "holds": holds, "result": result, "note": of,
            "operands": [{"count_of": of, "value": found}],
        }));
    }
}

/// Full-width forms of digits and of the point behind one.
fn widen(c: char, before: Option<char>) -> char {
    match c {
        '0'..='9' => char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c),
        '.' if before.is_some_and(|c| ('０'..='９').contains(&c)) => '．',
        c => c,
    }
}

/// Half-width forms of punctuation that official texts mix.
fn narrow(c: char) -> char {
    match c {
        '，' => ',',
        '；' => ';',
        '：' => ':',
        '（' => '(',
        '）' => ')',
        c => c,
    }
}
