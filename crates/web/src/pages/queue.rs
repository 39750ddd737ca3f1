//! `/`: the work queue. Everybody starts at what is due.

use crate::app::{Answer, AppState, Lists, Visit, WebError, moment, recent, see};
use crate::components::{
    Address, BatchAct, Column, CountTab, Empty, Light, Menu, PageHead, Paging, TimelineEntry,
    batch_bar, count_tabs, empty_state, first_page, light, page, page_head, paging, row_box,
    row_class, table_head, tag, timeline, wide_table,
};
use crate::frame::{Frame, grouped};
use crate::text::{Text, common, queue as t};
use axum::Router;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use maud::{Markup, html};
use std::collections::BTreeMap;
use taizhang_service::work::{LedgerRow as WorkRow, Queue, QueueSection, Task};
use taizhang_service::{Caller, Service, ServiceError};
use taizhang_store::{Filter, Record};
use taizhang_values::Date;

/// One task.
#[derive(Clone, Debug)]
pub(crate) struct QueueRow {
    pub(crate) id: String,
    pub(crate) address: String,
    pub(crate) light: Light,
    pub(crate) kind: String,
    pub(crate) title: String,
    pub(crate) facts: String,
    pub(crate) region: String,
    pub(crate) due: String,
    pub(crate) state: String,
    pub(crate) act: String,
    pub(crate) is_mine: bool,
}

/// The page's content.
#[derive(Clone, Debug)]
pub(crate) struct QueueView {
    pub(crate) due_today: u64,
    pub(crate) overdue: u64,
    pub(crate) tabs: Vec<CountTab>,
    pub(crate) address: Address,
    pub(crate) rows: Vec<QueueRow>,
    pub(crate) paging: Paging,
    pub(crate) agenda: Vec<TimelineEntry>,
    pub(crate) letters: Vec<(String, String, String)>,
    pub(crate) reminders: Vec<(String, String, String)>,
    /// What the register asks: words, address, count.
    pub(crate) register: Vec<(String, String, String)>,
    /// What the reader opened last.
    pub(crate) resume: Vec<(String, String, String)>,
    pub(crate) may_register: bool,
}

/// The page.
pub(crate) fn view(frame: &Frame, queue: &QueueView) -> Markup {
    let name = frame.viewer.as_ref().map_or("", |viewer| viewer.name.as_str());
    let body = html! {
        (page_head(frame, &PageHead {
            title: frame.t(t::TITLE),
            facts: Some(html! {
                (frame.with(t::GREETING, &[&name, &queue.due_today, &queue.overdue]))
            }),
            acts: Some(html! {
                a.btn.hide-m href="/issues" { (frame.t(t::TO_LEDGER)) }
                @if queue.may_register {
                    a.btn.p href="/letters/new" { (frame.t(t::NEW_LETTER)) }
                }
            }),
            ..PageHead::default()
        }))
        div.grid.wq {
            section #list aria-label=(frame.t(t::TITLE)) { (list(frame, queue)) }
            (aside(frame, queue))
        }
    };
    page(frame, frame.t(t::TITLE), Menu::Queue, &body)
}

fn list(frame: &Frame, queue: &QueueView) -> Markup {
    html! {
        (count_tabs(frame.t(t::TABS), &queue.tabs))
        @if queue.rows.is_empty() {
            @if queue.may_register && queue.tabs.iter().all(|tab| tab.count == Some(0)) {
                (empty_state(frame, &Empty::Nothing {
                    help: frame.t(t::START_HELP),
                    first: Some((frame.t(t::NEW_LETTER), "/letters/new")),
                }))
            } @else { (empty_state(frame, &Empty::AllDone)) }
        } @else {
            (batch_bar(frame, "/issues/batch", &[
                BatchAct { act: "remind",
                    words: frame.t(crate::text::ledger::ACT_REMIND).to_owned(),
                    ..BatchAct::default() },
                BatchAct { act: "assign",
                    words: frame.t(crate::text::ledger::ACT_ASSIGN).to_owned(),
                    ..BatchAct::default() },
            ]))
            (wide_table(frame.t(t::LIST), "bare", "cards", &head(frame, queue), &html! {
                @for row in &queue.rows { (task(frame, row)) }
            }))
            (paging(frame, &queue.paging))
        }
    }
}

fn head(frame: &Frame, queue: &QueueView) -> Markup {
    let columns = [
        (t::HEAD_LIGHT, ""),
        (t::HEAD_KIND, ""),
        (t::HEAD_MATTER, ""),
        (t::HEAD_REGION, ""),
        (t::HEAD_DUE, ""),
        (t::HEAD_STATE, "x-elder"),
        (t::HEAD_ACT, ""),
    ]
    .map(|(words, class)| Column { words: frame.t(words).to_owned(), sort: None, class });
    table_head(frame, &queue.address, &columns, true)
}

