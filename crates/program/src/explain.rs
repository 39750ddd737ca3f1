//! A program as text: tables, shared steps, answers.

use crate::{Answer, Limit, Program, Space, StepId, StepKind, TableId, Way};
use std::collections::BTreeSet;
use std::fmt::Write;

impl Program {
    /// The program as text; of one ledger's rules only if it is named.
    #[must_use]
    pub fn explain(&self, ledger: Option<&str>) -> String {
        let mut text = String::new();
        let judged = |table: TableId| {
            self.table(table).is_some_and(|table| ledger.is_none_or(|name| table.ledger == name))
        };
        let answers: Vec<_> = self.answers.iter().filter(|answer| judged(answer.table)).collect();
        let mut needed = BTreeSet::new();
        for step in answers.iter().flat_map(|answer| answer.roots()) {
            self.add_needed(step, &mut needed);
        }
        let _ = writeln!(
            text,
            "program {} {} as of {}: {} rules, {} steps, {} tables",
            self.codebook,
            self.edition,
            self.as_of,
            answers.len(),
            needed.len(),
            self.tables.len()
        );
        self.write_tables(&needed, &mut text);
        for step in &needed {
            let _ = writeln!(text, "{}", self.step_text(*step));
        }
        for answer in answers {
            let _ = writeln!(text, "{}", self.answer_text(answer));
        }
        text
    }

    /// What becomes of a rule, in a line.
    pub(crate) fn answer_text(&self, answer: &Answer) -> String {
        match answer.applies {
            Some(applies) => {
                format!("{} = if {} then {}", answer.rule, name(applies), name(answer.violates))
            }
            None => format!("{} = {}", answer.rule, name(answer.violates)),
        }
    }

    fn write_tables(&self, needed: &BTreeSet<StepId>, text: &mut String) {
        let used: BTreeSet<TableId> =
            needed.iter().filter_map(|step| self.base(self.step(*step)?.space)).collect();
        for id in used {
            let Some(table) = self.table(id) else { continue };
            let way = match &table.way {
                Way::Root => "streamed, head of its tree".to_owned(),
                Way::Nested { by, .. } => format!("streamed along by `{by}`"),
                Way::Gathered { level } => format!("gathered first, level {level}"),
            };
            let columns: Vec<&str> =
                table.columns.iter().map(|column| column.name.as_str()).collect();
            let _ =
                writeln!(text, "table t{} {} ({way}): {}", id.0, table.ledger, columns.join(", "));
        }
    }

    /// A step and all that it is made of.
    pub(crate) fn add_needed(&self, step: StepId, needed: &mut BTreeSet<StepId>) {
        let mut open = vec![step];
        while let Some(step) = open.pop() {
            if needed.insert(step) {
                open.extend(self.inputs(step));
            }
        }
    }

    /// The steps a step is made of directly, those of its space and of its index included.
    #[must_use]
    pub fn inputs(&self, step: StepId) -> Vec<StepId> {
        let Some(found) = self.step(step) else { return Vec::new() };
        let mut inputs = match &found.kind {
            StepKind::Literal(_)
            | StepKind::Column(_)
            | StepKind::RootRow
            | StepKind::Child
            | StepKind::Outer => Vec::new(),
            StepKind::NestedRow { reference, id } => vec![*reference, *id],
            StepKind::Pointing { rows } => vec![*rows],
            StepKind::Lookup { key, index, except, .. } => {
                let mut inputs = self.index_inputs(*index);
                inputs.push(*key);
                inputs.extend(*except);
                inputs
            }
            StepKind::LookupOne { key, index } | StepKind::Duplicates { key, index } => {
                let mut inputs = self.index_inputs(*index);
                inputs.push(*key);
                inputs
            }
            StepKind::Through { outer, inner } => vec![*outer, *inner],
            StepKind::Expand { related, limits, .. } => {
                let parts = limits.iter().flat_map(Limit::inputs);
                std::iter::once(*related).chain(parts).collect()
            }
            StepKind::Gather { source, rows } => vec![*source, *rows],
            StepKind::Reduce { pairs, filter, body, .. } => {
                let mut inputs = vec![*pairs, *body];
                inputs.extend(*filter);
                inputs
            }
            StepKind::Has(part)
            | StepKind::HasRow(part)
            | StepKind::Not(part)
            | StepKind::Negate(part)
            | StepKind::ListSize(part)
            | StepKind::In(part, _)
            | StepKind::ListOverlaps(part, _)
            | StepKind::ListWithin(part, _) => vec![*part],
            StepKind::And(parts) | StepKind::Or(parts) | StepKind::Key(parts) => parts.clone(),
            StepKind::Compare(_, left, right)
            | StepKind::Arithmetic(_, left, right)
            | StepKind::Default(left, right)
            | StepKind::ListMeets(left, right)
            | StepKind::ListInside(left, right)
            | StepKind::ListHas { list: left, item: right } => vec![*left, *right],
            StepKind::If { condition, then, otherwise } => vec![*condition, *then, *otherwise],
            StepKind::Call { arguments, .. } => arguments.clone(),
            StepKind::Parameter { region, on, .. } => {
                let mut inputs = vec![*on];
                inputs.extend(*region);
                inputs
            }
        };
        if let Space::Pairs(pairs) = found.space {
            inputs.push(pairs);
        }
        inputs
    }

    fn index_inputs(&self, index: crate::IndexId) -> Vec<StepId> {
        let Some(index) = self.index(index) else { return Vec::new() };
        let mut inputs = vec![index.key];
        inputs.extend(index.id);
        inputs
    }

