//! A stretch of a ledger's rows, read batch by batch.

use super::builder::ColumnBuilder;
use super::convert::{Dictionaries, append, builder};
use super::ids::IdColumn;
use super::plan::ReadPlan;
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

/// Rows decoded at a time: large enough that the reader's own cost a batch vanishes, small enough
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
    reader: Option<(usize, ParquetRecordBatchReader)>,
    current: Option<Current>,
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

struct Current {
    batch: RecordBatch,
    part: usize,
    order: IdColumn,
    position: usize,
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
            reader: None,
            current: None,
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
            if self.current.as_ref().is_some_and(|now| now.position < now.batch.num_rows()) {
                return Ok(true);
            }
            self.current = None;
            let started = Instant::now();
            match &mut self.reader {
                Some((part, reader)) => {
                    let part = *part;
                    let next = reader.next();
                    self.spent.decode += started.elapsed();
                    match next {
                        None => self.reader = None,
                        Some(Err(error)) => return Err(self.fault(part, &error.to_string())),
                        Some(Ok(batch)) => self.current = Some(self.chunk(batch, part)),
                    }
                }
                None => match self.rest.pop_front() {
                    None => return Ok(false),
                    Some(stretch) => {
                        self.reader = Some((stretch.part, self.open(stretch)?));
                        self.spent.decode += started.elapsed();
                    }
                },
            }
        }
    }

    fn chunk(&self, batch: RecordBatch, part: usize) -> Current {
        let column = self.plan.order.and_then(|order| self.place(part, order));
        let order = match column.and_then(|place| batch.columns().get(place)) {
            Some(array) => IdColumn::of(array),
            None => IdColumn::default(),
        };
        Current { batch, part, order, position: 0 }
    }

    fn place(&self, part: usize, source: usize) -> Option<usize> {
        self.plan.parts.get(part)?.places.get(source).copied()
    }

    fn open(&self, stretch: Stretch) -> Result<ParquetRecordBatchReader, EngineError> {
        let missing = || EngineError::Program("a part of the snapshot is gone".to_owned());
        let part = self.plan.files.parts.get(stretch.part).ok_or_else(missing)?;
        let plan = self.plan.parts.get(stretch.part).ok_or_else(missing)?;
        let file = File::open(&part.path).map_err(EngineError::file(&part.path))?;
        let builder =
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, plan.metadata.clone());
        let mut builder = builder
            .with_row_groups(vec![stretch.group])
            .with_projection(plan.mask.clone())
            .with_batch_size(DECODE_ROWS);
        if stretch.skip > 0 {
            builder = builder.with_row_selection(RowSelection::from(vec![
                RowSelector::skip(stretch.skip),
                RowSelector::select(stretch.take),
            ]));
        } else {
            builder = builder.with_limit(stretch.take);
        }
        builder.build().map_err(EngineError::parquet(&part.path))
    }

    fn fault(&self, part: usize, reason: &str) -> EngineError {
        let path = self.plan.files.parts.get(part).map(|part| part.path.clone());
        EngineError::Parquet { path: path.unwrap_or_default(), reason: reason.to_owned() }
    }

    /// The decoded rows not yet taken: their ids in order, and the first of them.
    #[must_use]
    pub fn pending(&self) -> Option<(&IdColumn, Range<usize>)> {
        let current = self.current.as_ref()?;
        Some((&current.order, current.position..current.batch.num_rows()))
    }

    /// Number of the next row, counted over the whole ledger.
    #[must_use]
    pub const fn row(&self) -> u64 {
        self.row
    }

    /// Leaves the decoded rows behind.
    pub fn pass(&mut self) {
        if let Some(current) = &mut self.current {
            self.row += (current.batch.num_rows() - current.position) as u64;
            current.position = current.batch.num_rows();
        }
    }

    /// Takes the next `count` decoded rows into a batch.
    pub fn take(&mut self, count: usize, batch: &mut BatchBuilder) {
        let started = Instant::now();
        let Some(current) = &mut self.current else { return };
        let count = count.min(current.batch.num_rows() - current.position);
        let places = self.plan.parts.get(current.part).map(|part| part.places.as_slice());
        for (source, target) in batch.columns.iter_mut().enumerate() {
            let Some(target) = target else { continue };
            let place = places.and_then(|places| places.get(source)).copied();
            match place.and_then(|place| current.batch.columns().get(place)) {
                None => target.append_missing(count),
                Some(array) => {
                    let Some(read) = self.plan.sources.get(source) else { continue };
                    let array = array.slice(current.position, count);
                    append(target, read.kind, &array, &mut self.dictionaries);
                }
            }
        }
        if self.plan.order.is_some() {
            batch.order.append(&current.order, current.position, count);
        }
        if let Some(id) = self.plan.id.filter(|id| Some(*id) != self.plan.order) {
            let place = places.and_then(|places| places.get(id)).copied();
            if let Some(array) = place.and_then(|place| current.batch.columns().get(place)) {
                let ids = IdColumn::of(&array.slice(current.position, count));
                batch.ids.append(&ids, 0, count);
            }
        }
        batch.rows += count;
        current.position += count;
        self.row += count as u64;
        self.spent.columns += started.elapsed();
    }
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
    /// An empty batch. Sources that serve only as order or id are not made into columns.
    #[must_use]
    pub fn new(plan: &ReadPlan) -> Self {
        let columns = plan.sources.iter().zip(&plan.is_column);
        let columns = columns.map(|(read, is_column)| is_column.then(|| builder(read.kind)));
        Self {
            columns: columns.collect(),
            order: IdColumn::default(),
            ids: IdColumn::default(),
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
