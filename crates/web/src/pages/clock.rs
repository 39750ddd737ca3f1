//! `/clock`: the server's clock jumped, and somebody has to say whether it is right now.

use crate::app::{Answer, AppState, Visit, moment, see_done};
use crate::components::{Menu, PageHead, Tone, form_open, notice, page, page_head};
use crate::frame::Frame;
use crate::text::clock as t;
use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;
use maud::{Markup, html};

/// The page. `now` is the server's time in words.
pub(crate) fn view(frame: &Frame, is_held: bool, now: &str) -> Markup {
    let title = frame.t(t::TITLE);
    let may = frame.viewer.as_ref().is_some_and(|viewer| viewer.rights.clock);
    let body = html! {
        (page_head(frame, &PageHead {
            title,
            facts: Some(html! { (frame.with(t::NOW, &[&now])) }),
            ..PageHead::default()
        }))
        section.card { div.cb {
            @if is_held {
                (notice(Tone::Warning, &html! { b { (frame.t(t::HELD)) } }))
                ul.dot {
                    li { (frame.t(t::HELD_WHAT)) }
                    li { (frame.t(t::HELD_CHECK)) }
                    li { (frame.t(t::HELD_ELSE)) }
                }
                @if may {
                    (form_open(frame, "/clock", "", &html! {
                        button.btn.p { (frame.with(t::CONFIRM, &[&now])) }
                    }))
                } @else { p { (frame.t(t::ASK)) } }
            } @else {
                (notice(Tone::Success, &html! { (frame.t(t::FINE)) }))
                p { (frame.t(t::FINE_HELP)) }
            }
        } }
    };
    page(frame, title, Menu::Clock, &body)
}

/// The route.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/clock", get(show).post(confirm))
}

async fn show(State(state): State<AppState>, visit: Visit) -> Answer {
    let is_held = state.run(|service| service.clock_is_held()).await?;
    let now = moment(state.service().now());
    let mut frame = visit.frame;
    if let Some(viewer) = &mut frame.viewer {
        // The page itself says it; the line above it would say it twice.
        viewer.is_clock_held = false;
    }
    Ok(view(&frame, is_held, &now).into_response())
}

async fn confirm(State(state): State<AppState>, visit: Visit) -> Answer {
    let caller = visit.caller.clone();
    state.run(move |service| service.confirm_clock(&caller)).await?;
    state.forget(&visit.caller.user);
    Ok(see_done(state.options(), "/clock", "clock_confirmed", 1, None))
}
