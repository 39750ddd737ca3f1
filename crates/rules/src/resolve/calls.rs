//! Calls: which function a name means, and the functions that take fields rather than values.

use super::operators::node;
use super::rows::number_reduction;
use super::values::blank_text;
use super::{Meaning, Resolver};
use crate::faults::RuleFault;
use crate::functions::LANGUAGE;
use crate::ir::{Comparison, Kind, Literal, Node, Operation, RowRef, Type};
use crate::syntax::{Expression, ExpressionKind};
use taizhang_codebook::RelationKind;

/// Macros and functions whose first argument may be rows or a list field.
pub(super) const OF_MANY: [&str; 14] = [
    "exists",
    "all",
    "exists_one",
    "filter",
    "map",
    "count",
    "size",
    "sum",
    "min",
    "max",
    "average",
    "median",
    "distinct",
    "overlaps",
];

impl Resolver<'_> {
    /// A call; the target of a method is the first argument.
    pub(super) fn call(
        &self,
        name: &str,
        args: &[&Expression],
        expression: &Expression,
    ) -> Option<Meaning> {
        self.check_in_force(name, expression)?;
        match name {
            "has" => self.has(args, expression).map(Meaning::Value),
            "filled" => self.filled(args, expression, true).map(Meaning::Value),
            "any_filled" => self.filled(args, expression, false).map(Meaning::Value),
            "how_many" => self.how_many(args, expression).map(Meaning::Value),
            "rank" => self.rank(args, expression).map(Meaning::Value),
            "between" => self.between(args, expression).map(Meaning::Value),
            "default" => self.default(args, expression).map(Meaning::Value),
            "as_of" => {
                self.arity(name, args, 0, expression)?;
                Some(Meaning::Value(node(Kind::AsOf, Type::Date, expression)))
            }
            "same" => self.same(args, expression),
            "duplicates" => self.duplicates(args, expression),
            "param" => self.param(args, expression).map(Meaning::Value),
            _ if OF_MANY.contains(&name) || name == "within" => {
                self.of_many(name, args, expression)
            }
            _ => {
                let dates = self.date_function(name, args, expression);
                let found = dates
                    .or_else(|| self.fact_function(name, args, expression))
                    .or_else(|| self.value_function(name, args, expression));
                match found {
                    Some(result) => result.map(Meaning::Value),
                    None => {
                        self.unknown_function(name, expression);
                        None
                    }
                }
            }
        }
    }

    /// A fault if a function does not mean the same on all days of the rule.
    fn check_in_force(&self, name: &str, expression: &Expression) -> Option<()> {
        let Some((since, until)) = self.period else { return Some(()) };
        let editions: Vec<_> = LANGUAGE.iter().filter(|entry| entry.name == name).collect();
        if editions.is_empty() || editions.iter().any(|entry| entry.covers(since, until)) {
            return Some(());
        }
        let days: Vec<&str> = editions.iter().map(|entry| entry.since).collect();
        self.fault(
            RuleFault::FunctionNotInForce,
            &expression.focus,
            format!("函数`{name}`自 {} 起用，规则自 {since} 起判断", days.join("、")),
            format!("`{name}` is in force since {}, the rule since {since}", days.join(", ")),
        )
        .help(
            "把规则的`since`、`until`改到函数有效的日子里，或换一个函数",
            "move `since` and `until` of the rule into the days of the function, or take another",
        );
        None
    }

    fn unknown_function(&self, name: &str, expression: &Expression) {
        let added = self.fault(
            RuleFault::UnknownFunction,
            &expression.focus,
            format!("没有函数`{name}`"),
            format!("no function `{name}`"),
        );
        match elsewhere(name) {
            Some(other) => {
                let en = other.replace('、', " or ");
                added.help(format!("用`{other}`"), format!("use `{en}`"));
            }
            None => added.nearest(name, LANGUAGE.iter().map(|entry| entry.name)),
        }
    }

    /// The place of a value in a list, from 1; 0 if it is not there.
    fn rank(&self, args: &[&Expression], expression: &Expression) -> Option<Node> {
        let [value, list] = args else {
            self.wrong_arguments("rank", expression);
            return None;
        };
        let list = self.listed(list);
        let ExpressionKind::List(items) = &list.kind else {
            self.no_list(&list);
            return None;
        };
        let number =
            |number: i64| node(Kind::Literal(Literal::Integer(number)), Type::Integer, expression);
        let mut found = number(0);
        for (place, (item, _)) in (1..).zip(items).collect::<Vec<_>>().into_iter().rev() {
            let test = Box::new(self.compare(Comparison::Equal, value, item, expression)?);
            let (then, otherwise) = (Box::new(number(place)), Box::new(found));
            let kind = Kind::Conditional { test, then, otherwise };
            found = node(kind, Type::Integer, expression);
        }
        Some(found)
    }

    /// A fault unless there are so many arguments.
    pub(super) fn arity(
        &self,
        name: &str,
        args: &[&Expression],
        wanted: usize,
        expression: &Expression,
    ) -> Option<()> {
        if args.len() == wanted {
            return Some(());
        }
        self.wrong_arguments(name, expression);
        None
    }

    /// A fault about arguments, with the forms of the function as help.
    pub(super) fn wrong_arguments(&self, name: &str, expression: &Expression) {
        let added = self.fault(
            RuleFault::Arguments,
            &expression.focus,
            format!("`{name}`的参数个数不对"),
            format!("wrong number of arguments for `{name}`"),
        );
        if let Some(entry) = LANGUAGE.iter().find(|entry| entry.name == name) {
            added.help(format!("写 `{}`", entry.signature), format!("write `{}`", entry.signature));
        }
    }

    fn of_many(
        &self,
        name: &str,
        args: &[&Expression],
        expression: &Expression,
    ) -> Option<Meaning> {
        let Some((first, rest)) = args.split_first() else {
            self.wrong_arguments(name, expression);
            return None;
        };
        if matches!(first.kind, ExpressionKind::List(_)) {
            self.wrong_many(name, first);
            return None;
        }
        if rest.is_empty() && self.is_field_of_rows(name, first) {
            return None;
        }
        match self.meaning(first)? {
            Meaning::Rows(rows) => self.of_rows(name, rows, rest, expression),
            Meaning::Value(list) if matches!(list.ty, Type::Codes(_) | Type::Texts) => {
                self.of_list(name, list, rest, expression)
            }
            Meaning::Value(text)
                if name == "size" && rest.is_empty() && !is_number_of_rows(first, &text) =>
            {
                self.text_length(text, expression).map(Meaning::Value)
            }
            Meaning::Value(value) if matches!(name, "min" | "max") && !rest.is_empty() => {
                self.extreme(name, value, rest, expression).map(Meaning::Value)
            }
            Meaning::Row { .. } | Meaning::Value(_) => {
                self.wrong_many(name, first);
                None
            }
        }
    }

    /// `sum(rows.field)`, as spreadsheets have it: told with the form that rules have.
    fn is_field_of_rows(&self, name: &str, first: &Expression) -> bool {
        let ExpressionKind::Select { operand, field } = &first.kind else { return false };
        let ExpressionKind::Name(rows) = &operand.kind else { return false };
        let relation = self.ledger.relation(rows);
        if number_reduction(name).is_none()
            || relation.is_none_or(|found| found.kind == RelationKind::One)
        {
            return false;
        }
        self.fault(
            RuleFault::NotValue,
            &first.focus,
            format!("`{rows}`是多行记录，不能直接取`{field}`"),
            format!("`{rows}` is many rows and has no `{field}` of its own"),
        )
        .help(
            format!("写 `{name}({rows}, x, x.{field})`"),
            format!("write `{name}({rows}, x, x.{field})`"),
        );
        true
    }

    fn wrong_many(&self, name: &str, first: &Expression) {
        let added = self.fault(
            RuleFault::TypeMismatch,
            &first.span,
            format!("`{name}`要用于多行记录"),
            format!("`{name}` wants the rows of a relation"),
        );
        if let Some(inner) = number_of_rows(first) {
            added.help(
                format!("`{inner}(…)`已经是一个值，直接比较"),
                format!("`{inner}(…)` is a value already: compare it as it is"),
            );
            return;
        }
        let relations: Vec<&str> =
            self.ledger.relations.iter().map(|relation| relation.name.as_str()).collect();
        if !relations.is_empty() && number_reduction(name).is_none() {
            let list = relations.join("`、`");
            added.help(
                format!("台账`{}`的关系：`{list}`", self.ledger.name),
                format!("relations of `{}`: `{}`", self.ledger.name, relations.join("`, `")),
            );
        }
    }

    fn has(&self, args: &[&Expression], expression: &Expression) -> Option<Node> {
        let [arg] = args else {
            self.wrong_arguments("has", expression);
            return None;
        };
        let kind = match self.meaning(arg)? {
            Meaning::Row { row, .. } if !row.path.is_empty() => Kind::HasRow { row },
            Meaning::Value(Node {
                kind: Kind::Field { row, field } | Kind::IdentityFact { row, field, .. },
                ..
            }) => Kind::Has { row, field },
            Meaning::Rows(_) => {
                self.fault(
                    RuleFault::Arguments,
                    &arg.span,
                    "多行记录总是有的，只是可能一行也没有".to_owned(),
                    "rows of a relation are always there, if none".to_owned(),
                )
                .help("写 `size(…) > 0`", "write `size(…) > 0`");
                return None;
            }
            _ => {
                self.fault(
                    RuleFault::Arguments,
                    &arg.span,
                    "`has`里要写一个字段".to_owned(),
                    "`has` wants a field".to_owned(),
                )
                .help("如 `has(visited_on)`", "as in `has(visited_on)`");
                return None;
            }
        };
        Some(node(kind, Type::Boolean, expression))
    }

    /// All fields, or one of them, hold something; a list field an item.
    fn filled(
        &self,
        args: &[&Expression],
        expression: &Expression,
        is_every: bool,
    ) -> Option<Node> {
        let nodes: Vec<Option<Node>> = args.iter().map(|arg| self.filled_one(arg)).collect();
        let mut parts: Vec<Node> = nodes.into_iter().collect::<Option<_>>()?;
        match parts.len() {
            0 => {
                self.wrong_arguments(if is_every { "filled" } else { "any_filled" }, expression);
                None
            }
            1 => parts.pop(),
            _ => {
                let kind = if is_every { Kind::And(parts) } else { Kind::Or(parts) };
                Some(node(kind, Type::Boolean, expression))
            }
        }
    }

    fn filled_one(&self, arg: &Expression) -> Option<Node> {
        let has = self.has(&[arg], arg)?;
        let list = match self.meaning(arg)? {
            Meaning::Value(list) if matches!(list.ty, Type::Codes(_) | Type::Texts) => list,
            _ => return Some(has),
        };
        let size = node(Kind::ListSize(Box::new(list)), Type::Integer, arg);
        let none = node(Kind::Literal(Literal::Integer(0)), Type::Integer, arg);
        let kind = Kind::Compare {
            comparison: Comparison::Greater,
            left: Box::new(size),
            right: Box::new(none),
        };
        Some(node(Kind::And(vec![has, node(kind, Type::Boolean, arg)]), Type::Boolean, arg))
    }

    /// The number of conditions that are true.
    fn how_many(&self, args: &[&Expression], expression: &Expression) -> Option<Node> {
        let nodes: Vec<Option<Node>> = args.iter().map(|arg| self.boolean(arg)).collect();
        let nodes = nodes.into_iter().collect::<Option<Vec<Node>>>()?;
        if nodes.is_empty() {
            self.wrong_arguments("how_many", expression);
            return None;
        }
        Some(Self::number_of_true(nodes, expression))
    }

    /// How many conditions are true.
    pub(super) fn number_of_true(conditions: Vec<Node>, expression: &Expression) -> Node {
        let number = |number: i64| {
            Box::new(node(Kind::Literal(Literal::Integer(number)), Type::Integer, expression))
        };
        let one = |test: Node| {
            let kind =
                Kind::Conditional { test: Box::new(test), then: number(1), otherwise: number(0) };
            node(kind, Type::Integer, expression)
        };
        let mut terms: Vec<Node> = conditions.into_iter().map(one).collect();
        // Neighbours are added in pairs, so that many conditions make no deep tree.
        while terms.len() > 1 {
            let mut sums = Vec::with_capacity(terms.len().div_ceil(2));
            let mut rest = terms.into_iter();
            while let Some(left) = rest.next() {
                sums.push(match rest.next() {
                    None => left,
                    Some(right) => {
                        let (left, right) = (Box::new(left), Box::new(right));
                        let kind = Kind::Arithmetic { operation: Operation::Add, left, right };
                        node(kind, Type::Integer, expression)
                    }
                });
            }
            terms = sums;
        }
        terms.pop().unwrap_or_else(|| *number(0))
    }

    fn between(&self, args: &[&Expression], expression: &Expression) -> Option<Node> {
        let [value, low, high] = args else {
            self.wrong_arguments("between", expression);
            return None;
        };
        let low = self.compare(Comparison::GreaterEqual, value, low, expression);
        let high = self.compare(Comparison::LessEqual, value, high, expression);
        Some(node(Kind::And(vec![low?, high?]), Type::Boolean, expression))
    }

    fn default(&self, args: &[&Expression], expression: &Expression) -> Option<Node> {
        let [value, fallback] = args else {
            self.wrong_arguments("default", expression);
            return None;
        };
        let (value, fallback) = (self.value(value), self.value(fallback));
        let (value, fallback) = self.meet(value?, fallback?, expression)?;
        if blank_text(&fallback).is_some() {
            self.blank_fault(expression);
            return None;
        }
        let ty = value.ty.clone();
        let kind = Kind::Default { value: Box::new(value), fallback: Box::new(fallback) };
        Some(node(kind, ty, expression))
    }

    fn param(&self, args: &[&Expression], expression: &Expression) -> Option<Node> {
        let (name_arg, on_arg) = match args {
            [name] => (name, None),
            [name, on] => (name, Some(on)),
            _ => {
                self.wrong_arguments("param", expression);
                return None;
            }
        };
        let name = self.literal_text(name_arg)?;
        let Some(parameter) = self.codebook.parameters.get(&name) else {
            self.fault(
                RuleFault::UnknownParameter,
                &name_arg.span,
                format!("没有参数`{name}`"),
                format!("no parameter `{name}`"),
            )
            .nearest(&name, self.codebook.parameters.keys().map(String::as_str));
            return None;
        };
        let on = match on_arg {
            Some(on) => Some(Box::new(self.date(on)?)),
            None => None,
        };
        let ty = if parameter.unit == "fen" { Type::Money } else { Type::Integer };
        let kind = Kind::Param { name, row: RowRef::default(), on };
        Some(node(kind, ty, expression))
    }
}

