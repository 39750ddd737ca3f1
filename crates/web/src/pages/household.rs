//! `/households/{id}`: one household with everything that belongs to it (mock c).

use super::change::change_list;
use super::doubt::{Returned, answer_form};
use super::doubts::due_light;
use super::household_change::operation_links;
use super::household_living::living;
use super::household_parts::{
    by_year, fen, for_paper, incomes, risk_line, row_links, section_table,
};
use super::issue::id_of;
use super::proposals::{proposal_fields, proposal_words};
use super::queue::code_words;
use super::record_words::{
    doubt_words, household_words, ledger_label, record_title, reference_names, severity_tag,
    status_tag, title_of_rule, yuan,
};
use crate::app::{Answer, AppState, Visit};
use crate::components::{
    Errors, Field as Input, Light, Menu, PageHead, dense_table, light, page, page_head,
    select_field, tag,
};
use crate::frame::Frame;
use crate::text::{Text, change, doubt, household as t};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use axum::routing::get;
use maud::{Markup, html};
use std::collections::BTreeMap;
use taizhang_codebook::{Field, RelationKind};
use taizhang_service::register::{ChangeKind, HouseholdPage};
use taizhang_service::{Caller, Service, ServiceError};
use taizhang_store::Record;
use taizhang_values::{Date, Money, RecordId, Value, mask_name};

/// Ledgers that have a part of their own on the page.
const OWN_PARTS: [&str; 5] = ["person", "income", "visit", "archive_item", "monitoring_case"];

/// Doubts shown beside a member; the others stand in the card of doubts.
const HINTS_SHOWN: usize = 2;

/// The page's content.
pub(crate) struct HouseholdView {
    pub(crate) page: HouseholdPage,
    pub(crate) place: String,
    pub(crate) names: BTreeMap<RecordId, String>,
    /// Ledgers that the reader may add to, with their words.
    pub(crate) addable: Vec<(String, String)>,
    /// For paper: everything open, nothing to press.
    pub(crate) is_print: bool,
}

impl HouseholdView {
    /// Rows of a ledger.
    pub(crate) fn rows(&self, ledger: &str) -> &[Record] {
        let section = self.page.sections.iter().find(|section| section.ledger == ledger);
        section.map_or(&[], |section| &section.rows)
    }

    fn may_add(&self, ledger: &str) -> bool {
        self.addable.iter().any(|(name, _)| name == ledger)
    }

    fn add_address(&self, ledger: &str) -> String {
        format!("/households/{}/add?ledger={ledger}", self.page.household.id)
    }
}

fn view(service: &Service, frame: &Frame, household: &HouseholdView) -> Markup {
    let record = &household.page.household;
    let title = household_words(frame, record);
    let body = html! {
        (page_head(frame, &PageHead {
            path: vec![(frame.t(t::TITLE), "/households")],
            title: &title,
            facts: Some(facts(frame, household)),
            acts: (!household.is_print).then(|| acts(frame, household)),
        }))
        (head(service, frame, household))
        @if !household.is_print { (parts(frame, household)) }
        div.grid.side.gap-t {
            div.stack {
                @if household.is_print { p.muted { (frame.t(t::PRINT_HINT)) } }
                (members(service, frame, household))
                (income_card(frame, household))
                (doubt_card(service, frame, household))
                (visits(service, frame, household))
                (others(service, frame, household))
            }
            div.stack {
                (card("living", frame.t(t::LIVING), &html! {}, &html! {},
                    &living(service, frame, household)))
                (card("risk", frame.t(t::TIMELINE), &html! {}, &html! {},
                    &risk_line(service, frame, household)))
                (proposals(service, frame, household))
                (archive(service, frame, household))
                (changes(frame, household))
                (add_card(frame, household))
            }
        }
    };
    page(frame, &title, Menu::Households, &body)
}

/// A part of the page that can be folded. What can be pressed stands inside it: a summary is
/// pressed itself.
fn card(id: &str, heading: &str, note: &Markup, act: &Markup, body: &Markup) -> Markup {
    html! {
        details.card id=(id) open {
            summary.ch { h2 { (heading) } span.m { (note) } }
            div.cb { (act) (body) }
        }
    }
}

/// The same with a table, which brings its own edges.
fn table_card(id: &str, heading: &str, note: &Markup, act: &Markup, body: &Markup) -> Markup {
    html! {
        details.card id=(id) open {
            summary.ch { h2 { (heading) } span.m { (note) } }
            @if !act.0.is_empty() { div.cb { (act) } }
            (body)
        }
    }
}

