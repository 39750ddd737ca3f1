//! `/issues`: the rectification ledger.

use super::ledger_tools::{self, ToolsView, tools};
use super::queue::{code_words, short_date};
use crate::app::{Answer, AppState, Lists, Visit, code_options, may};
use crate::components::{
    Address, BatchAct, Column, CountTab, Empty, FilterBar, FilterField, Light, Menu, PageHead,
    Paging, batch_bar, count_tabs, empty_state, filter_bar, light, page, page_head, paging,
    progress_bar, row_box, row_class, table_head, tag, wide_table,
};
use crate::frame::{Frame, grouped};
use crate::text::{Text, common, ledger as t, queue};
use axum::Router;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use axum::routing::get;
use maud::{Markup, html};
use taizhang_codebook::{Action, StateKind};
use taizhang_service::Service;
use taizhang_service::jobs::EXPORT_ROWS_AT_ONCE;
use taizhang_service::work::{LedgerFilter, LedgerList, LedgerRow as WorkRow, LedgerTab};
use taizhang_values::mask_name;

/// One finding in the list.
#[derive(Clone, Debug)]
pub(crate) struct LedgerRow {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) light: Light,
    pub(crate) title: String,
    pub(crate) facts: String,
    pub(crate) lead_unit: String,
    pub(crate) units: String,
    pub(crate) person: String,
    pub(crate) deadline: String,
    /// Day by which the present state ends, where that is not the deadline.
    pub(crate) due: String,
    pub(crate) percent: i64,
    pub(crate) state: String,
    pub(crate) state_tone: &'static str,
    pub(crate) evidence_count: u64,
}

/// What the reader may do from here.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LedgerRights {
    /// Letters.
    pub(crate) create: bool,
    /// Findings by hand.
    pub(crate) write: bool,
    pub(crate) import: bool,
    pub(crate) export: bool,
    pub(crate) report: bool,
}

/// The page's content.
#[derive(Clone, Debug)]
pub(crate) struct LedgerView {
    pub(crate) total: u64,
    pub(crate) tabs: Vec<CountTab>,
    pub(crate) filter: FilterBar,
    pub(crate) address: Address,
    pub(crate) rows: Vec<LedgerRow>,
    pub(crate) paging: Paging,
    pub(crate) near_due_days: i64,
    pub(crate) rights: LedgerRights,
    pub(crate) tools: ToolsView,
}

/// The page.
pub(crate) fn view(frame: &Frame, ledger: &LedgerView) -> Markup {
    let address = ledger.address.set("after", "");
    // A long list is written by a job, which the page of exports starts.
    let is_long = ledger.total > EXPORT_ROWS_AT_ONCE;
    let export = if is_long { "/export" } else { "/export/ledger.xlsx" };
    let export = Address::new(export, address.pairs()).text();
    let body = html! {
        (page_head(frame, &PageHead {
            title: frame.t(t::TITLE),
            facts: Some(html! { (frame.with(t::FACTS, &[&grouped(ledger.total)])) }),
            acts: Some(html! {
                @if ledger.rights.import { a.btn.hide-m href="/import" { (frame.t(t::IMPORT)) } }
                @if ledger.rights.export {
                    a.btn.hide-m href=(export) download[!is_long] { (frame.t(t::EXPORT_ALL)) }
                }
                @if ledger.rights.report {
                    a.btn.hide-m href="/reports" { (frame.t(t::MAKE_REPORT)) }
                }
                @if ledger.rights.write {
                    a.btn href="/issues/new" { (frame.t(t::NEW_FINDING)) }
                }
                @if ledger.rights.create {
                    a.btn.p href="/letters/new" { (frame.t(queue::NEW_LETTER)) }
                }
            }),
            ..PageHead::default()
        }))
        section #list aria-label=(frame.t(t::TITLE)) {
            (count_tabs(frame.t(t::TABS), &ledger.tabs))
            (filter_bar(frame, &ledger.filter))
            (tools(frame, &ledger.tools))
            (list(frame, ledger))
        }
        p.muted.small { (frame.with(t::THRESHOLD, &[&ledger.near_due_days])) }
    };
    page(frame, frame.t(t::TITLE), Menu::Issues, &body)
}

