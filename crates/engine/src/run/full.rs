//! A full run over a snapshot.

use super::emit::{DoubtChunk, Wanted};
use super::frame::{Frame, Shared};
use super::gathered::gather;
use super::order::out_of_order;
use super::plan::{Absence, Pass, Presence, RunPlan};
use super::reasons::{Why, count_reasons};
use super::summary::{Phases, RuleSummary};
use super::tree::run_tree;
use crate::error::EngineError;
use crate::snapshot::{ReadPlan, Snapshot};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use taizhang_program::{ColumnKind, ColumnUse, Program, Space, StepId, StepKind, TableId, Way};
use taizhang_values::WorkingCalendar;

/// Takes doubts as they are found, in an order that does not depend on threads.
pub trait DoubtSink {
    /// More doubts.
    ///
    /// # Errors
    /// When they cannot be kept.
    fn take(&mut self, program: &Program, doubts: DoubtChunk) -> Result<(), EngineError>;

    /// Forget everything: the run begins anew.
    ///
    /// # Errors
    /// When that cannot be done.
    fn restart(&mut self) -> Result<(), EngineError>;
}

/// Doubts are only counted.
impl DoubtSink for () {
    fn take(&mut self, _: &Program, _: DoubtChunk) -> Result<(), EngineError> {
        Ok(())
    }

    fn restart(&mut self) -> Result<(), EngineError> {
        Ok(())
    }
}

impl DoubtSink for Vec<DoubtChunk> {
    fn take(&mut self, _: &Program, doubts: DoubtChunk) -> Result<(), EngineError> {
        self.push(doubts);
        Ok(())
    }

    fn restart(&mut self) -> Result<(), EngineError> {
        self.clear();
        Ok(())
    }
}

/// How to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Threads.
    pub threads: usize,
    /// Codes of the rules to run; all if empty.
    pub rules: Vec<String>,
    /// Only rows of this region and below.
    pub region: Option<String>,
    /// Undecided rows are told like doubts.
    pub undecided: bool,
    /// Values used are told with each doubt.
    pub values: bool,
    /// Root records of a batch.
    pub batch_rows: usize,
    /// Root records of a partition: what one thread takes at a time; 0 leaves it to the engine.
    pub partition_rows: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            rules: Vec::new(),
            region: None,
            undecided: false,
            values: true,
            // Beyond the second cache, but what a step costs by itself, hundreds of times a batch,
            // counts for more: fewer were slower (benches/README.md).
            batch_rows: 16_384,
            partition_rows: 0,
        }
    }
}

/// What came of a run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// One a rule, in the order of the program.
    pub rules: Vec<RuleSummary>,
    /// What the snapshot lacks.
    pub absences: Vec<Absence>,
    /// Rows of the judged trees' ledgers that were read.
    pub rows: u64,
    /// Ledgers that had to be sorted first.
    pub sorted: Vec<String>,
    /// Where the time went.
    pub phases: Phases,
}

/// Everything a pass needs to know.
pub(crate) struct Setting<'a> {
    pub(crate) program: &'a Program,
    pub(crate) plan: &'a RunPlan,
    pub(crate) calendar: &'a WorkingCalendar,
    pub(crate) options: &'a Options,
    pub(crate) threads: usize,
    pub(crate) tables: Vec<Option<TablePlan>>,
    pub(crate) stop: &'a AtomicBool,
    pub(crate) progress: &'a (dyn Fn(u64, u64) + Sync),
}

/// How a table is read.
pub(crate) struct TablePlan {
    pub(crate) read: Arc<ReadPlan>,
    /// Whether record ids are the order, as in the root.
    pub(crate) is_root: bool,
    /// Place of the region among the supplies.
    pub(crate) region: Option<usize>,
}

impl Setting<'_> {
    pub(crate) fn table(&self, id: TableId) -> Option<&TablePlan> {
        self.tables.get(id.0 as usize)?.as_ref()
    }

    /// Whether to go on.
    pub(crate) fn go_on(&self) -> Result<(), EngineError> {
        if self.stop.load(Ordering::Relaxed) { Err(EngineError::Stopped) } else { Ok(()) }
    }

    pub(crate) fn broken(&self) -> EngineError {
        EngineError::Program("a thread broke off".to_owned())
    }

    pub(crate) fn wanted(&self) -> Wanted<'_> {
        Wanted {
            undecided: self.options.undecided,
            values: self.options.values,
            region: self.options.region.as_deref(),
        }
    }
}

