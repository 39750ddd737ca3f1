//! One column of a row group, read from its pages straight into the columns of a batch: for the
//! plain types that snapshots are made of. Everything else goes through Arrow's arrays
//! (`convert.rs`), which mean the same.

mod lists;

use self::lists::{Levels, ListPage, Lists};
use super::builder::{ColumnBuilder, GapsBuilder, NumberBuilder, TextBuilder};
use super::differences;
use super::runs::{Piece, Runs, bits_at};
use crate::bits::Bits;
use crate::column::{Dictionary, is_blank};
use arrow_schema::{DataType, TimeUnit};
use bytes::Bytes;
use parquet::basic::{Encoding, Type};
use parquet::column::page::{Page, PageReader};
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{ChunkReader, Length, SerializedPageReader};
use std::fs::File;
use std::io::{Cursor as Over, Read, Seek, SeekFrom};
use std::sync::Arc;
use taizhang_program::ColumnKind;

/// What the pages of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Boolean,
    Short,
    Long,
    Double,
    Text,
    List,
}

impl Form {
    /// The form of a column of this type that is read as this kind, if pages of that form can be
    /// read without Arrow.
    pub(crate) const fn of(kind: ColumnKind, found: &DataType, stored: Type) -> Option<Self> {
        match (kind, found, stored) {
            (ColumnKind::Boolean, DataType::Boolean, Type::BOOLEAN) => Some(Self::Boolean),
            (ColumnKind::Integer | ColumnKind::Id, DataType::Int64, Type::INT64)
            | (ColumnKind::Instant, DataType::Timestamp(TimeUnit::Microsecond, _), Type::INT64) => {
                Some(Self::Long)
            }
            (ColumnKind::Integer, DataType::Int32, Type::INT32)
            | (ColumnKind::Date, DataType::Date32, Type::INT32) => Some(Self::Short),
            (ColumnKind::Decimal, DataType::Float64, Type::DOUBLE) => Some(Self::Double),
            (ColumnKind::Text, DataType::Dictionary(_, _), Type::BYTE_ARRAY) => Some(Self::Text),
            (ColumnKind::List, DataType::List(_), Type::BYTE_ARRAY) => Some(Self::List),
            _ => None,
        }
    }

    /// Whether every page of a chunk can be read.
    pub(crate) fn reads(self, chunk: &ColumnChunkMetaData) -> bool {
        let column = chunk.column_descr();
        // Where pages have an index, no row goes over the end of its page.
        let is_fit = match self {
            Self::List => column.max_rep_level() == 1 && chunk.offset_index_offset().is_some(),
            _ => column.max_rep_level() == 0 && column.max_def_level() <= 1,
        };
        is_fit
            && chunk.encodings().all(|encoding| match encoding {
                Encoding::PLAIN
                | Encoding::RLE
                | Encoding::RLE_DICTIONARY
                | Encoding::PLAIN_DICTIONARY => true,
                Encoding::DELTA_BINARY_PACKED => matches!(self, Self::Short | Self::Long),
                _ => false,
            })
    }
}

/// Bytes of a column chunk that are read at once; longer ones are read page by page, so that a file
/// of one large row group takes no more memory than one of many. Small in tests, which read both.
const WHOLE_BYTES: usize = if cfg!(test) { 4 << 10 } else { 8 << 20 };

/// A column chunk.
enum Chunk {
    /// Its bytes, and their place in the file.
    Whole { start: u64, bytes: Bytes },
    /// The file it lies in.
    Pages(File),
}

impl Chunk {
    fn open(file: &mut File, start: u64, length: u64) -> Result<Self, ParquetError> {
        let size = usize::try_from(length).map_err(|_| fault("a column is too long"))?;
        if size > WHOLE_BYTES {
            return Ok(Self::Pages(file.try_clone()?));
        }
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::with_capacity(size);
        if file.take(length).read_to_end(&mut bytes)? < size {
            return Err(ParquetError::EOF("a column reaches past its file".to_owned()));
        }
        Ok(Self::Whole { start, bytes: bytes.into() })
    }
}

/// Bytes from a place on, as many as are asked for or all there are.
fn cut(bytes: &Bytes, start: u64, from: u64, length: Option<usize>) -> Result<Bytes, ParquetError> {
    let from = from.checked_sub(start).and_then(|from| usize::try_from(from).ok());
    let end = |from: usize| length.map_or(Some(bytes.len()), |size| from.checked_add(size));
    match from.and_then(|from| Some((from, end(from)?))) {
        Some((from, end)) if from <= end && end <= bytes.len() => Ok(bytes.slice(from..end)),
        _ => Err(ParquetError::EOF("a page reaches past its column".to_owned())),
    }
}