fn list(frame: &Frame, ledger: &LedgerView) -> Markup {
    let acts = [("assign", t::ACT_ASSIGN), ("remind", t::ACT_REMIND), ("start", t::ACT_START)]
        .map(|(act, words)| BatchAct { act, words: frame.t(words).to_owned(), is_download: false });
    let export =
        BatchAct { act: "export", words: frame.t(t::ACT_EXPORT).to_owned(), is_download: true };
    let acts: Vec<BatchAct> =
        acts.into_iter().chain(ledger.rights.export.then_some(export)).collect();
    html! {
        @if ledger.rows.is_empty() {
            @if ledger.address.pairs().is_empty() {
                (empty_state(frame, &Empty::Nothing {
                    help: frame.t(t::START_HELP),
                    first: ledger.rights.create
                        .then_some((frame.t(queue::NEW_LETTER), "/letters/new")),
                }))
            } @else { (empty_state(frame, &Empty::NoMatch("/issues"))) }
        } @else {
            (batch_bar(frame, "/issues/batch", &acts))
            (wide_table(frame.t(t::TABLE), "bare fz", "cards led", &head(frame, ledger), &html! {
                @for row in &ledger.rows { (finding(frame, ledger, row)) }
            }))
            (paging(frame, &ledger.paging))
        }
    }
}

/// Class and sort key of a column that may be left out.
fn column(name: &str) -> (&'static str, Option<&'static str>) {
    match name {
        "units" | "person" => ("x-elder", None),
        "deadline" => ("num", Some("deadline_on")),
        "state" => ("", Some("state")),
        "evidence" => ("num", None),
        _ => ("", None),
    }
}

fn head(frame: &Frame, ledger: &LedgerView) -> Markup {
    let fixed = [
        (queue::HEAD_LIGHT, Some("due_on"), "f2"),
        (t::HEAD_NUMBER, Some("number"), "f3"),
        (t::HEAD_PROBLEM, None, ""),
    ]
    .map(|(words, sort, class)| Column { words: frame.t(words).to_owned(), sort, class });
    let chosen = ledger.tools.columns.iter().filter(|(_, _, is_shown)| *is_shown);
    let chosen = chosen.map(|(name, words, _)| {
        let (class, sort) = column(name);
        Column { words: words.clone(), sort, class }
    });
    let columns: Vec<Column> = fixed.into_iter().chain(chosen).collect();
    table_head(frame, &ledger.address, &columns, true)
}

fn finding(frame: &Frame, ledger: &LedgerView, row: &LedgerRow) -> Markup {
    let address = format!("/issues/{}", row.id);
    html! {
        tr class=(row_class(row.light)) {
            (row_box(frame, &row.id, &row.number))
            td.nw.f2.inl { (light(frame, row.light)) }
            th.nw.f3.inl scope="row" { a href=(address) data-open="" { (row.number) } }
            td.ttl {
                a.cut href=(address) title=(row.title) tabindex="-1" { (row.title) }
                span.sub2 { (row.facts) }
            }
            @for (name, _, is_shown) in &ledger.tools.columns {
                @if *is_shown { (cell(frame, row, &address, name)) }
            }
        }
    }
}

