//! Two values that must be of one type: constants take the type of what they meet.

use super::{Resolver, type_words};
use crate::faults::RuleFault;
use crate::functions::Function;
use crate::ir::{Kind, Literal, Node, Type};
use crate::syntax::Expression;

impl Resolver<'_> {
    /// Both sides in one type.
    pub(super) fn meet(
        &self,
        left: Node,
        right: Node,
        expression: &Expression,
    ) -> Option<(Node, Node)> {
        if left.ty == right.ty {
            return Some((left, right));
        }
        if let Some(right) = self.taken(&right, &left.ty)? {
            return Some((left, right));
        }
        if let Some(left) = self.taken(&left, &right.ty)? {
            return Some((left, right));
        }
        self.mismatch(&left, &right, expression);
        None
    }

    /// A node in the type of another: `Some(None)` if it does not go, `None` after a fault.
    fn taken(&self, node: &Node, ty: &Type) -> Option<Option<Node>> {
        let cast = |kind: Kind| Some(Some(Node { kind, ty: ty.clone(), span: node.span }));
        let call = |function: Function| {
            let kind = Kind::Call { function, args: vec![node.clone()] };
            Some(Some(Node { kind, ty: ty.clone(), span: node.span }))
        };
        match (&node.kind, &node.ty, ty) {
            (
                Kind::Literal(Literal::Text(code)),
                Type::Text,
                Type::Code(list) | Type::Codes(list),
            ) => {
                self.check_code(code, list.as_deref(), node.span)?;
                let ty = Type::Code(list.clone());
                Some(Some(Node { ty, ..node.clone() }))
            }
            (Kind::Literal(Literal::Text(code)), Type::Text, Type::Region) => {
                self.check_region(code, node.span)?;
                cast(node.kind.clone())
            }
            (Kind::Literal(Literal::Integer(number)), Type::Integer, Type::Decimal) => {
                #[expect(clippy::cast_precision_loss, reason = "as CEL's double()")]
                let decimal = *number as f64;
                cast(Kind::Literal(Literal::Decimal(decimal)))
            }
            (Kind::Literal(Literal::Integer(0)), Type::Integer, Type::Money) => {
                cast(node.kind.clone())
            }
            (_, Type::Integer, Type::Decimal) => call(Function::ToDecimal),
            (_, Type::Instant, Type::Date) => call(Function::DateOfInstant),
            (_, Type::Code(None), Type::Code(_)) => cast(node.kind.clone()),
            _ => Some(None),
        }
    }

    /// A constant in the type that is wanted, or a fault.
    pub(super) fn constant_as(
        &self,
        node: Node,
        ty: &Type,
        expression: &Expression,
    ) -> Option<Literal> {
        let node = if node.ty == *ty {
            node
        } else {
            match self.taken(&node, ty)? {
                Some(node) => node,
                None => {
                    let wanted = Node { kind: Kind::AsOf, ty: ty.clone(), span: node.span };
                    self.mismatch(&wanted, &node, expression);
                    return None;
                }
            }
        };
        match node.kind {
            Kind::Literal(literal) => Some(literal),
            _ => {
                self.fault(
                    RuleFault::NotConstant,
                    &expression.span,
                    "这里要写固定的值".to_owned(),
                    "a constant is wanted".to_owned(),
                );
                None
            }
        }
    }

    fn mismatch(&self, left: &Node, right: &Node, expression: &Expression) {
        if let Some(number) = bare_number_beside_money(left, right) {
            self.fault(
                RuleFault::MoneyWithoutUnit,
                &expression.span,
                "金额与没有单位的数相比".to_owned(),
                "an amount beside a number without unit".to_owned(),
            )
            .help(
                format!("写 `yuan({number})`（元）或 `fen({number})`（分）"),
                format!("write `yuan({number})` or `fen({number})`"),
            );
            return;
        }
        let [[left_zh, left_en], [right_zh, right_en]] =
            [type_words(&left.ty), type_words(&right.ty)];
        let is_sensitive = matches!(left.ty, Type::Key(_)) || matches!(right.ty, Type::Key(_));
        let kind = if is_sensitive { RuleFault::SensitiveUse } else { RuleFault::TypeMismatch };
        let added = self.fault(
            kind,
            &expression.span,
            format!("{left_zh}与{right_zh}对不上"),
            format!("{left_en} does not meet {right_en}"),
        );
        let has = |ty: &Type| left.ty == *ty || right.ty == *ty;
        if is_sensitive {
            added.help(
                "敏感字段只能判断有无、与同类字段比较，或用 `id_…`、`phone_valid` 函数",
                "a sensitive field may be there or not, equal one of its kind, or go into an \
                 `id_…` function or `phone_valid`",
            );
        } else if has(&Type::Date) && has(&Type::Text) {
            added.help("日期写 `date('2020-01-31')`", "a date is written `date('2020-01-31')`");
        } else if has(&Type::Date) && has(&Type::Integer) {
            added.help(
                "日期之间的天数用 `days_between(甲, 乙)`，加天数用 `add_days(日期, 天数)`",
                "days between dates are `days_between(a, b)`; a later date is `add_days(d, days)`",
            );
        } else if has(&Type::Boolean) && has(&Type::Text) {
            added.help("写 `true` 或 `false`", "write `true` or `false`");
        } else if matches!((&left.ty, &right.ty), (Type::Codes(_) | Type::Texts, _)) {
            added.help("多选字段用 `'码' in 字段`", "a list is asked by `'code' in field`");
        }
    }
}

/// The number of a whole-number constant that meets an amount, or `…` for another number.
fn bare_number_beside_money(left: &Node, right: &Node) -> Option<String> {
    let number = |node: &Node| match (&node.kind, &node.ty) {
        (Kind::Literal(Literal::Integer(number)), Type::Integer) => Some(number.to_string()),
        (_, Type::Integer | Type::Decimal) => Some("…".to_owned()),
        _ => None,
    };
    match (&left.ty, &right.ty) {
        (Type::Money, _) => number(right),
        (_, Type::Money) => number(left),
        _ => None,
    }
}
