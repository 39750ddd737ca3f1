//! Correcting the rows of a letter: edit, merge, split, add, leave out.

use super::page::{is_included, rows_of};
use crate::{Caller, Service, ServiceError};
use taizhang_codebook::Action;
use taizhang_diagnostics::{Diagnostic, Message, Place};
use taizhang_store::{Change, NewRecord, Reader, Record, Values};
use taizhang_values::{RecordId, Value};

/// Fields that a person may correct.
const EDITABLE: [&str; 15] = [
    "number",
    "category",
    "subcategory",
    "title",
    "problem",
    "measures",
    "lead_units",
    "responsible_units",
    "responsible_leaders",
    "responsible_persons",
    "deadline_raw",
    "deadline_kind",
    "deadline_on",
    "situation",
    "note",
];

/// New values of a row, with the version that the form showed.
#[derive(Clone, Debug)]
pub struct EditRow {
    /// The row.
    pub id: RecordId,
    /// Version seen.
    pub version: i64,
    /// Changed fields.
    pub values: Values,
}

/// A row that a person adds.
#[derive(Clone, Debug)]
pub struct NewRow {
    /// The letter.
    pub letter: RecordId,
    /// Its fields; `title` is needed, `problem` takes the title where it is empty.
    pub values: Values,
    /// The sentence it was marked in, if any.
    pub span: Option<(usize, usize)>,
}

impl Service {
    /// Corrects one row.
    ///
    /// # Errors
    /// `Conflict` when somebody else changed it, `Invalid` for a deadline before the letter's date
    /// or a field that cannot be edited.
    pub fn edit_letter_row(&self, caller: &Caller, input: EditRow) -> Result<Record, ServiceError> {
        let (letter, row) = self.editable_row(caller, &input.id)?;
        check_fields(&letter, &input.values)?;
        let act = self.act(caller, "letter_row.edit", None);
        self.store.write(&act, |writer| {
            still_draft(writer, &letter.id)?;
            let change = Change { values: input.values, ..Change::default() };
            Ok(writer.update("letter_row", &row.id, input.version, change)?)
        })
    }

    /// Takes a row in or leaves it out.
    ///
    /// # Errors
    /// `Conflict` when somebody else changed the row.
    pub fn include_letter_row(
        &self,
        caller: &Caller,
        id: &RecordId,
        version: i64,
        is_included: bool,
    ) -> Result<Record, ServiceError> {
        let (letter, row) = self.editable_row(caller, id)?;
        let verb = if is_included { "letter_row.include" } else { "letter_row.exclude" };
        let act = self.act(caller, verb, None);
        let values = Values::from([("is_included".to_owned(), is_included.into())]);
        self.store.write(&act, |writer| {
            still_draft(writer, &letter.id)?;
            let change = Change { values, ..Change::default() };
            Ok(writer.update("letter_row", &row.id, version, change)?)
        })
    }

    /// Merges several rows of one letter into the first by position: problems and measures follow
    /// each other, units are joined, the mark covers all.
    ///
    /// # Errors
    /// `Invalid` for fewer than two rows or rows of different letters.
    pub fn merge_letter_rows(
        &self,
        caller: &Caller,
        ids: &[RecordId],
    ) -> Result<Record, ServiceError> {
        let mut rows = Vec::new();
        for id in ids {
            rows.push(self.editable_row(caller, id)?.1);
        }
        rows.sort_by_key(|row| row.get("position").as_integer());
        rows.dedup_by(|a, b| a.id == b.id);
        let one_letter = rows.windows(2).all(|pair| match pair {
            [a, b] => a.reference("letter") == b.reference("letter"),
            _ => true,
        });
        let Some((first, others)) = rows.split_first().filter(|(_, o)| !o.is_empty() && one_letter)
        else {
            return Err(ServiceError::field(
                "letter_row",
                "position",
                "S0301",
                "请选同一份来文的两行以上再合并",
                "choose two or more rows of one letter to merge",
            ));
        };
        let values = merged(first, others);
        let act = self.act(caller, "letter_row.merge", None);
        self.store.write(&act, |writer| {
            if let Some(letter) = first.reference("letter") {
                still_draft(writer, letter)?;
            }
            for row in others {
                writer.delete("letter_row", &row.id, row.version)?;
            }
            let change = Change { values, ..Change::default() };
            Ok(writer.update("letter_row", &first.id, first.version, change)?)
        })
    }

