//! Doubts as files.

use crate::error::EngineError;
use crate::run::{DoubtChunk, DoubtSink, Outcome, TextRun};
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Int32Array, RecordBatch, StringArray};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use taizhang_codebook::RuleSeverity;
use taizhang_program::Program;

/// Columns of a file of doubts.
pub const DOUBT_COLUMNS: [&str; 7] =
    ["rule", "ledger", "record", "region", "outcome", "severity", "values"];

/// The word of an outcome.
#[must_use]
pub const fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Outside => "outside",
        Outcome::Passes => "passes",
        Outcome::Violates => "violates",
        Outcome::Undecided => "undecided",
        Outcome::Error => "error",
    }
}

/// Writes doubts to a Parquet file, row group by row group.
pub struct ParquetDoubts {
    path: PathBuf,
    schema: Arc<Schema>,
    writer: Option<ArrowWriter<File>>,
}

impl ParquetDoubts {
    /// Makes the file.
    ///
    /// # Errors
    /// [`EngineError::File`] and [`EngineError::Parquet`].
    pub fn create(path: &Path) -> Result<Self, EngineError> {
        let word = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let fields: Vec<Field> = DOUBT_COLUMNS
            .iter()
            .map(|name| {
                let is_word = matches!(*name, "rule" | "ledger" | "outcome" | "severity");
                Field::new(*name, if is_word { word.clone() } else { DataType::Utf8 }, false)
            })
            .collect();
        let schema = Arc::new(Schema::new(fields));
        let mut doubts = Self { path: path.to_path_buf(), schema, writer: None };
        doubts.restart()?;
        Ok(doubts)
    }

    /// Closes the file.
    ///
    /// # Errors
    /// [`EngineError::Parquet`].
    pub fn finish(mut self) -> Result<(), EngineError> {
        match self.writer.take() {
            Some(writer) => writer.close().map(|_| ()).map_err(EngineError::parquet(&self.path)),
            None => Ok(()),
        }
    }
}

/// Words by number.
fn words(list: &[&str], keys: impl Iterator<Item = usize>) -> ArrayRef {
    let keys = Int32Array::from_iter_values(keys.map(|key| i32::try_from(key).unwrap_or(0)));
    let values = Arc::new(StringArray::from_iter_values(list));
    match DictionaryArray::<Int32Type>::try_new(keys, values) {
        Ok(array) => Arc::new(array),
        Err(_) => Arc::new(arrow_array::NullArray::new(0)),
    }
}

fn texts(run: TextRun) -> ArrayRef {
    let ends = run.ends.iter().map(|end| i32::try_from(*end).unwrap_or(i32::MAX));
    let offsets: Vec<i32> = std::iter::once(0).chain(ends).collect();
    let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
    match StringArray::try_new(offsets, run.bytes.into(), None) {
        Ok(array) => Arc::new(array),
        Err(_) => Arc::new(StringArray::from(vec![""; run.ends.len()])),
    }
}

const OUTCOMES: [Outcome; 5] =
    [Outcome::Outside, Outcome::Passes, Outcome::Violates, Outcome::Undecided, Outcome::Error];

const SEVERITIES: [RuleSeverity; 4] =
    [RuleSeverity::Blocker, RuleSeverity::High, RuleSeverity::Medium, RuleSeverity::Low];

fn place_of<T: PartialEq>(list: &[T], item: &T) -> usize {
    list.iter().position(|known| known == item).unwrap_or(0)
}

impl DoubtSink for ParquetDoubts {
    fn take(&mut self, program: &Program, doubts: DoubtChunk) -> Result<(), EngineError> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        let codes: Vec<&str> = program.answers.iter().map(|answer| answer.rule.as_str()).collect();
        let table = |place: usize| program.answers.get(place).map(|answer| answer.table);
        let names: Vec<&str> = program.tables.iter().map(|table| table.ledger.as_str()).collect();
        let rules = || doubts.rules.iter().map(|rule| *rule as usize);
        let ledgers = rules().map(|rule| table(rule).map_or(0, |table| table.0 as usize));
        let severities = SEVERITIES.map(RuleSeverity::word);
        let outcomes = OUTCOMES.map(outcome_word);
        let columns: Vec<ArrayRef> = vec![
            words(&codes, rules()),
            words(&names, ledgers),
            texts(doubts.records),
            texts(doubts.regions),
            words(&outcomes, doubts.outcomes.iter().map(|word| place_of(&OUTCOMES, word))),
            words(&severities, doubts.severities.iter().map(|word| place_of(&SEVERITIES, word))),
            texts(doubts.values),
        ];
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns)
            .map_err(EngineError::parquet(&self.path))?;
        writer.write(&batch).map_err(EngineError::parquet(&self.path))
    }

    fn restart(&mut self) -> Result<(), EngineError> {
        let file = File::create(&self.path).map_err(EngineError::file(&self.path))?;
        // Ids and values hardly ever occur twice: a dictionary of them would be made in vain. Every
        // group of rows holds every rule, so that least and greatest words would spare no reader
        // anything.
        let properties = WriterProperties::builder()
            .set_compression(Compression::LZ4_RAW)
            .set_statistics_enabled(EnabledStatistics::None)
            .set_column_dictionary_enabled(ColumnPath::from("record"), false)
            .set_column_dictionary_enabled(ColumnPath::from("values"), false);
        let writer = ArrowWriter::try_new(file, Arc::clone(&self.schema), Some(properties.build()))
            .map_err(EngineError::parquet(&self.path))?;
        self.writer = Some(writer);
        Ok(())
    }
}

/// Hands each doubt to `write` as one text a column.
///
/// # Errors
/// Whatever `write` gives.
pub fn each_doubt<E>(
    program: &Program,
    doubts: &DoubtChunk,
    mut write: impl FnMut([&str; 7]) -> Result<(), E>,
) -> Result<(), E> {
    for (place, rule) in doubts.rules.iter().enumerate() {
        let Some(answer) = program.answers.get(*rule as usize) else { continue };
        let ledger = program.table(answer.table).map_or("", |table| table.ledger.as_str());
        let outcome = doubts.outcomes.get(place).copied().map_or("", outcome_word);
        let severity = doubts.severities.get(place).copied().map_or("", RuleSeverity::word);
        write([
            &answer.rule,
            ledger,
            doubts.records.get(place),
            doubts.regions.get(place),
            outcome,
            severity,
            doubts.values.get(place),
        ])?;
    }
    Ok(())
}
