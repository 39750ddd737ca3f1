//! `/households`: the register. A name to look for goes in a form's body, never in an address.

use super::queue::code_words;
use super::record_words::yuan;
use crate::app::{Answer, AppState, FormValues, Lists, Visit, code_options, may, see};
use crate::components::{
    Address, Choice, Column, Empty, Errors, Field, FilterField, Menu, PageHead, Paging, Tone,
    empty_state, form_open, input_field, notice, page, page_head, paging, table_head, tag,
    wide_table,
};
use crate::frame::Frame;
use crate::text::{common, household as t};
use axum::Router;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use maud::{Markup, html};
use std::collections::BTreeMap;
use taizhang_codebook::Action;
use taizhang_service::{Caller, Service, ServiceError};
use taizhang_store::{Cursor, Filter, Record};
use taizhang_values::{RecordId, RegionCode, Value, mask_name};

/// Households of a page.
const PAGE_ROWS: usize = 50;
/// Households found by a name at most.
const FOUND_MAX: usize = 50;
/// Standing doubts counted for one page.
const DOUBTS_COUNTED: usize = 1000;

/// One household in the list.
#[derive(Clone, Debug, Default)]
pub(crate) struct HouseholdRow {
    pub(crate) id: String,
    pub(crate) head: String,
    pub(crate) number: String,
    pub(crate) village: String,
    pub(crate) kind: String,
    pub(crate) monitored: String,
    pub(crate) is_at_risk: bool,
    pub(crate) people: String,
    pub(crate) income: String,
    pub(crate) doubts: usize,
}

/// The page's content.
#[derive(Clone, Debug, Default)]
pub(crate) struct HouseholdsView {
    pub(crate) rows: Vec<HouseholdRow>,
    pub(crate) address: Address,
    pub(crate) fields: Vec<FilterField>,
    pub(crate) paging: Paging,
    /// What was looked for by a posted name.
    pub(crate) found: Option<String>,
    pub(crate) may_add: bool,
}

/// The page.
pub(crate) fn view(frame: &Frame, list: &HouseholdsView) -> Markup {
    let body = html! {
        (page_head(frame, &PageHead {
            title: frame.t(t::TITLE),
            facts: Some(html! { (frame.t(t::FACTS)) }),
            acts: list.may_add
                .then(|| html! { a.btn.p href="/households/new" { (frame.t(t::ADD)) } }),
            ..PageHead::default()
        }))
        (find_form(frame, list))
        @if list.found.is_some() {
            (notice(Tone::Information, &html! {
                @if list.rows.is_empty() { (frame.t(t::NOT_FOUND)) }
                @else { (frame.with(t::FOUND, &[&list.rows.len()])) }
                " " a href="/households" { (frame.t(t::SHOW_ALL)) }
            }))
        } @else {
            (filter(frame, &list.address, &list.fields))
        }
        @if !list.rows.is_empty() {
            (table(frame, list))
            @if list.found.is_none() { (paging(frame, &list.paging)) }
        } @else if list.found.is_none() {
            @if list.address.pairs().is_empty() {
                (empty_state(frame, &Empty::Nothing {
                    help: frame.t(t::START_HELP),
                    first: list.may_add.then_some((frame.t(t::ADD), "/households/new")),
                }))
            } @else { (empty_state(frame, &Empty::NoMatch("/households"))) }
        }
    };
    page(frame, frame.t(t::TITLE), Menu::Households, &body)
}

fn find_form(frame: &Frame, list: &HouseholdsView) -> Markup {
    html! {
        details.act-d.gap open[list.found.is_some()] {
            summary.btn.s { (frame.t(t::FIND)) }
            div.bx {
                (form_open(frame, "/households/find", "", &html! {
                    (input_field(frame, &Errors::default(), &Field {
                        name: "text",
                        label: frame.t(t::FIND_LABEL),
                        value: list.found.as_deref().unwrap_or(""),
                        autocomplete: Some("off"),
                        ..Field::default()
                    }))
                    button.btn.p { (frame.t(common::SEARCH)) }
                }))
            }
        }
    }
}

/// Names in an address that a filter keeps.
const KEPT: [&str; 2] = ["tab", "kind"];
/// Names that the address of the register takes; what else somebody types into it goes no further.
const KNOWN: [&str; 5] = ["region", "type", "monitor", "risk", "after"];

