//! `/changes/{id}`: one operation on a household: what it was about, every record it wrote, and the
//! way back.

use super::household_change::kind_text;
use super::issue::id_of;
use super::record_words::{household_words, ledger_label, reference_names, shown_value};
use crate::app::{Answer, AppState, FormValues, Visit, WebError, form_answer, see_done};
use crate::components::{
    Errors, Field as Input, Menu, PageHead, Tone, area_field, error_summary, form_open, hidden,
    notice, page_head, page_with, simple_table,
};
use crate::frame::Frame;
use crate::text::{change as t, common, household};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use maud::{Markup, html};
use std::collections::BTreeMap;
use taizhang_codebook::Field;
use taizhang_service::register::{ChangeKind, UndoChange};
use taizhang_service::{Caller, Service};
use taizhang_store::Record;
use taizhang_values::{RecordId, Value, mask_name, shanghai_date};

/// Records of an operation that the page lists.
const WRITTEN_SHOWN: usize = 60;
/// Fields that the page shows in another way.
const OWN_PARTS: [&str; 8] = [
    "household",
    "change_kind",
    "written",
    "relations",
    "persons",
    "undone_on",
    "undone_by",
    "undo_reason",
];

/// The page's content.
struct ChangeView {
    change: Record,
    household: Option<Record>,
    other: Option<Record>,
    /// People whom it was about, by masked names.
    people: Vec<String>,
    names: BTreeMap<RecordId, String>,
    may_undo: bool,
}

/// The words of an operation: its kind.
pub(crate) fn change_words(frame: &Frame, change: &Record) -> String {
    let kind = ChangeKind::parse(change.text("change_kind"));
    kind.map_or("", |kind| frame.t(kind_text(kind))).to_owned()
}

/// Masked names of the people whom an operation names.
pub(crate) fn people_of(service: &Service, caller: &Caller, persons: &Value) -> Vec<String> {
    let ids = persons.as_list().iter().filter_map(|id| RecordId::parse(id));
    let name = |id: RecordId| {
        let person = service.register_record(caller, "person", &id).ok()?;
        Some(mask_name(person.text("name")))
    };
    ids.filter_map(name).collect()
}

fn view(
    service: &Service,
    frame: &Frame,
    content: &ChangeView,
    values: &FormValues,
    errors: &Errors,
) -> Markup {
    let change = &content.change;
    let words = content.household.as_ref().map(|one| household_words(frame, one));
    let words = words.unwrap_or_default();
    let title = frame.with(t::TITLE_OF, &[&words, &change_words(frame, change)]);
    let back = content.household.as_ref().map(|one| format!("/households/{}", one.id));
    let mut path = vec![(frame.t(household::TITLE), "/households")];
    if let Some(back) = &back {
        path.push((&words, back));
    }
    let recorded = shanghai_date(change.created_at);
    let body = html! {
        (page_head(frame, &PageHead {
            path,
            title: &title,
            facts: Some(html! {
                (frame.with(t::DONE_ON, &[change.get("changed_on"), &recorded]))
            }),
            acts: None,
        }))
        (error_summary(frame, errors))
        (undone(frame, content))
        div.stack {
            section.card {
                div.ch { h2 { (frame.t(t::PARTICULARS)) } }
                div.cb { (particulars(service, frame, content)) }
            }
            section.card {
                div.ch { h2 { (frame.t(t::WRITTEN)) } }
                (written(service, frame, change))
            }
            @if content.may_undo { (undo_card(frame, change, values, errors)) }
        }
    };
    page_with(frame, &title, Menu::Households, !errors.is_empty(), &body)
}

fn undone(frame: &Frame, content: &ChangeView) -> Markup {
    let change = &content.change;
    let by = change.reference("undone_by").and_then(|id| content.names.get(id));
    let by = by.cloned().unwrap_or_default();
    html! {
        @if change.get("undone_on").as_date().is_some() {
            (notice(Tone::Warning, &html! {
                (frame.with(t::UNDONE_BY,
                    &[change.get("undone_on"), &by, change.get("undo_reason")]))
            }))
        }
    }
}

fn particulars(service: &Service, frame: &Frame, content: &ChangeView) -> Markup {
    let change = &content.change;
    let fields = service.codebook().ledger(&change.ledger).map_or(&[][..], |one| &one.fields);
    let shown = |field: &&Field| {
        !OWN_PARTS.contains(&field.name.as_str()) && !change.get(&field.name).is_empty()
    };
    html! {
        dl.kv {
            @if !content.people.is_empty() {
                dt { (frame.t(t::WHO)) } dd { (content.people.join(frame.t(common::LIST))) }
            }
            @if let Some(other) = &content.other {
                dt { (frame.t(t::OTHER)) }
                dd {
                    a href={ "/households/" (other.id) } { (household_words(frame, other)) }
                    " " (other.text("household_no"))
                }
            }
            @for field in fields.iter().filter(shown).filter(|one| one.name != "other_household") {
                dt { (field.label.text(frame.language)) }
                dd {
                    (shown_value(service, frame, field, &change.ledger,
                        change.get(&field.name), &content.names))
                }
            }
        }
    }
}