impl Length for Chunk {
    fn len(&self) -> u64 {
        match self {
            Self::Whole { start, bytes } => start + bytes.len() as u64,
            Self::Pages(file) => Length::len(file),
        }
    }
}

impl ChunkReader for Chunk {
    type T = Box<dyn Read>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(match self {
            Self::Whole { start: first, bytes } => {
                Box::new(Over::new(cut(bytes, *first, start, None)?))
            }
            Self::Pages(file) => Box::new(file.get_read(start)?),
        })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        match self {
            Self::Whole { start: first, bytes } => cut(bytes, *first, start, Some(length)),
            Self::Pages(file) => file.get_bytes(start, length),
        }
    }
}

/// Entries of a column's dictionary.
enum Entries {
    None,
    Whole(Vec<i64>),
    Double(Vec<f64>),
    Text(Arc<Dictionary>, Option<Bits>),
}

/// Values of a page, nulls left out.
enum Values {
    /// As they are; for booleans the place counts bits.
    Plain(Bytes, usize),
    /// Unpacked, and how many of them are behind.
    Whole(Vec<i64>, usize),
    /// Entries of the dictionary.
    Keys(Runs),
    /// Booleans in runs.
    Flags(Runs),
    Lists(Lists),
}

/// A data page that is being read.
struct Leaf {
    left: usize,
    levels: Option<Runs>,
    values: Values,
}

/// Reads a column of a row group from its first row on.
pub(crate) struct Cursor {
    pages: SerializedPageReader<Chunk>,
    form: Form,
    is_optional: bool,
    /// Of lists.
    levels: Levels,
    entries: Entries,
    leaf: Option<Leaf>,
    /// Rows of the group that are behind.
    row: usize,
    keys: Vec<u32>,
}

fn fault(reason: &str) -> ParquetError {
    ParquetError::General(reason.to_owned())
}

impl Cursor {
    /// Reads the chunk's bytes from the file.
    pub(crate) fn open(
        file: &mut File,
        chunk: &ColumnChunkMetaData,
        form: Form,
        rows: usize,
    ) -> Result<Self, ParquetError> {
        let (start, length) = chunk.byte_range();
        let bytes = Arc::new(Chunk::open(file, start, length)?);
        Ok(Self {
            pages: SerializedPageReader::new(bytes, chunk, rows, None)?,
            form,
            is_optional: chunk.column_descr().max_def_level() > 0,
            levels: Levels::of(chunk.column_descr()),
            entries: Entries::None,
            leaf: None,
            row: 0,
            keys: Vec::new(),
        })
    }

    /// Goes on to a row of the group; whole pages before it are not unpacked.
    pub(crate) fn skip_to(&mut self, row: usize) -> Result<(), ParquetError> {
        while self.row < row {
            let rest = row - self.row;
            if let Some(left) = self.leaf.as_ref().map(|leaf| leaf.left).filter(|left| *left > 0) {
                let mut nobody = self.empty();
                self.take(rest.min(left), &mut nobody)?;
                continue;
            }
            let next = self.pages.peek_next_page()?.ok_or_else(|| fault("a page is missing"))?;
            // Lists have more levels than rows.
            let levels = next.num_levels.filter(|_| self.form != Form::List);
            let rows = next.num_rows.or(levels).unwrap_or(0);
            if next.is_dict || rows == 0 || rows > rest {
                self.turn()?;
            } else {
                self.pages.skip_next_page()?;
                self.row += rows;
            }
        }
        Ok(())
    }

    /// A builder for values that nobody wants.
    fn empty(&self) -> ColumnBuilder {
        super::convert::builder(match self.form {
            Form::Boolean => ColumnKind::Boolean,
            Form::Short | Form::Long => ColumnKind::Integer,
            Form::Double => ColumnKind::Decimal,
            Form::Text => ColumnKind::Text,
            Form::List => ColumnKind::List,
        })
    }

