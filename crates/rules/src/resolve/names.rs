//! Names: variables, defines, fields, references, relations.

use super::hints::function_hint;
use super::{Meaning, Resolver, Rows, SELF, Scope, span_of};
use crate::faults::RuleFault;
use crate::ir::{Fact, Kind, Node, RowRef, RowsSource, Span, Type};
use crate::syntax::{Expression, ExpressionKind};
use std::borrow::Cow;
use taizhang_codebook::{Define, Field, FieldType, Ledger, RelationKind, SensitiveClass};

/// Columns of the store that rules may name: with their types.
pub(super) const BUILT_IN: [(&str, Type); 4] = [
    ("region", Type::Region),
    ("state", Type::Code(None)),
    ("created_at", Type::Instant),
    ("updated_at", Type::Instant),
];

/// Prefix of the list that the states of a flow form.
pub(crate) const FLOW_LIST: &str = "flow.";

impl<'a> Resolver<'a> {
    /// Checks the name of a define, and its expression where it stands.
    pub(super) fn check_define(&self, define: &'a Define) {
        let name = define.name.as_str();
        let is_taken = name == SELF
            || self.ledger.field(name).is_some()
            || self.ledger.relation(name).is_some()
            || BUILT_IN.iter().any(|(known, _)| *known == name);
        self.text.replace(&define.text);
        if is_taken {
            let range = 0..define.text.text.len();
            self.fault(
                RuleFault::NameTaken,
                &range,
                format!("`{name}`已是台账`{}`的名称", self.ledger.name),
                format!("`{name}` is a name of ledger `{}`", self.ledger.name),
            )
            .help("换一个名称", "choose another name");
        }
        self.begin();
        if let Some(defined) = self.defines.iter().find(|defined| defined.name == name) {
            // A list is looked at where it is used, since only there its type is known.
            let is_list = |written: &Expression| matches!(written.kind, ExpressionKind::List(_));
            if !defined.expression.as_ref().is_some_and(is_list) {
                let _ = self.defined(defined.name, span_of(&(0..0)));
            }
        }
    }

    pub(super) fn name(&self, name: &str, expression: &Expression) -> Option<Meaning> {
        let span = span_of(&expression.span);
        let found = self.scopes.borrow().iter().enumerate().rev().find_map(|(depth, scope)| {
            let is_visible = depth >= self.visible_from.get() || depth == 0;
            (is_visible && scope.name == name).then(|| (depth, scope.ledger.clone()))
        });
        if let Some((scope, ledger)) = found {
            let row = RowRef { scope, path: Vec::new() };
            return Some(Meaning::Row { row, ledger, span });
        }
        if let Some(defined) = self.defines.iter().find(|defined| defined.name == name) {
            return self.defined(defined.name, span);
        }
        self.member(&RowRef::default(), self.ledger, name, expression)
    }

