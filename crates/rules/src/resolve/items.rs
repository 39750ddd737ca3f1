//! Conditions over the items of a list of codes: `risk_types.exists(t, …)`. The codes are known, so
//! the condition is written out for each of them; no step has to go through a list.

use super::calls::OF_MANY;
use super::operators::node;
use super::{Meaning, Resolver, span_of};
use crate::ir::{Kind, Literal, Node, Type};
use crate::syntax::{Constant, Expression, ExpressionKind, operator};

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
        let known = &self.codebook.code_lists.get(codes)?.codes;
        if known.is_empty() {
            return None;
        }
        if self.check_items(body, variable, codes).is_none() {
            return Some(None);
        }
        let tests: Option<Vec<Node>> = known
            .iter()
            .map(|code| self.of_item(name, list, (variable, &code.code), body))
            .collect();
        Some(tests.map(|tests| {
            Meaning::Value(match name {
                "exists" => node(Kind::Or(tests), Type::Boolean, expression),
                "all" => node(Kind::And(tests), Type::Boolean, expression),
                _ => Self::number_of_true(tests, expression),
            })
        }))
    }

    /// A fault for each text beside the variable that is no code of the list. Once the codes are
    /// written out, two texts meet, which could be any.
    fn check_items(&self, body: &Expression, variable: &str, codes: &str) -> Option<()> {
        let is_item = |side: &Expression| is_name(side, variable);
        let mut all = Some(());
        let mut beside = |other: &Expression| {
            if let ExpressionKind::Literal(Constant::Text(text)) = &other.kind
                && self.check_code(text, Some(codes), span_of(&other.span)).is_none()
            {
                all = None;
            }
        };
        if let ExpressionKind::Call { target: None, name, args } = &body.kind
            && let [left, right] = args.as_slice()
        {
            match name.as_str() {
                "_==_" | "_!=_" if is_item(left) => beside(right),
                "_==_" | "_!=_" if is_item(right) => beside(left),
                operator::IN if is_item(left) => {
                    if let ExpressionKind::List(items) = &self.listed(right).kind {
                        items.iter().for_each(|(item, _)| beside(item));
                    }
                }
                _ => {}
            }
        }
        for part in parts_with(body, variable) {
            all = self.check_items(part, variable, codes).and(all);
        }
        all
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
    let is_hidden = hides(expression, name);
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
            let parts = target.iter_mut().map(AsMut::as_mut).chain(args);
            for part in parts.take(if is_hidden { 1 } else { usize::MAX }) {
                put_in(part, name, code);
            }
        }
        ExpressionKind::List(items) => {
            items.iter_mut().for_each(|(item, _)| put_in(item, name, code));
        }
    }
}

/// The parts of an expression in which a name means what it means around it.
fn parts_with<'e>(expression: &'e Expression, name: &str) -> Vec<&'e Expression> {
    match &expression.kind {
        ExpressionKind::Literal(_)
        | ExpressionKind::Name(_)
        | ExpressionKind::Map(_)
        | ExpressionKind::Message { .. } => Vec::new(),
        ExpressionKind::Select { operand, .. } => vec![operand.as_ref()],
        ExpressionKind::Call { target, args, .. } => {
            let parts = target.iter().map(AsRef::as_ref).chain(args);
            parts.take(if hides(expression, name) { 1 } else { usize::MAX }).collect()
        }
        ExpressionKind::List(items) => items.iter().map(|(item, _)| item).collect(),
    }
}

/// True for `rows.exists(name, …)` and the like: past the rows, the name is another's.
fn hides(expression: &Expression, name: &str) -> bool {
    let ExpressionKind::Call { target, name: function, args } = &expression.kind else {
        return false;
    };
    let mut parts = target.iter().map(AsRef::as_ref).chain(args);
    OF_MANY.contains(&function.as_str())
        && parts.nth(1).is_some_and(|bound| is_name(bound, name))
        && parts.next().is_some()
}

fn is_name(expression: &Expression, name: &str) -> bool {
    matches!(&expression.kind, ExpressionKind::Name(own) if own == name)
}
