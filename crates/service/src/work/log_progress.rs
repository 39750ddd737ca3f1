//! Logging progress on a finding in hand.

use super::FINDING;
use super::faults::Faults;
use crate::{Caller, Service, ServiceError};
use taizhang_store::{Change, NewRecord, Record};
use taizhang_values::{Date, RecordId, Value};

/// A progress entry.
#[derive(Clone, Debug)]
pub struct LogProgressInput {
    /// The finding.
    pub finding: RecordId,
    /// Day of the work; today if not given.
    pub on: Option<Date>,
    /// What was done.
    pub text: String,
    /// How far the whole has come, 0–100.
    pub percent: Option<i64>,
}

impl Service {
    /// Adds a progress entry and carries its percentage to the finding. Entries only add, so they
    /// never meet a conflict.
    ///
    /// # Errors
    /// `Invalid` `W0140` without text, `W0141` in the future, `W0142` percentage out of 0–100,
    /// `W0143` for a finding that is handed in or ended; `Denied`, `NotFound`.
    pub fn log_progress(
        &self,
        caller: &Caller,
        input: &LogProgressInput,
    ) -> Result<Record, ServiceError> {
        let on = input.on.unwrap_or_else(|| self.today());
        self.check_progress(input, on)?;
        let act = self.act(caller, "progress.log", None);
        let done: Result<_, ServiceError> = self.write_judged(&act, |writer| {
            let finding = self.finding_in(writer, caller, &input.finding)?;
            self.require_create_over(caller, "progress", &finding)?;
            self.require_in_hand(&finding, "W0143")?;
            if input.percent.is_some() && *finding.get("percent") != input.percent.into() {
                let values = [("percent".to_owned(), Value::from(input.percent))];
                let change = Change { values: values.into(), ..Change::default() };
                writer.update(FINDING, &finding.id, finding.version, change)?;
            }
            let values = [
                ("finding".to_owned(), Value::from(&finding.id)),
                ("on".to_owned(), on.into()),
                ("text".to_owned(), Self::text_value(&input.text)),
                ("percent".to_owned(), input.percent.into()),
                ("by".to_owned(), Value::from(&caller.user)),
            ];
            let region = finding.region.clone();
            let entry = NewRecord { region, values: values.into(), ..NewRecord::default() };
            Ok(writer.insert("progress", entry)?)
        });
        done.map(|record| self.shown(caller, record))
    }

    fn check_progress(&self, input: &LogProgressInput, on: Date) -> Result<(), ServiceError> {
        let mut faults = Faults::default();
        faults.check(
            input.text.trim().is_empty(),
            ("progress", "text"),
            "W0140",
            ("进展内容没有填", "the progress entry has no text"),
        );
        faults.check(
            on > self.today(),
            ("progress", "on"),
            "W0141",
            ("进展日期不能晚于今天", "the day of the work is in the future"),
        );
        faults.check(
            input.percent.is_some_and(|percent| !(0..=100).contains(&percent)),
            ("progress", "percent"),
            "W0142",
            ("进度要在 0 到 100 之间", "the percentage is not within 0 to 100"),
        );
        faults.done()
    }
}
