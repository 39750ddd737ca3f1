//! `/doubts`: what rules found, by what is to be done with it.

use super::households::{filter, places};
use super::queue::short_date;
use super::record_words::{
    doubt_words, household_words, record_title, severity_tag, status_tag, title_of_rule,
};
use crate::app::{Answer, AppState, Lists, Visit, code_options};
use crate::components::{
    Address, Column, CountTab, Empty, FilterField, Light, Menu, PageHead, Paging, count_tabs,
    empty_state, light, page, page_head, paging, table_head, wide_table,
};
use crate::frame::Frame;
use crate::text::{Text, common, doubt as t};
use axum::Router;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use axum::routing::get;
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};
use taizhang_codebook::RuleSeverity;
use taizhang_service::{Caller, Service, ServiceError};
use taizhang_store::{Cursor, Filter, Record};
use taizhang_values::{Date, RecordId, RegionCode, Value, parse_date};

/// Doubts of a page.
const PAGE_ROWS: usize = 50;
/// Days before the due day on which a light turns amber.
const NEAR_DAYS: i64 = 3;

/// One doubt in a list.
#[derive(Clone, Debug)]
pub(crate) struct DoubtRow {
    pub(crate) id: String,
    pub(crate) message: String,
    pub(crate) rule: String,
    pub(crate) rule_title: String,
    pub(crate) severity: Markup,
    /// The household: id and words.
    pub(crate) household: Option<(String, String)>,
    /// What the record is called that the rule judged; empty for the household itself.
    pub(crate) subject: String,
    pub(crate) place: String,
    pub(crate) due: String,
    pub(crate) light: Light,
    pub(crate) status: Markup,
}

/// The page's content.
pub(crate) struct DoubtsView {
    pub(crate) tabs: Vec<CountTab>,
    pub(crate) address: Address,
    pub(crate) fields: Vec<FilterField>,
    pub(crate) rows: Vec<DoubtRow>,
    pub(crate) paging: Paging,
}

/// The page.
pub(crate) fn view(frame: &Frame, list: &DoubtsView) -> Markup {
    let body = html! {
        (page_head(frame, &PageHead {
            title: frame.t(t::TITLE),
            facts: Some(html! { (frame.t(t::FACTS)) }),
            ..PageHead::default()
        }))
        (count_tabs(frame.t(t::TABS), &list.tabs))
        (filter(frame, &list.address, &list.fields))
        @if list.rows.is_empty() {
            @if list.address.pairs().is_empty() {
                (empty_state(frame, &Empty::Nothing {
                    help: frame.t(t::START_HELP), first: None,
                }))
            } @else { (empty_state(frame, &Empty::NoMatch("/doubts"))) }
        } @else {
            (table(frame, &list.address, &list.rows))
            (paging(frame, &list.paging))
        }
    };
    page(frame, frame.t(t::TITLE), Menu::Doubts, &body)
}

/// The rows of doubts.
pub(crate) fn table(frame: &Frame, address: &Address, rows: &[DoubtRow]) -> Markup {
    let columns = [
        t::HEAD_MESSAGE,
        t::HEAD_RULE,
        t::HEAD_SEVERITY,
        t::HEAD_ABOUT,
        t::HEAD_PLACE,
        t::HEAD_DUE,
        t::HEAD_STATUS,
    ]
    .map(|words| Column { words: frame.t(words).to_owned(), sort: None, class: "" });
    let head = table_head(frame, address, &columns, false);
    wide_table(
        frame.t(t::TABLE),
        "solo bare",
        "cards",
        &head,
        &html! {
            @for row in rows {
                tr {
                    th.ttl scope="row" {
                        a href={ "/doubts/" (row.id) } data-open="" { (row.message) }
                    }
                    td.inl data-l=(frame.t(t::HEAD_RULE)) {
                        a href={ "/rules/" (row.rule) } { (row.rule) }
                        span.sub2.hide-m { (row.rule_title) }
                    }
                    td.nw.inl { (row.severity) }
                    td.inl {
                        @if let Some((id, words)) = &row.household {
                            a.nw href={ "/households/" (id) } { (words) }
                            @if !row.subject.is_empty() { " · " }
                        }
                        (row.subject)
                    }
                    td.nw.inl { (row.place) }
                    td.nw.inl {
                        @if !row.due.is_empty() {
                            @match row.light {
                                Light::NoDate => { (row.due) },
                                shown => { (light(frame, shown)) },
                            }
                        }
                    }
                    td.nw.inl { (row.status) }
                }
            }
        },
    )
}