    /// Appends the next rows to a column.
    pub(crate) fn take(
        &mut self,
        count: usize,
        target: &mut ColumnBuilder,
    ) -> Result<(), ParquetError> {
        let mut rest = count;
        while rest > 0 {
            let Some(leaf) = self.leaf.as_mut().filter(|leaf| leaf.left > 0) else {
                self.turn()?;
                continue;
            };
            let rows = rest.min(leaf.left);
            let known = leaf.known(rows)?;
            let count = known.as_ref().map_or(rows, Bits::count);
            let source = Part { rows, known, count, entries: &self.entries };
            match (self.form, &mut *target) {
                (Form::Boolean, ColumnBuilder::Boolean(target)) => {
                    target.truth.append(&source.truths(&mut leaf.values)?);
                    source.gaps(&mut target.gaps);
                }
                (Form::Short | Form::Long, ColumnBuilder::Integer(target)) => {
                    source.whole(&mut leaf.values, self.form, &mut self.keys, target)?;
                }
                (Form::Double, ColumnBuilder::Decimal(target)) => {
                    source.doubles(&mut leaf.values, &mut self.keys, target)?;
                }
                (Form::Text, ColumnBuilder::Text(target)) => {
                    source.texts(&mut leaf.values, &mut self.keys, &mut target.0)?;
                }
                (Form::List, ColumnBuilder::List(target)) => match &mut leaf.values {
                    Values::Lists(lists) => lists.take(rows, &self.entries, target)?,
                    _ => return Err(fault("a page is not of lists")),
                },
                _ => return Err(fault("a column is not what it was planned as")),
            }
            leaf.left -= rows;
            self.row += rows;
            rest -= rows;
        }
        Ok(())
    }

    /// The next page.
    fn turn(&mut self) -> Result<(), ParquetError> {
        let page = self.pages.get_next_page()?.ok_or_else(|| fault("a page is missing"))?;
        match page {
            Page::DictionaryPage { buf, .. } => self.entries = entries(self.form, &buf)?,
            Page::DataPage {
                buf,
                num_values,
                encoding,
                def_level_encoding,
                rep_level_encoding,
                ..
            } => {
                let mut values = buf;
                let is_list = self.form == Form::List;
                let is_in_runs = |wanted: bool, found| !wanted || found == Encoding::RLE;
                if !is_in_runs(self.is_optional, def_level_encoding)
                    || !is_in_runs(is_list, rep_level_encoding)
                {
                    return Err(fault("levels are not in runs"));
                }
                let mut with = |wanted: bool| match wanted {
                    true => with_length(&mut values).map(Some),
                    false => Ok(None),
                };
                let (repetition, definition) = (with(is_list)?, with(self.is_optional)?);
                let levels = (repetition, definition);
                self.leaf = Some(self.leaf(num_values, levels, values, encoding)?);
            }
            Page::DataPageV2 {
                buf,
                num_values,
                encoding,
                def_levels_byte_len,
                rep_levels_byte_len,
                ..
            } => {
                let mut values = buf;
                let mut with = |size: u32, wanted: bool| {
                    let size = size as usize;
                    if size > values.len() {
                        return Err(fault("levels reach past their page"));
                    }
                    let own = values.split_to(size);
                    Ok(wanted.then_some(own))
                };
                let repetition = with(rep_levels_byte_len, self.form == Form::List)?;
                let definition = with(def_levels_byte_len, self.is_optional)?;
                let levels = (repetition, definition);
                self.leaf = Some(self.leaf(num_values, levels, values, encoding)?);
            }
        }
        Ok(())
    }

    fn leaf(
        &self,
        rows: u32,
        (repetition, definition): (Option<Bytes>, Option<Bytes>),
        mut values: Bytes,
        encoding: Encoding,
    ) -> Result<Leaf, ParquetError> {
        if let Some(repetition) = repetition {
            let definition = definition.unwrap_or_default();
            let count = rows as usize;
            let page = ListPage { count, repetition, definition, values, encoding };
            let lists = Lists::read(self.levels, &self.entries, page)?;
            return Ok(Leaf { left: lists.rows(), levels: None, values: Values::Lists(lists) });
        }
        let levels = definition.map(|own| Runs::new(own, 1));
        let values = match encoding {
            Encoding::PLAIN => Values::Plain(values, 0),
            Encoding::DELTA_BINARY_PACKED if matches!(self.form, Form::Short | Form::Long) => {
                let most = rows as usize;
                let found = differences::numbers(&values, most);
                Values::Whole(found.ok_or_else(|| fault("differences are damaged"))?, 0)
            }
            Encoding::RLE if self.form == Form::Boolean => {
                Values::Flags(Runs::new(with_length(&mut values)?, 1))
            }
            Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY => {
                // A page without values may be empty.
                let width = values.first().copied().unwrap_or(0).into();
                if width > 32 {
                    return Err(fault("keys of a dictionary are too wide"));
                }
                Values::Keys(Runs::new(values.slice(1.min(values.len())..), width))
            }
            other => return Err(fault(&format!("a page is encoded as {other}"))),
        };
        Ok(Leaf { left: rows as usize, levels, values })
    }
}

