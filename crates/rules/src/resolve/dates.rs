//! Functions of dates.

use super::Resolver;
use super::operators::node;
use crate::faults::RuleFault;
use crate::functions::Function;
use crate::ir::{Comparison, Kind, Literal, Node, Operation, Type};
use crate::syntax::{Constant, Expression, ExpressionKind};
use taizhang_codebook::FieldType;

/// Name, function, number of dates in front, number of whole numbers behind, and the result.
const PLAIN: [(&str, Function, usize, usize, Type); 14] = [
    ("years_between", Function::YearsBetween, 2, 0, Type::Integer),
    ("age_on", Function::YearsBetween, 2, 0, Type::Integer),
    ("months_between", Function::MonthsBetween, 2, 0, Type::Integer),
    ("days_between", Function::DaysBetween, 2, 0, Type::Integer),
    ("working_days_between", Function::WorkingDaysBetween, 2, 0, Type::Integer),
    ("school_age_on", Function::SchoolAge, 2, 0, Type::Integer),
    ("add_days", Function::AddDays, 1, 1, Type::Date),
    ("add_months", Function::AddMonths, 1, 1, Type::Date),
    ("add_working_days", Function::AddWorkingDays, 1, 1, Type::Date),
    ("year", Function::Year, 1, 0, Type::Integer),
    ("month", Function::Month, 1, 0, Type::Integer),
    ("day", Function::Day, 1, 0, Type::Integer),
    ("month_end", Function::MonthEnd, 1, 0, Type::Date),
    ("date", Function::MakeDate, 0, 3, Type::Date),
];

/// Dates of a record that are named where one of them is wanted.
const DATES_SHOWN: usize = 4;

