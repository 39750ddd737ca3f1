//! Everything that the page of one finding shows.

use super::FINDING;
use super::extend_to_peers::children;
use super::facts::{RELATED_MAX, is_upper, responsible_persons, responsible_units};
use super::ledger_list::{LedgerRow, names};
use crate::{Caller, Service, ServiceError};
use std::collections::{BTreeMap, BTreeSet};
use taizhang_codebook::Action;
use taizhang_diagnostics::Message;
use taizhang_flow::{Light, StepOffer, allowed_steps, latest_new_deadline};
use taizhang_store::{Filter, Query, Reader, Record, Version};
use taizhang_values::{Date, RecordId};

/// One finding with all that belongs to it.
#[derive(Clone, Debug)]
pub struct FindingPage {
    /// The finding.
    pub finding: Record,
    /// Name of its state.
    pub state: Message,
    /// Its light.
    pub light: Light,
    /// The inspection, if it may be read.
    pub inspection: Option<Record>,
    /// The finding from which this one was extended.
    pub parent: Option<Record>,
    /// Findings extended from this one.
    pub children: Vec<LedgerRow>,
    /// Measures in their order.
    pub measures: Vec<Record>,
    /// Measures of the same inspection that could serve this finding too, for those who keep them.
    pub other_measures: Vec<Record>,
    /// Evidence, newest first.
    pub evidence: Vec<Record>,
    /// Progress entries, newest first.
    pub progress: Vec<Record>,
    /// Acceptance forms, newest first.
    pub acceptances: Vec<Record>,
    /// Look-backs, newest first.
    pub look_backs: Vec<Record>,
    /// Extension requests, newest first.
    pub extensions: Vec<Record>,
    /// Escalations, newest first.
    pub escalations: Vec<Record>,
    /// Stage goals by date.
    pub stage_goals: Vec<Record>,
    /// Versions, newest first; empty without the right to read history.
    pub history: Vec<Version>,
    /// Steps of the state with every reason against each.
    pub steps: Vec<StepOffer>,
    /// Other things that the caller may do now.
    pub acts: Vec<FindingAct>,
    /// Verb and version of the caller's act that may be undone.
    pub undo: Option<(String, i64)>,
    /// Latest new deadline on a return or reopening.
    pub latest_new_deadline: Option<Date>,
    /// Names of units and people by id.
    pub names: BTreeMap<RecordId, String>,
}

/// Things to do with a finding that are not steps of its flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingAct {
    /// Correct title, problem, category, topic, cause.
    Edit,
    /// Assign units, people, deadline.
    Assign,
    /// Open children elsewhere.
    ExtendToPeers,
    /// Add and tie measures.
    EditMeasures,
    /// Log progress.
    LogProgress,
    /// Upload evidence.
    AddEvidence,
    /// Add a stage goal.
    AddStageGoal,
    /// Say that a stage goal was reached.
    ReachStageGoal,
    /// Ask for a later deadline.
    RequestExtension,
    /// Decide on a pending request.
    DecideExtension,
    /// Record the upper body's consent.
    UpperConsent,
    /// Send a reminder.
    Remind,
}

