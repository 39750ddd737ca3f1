//! A workbook's rows on their way from the process that reads them: each as soon as it is read, so
//! that neither side holds the sheet.

use super::wire::{
    self, Head, Question, Rest, Task, put_messages, put_number, put_optional, put_text,
};
use super::{ApartBounds, FileReader, broken_off, end, here_message, status, too_slow, unreadable};
use crate::workbook::{
    ColumnMatch, FaultReason, HeaderMatch, ImportField, ImportOptions, MatchKind, RowFault,
    RowPlan, RowsCheck, SheetRow, StreamedRow, WorkbookStream,
};
use crate::{ExchangeError, Limits};
use std::io::{self, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;
use taizhang_values::{Date, Decimal, Money, RecordId, Timestamp, Value};

/// Marks of the parts of an answer.
const START: u8 = 1;
const RECORD: u8 = 2;
const OTHER: u8 = 3;
const CHECK: u8 = 4;
const FAULT: u8 = 5;

/// Most bytes of a question's fields and choices.
const REQUEST_BYTES_MAX: usize = 16 << 20;
/// Most bytes of one part: a row of 200 cells of 32,767 characters.
const PART_BYTES_MAX: usize = 64 << 20;
/// Bytes handed over at a time, and how many such blocks may wait.
const BLOCK: usize = 64 << 10;
const BLOCKS: usize = 32;
/// Records at the top whose cells go along in any case.
const SHOWN_RECORDS: u64 = 3;

const KINDS: [MatchKind; 4] =
    [MatchKind::Exact, MatchKind::Normalised, MatchKind::Contains, MatchKind::Near];

/// What is read of a workbook row by row.
#[derive(Clone, Copy, Debug)]
pub struct RowsRequest<'a> {
    /// Fields of the ledger.
    pub fields: &'a [ImportField],
    /// Sheet and columns as somebody chose them.
    pub options: &'a ImportOptions,
    /// Limits of the file.
    pub limits: &'a Limits,
    /// The cells of every row are wanted; else those of the first three records alone, and other
    /// rows are not told of.
    pub with_cells: bool,
}

