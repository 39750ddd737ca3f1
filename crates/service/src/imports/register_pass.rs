//! One reading of a register workbook from its first row to its last, in bounded memory.

use super::register_diff::FieldChange;
use super::register_places::Places;
use super::register_row::{Resolver, RowOutcome, RowProblem};
use super::register_target::{ROOT, Target, TargetColumn};
use crate::{Caller, Service, ServiceError};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use taizhang_diagnostics::{Diagnostic, Message, Place};
use taizhang_exchange::{
    ExchangeError, ImportField, ImportOptions, Limits, RowFault, RowPlan, SheetRow, StreamedRow,
    WorkbookStream,
};
use taizhang_store::{Reader, Writer};
use taizhang_values::{RecordId, RegionCode, Value};

/// Changes and faults that are kept to be shown; all are counted.
const SHOWN: usize = 500;
/// Reasons counted one by one.
const REASONS_MAX: usize = 10_000;

/// Cells refused for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterReason {
    /// The first of them.
    pub first: RowFault,
    /// How many.
    pub count: u64,
    /// The near miss was accepted: its cells count as mended.
    pub is_fixed: bool,
}

/// What the rows would do to the store, or did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterCounts {
    /// Records in the file.
    pub rows_total: u64,
    /// Without a fault.
    pub rows_good: u64,
    /// With faults.
    pub rows_bad: u64,
    /// Lines that are no records: totals, remarks, signatures.
    pub rows_skipped: u64,
    /// Good rows whose own record is new.
    pub added: u64,
    /// Good rows that change their record or one around it.
    pub changed: u64,
    /// Good rows that change nothing.
    pub unchanged: u64,
    /// Fields that people changed since they were imported and the file has otherwise: they stay.
    pub conflicts: u64,
    /// Records around the rows' own that are new (households of a list of persons).
    pub beside_added: u64,
}

/// A change or a conflict as it is shown; sealed fields without their values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RowChange {
    /// Row as Excel shows it.
    pub row: u32,
    /// Ledger of the record.
    pub ledger: String,
    /// The record.
    pub id: Option<RecordId>,
    /// Field, old and new value.
    pub change: FieldChange,
}

/// What a reading came to.
#[derive(Clone, Debug, Default)]
pub(super) struct PassResult {
    pub(super) plan: RowPlan,
    pub(super) notes: Vec<Message>,
    pub(super) counts: RegisterCounts,
    pub(super) reasons: Vec<RegisterReason>,
    pub(super) faults: Vec<RowFault>,
    pub(super) changes: Vec<RowChange>,
    pub(super) conflicts: Vec<RowChange>,
    pub(super) samples: BTreeMap<usize, Vec<String>>,
    pub(super) bad: HashSet<u32>,
    pub(super) starts: u32,
    /// Records made and changed with the version they got: what can be taken back.
    pub(super) made: Vec<(String, RecordId)>,
    pub(super) updated: Vec<(String, RecordId, i64)>,
    pub(super) households: BTreeSet<RecordId>,
    /// Heads of required columns that the sheet has not.
    pub(super) lacking: Vec<String>,
}

/// What is read and how.
pub(super) struct PassInput<'a> {
    pub(super) caller: &'a Caller,
    pub(super) target: &'a Target<'a>,
    pub(super) region: &'a RegionCode,
    pub(super) columns: &'a BTreeMap<usize, String>,
    pub(super) fixes: &'a BTreeSet<(String, String)>,
    pub(super) bytes: &'a [u8],
}

/// Writing: rows that stay out, and at which start of the sheet the writing begins.
pub(super) struct Writing<'w, 's> {
    pub(super) writer: &'w Writer<'s>,
    pub(super) bad: &'w HashSet<u32>,
    pub(super) starts: u32,
}

/// Rows as they go by, for whoever writes them elsewhere.
pub(super) enum PassRow<'r> {
    /// The sheet begins, perhaps anew.
    Start(&'r RowPlan),
    /// A row with its faults.
    Row(&'r SheetRow, &'r [RowFault]),
}

/// What ends a reading.
pub(super) struct PassError(pub(super) ServiceError);

impl From<ExchangeError> for PassError {
    fn from(error: ExchangeError) -> Self {
        Self(ServiceError::invalid(error.diagnostic()))
    }
}

impl From<ServiceError> for PassError {
    fn from(error: ServiceError) -> Self {
        Self(error)
    }
}

