//! How the columns of a snapshot's files are packed: one table for all that write snapshots.
//!
//! Snapshots are read far more often than they are written, each time from the first row to the
//! last. So numbers are packed by what they are, which makes them small without a compressor that
//! every reader must undo; only texts are compressed (docs/decisions/0021-packed-by-kind.md).

use arrow_schema::{DataType, Schema};
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::ColumnPath;

/// Rows of a row group: one is decoded at a time, and a dictionary serves one.
const GROUP_ROWS: usize = 131_072;

/// Bytes of a dictionary of numbers: more of them are not looked up from the first cache, and take
/// no less room than differences do.
const DICTIONARY_BYTES: usize = 64 << 10;

/// How whole numbers and dates are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    /// As differences from row to row: ids and references rise with the rows.
    Differences,
    /// Few values, each many times; as differences where they turn out to be many.
    Few,
    /// As they are: keyed hashes have no pattern.
    Plain,
    /// Compressed: texts.
    Compressed,
}

/// The properties for files of a snapshot with these columns; `is_id` says whether a column of
/// whole numbers holds ids, its own or those of records it refers to.
#[must_use]
pub fn file_layout(schema: &Schema, is_id: impl Fn(&str) -> bool) -> WriterProperties {
    let mut layout = WriterProperties::builder().set_max_row_group_row_count(Some(GROUP_ROWS));
    for field in schema.fields() {
        let (kind, path) = match field.data_type() {
            DataType::List(item) => {
                let parts = [field.name(), "list", item.name()].map(ToOwned::to_owned);
                (item.data_type(), ColumnPath::new(parts.to_vec()))
            }
            kind => (kind, ColumnPath::from(field.name().as_str())),
        };
        if let Some(packing) = packing(kind, field.name(), &is_id) {
            layout = packed(layout, path, packing);
        }
    }
    layout.build()
}

fn packing(kind: &DataType, name: &str, is_id: &impl Fn(&str) -> bool) -> Option<Packing> {
    match kind {
        DataType::Int64 if name.ends_with("__key") => Some(Packing::Plain),
        DataType::Int64 if is_id(name) => Some(Packing::Differences),
        DataType::Timestamp(..) => Some(Packing::Differences),
        DataType::Int64 | DataType::Date32 => Some(Packing::Few),
        DataType::Utf8 => Some(Packing::Compressed),
        _ => None,
    }
}

fn packed(
    layout: WriterPropertiesBuilder,
    path: ColumnPath,
    packing: Packing,
) -> WriterPropertiesBuilder {
    match packing {
        Packing::Differences => layout
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED),
        Packing::Few => layout
            .set_column_dictionary_page_size_limit(path.clone(), DICTIONARY_BYTES)
            .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED),
        Packing::Plain => layout
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, Encoding::PLAIN),
        Packing::Compressed => layout.set_column_compression(path, Compression::LZ4_RAW),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_schema::{Field, TimeUnit};
    use std::sync::Arc;

    #[test]
    fn columns_are_packed_by_what_they_hold() {
        let texts = DataType::List(Arc::new(Field::new("item", DataType::Utf8, true)));
        let moment = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let differences = (Some(Encoding::DELTA_BINARY_PACKED), false, Compression::UNCOMPRESSED);
        let few = (Some(Encoding::DELTA_BINARY_PACKED), true, Compression::UNCOMPRESSED);
        let plain = (Some(Encoding::PLAIN), false, Compression::UNCOMPRESSED);
        let text = (None, true, Compression::LZ4_RAW);
        let cases = [
            ("id", DataType::Int64, "id", differences),
            ("created_at", moment, "created_at", differences),
            ("income_fen", DataType::Int64, "income_fen", few),
            ("birth_date", DataType::Date32, "birth_date", few),
            ("id_number__key", DataType::Int64, "id_number__key", plain),
            ("region", DataType::Utf8, "region", text),
            ("risks", texts, "risks.list.item", text),
        ];
        let fields = cases.iter().map(|(name, kind, ..)| Field::new(*name, kind.clone(), true));
        let schema = Schema::new(fields.collect::<Vec<_>>());
        let layout = file_layout(&schema, |name| name == "id");
        for (_, _, path, expected) in cases {
            let path = ColumnPath::new(path.split('.').map(ToOwned::to_owned).collect());
            let found = (
                layout.encoding(&path),
                layout.dictionary_enabled(&path),
                layout.compression(&path),
            );
            assert_eq!(found, expected, "{path}");
        }
    }
}