impl Service {
    /// One finding with all that belongs to it. What belongs to a finding is seen by those who see
    /// the finding, as far as their role reads that ledger at all.
    ///
    /// # Errors
    /// `NotFound` if there is none that the caller may see.
    pub fn finding_page(
        &self,
        caller: &Caller,
        id: &RecordId,
    ) -> Result<FindingPage, ServiceError> {
        self.store.read(|reader| {
            let finding = self.finding_in(reader, caller, id)?;
            let history = reader.history(FINDING, id)?;
            let mut situation = self.situation(reader, &finding, &history)?;
            situation.has_upper_consent |= self.is_upper_body(reader, caller, &finding)?;
            let person = self.person_over(caller, &finding);
            let calendar = self.calendar_in(reader)?;
            let context = self.flow_context(&calendar, finding.region.as_ref())?;
            let related = |ledger: &str, sort: &str, is_descending: bool| {
                self.related(reader, caller, &finding, ledger, sort, is_descending)
            };
            let extensions = related("extension", "created_at", true)?;
            let undo = self.undoable(caller, &history);
            let undo = undo.map(|version| (version.verb.clone(), version.version));
            // A neighbour's row is the neighbour's: only the level above sees all of them.
            let mut children = children(reader, id)?;
            children.retain(|child| self.may(caller, child, Action::Read));
            let mut page = FindingPage {
                state: self.state_label(&finding),
                light: self.light(&finding),
                inspection: self.other(reader, caller, &finding, "inspection", "inspection")?,
                parent: self.other(reader, caller, &finding, "parent", FINDING)?,
                children: self.rows(reader, self.all_shown(caller, children), self.near_days())?,
                measures: self.tied(reader, caller, &finding, "measures", "measure")?,
                other_measures: Vec::new(),
                evidence: self.tied(reader, caller, &finding, "evidence", "evidence")?,
                progress: related("progress", "on", true)?,
                acceptances: related("acceptance", "created_at", true)?,
                look_backs: related("look_back", "due_on", true)?,
                escalations: related("escalation", "due_on", true)?,
                stage_goals: related("stage_goal", "due_on", false)?,
                steps: allowed_steps(&context, &situation, &person),
                acts: self.acts(caller, &finding, &extensions),
                extensions,
                undo,
                latest_new_deadline: latest_new_deadline(&situation, context.today()),
                names: BTreeMap::new(),
                history: self.readable_history(caller, &finding, history),
                finding: self.shown(caller, finding),
            };
            page.measures.sort_by_key(|measure| measure.get("position").as_integer());
            if page.acts.contains(&FindingAct::EditMeasures) {
                page.other_measures = self.other_measures(reader, caller, &page)?;
            }
            page.evidence.sort_by_key(|evidence| std::cmp::Reverse(evidence.created_at));
            page.names = names_on(reader, &page)?;
            Ok(page)
        })
    }

    /// The word for a finding's state.
    #[must_use]
    pub fn state_label(&self, finding: &Record) -> Message {
        let name = finding.state.as_deref().unwrap_or_default();
        let state = self.finding_flow().ok().and_then(|flow| flow.state(name));
        state.map_or_else(|| Message::new(name, name), |state| state.label.clone())
    }

    fn readable_history(
        &self,
        caller: &Caller,
        finding: &Record,
        mut history: Vec<Version>,
    ) -> Vec<Version> {
        if !self.may(caller, finding, Action::History) {
            return Vec::new();
        }
        history.reverse();
        self.sight(caller, FINDING, Action::History).versions(finding, history)
    }

    fn related(
        &self,
        reader: &Reader<'_>,
        caller: &Caller,
        finding: &Record,
        ledger: &str,
        sort: &str,
        is_descending: bool,
    ) -> Result<Vec<Record>, ServiceError> {
        if !self.may_beside(caller, finding, ledger, Action::Read) {
            return Ok(Vec::new());
        }
        let query = Query::new(ledger)
            .filter(Filter::eq("finding", &finding.id))
            .sort(sort, is_descending)
            .limit(RELATED_MAX);
        Ok(self.all_shown(caller, reader.list(&query)?.records))
    }

    fn other_measures(
        &self,
        reader: &Reader<'_>,
        caller: &Caller,
        page: &FindingPage,
    ) -> Result<Vec<Record>, ServiceError> {
        let Some(inspection) = page.finding.reference("inspection") else {
            return Ok(Vec::new());
        };
        let Some(rights) = self.read_filter(caller, "measure", Action::Read) else {
            return Ok(Vec::new());
        };
        let query = Query::new("measure")
            .filter(rights.and(Filter::eq("inspection", inspection)))
            .sort("position", false)
            .limit(RELATED_MAX);
        let mut others = reader.list(&query)?.records;
        others.retain(|other| page.measures.iter().all(|own| own.id != other.id));
        Ok(self.all_shown(caller, others))
    }

    fn tied(
        &self,
        reader: &Reader<'_>,
        caller: &Caller,
        finding: &Record,
        relation: &str,
        ledger: &str,
    ) -> Result<Vec<Record>, ServiceError> {
        if !self.may_beside(caller, finding, ledger, Action::Read) {
            return Ok(Vec::new());
        }
        let ids = reader.linked(FINDING, relation, &finding.id)?;
        Ok(self.many_shown(reader, caller, ledger, &ids)?.into_values().collect())
    }

