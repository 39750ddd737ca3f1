//! Taking a letter in: file kept, text extracted, rows proposed.

use crate::{Caller, Service, ServiceError};
use std::io::Read;
use taizhang_document::model::{Deadline, DeadlineKind, Finding, Piece, Reading, Task};
use taizhang_exchange::Limits;
use taizhang_store::{NewRecord, Values};
use taizhang_values::{Date, RecordId, RegionCode, Value, parse_date, parse_partial_date};

/// Most bytes of an uploaded letter (`reliability.md` §5).
pub const LETTER_BYTES_MAX: u64 = 50 * 1024 * 1024;

/// Steps told of a reading: text, rows, keeping.
const READING_STEPS: usize = 3;

/// What comes with the file.
#[derive(Clone, Debug)]
pub struct UploadLetter {
    /// Name the file came with; shown, never used as a path.
    pub file_name: String,
    /// Region to which the letter is addressed.
    pub region: RegionCode,
    /// Day it arrived; today if not said.
    pub received_on: Option<Date>,
    /// Code of `source_kind`, if known.
    pub source_kind: Option<String>,
    /// Code of `source_level`, if known.
    pub source_level: Option<String>,
}

/// A letter that was read.
#[derive(Clone, Debug)]
pub struct UploadedLetter {
    /// The letter's record.
    pub id: RecordId,
    /// Number of proposed rows.
    pub rows: usize,
}

impl Service {
    /// Stores a document, reads it and proposes rows.
    ///
    /// # Errors
    /// `Denied` without the right to make letters in the region, `TooLarge` over
    /// [`LETTER_BYTES_MAX`], `Invalid` with what was tried when the file cannot be read.
    pub fn upload_letter(
        &self,
        caller: &Caller,
        input: &UploadLetter,
        content: &mut dyn Read,
    ) -> Result<UploadedLetter, ServiceError> {
        self.require_create(caller, "letter", &input.region)?;
        let file = self.store.files().put(content, LETTER_BYTES_MAX)?;
        self.read_letter(caller, input, &file.hash)
    }

    /// Reads a stored document as a letter.
    ///
    /// # Errors
    /// As [`Service::upload_letter`].
    pub(crate) fn read_letter(
        &self,
        caller: &Caller,
        input: &UploadLetter,
        file: &str,
    ) -> Result<UploadedLetter, ServiceError> {
        self.require_create(caller, "letter", &input.region)?;
        let bytes = self.store.files().read_all(file)?;
        self.board.tell(0, READING_STEPS);
        let document = self
            .file_reader()
            .document(&bytes, Some(&input.file_name), &Limits::default())
            .map_err(|error| ServiceError::invalid(error.diagnostic()))?;
        self.board.tell(1, READING_STEPS);
        let reading = taizhang_document::read("letter", &input.file_name, &document.text);
        self.board.tell(2, READING_STEPS);
        let json = serde_json::to_vec(&reading)
            .map_err(|error| ServiceError::Internal(error.to_string()))?;
        let text_file = self.store.files().put(&mut document.text.as_bytes(), LETTER_BYTES_MAX)?;
        let reading_file = self.store.files().put(&mut json.as_slice(), LETTER_BYTES_MAX)?;
        let mut values = letter_values(input, &reading, self.today());
        values.insert("file".to_owned(), file.into());
        values.insert("text_file".to_owned(), text_file.hash.into());
        values.insert("reading_file".to_owned(), reading_file.hash.into());
        values.insert("format".to_owned(), document.format.name().into());
        let issued_on = values.get("issued_on").and_then(Value::as_date);
        let reference = issued_on.or(input.received_on).unwrap_or_else(|| self.today());
        let rows = proposed_rows(&reading, reference);
        let count = rows.len();
        let act = self.act(caller, "letter.upload", None);
        let id = self.store.write(&act, |writer| {
            let region = Some(input.region.clone());
            let letter = NewRecord { region: region.clone(), values, ..NewRecord::default() };
            let letter = writer.insert("letter", letter)?;
            for mut row in rows {
                row.insert("letter".to_owned(), (&letter.id).into());
                let region = region.clone();
                writer.insert(
                    "letter_row",
                    NewRecord { region, values: row, ..NewRecord::default() },
                )?;
            }
            Ok::<_, ServiceError>(letter.id)
        })?;
        Ok(UploadedLetter { id, rows: count })
    }
}

fn letter_values(input: &UploadLetter, reading: &Reading, today: Date) -> Values {
    let document = &reading.document;
    let text = |piece: &Option<Piece>| piece.as_ref().map(|piece| one_line(&piece.text));
    let issuers: Vec<String> =
        document.issuer.iter().filter(|i| !i.redacted).map(|i| one_line(&i.text)).collect();
    let issued_on = document.date.as_ref().and_then(|date| parse_date(&date.value));
    let kind = serde_json::to_value(document.kind).ok().and_then(|kind| match kind {
        serde_json::Value::String(name) => Some(name),
        _ => None,
    });
    let issuer = (!issuers.is_empty()).then(|| issuers.join("、"));
    Values::from([
        ("file_name".to_owned(), input.file_name.chars().take(120).collect::<String>().into()),
        ("title".to_owned(), text(&document.title).into()),
        ("doc_number".to_owned(), text(&document.doc_number).into()),
        ("issuer".to_owned(), issuer.into()),
        ("kind".to_owned(), kind.into()),
        ("issued_on".to_owned(), issued_on.into()),
        ("received_on".to_owned(), input.received_on.unwrap_or(today).into()),
        ("source_kind".to_owned(), input.source_kind.clone().into()),
        ("source_level".to_owned(), input.source_level.clone().into()),
        ("claimed_count".to_owned(), claimed_count(reading).into()),
        ("status".to_owned(), "draft".into()),
    ])
}

