//! Confirming a letter: an inspection with its findings and measures, all at once.

use super::page::{is_included, rows_of};
use super::rows::still_draft;
use super::units::{UnitNames, unit_names};
use crate::{Caller, Service, ServiceError};
use taizhang_codebook::Flow;
use taizhang_diagnostics::{Diagnostic, Message, Place};
use taizhang_flow::{Context, deadline_before_issue, state_due_on};
use taizhang_store::{Change, NewRecord, Record, Values, Writer};
use taizhang_values::{Date, RecordId, RegionCode, Value};

/// What the clerk says when confirming.
#[derive(Clone, Debug)]
pub struct ConfirmLetter {
    /// The letter.
    pub letter: RecordId,
    /// Version that the form showed.
    pub version: i64,
    /// Fields of the inspection: `title`, `source_kind`, `source_level`, `source_body`,
    /// `doc_number`, `issued_on`, `received_on`, `report_due_on`, `contact_…`.
    pub values: Values,
    /// Why the number of rows differs from the letter's own count.
    pub count_reason: Option<String>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct ConfirmedLetter {
    /// The inspection.
    pub inspection: RecordId,
    /// The findings in order.
    pub findings: Vec<RecordId>,
    /// Names of units in the letter that the unit ledger does not know.
    pub unknown_units: Vec<String>,
}

/// The step that puts a row into the ledger.
const REGISTER: &str = "register";

impl Service {
    /// Makes the inspection, its findings and measures in one transaction.
    ///
    /// # Errors
    /// `Invalid` when no row is left, when the count differs from the letter's own without a
    /// reason, or when a deadline lies before the letter; all faults at once. `Conflict` when the
    /// letter changed meanwhile.
    pub fn confirm_letter(
        &self,
        caller: &Caller,
        input: &ConfirmLetter,
    ) -> Result<ConfirmedLetter, ServiceError> {
        let letter = self.draft_letter(caller, &input.letter)?;
        let region = letter.region.clone().ok_or(ServiceError::NotFound)?;
        self.require_create(caller, "inspection", &region)?;
        self.require_create(caller, "finding", &region)?;
        let issued_on = input.values.get("issued_on").and_then(Value::as_date);
        let values = self.inspection_values(&letter, input);
        let calendar = self.calendar()?;
        let flow = self.flow("rectification")?;
        let context = Context {
            flow,
            codebook: self.codebook(),
            calendar: &calendar,
            region: Some(&region),
            now: self.now(),
        };
        let act = self.act(caller, "letter.confirm", input.count_reason.as_deref());
        self.write_judged(&act, |writer| {
            // Rows are edited without touching the letter, so they are read where they are used:
            // what somebody was told is kept must not be missing from the findings.
            still_draft(writer, &letter.id)?;
            let mut rows = rows_of(writer, &letter.id)?;
            rows.retain(is_included);
            check(&letter, &rows, issued_on, input.count_reason.as_deref())?;
            let units = unit_names(writer, &region)?;
            let inspection = writer.insert(
                "inspection",
                NewRecord { region: Some(region.clone()), values, ..NewRecord::default() },
            )?;
            let mut maker = FindingMaker {
                writer,
                context,
                units: &units,
                inspection: &inspection,
                unknown_units: Vec::new(),
            };
            let mut findings = Vec::new();
            for row in &rows {
                findings.push(maker.make(row)?);
            }
            let unknown_units = maker.unknown_units;
            let done = Values::from([
                ("status".to_owned(), "confirmed".into()),
                ("inspection".to_owned(), (&inspection.id).into()),
                ("count_reason".to_owned(), input.count_reason.clone().into()),
            ]);
            let change = Change { values: done, ..Change::default() };
            writer.update("letter", &letter.id, input.version, change)?;
            Ok(ConfirmedLetter { inspection: inspection.id.clone(), findings, unknown_units })
        })
    }

