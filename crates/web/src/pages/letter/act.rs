//! The acts on a letter and its rows, from a form to the use case.

use crate::app::FormValues;
use crate::components::Address;
use taizhang_service::letters::{ConfirmLetter, EditRow, NewRow};
use taizhang_service::{Caller, Service, ServiceError};
use taizhang_store::Values;
use taizhang_values::{RecordId, Value};

/// One act on a letter as it came in.
pub(super) struct LetterAct {
    pub(super) caller: Caller,
    pub(super) letter: RecordId,
    pub(super) act: String,
    pub(super) form: FormValues,
}

/// Where to go afterwards, the note there, and how many were touched.
pub(super) type Done = (String, &'static str, usize);

impl LetterAct {
    /// Runs the act.
    pub(super) fn run(&self, service: &Service) -> Result<Done, ServiceError> {
        let (caller, form) = (&self.caller, &self.form);
        let address = super::address_of(&self.letter, form);
        match self.act.as_str() {
            "merge" => {
                let ids = form.ids("id");
                service.merge_letter_rows(caller, &ids)?;
                Ok((address, "merged", ids.len()))
            }
            "rows" => {
                let values = row_values(form)?;
                let letter = self.letter.clone();
                service.add_letter_row(caller, NewRow { letter, values, span: None })?;
                Ok((address, "added", 1))
            }
            "discard" => {
                let reason = form.get("reason");
                let (zh, en) = ("请写明作废原因", "say why");
                if reason.is_empty() {
                    return Err(ServiceError::field("letter", "reason", "P0008", zh, en));
                }
                service.discard_letter(caller, &self.letter, reason)?;
                Ok(("/letters/new".to_owned(), "discarded", 1))
            }
            "confirm" => self.confirm(service),
            _ => Err(ServiceError::NotFound),
        }
    }

    fn confirm(&self, service: &Service) -> Result<Done, ServiceError> {
        let form = &self.form;
        let (zh, en) = ("必填", "must be filled in");
        for field in ["inspection_title", "source_kind", "source_level"] {
            if form.get(field).is_empty() {
                return Err(ServiceError::field("inspection", field, "P0005", zh, en));
            }
        }
        let mut values = Values::new();
        values.insert("title".to_owned(), form.get("inspection_title").into());
        for field in ["source_kind", "source_level", "source_body", "doc_number"] {
            values.insert(field.to_owned(), form.some(field).into());
        }
        for field in ["issued_on", "received_on", "report_due_on"] {
            values.insert(field.to_owned(), form.date(field)?.into());
        }
        let input = ConfirmLetter {
            letter: self.letter.clone(),
            version: form.version(),
            values,
            count_reason: form.some("count_reason"),
        };
        let confirmed = service.confirm_letter(&self.caller, &input)?;
        let path = format!("/inspections/{}", confirmed.inspection);
        let unknown = confirmed.unknown_units.join("\n");
        let address = Address::new(&path, &[("unknown".to_owned(), unknown)]).text();
        Ok((address, "confirmed", confirmed.findings.len()))
    }
}

/// The fields of a row's form.
fn row_values(form: &FormValues) -> Result<Values, ServiceError> {
    let mut values = Values::new();
    for field in ["title", "number", "category", "subcategory", "deadline_raw", "deadline_kind"] {
        values.insert(field.to_owned(), form.some(field).into());
    }
    let problem = form.lines("problem").join("\n");
    values.insert("problem".to_owned(), (!problem.is_empty()).then_some(problem).into());
    let lists = [
        "measures",
        "lead_units",
        "responsible_units",
        "responsible_leaders",
        "responsible_persons",
    ];
    for field in lists {
        values.insert(field.to_owned(), Value::List(form.lines(field)));
    }
    values.insert("deadline_on".to_owned(), form.date("deadline_on")?.into());
    Ok(values)
}

/// Corrects a row; gives its place in the letter, to come back to it.
pub(super) fn edit_row(
    service: &Service,
    caller: &Caller,
    row: &RecordId,
    form: &FormValues,
) -> Result<usize, ServiceError> {
    let values = row_values(form)?;
    let (zh, en) = ("请填写问题摘要", "a title is needed");
    if form.get("title").is_empty() {
        return Err(ServiceError::field("letter_row", "title", "S0303", zh, en));
    }
    let input = EditRow { id: row.clone(), version: form.version(), values };
    let record = service.edit_letter_row(caller, input)?;
    let letter = record.reference("letter").ok_or(ServiceError::NotFound)?;
    service.letter_row_place(letter, row)
}