/// The route.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/doubts", get(show))
}

/// Tabs: value in the address, words, statuses. The one of all that are not closed shows only
/// where a link leads to it.
const TABS: [(&str, Text, &[&str]); 6] = [
    (STANDING, t::TAB_STANDING, &["asked", "answered", "passed_on", "explained"]),
    ("", t::TAB_ASKED, &["asked"]),
    ("answered", t::TAB_ANSWERED, &["answered", "passed_on"]),
    ("explained", t::TAB_EXPLAINED, &["explained"]),
    ("closed", t::TAB_CLOSED, &["closed"]),
    ("all", common::ALL_WORD, &[]),
];

/// Tab of everything that is not closed.
const STANDING: &str = "standing";

fn of_statuses(statuses: &[&str]) -> Filter {
    if statuses.is_empty() {
        return Filter::All;
    }
    Filter::In("doubt_status".to_owned(), statuses.iter().map(|one| Value::from(*one)).collect())
}

/// The conditions of the address but the tab.
fn read_filter(address: &Address) -> Filter {
    let mut parts = Vec::new();
    if let Some(region) = RegionCode::parse(address.get("region")) {
        parts.push(Filter::Under(region));
    }
    for name in ["rule", "severity"] {
        if !address.get(name).is_empty() {
            parts.push(Filter::eq(name, address.get(name)));
        }
    }
    // Those that stood on a day, as a past run found them.
    if let Some(on) = parse_date(address.get("on")) {
        parts.push(Filter::AtMost("opened_on".to_owned(), on.into()));
        let mut gone_later = vec![Filter::IsEmpty("closed_on".to_owned())];
        if let Ok(next) = on.tomorrow() {
            gone_later.push(Filter::AtLeast("closed_on".to_owned(), next.into()));
        }
        parts.push(Filter::Or(gone_later));
    }
    Filter::And(parts)
}

struct Found {
    records: Vec<Record>,
    next: Option<Cursor>,
    previous: Option<Cursor>,
    counts: Vec<u64>,
    households: BTreeMap<RecordId, Record>,
    subjects: BTreeMap<RecordId, String>,
    rules: Vec<String>,
}

fn read(
    service: &Service,
    caller: &Caller,
    filter: &Filter,
    statuses: &[&str],
    after: Option<Cursor>,
) -> Result<Found, ServiceError> {
    let own = filter.clone().and(of_statuses(statuses));
    let page = service.doubts(caller, own, after, PAGE_ROWS)?;
    let mut counts = Vec::new();
    for (_, _, statuses) in TABS {
        counts.push(service.count_doubts(caller, filter.clone().and(of_statuses(statuses)))?);
    }
    let households = households_of(service, caller, &page.records)?;
    let subjects = subjects_of(service, caller, &page.records)?;
    let rules = service.rule_counts(caller)?.into_iter().map(|count| count.rule).collect();
    let (records, next, previous) = (page.records, page.next, page.previous);
    Ok(Found { records, next, previous, counts, households, subjects, rules })
}

/// The households of doubts, as far as the caller may see them.
pub(crate) fn households_of(
    service: &Service,
    caller: &Caller,
    doubts: &[Record],
) -> Result<BTreeMap<RecordId, Record>, ServiceError> {
    let ids = doubts.iter().filter_map(|doubt| doubt.reference("household"));
    let ids: BTreeSet<RecordId> = ids.cloned().collect();
    let found = service.register_records(caller, "household", &Vec::from_iter(ids))?;
    Ok(found.into_iter().map(|record| (record.id.clone(), record)).collect())
}

/// What the judged records are called, by doubt: two doubts of one rule are told apart by it.
/// Each ledger is asked once.
pub(crate) fn subjects_of(
    service: &Service,
    caller: &Caller,
    doubts: &[Record],
) -> Result<BTreeMap<RecordId, String>, ServiceError> {
    let mut ledgers: BTreeMap<&str, BTreeMap<RecordId, Vec<&RecordId>>> = BTreeMap::new();
    for doubt in doubts.iter().filter(|doubt| doubt.text("subject_ledger") != "household") {
        if let Some(subject) = RecordId::parse(doubt.text("subject")) {
            let subjects = ledgers.entry(doubt.text("subject_ledger")).or_default();
            subjects.entry(subject).or_default().push(&doubt.id);
        }
    }
    let mut names = BTreeMap::new();
    for (ledger, subjects) in ledgers {
        let ids: Vec<RecordId> = subjects.keys().cloned().collect();
        for record in service.register_records(caller, ledger, &ids)? {
            let title = record_title(service.codebook(), &record);
            let of_it = subjects.get(&record.id).into_iter().flatten();
            names.extend(of_it.map(|doubt| ((*doubt).clone(), title.clone())));
        }
    }
    Ok(names)
}