fn written(service: &Service, frame: &Frame, change: &Record) -> Markup {
    let lines = change.get("written").as_list();
    let heads = [t::HEAD_LEDGER, t::HEAD_VERSIONS, t::HEAD_HISTORY].map(|words| frame.t(words));
    let row = |line: &String| {
        let words: Vec<&str> = line.split(' ').collect();
        let [ledger, id, before, after] = words.as_slice() else { return Vec::new() };
        let versions = if *before == "0" {
            frame.t(t::WRITTEN_NEW).to_owned()
        } else {
            frame.with(t::WRITTEN_VERSIONS, &[before, after])
        };
        let label = ledger_label(service, frame, ledger);
        vec![
            html! { (label) },
            html! { (versions) },
            html! {
                a href={ "/records/" (id) "/history?ledger=" (ledger) } {
                    (frame.with(household::ROW_HISTORY_LONG, &[&label]))
                }
            },
        ]
    };
    let rows: Vec<Vec<Markup>> = lines.iter().take(WRITTEN_SHOWN).map(row).collect();
    html! {
        (simple_table(frame.t(t::WRITTEN), &heads, &rows))
        @if lines.len() > WRITTEN_SHOWN {
            p.muted.small { (frame.with(t::ROWS_MORE, &[&lines.len(), &WRITTEN_SHOWN])) }
        }
    }
}

fn undo_card(frame: &Frame, change: &Record, values: &FormValues, errors: &Errors) -> Markup {
    let action = format!("/changes/{}/undo", change.id);
    html! {
        section.card #undo {
            div.ch { h2 { (frame.t(t::UNDO)) } }
            div.cb {
                p.muted { (frame.t(t::UNDO_FACTS)) }
                (form_open(frame, &action, "", &html! {
                    (hidden("version", &change.version.to_string()))
                    (area_field(frame, errors, &Input {
                        name: "undo_reason", label: frame.t(t::UNDO_REASON), is_required: true,
                        value: values.get("undo_reason"), ..Input::default()
                    }))
                    button.btn.d { (frame.t(t::UNDO)) }
                }))
            }
        }
    }
}

/// The operations of a household as a list.
pub(crate) fn change_list(frame: &Frame, changes: &[Record]) -> Markup {
    html! {
        @if changes.is_empty() { p.muted { (frame.t(t::CARD_NONE)) } }
        ul.lst {
            @for change in changes {
                li {
                    a href={ "/changes/" (change.id) } { (change_words(frame, change)) }
                    @if change.get("undone_on").as_date().is_some() {
                        (crate::components::tag("", frame.t(t::UNDONE)))
                    }
                    span.w { (change.get("changed_on")) }
                }
            }
        }
    }
}

/// The routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/changes/{id}", get(show)).route("/changes/{id}/undo", post(undo))
}

async fn load(state: &AppState, visit: &Visit, id: &RecordId) -> Result<ChangeView, WebError> {
    let (caller, asked) = (visit.caller.clone(), id.clone());
    let reader = visit.clone();
    let found = state.run(move |service| {
        let change = service.register_record(&caller, "household_change", &asked)?;
        let of = |field: &str| {
            let id = change.reference(field)?;
            service.register_record(&caller, "household", id).ok()
        };
        let values: Vec<&Value> = change.values.values().collect();
        let names = reference_names(service, &reader, "household_change", &values)?;
        Ok(ChangeView {
            household: of("household"),
            other: of("other_household"),
            people: people_of(service, &caller, change.get("persons")),
            names,
            may_undo: service.may_undo_change(&caller, &change),
            change,
        })
    });
    found.await
}

async fn show(State(state): State<AppState>, visit: Visit, Path(id): Path<String>) -> Answer {
    let content = load(&state, &visit, &id_of(&id)?).await?;
    let (values, errors) = (FormValues::default(), Errors::default());
    Ok(view(state.service(), &visit.frame, &content, &values, &errors).into_response())
}

async fn undo(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
    form: FormValues,
) -> Answer {
    let id = id_of(&id)?;
    let input = UndoChange {
        change: id.clone(),
        version: form.version(),
        reason: form.get("undo_reason").to_owned(),
    };
    let caller = visit.caller.clone();
    let result = state.run(move |service| service.undo_household_change(&caller, &input)).await;
    let done = |_| see_done(state.options(), &format!("/changes/{id}"), "undone", 1, None);
    form_answer(&visit, result, done, async |errors| {
        let content = load(&state, &visit, &id).await?;
        Ok(view(state.service(), &visit.frame, &content, &form, &errors))
    })
    .await
}
