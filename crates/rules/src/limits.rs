//! Limits of a rule's text, so that no rule can hold up a run or a page.

use crate::ir::{Kind, Node};
use crate::walk::children;

/// Longest expression in bytes.
pub const LENGTH_MAX: usize = 8_000;
/// Deepest nesting of brackets and of signs in front of a value.
pub const NESTING_MAX: usize = 32;
/// Most names, numbers and operators in one expression as written.
pub const TOKENS_MAX: usize = 1_500;
/// Most parts of an expression with everything defined put in its place.
pub const NODES_MAX: usize = 4_000;
/// Deepest expression with everything defined put in its place: the resolver recurses, and a thread
/// of a server has little stack. Chains of `&&` and of `||` count as few levels.
pub const DEPTH_MAX: usize = 64;
/// Highest worst-case cost of one record. Four relations inside each other with a dozen parts
/// pass, five do not.
pub const COST_MAX: u64 = 20_000_000;
/// Rows reckoned for a relation: more than the members or visits of nearly all households.
pub const ROWS_RECKONED: u64 = 32;

/// Worst-case cost of one record in steps of the interpreter: one for each part, and for parts
/// inside a relation [`ROWS_RECKONED`] times as much. Saturates.
#[must_use]
pub fn cost(node: &Node) -> u64 {
    let parts: u64 =
        children(node).into_iter().fold(0, |sum, child| sum.saturating_add(cost(child)));
    match &node.kind {
        Kind::Reduce { .. } => parts.saturating_add(2).saturating_mul(ROWS_RECKONED),
        Kind::Duplicates { .. } => ROWS_RECKONED,
        Kind::Call { .. } => parts.saturating_add(4),
        _ => parts.saturating_add(1),
    }
}

/// What of a text is over a limit before it is parsed: the parser recurses, so depth is counted
/// first, over characters alone. Brackets in texts count too; nobody writes that many.
#[must_use]
pub(crate) fn over_limit(text: &str) -> Option<Over> {
    if text.len() > LENGTH_MAX {
        return Some(Over::Length);
    }
    let mut scan = Scan::default();
    for (at, byte) in text.bytes().enumerate() {
        scan.take(byte);
        if scan.depth.max(scan.signs) > NESTING_MAX {
            return Some(Over::Nesting(at));
        }
        if scan.tokens > TOKENS_MAX {
            return Some(Over::Tokens(at));
        }
    }
    None
}

/// How deep a text nests by its characters: brackets, signs, and questions, which nest to the
/// right.
#[must_use]
pub(crate) fn nesting(text: &str) -> usize {
    let mut scan = Scan::default();
    let mut deepest = 0;
    for byte in text.bytes() {
        scan.take(byte);
        deepest = deepest.max(scan.depth + scan.signs);
    }
    deepest + text.bytes().filter(|byte| *byte == b'?').count()
}

/// Which limit, and from which byte on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    /// [`LENGTH_MAX`].
    Length,
    /// [`NESTING_MAX`].
    Nesting(usize),
    /// [`TOKENS_MAX`].
    Tokens(usize),
}

#[derive(Default)]
struct Scan {
    depth: usize,
    signs: usize,
    tokens: usize,
    in_word: bool,
    quote: Option<u8>,
    is_escaped: bool,
}

impl Scan {
    fn take(&mut self, byte: u8) {
        if let Some(quote) = self.quote {
            let ends = byte == quote && !self.is_escaped;
            self.is_escaped = byte == b'\\' && !self.is_escaped;
            // A text ends with its line at the latest, so that an open quote hides nothing.
            if ends || byte == b'\n' {
                self.quote = None;
            }
            return;
        }
        let is_word = byte.is_ascii_alphanumeric() || byte == b'_';
        if is_word && self.in_word {
            return;
        }
        self.in_word = is_word;
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => return,
            b'"' | b'\'' => self.quote = Some(byte),
            b'(' | b'[' | b'{' => self.depth += 1,
            b')' | b']' | b'}' => self.depth = self.depth.saturating_sub(1),
            b'!' | b'-' => self.signs += 1,
            _ => {}
        }
        if is_word {
            self.signs = 0;
        }
        self.tokens += 1;
    }
}