/// Conditions from lists alone: a box for text would put what is typed into the address.
pub(crate) fn filter(frame: &Frame, address: &Address, fields: &[FilterField]) -> Markup {
    let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
    let path = address.without(&names).text();
    let path = path.split('?').next().unwrap_or("/").to_owned();
    let chips = fields.iter().filter_map(|field| {
        let value = address.get(field.name);
        let (_, words) = field.options.iter().find(|(known, _)| known == value)?;
        Some((
            format!("{}{}{words}", field.label, frame.t(common::COLON)),
            address.set(field.name, "").text(),
        ))
    });
    let chips: Vec<(String, String)> = chips.collect();
    let kept = address.pairs().iter().filter(|(name, _)| KEPT.contains(&name.as_str()));
    html! {
        a.btn.s.only-m href="#filter" {
            @if chips.is_empty() { (frame.t(common::FILTER)) }
            @else { (frame.with(common::FILTER_ON, &[&chips.len()])) }
        }
        form.card.flt #filter method="get" action=(path) aria-label=(frame.t(common::FILTER))
            hx-get=(path) hx-target="#main" hx-select="#main" hx-swap="outerMorph"
            hx-push-url="true" {
            @for (name, value) in kept { input type="hidden" name=(name) value=(value); }
            @for field in fields {
                label {
                    (field.label) " "
                    select name=(field.name) {
                        option value="" { (frame.t(common::ALL_WORD)) }
                        @for (value, words) in &field.options {
                            option value=(value) selected[value == address.get(field.name)] {
                                (words)
                            }
                        }
                    }
                }
            }
            button.btn.p { (frame.t(common::SEARCH)) }
            a.btn.t href=(address.without(&names).text()) { (frame.t(common::CLEAR)) }
        }
        @if !chips.is_empty() {
            div.chips.bar {
                @for (words, without) in &chips { a.chip href=(without) { (words) " ×" } }
            }
        }
    }
}

fn table(frame: &Frame, list: &HouseholdsView) -> Markup {
    let columns = [
        (t::HEAD_HOUSEHOLD, ""),
        (t::HEAD_NUMBER, ""),
        (t::HEAD_VILLAGE, ""),
        (t::HEAD_TYPE, ""),
        (t::HEAD_MONITOR, ""),
        (t::HEAD_PEOPLE, "num"),
        (t::HEAD_INCOME, "num"),
        (t::HEAD_DOUBTS, "num"),
    ]
    .map(|(words, class)| Column { words: frame.t(words).to_owned(), sort: None, class });
    let label = |words| frame.t(words);
    wide_table(
        frame.t(t::TITLE),
        "solo bare",
        "cards",
        &table_head(frame, &list.address, &columns, false),
        &html! {
            @for row in &list.rows {
                @let address = format!("/households/{}", row.id);
                tr {
                    th.ttl scope="row" { a href=(address) data-open="" { (row.head) } }
                    td.nw data-l=(label(t::HEAD_NUMBER)) { (row.number) }
                    td data-l=(label(t::HEAD_VILLAGE)) { (row.village) }
                    td.inl { (row.kind) }
                    td.inl {
                        @if !row.monitored.is_empty() {
                            (tag(if row.is_at_risk { "r" } else { "g" }, &row.monitored))
                        }
                    }
                    td.num.inl data-l=(label(t::HEAD_PEOPLE)) { (row.people) }
                    td.num.inl data-l=(label(t::HEAD_INCOME)) { (row.income) }
                    td.num.inl data-l=(label(t::HEAD_DOUBTS)) {
                        @if row.doubts > 0 {
                            a href={ (address) "#doubts" } { (row.doubts) }
                        } @else { "0" }
                    }
                }
            }
        },
    )
}

/// The routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/households", get(show)).route("/households/find", post(find))
}

fn read_filter(address: &Address) -> Filter {
    let mut parts = Vec::new();
    if let Some(region) = RegionCode::parse(address.get("region")) {
        parts.push(Filter::Under(region));
    }
    for (name, field) in [("type", "household_type"), ("monitor", "monitor_category")] {
        if !address.get(name).is_empty() {
            parts.push(Filter::eq(field, address.get(name)));
        }
    }
    let monitored = Filter::Not(Box::new(Filter::IsEmpty("monitor_category".to_owned())));
    match address.get("risk") {
        "standing" => {
            let removed = Filter::eq("risk_removed", true);
            parts.push(monitored.and(Filter::Not(Box::new(removed))));
        }
        "removed" => parts.push(monitored.and(Filter::eq("risk_removed", true))),
        _ => {}
    }
    Filter::And(parts)
}

fn fields(service: &Service, frame: &Frame, lists: &Lists) -> Vec<FilterField> {
    let codes = |list: &str| code_options(service.codebook(), list, frame.language);
    let risks = [("standing", t::RISK_STANDING), ("removed", t::RISK_REMOVED)]
        .map(|(value, words)| (value.to_owned(), frame.t(words).to_owned()));
    [
        ("region", t::FILTER_REGION, places(lists)),
        ("type", t::FILTER_TYPE, codes("household_type")),
        ("monitor", t::FILTER_MONITOR, codes("monitor_category")),
        ("risk", t::FILTER_RISK, risks.to_vec()),
    ]
    .into_iter()
    .map(|(name, label, options)| FilterField { name, label: frame.t(label).to_owned(), options })
    .collect()
}

