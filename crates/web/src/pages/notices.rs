//! `/notices`: messages inside the system; they hold no name and no case content.

use super::queue::code_words;
use crate::app::{Answer, AppState, Visit, moment, see_done};
use crate::components::{Empty, Menu, PageHead, empty_state, form_open, page, page_head, tag};
use crate::frame::Frame;
use crate::text::message as t;
use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use maud::{Markup, html};
use taizhang_store::Record;

/// One message.
#[derive(Clone, Debug, Default)]
pub(crate) struct MessageRow {
    pub(crate) kind: String,
    pub(crate) when: String,
    pub(crate) due: String,
    pub(crate) address: Option<String>,
}

/// The page.
pub(crate) fn view(frame: &Frame, messages: &[MessageRow]) -> Markup {
    let title = frame.t(t::TITLE);
    let body = html! {
        (page_head(frame, &PageHead {
            title,
            facts: Some(html! { (frame.with(t::FACTS, &[&messages.len()])) }),
            acts: (!messages.is_empty()).then(|| form_open(frame, "/notices/read", "", &html! {
                button.btn { (frame.t(t::MARK_READ)) }
            })),
            ..PageHead::default()
        }))
        @if messages.is_empty() {
            (empty_state(frame, &Empty::Nothing { help: frame.t(t::ALL_READ), first: None }))
        } @else {
            section.card { div.cb { ul.lst data-rows="" {
                @for message in messages {
                    li {
                        (tag("b", &message.kind))
                        @if let Some(address) = &message.address {
                            a href=(address) data-open="" { (frame.t(t::ISSUE)) }
                        }
                        @if !message.due.is_empty() {
                            span { (frame.with(t::DUE, &[&message.due])) }
                        }
                        span.w { (message.when) }
                    }
                }
            } } }
        }
    };
    page(frame, title, Menu::None, &body)
}

/// The routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/notices", get(show)).route("/notices/read", post(read))
}

async fn show(State(state): State<AppState>, visit: Visit) -> Answer {
    let caller = visit.caller.clone();
    let messages = state.run(move |service| service.unread_messages(&caller)).await?;
    let row = |message: &Record| MessageRow {
        kind: code_words(state.service(), &visit.frame, "message_kind", message.text("kind")),
        when: moment(message.created_at),
        due: message.get("due_on").to_string(),
        address: message.reference("finding").map(|id| format!("/issues/{id}")),
    };
    let rows: Vec<MessageRow> = messages.iter().map(row).collect();
    Ok(view(&visit.frame, &rows).into_response())
}

async fn read(State(state): State<AppState>, visit: Visit) -> Answer {
    let caller = visit.caller.clone();
    let count = state
        .run(move |service| {
            let ids: Vec<_> =
                service.unread_messages(&caller)?.into_iter().map(|message| message.id).collect();
            service.mark_read(&caller, &ids)?;
            Ok(ids.len())
        })
        .await?;
    state.forget(&visit.caller.user);
    Ok(see_done(state.options(), "/notices", "read", count, None))
}
