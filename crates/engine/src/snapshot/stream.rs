//! A stretch of a ledger's rows, read batch by batch.

use super::builder::{ColumnBuilder, NumberBuilder};
use super::convert::{Dictionaries, append, builder};
use super::cursor::Cursor;
use super::ids::{IdColumn, MISSING};
use super::plan::{PartPlan, ReadPlan};
use crate::bits::Bits;
use crate::column::Column;
use crate::error::EngineError;
use arrow_array::RecordBatch;
use parquet::arrow::arrow_reader::{
    ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection, RowSelector,
};
use std::collections::VecDeque;
use std::fs::File;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Rows looked at a time: large enough that the reader's own cost a batch vanishes, small enough
/// that the columns of a batch stay in the processor's cache.
const DECODE_ROWS: usize = 8192;

/// Part of a row group still to be read.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    part: usize,
    group: usize,
    skip: usize,
    take: usize,
}

/// Reads a stretch of rows.
pub struct LedgerStream {
    plan: Arc<ReadPlan>,
    rest: VecDeque<Stretch>,
    group: Option<Group>,
    window: Option<Window>,
    dictionaries: Dictionaries,
    /// Number of the next row, counted over the whole ledger.
    row: u64,
    spent: Spent,
}

/// Time spent in a stream.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spent {
    pub(crate) decode: Duration,
    pub(crate) columns: Duration,
}

/// The row group that is being read.
struct Group {
    part: usize,
    /// Rows of the group that are behind.
    row: usize,
    /// Rows of the stretch still to be looked at.
    left: usize,
    /// One a source that is read from its pages.
    cursors: Vec<Option<Cursor>>,
    /// Reads the other sources.
    reader: Option<ParquetRecordBatchReader>,
}

/// Rows that can be looked at: their order is known. Columns that are read from their pages are
/// read when the rows are taken.
struct Window {
    batch: Option<RecordBatch>,
    part: usize,
    /// Row of the group with which it begins.
    first: usize,
    order: IdColumn,
    /// Values of the order, where it was read from its pages and is a column too.
    values: Option<NumberBuilder<i64>>,
    position: usize,
    rows: usize,
}

impl LedgerStream {
    /// Over the rows of a range, counted over all files of the ledger.
    #[must_use]
    pub fn new(plan: Arc<ReadPlan>, rows: &Range<u64>) -> Self {
        let mut rest = VecDeque::new();
        let mut first = 0_u64;
        for (part, files) in plan.files.parts.iter().enumerate() {
            for (group, count) in files.group_rows().enumerate() {
                let start = rows.start.max(first);
                let end = rows.end.min(first + count);
                if start < end {
                    let skip = usize::try_from(start - first).unwrap_or(usize::MAX);
                    let take = usize::try_from(end - start).unwrap_or(usize::MAX);
                    rest.push_back(Stretch { part, group, skip, take });
                }
                first += count;
            }
        }
        Self {
            plan,
            rest,
            group: None,
            window: None,
            dictionaries: Dictionaries::default(),
            row: rows.start,
            spent: Spent::default(),
        }
    }

    /// Time spent so far.
    pub(crate) const fn spent(&self) -> Spent {
        self.spent
    }

    /// Makes sure that there is a row to look at; false at the end.
    ///
    /// # Errors
    /// [`EngineError::Parquet`].
    pub fn fill(&mut self) -> Result<bool, EngineError> {
        loop {
            if self.window.as_ref().is_some_and(|window| window.position < window.rows) {
                return Ok(true);
            }
            self.window = None;
            let started = Instant::now();
            match &mut self.group {
                Some(group) if group.left > 0 => {
                    let plan = Arc::clone(&self.plan);
                    self.window = Some(group.window(&plan)?);
                }
                Some(_) => self.group = None,
                None => match self.rest.pop_front() {
                    None => return Ok(false),
                    Some(stretch) => self.group = Some(Group::open(&self.plan, stretch)?),
                },
            }
            self.spent.decode += started.elapsed();
        }
    }

    /// The rows not yet taken that can be looked at: their ids in order, and the first of them.
    #[must_use]
    pub fn pending(&self) -> Option<(&IdColumn, Range<usize>)> {
        let window = self.window.as_ref()?;
        Some((&window.order, window.position..window.rows))
    }

    /// Number of the next row, counted over the whole ledger.
    #[must_use]
    pub const fn row(&self) -> u64 {
        self.row
    }

    /// Leaves the rows that can be looked at behind.
    pub fn pass(&mut self) {
        if let Some(window) = &mut self.window {
            self.row += (window.rows - window.position) as u64;
            window.position = window.rows;
        }
    }