/// The number of problems that the letter itself claims: the claimed side of a count over its
/// findings or problems.
fn claimed_count(reading: &Reading) -> Option<i64> {
    use taizhang_document::model::{CheckKind, CheckPart, CheckResult};
    reading.cross_checks.iter().filter(|check| check.kind == CheckKind::Count).find_map(|check| {
        let CheckResult::Part(CheckPart::Figure { figure, value, .. }) = &check.result else {
            return None;
        };
        let figure = reading.figures.iter().find(|known| &known.id == figure)?;
        let counts_problems = figure.subject.contains("问题") || figure.raw.contains("问题");
        #[expect(clippy::cast_possible_truncation, reason = "a count of problems in a letter")]
        let count = value.0 as i64;
        counts_problems.then_some(count)
    })
}

/// Rows for the ledger: the findings, or the tasks where the document has no findings.
fn proposed_rows(reading: &Reading, reference: Date) -> Vec<Values> {
    let mut rows: Vec<Values> =
        reading.findings.iter().map(|finding| finding_row(finding, reference)).collect();
    if rows.is_empty() {
        rows = reading.tasks.iter().map(|task| task_row(task, reference)).collect();
    }
    for (position, row) in rows.iter_mut().enumerate() {
        let position = i64::try_from(position + 1).unwrap_or(i64::MAX);
        row.insert("position".to_owned(), position.into());
        row.insert("is_included".to_owned(), true.into());
    }
    rows
}

fn finding_row(finding: &Finding, reference: Date) -> Values {
    let problems: Vec<String> =
        finding.problems.iter().map(|problem| one_line(&problem.text)).collect();
    let measures: Vec<String> =
        finding.measures.iter().map(|measure| one_line(&measure.text)).collect();
    let code = |value: Option<serde_json::Value>| match value {
        Some(serde_json::Value::String(name)) => Value::from(name),
        _ => Value::Null,
    };
    let situation = finding.situation.as_ref().and_then(|s| serde_json::to_value(s.value).ok());
    let status = finding.status.as_ref().and_then(|s| serde_json::to_value(s.value).ok());
    let mut row = common_row(
        &finding.title,
        finding.number.as_ref(),
        finding.deadline.as_ref(),
        finding.span.start,
        finding.span.end,
        reference,
    );
    let text = |piece: &Option<Piece>| piece.as_ref().map(|piece| one_line(&piece.text));
    row.extend([
        ("category".to_owned(), text(&finding.category).into()),
        ("subcategory".to_owned(), text(&finding.subcategory).into()),
        ("problem".to_owned(), problems.join("\n").into()),
        ("measures".to_owned(), measures.into()),
        ("situation".to_owned(), code(situation)),
        ("status".to_owned(), code(status)),
        ("lead_units".to_owned(), texts(&finding.lead_units)),
        ("responsible_units".to_owned(), texts(&finding.responsible_units)),
        ("responsible_leaders".to_owned(), texts(&finding.responsible_leaders)),
        ("responsible_persons".to_owned(), texts(&finding.responsible_persons)),
    ]);
    row
}

fn task_row(task: &Task, reference: Date) -> Values {
    let mut row = common_row(
        &task.title,
        task.number.as_ref(),
        task.deadline.as_ref(),
        task.span.start,
        task.span.end,
        reference,
    );
    row.extend([
        ("problem".to_owned(), one_line(&task.text.text).into()),
        ("measures".to_owned(), texts(&task.targets)),
        ("lead_units".to_owned(), texts(&task.lead_units)),
        ("responsible_units".to_owned(), texts(&task.responsible_units)),
        ("responsible_leaders".to_owned(), texts(&task.responsible_leaders)),
        ("responsible_persons".to_owned(), texts(&task.responsible_persons)),
    ]);
    row
}

fn common_row(
    title: &Piece,
    number: Option<&Piece>,
    deadline: Option<&Deadline>,
    start: usize,
    end: usize,
    reference: Date,
) -> Values {
    let place = |offset: usize| Value::Integer(i64::try_from(offset).unwrap_or(i64::MAX));
    let due = deadline
        .and_then(|deadline| deadline.date.as_deref())
        .and_then(parse_partial_date)
        .and_then(|date| date.propose(reference));
    Values::from([
        ("title".to_owned(), one_line(&title.text).into()),
        ("number".to_owned(), number.map(|piece| one_line(&piece.text)).into()),
        ("deadline_raw".to_owned(), deadline.map(|deadline| one_line(&deadline.raw)).into()),
        ("deadline_kind".to_owned(), deadline.map(|d| deadline_code(d.kind)).into()),
        ("deadline_on".to_owned(), due.into()),
        ("span_start".to_owned(), place(start)),
        ("span_end".to_owned(), place(end)),
    ])
}

const fn deadline_code(kind: DeadlineKind) -> &'static str {
    match kind {
        DeadlineKind::Date => "date",
        DeadlineKind::Relative => "relative",
        DeadlineKind::Ongoing => "ongoing",
        DeadlineKind::Immediate => "immediate",
        DeadlineKind::Redacted => "redacted",
    }
}

fn texts(pieces: &[Piece]) -> Value {
    Value::List(pieces.iter().map(|piece| one_line(&piece.text)).collect())
}

/// Line breaks inside a value come from hard wraps; they do not belong to the words.
fn one_line(text: &str) -> String {
    text.lines().map(str::trim).collect::<String>().trim().to_owned()
}
