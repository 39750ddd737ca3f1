//! Operators.

use super::meet::{SENSITIVE_HELP, written_date};
use super::values::blank_text;
use super::{Meaning, Resolver, reference_node, span_of, type_words};
use crate::faults::RuleFault;
use crate::functions::Function;
use crate::ir::{Comparison, Kind, Literal, Node, Operation, Reduction, Type};
use crate::syntax::{Constant, Expression, ExpressionKind, operator};
use taizhang_diagnostics::Message;

impl Resolver<'_> {
    pub(super) fn operator(
        &self,
        name: &str,
        args: &[&Expression],
        expression: &Expression,
    ) -> Option<Meaning> {
        let node = match (name, args) {
            (operator::AND, _) => self.junction(args, expression, true),
            (operator::OR, _) => self.junction(args, expression, false),
            (operator::NOT, [part]) => {
                let part = self.boolean(part)?;
                Some(node(Kind::Not(Box::new(part)), Type::Boolean, expression))
            }
            (operator::NEGATE, [part]) => self.negate(part, expression),
            (operator::CONDITIONAL, [test, then, otherwise]) => {
                self.conditional(test, then, otherwise, expression)
            }
            (operator::IN, [value, list]) => self.is_in(value, list, expression),
            (_, [left, right]) => match (comparison(name), operation(name)) {
                (Some(comparison), _) => self.compare(comparison, left, right, expression),
                (_, Some(operation)) => self.arithmetic(operation, left, right, expression),
                _ => return self.no_index(expression),
            },
            _ => return self.no_index(expression),
        };
        node.map(Meaning::Value)
    }

    fn no_index(&self, expression: &Expression) -> Option<Meaning> {
        self.fault(
            RuleFault::Unsupported,
            &expression.span,
            "规则里的记录和多选项没有先后，不能取第几个".to_owned(),
            "rows and items have no order in rules and cannot be taken by position".to_owned(),
        )
        .help(
            "最近一次用 `max(记录, x, x.日期)`，某一类用 `exists` 或 `filter`；多选字段用 `'码' in 字段`",
            "the latest is `max(rows, x, x.date)`; for a kind of rows use `exists` or `filter`; \
             an item of a list is asked by `'code' in field`",
        );
        None
    }

    fn junction(
        &self,
        args: &[&Expression],
        expression: &Expression,
        is_and: bool,
    ) -> Option<Node> {
        // Both sides are looked at before giving up, so that all faults are told.
        let sides: Vec<Option<Node>> = args.iter().map(|part| self.boolean(part)).collect();
        let mut parts = Vec::new();
        for side in sides {
            match (side?, is_and) {
                (Node { kind: Kind::And(inner), .. }, true)
                | (Node { kind: Kind::Or(inner), .. }, false) => parts.extend(inner),
                (other, _) => parts.push(other),
            }
        }
        let kind = if is_and { Kind::And(parts) } else { Kind::Or(parts) };
        Some(node(kind, Type::Boolean, expression))
    }

    fn negate(&self, part: &Expression, expression: &Expression) -> Option<Node> {
        let value = self.value(part)?;
        match (&value.kind, &value.ty) {
            (Kind::Literal(Literal::Integer(number)), ty) => {
                let negated = Kind::Literal(Literal::Integer(number.checked_neg()?));
                Some(node(negated, ty.clone(), expression))
            }
            (Kind::Literal(Literal::Decimal(number)), _) => {
                Some(node(Kind::Literal(Literal::Decimal(-number)), Type::Decimal, expression))
            }
            (_, Type::Integer | Type::Money | Type::Decimal) => {
                let ty = value.ty.clone();
                Some(node(Kind::Negate(Box::new(value)), ty, expression))
            }
            _ => {
                self.wrong_operand(&value, expression, ["一个数", "a number"]);
                None
            }
        }
    }

    pub(super) fn wrong_operand(
        &self,
        found: &Node,
        expression: &Expression,
        [wanted_zh, wanted_en]: [&str; 2],
    ) {
        let [zh, en] = type_words(&found.ty);
        let added = self.fault(
            RuleFault::TypeMismatch,
            &expression.span,
            format!("这里要写{wanted_zh}，这里是{zh}"),
            format!("{wanted_en} is wanted, found {en}"),
        );
        if let Some(help) = operand_help(found, wanted_en) {
            added.help(help.zh, help.en);
        }
    }

    fn conditional(
        &self,
        test: &Expression,
        then: &Expression,
        otherwise: &Expression,
        expression: &Expression,
    ) -> Option<Node> {
        let test = self.boolean(test);
        let then = self.value(then);
        let otherwise = self.value(otherwise);
        let (test, then, otherwise) = (test?, then?, otherwise?);
        let (then, otherwise) = self.meet(then, otherwise, expression)?;
        let ty = then.ty.clone();
        let kind = Kind::Conditional {
            test: Box::new(test),
            then: Box::new(then),
            otherwise: Box::new(otherwise),
        };
        Some(node(kind, ty, expression))
    }

    pub(super) fn compare(
        &self,
        comparison: Comparison,
        left: &Expression,
        right: &Expression,
        expression: &Expression,
    ) -> Option<Node> {
        let is_null =
            |side: &Expression| matches!(side.kind, ExpressionKind::Literal(Constant::Null));
        if is_null(left) || is_null(right) {
            self.null_fault(expression);
            return None;
        }
        let (left, right) = (self.value(left), self.value(right));
        let (left, right) = self.meet(left?, right?, expression)?;
        if blank_text(&left).or(blank_text(&right)).is_some() {
            self.blank_fault(expression);
            return None;
        }
        let is_order = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let is_list = matches!(left.ty, Type::Codes(_) | Type::Texts);
        let without_order = matches!(
            left.ty,
            Type::Code(_) | Type::Reference(_) | Type::Key(_) | Type::Boolean | Type::Region
        );
        if is_list || (is_order && without_order) {
            let [zh, en] = type_words(&left.ty);
            self.fault(
                RuleFault::NoOrder,
                &expression.span,
                format!("{zh}不能这样比较"),
                format!("{en} cannot be compared so"),
            )
            .help(
                "码用 `==`、`!=`、`in`，比高低用 `rank(码, ['低', '高'])`；\
                 多选字段用 `'码' in 字段`，两个字段相同写 `a.within(b) && b.within(a)`",
                "codes take `==`, `!=` and `in`, and have an order in \
                 `rank(code, ['low', 'high'])`; lists take `'code' in field`, and two are \
                 equal when `a.within(b) && b.within(a)`",
            );
            return None;
        }
        let kind = Kind::Compare { comparison, left: Box::new(left), right: Box::new(right) };
        Some(node(kind, Type::Boolean, expression))
    }

    fn arithmetic(
        &self,
        operation: Operation,
        left: &Expression,
        right: &Expression,
        expression: &Expression,
    ) -> Option<Node> {
        let (left, right) = (self.value(left), self.value(right));
        let (left, right) = (left?, right?);
        let is_scale = matches!(operation, Operation::Multiply | Operation::Divide);
        let scaled = match (&left.ty, &right.ty) {
            (Type::Money, Type::Integer) if is_scale => {
                Some((left.clone(), right.clone(), Type::Money))
            }
            (Type::Integer, Type::Money) if operation == Operation::Multiply => {
                Some((right.clone(), left.clone(), Type::Money))
            }
            // The share of two amounts is a number.
            (Type::Money, Type::Money) if operation == Operation::Divide => {
                Some((as_decimal(&left), as_decimal(&right), Type::Decimal))
            }
            (Type::Money, Type::Decimal) if is_scale => {
                return self.scaled_by_decimal(operation, &left, &right, expression);
            }
            (Type::Decimal, Type::Money) if operation == Operation::Multiply => {
                return self.scaled_by_decimal(operation, &right, &left, expression);
            }
            _ => None,
        };
        let (left, right, ty) = match scaled {
            Some(scaled) => scaled,
            None => {
                let (left, right) = self.meet(left, right, expression)?;
                let ty = left.ty.clone();
                (left, right, ty)
            }
        };
        let is_possible = match (&ty, operation) {
            (Type::Integer, _) => true,
            (Type::Money, Operation::Add | Operation::Subtract) => true,
            (Type::Money, _) => right.ty == Type::Integer && operation != Operation::Modulo,
            (Type::Decimal, _) => operation != Operation::Modulo,
            (Type::Text, _) => operation == Operation::Add,
            _ => false,
        };
        if !is_possible {
            self.no_arithmetic(&ty, expression);
            return None;
        }
        if ty == Type::Text && blank_text(&left).or(blank_text(&right)).is_some() {
            self.blank_fault(expression);
            return None;
        }
        let kind = Kind::Arithmetic { operation, left: Box::new(left), right: Box::new(right) };
        Some(node(kind, ty, expression))
    }

    /// An amount times or through a decimal, rounded to the nearest fen.
    fn scaled_by_decimal(
        &self,
        operation: Operation,
        money: &Node,
        factor: &Node,
        expression: &Expression,
    ) -> Option<Node> {
        let (left, right) = (Box::new(as_decimal(money)), Box::new(factor.clone()));
        let product = Kind::Arithmetic { operation, left, right };
        Some(self.rounded_money(node(product, Type::Decimal, expression), expression))
    }

    /// Fen as a decimal, rounded to an amount.
    pub(super) fn rounded_money(&self, fen: Node, expression: &Expression) -> Node {
        let rounded = Kind::Call { function: Function::Round, args: vec![fen] };
        let args = vec![node(rounded, Type::Integer, expression)];
        node(Kind::Call { function: Function::MoneyOfFen, args }, Type::Money, expression)
    }

    fn no_arithmetic(&self, ty: &Type, expression: &Expression) {
        let [zh, en] = type_words(ty);
        let added = self.fault(
            RuleFault::TypeMismatch,
            &expression.span,
            format!("{zh}不能这样计算"),
            format!("{en} cannot be reckoned with so"),
        );
        match ty {
            Type::Date => added.help(
                "用 `days_between`、`months_between`、`add_days`、`add_months`",
                "use `days_between`, `months_between`, `add_days`, `add_months`",
            ),
            Type::Boolean => added.help(
                "几个条件成立用 `how_many(甲, 乙)`；都成立用 `&&`，任一成立用 `||`",
                "how many are true is `how_many(a, b)`; all is `&&`, one of them `||`",
            ),
            Type::Text => added.help(
                "文字换成数用 `int(文字)`；连接用 `+`",
                "`int(text)` makes a number of a text; `+` joins texts",
            ),
            _ => {}
        }
    }

    fn is_in(
        &self,
        value: &Expression,
        list: &Expression,
        expression: &Expression,
    ) -> Option<Node> {
        if let ExpressionKind::List(items) = &self.listed(list).kind {
            return self.in_list(value, items, expression);
        }
        match self.meaning(list)? {
            Meaning::Rows(rows) => {
                let Some(mapped) = rows.mapped.clone() else {
                    return self.row_in_rows(value, rows, expression);
                };
                let value = self.filled_value(value)?;
                let (left, right) = self.meet(value, *mapped, expression)?;
                let kind = Kind::Compare {
                    comparison: Comparison::Equal,
                    left: Box::new(left),
                    right: Box::new(right),
                };
                let body = node(kind, Type::Boolean, expression);
                Some(self.reduce(Reduction::Exists, rows, body, Type::Boolean, expression))
            }
            Meaning::Value(list) if matches!(list.ty, Type::Codes(_) | Type::Texts) => {
                let value = self.filled_value(value)?;
                let item = match &list.ty {
                    Type::Codes(name) => Type::Code(name.clone()),
                    _ => Type::Text,
                };
                let shape = Node { kind: Kind::AsOf, ty: item, span: list.span };
                let (_, value) = self.meet(shape, value, expression)?;
                let kind = Kind::ListHas { list: Box::new(list), value: Box::new(value) };
                Some(node(kind, Type::Boolean, expression))
            }
            _ => {
                self.fault(
                    RuleFault::TypeMismatch,
                    &list.span,
                    "`in`右边要写列表或多选字段".to_owned(),
                    "`in` wants a list or a list field on its right".to_owned(),
                )
                .help(
                    "如 `sex in ['male', 'female']`、`'illness' in risk_types`、\
                     `p.payee in bids.map(b, b.bidder)`",
                    "as in `sex in ['male', 'female']`, `'illness' in risk_types`, \
                     `p.payee in bids.map(b, b.bidder)`",
                );
                None
            }
        }
    }

    /// A value, but no blank text.
    fn filled_value(&self, expression: &Expression) -> Option<Node> {
        let value = self.value(expression)?;
        if blank_text(&value).is_some() {
            self.blank_fault(expression);
            return None;
        }
        Some(value)
    }

    /// Whether a record is one of some rows: by id.
    fn row_in_rows(
        &self,
        value: &Expression,
        rows: super::Rows,
        expression: &Expression,
    ) -> Option<Node> {
        let value = self.value(value)?;
        let row = crate::ir::RowRef { scope: rows.scope, path: Vec::new() };
        let id = reference_node(&row, &rows.ledger, span_of(&expression.span));
        let (left, right) = self.meet(value, id, expression)?;
        let (left, right) = (Box::new(left), Box::new(right));
        let kind = Kind::Compare { comparison: Comparison::Equal, left, right };
        let body = node(kind, Type::Boolean, expression);
        Some(self.reduce(Reduction::Exists, rows, body, Type::Boolean, expression))
    }

    fn in_list(
        &self,
        value: &Expression,
        items: &[(Expression, bool)],
        expression: &Expression,
    ) -> Option<Node> {
        let value = self.filled_value(value)?;
        let nodes: Vec<Option<Node>> =
            items.iter().map(|(item, _)| self.filled_value(item)).collect();
        let nodes: Vec<Node> = nodes.into_iter().collect::<Option<_>>()?;
        let is_constant = nodes.iter().all(|node| matches!(node.kind, Kind::Literal(_)));
        if !is_constant {
            return self.equals_one_of(&value, nodes, expression);
        }
        let mut list = Vec::new();
        for (item, (written, _)) in nodes.into_iter().zip(items) {
            list.push(self.constant_as(item, &value.ty, written)?);
        }
        list.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
        list.dedup();
        let kind = Kind::InList { value: Box::new(value), list };
        Some(node(kind, Type::Boolean, expression))
    }

    fn equals_one_of(
        &self,
        value: &Node,
        items: Vec<Node>,
        expression: &Expression,
    ) -> Option<Node> {
        let mut parts = Vec::new();
        for item in items {
            let (left, right) = self.meet(value.clone(), item, expression)?;
            let (left, right) = (Box::new(left), Box::new(right));
            let kind = Kind::Compare { comparison: Comparison::Equal, left, right };
            parts.push(node(kind, Type::Boolean, expression));
        }
        match parts.len() {
            1 => parts.pop(),
            _ => Some(node(Kind::Or(parts), Type::Boolean, expression)),
        }
    }
}

