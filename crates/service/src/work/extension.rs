//! Asking for a later deadline, and deciding on it.

use super::facts::{next_goal_on, responsible_persons};
use super::{FINDING, Shown};
use crate::{Caller, Service, ServiceError};
use taizhang_codebook::Action;
use taizhang_flow::{Extension, extension_refusals};
use taizhang_store::{Change, Filter, NewRecord, Query, Reader, Record, Values, Writer};
use taizhang_values::{Date, RecordId, Value};

const REQUEST: &str = "extension";

/// A request.
#[derive(Clone, Debug)]
pub struct RequestExtensionInput {
    /// The finding as shown.
    pub shown: Shown,
    /// Why.
    pub reason: String,
    /// Deadline asked for.
    pub new_deadline_on: Option<Date>,
}

/// A decision.
#[derive(Clone, Debug)]
pub struct DecideExtensionInput {
    /// The request.
    pub extension: RecordId,
    /// Its version shown.
    pub version: i64,
    /// Granted or refused.
    pub is_granted: bool,
    /// Opinion; needed for a refusal.
    pub note: String,
}

impl Service {
    /// Asks for a later deadline. The deadline in force stands until the request is granted.
    ///
    /// # Errors
    /// `Invalid` with `F0301`, `F0310`–`F0317`; `Denied`, `Conflict`, `NotFound`.
    pub fn request_extension(
        &self,
        caller: &Caller,
        input: &RequestExtensionInput,
    ) -> Result<Record, ServiceError> {
        let act = self.act(caller, "extension.request", Some(&input.reason));
        let done: Result<_, ServiceError> = self.write_judged(&act, |writer| {
            let finding = self.finding_in(writer, caller, &input.shown.finding)?;
            self.require_create_over(caller, REQUEST, &finding)?;
            require_shown(writer, &finding, &input.shown)?;
            self.check_extension(writer, &finding, &input.reason, input.new_deadline_on)?;
            let pending = ("decision".to_owned(), Value::from("pending"));
            let values = extension_values(caller, &finding, input, [pending].into());
            let region = finding.region.clone();
            let request = NewRecord { region, values, ..NewRecord::default() };
            let request = writer.insert(REQUEST, request)?;
            let roles = self.finding_flow()?.step("plan").map(|step| step.roles.clone());
            let mut users = self.role_holders(writer, &roles.unwrap_or_default(), &finding)?;
            let responsible = responsible_persons(&finding);
            users.retain(|user| *user != caller.user && !responsible.contains(user));
            let due_on = finding.get("deadline_on").as_date();
            self.tell(writer, &users, "extension", &finding, due_on)?;
            Ok(request)
        });
        done.map(|record| self.shown(caller, record))
    }

    /// Decides on a request. Neither he who asked nor anybody responsible may.
    ///
    /// # Errors
    /// `Invalid` `W0180` decided before, `W0181` own request or responsible, `W0182` refusal
    /// without a note, `W0183` the finding is no longer in hand or its deadline moved since;
    /// `Denied`, `Conflict`, `NotFound`.
    pub fn decide_extension(
        &self,
        caller: &Caller,
        input: &DecideExtensionInput,
    ) -> Result<Record, ServiceError> {
        let verb = if input.is_granted { "extension.grant" } else { "extension.refuse" };
        let note = Some(input.note.trim()).filter(|note| !note.is_empty());
        let act = self.act(caller, verb, note);
        let done: Result<_, ServiceError> = self.write_judged(&act, |writer| {
            let request = writer.get(REQUEST, &input.extension)?.ok_or(ServiceError::NotFound)?;
            let finding = request.reference("finding").ok_or(ServiceError::NotFound)?;
            let finding = self.finding_in(writer, caller, finding)?;
            self.require_beside(caller, &finding, REQUEST, Action::Update)?;
            self.require_step_role(caller, &finding, "plan")?;
            if request.version == input.version {
                self.check_decision(caller, input, &request, &finding)?;
            }
            let decision = if input.is_granted { "granted" } else { "refused" };
            let values: Values = [
                ("decision".to_owned(), Value::from(decision)),
                ("decision_note".to_owned(), note.into()),
                ("decided_on".to_owned(), self.today().into()),
                ("decided_by".to_owned(), Value::from(&caller.user)),
            ]
            .into();
            let change = Change { values, ..Change::default() };
            let request = writer.update(REQUEST, &request.id, input.version, change)?;
            if input.is_granted {
                let new = request.get("new_deadline_on").as_date();
                self.move_deadline(writer, &finding, new)?;
            }
            let asked_by: Vec<RecordId> =
                request.reference("asked_by").cloned().into_iter().collect();
            self.tell(writer, &asked_by, "extension", &finding, None)?;
            Ok(request)
        });
        done.map(|record| self.shown(caller, record))
    }

