//! The pass over a tree: partitions of root records, each batch by batch, by several threads.

use super::emit::{DoubtChunk, count_undecided, emit};
use super::frame::{Frame, Shared, TableBatch};
use super::full::{DoubtSink, Setting, TablePlan};
use super::merge::{Groups, check_order, root_rows, take_until};
use super::partition::{Partition, partitions};
use super::plan::Pass;
use super::summary::{Phases, RuleSummary};
use crate::column::{Column, NOWHERE, Rows, Texts};
use crate::error::EngineError;
use crate::kernel;
use crate::snapshot::{BatchBuilder, IdColumn, LedgerStream};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::time::{Duration, Instant};
use taizhang_program::TableId;

/// What came of a tree.
#[derive(Default)]
pub(crate) struct Done {
    pub(crate) rows: u64,
    pub(crate) summaries: BTreeMap<usize, RuleSummary>,
    pub(crate) phases: Phases,
}

/// Partitions that may be ahead of the one being written, for each thread.
const AHEAD: usize = 1;

/// Which partition is written next; threads that are too far ahead wait for it.
#[derive(Default)]
struct Turn {
    written: Mutex<usize>,
    moved: Condvar,
}

impl Turn {
    fn wait(&self, part: usize, ahead: usize) {
        let Ok(mut written) = self.written.lock() else { return };
        while part > written.saturating_add(ahead) {
            match self.moved.wait(written) {
                Ok(next) => written = next,
                Err(_) => return,
            }
        }
    }

    fn advance(&self, to: usize) {
        if let Ok(mut written) = self.written.lock() {
            *written = to;
        }
        self.moved.notify_all();
    }
}

/// Runs all partitions; doubts go to the sink in the order of the partitions.
pub(crate) fn run_tree(
    setting: &Setting<'_>,
    shared: &Shared,
    pass: &Pass,
    sink: &mut dyn DoubtSink,
) -> Result<Done, EngineError> {
    let tables: Vec<TableId> =
        pass.tables.iter().copied().filter(|id| setting.table(*id).is_some()).collect();
    let Some(driver) = driver(setting, &tables) else { return Ok(Done::default()) };
    let started = Instant::now();
    let parts = partitions(setting, &tables, driver)?;
    let divide = started.elapsed();
    let total = setting.table(driver).map_or(0, |plan| plan.read.files.rows);
    let next = AtomicUsize::new(0);
    let read = AtomicU64::new(0);
    let turn = Turn::default();
    let (sender, receiver) = mpsc::channel::<(usize, DoubtChunk)>();
    let threads = setting.threads.min(parts.len()).max(1);
    let work = |sender: mpsc::Sender<(usize, DoubtChunk)>| -> Result<Worker<'_>, EngineError> {
        let mut worker = Worker::new(setting, shared, pass, &tables, driver);
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(part) = parts.get(number) else { return Ok(worker) };
            turn.wait(number, threads * AHEAD);
            let doubts = worker.partition(part)?;
            let rows = part.rows(driver);
            let done = read.fetch_add(rows, Ordering::Relaxed) + rows;
            (setting.progress)(done, total);
            if sender.send((number, doubts)).is_err() {
                return Ok(worker);
            }
        }
    };
    let mut done = Done { phases: Phases { divide, ..Phases::default() }, ..Done::default() };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                let sender = sender.clone();
                scope.spawn(|| {
                    let result = work(sender);
                    if result.is_err() {
                        // Nobody shall wait for a partition that never comes.
                        next.store(parts.len(), Ordering::Relaxed);
                        turn.advance(parts.len());
                    }
                    result
                })
            })
            .collect();
        drop(sender);
        let written = write_in_order(setting, &receiver, &turn, sink, &mut done.phases.write);
        if written.is_err() {
            next.store(parts.len(), Ordering::Relaxed);
            turn.advance(parts.len());
            drop(receiver);
        }
        for worker in workers {
            let worker = worker.join().map_err(|_| setting.broken())??;
            worker.finish(&mut done);
        }
        written
    })?;
    Ok(done)
}

fn write_in_order(
    setting: &Setting<'_>,
    receiver: &mpsc::Receiver<(usize, DoubtChunk)>,
    turn: &Turn,
    sink: &mut dyn DoubtSink,
    spent: &mut Duration,
) -> Result<(), EngineError> {
    let mut waiting: BTreeMap<usize, DoubtChunk> = BTreeMap::new();
    let mut next = 0;
    for (number, doubts) in receiver {
        waiting.insert(number, doubts);
        while let Some(doubts) = waiting.remove(&next) {
            if !doubts.is_empty() {
                let started = Instant::now();
                sink.take(setting.program, doubts)?;
                *spent += started.elapsed();
            }
            next += 1;
            turn.advance(next);
        }
    }
    Ok(())
}

