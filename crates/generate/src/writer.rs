//! A snapshot directory: one folder a ledger, one file a part, and a manifest.

use crate::column::{Columns, Misfit};
use crate::links::Links;
use crate::record::Record;
use parquet::arrow::ArrowWriter;
use std::collections::BTreeMap;
use std::fs::{File, create_dir_all};
use std::path::{Path, PathBuf};
use taizhang_codebook::{Codebook, FieldType};
use taizhang_engine::snapshot::file_layout;

/// Rows of a ledger that are turned into columns at a time.
const BATCH_ROWS: usize = 8192;

/// What can go wrong while a snapshot is written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A file cannot be made or written.
    #[error("cannot write `{path}`: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A record does not fit its ledger.
    #[error("{0}")]
    Misfit(#[from] Misfit),
    /// The codebook has no such ledger.
    #[error("the codebook has no ledger `{0}`")]
    UnknownLedger(String),
    /// Columns could not be made.
    #[error("{0}")]
    Arrow(#[from] arrow_schema::ArrowError),
    /// A Parquet file could not be written.
    #[error("{0}")]
    Parquet(#[from] parquet::errors::ParquetError),
}

impl WriteError {
    pub(crate) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}

/// One ledger of one part.
struct Sheet {
    columns: Columns,
    file: ArrowWriter<File>,
    rows: u64,
}

/// Writes the records of one part of a snapshot, in the order in which they come.
pub(crate) struct PartWriter<'a> {
    codebook: &'a Codebook,
    directory: PathBuf,
    part: usize,
    with_numbers: bool,
    sheets: BTreeMap<&'static str, Sheet>,
    links: Links,
}

impl<'a> PartWriter<'a> {
    pub(crate) fn new(
        codebook: &'a Codebook,
        directory: &Path,
        part: usize,
        with_numbers: bool,
    ) -> Self {
        let directory = directory.to_owned();
        Self {
            codebook,
            directory,
            part,
            with_numbers,
            sheets: BTreeMap::new(),
            links: Links::default(),
        }
    }

    pub(crate) fn push(&mut self, record: &Record) -> Result<(), WriteError> {
        if !self.sheets.contains_key(record.ledger) {
            let sheet = self.open(record.ledger)?;
            self.sheets.insert(record.ledger, sheet);
        }
        let Some(sheet) = self.sheets.get_mut(record.ledger) else {
            return Err(WriteError::UnknownLedger(record.ledger.to_owned()));
        };
        sheet.columns.push(record)?;
        self.links.push(record);
        sheet.rows += 1;
        if sheet.columns.rows() >= BATCH_ROWS {
            sheet.file.write(&sheet.columns.finish()?)?;
        }
        Ok(())
    }

    fn open(&self, name: &str) -> Result<Sheet, WriteError> {
        let ledger = self
            .codebook
            .ledgers
            .get(name)
            .ok_or_else(|| WriteError::UnknownLedger(name.to_owned()))?;
        let columns = Columns::new(ledger, self.with_numbers);
        let folder = self.directory.join(name);
        create_dir_all(&folder).map_err(WriteError::file(&folder))?;
        let path = folder.join(format!("{}.parquet", self.part_name()));
        let file = File::create(&path).map_err(WriteError::file(&path))?;
        let refers = |name: &str| {
            let field = ledger.fields.iter().find(|field| field.name == name);
            field.is_some_and(|field| field.field_type == FieldType::Reference)
        };
        let is_id = |name: &str| name == "id" || refers(name);
        let layout = file_layout(&columns.schema(), is_id);
        let file = ArrowWriter::try_new(file, columns.schema(), Some(layout))?;
        Ok(Sheet { columns, file, rows: 0 })
    }

    fn part_name(&self) -> String {
        format!("part-{:05}", self.part)
    }

    /// Writes an empty file for each ledger that has no rows in any part: an absent ledger would
    /// leave rules undecided.
    pub(crate) fn write_empty(
        self,
        written: &BTreeMap<&'static str, u64>,
    ) -> Result<(), WriteError> {
        for name in self.codebook.ledgers.keys() {
            if !written.contains_key(name.as_str()) {
                self.open(name)?.file.close()?;
            }
        }
        Ok(())
    }

    /// Writes what is left and gives the rows of each ledger.
    pub(crate) fn finish(self) -> Result<BTreeMap<&'static str, u64>, WriteError> {
        let mut rows = BTreeMap::new();
        let part = self.part_name();
        self.links.write(self.codebook, &self.directory, &part)?;
        for (name, mut sheet) in self.sheets {
            if sheet.columns.rows() > 0 {
                sheet.file.write(&sheet.columns.finish()?)?;
            }
            sheet.file.close()?;
            rows.insert(name, sheet.rows);
        }
        Ok(rows)
    }
}