impl Resolver<'_> {
    /// A function of dates; the outer `None` if the name is none of them.
    pub(super) fn date_function(
        &self,
        name: &str,
        args: &[&Expression],
        expression: &Expression,
    ) -> Option<Option<Node>> {
        match (name, args) {
            ("age", [birth]) => Some(self.with_as_of(Function::YearsBetween, birth, expression)),
            ("school_age", [birth]) => {
                Some(self.with_as_of(Function::SchoolAge, birth, expression))
            }
            ("age" | "school_age", _) => {
                self.wrong_arguments(name, expression);
                Some(None)
            }
            ("date", [text]) => Some(self.one_date(text, expression)),
            ("weekday" | "quarter" | "month_start" | "is_working_day", [date]) => {
                Some(self.date(date).map(|date| made_of_date(name, &date, expression)))
            }
            ("weekday" | "quarter" | "month_start" | "is_working_day", _) => {
                self.wrong_arguments(name, expression);
                Some(None)
            }
            ("add_years", [date, years]) => Some(self.add_years(date, years, expression)),
            _ => self.plain_date_function(name, args, expression),
        }
    }

    fn plain_date_function(
        &self,
        name: &str,
        args: &[&Expression],
        expression: &Expression,
    ) -> Option<Option<Node>> {
        let (_, function, dates, numbers, ty) = PLAIN.iter().find(|(known, ..)| *known == name)?;
        if args.len() != dates + numbers {
            self.wrong_arguments(name, expression);
            return Some(None);
        }
        let nodes: Vec<Option<Node>> = args
            .iter()
            .enumerate()
            .map(|(at, arg)| if at < *dates { self.date(arg) } else { self.integer(arg) })
            .collect();
        let args: Option<Vec<Node>> = nodes.into_iter().collect();
        Some(args.map(|args| folded(*function, args, ty, expression)))
    }

    fn with_as_of(
        &self,
        function: Function,
        birth: &Expression,
        expression: &Expression,
    ) -> Option<Node> {
        let birth = self.date(birth)?;
        let as_of = node(Kind::AsOf, Type::Date, expression);
        let kind = Kind::Call { function, args: vec![birth, as_of] };
        Some(node(kind, Type::Integer, expression))
    }

    /// `date('2020-01-31')`, or the civil date of a moment.
    fn one_date(&self, arg: &Expression, expression: &Expression) -> Option<Node> {
        if matches!(arg.kind, ExpressionKind::Literal(Constant::Text(_))) {
            return self.date_constant(arg);
        }
        self.date(arg).map(|date| Node { span: super::span_of(&expression.span), ..date })
    }

    fn add_years(
        &self,
        date: &Expression,
        years: &Expression,
        expression: &Expression,
    ) -> Option<Node> {
        let (date, years) = (self.date(date)?, self.integer(years)?);
        let twelve = node(Kind::Literal(Literal::Integer(12)), Type::Integer, expression);
        let months = match years.kind {
            Kind::Literal(Literal::Integer(number)) => {
                Kind::Literal(Literal::Integer(number.saturating_mul(12)))
            }
            _ => Kind::Arithmetic {
                operation: Operation::Multiply,
                left: Box::new(years),
                right: Box::new(twelve),
            },
        };
        let args = vec![date, node(months, Type::Integer, expression)];
        Some(node(Kind::Call { function: Function::AddMonths, args }, Type::Date, expression))
    }

    /// An expression as a date; a moment becomes its civil date.
    pub(super) fn date(&self, expression: &Expression) -> Option<Node> {
        let value = self.value(expression)?;
        match (&value.kind, &value.ty) {
            (_, Type::Date) => Some(value),
            (_, Type::Instant) => {
                let kind = Kind::Call { function: Function::DateOfInstant, args: vec![value] };
                Some(node(kind, Type::Date, expression))
            }
            (Kind::Literal(Literal::Text(text)), _) => {
                self.fault(
                    RuleFault::TypeMismatch,
                    &expression.span,
                    "这里要写日期，这里是文字".to_owned(),
                    "a date is wanted, found a text".to_owned(),
                )
                .help(format!("写 `date('{text}')`"), format!("write `date('{text}')`"));
                None
            }
            (_, Type::Key(class)) if class == "identity" => {
                self.fault(
                    RuleFault::SensitiveUse,
                    &expression.span,
                    "这里要写日期，这里是证件号码".to_owned(),
                    "a date is wanted, found an identity number".to_owned(),
                )
                .help("写 `id_birth(…)`", "write `id_birth(…)`");
                None
            }
            (_, Type::Reference(ledger)) => {
                self.date_of_record(ledger, expression);
                None
            }
            _ => {
                self.wrong_operand(&value, expression, ["日期", "a date"]);
                None
            }
        }
    }

    /// A record where a date is wanted: told with the dates that it has.
    fn date_of_record(&self, ledger: &str, expression: &Expression) {
        let added = self.fault(
            RuleFault::TypeMismatch,
            &expression.span,
            "这里要写日期，这里是一条记录".to_owned(),
            format!("a date is wanted, found a record of `{ledger}`"),
        );
        let fields = self.codebook.ledger(ledger).map(|ledger| ledger.fields.iter());
        let dates = fields.into_iter().flatten();
        let dates = dates.filter(|field| field.field_type == FieldType::Date).take(DATES_SHOWN);
        let names: Vec<String> = dates.map(|field| format!("`….{}`", field.name)).collect();
        if !names.is_empty() {
            added.help(
                format!("它的日期：{}", names.join("、")),
                format!("its dates: {}", names.join(", ")),
            );
        }
    }

    pub(super) fn integer(&self, expression: &Expression) -> Option<Node> {
        let value = self.value(expression)?;
        if value.ty == Type::Integer {
            return Some(value);
        }
        self.wrong_operand(&value, expression, ["整数", "a whole number"]);
        None
    }
}

