//! Measures: many to many with findings.

use super::FINDING;
use super::faults::Faults;
use crate::{Caller, Service, ServiceError};
use taizhang_codebook::Action;
use taizhang_store::{Change, NewRecord, Record, Writer};
use taizhang_values::{RecordId, Value};

/// A new measure.
#[derive(Clone, Debug)]
pub struct AddMeasureInput {
    /// The findings that it serves.
    pub findings: Vec<RecordId>,
    /// What will be done.
    pub text: String,
}

/// A changed measure.
#[derive(Clone, Debug)]
pub struct EditMeasureInput {
    /// The measure.
    pub measure: RecordId,
    /// The version shown.
    pub version: i64,
    /// What will be done.
    pub text: String,
}

impl Service {
    /// Adds a measure for one or several findings.
    ///
    /// # Errors
    /// `Invalid` `W0130` without text, `W0131` without a finding, `W0132` for a finding that is
    /// handed in or ended, `W0133` for findings of different inspections; `Denied`, `NotFound`.
    pub fn add_measure(
        &self,
        caller: &Caller,
        input: &AddMeasureInput,
    ) -> Result<Record, ServiceError> {
        let act = self.act(caller, "measure.add", None);
        self.write_judged(&act, |writer| {
            self.add_measure_in(writer, caller, &input.findings, &input.text)
        })
    }

    /// Adds several measures for one finding, all or none.
    ///
    /// # Errors
    /// As [`Service::add_measure`]; `W0130` without any text.
    pub fn add_measures(
        &self,
        caller: &Caller,
        finding: &RecordId,
        texts: &[String],
    ) -> Result<Vec<Record>, ServiceError> {
        let none = [String::new()];
        let texts = if texts.is_empty() { &none } else { texts };
        let act = self.act(caller, "measure.add", None);
        let done: Result<_, ServiceError> = self.write_judged(&act, |writer| {
            let add = |text: &String| {
                self.add_measure_in(writer, caller, std::slice::from_ref(finding), text)
            };
            texts.iter().map(add).collect()
        });
        done.map(|records| self.all_shown(caller, records))
    }

    pub(crate) fn add_measure_in(
        &self,
        writer: &Writer<'_>,
        caller: &Caller,
        findings: &[RecordId],
        text: &str,
    ) -> Result<Record, ServiceError> {
        let mut faults = Faults::default();
        faults.check(
            text.trim().is_empty(),
            ("measure", "text"),
            "W0130",
            ("措施内容没有填", "the measure has no text"),
        );
        faults.check(
            findings.is_empty(),
            ("measure", "finding"),
            "W0131",
            ("没有选问题", "no finding is chosen"),
        );
        faults.done()?;
        let mut region = None;
        let mut inspection: Option<Option<RecordId>> = None;
        let mut position = 0;
        for id in findings {
            let finding = self.finding_for_measure(writer, caller, id)?;
            let own = finding.reference("inspection").cloned();
            require_same_inspection(inspection.get_or_insert(own.clone()).as_ref(), own.as_ref())?;
            region = region.or(finding.region);
            position = position.max(writer.linked(FINDING, "measures", id)?.len());
        }
        let values = [
            ("text".to_owned(), Value::from(text.trim())),
            ("position".to_owned(), i64::try_from(position + 1).unwrap_or(0).into()),
            ("inspection".to_owned(), inspection.flatten().into()),
            ("origin".to_owned(), "added".into()),
        ];
        let record = NewRecord { region, values: values.into(), ..NewRecord::default() };
        let measure = writer.insert("measure", record)?;
        for id in findings {
            writer.link(FINDING, "measures", id, &measure.id)?;
        }
        Ok(measure)
    }

