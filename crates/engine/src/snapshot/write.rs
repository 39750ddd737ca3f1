//! Writing a ledger as Parquet: columns named by fields, sensitive values as facts.

use super::key::HashKey;
use super::layout::file_layout;
use super::plan::fact_column;
use crate::column::{Column, Texts};
use crate::error::EngineError;
use crate::kernel;
use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, ListBuilder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field as ArrowField, Schema, TimeUnit};
use parquet::arrow::ArrowWriter;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use taizhang_codebook::{FieldType, Ledger, SensitiveClass};
use taizhang_program::{ColumnKind, Fact};
use taizhang_values::{Date, Value, fold_number, holder_part};

/// Rows turned into Arrow at a time.
const BATCH_ROWS: usize = 8192;

/// Facts kept of an identity number.
const IDENTITY_FACTS: [Fact; 10] = [
    Fact::PersonKey,
    Fact::Valid,
    Fact::Length,
    Fact::Birth,
    Fact::Sex,
    Fact::Region,
    Fact::Class,
    Fact::Level,
    Fact::Placeholder,
    Fact::Holder,
];

/// How sensitive values are written.
#[derive(Clone, Copy, Debug)]
pub enum Sensitive {
    /// As facts, with the keyed hash under this key. For everything that is kept.
    Facts(HashKey),
    /// As they are. Only for data that is invented.
    Plain,
}

/// Writes the rows of one ledger to one file.
pub struct LedgerWriter {
    path: PathBuf,
    columns: Vec<WriteColumn>,
    writer: ArrowWriter<File>,
    schema: Arc<Schema>,
    pending: usize,
    rows: u64,
}

struct WriteColumn {
    /// Field, or `id` or `region`.
    field: String,
    kind: WriteKind,
}

enum WriteKind {
    Boolean(BooleanBuilder),
    Integer(Int64Builder),
    Decimal(Float64Builder),
    Date(Date32Builder),
    Instant(TimestampMicrosecondBuilder),
    Text(StringBuilder),
    List(ListBuilder<StringBuilder>),
    /// Texts waiting to be turned into facts.
    Facts(Vec<Option<String>>, Vec<Fact>, HashKey),
}

impl LedgerWriter {
    /// Makes `<directory>/<ledger>/<part>.parquet`.
    ///
    /// # Errors
    /// [`EngineError::File`] and [`EngineError::Parquet`].
    pub fn create(
        directory: &Path,
        ledger: &Ledger,
        part: &str,
        sensitive: Sensitive,
    ) -> Result<Self, EngineError> {
        let folder = directory.join(&ledger.name);
        std::fs::create_dir_all(&folder).map_err(EngineError::file(&folder))?;
        let path = folder.join(format!("{part}.parquet"));
        let text = |name: &str| WriteColumn {
            field: name.to_owned(),
            kind: WriteKind::Text(StringBuilder::new()),
        };
        let mut columns = vec![text("id"), text("region")];
        if ledger.flow.is_some() {
            columns.push(text("state"));
        }
        for name in ["created_at", "updated_at"] {
            let builder = TimestampMicrosecondBuilder::new().with_timezone("UTC");
            columns.push(WriteColumn { field: name.to_owned(), kind: WriteKind::Instant(builder) });
        }
        for field in &ledger.fields {
            let kind = match (field.sensitive, sensitive) {
                (Some(class), Sensitive::Facts(key)) => {
                    let facts = match class {
                        SensitiveClass::Identity => IDENTITY_FACTS.to_vec(),
                        SensitiveClass::Phone => vec![Fact::Key, Fact::Valid],
                        _ => vec![Fact::Key],
                    };
                    WriteKind::Facts(Vec::new(), facts, key)
                }
                _ => write_kind(field.field_type),
            };
            columns.push(WriteColumn { field: field.name.clone(), kind });
        }
        let schema = Arc::new(Schema::new(columns.iter().flat_map(fields).collect::<Vec<_>>()));
        let file = File::create(&path).map_err(EngineError::file(&path))?;
        // Ids of the store are texts.
        let layout = file_layout(&schema, |_| false);
        let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(layout))
            .map_err(EngineError::parquet(&path))?;
        Ok(Self { path, columns, writer, schema, pending: 0, rows: 0 })
    }

    /// Where it writes.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a row; `value` is asked for each field, and for `id`, `region` and the other built-in
    /// columns.
    ///
    /// # Errors
    /// [`EngineError::Parquet`].
    pub fn push<'v>(&mut self, value: &dyn Fn(&str) -> &'v Value) -> Result<(), EngineError> {
        for column in &mut self.columns {
            append(&mut column.kind, value(&column.field));
        }
        self.pending += 1;
        self.rows += 1;
        if self.pending >= BATCH_ROWS {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), EngineError> {
        if self.pending == 0 {
            return Ok(());
        }
        self.pending = 0;
        let mut arrays = Vec::new();
        for column in &mut self.columns {
            finish(&mut column.kind, &mut arrays);
        }
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays)
            .map_err(EngineError::parquet(&self.path))?;
        self.writer.write(&batch).map_err(EngineError::parquet(&self.path))
    }

    /// Writes what is left and closes the file; how many rows it holds.
    ///
    /// # Errors
    /// [`EngineError::Parquet`].
    pub fn close(mut self) -> Result<u64, EngineError> {
        self.flush()?;
        self.writer.close().map_err(EngineError::parquet(&self.path))?;
        Ok(self.rows)
    }
}

