//! One step over one batch.

use super::frame::Frame;
use super::merge::nested_rows;
use crate::bits::Bits;
use crate::column::{
    Booleans, Column, Decimals, Dictionary, Expansion, Gaps, Integers, NOWHERE, Related, Rows,
    TextLists, Texts,
};
use crate::kernel::{self, Sided};
use crate::snapshot::{joined_key, text_key};
use std::collections::BTreeMap;
use std::sync::Arc;
use taizhang_program::{
    Comparison, Function, IndexId, Limit, Literal, Space, Step, StepId, StepKind, ValueType,
};
use taizhang_values::{Date, RegionCode, epoch_days};

impl Frame<'_> {
    /// Computes a step and keeps its value. A step whose inputs are missing by a fault of the
    /// program fails in every row, so that no rule passes by it.
    pub(crate) fn run(&mut self, id: StepId) {
        let program = self.program;
        let Some(step) = program.step(id) else { return };
        let length = self.length(step.space);
        let known = self.empties.get(id.0 as usize).filter(|_| length == 0);
        if let Some(Some(empty)) = known {
            self.set(id, Some(Arc::clone(empty)));
            return;
        }
        let column = self.compute(id, step, length).unwrap_or_else(|| Arc::new(failed(step.value)));
        let column = match &self.shared.why {
            None => column,
            Some(why) => why.keep(self, step, column),
        };
        if length == 0
            && let Some(slot) = self.empties.get_mut(id.0 as usize)
        {
            *slot = Some(Arc::clone(&column));
        }
        self.set(id, Some(column));
    }

    fn compute(&self, id: StepId, step: &Step, length: usize) -> Option<Arc<Column>> {
        Some(Arc::new(match &step.kind {
            StepKind::Literal(value) => literal(value, step.value),
            StepKind::Column(place) => {
                let Space::Table(table) = step.space else { return None };
                return self.table(table)?.columns.get(*place as usize)?.clone();
            }
            StepKind::RootRow
            | StepKind::NestedRow { .. }
            | StepKind::Pointing { .. }
            | StepKind::Lookup { .. }
            | StepKind::LookupOne { .. }
            | StepKind::Through { .. }
            | StepKind::Expand { .. }
            | StepKind::Child
            | StepKind::Outer => return self.rows_step(id, step, length),
            StepKind::Gather { source, rows } => {
                let Column::Rows(rows) = self.get(*rows)?.as_ref() else { return None };
                let source = self.get(*source)?;
                if matches!(rows, Rows::Identity(count) if *count == source.len()) {
                    return Some(Arc::clone(source));
                }
                kernel::gather(source, rows)
            }
            StepKind::Reduce { reduction, pairs, filter, body } => {
                let Column::Expansion(pairs) = self.get(*pairs)?.as_ref() else { return None };
                let filter = match filter {
                    Some(filter) => Some(self.boolean(*filter)?),
                    None => None,
                };
                kernel::reduce(*reduction, pairs, filter, self.get(*body)?)
            }
            StepKind::Duplicates { key, index } => self.duplicates(*key, *index, length)?,
            StepKind::Key(parts) => self.key(parts, length)?,
            StepKind::Parameter { name, region, on } => {
                self.parameter(name, *region, *on, length)?
            }
            StepKind::Call { function, arguments } => {
                self.call(*function, arguments, step.value, length)?
            }
            _ => return self.value_step(step, length),
        }))
    }

    fn boolean(&self, step: StepId) -> Option<&Booleans> {
        match self.get(step)?.as_ref() {
            Column::Boolean(column) => Some(column),
            _ => None,
        }
    }

    fn booleans(&self, steps: &[StepId]) -> Option<Vec<&Booleans>> {
        steps.iter().map(|step| self.boolean(*step)).collect()
    }

    fn value_step(&self, step: &Step, length: usize) -> Option<Arc<Column>> {
        let truth = |booleans: Booleans| Some(Arc::new(Column::Boolean(booleans)));
        match &step.kind {
            StepKind::Has(part) => truth(kernel::has(self.get(*part)?)),
            StepKind::HasRow(rows) => match self.get(*rows)?.as_ref() {
                Column::Rows(rows) => truth(has_row(rows)),
                _ => None,
            },
            StepKind::Not(part) => truth(kernel::not(self.boolean(*part)?)),
            StepKind::And(parts) => truth(kernel::all_of(&self.booleans(parts)?, length)),
            StepKind::Or(parts) => truth(kernel::any_of(&self.booleans(parts)?, length)),
            StepKind::Compare(how, left, right) => {
                truth(kernel::compare(*how, self.get(*left)?, self.get(*right)?, length))
            }
            StepKind::In(value, constants) => {
                truth(kernel::is_in(self.get(*value)?, constants, length))
            }
            StepKind::ListHas { list, item } => {
                let (list, item) = (self.get(*list)?, self.get(*item)?);
                match (list.as_ref(), item.as_ref()) {
                    (Column::List(list), Column::Text(item)) => {
                        truth(kernel::list_has(list, item, length))
                    }
                    _ => None,
                }
            }
            StepKind::ListOverlaps(list, wanted) => {
                truth(kernel::list_overlaps(self.list(*list)?, wanted))
            }
            StepKind::ListWithin(list, wanted) => {
                truth(kernel::list_within(self.list(*list)?, wanted))
            }
            StepKind::ListMeets(list, other) => {
                truth(kernel::list_meets(self.list(*list)?, self.list(*other)?, length))
            }
            StepKind::ListInside(list, other) => {
                truth(kernel::list_inside(self.list(*list)?, self.list(*other)?, length))
            }
            StepKind::ListSize(list) => {
                Some(Arc::new(Column::Integer(kernel::list_size(self.list(*list)?))))
            }
            StepKind::Arithmetic(operation, left, right) => Some(Arc::new(kernel::arithmetic(
                *operation,
                self.get(*left)?,
                self.get(*right)?,
                length,
            ))),
            StepKind::Negate(part) => Some(Arc::new(kernel::negate(self.get(*part)?))),
            StepKind::Default(value, fallback) => {
                Some(Arc::new(kernel::or_default(self.get(*value)?, self.get(*fallback)?, length)))
            }
            StepKind::If { condition, then, otherwise } => Some(Arc::new(kernel::choose(
                self.boolean(*condition)?,
                self.get(*then)?,
                self.get(*otherwise)?,
                length,
            ))),
            _ => None,
        }
    }

    fn list(&self, step: StepId) -> Option<&TextLists> {
        match self.get(step)?.as_ref() {
            Column::List(list) => Some(list),
            _ => None,
        }
    }

    fn rows_step(&self, id: StepId, step: &Step, length: usize) -> Option<Arc<Column>> {
        let rows = match &step.kind {
            StepKind::RootRow => {
                let Space::Table(table) = step.space else { return None };
                Column::Rows(self.table(table)?.root.clone()?)
            }
            StepKind::NestedRow { reference, id } => {
                let Space::Table(table) = step.space else { return None };
                let target = self.program.base(self.program.step(*id)?.space)?;
                Column::Rows(nested_rows(
                    self.table(table)?,
                    self.get(*reference)?,
                    self.table(target)?,
                    (*id, self.get(*id)?),
                ))
            }
            StepKind::Pointing { rows } => {
                let Column::Rows(rows) = self.get(*rows)?.as_ref() else { return None };
                Column::Related(kernel::pointing(rows, length))
            }
            StepKind::Lookup { key, index, except, is_strict } => {
                self.lookup(id, (*key, *index), *except, *is_strict, length)?
            }
            StepKind::LookupOne { key, index } => self.lookup_one(id, *key, *index)?,
            StepKind::Through { outer, inner } => {
                match (self.get(*outer)?.as_ref(), self.get(*inner)?.as_ref()) {
                    (Column::Related(outer), Column::Related(inner)) => {
                        Column::Related(kernel::through(outer, inner))
                    }
                    _ => return None,
                }
            }
            StepKind::Expand { related, table, limits } => {
                let Column::Related(related) = self.get(*related)?.as_ref() else { return None };
                let rows = self.table_rows(*table);
                Column::Expansion(match limits.as_slice() {
                    [] => kernel::expand(related, rows),
                    limits => self.expand_within(related, limits, rows, length)?,
                })
            }
            StepKind::Child => match self.pairs(step.space)? {
                Column::Expansion(pairs) => Column::Rows(match &pairs.children {
                    None => Rows::Identity(pairs.len()),
                    Some(rows) => Rows::Picked { rows: rows.clone(), has_nowhere: false },
                }),
                _ => return None,
            },
            _ => match self.pairs(step.space)? {
                Column::Expansion(pairs) => Column::Rows(kernel::outer_rows(pairs)),
                _ => return None,
            },
        };
        Some(Arc::new(rows))
    }

    /// Pairs for which no limit is known to be false.
    fn expand_within(
        &self,
        related: &Related,
        limits: &[Limit],
        rows: usize,
        length: usize,
    ) -> Option<Expansion> {
        let mut conditions: Option<Bits> = None;
        let mut made: BTreeMap<StepId, Vec<i64>> = BTreeMap::new();
        for limit in limits {
            match *limit {
                Limit::Holds(condition) => {
                    let may_hold = self.boolean(condition)?.false_bits(rows).not();
                    let joined = conditions.map(|others| others.and(&may_hold));
                    conditions = Some(joined.unwrap_or(may_hold));
                }
                Limit::Compares(_, one, other) => {
                    for (step, length) in [(one, rows), (other, length)] {
                        let column = self.get(step)?;
                        let is_ready = matches!(column.as_ref(), Column::Integer(_));
                        if !is_ready && !made.contains_key(&step) {
                            made.insert(step, keys_of(column, length)?);
                        }
                    }
                }
            }
        }
        let side = |step: StepId| -> Option<Sided<'_>> {
            let column = self.get(step)?;
            let keys = match column.as_ref() {
                Column::Integer(column) => column.values.as_slice(),
                _ => made.get(&step)?,
            };
            Some(Sided { keys, gaps: column.gaps()? })
        };
        let mut comparisons: Vec<(Comparison, [Sided<'_>; 2])> = Vec::new();
        for limit in limits {
            if let Limit::Compares(how, one, other) = *limit {
                comparisons.push((how, [side(one)?, side(other)?]));
            }
        }
        Some(kernel::expand_within(related, conditions.as_ref(), &comparisons))
    }

    fn pairs(&self, space: Space) -> Option<&Column> {
        match space {
            Space::Pairs(pairs) => Some(self.get(pairs)?.as_ref()),
            _ => None,
        }
    }

    fn integers(&self, step: StepId) -> Option<&Integers> {
        match self.get(step)?.as_ref() {
            Column::Integer(column) => Some(column),
            _ => None,
        }
    }

    fn lookup(
        &self,
        step: StepId,
        (key, id): (StepId, IndexId),
        except: Option<StepId>,
        is_strict: bool,
        length: usize,
    ) -> Option<Column> {
        let keys = self.integers(key)?;
        let index = self.shared.index(id)?;
        let gaps = if is_strict { keys.gaps.clone() } else { Gaps::default() };
        let hits = self.find(step, key, id, length)?;
        let Some(except) = except else {
            let spans = index.spans(&hits).collect();
            let rows = index.rows().cloned();
            let picked = (hits.rows.len() < length).then_some(hits.rows);
            return Some(Column::Related(Related { length, picked, spans, rows, gaps }));
        };
        let (own, other) = (self.integers(except)?, self.integers(self.program.index(id)?.id?)?);
        let (mut picked, mut spans) = (Vec::new(), Vec::new());
        let mut rows: Vec<u32> = Vec::new();
        for (row, (start, end)) in hits.rows.iter().zip(index.spans(&hits)) {
            let first = u32::try_from(rows.len()).unwrap_or(NOWHERE);
            let own_id = kernel_at(&own.values, *row as usize);
            let has_id = own.gaps.is_known(*row as usize);
            let found = (start..end).map(|place| index.row(place));
            rows.extend(
                found
                    .filter(|found| !has_id || kernel_at(&other.values, *found as usize) != own_id),
            );
            let end = u32::try_from(rows.len()).unwrap_or(NOWHERE);
            if first < end {
                picked.push(*row);
                spans.push((first, end));
            }
        }
        let (picked, rows) = (Some(picked), Some(Arc::new(rows)));
        Some(Column::Related(Related { length, picked, spans, rows, gaps }))
    }

    fn lookup_one(&self, step: StepId, key: StepId, id: IndexId) -> Option<Column> {
        let count = self.integers(key)?.values.len();
        let index = self.shared.index(id)?;
        let hits = self.find(step, key, id, count)?;
        let mut rows = vec![NOWHERE; count];
        for (row, (start, _)) in hits.rows.iter().zip(index.spans(&hits)) {
            if let Some(slot) = rows.get_mut(*row as usize) {
                *slot = index.row(start);
            }
        }
        Some(Column::Rows(Rows::picked(rows)))
    }

    fn duplicates(&self, key: StepId, id: IndexId, length: usize) -> Option<Column> {
        let keys = self.integers(key)?;
        let index = self.shared.index(id)?;
        let hits = index.find(keys, length);
        let mut values = vec![0; length];
        for (row, count) in hits.rows.iter().zip(index.counts(&hits)) {
            if let Some(slot) = values.get_mut(*row as usize) {
                *slot = i64::from(count.saturating_sub(1));
            }
        }
        Some(Column::Integer(Integers { values, gaps: keys.gaps.clone() }))
    }

    fn key(&self, parts: &[StepId], length: usize) -> Option<Column> {
        let columns: Vec<&Arc<Column>> =
            parts.iter().map(|part| self.get(*part)).collect::<Option<_>>()?;
        let mut gaps = Gaps::default();
        for column in &columns {
            gaps = gaps.join(column.gaps()?, length);
        }
        let hashed: Vec<Vec<i64>> =
            columns.iter().map(|column| keys_of(column, length)).collect::<Option<_>>()?;
        let values = (0..length)
            .map(|row| joined_key(hashed.iter().map(|keys| kernel_at(keys, row))))
            .collect();
        Some(Column::Integer(Integers { values, gaps }))
    }

    fn parameter(
        &self,
        name: &str,
        region: Option<StepId>,
        on: StepId,
        length: usize,
    ) -> Option<Column> {
        let parameter = self.program.parameters.get(name)?;
        let on = self.integers(on)?;
        let region = match region {
            Some(step) => match self.get(step)?.as_ref() {
                Column::Text(texts) => Some(texts),
                _ => return None,
            },
            None => None,
        };
        // Between two first days in force nothing changes: what holds in a region is reckoned once
        // for each of these times, not for each row.
        let mut firsts: Vec<Date> = parameter.values.iter().map(|value| value.since).collect();
        firsts.sort_unstable();
        firsts.dedup();
        let course = |code: Option<&str>| -> Vec<Option<i64>> {
            let code = code.and_then(RegionCode::parse);
            let held = firsts.iter().map(|day| parameter.in_force(*day, code.as_ref()));
            held.map(|found| found.map(|found| found.value)).collect()
        };
        let general = course(None);
        let mut asked = vec![None; region.map_or(0, |texts| texts.dictionary.len())];
        let firsts: Vec<i64> = firsts.iter().map(|day| epoch_days(*day)).collect();
        let find = |row: usize| {
            let known = region.filter(|texts| texts.gaps.is_known(row));
            let courses = match known {
                None => &general,
                Some(texts) => {
                    let entry = texts.entry(row);
                    let slot = asked.get_mut(entry)?;
                    slot.get_or_insert_with(|| course(Some(texts.dictionary.text_at(entry))))
                }
            };
            let day = kernel_at(&on.values, row);
            let begun = firsts.iter().filter(|first| **first <= day).count();
            courses.get(begun.checked_sub(1)?).copied().flatten()
        };
        let found: Vec<Option<i64>> = (0..length).map(find).collect();
        let gaps = on.gaps.join(&Gaps::default(), length);
        let failed = Bits::collect(found.iter().map(Option::is_none)).and(&gaps.known_bits(length));
        let values = found.into_iter().map(Option::unwrap_or_default).collect();
        Some(Column::Integer(Integers { values, gaps: gaps.with_errors(&failed) }))
    }

    fn call(
        &self,
        function: Function,
        arguments: &[StepId],
        value: ValueType,
        length: usize,
    ) -> Option<Column> {
        let columns: Vec<Arc<Column>> =
            arguments.iter().map(|step| self.get(*step).cloned()).collect::<Option<_>>()?;
        let types: Vec<ValueType> = arguments
            .iter()
            .map(|step| self.program.step(*step).map(|step| step.value))
            .collect::<Option<_>>()?;
        match kernel::call(function, &columns, length) {
            Some(column) => Some(column),
            None => kernel::by_row(function, &columns, &types, value, self.calendar, length),
        }
    }
}

