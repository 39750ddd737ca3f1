//! Why records could not be judged. A run marks rows that failed with one bit and not with what
//! failed, so that kernels carry nothing more. Where rows failed, the rules that did are run again
//! over the same snapshot: each time only errors from one kind on count as such, and the
//! differences are the counts by kind. A run without errors pays nothing.

use super::frame::Frame;
use super::full::Report;
use crate::bits::Bits;
use crate::column::{Booleans, Column, Expansion, Gaps};
use crate::error::EngineError;
use crate::kernel;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use taizhang_program::{Operation, Reduction, Step, StepId, StepKind, ValueType};
use taizhang_rules::{ErrorKind, Undecided};

/// Which errors count in a pass, and which were met.
#[derive(Debug)]
pub(crate) struct Why {
    /// Errors of earlier kinds count as something missing.
    least: ErrorKind,
    /// A bit a kind.
    seen: AtomicU8,
}

impl Why {
    fn from(least: ErrorKind) -> Arc<Self> {
        Arc::new(Self { least, seen: AtomicU8::new(0) })
    }

    fn seen(&self) -> Vec<ErrorKind> {
        let bits = self.seen.load(Ordering::Relaxed);
        ErrorKind::ALL.into_iter().filter(|kind| bits >> (*kind as u8) & 1 == 1).collect()
    }

    /// The column without those errors that began in this step and do not count.
    pub(crate) fn keep(&self, frame: &Frame<'_>, step: &Step, column: Arc<Column>) -> Arc<Column> {
        let Some(gaps) = column.gaps().filter(|gaps| gaps.errors.is_some()) else { return column };
        let length = column.len();
        let Some(inherited) = inherited(frame, step, length) else { return column };
        let own = gaps.error_bits(length).without(&inherited);
        let mut dropped = Bits::filled(length, false);
        for row in own.ones() {
            let kind = kind_of(frame, step, row);
            self.seen.fetch_or(1 << (kind as u8), Ordering::Relaxed);
            if kind < self.least {
                dropped.set(row, true);
            }
        }
        if dropped.none() { column } else { Arc::new(without_errors(&column, &dropped)) }
    }
}

/// Rows whose error comes from what the step is made of; nothing for steps in which none begins.
fn inherited(frame: &Frame<'_>, step: &Step, length: usize) -> Option<Bits> {
    let none = || Bits::filled(length, false);
    let of = |steps: &[StepId]| {
        let parts = steps.iter().filter_map(|step| frame.get(*step)?.gaps());
        parts
            .filter(|gaps| gaps.errors.is_some())
            .fold(none(), |all, gaps| all.or(&gaps.error_bits(length)))
    };
    match &step.kind {
        StepKind::Column(_) | StepKind::Literal(_) => Some(none()),
        StepKind::Arithmetic(_, left, right) => Some(of(&[*left, *right])),
        StepKind::Negate(part) => Some(of(&[*part])),
        StepKind::Parameter { on, .. } => Some(of(&[*on])),
        StepKind::Call { arguments, .. } => Some(of(arguments)),
        StepKind::Reduce { pairs, filter, body, .. } => {
            let Column::Expansion(pairs) = frame.get(*pairs)?.as_ref() else { return None };
            let filter = match filter {
                Some(filter) => Some(frame.get(*filter)?.as_ref()),
                None => None,
            };
            Some(of_pairs(pairs, filter, frame.get(*body)?))
        }
        _ => None,
    }
}

/// Outer rows of which a pair that counts failed.
fn of_pairs(pairs: &Expansion, filter: Option<&Column>, body: &Column) -> Bits {
    let count = pairs.len();
    let errors = |column: &Column| match column.gaps() {
        Some(gaps) => gaps.error_bits(count),
        None => Bits::filled(count, false),
    };
    let mut failed = errors(body);
    if let Some(filter) = filter {
        if let Column::Boolean(truth) = filter {
            failed = failed.and(&truth.true_bits(count).or(&errors(filter)));
        }
        failed = failed.or(&errors(filter));
    }
    let failed = Column::Boolean(Booleans { truth: failed, gaps: Gaps::default() });
    let own = pairs.gaps.error_bits(pairs.length);
    match kernel::reduce(Reduction::Exists, pairs, None, &failed) {
        Column::Boolean(found) => found.true_bits(pairs.length).or(&own),
        _ => own,
    }
}