/// The cell of a column that may be left out.
fn cell(frame: &Frame, row: &LedgerRow, address: &str, column: &str) -> Markup {
    html! {
        @match column {
            "lead" => {
                td.nw.inl data-l=(frame.t(t::HEAD_LEAD)) {
                    span.cut.c9 title=(row.lead_unit) { (row.lead_unit) }
                }
            },
            "units" => {
                td.hide-m.x-elder { span.cut.c9 title=(row.units) { (row.units) } }
            },
            "person" => { td.nw.hide-m.x-elder { (row.person) } },
            "deadline" => {
                td.nw.num.inl data-l=(frame.t(t::HEAD_DEADLINE)) {
                    (row.deadline)
                    @if !row.due.is_empty() { span.sub2 { (frame.with(t::DUE_HERE, &[&row.due])) } }
                }
            },
            "percent" => {
                td.nw.inl {
                    (progress_bar(row.light.class(), row.percent)) " " (row.percent) "%"
                }
            },
            "state" => { td.nw.inl { (tag(row.state_tone, &row.state)) } },
            _ => {
                td.num.hide-m {
                    @if row.evidence_count > 0 {
                        a href={ (address) "#evidence" } {
                            (frame.with(t::EVIDENCE_COUNT, &[&row.evidence_count]))
                        }
                    }
                }
            },
        }
    }
}

/// The route.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/issues", get(show).post(super::issue::create::create))
}

async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Answer {
    let filter = LedgerFilter::parse(pairs.iter().map(|(name, value)| (&**name, &**value)));
    let lists = state.lists(&visit.caller).await?;
    let (caller, asked) = (visit.caller.clone(), filter.clone());
    let (found, taste) = state
        .run(move |service| {
            Ok((service.ledger_list(&caller, &asked)?, service.ledger_taste(&caller)?))
        })
        .await?;
    let service = state.service();
    let rights = LedgerRights {
        write: service.may_create_findings(&visit.caller),
        create: may(service, &visit.caller, "letter", Action::Create),
        import: visit.caller.has_power(service.codebook(), "import.run"),
        export: visit.caller.has_power(service.codebook(), "export.run"),
        report: visit.caller.has_power(service.codebook(), "report.make"),
    };
    let tools = ledger_tools::content(&visit.frame, &taste, &filter);
    let mut page = content(service, &visit.frame, &lists, &filter, &found, rights);
    page.tools = tools;
    Ok(view(&visit.frame, &page).into_response())
}

fn content(
    service: &Service,
    frame: &Frame,
    lists: &Lists,
    filter: &LedgerFilter,
    found: &LedgerList,
    rights: LedgerRights,
) -> LedgerView {
    let pairs: Vec<(String, String)> =
        filter.pairs().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let address = Address::new("/issues", &pairs);
    let place = |mark: &taizhang_store::Cursor| address.set("after", mark.as_str()).text();
    let next = found.next.as_ref().map(place);
    let previous = found.previous.as_ref().map(place);
    let first = filter.after.is_some().then(|| address.set("after", "").text());
    let shown = u64::try_from(found.rows.len()).unwrap_or(0);
    LedgerView {
        total: found.total,
        tabs: tabs(frame, &address, filter.tab, found),
        filter: filter_fields(service, frame, lists, &address),
        rows: found.rows.iter().map(|row| one_row(service, frame, row)).collect(),
        paging: Paging { total: found.total, shown, first, previous, next },
        tools: ToolsView::default(),
        near_due_days: found.near_days,
        rights,
        address,
    }
}

fn tabs(frame: &Frame, address: &Address, current: LedgerTab, found: &LedgerList) -> Vec<CountTab> {
    let light = |tab: LedgerTab| match tab {
        LedgerTab::Open => Some(Light::Normal(1)),
        LedgerTab::Overdue => Some(Light::Overdue(1)),
        LedgerTab::Near => Some(Light::Soon(1)),
        LedgerTab::Closed => Some(Light::Closed),
        LedgerTab::All | LedgerTab::Waiting | LedgerTab::LongTerm | LedgerTab::Void => None,
    };
    found
        .tabs
        .iter()
        .map(|(tab, count)| {
            let (zh, en) = tab.words();
            let name = if *tab == LedgerTab::All { "" } else { tab.name() };
            CountTab {
                words: Text(zh, en).at(frame.language).to_owned(),
                count: Some(*count),
                address: address.set("tab", name).text(),
                is_current: *tab == current,
                light: light(*tab),
                is_alarm: *tab == LedgerTab::Overdue,
            }
        })
        .collect()
}