    /// A flow of the codebook.
    pub(crate) fn flow(&self, name: &str) -> Result<&Flow, ServiceError> {
        self.codebook()
            .flows
            .get(name)
            .ok_or_else(|| ServiceError::Internal(format!("the codebook has no flow `{name}`")))
    }

    fn inspection_values(&self, letter: &Record, input: &ConfirmLetter) -> Values {
        let mut values = input.values.clone();
        let copied =
            ["file", "file_name", "text_file", "reading_file", "claimed_count", "received_on"];
        let offered = ["title", "doc_number", "issued_on", "source_kind", "source_level"];
        for field in copied.into_iter().chain(offered) {
            let is_missing = values.get(field).is_none_or(Value::is_empty);
            if is_missing {
                values.insert(field.to_owned(), letter.get(field).clone());
            }
        }
        let count_reason: Value = input.count_reason.clone().into();
        values.insert("count_reason".to_owned(), count_reason);
        let year = values.get("received_on").and_then(Value::as_date).unwrap_or(self.today());
        values.insert("year".to_owned(), i64::from(year.year()).into());
        values
    }
}

/// Everything wrong with the rows as a whole.
fn check(
    letter: &Record,
    rows: &[Record],
    issued_on: Option<Date>,
    count_reason: Option<&str>,
) -> Result<(), ServiceError> {
    let mut faults = Vec::new();
    if rows.is_empty() {
        faults.push(Diagnostic::error(
            "S0307",
            Message::new("没有一行要进台账", "no row is left for the ledger"),
        ));
    }
    let claimed = letter.get("claimed_count").as_integer();
    let found = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let has_reason = count_reason.is_some_and(|reason| !reason.trim().is_empty());
    if let Some(claimed) = claimed.filter(|claimed| *claimed != found && !has_reason) {
        let place = Place::Field { ledger: "letter".into(), field: "count_reason".into() };
        faults.push(
            Diagnostic::error(
                "S0308",
                Message::new(
                    format!("来文说有 {claimed} 个问题，台账将有 {found} 行"),
                    format!("the letter claims {claimed} problems, the ledger would get {found}"),
                ),
            )
            .at(place)
            .help(Message::new("补上缺的行，或写明原因", "add the missing rows or give a reason")),
        );
    }
    for row in rows {
        let due = row.get("deadline_on").as_date();
        let early = due.and_then(|due| {
            deadline_before_issue(due, issued_on.or(letter.get("issued_on").as_date()))
        });
        let position = row.get("position").as_integer().unwrap_or(0);
        let line = u32::try_from(position).unwrap_or(0);
        let place = Place::Cell { sheet: None, row: line, column: "deadline_on".to_owned() };
        faults.extend(early.map(|fault| fault.at(place)));
    }
    if faults.is_empty() { Ok(()) } else { Err(ServiceError::Invalid(faults)) }
}

/// Turns rows of a letter into findings with measures and links.
struct FindingMaker<'a, 'w> {
    writer: &'a Writer<'w>,
    context: Context<'a>,
    units: &'a UnitNames,
    inspection: &'a Record,
    unknown_units: Vec<String>,
}

impl FindingMaker<'_, '_> {
    fn make(&mut self, row: &Record) -> Result<RecordId, ServiceError> {
        let region: Option<RegionCode> = self.inspection.region.clone();
        let year = self.inspection.get("year").as_integer().unwrap_or_default();
        let serial = self.writer.next_serial(&format!("finding:{year}"))?;
        let lead = self.resolve(row.get("lead_units").as_list());
        let responsible = self.resolve(row.get("responsible_units").as_list());
        let mut values = self.copied(row);
        values.insert("number".to_owned(), format!("{year}-{serial:04}").into());
        let lead_unit = lead.first().or(responsible.first()).cloned();
        values.insert("lead_unit".to_owned(), lead_unit.into());
        // A name that the unit ledger does not know stays as written, so that nothing of the letter
        // is lost; somebody assigns it later.
        let named = row.get("responsible_units").as_list().iter();
        let others: Vec<String> = named
            .map(|name| self.units.find(name).map_or_else(|| name.clone(), RecordId::to_string))
            .collect();
        values.insert("responsible_units".to_owned(), others.into());
        self.add_deadline(row, &mut values);
        let state = self.context.flow.step(REGISTER).map(|step| step.to.clone());
        let state = state.unwrap_or_else(|| self.context.flow.initial.clone());
        let finding = self.writer.insert(
            "finding",
            NewRecord {
                region: region.clone(),
                state: Some(state),
                flow_edition: Some(self.context.flow.edition),
                values,
            },
        )?;
        for (position, text) in row.get("measures").as_list().iter().enumerate() {
            let position = i64::try_from(position + 1).unwrap_or(i64::MAX);
            let values = Values::from([
                ("text".to_owned(), text.as_str().into()),
                ("position".to_owned(), position.into()),
                ("origin".to_owned(), "letter".into()),
                ("inspection".to_owned(), (&self.inspection.id).into()),
            ]);
            let measure = NewRecord { region: region.clone(), values, ..NewRecord::default() };
            let measure = self.writer.insert("measure", measure)?;
            self.writer.link("finding", "measures", &finding.id, &measure.id)?;
        }
        for unit in &responsible {
            self.writer.link("finding", "units", &finding.id, unit)?;
        }
        Ok(finding.id)
    }

