//! `/letters/new` and `/letters/{id}`: a letter comes in and becomes a ledger.

mod act;
mod load;
pub(crate) mod model;
pub(crate) mod text;
pub(crate) mod view;

use crate::app::{
    Answer, AppState, FormValues, Upload, Visit, WebError, attachment, code_options, form_errors,
    refused_form, see, see_done,
};
use crate::components::{Address, Errors};
use crate::pages::issue::id_of;
use crate::pages::jobs::{Ran, ran};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use load::Asked;
use model::{LetterLine, UploadView};
use std::collections::BTreeMap;
use taizhang_service::ServiceError;
use taizhang_service::jobs::{JobOutcome, LETTER_BYTES_AT_ONCE};
use taizhang_service::letters::UploadLetter;
use taizhang_store::Record;
use taizhang_values::{RecordId, RegionCode};

/// The routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/letters", post(take_in))
        .route("/letters/new", get(show_new))
        .route("/letters/{id}", get(show))
        .route("/letters/{id}/file", get(original))
        .route("/letters/{id}/{act}", post(do_act))
        .route("/letters/{id}/rows/{row}", post(edit_row))
        .route("/letters/{id}/rows/{row}/{act}", post(do_row))
}

/// The reading view, at the part from which a form came.
fn address_of(letter: &RecordId, form: &FormValues) -> String {
    let part = form.get("part").parse::<usize>().map_or_else(|_| String::new(), |n| n.to_string());
    Address::new(&format!("/letters/{letter}"), &[("part".to_owned(), part)]).text()
}

/// Letters in the list beside the form.
const LIST_MAX: usize = 20;

async fn upload_view(state: &AppState, visit: &Visit) -> Result<UploadView, WebError> {
    let lists = state.lists(&visit.caller).await?;
    let caller = visit.caller.clone();
    let letters = state.run(move |service| service.letters(&caller, None, LIST_MAX)).await?;
    let codes = |list: &str| code_options(state.service().codebook(), list, visit.frame.language);
    let own = visit.caller.home_region().map(|region| region.to_string()).unwrap_or_default();
    let line = |letter: &Record| LetterLine {
        id: letter.id.to_string(),
        title: title_of(letter),
        status: letter.text("status").to_owned(),
        received_on: letter.get("received_on").to_string(),
    };
    Ok(UploadView {
        regions: lists.regions_picked(&own),
        kinds: codes("source_kind"),
        levels: codes("source_level"),
        letters: letters.records.iter().map(line).collect(),
    })
}

/// The letter's own title, or the name of its file.
fn title_of(letter: &Record) -> String {
    let own = Some(letter.text("title")).filter(|title| !title.is_empty());
    own.unwrap_or_else(|| letter.text("file_name")).to_owned()
}

async fn show_new(State(state): State<AppState>, visit: Visit) -> Answer {
    let content = upload_view(&state, &visit).await?;
    let page = view::upload(&visit.frame, &content, &FormValues::default(), &Errors::default());
    Ok(page.into_response())
}

async fn take_in(State(state): State<AppState>, visit: Visit, upload: Upload) -> Answer {
    let (caller, values) = (visit.caller.clone(), upload.values.clone());
    let files = upload.files;
    let result = state
        .run(move |service| {
            let missing = |field: &str, zh: &str, en: &str| {
                Err(ServiceError::field("letter", field, "P0005", zh, en))
            };
            let Some(region) = RegionCode::parse(values.get("region"))
                .filter(|_| !values.get("region").is_empty())
            else {
                return missing("region", "请选择发到哪里", "choose where it is addressed to");
            };
            let Some(mut file) = files.into_iter().next() else {
                return missing("file", "请选择文件", "choose a file");
            };
            let input = UploadLetter {
                file_name: file.name.clone(),
                region,
                received_on: values.date("received_on")?,
                source_kind: values.some("source_kind"),
                source_level: values.some("source_level"),
            };
            let is_long =
                file.content.metadata().is_ok_and(|file| file.len() > LETTER_BYTES_AT_ONCE);
            if is_long && service.runs_jobs() {
                let job = service.start_letter(&caller, &input, &mut file.content)?;
                return ran(service, &caller, &job);
            }
            let letter = service.upload_letter(&caller, &input, &mut file.content)?;
            Ok(Ran::Ended(JobOutcome::Letter { id: letter.id, rows: letter.rows }))
        })
        .await;
    match result {
        Ok(Ran::GoesOn(address)) => Ok(see(&address)),
        Ok(Ran::Ended(JobOutcome::Letter { id, .. })) => Ok(see(&format!("/letters/{id}"))),
        Ok(Ran::Ended(_)) => Err(WebError::NotFound),
        Err(WebError::Service(ServiceError::Invalid(faults))) => {
            let errors = form_errors(&faults, visit.frame.language);
            let content = upload_view(&state, &visit).await?;
            Ok(refused_form(view::upload(&visit.frame, &content, &upload.values, &errors)))
        }
        Err(other) => Err(other),
    }
}

