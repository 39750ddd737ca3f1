//! Why an example comes out as it does: every part of the conditions, with what it compares.

use super::Example;
use crate::faults::Faults;
use crate::interpret::{Cell, Context, interpret};
use crate::ir::Node;
use crate::judge::Outcome;
use crate::message::shown_text;
use crate::resolve::{Part, Resolver};
use taizhang_codebook::{Codebook, RuleSource};
use taizhang_diagnostics::{Language, Message};

/// Parts told at most.
const PARTS_MAX: usize = 8;

/// The parts of the condition that decided: `applies` of an example that is outside, else
/// `violates`.
pub(super) fn account(
    codebook: &Codebook,
    source: &RuleSource,
    example: &Example,
    found: Outcome,
    context: &Context<'_>,
) -> Option<Message> {
    let text = match (found, &source.applies) {
        (Outcome::Outside, applies) => applies.as_ref()?,
        _ => &source.violates,
    };
    let faults = Faults::default();
    let ledger = codebook.ledger(&source.ledger.text)?;
    let resolver = Resolver::new(codebook, ledger, &source.defines, text, None, &faults);
    let parts = resolver.parts(text);
    if parts.is_empty() || parts.len() > PARTS_MAX {
        return None;
    }
    let shown = |node: &Node, language: Language| {
        let value = interpret(node, example.row, &example.rows, context).unwrap_or(Cell::Missing);
        shown_text(codebook, &node.ty, &value, language)
    };
    let told = |part: &Part, language: Language| {
        let truth = shown(&part.node, language);
        let sides: Vec<String> = part.sides.iter().map(|side| shown(side, language)).collect();
        let text = &part.text;
        match (sides.is_empty(), language) {
            (true, Language::Zh) => format!("`{text}`：{truth}"),
            (false, Language::Zh) => format!("`{text}`：{truth}（{}）", sides.join("，")),
            (true, Language::En) => format!("`{text}`: {truth}"),
            (false, Language::En) => format!("`{text}`: {truth} ({})", sides.join(", ")),
        }
    };
    let all = |language: Language, joint: &str| {
        parts.iter().map(|part| told(part, language)).collect::<Vec<_>>().join(joint)
    };
    Some(Message::new(all(Language::Zh, "；"), all(Language::En, "; ")))
}