    /// Splits a row at its problems: the first keeps the row, each further one becomes a row of
    /// its own with the same category, units and deadline.
    ///
    /// # Errors
    /// `Invalid` when the row holds one problem only.
    pub fn split_letter_row(
        &self,
        caller: &Caller,
        id: &RecordId,
        version: i64,
    ) -> Result<usize, ServiceError> {
        let (letter, row) = self.editable_row(caller, id)?;
        let problems: Vec<String> =
            row.text("problem").lines().map(str::to_owned).filter(|l| !l.is_empty()).collect();
        let Some((first, others)) = problems.split_first().filter(|(_, o)| !o.is_empty()) else {
            return Err(ServiceError::field(
                "letter_row",
                "problem",
                "S0302",
                "这一行只有一个问题；要拆分，请先把各个问题各写一行",
                "the row holds one problem; put each problem on a line of its own to split it",
            ));
        };
        let act = self.act(caller, "letter_row.split", None);
        self.store.write(&act, |writer| {
            still_draft(writer, &letter.id)?;
            let keep = Values::from([("problem".to_owned(), first.as_str().into())]);
            let change = Change { values: keep, ..Change::default() };
            writer.update("letter_row", &row.id, version, change)?;
            for problem in others {
                let mut values = row.values.clone();
                values.insert("title".to_owned(), head(problem).into());
                values.insert("problem".to_owned(), problem.as_str().into());
                let region = row.region.clone();
                writer
                    .insert("letter_row", NewRecord { region, values, ..NewRecord::default() })?;
            }
            Ok(others.len() + 1)
        })
    }

    /// Adds a row by hand, behind the others.
    ///
    /// # Errors
    /// `Invalid` without a title.
    pub fn add_letter_row(&self, caller: &Caller, input: NewRow) -> Result<Record, ServiceError> {
        let letter = self.draft_letter(caller, &input.letter)?;
        check_fields(&letter, &input.values)?;
        let mut values = input.values;
        let title = values.get("title").and_then(Value::as_text).unwrap_or("").trim().to_owned();
        if title.is_empty() {
            return Err(ServiceError::field(
                "letter_row",
                "title",
                "S0303",
                "请填写问题标题",
                "a title is needed",
            ));
        }
        if values.get("problem").is_none_or(Value::is_empty) {
            values.insert("problem".to_owned(), title.into());
        }
        if let Some((start, end)) = input.span {
            let place = |offset: usize| Value::Integer(i64::try_from(offset).unwrap_or(i64::MAX));
            values.insert("span_start".to_owned(), place(start));
            values.insert("span_end".to_owned(), place(end));
        }
        values.insert("is_included".to_owned(), true.into());
        values.insert("letter".to_owned(), (&letter.id).into());
        let act = self.act(caller, "letter_row.add", None);
        self.store.write(&act, |writer| {
            still_draft(writer, &letter.id)?;
            let rows = rows_of(writer, &letter.id)?;
            let last = rows.iter().filter_map(|row| row.get("position").as_integer()).max();
            values.insert("position".to_owned(), (last.unwrap_or(0) + 1).into());
            let region = letter.region.clone();
            Ok(writer.insert("letter_row", NewRecord { region, values, ..NewRecord::default() })?)
        })
    }

    /// Puts a letter away without making findings.
    ///
    /// # Errors
    /// `Conflict` if it was confirmed meanwhile.
    pub fn discard_letter(
        &self,
        caller: &Caller,
        id: &RecordId,
        reason: &str,
    ) -> Result<(), ServiceError> {
        let letter = self.draft_letter(caller, id)?;
        let act = self.act(caller, "letter.discard", Some(reason));
        let values = Values::from([("status".to_owned(), "discarded".into())]);
        self.store.write(&act, |writer| {
            let change = Change { values, ..Change::default() };
            writer.update("letter", id, letter.version, change)?;
            Ok(())
        })
    }