impl FileReader {
    /// [`WorkbookStream::check`], apart: every row goes to `take` as it is read. A process that
    /// tells of nothing for as long as the bounds say is ended; the time that `take` needs does
    /// not count.
    ///
    /// # Errors
    /// Those of [`WorkbookStream`]; a process that broke off or took too long; what `take` returns.
    pub fn rows<E: From<ExchangeError>>(
        &self,
        file: &mut (dyn Read + Send),
        request: &RowsRequest<'_>,
        mut take: impl FnMut(StreamedRow<'_>) -> Result<(), E>,
    ) -> Result<RowsCheck, E> {
        let question = Question { task: Task::Rows, name_hint: None, limits: request.limits };
        let Some((child, _slot)) = self.start(self.bounds().seconds)? else {
            let mut check = here(file, request, take)?;
            if self.is_apart() {
                check.notes.push(here_message());
            }
            return Ok(check);
        };
        let mut head = question.encode(self.bounds());
        let body = encode_request(request);
        head.extend(u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes());
        head.extend(body);
        converse(child, &head, file, (self.bounds(), &question), &mut take)
    }
}

fn here<E: From<ExchangeError>>(
    file: &mut (dyn Read + Send),
    request: &RowsRequest<'_>,
    take: impl FnMut(StreamedRow<'_>) -> Result<(), E>,
) -> Result<RowsCheck, E> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(|_| E::from(unreadable()))?;
    WorkbookStream::open(&bytes, request.limits)?.check(request.fields, request.options, take)
}

/// Hands the file over and takes its rows; the process is gone afterwards.
fn converse<E: From<ExchangeError>>(
    mut child: Child,
    head: &[u8],
    file: &mut (dyn Read + Send),
    (bounds, question): (&ApartBounds, &Question<'_>),
    take: &mut impl FnMut(StreamedRow<'_>) -> Result<(), E>,
) -> Result<RowsCheck, E> {
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(BLOCKS);
        scope.spawn(move || hand_over(stdin, head, file));
        scope.spawn(move || receive(stdout, &sender));
        let parts = Parts {
            receiver,
            held: Vec::new(),
            read: 0,
            left: wire::answer_bytes_max(question),
            patience: Duration::from_secs(bounds.seconds),
        };
        let taken = take_rows(parts, take);
        // The pipes close with the process, and the two threads end.
        let result = match taken {
            Ok(check) => Ok(check),
            Err(Break::Taker(error)) => Err(error),
            Err(Break::Slow) => Err(too_slow(bounds.seconds).into()),
            Err(Break::Told(error)) => Err(error.into()),
            Err(Break::Off) => {
                return Err(broken_off(status(&mut child), bounds, question.task).into());
            }
        };
        end(&mut child);
        result
    })
}

fn hand_over(stdin: Option<ChildStdin>, head: &[u8], file: &mut (dyn Read + Send)) {
    if let Some(mut stdin) = stdin {
        // A process that ended does not read to the end; its status tells why.
        let _ = stdin.write_all(head).and_then(|()| io::copy(file, &mut stdin).map(|_| ()));
    }
}

fn receive(stdout: Option<ChildStdout>, sender: &SyncSender<Vec<u8>>) {
    let Some(mut stdout) = stdout else { return };
    loop {
        let mut block = vec![0_u8; BLOCK];
        match stdout.read(&mut block) {
            Ok(0) | Err(_) => return,
            Ok(count) => block.truncate(count),
        }
        // Nobody takes rows any more.
        if sender.send(block).is_err() {
            return;
        }
    }
}

/// Why no more rows are taken.
enum Break<E> {
    Taker(E),
    Told(ExchangeError),
    Slow,
    Off,
}

fn take_rows<E>(
    mut parts: Parts,
    take: &mut impl FnMut(StreamedRow<'_>) -> Result<(), E>,
) -> Result<RowsCheck, Break<E>> {
    let mut plan = RowPlan::default();
    let mut section: Option<String> = None;
    let (mut values, mut faults) = (Vec::new(), Vec::new());
    loop {
        let (mark, bytes) = parts.next()?;
        let mut rest = Rest::of(bytes);
        match mark {
            START => {
                plan = rest.plan().ok_or(Break::Off)?;
                take(StreamedRow::Start(&plan)).map_err(Break::Taker)?;
            }
            RECORD => {
                let row = rest.record(&mut values, &mut faults, &mut section).ok_or(Break::Off)?;
                let (values, faults) = (&mut values, &mut faults);
                let section = section.as_deref();
                take(StreamedRow::Record { row: &row, values, faults, section })
                    .map_err(Break::Taker)?;
            }
            OTHER => {
                let row = rest.row().ok_or(Break::Off)?;
                take(StreamedRow::Other { row: &row }).map_err(Break::Taker)?;
            }
            CHECK => {
                let check = rest.check().ok_or(Break::Off)?;
                return Ok(RowsCheck { plan, ..check });
            }
            FAULT => {
                let fault = rest.fault().ok_or(Break::Off)?;
                return Err(Break::Told(ExchangeError::from_fault(fault)));
            }
            _ => return Err(Break::Off),
        }
    }
}

/// The parts of an answer, as they come.
struct Parts {
    receiver: Receiver<Vec<u8>>,
    held: Vec<u8>,
    read: usize,
    /// Bytes that may still come.
    left: u64,
    patience: Duration,
}

impl Parts {
    fn next<E>(&mut self) -> Result<(u8, &[u8]), Break<E>> {
        self.hold(5)?;
        let head = self.held.get(self.read..).unwrap_or_default();
        let mut rest = Rest::of(head);
        let (Some(mark), Some(length)) = (rest.byte(), rest.length()) else {
            return Err(Break::Off);
        };
        if length > PART_BYTES_MAX {
            return Err(Break::Off);
        }
        self.hold(5 + length)?;
        let from = self.read + 5;
        self.read = from + length;
        self.held.get(from..from + length).map(|bytes| (mark, bytes)).ok_or(Break::Off)
    }

    /// Waits until a number of bytes are held.
    fn hold<E>(&mut self, count: usize) -> Result<(), Break<E>> {
        while self.held.len().saturating_sub(self.read) < count {
            let block = match self.receiver.recv_timeout(self.patience) {
                Ok(block) => block,
                Err(RecvTimeoutError::Timeout) => return Err(Break::Slow),
                Err(RecvTimeoutError::Disconnected) => return Err(Break::Off),
            };
            let size = u64::try_from(block.len()).unwrap_or(u64::MAX);
            self.left = self.left.checked_sub(size).ok_or(Break::Off)?;
            self.held.drain(..self.read.min(self.held.len()));
            self.read = 0;
            self.held.extend(block);
        }
        Ok(())
    }
}

fn encode_request(request: &RowsRequest<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    // Writing into memory does not fail.
    let _ = put_request(&mut out, request);
    out
}

fn put_request(out: &mut Vec<u8>, request: &RowsRequest<'_>) -> io::Result<()> {
    out.push(u8::from(request.with_cells));
    put_number(out, request.fields.len())?;
    for field in request.fields {
        put_text(out, &field.name)?;
        put_texts(out, &field.heads)?;
        put_text(out, &serde_json::to_string(&field.kind)?)?;
        out.extend([u8::from(field.is_required), u8::from(field.is_identity)]);
        put_number(out, field.choices.len())?;
        for (code, label) in &field.choices {
            put_text(out, code)?;
            put_text(out, label)?;
        }
        put_texts(out, &field.names)?;
    }
    let reference = request.options.reference.map(|date| date.to_string());
    put_optional(out, reference.as_deref())?;
    put_optional(out, request.options.sheet.as_deref())?;
    put_number(out, request.options.columns.len())?;
    for (column, field) in &request.options.columns {
        put_number(out, *column)?;
        put_optional(out, field.as_deref())?;
    }
    Ok(())
}

fn put_texts(out: &mut Vec<u8>, texts: &[String]) -> io::Result<()> {
    put_number(out, texts.len())?;
    texts.iter().try_for_each(|text| put_text(out, text))
}

/// The side of the process that reads: the question's second half, the file, its rows.
pub(super) fn answer(head: &Head, input: &mut impl Read, out: &mut impl Write) -> io::Result<()> {
    let wrong = || io::Error::new(io::ErrorKind::InvalidData, "no question");
    let mut length = [0_u8; 4];
    input.read_exact(&mut length)?;
    let length = usize::try_from(u32::from_le_bytes(length)).map_err(|_| wrong())?;
    if length > REQUEST_BYTES_MAX {
        return Err(wrong());
    }
    let mut body = vec![0_u8; length];
    input.read_exact(&mut body)?;
    let (fields, options, with_cells) = Rest::of(&body).request().ok_or_else(wrong)?;
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    let mut writer = PartWriter { out, part: Vec::new(), with_cells, records: 0 };
    let checked = WorkbookStream::open(&bytes, &head.limits)
        .map_err(Fault::Told)
        .and_then(|mut book| book.check(&fields, &options, |row| writer.row(row)));
    match checked {
        Ok(check) => writer.check(&check),
        Err(Fault::Told(error)) => writer.put(FAULT, |out| wire::put_fault(out, &error)),
        Err(Fault::Pipe(error)) => Err(error),
    }
}

/// What ends the reading.
enum Fault {
    Told(ExchangeError),
    Pipe(io::Error),
}

impl From<ExchangeError> for Fault {
    fn from(error: ExchangeError) -> Self {
        Self::Told(error)
    }
}

struct PartWriter<'o, O> {
    out: &'o mut O,
    part: Vec<u8>,
    with_cells: bool,
    records: u64,
}

impl<O: Write> PartWriter<'_, O> {
    fn put(
        &mut self,
        mark: u8,
        fill: impl FnOnce(&mut Vec<u8>) -> io::Result<()>,
    ) -> io::Result<()> {
        self.part.clear();
        fill(&mut self.part)?;
        self.out.write_all(&[mark])?;
        put_number(self.out, self.part.len())?;
        self.out.write_all(&self.part)
    }