/// The table that sets the pace: the root, or without one the longest.
fn driver(setting: &Setting<'_>, tables: &[TableId]) -> Option<TableId> {
    let plan = |id: &TableId| setting.table(*id);
    let root = tables.iter().find(|id| plan(id).is_some_and(|plan| plan.is_root));
    let longest = tables.iter().max_by_key(|id| plan(id).map_or(0, |plan| plan.read.files.rows));
    root.or(longest).copied()
}

/// One thread's part of a pass.
struct Worker<'a> {
    setting: &'a Setting<'a>,
    pass: &'a Pass,
    tables: &'a [TableId],
    driver: TableId,
    frame: Frame<'a>,
    summaries: BTreeMap<usize, RuleSummary>,
    times: Vec<Duration>,
    phases: Phases,
    rows: u64,
    /// Room that a batch of each table needs.
    rooms: BTreeMap<TableId, usize>,
}

/// A table's stream in a partition.
struct Feed<'a> {
    id: TableId,
    plan: &'a TablePlan,
    stream: LedgerStream,
    last: IdColumn,
    /// Room for the rows of a batch: the most there were so far, and an eighth more.
    room: usize,
}

impl<'a> Worker<'a> {
    fn new(
        setting: &'a Setting<'a>,
        shared: &'a Shared,
        pass: &'a Pass,
        tables: &'a [TableId],
        driver: TableId,
    ) -> Self {
        let mut frame = Frame::new(setting.program, shared, setting.calendar);
        frame.guards = Some(&pass.guards);
        Self {
            setting,
            pass,
            tables,
            driver,
            frame,
            summaries: BTreeMap::new(),
            times: vec![Duration::ZERO; pass.steps.len()],
            phases: Phases::default(),
            rows: 0,
            rooms: BTreeMap::new(),
        }
    }

    fn partition(&mut self, part: &Partition) -> Result<DoubtChunk, EngineError> {
        let mut doubts = DoubtChunk::default();
        let mut feeds = Vec::new();
        for id in self.tables {
            let Some(plan) = self.setting.table(*id) else { continue };
            let rows = part.range(*id);
            let stream = LedgerStream::new(Arc::clone(&plan.read), &rows);
            let room = self.rooms.get(id).copied().unwrap_or(0);
            feeds.push(Feed { id: *id, plan, stream, last: IdColumn::default(), room });
        }
        // The driver goes first: its ids say how far the others go.
        feeds.sort_by_key(|feed| feed.id != self.driver);
        loop {
            self.setting.go_on()?;
            let started = Instant::now();
            let is_last = self.batch(part, &mut feeds)?;
            self.phases.merge += started.elapsed();
            self.judge(&mut doubts);
            if is_last {
                for feed in &feeds {
                    self.rooms.insert(feed.id, feed.room);
                    let spent = feed.stream.spent();
                    self.phases.decode += spent.decode;
                    self.phases.columns += spent.columns;
                    let inner = spent.decode + spent.columns;
                    self.phases.merge = self.phases.merge.saturating_sub(inner);
                }
                return Ok(doubts);
            }
        }
    }

