//! What happens around every page: session, form token, form key, time limit, errors, headers.

use super::cookie::{cookie, set_cookie};
use super::error::{Carried, Words, conflict_ids, error_page};
use super::visit::Arrival;
use super::{AppState, FormValues, WebError, again, done, random_text, see, token};
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use taizhang_service::ServiceError;
use taizhang_values::RecordId;

/// Most bytes of a posted form (`reliability.md` §5).
pub(crate) const FORM_BYTES_MAX: u64 = 2 * 1024 * 1024;
/// Longest time for one page; uploads get more, because lines are slow.
const PAGE_SECONDS: u64 = 30;
const UPLOAD_SECONDS: u64 = 600;
/// Characters of a request's number that people are told.
const NUMBER_LENGTH: usize = 6;
/// No script, style or frame that we did not ship (`reliability.md` P37).
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'";

/// The layer around all pages.
pub(crate) async fn around(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let number: String =
        random_text().chars().take(NUMBER_LENGTH).collect::<String>().to_uppercase();
    let is_post = request.method() == Method::POST;
    let here = request.uri().path_and_query().map_or("/", |here| here.as_str()).to_owned();
    let new_token = format!("{}{}", random_text(), random_text());
    let headers = request.headers().clone();
    let arrival = Arrival::of(&state, &headers, here.clone(), &new_token).await;
    let (arrival, early) = match arrival {
        Ok(arrival) => (arrival, None),
        Err(error) => (unknown(&headers, &new_token), Some(error)),
    };
    let frame = arrival.frame.clone();
    let is_visit_new = arrival.session.is_none() && cookie(&headers, "visit").is_empty();
    let mut response = match early {
        Some(error) => error.into_response(),
        None => answer(&state, arrival, request, next).await,
    };
    if let Some(Carried(error)) = response.extensions_mut().remove::<Carried>() {
        if error.is_ours() {
            tracing::error!(number, error = error.log_text(), "request failed");
        }
        response = match error.as_ref() {
            WebError::Service(ServiceError::NotSignedIn) => to_sign_in(&headers, &here, is_post),
            WebError::Service(ServiceError::MustChangePassword) => see("/password"),
            WebError::Service(ServiceError::Repeated) => {
                done::see_done(state.options(), &back(&headers), "repeated", 1, None)
            }
            error => {
                let names = conflict_names(&state, error).await;
                let codebook = state.service().codebook();
                error_page(&frame, &Words { codebook, names: &names }, error, &number, is_post)
            }
        };
    }
    if is_visit_new {
        let cookie = set_cookie(state.options(), "visit", &new_token, None, true);
        append(&mut response, header::SET_COOKIE, &cookie);
    }
    if frame.done.is_some() && !is_post {
        let cookie = set_cookie(state.options(), done::COOKIE, "", Some(0), true);
        append(&mut response, header::SET_COOKIE, &cookie);
    }
    dress(&state, &mut response, &number);
    response
}

/// Names of the units and people in a conflict.
async fn conflict_names(state: &AppState, error: &WebError) -> BTreeMap<RecordId, String> {
    let WebError::Service(ServiceError::Conflict(conflict)) = error else {
        return BTreeMap::new();
    };
    let ids = conflict_ids(conflict);
    state.run(move |service| service.names_of(&ids)).await.unwrap_or_default()
}

/// An arrival of which nothing could be read, because the store does not answer.
fn unknown(_: &HeaderMap, token: &str) -> Arrival {
    let frame = crate::frame::Frame { csrf: token.to_owned(), ..crate::frame::Frame::default() };
    Arrival { session: None, token: token.to_owned(), frame }
}

