//! Messages of rules: text with expressions in braces, shown as people write values.

use crate::faults::{Faults, RuleFault};
use crate::interpret::{Cell, Context, RowId, Rows, interpret};
use crate::ir::{Kind, Node, Type};
use crate::resolve::{FLOW_LIST, Resolver};
use crate::rule::{Piece, RuleMessage, Shown};
use std::ops::Range;
use taizhang_codebook::{Codebook, PlacedText, RuleSource, TextPiece, list_mark};
use taizhang_diagnostics::{Language, Message};
use taizhang_values::Money;

/// Compiles the messages of both languages; equal expressions are one value.
pub(crate) fn compile<'a>(
    resolver: &Resolver<'a>,
    codebook: &Codebook,
    source: &'a RuleSource,
    faults: &Faults,
) -> Option<RuleMessage> {
    let mut message = RuleMessage { zh: Vec::new(), en: Vec::new(), values: Vec::new() };
    let is_one = source.message_zh == source.message_en;
    message.zh = pieces(resolver, codebook, &source.message_zh, faults, &mut message.values)?;
    message.en = if is_one {
        message.zh.clone()
    } else {
        pieces(resolver, codebook, &source.message_en, faults, &mut message.values)?
    };
    Some(message)
}

fn pieces(
    resolver: &Resolver<'_>,
    codebook: &Codebook,
    text: &PlacedText,
    faults: &Faults,
    values: &mut Vec<Shown>,
) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut is_whole = true;
    let mut rest = 0..text.text.len();
    while let Some(found) = next_brace(&text.text, &rest) {
        let Some(inside) = found else {
            faults
                .add(
                    RuleFault::Placeholder,
                    text.place(rest.clone()),
                    Message::new("花括号没有合上", "a brace is not closed"),
                )
                .help("写成 {字段}", "write {field}");
            return None;
        };
        push_text(&mut pieces, text.text.get(rest.start..inside.start - 1));
        let part = part_of(text, inside.clone());
        match shown(resolver, codebook, &part, values) {
            Some(position) => pieces.push(Piece::Value(position)),
            None => is_whole = false,
        }
        rest.start = inside.end + 1;
    }
    push_text(&mut pieces, text.text.get(rest));
    is_whole.then_some(pieces)
}

fn push_text(pieces: &mut Vec<Piece>, text: Option<&str>) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        pieces.push(Piece::Text(text.to_owned()));
    }
}

/// What stands in the next braces; `Some(None)` if they are not closed.
fn next_brace(text: &str, rest: &Range<usize>) -> Option<Option<Range<usize>>> {
    let tail = text.get(rest.clone())?;
    let open = rest.start + tail.find('{')?;
    let inside = text.get(open + 1..rest.end)?;
    Some(inside.find('}').map(|length| open + 1..open + 1 + length))
}

/// A part of a placed text as a placed text of its own.
fn part_of(text: &PlacedText, range: Range<usize>) -> PlacedText {
    let part = text.text.get(range.clone()).unwrap_or("").to_owned();
    let index = text.pieces.partition_point(|piece| piece.start <= range.start);
    let mut pieces = Vec::new();
    if let Some(piece) = index.checked_sub(1).and_then(|index| text.pieces.get(index)) {
        let before = text.text.get(piece.start..range.start).unwrap_or("").chars().count();
        pieces.push(TextPiece { start: 0, column: piece.column + before, ..piece.clone() });
    }
    for piece in text.pieces.get(index..).unwrap_or_default() {
        if piece.start < range.end {
            pieces.push(TextPiece { start: piece.start - range.start, ..piece.clone() });
        }
    }
    PlacedText { text: part, path: text.path.clone(), pieces }
}

fn shown(
    resolver: &Resolver<'_>,
    codebook: &Codebook,
    text: &PlacedText,
    values: &mut Vec<Shown>,
) -> Option<usize> {
    let written = text.text.trim();
    if let Some(position) = values.iter().position(|value| value.text == written) {
        return Some(position);
    }
    let node = resolver.shown_value(text)?;
    let label = label(codebook, resolver.ledger_name(), &node);
    values.push(Shown { text: written.to_owned(), node, label });
    Some(values.len() - 1)
}

