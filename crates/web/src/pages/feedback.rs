//! `/feedback`: the box for comments and complaints.

use crate::app::{Answer, AppState, FormValues, Visit, see_done};
use crate::components::{
    Errors, Field, Menu, PageHead, area_field, error_summary, form_open, page_head, page_with,
};
use crate::frame::Frame;
use crate::text::settings as t;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use maud::{Markup, html};

/// The page.
pub(crate) fn view(frame: &Frame, errors: &Errors) -> Markup {
    let title = frame.t(t::FEEDBACK_TITLE);
    let body = html! {
        (page_head(frame, &PageHead { title, ..PageHead::default() }))
        (error_summary(frame, errors))
        section.card { div.cb {
            p { (frame.t(t::FEEDBACK_HELP)) }
            (form_open(frame, "/feedback", "feedback", &html! {
                (area_field(frame, errors, &Field {
                    name: "text", label: frame.t(t::FEEDBACK_TEXT), is_required: true,
                    ..Field::default()
                }))
                button.btn.p { (frame.t(t::FEEDBACK_SEND)) }
            }))
        } }
    };
    page_with(frame, title, Menu::None, !errors.is_empty(), &body)
}

/// The route.
pub(crate) fn routes() -> Router<AppState> {
    let show = |visit: Visit| async move { view(&visit.frame, &Errors::default()) };
    Router::new().route("/feedback", get(show).post(send))
}

async fn send(State(state): State<AppState>, visit: Visit, form: FormValues) -> Answer {
    let text = form.get("text").to_owned();
    if text.is_empty() {
        let fault = ("text".to_owned(), visit.frame.t(t::FEEDBACK_EMPTY).to_owned());
        let page = view(&visit.frame, &Errors(vec![fault]));
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let caller = visit.caller.clone();
    state.run(move |service| service.send_feedback(&caller, &text)).await?;
    Ok(see_done(state.options(), "/feedback", "thanks", 1, None))
}
