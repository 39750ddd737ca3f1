//! The facts about one finding that its flow judges by, read in one transaction.

use super::FINDING;
use crate::{Caller, Service, ServiceError};
use std::collections::BTreeSet;
use taizhang_codebook::{Action, Flow, State, StateKind};
use taizhang_flow::{Context, Person, Situation};
use taizhang_store::{Filter, Query, Reader, Record, Version};
use taizhang_values::{Date, RecordId, RegionCode, Value, WorkingCalendar, shanghai_date};

/// Most entries of one kind that are read for one finding.
pub(crate) const RELATED_MAX: usize = 500;

impl Service {
    /// The flow of findings.
    pub(crate) fn finding_flow(&self) -> Result<&Flow, ServiceError> {
        let name = self.codebook().ledger(FINDING).and_then(|ledger| ledger.flow.as_deref());
        name.and_then(|name| self.codebook().flows.get(name))
            .ok_or_else(|| ServiceError::Internal("the codebook gives findings no flow".to_owned()))
    }

    /// The ground of judgements on a finding in `region`.
    pub(crate) fn flow_context<'a>(
        &'a self,
        calendar: &'a WorkingCalendar,
        region: Option<&'a RegionCode>,
    ) -> Result<Context<'a>, ServiceError> {
        Ok(Context {
            flow: self.finding_flow()?,
            codebook: self.codebook(),
            calendar,
            region,
            now: self.now(),
        })
    }

    /// A finding that the caller may read, in the caller's transaction.
    pub(crate) fn finding_in(
        &self,
        reader: &Reader<'_>,
        caller: &Caller,
        id: &RecordId,
    ) -> Result<Record, ServiceError> {
        let record = reader.get(FINDING, id)?.ok_or(ServiceError::NotFound)?;
        if self.may(caller, &record, Action::Read) {
            Ok(record)
        } else {
            Err(ServiceError::NotFound)
        }
    }

    /// The caller as the flow sees him: with the roles through which he reaches this record.
    pub(crate) fn person_over(&self, caller: &Caller, record: &Record) -> Person {
        let (roles, named_roles) = self.roles_over(caller, record);
        Person { user: caller.user.clone(), units: caller.units(), roles, named_roles }
    }

    /// Everything that steps ask about a finding, except an acceptance form, which comes with its
    /// step.
    pub(crate) fn situation(
        &self,
        reader: &Reader<'_>,
        record: &Record,
        history: &[Version],
    ) -> Result<Situation, ServiceError> {
        let id = &record.id;
        let integer = |field: &str| record.get(field).as_integer().unwrap_or(0);
        let return_count = integer("return_count");
        let measures = reader.linked(FINDING, "measures", id)?;
        let evidence = reader.linked(FINDING, "evidence", id)?;
        Ok(Situation {
            state: record.state.clone().unwrap_or_default(),
            filled: filled(record),
            responsible_persons: responsible_persons(record),
            responsible_units: responsible_units(record).into_iter().collect(),
            submitted_by: last_with(history, &["finding.submit"]).and_then(|v| v.by.clone()),
            evidence_count: count(evidence.len()),
            measure_count: count(measures.len()),
            acceptance: None,
            has_progress: has_progress(reader, id, history)?,
            children_open: self.children_open(reader, id)?,
            needs_upper_consent: is_upper(record),
            has_upper_consent: record.get("upper_consent_on").as_date().is_some(),
            is_long_term: record.get("is_long_term").as_boolean() == Some(true),
            issued_on: issued_on(reader, record)?,
            deadline_on: record.get("deadline_on").as_date(),
            original_deadline_on: record.get("original_deadline_on").as_date(),
            next_goal_on: next_goal_on(reader, id)?,
            return_count,
            reopened_count: integer("reopened_count"),
        })
    }

    /// True if the caller closes for the upper body itself: with a role of the step `close` held
    /// over a region wider than the one that got the letter.
    pub(crate) fn is_upper_body(
        &self,
        reader: &Reader<'_>,
        caller: &Caller,
        record: &Record,
    ) -> Result<bool, ServiceError> {
        let inspection = record.reference("inspection");
        let inspection = inspection.map(|id| reader.get("inspection", id)).transpose()?.flatten();
        let addressed = inspection.and_then(|inspection| inspection.region);
        let Some(addressed) = addressed.as_ref().or(record.region.as_ref()) else {
            return Ok(false);
        };
        let roles = self.finding_flow()?.step("close").map(|step| step.roles.as_slice());
        Ok(caller.grants.iter().any(|grant| {
            let is_wider = addressed.is_under(&grant.region) && *addressed != grant.region;
            is_wider && roles.unwrap_or_default().contains(&grant.role)
        }))
    }

    /// Children that still run.
    fn children_open(&self, reader: &Reader<'_>, id: &RecordId) -> Result<i64, ServiceError> {
        let ended = self.states_of(&[StateKind::Closed, StateKind::Void])?;
        let filter = Filter::eq("parent", id)
            .and(Filter::Not(Box::new(Filter::In("state".to_owned(), ended))));
        let open = reader.count(&Query::new(FINDING).filter(filter))?;
        Ok(i64::try_from(open).unwrap_or(i64::MAX))
    }

    /// Names of the states of some kinds, as values of the built-in column.
    pub(crate) fn states_of(&self, kinds: &[StateKind]) -> Result<Vec<Value>, ServiceError> {
        let fits = |state: &&State| kinds.contains(&state.kind);
        Ok(self
            .finding_flow()?
            .states
            .iter()
            .filter(fits)
            .map(|state| Value::from(state.name.as_str()))
            .collect())
    }

    /// The kind of a finding's state; open if the codebook does not know the state any more.
    pub(crate) fn state_kind(&self, record: &Record) -> StateKind {
        let state = record.state.as_deref().unwrap_or_default();
        self.finding_flow()
            .ok()
            .and_then(|flow| flow.state(state))
            .map_or(StateKind::Open, |state| state.kind)
    }

    /// The date by which a finding has to move on, reckoned from the day it entered its state.
    pub(crate) fn due_on(
        &self,
        reader: &Reader<'_>,
        record: &Record,
        deadline_on: Option<Date>,
        next_goal_on: Option<Date>,
    ) -> Result<Value, ServiceError> {
        let calendar = self.calendar_in(reader)?;
        let context = self.flow_context(&calendar, record.region.as_ref())?;
        let Some(state) = record.state.as_deref().and_then(|name| context.state(name)) else {
            return Ok(Value::Null);
        };
        let since = record.get("state_since").as_instant().unwrap_or(record.created_at);
        let start = shanghai_date(since);
        Ok(taizhang_flow::state_due_on(&context, state, start, deadline_on, next_goal_on).into())
    }

    /// Refuses unless the caller holds a role that may take `step`, whatever the state.
    pub(crate) fn require_step_role(
        &self,
        caller: &Caller,
        record: &Record,
        step: &str,
    ) -> Result<(), ServiceError> {
        if self.holds_step_role(caller, record, step) {
            Ok(())
        } else {
            Err(self.denied(&format!("finding.{step}"), record.region.as_ref()))
        }
    }

    /// True if the caller holds a role that may take `step`, whatever the state.
    pub(crate) fn holds_step_role(&self, caller: &Caller, record: &Record, step: &str) -> bool {
        let step = self.finding_flow().ok().and_then(|flow| flow.step(step));
        let person = self.person_over(caller, record);
        step.is_some_and(|step| person.may_take(step))
    }
}