    /// A list as written, or the one that a define holds; its items stand where its name does.
    pub(super) fn listed<'e>(&self, expression: &'e Expression) -> Cow<'e, Expression> {
        let ExpressionKind::Name(name) = &expression.kind else {
            return Cow::Borrowed(expression);
        };
        let is_row = self.scopes.borrow().iter().any(|scope| scope.name == *name);
        let defined = self.defines.iter().find(|defined| defined.name == name && !is_row);
        match defined.and_then(|defined| defined.expression.as_ref()) {
            Some(Expression { kind: ExpressionKind::List(items), .. }) => {
                let (span, focus) = (&expression.span, &expression.focus);
                let here = |(item, is_optional): &(Expression, bool)| {
                    let kind = item.kind.clone();
                    (Expression { kind, span: span.clone(), focus: focus.clone() }, *is_optional)
                };
                let kind = ExpressionKind::List(items.iter().map(here).collect());
                Cow::Owned(Expression { kind, span: span.clone(), focus: focus.clone() })
            }
            _ => Cow::Borrowed(expression),
        }
    }

    /// A define's meaning in place of its name. Inside it only the judged record is in sight.
    fn defined(&self, name: &'a str, span: Span) -> Option<Meaning> {
        let defined = self.defines.iter().find(|defined| defined.name == name)?;
        if self.open.borrow().contains(&name) {
            let range = 0..defined.text.text.len();
            self.text.replace(defined.text);
            self.fault(
                RuleFault::Circular,
                &range,
                format!("`{name}`经由自己定义"),
                format!("`{name}` is defined by way of itself"),
            );
            return None;
        }
        let expression = defined.expression.as_ref()?;
        let text = self.text.replace(defined.text);
        let visible_from = self.visible_from.replace(self.scopes.borrow().len());
        self.open.borrow_mut().push(name);
        let meaning = self.meaning(expression);
        self.open.borrow_mut().pop();
        self.visible_from.set(visible_from);
        self.text.replace(text);
        Some(meaning?.at(span))
    }

    pub(super) fn select(
        &self,
        operand: &Expression,
        field: &str,
        expression: &Expression,
    ) -> Option<Meaning> {
        match self.meaning(operand)? {
            Meaning::Row { row, ledger, .. } => {
                let ledger = self.codebook.ledger(&ledger)?;
                self.member(&row, ledger, field, expression)
            }
            Meaning::Rows(rows) => {
                let name = match &rows.source {
                    RowsSource::Relation(name) => name.as_str(),
                    RowsSource::Same(_) => "same(…)",
                };
                self.fault(
                    RuleFault::NotValue,
                    &expression.focus,
                    format!("`{name}`是多行记录，不能直接取`{field}`"),
                    format!("`{name}` is many rows and has no `{field}` of its own"),
                )
                .help(
                    format!("写 `{name}.exists(x, x.{field} …)` 或 `{name}.max(x, x.{field})`"),
                    format!("write `{name}.exists(x, x.{field} …)` or `{name}.max(x, x.{field})`"),
                );
                None
            }
            Meaning::Value(_) => {
                let added = self.fault(
                    RuleFault::UnknownName,
                    &expression.focus,
                    format!("`{field}`前面不是记录"),
                    format!("what stands before `{field}` is no record"),
                );
                match function_hint(field) {
                    Some(help) => added.help(help.zh, help.en),
                    None => added.help(
                        "只有引用字段和行变量后面能写点",
                        "a dot goes after reference fields and names of rows",
                    ),
                }
                None
            }
        }
    }

    /// A field, reference or relation of a row.
    pub(super) fn member(
        &self,
        row: &RowRef,
        ledger: &Ledger,
        name: &str,
        expression: &Expression,
    ) -> Option<Meaning> {
        let span = span_of(&expression.span);
        if let Some(field) = ledger.field(name) {
            return Some(field_meaning(row, field, span));
        }
        if let Some(relation) = ledger.relation(name) {
            let other = relation.ledger.clone();
            if relation.kind == RelationKind::One {
                let field = relation.by.clone().unwrap_or_else(|| name.to_owned());
                return Some(Meaning::Row { row: below(row, field), ledger: other, span });
            }
            return Some(Meaning::Rows(Rows {
                row: row.clone(),
                ledger: other,
                source: RowsSource::Relation(name.to_owned()),
                scope: self.scopes.borrow().len(),
                filter: None,
                mapped: None,
            }));
        }
        if let Some(node) = built_in(row, ledger, name, span) {
            return Some(Meaning::Value(node));
        }
        self.unknown_name(ledger, name, expression);
        None
    }

    fn unknown_name(&self, ledger: &Ledger, name: &str, expression: &Expression) {
        let help = self.name_hint(ledger, name);
        self.fault(
            RuleFault::UnknownName,
            &expression.focus,
            format!("台账`{}`没有字段或关系`{name}`", ledger.name),
            format!("no field or relation `{name}` in ledger `{}`", ledger.name),
        )
        .help(help.zh, help.en);
    }

    /// Opens a scope for the rows named by a variable, does something in it, and closes it.
    pub(super) fn in_scope<T>(
        &self,
        variable: &Expression,
        ledger: &str,
        act: impl FnOnce() -> Option<T>,
    ) -> Option<T> {
        let name = self.variable(variable)?;
        self.scopes.borrow_mut().push(Scope { name, ledger: ledger.to_owned() });
        let result = act();
        self.scopes.borrow_mut().pop();
        result
    }

    /// The plain name of a variable.
    fn variable(&self, variable: &Expression) -> Option<String> {
        match &variable.kind {
            ExpressionKind::Name(name) if !name.starts_with('.') && name != SELF => {
                Some(name.clone())
            }
            _ => {
                self.fault(
                    RuleFault::Arguments,
                    &variable.span,
                    "这里要写行变量的名称".to_owned(),
                    "the name of a variable for the rows is wanted".to_owned(),
                )
                .help("如 `members.exists(m, m.…)`", "as in `members.exists(m, m.…)`");
                None
            }
        }
    }

    /// What a message shows of a record: the field that names it.
    pub(super) fn title_of(
        &self,
        row: &RowRef,
        ledger: &str,
        span: Span,
        expression: &Expression,
    ) -> Option<Node> {
        let definition = self.codebook.ledger(ledger)?;
        let title = definition.title_field.as_deref().and_then(|name| definition.field(name));
        match title {
            Some(field) => match field_meaning(row, field, span) {
                Meaning::Value(node) => Some(node),
                _ => None,
            },
            None => {
                self.fault(
                    RuleFault::NotValue,
                    &expression.focus,
                    format!("台账`{ledger}`的记录没有名称可显示"),
                    format!("records of `{ledger}` have no name to show"),
                )
                .help("写出它的一个字段", "name one of its fields");
                None
            }
        }
    }
}

