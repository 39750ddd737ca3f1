//! `/issues/{id}/criterion`: rules that close a finding, the count and the curve of what violates.

use super::doubts::{households_of, row, subjects_of, table};
use super::issue::id_of;
use super::record_words::title_of_rule;
use crate::app::{Answer, AppState, FormValues, Lists, Visit, WebError, form_answer, see_done};
use crate::components::{
    Address, Choice, Errors, Field, KeyFigure, Light, Menu, PageHead, Tone, date_field,
    error_summary, form_open, hidden, key_figures, many_picker, notice, one_picker, page_head,
    page_with,
};
use crate::frame::Frame;
use crate::text::{criterion as t, ledger};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use axum::routing::get;
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use taizhang_service::doubts::{CriterionDay, CriterionInput, CriterionState};
use taizhang_service::work::FindingAct;
use taizhang_service::{Service, ServiceError};
use taizhang_store::Record;
use taizhang_values::{RecordId, RegionCode};

/// The page's content.
struct CriterionView {
    finding: Record,
    state: Option<CriterionState>,
    households: BTreeMap<RecordId, Record>,
    subjects: BTreeMap<RecordId, String>,
    /// Rules that have doubts.
    with_doubts: BTreeSet<String>,
    may_set: bool,
    light: Light,
    is_all: bool,
}

/// The route.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/issues/{id}/criterion", get(show).post(set))
}

async fn load(
    state: &AppState,
    visit: &Visit,
    id: &RecordId,
    is_all: bool,
) -> Result<CriterionView, WebError> {
    let (caller, asked) = (visit.caller.clone(), id.clone());
    let found = state.run(move |service| {
        let page = service.finding_page(&caller, &asked)?;
        let state = service.criterion_state(&caller, &asked)?;
        let rows = state.as_ref().map_or(&[][..], |state| &state.rows);
        let households = households_of(service, &caller, rows)?;
        let subjects = subjects_of(service, &caller, rows)?;
        let counts = service.rule_counts(&caller)?;
        Ok(CriterionView {
            may_set: page.acts.contains(&FindingAct::Edit),
            light: page.light.into(),
            finding: page.finding,
            households,
            subjects,
            with_doubts: counts
                .into_iter()
                .filter(|count| count.open > 0)
                .map(|count| count.rule)
                .collect(),
            state,
            is_all,
        })
    });
    found.await
}

async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
    Query(asked): Query<BTreeMap<String, String>>,
) -> Answer {
    let is_all = asked.get("rules").is_some_and(|value| value == "all");
    let content = load(&state, &visit, &id_of(&id)?, is_all).await?;
    let lists = state.lists(&visit.caller).await?;
    let (values, errors) = (start(&content), Errors::default());
    Ok(view(state.service(), &visit.frame, &lists, &content, &values, &errors).into_response())
}

/// What stands in the form before anybody types.
fn start(content: &CriterionView) -> FormValues {
    let rules = content.finding.get("criterion_rules").as_list().iter();
    let mut pairs: Vec<(String, String)> =
        rules.map(|rule| ("criterion_rules".to_owned(), rule.clone())).collect();
    let region = content.finding.text("criterion_region").to_owned();
    pairs.push(("criterion_region".to_owned(), region));
    let until = content.finding.get("criterion_until").to_string();
    pairs.push(("criterion_until".to_owned(), until));
    FormValues(pairs)
}

async fn set(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
    form: FormValues,
) -> Answer {
    let id = id_of(&id)?;
    let (caller, finding, typed) = (visit.caller.clone(), id.clone(), form.clone());
    let result = state
        .run(move |service| {
            let is_removed = typed.is_ticked("remove");
            let rules = if is_removed { Vec::new() } else { typed.all("criterion_rules") };
            if rules.is_empty() && !is_removed {
                let (zh, en) = (t::CHOOSE.0, t::CHOOSE.1);
                return Err(ServiceError::field("finding", "criterion_rules", "P0029", zh, en));
            }
            let region = typed.some("criterion_region").and_then(|code| RegionCode::parse(&code));
            let until = if is_removed { None } else { typed.date("criterion_until")? };
            let input = CriterionInput { finding, version: typed.version(), rules, region, until };
            service.set_criterion(&caller, &input)
        })
        .await;
    let address = format!("/issues/{id}/criterion");
    let done = |_| see_done(state.options(), &address, "saved", 1, None);
    form_answer(&visit, result, done, async |errors| {
        let content = load(&state, &visit, &id, true).await?;
        let lists = state.lists(&visit.caller).await?;
        Ok(view(state.service(), &visit.frame, &lists, &content, &form, &errors))
    })
    .await
}

