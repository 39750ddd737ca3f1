//! Sorting a ledger that is out of order: runs that fit in memory are sorted and spilled, then
//! merged into one file.

use super::ids::IdColumn;
use super::open::{LedgerFiles, Snapshot};
use crate::error::EngineError;
use arrow_array::{RecordBatch, UInt32Array};
use arrow_schema::SchemaRef;
use arrow_select::concat::concat_batches;
use arrow_select::interleave::interleave_record_batch;
use arrow_select::take::take_record_batch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use std::cmp::Ordering;
use std::fs::File;
use std::path::{Path, PathBuf};
use taizhang_program::{Program, Way};
use tempfile::TempDir;

/// Rows of a run: some hundred megabytes for the widest ledgers.
const RUN_ROWS: usize = 1 << 18;

/// Rows read and written at a time while merging.
const MERGE_ROWS: usize = 8192;

/// The snapshot with a sorted copy of one ledger in `scratch`, which must outlive its use.
///
/// # Errors
/// [`EngineError`]; [`EngineError::Unsorted`] when the ledger has no column to sort by.
pub fn sorted(
    program: &Program,
    snapshot: Snapshot,
    ledger: &str,
    scratch: &mut Option<TempDir>,
) -> Result<Snapshot, EngineError> {
    let unsorted = || EngineError::Unsorted(ledger.to_owned());
    let files = snapshot.ledger(ledger).ok_or_else(unsorted)?;
    let tables = program.tables.iter().filter(|table| table.ledger == ledger);
    let order = tables
        .filter_map(|table| match &table.way {
            Way::Nested { by, .. } => Some(by.clone()),
            Way::Root => Some("id".to_owned()),
            Way::Gathered { .. } => None,
        })
        .next()
        .ok_or_else(unsorted)?;
    let directory = match scratch {
        Some(directory) => directory.path().to_path_buf(),
        None => {
            let made = tempfile::tempdir().map_err(EngineError::file(&std::env::temp_dir()))?;
            let path = made.path().to_path_buf();
            *scratch = Some(made);
            path
        }
    };
    let runs = spill(files, &order, &directory)?;
    let target = directory.join(format!("{ledger}.parquet"));
    merge(&runs, &order, &target)?;
    for run in &runs {
        std::fs::remove_file(run).map_err(EngineError::file(run))?;
    }
    let sorted = LedgerFiles::open(ledger, &[target])?;
    Ok(snapshot.with_ledger(sorted))
}

/// Sorted runs of a ledger as files.
fn spill(files: &LedgerFiles, order: &str, directory: &Path) -> Result<Vec<PathBuf>, EngineError> {
    let mut runs = Vec::new();
    let mut pending: Vec<RecordBatch> = Vec::new();
    let mut rows = 0;
    for part in &files.parts {
        for batch in open(&part.path)? {
            let batch = batch.map_err(EngineError::parquet(&part.path))?;
            rows += batch.num_rows();
            pending.push(batch);
            if rows >= RUN_ROWS {
                runs.push(write_run(files, order, directory, runs.len(), &mut pending)?);
                rows = 0;
            }
        }
    }
    if rows > 0 || runs.is_empty() {
        runs.push(write_run(files, order, directory, runs.len(), &mut pending)?);
    }
    Ok(runs)
}

fn open(path: &Path) -> Result<ParquetRecordBatchReader, EngineError> {
    let file = File::open(path).map_err(EngineError::file(path))?;
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(file).map_err(EngineError::parquet(path))?;
    builder.with_batch_size(MERGE_ROWS).build().map_err(EngineError::parquet(path))
}

fn writer(path: &Path, schema: SchemaRef) -> Result<ArrowWriter<File>, EngineError> {
    let file = File::create(path).map_err(EngineError::file(path))?;
    let properties = WriterProperties::builder().set_compression(Compression::LZ4_RAW).build();
    ArrowWriter::try_new(file, schema, Some(properties)).map_err(EngineError::parquet(path))
}

fn write_run(
    files: &LedgerFiles,
    order: &str,
    directory: &Path,
    number: usize,
    pending: &mut Vec<RecordBatch>,
) -> Result<PathBuf, EngineError> {
    let path = directory.join(format!("{}-run-{number}.parquet", files.name));
    let schema = match pending.first() {
        Some(batch) => batch.schema(),
        None => match files.parts.first() {
            Some(part) => part.schema().clone(),
            None => return Err(EngineError::Unsorted(files.name.clone())),
        },
    };
    let fault = EngineError::parquet::<arrow_schema::ArrowError>;
    let whole = concat_batches(&schema, pending.iter()).map_err(fault(&path))?;
    pending.clear();
    let keys = Keys::of(&whole, order);
    let mut rows: Vec<u32> = (0..u32::try_from(whole.num_rows()).unwrap_or(u32::MAX)).collect();
    rows.sort_by(|one, other| keys.compare(*one as usize, &keys, *other as usize));
    let sorted = take_record_batch(&whole, &UInt32Array::from(rows)).map_err(fault(&path))?;
    let mut writer = writer(&path, schema)?;
    writer.write(&sorted).map_err(EngineError::parquet(&path))?;
    writer.close().map_err(EngineError::parquet(&path))?;
    Ok(path)
}

