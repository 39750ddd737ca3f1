//! One column of a row group, read from its pages straight into the columns of a batch: for the
//! plain types that snapshots are made of. Everything else goes through Arrow's arrays
//! (`convert.rs`), which mean the same.

use super::builder::{ColumnBuilder, GapsBuilder, NumberBuilder, TextBuilder};
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
            _ => None,
        }
    }

    /// Whether every page of a chunk can be read.
    pub(crate) fn reads(chunk: &ColumnChunkMetaData) -> bool {
        chunk.encodings().all(|encoding| {
            matches!(
                encoding,
                Encoding::PLAIN
                    | Encoding::RLE
                    | Encoding::RLE_DICTIONARY
                    | Encoding::PLAIN_DICTIONARY
            )
        })
    }
}

/// The bytes of a column chunk, at their place in the file.
struct Chunk {
    start: u64,
    bytes: Bytes,
}

impl Chunk {
    fn from(&self, start: u64, length: Option<usize>) -> Result<Bytes, ParquetError> {
        let from = start.checked_sub(self.start).and_then(|from| usize::try_from(from).ok());
        let end =
            |from: usize| length.map_or(Some(self.bytes.len()), |size| from.checked_add(size));
        match from.and_then(|from| Some((from, end(from)?))) {
            Some((from, end)) if from <= end && end <= self.bytes.len() => {
                Ok(self.bytes.slice(from..end))
            }
            _ => Err(ParquetError::EOF("a page reaches past its column".to_owned())),
        }
    }
}

impl Length for Chunk {
    fn len(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl ChunkReader for Chunk {
    type T = Over<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(Over::new(self.from(start, None)?))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        self.from(start, Some(length))
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
    /// Entries of the dictionary.
    Keys(Runs),
    /// Booleans in runs.
    Flags(Runs),
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
        let size = usize::try_from(length).map_err(|_| fault("a column is too long"))?;
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        // No room is made for what a damaged head claims.
        bytes.reserve_exact(size.min(1 << 26));
        if file.take(length).read_to_end(&mut bytes)? < size {
            return Err(ParquetError::EOF("a column reaches past its file".to_owned()));
        }
        let bytes = Arc::new(Chunk { start, bytes: bytes.into() });
        Ok(Self {
            pages: SerializedPageReader::new(bytes, chunk, rows, None)?,
            form,
            is_optional: chunk.column_descr().max_def_level() > 0,
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
            let rows = next.num_rows.or(next.num_levels).unwrap_or(0);
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
            Page::DataPage { buf, num_values, encoding, def_level_encoding, .. } => {
                let mut values = buf;
                let mut levels = None;
                if self.is_optional {
                    if def_level_encoding != Encoding::RLE {
                        return Err(fault("levels are not in runs"));
                    }
                    let own = with_length(&mut values)?;
                    levels = Some(Runs::new(own, 1));
                }
                self.leaf = Some(self.leaf(num_values, levels, values, encoding)?);
            }
            Page::DataPageV2 { buf, num_values, encoding, def_levels_byte_len, .. } => {
                let mut values = buf;
                let size = def_levels_byte_len as usize;
                if size > values.len() {
                    return Err(fault("levels reach past their page"));
                }
                let own = values.split_to(size);
                let levels = self.is_optional.then(|| Runs::new(own, 1));
                self.leaf = Some(self.leaf(num_values, levels, values, encoding)?);
            }
        }
        Ok(())
    }

    fn leaf(
        &self,
        rows: u32,
        levels: Option<Runs>,
        mut values: Bytes,
        encoding: Encoding,
    ) -> Result<Leaf, ParquetError> {
        let values = match encoding {
            Encoding::PLAIN => Values::Plain(values, 0),
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
        Form::Text => {
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
        while keys.len() < self.count {
            match runs.next(self.count - keys.len()) {
                None => return Err(fault("keys of a dictionary are missing")),
                Some(Piece::Repeat(key, count)) => keys.resize(keys.len() + count, key),
                Some(Piece::Packed(packed)) => packed.unpack(keys),
            }
        }
        match keys.iter().max() {
            Some(most) if *most as usize >= size => Err(fault("a dictionary lacks an entry")),
            _ => Ok(()),
        }
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
            Values::Keys(_) => return Err(fault("booleans have no dictionary")),
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
            (Values::Keys(runs), Entries::Whole(entries)) => {
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