fn add_link(frame: &Frame, household: &HouseholdView, ledger: &str, words: Text) -> Markup {
    html! {
        @if household.may_add(ledger) {
            p { a.btn.s href=(household.add_address(ledger)) { (frame.t(words)) } }
        }
    }
}

fn facts(frame: &Frame, household: &HouseholdView) -> Markup {
    let people = household.rows("person").iter();
    let people = people.filter(|person| is_member(person)).count();
    html! { (frame.with(t::PEOPLE, &[&people])) " · " (household.place) }
}

/// True for who lives in the household now.
pub(crate) fn is_member(person: &Record) -> bool {
    person.get("is_active").as_boolean() != Some(false) && person.get("left_on").as_date().is_none()
}

fn acts(frame: &Frame, household: &HouseholdView) -> Markup {
    let id = &household.page.household.id;
    let edit = if household.page.is_direct { t::EDIT } else { t::PROPOSE };
    html! {
        a.btn.hide-m href={ "/households/" (id) "/print" } { (frame.t(t::PRINT)) }
        a.btn href={ "/records/" (id) "/history?ledger=household" } { (frame.t(t::HISTORY)) }
        a.btn.hide-m href={ "/records/" (id) "?ledger=household" } { (frame.t(t::FIELDS)) }
        a.btn href={ "/households/" (id) "/agreement" } { (frame.t(t::AGREEMENT)) }
        @if household.page.may_edit {
            a.btn href={ "/records/" (id) "/edit?ledger=household" } data-edit="" {
                (frame.t(edit))
            }
        }
        @if household.may_add("visit") {
            a.btn.p href=(household.add_address("visit")) { (frame.t(t::ADD_VISIT)) }
        }
    }
}

/// Tags of risk and kind, and the figures that decide on it.
fn head(service: &Service, frame: &Frame, household: &HouseholdView) -> Markup {
    let record = &household.page.household;
    let words = |list: &str, field: &str| code_words(service, frame, list, record.text(field));
    let category = words("monitor_category", "monitor_category");
    let is_removed = record.get("risk_removed").as_boolean() == Some(true);
    let kind = words("household_type", "household_type");
    html! {
        section.card { div.cb {
            p.row {
                @if !category.is_empty() {
                    (tag(if is_removed { "g" } else { "r" }, &frame.with(t::MONITORED,
                        &[&category])))
                    @if is_removed { (tag("g", frame.t(t::RISK_REMOVED))) }
                    @else { (tag("y", frame.t(t::RISK_STANDING))) }
                }
                @if !kind.is_empty() { (tag("", &kind)) }
                (tag("", &frame.with(t::NUMBER, &[&record.text("household_no")])))
                @if record.get("ended_on").as_date().is_some() { (tag("r", frame.t(t::ENDED))) }
            }
            (figures(frame, household))
        } }
    }
}

fn figures(frame: &Frame, household: &HouseholdView) -> Markup {
    let newest = by_year(household.rows("income")).first().copied();
    let per_head = newest
        .and_then(|income| fen(income, "net_income_per_capita"))
        .or_else(|| fen(&household.page.household, "net_income_per_capita"));
    let year = newest.map(|income| income.get("year").to_string()).unwrap_or_default();
    let line = household.page.watch_line_fen;
    let is_low = per_head.zip(line).is_some_and(|(own, line)| own < line);
    let amount = |fen: i64| yuan(Money::from_fen(fen));
    let doubts = &household.page.doubts;
    html! {
        div.kpi.flat {
            div class=(if is_low { "bad" } else { "" }) {
                p.k { (frame.t(t::PER_HEAD)) " " (year) }
                p.v {
                    @match per_head {
                        Some(fen) => { (amount(fen)) small { (frame.t(t::YUAN)) } },
                        None => { "—" },
                    }
                }
                p.d {
                    @if let Some(line) = line {
                        (frame.with(if is_low { t::LINE_BELOW } else { t::LINE }, &[&amount(line)]))
                    }
                }
            }
            div class=(if doubts.standing.is_empty() { "ok" } else { "warn" }) {
                p.k { (frame.t(t::STANDING)) }
                p.v { a href="#doubts" { (doubts.standing.len()) } }
                p.d { (frame.with(t::CLOSED_COUNT, &[&doubts.closed])) }
            }
            div {
                p.k { (frame.t(t::WAITING)) }
                p.v { (household.page.proposals.len()) }
            }
            div {
                p.k { (frame.t(t::VISITS)) }
                p.v { (household.rows("visit").len()) }
                p.d { (last_visit(household)) }
            }
        }
    }
}

