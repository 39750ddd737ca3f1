//! XML parts: limits counted over the bytes, then a small tree without namespaces.
//!
//! INVARIANT: [`Guard`] sees every byte before the parser does, so that depth, attributes and
//! token length are bounded and no document type declaration is ever interpreted.

use crate::{ExchangeError, Limits};
use encoding_rs::Encoding;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::HashSet;
use std::rc::Rc;

/// One element: local name (prefix dropped), attributes by local name, children in order.
#[derive(Clone, Debug)]
pub(crate) struct Element {
    /// Local name.
    pub(crate) name: Rc<str>,
    /// Local attribute names and their values.
    pub(crate) attributes: Vec<(Rc<str>, Box<str>)>,
    /// Content.
    pub(crate) children: Vec<Node>,
}

/// A child of an element.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    /// An element.
    Element(Element),
    /// Character data with references resolved.
    Text(Box<str>),
}

impl Element {
    /// The value of an attribute by local name.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| &**key == name).map(|(_, value)| &**value)
    }

    /// Child elements in order.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|child| match child {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The first child element with this local name.
    pub(crate) fn child(&self, name: &str) -> Option<&Element> {
        self.elements().find(|element| &*element.name == name)
    }

    /// The `val` attribute of the first child with this name.
    pub(crate) fn child_value(&self, name: &str) -> Option<&str> {
        self.child(name)?.attribute("val")
    }

    /// True when the on/off child is there and not switched off.
    pub(crate) fn is_on(&self, name: &str) -> bool {
        self.child(name)
            .is_some_and(|flag| !matches!(flag.attribute("val"), Some("0" | "false" | "off")))
    }

    /// All character data directly inside.
    pub(crate) fn own_text(&self) -> String {
        let mut text = String::new();
        for child in &self.children {
            if let Node::Text(piece) = child {
                text.push_str(piece);
            }
        }
        text
    }

    /// The first element with this name at any depth, this one included.
    pub(crate) fn find(&self, name: &str) -> Option<&Element> {
        if &*self.name == name {
            return Some(self);
        }
        self.elements().find_map(|child| child.find(name))
    }
}

/// Decodes, guards and parses one XML part into a tree.
///
/// # Errors
/// Names the limit passed or the part that is not well formed.
pub(crate) fn parse(bytes: &[u8], place: &str, limits: &Limits) -> Result<Element, ExchangeError> {
    let mut guard = Guard::new(limits);
    let text = decode(bytes).map_err(|error| error.at(place))?;
    guard.feed(text.as_bytes()).map_err(|error| error.at(place))?;
    build(&text, limits).map_err(|error| error.at(place))
}