/// The label of a field of the judged record.
fn label(codebook: &Codebook, ledger: &str, node: &Node) -> Option<Message> {
    match &node.kind {
        Kind::Field { row, field } if row.path.is_empty() && row.scope == 0 => {
            Some(codebook.field(ledger, field)?.label.clone())
        }
        _ => None,
    }
}

/// The message about a record, with values as people write them: amounts in yuan, codes by their
/// labels, a dash for what is missing.
#[must_use]
pub fn message_text(
    message: &RuleMessage,
    row: RowId,
    rows: &dyn Rows,
    context: &Context<'_>,
    language: Language,
) -> String {
    let cell = |value: &Shown| interpret(&value.node, row, rows, context).unwrap_or(Cell::Missing);
    message_with(context.codebook, message, cell, language)
}

/// The message with values that are known already: `cell` says what each of them is.
#[must_use]
pub fn message_with<'c>(
    codebook: &Codebook,
    message: &RuleMessage,
    cell: impl Fn(&Shown) -> Cell<'c>,
    language: Language,
) -> String {
    let shown = |value: &Shown| shown_text(codebook, &value.node.ty, &cell(value), language);
    let values: Vec<String> = message.values.iter().map(shown).collect();
    joined(message, &values, language)
}

/// A message with texts in the places of its values, in their order.
#[must_use]
pub fn joined(message: &RuleMessage, values: &[String], language: Language) -> String {
    let pieces = if language == Language::Zh { &message.zh } else { &message.en };
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.as_str(),
            Piece::Value(position) => values.get(*position).map_or("—", String::as_str),
        })
        .collect()
}

/// The labels of a list of codes; for the states of a flow, theirs.
pub(crate) fn labels<'a>(codebook: &'a Codebook, list: &str) -> Vec<&'a Message> {
    if let Some(flow) = list.strip_prefix(FLOW_LIST) {
        let states = codebook.flows.get(flow).map(|flow| flow.states.iter());
        return states.into_iter().flatten().map(|state| &state.label).collect();
    }
    let codes = codebook.code_lists.get(list).map(|list| list.codes.iter());
    codes.into_iter().flatten().map(|code| &code.label).collect()
}

/// A value as people write it.
#[must_use]
pub fn shown_text(codebook: &Codebook, ty: &Type, cell: &Cell<'_>, language: Language) -> String {
    let code = |list: &Option<String>, code: &str| {
        let label = list.as_deref().and_then(|list| match list.strip_prefix(FLOW_LIST) {
            Some(flow) => {
                let states = &codebook.flows.get(flow)?.states;
                Some(&states.iter().find(|state| state.name == code)?.label)
            }
            None => codebook.code_label(list, code),
        });
        label.map_or_else(|| code.to_owned(), |label| label.text(language).to_owned())
    };
    match (cell, ty) {
        (Cell::Missing, _) => "—".to_owned(),
        (_, Type::Key(_)) => "***".to_owned(),
        (Cell::Integer(fen), Type::Money) => Money::from_fen(*fen).to_string(),
        (Cell::Integer(number), _) => number.to_string(),
        (Cell::Decimal(number), _) => number.to_string(),
        (Cell::Boolean(truth), _) => match (language, truth) {
            (Language::Zh, true) => "是".to_owned(),
            (Language::Zh, false) => "否".to_owned(),
            (Language::En, truth) => if *truth { "yes" } else { "no" }.to_owned(),
        },
        (Cell::Text(text), Type::Code(list)) => code(list, text),
        (Cell::Text(text), _) => text.to_string(),
        (Cell::Date(date), _) => date.to_string(),
        (Cell::Instant(instant), _) => instant.to_string(),
        (Cell::List(items), Type::Codes(list)) => {
            let labels: Vec<String> = items.iter().map(|item| code(list, item)).collect();
            labels.join(list_mark(language))
        }
        (Cell::List(items), _) => items.join(list_mark(language)),
    }
}