impl Presence for (&Program, &Snapshot) {
    fn has_table(&self, table: TableId) -> bool {
        let Some(found) = self.0.table(table) else { return false };
        let Some(files) = self.1.ledger(&found.ledger) else { return false };
        match &found.way {
            Way::Nested { by, .. } => files.column_type(by).is_some(),
            Way::Root | Way::Gathered { .. } => true,
        }
    }

    fn has_column(&self, table: TableId, _: usize, wanted: &ColumnUse) -> bool {
        let files = self.0.table(table).and_then(|found| self.1.ledger(&found.ledger));
        files.is_some_and(|files| ReadPlan::supplies(files, wanted))
    }
}

/// Bytes below which memory that was given back is kept by the process.
const KEPT_BYTES: usize = 31 << 20;

/// Tells the C library by one untouched allocation that large ones come and go: it raises its
/// limit for giving memory back to the system to twice what was freed last from there. Else each
/// batch's columns are given back and cleared anew by the system.
fn keep_memory() {
    drop(std::hint::black_box(Vec::<u8>::with_capacity(KEPT_BYTES)));
}

/// Runs a program over a snapshot.
///
/// `progress` is told how many root rows of how many are done. Ledgers out of order are sorted
/// into `scratch` first.
///
/// # Errors
/// [`EngineError`]; when `stop` becomes true, [`EngineError::Stopped`].
pub fn run(
    program: &Program,
    snapshot: &Snapshot,
    options: &Options,
    sink: &mut dyn DoubtSink,
    stop: &AtomicBool,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Report, EngineError> {
    keep_memory();
    let mut snapshot = snapshot.clone();
    let mut sorted: Vec<String> = Vec::new();
    // Lives as long as the run: holds the sorted copies.
    let mut scratch = None;
    loop {
        match run_once(program, &snapshot, options, sink, (stop, progress), None) {
            Err(EngineError::Unsorted(ledger)) if !sorted.contains(&ledger) => {
                sink.restart()?;
                let mut ledgers = out_of_order(program, &snapshot, options)?;
                ledgers.insert(ledger);
                ledgers.retain(|ledger| !sorted.contains(ledger));
                for ledger in ledgers {
                    snapshot = crate::snapshot::sorted(program, snapshot, &ledger, &mut scratch)?;
                    sorted.push(ledger);
                }
            }
            Err(error) => return Err(error),
            Ok(mut report) => {
                report.sorted = sorted;
                count_reasons(&mut report, &mut |rules, why| {
                    let options = Options { rules, undecided: false, ..options.clone() };
                    let told = (stop, &(|_, _| {}) as &(dyn Fn(u64, u64) + Sync));
                    run_once(program, &snapshot, &options, &mut (), told, Some(why))
                })?;
                return Ok(report);
            }
        }
    }
}

fn run_once(
    program: &Program,
    snapshot: &Snapshot,
    options: &Options,
    sink: &mut dyn DoubtSink,
    (stop, progress): (&AtomicBool, &(dyn Fn(u64, u64) + Sync)),
    why: Option<Arc<Why>>,
) -> Result<Report, EngineError> {
    let answers = selected_answers(program, options);
    let plan = RunPlan::new(program, &answers, &(program, snapshot));
    let mut calendar = WorkingCalendar::default();
    for day in &program.calendar {
        calendar.set(day.date, day.is_working);
    }
    let setting = Setting {
        program,
        plan: &plan,
        calendar: &calendar,
        options,
        threads: options.threads.max(1),
        tables: table_plans(program, snapshot, &plan)?,
        stop,
        progress,
    };
    let mut shared = Shared::new(program);
    shared.why = why;
    run_constants(&setting, &mut shared);
    let mut report = Report { absences: plan.absences.clone(), ..Report::default() };
    let mut gathered: BTreeSet<usize> = BTreeSet::new();
    let mut summaries: BTreeMap<usize, RuleSummary> = answers
        .iter()
        .filter_map(|place| Some((*place, empty_summary(program, *place)?)))
        .collect();
    // Short trees first: what a long pass leaves in memory would lie beside what they gather.
    let rows = |pass: &Pass| {
        let tables = pass.tables.iter().filter_map(|id| setting.table(*id));
        tables.map(|table| table.read.files.rows).sum::<u64>()
    };
    let mut trees: Vec<&Pass> = plan.trees.iter().collect();
    trees.sort_by_key(|pass| rows(pass));
    for (number, pass) in trees.iter().enumerate() {
        for place in &pass.uses {
            if let Some(table) = plan.gathered.get(*place).filter(|_| gathered.insert(*place)) {
                report.phases.gather += gather(&setting, &mut shared, table)?;
            }
        }
        shared.join_indexes(program, pass);
        let done = run_tree(&setting, &shared, pass, sink)?;
        // What no later tree looks at makes room for what the next one gathers.
        let later: BTreeSet<usize> =
            trees.iter().skip(number + 1).flat_map(|pass| pass.uses.clone()).collect();
        let over = pass.uses.iter().filter(|place| !later.contains(place));
        over.filter_map(|place| plan.gathered.get(*place)).for_each(|pass| shared.forget(pass));
        report.rows += done.rows;
        report.phases.add(&done.phases);
        for (place, summary) in done.summaries {
            if let Some(own) = summaries.get_mut(&place) {
                own.add(&summary);
            }
        }
    }
    report.rules = summaries.into_values().collect();
    Ok(report)
}

/// Places of the answers that are asked for.
pub(super) fn selected_answers(program: &Program, options: &Options) -> Vec<usize> {
    let is_asked = |rule: &String| options.rules.is_empty() || options.rules.contains(rule);
    let answers = program.answers.iter().enumerate();
    answers.filter(|(_, answer)| is_asked(&answer.rule)).map(|(place, _)| place).collect()
}

fn empty_summary(program: &Program, place: usize) -> Option<RuleSummary> {
    let answer = program.answers.get(place)?;
    Some(RuleSummary {
        rule: answer.rule.clone(),
        ledger: program.table(answer.table)?.ledger.clone(),
        ..RuleSummary::default()
    })
}

fn run_constants(setting: &Setting<'_>, shared: &mut Shared) {
    let mut found = Vec::new();
    {
        let mut frame = Frame::new(setting.program, shared, setting.calendar);
        for step in &setting.plan.constants {
            frame.run(*step);
            found.push((*step, frame.get(*step).cloned()));
        }
    }
    for (step, column) in found {
        if let Some(slot) = shared.slots.get_mut(step.0 as usize) {
            *slot = column;
        }
    }
}

/// Columns of each table that steps of the plan read.
fn used_columns(program: &Program, plan: &RunPlan) -> BTreeMap<TableId, BTreeSet<u32>> {
    let mut used: BTreeMap<TableId, BTreeSet<u32>> = BTreeMap::new();
    let steps = plan.gathered.iter().chain(&plan.trees).flat_map(|pass| &pass.steps);
    for step in steps.filter_map(|step: &StepId| program.step(*step)) {
        if let (Space::Table(table), StepKind::Column(place)) = (step.space, &step.kind) {
            used.entry(table).or_default().insert(*place);
        }
    }
    used
}

pub(super) fn table_plans(
    program: &Program,
    snapshot: &Snapshot,
    plan: &RunPlan,
) -> Result<Vec<Option<TablePlan>>, EngineError> {
    let used = used_columns(program, plan);
    let mut plans: Vec<Option<TablePlan>> = program.tables.iter().map(|_| None).collect();
    let none = BTreeSet::new();
    for pass in plan.gathered.iter().chain(&plan.trees) {
        let judged: BTreeSet<TableId> = pass
            .answers
            .iter()
            .chain(&pass.undecided)
            .filter_map(|place| Some(program.answers.get(*place)?.table))
            .collect();
        for id in &pass.tables {
            let Some(table) = program.table(*id) else { continue };
            let Some(files) = snapshot.ledger(&table.ledger) else { continue };
            if !(program, snapshot).has_table(*id) {
                continue;
            }
            let is_root = table.way == Way::Root;
            let order = match &table.way {
                Way::Root if pass.tables.len() > 1 => Some("id"),
                Way::Root | Way::Gathered { .. } => None,
                Way::Nested { by, .. } => Some(by.as_str()),
            };
            let is_judged = judged.contains(id);
            let mut columns = table.columns.clone();
            let mut own = used.get(id).unwrap_or(&none).clone();
            // Nested records without a region are taken to be where their root is.
            let region = (is_judged || (is_root && !judged.is_empty())).then_some(columns.len());
            if region.is_some() {
                own.insert(u32::try_from(columns.len()).unwrap_or(u32::MAX));
                columns.push(ColumnUse { name: "region".to_owned(), kind: ColumnKind::Text });
            }
            let is_used =
                |place: usize| u32::try_from(place).is_ok_and(|place| own.contains(&place));
            let read = ReadPlan::new(files, &columns, &is_used, order, is_judged)?;
            if let Some(slot) = plans.get_mut(id.0 as usize) {
                *slot = Some(TablePlan { read: Arc::new(read), is_root, region });
            }
        }
    }
    Ok(plans)
}