/// Takes what stands behind its own length off the front.
fn with_length(bytes: &mut Bytes) -> Result<Bytes, ParquetError> {
    let size = bytes.first_chunk::<4>().map(|size| u32::from_le_bytes(*size) as usize);
    match size {
        Some(size) if size <= bytes.len() - 4 => {
            let mut own = bytes.split_to(4 + size);
            Ok(own.split_off(4))
        }
        _ => Err(fault("a page is cut short")),
    }
}

/// The entries of a dictionary page.
fn entries(form: Form, page: &[u8]) -> Result<Entries, ParquetError> {
    Ok(match form {
        Form::Boolean => return Err(fault("booleans have no dictionary")),
        Form::Short => {
            let (words, _) = page.as_chunks::<4>();
            Entries::Whole(words.iter().map(|word| i32::from_le_bytes(*word).into()).collect())
        }
        Form::Long => {
            let (words, _) = page.as_chunks::<8>();
            Entries::Whole(words.iter().map(|word| i64::from_le_bytes(*word)).collect())
        }
        Form::Double => {
            let (words, _) = page.as_chunks::<8>();
            Entries::Double(words.iter().map(|word| f64::from_le_bytes(*word)).collect())
        }
        Form::Text | Form::List => {
            let mut dictionary = Dictionary::default();
            let mut rest = page;
            let mut blank = Vec::new();
            while !rest.is_empty() {
                let text = next_text(&mut rest)?;
                dictionary.push(text);
                blank.push(is_blank(text));
            }
            let blank = Bits::collect(blank.into_iter());
            Entries::Text(Arc::new(dictionary), (!blank.none()).then_some(blank))
        }
    })
}

/// The low half, as a signed number of 32 bits.
fn narrow(number: i64) -> i64 {
    number << 32 >> 32
}

/// The next text of a plain page.
fn next_text<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], ParquetError> {
    let (size, bytes) =
        rest.split_first_chunk::<4>().ok_or_else(|| fault("a text is cut short"))?;
    let size = u32::from_le_bytes(*size) as usize;
    let (text, after) = bytes.split_at_checked(size).ok_or_else(|| fault("a text is cut short"))?;
    *rest = after;
    match std::str::from_utf8(text) {
        Ok(_) => Ok(text),
        Err(_) => Err(fault("a text is not UTF-8")),
    }
}

impl Leaf {
    /// Which of the next rows have a value; `None` when all have one.
    fn known(&mut self, rows: usize) -> Result<Option<Bits>, ParquetError> {
        let Some(levels) = &mut self.levels else { return Ok(None) };
        let mut known = Bits::default();
        while known.len() < rows {
            let rest = rows - known.len();
            match levels.next(rest).ok_or_else(|| fault("levels are missing"))? {
                Piece::Repeat(1, count) if count == rows => return Ok(None),
                Piece::Repeat(level, count) => known.append_filled(count, level == 1),
                Piece::Packed(packed) => known.append(&packed.bits()),
            }
        }
        Ok((!known.all()).then_some(known))
    }
}

/// Rows of one page that are taken together.
struct Part<'a> {
    rows: usize,
    known: Option<Bits>,
    /// Rows with a value.
    count: usize,
    entries: &'a Entries,
}