/// What failed in a row of a step in which an error began.
fn kind_of(frame: &Frame<'_>, step: &Step, row: usize) -> ErrorKind {
    match &step.kind {
        StepKind::Arithmetic(Operation::Divide | Operation::Modulo, _, divisor)
            if is_zero(frame, *divisor, row) =>
        {
            ErrorKind::DivisionByZero
        }
        StepKind::Arithmetic(..) | StepKind::Negate(_) | StepKind::Reduce { .. } => {
            ErrorKind::Overflow
        }
        StepKind::Parameter { .. } => ErrorKind::NoParameter,
        StepKind::Call { function, arguments } => {
            let cell = |step: &StepId| {
                let ty = frame.program.step(*step).map_or(ValueType::Text, |step| step.value);
                let column = frame.get(*step).ok_or(Undecided::Missing)?;
                kernel::cell(column, ty, row)
            };
            let cells: Result<Vec<_>, Undecided> = arguments.iter().map(cell).collect();
            match cells.map(|cells| taizhang_rules::apply(*function, &cells, frame.calendar)) {
                Ok(Err(Undecided::Error(kind))) => kind,
                _ => ErrorKind::WrongType,
            }
        }
        _ => ErrorKind::WrongType,
    }
}

fn is_zero(frame: &Frame<'_>, step: StepId, row: usize) -> bool {
    let at = |length: usize| if length == 1 { 0 } else { row };
    match frame.get(step).map(AsRef::as_ref) {
        Some(Column::Integer(column)) => column.values.get(at(column.values.len())) == Some(&0),
        Some(Column::Decimal(column)) => {
            column.values.get(at(column.values.len())).is_some_and(|value| *value == 0.0)
        }
        _ => false,
    }
}

/// The column in which some rows miss their value and did not fail.
fn without_errors(column: &Column, rows: &Bits) -> Column {
    let mut column = column.clone();
    let gaps = match &mut column {
        Column::Boolean(column) => &mut column.gaps,
        Column::Integer(column) => &mut column.gaps,
        Column::Decimal(column) => &mut column.gaps,
        Column::Text(column) => &mut column.gaps,
        Column::List(column) => &mut column.gaps,
        _ => return column,
    };
    let left = gaps.error_bits(rows.len()).without(rows);
    gaps.errors = (!left.none()).then_some(left);
    column
}

/// Runs some rules of a report again, with only some errors counted.
type Again<'a> = dyn FnMut(Vec<String>, Arc<Why>) -> Result<Report, EngineError> + 'a;

/// Tells the errors of each rule by reason.
pub(super) fn count_reasons(report: &mut Report, again: &mut Again<'_>) -> Result<(), EngineError> {
    let failed = |report: &Report| -> Vec<String> {
        let rules = report.rules.iter().filter(|rule| rule.error > 0);
        rules.map(|rule| rule.rule.clone()).collect()
    };
    let mut left = failed(report);
    if left.is_empty() {
        return Ok(());
    }
    let why = Why::from(ErrorKind::Overflow);
    again(left.clone(), Arc::clone(&why))?;
    // How many errors are of a kind or of a later one, kind by kind.
    let mut counts: BTreeMap<String, Vec<(ErrorKind, u64)>> = BTreeMap::new();
    for (place, kind) in why.seen().into_iter().enumerate() {
        if left.is_empty() {
            break;
        }
        let counted = match place {
            0 => None,
            _ => Some(again(std::mem::take(&mut left), Why::from(kind))?),
        };
        for rule in &counted.as_ref().unwrap_or(report).rules {
            counts.entry(rule.rule.clone()).or_default().push((kind, rule.error));
        }
        if let Some(counted) = &counted {
            left = failed(counted);
        }
    }
    for rule in &mut report.rules {
        let known = counts.remove(&rule.rule).unwrap_or_default();
        let later = known.iter().skip(1).map(|(_, count)| *count).chain([0]);
        let kinds = known.iter().zip(later);
        rule.reasons = kinds
            .map(|((kind, count), later)| (*kind, count.saturating_sub(later)))
            .filter(|(_, count)| *count > 0)
            .collect();
    }
    Ok(())
}
