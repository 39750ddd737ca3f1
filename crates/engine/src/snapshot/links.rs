//! Writing a link table as Parquet: `<directory>/<ledger>_<relation>/<part>.parquet` with the
//! columns `from_id` and `to_id`.

use super::layout::file_layout;
use crate::error::EngineError;
use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Links turned into Arrow at a time.
const BATCH_ROWS: usize = 8192;

/// Writes the links of one relation to one file.
pub struct LinkWriter {
    path: PathBuf,
    schema: Arc<Schema>,
    writer: ArrowWriter<File>,
    ends: [StringBuilder; 2],
    pending: usize,
    rows: u64,
}

impl LinkWriter {
    /// Makes the file of a relation's links.
    ///
    /// # Errors
    /// [`EngineError::File`] and [`EngineError::Parquet`].
    pub fn create(
        directory: &Path,
        ledger: &str,
        relation: &str,
        part: &str,
    ) -> Result<Self, EngineError> {
        let folder = directory.join(taizhang_program::link_table(ledger, relation));
        std::fs::create_dir_all(&folder).map_err(EngineError::file(&folder))?;
        let path = folder.join(format!("{part}.parquet"));
        let file = File::create(&path).map_err(EngineError::file(&path))?;
        let end = |name: &str| Field::new(name, DataType::Utf8, false);
        let schema = Arc::new(Schema::new(vec![end("from_id"), end("to_id")]));
        let layout = file_layout(&schema, |_| false);
        let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(layout))
            .map_err(EngineError::parquet(&path))?;
        Ok(Self { path, schema, writer, ends: Default::default(), pending: 0, rows: 0 })
    }

    /// Where it writes.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a link.
    ///
    /// # Errors
    /// [`EngineError::Parquet`].
    pub fn push(&mut self, from: &str, to: &str) -> Result<(), EngineError> {
        for (column, id) in self.ends.iter_mut().zip([from, to]) {
            column.append_value(id);
        }
        self.pending += 1;
        self.rows += 1;
        if self.pending >= BATCH_ROWS { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), EngineError> {
        if self.pending == 0 {
            return Ok(());
        }
        self.pending = 0;
        let columns = self.ends.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef);
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns.collect())
            .map_err(EngineError::parquet(&self.path))?;
        self.writer.write(&batch).map_err(EngineError::parquet(&self.path))
    }

    /// Writes what is left and closes the file; how many links it holds.
    ///
    /// # Errors
    /// [`EngineError::Parquet`].
    pub fn close(mut self) -> Result<u64, EngineError> {
        self.flush()?;
        self.writer.close().map_err(EngineError::parquet(&self.path))?;
        Ok(self.rows)
    }
}
