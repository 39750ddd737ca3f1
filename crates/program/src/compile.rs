//! Typed rules to shared steps.
//!
//! An expression is computed in the smallest space that it needs: what only depends on a member is
//! computed once a member, however many households or other members look at it, and is then moved
//! to the pairs where it is used. Equal steps are made once.

use crate::rows::{Compiler, Scope};
use crate::{
    Answer, ColumnKind, ColumnUse, Fact, Limit, Literal, Program, Space, StepId, StepKind,
    ValueType, Way,
};
use std::collections::{BTreeMap, BTreeSet};
use taizhang_codebook::{Codebook, SensitiveClass};
use taizhang_rules::ir::{
    self, Comparison, Kind, Node, Reduction, RowRef, RowsRef, RowsSource, Type,
};
use taizhang_rules::{Rule, children};
use taizhang_values::{Date, epoch_days};

/// A rule that has no place in the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its code.
    pub rule: String,
    /// Why.
    pub reason: String,
}

/// Makes the program of all rules in force on a day.
///
/// Rules that need something the program cannot express (relations kept in link tables) are given
/// back with the reason.
#[must_use]
pub fn compile(codebook: &Codebook, rules: &[Rule], as_of: Date) -> (Program, Vec<LeftOut>) {
    let mut compiler = Compiler::new(codebook, as_of);
    let mut left_out = Vec::new();
    for rule in rules.iter().filter(|rule| rule.is_in_force(as_of)) {
        match compiler.rule(rule) {
            Ok(answer) => compiler.program.answers.push(answer),
            Err(reason) => left_out.push(LeftOut { rule: rule.code.clone(), reason }),
        }
    }
    (compiler.program, left_out)
}

/// A value and the scope it depends on last; `None` for one value for all.
#[derive(Clone, Copy, Debug)]
struct Value {
    step: StepId,
    scope: Option<usize>,
}

/// Why a rule has no steps.
type Reason = String;