/// True for a row of an upper body's letter: everything that is not an own check.
pub(crate) fn is_upper(record: &Record) -> bool {
    !matches!(record.text("source_level"), "" | "own")
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

fn filled(record: &Record) -> BTreeSet<String> {
    let fields = record.values.iter().filter(|(_, value)| !value.is_empty());
    fields.map(|(field, _)| field.clone()).collect()
}

/// Users named responsible by their accounts.
pub(crate) fn responsible_persons(record: &Record) -> BTreeSet<RecordId> {
    ["leader", "person"].iter().filter_map(|field| record.reference(field).cloned()).collect()
}

/// Units named responsible; names as written in a letter are not units yet.
pub(crate) fn responsible_units(record: &Record) -> Vec<RecordId> {
    let listed = record.get("responsible_units").as_list();
    listed.iter().filter_map(|text| RecordId::parse(text)).collect()
}

/// The newest version written under one of the verbs.
pub(crate) fn last_with<'a>(history: &'a [Version], verbs: &[&str]) -> Option<&'a Version> {
    history
        .iter()
        .filter(|version| verbs.contains(&version.verb.as_str()))
        .max_by_key(|version| version.version)
}

/// The date of the letter, or of its arrival if it has none.
pub(crate) fn issued_on(
    reader: &Reader<'_>,
    record: &Record,
) -> Result<Option<Date>, ServiceError> {
    let Some(inspection) = record.reference("inspection") else { return Ok(None) };
    let inspection = reader.get("inspection", inspection)?;
    Ok(inspection.as_ref().and_then(issued_on_of))
}

/// The date of an inspection's letter, or of its arrival if it has none.
pub(crate) fn issued_on_of(inspection: &Record) -> Option<Date> {
    let day = |field: &str| inspection.get(field).as_date();
    day("issued_on").or_else(|| day("received_on"))
}

/// The date of the next stage goal not yet reached.
pub(crate) fn next_goal_on(
    reader: &Reader<'_>,
    finding: &RecordId,
) -> Result<Option<Date>, ServiceError> {
    let filter = Filter::eq("finding", finding).and(Filter::IsEmpty("done_on".to_owned()));
    let query = Query::new("stage_goal").filter(filter).sort("due_on", false).limit(1);
    let goals = reader.list(&query)?.records;
    Ok(goals.first().and_then(|goal| goal.get("due_on").as_date()))
}

/// True if progress was logged since the finding last came back. The server's sequence decides, not
/// the clock (reliability P6).
fn has_progress(
    reader: &Reader<'_>,
    finding: &RecordId,
    history: &[Version],
) -> Result<bool, ServiceError> {
    let query = Query::new("progress").filter(Filter::eq("finding", finding)).limit(RELATED_MAX);
    let entries = reader.list(&query)?.records;
    let Some(back) = last_with(history, &["finding.return", "finding.reopen"]) else {
        return Ok(!entries.is_empty());
    };
    for entry in entries {
        let versions = reader.history("progress", &entry.id)?;
        if versions.iter().any(|version| version.sequence > back.sequence) {
            return Ok(true);
        }
    }
    Ok(false)
}