/// How what other languages and spreadsheets call so is written here.
fn elsewhere(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "timestamp" | "to_date" | "todate" | "datevalue" => "date",
        "duration" | "datediff" | "datedif" | "days" | "date_diff" => "days_between",
        "getfullyear" => "year(date)",
        "getmonth" => "month(date)",
        "getdate" | "getdayofmonth" | "dayofmonth" => "day(date)",
        "years" => "years_between(from, to)`、`age(birth)",
        "months" => "months_between",
        "edate" | "dateadd" | "date_add" => "add_months",
        "eomonth" => "month_end",
        "networkdays" => "working_days_between",
        "now" | "today" => "as_of",
        "len" | "length" => "size",
        "avg" | "mean" => "average",
        "any" | "some" => "exists",
        "every" => "all",
        "where" | "select" => "filter",
        "coalesce" | "ifnull" | "nvl" => "default",
        "isnull" | "is_null" | "isblank" | "is_empty" | "isempty" | "missing" => "!has(field)",
        "if" | "iif" | "case" | "ifs" => "condition ? a : b",
        "and" => "a && b",
        "or" => "a || b",
        "not" => "!a",
        "countif" | "count_if" | "countifs" => "count(rows, x, condition)",
        "sumif" | "sum_if" | "sumifs" => "sum(rows.filter(x, condition), x, value)",
        "last" | "first" | "latest" | "earliest" | "sort" | "order_by" | "max_by" | "top" => {
            "rows.filter(x, x.date == max(rows, y, y.date))"
        }
        "unique" | "count_distinct" | "distinct_count" => "distinct",
        "floor" | "trunc" => "int",
        "ceil" | "ceiling" => "int(number + 0.999)",
        "mod" => "a % b",
        "concat" | "concatenate" | "format" => "a + b",
        "left" | "right" | "mid" | "substr" | "split" | "charat" => "text.substring(from, to)",
        "replace" | "substitute" | "regexp_replace" => "text.matches('…')",
        "lower" | "upper" | "tolower" | "toupper" => "text.matches('(?i)…')",
        "like" | "regex" | "regexp" | "similar" | "search" => "text.matches('…')",
        "index" | "index_of" | "indexof" | "position" | "ordinal" | "order" => "rank",
        "vlookup" | "lookup" | "join" | "find" => "relation.exists(x, …)",
        "isin" | "is_in" | "in_list" | "contains_any" => "value in ['a', 'b']",
        _ => return None,
    })
}

/// The function of rows that makes one value, such as `distinct`, if the expression calls one.
fn number_of_rows(expression: &Expression) -> Option<&str> {
    match &expression.kind {
        ExpressionKind::Call { name, .. } => number_reduction(name).map(|_| name.as_str()),
        _ => None,
    }
}

/// True for `distinct(…)` and the like as far as they are whole numbers.
fn is_number_of_rows(expression: &Expression, value: &Node) -> bool {
    value.ty == Type::Integer && number_of_rows(expression).is_some()
}