fn below(row: &RowRef, field: String) -> RowRef {
    let mut path = row.path.clone();
    path.push(field);
    RowRef { scope: row.scope, path }
}

fn built_in(row: &RowRef, ledger: &Ledger, name: &str, span: Span) -> Option<Node> {
    let (field, ty) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
    let ty = match (*field, &ledger.flow) {
        ("state", Some(flow)) => Type::Code(Some(format!("{FLOW_LIST}{flow}"))),
        ("state", None) => return None,
        _ => ty.clone(),
    };
    let kind = Kind::Field { row: row.clone(), field: name.to_owned() };
    Some(Node { kind, ty, span })
}

pub(super) fn field_meaning(row: &RowRef, field: &Field, span: Span) -> Meaning {
    if let (FieldType::Reference, Some(ledger)) = (field.field_type, &field.ledger) {
        let row = below(row, field.name.clone());
        return Meaning::Row { row, ledger: ledger.clone(), span };
    }
    let row = row.clone();
    let field_name = field.name.clone();
    if let Some(class) = field.sensitive {
        let kind = Kind::IdentityFact { row, field: field_name, fact: Fact::Key };
        return Meaning::Value(Node { kind, ty: Type::Key(class_word(class).to_owned()), span });
    }
    let kind = Kind::Field { row, field: field_name };
    Meaning::Value(Node { kind, ty: field_type(field), span })
}

/// The type of a field that is neither sensitive nor a reference.
pub(crate) fn field_type(field: &Field) -> Type {
    match field.field_type {
        FieldType::Text | FieldType::LongText => Type::Text,
        FieldType::Integer | FieldType::Percent => Type::Integer,
        FieldType::Money => Type::Money,
        FieldType::Decimal => Type::Decimal,
        FieldType::Date | FieldType::Month => Type::Date,
        FieldType::Instant => Type::Instant,
        FieldType::Boolean => Type::Boolean,
        FieldType::Code => Type::Code(field.codes.clone()),
        FieldType::Codes => Type::Codes(field.codes.clone()),
        FieldType::Texts => Type::Texts,
        FieldType::Reference => Type::Reference(field.ledger.clone().unwrap_or_default()),
        FieldType::Region => Type::Region,
    }
}

/// The word of a sensitive class.
pub(crate) fn class_word(class: SensitiveClass) -> &'static str {
    match class {
        SensitiveClass::Identity => "identity",
        SensitiveClass::Phone => "phone",
        SensitiveClass::Bank => "bank",
        SensitiveClass::Health => "health",
        SensitiveClass::Income => "income",
        SensitiveClass::Name => "name",
        SensitiveClass::Reporter => "reporter",
    }
}
