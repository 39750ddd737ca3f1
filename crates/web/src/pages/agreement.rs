//! `/agreement` and `/households/{id}/agreement`: the same thing from the national export, the
//! paper file and the visit, side by side (三统一).

use super::issue::id_of;
use super::queue::code_words;
use super::record_words::{household_words, is_name, shown_value};
use crate::app::{Answer, AppState, Lists, Visit};
use crate::components::{
    Address, Empty, KeyFigure, Menu, PageHead, Tone, empty_state, key_figures, notice, page,
    page_head, simple_table, tag,
};
use crate::frame::Frame;
use crate::text::{Text, agreement as t, household};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use axum::routing::get;
use maud::{Markup, html};
use std::collections::BTreeMap;
use taizhang_service::Service;
use taizhang_service::agreement::{
    Agreement, AgreementItem, AgreementScope, AgreementVillage, SourceValue,
};
use taizhang_store::Record;
use taizhang_values::{RegionCode, mask_name};

/// Ledger of what each source says.
const SOURCES: &str = "field_source";
/// The three sources that every thing is to stand in, and the one that may.
const COLUMNS: [&str; 4] = ["national_export", "paper", "visit", "department"];
/// Columns that are always there.
const ALWAYS: usize = 3;

/// What stands instead of something sealed.
const MASK: &str = "****";

/// What the page is about.
struct AgreementView {
    address: Address,
    /// The household, if it is about one.
    household: Option<Record>,
    /// Place, if it is about one.
    place: String,
    found: Agreement,
    is_all: bool,
    may_add: bool,
}

fn villages_view(
    service: &Service,
    frame: &Frame,
    lists: &Lists,
    villages: &[AgreementVillage],
) -> Markup {
    let heads = [t::HEAD_VILLAGE, t::HEAD_SAID, t::HEAD_DOUBTS].map(|words| frame.t(words));
    let rule = service.codebook().rules.values().find(|rule| rule.ledger.text == SOURCES);
    let row = |village: &AgreementVillage| {
        let code = RegionCode::parse(&village.region);
        let doubts = rule.map(|rule| {
            format!("/doubts?rule={}&region={}&tab=standing", rule.code, village.region)
        });
        vec![
            html! {
                a href={ "/agreement?region=" (village.region) } data-open="" {
                    (lists.region_name(code.as_ref()))
                }
            },
            html! {
                a href={ "/agreement?region=" (village.region) "&all=yes" } { (village.said) }
            },
            html! {
                @match doubts {
                    Some(address) => { a href=(address) { (village.doubts) } },
                    None => { (village.doubts) },
                }
            },
        ]
    };
    let rows: Vec<Vec<Markup>> = villages.iter().map(row).collect();
    let body = html! {
        (page_head(frame, &PageHead {
            title: frame.t(t::TITLE),
            facts: Some(html! { (frame.t(t::FACTS)) }),
            ..PageHead::default()
        }))
        @if rows.is_empty() {
            (empty_state(frame, &Empty::Nothing { help: frame.t(t::NONE_HELP), first: None }))
        } @else { (simple_table(frame.t(t::VILLAGES), &heads, &rows)) }
    };
    page(frame, frame.t(t::TITLE), Menu::Agreement, &body)
}

fn view(service: &Service, frame: &Frame, content: &AgreementView) -> Markup {
    let words = content.household.as_ref().map(|one| household_words(frame, one));
    let back = content.household.as_ref().map(|one| format!("/households/{}", one.id));
    let title = match (&words, content.place.is_empty()) {
        (Some(words), _) => frame.with(t::OF, &[words]),
        (None, false) => frame.with(t::OF, &[&content.place]),
        (None, true) => frame.t(t::TITLE).to_owned(),
    };
    let mut path = vec![(frame.t(t::TITLE), "/agreement")];
    if let (Some(words), Some(back)) = (&words, &back) {
        path = vec![(frame.t(household::TITLE), "/households"), (words, back)];
    }
    let body = html! {
        (page_head(frame, &PageHead {
            path,
            title: &title,
            facts: Some(html! { (frame.t(t::FACTS)) }),
            acts: Some(acts(frame, content)),
        }))
        (figures(frame, content))
        @if content.found.is_cut {
            (notice(Tone::Warning, &html! { (frame.with(t::CUT, &[&content.found.items.len()])) }))
        }
        @if content.found.items.is_empty() {
            @if content.found.compared + content.found.single == 0 {
                (empty_state(frame, &Empty::Nothing { help: frame.t(t::NONE_HELP), first: None }))
            } @else { p.card { span.cb { (frame.t(t::AGREED)) } } }
        } @else { div.gap-t { (table(service, frame, content)) } }
    };
    page(frame, &title, Menu::Agreement, &body)
}

