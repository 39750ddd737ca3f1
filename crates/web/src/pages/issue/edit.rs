//! `/issues/{id}/edit`: correcting what a finding says. Who was overtaken by somebody else sees
//! both versions field by field above his own text, and nothing of it is lost.

use super::{hints, id_of};
use crate::app::{
    Answer, AppState, FormValues, Visit, WebError, both_versions, code_options, form_errors,
    refused_form, see_done,
};
use crate::components::{
    Errors, Field, Menu, PageHead, Tone, area_field, error_summary, form_open, hidden, input_field,
    notice, page_head, page_with, select_field,
};
use crate::frame::Frame;
use crate::text::{Text, common, fault, issue as t, ledger, write as w};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use taizhang_service::ServiceError;
use taizhang_service::work::{EDITABLE_FIELDS, EditFindingInput, FindingAct, FindingPage, Shown};
use taizhang_store::Conflict;
use taizhang_values::{RecordId, Value};

/// The page's content.
#[derive(Clone, Debug, Default)]
pub(crate) struct EditView {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) version: i64,
    pub(crate) values: FormValues,
    pub(crate) topics: Vec<(String, String)>,
    pub(crate) scopes: Vec<(String, String)>,
    /// Who else has it open, and who changed it last.
    pub(crate) hints: Vec<String>,
    /// Both versions, if somebody else was first.
    pub(crate) conflict: Option<Markup>,
}

/// The page.
pub(crate) fn view(frame: &Frame, edit: &EditView, errors: &Errors) -> Markup {
    let title = frame.with(w::EDIT_TITLE, &[&edit.number]);
    let address = format!("/issues/{}", edit.id);
    let field = |name: &'static str, label: Text, is_required: bool| Field {
        name,
        label: frame.t(label),
        value: edit.values.get(name),
        is_required,
        ..Field::default()
    };
    // Over a conflict the kept draft would hide what the other one wrote.
    let draft = if edit.conflict.is_some() { "" } else { &format!("{}-edit", edit.id) };
    let form = html! {
        (hidden("version", &edit.version.to_string()))
        (input_field(frame, errors, &field("title", w::TITLE_FIELD, true)))
        (area_field(frame, errors, &field("problem", w::PROBLEM_FIELD, true)))
        div.frow {
            (input_field(frame, errors, &field("category", t::CATEGORY, false)))
            (input_field(frame, errors, &field("subcategory", w::SUBCATEGORY, false)))
            (select_field(frame, errors, &field("topic", t::TOPIC, false), &edit.topics))
            (select_field(frame, errors, &field("scope_kind", t::SCOPE, false), &edit.scopes))
        }
        (area_field(frame, errors, &field("cause", t::CAUSE, false)))
        button.btn.p {
            @if edit.conflict.is_some() { (frame.t(w::SAVE_OVER)) }
            @else { (frame.t(common::SAVE)) }
        }
        " "
        a.btn.t href=(address) { (frame.t(common::CANCEL)) }
    };
    let body = html! {
        (page_head(frame, &PageHead {
            path: vec![(frame.t(ledger::TITLE), "/issues"), (&edit.number, &address)],
            title: &title,
            facts: Some(html! { (frame.t(w::EDIT_FACTS)) }),
            acts: None,
        }))
        @for hint in &edit.hints { (notice(Tone::Warning, &html! { (hint) })) }
        @if let Some(conflict) = &edit.conflict {
            (notice(Tone::Error, &html! {
                b { (frame.t(fault::CONFLICT)) } p { (frame.t(w::CONFLICT_KEEP)) }
            }))
            (conflict)
        }
        (error_summary(frame, errors))
        section.card.gap-t { div.cb {
            (form_open(frame, &format!("{address}/edit"), draft, &form))
        } }
    };
    page_with(frame, &title, Menu::Issues, !errors.is_empty(), &body)
}

fn content(state: &AppState, frame: &Frame, page: &FindingPage, hints: Vec<String>) -> EditView {
    let codes = |list: &str| code_options(state.service().codebook(), list, frame.language);
    let value = |field: &&str| ((*field).to_owned(), page.finding.get(field).to_string());
    EditView {
        id: page.finding.id.to_string(),
        number: page.finding.text("number").to_owned(),
        version: page.finding.version,
        values: FormValues(EDITABLE_FIELDS.iter().map(value).collect()),
        topics: codes("finding_topic"),
        scopes: codes("scope_kind"),
        hints,
        conflict: None,
    }
}

async fn load(state: &AppState, visit: &Visit, id: &RecordId) -> Result<EditView, WebError> {
    let (caller, asked) = (visit.caller.clone(), id.clone());
    let read = state.run(move |service| {
        let page = service.finding_page(&caller, &asked)?;
        match page.acts.contains(&FindingAct::Edit) {
            true => Ok(page),
            false => Err(service.denied("finding.update", page.finding.region.as_ref())),
        }
    });
    let page = read.await?;
    let hints = hints::others(state, visit, id, true);
    Ok(content(state, &visit.frame, &page, hints))
}

/// The form with what is stored.
pub(super) async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Answer {
    let edit = load(&state, &visit, &id_of(&id)?).await?;
    Ok(view(&visit.frame, &edit, &Errors::default()).into_response())
}

/// Saves, or comes back with the faults or with both versions.
pub(super) async fn save(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
    form: FormValues,
) -> Answer {
    let id = id_of(&id)?;
    let value = |field: &&str| ((*field).to_owned(), Value::from(form.get(field)));
    let input = EditFindingInput {
        shown: Shown { finding: id.clone(), version: form.version() },
        values: EDITABLE_FIELDS.iter().filter(|field| form.has(field)).map(value).collect(),
    };
    let caller = visit.caller.clone();
    match state.run(move |service| service.edit_finding(&caller, &input)).await {
        Ok(_) => Ok(see_done(state.options(), &format!("/issues/{id}"), "saved", 1, None)),
        Err(WebError::Service(ServiceError::Invalid(faults))) => {
            let errors = form_errors(&faults, visit.frame.language);
            let version = form.version();
            let edit = EditView { version, values: form, ..load(&state, &visit, &id).await? };
            let page = view(&visit.frame, &edit, &errors);
            Ok(refused_form(page))
        }
        Err(WebError::Service(ServiceError::Conflict(conflict))) => {
            overtaken(&state, &visit, &id, form, &conflict).await
        }
        Err(other) => Err(other),
    }
}

/// The form with his own text, on the version of the other one, under both versions.
async fn overtaken(
    state: &AppState,
    visit: &Visit,
    id: &RecordId,
    form: FormValues,
    conflict: &Conflict,
) -> Result<Response, WebError> {
    let edit = EditView {
        version: conflict.current.version,
        values: form,
        conflict: Some(both_versions(state, &visit.frame, conflict).await?),
        hints: Vec::new(),
        ..load(state, visit, id).await?
    };
    let page = view(&visit.frame, &edit, &Errors::default());
    Ok((StatusCode::CONFLICT, page).into_response())
}
