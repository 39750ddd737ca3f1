//! Walks over the typed form.

use crate::ir::{Kind, Node, Span};

/// The same node without places.
pub(crate) fn unplaced(node: &Node) -> Node {
    let mut copy = node.clone();
    clear(&mut copy);
    copy
}

fn clear(node: &mut Node) {
    node.span = Span::default();
    for child in children_mut(node) {
        clear(child);
    }
}

/// Parts of a node in the order of evaluation; the filter of a reduction before its body.
#[must_use]
pub fn children(node: &Node) -> Vec<&Node> {
    match &node.kind {
        Kind::Literal(_)
        | Kind::Field { .. }
        | Kind::IdentityFact { .. }
        | Kind::Has { .. }
        | Kind::HasRow { .. }
        | Kind::AsOf
        | Kind::Duplicates { .. } => Vec::new(),
        Kind::Not(part) | Kind::Negate(part) | Kind::ListSize(part) => vec![part],
        Kind::And(parts) | Kind::Or(parts) => parts.iter().collect(),
        Kind::Compare { left, right, .. } | Kind::Arithmetic { left, right, .. } => {
            vec![left, right]
        }
        Kind::Conditional { test, then, otherwise } => vec![test, then, otherwise],
        Kind::Default { value, fallback } => vec![value, fallback],
        Kind::InList { value, .. } => vec![value],
        Kind::ListHas { list, value } => vec![list, value],
        Kind::ListMeets { list, other } | Kind::ListInside { list, other } => vec![list, other],
        Kind::ListOverlaps { list, .. } | Kind::ListWithin { list, .. } => vec![list],
        Kind::Call { args, .. } => args.iter().collect(),
        Kind::Param { on, .. } => on.iter().map(AsRef::as_ref).collect(),
        Kind::Reduce { rows, body, .. } => {
            let filter = rows.filter.iter().map(AsRef::as_ref);
            filter.chain(std::iter::once(body.as_ref())).collect()
        }
    }
}

fn children_mut(node: &mut Node) -> Vec<&mut Node> {
    match &mut node.kind {
        Kind::Literal(_)
        | Kind::Field { .. }
        | Kind::IdentityFact { .. }
        | Kind::Has { .. }
        | Kind::HasRow { .. }
        | Kind::AsOf
        | Kind::Duplicates { .. } => Vec::new(),
        Kind::Not(part) | Kind::Negate(part) | Kind::ListSize(part) => vec![part],
        Kind::And(parts) | Kind::Or(parts) => parts.iter_mut().collect(),
        Kind::Compare { left, right, .. } | Kind::Arithmetic { left, right, .. } => {
            vec![left, right]
        }
        Kind::Conditional { test, then, otherwise } => vec![test, then, otherwise],
        Kind::Default { value, fallback } => vec![value, fallback],
        Kind::InList { value, .. } => vec![value],
        Kind::ListHas { list, value } => vec![list, value],
        Kind::ListMeets { list, other } | Kind::ListInside { list, other } => vec![list, other],
        Kind::ListOverlaps { list, .. } | Kind::ListWithin { list, .. } => vec![list],
        Kind::Call { args, .. } => args.iter_mut().collect(),
        Kind::Param { on, .. } => on.iter_mut().map(AsMut::as_mut).collect(),
        Kind::Reduce { rows, body, .. } => {
            let filter = rows.filter.iter_mut().map(AsMut::as_mut);
            filter.chain(std::iter::once(body.as_mut())).collect()
        }
    }
}
