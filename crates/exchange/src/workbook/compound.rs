//! Old binary workbooks looked over before a library reads them: the stream out of its compound
//! file, and the records from which the library takes sizes.
//!
//! INVARIANT: what passes here has no endless sector chain, no cell beyond the columns of the
//! format, and no sheet whose claimed or spanned area exceeds the limit of cells; otherwise the
//! library would allocate by these claims and end the process.

use crate::{ExchangeError, Limits};

/// From this sector id on, ids are marks (MS-CFB 2.1).
const RESERVED: u32 = 0xffff_fffa;

/// Marks the end of a chain.
const END_OF_CHAIN: u32 = 0xffff_fffe;

/// Streams below this size lie in small sectors, bytes.
const SMALL_STREAM_BYTES: usize = 4096;

/// Columns of the format (MS-XLS 2.5.53).
const COLUMNS: u16 = 256;

/// Records looked at, all walks together.
const RECORDS_MAX: usize = 20_000_000;

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn size_at(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32_at(bytes, at)?).ok()
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.chunks_exact(4).filter_map(|four| Some(u32::from_le_bytes(four.try_into().ok()?)))
}

/// Sectors of one size with their table of successors.
struct Sectors<'a> {
    bytes: &'a [u8],
    size: usize,
    next: Vec<u32>,
}

impl Sectors<'_> {
    fn get(&self, id: u32) -> Option<&[u8]> {
        let start = usize::try_from(id).ok()?.checked_mul(self.size)?;
        let end = start.checked_add(self.size)?.min(self.bytes.len());
        self.bytes.get(start..end).filter(|sector| !sector.is_empty())
    }

    /// The content of a chain up to `length` bytes; `None` when it leaves the file or runs in a
    /// circle.
    fn chain(&self, start: u32, length: usize) -> Option<Vec<u8>> {
        let mut content = Vec::new();
        let mut id = start;
        let mut left = self.bytes.len() / self.size.max(1) + 1;
        while id != END_OF_CHAIN {
            left = left.checked_sub(1)?;
            let sector = self.get(id)?;
            let wanted = length - content.len();
            content.extend_from_slice(sector.get(..wanted.min(sector.len()))?);
            if content.len() >= length {
                break;
            }
            id = *self.next.get(usize::try_from(id).ok()?)?;
        }
        Some(content)
    }
}

/// The workbook stream of a compound file (MS-CFB).
fn workbook_stream(bytes: &[u8]) -> Option<Vec<u8>> {
    let size = match u16_at(bytes, 30)? {
        9 => 512,
        12 => 4096,
        _ => return None,
    };
    let body = bytes.get(size.min(bytes.len())..)?;
    let mut sectors = Sectors { bytes: body, size, next: Vec::new() };
    let mut table: Vec<u32> = words(bytes.get(76..512)?).collect();
    let mut id = u32_at(bytes, 68)?;
    let mut left = body.len() / size + 1;
    while id < RESERVED {
        left = left.checked_sub(1)?;
        table.extend(words(sectors.get(id)?));
        id = table.pop()?;
    }
    // A sound table has an entry a sector; a hostile one names the same sector again and again.
    let most = 2 * (body.len() / size) + size;
    for id in table.into_iter().filter(|id| *id < RESERVED) {
        let successors: Vec<u32> = words(sectors.get(id)?).collect();
        sectors.next.extend(successors);
        if sectors.next.len() > most {
            return None;
        }
    }
    let entries = sectors.chain(u32_at(bytes, 48)?, usize::MAX)?;
    let entries: Vec<&[u8]> = entries.chunks_exact(128).collect();
    let length_of = |entry: &[u8]| -> Option<usize> {
        let low = size_at(entry, 120)?;
        let high = if size == 512 { 0 } else { size_at(entry, 124)? };
        (high == 0).then_some(low)
    };
    let named = |name: &str| {
        entries.iter().find(|entry| entry_name(entry).eq_ignore_ascii_case(name)).copied()
    };
    let entry = named("Workbook").or_else(|| named("Book"))?;
    let (start, length) = (u32_at(entry, 116)?, length_of(entry)?);
    if length >= SMALL_STREAM_BYTES {
        return sectors.chain(start, length);
    }
    let root = entries.first()?;
    let small = sectors.chain(u32_at(root, 116)?, length_of(root)?)?;
    let table_bytes = size_at(bytes, 64)?.checked_mul(size)?;
    let next = words(&sectors.chain(u32_at(bytes, 60)?, table_bytes)?).collect();
    Sectors { bytes: &small, size: 64, next }.chain(start, length)
}