fn last_visit(household: &HouseholdView) -> String {
    let days = household.rows("visit").iter().filter_map(|visit| visit.get("visited_on").as_date());
    days.max().map(|day| day.to_string()).unwrap_or_default()
}

/// Links to the parts of the page.
fn parts(frame: &Frame, household: &HouseholdView) -> Markup {
    let parts = [
        ("members", t::PART_MEMBERS, household.rows("person").len()),
        ("incomes", t::PART_INCOMES, household.rows("income").len()),
        ("doubts", t::PART_DOUBTS, household.page.doubts.standing.len()),
        ("living", t::PART_LIVING, 0),
        ("visits", t::PART_VISITS, household.rows("visit").len()),
        ("changes", t::PART_CHANGES, household.page.changes.len()),
        ("archive", t::PART_ARCHIVE, household.rows("archive_item").len()),
        ("others", t::PART_OTHERS, 0),
    ];
    html! {
        nav.tabs.gap-t aria-label=(frame.t(t::PARTS)) {
            @for (id, words, count) in parts {
                a href={ "#" (id) } {
                    (frame.t(words))
                    @if count > 0 { " " b { (count) } }
                }
            }
        }
    }
}

/// Whole years of a person.
fn age(born: Option<Date>, today: Date) -> String {
    let Some(born) = born else { return String::new() };
    let mut years = i64::from(today.year()) - i64::from(born.year());
    if (today.month(), today.day()) < (born.month(), born.day()) {
        years -= 1;
    }
    years.to_string()
}

fn members(service: &Service, frame: &Frame, household: &HouseholdView) -> Markup {
    let side = if household.page.may_reorganise && !household.is_print {
        let kinds = [ChangeKind::Join, ChangeKind::Leave];
        html! { p.row { (operation_links(frame, &household.page.household.id, &kinds)) } }
    } else {
        html! {}
    };
    let people = household.rows("person");
    if people.is_empty() {
        let none = html! { p.muted { (frame.t(t::MEMBERS_NONE)) } };
        return card("members", frame.t(t::MEMBERS), &html! {}, &side, &none);
    }
    let heads = [
        t::HEAD_NAME,
        t::HEAD_RELATION,
        t::HEAD_AGE,
        t::HEAD_SCHOOL,
        t::HEAD_WORK,
        t::HEAD_HEALTH,
        t::HEAD_INSURED,
        t::HEAD_HINT,
        t::HEAD_ACT,
    ]
    .map(|words| frame.t(words));
    let mut people: Vec<&Record> = people.iter().collect();
    people.sort_by_key(|person| (!is_member(person), person.text("relation_to_head") != "head"));
    let rows: Vec<Vec<Markup>> =
        people.iter().map(|person| member(service, frame, household, person)).collect();
    let (heads, rows) = for_paper(household, heads.to_vec(), rows);
    table_card(
        "members",
        frame.t(t::MEMBERS),
        &html! { (household.rows("person").len()) },
        &side,
        &dense_table(frame.t(t::MEMBERS), &heads, &rows),
    )
}

fn member(
    service: &Service,
    frame: &Frame,
    household: &HouseholdView,
    person: &Record,
) -> Vec<Markup> {
    let words = |list: &str, field: &str| code_words(service, frame, list, person.text(field));
    let name = mask_name(person.text("name"));
    let student = words("student_status", "student_status");
    let school =
        if student.is_empty() { words("education_level", "education_level") } else { student };
    let health = words("health_status", "health_status");
    let is_well = health.is_empty() || person.text("health_status") == "healthy";
    let is = |field: &str| person.get(field).as_boolean();
    let insured = match (is("resident_medical"), is("employee_medical")) {
        (Some(true), _) | (_, Some(true)) => html! { (frame.t(t::INSURED)) },
        (None, None) => html! {},
        _ => tag("y", frame.t(t::NOT_INSURED)),
    };
    vec![
        html! { (name) @if !is_member(person) { " " (tag("", frame.t(t::LEFT))) } },
        html! { (words("relation_to_head", "relation_to_head")) " " (words("sex", "sex")) },
        html! { (age(person.get("birth_date").as_date(), service.today())) },
        html! { (school) },
        html! { (words("labour_skill", "labour_skill")) },
        html! { @if is_well { (health) } @else { (tag("y", &health)) } },
        insured,
        hints(service, frame, household, person),
        row_links(frame, household, person, &name),
    ]
}