fn task(frame: &Frame, row: &QueueRow) -> Markup {
    html! {
        tr class=(row_class(row.light)) {
            (row_box(frame, &row.id, &row.title))
            td.nw.inl { (light(frame, row.light)) }
            td.nw.inl { (tag("b", &row.kind)) }
            th.ttl scope="row" {
                a href=(row.address) data-open="" { (row.title) }
                span.sub2.x-elder { (row.facts) }
            }
            td.nw.inl data-l=(frame.t(t::HEAD_REGION)) { (row.region) }
            td.nw.inl data-l=(frame.t(t::HEAD_DUE)) { (row.due) }
            td.nw.hide-m.x-elder { (row.state) }
            td.nw.go {
                a class={ "btn s" @if row.is_mine { " p" } } href=(row.address) {
                    (row.act) span.vh { " " (row.title) }
                }
            }
        }
    }
}

fn aside(frame: &Frame, queue: &QueueView) -> Markup {
    let lists = [
        (t::LETTERS_OPEN, &queue.letters, "", "/letters/new"),
        (t::REMINDERS, &queue.reminders, frame.t(t::REMINDERS_EMPTY), "/notices"),
    ];
    html! {
        aside.stack {
            @if !queue.register.is_empty() {
                (side_list(frame, t::REGISTER, &queue.register, "", Some("/doubts")))
            }
            @if !queue.resume.is_empty() { (side_list(frame, t::RESUME, &queue.resume, "", None)) }
            section.card.x-elder {
                div.ch { h2 { (frame.t(t::AGENDA)) } }
                div.cb {
                    @if queue.agenda.is_empty() { p.muted { (frame.t(t::AGENDA_EMPTY)) } }
                    @else { (timeline(&queue.agenda)) }
                }
            }
            @for (title, rows, empty, more) in lists {
                @if !rows.is_empty() || !empty.is_empty() {
                    (side_list(frame, title, rows, empty, Some(more)))
                }
            }
        }
    }
}

/// A card of links beside the queue: words, address and note.
fn side_list(
    frame: &Frame,
    title: Text,
    rows: &[(String, String, String)],
    empty: &str,
    more: Option<&str>,
) -> Markup {
    html! {
        section.card {
            div.ch {
                h2 { (frame.t(title)) }
                @if let Some(more) = more {
                    span.m { a href=(more) { (frame.t(common::ALL_WORD)) } }
                }
            }
            div.cb {
                @if rows.is_empty() { p.muted { (empty) } }
                ul.lst {
                    @for (words, address, note) in rows {
                        li { a href=(address) { (words) } span.w { (note) } }
                    }
                }
            }
        }
    }
}

/// The route.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/", get(show))
}

async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Answer {
    let viewer = visit.frame.viewer.as_ref();
    if let Some(first) = viewer.filter(|who| !who.rights.findings).and_then(first_page) {
        return Ok(Redirect::to(first).into_response());
    }
    let section = query.get("tab").and_then(|name| QueueSection::parse(name));
    let caller = visit.caller.clone();
    let sees_doubts = viewer.is_some_and(|viewer| viewer.rights.doubts);
    let lists = state.lists(&caller).await?;
    let last = recent(&headers, &caller.user);
    let found = state
        .run(move |service| {
            let last = service.findings(&caller, &last)?;
            let queue = service.queue(&caller, section.unwrap_or(QueueSection::All))?;
            let letters = service.letters(&caller, None, LETTERS_READ)?.records;
            let asked = if sees_doubts { Asked::of(service, &caller)? } else { Asked::default() };
            Ok((queue, letters, service.unread_messages(&caller)?, last, asked))
        })
        .await;
    let (queue, letters, messages, last, asked) = match found {
        Ok(found) => found,
        // Administrators have no findings: they begin where their own work is.
        Err(WebError::Service(ServiceError::Denied { needed, granters })) => {
            let rights =
                visit.frame.viewer.as_ref().map(|viewer| viewer.rights).unwrap_or_default();
            return match (rights.users, rights.audit) {
                (true, _) => Ok(see("/users")),
                (_, true) => Ok(see("/audit")),
                _ => Err(ServiceError::Denied { needed, granters }.into()),
            };
        }
        Err(other) => return Err(other),
    };
    state.note_counts(&visit.caller.user, |counts| counts.queue = Some(queue.counts.all));
    let mut frame = visit.frame;
    if let Some(viewer) = &mut frame.viewer {
        viewer.counts.queue = Some(queue.counts.all);
    }
    let mut page = content(state.service(), &frame, &queue, &letters, &lists);
    page.reminders = reminders(state.service(), &frame, &messages);
    page.register = asked.lines(&frame);
    page.resume = last.iter().map(|finding| resume(state.service(), &frame, finding)).collect();
    Ok(view(&frame, &page).into_response())
}

