//! `/proposals/{id}`: a proposed change field by field, and the decision on it.

use super::issue::id_of;
use super::proposals::{proposal_tag, proposal_words};
use super::queue::code_words;
use super::record_words::{field_label, household_words, reference_names, shown_value};
use crate::app::{
    Answer, AppState, FormValues, Visit, WebError, both_versions, form_errors, see_done,
};
use crate::components::{
    Decision, Errors, Menu, PageHead, Tone, decision_card, decision_of, error_summary, notice,
    page_head, page_with, simple_table, tag,
};
use crate::frame::Frame;
use crate::text::{common, fault, proposal as t};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use maud::{Markup, html};
use std::collections::BTreeMap;
use taizhang_service::register::{DecideProposal, ProposalPage, ProposedField};
use taizhang_service::{Service, ServiceError};
use taizhang_store::Record;
use taizhang_values::{RecordId, Value, mask_name};

/// Fields that say nothing to who decides: the household stands above, relations beside people.
const HIDDEN: [&str; 2] = ["household", "relations"];

/// The page's content.
struct ProposalView {
    page: ProposalPage,
    household: Option<Record>,
    names: BTreeMap<RecordId, String>,
    /// People whom a proposed operation on the household is about.
    people: Vec<String>,
}

/// What came back: what was typed, what is wrong, both versions.
#[derive(Clone, Default)]
struct Returned {
    values: FormValues,
    errors: Errors,
    conflict: Option<Markup>,
}

fn view(service: &Service, frame: &Frame, content: &ProposalView, returned: &Returned) -> Markup {
    let proposal = &content.page.proposal;
    let title = proposal_words(service, frame, proposal);
    let has_conflict = content.page.fields.iter().any(|field| field.is_conflict);
    let is_pending = proposal.text("proposal_status") == "pending";
    let body = html! {
        (page_head(frame, &PageHead {
            path: vec![(frame.t(t::TITLE), "/proposals")],
            title: &title,
            facts: Some(facts(service, frame, content)),
            acts: None,
        }))
        (error_summary(frame, &returned.errors))
        @if let Some(conflict) = &returned.conflict {
            (notice(Tone::Error, &html! { b { (frame.t(fault::CONFLICT)) } }))
            (conflict)
        }
        @if has_conflict && is_pending {
            (notice(Tone::Warning, &html! { (frame.t(t::CONFLICT_NOTE)) }))
        }
        div.stack {
            section.card {
                div.ch { h2 { (frame.t(t::FIELDS)) } }
                (fields(service, frame, content))
            }
            section.card {
                div.ch { h2 { (frame.t(t::REASON)) } }
                div.cb { p.pre { (proposal.text("reason")) } (decided(service, frame, content)) }
            }
            @if content.page.may_decide { (decide_card(frame, proposal, returned)) }
            @else if is_pending {
                (notice(Tone::Information, &html! { (frame.t(t::WAITS)) }))
            }
        }
    };
    page_with(frame, &title, Menu::Proposals, !returned.errors.is_empty(), &body)
}

fn name(content: &ProposalView, field: &str) -> String {
    let id = content.page.proposal.reference(field);
    id.and_then(|id| content.names.get(id)).cloned().unwrap_or_default()
}

fn facts(service: &Service, frame: &Frame, content: &ProposalView) -> Markup {
    let proposal = &content.page.proposal;
    let by = name(content, "proposed_by");
    html! {
        span.row {
            (proposal_tag(service, frame, proposal))
            @if let Some(household) = &content.household {
                a href={ "/households/" (household.id) } { (household_words(frame, household)) }
            }
            span { (frame.with(t::BY, &[&by, proposal.get("proposed_on")])) }
        }
    }
}

fn decided(service: &Service, frame: &Frame, content: &ProposalView) -> Markup {
    let proposal = &content.page.proposal;
    let status = code_words(service, frame, "proposal_status", proposal.text("proposal_status"));
    html! {
        @if proposal.get("decided_on").as_date().is_some() {
            h3 { (frame.t(t::DECISION)) }
            p { (frame.with(t::DECIDED,
                &[&status, &name(content, "decided_by"), proposal.get("decided_on")])) }
            p.pre { (proposal.text("decision_note")) }
        }
    }
}

fn fields(service: &Service, frame: &Frame, content: &ProposalView) -> Markup {
    let ledger = content.page.proposal.text("subject_ledger");
    let heads = [t::HEAD_FIELD, t::HEAD_BASE, t::HEAD_CURRENT, t::HEAD_PROPOSED]
        .map(|words| frame.t(words));
    let words = |one: &ProposedField, value: &Value| {
        if one.field == "persons" && !value.is_empty() {
            return content.people.join(frame.t(common::LIST));
        }
        let field = service.codebook().field(ledger, &one.field);
        field.map_or_else(
            || value.to_string(),
            |field| shown_value(service, frame, field, ledger, value, &content.names),
        )
    };
    let shown = content.page.fields.iter().filter(|one| !HIDDEN.contains(&one.field.as_str()));
    let rows: Vec<Vec<Markup>> = shown
        .map(|one| {
            vec![
                html! {
                    (field_label(service.codebook(), frame, ledger, &one.field))
                    @if one.is_conflict { " " (tag("r", frame.t(t::CONFLICT))) }
                },
                html! { (words(one, &one.base)) },
                html! { (words(one, &one.current)) },
                html! { ins { (words(one, &one.proposed)) } },
            ]
        })
        .collect();
    simple_table(frame.t(t::FIELDS), &heads, &rows)
}

