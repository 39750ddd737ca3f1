//! `/records/{id}`: every filled field of a record with where it comes from and its history.

use super::record_words::{
    RecordAsked, above, home_of, household_words, ledger_label, record_title, reference_names,
    shown_value,
};
use crate::app::{Answer, AppState, Visit, moment};
use crate::components::{PageHead, dense_table, page, page_head};
use crate::frame::Frame;
use crate::text::{household, record as t, verb};
use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;
use maud::{Markup, html};
use std::collections::BTreeMap;
use taizhang_service::Service;
use taizhang_service::register::FieldOrigin;
use taizhang_store::Record;
use taizhang_values::{RecordId, Value};

/// The page's content.
struct RecordView {
    record: Record,
    household: Option<Record>,
    origins: Vec<FieldOrigin>,
    names: BTreeMap<RecordId, String>,
    may_edit: bool,
}

fn view(service: &Service, frame: &Frame, content: &RecordView) -> Markup {
    let record = &content.record;
    let label = ledger_label(service, frame, &record.ledger);
    let title = frame.with(t::FIELDS_TITLE, &[&label]);
    let back = content.household.as_ref();
    let back = back.map(|one| (household_words(frame, one), format!("/households/{}", one.id)));
    let (menu, up) = above(frame, content.household.is_some() || record.ledger == "household");
    let mut path = vec![up];
    if let Some((words, address)) = &back {
        path.push((words, address));
    }
    let address = |page: &str| format!("/records/{}{page}?ledger={}", record.id, record.ledger);
    let heads = [t::HEAD_FIELD, t::HEAD_VALUE, t::HEAD_SOURCE, t::HEAD_SINCE, t::HEAD_HISTORY]
        .map(|words| frame.t(words));
    let rows: Vec<Vec<Markup>> =
        content.origins.iter().map(|origin| row(service, frame, content, origin)).collect();
    let body = html! {
        (page_head(frame, &PageHead {
            path,
            title: &title,
            facts: Some(html! { (record_title(service.codebook(), record)) }),
            acts: Some(html! {
                a.btn href=(address("/history")) { (frame.t(household::HISTORY)) }
                @if content.may_edit {
                    a.btn.p href=(address("/edit")) data-edit="" { (frame.t(t::EDIT)) }
                }
            }),
        }))
        section.card { (dense_table(&title, &heads, &rows)) }
    };
    page(frame, &title, menu, &body)
}

fn row(
    service: &Service,
    frame: &Frame,
    content: &RecordView,
    origin: &FieldOrigin,
) -> Vec<Markup> {
    let ledger = content.record.ledger.as_str();
    let Some(field) = service.codebook().field(ledger, &origin.field) else { return Vec::new() };
    let value = shown_value(service, frame, field, ledger, &origin.value, &content.names);
    let by = origin.by.as_ref().and_then(|by| content.names.get(by)).cloned();
    let by = by.unwrap_or_else(|| frame.t(t::BY_SYSTEM).to_owned());
    let what = verb::words(&origin.verb).unwrap_or(t::WRITTEN_BY);
    let from = origin.source.split(':').next().unwrap_or("");
    let history =
        format!("/records/{}/history?ledger={ledger}&field={}", content.record.id, origin.field);
    let label = field.label.text(frame.language);
    vec![
        html! { (label) },
        html! { (value) },
        html! {
            (frame.t(what)) " · " (by)
            @if !from.is_empty() { " · " (frame.with(t::FROM_SOURCE, &[&from])) }
            @if let Some(reason) = origin.reason.as_ref().filter(|reason| !reason.is_empty()) {
                span.sub2 { (reason) }
            }
        },
        html! { (moment(origin.at)) },
        html! {
            a href=(history) {
                (frame.with(t::TIMES, &[&origin.changes]))
                span.vh { " " (frame.with(household::ROW_HISTORY_LONG, &[&label])) }
            }
        },
    ]
}

/// The route.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/records/{id}", get(show))
}

async fn show(
    State(state): State<AppState>,
    visit: Visit,
    RecordAsked { id, ledger, .. }: RecordAsked,
) -> Answer {
    let reader = visit.clone();
    let content = state
        .run(move |service| {
            let (record, origins) = service.field_origins(&reader.caller, &ledger, &id)?;
            let household = home_of(service, &reader.caller, &record);
            let people: Vec<Value> =
                origins.iter().filter_map(|origin| origin.by.as_ref()).map(Value::from).collect();
            let values = origins.iter().map(|origin| &origin.value).chain(&people);
            let values: Vec<&Value> = values.collect();
            let names = reference_names(service, &reader, &ledger, &values)?;
            let may_edit =
                service.may_change(&reader.caller, &record) && ledger != "household_change";
            Ok(RecordView { record, household, origins, names, may_edit })
        })
        .await?;
    Ok(view(state.service(), &visit.frame, &content).into_response())
}