async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Answer {
    let number = |name: &str| query.get(name).and_then(|number| number.parse().ok());
    let asked = Asked {
        editing: query.get("edit").cloned().unwrap_or_default(),
        row: number("row"),
        part: number("part"),
    };
    let content = load::read_view(&state, &visit, &id_of(&id)?, asked).await?;
    let page = view::read(&visit.frame, &content, &FormValues::default(), &Errors::default());
    Ok(page.into_response())
}

async fn original(State(state): State<AppState>, visit: Visit, Path(id): Path<String>) -> Answer {
    let (caller, id) = (visit.caller, id_of(&id)?);
    let (name, content) = state
        .run(move |service| {
            let page = service.letter_page(&caller, &id)?;
            let content = service.store().files().read_all(page.letter.text("file"))?;
            Ok((page.letter.text("file_name").to_owned(), content))
        })
        .await?;
    Ok(attachment(&name, "application/octet-stream", content))
}

/// Comes back to the reading view with the form as it was typed.
async fn again(
    state: &AppState,
    visit: &Visit,
    id: &RecordId,
    editing: &str,
    form: &FormValues,
    error: WebError,
) -> Answer {
    let WebError::Service(ServiceError::Invalid(faults)) = error else { return Err(error) };
    let errors = form_errors(&faults, visit.frame.language);
    let part = form.get("part").parse().ok();
    let asked = Asked { editing: editing.to_owned(), row: None, part };
    let content = load::read_view(state, visit, id, asked).await?;
    Ok(refused_form(view::read(&visit.frame, &content, form, &errors)))
}

async fn do_act(
    State(state): State<AppState>,
    visit: Visit,
    Path((id, act)): Path<(String, String)>,
    form: FormValues,
) -> Answer {
    let id = id_of(&id)?;
    let request = act::LetterAct {
        caller: visit.caller.clone(),
        letter: id.clone(),
        act: act.clone(),
        form: form.clone(),
    };
    let editing = match act.as_str() {
        "rows" => "new",
        "confirm" => "confirm",
        _ => "",
    };
    match state.run(move |service| request.run(service)).await {
        Ok((address, note, count)) => Ok(see_done(state.options(), &address, note, count, None)),
        Err(error) => again(&state, &visit, &id, editing, &form, error).await,
    }
}

async fn edit_row(
    State(state): State<AppState>,
    visit: Visit,
    Path((id, row)): Path<(String, String)>,
    form: FormValues,
) -> Answer {
    let (id, row_id) = (id_of(&id)?, id_of(&row)?);
    let (caller, values) = (visit.caller.clone(), form.clone());
    let result = state.run(move |service| act::edit_row(service, &caller, &row_id, &values)).await;
    match result {
        Ok(place) => {
            let address = format!("/letters/{id}?row={place}#row-{place}");
            Ok(see_done(state.options(), &address, "saved", 1, None))
        }
        Err(error) => again(&state, &visit, &id, &row, &form, error).await,
    }
}

async fn do_row(
    State(state): State<AppState>,
    visit: Visit,
    Path((id, row, act)): Path<(String, String, String)>,
    form: FormValues,
) -> Answer {
    let (id, row_id) = (id_of(&id)?, id_of(&row)?);
    let (caller, version) = (visit.caller.clone(), form.version());
    let result = state
        .run(move |service| match act.as_str() {
            "split" => {
                service.split_letter_row(&caller, &row_id, version).map(|count| ("split", count))
            }
            "include" | "exclude" => service
                .include_letter_row(&caller, &row_id, version, act == "include")
                .map(|_| ("saved", 1)),
            _ => Err(ServiceError::NotFound),
        })
        .await;
    match result {
        Ok((note, count)) => {
            Ok(see_done(state.options(), &address_of(&id, &form), note, count, None))
        }
        Err(error) => again(&state, &visit, &id, "", &form, error).await,
    }
}