fn write_kind(field_type: FieldType) -> WriteKind {
    match field_type {
        FieldType::Boolean => WriteKind::Boolean(BooleanBuilder::new()),
        FieldType::Integer | FieldType::Percent | FieldType::Money => {
            WriteKind::Integer(Int64Builder::new())
        }
        FieldType::Decimal => WriteKind::Decimal(Float64Builder::new()),
        FieldType::Date | FieldType::Month => WriteKind::Date(Date32Builder::new()),
        FieldType::Instant => {
            WriteKind::Instant(TimestampMicrosecondBuilder::new().with_timezone("UTC"))
        }
        FieldType::Codes | FieldType::Texts => {
            WriteKind::List(ListBuilder::new(StringBuilder::new()))
        }
        FieldType::Text
        | FieldType::LongText
        | FieldType::Code
        | FieldType::Region
        | FieldType::Reference => WriteKind::Text(StringBuilder::new()),
    }
}

fn fields(column: &WriteColumn) -> Vec<ArrowField> {
    let field = |name: String, kind: DataType| ArrowField::new(name, kind, true);
    let one = |kind: DataType| vec![field(column.field.clone(), kind)];
    let text_list = DataType::List(Arc::new(ArrowField::new("item", DataType::Utf8, true)));
    match &column.kind {
        WriteKind::Boolean(_) => one(DataType::Boolean),
        WriteKind::Integer(_) => one(DataType::Int64),
        WriteKind::Decimal(_) => one(DataType::Float64),
        WriteKind::Date(_) => one(DataType::Date32),
        WriteKind::Instant(_) => {
            one(DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())))
        }
        WriteKind::Text(_) => one(DataType::Utf8),
        WriteKind::List(_) => one(text_list),
        WriteKind::Facts(_, facts, _) => facts
            .iter()
            .map(|fact| {
                let (suffix, kind) = fact_column(*fact);
                let kind = match kind {
                    ColumnKind::Boolean => DataType::Boolean,
                    ColumnKind::Date => DataType::Date32,
                    ColumnKind::Text => DataType::Utf8,
                    _ => DataType::Int64,
                };
                field(format!("{}__{suffix}", column.field), kind)
            })
            .collect(),
    }
}

fn day(date: Date) -> i32 {
    let days = kernel::epoch_days(date.year().into(), date.month().into(), date.day().into());
    i32::try_from(days).unwrap_or(0)
}

