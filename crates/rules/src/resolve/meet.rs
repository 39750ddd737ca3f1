//! Two values that must be of one type: constants take the type of what they meet.

use super::{Resolver, type_words};
use crate::faults::RuleFault;
use crate::functions::Function;
use crate::ir::{Kind, Literal, Node, Operation, Type};
use crate::syntax::Expression;
use taizhang_diagnostics::Message;

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
            (_, Type::Integer, Type::Decimal) if is_cut(node) => {
                self.cut_fault(node);
                None
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

    /// A share such as `count(…) / size(…)` would be 0 or 1, whatever it is compared with.
    pub(super) fn cut_fault(&self, node: &Node) {
        let byte = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
        self.fault(
            RuleFault::TypeMismatch,
            &(byte(node.span.start)..byte(node.span.end)),
            "整数相除只留整数，不能再与小数相比".to_owned(),
            "a quotient of whole numbers is cut and does not meet a decimal".to_owned(),
        )
        .help(
            "写 `double(a) / b`，或 `a * 100 > b * 30`（三成）",
            "write `double(a) / b`, or `a * 100 > b * 30` for thirty per cent",
        );
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
        if let Some(help) = mismatch_help(left, right) {
            added.help(help.zh, help.en);
        }
    }
}

/// True for a quotient of whole numbers, and for a multiple of one.
pub(super) fn is_cut(node: &Node) -> bool {
    match &node.kind {
        Kind::Arithmetic { operation: Operation::Divide, .. } => node.ty == Type::Integer,
        Kind::Arithmetic { operation: Operation::Multiply, left, right } => {
            is_cut(left) || is_cut(right)
        }
        _ => false,
    }
}

/// What a sensitive field can be asked.
pub(super) const SENSITIVE_HELP: [&str; 2] = [
    "敏感字段只能判断有无、与同类字段比较，或用 `id_…`、`phone_valid` 函数",
    "a sensitive field may be there or not, equal one of its kind, or go into an `id_…` function \
     or `phone_valid`",
];

/// What to write instead of two types that do not meet.
fn mismatch_help(left: &Node, right: &Node) -> Option<Message> {
    let has = |ty: &Type| left.ty == *ty || right.ty == *ty;
    let text = || [left, right].into_iter().find_map(literal_text);
    let help = |zh: String, en: String| Some(Message::new(zh, en));
    if matches!(left.ty, Type::Key(_)) || matches!(right.ty, Type::Key(_)) {
        let [zh, en] = SENSITIVE_HELP;
        return help(zh.to_owned(), en.to_owned());
    }
    if has(&Type::Date) {
        let written = [left, right].into_iter().find_map(written_date);
        let written = written.or_else(|| text().and_then(|text| date_of_text(&text)));
        if let Some(date) = written {
            return help(format!("日期写 `date('{date}')`"), format!("write `date('{date}')`"));
        }
        if has(&Type::Text) {
            return help(
                "日期写 `date('2020-01-31')`".to_owned(),
                "a date is written `date('2020-01-31')`".to_owned(),
            );
        }
        return help(
            "日期之间的天数用 `days_between(甲, 乙)`，加天数用 `add_days(日期, 天数)`".to_owned(),
            "days between dates are `days_between(a, b)`; a later date is `add_days(d, days)`"
                .to_owned(),
        );
    }
    if has(&Type::Boolean) {
        return help(
            "写 `true` 或 `false`；条件可单独写：`is_active`、`!is_active`".to_owned(),
            "write `true` or `false`; a condition stands by itself: `is_active`, `!is_active`"
                .to_owned(),
        );
    }
    if has(&Type::Text) && [left, right].iter().any(|side| is_coded(&side.ty)) {
        return help(
            "码和区划换成文字用 `string(…)`".to_owned(),
            "`string(…)` makes a text of a code or region".to_owned(),
        );
    }
    if has(&Type::Text) && (has(&Type::Integer) || has(&Type::Decimal) || has(&Type::Money)) {
        let number = text().filter(|text| text.parse::<f64>().is_ok());
        return match number {
            Some(number) if has(&Type::Money) => {
                help(format!("写 `yuan({number})`"), format!("write `yuan({number})`"))
            }
            Some(number) => help(
                format!("数不加引号：`{number}`"),
                format!("a number has no quotes: `{number}`"),
            ),
            None => help(
                "文字换成数用 `int(文字)`".to_owned(),
                "`int(text)` makes a number of a text".to_owned(),
            ),
        };
    }
    matches!(left.ty, Type::Codes(_) | Type::Texts)
        .then(|| Message::new("多选字段用 `'码' in 字段`", "a list is asked by `'code' in field`"))
}

const fn is_coded(ty: &Type) -> bool {
    matches!(ty, Type::Region | Type::Code(_))
}

fn literal_text(node: &Node) -> Option<String> {
    match &node.kind {
        Kind::Literal(Literal::Text(text)) => Some(text.clone()),
        _ => None,
    }
}

/// A date or a month written as text, as the date it means.
fn date_of_text(text: &str) -> Option<String> {
    let date = taizhang_values::parse_partial_date(text)?;
    let (year, month) = (date.year?, date.month?);
    Some(format!("{year:04}-{month:02}-{:02}", date.day.unwrap_or(1)))
}

/// `2020-01-31` without quotes, which reads as 2020 less 1 less 31.
pub(super) fn written_date(node: &Node) -> Option<String> {
    let parts = |node: &Node| match &node.kind {
        Kind::Arithmetic { operation: Operation::Subtract, left, right } => {
            match (&left.kind, &right.kind) {
                (_, Kind::Literal(Literal::Integer(number))) => Some((left.clone(), *number)),
                _ => None,
            }
        }
        _ => None,
    };
    let (rest, day) = parts(node)?;
    let (year, month) = parts(&rest)?;
    match year.kind {
        Kind::Literal(Literal::Integer(year))
            if (1900..=2200).contains(&year)
                && (1..=12).contains(&month)
                && (1..=31).contains(&day) =>
        {
            Some(format!("{year:04}-{month:02}-{day:02}"))
        }
        _ => None,
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
