//! `/help` and `/accessibility`: help by task, and what is done for people with impairments.

use crate::app::{AppState, Arrival};
use crate::components::{Menu, PageHead, page, page_head};
use crate::frame::Frame;
use crate::text::{help as t, settings};
use axum::Router;
use axum::routing::get;
use maud::{Markup, html};

/// `/help`.
pub(crate) fn view(frame: &Frame) -> Markup {
    let tasks = [
        (t::LETTER, t::LETTER_TEXT),
        (t::WORK, t::WORK_TEXT),
        (t::LIGHTS, t::LIGHTS_TEXT),
        (t::REPORT, t::REPORT_TEXT),
    ];
    let keys = [
        ("/", t::KEY_SEARCH),
        ("?", t::KEY_HELP),
        ("J K", t::KEY_ROWS),
        ("X", t::KEY_PICK),
        ("Enter", t::KEY_OPEN),
        ("E", t::KEY_EDIT),
        ("Ctrl+Enter", t::KEY_SEND),
        ("Alt+1…9", t::KEY_TABS),
    ];
    let body = html! {
        (page_head(frame, &PageHead { title: frame.t(t::TITLE), ..PageHead::default() }))
        div.grid.side {
            section.card {
                div.ch { h2 { (frame.t(t::TASKS)) } }
                div.cb.stack {
                    @for (title, text) in tasks {
                        div { h3 { (frame.t(title)) } p { (frame.t(text)) } }
                    }
                }
            }
            section.card #keys {
                div.ch { h2 { (frame.t(t::KEYS)) } }
                div.cb {
                    dl.kv {
                        @for (key, words) in keys { dt { kbd { (key) } } dd { (frame.t(words)) } }
                    }
                    p.muted.small { (frame.t(t::KEYS_OFF)) }
                }
            }
        }
    };
    page(frame, frame.t(t::TITLE), Menu::None, &body)
}

/// `/accessibility`.
pub(crate) fn accessibility(frame: &Frame) -> Markup {
    let lines = [
        settings::ACCESS_1,
        settings::ACCESS_2,
        settings::ACCESS_3,
        settings::ACCESS_4,
        settings::ACCESS_5,
    ];
    let title = frame.t(settings::ACCESS_TITLE);
    let body = html! {
        (page_head(frame, &PageHead { title, ..PageHead::default() }))
        section.card { div.cb { ul.dot { @for line in lines { li { (frame.t(line)) } } } } }
    };
    page(frame, title, Menu::None, &body)
}

/// The routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/help", get(|arrival: Arrival| async move { view(&arrival.frame) })).route(
        "/accessibility",
        get(|arrival: Arrival| async move { accessibility(&arrival.frame) }),
    )
}
