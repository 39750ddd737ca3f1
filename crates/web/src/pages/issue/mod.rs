//! `/issues/{id}`: one finding and every act on it.

mod act;
pub(crate) mod create;
pub(crate) mod edit;
pub(crate) mod forms;
mod hints;
pub(crate) mod load;
pub(crate) mod model;
pub(crate) mod view;

use crate::app::FormValues;
use crate::app::{
    Answer, AppState, Upload, Visit, WebError, attachment, form_answer, remember_recent, see_done,
};
use crate::components::Choice;
use crate::text::common;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use forms::Returned;
use load::Loader;
use model::IssueView;
use std::io::Read;
use taizhang_service::ServiceError;
use taizhang_service::work::{AddEvidenceInput, FindingAct, FindingPage};
use taizhang_store::Record;
use taizhang_values::RecordId;

/// The routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/issues/new", get(create::show))
        .route("/issues/{id}", get(show))
        .route("/issues/{id}/edit", get(edit::show).post(edit::save))
        .route("/issues/{id}/evidence", post(add_evidence))
        .route("/issues/{id}/{act}", post(do_act))
        .route("/issues/{id}/{act}/{part}", post(do_part))
        .route("/evidence/{id}", get(download))
}

/// An id in an address; what is none does not exist.
pub(crate) fn id_of(text: &str) -> Result<RecordId, WebError> {
    RecordId::parse(text).ok_or(WebError::NotFound)
}

/// A finding with the page's content.
pub(crate) async fn load(
    state: &AppState,
    visit: &Visit,
    id: &RecordId,
) -> Result<(FindingPage, IssueView), WebError> {
    let lists = state.lists(&visit.caller).await?;
    let (caller, asked) = (visit.caller.clone(), id.clone());
    let (page, letter, neighbours, opens_inspection, criterion) = state
        .run(move |service| {
            let page = service.finding_page(&caller, &asked)?;
            let proves = page.acts.contains(&FindingAct::AddEvidence);
            let neighbours = match proves {
                true => service.neighbours(&caller, &page.finding)?,
                false => Vec::new(),
            };
            let (letter, opens) = match page.inspection.as_ref() {
                Some(inspection) => {
                    let opens = service.inspection(&caller, &inspection.id).is_ok();
                    (service.letter_of(&caller, &inspection.id)?, opens)
                }
                None => (None, false),
            };
            let criterion = service.criterion_open(&caller, &page.finding.id)?;
            Ok((page, letter, neighbours, opens, criterion))
        })
        .await?;
    let loader =
        Loader { service: state.service(), frame: &visit.frame, lists: &lists, page: &page };
    let mut view = loader.view();
    let position = page.finding.get("position").as_integer().unwrap_or(0);
    view.choices.siblings = neighbours.iter().map(neighbour).collect();
    if !opens_inspection {
        // Its title belongs to the finding; its page is for those who see all of it.
        view.inspection = view.inspection.map(|(title, _)| (title, String::new()));
    }
    view.criterion = criterion.map(|(rules, open)| (rules.join(visit.frame.t(common::LIST)), open));
    view.last_edit = hints::last_edit(&visit.frame, &page);
    view.source_address =
        letter.map(|letter| format!("/letters/{letter}?row={position}#m-{position}"));
    Ok((page, view))
}

/// A finding of the same inspection to which a file may belong as well.
fn neighbour(finding: &Record) -> Choice {
    Choice {
        id: finding.id.to_string(),
        name: format!("{} {}", finding.text("number"), finding.text("title")),
        ..Choice::default()
    }
}

async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let id = id_of(&id)?;
    let (_, mut issue) = load(&state, &visit, &id).await?;
    issue.hints = hints::others(&state, &visit, &id, false);
    let mut response = view::view(&visit.frame, &issue, &Returned::default()).into_response();
    remember_recent(&state, &mut response, &headers, &visit.caller.user, &id);
    Ok(response)
}

async fn do_act(
    State(state): State<AppState>,
    visit: Visit,
    Path((id, act)): Path<(String, String)>,
    form: FormValues,
) -> Answer {
    run(&state, visit, &id, &act, "", form).await
}

async fn do_part(
    State(state): State<AppState>,
    visit: Visit,
    Path((id, act, part)): Path<(String, String, String)>,
    form: FormValues,
) -> Answer {
    run(&state, visit, &id, &act, &part, form).await
}

/// Does the act and comes back to the page; with faults the form comes back as it was typed.
async fn run(
    state: &AppState,
    visit: Visit,
    id: &str,
    act: &str,
    part: &str,
    form: FormValues,
) -> Answer {
    let id = id_of(id)?;
    let request = act::Request {
        caller: visit.caller.clone(),
        finding: id.clone(),
        act: act.to_owned(),
        part: part.to_owned(),
        form: form.clone(),
    };
    let result = state.run(move |service| request.run(service)).await;
    // Steps and measures have a form each.
    let is_one = act == "steps" || (act == "measures" && !part.is_empty());
    let name = if is_one { format!("{act}/{part}") } else { act.to_owned() };
    finish(state, &visit, &id, result, Returned { form: name, values: form, ..Returned::default() })
        .await
}

async fn finish(
    state: &AppState,
    visit: &Visit,
    id: &RecordId,
    result: Result<act::Outcome, WebError>,
    returned: Returned,
) -> Answer {
    let done = |outcome: act::Outcome| {
        let address = format!("/issues/{id}");
        let undo = outcome.may_undo.then(|| format!("{address}/undo"));
        see_done(state.options(), &address, outcome.note, outcome.count, undo.as_deref())
    };
    form_answer(visit, result, done, async |errors| {
        let (_, issue) = load(state, visit, id).await?;
        Ok(view::view(&visit.frame, &issue, &Returned { errors, ..returned }))
    })
    .await
}

async fn add_evidence(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
    upload: Upload,
) -> Answer {
    let id = id_of(&id)?;
    let (caller, values, finding) = (visit.caller.clone(), upload.values.clone(), id.clone());
    let files = upload.files;
    let result = state
        .run(move |service| {
            if files.is_empty() {
                let (zh, en) = ("请选择文件", "choose a file");
                return Err(ServiceError::field("evidence", "file", "P0012", zh, en));
            }
            let mut findings = vec![finding];
            findings.extend(values.ids("also"));
            let dated_on = values.date("dated_on")?;
            let count = files.len();
            let mut files = files;
            let inputs = files.iter_mut().map(|file| {
                let input = AddEvidenceInput {
                    findings: findings.clone(),
                    file_name: file.name.clone(),
                    dated_on,
                    description: values.some("description"),
                    kind: values.some("kind"),
                };
                (input, &mut file.content as &mut dyn Read)
            });
            service.add_evidence_files(&caller, inputs.collect())?;
            Ok(act::Outcome { note: "uploaded", count, may_undo: false })
        })
        .await;
    let returned =
        Returned { form: "evidence".to_owned(), values: upload.values, ..Returned::default() };
    finish(&state, &visit, &id, result, returned).await
}

async fn download(State(state): State<AppState>, visit: Visit, Path(id): Path<String>) -> Answer {
    let (caller, id) = (visit.caller, id_of(&id)?);
    let file = state.run(move |service| service.evidence_file(&caller, &id)).await?;
    Ok(attachment(&file.file_name, &file.media_type, file.bytes))
}
