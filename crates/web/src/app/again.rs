//! The same form sent twice acts once: the second time gives the first answer.
//!
//! The form's key is written by the store in each transaction of the request
//! ([`taizhang_store::Store::in_request`]), so that it stands whenever the act stands; the answer
//! is added when the handler has ended.

use super::state::HeldKey;
use super::{AppState, WebError};
use axum::http::{StatusCode, header};
use axum::response::Response;
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use taizhang_service::ServiceError;
use taizhang_store::{Act, Request};
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

/// The form of the request that is being answered: set before its handler runs, or by the
/// extractor of uploads, which reads the key from the body.
#[derive(Default)]
pub(crate) struct Form(Mutex<Option<(Request, HeldKey)>>);

tokio::task_local! {
    /// The form that this task works on.
    pub(crate) static FORM: Arc<Form>;
}

impl Form {
    fn request(&self) -> Option<Request> {
        let form = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        form.as_ref().map(|(request, _)| request.clone())
    }
}

/// The request that this task works on, under whose key the store writes once.
pub(crate) fn current() -> Option<Request> {
    FORM.try_with(|form| form.request()).ok().flatten()
}

/// Takes the key of a form for this request; what the handler writes from now on is written with
/// it.
///
/// # Errors
/// `Again` with the first answer if there was one, `Stale` for another body under the same key,
/// `Repeated` if the first attempt wrote and ended before it could answer.
pub(crate) async fn take(
    state: &AppState,
    form: &Form,
    user: &RecordId,
    key: &str,
    body_hash: &str,
) -> Result<(), WebError> {
    let slot = format!("{user}:{key}");
    let mut held = state.hold_key(&slot);
    for _ in 0..WAITS_MAX {
        if held.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        held = state.hold_key(&slot);
    }
    let held = held.ok_or(WebError::Timeout)?;
    let (asked_user, asked_key) = (user.clone(), key.to_owned());
    let kept = state.run(move |service| {
        service.store().read(|reader| reader.recall(&asked_key, &asked_user).map_err(Into::into))
    });
    match kept.await? {
        Some(kept) if kept.body_hash != body_hash => return Err(WebError::Stale),
        Some(kept) if kept.is_pending => return Err(ServiceError::Repeated.into()),
        Some(kept) => return Err(WebError::Again(kept.answer)),
        None => {}
    }
    let request = Request::new(key, user, body_hash).map_err(ServiceError::from)?;
    *form.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((request, held));
    Ok(())
}

/// Notes the answer to the form, or gives its key back. Only redirects are remembered: a form that
/// came back with faults is sent again with a new key.
pub(crate) async fn settle(state: &AppState, form: &Form, answer: Option<String>) {
    let Some(request) = form.request() else { return };
    let noted = state.run(move |service| {
        let act = Act {
            actor: None,
            verb: "request.remember".to_owned(),
            at: service.now(),
            reason: None,
            source: "web".to_owned(),
        };
        service.store().write(&act, |writer| {
            match &answer {
                Some(answer) => writer.answer(&request, answer)?,
                None => writer.forget(&request)?,
            }
            Ok::<_, ServiceError>(())
        })
    });
    if noted.await.is_err() {
        tracing::warn!("a form key could not be kept");
    }
}

/// Where the same form leads when it is sent again; `None` if it may act again.
pub(crate) fn answer_later(response: &Response) -> Option<String> {
    if let Some(AnswerOnce(address)) = response.extensions().get::<AnswerOnce>() {
        return Some(address.clone());
    }
    let address = response.headers().get(header::LOCATION)?.to_str().ok()?;
    (response.status() == StatusCode::SEE_OTHER).then(|| address.to_owned())
}