/// What rules see about a member, gravest first, each with the way to its doubt.
fn hints(service: &Service, frame: &Frame, household: &HouseholdView, person: &Record) -> Markup {
    let standing = household.page.doubts.standing.iter();
    let own: Vec<&Record> =
        standing.filter(|doubt| doubt.text("subject") == person.id.as_str()).collect();
    html! {
        @for doubt in own.iter().take(HINTS_SHOWN) {
            a.tag.y href={ "/doubts/" (doubt.id) } {
                (title_of_rule(service.codebook(), doubt.text("rule"), frame))
            }
            " "
        }
        @if own.len() > HINTS_SHOWN { a href="#doubts" { "+" (own.len() - HINTS_SHOWN) } }
    }
}

fn income_card(frame: &Frame, household: &HouseholdView) -> Markup {
    let rows = by_year(household.rows("income"));
    let unit = html! { (frame.t(t::UNIT_YUAN)) };
    let side = add_link(frame, household, "income", t::ADD_RECORD);
    if rows.is_empty() {
        let none = html! { p.muted { (frame.t(t::INCOMES_NONE)) } };
        return card("incomes", frame.t(t::INCOMES), &unit, &side, &none);
    }
    table_card("incomes", frame.t(t::INCOMES), &unit, &side, &incomes(frame, household, &rows))
}

fn doubt_card(service: &Service, frame: &Frame, household: &HouseholdView) -> Markup {
    let standing = &household.page.doubts.standing;
    let closed = html! { (frame.with(t::CLOSED_COUNT, &[&household.page.doubts.closed])) };
    card(
        "doubts",
        frame.t(t::DOUBTS),
        &closed,
        &html! {},
        &html! {
            @if standing.is_empty() { p.muted { (frame.t(t::DOUBTS_NONE)) } }
            ul.lst {
                @for doubt in standing {
                    (one_doubt(service, frame, household, doubt))
                }
            }
        },
    )
}

/// A doubt with the form of its answer; on paper nobody answers.
fn one_doubt(
    service: &Service,
    frame: &Frame,
    household: &HouseholdView,
    doubt: &Record,
) -> Markup {
    let due = doubt.get("due_on").as_date();
    let burning = due_light(doubt.text("doubt_status"), due, service.today());
    let back = format!("/households/{}#doubts", household.page.household.id);
    let is_asked = !household.is_print && doubt.text("doubt_status") == "asked";
    let subject = RecordId::parse(doubt.text("subject"));
    let about = subject.and_then(|id| household.names.get(&id));
    let scope = format!("{}-", doubt.id);
    html! {
        li {
            (severity_tag(service, frame, doubt.text("severity")))
            a href={ "/doubts/" (doubt.id) } { (doubt_words(service, frame, doubt)) }
            @if let Some(about) = about { span.muted { (about) } }
            span.w {
                (status_tag(service, frame, doubt.text("doubt_status"))) " "
                @match burning {
                    Light::NoDate => {},
                    shown => { (light(frame, shown)) },
                }
            }
            @if is_asked {
                details.act-d {
                    summary.btn.s { (frame.t(doubt::ANSWER)) }
                    div.bx {
                        (answer_form(service, frame, doubt, &scope, &back, &Returned::default()))
                    }
                }
            }
        }
    }
}

fn visits(service: &Service, frame: &Frame, household: &HouseholdView) -> Markup {
    let side = add_link(frame, household, "visit", t::ADD_VISIT);
    let mut rows: Vec<&Record> = household.rows("visit").iter().collect();
    rows.sort_by_key(|visit| std::cmp::Reverse(visit.get("visited_on").as_date()));
    let earlier = rows.split_off(rows.len().min(VISITS_SHOWN));
    let lines = |rows: &[&Record]| {
        html! { ol.tl { @for visit in rows { (one_visit(service, frame, household, visit)) } } }
    };
    let body = html! {
        @if rows.is_empty() { p.muted { (frame.t(t::VISITS_NONE)) } }
        (lines(&rows))
        @if !earlier.is_empty() {
            details open[household.is_print] {
                summary { (frame.with(t::VISITS_EARLIER, &[&earlier.len()])) }
                (lines(&earlier))
            }
        }
    };
    card("visits", frame.t(t::VISITS), &html! {}, &side, &body)
}

/// Visits that are not folded.
const VISITS_SHOWN: usize = 3;

