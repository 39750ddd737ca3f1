//! `/sign-in` and `/password`: signing in and changing the password.

use crate::app::{
    Answer, AppState, Arrival, FormValues, Visit, WebError, cookie, form_errors, is_mine, moment,
    see, session_name, set_cookie,
};
use crate::components::{
    Errors, Field, Menu, Tone, bare_page, error_summary, form_open, hidden, input_field, notice,
    page_with,
};
use crate::frame::Frame;
use crate::text::{frame, sign_in as t};
use axum::Router;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use maud::{Markup, html};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use taizhang_service::ServiceError;
use taizhang_service::accounts::SignIn;

/// What stands above the sign-in form.
#[derive(Clone, Debug, Default)]
pub(crate) struct SignInView {
    pub(crate) login: String,
    /// Where to go after signing in; a path of this site.
    pub(crate) next: String,
    /// Refusal in words.
    pub(crate) fault: Option<String>,
    /// Good news, such as a changed password.
    pub(crate) note: Option<String>,
}

/// The sign-in page.
pub(crate) fn view(frame: &Frame, sign_in: &SignInView) -> Markup {
    let form = form_open(
        frame,
        "/sign-in",
        "",
        &html! {
            (hidden("next", &sign_in.next))
            (input_field(frame, &Errors::default(), &Field {
                name: "login",
                label: frame.t(t::LOGIN),
                value: &sign_in.login,
                autocomplete: Some("username"),
                ..Field::default()
            }))
            (input_field(frame, &Errors::default(), &Field {
                name: "password",
                label: frame.t(t::PASSWORD),
                kind: "password",
                autocomplete: Some("current-password"),
                ..Field::default()
            }))
            button.btn.p { (frame.t(t::DO)) }
        },
    );
    let body = html! {
        div.sign {
            section.card {
                div.ch { h1 { (frame.t(frame::PRODUCT)) } }
                div.cb {
                    @if let Some(fault) = &sign_in.fault {
                        div.note.r role="alert" tabindex="-1" data-focus="" { (fault) }
                    }
                    @if let Some(note) = &sign_in.note {
                        (notice(Tone::Success, &html! { (note) }))
                    }
                    (form)
                }
            }
            p.muted.small { (frame.t(t::FORGOT)) }
        }
    };
    bare_page(frame, frame.t(t::TITLE), &body)
}

/// The page for a new password; the first one must be changed before anything else.
pub(crate) fn password(frame: &Frame, is_first: bool, errors: &Errors) -> Markup {
    let field = |name, label, hint, autocomplete| {
        input_field(
            frame,
            errors,
            &Field {
                name,
                label: frame.t(label),
                hint,
                kind: "password",
                is_required: true,
                autocomplete: Some(autocomplete),
                ..Field::default()
            },
        )
    };
    let body = html! {
        div.sign {
            h1 { (frame.t(t::CHANGE_TITLE)) }
            @if is_first { (notice(Tone::Warning, &html! { (frame.t(t::CHANGE_FIRST)) })) }
            (error_summary(frame, errors))
            section.card { div.cb {
                (form_open(frame, "/password", "", &html! {
                    (field("old_password", t::OLD, "", "current-password"))
                    (field("new_password", t::NEW, frame.t(t::NEW_HINT), "new-password"))
                    (field("again", t::AGAIN, "", "new-password"))
                    button.btn.p { (frame.t(t::CHANGE_TITLE)) }
                }))
            } }
        }
    };
    if is_first {
        bare_page(frame, frame.t(t::CHANGE_TITLE), &body)
    } else {
        page_with(frame, frame.t(t::CHANGE_TITLE), Menu::Settings, !errors.is_empty(), &body)
    }
}

/// The routes.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/sign-in", get(show).post(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/session", get(session_left))
        .route("/password", get(show_password).post(change_password))
}

/// Puts the end of the session off, as every request does, and tells how many seconds are left.
async fn session_left(visit: Visit) -> Answer {
    let left = visit.frame.session.map_or(0, |session| session.seconds_left);
    Ok(left.to_string().into_response())
}

/// Seconds that the token of a known device is kept: half a year.
const DEVICE_SECONDS: u32 = 15_552_000;

