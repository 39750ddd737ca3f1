//! The work queue: what is due for the person who signs in.

use super::FINDING;
use super::ledger_list::{LedgerRow, due_between};
use crate::{Caller, HeldGrant, Service, ServiceError};
use jiff::Span;
use std::collections::BTreeSet;
use taizhang_codebook::{AccessScope, Action, StateKind, Step};
use taizhang_store::{Filter, Query, Reader, Record};
use taizhang_values::{Date, Value};

/// Rows of a section on the queue page; the rest stands in the ledger.
const ROWS_MAX: usize = 50;
/// Tasks of one kind that are listed.
const TASKS_MAX: usize = 50;
/// Days of the section "7 days".
const WEEK_DAYS: i64 = 7;

/// Sections of the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum QueueSection {
    /// My running rows whose date is today.
    #[default]
    DueToday,
    /// My running rows whose date is over.
    Overdue,
    /// My running rows due from tomorrow on within seven days.
    Week,
    /// Rows that wait for my judgement.
    ToApprove,
    /// Running rows that I made.
    Started,
    /// All my running rows.
    All,
}

impl QueueSection {
    /// All sections in their order.
    pub const ALL: [Self; 6] =
        [Self::DueToday, Self::Overdue, Self::Week, Self::ToApprove, Self::Started, Self::All];

    /// Name in addresses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DueToday => "today",
            Self::Overdue => "overdue",
            Self::Week => "week",
            Self::ToApprove => "approve",
            Self::Started => "started",
            Self::All => "all",
        }
    }

    /// The section of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|section| section.name() == name)
    }
}

/// Numbers of rows by section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueCounts {
    /// Due today.
    pub due_today: u64,
    /// Overdue.
    pub overdue: u64,
    /// Due within seven days, without today.
    pub week: u64,
    /// To approve.
    pub to_approve: u64,
    /// Started by me.
    pub started: u64,
    /// All of mine.
    pub all: u64,
}

impl QueueCounts {
    /// The number of a section.
    #[must_use]
    pub const fn of(&self, section: QueueSection) -> u64 {
        match section {
            QueueSection::DueToday => self.due_today,
            QueueSection::Overdue => self.overdue,
            QueueSection::Week => self.week,
            QueueSection::ToApprove => self.to_approve,
            QueueSection::Started => self.started,
            QueueSection::All => self.all,
        }
    }
}

/// Something to do that is not a finding of its own: a decision, a paper, a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Ledger of the record: `extension`, `escalation` or `look_back`.
    pub ledger: String,
    /// The record to act on.
    pub record: Record,
    /// The finding behind it, if it may be read.
    pub finding: Option<Record>,
}

/// The queue of one person.
#[derive(Clone, Debug)]
pub struct Queue {
    /// Section shown.
    pub section: QueueSection,
    /// Counts of all sections.
    pub counts: QueueCounts,
    /// First rows of the section, most urgent first.
    pub rows: Vec<LedgerRow>,
    /// Extension requests to decide, escalations to carry out, look-backs to make.
    pub tasks: Vec<Task>,
    /// Greatest number of days left that shows as near.
    pub near_days: i64,
}

impl Service {
    /// The caller's queue. Rights are part of every query.
    ///
    /// # Errors
    /// `Denied` if the caller may read no finding at all.
    pub fn queue(&self, caller: &Caller, section: QueueSection) -> Result<Queue, ServiceError> {
        let rights = self.finding_rights(caller)?;
        let mine = self.mine(caller)?.map(|part| rights.clone().and(part));
        let to_approve = rights.clone().and(self.to_approve(caller)?);
        let running = [StateKind::Open, StateKind::Waiting, StateKind::LongTerm];
        let running = Filter::In("state".to_owned(), self.states_of(&running)?);
        let started = rights.and(running).and(Filter::eq("created_by", &caller.user));
        let near_days = self.near_days();
        self.store.read(|reader| {
            let counts = self.queue_counts(reader, &mine, &to_approve, &started)?;
            let filter = match section {
                QueueSection::ToApprove => to_approve,
                QueueSection::Started => started,
                _ => Filter::Or(mine.to_vec()).and(due_filter(section, self.today())),
            };
            let query = Query::new(FINDING).filter(filter).sort("due_on", false).limit(ROWS_MAX);
            let records = self.all_shown(caller, reader.list(&query)?.records);
            Ok(Queue {
                section,
                counts,
                rows: self.rows(reader, records, near_days)?,
                tasks: self.tasks(reader, caller)?,
                near_days,
            })
        })
    }

