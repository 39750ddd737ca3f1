//! `/settings`: text size, language, keys, password.

use crate::app::{
    Answer, AppState, Arrival, FormValues, Visit, WebError, is_mine, see, set_cookie,
};
use crate::components::{Menu, PageHead, all_entries, form_open, page, page_head};
use crate::frame::{Frame, TextSize};
use crate::text::{Text, frame as f, jobs, settings as t};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::routing::{get, post};
use maud::{Markup, html};
use taizhang_diagnostics::Language;

/// The page.
pub(crate) fn view(frame: &Frame) -> Markup {
    let sizes = [
        (TextSize::Standard.name(), f::SIZE_STANDARD_LONG, frame.size == TextSize::Standard),
        (TextSize::Large.name(), f::SIZE_LARGE_LONG, frame.size == TextSize::Large),
        (TextSize::Elder.name(), f::SIZE_ELDER_LONG, frame.size == TextSize::Elder),
    ];
    let languages = [
        ("zh", Text("中文", "中文"), frame.language == Language::Zh),
        ("en", Text("English", "English"), frame.language == Language::En),
    ];
    let keys = [("on", t::KEYS_ON, !frame.keys_off), ("off", t::KEYS_OFF, frame.keys_off)];
    let name = frame.viewer.as_ref().map_or("", |viewer| viewer.name.as_str());
    let body = html! {
        (page_head(frame, &PageHead {
            title: frame.t(t::TITLE),
            facts: Some(html! { (name) }),
            ..PageHead::default()
        }))
        div.stack {
            @if let Some(viewer) = &frame.viewer { (all_entries(frame, viewer)) }
            (choice(frame, "size", f::TEXT_SIZE, &sizes))
            (choice(frame, "language", f::LANGUAGE, &languages))
            (choice(frame, "keys", t::KEYS, &keys))
            section.card { div.cb.row {
                a.btn href="/notices" { (frame.t(f::MESSAGES)) }
                a.btn href="/jobs" { (frame.t(jobs::ALL_JOBS)) }
                a.btn href="/help" { (frame.t(f::HELP)) }
                a.btn href="/password" { (frame.t(t::PASSWORD)) }
                (form_open(frame, "/sign-out", "", &html! {
                    button.btn { (frame.t(f::SIGN_OUT)) }
                }))
            } }
        }
    };
    page(frame, frame.t(t::TITLE), Menu::Settings, &body)
}

fn choice(frame: &Frame, name: &str, label: Text, options: &[(&str, Text, bool)]) -> Markup {
    html! {
        section.card {
            div.ch { h2 { (frame.t(label)) } }
            div.cb {
                (form_open(frame, &format!("/settings/{name}"), "", &html! {
                    input type="hidden" name="back" value="/settings";
                    span.seg role="group" aria-label=(frame.t(label)) {
                        @for (value, words, is_current) in options {
                            button name=(name) value=(value) aria-pressed=(is_current) {
                                (frame.t(*words))
                            }
                        }
                    }
                }))
            }
        }
    }
}

/// The routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/settings", get(|visit: Visit| async move { view(&visit.frame) }))
        .route("/settings/{name}", post(change))
}

/// Seconds that a choice is kept in the browser: a year.
const KEPT_SECONDS: u32 = 31_536_000;

/// Changes one setting and goes back; works before sign-in too.
async fn change(
    State(state): State<AppState>,
    arrival: Arrival,
    Path(name): Path<String>,
    form: FormValues,
) -> Answer {
    let known: &[&str] = match name.as_str() {
        "size" => &["standard", "large", "elder"],
        "language" => &["zh", "en"],
        "keys" => &["on", "off"],
        _ => return Err(WebError::NotFound),
    };
    let value = form.get(&name).to_owned();
    let back = form.get("back");
    let mut response = see(if is_mine(back) { back } else { "/settings" });
    if !known.contains(&value.as_str()) {
        return Ok(response);
    }
    if let Some(session) = arrival.session
        && name != "keys"
    {
        let (is_size, value) = (name == "size", value.clone());
        state
            .run(move |service| {
                let chosen = Some(value.as_str());
                let (language, size) = if is_size { (None, chosen) } else { (chosen, None) };
                service.set_preferences(&session.caller, language, size)
            })
            .await?;
    }
    let cookie = set_cookie(state.options(), &name, &value, Some(KEPT_SECONDS), true);
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
