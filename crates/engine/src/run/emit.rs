//! From a rule's column to counts and doubts.

use super::frame::Frame;
use super::summary::RuleSummary;
use crate::bits::Bits;
use crate::column::{Booleans, Column};
use crate::kernel;
use crate::snapshot::write_number;
use serde::Serialize;
use taizhang_codebook::RuleSeverity;
use taizhang_program::{Answer, Program, StepId, ValueType};

/// What a rule says of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The rule is not about the row.
    Outside,
    /// All is well.
    Passes,
    /// A doubt.
    Violates,
    /// It cannot be told.
    Undecided,
    /// It cannot be told because something failed.
    Error,
}

/// A doubt by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Doubt {
    /// Code of the rule.
    pub rule: String,
    /// Ledger of the record.
    pub ledger: String,
    /// Record.
    pub record: String,
    /// Region of the record; empty if unknown.
    pub region: String,
    /// Violates, undecided or error.
    pub outcome: Outcome,
    /// Severity of a violation.
    pub severity: RuleSeverity,
    /// Values used, as a JSON object.
    pub values: String,
}

/// Texts end to end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextRun {
    /// The bytes, UTF-8.
    pub bytes: Vec<u8>,
    /// Where each text ends.
    pub ends: Vec<usize>,
}

impl TextRun {
    fn close(&mut self) {
        self.ends.push(self.bytes.len());
    }

    /// A text.
    #[must_use]
    pub fn get(&self, place: usize) -> &str {
        let end = self.ends.get(place).copied().unwrap_or(0);
        let before = place.checked_sub(1).and_then(|before| self.ends.get(before));
        let bytes = self.bytes.get(before.copied().unwrap_or(0)..end).unwrap_or(&[]);
        std::str::from_utf8(bytes).unwrap_or("")
    }
}

/// Doubts of a stretch of the data, column by column.
#[derive(Clone, Debug, Default)]
pub struct DoubtChunk {
    /// Place of the rule among the program's answers.
    pub rules: Vec<u32>,
    /// Records.
    pub records: TextRun,
    /// Regions.
    pub regions: TextRun,
    /// Outcomes.
    pub outcomes: Vec<Outcome>,
    /// Severities.
    pub severities: Vec<RuleSeverity>,
    /// Values used, JSON.
    pub values: TextRun,
}

impl DoubtChunk {
    /// Number of doubts.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rules.len()
    }

    /// True without doubts.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}

impl DoubtChunk {
    /// Each doubt by itself.
    #[must_use]
    pub fn each(&self, program: &Program) -> Vec<Doubt> {
        let one = |place: usize| -> Option<Doubt> {
            let answer = program.answers.get(*self.rules.get(place)? as usize)?;
            Some(Doubt {
                rule: answer.rule.clone(),
                ledger: program.table(answer.table)?.ledger.clone(),
                record: self.records.get(place).to_owned(),
                region: self.regions.get(place).to_owned(),
                outcome: *self.outcomes.get(place)?,
                severity: *self.severities.get(place)?,
                values: self.values.get(place).to_owned(),
            })
        };
        (0..self.len()).filter_map(one).collect()
    }
}

/// What is wanted of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    /// Undecided rows are told too.
    pub(crate) undecided: bool,
    /// Values used are told.
    pub(crate) values: bool,
    /// Only rows of this region and below.
    pub(crate) region: Option<&'a str>,
}

/// Rows of an answer's table that are wanted.
fn selected(frame: &Frame<'_>, answer: &Answer, wanted: Wanted<'_>) -> Option<Bits> {
    let region = wanted.region?;
    let batch = frame.table(answer.table)?;
    let Some(Column::Text(texts)) = batch.region.as_deref() else {
        return Some(Bits::filled(batch.rows, false));
    };
    let inside = |row: usize| texts.get(row).is_some_and(|code| code.starts_with(region));
    Some(Bits::collect((0..batch.rows).map(inside)))
}

/// Counts the rows of a rule that lacks something as undecided.
pub(crate) fn count_undecided(
    frame: &Frame<'_>,
    answer: &Answer,
    wanted: Wanted<'_>,
    summary: &mut RuleSummary,
) {
    let rows = frame.table_rows(answer.table);
    let rows = selected(frame, answer, wanted).map_or(rows, |bits| bits.count());
    summary.rows += rows as u64;
    summary.undecided += rows as u64;
}

