//! Judging a finding that was handed in: the acceptance form and what follows from it.

use super::faults::Faults;
use super::step::StepRequest;
use super::{FINDING, Shown};
use crate::{Caller, Service, ServiceError};
use taizhang_flow::StepInput;
use taizhang_store::{NewRecord, Record, Values};
use taizhang_values::{Date, Value};

/// An acceptance form.
#[derive(Clone, Debug)]
pub struct AcceptInput {
    /// The finding as shown.
    pub shown: Shown,
    /// It passed; else it goes back to work with the opinion as the reason.
    pub is_passed: bool,
    /// Day of the inspection; today if not given.
    pub on: Option<Date>,
    /// What was looked at: households, papers, places; no names.
    pub sample: String,
    /// Number of cases in the sample.
    pub sample_size: Option<i64>,
    /// Number of them that failed.
    pub sample_failed: Option<i64>,
    /// It was looked at on site.
    pub is_on_site: bool,
    /// Opinion; the reason if it failed.
    pub opinion: String,
    /// New deadline if it failed; without one the old stands.
    pub new_deadline_on: Option<Date>,
}

const FORM: &str = "acceptance";

impl Service {
    /// Records an acceptance form and takes the step that follows: `accept` or `return`.
    ///
    /// # Errors
    /// `Invalid` for faults of the form (`W0110`–`W0114`) and for every reason against the step;
    /// nobody accepts what he is responsible for or handed in. `Conflict` if somebody was faster.
    pub fn accept(&self, caller: &Caller, input: &AcceptInput) -> Result<Record, ServiceError> {
        let on = input.on.unwrap_or_else(|| self.today());
        let step = if input.is_passed { "accept" } else { "return" };
        let reason = Some(input.opinion.trim()).filter(|text| !text.is_empty());
        let act = self.act(caller, &format!("{FINDING}.{step}"), reason);
        let done: Result<_, ServiceError> = self.write_judged(&act, |writer| {
            let finding = self.finding_in(writer, caller, &input.shown.finding)?;
            self.require_create_over(caller, FORM, &finding)?;
            self.check_form(input, on, &finding)?;
            let request = StepRequest {
                shown: &input.shown,
                step,
                input: StepInput {
                    reason: reason.map(str::to_owned),
                    new_deadline_on: input.new_deadline_on.filter(|_| !input.is_passed),
                    ..StepInput::default()
                },
                acceptance: Some(input.is_passed),
            };
            let finding = self.step_in(writer, caller, &request)?;
            writer.insert(
                FORM,
                NewRecord {
                    region: finding.region.clone(),
                    values: form_values(caller, input, on),
                    ..NewRecord::default()
                },
            )?;
            Ok(finding)
        });
        done.map(|record| self.shown(caller, record))
    }

    fn check_form(
        &self,
        input: &AcceptInput,
        on: Date,
        finding: &Record,
    ) -> Result<(), ServiceError> {
        let mut faults = Faults::default();
        let size = input.sample_size.unwrap_or(0);
        let failed = input.sample_failed.unwrap_or(0);
        faults.check(
            input.sample.trim().is_empty(),
            (FORM, "sample"),
            "W0110",
            ("请写明抽查了什么", "say what was looked at"),
        );
        faults.check(
            size < 0 || failed < 0 || (input.sample_size.is_some() && failed > size),
            (FORM, "sample_failed"),
            "W0111",
            ("不合格数不能多于抽查数", "more failed than were looked at"),
        );
        faults.check(
            input.is_passed && failed > 0 && input.opinion.trim().is_empty(),
            (FORM, "opinion"),
            "W0112",
            (
                "抽查有不合格的，通过时要写明意见",
                "some of the sample failed; say why it passes all the same",
            ),
        );
        faults.check(
            on > self.today(),
            (FORM, "on"),
            "W0113",
            ("验收日期不能晚于今天", "the date of inspection is in the future"),
        );
        let submitted_on = finding.get("submitted_on").as_date();
        faults.check(
            submitted_on.is_some_and(|submitted_on| on < submitted_on),
            (FORM, "on"),
            "W0114",
            ("验收日期不能早于申请销号日期", "the date of inspection is before the submission"),
        );
        faults.done()
    }
}

fn form_values(caller: &Caller, input: &AcceptInput, on: Date) -> Values {
    let result = if input.is_passed { "passed" } else { "failed" };
    [
        ("finding".to_owned(), Value::from(&input.shown.finding)),
        ("result".to_owned(), result.into()),
        ("on".to_owned(), on.into()),
        ("sample".to_owned(), input.sample.trim().into()),
        ("sample_size".to_owned(), input.sample_size.into()),
        ("sample_failed".to_owned(), input.sample_failed.into()),
        ("is_on_site".to_owned(), input.is_on_site.into()),
        ("opinion".to_owned(), input.opinion.trim().into()),
        ("by".to_owned(), Value::from(&caller.user)),
    ]
    .into()
}