    /// The counts of all sections.
    fn queue_counts(
        &self,
        reader: &Reader<'_>,
        mine: &[Filter; 3],
        to_approve: &Filter,
        started: &Filter,
    ) -> Result<QueueCounts, ServiceError> {
        let today = self.today();
        let question = format!("queue {today} {mine:?} {to_approve:?} {started:?}");
        let counts = self.counts.get(reader, question, || {
            let count = |filter: &Filter| reader.count(&Query::new(FINDING).filter(filter.clone()));
            let (approve, start) = (count(to_approve)?, count(started)?);
            let [due_today, overdue, week, all] = count_by_date(reader, mine, today)?;
            Ok(vec![due_today, overdue, week, approve, start, all])
        })?;
        let of = |place: usize| counts.get(place).copied().unwrap_or(0);
        Ok(QueueCounts {
            due_today: of(0),
            overdue: of(1),
            week: of(2),
            to_approve: of(3),
            started: of(4),
            all: of(5),
        })
    }

    /// The caller's rows in three parts that do not meet, so that each is found by an index of its
    /// own: running rows whose state stands in the queue of one of his roles over their region (for
    /// a role held for one unit, of that unit) or, in a region above, over the work of his unit;
    /// rows in hand of which he is the person; and those of which he is only the leader. A row that
    /// waits for somebody's judgement is not the task of those who handed it in.
    fn mine(&self, caller: &Caller) -> Result<[Filter; 3], ServiceError> {
        let flow = self.finding_flow()?;
        let mut owned = Vec::new();
        for grant in &caller.grants {
            let is_running = |kind| !matches!(kind, StateKind::Closed | StateKind::Void);
            let states = flow
                .states
                .iter()
                .filter(|state| is_running(state.kind) && state.owners.contains(&grant.role));
            let states: Vec<Value> = states.map(|state| Value::from(state.name.as_str())).collect();
            if states.is_empty() {
                continue;
            }
            let named = states.iter().filter(|state| self.works(grant, state)).cloned().collect();
            owned.push(self.within(grant).and(Filter::In("state".to_owned(), states)));
            if let Some(filter) = self.named_filter(caller, grant) {
                owned.push(filter.and(Filter::In("state".to_owned(), named)));
            }
        }
        let owned = Filter::Or(owned);
        let not = |filter: Filter| Filter::Not(Box::new(filter));
        let in_hand = self.states_of(&[StateKind::Open, StateKind::LongTerm])?;
        let in_hand = Filter::In("state".to_owned(), in_hand).and(not(owned.clone()));
        let person = Filter::eq("person", &caller.user);
        let leader = Filter::eq("leader", &caller.user);
        Ok([owned, person.clone().and(in_hand.clone()), leader.and(in_hand).and(not(person))])
    }

    /// True if the work itself leaves from a state, in the hands of a grant's role.
    fn works(&self, grant: &HeldGrant, state: &Value) -> bool {
        let leaves = |step: &Step| {
            step.is_work
                && step.roles.contains(&grant.role)
                && step.from.iter().any(|from| Some(from.as_str()) == state.as_text())
        };
        self.finding_flow().is_ok_and(|flow| flow.steps.iter().any(leaves))
    }

    /// Waiting rows that the caller may judge: by role, and not his own or his unit's.
    fn to_approve(&self, caller: &Caller) -> Result<Filter, ServiceError> {
        let flow = self.finding_flow()?;
        let mut parts = Vec::new();
        for grant in &caller.grants {
            let judges = |state: &str| {
                let leaves =
                    |step: &&Step| step.is_independent && step.from.iter().any(|s| s == state);
                flow.steps
                    .iter()
                    .filter(leaves)
                    .any(|step| !step.counts_return && step.roles.contains(&grant.role))
            };
            let waiting = flow.states.iter().filter(|state| state.kind == StateKind::Waiting);
            let states: Vec<Value> = waiting
                .filter(|state| judges(&state.name))
                .map(|state| Value::from(state.name.as_str()))
                .collect();
            if !states.is_empty() {
                parts.push(self.within(grant).and(Filter::In("state".to_owned(), states)));
            }
        }
        let not = |filter: Filter| Filter::Not(Box::new(filter));
        let mut filter = Filter::Or(parts)
            .and(not(Filter::eq("person", &caller.user)))
            .and(not(Filter::eq("leader", &caller.user)));
        for unit in caller.units() {
            let listed = Filter::ListHas("responsible_units".to_owned(), unit.to_string());
            filter = filter.and(not(listed));
        }
        Ok(filter)
    }