/// Checks the form if there is one, then runs the handler in a task of its own: a panic ends only
/// that, and a posted act is not broken off when the browser goes away.
async fn answer(state: &AppState, arrival: Arrival, request: Request, next: Next) -> Response {
    let is_upload = media_type(request.headers()).starts_with("multipart/");
    let seconds = if is_upload { UPLOAD_SECONDS } else { PAGE_SECONDS };
    let prepared = match prepared(&arrival, request).await {
        Ok(prepared) => prepared,
        Err(error) => return error.into_response(),
    };
    let (mut request, form) = prepared;
    let user = arrival.session.as_ref().map(|session| session.caller.user.clone());
    request.extensions_mut().insert(arrival);
    let held = Arc::new(again::Form::default());
    if let (Some(user), Some((key, body_hash))) = (user, form)
        && let Err(error) = again::take(state, &held, &user, &key, &body_hash).await
    {
        return error.into_response();
    }
    let work = again::FORM.scope(held.clone(), async move { next.run(request).await });
    match tokio::time::timeout(Duration::from_secs(seconds), tokio::spawn(work)).await {
        Ok(Ok(response)) => {
            again::settle(state, &held, again::answer_later(&response)).await;
            response
        }
        // Nobody knows what such a request wrote: its key stays with its effects.
        Ok(Err(_)) => WebError::Panic.into_response(),
        Err(_) => WebError::Timeout.into_response(),
    }
}

/// The request with its form read and checked, and the form's key with the hash of its body.
async fn prepared(
    arrival: &Arrival,
    request: Request,
) -> Result<(Request, Option<(String, String)>), WebError> {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok((request, None));
    }
    if is_foreign(request.headers()) {
        return Err(WebError::Foreign);
    }
    if !media_type(request.headers()).starts_with("application/x-www-form-urlencoded") {
        // Uploads are read and checked by their own extractor.
        return Ok((request, None));
    }
    let (mut parts, body) = request.into_parts();
    let limit = usize::try_from(FORM_BYTES_MAX).unwrap_or(usize::MAX);
    let bytes = to_bytes(body, limit).await.map_err(|_| WebError::BodyTooLarge(FORM_BYTES_MAX))?;
    let form = FormValues::parse(&bytes);
    if !token::fits(&arrival.token, form.get("_csrf")) {
        return Err(WebError::Stale);
    }
    let key = form.get("_key").to_owned();
    let hash = again::hash(&bytes);
    parts.extensions.insert(form);
    let request = Request::from_parts(parts, Body::from(bytes));
    Ok((request, (!key.is_empty()).then_some((key, hash))))
}

fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_ascii_lowercase()
}

/// True if the browser says that another site sent the request.
fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin"), text("host")) {
        (Some(site), ..) => !matches!(site, "same-origin" | "none"),
        (None, Some(origin), Some(host)) => {
            origin.split_once("://").is_none_or(|(_, authority)| authority != host)
        }
        _ => false,
    }
}

/// To the sign-in page, and back afterwards. A posted form leads back to the page it stood on,
/// where the draft waits.
fn to_sign_in(headers: &HeaderMap, here: &str, is_post: bool) -> Response {
    let back = if is_post { back(headers) } else { here.to_owned() };
    let pairs = [("next".to_owned(), if back == "/" { String::new() } else { back })];
    see(&crate::components::Address::new("/sign-in", &pairs).text())
}

/// The page on which a form stood; the first page if the browser does not say.
fn back(headers: &HeaderMap) -> String {
    let referer = headers.get(header::REFERER).and_then(|value| value.to_str().ok());
    let rest = referer.and_then(|address| address.split_once("://")?.1.split_once('/'));
    rest.map_or_else(|| "/".to_owned(), |(_, path)| format!("/{path}"))
}

fn append(response: &mut Response, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().append(name, value);
    }
}

/// Headers of every answer.
fn dress(state: &AppState, response: &mut Response, number: &str) {
    let headers = response.headers_mut();
    let fixed = [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if state.options().is_https {
        let value = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    // Pages hold personal data: nobody but this browser keeps them, and it asks again.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
    if let Ok(value) = HeaderValue::from_str(number) {
        headers.insert("x-request-number", value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_from_other_sites_are_known() {
        let cases: [(&[(&str, &str)], bool); 7] = [
            (&[("sec-fetch-site", "same-origin")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("sec-fetch-site", "same-site")], true),
            (&[("sec-fetch-site", "cross-site"), ("origin", "http://a"), ("host", "a")], true),
            (&[("origin", "https://a:8443"), ("host", "a:8443")], false),
            (&[("origin", "null"), ("host", "a")], true),
            (&[], false),
        ];
        for (given, expected) in cases {
            let mut headers = HeaderMap::new();
            for (name, value) in given {
                headers.insert(*name, value.parse().unwrap());
            }
            assert_eq!(is_foreign(&headers), expected, "{given:?}");
        }
    }
}