fn acts(frame: &Frame, content: &AgreementView) -> Markup {
    let (words, all): (Text, &str) =
        if content.is_all { (t::ONLY_DIFFERENT, "") } else { (t::EVERYTHING, "yes") };
    html! {
        a.btn href=(content.address.set("all", all).text()) { (frame.t(words)) }
        @if let Some(household) = content.household.as_ref().filter(|_| content.may_add) {
            a.btn.p href={ "/households/" (household.id) "/add?ledger=" (SOURCES) } {
                (frame.t(t::ADD))
            }
        }
    }
}

fn figures(frame: &Frame, content: &AgreementView) -> Markup {
    let figure = |label: Text, value: usize, all: &str, tone| KeyFigure {
        label: frame.t(label).to_owned(),
        value: u64::try_from(value).unwrap_or(0),
        unit: String::new(),
        note: String::new(),
        tone,
        rows: Some(content.address.set("all", all).text()),
    };
    let found = &content.found;
    let tone = if found.different > 0 { "warn" } else { "ok" };
    key_figures(&[
        figure(t::COUNT_DIFFERENT, found.different, "", tone),
        figure(t::COUNT_COMPARED, found.compared, "yes", ""),
        figure(t::COUNT_SINGLE, found.single, "yes", ""),
    ])
}

fn table(service: &Service, frame: &Frame, content: &AgreementView) -> Markup {
    let is_said = |source: &str| content.found.items.iter().any(|i| i.said_by(source).is_some());
    let columns: Vec<&str> = COLUMNS
        .into_iter()
        .enumerate()
        .filter(|(place, source)| *place < ALWAYS || is_said(source))
        .map(|(_, source)| source)
        .collect();
    let sources: Vec<String> =
        columns.iter().map(|source| code_words(service, frame, "value_source", source)).collect();
    let mut heads = vec![frame.t(t::HEAD_FIELD)];
    if content.household.is_none() {
        heads.insert(0, frame.t(t::HEAD_HOUSEHOLD));
    }
    heads.extend(sources.iter().map(String::as_str));
    heads.extend([frame.t(t::HEAD_OWN), frame.t(t::HEAD_DOUBT)]);
    let items = content.found.items.iter();
    let rows: Vec<Vec<Markup>> =
        items.map(|item| row(service, frame, content, &columns, item)).collect();
    simple_table(frame.t(t::TITLE), &heads, &rows)
}

fn row(
    service: &Service,
    frame: &Frame,
    content: &AgreementView,
    columns: &[&str],
    item: &AgreementItem,
) -> Vec<Markup> {
    let label = label(service, frame, item);
    let mut cells = Vec::new();
    if content.household.is_none() {
        let words = content.found.households.get(&item.household);
        cells.push(html! {
            a href={ "/households/" (item.household) "/agreement" } data-open="" {
                @match words {
                    Some(household) => { (household_words(frame, household)) },
                    None => { (item.subject) },
                }
            }
        });
    }
    cells.push(html! {
        (label)
        span.sub2 { (item.subject) }
        @if item.differs { " " (tag("r", frame.t(t::DIFFERS))) }
        @else if item.values.len() > 1 { " " (tag("g", frame.t(t::SAME))) }
    });
    for source in columns {
        let words = code_words(service, frame, "value_source", source);
        cells.push(said(service, frame, item, item.said_by(source), &words, &label));
    }
    cells.push(own(service, frame, item, &label));
    cells.push(html! {
        @for doubt in &item.doubts {
            a.nw href={ "/doubts/" (doubt.id) } {
                (doubt.text("rule")) " "
                (code_words(service, frame, "doubt_status", doubt.text("doubt_status")))
            }
            br;
        }
    });
    cells
}

/// The words of a thing: its label where it is a field of the register.
fn label(service: &Service, frame: &Frame, item: &AgreementItem) -> String {
    let own = item.own.as_ref().and_then(|own| service.codebook().field(&own.ledger, &own.field));
    own.map_or_else(|| item.field.clone(), |field| field.label.text(frame.language).to_owned())
}