    /// The rows that a grant reaches. Its unit narrows only roles whose scope is the unit.
    fn within(&self, grant: &HeldGrant) -> Filter {
        let region = Filter::Under(grant.region.clone());
        let role = self.codebook().roles.get(&grant.role);
        let scope = role.and_then(|role| role.grants.get(FINDING)).map(|grant| grant.scope);
        match (&grant.unit, scope) {
            (Some(unit), Some(AccessScope::Unit)) => {
                let listed = Filter::ListHas("responsible_units".to_owned(), unit.to_string());
                region.and(Filter::Or(vec![Filter::eq("lead_unit", unit), listed]))
            }
            _ => region,
        }
    }

    /// Decisions, papers and visits that the caller's roles have to do.
    fn tasks(&self, reader: &Reader<'_>, caller: &Caller) -> Result<Vec<Task>, ServiceError> {
        let not_mine = Filter::Not(Box::new(Filter::eq("asked_by", &caller.user)));
        let pending = Filter::eq("decision", "pending").and(not_mine);
        let not_done = Filter::Not(Box::new(Filter::eq("is_done", true)));
        let escalations = not_done.and(Filter::In("form".to_owned(), self.forms_of(caller)?));
        let not_visited = Filter::IsEmpty("on".to_owned());
        let kinds = [
            ("extension", Action::Update, pending, "created_at"),
            ("escalation", Action::Update, escalations, "due_on"),
            ("look_back", Action::Create, not_visited, "due_on"),
        ];
        let mut tasks = Vec::new();
        for (ledger, action, filter, sort) in kinds {
            let Some(rights) = self.read_filter(caller, ledger, action) else { continue };
            let query =
                Query::new(ledger).filter(rights.and(filter)).sort(sort, false).limit(TASKS_MAX);
            let records = reader.list(&query)?.records;
            let ids: BTreeSet<_> =
                records.iter().filter_map(|record| record.reference("finding").cloned()).collect();
            let findings = reader.get_many(FINDING, &ids.into_iter().collect::<Vec<_>>())?;
            tasks.extend(records.into_iter().map(|record| {
                let finding = record.reference("finding").and_then(|id| findings.get(id));
                let finding = finding.filter(|finding| self.may(caller, finding, Action::Read));
                let finding = finding.map(|finding| self.shown(caller, finding.clone()));
                Task { ledger: ledger.to_owned(), finding, record: self.shown(caller, record) }
            }));
        }
        Ok(tasks)
    }

    /// Forms of the ladder that one of the caller's roles carries out.
    fn forms_of(&self, caller: &Caller) -> Result<Vec<Value>, ServiceError> {
        let holds = |role: &String| caller.grants.iter().any(|grant| grant.role == *role);
        let rungs = self.finding_flow()?.escalation.iter();
        let mine = rungs.filter(|rung| rung.roles.iter().any(holds));
        Ok(mine.map(|rung| Value::from(rung.form.as_str())).collect())
    }
}

/// Rows due today, overdue, due within the week, and all, over parts that do not meet.
fn count_by_date(
    reader: &Reader<'_>,
    parts: &[Filter],
    today: Date,
) -> Result<[u64; 4], ServiceError> {
    let week_end = week_end(today);
    let (mut due_today, mut overdue, mut week, mut all) = (0, 0, 0, 0);
    for part in parts {
        let query = Query::new(FINDING).filter(part.clone());
        for (due_on, number) in reader.count_by(&query, "due_on")? {
            all += number;
            match due_on.as_date() {
                Some(due_on) if due_on < today => overdue += number,
                Some(due_on) if due_on == today => due_today += number,
                Some(due_on) if due_on <= week_end => week += number,
                _ => {}
            }
        }
    }
    Ok([due_today, overdue, week, all])
}

fn week_end(today: Date) -> Date {
    today.saturating_add(Span::new().days(WEEK_DAYS))
}

fn due_filter(section: QueueSection, today: Date) -> Filter {
    match section {
        QueueSection::DueToday => due_between(today, today),
        QueueSection::Overdue => Filter::Less("due_on".to_owned(), today.into()),
        QueueSection::Week => {
            let tomorrow = today.saturating_add(Span::new().days(1));
            due_between(tomorrow, week_end(today))
        }
        QueueSection::ToApprove | QueueSection::Started | QueueSection::All => Filter::All,
    }
}