fn view(
    service: &Service,
    frame: &Frame,
    lists: &Lists,
    content: &CriterionView,
    values: &FormValues,
    errors: &Errors,
) -> Markup {
    let number = content.finding.text("number");
    let title = frame.with(t::TITLE, &[&number]);
    let address = format!("/issues/{}", content.finding.id);
    let body = html! {
        (page_head(frame, &PageHead {
            path: vec![(frame.t(ledger::TITLE), "/issues"), (number, &address)],
            title: &title,
            facts: Some(html! { (content.finding.text("title")) }),
            acts: None,
        }))
        p.muted.gap { (frame.t(t::FACTS)) }
        (error_summary(frame, errors))
        div.stack {
            @match &content.state {
                Some(state) => { (stands(service, frame, lists, content, state)) },
                None => { (notice(Tone::Information, &html! { (frame.t(t::NONE)) })) },
            }
            @if content.may_set { (set_card(service, frame, lists, content, values, errors)) }
        }
    };
    page_with(frame, &title, Menu::Issues, !errors.is_empty(), &body)
}

/// What a count of violating records means: for acceptance, as long as there will be one.
pub(crate) fn outcome(frame: &Frame, open: u64, light: Light) -> (Tone, String) {
    match (open, matches!(light, Light::Closed | Light::Void)) {
        (0, false) => (Tone::Success, frame.t(t::MAY_ACCEPT).to_owned()),
        (0, true) => (Tone::Success, frame.t(t::NONE_LEFT).to_owned()),
        (open, false) => (Tone::Warning, frame.with(t::MAY_NOT, &[&open])),
        (open, true) => (Tone::Warning, frame.with(t::ENDED_OPEN, &[&open])),
    }
}

/// How it stands: count, curve, rows.
fn stands(
    service: &Service,
    frame: &Frame,
    lists: &Lists,
    content: &CriterionView,
    state: &CriterionState,
) -> Markup {
    let tone = if state.open == 0 { "ok" } else { "bad" };
    let figure = |label, value, tone| KeyFigure {
        label: frame.t(label).to_owned(),
        value,
        unit: String::new(),
        note: String::new(),
        tone,
        rows: None,
    };
    let rows: Vec<_> = state
        .rows
        .iter()
        .map(|doubt| row(service, frame, lists, doubt, (&content.households, &content.subjects)))
        .collect();
    let region = state.region.as_ref().or(content.finding.region.as_ref());
    let (tone_of_count, words) = outcome(frame, state.open, content.light);
    html! {
        (notice(tone_of_count, &html! { (words) }))
        (key_figures(&[
            figure(t::OPEN, state.open, tone),
            figure(t::MENDED, state.mended, "ok"),
        ]))
        div.grid.two {
            section.card {
                div.ch {
                    h2 { (frame.t(t::RULES)) }
                    span.m {
                        (frame.with(t::SINCE, &[content.finding.get("criterion_since")]))
                        @if let Some(last) = content.finding.get("criterion_until").as_date() {
                            " · " (frame.with(t::UNTIL, &[&last]))
                        }
                        " · " (frame.t(t::REGION)) " " (lists.region_name(region))
                    }
                }
                div.cb { ul.lst {
                    @for rule in &state.rules {
                        li {
                            a href={ "/rules/" (rule) } { (rule) }
                            span { (title_of_rule(service.codebook(), rule, frame)) }
                        }
                    }
                } }
            }
            section.card {
                div.ch { h2 { (frame.t(t::CURVE)) } }
                div.cb { (curve(frame, &state.curve)) }
            }
        }
        @if !rows.is_empty() {
            section.card {
                div.ch {
                    h2 { (frame.t(t::ROWS)) }
                    span.m { (frame.with(t::ROWS_FIRST, &[&rows.len()])) }
                }
                (table(frame, &Address::new("/doubts", &[]), &rows))
            }
        }
    }
}