impl Part<'_> {
    fn gaps(&self, gaps: &mut GapsBuilder) {
        match &self.known {
            None => gaps.append_known(self.rows),
            Some(known) => gaps.append(known),
        }
    }

    /// The keys of the values, which must lie in a dictionary of so many entries.
    fn keys(&self, runs: &mut Runs, size: usize, keys: &mut Vec<u32>) -> Result<(), ParquetError> {
        keys.clear();
        let all = runs.numbers(self.count, keys);
        all.ok_or_else(|| fault("keys of a dictionary are missing"))?;
        let most = keys.iter().copied().fold(0, u32::max);
        if most as usize >= size && !keys.is_empty() {
            return Err(fault("a dictionary lacks an entry"));
        }
        Ok(())
    }

    /// Moves the values at the end of a column to the rows that have them.
    fn spread<T: Copy + Default>(&self, start: usize, values: &mut Vec<T>) {
        let Some(known) = &self.known else { return };
        values.resize(start + self.rows, T::default());
        let Some(values) = values.get_mut(start..) else { return };
        let mut from = self.count;
        for (place, word) in known.words().iter().enumerate().rev() {
            let mut rest = *word;
            while rest != 0 {
                let bit = 63 - rest.leading_zeros() as usize;
                rest &= !(1 << bit);
                from = from.saturating_sub(1);
                let to = place * 64 + bit;
                if from == to {
                    // All rows before this one have values, and they are in their places.
                    return;
                }
                values.swap(from, to);
            }
        }
    }

    fn truths(&self, values: &mut Values) -> Result<Bits, ParquetError> {
        let dense = match values {
            Values::Plain(data, bit) => {
                let end = *bit + self.count;
                if end > data.len() * 8 {
                    return Err(fault("values are missing"));
                }
                let bits = bits_at(data, *bit, self.count);
                *bit = end;
                bits
            }
            Values::Flags(runs) => {
                let mut bits = Bits::default();
                while bits.len() < self.count {
                    match runs.next(self.count - bits.len()) {
                        None => return Err(fault("values are missing")),
                        Some(Piece::Repeat(value, count)) => bits.append_filled(count, value == 1),
                        Some(Piece::Packed(packed)) => bits.append(&packed.bits()),
                    }
                }
                bits
            }
            Values::Keys(_) | Values::Whole(..) | Values::Lists(_) => {
                return Err(fault("booleans have no dictionary"));
            }
        };
        let Some(known) = &self.known else { return Ok(dense) };
        let mut truths = Bits::filled(self.rows, false);
        if !dense.none() {
            for (row, _) in known.ones().zip(dense.iter()).filter(|(_, truth)| *truth) {
                truths.set(row, true);
            }
        }
        Ok(truths)
    }

    /// The next bytes of a plain page, so many a value.
    fn plain<'b>(
        &self,
        data: &'b Bytes,
        at: &mut usize,
        width: usize,
    ) -> Result<&'b [u8], ParquetError> {
        let end = *at + self.count * width;
        let bytes = data.get(*at..end).ok_or_else(|| fault("values are missing"))?;
        *at = end;
        Ok(bytes)
    }

    fn whole(
        &self,
        values: &mut Values,
        form: Form,
        keys: &mut Vec<u32>,
        target: &mut NumberBuilder<i64>,
    ) -> Result<(), ParquetError> {
        let start = target.values.len();
        target.values.reserve(self.rows);
        match (values, self.entries) {
            _ if self.count == 0 => {}
            (Values::Plain(data, at), _) if form == Form::Short => {
                let (words, _) = self.plain(data, at, 4)?.as_chunks::<4>();
                target.values.extend(words.iter().map(|word| i64::from(i32::from_le_bytes(*word))));
            }
            (Values::Plain(data, at), _) => {
                let (words, _) = self.plain(data, at, 8)?.as_chunks::<8>();
                target.values.extend(words.iter().map(|word| i64::from_le_bytes(*word)));
            }
            (Values::Whole(numbers, at), _) => {
                let found = numbers.get(*at..*at + self.count);
                let found = found.ok_or_else(|| fault("values are missing"))?;
                *at += self.count;
                match form {
                    Form::Short => target.values.extend(found.iter().map(|found| narrow(*found))),
                    _ => target.values.extend_from_slice(found),
                }
            }
            (Values::Keys(runs), Entries::Whole(entries)) => {
                let entries = entries.as_slice();
                self.keys(runs, entries.len(), keys)?;
                let entry = |key: &u32| entries.get(*key as usize).copied().unwrap_or(0);
                target.values.extend(keys.iter().map(entry));
            }
            _ => return Err(fault("a page has no dictionary")),
        }
        self.spread(start, &mut target.values);
        self.gaps(&mut target.gaps);
        Ok(())
    }

    fn doubles(
        &self,
        values: &mut Values,
        keys: &mut Vec<u32>,
        target: &mut NumberBuilder<f64>,
    ) -> Result<(), ParquetError> {
        let start = target.values.len();
        target.values.reserve(self.rows);
        match (values, self.entries) {
            _ if self.count == 0 => {}
            (Values::Plain(data, at), _) => {
                let (words, _) = self.plain(data, at, 8)?.as_chunks::<8>();
                target.values.extend(words.iter().map(|word| f64::from_le_bytes(*word)));
            }
            (Values::Keys(runs), Entries::Double(entries)) => {
                let entries = entries.as_slice();
                self.keys(runs, entries.len(), keys)?;
                let entry = |key: &u32| entries.get(*key as usize).copied().unwrap_or(0.0);
                target.values.extend(keys.iter().map(entry));
            }
            _ => return Err(fault("a page has no dictionary")),
        }
        self.spread(start, &mut target.values);
        self.gaps(&mut target.gaps);
        // What is no number is an error of the cell.
        let added = target.values.iter().skip(start).enumerate();
        let is_known = |row: usize| self.known.as_ref().is_none_or(|known| known.get(row));
        let wrong = added.filter(|(row, value)| !value.is_finite() && is_known(*row));
        target.gaps.mark_errors(start, wrong.map(|(row, _)| row));
        Ok(())
    }

    fn texts(
        &self,
        values: &mut Values,
        keys: &mut Vec<u32>,
        target: &mut TextBuilder,
    ) -> Result<(), ParquetError> {
        match (values, self.entries) {
            (Values::Plain(data, at), _) => {
                let mut rest = data.get(*at..).unwrap_or(&[]);
                let size = rest.len();
                let mut rows: Vec<Option<&[u8]>> = Vec::with_capacity(self.rows);
                for row in 0..self.rows {
                    let is_known = self.known.as_ref().is_none_or(|known| known.get(row));
                    rows.push(if is_known { Some(next_text(&mut rest)?) } else { None });
                }
                *at += size - rest.len();
                target.append_plain(rows.into_iter());
            }
            (Values::Keys(runs), Entries::Text(dictionary, blank)) => {
                self.keys(runs, dictionary.len(), keys)?;
                self.spread(0, keys);
                let all = || Bits::filled(self.rows, true);
                let mut known = self.known.clone().unwrap_or_else(all);
                if let Some(blank) = blank {
                    known = known.without(&blank.gather(keys));
                }
                // The builder holds the dictionary, so that its address stays taken.
                let address = Arc::as_ptr(dictionary).addr();
                target.append_keys(address, dictionary, keys.iter().copied(), &known);
            }
            _ if self.count == 0 => target.append_missing(self.rows),
            _ => return Err(fault("a page has no dictionary")),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::column::Column;
    use crate::snapshot::convert::{Dictionaries, append, builder};
    use crate::snapshot::{BatchBuilder, LedgerFiles, LedgerStream, ReadPlan};
    use arrow_array::builder::{ListBuilder, StringBuilder};
    use arrow_array::types::Int32Type;
    use arrow_array::{
        Array, ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int32Array,
        Int64Array, RecordBatch, TimestampMicrosecondArray,
    };
    use parquet::arrow::ArrowWriter;
    use parquet::basic::{Compression, Encoding, ZstdLevel};
    use parquet::file::properties::{WriterProperties, WriterVersion};
    use parquet::schema::types::ColumnPath;
    use std::sync::Arc;
    use taizhang_program::{ColumnKind, ColumnUse};

    const ROWS: usize = 5_000;

    /// Evenly spread numbers below a limit.
    fn number(row: usize, salt: u64, below: u64) -> u64 {
        let mixed = (row as u64 + salt * 7919).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        ((mixed ^ (mixed >> 29)).wrapping_mul(0xbb67_ae85_84ca_a73b) >> 16) % below
    }

    /// Columns of every form: full, with gaps here and there, with long gaps, and empty ones.
    fn columns() -> Vec<(String, ColumnKind, ArrayRef)> {
        let mut columns: Vec<(String, ColumnKind, ArrayRef)> = Vec::new();
        for (gaps, salt) in [("full", 1), ("some", 2), ("long", 3), ("none", 4)] {
            let known = |row: &usize| match gaps {
                "full" => true,
                "some" => number(*row, salt, 3) > 0,
                "long" => (row / 700).is_multiple_of(2),
                _ => false,
            };
            let rows = || 0..ROWS;
            let at = move |below| move |row: usize| known(&row).then(|| number(row, salt, below));
            let few = |below| rows().map(at(below)).collect::<Vec<_>>();
            let mut add = |name: &str, kind, array: ArrayRef| {
                columns.push((format!("{name}_{gaps}"), kind, array));
            };
            let flags: BooleanArray = few(2).into_iter().map(|v| v.map(|v| v == 1)).collect();
            add("flag", ColumnKind::Boolean, Arc::new(flags));
            let yes: BooleanArray = few(1).into_iter().map(|v| v.map(|v| v == 0)).collect();
            add("yes", ColumnKind::Boolean, Arc::new(yes));
            for below in [1_u64, 5, 200, 3_000, 1 << 40] {
                let whole = few(below).into_iter().map(|v| v.map(|v| v as i64 - 3));
                let whole: Int64Array = whole.collect();
                add(&format!("whole{below}"), ColumnKind::Integer, Arc::new(whole));
            }
            let short: Int32Array = few(90).into_iter().map(|v| v.map(|v| v as i32 - 9)).collect();
            add("short", ColumnKind::Integer, Arc::new(short));
            let days: Date32Array = few(900).into_iter().map(|v| v.map(|v| v as i32)).collect();
            add("day", ColumnKind::Date, Arc::new(days));
            let moments = few(1 << 44).into_iter().map(|v| v.map(|v| v as i64));
            let moments: TimestampMicrosecondArray = moments.collect();
            add("moment", ColumnKind::Instant, Arc::new(moments));
            let area = |v: u64| if v == 7 { f64::NAN } else { v as f64 / 8.0 };
            let areas: Float64Array = few(300).into_iter().map(|v| v.map(area)).collect();
            add("area", ColumnKind::Decimal, Arc::new(areas));
            let words = ["a", "乙", " ", "", "word", "longer word"];
            let codes: DictionaryArray<Int32Type> =
                few(6).into_iter().map(|v| v.map(|v| words[v as usize])).collect();
            add("code", ColumnKind::Text, Arc::new(codes));
            add("list", ColumnKind::List, lists(ROWS, known));
        }
        columns
    }

    /// Lists of up to three texts, some of which are missing.
    fn lists(rows: usize, known: impl Fn(&usize) -> bool) -> ArrayRef {
        let words = ["a", "乙", " ", "", "word", "longer word"];
        let mut lists = ListBuilder::new(StringBuilder::new());
        for row in 0..rows {
            for item in 0..number(row, 8, 4) as usize * usize::from(known(&row)) {
                let word = words.get(number(row * 4 + item, 9, 7) as usize);
                lists.values().append_option(word);
            }
            lists.append(known(&row));
        }
        Arc::new(lists.finish())
    }

    /// Those of whole numbers, days and moments.
    fn whole_columns() -> impl Iterator<Item = (String, ColumnKind, ArrayRef)> {
        columns().into_iter().filter(|(_, kind, _)| {
            matches!(kind, ColumnKind::Integer | ColumnKind::Date | ColumnKind::Instant)
        })
    }

    /// The rows of a column in words; what is unknown has no value.
    fn told(column: &Column) -> Vec<String> {
        let gaps = column.gaps().unwrap();
        let value = |row: usize| match column {
            _ if gaps.is_error(row) => "error".to_owned(),
            _ if !gaps.is_known(row) => "unknown".to_owned(),
            Column::Boolean(column) => column.truth.get(row).to_string(),
            Column::Integer(column) => column.values[row].to_string(),
            Column::Decimal(column) => column.values[row].to_string(),
            Column::Text(column) => column.get(row).unwrap().to_owned(),
            Column::List(column) => {
                let (start, end) = column.spans[row];
                let items = start as usize..end as usize;
                format!("{:?}", items.map(|item| column.items.get(item)).collect::<Vec<_>>())
            }
            other => panic!("{other:?}"),
        };
        (0..column.len()).map(value).collect()
    }

    /// Writes the columns, reads rows of a range in steps, and compares with Arrow's arrays.
    fn check(properties: WriterProperties, range: std::ops::Range<u64>, step: usize, hint: &str) {
        let columns = columns();
        let ids: Int64Array = (0..ROWS as i64).map(Some).collect();
        let id = ("id", Arc::new(ids) as ArrayRef);
        let own = columns.iter().map(|(name, _, array)| (name.as_str(), Arc::clone(array)));
        let batch = RecordBatch::try_from_iter(std::iter::once(id).chain(own)).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("some.parquet");
        let file = std::fs::File::create(&path).unwrap();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let files = LedgerFiles::open("some", &[path]).unwrap();
        let uses: Vec<ColumnUse> = columns
            .iter()
            .map(|(name, kind, _)| ColumnUse { name: name.clone(), kind: *kind })
            .collect();
        for order in [None, Some("id")] {
            let plan = ReadPlan::new(&files, &uses, &|_| true, order, true).unwrap();
            assert!(plan.parts.iter().all(|part| !part.has_batches), "{hint}");
            let plan = Arc::new(plan);
            let mut stream = LedgerStream::new(Arc::clone(&plan), &range);
            let mut first = range.start as usize;
            while stream.fill().unwrap() {
                let mut taken = BatchBuilder::new(&plan, 0);
                while taken.rows() < step && stream.fill().unwrap() {
                    stream.take(step - taken.rows(), &mut taken).unwrap();
                }
                let taken = taken.finish();
                let named = if order.is_some() { &taken.order } else { &taken.ids };
                assert!((0..taken.rows).all(|row| named.key(row) == Some((first + row) as i64)));
                for ((name, kind, array), found) in columns.iter().zip(&taken.columns) {
                    let mut expected = builder(*kind);
                    let rows = array.slice(first, taken.rows);
                    append(&mut expected, *kind, &rows, &mut Dictionaries::default());
                    let hint = format!("{hint}, {name} from row {first}");
                    assert_eq!(told(found.as_ref().unwrap()), told(&expected.finish()), "{hint}");
                }
                first += taken.rows;
            }
            assert_eq!(first as u64, range.end, "{hint}");
        }
    }

    #[test]
    fn pages_give_what_arrow_gives() {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            for (page_rows, group_rows, compression) in [
                (20_000, 1 << 20, Compression::SNAPPY),
                (333, 2_000, Compression::ZSTD(ZstdLevel::default())),
            ] {
                for packing in ["dictionary", "plain", "differences"] {
                    let has_dictionary = packing == "dictionary";
                    let mut properties = WriterProperties::builder()
                        .set_writer_version(version)
                        .set_dictionary_enabled(has_dictionary)
                        .set_compression(compression)
                        .set_data_page_row_count_limit(page_rows)
                        .set_write_batch_size(111)
                        .set_max_row_group_row_count(Some(group_rows));
                    for gaps in ["full", "some", "long", "none"] {
                        let code = ColumnPath::from(format!("code_{gaps}"));
                        properties = properties.set_column_dictionary_enabled(code, true);
                    }
                    if !has_dictionary {
                        properties = properties.set_encoding(Encoding::PLAIN);
                    }
                    if packing == "differences" {
                        for (name, ..) in whole_columns() {
                            let path = ColumnPath::from(name);
                            let encoding = Encoding::DELTA_BINARY_PACKED;
                            properties = properties.set_column_encoding(path, encoding);
                        }
                    }
                    let hint = format!("{version:?} {page_rows} {packing}");
                    let rows = 0..ROWS as u64;
                    check(properties.clone().build(), rows.clone(), 1_024, &hint);
                    check(properties.build(), 1_777..4_321, 97, &hint);
                }
            }
        }
    }

    #[test]
    fn a_damaged_file_is_an_error_and_never_a_panic() {
        let numbers: Int64Array =
            (0..3_000_i64).map(|row| (row % 7 > 0).then_some(row % 90)).collect();
        let lists = lists(3_000, |row| row % 7 > 0);
        damage(ColumnKind::Integer, Arc::new(numbers));
        damage(ColumnKind::List, lists);
    }

    /// Reads a file of a column, damaged in many ways.
    fn damage(kind: ColumnKind, array: ArrayRef) {
        let batch = RecordBatch::try_from_iter([("n", array)]).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("some.parquet");
        let file = std::fs::File::create(&path).unwrap();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let whole = std::fs::read(&path).unwrap();
        let uses = [ColumnUse { name: "n".to_owned(), kind }];
        let mut refused = 0;
        for turn in 0..400 {
            let mut bytes = whole.clone();
            // The head stands at the end; damage lies in the pages before it.
            let place = 4 + number(turn, 5, 1_500) as usize;
            bytes[place] ^= 1 << number(turn, 6, 8);
            std::fs::write(&path, &bytes).unwrap();
            let Ok(files) = LedgerFiles::open("some", std::slice::from_ref(&path)) else {
                continue;
            };
            let Ok(plan) = ReadPlan::new(&files, &uses, &|_| true, None, false) else { continue };
            let plan = Arc::new(plan);
            let mut stream = LedgerStream::new(Arc::clone(&plan), &(0..3_000));
            let mut batch = BatchBuilder::new(&plan, 0);
            loop {
                match stream.fill().and_then(|more| Ok((more, stream.take(500, &mut batch)?))) {
                    Ok((true, ())) => {}
                    Ok((false, ())) => break,
                    Err(_) => {
                        refused += 1;
                        break;
                    }
                }
            }
        }
        assert!(refused > 0);
    }
}