/// Counts the outcomes of a rule in a batch and adds its doubts.
pub(crate) fn emit(
    frame: &Frame<'_>,
    place: usize,
    answer: &Answer,
    wanted: Wanted<'_>,
    summary: &mut RuleSummary,
    doubts: &mut DoubtChunk,
) {
    let rows = frame.table_rows(answer.table);
    let truth = |step: StepId| match frame.get(step).map(AsRef::as_ref) {
        Some(Column::Boolean(column)) => Some(column),
        _ => None,
    };
    let Some(violates) = truth(answer.violates) else { return };
    let rest = selected(frame, answer, wanted);
    let found = outcomes(answer.applies.and_then(truth), violates, rest.as_ref(), rows);
    summary.rows += found.rows as u64;
    summary.outside += found.outside as u64;
    let violating = found.violates.count();
    let undecided = found.undecided.as_ref().map_or(0, Bits::count);
    summary.violates += violating as u64;
    summary.undecided += undecided as u64;
    summary.error += found.errors.as_ref().map_or(0, Bits::count) as u64;
    summary.passes += (found.rows - found.outside - violating - undecided) as u64;
    let mut teller = Teller { frame, place, answer, wanted, doubts };
    for row in found.violates.ones() {
        teller.tell(row, Outcome::Violates);
    }
    if wanted.undecided {
        for row in found.undecided.iter().flat_map(Bits::ones) {
            let is_error = found.errors.as_ref().is_some_and(|errors| errors.get(row));
            teller.tell(row, if is_error { Outcome::Error } else { Outcome::Undecided });
        }
    }
}

/// What a rule says of the rows that are wanted.
struct Found {
    rows: usize,
    outside: usize,
    violates: Bits,
    /// None if there are none.
    undecided: Option<Bits>,
    errors: Option<Bits>,
}

/// The outcomes of `length` rows, of which only these count, if some do not. Most conditions are
/// known in every row and most rules are asked of all: nothing is made for what is not there.
fn outcomes(
    applies: Option<&Booleans>,
    violates: &Booleans,
    wanted: Option<&Bits>,
    length: usize,
) -> Found {
    let within = |bits: Bits| match wanted {
        None => bits,
        Some(wanted) => bits.and(wanted),
    };
    let open = |column: &Booleans| {
        column.gaps.known.as_ref().map(|_| column.gaps.known_bits(length).not())
    };
    let failed =
        |column: &Booleans| column.gaps.errors.as_ref().map(|_| column.gaps.error_bits(length));
    let either = |one: Option<Bits>, other: Option<Bits>| match (one, other) {
        (Some(one), Some(other)) => Some(one.or(&other)),
        (one, other) => one.or(other),
    };
    let judged = applies.map(|applies| applies.true_bits(length));
    let inside = |bits: Bits| match &judged {
        None => bits,
        Some(judged) => bits.and(judged),
    };
    let undecided = either(applies.and_then(open), open(violates).map(inside));
    let errors = either(applies.and_then(failed), failed(violates).map(inside));
    let rows = wanted.map_or(length, Bits::count);
    Found {
        rows,
        outside: applies.map_or(0, |applies| within(applies.false_bits(length)).count()),
        violates: within(inside(violates.true_bits(length))),
        undecided: undecided.map(within),
        errors: errors.map(within),
    }
}

/// Writes doubts.
struct Teller<'a, 'b> {
    frame: &'a Frame<'b>,
    place: usize,
    answer: &'a Answer,
    wanted: Wanted<'a>,
    doubts: &'a mut DoubtChunk,
}