    /// Fills the frame with the next batch; true if it is the last one.
    fn batch(&mut self, part: &Partition, feeds: &mut [Feed<'a>]) -> Result<bool, EngineError> {
        self.frame.clear();
        let Some((driver, others)) = feeds.split_first_mut() else { return Ok(true) };
        let limit = self.setting.options.batch_rows.max(1);
        let mut builder = BatchBuilder::new(&driver.plan.read, driver.room);
        let first_row = driver.stream.row();
        while builder.rows() < limit && driver.stream.fill()? {
            driver.stream.take(limit - builder.rows(), &mut builder)?;
        }
        let has_order = driver.plan.read.order.is_some();
        if has_order && !driver.plan.is_root {
            // The rows of one root record stay together.
            let mut end = IdColumn::default();
            if let Some(last) = builder.rows().checked_sub(1) {
                end.append(builder.order(), last, 1);
                take_until(&mut driver.stream, &mut builder, Some((&end, 0)))?;
            }
        }
        let is_last = !driver.stream.fill()?;
        let ids = builder.order().clone();
        check_order(&driver.plan.read.files.name, part, &mut driver.last, &ids)?;
        driver.room = driver.room.max(builder.rows() + builder.rows() / 8);
        let mut groups = Groups::new(ids);
        let root_count = if driver.plan.is_root { builder.rows() } else { 0 };
        let mut driver_batch = finish(driver.plan, builder, first_row);
        driver_batch.groups = groups.own.clone();
        if !driver.plan.is_root {
            driver_batch.root = Some(Rows::picked(vec![NOWHERE; driver_batch.rows]));
        }
        self.rows += driver_batch.rows as u64;
        let root_region = driver_batch.region.clone().filter(|_| driver.plan.is_root);
        self.place(driver.id, driver_batch);
        for feed in others {
            let mut builder = BatchBuilder::new(&feed.plan.read, feed.room);
            let first_row = feed.stream.row();
            let end = groups.last();
            let boundary = if is_last { None } else { end.as_ref().map(|end| (end, 0)) };
            take_until(&mut feed.stream, &mut builder, boundary)?;
            check_order(&feed.plan.read.files.name, part, &mut feed.last, builder.order())?;
            feed.room = feed.room.max(builder.rows() + builder.rows() / 8);
            let own = groups.of(builder.order());
            let mut batch = finish(feed.plan, builder, first_row);
            let rows = root_rows(&own, root_count);
            if feed.plan.region.is_some() {
                batch.region = own_or_root(batch.region, root_region.as_ref(), &rows);
            }
            batch.root = Some(rows);
            batch.groups = own;
            self.rows += batch.rows as u64;
            self.place(feed.id, batch);
        }
        Ok(is_last)
    }

    fn place(&mut self, id: TableId, batch: TableBatch) {
        if let Some(slot) = self.frame.tables.get_mut(id.0 as usize) {
            *slot = Some(batch);
        }
    }

    /// Runs the steps over the batch and tells the outcomes.
    fn judge(&mut self, doubts: &mut DoubtChunk) {
        let started = Instant::now();
        let mut before = started;
        let drops = &self.pass.drops;
        for ((step, time), drops) in self.pass.steps.iter().zip(&mut self.times).zip(drops) {
            self.frame.run(*step);
            for dropped in drops {
                self.frame.set(*dropped, None);
            }
            let now = Instant::now();
            *time += now - before;
            before = now;
        }
        self.phases.steps += before - started;
        let started = before;
        let wanted = self.setting.wanted();
        let program = self.setting.program;
        for place in &self.pass.answers {
            let Some(answer) = program.answers.get(*place) else { continue };
            let summary = self.summaries.entry(*place).or_default();
            emit(&self.frame, *place, answer, wanted, summary, doubts);
            let now = Instant::now();
            summary.time += now - before;
            before = now;
        }
        for place in &self.pass.undecided {
            let Some(answer) = program.answers.get(*place) else { continue };
            let summary = self.summaries.entry(*place).or_default();
            count_undecided(&self.frame, answer, wanted, summary);
        }
        self.phases.tell += started.elapsed();
    }

    /// Adds the counts, and the time of each step shared by the rules that use it.
    fn finish(mut self, done: &mut Done) {
        let program = self.setting.program;
        let mut users: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let places: BTreeMap<_, _> =
            self.pass.steps.iter().enumerate().map(|(place, step)| (*step, place)).collect();
        for answer in &self.pass.answers {
            let Some(found) = program.answers.get(*answer) else { continue };
            let mut open: Vec<_> = found.roots().collect();
            let mut seen = std::collections::BTreeSet::new();
            while let Some(step) = open.pop() {
                if let Some(place) = places.get(&step)
                    && seen.insert(step)
                {
                    users.entry(*place).or_default().push(*answer);
                    open.extend(program.inputs(step));
                }
            }
        }
        for (place, answers) in users {
            let count = u32::try_from(answers.len()).unwrap_or(1).max(1);
            let share = self.times.get(place).copied().unwrap_or_default() / count;
            for answer in answers {
                self.summaries.entry(answer).or_default().time += share;
            }
        }
        done.rows += self.rows;
        done.phases.add(&self.phases);
        for (place, summary) in self.summaries {
            done.summaries.entry(place).or_default().add(&summary);
        }
    }
}

fn finish(plan: &TablePlan, builder: BatchBuilder, first_row: u64) -> TableBatch {
    let is_by_id = plan.is_root && plan.read.order.is_some();
    let mut batch = TableBatch::of(builder.finish(), &plan.read.supplies, is_by_id);
    batch.first_row = first_row;
    if let Some(region) = plan.region {
        batch.region = batch.columns.get(region).cloned().flatten();
        debug_assert!(!matches!(batch.region.as_deref(), Some(Column::Integer(_))));
    }
    batch
}

/// Regions of nested records: their own, and where they have none that of their root.
pub(crate) fn own_or_root(
    own: Option<Arc<Column>>,
    root: Option<&Arc<Column>>,
    rows: &Rows,
) -> Option<Arc<Column>> {
    let Some(root) = root else { return own };
    let lacks = |column: &Column| column.gaps().is_some_and(|gaps| gaps.known.is_some());
    if own.as_deref().is_some_and(|own| !lacks(own)) {
        return own;
    }
    let roots = kernel::gather(root, rows);
    let joined = match (own.as_deref(), &roots) {
        (Some(Column::Text(own)), Column::Text(roots)) => Column::Text(Texts::plain(
            (0..own.len().max(roots.len()))
                .map(|row| own.get(row).or_else(|| roots.get(row)).map(str::as_bytes)),
        )),
        _ => roots,
    };
    Some(Arc::new(joined))
}