    fn row(&mut self, row: StreamedRow<'_>) -> Result<(), Fault> {
        let with_cells = self.with_cells;
        match row {
            StreamedRow::Start(plan) => {
                self.records = 0;
                self.put(START, |out| put_plan(out, plan))
            }
            StreamedRow::Record { row, values, faults, section } => {
                self.records += 1;
                let has_cells = with_cells || self.records <= SHOWN_RECORDS;
                self.put(RECORD, |out| {
                    put_row(out, row, has_cells)?;
                    put_number(out, values.len())?;
                    values.iter().try_for_each(|value| put_value(out, value))?;
                    put_number(out, faults.len())?;
                    faults.iter().try_for_each(|fault| put_row_fault(out, fault))?;
                    put_optional(out, section)
                })
            }
            StreamedRow::Other { row } if with_cells => {
                self.put(OTHER, |out| put_row(out, row, true))
            }
            StreamedRow::Other { .. } => Ok(()),
        }
        .map_err(Fault::Pipe)
    }

    fn check(&mut self, check: &RowsCheck) -> io::Result<()> {
        self.put(CHECK, |out| {
            put_messages(out, &check.notes)?;
            for number in [check.rows_total, check.rows_good, check.rows_skipped] {
                out.extend(number.to_le_bytes());
            }
            put_number(out, check.reasons.len())?;
            for reason in &check.reasons {
                out.extend(reason.count.to_le_bytes());
                put_row_fault(out, &reason.first)?;
            }
            Ok(())
        })
    }
}