    /// Takes the next `count` rows, no more than can be looked at, into a batch.
    ///
    /// # Errors
    /// [`EngineError::Parquet`].
    pub fn take(&mut self, count: usize, batch: &mut BatchBuilder) -> Result<(), EngineError> {
        let started = Instant::now();
        let (Some(window), Some(group)) = (&mut self.window, &mut self.group) else {
            return Ok(());
        };
        let count = count.min(window.rows - window.position);
        let plan = &self.plan;
        let part = plan.parts.get(window.part);
        for (source, target) in batch.columns.iter_mut().enumerate() {
            if let Some(Some(cursor)) = group.cursors.get_mut(source) {
                let row = window.first + window.position;
                let ids = (plan.id == Some(source)).then_some(&mut batch.ids);
                let order = (plan.order == Some(source)).then_some(&*window);
                let taken = direct(cursor, row, count, order, target.as_mut(), ids);
                taken.map_err(|error| fault(plan, window.part, &error))?;
                continue;
            }
            let Some(target) = target else { continue };
            match window.array(part, source) {
                None => target.append_missing(count),
                Some(array) => {
                    let Some(read) = plan.sources.get(source) else { continue };
                    let array = array.slice(window.position, count);
                    append(target, read.kind, &array, &mut self.dictionaries);
                }
            }
        }
        self.spent.columns += started.elapsed();
        if plan.order.is_some() {
            batch.order.append(&window.order, window.position, count);
        }
        if let Some(id) = plan.id.filter(|id| Some(*id) != plan.order)
            && let Some(array) = window.array(part, id)
        {
            let ids = IdColumn::of(&array.slice(window.position, count));
            batch.ids.append(&ids, 0, count);
        }
        batch.rows += count;
        window.position += count;
        self.row += count as u64;
        Ok(())
    }
}

fn fault(plan: &ReadPlan, part: usize, reason: &dyn std::fmt::Display) -> EngineError {
    let path = plan.files.parts.get(part).map(|part| part.path.clone());
    EngineError::Parquet { path: path.unwrap_or_default(), reason: reason.to_string() }
}

/// Takes rows of a source from its pages: into its column, and into the ids if it holds those. The
/// order was read when the window was opened.
fn direct(
    cursor: &mut Cursor,
    row: usize,
    count: usize,
    order: Option<&Window>,
    target: Option<&mut ColumnBuilder>,
    ids: Option<&mut IdColumn>,
) -> Result<(), parquet::errors::ParquetError> {
    if let Some(window) = order {
        if let (Some(ColumnBuilder::Integer(target)), Some(read)) = (target, &window.values) {
            append_numbers(target, read, window.position, count);
        }
        return Ok(());
    }
    cursor.skip_to(row)?;
    let Some(ids) = ids else {
        return target.map_or(Ok(()), |target| cursor.take(count, target));
    };
    let mut read = ColumnBuilder::Integer(NumberBuilder::default());
    cursor.take(count, &mut read)?;
    if let ColumnBuilder::Integer(read) = read {
        if let Some(ColumnBuilder::Integer(target)) = target {
            append_numbers(target, &read, 0, count);
        }
        ids.append(&ids_of(read), 0, count);
    }
    Ok(())
}

fn append_numbers(
    target: &mut NumberBuilder<i64>,
    read: &NumberBuilder<i64>,
    start: usize,
    count: usize,
) {
    let rows = start..start + count;
    target.values.extend_from_slice(read.values.get(rows.clone()).unwrap_or(&[]));
    match read.gaps.known() {
        None => target.gaps.append_known(count),
        Some(known) => target.gaps.append(&Bits::collect(rows.map(|row| known.get(row)))),
    }
}

fn ids_of(read: NumberBuilder<i64>) -> IdColumn {
    IdColumn::Number(match read.gaps.known() {
        None => read.values,
        Some(known) => {
            let rows = read.values.iter().zip(known.iter());
            rows.map(|(id, is_known)| if is_known { *id } else { MISSING }).collect()
        }
    })
}

impl Group {
    fn open(plan: &ReadPlan, stretch: Stretch) -> Result<Self, EngineError> {
        let missing = || EngineError::Program("a part of the snapshot is gone".to_owned());
        let files = plan.files.parts.get(stretch.part).ok_or_else(missing)?;
        let part = plan.parts.get(stretch.part).ok_or_else(missing)?;
        let group = files.metadata.metadata().row_groups().get(stretch.group);
        let group = group.ok_or_else(missing)?;
        let rows = usize::try_from(group.num_rows()).unwrap_or(0);
        let mut file = File::open(&files.path).map_err(EngineError::file(&files.path))?;
        let mut cursors = Vec::with_capacity(part.direct.len());
        for direct in &part.direct {
            cursors.push(match direct {
                None => None,
                Some(direct) => {
                    let chunk = group.columns().get(direct.leaf).ok_or_else(missing)?;
                    let cursor = Cursor::open(&mut file, chunk, direct.form, rows);
                    Some(cursor.map_err(EngineError::parquet(&files.path))?)
                }
            });
        }
        let reader = if part.has_batches {
            Some(batches(file, part, stretch).map_err(EngineError::parquet(&files.path))?)
        } else {
            None
        };
        let Stretch { part, skip, take, .. } = stretch;
        Ok(Self { part, row: skip, left: take, cursors, reader })
    }

