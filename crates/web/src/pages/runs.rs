//! `/runs`: runs of all rules over a region, and the form that starts one as a job.

use super::jobs::{Ran, ran};
use super::queue::code_words;
use crate::app::{
    Answer, AppState, FormValues, Lists, Visit, WebError, form_answer, moment, see, see_done,
};
use crate::components::{
    Address, Choice, Empty, Errors, Field, Menu, PageHead, Paging, dense_table, empty_state,
    error_summary, form_open, one_picker, page_head, page_with, paging, tag,
};
use crate::frame::{Frame, grouped};
use crate::text::run as t;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use axum::routing::get;
use maud::{Markup, html};
use taizhang_service::jobs::{JobOutcome, JobRequest};
use taizhang_service::{Service, ServiceError};
use taizhang_store::{Cursor, Record};
use taizhang_values::RegionCode;

/// Runs of a page.
const PAGE_ROWS: usize = 20;
/// Digits of the code of a township, the smallest place of a run.
const TOWNSHIP_DIGITS: usize = 9;

/// The page's content.
struct RunsView {
    records: Vec<Record>,
    paging: Paging,
    may_start: bool,
    places: Vec<Choice>,
}

fn view(
    service: &Service,
    frame: &Frame,
    lists: &Lists,
    runs: &RunsView,
    errors: &Errors,
) -> Markup {
    let body = html! {
        (page_head(frame, &PageHead {
            title: frame.t(t::TITLE),
            facts: Some(html! { (frame.t(t::FACTS)) }),
            ..PageHead::default()
        }))
        (error_summary(frame, errors))
        div.stack {
            @if runs.may_start { (start_form(frame, runs, errors)) }
            @if runs.records.is_empty() {
                @let help = if runs.may_start { t::NONE_HELP } else { t::NOT_STARTED };
                (empty_state(frame, &Empty::Nothing { help: frame.t(help), first: None }))
            } @else {
                (table(service, frame, lists, &runs.records))
                (paging(frame, &runs.paging))
            }
        }
    };
    page_with(frame, frame.t(t::TITLE), Menu::Runs, !errors.is_empty(), &body)
}

fn start_form(frame: &Frame, runs: &RunsView, errors: &Errors) -> Markup {
    html! {
        section.card {
            div.ch { h2 { (frame.t(t::START)) } }
            div.cb {
                (form_open(frame, "/runs", "", &html! {
                    (one_picker(frame, errors, &Field {
                        name: "region", label: frame.t(t::REGION), hint: frame.t(t::REGION_HINT),
                        is_required: true, ..Field::default()
                    }, &runs.places))
                    button.btn.p { (frame.t(t::START)) }
                }))
            }
        }
    }
}

fn table(service: &Service, frame: &Frame, lists: &Lists, records: &[Record]) -> Markup {
    let heads = [
        t::HEAD_TITLE,
        t::HEAD_REGION,
        t::HEAD_STATUS,
        t::HEAD_RULES,
        t::HEAD_ROWS,
        t::HEAD_VIOLATES,
        t::HEAD_UNDECIDED,
        t::HEAD_OPENED,
        t::HEAD_KEPT,
        t::HEAD_CLOSED,
    ]
    .map(|words| frame.t(words));
    let rows: Vec<Vec<Markup>> = records
        .iter()
        .map(|run| {
            let count = |field: &str| {
                let number =
                    run.get(field).as_integer().and_then(|number| u64::try_from(number).ok());
                html! { (number.map(grouped).unwrap_or_default()) }
            };
            let status = run.text("check_status");
            let tone = match status {
                "done" => "g",
                "failed" => "r",
                _ => "y",
            };
            vec![
                html! {
                    a href=(format!("/runs/{}", run.id)) { (run_title(frame, run)) }
                    span.sub2 {
                        (moment(run.created_at))
                        @if let Some(end) = run.get("finished_at").as_instant() {
                            " – " (moment(end))
                        }
                    }
                },
                html! { (lists.region_name(run.region.as_ref())) },
                tag(tone, &code_words(service, frame, "check_status", status)),
                count("rules_count"),
                count("rows_count"),
                count("violates_count"),
                count("undecided_count"),
                count("opened_count"),
                count("kept_count"),
                count("closed_count"),
            ]
        })
        .collect();
    dense_table(frame.t(t::TITLE), &heads, &rows)
}

/// What a run is called: the day of which it judged.
pub(crate) fn run_title(frame: &Frame, run: &Record) -> String {
    match run.get("as_of").as_date() {
        Some(day) => frame.with(t::RUN_OF, &[&day]),
        None => run.text("title").to_owned(),
    }
}

/// The route.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/runs", get(show).post(start))
}

async fn load(
    state: &AppState,
    visit: &Visit,
    after: Option<Cursor>,
) -> Result<RunsView, WebError> {
    let is_first = after.is_none();
    let caller = visit.caller.clone();
    let page = state.run(move |service| service.check_runs(&caller, after, PAGE_ROWS)).await?;
    let lists = state.lists(&visit.caller).await?;
    let home = visit.caller.home_region().map(|home| home.to_string()).unwrap_or_default();
    let shown = u64::try_from(page.records.len()).unwrap_or(0);
    let place =
        |mark: Cursor| Address::new("/runs", &[("after".to_owned(), mark.to_string())]).text();
    let places = lists.regions_picked(&home).into_iter();
    Ok(RunsView {
        records: page.records,
        paging: Paging {
            total: shown,
            shown,
            first: (!is_first).then(|| "/runs".to_owned()),
            previous: page.previous.map(place),
            next: page.next.map(place),
        },
        may_start: state.service().may_run_checks(&visit.caller),
        places: places.filter(|place| place.id.len() <= TOWNSHIP_DIGITS).collect(),
    })
}

async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Answer {
    let address = Address::new("/runs", &pairs);
    let after = Some(address.get("after")).filter(|mark| !mark.is_empty()).map(Cursor::from_text);
    let runs = load(&state, &visit, after).await?;
    let lists = state.lists(&visit.caller).await?;
    let page = view(state.service(), &visit.frame, &lists, &runs, &Errors::default());
    Ok(page.into_response())
}

/// Starts a run as a job where jobs are run, else runs it at once.
async fn start(State(state): State<AppState>, visit: Visit, form: FormValues) -> Answer {
    let (caller, typed) = (visit.caller.clone(), form.clone());
    let result = state
        .run(move |service| {
            let (zh, en) = ("请选择核查范围", "choose a region");
            let region = RegionCode::parse(typed.get("region"))
                .filter(|region| !region.as_str().is_empty())
                .ok_or_else(|| ServiceError::field("check_run", "region", "P0027", zh, en))?;
            if service.runs_jobs() {
                let job = service.start_job(&caller, &JobRequest::RunChecks { region })?;
                return ran(service, &caller, &job);
            }
            let turnover = service.run_checks(&caller, &region, &mut |_, _| {})?.turnover;
            let (opened, kept, closed) = (turnover.opened, turnover.kept, turnover.closed);
            Ok(Ran::Ended(JobOutcome::Run { opened, kept, closed }))
        })
        .await;
    let done = |ran| match ran {
        Ran::GoesOn(address) => see(&address),
        Ran::Ended(_) => see_done(state.options(), "/runs", "ran", 1, None),
    };
    form_answer(&visit, result, done, async |errors| {
        let runs = load(&state, &visit, None).await?;
        let lists = state.lists(&visit.caller).await?;
        Ok(view(state.service(), &visit.frame, &lists, &runs, &errors))
    })
    .await
}