impl Teller<'_, '_> {
    fn tell(&mut self, row: usize, outcome: Outcome) {
        let doubts = &mut *self.doubts;
        doubts.rules.push(u32::try_from(self.place).unwrap_or(u32::MAX));
        doubts.outcomes.push(outcome);
        if let Some(batch) = self.frame.table(self.answer.table) {
            if row < batch.ids.len() {
                batch.ids.write(row, &mut doubts.records.bytes);
            } else {
                // Without ids a record is named by its row, counted from one.
                doubts.records.bytes.push(b'#');
                let number = batch.first_row + row as u64 + 1;
                write_number(number.cast_signed(), &mut doubts.records.bytes);
            }
            if let Some(Column::Text(texts)) = batch.region.as_deref() {
                let code = if texts.gaps.is_known(row) { texts.bytes(row) } else { &[] };
                doubts.regions.bytes.extend_from_slice(code);
            }
        }
        doubts.records.close();
        doubts.regions.close();
        let severity = self.severity(row);
        self.doubts.severities.push(severity);
        if self.wanted.values {
            self.values(row);
        }
        self.doubts.values.close();
    }

    fn severity(&self, row: usize) -> RuleSeverity {
        for (severity, when) in &self.answer.raises {
            if let Some(Column::Boolean(when)) = self.frame.get(*when).map(AsRef::as_ref) {
                let row = if when.truth.len() == 1 { 0 } else { row };
                if when.truth.get(row) {
                    return *severity;
                }
            }
        }
        self.answer.severity
    }

    fn values(&mut self, row: usize) {
        let target = &mut self.doubts.values.bytes;
        target.push(b'{');
        let mut is_first = true;
        for (name, step) in &self.answer.shown {
            let Some(column) = self.frame.get(*step) else { continue };
            if !is_first {
                target.push(b',');
            }
            is_first = false;
            write_text(name.as_bytes(), target);
            target.push(b':');
            let ty = self.frame.program.step(*step).map_or(ValueType::Text, |step| step.value);
            write_value(column, ty, row, target);
        }
        target.push(b'}');
    }
}

/// A value as JSON; dates as text, keys never.
fn write_value(column: &Column, ty: ValueType, row: usize, target: &mut Vec<u8>) {
    if !column.gaps().is_some_and(|gaps| gaps.is_known(row)) || ty == ValueType::Key {
        target.extend_from_slice(b"null");
        return;
    }
    let at = |length: usize| if length == 1 { 0 } else { row };
    match column {
        Column::Boolean(column) => {
            let truth = column.truth.get(at(column.truth.len()));
            target.extend_from_slice(if truth { b"true" } else { b"false" });
        }
        Column::Integer(column) => {
            let value = column.values.get(at(column.values.len())).copied().unwrap_or(0);
            match ty {
                ValueType::Date => write_date(value, target),
                ValueType::Instant => {
                    let instant = taizhang_values::Timestamp::from_microsecond(value);
                    let text = instant.map(|instant| instant.to_string()).unwrap_or_default();
                    write_text(text.as_bytes(), target);
                }
                _ => write_number(value, target),
            }
        }
        Column::Decimal(column) => {
            let value = column.values.get(at(column.values.len())).copied().unwrap_or(0.0);
            target.extend_from_slice(value.to_string().as_bytes());
        }
        Column::Text(column) => write_text(column.bytes(row), target),
        Column::List(column) => {
            let (start, end) = column.spans.get(at(column.spans.len())).copied().unwrap_or((0, 0));
            target.push(b'[');
            for place in start..end {
                if place > start {
                    target.push(b',');
                }
                write_text(column.items.bytes(place as usize), target);
            }
            target.push(b']');
        }
        _ => target.extend_from_slice(b"null"),
    }
}

fn write_date(days: i64, target: &mut Vec<u8>) {
    let (year, month, day) = kernel::civil(days);
    target.push(b'"');
    let digits = |number: i64, divisor: i64| {
        b'0' + u8::try_from(number.unsigned_abs() / divisor.unsigned_abs() % 10).unwrap_or(0)
    };
    target.extend([1000, 100, 10, 1].map(|divisor| digits(year, divisor)));
    target.push(b'-');
    target.extend([10, 1].map(|divisor| digits(month, divisor)));
    target.push(b'-');
    target.extend([10, 1].map(|divisor| digits(day, divisor)));
    target.push(b'"');
}

/// A JSON text.
fn write_text(text: &[u8], target: &mut Vec<u8>) {
    target.push(b'"');
    for byte in text {
        match byte {
            b'"' | b'\\' => target.extend([b'\\', *byte]),
            b'\n' => target.extend_from_slice(b"\\n"),
            0..=0x1f => target.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => target.push(*byte),
        }
    }
    target.push(b'"');
}