fn append(kind: &mut WriteKind, value: &Value) {
    match kind {
        WriteKind::Boolean(builder) => builder.append_option(value.as_boolean()),
        WriteKind::Integer(builder) => builder.append_option(match value {
            Value::Integer(number) => Some(*number),
            Value::Money(money) => Some(money.fen()),
            _ => None,
        }),
        WriteKind::Decimal(builder) => builder.append_option(match value {
            Value::Decimal(number) => Some(number.to_f64()),
            Value::Integer(number) => Some(*number as f64),
            _ => None,
        }),
        WriteKind::Date(builder) => builder.append_option(value.as_date().map(day)),
        WriteKind::Instant(builder) => {
            builder.append_option(value.as_instant().map(|instant| instant.as_microsecond()));
        }
        WriteKind::Text(builder) => match value {
            Value::Text(text) => builder.append_value(text),
            Value::Reference(id) => builder.append_value(id.as_str()),
            _ => builder.append_null(),
        },
        WriteKind::List(builder) => match value {
            Value::List(items) => {
                items.iter().for_each(|item| builder.values().append_value(item));
                builder.append(true);
            }
            _ => builder.append(false),
        },
        WriteKind::Facts(texts, ..) => texts.push(match value {
            Value::Null => None,
            Value::List(items) => Some(items.join("\u{1f}")),
            other => Some(other.to_string()),
        }),
    }
}

fn finish(kind: &mut WriteKind, arrays: &mut Vec<ArrayRef>) {
    match kind {
        WriteKind::Boolean(builder) => arrays.push(Arc::new(builder.finish())),
        WriteKind::Integer(builder) => arrays.push(Arc::new(builder.finish())),
        WriteKind::Decimal(builder) => arrays.push(Arc::new(builder.finish())),
        WriteKind::Date(builder) => arrays.push(Arc::new(builder.finish())),
        WriteKind::Instant(builder) => arrays.push(Arc::new(builder.finish())),
        WriteKind::Text(builder) => arrays.push(Arc::new(builder.finish())),
        WriteKind::List(builder) => arrays.push(Arc::new(builder.finish())),
        WriteKind::Facts(texts, facts, key) => {
            let plain = Texts::plain(texts.iter().map(|text| text.as_deref().map(str::as_bytes)));
            for fact in facts.iter() {
                arrays.push(fact_array(&plain, *fact, *key));
            }
            texts.clear();
        }
    }
}

/// One fact of every value of a batch.
fn fact_array(texts: &Texts, fact: Fact, key: HashKey) -> ArrayRef {
    if matches!(fact, Fact::Key | Fact::PersonKey) {
        let hashed = (0..texts.len()).map(|row| {
            texts.get(row).map(|text| {
                let folded = fold_number(text);
                let is_person = fact == Fact::PersonKey;
                key.hash(if is_person { holder_part(&folded) } else { &folded }.as_bytes())
            })
        });
        return Arc::new(arrow_array::Int64Array::from_iter(hashed));
    }
    let (_, kind) = fact_column(fact);
    match kernel::fact(texts, fact) {
        Column::Boolean(column) => {
            let known = |row: usize| column.gaps.is_known(row);
            let rows = 0..texts.len();
            let values = rows.map(|row| known(row).then(|| column.truth.get(row)));
            Arc::new(arrow_array::BooleanArray::from_iter(values))
        }
        Column::Text(column) => {
            let values = (0..texts.len()).map(|row| column.get(row));
            Arc::new(arrow_array::StringArray::from_iter(values))
        }
        Column::Integer(column) => {
            let known = |row: usize| column.gaps.is_known(row);
            let values = column.values.iter().enumerate();
            let values = values.map(|(row, value)| known(row).then_some(*value));
            if kind == ColumnKind::Date {
                let days = values.map(|day| day.and_then(|day| i32::try_from(day).ok()));
                Arc::new(arrow_array::Date32Array::from_iter(days))
            } else {
                Arc::new(arrow_array::Int64Array::from_iter(values))
            }
        }
        _ => Arc::new(arrow_array::NullArray::new(texts.len())),
    }
}