fn put_plan(out: &mut Vec<u8>, plan: &RowPlan) -> io::Result<()> {
    put_text(out, &plan.sheet)?;
    out.extend(plan.header_row.to_le_bytes());
    put_texts(out, &plan.fields)?;
    put_number(out, plan.header.first_row)?;
    put_number(out, plan.header.depth)?;
    put_number(out, plan.header.columns.len())?;
    for column in &plan.header.columns {
        put_number(out, column.column)?;
        put_text(out, &column.letters)?;
        put_text(out, &column.head)?;
        put_optional(out, column.field.as_deref())?;
        let kind = column.kind.and_then(|kind| KINDS.iter().position(|known| *known == kind));
        put_number(out, kind.unwrap_or(KINDS.len()))?;
        out.push(u8::from(column.is_forbidden));
    }
    Ok(())
}

fn put_row(out: &mut Vec<u8>, row: &SheetRow, has_cells: bool) -> io::Result<()> {
    out.extend(row.number.to_le_bytes());
    let cells = if has_cells { row.cells.as_slice() } else { &[] };
    put_number(out, cells.len())?;
    cells.iter().try_for_each(|cell| wire::put_cell(out, cell))
}

fn put_row_fault(out: &mut Vec<u8>, fault: &RowFault) -> io::Result<()> {
    out.extend(fault.row.to_le_bytes());
    put_number(out, fault.column)?;
    put_text(out, &fault.field)?;
    put_optional(out, fault.suggestion.as_deref())?;
    put_text(out, &serde_json::to_string(&fault.diagnostic)?)
}

fn put_value(out: &mut Vec<u8>, value: &Value) -> io::Result<()> {
    let mut long = |mark: u8, number: i64| {
        out.push(mark);
        out.extend(number.to_le_bytes());
    };
    match value {
        Value::Null => out.push(0),
        Value::Text(text) => {
            out.push(1);
            return put_text(out, text);
        }
        Value::Integer(number) => long(2, *number),
        Value::Money(money) => long(3, money.fen()),
        Value::Decimal(number) => long(4, number.units()),
        Value::Boolean(truth) => out.extend([5, u8::from(*truth)]),
        Value::Date(date) => {
            out.push(6);
            out.extend(date.year().to_le_bytes());
            out.extend(date.month().to_le_bytes());
            out.extend(date.day().to_le_bytes());
        }
        Value::Instant(moment) => long(7, moment.as_microsecond()),
        Value::Reference(id) => {
            out.push(8);
            return put_text(out, id.as_str());
        }
        Value::List(items) => {
            out.push(9);
            return put_texts(out, items);
        }
    }
    Ok(())
}