/// What rows are sorted by: the root record, then the record.
struct Keys {
    order: IdColumn,
    id: IdColumn,
}

impl Keys {
    fn of(batch: &RecordBatch, order: &str) -> Self {
        let ids = |name: &str| batch.column_by_name(name).map(IdColumn::of).unwrap_or_default();
        Self { order: ids(order), id: if order == "id" { IdColumn::default() } else { ids("id") } }
    }

    fn compare(&self, row: usize, other: &Self, other_row: usize) -> Ordering {
        let order = self.order.compare(row, &other.order, other_row);
        order.then_with(|| self.id.compare(row, &other.id, other_row))
    }
}

/// A run being merged.
struct Run {
    reader: ParquetRecordBatchReader,
    path: PathBuf,
    batch: Option<(RecordBatch, Keys)>,
    row: usize,
}

impl Run {
    fn open(path: &Path, order: &str) -> Result<Self, EngineError> {
        let mut run = Self { reader: open(path)?, path: path.to_path_buf(), batch: None, row: 0 };
        run.next_batch(order)?;
        Ok(run)
    }

    fn next_batch(&mut self, order: &str) -> Result<(), EngineError> {
        self.row = 0;
        self.batch = match self.reader.next() {
            None => None,
            Some(batch) => {
                let batch = batch.map_err(EngineError::parquet(&self.path))?;
                let keys = Keys::of(&batch, order);
                Some((batch, keys))
            }
        };
        Ok(())
    }
}

/// The run whose next row comes first; of equal rows that of the earlier run.
fn least(runs: &[Run]) -> Option<usize> {
    let mut best: Option<(usize, &Run)> = None;
    for (place, run) in runs.iter().enumerate() {
        let Some((_, keys)) = &run.batch else { continue };
        let is_less = match best {
            Some((_, other)) => match &other.batch {
                Some((_, known)) => keys.compare(run.row, known, other.row).is_lt(),
                None => true,
            },
            None => true,
        };
        if is_less {
            best = Some((place, run));
        }
    }
    best.map(|(place, _)| place)
}

/// Merges runs into one file. Rows that were picked wait until a batch of a run is used up, or
/// enough of them have come together.
fn merge(paths: &[PathBuf], order: &str, target: &Path) -> Result<(), EngineError> {
    let mut runs =
        paths.iter().map(|path| Run::open(path, order)).collect::<Result<Vec<_>, _>>()?;
    let schema = match paths.first() {
        Some(path) => open(path)?.schema_of(),
        None => return Ok(()),
    };
    let mut writer = writer(target, schema)?;
    let mut picked: Vec<(usize, usize)> = Vec::new();
    while let Some(place) = least(&runs) {
        let Some(run) = runs.get_mut(place) else { break };
        picked.push((place, run.row));
        run.row += 1;
        let is_used_up = run.batch.as_ref().is_none_or(|(batch, _)| run.row >= batch.num_rows());
        if is_used_up || picked.len() >= MERGE_ROWS {
            flush(&runs, &mut picked, &mut writer, target)?;
        }
        if is_used_up && let Some(run) = runs.get_mut(place) {
            run.next_batch(order)?;
        }
    }
    writer.close().map(|_| ()).map_err(EngineError::parquet(target))
}

fn flush(
    runs: &[Run],
    picked: &mut Vec<(usize, usize)>,
    writer: &mut ArrowWriter<File>,
    target: &Path,
) -> Result<(), EngineError> {
    if picked.is_empty() {
        return Ok(());
    }
    let mut places = vec![0; runs.len()];
    let mut batches = Vec::new();
    for (place, run) in places.iter_mut().zip(runs) {
        if let Some((batch, _)) = &run.batch {
            *place = batches.len();
            batches.push(batch);
        }
    }
    let rows: Vec<(usize, usize)> =
        picked.iter().map(|(run, row)| (places.get(*run).copied().unwrap_or(0), *row)).collect();
    let batch = interleave_record_batch(&batches, &rows)
        .map_err(EngineError::parquet::<arrow_schema::ArrowError>(target))?;
    picked.clear();
    writer.write(&batch).map_err(EngineError::parquet(target))
}

/// Schema of a reader's batches.
trait SchemaOf {
    fn schema_of(&self) -> SchemaRef;
}

impl SchemaOf for ParquetRecordBatchReader {
    fn schema_of(&self) -> SchemaRef {
        use arrow_array::RecordBatchReader;
        self.schema()
    }
}
