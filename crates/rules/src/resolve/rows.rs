//! Relations: exists, all, count, sum and the like.

use super::operators::node;
use super::{Meaning, Resolver, Rows, type_words};
use crate::faults::RuleFault;
use crate::ir::{Kind, Literal, Node, Reduction, RowRef, RowsRef, RowsSource, Type};
use crate::syntax::{Constant, Expression, ExpressionKind};

impl Resolver<'_> {
    /// A macro or function of rows: the rows stand first in `args`.
    pub(super) fn of_rows(
        &self,
        name: &str,
        rows: Rows,
        args: &[&Expression],
        expression: &Expression,
    ) -> Option<Meaning> {
        let value = match (name, args) {
            ("filter", [variable, condition]) => {
                return self.filter(rows, variable, condition).map(Meaning::Rows);
            }
            ("map", [variable, body]) => return self.map(rows, variable, None, body),
            ("map", [variable, condition, body]) => {
                return self.map(rows, variable, Some(condition), body);
            }
            ("exists", [variable, body]) => {
                self.condition_of_rows(Reduction::Exists, rows, variable, body, expression)
            }
            ("all", [variable, body]) => {
                self.condition_of_rows(Reduction::All, rows, variable, body, expression)
            }
            ("exists_one", [variable, body]) => {
                self.condition_of_rows(Reduction::ExistsOne, rows, variable, body, expression)
            }
            ("count", [variable, body]) => {
                self.condition_of_rows(Reduction::Count, rows, variable, body, expression)
            }
            ("size" | "count", []) => {
                let kind = Kind::Literal(Literal::Boolean(true));
                let body = node(kind, Type::Boolean, expression);
                Some(self.reduce(Reduction::Count, rows, body, Type::Integer, expression))
            }
            (_, [variable, body]) if number_reduction(name).is_some() => {
                let ledger = rows.ledger.clone();
                let body = self.in_scope(variable, &ledger, || self.value(body))?;
                self.number_of_rows(name, rows, body, expression)
            }
            (_, []) if number_reduction(name).is_some() && rows.mapped.is_some() => {
                let body = rows.mapped.clone()?;
                self.number_of_rows(name, rows, *body, expression)
            }
            _ => {
                self.wrong_call_of_rows(name, args.len(), expression);
                None
            }
        };
        value.map(Meaning::Value)
    }

    fn wrong_call_of_rows(&self, name: &str, args: usize, expression: &Expression) {
        let (zh, en) = match name {
            "exists" | "all" if args == 3 => (
                format!("两行相比写 `记录.{name}(a, 记录.{name}(b, a != b && 条件))`"),
                format!("two rows meet in `rows.{name}(a, rows.{name}(b, a != b && condition))`"),
            ),
            "exists" | "all" | "exists_one" | "filter" | "count" => {
                (format!("写 `记录.{name}(x, 条件)`"), format!("write `rows.{name}(x, condition)`"))
            }
            "map" => ("写 `记录.map(x, 值)`".into(), "write `rows.map(x, value)`".into()),
            _ if number_reduction(name).is_some() => (
                format!(
                    "写 `{name}(记录, x, 值)` 或 `记录.{name}(x, 值)`；只算一部分先 `记录.filter(x, 条件)`"
                ),
                format!(
                    "write `{name}(rows, x, value)` or `rows.{name}(x, value)`; for some of them \
                     `rows.filter(x, condition)` first"
                ),
            ),
            _ => (
                "多行记录可用 exists、all、exists_one、filter、map、count、sum、\
                 min、max、average、median、distinct、size"
                    .to_owned(),
                "rows take exists, all, exists_one, filter, map, count, sum, min, max, average, \
                 median, distinct and size"
                    .to_owned(),
            ),
        };
        self.fault(
            RuleFault::Arguments,
            &expression.focus,
            format!("`{name}`不能这样用于多行记录"),
            format!("`{name}` cannot be used so on rows"),
        )
        .help(zh, en);
    }

    fn filter(&self, rows: Rows, variable: &Expression, condition: &Expression) -> Option<Rows> {
        if rows.mapped.is_some() {
            self.after_map(condition);
            return None;
        }
        let condition = self.in_scope(variable, &rows.ledger, || self.boolean(condition))?;
        let filter = match rows.filter {
            None => condition,
            Some(earlier) => {
                let span = condition.span;
                let mut parts = Vec::new();
                for part in [earlier, condition] {
                    match part {
                        Node { kind: Kind::And(inner), .. } => parts.extend(inner),
                        other => parts.push(other),
                    }
                }
                Node { kind: Kind::And(parts), ty: Type::Boolean, span }
            }
        };
        Some(Rows { filter: Some(filter), ..rows })
    }

    fn map(
        &self,
        rows: Rows,
        variable: &Expression,
        condition: Option<&Expression>,
        body: &Expression,
    ) -> Option<Meaning> {
        if rows.mapped.is_some() {
            self.after_map(body);
            return None;
        }
        let rows = match condition {
            Some(condition) => self.filter(rows, variable, condition)?,
            None => rows,
        };
        let body = self.in_scope(variable, &rows.ledger, || self.value(body))?;
        Some(Meaning::Rows(Rows { mapped: Some(Box::new(body)), ..rows }))
    }

    fn after_map(&self, expression: &Expression) {
        self.fault(
            RuleFault::Unsupported,
            &expression.span,
            "`map`之后只能再用 `in`、size、sum、min、max、average、median、distinct".to_owned(),
            "after `map` come only `in`, size, sum, min, max, average, median, distinct".to_owned(),
        )
        .help(
            "先 filter 再 map；条件写在行上：`rows.all(x, x.字段 == …)`",
            "filter first, then map; conditions are about rows: `rows.all(x, x.field == …)`",
        );
    }

    fn condition_of_rows(
        &self,
        reduction: Reduction,
        rows: Rows,
        variable: &Expression,
        body: &Expression,
        expression: &Expression,
    ) -> Option<Node> {
        if rows.mapped.is_some() {
            self.after_map(body);
            return None;
        }
        let body = self.in_scope(variable, &rows.ledger, || self.boolean(body))?;
        let ty = if reduction == Reduction::Count { Type::Integer } else { Type::Boolean };
        Some(self.reduce(reduction, rows, body, ty, expression))
    }

    fn number_of_rows(
        &self,
        name: &str,
        rows: Rows,
        body: Node,
        expression: &Expression,
    ) -> Option<Node> {
        let reduction = number_reduction(name)?;
        let is_number = matches!(body.ty, Type::Integer | Type::Money | Type::Decimal);
        let is_ordered = is_number || matches!(body.ty, Type::Date | Type::Instant | Type::Text);
        let is_list = matches!(body.ty, Type::Codes(_) | Type::Texts);
        let (is_possible, ty) = match reduction {
            Reduction::Sum => (is_number, body.ty.clone()),
            Reduction::Average | Reduction::Median => (is_number, Type::Decimal),
            Reduction::Distinct => (!is_list, Type::Integer),
            _ => (is_ordered, body.ty.clone()),
        };
        if !is_possible {
            let [zh, en] = type_words(&body.ty);
            let added = self.fault(
                RuleFault::TypeMismatch,
                &expression.span,
                format!("`{name}`不能用于{zh}"),
                format!("`{name}` does not take {en}"),
            );
            if matches!(body.ty, Type::Code(_)) {
                let form = format!("{name}(rows, x, rank(x.field, ['a', 'b']))");
                added.help(
                    format!("码用 `rank` 排高低：`{form}`"),
                    format!("`rank` gives codes an order: `{form}`"),
                );
            }
            return None;
        }
        let is_mean = matches!(reduction, Reduction::Average | Reduction::Median);
        let is_money_mean = is_mean && body.ty == Type::Money;
        let reduced = self.reduce(reduction, rows, body, ty, expression);
        Some(if is_money_mean { self.rounded_money(reduced, expression) } else { reduced })
    }

    pub(super) fn reduce(
        &self,
        reduction: Reduction,
        rows: Rows,
        body: Node,
        ty: Type,
        expression: &Expression,
    ) -> Node {
        let rows = RowsRef {
            row: rows.row,
            ledger: rows.ledger,
            source: rows.source,
            scope: rows.scope,
            filter: rows.filter.map(Box::new),
        };
        node(Kind::Reduce { reduction, rows, body: Box::new(body) }, ty, expression)
    }

    /// `same(field, …)`: other rows of the ledger with the same values.
    pub(super) fn same(&self, args: &[&Expression], expression: &Expression) -> Option<Meaning> {
        let (row, ledger, fields) = self.key_fields("same", args, expression)?;
        Some(Meaning::Rows(Rows {
            row,
            ledger,
            source: RowsSource::Same(fields),
            scope: self.scopes.borrow().len(),
            filter: None,
            mapped: None,
        }))
    }

    /// `duplicates(field, …)`: how many other rows have the same values.
    pub(super) fn duplicates(
        &self,
        args: &[&Expression],
        expression: &Expression,
    ) -> Option<Meaning> {
        let (row, ledger, fields) = self.key_fields("duplicates", args, expression)?;
        let kind = Kind::Duplicates { row, ledger, fields };
        Some(Meaning::Value(node(kind, Type::Integer, expression)))
    }

    /// Fields of one row by which rows are the same.
    fn key_fields(
        &self,
        name: &str,
        args: &[&Expression],
        expression: &Expression,
    ) -> Option<(RowRef, String, Vec<String>)> {
        let mut row: Option<RowRef> = None;
        let mut fields = Vec::new();
        for arg in args {
            let (found, field) = match self.value(arg)?.kind {
                Kind::Field { row, field } | Kind::IdentityFact { row, field, .. } => (row, field),
                _ => {
                    self.only_fields(name, &arg.span);
                    return None;
                }
            };
            if row.as_ref().is_some_and(|row| *row != found) {
                self.only_fields(name, &arg.span);
                return None;
            }
            row = Some(found);
            fields.push(field);
        }
        let Some(row) = row else {
            self.only_fields(name, &expression.focus);
            return None;
        };
        fields.sort();
        fields.dedup();
        let ledger = self.ledger_of(&row)?;
        Some((row, ledger, fields))
    }

    fn only_fields(&self, name: &str, range: &std::ops::Range<usize>) {
        self.fault(
            RuleFault::Arguments,
            range,
            format!("`{name}`要写同一条记录的字段"),
            format!("`{name}` wants fields of one record"),
        )
        .help(format!("如 `{name}(id_number)`"), format!("as in `{name}(id_number)`"));
    }

    /// The ledger of a row.
    pub(super) fn ledger_of(&self, row: &RowRef) -> Option<String> {
        let mut ledger = self.scopes.borrow().get(row.scope)?.ledger.clone();
        for field in &row.path {
            ledger = self.codebook.field(&ledger, field)?.ledger.clone()?;
        }
        Some(ledger)
    }

    /// `exists` and `all` over the items of a list field, for the forms that columns can answer.
    pub(super) fn of_list(
        &self,
        name: &str,
        list: Node,
        args: &[&Expression],
        expression: &Expression,
    ) -> Option<Meaning> {
        let codes = match &list.ty {
            Type::Codes(codes) => codes.clone(),
            _ => None,
        };
        let list = Box::new(list);
        let kind = match (name, args) {
            ("size", []) => {
                return Some(Meaning::Value(node(Kind::ListSize(list), Type::Integer, expression)));
            }
            ("overlaps" | "within", [other])
                if !matches!(self.listed(other).kind, ExpressionKind::List(_)) =>
            {
                return self.of_two_lists(name, list, other, expression).map(Meaning::Value);
            }
            ("overlaps", [values]) => {
                let values = self.literal_texts(values, codes.as_deref())?;
                Kind::ListOverlaps { list, values }
            }
            ("within", [values]) => {
                let values = self.literal_texts(values, codes.as_deref())?;
                Kind::ListWithin { list, values }
            }
            ("exists" | "all", [variable, body]) => {
                let Some(values) = self.item_values(variable, body) else {
                    if let Some(meaning) = self.of_items(name, &list, args, expression) {
                        return meaning;
                    }
                    self.list_help(name, expression);
                    return None;
                };
                for (value, span) in &values {
                    if value.trim().is_empty() {
                        self.blank_fault(body);
                        return None;
                    }
                    self.check_code(value, codes.as_deref(), super::span_of(span))?;
                }
                let mut values: Vec<String> = values.into_iter().map(|(value, _)| value).collect();
                values.sort();
                values.dedup();
                match name {
                    "exists" => Kind::ListOverlaps { list, values },
                    _ => Kind::ListWithin { list, values },
                }
            }
            _ => {
                if let Some(meaning) = self.of_items(name, &list, args, expression) {
                    return meaning;
                }
                self.list_help(name, expression);
                return None;
            }
        };
        Some(Meaning::Value(node(kind, Type::Boolean, expression)))
    }

    /// `overlaps` and `within` with another list field.
    fn of_two_lists(
        &self,
        name: &str,
        list: Box<Node>,
        other: &Expression,
        expression: &Expression,
    ) -> Option<Node> {
        let value = self.value(other)?;
        if value.ty != list.ty {
            self.fault(
                RuleFault::TypeMismatch,
                &other.span,
                format!("`{name}`里要写列表，或同一码表的多选字段"),
                format!("`{name}` wants a list, or a list field with the same codes"),
            )
            .help(
                format!("如 `{name}(['a', 'b'])`、`{name}(household.risk_types)`"),
                format!("as in `{name}(['a', 'b'])` or `{name}(household.risk_types)`"),
            );
            return None;
        }
        let other = Box::new(value);
        let kind = match name {
            "overlaps" => Kind::ListMeets { list, other },
            _ => Kind::ListInside { list, other },
        };
        Some(node(kind, Type::Boolean, expression))
    }

    /// `x == 'a'` or `x in ['a', 'b']`: the texts with their places.
    fn item_values(
        &self,
        variable: &Expression,
        body: &Expression,
    ) -> Option<Vec<(String, std::ops::Range<usize>)>> {
        let ExpressionKind::Call { target: None, name, args } = &body.kind else {
            return None;
        };
        let [item, wanted] = args.as_slice() else {
            return None;
        };
        if item.kind != variable.kind || !matches!(item.kind, ExpressionKind::Name(_)) {
            return None;
        }
        let text = |expression: &Expression| match &expression.kind {
            ExpressionKind::Literal(Constant::Text(text)) => {
                Some((text.clone(), expression.span.clone()))
            }
            _ => None,
        };
        let listed = self.listed(wanted);
        match (name.as_str(), &listed.kind) {
            ("_==_", _) => Some(vec![text(wanted)?]),
            ("@in", ExpressionKind::List(items)) => {
                items.iter().map(|(item, _)| text(item)).collect()
            }
            _ => None,
        }
    }

    fn list_help(&self, name: &str, expression: &Expression) {
        self.fault(
            RuleFault::Arguments,
            &expression.focus,
            format!("`{name}`不能这样用于多选字段"),
            format!("`{name}` cannot be used so on a list field"),
        )
        .help(
            "可写 `'码' in 字段`、`字段.overlaps(['a', 'b'])`、`字段.within([…])`、\
             `字段.within(另一字段)`、`size(字段)`、`字段.exists(x, 条件)`、`字段.all(x, 条件)`、\
             `字段.count(x, 条件)`",
            "write `'code' in field`, `field.overlaps(['a', 'b'])`, `field.within([…])`, \
             `field.within(other_field)`, `size(field)`, `field.exists(x, condition)`, \
             `field.all(x, condition)` or `field.count(x, condition)`",
        );
    }
}

/// The reduction of a function that makes a number of rows.
pub(super) fn number_reduction(name: &str) -> Option<Reduction> {
    Some(match name {
        "sum" => Reduction::Sum,
        "min" => Reduction::Min,
        "max" => Reduction::Max,
        "average" => Reduction::Average,
        "median" => Reduction::Median,
        "distinct" => Reduction::Distinct,
        _ => return None,
    })
}