    /// The letter, if the caller may edit it and it is still a draft.
    pub(super) fn draft_letter(
        &self,
        caller: &Caller,
        id: &RecordId,
    ) -> Result<Record, ServiceError> {
        let letter = self.reachable(caller, "letter", id, Action::Update)?;
        require_draft(&letter)?;
        Ok(letter)
    }

    fn editable_row(
        &self,
        caller: &Caller,
        id: &RecordId,
    ) -> Result<(Record, Record), ServiceError> {
        let row = self.visible(caller, "letter_row", id)?;
        let letter = row.reference("letter").ok_or(ServiceError::NotFound)?;
        Ok((self.draft_letter(caller, letter)?, row))
    }
}

/// Refuses unless the letter is a draft at the moment of writing, too.
pub(super) fn still_draft(reader: &Reader<'_>, letter: &RecordId) -> Result<(), ServiceError> {
    require_draft(&reader.get("letter", letter)?.ok_or(ServiceError::NotFound)?)
}

fn require_draft(letter: &Record) -> Result<(), ServiceError> {
    if letter.text("status") == "draft" {
        return Ok(());
    }
    Err(ServiceError::field(
        "letter",
        "status",
        "S0304",
        "这份来文已经确认或作废，不能再改",
        "the letter is confirmed or discarded and cannot be changed any more",
    ))
}

/// Refuses unknown fields and a deadline before the letter's date.
fn check_fields(letter: &Record, values: &Values) -> Result<(), ServiceError> {
    let mut faults = Vec::new();
    for field in values.keys().filter(|field| !EDITABLE.contains(&field.as_str())) {
        faults.push(Diagnostic::error(
            "S0305",
            Message::new(
                format!("`{field}`不能在这里修改"),
                format!("`{field}` cannot be changed here"),
            ),
        ));
    }
    let due = values.get("deadline_on").and_then(Value::as_date);
    let place = || Place::Field { ledger: "letter_row".into(), field: "deadline_on".into() };
    let issued_on = letter.get("issued_on").as_date();
    let early = due.and_then(|due| taizhang_flow::deadline_before_issue(due, issued_on));
    faults.extend(early.map(|fault| fault.at(place())));
    if faults.is_empty() { Ok(()) } else { Err(ServiceError::Invalid(faults)) }
}

fn merged(first: &Record, others: &[Record]) -> Values {
    let mut values = Values::new();
    let problems: Vec<&str> = std::iter::once(first)
        .chain(others)
        .map(|row| row.text("problem"))
        .filter(|text| !text.is_empty())
        .collect();
    values.insert("problem".to_owned(), problems.join("\n").into());
    let lists = [
        "measures",
        "lead_units",
        "responsible_units",
        "responsible_leaders",
        "responsible_persons",
    ];
    for field in lists {
        let mut joined: Vec<String> = Vec::new();
        for item in std::iter::once(first).chain(others).flat_map(|row| row.get(field).as_list()) {
            if !joined.contains(item) {
                joined.push(item.clone());
            }
        }
        values.insert(field.to_owned(), joined.into());
    }
    let offsets = |field: &str| {
        let rows = std::iter::once(first).chain(others);
        rows.filter_map(|row| row.get(field).as_integer()).collect::<Vec<i64>>()
    };
    if let Some(start) = offsets("span_start").into_iter().min() {
        values.insert("span_start".to_owned(), start.into());
    }
    if let Some(end) = offsets("span_end").into_iter().max() {
        values.insert("span_end".to_owned(), end.into());
    }
    let any_included = std::iter::once(first).chain(others).any(is_included);
    values.insert("is_included".to_owned(), any_included.into());
    values
}

/// The first sentence of a problem, as the title of a split row.
fn head(problem: &str) -> String {
    problem.split(['。', '；', ';']).next().unwrap_or(problem).trim().to_owned()
}