    /// Changes the text of a measure.
    ///
    /// # Errors
    /// `Conflict` on a stale version, `Invalid` `W0130` without text, `W0132` if it serves a
    /// finding that is handed in or ended; `Denied`, `NotFound`.
    pub fn edit_measure(
        &self,
        caller: &Caller,
        input: &EditMeasureInput,
    ) -> Result<Record, ServiceError> {
        let mut faults = Faults::default();
        faults.check(
            input.text.trim().is_empty(),
            ("measure", "text"),
            "W0130",
            ("措施内容没有填", "the measure has no text"),
        );
        faults.done()?;
        let act = self.act(caller, "measure.edit", None);
        let done: Result<_, ServiceError> = self.write_judged(&act, |writer| {
            let measure = writer.get("measure", &input.measure)?.ok_or(ServiceError::NotFound)?;
            if !self.may_in(writer, caller, &measure, Action::Read)? {
                return Err(ServiceError::NotFound);
            }
            if !self.may_in(writer, caller, &measure, Action::Update)? {
                return Err(self.denied("measure.update", measure.region.as_ref()));
            }
            for finding in writer.linked("measure", "findings", &input.measure)? {
                if let Some(finding) = writer.get(FINDING, &finding)? {
                    self.require_in_hand(&finding, "W0132")?;
                }
            }
            let values = [("text".to_owned(), Value::from(input.text.trim()))];
            let change = Change { values: values.into(), ..Change::default() };
            Ok(writer.update("measure", &input.measure, input.version, change)?)
        });
        done.map(|record| self.shown(caller, record))
    }

    /// Lets a measure serve a finding (`true`) or no longer (`false`).
    ///
    /// # Errors
    /// `Invalid` `W0132` for a finding that is handed in or ended, `W0133` for a measure of another
    /// inspection; `Denied`, `NotFound`.
    pub fn tie_measure(
        &self,
        caller: &Caller,
        measure: &RecordId,
        finding: &RecordId,
        is_tied: bool,
    ) -> Result<(), ServiceError> {
        let verb = if is_tied { "measure.tie" } else { "measure.untie" };
        let act = self.act(caller, verb, None);
        self.write_judged(&act, |writer| self.tie_in(writer, caller, measure, finding, is_tied))
    }

    /// Lets several measures serve a finding, all or none.
    ///
    /// # Errors
    /// As [`Service::tie_measure`].
    pub fn tie_measures(
        &self,
        caller: &Caller,
        measures: &[RecordId],
        finding: &RecordId,
    ) -> Result<(), ServiceError> {
        let act = self.act(caller, "measure.tie", None);
        self.write_judged(&act, |writer| {
            let mut measures = measures.iter();
            measures.try_for_each(|measure| self.tie_in(writer, caller, measure, finding, true))
        })
    }

    fn tie_in(
        &self,
        writer: &Writer<'_>,
        caller: &Caller,
        measure: &RecordId,
        finding: &RecordId,
        is_tied: bool,
    ) -> Result<(), ServiceError> {
        let served = self.finding_for_measure(writer, caller, finding)?;
        let record = writer.get("measure", measure)?.ok_or(ServiceError::NotFound)?;
        if !self.may_in(writer, caller, &record, Action::Read)? {
            return Err(ServiceError::NotFound);
        }
        if is_tied {
            let own = record.reference("inspection");
            require_same_inspection(own, served.reference("inspection"))?;
            writer.link(FINDING, "measures", finding, measure)?;
        } else {
            writer.unlink(FINDING, "measures", finding, measure)?;
        }
        Ok(())
    }

    fn finding_for_measure(
        &self,
        writer: &Writer<'_>,
        caller: &Caller,
        finding: &RecordId,
    ) -> Result<Record, ServiceError> {
        let finding = self.finding_in(writer, caller, finding)?;
        self.require_create_over(caller, "measure", &finding)?;
        self.require_in_hand(&finding, "W0132")?;
        Ok(finding)
    }
}

/// A measure answers one inspection's letter: its report counts it once, among its own findings.
fn require_same_inspection(
    one: Option<&RecordId>,
    other: Option<&RecordId>,
) -> Result<(), ServiceError> {
    let mut faults = Faults::default();
    faults.check(
        one != other,
        ("measure", "inspection"),
        "W0133",
        ("措施和问题不属于同一次检查", "measure and finding belong to different inspections"),
    );
    faults.done()
}