/// Size of the curve in its own units.
const WIDTH: u64 = 480;
const HEIGHT: u64 = 120;
const MARGIN: u64 = 10;

/// The curve as a drawing, and in words for those who do not see it.
fn curve(frame: &Frame, days: &[CriterionDay]) -> Markup {
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return html! {} };
    let most = days.iter().map(|day| day.open).max().unwrap_or(0);
    let words = if days.len() == 1 {
        frame.with(t::CURVE_DAY, &[&last.on, &last.open])
    } else {
        frame.with(t::CURVE_WORDS, &[&first.on, &first.open, &last.on, &last.open, &most])
    };
    let step = |place: usize| {
        let place = u64::try_from(place).unwrap_or(0);
        let spans = u64::try_from(days.len().saturating_sub(1)).unwrap_or(0).max(1);
        MARGIN + place * (WIDTH - 2 * MARGIN) / spans
    };
    let height = |open: u64| HEIGHT - MARGIN - open * (HEIGHT - 2 * MARGIN) / most.max(1);
    let mut line = String::new();
    for (place, day) in days.iter().enumerate() {
        let _ = write!(line, "{},{} ", step(place), height(day.open));
    }
    let (end, ground) = (days.len().saturating_sub(1), HEIGHT - MARGIN);
    html! {
        figure {
            svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } width="100%" role="img" aria-label=(words) {
                line x1=(MARGIN) y1=(ground) x2=(WIDTH - MARGIN) y2=(ground) stroke="#8796aa" {}
                polyline points=(line.trim()) fill="none" stroke="#1c4f8f" stroke-width="2.5" {}
                circle cx=(step(end)) cy=(height(last.open)) r="4" fill="#1c4f8f" {}
            }
            figcaption.muted.small { (words) }
        }
    }
}

fn set_card(
    service: &Service,
    frame: &Frame,
    lists: &Lists,
    content: &CriterionView,
    values: &FormValues,
    errors: &Errors,
) -> Markup {
    let chosen = values.all("criterion_rules");
    let shown = service.codebook().rules.keys().filter(|code| {
        content.is_all || chosen.contains(code) || content.with_doubts.contains(*code)
    });
    let mut rules: Vec<Choice> = shown
        .map(|code| Choice {
            id: code.clone(),
            name: format!("{code} {}", title_of_rule(service.codebook(), code, frame)),
            note: String::new(),
            is_picked: chosen.contains(code),
        })
        .collect();
    // What is chosen stands where it is seen without scrolling.
    rules.sort_by_key(|rule| !rule.is_picked);
    let own = content.finding.region.as_ref();
    let inside = |choice: &&Choice| {
        let code = RegionCode::parse(&choice.id);
        code.zip(own).is_some_and(|(code, own)| code.is_under(own))
    };
    let places: Vec<Choice> = lists.regions.iter().filter(inside).cloned().collect();
    let action = format!("/issues/{}/criterion", content.finding.id);
    let version = content.finding.version.to_string();
    html! {
        section.card #set {
            div.ch {
                h2 { (frame.t(t::SET)) }
                @if !content.is_all {
                    span.m { a href={ (action) "?rules=all#set" } { (frame.t(t::ALL_RULES)) } }
                }
            }
            div.cb {
                (form_open(frame, &action, "", &html! {
                    (hidden("version", &version))
                    (many_picker(frame, errors, &Field {
                        name: "criterion_rules", label: frame.t(t::RULES),
                        hint: frame.t(t::SET_HINT), is_required: true, ..Field::default()
                    }, &rules))
                    (one_picker(frame, errors, &Field {
                        name: "criterion_region", label: frame.t(t::REGION),
                        hint: frame.t(t::REGION_HINT), value: values.get("criterion_region"),
                        ..Field::default()
                    }, &places))
                    (date_field(frame, errors, &Field {
                        name: "criterion_until", label: frame.t(t::LAST_DAY),
                        hint: frame.t(t::LAST_DAY_HINT), value: values.get("criterion_until"),
                        ..Field::default()
                    }))
                    button.btn.p { (frame.t(t::SET)) }
                }))
                @if content.state.is_some() {
                    (form_open(frame, &action, "", &html! {
                        (hidden("version", &version))
                        (hidden("remove", "yes"))
                        button.btn.d { (frame.t(t::REMOVE)) }
                    }))
                }
            }
        }
    }
}
