//! Functions of texts, numbers and amounts.

use super::dates::text_of_date;
use super::meet::is_cut;
use super::operators::node;
use super::{Resolver, type_words};
use crate::faults::RuleFault;
use crate::functions::Function;
use crate::ir::{Kind, Literal, Node, Operation, Type};
use crate::syntax::Expression;

impl Resolver<'_> {
    /// A function of values; the outer `None` if the name is none of them.
    pub(super) fn value_function(
        &self,
        name: &str,
        args: &[&Expression],
        expression: &Expression,
    ) -> Option<Option<Node>> {
        let call = |function: Function, args: Option<Vec<Node>>, ty: Type| {
            Some(args.map(|args| node(Kind::Call { function, args }, ty, expression)))
        };
        match (name, args) {
            ("startsWith", [text, part]) => {
                Some(self.has_part(Function::StartsWith, text, part, expression))
            }
            ("endsWith", [text, part]) => {
                Some(self.has_part(Function::EndsWith, text, part, expression))
            }
            ("contains", [text, part]) => {
                Some(self.has_part(Function::Contains, text, part, expression))
            }
            ("trim", [text]) => call(Function::Trim, self.texts(&[text]), Type::Text),
            ("matches", [text, pattern]) => Some(self.matches(text, pattern, expression)),
            ("substring", [text, from, to]) => Some(self.substring(text, from, to, expression)),
            ("int", [value]) => Some(self.to_integer(value, expression)),
            ("double", [value]) => Some(self.to_decimal(value, expression)),
            ("string", [value]) => Some(self.to_text(value, expression)),
            ("round", [value]) => Some(self.round(value, expression)),
            ("abs", [value]) => Some(self.absolute(value, expression)),
            ("yuan", [value]) => Some(self.yuan(value, expression)),
            ("fen", [value]) => Some(self.fen(value, expression)),
            ("in_yuan", [value]) => Some(self.in_yuan(value, expression)),
            (
                "startsWith" | "endsWith" | "contains" | "trim" | "matches" | "substring" | "int"
                | "double" | "string" | "round" | "abs" | "yuan" | "fen" | "in_yuan",
                _,
            ) => {
                self.wrong_arguments(name, expression);
                Some(None)
            }
            _ => None,
        }
    }

    fn texts(&self, args: &[&Expression]) -> Option<Vec<Node>> {
        let nodes: Vec<Option<Node>> = args.iter().map(|arg| self.text(arg)).collect();
        nodes.into_iter().collect()
    }

    /// An expression as text; codes and regions are texts too.
    fn text(&self, expression: &Expression) -> Option<Node> {
        let value = self.value(expression)?;
        match value.ty {
            Type::Text | Type::Code(_) | Type::Region => Some(Node { ty: Type::Text, ..value }),
            _ => {
                self.wrong_operand(&value, expression, ["文字", "a text"]);
                None
            }
        }
    }

    /// `startsWith`, `endsWith` and `contains`. A part of blanks alone would be a missing value: a
    /// pattern asks for it.
    fn has_part(
        &self,
        function: Function,
        text: &Expression,
        part: &Expression,
        expression: &Expression,
    ) -> Option<Node> {
        let (text, value) = (self.text(text), self.text(part));
        let (text, value) = (text?, value?);
        let Some(blank) = blank_text(&value) else {
            let kind = Kind::Call { function, args: vec![text, value] };
            return Some(node(kind, Type::Boolean, expression));
        };
        if blank.is_empty() {
            self.blank_fault(part);
            return None;
        }
        let blank = pattern_of_blanks(blank);
        let pattern = match function {
            Function::StartsWith => format!("^{blank}"),
            Function::EndsWith => format!("{blank}$"),
            _ => blank,
        };
        Some(matching(text, pattern, part, expression))
    }

    fn matches(
        &self,
        text: &Expression,
        pattern: &Expression,
        expression: &Expression,
    ) -> Option<Node> {
        let (text, written) = (self.text(text), self.check_pattern(pattern));
        let (text, written) = (text?, written?);
        if written.is_empty() {
            self.blank_fault(pattern);
            return None;
        }
        let is_blank = written.trim().is_empty();
        let written = if is_blank { pattern_of_blanks(&written) } else { written };
        Some(matching(text, written, pattern, expression))
    }

    fn substring(
        &self,
        text: &Expression,
        from: &Expression,
        to: &Expression,
        expression: &Expression,
    ) -> Option<Node> {
        let args = vec![self.text(text)?, self.integer(from)?, self.integer(to)?];
        Some(node(Kind::Call { function: Function::Substring, args }, Type::Text, expression))
    }

    pub(super) fn text_length(&self, value: Node, expression: &Expression) -> Option<Node> {
        match value.ty {
            Type::Text | Type::Code(_) | Type::Region => {
                let args = vec![Node { ty: Type::Text, ..value }];
                let kind = Kind::Call { function: Function::TextLength, args };
                Some(node(kind, Type::Integer, expression))
            }
            _ => {
                self.wrong_operand(
                    &value,
                    expression,
                    ["多行记录、多选字段或文字", "rows, a list field or a text"],
                );
                None
            }
        }
    }

    /// The least or greatest of several values.
    pub(super) fn extreme(
        &self,
        name: &str,
        first: Node,
        rest: &[&Expression],
        expression: &Expression,
    ) -> Option<Node> {
        let function = if name == "min" { Function::Least } else { Function::Greatest };
        let mut result = first;
        for arg in rest {
            let value = self.value(arg)?;
            let (left, right) = self.meet(result, value, expression)?;
            let ty = left.ty.clone();
            if !matches!(
                ty,
                Type::Integer | Type::Money | Type::Decimal | Type::Date | Type::Instant
            ) {
                self.wrong_operand(&left, expression, ["数或日期", "numbers or dates"]);
                return None;
            }
            result = node(Kind::Call { function, args: vec![left, right] }, ty, expression);
        }
        Some(result)
    }

    fn convert(&self, function: Function, value: Node, ty: Type, at: &Expression) -> Node {
        node(Kind::Call { function, args: vec![value] }, ty, at)
    }

    fn to_integer(&self, arg: &Expression, expression: &Expression) -> Option<Node> {
        let value = self.value(arg)?;
        let function = match value.ty {
            Type::Integer => return Some(value),
            Type::Text | Type::Code(_) => Function::TextToInteger,
            Type::Decimal => Function::DecimalToInteger,
            _ => {
                self.wrong_operand(&value, arg, ["数或文字", "a number or a text"]);
                return None;
            }
        };
        Some(self.convert(function, value, Type::Integer, expression))
    }

    fn to_decimal(&self, arg: &Expression, expression: &Expression) -> Option<Node> {
        let value = self.value(arg)?;
        let function = match value.ty {
            Type::Decimal => return Some(value),
            Type::Integer if is_cut(&value) => {
                self.cut_fault(&value);
                return None;
            }
            Type::Integer => Function::ToDecimal,
            Type::Text => Function::TextToDecimal,
            Type::Money => {
                self.fault(
                    RuleFault::MoneyWithoutUnit,
                    &arg.span,
                    "金额换成小数要写明单位".to_owned(),
                    "an amount as a decimal needs its unit".to_owned(),
                )
                .help("写 `in_yuan(…)`", "write `in_yuan(…)`");
                return None;
            }
            _ => {
                self.wrong_operand(&value, arg, ["数或文字", "a number or a text"]);
                return None;
            }
        };
        Some(self.convert(function, value, Type::Decimal, expression))
    }

    fn to_text(&self, arg: &Expression, expression: &Expression) -> Option<Node> {
        let value = self.value(arg)?;
        match value.ty {
            Type::Text | Type::Code(_) | Type::Region => Some(Node { ty: Type::Text, ..value }),
            Type::Integer => {
                Some(self.convert(Function::IntegerToText, value, Type::Text, expression))
            }
            Type::Date => Some(text_of_date(&value, expression)),
            _ => {
                let wanted = ["整数、日期、码或文字", "a whole number, date, code or text"];
                self.wrong_operand(&value, arg, wanted);
                None
            }
        }
    }

    fn round(&self, arg: &Expression, expression: &Expression) -> Option<Node> {
        let value = self.value(arg)?;
        match value.ty {
            Type::Integer => Some(value),
            Type::Decimal => Some(self.convert(Function::Round, value, Type::Integer, expression)),
            _ => {
                self.wrong_operand(&value, arg, ["一个数", "a number"]);
                None
            }
        }
    }

    fn absolute(&self, arg: &Expression, expression: &Expression) -> Option<Node> {
        let value = self.value(arg)?;
        match value.ty.clone() {
            ty @ (Type::Integer | Type::Money | Type::Decimal) => {
                Some(self.convert(Function::Absolute, value, ty, expression))
            }
            _ => {
                self.wrong_operand(&value, arg, ["一个数", "a number"]);
                None
            }
        }
    }

    /// An amount of yuan.
    fn yuan(&self, arg: &Expression, expression: &Expression) -> Option<Node> {
        let value = self.value(arg)?;
        let amount = |fen: i64| node(Kind::Literal(Literal::Integer(fen)), Type::Money, expression);
        match (&value.kind, &value.ty) {
            (Kind::Literal(Literal::Integer(yuan)), _) => {
                let fen = yuan.checked_mul(100);
                if fen.is_none() {
                    self.too_large(arg);
                }
                fen.map(amount)
            }
            (_, Type::Integer) => {
                let money = self.convert(Function::MoneyOfFen, value, Type::Money, expression);
                let hundred = node(Kind::Literal(Literal::Integer(100)), Type::Integer, expression);
                let kind = Kind::Arithmetic {
                    operation: Operation::Multiply,
                    left: Box::new(money),
                    right: Box::new(hundred),
                };
                Some(node(kind, Type::Money, expression))
            }
            (_, Type::Decimal) => {
                let hundred =
                    node(Kind::Literal(Literal::Decimal(100.0)), Type::Decimal, expression);
                let kind = Kind::Arithmetic {
                    operation: Operation::Multiply,
                    left: Box::new(value),
                    right: Box::new(hundred),
                };
                Some(self.rounded_money(node(kind, Type::Decimal, expression), expression))
            }
            (_, Type::Money) => {
                self.already_money(arg);
                None
            }
            _ => {
                self.wrong_operand(&value, arg, ["一个数", "a number"]);
                None
            }
        }
    }

    fn too_large(&self, arg: &Expression) {
        self.fault(
            RuleFault::BadConstant,
            &arg.span,
            "金额太大".to_owned(),
            "the amount is too large".to_owned(),
        );
    }

    fn already_money(&self, arg: &Expression) {
        self.fault(
            RuleFault::TypeMismatch,
            &arg.span,
            "这里已经是金额".to_owned(),
            "this is an amount already".to_owned(),
        )
        .help("去掉外面的函数", "take the function around it away");
    }

    /// An amount of fen, or the fen of an amount.
    fn fen(&self, arg: &Expression, expression: &Expression) -> Option<Node> {
        let value = self.value(arg)?;
        match (&value.kind, &value.ty) {
            (Kind::Literal(Literal::Integer(_)), Type::Integer) => {
                Some(node(value.kind, Type::Money, expression))
            }
            (_, Type::Integer) => {
                Some(self.convert(Function::MoneyOfFen, value, Type::Money, expression))
            }
            (_, Type::Money) => {
                Some(self.convert(Function::FenOfMoney, value, Type::Integer, expression))
            }
            _ => {
                let [zh, en] = type_words(&value.ty);
                self.fault(
                    RuleFault::TypeMismatch,
                    &arg.span,
                    format!("这里要写整数或金额，这里是{zh}"),
                    format!("a whole number or an amount is wanted, found {en}"),
                );
                None
            }
        }
    }

    fn in_yuan(&self, arg: &Expression, expression: &Expression) -> Option<Node> {
        let value = self.value(arg)?;
        if value.ty == Type::Money {
            return Some(self.convert(Function::InYuan, value, Type::Decimal, expression));
        }
        self.wrong_operand(&value, arg, ["金额", "an amount"]);
        None
    }
}

fn matching(text: Node, pattern: String, place: &Expression, expression: &Expression) -> Node {
    let pattern = node(Kind::Literal(Literal::Text(pattern)), Type::Text, place);
    let kind = Kind::Call { function: Function::Matches, args: vec![text, pattern] };
    node(kind, Type::Boolean, expression)
}

/// A constant text that holds blanks at most.
pub(super) fn blank_text(node: &Node) -> Option<&str> {
    match &node.kind {
        Kind::Literal(Literal::Text(text)) if text.trim().is_empty() => Some(text),
        _ => None,
    }
}

/// A pattern of just these blanks that is no blank text itself.
fn pattern_of_blanks(blanks: &str) -> String {
    let parts: String = blanks.chars().map(|c| format!("\\x{{{:X}}}", u32::from(c))).collect();
    format!("(?:{parts})")
}