/// The value of a row; one value stands for all.
pub(crate) fn kernel_at(values: &[i64], row: usize) -> i64 {
    let place = if values.len() == 1 { 0 } else { row };
    values.get(place).copied().unwrap_or_default()
}

fn has_row(rows: &Rows) -> Booleans {
    let truth = match rows {
        Rows::Identity(length) => Bits::filled(*length, true),
        Rows::Picked { rows, .. } => Bits::of(rows, |row| row != NOWHERE),
    };
    Booleans { truth, gaps: Gaps::default() }
}

/// A 64-bit key of every value.
fn keys_of(column: &Column, length: usize) -> Option<Vec<i64>> {
    let keys = match column {
        Column::Integer(column) => (0..length).map(|row| kernel_at(&column.values, row)).collect(),
        Column::Text(texts) => match &texts.keys {
            Some(keys) if texts.dictionary.len() <= keys.len() => {
                let hashed: Vec<i64> = texts.dictionary.iter().map(text_key).collect();
                let key = |key: &u32| hashed.get(*key as usize).copied().unwrap_or(0);
                keys.iter().map(key).collect()
            }
            _ => (0..length).map(|row| text_key(texts.bytes(row))).collect(),
        },
        Column::Boolean(column) => column.true_bits(length).iter().map(i64::from).collect(),
        Column::Decimal(column) => (0..length)
            .map(|row| {
                let place = if column.values.len() == 1 { 0 } else { row };
                let value = column.values.get(place).copied().unwrap_or_default() + 0.0;
                value.to_bits().cast_signed()
            })
            .collect(),
        // The same items in the same order.
        Column::List(lists) => (0..length)
            .map(|row| {
                let row = if lists.spans.len() == 1 { 0 } else { row };
                let (start, end) = lists.spans.get(row).copied().unwrap_or((0, 0));
                joined_key((start..end).map(|item| text_key(lists.items.bytes(item as usize))))
            })
            .collect(),
        _ => return None,
    };
    Some(keys)
}