    /// The record behind a reference. The inspection is shown to everybody who sees the finding,
    /// another finding only to those who may read it.
    fn other(
        &self,
        reader: &Reader<'_>,
        caller: &Caller,
        finding: &Record,
        field: &str,
        ledger: &str,
    ) -> Result<Option<Record>, ServiceError> {
        let Some(id) = finding.reference(field) else { return Ok(None) };
        let record = reader.get(ledger, id)?;
        let is_open = ledger != FINDING && self.may_beside(caller, finding, ledger, Action::Read);
        let record = record.filter(|record| is_open || self.may(caller, record, Action::Read));
        Ok(record.map(|record| self.shown(caller, record)))
    }

    fn acts(&self, caller: &Caller, finding: &Record, extensions: &[Record]) -> Vec<FindingAct> {
        let in_hand = self.require_in_hand(finding, "W0132").is_ok();
        let plans = self.holds_step_role(caller, finding, "plan");
        let creates = |ledger: &str| self.may_beside(caller, finding, ledger, Action::Create);
        let updates = |ledger: &str| self.may_beside(caller, finding, ledger, Action::Update);
        let is_running = in_hand || !finding.get("submitted_on").is_empty();
        let is_ended = !finding.get("closed_on").is_empty() || !is_running;
        let pending = extensions.iter().any(|request| {
            request.text("decision") == "pending"
                && request.reference("asked_by") != Some(&caller.user)
        });
        let waits_for_upper = !in_hand
            && !is_ended
            && is_upper(finding)
            && finding.get("upper_consent_on").is_empty();
        let closes = self.holds_step_role(caller, finding, "close");
        let judges = self.holds_step_role(caller, finding, "accept")
            && !responsible_persons(finding).contains(&caller.user);
        let table = [
            (FindingAct::Edit, !is_ended && self.may_edit_finding(caller, finding)),
            (FindingAct::Assign, plans && !is_ended),
            (
                FindingAct::ExtendToPeers,
                plans && !is_ended && finding.get("parent").is_empty() && creates(FINDING),
            ),
            (FindingAct::EditMeasures, in_hand && creates("measure")),
            (FindingAct::LogProgress, in_hand && creates("progress")),
            (FindingAct::AddEvidence, (in_hand || (judges && !is_ended)) && creates("evidence")),
            (FindingAct::AddStageGoal, in_hand && creates("stage_goal")),
            (FindingAct::ReachStageGoal, in_hand && updates("stage_goal")),
            (
                FindingAct::RequestExtension,
                in_hand
                    && !pending
                    && creates("extension")
                    && !finding.get("deadline_on").is_empty(),
            ),
            (FindingAct::DecideExtension, plans && updates("extension") && pending),
            (FindingAct::UpperConsent, waits_for_upper && (plans || closes)),
            (FindingAct::Remind, plans && !is_ended),
        ];
        table.into_iter().filter(|(_, is_open)| *is_open).map(|(act, _)| act).collect()
    }
}

/// Names of all units and people that the page mentions, in two queries.
fn names_on(
    reader: &Reader<'_>,
    page: &FindingPage,
) -> Result<BTreeMap<RecordId, String>, ServiceError> {
    let mut units: BTreeSet<RecordId> = responsible_units(&page.finding).into_iter().collect();
    let mut people = BTreeSet::new();
    let lists = [
        &page.progress,
        &page.acceptances,
        &page.look_backs,
        &page.extensions,
        &page.escalations,
        &page.evidence,
        &page.measures,
    ];
    let others = lists.into_iter().flatten().chain(&page.inspection);
    for record in others.chain([&page.finding]) {
        people.extend(record.created_by.clone());
        people.extend(record.updated_by.clone());
        for value in record.values.values() {
            people.extend(value.as_reference().cloned());
        }
        units.extend(record.reference("lead_unit").cloned());
    }
    people.extend(page.history.iter().filter_map(|version| version.by.clone()));
    let mut found = names(reader, "unit", units.into_iter())?;
    found.extend(names(reader, "user", people.into_iter())?);
    Ok(found)
}
