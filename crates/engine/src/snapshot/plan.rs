//! What is read of a ledger: only the columns that steps use, in the form they are kept.

use super::convert::{accepts, needed};
use super::cursor::Form;
use super::ids::IdColumn;
use super::open::{LedgerFiles, Part};
use crate::error::EngineError;
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::statistics::Statistics;
use std::sync::Arc;
use taizhang_program::{ColumnKind, ColumnUse, Fact};

/// A column of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// What it is read as.
    pub kind: ColumnKind,
}

/// Where a column of the program comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Supply {
    /// This source as it is.
    Source(usize),
    /// A fact computed from this source, which holds the number itself.
    Computed(usize, Fact),
    /// Nowhere: the snapshot has no such column.
    Absent,
}

/// How a ledger is read.
#[derive(Clone, Debug)]
pub struct ReadPlan {
    /// Its files.
    pub files: LedgerFiles,
    /// Columns read.
    pub sources: Vec<Source>,
    /// Where the program's columns come from, in its order.
    pub supplies: Vec<Supply>,
    /// The source by which the ledger is sorted.
    pub order: Option<usize>,
    /// The source of the record ids.
    pub id: Option<usize>,
    /// Sources that become columns; the others serve as order or id alone.
    pub(crate) is_column: Vec<bool>,
    /// Projection and head of each part.
    pub(crate) parts: Vec<PartPlan>,
}

/// How one file is read.
#[derive(Clone, Debug)]
pub(crate) struct PartPlan {
    pub(crate) metadata: ArrowReaderMetadata,
    pub(crate) mask: ProjectionMask,
    /// Place of each source in the batches.
    pub(crate) places: Vec<usize>,
    /// Sources that are read from their pages and are in no batch.
    pub(crate) direct: Vec<Option<Direct>>,
    /// Whether any source is in the batches.
    pub(crate) has_batches: bool,
}

/// A source that is read from its pages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Direct {
    /// Place of its column in the file.
    pub(crate) leaf: usize,
    pub(crate) form: Form,
}

impl ReadPlan {
    /// Plans the reading of those `columns` that are used; `order_by` names the column by which
    /// the ledger is sorted, `with_id` adds the record ids.
    ///
    /// # Errors
    /// [`EngineError::ColumnType`] for a column that holds something else.
    pub fn new(
        files: &LedgerFiles,
        columns: &[ColumnUse],
        is_used: &dyn Fn(usize) -> bool,
        order_by: Option<&str>,
        with_id: bool,
    ) -> Result<Self, EngineError> {
        let mut plan = Self {
            files: files.clone(),
            sources: Vec::new(),
            supplies: Vec::new(),
            order: None,
            id: None,
            is_column: Vec::new(),
            parts: Vec::new(),
        };
        for (place, column) in columns.iter().enumerate() {
            let supply = if is_used(place) { plan.supply(column)? } else { Supply::Absent };
            plan.supplies.push(supply);
        }
        plan.order = match order_by {
            Some(name) => plan.source(name, ColumnKind::Id)?,
            None => None,
        };
        plan.id = if with_id { plan.source("id", ColumnKind::Id)? } else { None };
        plan.is_column = vec![false; plan.sources.len()];
        for supply in &plan.supplies {
            if let Supply::Source(source) | Supply::Computed(source, _) = supply
                && let Some(is_column) = plan.is_column.get_mut(*source)
            {
                *is_column = true;
            }
        }
        plan.parts =
            files.parts.iter().map(|part| plan.part(part)).collect::<Result<Vec<_>, _>>()?;
        Ok(plan)
    }

    /// Whether the files have a column, by itself or as a fact of it.
    #[must_use]
    pub fn supplies(files: &LedgerFiles, column: &ColumnUse) -> bool {
        let has = |name: &str| files.column_type(name).is_some();
        match column.kind {
            ColumnKind::Fact(fact) => {
                has(&column.name) || has(&format!("{}__{}", column.name, fact_column(fact).0))
            }
            _ => has(&column.name),
        }
    }