impl Compiler<'_> {
    fn rule(&mut self, rule: &Rule) -> Result<Answer, Reason> {
        let tree = self.tree_of(&rule.ledger)?;
        let table = self.tree_table(&tree, &rule.ledger)?;
        let scopes = [Scope { number: 0, table, space: Space::Table(table) }];
        let applies = match &rule.applies {
            Some(node) => Some(self.value(node, &scopes)?.step),
            None => None,
        };
        let violates = self.value(&rule.violates, &scopes)?.step;
        let mut raises = Vec::new();
        for raise in &rule.raises {
            raises.push((raise.severity, self.value(&raise.when, &scopes)?.step));
        }
        let mut shown: Vec<(String, StepId)> = Vec::new();
        for value in &rule.message.values {
            shown.push((value.text.clone(), self.value(&value.node, &scopes)?.step));
        }
        for node in rule.applies.iter().chain(std::iter::once(&rule.violates)) {
            self.fields_used(node, &scopes, &mut shown)?;
        }
        Ok(Answer {
            rule: rule.code.clone(),
            table,
            severity: rule.severity,
            applies,
            violates,
            raises,
            shown,
        })
    }

    /// Adds the judged record's own fields that a node reads.
    fn fields_used(
        &mut self,
        node: &Node,
        scopes: &[Scope],
        shown: &mut Vec<(String, StepId)>,
    ) -> Result<(), Reason> {
        let own = match &node.kind {
            Kind::Field { row, field } if row.scope == 0 => Some((row, field)),
            Kind::Has { row, field } if row.scope == 0 => Some((row, field)),
            _ => None,
        };
        if let Some((row, field)) = own {
            let mut words = row.path.clone();
            words.push(field.clone());
            let name = words.join(".");
            let is_hidden = self.is_sensitive(row, field, scopes);
            if !is_hidden && shown.iter().all(|(known, _)| *known != name) {
                let step = self.field(row, field, scopes)?.step;
                shown.push((name, step));
            }
        }
        for child in children(node) {
            self.fields_used(child, scopes, shown)?;
        }
        Ok(())
    }

    fn is_sensitive(&mut self, row: &RowRef, field: &str, scopes: &[Scope]) -> bool {
        let Some(scope) = scopes.first() else { return true };
        match self.follow(scope.table, &row.path) {
            Ok((table, _)) => self.sensitive_class(table, field).is_some(),
            Err(_) => true,
        }
    }

    /// The value of a node in the innermost space it needs.
    fn value(&mut self, node: &Node, scopes: &[Scope]) -> Result<Value, Reason> {
        let mut needed = BTreeSet::new();
        self.needed_scopes(node, &mut needed);
        let Some(last) = needed.last().copied() else {
            return self.build(node, scopes, None);
        };
        let only = (needed.len() == 1).then_some(last);
        match only.and_then(|only| scopes.iter().find(|scope| scope.number == only)) {
            // Depends on one row only: computed once for each row of its table.
            Some(scope) if scope.space != Space::Table(scope.table) => {
                let own = Scope { space: Space::Table(scope.table), ..*scope };
                let value = self.build(node, &[own], Some(own))?;
                let step = self.at_child(value.step, scope)?;
                Ok(Value { step, scope: value.scope.map(|_| scope.number) })
            }
            _ => {
                let seen: Vec<Scope> =
                    scopes.iter().filter(|scope| scope.number <= last).copied().collect();
                let place = seen.last().copied();
                self.build(node, &seen, place)
            }
        }
    }

    /// Values of parts, moved to one place.
    fn parts(
        &mut self,
        nodes: &[&Node],
        scopes: &[Scope],
        place: Option<Scope>,
    ) -> Result<Vec<StepId>, Reason> {
        let mut steps = Vec::with_capacity(nodes.len());
        for node in nodes {
            let value = self.value(node, scopes)?;
            steps.push(self.moved(value, scopes, place)?);
        }
        Ok(steps)
    }

    /// A value as seen from an inner scope.
    fn moved(
        &mut self,
        value: Value,
        scopes: &[Scope],
        place: Option<Scope>,
    ) -> Result<StepId, Reason> {
        let (Some(from), Some(place)) = (value.scope, place) else { return Ok(value.step) };
        let mut step = value.step;
        let inner = scopes.iter().filter(|scope| scope.number > from);
        for scope in inner.filter(|scope| scope.number <= place.number) {
            step = self.at_outer(step, scope)?;
        }
        Ok(step)
    }

    /// Builds the step of a node at a place; its parts are moved there.
    fn build(
        &mut self,
        node: &Node,
        scopes: &[Scope],
        place: Option<Scope>,
    ) -> Result<Value, Reason> {
        let space = place.map_or(Space::One, |scope| scope.space);
        let number = place.map(|scope| scope.number);
        let kind = match &node.kind {
            Kind::Literal(literal) => StepKind::Literal(constant(literal)),
            Kind::AsOf => StepKind::Literal(Literal::Integer(epoch_days(self.as_of()))),
            Kind::Field { row, field } => return self.field(row, field, scopes),
            Kind::IdentityFact { row, field, fact } => {
                return self.fact(row, field, *fact, scopes);
            }
            Kind::Has { row, field } => {
                let value = self.field(row, field, scopes)?;
                StepKind::Has(self.moved(value, scopes, place)?)
            }
            Kind::HasRow { row } => {
                let scope = self.scope_of(row, scopes)?;
                let (_, rows) = self.follow(scope.table, &row.path)?;
                match rows {
                    Some(rows) => StepKind::HasRow(rows),
                    None => StepKind::Literal(Literal::Boolean(true)),
                }
            }
            Kind::Param { name, row, on } => {
                return self.parameter(name, row, on.as_deref(), scopes, place);
            }
            Kind::Reduce { reduction, rows, body } => {
                return self.reduce(*reduction, rows, body, scopes, place, value_type(&node.ty));
            }
            Kind::Duplicates { row, fields, .. } => {
                let scope = self.scope_of(row, scopes)?;
                let (table, rows) = self.follow(scope.table, &row.path)?;
                let step = self.duplicates(table, fields)?;
                return Ok(Value { step: self.at_rows(step, rows)?, scope: Some(scope.number) });
            }
            operator => self.operator(operator, node, scopes, place)?,
        };
        let step = self.step(space, value_type(&node.ty), kind);
        Ok(Value { step, scope: number })
    }

    fn operator(
        &mut self,
        kind: &Kind,
        node: &Node,
        scopes: &[Scope],
        place: Option<Scope>,
    ) -> Result<StepKind, Reason> {
        let steps = self.parts(&children(node), scopes, place)?;
        let unfit = || "an expression of unknown form".to_owned();
        Ok(match (kind, steps.as_slice()) {
            (Kind::Not(_), [part]) => StepKind::Not(*part),
            (Kind::And(_), _) => StepKind::And(steps),
            (Kind::Or(_), _) => StepKind::Or(steps),
            (Kind::Compare { comparison, .. }, [left, right]) => {
                StepKind::Compare(*comparison, *left, *right)
            }
            (Kind::Arithmetic { operation, .. }, [left, right]) => {
                StepKind::Arithmetic(*operation, *left, *right)
            }
            (Kind::Negate(_), [part]) => StepKind::Negate(*part),
            (Kind::Conditional { .. }, [condition, then, otherwise]) => {
                StepKind::If { condition: *condition, then: *then, otherwise: *otherwise }
            }
            (Kind::Default { .. }, [value, fallback]) => StepKind::Default(*value, *fallback),
            (Kind::InList { list, .. }, [value]) => {
                StepKind::In(*value, list.iter().map(constant).collect())
            }
            (Kind::ListHas { .. }, [list, item]) => StepKind::ListHas { list: *list, item: *item },
            (Kind::ListOverlaps { values, .. }, [list]) => {
                StepKind::ListOverlaps(*list, values.clone())
            }
            (Kind::ListWithin { values, .. }, [list]) => {
                StepKind::ListWithin(*list, values.clone())
            }
            (Kind::ListMeets { .. }, [list, other]) => StepKind::ListMeets(*list, *other),
            (Kind::ListInside { .. }, [list, other]) => StepKind::ListInside(*list, *other),
            (Kind::ListSize(_), [list]) => StepKind::ListSize(*list),
            (Kind::Call { function, .. }, _) => {
                StepKind::Call { function: *function, arguments: steps }
            }
            _ => return Err(unfit()),
        })
    }

    fn scope_of(&self, row: &RowRef, scopes: &[Scope]) -> Result<Scope, Reason> {
        let found = scopes.iter().find(|scope| scope.number == row.scope).copied();
        found.ok_or_else(|| "a row that is not in sight".to_owned())
    }

    /// A field; of a sensitive one, its key.
    fn field(&mut self, row: &RowRef, field: &str, scopes: &[Scope]) -> Result<Value, Reason> {
        let scope = self.scope_of(row, scopes)?;
        let (table, rows) = self.follow(scope.table, &row.path)?;
        let kind = match self.sensitive_class(table, field) {
            None => self.column_kind(table, field)?,
            class => ColumnKind::Fact(key_fact(class)),
        };
        let column = ColumnUse { name: field.to_owned(), kind };
        let step = self.column(table, column);
        let step = self.at_rows(step, rows)?;
        Ok(Value { step: self.at_scope(step, &scope)?, scope: Some(scope.number) })
    }

    fn fact(
        &mut self,
        row: &RowRef,
        field: &str,
        fact: ir::Fact,
        scopes: &[Scope],
    ) -> Result<Value, Reason> {
        let scope = self.scope_of(row, scopes)?;
        let (table, rows) = self.follow(scope.table, &row.path)?;
        let class = self.sensitive_class(table, field);
        let fact = match fact {
            ir::Fact::Key => key_fact(class),
            ir::Fact::Valid => Fact::Valid,
            ir::Fact::Length => Fact::Length,
            ir::Fact::Birth => Fact::Birth,
            ir::Fact::Sex => Fact::Sex,
            ir::Fact::Region => Fact::Region,
            ir::Fact::Class => Fact::Class,
            ir::Fact::Level => Fact::Level,
            ir::Fact::Placeholder => Fact::Placeholder,
            ir::Fact::Holder => Fact::Holder,
        };
        let column = ColumnUse { name: field.to_owned(), kind: ColumnKind::Fact(fact) };
        let step = self.column(table, column);
        let step = self.at_rows(step, rows)?;
        Ok(Value { step: self.at_scope(step, &scope)?, scope: Some(scope.number) })
    }

    fn parameter(
        &mut self,
        name: &str,
        row: &RowRef,
        on: Option<&Node>,
        scopes: &[Scope],
        place: Option<Scope>,
    ) -> Result<Value, Reason> {
        self.use_parameter(name)?;
        let on = match on {
            Some(node) => {
                let value = self.value(node, scopes)?;
                self.moved(value, scopes, place)?
            }
            None => {
                let today = Literal::Integer(epoch_days(self.as_of()));
                self.step(Space::One, ValueType::Date, StepKind::Literal(today))
            }
        };
        let region = match self.holds_everywhere(name) {
            true => None,
            false => {
                let value = self.field(row, "region", scopes)?;
                Some(self.moved(value, scopes, place)?)
            }
        };
        let kind = StepKind::Parameter { name: name.to_owned(), region, on };
        let space = place.map_or(Space::One, |scope| scope.space);
        let step = self.step(space, ValueType::Integer, kind);
        Ok(Value { step, scope: place.map(|scope| scope.number) })
    }

    fn reduce(
        &mut self,
        reduction: Reduction,
        rows: &RowsRef,
        body: &Node,
        scopes: &[Scope],
        place: Option<Scope>,
        ty: ValueType,
    ) -> Result<Value, Reason> {
        let place = place.ok_or_else(|| "rows of no record".to_owned())?;
        let scope = self.scope_of(&rows.row, scopes)?;
        let (table, path) = self.follow(scope.table, &rows.row.path)?;
        let (child, related) = match &rows.source {
            RowsSource::Relation(name) => self.related(table, name)?,
            RowsSource::Same(fields) => self.same(table, fields)?,
        };
        let related = self.at_rows(related, path)?;
        let related = self.at_scope(related, &scope)?;
        let value = Value { step: related, scope: Some(scope.number) };
        let related = self.moved(value, scopes, Some(place))?;
        let outer: Vec<Scope> =
            scopes.iter().filter(|scope| scope.number < rows.scope).copied().collect();
        let own = Scope { number: rows.scope, table: child, space: Space::Table(child) };
        let limits = self.limits(reduction, rows, body, own, &outer, place)?;
        let kind = StepKind::Expand { related, table: child, limits };
        let pairs = self.step(place.space, ValueType::Rows, kind);
        let inner = Scope { number: rows.scope, table: child, space: Space::Pairs(pairs) };
        let mut all = outer;
        all.push(inner);
        let filter = match &rows.filter {
            Some(filter) => Some(self.parts(&[filter], &all, Some(inner))?),
            None => None,
        };
        let filter = filter.and_then(|steps| steps.first().copied());
        let body = self.parts(&[body], &all, Some(inner))?;
        let body = body.first().copied().ok_or_else(|| "a reduction of nothing".to_owned())?;
        let (filter, body) = self.joined(reduction, filter, body, inner.space);
        let kind = StepKind::Reduce { reduction, pairs, filter, body };
        let step = self.step(place.space, ty, kind);
        Ok(Value { step, scope: Some(place.number) })
    }

    /// Logical reductions look at filter and body as one.
    fn joined(
        &mut self,
        reduction: Reduction,
        filter: Option<StepId>,
        body: StepId,
        space: Space,
    ) -> (Option<StepId>, StepId) {
        let Some(filter) = filter else { return (None, body) };
        let kind = match reduction {
            Reduction::Exists | Reduction::ExistsOne | Reduction::Count => {
                if self.is_true(body) {
                    return (None, filter);
                }
                StepKind::And(vec![filter, body])
            }
            Reduction::All => {
                let outside = self.step(space, ValueType::Boolean, StepKind::Not(filter));
                StepKind::Or(vec![outside, body])
            }
            _ => return (Some(filter), body),
        };
        (None, self.step(space, ValueType::Boolean, kind))
    }

    /// What must hold of a pair for it to count, as far as it can be told from the rows' own
    /// values. A body that only looks at the related rows is computed there and needs none.
    fn limits(
        &mut self,
        reduction: Reduction,
        rows: &RowsRef,
        body: &Node,
        own: Scope,
        outer: &[Scope],
        place: Scope,
    ) -> Result<Vec<Limit>, Reason> {
        let mut limits = Vec::new();
        let is_counted =
            matches!(reduction, Reduction::Exists | Reduction::ExistsOne | Reduction::Count);
        let mut is_across = self.looks_at(body, own.number).1;
        let filter = rows.filter.as_deref();
        let mut open: Vec<&Node> = filter.into_iter().chain(is_counted.then_some(body)).collect();
        while let Some(node) = open.pop() {
            if matches!(node.kind, Kind::And(_)) {
                open.extend(children(node));
                continue;
            }
            let (is_own, has_outer) = self.looks_at(node, own.number);
            is_across |= has_outer;
            if let Some((how, one, other)) = self.compared(node, own.number) {
                let one = self.value(one, &[own])?.step;
                let value = self.value(other, outer)?;
                let other = self.moved(value, outer, Some(place))?;
                limits.push(Limit::Compares(how, one, other));
            } else if is_own && !has_outer {
                limits.push(Limit::Holds(self.value(node, &[own])?.step));
            }
        }
        // What is told from one pair of numbers first.
        limits.sort_by_key(|limit| match limit {
            Limit::Compares(Comparison::Equal, ..) => 0,
            Limit::Holds(_) => 1,
            Limit::Compares(..) => 2,
        });
        // Rows of a table that is gathered are found one by one: those that a sum leaves out need
        // not be there.
        let child = self.program.table(own.table).map(|table| &table.way);
        let is_gathered = matches!(child, Some(Way::Gathered { .. }));
        let is_left_out = is_gathered && !is_counted && reduction != Reduction::All;
        Ok(if is_across || is_left_out { limits } else { Vec::new() })
    }

    /// Whether a node looks at the row of a scope, and whether at others.
    fn looks_at(&self, node: &Node, scope: usize) -> (bool, bool) {
        let mut needed = BTreeSet::new();
        self.needed_scopes(node, &mut needed);
        (needed.remove(&scope), !needed.is_empty())
    }

    /// The comparison of a value of the inner rows alone with one of outer rows, if both have whole
    /// numbers as keys: those of texts tell equality only.
    fn compared<'n>(
        &self,
        node: &'n Node,
        inner: usize,
    ) -> Option<(Comparison, &'n Node, &'n Node)> {
        let Kind::Compare { comparison, .. } = &node.kind else { return None };
        let parts = children(node);
        let [left, right] = parts.as_slice() else { return None };
        let is_fit = match (value_type(&left.ty), value_type(&right.ty)) {
            (ValueType::Integer, ValueType::Integer)
            | (ValueType::Date, ValueType::Date)
            | (ValueType::Instant, ValueType::Instant) => true,
            (ValueType::Text, ValueType::Text) | (ValueType::Key, ValueType::Key) => {
                *comparison == Comparison::Equal
            }
            _ => false,
        };
        match (self.looks_at(left, inner), self.looks_at(right, inner)) {
            ((true, false), (false, true)) if is_fit => Some((*comparison, *left, *right)),
            ((false, true), (true, false)) if is_fit => Some((comparison.turned(), *right, *left)),
            _ => None,
        }
    }

    fn is_true(&self, step: StepId) -> bool {
        let found = self.program.step(step);
        found.is_some_and(|step| step.kind == StepKind::Literal(Literal::Boolean(true)))
    }

    /// Scopes whose rows a node looks at, the ones it opens itself left out.
    fn needed_scopes(&self, node: &Node, needed: &mut BTreeSet<usize>) {
        match &node.kind {
            // The same in every region: only the day counts.
            Kind::Param { name, .. } if self.holds_everywhere(name) => {}
            Kind::Field { row, .. }
            | Kind::IdentityFact { row, .. }
            | Kind::Has { row, .. }
            | Kind::HasRow { row }
            | Kind::Duplicates { row, .. }
            | Kind::Param { row, .. } => {
                needed.insert(row.scope);
            }
            Kind::Reduce { rows, body, .. } => {
                let mut inner = BTreeSet::new();
                if let Some(filter) = &rows.filter {
                    self.needed_scopes(filter, &mut inner);
                }
                self.needed_scopes(body, &mut inner);
                inner.remove(&rows.scope);
                needed.extend(inner);
                needed.insert(rows.row.scope);
                return;
            }
            _ => {}
        }
        for child in children(node) {
            self.needed_scopes(child, needed);
        }
    }
}