    /// Fields that go over as they are.
    fn copied(&self, row: &Record) -> Values {
        let same = [
            "position",
            "title",
            "problem",
            "category",
            "subcategory",
            "responsible_leaders",
            "responsible_persons",
            "deadline_raw",
            "deadline_kind",
            "result",
            "span_start",
            "span_end",
        ];
        let mut values: Values =
            same.iter().map(|field| ((*field).to_owned(), row.get(field).clone())).collect();
        // The nearest heading says what a finding is about; the top one often says 反馈问题 only.
        if !row.get("subcategory").is_empty() {
            values.insert("category".to_owned(), row.get("subcategory").clone());
        }
        values.insert("exists_here".to_owned(), row.get("situation").clone());
        for field in ["source_kind", "source_level"] {
            values.insert(field.to_owned(), self.inspection.get(field).clone());
        }
        values.insert("inspection".to_owned(), (&self.inspection.id).into());
        values.insert("state_since".to_owned(), self.context.now.into());
        for field in ["return_count", "reopened_count", "percent"] {
            values.insert(field.to_owned(), 0.into());
        }
        values
    }

    fn add_deadline(&self, row: &Record, values: &mut Values) {
        let today = self.context.today();
        let deadline = match row.text("deadline_kind") {
            // 立行立改 is due at once: the next working day after registering.
            "immediate" if row.get("deadline_on").is_empty() => {
                Some(self.context.calendar.add_working_days(today, 1))
            }
            _ => row.get("deadline_on").as_date(),
        };
        let is_long_term = row.text("deadline_kind") == "ongoing";
        let step = self.context.flow.step(REGISTER);
        let state = step.and_then(|step| self.context.flow.state(&step.to));
        let due_on = state
            .and_then(|state| state_due_on(&self.context, state, today, deadline, None))
            .or(deadline);
        values.insert("deadline_on".to_owned(), deadline.into());
        values.insert("original_deadline_on".to_owned(), deadline.into());
        values.insert("is_long_term".to_owned(), is_long_term.into());
        values.insert("due_on".to_owned(), due_on.into());
    }

    /// Ids of the units that these names mean; unknown names are noted once.
    fn resolve(&mut self, names: &[String]) -> Vec<RecordId> {
        let mut ids = Vec::new();
        for name in names {
            match self.units.find(name) {
                Some(id) if !ids.contains(id) => ids.push(id.clone()),
                Some(_) => {}
                None if !self.unknown_units.contains(name) => {
                    self.unknown_units.push(name.clone());
                }
                None => {}
            }
        }
        ids
    }
}