    /// The least id and the first row of each row group, as far as the heads of the files tell
    /// both exactly.
    #[must_use]
    pub fn group_starts(&self) -> Option<(IdColumn, Vec<u64>)> {
        let name = &self.sources.get(self.order?)?.name;
        let mut ids = Vec::new();
        let mut starts = Vec::new();
        let mut row = 0;
        for part in &self.files.parts {
            let metadata = part.metadata.metadata();
            let schema = metadata.file_metadata().schema_descr();
            let root = part.schema().index_of(name).ok()?;
            let leaf =
                (0..schema.num_columns()).find(|leaf| schema.get_column_root_idx(*leaf) == root)?;
            for group in metadata.row_groups() {
                let statistics = group.columns().get(leaf)?.statistics()?;
                let Statistics::Int64(values) = statistics else { return None };
                if statistics.null_count_opt() != Some(0) {
                    return None;
                }
                ids.push(*values.min_opt()?);
                starts.push(row);
                row += u64::try_from(group.num_rows()).ok()?;
            }
        }
        ids.is_sorted().then_some((IdColumn::Number(ids), starts))
    }

    /// The same ledger, only the ids by which it is sorted.
    ///
    /// # Errors
    /// As [`ReadPlan::new`].
    pub fn order_only(&self) -> Result<Self, EngineError> {
        let name = self.order.and_then(|order| self.sources.get(order));
        Self::new(&self.files, &[], &|_| false, name.map(|source| source.name.as_str()), false)
    }

    fn supply(&mut self, column: &ColumnUse) -> Result<Supply, EngineError> {
        let ColumnKind::Fact(fact) = column.kind else {
            let source = self.source(&column.name, column.kind)?;
            return Ok(source.map_or(Supply::Absent, Supply::Source));
        };
        let (suffix, kind) = fact_column(fact);
        let name = format!("{}__{suffix}", column.name);
        if let Some(source) = self.source(&name, kind)? {
            return Ok(Supply::Source(source));
        }
        let raw = self.source(&column.name, column.kind)?;
        Ok(raw.map_or(Supply::Absent, |source| Supply::Computed(source, fact)))
    }

    /// The source of this name and kind, added if the files have the column.
    fn source(&mut self, name: &str, kind: ColumnKind) -> Result<Option<usize>, EngineError> {
        // All facts of a number are computed from one source.
        let kind = if matches!(kind, ColumnKind::Fact(_)) { ColumnKind::Text } else { kind };
        let known = |source: &Source| source.name == name && source.kind == kind;
        if let Some(place) = self.sources.iter().position(known) {
            return Ok(Some(place));
        }
        for part in &self.files.parts {
            let Ok(field) = part.schema().field_with_name(name) else { return Ok(None) };
            if !accepts(kind, field.data_type()) {
                return Err(EngineError::ColumnType {
                    ledger: self.files.name.clone(),
                    column: name.to_owned(),
                    found: field.data_type().to_string(),
                    needed: needed(kind),
                });
            }
        }
        self.sources.push(Source { name: name.to_owned(), kind });
        Ok(Some(self.sources.len() - 1))
    }

    fn part(&self, part: &Part) -> Result<PartPlan, EngineError> {
        let mut fields = Vec::new();
        let mut roots = Vec::new();
        let mut direct: Vec<Option<Direct>> = vec![None; self.sources.len()];
        for (place, field) in part.schema().fields().iter().enumerate() {
            let source = self.sources.iter().find(|source| source.name == *field.name());
            let is_computed = self.supplies.iter().any(|supply| match supply {
                Supply::Computed(raw, _) => {
                    self.sources.get(*raw).is_some_and(|source| source.name == *field.name())
                }
                _ => false,
            });
            let wants_codes = source.is_some_and(|source| source.kind == ColumnKind::Text)
                && !is_computed
                && is_compact(part, place);
            let field = Arc::new(normal(field, wants_codes));
            let mut is_batched = false;
            for (source, direct) in self.sources.iter().zip(&mut direct) {
                if source.name == *field.name() {
                    *direct = direct_of(part, place, source.kind, field.data_type());
                    is_batched |= direct.is_none();
                }
            }
            if is_batched {
                roots.push((place, field.name().clone()));
            }
            fields.push(field);
        }
        let schema = Schema::new_with_metadata(fields, part.schema().metadata().clone());
        let options = ArrowReaderOptions::new().with_schema(Arc::new(schema));
        let metadata = ArrowReaderMetadata::try_new(Arc::clone(part.metadata.metadata()), options)
            .map_err(EngineError::parquet(&part.path))?;
        let mask =
            ProjectionMask::roots(metadata.parquet_schema(), roots.iter().map(|(place, _)| *place));
        let place = |source: &Source| {
            roots.iter().position(|(_, name)| *name == source.name).unwrap_or(usize::MAX)
        };
        let places = self.sources.iter().map(place).collect();
        Ok(PartPlan { metadata, mask, places, direct, has_batches: !roots.is_empty() })
    }
}