impl Rest<'_> {
    fn request(&mut self) -> Option<(Vec<ImportField>, ImportOptions, bool)> {
        let with_cells = self.byte()? == 1;
        let fields = self.many(Self::field)?;
        let reference = match self.optional()? {
            Some(text) => Some(text.parse::<Date>().ok()?),
            None => None,
        };
        let sheet = self.optional()?;
        let columns = self.many(|rest| Some((rest.length()?, rest.optional()?)))?;
        let options = ImportOptions { reference, sheet, columns: columns.into_iter().collect() };
        Some((fields, options, with_cells))
    }

    fn field(&mut self) -> Option<ImportField> {
        Some(ImportField {
            name: self.text()?,
            heads: self.many(Self::text)?,
            kind: serde_json::from_str(&self.text()?).ok()?,
            is_required: self.byte()? == 1,
            is_identity: self.byte()? == 1,
            choices: self.many(|rest| Some((rest.text()?, rest.text()?)))?,
            names: self.many(Self::text)?,
        })
    }

    fn plan(&mut self) -> Option<RowPlan> {
        let sheet = self.text()?;
        let header_row = self.number()?;
        let fields = self.many(Self::text)?;
        let header = HeaderMatch {
            first_row: self.length()?,
            depth: self.length()?,
            columns: self.many(Self::column)?,
        };
        Some(RowPlan { sheet, header, fields, header_row, ..RowPlan::default() })
    }

    fn column(&mut self) -> Option<ColumnMatch> {
        Some(ColumnMatch {
            column: self.length()?,
            letters: self.text()?,
            head: self.text()?,
            field: self.optional()?,
            kind: KINDS.get(self.length()?).copied(),
            is_forbidden: self.byte()? == 1,
        })
    }

    fn record(
        &mut self,
        values: &mut Vec<Value>,
        faults: &mut Vec<RowFault>,
        section: &mut Option<String>,
    ) -> Option<SheetRow> {
        let row = self.row()?;
        values.clear();
        let count = self.length()?;
        // Each value is a byte at least: a false count makes no room.
        values.reserve(count.min(self.left()));
        for _ in 0..count {
            values.push(self.value()?);
        }
        *faults = self.many(Self::row_fault)?;
        *section = self.optional()?;
        Some(row)
    }

    fn value(&mut self) -> Option<Value> {
        Some(match self.byte()? {
            0 => Value::Null,
            1 => Value::Text(self.text()?),
            2 => Value::Integer(self.signed()?),
            3 => Value::Money(Money::from_fen(self.signed()?)),
            4 => Value::Decimal(Decimal::from_units(self.signed()?)),
            5 => Value::Boolean(self.byte()? == 1),
            6 => {
                let year = i16::from_le_bytes(self.array()?);
                let [month] = self.array()?;
                let [day] = self.array()?;
                Value::Date(
                    Date::new(year, i8::from_le_bytes([month]), i8::from_le_bytes([day])).ok()?,
                )
            }
            7 => Value::Instant(Timestamp::from_microsecond(self.signed()?).ok()?),
            8 => Value::Reference(RecordId::parse(&self.text()?)?),
            9 => Value::List(self.many(Self::text)?),
            _ => return None,
        })
    }

    fn row_fault(&mut self) -> Option<RowFault> {
        Some(RowFault {
            row: self.number()?,
            column: self.length()?,
            field: self.text()?,
            suggestion: self.optional()?,
            diagnostic: serde_json::from_str(&self.text()?).ok()?,
        })
    }

    fn check(&mut self) -> Option<RowsCheck> {
        Some(RowsCheck {
            notes: self.many(Self::message)?,
            rows_total: self.long()?,
            rows_good: self.long()?,
            rows_skipped: self.long()?,
            reasons: self.many(|rest| {
                let count = rest.long()?;
                Some(FaultReason { first: rest.row_fault()?, count })
            })?,
            ..RowsCheck::default()
        })
    }

    fn signed(&mut self) -> Option<i64> {
        self.array().map(i64::from_le_bytes)
    }
}
