//! Recording that the upper body consents to closing a row of its letter.

use super::facts::{is_upper, responsible_persons, responsible_units};
use super::faults::Faults;
use super::{FINDING, Shown};
use crate::{Caller, Service, ServiceError};
use taizhang_codebook::StateKind;
use taizhang_store::{Change, Record};
use taizhang_values::{Date, Value};

/// A consent.
#[derive(Clone, Debug)]
pub struct UpperConsentInput {
    /// The finding as shown.
    pub shown: Shown,
    /// Number of the upper body's paper.
    pub paper_number: String,
    /// Date of the paper; today if not given.
    pub on: Option<Date>,
}

impl Service {
    /// Records the consent of the upper body, by which an accepted row may be closed.
    ///
    /// # Errors
    /// `Invalid` `W0160` without a paper number, `W0161` dated in the future, `W0162` for a row
    /// that is not waiting, `W0163` for a row of the own level, `W0164` by somebody responsible;
    /// `Denied`, `Conflict`, `NotFound`.
    pub fn upper_consent(
        &self,
        caller: &Caller,
        input: &UpperConsentInput,
    ) -> Result<Record, ServiceError> {
        let on = input.on.unwrap_or_else(|| self.today());
        let act = self.act(caller, "finding.upper_consent", None);
        let done: Result<_, ServiceError> = self.write_judged(&act, |writer| {
            let record = self.finding_in(writer, caller, &input.shown.finding)?;
            // The clerk registers the paper; those who close may do so too.
            if !self.holds_step_role(caller, &record, "close") {
                self.require_step_role(caller, &record, "plan")?;
            }
            if record.version == input.shown.version {
                self.check_consent(caller, input, on, &record)?;
            }
            let values = [
                ("upper_consent_on".to_owned(), Value::from(on)),
                ("upper_consent_paper".to_owned(), Self::text_value(&input.paper_number)),
            ];
            let change = Change { values: values.into(), ..Change::default() };
            Ok(writer.update(FINDING, &record.id, input.shown.version, change)?)
        });
        done.map(|record| self.shown(caller, record))
    }

    fn check_consent(
        &self,
        caller: &Caller,
        input: &UpperConsentInput,
        on: Date,
        record: &Record,
    ) -> Result<(), ServiceError> {
        let mut faults = Faults::default();
        faults.check(
            input.paper_number.trim().is_empty(),
            (FINDING, "upper_consent_paper"),
            "W0160",
            ("上级同意文号没有填", "the paper number is empty"),
        );
        faults.check(
            on > self.today(),
            (FINDING, "upper_consent_on"),
            "W0161",
            ("上级同意日期不能晚于今天", "the consent is dated in the future"),
        );
        faults.check(
            self.state_kind(record) != StateKind::Waiting,
            (FINDING, "state"),
            "W0162",
            ("没有在等验收或销号", "the finding is not waiting to be accepted or closed"),
        );
        faults.check(
            !is_upper(record),
            (FINDING, "source_level"),
            "W0163",
            ("不是上级反馈的问题，不用上级同意", "not a row of an upper letter"),
        );
        let is_responsible = responsible_persons(record).contains(&caller.user)
            || responsible_units(record).iter().any(|unit| caller.units().contains(unit));
        faults.check(
            is_responsible,
            (FINDING, "person"),
            "W0164",
            ("您是本条的责任人，不能登记上级同意", "you are responsible for this finding"),
        );
        faults.done()
    }
}
