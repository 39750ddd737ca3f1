//! A condition taken apart at `&&` and `||`, to tell which part decided.

use super::Resolver;
use crate::ir::Node;
use crate::syntax::{Expression, ExpressionKind, operator};
use taizhang_codebook::PlacedText;

/// A part of a condition.
pub(crate) struct Part {
    /// As written.
    pub(crate) text: String,
    /// The part itself.
    pub(crate) node: Node,
    /// What it compares, without constants.
    pub(crate) sides: Vec<Node>,
}

impl<'a> Resolver<'a> {
    /// The parts of a condition that has no faults, in order.
    pub(crate) fn parts(&self, text: &'a PlacedText) -> Vec<Part> {
        let Some(expression) = self.parse(text) else { return Vec::new() };
        let mut written = Vec::new();
        flatten(&expression, &mut written);
        let part = |expression: &Expression| {
            self.begin();
            let node = self.boolean(expression)?;
            let sides = sides(expression).into_iter().filter_map(|side| self.value(side));
            Some(Part { text: words(&text.text, expression), node, sides: sides.collect() })
        };
        written.into_iter().filter_map(part).collect()
    }
}

fn flatten<'e>(expression: &'e Expression, parts: &mut Vec<&'e Expression>) {
    match &expression.kind {
        ExpressionKind::Call { target: None, name, args }
            if name == operator::AND || name == operator::OR =>
        {
            args.iter().for_each(|part| flatten(part, parts));
        }
        _ => parts.push(expression),
    }
}

/// Both sides of a comparison, but for constants.
fn sides(expression: &Expression) -> Vec<&Expression> {
    match &expression.kind {
        ExpressionKind::Call { target: None, name, args }
            if matches!(name.as_str(), "_==_" | "_!=_" | "_<_" | "_<=_" | "_>_" | "_>=_") =>
        {
            let is_constant = |side: &&Expression| matches!(side.kind, ExpressionKind::Literal(_));
            args.iter().filter(|side| !is_constant(side)).collect()
        }
        _ => Vec::new(),
    }
}

/// The text of an expression, with the closing brackets that lie outside its span.
fn words(text: &str, expression: &Expression) -> String {
    let written = text.get(expression.span.clone()).unwrap_or("");
    let mut words = written.split_whitespace().collect::<Vec<_>>().join(" ");
    let open: Vec<char> = written.chars().fold(Vec::new(), |mut open, character| {
        match character {
            '(' => open.push(')'),
            '[' => open.push(']'),
            ')' | ']' if open.last() == Some(&character) => {
                open.pop();
            }
            _ => {}
        }
        open
    });
    words.extend(open.into_iter().rev());
    words
}
