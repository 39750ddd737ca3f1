//! `/reveal/{ledger}/{id}/{field}`: a masked field, whole and once, to those who may, with a
//! reason that stays on record. The answer is kept by nobody on the way, and the same form sent
//! again shows it no second time.

use super::issue::id_of;
use crate::app::{
    Answer, AnswerOnce, AppState, FormValues, Visit, WebError, form_outcome, is_mine, refused_form,
};
use crate::components::{
    Errors, Field, Menu, PageHead, error_summary, form_open, hidden, input_field, page_head,
    page_with,
};
use crate::frame::Frame;
use crate::text::{common, reveal as t};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use axum::routing::post;
use maud::{Markup, html};

/// The page with the value, or with the form again when the reason is missing.
pub(crate) fn view(
    frame: &Frame,
    label: &str,
    value: Option<&str>,
    address: &str,
    back: &str,
    errors: &Errors,
) -> Markup {
    let title = frame.with(t::TITLE, &[&label]);
    let body = html! {
        (page_head(frame, &PageHead { title: &title, ..PageHead::default() }))
        (error_summary(frame, errors))
        section.card { div.cb {
            @match value {
                Some(value) => {
                    p.shown { (value) }
                    p.muted { (frame.t(t::ONCE)) }
                },
                None => {
                    (form_open(frame, address, "", &html! {
                        (hidden("back", back))
                        (input_field(frame, errors, &Field {
                            name: "reason", label: frame.t(common::MASKED_WHY),
                            is_required: true, ..Field::default()
                        }))
                        button.btn.p { (frame.t(common::MASKED_SHOW)) }
                    }))
                },
            }
            p { a.btn href=(back) { (frame.t(t::BACK)) } }
        } }
    };
    page_with(frame, &title, Menu::None, !errors.is_empty(), &body)
}

/// The route; only a form leads here.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/reveal/{ledger}/{id}/{field}", post(show))
}

async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Path((ledger, id, field)): Path<(String, String, String)>,
    form: FormValues,
) -> Answer {
    let id = id_of(&id)?;
    let codebook = state.service().codebook();
    let label = codebook.field(&ledger, &field).ok_or(WebError::NotFound)?;
    let label = label.label.text(visit.frame.language).to_owned();
    let address = format!("/reveal/{ledger}/{id}/{field}");
    let back = Some(form.get("back")).filter(|back| is_mine(back)).unwrap_or("/").to_owned();
    let (caller, reason) = (visit.caller.clone(), form.get("reason").to_owned());
    let found = state
        .run(move |service| service.reveal_field(&caller, &ledger, &id, &field, &reason))
        .await;
    match form_outcome(found, visit.frame.language)? {
        Ok(value) => {
            let none = Errors::default();
            let page = view(&visit.frame, &label, Some(&value), &address, &back, &none);
            let mut response = page.into_response();
            let no_store = HeaderValue::from_static("no-store");
            response.headers_mut().insert(header::CACHE_CONTROL, no_store);
            response.extensions_mut().insert(AnswerOnce(back));
            Ok(response)
        }
        Err(errors) => {
            let page = view(&visit.frame, &label, None, &address, &back, &errors);
            Ok(refused_form(page))
        }
    }
}
