//! `/issues/batch` and `/issues/assign`: acts on several findings at once.

use super::export::XLSX;
use crate::app::{
    Answer, AppState, FormValues, Visit, WebError, attachment, form_answer, see_done,
};
use crate::components::{
    Choice, Errors, Menu, PageHead, date_field, error_summary, form_open, hidden, many_picker,
    one_picker, page_head, page_with,
};
use crate::frame::Frame;
use crate::text::{common, issue, ledger as t};
use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::post;
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};
use taizhang_service::ServiceError;
use taizhang_service::work::{
    AssignInput, Assignment, BULK_MAX, BulkAct, BulkInput, LedgerFilter, Shown, TakeStepInput,
};
use taizhang_store::Record;
use taizhang_values::RecordId;

/// Findings that were ticked, and lists to pick from.
#[derive(Clone, Debug, Default)]
pub(crate) struct BatchView {
    /// Id, version and words.
    pub(crate) rows: Vec<(String, i64, String)>,
    pub(crate) units: Vec<Choice>,
    pub(crate) people: Vec<Choice>,
}

/// Assigning several at once.
pub(crate) fn assign(
    frame: &Frame,
    batch: &BatchView,
    values: &FormValues,
    errors: &Errors,
) -> Markup {
    let field = |name, label| values.field(frame, name, label, false);
    let title = frame.with(t::BATCH_TITLE, &[&batch.rows.len()]);
    let form = form_open(
        frame,
        "/issues/assign",
        "",
        &html! {
            @for (id, version, _) in &batch.rows {
                (hidden("id", id)) (hidden("shown", &format!("{id}:{version}")))
            }
            div.frow {
                (one_picker(frame, errors, &field("lead_unit", issue::LEAD_UNIT), &batch.units))
                (one_picker(frame, errors, &field("leader", issue::ASSIGN_LEADER), &batch.people))
                (one_picker(frame, errors, &field("person", issue::ASSIGN_PERSON), &batch.people))
                (date_field(frame, errors, &field("deadline_on", issue::DEADLINE)))
            }
            (many_picker(frame, errors, &field("units", issue::UNITS), &batch.units))
            button.btn.p { (frame.with(t::BATCH_DO, &[&batch.rows.len()])) }
            a.btn.t href="/issues" { (frame.t(common::CANCEL)) }
        },
    );
    let body = html! {
        (page_head(frame, &PageHead {
            path: vec![(frame.t(t::TITLE), "/issues")],
            title: &title,
            facts: Some(html! { (frame.t(t::BATCH_HELP)) }),
            acts: None,
        }))
        (error_summary(frame, errors))
        div.grid.side {
            section.card { div.cb { (form) } }
            section.card { div.cb { ul.lst {
                @for (id, _, words) in &batch.rows {
                    li { a href={ "/issues/" (id) } { (words) } }
                }
            } } }
        }
    };
    page_with(frame, &title, Menu::Issues, !errors.is_empty(), &body)
}

/// The routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/issues/batch", post(choose)).route("/issues/assign", post(do_assign))
}

/// An inspection to pick.
pub(crate) fn inspection_choice(record: &Record) -> Choice {
    Choice {
        id: record.id.to_string(),
        name: record.text("title").to_owned(),
        note: record.get("received_on").to_string(),
        is_picked: false,
    }
}

/// The ids that were ticked, each once.
fn ticked_ids(form: &FormValues) -> Result<Vec<RecordId>, ServiceError> {
    let mut seen = BTreeSet::new();
    let mut ids = form.ids("id");
    ids.retain(|id| seen.insert(id.clone()));
    if ids.is_empty() || ids.len() > BULK_MAX {
        let (zh, en) = (t::BATCH_NONE.0, t::BATCH_NONE.1);
        return Err(ServiceError::field("finding", "id", "P0007", zh, en));
    }
    Ok(ids)
}

/// The ticked findings as they are now.
async fn ticked(
    state: &AppState,
    visit: &Visit,
    ids: Vec<RecordId>,
) -> Result<Vec<Record>, WebError> {
    let caller = visit.caller.clone();
    state
        .run(move |service| {
            let records = service.findings(&caller, &ids)?;
            // One that is not there, or not for him, is told as on its own page.
            if records.len() == ids.len() { Ok(records) } else { Err(ServiceError::NotFound) }
        })
        .await
}

fn shown(record: &Record) -> Shown {
    Shown { finding: record.id.clone(), version: record.version }
}