/// How what was found is used, where something else was wanted.
fn operand_help(found: &Node, wanted: &str) -> Option<Message> {
    match &found.ty {
        Type::Date if wanted == "a text" => {
            Some(Message::new("写 `string(日期)`", "write `string(date)`"))
        }
        Type::Integer if wanted == "a date" && written_date(found).is_none() => Some(Message::new(
            "年份写成日期：`date(年, 12, 31)`",
            "a year as a date is `date(year, 12, 31)`",
        )),
        Type::Key(_) => {
            let [zh, en] = SENSITIVE_HELP;
            Some(Message::new(zh, en))
        }
        _ => written_date(found).map(|date| {
            Message::new(format!("日期写 `date('{date}')`"), format!("write `date('{date}')`"))
        }),
    }
}

pub(super) fn node(kind: Kind, ty: Type, expression: &Expression) -> Node {
    Node { kind, ty, span: span_of(&expression.span) }
}

pub(super) fn as_decimal(value: &Node) -> Node {
    let args = vec![value.clone()];
    let kind = Kind::Call { function: Function::ToDecimal, args };
    Node { kind, ty: Type::Decimal, span: value.span }
}

fn comparison(name: &str) -> Option<Comparison> {
    Some(match name {
        "_==_" => Comparison::Equal,
        "_!=_" => Comparison::NotEqual,
        "_<_" => Comparison::Less,
        "_<=_" => Comparison::LessEqual,
        "_>_" => Comparison::Greater,
        "_>=_" => Comparison::GreaterEqual,
        _ => return None,
    })
}

fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "_+_" => Operation::Add,
        "_-_" => Operation::Subtract,
        "_*_" => Operation::Multiply,
        "_/_" => Operation::Divide,
        "_%_" => Operation::Modulo,
        _ => return None,
    })
}