struct Pass<'a, 'p> {
    input: &'p PassInput<'a>,
    fields: &'p [ImportField],
    resolver: Resolver<'p>,
    result: PassResult,
    reasons: BTreeMap<(String, usize, String), RegisterReason>,
}

impl Service {
    /// How the sheet would be read, without reading it.
    pub(super) fn register_plan(&self, input: &PassInput<'_>) -> Result<RowPlan, ServiceError> {
        let fields = self.target_fields(input.target);
        let limits = Limits::register();
        let mut found = None;
        let mut book = WorkbookStream::open(input.bytes, &limits)
            .map_err(|error| ServiceError::invalid(error.diagnostic()))?;
        let done: Result<_, PassError> =
            book.check(&fields, &Self::register_options(input), |row| {
                if let StreamedRow::Start(plan) = row {
                    found = Some(plan.clone());
                }
                Err(PassError(ServiceError::NotFound))
            });
        match (found, done) {
            (Some(plan), _) => Ok(plan),
            (None, Err(error)) => Err(error.0),
            (None, Ok(check)) => Ok(check.plan),
        }
    }

    fn register_options(input: &PassInput<'_>) -> ImportOptions {
        let chosen = |name: &String| Some(name.clone()).filter(|name| !name.is_empty());
        let columns = input.columns.iter().map(|(at, name)| (*at, chosen(name))).collect();
        // A birthday without its year is not a day of this year.
        ImportOptions { reference: None, sheet: None, columns }
    }