async fn choose(State(state): State<AppState>, visit: Visit, form: FormValues) -> Answer {
    let ids = ticked_ids(&form)?;
    if form.get("act") == "export" {
        return export(&state, &visit, ids).await;
    }
    let records = ticked(&state, &visit, ids).await?;
    match form.get("act") {
        "remind" => {
            let findings = records.iter().map(shown).collect();
            let input = BulkInput { findings, act: BulkAct::Remind };
            run_bulk(&state, &visit, input, "reminded").await
        }
        "start" => start(&state, &visit, &records).await,
        _ => {
            let batch = batch_view(&state, &visit, &records).await?;
            let page = assign(&visit.frame, &batch, &FormValues::default(), &Errors::default());
            Ok(page.into_response())
        }
    }
}

/// The ticked rows as a workbook.
async fn export(state: &AppState, visit: &Visit, ids: Vec<RecordId>) -> Answer {
    let filter = LedgerFilter { ids, ..LedgerFilter::default() };
    let caller = visit.caller.clone();
    let ledger = state.run(move |service| service.export_ledger(&caller, &filter)).await?;
    Ok(attachment(&ledger.file_name, XLSX, ledger.bytes))
}

async fn batch_view(
    state: &AppState,
    visit: &Visit,
    records: &[Record],
) -> Result<BatchView, WebError> {
    let lists = state.lists(&visit.caller).await?;
    let row = |record: &Record| {
        let words = format!("{} {}", record.text("number"), record.text("title"));
        (record.id.to_string(), record.version, words)
    };
    Ok(BatchView {
        rows: records.iter().map(row).collect(),
        units: lists.units.clone(),
        people: lists.people.clone(),
    })
}

async fn run_bulk(state: &AppState, visit: &Visit, input: BulkInput, note: &str) -> Answer {
    let caller = visit.caller.clone();
    let rows = state.run(move |service| service.bulk(&caller, &input)).await?;
    let done = rows.iter().filter(|row| row.outcome.is_ok()).count();
    let note = if done == rows.len() { note } else { "partly" };
    if done == 0
        && let Some(Err(error)) = rows.into_iter().map(|row| row.outcome).next()
    {
        return Err(error.into());
    }
    Ok(see_done(state.options(), "/issues", note, done, None))
}

async fn start(state: &AppState, visit: &Visit, records: &[Record]) -> Answer {
    let caller = visit.caller.clone();
    let all: Vec<Shown> = records.iter().map(shown).collect();
    let count = all.len();
    let done = state
        .run(move |service| {
            let mut done = 0;
            let mut refused = None;
            for shown in all {
                let input = TakeStepInput {
                    shown,
                    step: "start".to_owned(),
                    reason: None,
                    fields: BTreeMap::new(),
                    new_deadline_on: None,
                };
                match service.take_step(&caller, input) {
                    Ok(_) => done += 1,
                    Err(error) => refused = Some(error),
                }
            }
            match refused {
                Some(error) if done == 0 => Err(error),
                _ => Ok(done),
            }
        })
        .await?;
    let note = if done == count { "started" } else { "partly" };
    Ok(see_done(state.options(), "/issues", note, done, None))
}

/// Reads an assignment from a form. A blank list of units leaves them as they are.
pub(crate) fn assignment(form: &FormValues) -> Result<Assignment, ServiceError> {
    let units = form.ids("units");
    Ok(Assignment {
        lead_unit: form.id("lead_unit"),
        responsible_units: (!units.is_empty()).then_some(units),
        leader: form.id("leader"),
        person: form.id("person"),
        deadline_on: form.date("deadline_on")?,
        is_long_term: form.is_ticked("is_long_term").then_some(true),
    })
}

async fn do_assign(State(state): State<AppState>, visit: Visit, form: FormValues) -> Answer {
    let read = |text: &String| {
        let (id, version) = text.split_once(':')?;
        Some(Shown { finding: RecordId::parse(id)?, version: version.parse().ok()? })
    };
    let findings: Vec<Shown> = form.all("shown").iter().filter_map(read).collect();
    let count = findings.len();
    let (caller, values) = (visit.caller.clone(), form.clone());
    let result = state
        .run(move |service| {
            let assignment = assignment(&values)?;
            service.assign(&caller, &AssignInput { findings, assignment })
        })
        .await;
    let done = |_| see_done(state.options(), "/issues", "assigned", count, None);
    form_answer(&visit, result, done, async |errors| {
        let records = ticked(&state, &visit, ticked_ids(&form)?).await?;
        let batch = batch_view(&state, &visit, &records).await?;
        Ok(assign(&visit.frame, &batch, &form, &errors))
    })
    .await
}