fn one_visit(
    service: &Service,
    frame: &Frame,
    household: &HouseholdView,
    visit: &Record,
) -> Markup {
    let on = visit.get("visited_on").to_string();
    html! {
        li {
            time { (row_link(household, visit, &on)) }
            (code_words(service, frame, "visit_form", visit.text("visit_form"))) " "
            span.by { (visitor(visit)) " " (visit.text("visitor_unit")) }
            @if !visit.text("content").is_empty() { p.pre { (visit.text("content")) } }
        }
    }
}

/// A row by its own words, which lead to its fields, their sources and history.
fn row_link(household: &HouseholdView, row: &Record, words: &str) -> Markup {
    html! {
        @if household.is_print { (words) }
        @else { a href={ "/records/" (row.id) "?ledger=" (row.ledger) } { (words) } }
    }
}

/// Characters of the longest name of a person; what is longer is a team or an office.
const NAME_CHARACTERS: usize = 4;

fn visitor(visit: &Record) -> String {
    let name = visit.text("visitor");
    if name.chars().count() > NAME_CHARACTERS { name.to_owned() } else { mask_name(name) }
}

fn archive(service: &Service, frame: &Frame, household: &HouseholdView) -> Markup {
    let side = add_link(frame, household, "archive_item", t::ADD_RECORD);
    let (there, lacking): (Vec<&Record>, Vec<&Record>) = household
        .rows("archive_item")
        .iter()
        .partition(|item| item.get("is_present").as_boolean() == Some(true));
    let lines = |rows: &[&Record]| {
        html! {
            ul.lst { @for item in rows { (archived(service, frame, household, item)) } }
        }
    };
    let body = html! {
        @if there.is_empty() && lacking.is_empty() { p.muted { (frame.t(t::ARCHIVE_NONE)) } }
        (lines(&lacking))
        @if !there.is_empty() {
            details open[household.is_print] {
                summary { (frame.with(t::ARCHIVE_PRESENT, &[&there.len()])) }
                (lines(&there))
            }
        }
    };
    card("archive", frame.t(t::ARCHIVE), &html! {}, &side, &body)
}

fn archived(service: &Service, frame: &Frame, household: &HouseholdView, item: &Record) -> Markup {
    let kind = code_words(service, frame, "archive_item_kind", item.text("item_kind"));
    html! {
        li {
            (row_link(household, item, &kind))
            @match item.get("is_present").as_boolean() {
                Some(true) => { (tag("g", frame.t(t::PRESENT))) },
                Some(false) => { (tag("r", frame.t(t::MISSING))) },
                None => {},
            }
            span.w { (item.get("dated_on")) }
        }
    }
}

fn proposals(service: &Service, frame: &Frame, household: &HouseholdView) -> Markup {
    let waiting = &household.page.proposals;
    html! {
        @if !waiting.is_empty() {
            @let count = html! { (waiting.len()) };
            (card("proposals", frame.t(t::PROPOSALS), &count, &html! {}, &html! {
                ul.lst {
                    @for proposal in waiting {
                        li {
                            a href={ "/proposals/" (proposal.id) } {
                                (proposal_words(service, frame, proposal))
                            }
                            span.muted { (proposal_fields(service, frame, proposal)) }
                            span.w { (proposal.get("proposed_on")) }
                        }
                    }
                }
            }))
        }
    }
}

/// Every other ledger of the tree that holds rows, behind its name.
fn others(service: &Service, frame: &Frame, household: &HouseholdView) -> Markup {
    let shown = household.page.sections.iter().filter(|section| {
        !OWN_PARTS.contains(&section.ledger.as_str()) || section.ledger == "monitoring_case"
    });
    let shown: Vec<_> = shown.collect();
    html! {
        @if !shown.is_empty() {
            section.card.fold #others {
                @for section in shown {
                    details open[household.is_print] {
                        summary.ch {
                            h2 { (ledger_label(service, frame, &section.ledger)) }
                            span.m { (section.rows.len()) }
                        }
                        (section_table(service, frame, household, section))
                    }
                }
            }
        }
    }
}

/// Operations on the household: those that may be begun, and those that took place.
fn changes(frame: &Frame, household: &HouseholdView) -> Markup {
    let may = household.page.may_reorganise && !household.is_print;
    let id = &household.page.household.id;
    let kinds = [ChangeKind::Split, ChangeKind::Merge, ChangeKind::Move, ChangeKind::End];
    card(
        "changes",
        frame.t(change::CARD),
        &html! { (household.page.changes.len()) },
        &html! {
            @if may { div.row { (operation_links(frame, id, &kinds)) } }
        },
        &change_list(frame, &household.page.changes),
    )
}