    /// Reads a workbook once, against the state of the store that `reader` sees.
    pub(super) fn register_pass(
        &self,
        reader: &Reader<'_>,
        input: &PassInput<'_>,
        writing: Option<&Writing<'_, '_>>,
        sink: &mut dyn FnMut(PassRow<'_>) -> Result<(), ServiceError>,
    ) -> Result<PassResult, ServiceError> {
        let fields = self.target_fields(input.target);
        let limits = Limits::register();
        let mut book = WorkbookStream::open(input.bytes, &limits)
            .map_err(|error| ServiceError::invalid(error.diagnostic()))?;
        let places = Places::read(reader, input.region, input.target.ledger.home)?;
        let resolver = Resolver {
            service: self,
            caller: input.caller,
            target: input.target,
            region: input.region,
            places,
            columns: Vec::new(),
            said: HashMap::new(),
            taken: HashMap::new(),
            unique: HashMap::new(),
        };
        let mut pass = Pass {
            input,
            fields: &fields,
            resolver,
            result: PassResult::default(),
            reasons: BTreeMap::new(),
        };
        let check = book
            .check(&fields, &Self::register_options(input), |row| {
                pass.streamed(reader, writing, row, sink).map_err(PassError)
            })
            .map_err(|error: PassError| error.0)?;
        pass.result.counts.rows_skipped = check.rows_skipped;
        pass.result.notes = check.notes;
        Ok(pass.finish())
    }
}

impl<'p> Pass<'_, 'p> {
    fn streamed(
        &mut self,
        reader: &Reader<'_>,
        writing: Option<&Writing<'_, '_>>,
        row: StreamedRow<'_>,
        sink: &mut dyn FnMut(PassRow<'_>) -> Result<(), ServiceError>,
    ) -> Result<(), ServiceError> {
        match row {
            StreamedRow::Start(plan) => {
                self.start(plan);
                sink(PassRow::Start(plan))
            }
            StreamedRow::Other { row } => sink(PassRow::Row(row, &[])),
            StreamedRow::Record { row, values, faults, .. } => {
                let Some(writing) = writing else {
                    return self.check_row(reader, row, values, faults, sink);
                };
                let is_in = self.result.starts == writing.starts;
                if !is_in || writing.bad.contains(&row.number) {
                    return Ok(());
                }
                self.write_row(writing.writer, row, values, faults)
            }
        }
    }

    fn start(&mut self, plan: &RowPlan) {
        let starts = self.result.starts + 1;
        let target = self.input.target;
        let column = |name: &String| target.columns.iter().find(|column| column.key == *name);
        let columns: Vec<&'p TargetColumn<'p>> = plan.fields.iter().filter_map(column).collect();
        let lacking = self.fields.iter().filter(|field| field.is_required);
        let lacking = lacking.filter(|field| !plan.fields.contains(&field.name));
        let lacking = lacking.filter_map(|field| field.heads.first().cloned()).collect();
        self.result = PassResult { plan: plan.clone(), starts, lacking, ..PassResult::default() };
        self.reasons.clear();
        self.resolver.columns = columns;
        self.resolver.said.clear();
        self.resolver.taken.clear();
        self.resolver.unique.clear();
    }

    /// Accepted near misses become values; what is left are the row's faults.
    fn fixed(&mut self, values: &[Value], faults: &[RowFault]) -> (Vec<Value>, Vec<RowFault>) {
        let mut values = values.to_vec();
        let mut left = Vec::new();
        for fault in faults {
            let key = (fault.field.clone(), fault.diagnostic.message.zh.clone());
            let is_accepted = self.input.fixes.contains(&key);
            let value = is_accepted.then(|| self.suggested(fault)).flatten();
            let place = self.result.plan.fields.iter().position(|name| *name == fault.field);
            match (value, place.and_then(|place| values.get_mut(place))) {
                (Some(value), Some(slot)) => {
                    *slot = value;
                    self.reason(fault, true);
                }
                _ => left.push(fault.clone()),
            }
        }
        (values, left)
    }

    fn suggested(&self, fault: &RowFault) -> Option<Value> {
        let word = fault.suggestion.as_ref()?;
        let field = self.fields.iter().find(|field| field.name == fault.field)?;
        if field.choices.is_empty() {
            return Some(Value::from(word.as_str()));
        }
        let code = field.choices.iter().find(|(_, label)| label == word).map(|(code, _)| code)?;
        let is_list = field.kind == taizhang_codebook::FieldType::Codes;
        Some(if is_list { Value::List(vec![code.clone()]) } else { code.as_str().into() })
    }

    fn check_row(
        &mut self,
        reader: &Reader<'_>,
        row: &SheetRow,
        values: &[Value],
        faults: &[RowFault],
        sink: &mut dyn FnMut(PassRow<'_>) -> Result<(), ServiceError>,
    ) -> Result<(), ServiceError> {
        let (mut values, mut faults) = self.fixed(values, faults);
        self.put_right(row.number, &mut values);
        let outcome = self.resolver.row(reader, None, row.number, &values)?;
        // A cell that could not be read is not also missing.
        let known: BTreeSet<usize> = faults.iter().map(|fault| fault.column).collect();
        for problem in &outcome.problems {
            let fault = self.fault(row.number, problem);
            if !known.contains(&fault.column) {
                faults.push(fault);
            }
        }
        faults.sort_by_key(|fault| fault.column);
        self.sample(row);
        let is_good = faults.is_empty() && self.result.lacking.is_empty();
        let counts = &mut self.result.counts;
        counts.rows_total += 1;
        if is_good {
            counts.rows_good += 1;
            self.count_effects(row.number, &outcome);
        } else {
            counts.rows_bad += 1;
            self.result.bad.insert(row.number);
            for fault in &faults {
                self.reason(fault, false);
            }
            let room = SHOWN.saturating_sub(self.result.faults.len());
            self.result.faults.extend(faults.iter().take(room).cloned());
        }
        sink(PassRow::Row(row, &faults))
    }

    /// Names of places that were near misses and accepted are put right.
    fn put_right(&mut self, row: u32, values: &mut [Value]) {
        if self.input.fixes.is_empty() {
            return;
        }
        for problem in self.resolver.near_places(values) {
            let fault = self.fault(row, &problem);
            let key = (fault.field.clone(), fault.diagnostic.message.zh.clone());
            let suggestion = problem.suggestion.as_deref().unwrap_or_default();
            if let (true, Some(slot)) =
                (self.input.fixes.contains(&key), values.get_mut(problem.place))
            {
                *slot = suggestion.into();
                self.reason(&fault, true);
            }
        }
    }

    fn write_row(
        &mut self,
        writer: &Writer<'_>,
        row: &SheetRow,
        values: &[Value],
        faults: &[RowFault],
    ) -> Result<(), ServiceError> {
        let (mut values, faults) = self.fixed(values, faults);
        self.put_right(row.number, &mut values);
        let outcome = self.resolver.row(writer, Some(writer), row.number, &values)?;
        if let Some(problem) = outcome.problems.first() {
            let fault = self.fault(row.number, problem);
            return Err(ServiceError::invalid(fault.diagnostic));
        }
        if let Some(fault) = faults.into_iter().next() {
            return Err(ServiceError::invalid(fault.diagnostic));
        }
        self.result.counts.rows_total += 1;
        self.result.counts.rows_good += 1;
        self.count_effects(row.number, &outcome);
        for effect in outcome.effects {
            let Some(id) = effect.id else { continue };
            if effect.is_new {
                self.result.made.push((effect.ledger, id));
            } else if !effect.changes.is_empty() {
                self.result.updated.push((effect.ledger, id, effect.version));
            } else {
                continue;
            }
            self.result.households.extend(outcome.household.clone());
        }
        Ok(())
    }

    fn count_effects(&mut self, row: u32, outcome: &RowOutcome) {
        let own = &self.input.target.ledger.name;
        let mut is_added = false;
        let mut is_changed = false;
        for effect in &outcome.effects {
            let is_own = effect.ledger == *own;
            is_added |= effect.is_new && is_own;
            is_changed |= !effect.changes.is_empty() || (effect.is_new && !is_own);
            self.result.counts.beside_added += u64::from(effect.is_new && !is_own);
            self.result.counts.conflicts += effect.conflicts.len() as u64;
            for (list, shown) in [
                (&effect.changes, &mut self.result.changes),
                (&effect.conflicts, &mut self.result.conflicts),
            ] {
                let room = SHOWN.saturating_sub(shown.len());
                shown.extend(list.iter().take(room).map(|change| RowChange {
                    row,
                    ledger: effect.ledger.clone(),
                    id: effect.id.clone(),
                    change: change.clone(),
                }));
            }
        }
        let counts = &mut self.result.counts;
        counts.added += u64::from(is_added);
        counts.changed += u64::from(!is_added && is_changed);
        counts.unchanged += u64::from(!is_added && !is_changed);
    }

    fn fault(&self, row: u32, problem: &RowProblem) -> RowFault {
        let plan = &self.result.plan;
        let field = plan.fields.get(problem.place).cloned().unwrap_or_default();
        let column = plan.header.column_of(&field);
        let letters = column.map_or(String::new(), |column| column.letters.clone());
        let place = Place::Cell { sheet: Some(plan.sheet.clone()), row, column: letters };
        RowFault {
            row,
            column: column.map_or(0, |column| column.column),
            field,
            diagnostic: Diagnostic::error(problem.code, problem.message.clone()).at(place),
            suggestion: problem.suggestion.clone(),
        }
    }

    fn reason(&mut self, fault: &RowFault, is_fixed: bool) {
        let diagnostic = &fault.diagnostic;
        let mut key = (diagnostic.code.clone(), fault.column, diagnostic.message.zh.clone());
        if self.reasons.len() >= REASONS_MAX && !self.reasons.contains_key(&key) {
            key.2.clear();
        }
        let new = || RegisterReason { first: fault.clone(), count: 0, is_fixed };
        self.reasons.entry(key).or_insert_with(new).count += 1;
    }

    /// The first cells of each column, for choosing its field.
    fn sample(&mut self, row: &SheetRow) {
        if self.result.counts.rows_total >= 3 {
            return;
        }
        for column in &self.result.plan.header.columns {
            let cell = row.cells.get(column.column).filter(|cell| !cell.is_blank());
            if let Some(cell) = cell.filter(|_| !column.is_forbidden) {
                let shown: String = cell.shown().chars().take(20).collect();
                self.result.samples.entry(column.column).or_default().push(shown);
            }
        }
    }

    fn finish(self) -> PassResult {
        let mut reasons: Vec<RegisterReason> = self.reasons.into_values().collect();
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.count));
        let mut result = PassResult { reasons, ..self.result };
        let codebook = self.resolver.service.codebook();
        for change in result.changes.iter_mut().chain(&mut result.conflicts) {
            let field = codebook.field(&change.ledger, &change.change.field);
            if field.is_none_or(|field| field.sensitive.is_some()) {
                change.change.old = hidden(&change.change.old);
                change.change.new = hidden(&change.change.new);
            }
        }
        if self.input.target.ledger.name == ROOT {
            result.households.extend(
                result.made.iter().filter(|(ledger, _)| ledger == ROOT).map(|(_, id)| id.clone()),
            );
        }
        result
    }
}

/// A sealed value in a list of changes: that there is one, not which.
fn hidden(value: &Value) -> Value {
    if value.is_empty() { Value::Null } else { "***".into() }
}