/// Functions that are made of others, so that columns need no kernel for them.
fn made_of_date(name: &str, date: &Node, expression: &Expression) -> Node {
    let whole =
        |number: i64| node(Kind::Literal(Literal::Integer(number)), Type::Integer, expression);
    let reckoned = |operation: Operation, left: Node, right: Node| {
        let (left, right) = (Box::new(left), Box::new(right));
        node(Kind::Arithmetic { operation, left, right }, Type::Integer, expression)
    };
    let call = |function: Function, args: Vec<Node>, ty: Type| {
        node(Kind::Call { function, args }, ty, expression)
    };
    match name {
        "weekday" => {
            // A Monday; the remainder of days before it is negative, so seven are added.
            let monday = jiff::civil::date(1970, 1, 5);
            let monday = node(Kind::Literal(Literal::Date(monday)), Type::Date, expression);
            let days = call(Function::DaysBetween, vec![monday, date.clone()], Type::Integer);
            let rest = reckoned(Operation::Modulo, days, whole(7));
            let positive = reckoned(Operation::Add, rest, whole(7));
            let position = reckoned(Operation::Modulo, positive, whole(7));
            reckoned(Operation::Add, position, whole(1))
        }
        "quarter" => {
            let month = call(Function::Month, vec![date.clone()], Type::Integer);
            let before = reckoned(Operation::Subtract, month, whole(1));
            let third = reckoned(Operation::Divide, before, whole(3));
            reckoned(Operation::Add, third, whole(1))
        }
        "month_start" => {
            let day = call(Function::Day, vec![date.clone()], Type::Integer);
            let back = reckoned(Operation::Subtract, whole(1), day);
            call(Function::AddDays, vec![date.clone(), back], Type::Date)
        }
        _ => {
            let eve = call(Function::AddDays, vec![date.clone(), whole(-1)], Type::Date);
            let args = vec![eve, date.clone()];
            let days = call(Function::WorkingDaysBetween, args, Type::Integer);
            let (left, right) = (Box::new(days), Box::new(whole(1)));
            let kind = Kind::Compare { comparison: Comparison::Equal, left, right };
            node(kind, Type::Boolean, expression)
        }
    }
}

/// `2024-05-01`, put together of the parts of a date, so that columns need no kernel for it.
pub(super) fn text_of_date(date: &Node, expression: &Expression) -> Node {
    let text =
        |text: &str| node(Kind::Literal(Literal::Text(text.to_owned())), Type::Text, expression);
    let joined = |left: Node, right: Node| {
        let (operation, left, right) = (Operation::Add, Box::new(left), Box::new(right));
        node(Kind::Arithmetic { operation, left, right }, Type::Text, expression)
    };
    let part = |function: Function| {
        let args = vec![date.clone()];
        node(Kind::Call { function, args }, Type::Integer, expression)
    };
    let written = |number: Node| {
        let kind = Kind::Call { function: Function::IntegerToText, args: vec![number] };
        node(kind, Type::Text, expression)
    };
    let two_digits = |function: Function| {
        let ten = node(Kind::Literal(Literal::Integer(10)), Type::Integer, expression);
        let (left, right) = (Box::new(part(function)), Box::new(ten));
        let kind = Kind::Compare { comparison: Comparison::Less, left, right };
        let kind = Kind::Conditional {
            test: Box::new(node(kind, Type::Boolean, expression)),
            then: Box::new(text("-0")),
            otherwise: Box::new(text("-")),
        };
        joined(node(kind, Type::Text, expression), written(part(function)))
    };
    let month = joined(written(part(Function::Year)), two_digits(Function::Month));
    joined(month, two_digits(Function::Day))
}

/// A call, or its value if `date(y, m, d)` is written with constants.
fn folded(function: Function, args: Vec<Node>, ty: &Type, expression: &Expression) -> Node {
    let numbers: Vec<i64> = args
        .iter()
        .filter_map(|arg| match arg.kind {
            Kind::Literal(Literal::Integer(number)) => Some(number),
            _ => None,
        })
        .collect();
    if let (Function::MakeDate, [year, month, day]) = (function, numbers.as_slice())
        && let Some(date) = crate::calendar::make_date(*year, *month, *day)
    {
        return node(Kind::Literal(Literal::Date(date)), Type::Date, expression);
    }
    node(Kind::Call { function, args }, ty.clone(), expression)
}
