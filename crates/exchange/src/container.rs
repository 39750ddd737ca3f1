//! Zip containers (docx, xlsx, ofd) read with every limit counted while inflating.
//!
//! INVARIANT: no size is taken from a header; what counts is what came out of the inflater.

use crate::xml::Guard;
use crate::{ExchangeError, Limits};
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// An opened container with a running count of inflated bytes.
pub(crate) struct Container<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    limits: &'a Limits,
    inflated_bytes: u64,
    names: Vec<String>,
}

impl<'a> Container<'a> {
    /// Opens `bytes` and refuses what can be refused before inflating: size, entry count,
    /// overlapping entries, encryption, links and archives within.
    pub(crate) fn open(bytes: &'a [u8], limits: &'a Limits) -> Result<Self, ExchangeError> {
        if bytes.len() as u64 > limits.container_bytes {
            return Err(ExchangeError::limit(
                "X0201",
                "文件大小",
                "the file size",
                format!("{} MiB", limits.container_bytes >> 20),
            ));
        }
        refuse_declared_count(bytes, limits)?;
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged())?;
        if archive.len() > limits.container_entries {
            return Err(too_many_entries(limits));
        }
        if archive.has_duplicate_names() || archive.has_overlapping_entries().unwrap_or(true) {
            return Err(ExchangeError::new(
                "X0205",
                "压缩包内的文件互相重叠或重名",
                "entries of the container overlap or share a name",
            ));
        }
        let mut names = Vec::with_capacity(archive.len());
        for index in 0..archive.len() {
            names.push(checked_entry_name(&mut archive, index)?);
        }
        Ok(Self { archive, limits, inflated_bytes: 0, names })
    }

    /// True when an entry has this name, upper or lower case.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.index(name).is_some()
    }

    fn index(&self, name: &str) -> Option<usize> {
        let exact = self.names.iter().position(|known| known == name);
        exact.or_else(|| self.names.iter().position(|known| known.eq_ignore_ascii_case(name)))
    }

    /// Inflates one entry; `None` if there is no such entry.
    pub(crate) fn read(&mut self, name: &str) -> Result<Option<Vec<u8>>, ExchangeError> {
        let Some(mut entry) = self.stream(name)? else { return Ok(None) };
        let mut content = Vec::new();
        entry.read_to_end(&mut content).map_err(|error| from_io(&error, name))?;
        Ok(Some(content))
    }

    /// Opens one entry for reading piece by piece; `None` if there is no such entry.
    pub(crate) fn stream(&mut self, name: &str) -> Result<Option<EntryReader<'_>>, ExchangeError> {
        let Some(index) = self.index(name) else { return Ok(None) };
        let entry = self.archive.by_index(index).map_err(|_| damaged().at(name))?;
        Ok(Some(EntryReader {
            packed_bytes: entry.compressed_size().max(1),
            entry: Box::new(entry),
            limits: self.limits,
            total_bytes: &mut self.inflated_bytes,
            own_bytes: 0,
            own_bytes_max: u64::MAX,
            guard: None,
            name: name.to_owned(),
        }))
    }
}

/// The inflated bytes of one entry; every limit is counted while reading.
pub(crate) struct EntryReader<'c> {
    entry: Box<dyn Read + 'c>,
    limits: &'c Limits,
    total_bytes: &'c mut u64,
    own_bytes: u64,
    own_bytes_max: u64,
    packed_bytes: u64,
    guard: Option<Guard<'c>>,
    name: String,
}