fn entry_name(entry: &[u8]) -> String {
    let units = entry.get(..64).unwrap_or_default().chunks_exact(2);
    let units = units.filter_map(|pair| Some(u16::from_le_bytes(pair.try_into().ok()?)));
    let units = units.take_while(|unit| *unit != 0);
    char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect()
}

/// Looks over a binary workbook.
///
/// # Errors
/// `X0710` when a sheet is too large; `Ok(None)` when the file is damaged.
pub(super) fn look_over(bytes: &[u8], limits: &Limits) -> Result<Option<()>, ExchangeError> {
    let Some(stream) = workbook_stream(bytes) else { return Ok(None) };
    let mut left = RECORDS_MAX;
    let mut starts = Vec::new();
    // Sheets start where the first walk says, which need not be where another record starts.
    if walk(&stream, 0, &mut left, limits, Some(&mut starts))?.is_none() {
        return Ok(None);
    }
    for start in starts {
        if walk(&stream, start, &mut left, limits, None)?.is_none() {
            return Ok(None);
        }
    }
    Ok(Some(()))
}

/// Walks the records from `start`; `None` when there are too many of them.
fn walk(
    stream: &[u8],
    start: usize,
    left: &mut usize,
    limits: &Limits,
    mut starts: Option<&mut Vec<usize>>,
) -> Result<Option<()>, ExchangeError> {
    let mut area = Area::default();
    let (mut is_open, mut depth) = (false, 0_usize);
    let is_sheet = starts.is_none();
    let mut at = start;
    while let Some((kind, length)) = u16_at(stream, at).zip(u16_at(stream, at.saturating_add(2))) {
        let Some(fewer) = left.checked_sub(1) else { return Ok(None) };
        *left = fewer;
        let Some(data) = stream.get(at + 4..at + 4 + usize::from(length)) else { break };
        match kind {
            // BOF: a new area; within a sheet a chart, whose records do not count.
            0x0809 if !is_sheet => area = Area::default(),
            0x0809 if is_open => depth += 1,
            0x0809 => is_open = true,
            0x000a if is_sheet && depth == 0 => break,
            0x000a => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            0x0085 => {
                if let (Some(starts), Some(place)) = (&mut starts, size_at(data, 0)) {
                    starts.push(place);
                }
            }
            0x0200 => area.claim(data),
            0x0203..=0x0206 | 0x00d6 | 0x027e | 0x00fd | 0x0006 => area.cell(data, None),
            0x00bd => area.cell(data, u16_at(data, data.len().saturating_sub(2))),
            _ => {}
        }
        if area.is_beyond(limits) {
            return Err(ExchangeError::limit(
                "X0710",
                "工作表的范围",
                "the area of a sheet",
                limits.workbook_cells,
            )
            .help(
                "请删除远处的空行空列，或另存为 .xlsx 再上传",
                "delete far-off empty rows and columns, or save it as .xlsx",
            ));
        }
        at += 4 + usize::from(length);
    }
    Ok(Some(()))
}

/// What a sheet spans.
#[derive(Default)]
struct Area {
    rows: usize,
    columns: usize,
    claimed_rows: usize,
    claimed_columns: usize,
}

impl Area {
    /// The dimensions record; offices write whole columns into it, so only its range is checked.
    fn claim(&mut self, data: &[u8]) {
        let wide = data.len() != 10;
        let row =
            |at: usize| if wide { size_at(data, at) } else { u16_at(data, at).map(usize::from) };
        let rows = row(if wide { 4 } else { 2 });
        let columns = u16_at(data, if wide { 10 } else { 6 });
        self.claimed_rows = rows.unwrap_or(0);
        self.claimed_columns = usize::from(columns.unwrap_or(0));
    }

    fn cell(&mut self, data: &[u8], last_column: Option<u16>) {
        let (Some(row), Some(column)) = (u16_at(data, 0), u16_at(data, 2)) else { return };
        let column = column.max(last_column.unwrap_or(0));
        self.rows = self.rows.max(usize::from(row) + 1);
        self.columns = self.columns.max(usize::from(column) + 1);
    }