/// Places offered in filters: all of them where they are few, else down to the township.
pub(crate) fn places(lists: &Lists) -> Vec<(String, String)> {
    const PLACES_MAX: usize = 200;
    if lists.regions.len() > PLACES_MAX {
        return lists.townships();
    }
    let pair = |choice: &Choice| (choice.id.clone(), choice.name.clone());
    lists.regions.iter().map(pair).collect()
}

async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Answer {
    let known = pairs.into_iter().filter(|(name, _)| KNOWN.contains(&name.as_str()));
    let address = Address::new("/households", &known.collect::<Vec<_>>());
    let lists = state.lists(&visit.caller).await?;
    let after = Some(address.get("after")).filter(|mark| !mark.is_empty()).map(Cursor::from_text);
    let is_first = after.is_none();
    let (caller, filter) = (visit.caller.clone(), read_filter(&address));
    let (found, doubts) = state
        .run(move |service| {
            let found = service.households(&caller, filter, after, PAGE_ROWS)?;
            let doubts = doubt_counts(service, &caller, &found.records)?;
            Ok((found, doubts))
        })
        .await?;
    let rows = rows(state.service(), &visit.frame, &lists, &found.records, &doubts);
    let shown = u64::try_from(rows.len()).unwrap_or(0);
    let place = |mark: Cursor| address.set("after", mark.as_str()).text();
    let page = HouseholdsView {
        rows,
        fields: fields(state.service(), &visit.frame, &lists),
        paging: Paging {
            total: shown,
            shown,
            first: (!is_first).then(|| address.set("after", "").text()),
            previous: found.previous.map(place),
            next: found.next.map(place),
        },
        found: None,
        may_add: may(state.service(), &visit.caller, "household", Action::Create),
        address,
    };
    Ok(view(&visit.frame, &page).into_response())
}

/// Looks for a household by the name of its head or by its number.
async fn find(State(state): State<AppState>, visit: Visit, form: FormValues) -> Answer {
    let text = form.get("text").to_owned();
    if text.is_empty() {
        return Ok(see("/households"));
    }
    let lists = state.lists(&visit.caller).await?;
    let (caller, wanted) = (visit.caller.clone(), text.clone());
    let (found, doubts) = state
        .run(move |service| {
            if let Ok(record) = service.household_by_number(&caller, &wanted) {
                return Ok((vec![record], BTreeMap::new()));
            }
            let fields = ["head_name", "household_no"].map(str::to_owned).to_vec();
            let filter = Filter::AnyContains(fields, wanted);
            let found = service.households(&caller, filter, None, FOUND_MAX)?.records;
            let doubts = doubt_counts(service, &caller, &found)?;
            Ok((found, doubts))
        })
        .await?;
    if let [only] = found.as_slice() {
        return Ok(see(&format!("/households/{}", only.id)));
    }
    let page = HouseholdsView {
        rows: rows(state.service(), &visit.frame, &lists, &found, &doubts),
        address: Address::new("/households", &[]),
        found: Some(text),
        may_add: may(state.service(), &visit.caller, "household", Action::Create),
        ..HouseholdsView::default()
    };
    Ok(view(&visit.frame, &page).into_response())
}

/// Standing doubts by household.
fn doubt_counts(
    service: &Service,
    caller: &Caller,
    households: &[Record],
) -> Result<BTreeMap<RecordId, usize>, ServiceError> {
    if households.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids = households.iter().map(|record| Value::from(&record.id)).collect();
    let open = Filter::Not(Box::new(Filter::eq("doubt_status", "closed")));
    let filter = Filter::In("household".to_owned(), ids).and(open);
    let mut counts = BTreeMap::new();
    for doubt in service.doubts(caller, filter, None, DOUBTS_COUNTED)?.records {
        if let Some(household) = doubt.reference("household") {
            *counts.entry(household.clone()).or_insert(0) += 1;
        }
    }
    Ok(counts)
}

fn rows(
    service: &Service,
    frame: &Frame,
    lists: &Lists,
    records: &[Record],
    doubts: &BTreeMap<RecordId, usize>,
) -> Vec<HouseholdRow> {
    let row = |record: &Record| HouseholdRow {
        id: record.id.to_string(),
        head: mask_name(record.text("head_name")),
        number: record.text("household_no").to_owned(),
        village: lists.region_name(record.region.as_ref()),
        kind: code_words(service, frame, "household_type", record.text("household_type")),
        monitored: code_words(service, frame, "monitor_category", record.text("monitor_category")),
        is_at_risk: record.get("risk_removed").as_boolean() != Some(true),
        people: record.get("population").to_string(),
        income: match record.get("net_income_per_capita") {
            Value::Money(money) => yuan(*money),
            _ => String::new(),
        },
        doubts: doubts.get(&record.id).copied().unwrap_or(0),
    };
    records.iter().map(row).collect()
}
