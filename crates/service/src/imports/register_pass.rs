//! One reading of a register workbook from its first row to its last, in bounded memory.

use super::register_diff::{FieldChange, source_of};
use super::register_places::Places;
use super::register_row::{Doors, Resolver, RowOutcome, RowProblem};
use super::register_target::{ROOT, Target, TargetColumn};
use crate::{Caller, Service, ServiceError};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use taizhang_diagnostics::{Diagnostic, Message, Place};
use taizhang_exchange::{
    ExchangeError, ImportField, ImportOptions, Limits, RowFault, RowPlan, RowsCheck, RowsRequest,
    SheetRow, StreamedRow,
};
use taizhang_store::{Reader, Writer};
use taizhang_values::{RecordId, RegionCode, Value};

/// Changes and faults that are kept to be shown; all are counted.
const SHOWN: usize = 500;
/// Rows whose look-ups are made together, and that share an audit line. What a block of wide rows
/// holds on its way to the store should lie in the processor's own memory: 500 rows do not.
const BLOCK_ROWS: usize = 128;
/// A file beyond this holds some thousand rows, bytes.
const LARGE_BYTES: u64 = 1 << 20;
/// First cells of a column that are shown.
const SAMPLES: usize = 3;
/// Told when the sheet begins anew after rows were written.
pub(super) const AGAIN: &str = "the sheet begins anew";
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
    /// Records that earlier files of the same list brought, in the same region, and this complete
    /// one has no row for.
    #[serde(default)]
    pub removed: u64,
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
    pub(super) starts: u32,
    /// Records made and changed with the version they got: what can be taken back.
    pub(super) made: Vec<(String, RecordId)>,
    pub(super) updated: Vec<(String, RecordId, i64)>,
    pub(super) households: BTreeSet<RecordId>,
    /// The first records that the file has no row for any more.
    pub(super) removed: Vec<RecordId>,
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
    /// What the file lacks may be no more.
    pub(super) is_complete: bool,
    /// Hash of the stored file.
    pub(super) file: &'a str,
}

/// Writing while the rows go by. What is written of a file that turns out to have bad rows goes
/// with its transaction.
#[derive(Clone, Copy)]
pub(super) struct Writing<'w, 's> {
    pub(super) writer: &'w Writer<'s>,
    /// Good rows go in although others are bad.
    pub(super) good_only: bool,
    /// At which start of the sheet the writing begins.
    pub(super) starts: u32,
}

/// Rows as they go by, for whoever writes them elsewhere.
pub(super) enum PassRow<'r> {
    /// The sheet begins, perhaps anew.
    Start(&'r RowPlan),
    /// A row with its faults.
    Row(&'r SheetRow, &'r [RowFault]),
}

/// Takes every row of a sheet, with its cells.
pub(super) type TakeRow<'t> = dyn FnMut(PassRow<'_>) -> Result<(), ServiceError> + 't;

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

/// A row that waits for its block.
struct Held {
    number: u32,
    values: Vec<Value>,
    faults: Vec<RowFault>,
    /// With its cells, if somebody takes them.
    row: Option<SheetRow>,
    is_record: bool,
}

struct Pass<'a, 'p> {
    input: &'p PassInput<'a>,
    fields: &'p [ImportField],
    resolver: Resolver<'p>,
    result: PassResult,
    reasons: BTreeMap<(String, usize, String), RegisterReason>,
    block: Vec<Held>,
    /// Room of rows that were judged, for those to come.
    spare: Vec<Vec<Value>>,
    sampled: usize,
    /// What earlier files of this list brought.
    brought: Vec<RecordId>,
    is_large: bool,
}