/// How a column is read from its pages, if it can be in every row group.
fn direct_of(part: &Part, root: usize, kind: ColumnKind, found: &DataType) -> Option<Direct> {
    let metadata = part.metadata.metadata();
    let schema = metadata.file_metadata().schema_descr();
    let leaf = (0..schema.num_columns()).find(|leaf| schema.get_column_root_idx(*leaf) == root)?;
    let stored = schema.columns().get(leaf)?;
    let form = Form::of(kind, found, stored.physical_type())?;
    let reads = |chunk: Option<&ColumnChunkMetaData>| chunk.is_some_and(|chunk| form.reads(chunk));
    let mut groups = metadata.row_groups().iter();
    groups.all(|group| reads(group.columns().get(leaf))).then_some(Direct { leaf, form })
}

/// The name and kind of a fact's own column.
#[must_use]
pub const fn fact_column(fact: Fact) -> (&'static str, ColumnKind) {
    match fact {
        Fact::Key | Fact::PersonKey => ("key", ColumnKind::Integer),
        Fact::Valid => ("valid", ColumnKind::Boolean),
        Fact::Length => ("length", ColumnKind::Integer),
        Fact::Birth => ("birth", ColumnKind::Date),
        Fact::Sex => ("sex", ColumnKind::Text),
        Fact::Region => ("region", ColumnKind::Text),
        Fact::Class => ("class", ColumnKind::Integer),
        Fact::Level => ("level", ColumnKind::Integer),
        Fact::Placeholder => ("placeholder", ColumnKind::Boolean),
        Fact::Holder => ("holder", ColumnKind::Boolean),
    }
}

/// Text of every width as plain text, or as codes of the file's own dictionary.
fn normal(field: &Field, wants_codes: bool) -> Field {
    let plain = if super::convert::is_text(field.data_type()) {
        if wants_codes {
            DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
        } else {
            DataType::Utf8
        }
    } else {
        match field.data_type() {
            DataType::List(item) if super::convert::is_text(item.data_type()) => {
                DataType::List(Arc::new(item.as_ref().clone().with_data_type(DataType::Utf8)))
            }
            other => other.clone(),
        }
    };
    field.clone().with_data_type(plain)
}

/// Whether a text column is kept as codes of a dictionary all through: its pages then take a few
/// bytes a row. Elsewhere codes would have to be made first.
fn is_compact(part: &Part, root: usize) -> bool {
    let metadata = part.metadata.metadata();
    let schema = metadata.file_metadata().schema_descr();
    let leaf = (0..schema.num_columns()).find(|leaf| schema.get_column_root_idx(*leaf) == root);
    metadata.row_groups().iter().all(|group| {
        let Some(column) = leaf.and_then(|leaf| group.columns().get(leaf)) else { return false };
        // Writers give up a dictionary at about a mebibyte; codes of a smaller one take at most
        // four bytes a row, whereas plain text has a length of four bytes before each value.
        let limit = column.num_values().saturating_mul(4).saturating_add(1 << 20);
        column.dictionary_page_offset().is_some() && column.uncompressed_size() <= limit
    })
}