/// Units offered in the filter; more would make the page heavy, and the text box finds them too.
const UNITS_SHOWN: usize = 60;

pub(crate) fn filter_fields(
    service: &Service,
    frame: &Frame,
    lists: &Lists,
    address: &Address,
) -> FilterBar {
    let codes = |list: &str| code_options(service.codebook(), list, frame.language);
    let flow = service.codebook().flows.get("rectification");
    let states = flow.map_or_else(Vec::new, |flow| {
        let label = |state: &taizhang_codebook::State| {
            (state.name.clone(), state.label.text(frame.language).to_owned())
        };
        flow.states.iter().map(label).collect()
    });
    let units = lists.units.iter().take(UNITS_SHOWN);
    let units = units.map(|unit| (unit.id.clone(), unit.name.clone())).collect();
    let fields = [
        ("source_kind", t::FILTER_SOURCE, codes("source_kind")),
        ("topic", t::FILTER_TOPIC, codes("finding_topic")),
        ("unit", t::FILTER_LEAD, units),
        ("region", t::FILTER_REGION, lists.townships()),
        ("state", t::FILTER_STATE, states),
    ];
    FilterBar {
        address: address.clone(),
        path: "/issues",
        fields: fields
            .into_iter()
            .map(|(name, label, options)| FilterField {
                name,
                label: frame.t(label).to_owned(),
                options,
            })
            .collect(),
        text_hint: frame.t(t::FILTER_HINT).to_owned(),
        kept: vec!["tab", "sort", "inspection", "source_level", "category", "person"],
    }
}

/// Tone of a state's tag.
pub(crate) fn state_tone(service: &Service, state: Option<&str>) -> &'static str {
    let flow = service.codebook().flows.get("rectification");
    let kind = flow.zip(state).and_then(|(flow, state)| Some(flow.state(state)?.kind));
    match kind {
        Some(StateKind::Open | StateKind::LongTerm) => "b",
        Some(StateKind::Waiting) => "y",
        Some(StateKind::Closed) => "g",
        Some(StateKind::Void) | None => "",
    }
}

/// One row in words. Names of people are masked in lists.
pub(crate) fn one_row(service: &Service, frame: &Frame, row: &WorkRow) -> LedgerRow {
    let record = &row.record;
    let facts = [
        code_words(service, frame, "scope_kind", record.text("scope_kind")),
        code_words(service, frame, "source_kind", record.text("source_kind")),
        record.text("category").to_owned(),
    ];
    let written = record.get("responsible_persons").as_list().first().cloned();
    let person = row.person.clone().or(written).unwrap_or_default();
    let is_ended = matches!(Light::from(row.light), Light::Closed | Light::Void);
    let due = record.get("due_on").as_date().filter(|_| !is_ended);
    let deadline = match record.get("is_long_term").as_boolean() {
        Some(true) => frame.t(common::LIGHT_LONG_TERM).to_owned(),
        _ => short_date(record.get("deadline_on").as_date()),
    };
    LedgerRow {
        id: record.id.to_string(),
        number: record.text("number").to_owned(),
        light: row.light.into(),
        title: record.text("title").to_owned(),
        facts: facts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "),
        lead_unit: row.lead_unit.clone().unwrap_or_default(),
        units: row.units.join(frame.t(common::LIST)),
        person: mask_name(&person),
        deadline,
        due: short_date(due.filter(|due| Some(*due) != record.get("deadline_on").as_date())),
        percent: record.get("percent").as_integer().unwrap_or(0),
        state: service.state_label(record).text(frame.language).to_owned(),
        state_tone: state_tone(service, record.state.as_deref()),
        evidence_count: u64::try_from(row.evidence_count).unwrap_or(0),
    }
}