/// What a source says: names masked, sealed things not shown, with the way to its record.
fn said(
    service: &Service,
    frame: &Frame,
    item: &AgreementItem,
    value: Option<&SourceValue>,
    source: &str,
    label: &str,
) -> Markup {
    let Some(value) = value else { return html! { "—" } };
    let own = item.own.as_ref();
    let field = own.and_then(|own| service.codebook().field(&own.ledger, &own.field));
    let text = match (own, field) {
        (Some(_), Some(field)) if field.sensitive.is_some() => MASK.to_owned(),
        (Some(_), Some(field)) if is_name(field) => mask_name(&value.text),
        (Some(own), Some(field)) => coded(service, frame, own.ledger.as_str(), field, &value.text),
        _ => value.text.clone(),
    };
    html! {
        a href={ "/records/" (value.record) "/history?ledger=" (SOURCES) } {
            (text)
            span.vh { " " (frame.with(t::HISTORY, &[&format!("{source} {label}")])) }
        }
        @if let Some(on) = value.on { span.sub2 { (on) } }
        a.small href={ "/records/" (value.record) "/edit?ledger=" (SOURCES) }
            aria-label=(frame.with(t::EDIT_LONG, &[&source, &label])) { (frame.t(t::EDIT)) }
    }
}

/// A code in its words, if the field has codes and the text is one.
fn coded(
    service: &Service,
    frame: &Frame,
    ledger: &str,
    field: &taizhang_codebook::Field,
    text: &str,
) -> String {
    match &field.codes {
        Some(list) if service.codebook().code_label(list, text).is_some() => {
            code_words(service, frame, list, text)
        }
        _ => {
            let value = taizhang_values::Value::from(text);
            let is_text = field.field_type.value_kind() == taizhang_values::ValueKind::Text;
            if is_text {
                shown_value(service, frame, field, ledger, &value, &BTreeMap::new())
            } else {
                text.to_owned()
            }
        }
    }
}

fn own(service: &Service, frame: &Frame, item: &AgreementItem, label: &str) -> Markup {
    let Some(own) = &item.own else { return html! { "—" } };
    let Some(field) = service.codebook().field(&own.ledger, &own.field) else {
        return html! { "—" };
    };
    let text = shown_value(service, frame, field, &own.ledger, &own.value, &BTreeMap::new());
    let edit = format!("/records/{}/edit?ledger={}", own.record, own.ledger);
    html! {
        a href={ "/records/" (own.record) "/history?ledger=" (own.ledger) "&field=" (own.field) } {
            @if text.is_empty() { "—" } @else { (text) }
            span.vh { " " (frame.with(t::HISTORY, &[&label])) }
        }
        " "
        a.small href=(edit)
            aria-label=(frame.with(t::EDIT_LONG, &[&frame.t(t::HEAD_OWN), &label])) {
            (frame.t(t::EDIT))
        }
    }
}

/// The routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/agreement", get(show))
        .route("/households/{id}/agreement", get(show_household))
}

async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Answer {
    let address = Address::new("/agreement", &pairs);
    let lists = state.lists(&visit.caller).await?;
    let caller = visit.caller.clone();
    let asked = RegionCode::parse(address.get("region"));
    let Some(region) = asked.filter(|region| !region.as_str().is_empty()) else {
        let villages = state.run(move |service| service.agreement_villages(&caller)).await?;
        let page = villages_view(state.service(), &visit.frame, &lists, &villages);
        return Ok(page.into_response());
    };
    let is_all = address.get("all") == "yes";
    let place = lists.region_name(Some(&region));
    let scope = AgreementScope::Region(region);
    let found = state.run(move |service| service.agreement(&caller, &scope, is_all)).await?;
    let content = AgreementView { address, household: None, place, found, is_all, may_add: false };
    Ok(view(state.service(), &visit.frame, &content).into_response())
}

async fn show_household(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Answer {
    let address = Address::new(&format!("/households/{id}/agreement"), &pairs);
    let id = id_of(&id)?;
    let is_all = address.get("all") == "yes";
    let caller = visit.caller.clone();
    let (household, found, may_add) = state
        .run(move |service| {
            let household = service.register_record(&caller, "household", &id)?;
            let found = service.agreement(&caller, &AgreementScope::Household(id), is_all)?;
            let region = household.region.as_ref();
            let may_add = region.is_some_and(|region| service.may_add(&caller, SOURCES, region));
            Ok((household, found, may_add))
        })
        .await?;
    let household = Some(household);
    let place = String::new();
    let content = AgreementView { address, household, place, found, is_all, may_add };
    Ok(view(state.service(), &visit.frame, &content).into_response())
}