async fn show(arrival: Arrival, Query(query): Query<BTreeMap<String, String>>) -> Answer {
    let next = query.get("next").cloned().unwrap_or_default();
    if arrival.session.is_some() {
        return Ok(see(if next.is_empty() { "/" } else { &next }));
    }
    let note = query.contains_key("changed").then(|| arrival.frame.t(t::CHANGED).to_owned());
    let fault = (!next.is_empty()).then(|| arrival.frame.t(t::ENDED).to_owned());
    let page = SignInView { next, note, fault, ..SignInView::default() };
    Ok(view(&arrival.frame, &page).into_response())
}

async fn sign_in(
    State(state): State<AppState>,
    arrival: Arrival,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    form: FormValues,
) -> Answer {
    let device = Some(cookie(&headers, "device").to_owned()).filter(|token| !token.is_empty());
    let input = SignIn {
        login: form.get("login").to_owned(),
        password: form.get("password").to_owned(),
        address: address.ip().to_string(),
        device,
    };
    let next = form.get("next").to_owned();
    let fault = match state.run(move |service| service.sign_in(&input)).await {
        Ok(signed_in) => {
            let options = state.options();
            let target = if signed_in.must_change_password { "/password" } else { &next };
            let mut response = see(if is_mine(target) { target } else { "/" });
            let cookies = [
                set_cookie(options, session_name(options), &signed_in.token, None, false),
                set_cookie(options, "device", &signed_in.device, Some(DEVICE_SECONDS), true),
            ];
            for cookie in cookies.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok()) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            return Ok(response);
        }
        Err(WebError::Service(ServiceError::SignInFailed)) => {
            (StatusCode::UNPROCESSABLE_ENTITY, arrival.frame.t(t::FAILED).to_owned())
        }
        Err(WebError::Service(ServiceError::Throttled { until })) => {
            let words = arrival.frame.with(crate::text::fault::THROTTLED, &[&moment(until)]);
            (StatusCode::TOO_MANY_REQUESTS, words)
        }
        Err(other) => return Err(other),
    };
    let page = SignInView {
        login: form.get("login").to_owned(),
        next: form.get("next").to_owned(),
        fault: Some(fault.1),
        note: None,
    };
    Ok((fault.0, view(&arrival.frame, &page)).into_response())
}

async fn sign_out(State(state): State<AppState>, arrival: Arrival, headers: HeaderMap) -> Answer {
    let options = state.options();
    let token = cookie(&headers, session_name(options)).to_owned();
    state.run(move |service| service.sign_out(&token)).await?;
    if let Some(session) = &arrival.session {
        state.forget(&session.caller.user);
    }
    let mut response = see("/sign-in");
    let ended = set_cookie(options, session_name(options), "", Some(0), false);
    if let Ok(value) = HeaderValue::from_str(&ended) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    // What the browser kept of the pages goes too: the computer may be shared.
    response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\""));
    Ok(response)
}

async fn show_password(arrival: Arrival) -> Answer {
    let session = arrival.session.ok_or(ServiceError::NotSignedIn)?;
    let is_first = session.must_change_password;
    Ok(password(&arrival.frame, is_first, &Errors::default()).into_response())
}

async fn change_password(
    State(state): State<AppState>,
    arrival: Arrival,
    form: FormValues,
) -> Answer {
    let session = arrival.session.ok_or(ServiceError::NotSignedIn)?;
    let frame = &arrival.frame;
    let is_first = session.must_change_password;
    let again = |errors: Errors| {
        Ok((StatusCode::UNPROCESSABLE_ENTITY, password(frame, is_first, &errors)).into_response())
    };
    let one = |field: &str, text| Errors(vec![(field.to_owned(), frame.t(text).to_owned())]);
    if form.get("new_password") != form.get("again") {
        return again(one("again", t::AGAIN_WRONG));
    }
    let (old, new) = (form.get("old_password").to_owned(), form.get("new_password").to_owned());
    let caller = session.caller.clone();
    match state.run(move |service| service.change_password(&caller, &old, &new)).await {
        Ok(()) => Ok(see("/sign-in?changed=1")),
        Err(WebError::Service(ServiceError::SignInFailed)) => {
            again(one("old_password", t::OLD_WRONG))
        }
        Err(WebError::Service(ServiceError::Invalid(faults))) => {
            again(form_errors(&faults, frame.language))
        }
        Err(other) => Err(other),
    }
}