fn build(text: &str, limits: &Limits) -> Result<Element, ExchangeError> {
    let mut reader = Reader::from_str(text);
    let mut names = HashSet::new();
    let mut stack: Vec<Element> = Vec::new();
    let mut elements = 0_usize;
    loop {
        match reader.read_event().map_err(|_| malformed())? {
            Event::Start(start) => {
                elements += 1;
                stack.push(open(&start, &mut names)?);
            }
            Event::Empty(start) => {
                elements += 1;
                let element = open(&start, &mut names)?;
                if let Some(root) = close(element, &mut stack) {
                    return Ok(root);
                }
            }
            Event::End(_) => {
                let element = stack.pop().ok_or_else(malformed)?;
                if let Some(root) = close(element, &mut stack) {
                    return Ok(root);
                }
            }
            Event::Text(piece) => push_text(&mut stack, &piece.xml10_content()),
            Event::CData(piece) => push_text(&mut stack, &piece.xml10_content()),
            Event::GeneralRef(reference) => {
                let resolved = match reference.resolve_char_ref() {
                    Ok(Some(character)) => String::from(character),
                    _ => named(&reference).to_owned(),
                };
                push_text(&mut stack, &resolved);
            }
            Event::DocType(_) => return Err(document_type()),
            Event::Eof => return Err(malformed()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
        if elements > limits.xml_elements {
            return Err(ExchangeError::limit(
                "X0304",
                "XML 元素数",
                "the number of XML elements",
                limits.xml_elements,
            ));
        }
    }
}

/// The five predefined entities; any other name stands for itself as text.
fn named(reference: &str) -> &str {
    match reference {
        "lt" => "<",
        "gt" => ">",
        "amp" => "&",
        "quot" => "\"",
        "apos" => "'",
        other => other,
    }
}

/// Puts a finished element into its parent; gives it back when it is the root.
fn close(element: Element, stack: &mut [Element]) -> Option<Element> {
    match stack.last_mut() {
        Some(parent) => {
            parent.children.push(Node::Element(element));
            None
        }
        None => Some(element),
    }
}

fn push_text(stack: &mut [Element], piece: &str) {
    let Some(parent) = stack.last_mut() else { return };
    if let Some(Node::Text(before)) = parent.children.last_mut() {
        // References split a run into pieces; runs are short, so joining them stays cheap.
        let mut joined = String::with_capacity(before.len() + piece.len());
        joined.push_str(before);
        joined.push_str(piece);
        if joined.len() < 4096 {
            *before = joined.into_boxed_str();
            return;
        }
    }
    parent.children.push(Node::Text(piece.into()));
}

fn open(start: &BytesStart<'_>, names: &mut HashSet<Rc<str>>) -> Result<Element, ExchangeError> {
    let name = intern(start.local_name().into_inner(), names);
    let mut attributes = Vec::new();
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_| malformed())?;
        let value = quick_xml::escape::unescape(&attribute.value).map_err(|_| malformed())?;
        let key = intern(attribute.key.local_name().into_inner(), names);
        attributes.push((key, value.into()));
    }
    Ok(Element { name, attributes, children: Vec::new() })
}

fn intern(name: &str, names: &mut HashSet<Rc<str>>) -> Rc<str> {
    if let Some(known) = names.get(name) {
        return Rc::clone(known);
    }
    let fresh: Rc<str> = name.into();
    names.insert(Rc::clone(&fresh));
    fresh
}

/// Decodes an XML part by byte order mark, then by its declaration, UTF-8 otherwise.
fn decode(bytes: &[u8]) -> Result<String, ExchangeError> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return decode_as(encoding, bytes.get(mark..).unwrap_or_default());
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(text.to_owned());
    }
    let head = bytes.get(..bytes.len().min(200)).unwrap_or_default();
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let label =
        head.split_once("encoding=").and_then(|(_, rest)| rest.get(1..)?.split(['"', '\'']).next());
    match label.and_then(|label| Encoding::for_label(label.as_bytes())) {
        Some(encoding) => decode_as(encoding, bytes),
        None => Err(undecodable()),
    }
}

fn decode_as(encoding: &'static Encoding, bytes: &[u8]) -> Result<String, ExchangeError> {
    encoding
        .decode_without_bom_handling_and_without_replacement(bytes)
        .map(std::borrow::Cow::into_owned)
        .ok_or_else(undecodable)
}

/// The bytes are in no encoding that is known.
pub(crate) fn undecodable() -> ExchangeError {
    ExchangeError::new(
        "X0306",
        "文件内部的文字编码已损坏",
        "the character encoding inside the file is damaged",
    )
}

fn malformed() -> ExchangeError {
    ExchangeError::new("X0307", "文件内部结构已损坏", "the inner structure of the file is damaged")
        .help(
            "请用 Word、WPS 打开后另存一份再上传",
            "open it in an office program, save a new copy and upload that",
        )
}

/// A document type is declared.
pub(crate) fn document_type() -> ExchangeError {
    ExchangeError::new(
        "X0305",
        "文件内含有 DTD 声明，不予读取",
        "the file declares a document type, which is refused",
    )
}

pub(crate) fn too_deep(limits: &Limits) -> ExchangeError {
    let depth = limits.xml_depth;
    ExchangeError::limit("X0301", "XML 嵌套层数", "the nesting of XML elements", depth)
}

pub(crate) fn too_many_attributes(limits: &Limits) -> ExchangeError {
    ExchangeError::limit(
        "X0302",
        "XML 标签的属性数",
        "the number of attributes of one tag",
        limits.xml_attributes,
    )
}

