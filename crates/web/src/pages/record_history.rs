//! `/records/{id}/history`: every version of a record, with where each change came from.

use super::record_words::{
    RecordAsked, above, field_label, home_of, household_words, ledger_label, reference_names,
    shown_value,
};
use crate::app::{Answer, AppState, Visit, moment};
use crate::components::{Compared, PageHead, comparison, page, page_head};
use crate::frame::Frame;
use crate::text::{common, record as t, verb};
use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;
use maud::{Markup, html};
use std::collections::BTreeMap;
use taizhang_service::{Service, ServiceError};
use taizhang_store::Version;
use taizhang_values::{RecordId, Value};

/// One version in words.
#[derive(Clone, Debug, Default)]
pub(crate) struct HistoryRow {
    pub(crate) at: String,
    pub(crate) what: String,
    pub(crate) by: String,
    pub(crate) source: String,
    pub(crate) reason: String,
    pub(crate) changes: Vec<Compared>,
}

/// The page's content.
#[derive(Clone, Debug, Default)]
pub(crate) struct HistoryView {
    pub(crate) label: String,
    /// The household: words and address.
    pub(crate) household: Option<(String, String)>,
    pub(crate) rows: Vec<HistoryRow>,
}

/// The page.
pub(crate) fn view(frame: &Frame, history: &HistoryView) -> Markup {
    let title = frame.with(t::HISTORY_TITLE, &[&history.label]);
    let (menu, up) = above(frame, history.household.is_some());
    let mut path = vec![up];
    if let Some((words, address)) = &history.household {
        path.push((words, address));
    }
    let body = html! {
        (page_head(frame, &PageHead {
            path,
            title: &title,
            facts: Some(html! { (frame.t(t::HISTORY_FACTS)) }),
            acts: None,
        }))
        section.card { div.cb {
            @if history.rows.is_empty() { p.muted { (frame.t(t::HISTORY_NONE)) } }
            ol.tl {
                @for row in &history.rows {
                    li {
                        time { (row.at) } (row.what) " "
                        span.by {
                            @if row.by.is_empty() { (frame.t(t::BY_SYSTEM)) } @else { (row.by) }
                            @if !row.source.is_empty() {
                                " · " (frame.with(t::FROM_SOURCE, &[&row.source]))
                            }
                        }
                        @if !row.reason.is_empty() {
                            p { (frame.t(common::REASON)) (frame.t(common::COLON)) (row.reason) }
                        }
                        @if !row.changes.is_empty() { (comparison(frame, &row.changes)) }
                    }
                }
            }
        } }
    };
    page(frame, &title, menu, &body)
}

/// The route.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/records/{id}/history", get(show))
}

async fn show(
    State(state): State<AppState>,
    visit: Visit,
    RecordAsked { id, ledger, field }: RecordAsked,
) -> Answer {
    let (name, caller) = (ledger.clone(), visit.caller.clone());
    let reader = visit.clone();
    let (versions, household, names) = state
        .run(move |service| {
            let record = service.register_record(&caller, &name, &id)?;
            let versions = service.record_history(&caller, &name, &id)?;
            let household = home_of(service, &caller, &record);
            let names = all_names(service, &reader, &name, &versions)?;
            Ok((versions, household, names))
        })
        .await?;
    let frame = &visit.frame;
    let service = state.service();
    let field = field.as_deref();
    let of_field = |version: &&Version| {
        field.is_none_or(|field| version.changed.iter().any(|(name, ..)| name == field))
    };
    let shown = versions.iter().filter(of_field);
    let rows = shown.map(|version| row(service, frame, &ledger, version, &names));
    let history = HistoryView {
        label: match field {
            Some(field) => field_label(service.codebook(), frame, &ledger, field),
            None => ledger_label(service, frame, &ledger),
        },
        household: household
            .map(|one| (household_words(frame, &one), format!("/households/{}", one.id))),
        rows: rows.collect(),
    };
    Ok(view(frame, &history).into_response())
}

/// Names of people who wrote, and of everything that the values refer to.
fn all_names(
    service: &Service,
    visit: &Visit,
    ledger: &str,
    versions: &[Version],
) -> Result<BTreeMap<RecordId, String>, ServiceError> {
    let people: Vec<Value> =
        versions.iter().filter_map(|version| version.by.as_ref()).map(Value::from).collect();
    let changed = versions.iter().flat_map(|version| version.changed.iter());
    let values: Vec<&Value> =
        changed.flat_map(|(_, old, new)| [old, new]).chain(people.iter()).collect();
    reference_names(service, visit, ledger, &values)
}

fn row(
    service: &Service,
    frame: &Frame,
    ledger: &str,
    version: &Version,
    names: &BTreeMap<RecordId, String>,
) -> HistoryRow {
    let compared = |(name, old, new): &(String, Value, Value)| {
        let words = |value: &Value| {
            let field = service.codebook().field(ledger, name);
            field.map_or_else(
                || value.to_string(),
                |field| shown_value(service, frame, field, ledger, value, names),
            )
        };
        let field = field_label(service.codebook(), frame, ledger, name);
        Compared { field, old: words(old), new: words(new) }
    };
    let what = match verb::words(&version.verb) {
        Some(words) => words,
        None if version.is_deleted => t::DELETED,
        None if version.version <= 1 => t::CREATED,
        None => t::CHANGED,
    };
    let by = version.by.as_ref().and_then(|by| names.get(by)).cloned().unwrap_or_default();
    HistoryRow {
        at: moment(version.at),
        what: frame.t(what).to_owned(),
        by,
        source: version.source.split(':').next().unwrap_or("").to_owned(),
        reason: version.reason.clone().unwrap_or_default(),
        changes: version.changed.iter().map(compared).collect(),
    }
}