async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Answer {
    let address = Address::new("/doubts", &pairs);
    let lists = state.lists(&visit.caller).await?;
    let tab = address.get("tab").to_owned();
    let statuses = TABS.iter().find(|(name, ..)| *name == tab).map_or(&["asked"][..], |one| one.2);
    let after = Some(address.get("after")).filter(|mark| !mark.is_empty()).map(Cursor::from_text);
    let is_first = after.is_none();
    let (caller, filter) = (visit.caller.clone(), read_filter(&address));
    let found = state.run(move |service| read(service, &caller, &filter, statuses, after)).await?;
    let (service, frame) = (state.service(), &visit.frame);
    let tabs: Vec<CountTab> = TABS
        .iter()
        .zip(&found.counts)
        .filter(|((name, ..), _)| *name != STANDING || tab == STANDING)
        .map(|((name, words, _), count)| CountTab {
            words: frame.t(*words).to_owned(),
            count: Some(*count),
            address: address.set("tab", name).text(),
            is_current: *name == tab,
            light: None,
            is_alarm: false,
        })
        .collect();
    let total = tabs.iter().find(|tab| tab.is_current).and_then(|tab| tab.count).unwrap_or(0);
    let rows: Vec<DoubtRow> = found
        .records
        .iter()
        .map(|doubt| row(service, frame, &lists, doubt, (&found.households, &found.subjects)))
        .collect();
    let place = |mark: Cursor| address.set("after", mark.as_str()).text();
    let page = DoubtsView {
        paging: Paging {
            total,
            shown: u64::try_from(rows.len()).unwrap_or(0),
            first: (!is_first).then(|| address.set("after", "").text()),
            previous: found.previous.map(place),
            next: found.next.map(place),
        },
        fields: fields(service, frame, &lists, &found.rules),
        tabs,
        rows,
        address,
    };
    Ok(view(frame, &page).into_response())
}

fn fields(service: &Service, frame: &Frame, lists: &Lists, rules: &[String]) -> Vec<FilterField> {
    let title = |code: &String| {
        (code.clone(), format!("{code} {}", title_of_rule(service.codebook(), code, frame)))
    };
    let severities = code_options(service.codebook(), RuleSeverity::LIST, frame.language);
    [
        ("rule", t::FILTER_RULE, rules.iter().map(title).collect()),
        ("severity", t::FILTER_SEVERITY, severities),
        ("region", t::FILTER_REGION, places(lists)),
    ]
    .into_iter()
    .map(|(name, label, options)| FilterField { name, label: frame.t(label).to_owned(), options })
    .collect()
}

/// A doubt in words; `known` are the households and the judged records of the list.
pub(crate) fn row(
    service: &Service,
    frame: &Frame,
    lists: &Lists,
    doubt: &Record,
    known: (&BTreeMap<RecordId, Record>, &BTreeMap<RecordId, String>),
) -> DoubtRow {
    let (households, subjects) = known;
    let due = doubt.get("due_on").as_date();
    let household = doubt.reference("household").and_then(|id| households.get(id));
    DoubtRow {
        id: doubt.id.to_string(),
        message: doubt_words(service, frame, doubt),
        rule: doubt.text("rule").to_owned(),
        rule_title: title_of_rule(service.codebook(), doubt.text("rule"), frame),
        severity: severity_tag(service, frame, doubt.text("severity")),
        household: household.map(|one| (one.id.to_string(), household_words(frame, one))),
        subject: subjects.get(&doubt.id).cloned().unwrap_or_default(),
        place: lists.region_name(doubt.region.as_ref()),
        due: short_date(due),
        light: due_light(doubt.text("doubt_status"), due, service.today()),
        status: status_tag(service, frame, doubt.text("doubt_status")),
    }
}

/// The light of a doubt that waits for an answer; nothing burns for the others.
pub(crate) fn due_light(status: &str, due: Option<Date>, today: Date) -> Light {
    let left = due.and_then(|due| today.until(due).ok()).map(|span| i64::from(span.get_days()));
    match (status, left) {
        ("asked", Some(left)) => Light::of_days(left, NEAR_DAYS),
        _ => Light::NoDate,
    }
}
