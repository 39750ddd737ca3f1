//! `/org/units/{id}`: names, kind and use of one unit.

use super::issue::id_of;
use crate::app::{
    Answer, AppState, FormValues, Visit, WebError, code_options, form_answer, may, see_done,
};
use crate::components::{
    Errors, Menu, PageHead, area_field, check_field, error_summary, form_open, hidden, input_field,
    page_head, page_with, select_field,
};
use crate::frame::Frame;
use crate::text::{common, org as t};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use axum::routing::get;
use maud::{Markup, html};
use taizhang_codebook::Action;
use taizhang_service::ServiceError;
use taizhang_store::{Record, Values};
use taizhang_values::RecordId;

/// The page's content.
struct UnitView {
    unit: Record,
    place: String,
    kinds: Vec<(String, String)>,
}

fn view(frame: &Frame, content: &UnitView, values: &FormValues, errors: &Errors) -> Markup {
    let unit = &content.unit;
    let title = frame.with(t::UNIT, &[&unit.text("name")]);
    let field = |name, label, is_required| values.field(frame, name, label, is_required);
    let body = html! {
        (page_head(frame, &PageHead {
            path: vec![(frame.t(t::TITLE), "/org")],
            title: &title,
            facts: Some(html! { (content.place) }),
            acts: None,
        }))
        (error_summary(frame, errors))
        section.card {
            div.cb {
                (form_open(frame, &format!("/org/units/{}", unit.id), "", &html! {
                    (hidden("version", values.get("version")))
                    div.frow {
                        (input_field(frame, errors, &field("name", t::HEAD_NAME, true)))
                        (input_field(frame, errors, &field("short_name", t::HEAD_SHORT, false)))
                        (select_field(frame, errors, &field("kind", t::HEAD_KIND, true),
                            &content.kinds))
                    }
                    (area_field(frame, errors, &field("aliases", t::HEAD_ALIASES, false)))
                    (check_field(&field("is_active", t::HEAD_ACTIVE, false)))
                    p.hint { (frame.t(t::ACTIVE_HINT)) }
                    button.btn.p { (frame.t(common::SAVE)) }
                }))
            }
        }
    };
    page_with(frame, &title, Menu::Org, !errors.is_empty(), &body)
}

/// The route.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/org/units/{id}", get(show).post(save))
}

async fn load(state: &AppState, visit: &Visit, id: &RecordId) -> Result<UnitView, WebError> {
    if !may(state.service(), &visit.caller, "unit", Action::Update) {
        return Err(WebError::NotFound);
    }
    let lists = state.lists(&visit.caller).await?;
    let (caller, asked) = (visit.caller.clone(), id.clone());
    let unit = state.run(move |service| service.register_record(&caller, "unit", &asked)).await?;
    Ok(UnitView {
        place: lists.region_name(unit.region.as_ref()),
        kinds: code_options(state.service().codebook(), "unit_kind", visit.frame.language),
        unit,
    })
}

async fn show(State(state): State<AppState>, visit: Visit, Path(id): Path<String>) -> Answer {
    let content = load(&state, &visit, &id_of(&id)?).await?;
    let unit = &content.unit;
    let is_active = unit.get("is_active").as_boolean() != Some(false);
    let values = FormValues(vec![
        ("version".to_owned(), unit.version.to_string()),
        ("name".to_owned(), unit.text("name").to_owned()),
        ("short_name".to_owned(), unit.text("short_name").to_owned()),
        ("kind".to_owned(), unit.text("kind").to_owned()),
        ("aliases".to_owned(), unit.get("aliases").as_list().join("\n")),
        ("is_active".to_owned(), if is_active { "yes" } else { "" }.to_owned()),
    ]);
    Ok(view(&visit.frame, &content, &values, &Errors::default()).into_response())
}

async fn save(
    State(state): State<AppState>,
    visit: Visit,
    Path(id): Path<String>,
    form: FormValues,
) -> Answer {
    let id = id_of(&id)?;
    let (caller, values, asked) = (visit.caller.clone(), form.clone(), id.clone());
    let result = state
        .run(move |service| {
            let (zh, en) = ("必填", "must be filled in");
            for field in ["name", "kind"] {
                if values.get(field).is_empty() {
                    return Err(ServiceError::field("unit", field, "P0005", zh, en));
                }
            }
            let unit = Values::from([
                ("name".to_owned(), values.get("name").into()),
                ("short_name".to_owned(), values.some("short_name").into()),
                ("kind".to_owned(), values.get("kind").into()),
                ("aliases".to_owned(), values.lines("aliases").into()),
                ("is_active".to_owned(), values.is_ticked("is_active").into()),
            ]);
            service.update_unit(&caller, &asked, values.version(), unit)
        })
        .await;
    let done = |_| {
        state.forget_lists();
        see_done(state.options(), "/org", "saved", 1, None)
    };
    form_answer(&visit, result, done, async |errors| {
        let content = load(&state, &visit, &id).await?;
        Ok(view(&visit.frame, &content, &form, &errors))
    })
    .await
}
