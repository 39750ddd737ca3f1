//! Looking back at a closed finding: it holds, or it recurred.

use super::faults::Faults;
use super::return_finding::back;
use super::step::StepRequest;
use super::{FINDING, Shown};
use crate::{Caller, Service, ServiceError};
use taizhang_flow::StepInput;
use taizhang_store::{Change, Filter, NewRecord, Query, Record, Values, Writer};
use taizhang_values::{Date, RecordId, Value};

const NOTE: &str = "look_back";

/// A look-back.
#[derive(Clone, Debug)]
pub struct LookBackInput {
    /// The finding as shown.
    pub shown: Shown,
    /// The problem did not come back; else the finding is opened again.
    pub is_holding: bool,
    /// Day of the visit; today if not given.
    pub on: Option<Date>,
    /// What was looked at and found; the reason if it recurred.
    pub note: String,
    /// New deadline if it recurred.
    pub new_deadline_on: Option<Date>,
}

impl Service {
    /// Records a look-back and takes the step that follows: `look_back` or `reopen`.
    ///
    /// # Errors
    /// `Invalid` `W0170` without a note, `W0171` in the future, and every reason against the step;
    /// `Denied`, `Conflict`, `NotFound`.
    pub fn look_back(
        &self,
        caller: &Caller,
        input: &LookBackInput,
    ) -> Result<Record, ServiceError> {
        let on = input.on.unwrap_or_else(|| self.today());
        let mut faults = Faults::default();
        faults.check(
            input.note.trim().is_empty(),
            (NOTE, "note"),
            "W0170",
            ("回头看情况没有填", "the look-back has no note"),
        );
        faults.check(
            on > self.today(),
            (NOTE, "on"),
            "W0171",
            ("复查日期不能晚于今天", "the visit is in the future"),
        );
        faults.done()?;
        let step = if input.is_holding { "look_back" } else { "reopen" };
        let note = input.note.trim();
        let act = self.act(caller, &format!("{FINDING}.{step}"), Some(note));
        let done: Result<_, ServiceError> = self.write_judged(&act, |writer| {
            let before = self.finding_in(writer, caller, &input.shown.finding)?;
            self.require_create_over(caller, NOTE, &before)?;
            let request = if input.is_holding {
                let reason = Some(note.to_owned());
                let step_input = StepInput { reason, ..StepInput::default() };
                StepRequest { shown: &input.shown, step, input: step_input, acceptance: None }
            } else {
                back(step, &input.shown, note.to_owned(), input.new_deadline_on)
            };
            let record = self.step_in(writer, caller, &request)?;
            let due_on = before.get("look_back_on").as_date();
            let result = if input.is_holding { "holds" } else { "recurred" };
            let values: Values = [
                ("on".to_owned(), Value::from(on)),
                ("result".to_owned(), result.into()),
                ("note".to_owned(), note.into()),
                ("by".to_owned(), Value::from(&caller.user)),
            ]
            .into();
            write_note(writer, &record, due_on, values)?;
            Ok(record)
        });
        done.map(|record| self.shown(caller, record))
    }
}

/// Fills the open look-back that the scheduler made, or adds one.
fn write_note(
    writer: &Writer<'_>,
    finding: &Record,
    due_on: Option<Date>,
    mut values: Values,
) -> Result<(), ServiceError> {
    if let Some(open) = open_look_back(writer, &finding.id)? {
        let change = Change { values, ..Change::default() };
        writer.update(NOTE, &open.id, open.version, change)?;
        return Ok(());
    }
    values.insert("finding".to_owned(), Value::from(&finding.id));
    values.insert("due_on".to_owned(), due_on.into());
    let region = finding.region.clone();
    writer.insert(NOTE, NewRecord { region, values, ..NewRecord::default() })?;
    Ok(())
}

/// The look-back of a finding that is not carried out yet.
pub(crate) fn open_look_back(
    reader: &taizhang_store::Reader<'_>,
    finding: &RecordId,
) -> Result<Option<Record>, ServiceError> {
    let filter = Filter::eq("finding", finding).and(Filter::IsEmpty("on".to_owned()));
    let query = Query::new(NOTE).filter(filter).limit(1);
    Ok(reader.list(&query)?.records.into_iter().next())
}