/// A record of any ledger of the tree.
fn add_card(frame: &Frame, household: &HouseholdView) -> Markup {
    let id = &household.page.household.id;
    html! {
        @if !household.addable.is_empty() {
            (card("add", frame.t(t::ADD_RECORD), &html! {}, &html! {}, &html! {
                form method="get" action={ "/households/" (id) "/add" } {
                    (select_field(frame, &Errors::default(), &Input {
                        name: "ledger", label: frame.t(t::ADD_KIND), ..Input::default()
                    }, &household.addable))
                    button.btn { (frame.t(t::ADD_GO)) }
                }
            }))
        }
    }
}

/// The route.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/households/{id}", get(show))
        .route("/households/{id}/print", get(show_print))
}

async fn show(State(state): State<AppState>, visit: Visit, Path(id): Path<String>) -> Answer {
    answer(&state, &visit, &id, false).await
}

async fn show_print(State(state): State<AppState>, visit: Visit, Path(id): Path<String>) -> Answer {
    answer(&state, &visit, &id, true).await
}

async fn answer(state: &AppState, visit: &Visit, id: &str, is_print: bool) -> Answer {
    let id = id_of(id)?;
    let lists = state.lists(&visit.caller).await?;
    let reader = visit.clone();
    let (page, names) = state
        .run(move |service| {
            let page = service.household_page(&reader.caller, &id)?;
            let names = names_of(service, &reader, &page)?;
            Ok((page, names))
        })
        .await?;
    let service = state.service();
    let household = HouseholdView {
        place: lists.region_name(page.household.region.as_ref()),
        addable: if is_print {
            Vec::new()
        } else {
            addable(service, &visit.caller, &visit.frame, &page.household)
        },
        names,
        page,
        is_print,
    };
    Ok(view(service, &visit.frame, &household).into_response())
}

/// Ledgers of the tree that the reader may add to.
fn addable(
    service: &Service,
    caller: &Caller,
    frame: &Frame,
    household: &Record,
) -> Vec<(String, String)> {
    let (Some(ledger), Some(region)) =
        (service.codebook().ledger("household"), household.region.as_ref())
    else {
        return Vec::new();
    };
    let many = ledger.relations.iter().filter(|relation| relation.kind == RelationKind::Many);
    let nested = many.filter(|relation| {
        let other = service.codebook().ledger(&relation.ledger);
        other.is_some_and(|other| other.nest.as_deref() == Some("household"))
    });
    let mut names: Vec<(String, String)> = nested
        .filter(|relation| relation.ledger != "household_change")
        .filter(|relation| service.may_add(caller, &relation.ledger, region))
        .map(|relation| (relation.ledger.clone(), ledger_label(service, frame, &relation.ledger)))
        .collect();
    names.dedup();
    names
}

/// Names of what the rows refer to: members by their masked names, the rest by title.
fn names_of(
    service: &Service,
    visit: &Visit,
    page: &HouseholdPage,
) -> Result<BTreeMap<RecordId, String>, ServiceError> {
    let mut names: BTreeMap<RecordId, String> = BTreeMap::new();
    for section in &page.sections {
        let known =
            section.rows.iter().map(|row| (row.id.clone(), record_title(service.codebook(), row)));
        names.extend(known.filter(|(_, title)| !title.is_empty()));
    }
    for section in page.sections.iter().filter(|section| !OWN_PARTS.contains(&&*section.ledger)) {
        let Some(ledger) = service.codebook().ledger(&section.ledger) else { continue };
        let fields: Vec<&Field> = ledger
            .fields
            .iter()
            .filter(|field| !matches!(field.ledger.as_deref(), None | Some("household" | "person")))
            .collect();
        let values: Vec<&Value> = section
            .rows
            .iter()
            .flat_map(|row| fields.iter().map(|field| row.get(&field.name)))
            .filter(|value| value.as_reference().is_some_and(|id| !names.contains_key(id)))
            .collect();
        if !values.is_empty() {
            let found = reference_names(service, visit, &section.ledger, &values)?;
            names.extend(found);
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::age;

    #[test]
    fn years_are_counted_whole() {
        let today = "2026-11-20".parse().unwrap();
        for (born, years) in [("2000-11-20", "26"), ("2000-11-21", "25"), ("2026-01-01", "0")] {
            assert_eq!(age(Some(born.parse().unwrap()), today), years, "{born}");
        }
        assert_eq!(age(None, today), "");
    }
}