/// What the register asks of somebody.
#[derive(Clone, Copy, Debug, Default)]
struct Asked {
    /// Doubts that wait for an answer, and those of them that are late.
    doubts: u64,
    late: u64,
    /// Answers and proposals that wait for his decision; none where he decides nothing.
    answers: u64,
    proposals: usize,
}

/// Proposals that are counted one by one.
const PROPOSALS_COUNTED: usize = 50;

impl Asked {
    fn of(service: &Service, caller: &Caller) -> Result<Self, ServiceError> {
        let of = |status: &str| Filter::eq("doubt_status", status);
        let mut asked =
            Self { doubts: service.count_doubts(caller, of("asked"))?, ..Self::default() };
        if asked.doubts > 0
            && let Ok(yesterday) = service.today().yesterday()
        {
            let late = of("asked").and(Filter::AtMost("due_on".to_owned(), yesterday.into()));
            asked.late = service.count_doubts(caller, late)?;
        }
        if service.may_decide(caller, caller.home_region()) {
            let answered = Filter::Or(vec![of("answered"), of("passed_on")]);
            asked.answers = service.count_doubts(caller, answered)?;
            let waiting = service.proposals(caller, true, None, PROPOSALS_COUNTED)?;
            asked.proposals = waiting.records.len();
        }
        Ok(asked)
    }

    fn lines(self, frame: &Frame) -> Vec<(String, String, String)> {
        let line = |words: Text, address: &str, note: String| {
            (frame.t(words).to_owned(), address.to_owned(), note)
        };
        let mut lines = Vec::new();
        if self.doubts > 0 {
            let count = grouped(self.doubts);
            let note = match self.late {
                0 => count,
                late => frame.with(t::COUNT_LATE, &[&count, &grouped(late)]),
            };
            lines.push(line(t::DOUBTS_ASKED, "/doubts", note));
        }
        if self.answers > 0 {
            lines.push(line(t::ANSWERS, "/doubts?tab=answered", grouped(self.answers)));
        }
        if self.proposals > 0 {
            let more = if self.proposals < PROPOSALS_COUNTED { "" } else { "+" };
            lines.push(line(t::PROPOSALS, "/proposals", format!("{}{more}", self.proposals)));
        }
        lines
    }
}

/// A finding opened before: words, address, state.
fn resume(service: &Service, frame: &Frame, finding: &Record) -> (String, String, String) {
    let words = format!("{} {}", finding.text("number"), finding.text("title"));
    let state = service.state_label(finding).text(frame.language).to_owned();
    (words, format!("/issues/{}", finding.id), state)
}

/// Messages shown beside the queue.
const REMINDERS_MAX: usize = 5;

/// Kind, address and date of the newest messages.
fn reminders(
    service: &Service,
    frame: &Frame,
    messages: &[Record],
) -> Vec<(String, String, String)> {
    let line = |message: &Record| {
        let kind = code_words(service, frame, "message_kind", message.text("kind"));
        let finding = message.reference("finding");
        let address = finding.map_or("/notices".to_owned(), |id| format!("/issues/{id}"));
        (kind, address, moment(message.created_at))
    };
    messages.iter().take(REMINDERS_MAX).map(line).collect()
}

/// Letters looked through for drafts.
const LETTERS_READ: usize = 20;
/// Entries of the agenda.
const AGENDA_MAX: usize = 6;

fn content(
    service: &Service,
    frame: &Frame,
    queue: &Queue,
    letters: &[Record],
    lists: &Lists,
) -> QueueView {
    let mut rows: Vec<QueueRow> = Vec::new();
    let mut agenda = Vec::new();
    if matches!(queue.section, QueueSection::All | QueueSection::ToApprove) {
        rows.extend(queue.tasks.iter().filter_map(|task| beside(service, frame, task, lists)));
    }
    for row in &queue.rows {
        let row = finding_row(service, frame, queue.section, row, lists);
        if agenda.len() < AGENDA_MAX && matches!(row.light, Light::Soon(_)) {
            let tone = if row.light == Light::Soon(0) { "r" } else { "" };
            let (when, what) = (row.due.clone(), row.title.clone());
            agenda.push(TimelineEntry { when, what, tone, ..TimelineEntry::default() });
        }
        rows.push(row);
    }
    let shown = u64::try_from(rows.len()).unwrap_or(0);
    let drafts = letters.iter().filter(|letter| letter.text("status") == "draft");
    let letters = drafts.map(|letter| {
        let title = Some(letter.text("title")).filter(|title| !title.is_empty());
        let title = title.unwrap_or_else(|| letter.text("file_name")).to_owned();
        let received = letter.get("received_on").to_string();
        (title, format!("/letters/{}", letter.id), received)
    });
    QueueView {
        due_today: queue.counts.due_today.saturating_add(queue.counts.overdue),
        overdue: queue.counts.overdue,
        tabs: tabs(frame, queue),
        address: Address::default(),
        paging: Paging {
            total: queue.counts.of(queue.section).max(shown),
            shown,
            ..Paging::default()
        },
        rows,
        agenda,
        letters: letters.collect(),
        reminders: Vec::new(),
        register: Vec::new(),
        resume: Vec::new(),
        may_register: frame.viewer.as_ref().is_some_and(|viewer| viewer.rights.letters),
    }
}