fn constant(literal: &ir::Literal) -> Literal {
    match literal {
        ir::Literal::Boolean(truth) => Literal::Boolean(*truth),
        ir::Literal::Integer(number) => Literal::Integer(*number),
        ir::Literal::Decimal(number) => Literal::Decimal(*number),
        ir::Literal::Text(text) => Literal::Text(text.clone()),
        ir::Literal::Date(date) => Literal::Integer(epoch_days(*date)),
        ir::Literal::Instant(instant) => Literal::Integer(instant.as_microsecond()),
    }
}

/// The key by which values of a class meet.
pub(crate) fn key_fact(class: Option<SensitiveClass>) -> Fact {
    if class == Some(SensitiveClass::Identity) { Fact::PersonKey } else { Fact::Key }
}

pub(crate) const fn value_type(ty: &Type) -> ValueType {
    match ty {
        Type::Boolean => ValueType::Boolean,
        Type::Integer | Type::Money => ValueType::Integer,
        Type::Decimal => ValueType::Decimal,
        Type::Text | Type::Code(_) | Type::Region => ValueType::Text,
        Type::Date => ValueType::Date,
        Type::Instant => ValueType::Instant,
        Type::Codes(_) | Type::Texts => ValueType::List,
        Type::Reference(_) | Type::Key(_) => ValueType::Key,
    }
}

/// An empty program.
pub(crate) fn empty(codebook: &Codebook, as_of: Date) -> Program {
    Program {
        codebook: codebook.name.clone(),
        edition: codebook.edition.clone(),
        as_of,
        tables: Vec::new(),
        steps: Vec::new(),
        indexes: Vec::new(),
        answers: Vec::new(),
        parameters: BTreeMap::new(),
        calendar: codebook.calendar.clone(),
    }
}
