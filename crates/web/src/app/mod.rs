//! What stands around the pages: state, sessions, forms, errors, headers, serving.

mod again;
mod around;
mod cookie;
mod done;
mod error;
mod form;
mod lists;
mod presence;
mod random;
mod recent;
mod serve;
mod state;
mod token;
mod upload;
mod visit;
mod words;

pub(crate) use again::AnswerOnce;
pub(crate) use around::around;
pub(crate) use cookie::{cookie, session_name, set_cookie};
pub(crate) use done::see_done;
pub use error::WebError;
pub(crate) use error::both_versions;
pub use form::FormValues;
pub(crate) use form::{form_answer, form_errors, form_outcome, is_mine, refused_form};
pub(crate) use lists::Lists;
pub(crate) use presence::Seen;
pub(crate) use random::random_text;
pub(crate) use recent::{recent, remember_recent};
pub use serve::serve;
pub use state::{AppState, WebOptions};
pub(crate) use upload::Upload;
pub(crate) use visit::{Arrival, Visit, may};
pub(crate) use words::{capitalised, code_options, moment, sentence, value_words};

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// What every handler gives.
pub(crate) type Answer = Result<Response, WebError>;

/// Redirect after a post (303). An address of elsewhere leads home.
pub(crate) fn see(address: &str) -> Response {
    let target = if is_mine(address) { address } else { "/" };
    match HeaderValue::from_str(target) {
        Ok(value) => (StatusCode::SEE_OTHER, [(header::LOCATION, value)]).into_response(),
        Err(_) => (StatusCode::SEE_OTHER, [(header::LOCATION, "/")]).into_response(),
    }
}

/// A file to keep, never to be shown inside the page.
pub(crate) fn attachment(name: &str, media_type: &str, content: Vec<u8>) -> Response {
    let encoded = taizhang_service::work::percent_encoded(name);
    let disposition = format!("attachment; filename*=UTF-8''{encoded}");
    let mut response = content.into_response();
    for (header, value) in
        [(header::CONTENT_TYPE, media_type), (header::CONTENT_DISPOSITION, disposition.as_str())]
    {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(header, value);
        }
    }
    response
}