/// A constant as a column of one row.
pub(crate) fn literal(value: &Literal, ty: ValueType) -> Column {
    match value {
        Literal::Boolean(truth) => {
            Column::Boolean(Booleans { truth: Bits::filled(1, *truth), gaps: Gaps::default() })
        }
        Literal::Integer(number) => {
            Column::Integer(Integers { values: vec![*number], gaps: Gaps::default() })
        }
        Literal::Decimal(number) => {
            Column::Decimal(Decimals { values: vec![*number], gaps: Gaps::default() })
        }
        Literal::Text(text) => Column::Text(Texts::plain(std::iter::once(Some(text.as_bytes())))),
        Literal::List(items) => {
            let mut dictionary = Dictionary::default();
            items.iter().for_each(|item| dictionary.push(item.as_bytes()));
            let end = u32::try_from(items.len()).unwrap_or(u32::MAX);
            let items =
                Texts { keys: None, dictionary: Arc::new(dictionary), gaps: Gaps::default() };
            let spans = vec![(0, end)];
            Column::List(TextLists::new(spans, Arc::new(items), Gaps::default()))
        }
        Literal::Missing | Literal::Error => {
            let mut column = failed(ty);
            if *value == Literal::Missing
                && let Column::Integer(Integers { gaps, .. }) = &mut column
            {
                gaps.errors = None;
            }
            column
        }
    }
}

/// A value that failed in every row.
fn failed(ty: ValueType) -> Column {
    let gaps = kernel::failed();
    match ty {
        ValueType::Boolean => Column::Boolean(Booleans { truth: Bits::filled(1, false), gaps }),
        ValueType::Decimal => Column::Decimal(Decimals { values: vec![0.0], gaps }),
        ValueType::Text => {
            let mut texts = Texts::plain(std::iter::once(None));
            texts.gaps = gaps;
            Column::Text(texts)
        }
        ValueType::List => Column::List(TextLists::new(vec![(0, 0)], Arc::default(), gaps)),
        _ => Column::Integer(Integers { values: vec![0], gaps }),
    }
}