fn tabs(frame: &Frame, queue: &Queue) -> Vec<CountTab> {
    QueueSection::ALL
        .into_iter()
        .map(|section| {
            let words = match section {
                QueueSection::DueToday => t::TAB_TODAY,
                QueueSection::Overdue => t::TAB_OVERDUE,
                QueueSection::Week => t::TAB_WEEK,
                QueueSection::ToApprove => t::TAB_APPROVE,
                QueueSection::Started => t::TAB_STARTED,
                QueueSection::All => common::ALL_WORD,
            };
            CountTab {
                words: frame.t(words).to_owned(),
                count: Some(queue.counts.of(section)),
                address: format!("/?tab={}", section.name()),
                is_current: section == queue.section,
                light: None,
                is_alarm: matches!(section, QueueSection::DueToday | QueueSection::Overdue),
            }
        })
        .collect()
}

/// `11-17`: the year is told only on the finding's own page.
pub(crate) fn short_date(date: Option<Date>) -> String {
    date.map(|date| date.strftime("%m-%d").to_string()).unwrap_or_default()
}

fn finding_row(
    service: &Service,
    frame: &Frame,
    section: QueueSection,
    row: &WorkRow,
    lists: &Lists,
) -> QueueRow {
    let record = &row.record;
    let source = code_words(service, frame, "source_kind", record.text("source_kind"));
    let facts: Vec<String> = [source, row.lead_unit.clone().unwrap_or_default()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    let is_mine = section == QueueSection::ToApprove;
    let act = if is_mine { t::ACT_CHECK } else { t::ACT_WORK };
    QueueRow {
        id: record.id.to_string(),
        address: format!("/issues/{}", record.id),
        light: row.light.into(),
        kind: frame.t(t::KIND_FINDING).to_owned(),
        title: format!("{} {}", record.text("number"), record.text("title")),
        facts: facts.join(" · "),
        region: lists.region_name(record.region.as_ref()),
        due: short_date(record.get("due_on").as_date()),
        state: service.state_label(record).text(frame.language).to_owned(),
        act: frame.t(act).to_owned(),
        is_mine,
    }
}

pub(crate) fn code_words(service: &Service, frame: &Frame, list: &str, code: &str) -> String {
    let label = service.codebook().code_label(list, code);
    label.map_or_else(|| code.to_owned(), |label| label.text(frame.language).to_owned())
}

/// A decision, paper or visit that belongs to a finding.
fn beside(service: &Service, frame: &Frame, task: &Task, lists: &Lists) -> Option<QueueRow> {
    let finding = task.finding.as_ref()?;
    let (kind, act, place) = match task.ledger.as_str() {
        "extension" => (t::KIND_EXTENSION, t::ACT_DECIDE, "approvals"),
        "escalation" => (t::KIND_ESCALATION, t::ACT_CARRY_OUT, "escalations"),
        _ => (t::KIND_LOOK_BACK, t::ACT_VISIT, "approvals"),
    };
    let due = task.record.get("due_on").as_date();
    let days = due.map(|due| i64::from((due - service.today()).get_days()));
    Some(QueueRow {
        id: finding.id.to_string(),
        address: format!("/issues/{}#{place}", finding.id),
        light: days.map_or(Light::NoDate, |days| Light::of_days(days, 7)),
        kind: frame.t(kind).to_owned(),
        title: format!("{} {}", finding.text("number"), finding.text("title")),
        facts: code_words(service, frame, "escalation_form", task.record.text("form")),
        region: lists.region_name(finding.region.as_ref()),
        due: short_date(due),
        state: service.state_label(finding).text(frame.language).to_owned(),
        act: frame.t(act).to_owned(),
        is_mine: true,
    })
}
