//! `/jobs`: what runs behind the pages, and what it came to.

use super::export::XLSX;
use super::issue::id_of;
use crate::app::{Answer, AppState, FormValues, Visit, attachment, moment, see};
use crate::components::{
    Job, Menu, PageHead, Tone, job_progress, notice, page, page_head, simple_table,
};
use crate::frame::Frame;
use crate::text::{Text, jobs as t, run};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::REFRESH;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use taizhang_service::jobs::{JobOutcome, JobRequest, JobView};
use taizhang_service::work::LedgerFilter;
use taizhang_service::{Caller, Service, ServiceError};
use taizhang_store::JobState;
use taizhang_values::RecordId;

/// The routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/jobs", get(list))
        .route("/jobs/export", post(export))
        .route("/jobs/{id}", get(show))
        .route("/jobs/{id}/file", get(file))
}

fn title(job: &JobView) -> Text {
    match job.kind.as_str() {
        "letter.read" => t::READ_LETTER,
        "import.confirm" => t::CONFIRM_IMPORT,
        "report.make" => t::MAKE_REPORT,
        "checks.run" => run::JOB,
        _ => t::EXPORT_LEDGER,
    }
}

const fn state_word(job: &JobView) -> Text {
    match job.state {
        JobState::Waiting => t::WAITING,
        JobState::Running => t::RUNNING,
        JobState::Done => t::DONE,
        JobState::Failed => t::FAILED,
    }
}

/// Where the result stands, in words, as a link.
fn result(frame: &Frame, job: &JobView) -> Markup {
    let link = |address: String, words: String| html! { a href=(address) { (words) } };
    match &job.outcome {
        Some(JobOutcome::Letter { id, rows }) => {
            link(format!("/letters/{id}"), frame.with(t::TO_LETTER, &[rows]))
        }
        Some(JobOutcome::Import { inspection, findings }) => link(
            format!("/issues?inspection={inspection}"),
            frame.with(t::TO_INSPECTION, &[findings]),
        ),
        Some(JobOutcome::Register { batch, rows }) => {
            link(format!("/import/{batch}"), frame.with(t::TO_BATCH, &[rows]))
        }
        Some(JobOutcome::Report { id, .. }) => {
            link(format!("/reports/{id}"), frame.t(t::TO_REPORT).to_owned())
        }
        Some(JobOutcome::File { rows, .. }) => {
            link(format!("/jobs/{}/file", job.id), frame.with(t::TO_FILE, &[rows]))
        }
        Some(JobOutcome::Run { opened, kept, closed }) => {
            link("/runs".to_owned(), frame.with(run::JOB_RESULT, &[opened, kept, closed]))
        }
        Some(JobOutcome::Refused { faults }) => html! {
            ul { @for fault in faults {
                li {
                    (fault.message.text(frame.language)) " (" (fault.code) ")"
                    @if let Some(help) = &fault.help { " " (help.text(frame.language)) }
                }
            } }
        },
        None => html! {},
    }
}

/// All jobs of the reader.
pub(crate) fn view_list(frame: &Frame, jobs: &[JobView]) -> Markup {
    let heads = [t::HEAD_WHAT, t::HEAD_AT, t::HEAD_STATE].map(|words| frame.t(words));
    let cells: Vec<Vec<Markup>> = jobs
        .iter()
        .map(|job| {
            vec![
                html! { a href={ "/jobs/" (job.id) } { (frame.t(title(job))) } },
                html! { (moment(job.created_at)) },
                html! { (frame.t(state_word(job))) " " (result(frame, job)) },
            ]
        })
        .collect();
    let body = html! {
        (page_head(frame, &PageHead {
            title: frame.t(t::TITLE),
            facts: Some(html! { (frame.t(t::FACTS)) }),
            ..PageHead::default()
        }))
        @if jobs.is_empty() {
            p.muted { (frame.t(t::NONE)) }
        } @else {
            (simple_table(frame.t(t::TITLE), &heads, &cells))
        }
    };
    page(frame, frame.t(t::TITLE), Menu::None, &body)
}

/// One job: its progress while it runs, then its result.
pub(crate) fn view_one(frame: &Frame, job: &JobView) -> Markup {
    let words = frame.t(title(job));
    let body = html! {
        (page_head(frame, &PageHead {
            title: words,
            facts: Some(html! { (moment(job.created_at)) " · " (frame.t(state_word(job))) }),
            acts: Some(html! { a.btn href="/jobs" { (frame.t(t::ALL_JOBS)) } }),
            ..PageHead::default()
        }))
        @if job.has_ended() {
            @let tone = if job.state == JobState::Done { Tone::Success } else { Tone::Error };
            (notice(tone, &html! { (frame.t(state_word(job))) " " (result(frame, job)) }))
        } @else {
            (job_progress(frame, &Job {
                title: words.to_owned(), done: job.done, total: job.total,
            }))
        }
    };
    page(frame, words, Menu::None, &body)
}

async fn list(State(state): State<AppState>, visit: Visit) -> Answer {
    let caller = visit.caller;
    let jobs = state.run(move |service| service.own_jobs(&caller)).await?;
    Ok(view_list(&visit.frame, &jobs).into_response())
}

async fn show(State(state): State<AppState>, visit: Visit, Path(id): Path<String>) -> Answer {
    let (caller, id) = (visit.caller, id_of(&id)?);
    let job = state.run(move |service| service.job_progress(&caller, &id)).await?;
    Ok(one(&visit.frame, &job))
}

/// How long a page waits for a job before it shows how far it is.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(3);

/// What a long act came to while its page waited.
pub(crate) enum Ran {
    /// It ended with this.
    Ended(JobOutcome),
    /// It goes on; its page is here.
    GoesOn(String),
}

/// Waits a little for a job; what it was refused for is an error as if the page had done it.
pub(crate) fn ran(service: &Service, caller: &Caller, id: &RecordId) -> Result<Ran, ServiceError> {
    let job = service.wait_for_job(caller, id, PATIENCE)?;
    match job.outcome {
        Some(JobOutcome::Refused { faults }) => Err(ServiceError::Invalid(faults)),
        Some(outcome) => Ok(Ran::Ended(outcome)),
        None => Ok(Ran::GoesOn(format!("/jobs/{id}"))),
    }
}

/// Takes the ledger out as a job; the fields are those of the ledger's address.
async fn export(State(state): State<AppState>, visit: Visit, form: FormValues) -> Answer {
    let pairs = form.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let request = JobRequest::from(&LedgerFilter::parse(pairs).from_mark(None));
    let caller = visit.caller;
    let id = state.run(move |service| service.start_job(&caller, &request)).await?;
    Ok(see(&format!("/jobs/{id}")))
}

/// The page of a job, which asks for itself again while the job runs.
pub(crate) fn one(frame: &Frame, job: &JobView) -> Response {
    let page = view_one(frame, job);
    if job.has_ended() { page.into_response() } else { ([(REFRESH, "2")], page).into_response() }
}

async fn file(State(state): State<AppState>, visit: Visit, Path(id): Path<String>) -> Answer {
    let (caller, id) = (visit.caller, id_of(&id)?);
    let (name, bytes) = state.run(move |service| service.job_file(&caller, &id)).await?;
    Ok(attachment(&name, XLSX, bytes))
}