impl Service {
    /// How the sheet would be read, without reading it.
    pub(super) fn register_plan(&self, input: &PassInput<'_>) -> Result<RowPlan, ServiceError> {
        let mut found = None;
        let done = self.sheet_rows(input, false, |row| {
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

    /// The rows of the stored file, read apart.
    fn sheet_rows(
        &self,
        input: &PassInput<'_>,
        with_cells: bool,
        take: impl FnMut(StreamedRow<'_>) -> Result<(), PassError>,
    ) -> Result<RowsCheck, PassError> {
        let fields = self.target_fields(input.target);
        let chosen = |name: &String| Some(name.clone()).filter(|name| !name.is_empty());
        let columns = input.columns.iter().map(|(at, name)| (*at, chosen(name))).collect();
        // A birthday without its year is not a day of this year.
        let options = ImportOptions { reference: None, sheet: None, columns };
        let limits = Limits::register();
        let request =
            RowsRequest { fields: &fields, options: &options, limits: &limits, with_cells };
        let mut file = self.store.files().open(input.file).map_err(ServiceError::from)?;
        self.file_reader().rows(&mut file, &request, take)
    }

    /// Reads a workbook once, against the state of the store that `reader` sees.
    pub(super) fn register_pass<'s>(
        &self,
        reader: &Reader<'s>,
        input: &PassInput<'_>,
        writing: Option<Writing<'_, 's>>,
        mut sink: Option<&mut TakeRow<'_>>,
    ) -> Result<PassResult, ServiceError> {
        let fields = self.target_fields(input.target);
        let places = Places::read(reader, input.region, input.target.ledger.home)?;
        let resolver = Resolver::new(self, input.caller, input.target, input.region, places);
        let mut pass = Pass {
            input,
            fields: &fields,
            resolver,
            result: PassResult::default(),
            reasons: BTreeMap::new(),
            block: Vec::with_capacity(BLOCK_ROWS),
            spare: Vec::new(),
            sampled: 0,
            brought: Vec::new(),
            is_large: self.store.files().size_bytes(input.file).is_ok_and(|n| n > LARGE_BYTES),
        };
        if input.is_complete && input.target.ledger.home.is_some() {
            let source = source_of(&input.target.name);
            let ledger = &input.target.ledger.name;
            pass.brought = reader.brought_by(ledger, input.region, &source)?;
        }
        let doors = Doors { reader, writer: writing.map(|writing| writing.writer) };
        let check = self
            .sheet_rows(input, sink.is_some(), |row| {
                pass.streamed((doors, writing), row, &mut sink).map_err(PassError)
            })
            .map_err(|error: PassError| error.0)?;
        pass.judge_block((doors, writing), &mut sink)?;
        pass.result.counts.rows_skipped = check.rows_skipped;
        pass.result.notes = check.notes;
        pass.note_unseen();
        pass.note_assumed();
        pass.find_removed(reader)?;
        Ok(pass.finish())
    }
}

/// Where rows are looked up, and how they are written.
type Way<'w, 's> = (Doors<'w, 's>, Option<Writing<'w, 's>>);

impl<'p> Pass<'_, 'p> {
    fn streamed(
        &mut self,
        way: Way<'_, '_>,
        row: StreamedRow<'_>,
        sink: &mut Option<&mut TakeRow<'_>>,
    ) -> Result<(), ServiceError> {
        match row {
            StreamedRow::Start(plan) => {
                self.start(plan, way)?;
                return sink.as_mut().map_or(Ok(()), |sink| sink(PassRow::Start(plan)));
            }
            StreamedRow::Other { row } => {
                if sink.is_some() {
                    let (values, faults) = (Vec::new(), Vec::new());
                    let row = Some(row.clone());
                    self.block.push(Held { number: 0, values, faults, row, is_record: false });
                }
            }
            StreamedRow::Record { row, values, faults, .. } => {
                self.sample(row);
                self.block.push(Held {
                    number: row.number,
                    values: std::mem::replace(values, self.spare.pop().unwrap_or_default()),
                    faults: std::mem::take(faults),
                    row: sink.is_some().then(|| row.clone()),
                    is_record: true,
                });
            }
        }
        if self.block.len() < BLOCK_ROWS {
            return Ok(());
        }
        self.judge_block(way, sink)
    }

    fn start(&mut self, plan: &RowPlan, (_, writing): Way<'_, '_>) -> Result<(), ServiceError> {
        let starts = self.result.starts + 1;
        if writing.is_some_and(|writing| writing.starts < starts) {
            // Rows that are void were written.
            return Err(ServiceError::Internal(AGAIN.to_owned()));
        }
        let target = self.input.target;
        let column = |name: &String| target.columns.iter().find(|column| column.key == *name);
        let columns: Vec<&'p TargetColumn<'p>> = plan.fields.iter().filter_map(column).collect();
        let lacking = self.fields.iter().filter(|field| field.is_required);
        let lacking = lacking.filter(|field| !plan.fields.contains(&field.name));
        let lacking = lacking.filter_map(|field| field.heads.first().cloned()).collect();
        self.result = PassResult { plan: plan.clone(), starts, lacking, ..PassResult::default() };
        self.reasons.clear();
        self.block.clear();
        self.sampled = 0;
        self.resolver.start(columns);
        match writing.filter(|writing| self.is_large && writing.starts == starts) {
            Some(writing) => self.resolver.expect_many(writing.writer),
            None => Ok(()),
        }
    }

    /// Judges the rows that wait, their look-ups made together.
    fn judge_block(
        &mut self,
        (doors, writing): Way<'_, '_>,
        sink: &mut Option<&mut TakeRow<'_>>,
    ) -> Result<(), ServiceError> {
        let mut block = std::mem::take(&mut self.block);
        let is_now = writing.is_none_or(|writing| writing.starts == self.result.starts);
        if is_now {
            for held in block.iter_mut().filter(|held| held.is_record) {
                self.mend(held);
            }
            let rows: Vec<&[Value]> = block.iter().map(|held| held.values.as_slice()).collect();
            self.resolver.prepare(doors.reader, &rows)?;
            for held in &mut block {
                if held.is_record {
                    self.judge(held, (doors, writing))?;
                }
                if let (Some(sink), Some(row)) = (sink.as_mut(), &held.row) {
                    sink(PassRow::Row(row, &held.faults))?;
                }
            }
            if let Some(writer) = doors.writer {
                self.resolver.flush(writer)?;
            }
        }
        self.spare.extend(block.drain(..).filter(|held| held.is_record).map(|held| held.values));
        self.spare.truncate(BLOCK_ROWS);
        self.block = block;
        Ok(())
    }

    /// Says which columns of the sheet are not read because the caller does not see their fields.
    fn note_unseen(&mut self) {
        let stands = |column: &&TargetColumn<'_>| {
            self.result.plan.header.columns.iter().any(|own| {
                own.field.is_none() && !own.is_forbidden && column.heads.contains(&own.head)
            })
        };
        let heads: Vec<&str> = self
            .input
            .target
            .unseen
            .iter()
            .filter(stands)
            .map(|column| column.head.as_str())
            .collect();
        if !heads.is_empty() {
            let note = Message::new(
                format!("您无权查看的列没有读入：{}", heads.join("、")),
                "columns of fields that you do not see are left out",
            );
            self.result.notes.push(note);
        }
    }

    /// Says for what the list was taken, and how rows without a number are known.
    fn note_assumed(&mut self) {
        self.result.notes.push(if self.input.is_complete {
            Message::new(
                "按全量名册处理：以前导入过、这份没有的记录，列为待核实的减少",
                "taken for the complete list of its region: what earlier files brought and this \
                 one lacks is listed as missing",
            )
        } else {
            Message::new(
                "按部分名册处理：这份没有的记录不算减少",
                "taken for a part of the list: what it lacks is not listed as missing",
            )
        });
        if self.resolver.is_keyless.get() {
            self.result.notes.push(Message::new(
                "有的行没有编号，按整行内容认定：内容相同的视为已有；改过的行显示为一条新增，\
                 原来那条只在全量名册里列为待核实的减少",
                "some rows have no number and are known by their whole content: an equal row is \
                 there already; a changed one shows as one added and, in a complete list, one \
                 missing",
            ));
        }
    }

    /// Records that this list brought before, and that the file has no row for.
    fn find_removed(&mut self, reader: &Reader<'_>) -> Result<(), ServiceError> {
        let (target, result) = (self.input.target, &mut self.result);
        if !result.lacking.is_empty() || result.counts.rows_good == 0 {
            return Ok(());
        }
        result.removed = std::mem::take(&mut self.brought);
        result.removed.retain(|id| !self.resolver.is_taken(id));
        super::register_removed::drop_ended(reader, target.ledger, &mut result.removed)?;
        result.counts.removed = u64::try_from(result.removed.len()).unwrap_or(u64::MAX);
        result.removed.truncate(SHOWN);
        Ok(())
    }

    /// Accepted near misses become values; what is left are the row's faults.
    fn mend(&mut self, held: &mut Held) {
        if self.input.fixes.is_empty() {
            return;
        }
        for fault in std::mem::take(&mut held.faults) {
            let key = (fault.field.clone(), fault.diagnostic.message.zh.clone());
            let is_accepted = self.input.fixes.contains(&key);
            let value = is_accepted.then(|| self.suggested(&fault)).flatten();
            let place = self.result.plan.fields.iter().position(|name| *name == fault.field);
            match (value, place.and_then(|place| held.values.get_mut(place))) {
                (Some(value), Some(slot)) => {
                    *slot = value;
                    self.reason(&fault, true);
                }
                _ => held.faults.push(fault),
            }
        }
        self.put_right(held.number, &mut held.values);
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

    /// Judges a row, and writes it if it is good and rows are written.
    fn judge(
        &mut self,
        held: &mut Held,
        (doors, writing): Way<'_, '_>,
    ) -> Result<(), ServiceError> {
        // A file of which nothing will be kept is only judged to its end.
        let is_lost = self.result.counts.rows_bad > 0 || !self.result.lacking.is_empty();
        let writer = doors.writer.filter(|_| {
            !is_lost || writing.is_some_and(|way| way.good_only && self.result.lacking.is_empty())
        });
        let doors = Doors { writer, ..doors };
        let mut outcome = self.resolver.row(doors, held.number, &mut held.values)?;
        // A cell that could not be read is not also missing.
        let known: Vec<usize> = held.faults.iter().map(|fault| fault.column).collect();
        for problem in &outcome.problems {
            let fault = self.fault(held.number, problem);
            if !known.contains(&fault.column) {
                held.faults.push(fault);
            }
        }
        held.faults.sort_by_key(|fault| fault.column);
        let is_good = held.faults.is_empty() && self.result.lacking.is_empty();
        self.resolver.settle(writer, (held.number, is_good), &mut outcome)?;
        self.result.counts.rows_total += 1;
        if is_good {
            self.result.counts.rows_good += 1;
            self.count_effects(held.number, &outcome);
            if writer.is_some() {
                self.note_written(outcome);
            }
            return Ok(());
        }
        self.result.counts.rows_bad += 1;
        for fault in &held.faults {
            self.reason(fault, false);
        }
        let room = SHOWN.saturating_sub(self.result.faults.len());
        self.result.faults.extend(held.faults.iter().take(room).cloned());
        Ok(())
    }

    /// Keeps what can be taken back.
    fn note_written(&mut self, outcome: RowOutcome) {
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
    }

    /// Names of places that were near misses and accepted are put right.
    fn put_right(&mut self, row: u32, values: &mut [Value]) {
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
        if self.sampled >= SAMPLES {
            return;
        }
        self.sampled += 1;
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
