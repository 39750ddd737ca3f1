//! From a finding of the service to the content of its page.

use super::model::{
    ChildRow, EscalationRow, GoalRow, HistoryRow, IssueChoices, IssueRights, IssueValues,
    IssueView, MeasureRow, PendingExtension, StepOffer,
};
use crate::app::{Lists, code_options, moment, sentence, value_words};
use crate::components::{Choice, Compared, FileRow, TimelineEntry};
use crate::frame::Frame;
use crate::pages::ledger::state_tone;
use crate::pages::record_words::act_words;
use crate::text::{Text, common, issue as t, verb};
use taizhang_codebook::StateKind;
use taizhang_flow::Ask;
use taizhang_service::Service;
use taizhang_service::work::{FindingAct, FindingPage};
use taizhang_store::{Record, Version};
use taizhang_values::{RecordId, Value, parse_date};

/// Fields whose changes say nothing to people.
const SILENT_FIELDS: [&str; 3] = ["keywords", "span_start", "span_end"];

/// Makes the content of one page.
pub(crate) struct Loader<'a> {
    pub(crate) service: &'a Service,
    pub(crate) frame: &'a Frame,
    pub(crate) lists: &'a Lists,
    pub(crate) page: &'a FindingPage,
}

impl Loader<'_> {
    fn words(&self, field: &str) -> String {
        let record = &self.page.finding;
        self.value(record, field)
    }

    fn value(&self, record: &Record, field: &str) -> String {
        match record.get(field) {
            Value::Reference(id) => self.name(Some(id)),
            Value::List(items) => {
                let named = items.iter().map(|item| match RecordId::parse(item) {
                    Some(id) => self.name(Some(&id)),
                    None => item.clone(),
                });
                named.collect::<Vec<_>>().join(self.frame.t(common::LIST))
            }
            value => value_words(
                self.service.codebook(),
                &record.ledger,
                field,
                value,
                self.frame.language,
            ),
        }
    }

    fn name(&self, id: Option<&RecordId>) -> String {
        let Some(id) = id else { return String::new() };
        let known = self.page.names.get(id).cloned();
        known.unwrap_or_else(|| self.lists.unit_name(Some(id)))
    }

    fn fact(&self, label: Text, value: String) -> (String, String) {
        (self.frame.t(label).to_owned(), value)
    }

    /// The content of the page.
    pub(crate) fn view(&self) -> IssueView {
        let (page, record) = (self.page, &self.page.finding);
        let text = |field: &str| record.text(field).to_owned();
        let address = |id: &RecordId| format!("/issues/{id}");
        let inspection = page.inspection.as_ref();
        IssueView {
            id: record.id.to_string(),
            version: record.version,
            number: text("number"),
            title: text("title"),
            problem: text("problem"),
            light: page.light.into(),
            state: page.state.text(self.frame.language).to_owned(),
            state_tone: state_tone(self.service, record.state.as_deref()),
            criterion: None,
            hints: Vec::new(),
            last_edit: String::new(),
            problem_facts: self.problem_facts(),
            duty_facts: self.duty_facts(),
            contacts: self.contacts(),
            time_facts: self.time_facts(),
            percent: record.get("percent").as_integer().unwrap_or(0),
            return_count: record.get("return_count").as_integer().unwrap_or(0),
            reopened_count: record.get("reopened_count").as_integer().unwrap_or(0),
            parent: page.parent.as_ref().map(|p| (p.text("number").to_owned(), address(&p.id))),
            inspection: inspection
                .map(|i| (i.text("title").to_owned(), format!("/inspections/{}", i.id))),
            source_sentence: text("source_sentence"),
            source_address: None,
            cause: text("cause"),
            self_check: text("self_check"),
            result: text("result"),
            is_upper: record.text("source_level") == "upper",
            measures: self.measures(),
            progress: self.progress(),
            evidence: self.evidence(),
            approvals: self.approvals(),
            pending: self.pending(),
            goals: self.goals(),
            children: self.children(),
            open_children: self.open_children(),
            escalations: self.escalations(),
            look_backs: self.look_backs(),
            history: page.history.iter().map(|version| self.version(version)).collect(),
            steps: self.steps(),
            may_undo: page.undo.is_some(),
            rights: self.rights(),
            choices: self.choices(),
            values: self.start_values(),
        }
    }

    fn problem_facts(&self) -> Vec<(String, String)> {
        vec![
            self.fact(t::REGION, self.lists.region_name(self.page.finding.region.as_ref())),
            self.fact(t::CATEGORY, self.words("category")),
            self.fact(t::TOPIC, self.words("topic")),
            self.fact(t::SCOPE, self.words("scope_kind")),
            self.fact(t::FACT_SOURCE, self.words("source_kind")),
            self.fact(t::EXISTS_HERE, self.words("exists_here")),
        ]
    }

    fn duty_facts(&self) -> Vec<(String, String)> {
        let both = |field: &str, written: &str| {
            let written = self.page.finding.get(written).as_list();
            let written = written.join(self.frame.t(common::LIST));
            match (self.words(field), written) {
                (named, written) if written.is_empty() || named == written => named,
                (named, written) => {
                    let note = self.frame.with(t::AS_WRITTEN, &[&written]);
                    if named.is_empty() {
                        note
                    } else {
                        self.frame.with(common::ASIDE, &[&named, &note])
                    }
                }
            }
        };
        vec![
            self.fact(t::LEAD_UNIT, self.words("lead_unit")),
            self.fact(t::UNITS, self.words("responsible_units")),
            self.fact(t::LEADERS, both("leader", "responsible_leaders")),
            self.fact(t::PERSONS, both("person", "responsible_persons")),
        ]
    }

    /// Cards of leader and person, as far as the reader sees their accounts.
    fn contacts(&self) -> Vec<(String, String)> {
        let ids = ["leader", "person"].map(|field| self.page.finding.reference(field));
        let mut contacts: Vec<(String, String)> = ids
            .into_iter()
            .flatten()
            .filter_map(|id| self.lists.people.iter().find(|choice| choice.id == id.as_str()))
            .map(|choice| (choice.name.clone(), format!("/users/{}", choice.id)))
            .collect();
        contacts.dedup();
        contacts
    }

    fn time_facts(&self) -> Vec<(String, String)> {
        let (deadline, original) = (self.words("deadline_on"), self.words("original_deadline_on"));
        let raw = self.words("deadline_raw");
        let says_more = parse_date(&raw).map(|date| date.to_string()).as_ref() != Some(&deadline);
        let written = if !raw.is_empty() && says_more {
            self.frame.with(t::AS_WRITTEN, &[&raw])
        } else {
            String::new()
        };
        let shown = [deadline.as_str(), written.as_str()];
        let shown = shown.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        let moved = if original == deadline { String::new() } else { original.clone() };
        vec![
            self.fact(t::DEADLINE, shown.join(" · ")),
            self.fact(t::DEADLINE_ORIGINAL, moved),
            self.fact(t::DUE, self.words("due_on")),
            self.fact(t::SINCE, self.words("state_since")),
            self.fact(t::CLOSED_ON, self.words("closed_on")),
            self.fact(t::LOOK_BACK_ON, self.words("look_back_on")),
            self.fact(t::CONSENT_PAPER, self.words("upper_consent_paper")),
        ]
    }

    fn measures(&self) -> Vec<MeasureRow> {
        let row = |measure: &Record| MeasureRow {
            id: measure.id.to_string(),
            version: measure.version,
            text: measure.text("text").to_owned(),
            origin: self.value(measure, "origin"),
        };
        self.page.measures.iter().map(row).collect()
    }

    fn by(&self, record: &Record, field: &str) -> String {
        self.name(record.reference(field).or(record.created_by.as_ref()))
    }

    fn progress(&self) -> Vec<TimelineEntry> {
        let entry = |record: &Record| {
            let percent = self.value(record, "percent");
            let by = self.by(record, "by");
            TimelineEntry {
                when: self.value(record, "on"),
                what: record.text("text").to_owned(),
                by: if percent.is_empty() { by } else { format!("{by} · {percent}") },
                ..TimelineEntry::default()
            }
        };
        self.page.progress.iter().map(entry).collect()
    }

    fn evidence(&self) -> Vec<FileRow> {
        let row = |record: &Record| {
            let dated = self.value(record, "dated_on");
            let is_backdated = record.get("is_backdated").as_boolean() == Some(true);
            FileRow {
                name: record.text("file_name").to_owned(),
                address: format!("/evidence/{}", record.id),
                size_bytes: record
                    .get("size_bytes")
                    .as_integer()
                    .and_then(|size| u64::try_from(size).ok())
                    .unwrap_or(0),
                hash: record.text("file").to_owned(),
                when: if dated.is_empty() { moment(record.created_at) } else { dated },
                by: self.name(record.created_by.as_ref()),
                note: record.text("description").to_owned(),
                mark: is_backdated.then(|| ("y", self.frame.t(t::EVIDENCE_BACKDATED).to_owned())),
            }
        };
        self.page.evidence.iter().map(row).collect()
    }

    fn approvals(&self) -> Vec<TimelineEntry> {
        let acceptance = |record: &Record| {
            let is_passed = record.text("result") == "passed";
            let sample = self.frame.with(
                t::SAMPLE_LINE,
                &[&self.value(record, "sample_size"), &self.value(record, "sample_failed")],
            );
            let words = [record.text("sample"), &sample, record.text("opinion")];
            let words = words.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
            TimelineEntry {
                when: self.value(record, "on"),
                what: self.frame.with(t::ACCEPTANCE, &[&self.value(record, "result")]),
                by: format!(
                    "{} · {}",
                    self.by(record, "by"),
                    words.join(self.frame.t(common::CLAUSES))
                ),
                tone: if is_passed { "g" } else { "r" },
                more: None,
            }
        };
        let extension = |record: &Record| TimelineEntry {
            when: self.value(record, "decided_on"),
            what: self.frame.with(
                t::EXTENSION,
                &[&self.value(record, "new_deadline_on"), &self.value(record, "decision")],
            ),
            by: format!(
                "{} · {} {}",
                self.name(record.reference("decided_by")),
                record.text("reason"),
                record.text("decision_note")
            ),
            tone: "y",
            more: None,
        };
        let decided = |record: &&Record| record.text("decision") != "pending";
        let extensions = self.page.extensions.iter().filter(decided).map(extension);
        self.page.acceptances.iter().map(acceptance).chain(extensions).collect()
    }

    fn pending(&self) -> Vec<PendingExtension> {
        let row = |record: &Record| PendingExtension {
            id: record.id.to_string(),
            version: record.version,
            new_deadline_on: self.value(record, "new_deadline_on"),
            reason: record.text("reason").to_owned(),
            may_decide: self.page.acts.contains(&FindingAct::DecideExtension),
        };
        let waits = |record: &&Record| record.text("decision") == "pending";
        self.page.extensions.iter().filter(waits).map(row).collect()
    }

    fn goals(&self) -> Vec<GoalRow> {
        let row = |record: &Record| GoalRow {
            id: record.id.to_string(),
            version: record.version,
            goal: record.text("goal").to_owned(),
            due_on: self.value(record, "due_on"),
            done_on: self.value(record, "done_on"),
        };
        self.page.stage_goals.iter().map(row).collect()
    }

    fn children(&self) -> Vec<ChildRow> {
        self.page
            .children
            .iter()
            .map(|row| ChildRow {
                id: row.record.id.to_string(),
                number: row.record.text("number").to_owned(),
                region: self.lists.region_name(row.record.region.as_ref()),
                answer: self.value(&row.record, "exists_here"),
                light: row.light.into(),
                state: self.service.state_label(&row.record).text(self.frame.language).to_owned(),
            })
            .collect()
    }

    fn open_children(&self) -> usize {
        use taizhang_flow::LightKind;
        let ended = |kind| matches!(kind, LightKind::Closed | LightKind::Void);
        self.page.children.iter().filter(|row| !ended(row.light.kind)).count()
    }

    fn escalations(&self) -> Vec<EscalationRow> {
        let row = |record: &Record| EscalationRow {
            id: record.id.to_string(),
            version: record.version,
            form: self.value(record, "form"),
            days_late: record.get("days_late").as_integer().unwrap_or(0),
            is_done: record.get("is_done").as_boolean() == Some(true),
            paper_number: record.text("paper_number").to_owned(),
            done_on: self.value(record, "done_on"),
        };
        self.page.escalations.iter().map(row).collect()
    }

    fn look_backs(&self) -> Vec<TimelineEntry> {
        let entry = |record: &Record| {
            let done = self.value(record, "on");
            let is_done = !done.is_empty();
            TimelineEntry {
                when: if is_done { done } else { self.value(record, "due_on") },
                what: if is_done {
                    self.value(record, "result")
                } else {
                    self.frame.t(t::LOOK_BACK_WAITS).to_owned()
                },
                by: record.text("note").to_owned(),
                tone: if record.text("result") == "recurred" { "r" } else { "g" },
                more: None,
            }
        };
        self.page.look_backs.iter().map(entry).collect()
    }

    fn version(&self, version: &Version) -> HistoryRow {
        let label = |field: &str| {
            self.service
                .codebook()
                .field("finding", field)
                .map_or(field.to_owned(), |f| f.label.text(self.frame.language).to_owned())
        };
        let words = |field: &str, value: &Value| match value {
            Value::Reference(id) => self.name(Some(id)),
            value => {
                value_words(self.service.codebook(), "finding", field, value, self.frame.language)
            }
        };
        let changes = version
            .changed
            .iter()
            .filter(|(field, ..)| version.version > 1 && !SILENT_FIELDS.contains(&field.as_str()));
        HistoryRow {
            at: moment(version.at),
            by: self.name(version.by.as_ref()),
            verb: self.verb(&version.verb),
            reason: version.reason.clone().unwrap_or_default(),
            changes: changes
                .map(|(field, old, new)| Compared {
                    field: label(field),
                    old: words(field, old),
                    new: words(field, new),
                })
                .collect(),
        }
    }

    /// `finding.submit` in words.
    fn verb(&self, act: &str) -> String {
        // What somebody wrote into the register touches a finding by its rules alone.
        let is_other = verb::words(act).is_none() && !act.starts_with("finding.");
        if is_other && verb::on_record(act).is_some() {
            return self.frame.t(verb::DOUBT_JUDGE).to_owned();
        }
        act_words(self.service, self.frame, act)
    }

    /// Steps that the reader may take, and those that only miss something he can bring. A step
    /// that is somebody else's is not shown.
    fn steps(&self) -> Vec<StepOffer> {
        let language = self.frame.language;
        let is_his = |code: &str| code.starts_with("F02") || code.starts_with("F03");
        let mut offers = Vec::new();
        for offer in &self.page.steps {
            if !offer.refusals.iter().all(|refusal| is_his(&refusal.code)) {
                continue;
            }
            let limit = offer.asks.iter().find_map(|ask| match ask {
                Ask::NewDeadline(limit) => Some(limit.map(|d| d.to_string()).unwrap_or_default()),
                _ => None,
            });
            let missing =
                offer.refusals.iter().map(|r| sentence(r.message.text(language), language));
            offers.push(StepOffer {
                step: offer.step.clone(),
                label: offer.label.text(language).to_owned(),
                missing: missing.collect(),
                needs_reason: offer.asks.contains(&Ask::Reason),
                new_deadline: limit,
                is_primary: false,
            });
        }
        let onward = offers.iter().position(|offer: &StepOffer| self.leads_onward(&offer.step));
        if let Some(offer) = onward.and_then(|place| offers.get_mut(place)) {
            offer.is_primary = true;
        }
        offers
    }

    /// True for steps towards the end, not to the side or back.
    fn leads_onward(&self, step: &str) -> bool {
        let flow = self.service.codebook().flows.get("rectification");
        flow.and_then(|flow| Some((flow, flow.step(step)?))).is_some_and(|(flow, step)| {
            let kind = flow.state(&step.to).map(|state| state.kind);
            let is_aside = matches!(kind, Some(StateKind::LongTerm | StateKind::Void));
            !is_aside && !step.counts_return
        })
    }

    fn rights(&self) -> IssueRights {
        let may = |act: FindingAct| self.page.acts.contains(&act);
        let caller_roles = !self.page.escalations.is_empty();
        IssueRights {
            edit: may(FindingAct::Edit),
            assign: may(FindingAct::Assign),
            measures: may(FindingAct::EditMeasures),
            progress: may(FindingAct::LogProgress),
            evidence: may(FindingAct::AddEvidence),
            goals: may(FindingAct::AddStageGoal),
            reach_goals: may(FindingAct::ReachStageGoal),
            ask_extension: may(FindingAct::RequestExtension),
            extend_to_peers: may(FindingAct::ExtendToPeers),
            consent: may(FindingAct::UpperConsent),
            remind: may(FindingAct::Remind),
            supervise: caller_roles,
        }
    }

    fn choices(&self) -> IssueChoices {
        let responsible = self.page.finding.get("responsible_units").as_list();
        let pick = |choice: &Choice| Choice {
            is_picked: responsible.contains(&choice.id),
            ..choice.clone()
        };
        let own = self.page.finding.region.as_ref().map(|region| region.to_string());
        let asked = |id: &str| {
            let mut taken = self.page.children.iter().filter_map(|row| row.record.region.as_ref());
            taken.any(|region| region.as_str() == id)
        };
        let peers = self.lists.regions.iter().filter(|region| {
            region.id.len() >= 9 && Some(&region.id) != own.as_ref() && !asked(&region.id)
        });
        let measure = |record: &Record| Choice {
            id: record.id.to_string(),
            name: record.text("text").to_owned(),
            ..Choice::default()
        };
        let file = |record: &Record| (record.id.to_string(), record.text("file_name").to_owned());
        IssueChoices {
            units: self.lists.units.iter().map(pick).collect(),
            people: self.lists.people.clone(),
            regions: peers.cloned().collect(),
            measures: self.page.other_measures.iter().map(measure).collect(),
            files: self.page.evidence.iter().map(file).collect(),
            evidence_kinds: code_options(
                self.service.codebook(),
                "evidence_kind",
                self.frame.language,
            ),
            siblings: Vec::new(),
        }
    }

    fn start_values(&self) -> IssueValues {
        let record = &self.page.finding;
        let id = |field: &str| record.reference(field).map(|id| id.to_string()).unwrap_or_default();
        let date = |field: &str| record.get(field).to_string();
        IssueValues {
            lead_unit: id("lead_unit"),
            leader: id("leader"),
            person: id("person"),
            deadline_on: date("deadline_on"),
            is_long_term: record.get("is_long_term").as_boolean() == Some(true),
            upper_consent_paper: record.text("upper_consent_paper").to_owned(),
            upper_consent_on: date("upper_consent_on"),
        }
    }
}