    /// The next rows to look at.
    fn window(&mut self, plan: &ReadPlan) -> Result<Window, EngineError> {
        let batch = match &mut self.reader {
            None => None,
            Some(reader) => match reader.next() {
                Some(Ok(batch)) => Some(batch),
                Some(Err(error)) => return Err(fault(plan, self.part, &error)),
                None => return Err(fault(plan, self.part, &"rows are missing")),
            },
        };
        let rows = batch.as_ref().map_or(DECODE_ROWS, RecordBatch::num_rows).min(self.left);
        let mut window = Window {
            batch,
            part: self.part,
            first: self.row,
            order: IdColumn::default(),
            values: None,
            position: 0,
            rows,
        };
        if let Some(order) = plan.order {
            if let Some(Some(cursor)) = self.cursors.get_mut(order) {
                let mut read = ColumnBuilder::Integer(NumberBuilder::default());
                let taken = cursor.skip_to(self.row).and_then(|()| cursor.take(rows, &mut read));
                taken.map_err(|error| fault(plan, self.part, &error))?;
                if let ColumnBuilder::Integer(read) = read {
                    if plan.is_column.get(order).is_some_and(|is_column| *is_column) {
                        window.values = Some(read.clone());
                    }
                    window.order = ids_of(read);
                }
            } else if let Some(array) = window.array(plan.parts.get(self.part), order) {
                window.order = IdColumn::of(array);
            }
        }
        self.row += rows;
        self.left -= rows;
        Ok(window)
    }
}

impl Window {
    /// A source's array, if it is in the batches.
    fn array(&self, part: Option<&PartPlan>, source: usize) -> Option<&arrow_array::ArrayRef> {
        let place = part?.places.get(source)?;
        self.batch.as_ref()?.columns().get(*place)
    }
}

/// Reads the sources that are not read from their pages.
fn batches(
    file: File,
    plan: &PartPlan,
    stretch: Stretch,
) -> Result<ParquetRecordBatchReader, parquet::errors::ParquetError> {
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, plan.metadata.clone());
    let builder = builder
        .with_row_groups(vec![stretch.group])
        .with_projection(plan.mask.clone())
        .with_batch_size(DECODE_ROWS);
    if stretch.skip > 0 {
        let selection = RowSelection::from(vec![
            RowSelector::skip(stretch.skip),
            RowSelector::select(stretch.take),
        ]);
        return builder.with_row_selection(selection).build();
    }
    builder.with_limit(stretch.take).build()
}

/// Rows of a ledger taken from a stream.
#[derive(Debug)]
pub struct BatchBuilder {
    columns: Vec<Option<ColumnBuilder>>,
    order: IdColumn,
    ids: IdColumn,
    rows: usize,
}

/// Sources, order, ids and number of rows of a batch.
#[derive(Debug, Default)]
pub struct SourceBatch {
    /// One a source of the plan.
    pub columns: Vec<Option<Column>>,
    /// Ids by which the rows are sorted.
    pub order: IdColumn,
    /// Record ids, where they are not the order.
    pub ids: IdColumn,
    /// Number of rows.
    pub rows: usize,
}

impl BatchBuilder {
    /// An empty batch with room for so many rows. Sources that serve only as order or id are not
    /// made into columns.
    #[must_use]
    pub fn new(plan: &ReadPlan, room: usize) -> Self {
        let columns = plan.sources.iter().zip(&plan.is_column);
        let columns =
            columns.map(|(read, is_column)| is_column.then(|| builder(read.kind).with_room(room)));
        Self {
            columns: columns.collect(),
            order: IdColumn::Number(Vec::with_capacity(plan.order.map_or(0, |_| room))),
            ids: IdColumn::Number(Vec::with_capacity(plan.id.map_or(0, |_| room))),
            rows: 0,
        }
    }

    /// Number of rows so far.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// Ids by which the rows so far are sorted.
    #[must_use]
    pub const fn order(&self) -> &IdColumn {
        &self.order
    }

    /// The batch.
    #[must_use]
    pub fn finish(self) -> SourceBatch {
        let columns = self.columns.into_iter();
        SourceBatch {
            columns: columns.map(|column| column.map(ColumnBuilder::finish)).collect(),
            order: self.order,
            ids: self.ids,
            rows: self.rows,
        }
    }
}