    /// Gives a new deadline outright, with a reason: recorded as an extension granted at once.
    pub(crate) fn change_deadline_in(
        &self,
        writer: &Writer<'_>,
        caller: &Caller,
        shown: &Shown,
        new_deadline_on: Date,
        reason: &str,
    ) -> Result<Record, ServiceError> {
        let finding = self.finding_in(writer, caller, &shown.finding)?;
        self.require_step_role(caller, &finding, "plan")?;
        self.require_beside(caller, &finding, REQUEST, Action::Update)?;
        require_shown(writer, &finding, shown)?;
        if responsible_persons(&finding).contains(&caller.user) {
            return Err(own_request());
        }
        self.check_extension(writer, &finding, reason, Some(new_deadline_on))?;
        let input = RequestExtensionInput {
            shown: shown.clone(),
            reason: reason.to_owned(),
            new_deadline_on: Some(new_deadline_on),
        };
        let decided = [
            ("decision".to_owned(), Value::from("granted")),
            ("decided_on".to_owned(), self.today().into()),
            ("decided_by".to_owned(), Value::from(&caller.user)),
        ];
        let values = extension_values(caller, &finding, &input, decided.into());
        let region = finding.region.clone();
        writer.insert(REQUEST, NewRecord { region, values, ..NewRecord::default() })?;
        self.move_deadline(writer, &finding, Some(new_deadline_on))
    }

    fn check_extension(
        &self,
        reader: &Reader<'_>,
        finding: &Record,
        reason: &str,
        new_deadline_on: Option<Date>,
    ) -> Result<(), ServiceError> {
        let history = reader.history(FINDING, &finding.id)?;
        let situation = self.situation(reader, finding, &history)?;
        let calendar = self.calendar_in(reader)?;
        let context = self.flow_context(&calendar, finding.region.as_ref())?;
        let decided = |decision: &str| {
            Filter::eq("finding", &finding.id).and(Filter::eq("decision", decision))
        };
        let count = |decision: &str| reader.count(&Query::new(REQUEST).filter(decided(decision)));
        let extension = Extension {
            reason: reason.to_owned(),
            new_deadline_on,
            granted_count: i64::try_from(count("granted")?).unwrap_or(i64::MAX),
            is_pending: count("pending")? > 0,
        };
        let refusals = extension_refusals(&context, &situation, &extension);
        if refusals.is_empty() { Ok(()) } else { Err(ServiceError::Invalid(refusals)) }
    }

    fn check_decision(
        &self,
        caller: &Caller,
        input: &DecideExtensionInput,
        request: &Record,
        finding: &Record,
    ) -> Result<(), ServiceError> {
        let refuse = |field: &str, code: &str, zh: &str, en: &str| {
            Err(ServiceError::field(REQUEST, field, code, zh, en))
        };
        if request.text("decision") != "pending" {
            return refuse("decision", "W0180", "这份申请已经审批过", "decided before");
        }
        if request.reference("asked_by") == Some(&caller.user)
            || responsible_persons(finding).contains(&caller.user)
        {
            return Err(own_request());
        }
        if !input.is_granted && input.note.trim().is_empty() {
            let (zh, en) = ("不同意要写明意见", "a refusal needs a note");
            return refuse("decision_note", "W0182", zh, en);
        }
        let has_moved = finding.get("deadline_on") != request.get("old_deadline_on");
        if input.is_granted && (has_moved || self.require_in_hand(finding, "W0183").is_err()) {
            let (zh, en) = (
                "问题已提交、办结或时限已变，请退回申请人重新申请",
                "the finding is no longer in hand or its deadline moved; ask anew",
            );
            return refuse("decision", "W0183", zh, en);
        }
        Ok(())
    }

    fn move_deadline(
        &self,
        writer: &Writer<'_>,
        finding: &Record,
        new_deadline_on: Option<Date>,
    ) -> Result<Record, ServiceError> {
        let goal = next_goal_on(writer, &finding.id)?;
        let values = [
            ("deadline_on".to_owned(), Value::from(new_deadline_on)),
            ("due_on".to_owned(), self.due_on(writer, finding, new_deadline_on, goal)?),
        ];
        let change = Change { values: values.into(), ..Change::default() };
        Ok(writer.update(FINDING, &finding.id, finding.version, change)?)
    }
}

fn own_request() -> ServiceError {
    ServiceError::field(
        REQUEST,
        "decision",
        "W0181",
        "自己申请的或自己负责的，不能自己审批",
        "nobody decides on his own request or on what he is responsible for",
    )
}

fn extension_values(
    caller: &Caller,
    finding: &Record,
    input: &RequestExtensionInput,
    mut values: Values,
) -> Values {
    let old = finding.get("deadline_on").clone();
    values.insert("finding".to_owned(), Value::from(&finding.id));
    values.insert("reason".to_owned(), Value::from(input.reason.trim()));
    values.insert("old_deadline_on".to_owned(), old);
    values.insert("new_deadline_on".to_owned(), input.new_deadline_on.into());
    values.insert("asked_by".to_owned(), Value::from(&caller.user));
    values
}

/// A conflict if the finding changed since it was shown, although this act does not change it.
fn require_shown(writer: &Writer<'_>, record: &Record, shown: &Shown) -> Result<(), ServiceError> {
    if record.version != shown.version {
        writer.update(FINDING, &record.id, shown.version, Change::default())?;
    }
    Ok(())
}