    fn is_beyond(&self, limits: &Limits) -> bool {
        let columns = usize::from(COLUMNS);
        self.claimed_rows > 65_536
            || self.claimed_columns > columns
            || self.columns > columns
            || self.rows * self.columns > limits.workbook_cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u16, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len()).unwrap();
        [&kind.to_le_bytes()[..], &length.to_le_bytes(), data].concat()
    }

    fn cell(row: u16, column: u16) -> Vec<u8> {
        record(0x0203, &[row.to_le_bytes(), column.to_le_bytes(), [0; 2]].concat())
    }

    fn dimensions(rows: u32, columns: u16) -> Vec<u8> {
        let data = [&[0; 4][..], &rows.to_le_bytes(), &[0; 2], &columns.to_le_bytes(), &[0; 2]];
        record(0x0200, &data.concat())
    }

    /// A compound file of 512-byte sectors: table, directory, then the stream.
    fn compound(stream: &[u8], directory_next: u32) -> Vec<u8> {
        let mut stream = stream.to_vec();
        stream.resize(stream.len().max(SMALL_STREAM_BYTES).next_multiple_of(512), 0);
        let mut file = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
        file.resize(512, 0xff);
        file[30..32].copy_from_slice(&9_u16.to_le_bytes());
        file[48..52].copy_from_slice(&1_u32.to_le_bytes());
        file[68..72].copy_from_slice(&END_OF_CHAIN.to_le_bytes());
        file[76..80].copy_from_slice(&0_u32.to_le_bytes());
        let mut table = vec![0xffff_fffd, directory_next];
        let count = u32::try_from(stream.len() / 512).unwrap();
        table.extend((0..count).map(|n| if n + 1 == count { END_OF_CHAIN } else { n + 3 }));
        let mut sector: Vec<u8> = table.iter().flat_map(|id: &u32| id.to_le_bytes()).collect();
        sector.resize(512, 0xff);
        file.extend(sector);
        let mut directory = vec![0; 512];
        for (at, name) in [(0, "Root Entry"), (128, "Workbook")] {
            for (unit, place) in name.encode_utf16().zip((at..).step_by(2)) {
                directory[place..place + 2].copy_from_slice(&unit.to_le_bytes());
            }
        }
        directory[128 + 116..128 + 120].copy_from_slice(&2_u32.to_le_bytes());
        let length = u32::try_from(stream.len()).unwrap();
        directory[128 + 120..128 + 124].copy_from_slice(&length.to_le_bytes());
        file.extend(directory);
        file.extend(stream);
        file
    }

    fn check(records: &[Vec<u8>], expected: &str) {
        let limits = Limits { workbook_cells: 1000, ..Limits::default() };
        let found = look_over(&compound(&records.concat(), END_OF_CHAIN), &limits);
        let found = match found {
            Ok(Some(())) => "passes",
            Ok(None) => "damaged",
            Err(error) => error.code,
        };
        assert_eq!(found, expected, "{records:?}");
    }

    #[test]
    fn claimed_and_spanned_areas_are_bounded() {
        check(&[cell(9, 99)], "passes");
        check(&[cell(10, 99)], "X0710");
        check(&[cell(0, 255)], "passes");
        check(&[cell(0, 256)], "X0710");
        check(&[dimensions(65_536, 256)], "passes");
        check(&[dimensions(65_537, 1)], "X0710");
        check(&[dimensions(u32::MAX, 256)], "X0710");
        check(&[dimensions(1, 257)], "X0710");
        check(&[record(0x00bd, &[0, 0, 0, 0, 9, 9, 255, 0])], "passes");
        check(&[record(0x00bd, &[0, 0, 0, 0, 9, 9, 0, 1])], "X0710");
    }

    #[test]
    fn sheets_are_followed_to_their_claimed_start() {
        // The cell hides inside another record, where only the sheet's start leads.
        let hidden = record(0x00ff, &cell(10, 99));
        let start = u32::try_from(4 + 8 + 4).unwrap();
        let sheet = record(0x0085, &[&start.to_le_bytes()[..], &[0; 4]].concat());
        check(&[sheet, hidden.clone()], "X0710");
        check(&[record(0x0001, &[0; 8]), hidden], "passes");
    }

    #[test]
    fn each_sheet_has_an_area_of_its_own() {
        let (begin, end) = (record(0x0809, &[0; 4]), record(0x000a, &[]));
        let head = 2 * (4 + 8);
        let long = [begin.clone(), cell(499, 0), end.clone()].concat();
        let wide = [begin, cell(0, 199), end].concat();
        let place = |at: usize| {
            let at = u32::try_from(at).unwrap();
            record(0x0085, &[&at.to_le_bytes()[..], &[0; 4]].concat())
        };
        check(&[place(head), place(head + long.len()), long, wide], "passes");
    }

    #[test]
    fn circles_of_sectors_are_damage() {
        let bytes = compound(&cell(0, 0), 1);
        assert_eq!(look_over(&bytes, &Limits::default()), Ok(None));
        assert_eq!(look_over(b"\xd0\xcf\x11\xe0", &Limits::default()), Ok(None));
    }
}