impl EntryReader<'_> {
    /// Counts XML limits as well, and holds the part below `bytes_max`.
    pub(crate) fn guarded(mut self, bytes_max: u64) -> Self {
        self.guard = Some(Guard::new(self.limits));
        self.own_bytes_max = bytes_max;
        self
    }

    /// Holds the part below `bytes_max`; for readers that count XML limits themselves.
    pub(crate) fn held_below(mut self, bytes_max: u64) -> Self {
        self.own_bytes_max = bytes_max;
        self
    }

    fn check(&self) -> Result<(), ExchangeError> {
        let limits = self.limits;
        if *self.total_bytes > limits.inflated_bytes {
            return Err(ExchangeError::limit(
                "X0203",
                "解压后的大小",
                "the inflated size",
                format!("{} MiB", limits.inflated_bytes >> 20),
            ));
        }
        let ratio = self.own_bytes / self.packed_bytes;
        if self.own_bytes > limits.ratio_free_bytes && ratio > limits.ratio {
            return Err(ExchangeError::limit(
                "X0204",
                "压缩比",
                "the compression ratio",
                format!("{}:1", limits.ratio),
            ));
        }
        if self.own_bytes > self.own_bytes_max {
            return Err(ExchangeError::limit(
                "X0705",
                "部件大小",
                "the size of one part",
                format!("{} MiB", self.own_bytes_max >> 20),
            ));
        }
        Ok(())
    }
}

impl Read for EntryReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.entry.read(buffer)?;
        self.own_bytes += count as u64;
        *self.total_bytes += count as u64;
        let mut fault = self.check().err();
        if let (None, Some(guard)) = (&fault, &mut self.guard) {
            fault = guard.feed(buffer.get(..count).unwrap_or_default()).err();
        }
        match fault {
            Some(error) => Err(std::io::Error::other(error.at(&self.name))),
            None => Ok(count),
        }
    }
}

/// The limit that stopped a reader, or else damage.
pub(crate) fn from_io(error: &std::io::Error, name: &str) -> ExchangeError {
    let ours = error.get_ref().and_then(|inner| inner.downcast_ref::<ExchangeError>());
    ours.cloned().unwrap_or_else(|| damaged().at(name))
}

fn too_many_entries(limits: &Limits) -> ExchangeError {
    ExchangeError::limit(
        "X0202",
        "压缩包内的文件数",
        "the number of entries",
        limits.container_entries,
    )
}

/// Refuses a central directory that claims too many entries before any of them is read.
fn refuse_declared_count(bytes: &[u8], limits: &Limits) -> Result<(), ExchangeError> {
    let tail_start = bytes.len().saturating_sub(22 + 65_535);
    let tail = bytes.get(tail_start..).unwrap_or_default();
    let Some(end) = tail.windows(4).rposition(|window| window == b"PK\x05\x06") else {
        return Err(damaged());
    };
    let declared = tail
        .get(end + 10..end + 12)
        .and_then(|pair| <[u8; 2]>::try_from(pair).ok())
        .map_or(0, u16::from_le_bytes);
    if usize::from(declared) > limits.container_entries {
        return Err(too_many_entries(limits));
    }
    Ok(())
}

/// The entry's name, after refusing encrypted entries, links and archives within the archive.
fn checked_entry_name(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    index: usize,
) -> Result<String, ExchangeError> {
    let entry = archive.by_index_raw(index).map_err(|_| damaged())?;
    let name = entry.name().map_err(|_| damaged())?.replace('\\', "/");
    if entry.encrypted() {
        return Err(encrypted().at(name));
    }
    let lower = name.to_ascii_lowercase();
    let nested = [".zip", ".7z", ".rar", ".gz"].iter().any(|end| lower.ends_with(end));
    if entry.is_symlink() || nested {
        return Err(ExchangeError::new(
            "X0206",
            "压缩包内含有压缩包或链接，不予读取",
            "the container holds another archive or a link",
        )
        .at(name));
    }
    Ok(name)
}

/// The container cannot be opened or inflated.
pub(crate) fn damaged() -> ExchangeError {
    ExchangeError::new(
        "X0207",
        "文件已损坏或不完整，无法解压",
        "the file is damaged or cut short and cannot be inflated",
    )
    .help(
        "请重新下载，或用 Word、WPS 打开后另存一份再上传",
        "fetch it again, or open it in an office program and save a new copy",
    )
}

/// The file is protected by a password.
pub(crate) fn encrypted() -> ExchangeError {
    ExchangeError::new("X0106", "文件有密码保护，无法读取", "the file is protected by a password")
        .help("请取消密码后另存一份再上传", "remove the password, save a copy and upload that")
}
