//! The same form sent twice acts once: the second time gives the first answer.

use super::{AppState, WebError, see};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use std::future::Future;
use std::time::Duration;
use taizhang_service::ServiceError;
use taizhang_store::Act;
use taizhang_values::RecordId;

/// How long a second press waits for the first, in steps of 50 ms.
const WAITS_MAX: usize = 400;

/// SHA-256 of a body in hexadecimal.
pub(crate) fn hash(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Set on an answer that is shown once: the same form sent again leads to this address instead.
#[derive(Clone)]
pub(crate) struct AnswerOnce(pub(crate) String);

/// Runs `work` unless the form's key was answered before. Only redirects are remembered: a form
/// that came back with faults is sent again with a new key.
pub(crate) async fn once(
    state: &AppState,
    user: &RecordId,
    key: &str,
    body_hash: &str,
    work: impl Future<Output = Response>,
) -> Response {
    let slot = format!("{user}:{key}");
    let mut held = state.hold_key(&slot);
    for _ in 0..WAITS_MAX {
        if held.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        held = state.hold_key(&slot);
    }
    let (asked_user, asked_key) = (user.clone(), key.to_owned());
    let kept = state.run(move |service| {
        service.store().read(|reader| reader.recall(&asked_key, &asked_user).map_err(Into::into))
    });
    match kept.await {
        Ok(Some(kept)) if kept.body_hash == body_hash => return see(&kept.answer),
        Ok(Some(_)) => return WebError::Stale.into_response(),
        Ok(None) => {}
        Err(error) => return error.into_response(),
    }
    let response = work.await;
    let Some(answer) = answer_later(&response) else { return response };
    let (user, key, body_hash) = (user.clone(), key.to_owned(), body_hash.to_owned());
    let noted = state.run(move |service| {
        let act = Act {
            actor: Some(user.clone()),
            verb: "request.remember".to_owned(),
            at: service.now(),
            reason: None,
            source: "web".to_owned(),
        };
        service.store().write(&act, |writer| {
            writer.remember(&key, &user, &body_hash, &answer)?;
            Ok::<_, ServiceError>(())
        })
    });
    if noted.await.is_err() {
        tracing::warn!("a form key could not be kept");
    }
    drop(held);
    response
}

/// Where the same form leads when it is sent again; `None` if it may act again.
fn answer_later(response: &Response) -> Option<String> {
    if let Some(AnswerOnce(address)) = response.extensions().get::<AnswerOnce>() {
        return Some(address.clone());
    }
    let address = response.headers().get(header::LOCATION)?.to_str().ok()?;
    (response.status() == StatusCode::SEE_OTHER).then(|| address.to_owned())
}
