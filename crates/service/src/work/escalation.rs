//! Carrying out a rung of the overdue ladder: the paper goes out and is put on record.

use super::faults::Faults;
use crate::{Caller, Service, ServiceError};
use taizhang_codebook::Action;
use taizhang_store::{Change, Record};
use taizhang_values::{Date, RecordId, Value};

const RUNG: &str = "escalation";

/// What is recorded when a rung is carried out.
#[derive(Clone, Debug)]
pub struct CarryOutInput {
    /// The escalation.
    pub escalation: RecordId,
    /// Its version shown.
    pub version: i64,
    /// Number of the paper.
    pub paper_number: String,
    /// Date of the paper; today if not given.
    pub on: Option<Date>,
    /// What was said and agreed.
    pub note: String,
}

impl Service {
    /// Records paper number, date and note of an escalation.
    ///
    /// # Errors
    /// `Invalid` `W0210` without a paper number, `W0211` dated in the future, `W0212` done before;
    /// `Denied`, `Conflict`, `NotFound`.
    pub fn carry_out_escalation(
        &self,
        caller: &Caller,
        input: &CarryOutInput,
    ) -> Result<Record, ServiceError> {
        let on = input.on.unwrap_or_else(|| self.today());
        let mut faults = Faults::default();
        faults.check(
            input.paper_number.trim().is_empty(),
            (RUNG, "paper_number"),
            "W0210",
            ("文书编号没有填", "the paper number is empty"),
        );
        faults.check(
            on > self.today(),
            (RUNG, "done_on"),
            "W0211",
            ("办理日期不能晚于今天", "the paper is dated in the future"),
        );
        faults.done()?;
        let act = self.act(caller, "escalation.carry_out", None);
        let done: Result<_, ServiceError> = self.write_judged(&act, |writer| {
            let rung = writer.get(RUNG, &input.escalation)?.ok_or(ServiceError::NotFound)?;
            if !self.may_in(writer, caller, &rung, Action::Read)? {
                return Err(ServiceError::NotFound);
            }
            if !self.may_in(writer, caller, &rung, Action::Update)? {
                return Err(self.denied("escalation.update", rung.region.as_ref()));
            }
            if rung.version == input.version && rung.get("is_done").as_boolean() == Some(true) {
                let (zh, en) = ("已经办理过", "carried out before");
                return Err(ServiceError::field(RUNG, "is_done", "W0212", zh, en));
            }
            let values = [
                ("is_done".to_owned(), Value::from(true)),
                ("paper_number".to_owned(), Self::text_value(&input.paper_number)),
                ("done_on".to_owned(), on.into()),
                ("done_by".to_owned(), Value::from(&caller.user)),
                ("note".to_owned(), Self::text_value(&input.note)),
            ];
            let change = Change { values: values.into(), ..Change::default() };
            Ok(writer.update(RUNG, &rung.id, input.version, change)?)
        });
        done.map(|record| self.shown(caller, record))
    }
}