fn decide_card(frame: &Frame, proposal: &Record, returned: &Returned) -> Markup {
    let asked = Decision {
        id: "decide",
        title: t::DECIDE,
        action: &format!("/proposals/{}/decide", proposal.id),
        version: proposal.version,
        choice: ("decision", t::DECISION),
        answers: [t::ACCEPT, t::REFUSE],
        note: ("decision_note", t::NOTE),
        button: t::SEND,
        returned: (returned.values.get("decision"), returned.values.get("decision_note")),
        errors: &returned.errors,
    };
    decision_card(frame, &asked)
}

/// The routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/proposals/{id}", get(show)).route("/proposals/{id}/decide", post(decide))
}

async fn load(state: &AppState, visit: &Visit, id: &RecordId) -> Result<ProposalView, WebError> {
    let (caller, asked) = (visit.caller.clone(), id.clone());
    let reader = visit.clone();
    let found = state.run(move |service| {
        let page = service.proposal_page(&caller, &asked)?;
        let household = page
            .proposal
            .reference("household")
            .and_then(|id| service.register_record(&caller, "household", id).ok());
        let ledger = page.proposal.text("subject_ledger");
        let people = ["proposed_by", "decided_by"].map(|field| page.proposal.get(field));
        let values = page.fields.iter().flat_map(|one| [&one.base, &one.current, &one.proposed]);
        let values: Vec<&Value> = values.chain(people).collect();
        let names = reference_names(service, &reader, ledger, &values)?;
        let proposed = |name: &str| page.fields.iter().find(|one| one.field == name);
        let people = proposed("persons").map(|one| {
            let relations = proposed("relations").map(|one| one.proposed.as_list());
            people_words(service, &reader, one.proposed.as_list(), relations.unwrap_or_default())
        });
        Ok(ProposalView { household, names, people: people.unwrap_or_default(), page })
    });
    found.await
}

/// People by masked names, each with the relation that he is to have.
fn people_words(
    service: &Service,
    visit: &Visit,
    persons: &[String],
    relations: &[String],
) -> Vec<String> {
    let one = |(place, id): (usize, &String)| {
        let person = RecordId::parse(id)
            .and_then(|id| service.register_record(&visit.caller, "person", &id).ok())?;
        let code = relations.get(place).map_or("", String::as_str);
        let relation = code_words(service, &visit.frame, "relation_to_head", code);
        Some(format!("{} {relation}", mask_name(person.text("name"))).trim_end().to_owned())
    };
    persons.iter().enumerate().filter_map(one).collect()
}

async fn show(State(state): State<AppState>, visit: Visit, Path(id): Path<String>) -> Answer {
    let content = load(&state, &visit, &id_of(&id)?).await?;
    Ok(view(state.service(), &visit.frame, &content, &Returned::default()).into_response())
}

async fn decide(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
    form: FormValues,
) -> Answer {
    let id = id_of(&id)?;
    let (caller, proposal, typed) = (visit.caller.clone(), id.clone(), form.clone());
    let result = state
        .run(move |service| {
            let (zh, en) = ("请选择审核结果", "choose the decision");
            let none = || ServiceError::field("proposal", "decision", "P0028", zh, en);
            let is_accepted = decision_of(typed.get("decision")).ok_or_else(none)?;
            let note = typed.get("decision_note").to_owned();
            let input = DecideProposal { proposal, version: typed.version(), is_accepted, note };
            service.decide_proposal(&caller, &input).map(|_| is_accepted)
        })
        .await;
    let returned = match result {
        Ok(is_accepted) => {
            let note = if is_accepted { "accepted" } else { "refused" };
            return Ok(see_done(state.options(), &format!("/proposals/{id}"), note, 1, None));
        }
        Err(WebError::Service(ServiceError::Invalid(faults))) => {
            let errors = form_errors(&faults, visit.frame.language);
            Returned { values: form, errors, conflict: None }
        }
        Err(WebError::Service(ServiceError::Conflict(conflict))) => {
            let table = both_versions(&state, &visit.frame, &conflict).await?;
            Returned { values: form, errors: Errors::default(), conflict: Some(table) }
        }
        Err(other) => return Err(other),
    };
    let content = load(&state, &visit, &id).await?;
    let status = if returned.conflict.is_some() {
        StatusCode::CONFLICT
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let page = view(state.service(), &visit.frame, &content, &returned);
    Ok((status, page).into_response())
}
