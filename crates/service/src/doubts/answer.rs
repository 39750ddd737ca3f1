//! Answers of the village, and what the township says of them.

use super::{DOUBT, status};
use crate::work::Faults;
use crate::{Caller, Service, ServiceError};
use taizhang_codebook::Action;
use taizhang_store::{Change, Record, Values, Writer};
use taizhang_values::RecordId;

/// An answer to a doubt.
#[derive(Clone, Debug)]
pub struct AnswerDoubt {
    /// The doubt.
    pub doubt: RecordId,
    /// Version that the page showed.
    pub version: i64,
    /// Code of the list `doubt_answer`.
    pub answer: String,
    /// What the matter is; needed unless the data were mended.
    pub note: String,
}

/// What the township says of an answer.
#[derive(Clone, Debug)]
pub struct CheckDoubt {
    /// The doubt.
    pub doubt: RecordId,
    /// Version that the page showed.
    pub version: i64,
    /// The explanation holds.
    pub is_accepted: bool,
    /// Opinion; needed when it does not hold.
    pub note: String,
}

impl Service {
    /// Answers a doubt. Who says that the data are mended is taken at his word by nobody: the
    /// record is judged again at once.
    ///
    /// # Errors
    /// `Invalid` `U0101` for an unknown answer, `U0102` without a note, `U0103` when the rule still
    /// sees the fault; `Conflict`, `Denied`, `NotFound`.
    pub fn answer_doubt(
        &self,
        caller: &Caller,
        input: &AnswerDoubt,
    ) -> Result<Record, ServiceError> {
        self.answer(caller, input)
            .map(|doubt| self.shown(caller, doubt))
            .map_err(|error| self.shown_refusal(caller, error))
    }

    fn answer(&self, caller: &Caller, input: &AnswerDoubt) -> Result<Record, ServiceError> {
        self.reachable(caller, DOUBT, &input.doubt, Action::Update)?;
        let mut faults = Faults::default();
        let is_known = self.codebook().code_label("doubt_answer", &input.answer).is_some();
        faults.check(!is_known, (DOUBT, "answer"), "U0101", ("请选择答复", "choose an answer"));
        faults.check(
            input.answer != "mended" && input.note.trim().is_empty(),
            (DOUBT, "answer_note"),
            "U0102",
            ("请写明情况和依据", "say what the matter is and what shows it"),
        );
        faults.done()?;
        let act = self.act(caller, "doubt.answer", None);
        self.store.write(&act, |writer| {
            if input.answer == "mended" {
                return self.answer_mended(writer, input);
            }
            let next = match input.answer.as_str() {
                "passed_on" => status::PASSED_ON,
                _ => status::ANSWERED,
            };
            let values = Values::from([
                ("answer".to_owned(), input.answer.as_str().into()),
                ("answer_note".to_owned(), input.note.trim().into()),
                ("answered_on".to_owned(), self.today().into()),
                ("answered_by".to_owned(), (&caller.user).into()),
                ("doubt_status".to_owned(), next.into()),
            ]);
            let change = Change { values, ..Change::default() };
            Ok(writer.update(DOUBT, &input.doubt, input.version, change)?)
        })
    }

    fn answer_mended(
        &self,
        writer: &Writer<'_>,
        input: &AnswerDoubt,
    ) -> Result<Record, ServiceError> {
        let doubt = writer.get(DOUBT, &input.doubt)?.ok_or(ServiceError::NotFound)?;
        self.refresh_subject(writer, &doubt)?;
        let doubt = writer.get(DOUBT, &input.doubt)?.ok_or(ServiceError::NotFound)?;
        let mut faults = Faults::default();
        faults.check(
            doubt.text("doubt_status") != status::CLOSED,
            (DOUBT, "answer"),
            "U0103",
            (
                "规则仍然能看到这个问题，请先更正数据",
                "the rule still sees the fault: mend the data first",
            ),
        );
        faults.done()?;
        Ok(doubt)
    }

    /// Judges what a doubt is about again.
    pub(super) fn refresh_subject(
        &self,
        writer: &Writer<'_>,
        doubt: &Record,
    ) -> Result<(), ServiceError> {
        if let Some(household) = doubt.reference("household") {
            self.refresh_household(writer, household)?;
            return Ok(());
        }
        if let Some(subject) = RecordId::parse(doubt.text("subject")) {
            self.refresh_record(writer, doubt.text("subject_ledger"), &subject)?;
        }
        Ok(())
    }

    /// Accepts an explanation, or asks again. Nobody checks his own answer.
    ///
    /// # Errors
    /// `Invalid` `U0104` when there is no answer to check, `U0105` for one's own answer, `U0106`
    /// without a reason; `Conflict`, `Denied`, `NotFound`.
    pub fn check_doubt(&self, caller: &Caller, input: &CheckDoubt) -> Result<Record, ServiceError> {
        self.check(caller, input)
            .map(|doubt| self.shown(caller, doubt))
            .map_err(|error| self.shown_refusal(caller, error))
    }

    fn check(&self, caller: &Caller, input: &CheckDoubt) -> Result<Record, ServiceError> {
        let doubt = self.reachable(caller, DOUBT, &input.doubt, Action::Update)?;
        if !self.may_decide(caller, doubt.region.as_ref()) {
            return Err(self.denied("doubt.create", doubt.region.as_ref()));
        }
        let mut faults = Faults::default();
        let is_answered =
            [status::ANSWERED, status::PASSED_ON].contains(&doubt.text("doubt_status"));
        faults.check(
            !is_answered,
            (DOUBT, "doubt_status"),
            "U0104",
            ("还没有答复，不能审核", "there is no answer to check yet"),
        );
        faults.check(
            doubt.reference("answered_by") == Some(&caller.user),
            (DOUBT, "answered_by"),
            "U0105",
            ("不能审核自己的答复", "nobody checks his own answer"),
        );
        faults.check(
            !input.is_accepted && input.note.trim().is_empty(),
            (DOUBT, "check_note"),
            "U0106",
            ("退回要写明原因", "say why it is sent back"),
        );
        faults.done()?;
        let next = if input.is_accepted { status::EXPLAINED } else { status::ASKED };
        let values = Values::from([
            ("doubt_status".to_owned(), next.into()),
            ("check_note".to_owned(), input.note.trim().into()),
            ("checked_on".to_owned(), self.today().into()),
            ("checked_by".to_owned(), (&caller.user).into()),
        ]);
        let act = self.act(caller, "doubt.check", Some(input.note.trim()));
        self.store.write(&act, |writer| {
            let change = Change { values, ..Change::default() };
            Ok(writer.update(DOUBT, &input.doubt, input.version, change)?)
        })
    }
}
