//! Conditions over the items of a list of codes: `risk_types.exists(t, …)`. The codes are known, so
//! the condition is written out for each of them; no step has to go through a list.

use super::operators::node;
use super::{Meaning, Resolver};
use crate::ir::{Kind, Literal, Node, Type};
use crate::syntax::{Constant, Expression, ExpressionKind};

impl Resolver<'_> {
    /// `exists`, `all` or `count` with any condition; `None` without a fault for another function
    /// or a list without codes.
    pub(super) fn of_items(
        &self,
        name: &str,
        list: &Node,
        args: &[&Expression],
        expression: &Expression,
    ) -> Option<Option<Meaning>> {
        let (Type::Codes(Some(codes)), [variable, body]) = (&list.ty, args) else { return None };
        let (true, ExpressionKind::Name(variable)) =
            (matches!(name, "exists" | "all" | "count"), &variable.kind)
        else {
            return None;
        };
        let codes = self.codebook.code_lists.get(codes)?.codes.iter();
        let tests: Option<Vec<Node>> =
            codes.map(|code| self.of_item(name, list, (variable, &code.code), body)).collect();
        Some(tests.map(|tests| {
            Meaning::Value(match name {
                "exists" => node(Kind::Or(tests), Type::Boolean, expression),
                "all" => node(Kind::And(tests), Type::Boolean, expression),
                _ => Self::number_of_true(tests, expression),
            })
        }))
    }

    /// The condition for one code: the list holds it and the condition is true; for `all`, it does
    /// not hold it or the condition is true.
    fn of_item(
        &self,
        name: &str,
        list: &Node,
        (variable, code): (&str, &str),
        body: &Expression,
    ) -> Option<Node> {
        let mut body = body.clone();
        put_in(&mut body, variable, code);
        let condition = self.boolean(&body)?;
        let literal = Kind::Literal(Literal::Text(code.to_owned()));
        let value = Box::new(node(literal, Type::Text, &body));
        let kind = Kind::ListHas { list: Box::new(list.clone()), value };
        let holds = node(kind, Type::Boolean, &body);
        let kind = match name {
            "all" => {
                let lacks = node(Kind::Not(Box::new(holds)), Type::Boolean, &body);
                Kind::Or(vec![lacks, condition])
            }
            _ => Kind::And(vec![holds, condition]),
        };
        Some(node(kind, Type::Boolean, &body))
    }
}

/// Writes a code in the places of a name.
fn put_in(expression: &mut Expression, name: &str, code: &str) {
    match &mut expression.kind {
        ExpressionKind::Name(own) if own == name => {
            expression.kind = ExpressionKind::Literal(Constant::Text(code.to_owned()));
        }
        ExpressionKind::Literal(_)
        | ExpressionKind::Name(_)
        | ExpressionKind::Map(_)
        | ExpressionKind::Message { .. } => {}
        ExpressionKind::Select { operand, .. } => put_in(operand, name, code),
        ExpressionKind::Call { target, args, .. } => {
            for part in target.iter_mut().map(AsMut::as_mut).chain(args) {
                put_in(part, name, code);
            }
        }
        ExpressionKind::List(items) => {
            items.iter_mut().for_each(|(item, _)| put_in(item, name, code));
        }
    }
}