    /// A step in a line: its name, the rows it has a value for, what it does.
    #[must_use]
    pub fn step_text(&self, id: StepId) -> String {
        let Some(step) = self.step(id) else { return String::new() };
        let space = match step.space {
            Space::One => "one".to_owned(),
            Space::Table(table) => {
                self.table(table).map_or_else(String::new, |table| table.ledger.clone())
            }
            Space::Pairs(pairs) => format!("pairs {}", name(pairs)),
        };
        format!("{} [{space}] = {}", name(id), self.describe(step.space, &step.kind))
    }

    fn describe(&self, space: Space, kind: &StepKind) -> String {
        match kind {
            StepKind::Literal(literal) => format!("{literal:?}"),
            StepKind::Column(place) => {
                let table = self.base(space).and_then(|table| self.table(table));
                let column = table.and_then(|table| table.columns.get(*place as usize));
                let of = |column: &crate::ColumnUse| match column.kind {
                    crate::ColumnKind::Fact(fact) => format!("{}:{fact:?}", column.name),
                    _ => column.name.clone(),
                };
                column.map_or_else(|| "column".to_owned(), of)
            }
            StepKind::RootRow => "row of the root".to_owned(),
            StepKind::Child => "row of the pair".to_owned(),
            StepKind::Outer => "outer row of the pair".to_owned(),
            StepKind::Gather { source, rows } => format!("{} at {}", name(*source), name(*rows)),
            StepKind::Compare(how, left, right) => {
                format!("{} {how:?} {}", name(*left), name(*right))
            }
            StepKind::And(parts) => joined(parts, " and "),
            StepKind::Or(parts) => joined(parts, " or "),
            StepKind::Not(part) => format!("not {}", name(*part)),
            StepKind::Has(part) => format!("has {}", name(*part)),
            StepKind::Expand { related, limits, .. } => {
                let limits: Vec<String> = limits.iter().map(limit).collect();
                let limits = if limits.is_empty() {
                    String::new()
                } else {
                    format!(" where it may be that {}", limits.join(" and "))
                };
                format!("pairs of {}{limits}", name(*related))
            }
            StepKind::Pointing { rows } => format!("rows with {}", name(*rows)),
            StepKind::Reduce { reduction, body, filter, .. } => match filter {
                None => format!("{reduction:?} of {}", name(*body)),
                Some(filter) => {
                    format!("{reduction:?} of {} where {}", name(*body), name(*filter))
                }
            },
            StepKind::Call { function, arguments } => {
                format!("{function:?} of {}", joined(arguments, ", "))
            }
            other => self.describe_more(other),
        }
    }

    fn describe_more(&self, kind: &StepKind) -> String {
        let of_index = |index: crate::IndexId| {
            let index = self.index(index);
            let table = index.and_then(|index| self.table(index.table));
            let key = index.map_or(StepId(u32::MAX), |index| index.key);
            format!("{} by {}", table.map_or("", |table| table.ledger.as_str()), name(key))
        };
        match kind {
            StepKind::NestedRow { reference, id } => {
                format!("row whose {} is {}", name(*id), name(*reference))
            }
            StepKind::Lookup { key, index, except, .. } => {
                let but = except.map_or_else(String::new, |own| format!(" but {}", name(own)));
                format!("rows of {} with {}{but}", of_index(*index), name(*key))
            }
            StepKind::LookupOne { key, index } => {
                format!("row of {} with {}", of_index(*index), name(*key))
            }
            StepKind::Duplicates { key, index } => {
                format!("others of {} with {}", of_index(*index), name(*key))
            }
            StepKind::Through { outer, inner } => {
                format!("rows {} of rows {}", name(*inner), name(*outer))
            }
            StepKind::HasRow(rows) => format!("has row {}", name(*rows)),
            StepKind::In(value, list) => format!("{} in {list:?}", name(*value)),
            StepKind::ListHas { list, item } => format!("{} has {}", name(*list), name(*item)),
            StepKind::ListOverlaps(list, values) => format!("{} meets {values:?}", name(*list)),
            StepKind::ListWithin(list, values) => format!("{} within {values:?}", name(*list)),
            StepKind::ListMeets(list, other) => format!("{} meets {}", name(*list), name(*other)),
            StepKind::ListInside(list, other) => {
                format!("{} within {}", name(*list), name(*other))
            }
            StepKind::ListSize(list) => format!("size of {}", name(*list)),
            StepKind::Arithmetic(how, left, right) => {
                format!("{} {how:?} {}", name(*left), name(*right))
            }
            StepKind::Negate(part) => format!("minus {}", name(*part)),
            StepKind::Default(value, fallback) => {
                format!("{} or else {}", name(*value), name(*fallback))
            }
            StepKind::If { condition, then, otherwise } => {
                format!("if {} then {} else {}", name(*condition), name(*then), name(*otherwise))
            }
            StepKind::Parameter { name: parameter, region, on } => {
                let region =
                    region.map_or_else(String::new, |region| format!(" in {}", name(region)));
                format!("parameter {parameter} on {}{region}", name(*on))
            }
            StepKind::Key(parts) => format!("key of {}", joined(parts, ", ")),
            other => format!("{other:?}"),
        }
    }
}

fn name(step: StepId) -> String {
    format!("s{}", step.0)
}

fn limit(limit: &Limit) -> String {
    match limit {
        Limit::Holds(condition) => name(*condition),
        Limit::Compares(how, one, other) => format!("{} {how:?} {}", name(*one), name(*other)),
    }
}

fn joined(steps: &[StepId], between: &str) -> String {
    steps.iter().map(|step| name(*step)).collect::<Vec<_>>().join(between)
}