pub(crate) fn token_too_long(limits: &Limits) -> ExchangeError {
    ExchangeError::limit(
        "X0303",
        "XML 单个标记的长度",
        "the length of one XML token",
        format!("{} KiB", limits.xml_token_bytes >> 10),
    )
}

/// Where the guard stands within the markup.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Text,
    Opening,
    Tag,
    Quoted(u8),
    Skipped(&'static [u8]),
}

/// A byte-level counter of depth, attributes and token lengths; works over pieces of any size.
pub(crate) struct Guard<'a> {
    limits: &'a Limits,
    state: State,
    depth: usize,
    attributes: usize,
    token_bytes: usize,
    closing: bool,
    previous: u8,
    head: Vec<u8>,
    matched: usize,
}

impl<'a> Guard<'a> {
    /// A guard at the start of a part.
    pub(crate) fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            state: State::Text,
            depth: 0,
            attributes: 0,
            token_bytes: 0,
            closing: false,
            previous: 0,
            head: Vec::new(),
            matched: 0,
        }
    }

    /// Counts a piece of the part.
    ///
    /// # Errors
    /// The limit passed, or a document type declaration.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<(), ExchangeError> {
        for &byte in bytes {
            self.token_bytes += 1;
            if self.token_bytes > self.limits.xml_token_bytes {
                return Err(token_too_long(self.limits));
            }
            self.step(byte)?;
            self.previous = byte;
        }
        Ok(())
    }

    fn step(&mut self, byte: u8) -> Result<(), ExchangeError> {
        match self.state {
            State::Text if byte == b'<' => {
                self.state = State::Opening;
                self.head.clear();
                self.token_bytes = 0;
            }
            State::Text => {}
            State::Opening => self.opening(byte)?,
            State::Tag if byte == b'>' => self.tag_end()?,
            State::Tag if byte == b'"' || byte == b'\'' => {
                self.state = State::Quoted(byte);
                self.attributes += 1;
                if self.attributes > self.limits.xml_attributes {
                    return Err(too_many_attributes(self.limits));
                }
            }
            State::Tag => {}
            State::Quoted(quote) if byte == quote => self.state = State::Tag,
            State::Quoted(_) => {}
            State::Skipped(end) => self.skip(byte, end),
        }
        Ok(())
    }

    /// The first bytes after `<` decide what kind of markup this is.
    fn opening(&mut self, byte: u8) -> Result<(), ExchangeError> {
        self.head.push(byte);
        let declaration = self.head.first() == Some(&b'!');
        match self.head.as_slice() {
            [b'?'] => self.start_skip(b"?>"),
            b"!--" => self.start_skip(b"-->"),
            b"![CDATA[" => self.start_skip(b"]]>"),
            _ if declaration && self.head.len() < 8 => {
                let known = [&b"!--"[..], b"![CDATA["];
                if !known.iter().any(|start| start.starts_with(&self.head)) {
                    return Err(document_type());
                }
            }
            _ if declaration => return Err(document_type()),
            _ => {
                self.closing = byte == b'/';
                self.attributes = 0;
                self.state = State::Tag;
                if byte == b'>' {
                    self.tag_end()?;
                }
            }
        }
        Ok(())
    }

    fn start_skip(&mut self, end: &'static [u8]) {
        self.state = State::Skipped(end);
        self.matched = 0;
    }

    fn skip(&mut self, byte: u8, end: &'static [u8]) {
        if end.get(self.matched) == Some(&byte) {
            self.matched += 1;
        } else if !(self.matched == 2 && end.first() == Some(&byte)) {
            // `--->` and `]]]>` keep the two matched bytes; anything else starts over.
            self.matched = usize::from(end.first() == Some(&byte));
        }
        if self.matched == end.len() {
            self.state = State::Text;
            self.token_bytes = 0;
        }
    }

    fn tag_end(&mut self) -> Result<(), ExchangeError> {
        self.state = State::Text;
        self.token_bytes = 0;
        if self.closing {
            self.depth = self.depth.saturating_sub(1);
        } else if self.previous != b'/' {
            self.depth += 1;
            if self.depth > self.limits.xml_depth {
                return Err(too_deep(self.limits));
            }
        }
        Ok(())
    }
}
