//! What goes wrong, by who can mend it, and the page that says so.

use super::{AppState, sentence};
use crate::components::file_size;
use crate::components::{Menu, PageHead, page, page_head};
use crate::frame::Frame;
use crate::text::{Text, common, fault as t};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};
use taizhang_codebook::Codebook;
use taizhang_service::ServiceError;
use taizhang_store::Conflict;
use taizhang_values::{RecordId, Value};

/// A refusal or failure of a request.
#[derive(Debug)]
pub enum WebError {
    /// From a use case.
    Service(ServiceError),
    /// No such page.
    NotFound,
    /// The address takes another method.
    Method,
    /// The body is larger than the route takes.
    BodyTooLarge(u64),
    /// The form's token does not fit the session.
    Stale,
    /// The request came from another site.
    Foreign,
    /// The same form was sent before: its answer.
    Again(String),
    /// It took too long.
    Timeout,
    /// A fault of the program.
    Panic,
}

impl From<ServiceError> for WebError {
    fn from(error: ServiceError) -> Self {
        Self::Service(error)
    }
}

impl WebError {
    const fn status(&self) -> StatusCode {
        match self {
            Self::Service(error) => match error {
                ServiceError::Denied { .. } => StatusCode::FORBIDDEN,
                ServiceError::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
                ServiceError::Conflict(_) => StatusCode::CONFLICT,
                ServiceError::Repeated => StatusCode::SEE_OTHER,
                ServiceError::NotFound => StatusCode::NOT_FOUND,
                ServiceError::Throttled { .. } => StatusCode::TOO_MANY_REQUESTS,
                ServiceError::SignInFailed | ServiceError::NotSignedIn => StatusCode::UNAUTHORIZED,
                ServiceError::MustChangePassword => StatusCode::FORBIDDEN,
                ServiceError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
                ServiceError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            },
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Stale | Self::Foreign => StatusCode::FORBIDDEN,
            Self::Again(_) => StatusCode::SEE_OTHER,
            Self::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Self::Panic => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// True if the operator or programmer has to look: it is logged with its number.
    pub(crate) const fn is_ours(&self) -> bool {
        matches!(self, Self::Service(ServiceError::Internal(_)) | Self::Timeout | Self::Panic)
    }

    /// Text for the log; holds no personal data.
    pub(crate) fn log_text(&self) -> String {
        match self {
            Self::Service(error) => error.to_string(),
            Self::Timeout => "timeout".to_owned(),
            _ => "panic".to_owned(),
        }
    }
}

/// Carries the error to the layer that knows the reader's language (`app::around`).
#[derive(Clone)]
pub(crate) struct Carried(pub(crate) std::sync::Arc<WebError>);

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        if let Self::Again(address) = &self {
            return super::see(address);
        }
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Carried(std::sync::Arc::new(self)));
        response
    }
}

/// The page of an error. `number` is that of the request.
pub(crate) fn error_page(
    frame: &Frame,
    words: &Words<'_>,
    error: &WebError,
    number: &str,
    is_post: bool,
) -> Response {
    let (title, body) = match error {
        WebError::Service(error) => service_page(frame, words, error, number, is_post),
        WebError::NotFound => not_found(frame),
        WebError::Method => plain(frame, t::METHOD, t::NOT_FOUND_HELP),
        WebError::BodyTooLarge(limit) => {
            (frame.with(t::BODY_TOO_LARGE, &[&file_size(*limit)]), help(frame, t::TOO_LARGE_HELP))
        }
        WebError::Stale => plain(frame, t::FORM_STALE, t::FORM_STALE_HELP),
        WebError::Foreign => plain(frame, t::FOREIGN, t::NOT_FOUND_HELP),
        WebError::Timeout => (frame.with(t::TIMEOUT, &[&number]), help(frame, t::TELL_OPERATOR)),
        WebError::Again(_) | WebError::Panic => failure(frame, number, is_post),
    };
    let markup = page(
        frame,
        &title,
        Menu::None,
        &html! {
            (page_head(frame, &PageHead { title: &title, ..PageHead::default() }))
            section.card { div.cb.stack { (body) } }
        },
    );
    let mut response = (error.status(), markup).into_response();
    if let WebError::Service(ServiceError::Throttled { .. }) = error {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("900"));
    }
    response
}

fn help(frame: &Frame, text: Text) -> Markup {
    html! { p { (frame.t(text)) } }
}

fn plain(frame: &Frame, title: Text, text: Text) -> (String, Markup) {
    (frame.t(title).to_owned(), help(frame, text))
}

fn not_found(frame: &Frame) -> (String, Markup) {
    plain(frame, t::NOT_FOUND, t::NOT_FOUND_HELP)
}

fn failure(frame: &Frame, number: &str, is_post: bool) -> (String, Markup) {
    let title = if is_post { t::NOT_SAVED } else { t::NOT_SHOWN };
    let body = html! {
        @if is_post { (help(frame, t::GO_BACK)) }
        (help(frame, t::TELL_OPERATOR))
    };
    (frame.with(title, &[&number]), body)
}

fn service_page(
    frame: &Frame,
    words: &Words<'_>,
    error: &ServiceError,
    number: &str,
    is_post: bool,
) -> (String, Markup) {
    match error {
        ServiceError::Denied { needed, granters } => {
            let body = html! {
                p { (frame.with(t::DENIED_NEEDED, &[&right_words(frame, words.codebook, needed)])) }
                @if granters.is_empty() { (help(frame, t::DENIED_NOBODY)) }
                @else {
                    @let named = granters.join(frame.t(common::LIST));
                    p { (frame.with(t::DENIED_GRANTERS, &[&named])) }
                }
            };
            (frame.t(t::DENIED).to_owned(), body)
        }
        ServiceError::Invalid(faults) => {
            let body = html! {
                ul.dot { @for fault in faults { li {
                    (sentence(fault.message.text(frame.language), frame.language))
                    @if let Some(help) = &fault.help {
                        (frame.t(common::STOP))
                        (sentence(help.text(frame.language), frame.language))
                    }
                } } }
                (help(frame, t::GO_BACK))
            };
            (frame.t(t::INVALID).to_owned(), body)
        }
        ServiceError::Conflict(conflict) => {
            (frame.t(t::CONFLICT).to_owned(), conflict_body(frame, words, conflict))
        }
        ServiceError::Throttled { until } => {
            let time = super::moment(*until);
            (frame.with(t::THROTTLED, &[&time]), help(frame, t::DENIED_NOBODY))
        }
        ServiceError::TooLarge { limit_bytes } => {
            (frame.with(t::TOO_LARGE, &[&file_size(*limit_bytes)]), help(frame, t::TOO_LARGE_HELP))
        }
        ServiceError::NotFound => not_found(frame),
        _ => failure(frame, number, is_post),
    }
}

/// `finding.update` in the words of the codebook: the ledger's label and the verb.
fn right_words(frame: &Frame, codebook: &Codebook, needed: &str) -> String {
    let (ledger, verb) = needed.split_once('.').unwrap_or((needed, ""));
    let step = codebook
        .ledger(ledger)
        .and_then(|ledger| codebook.flows.get(ledger.flow.as_deref()?)?.step(verb))
        .map(|step| step.label.text(frame.language).to_owned());
    let verb = match step {
        Some(label) => label,
        None => crate::text::right::verb(verb).map_or(verb.to_owned(), |t| frame.t(t).to_owned()),
    };
    let ledger = codebook.ledger(ledger).map_or(ledger, |known| known.label.text(frame.language));
    format!("{ledger} · {verb}")
}

/// Both versions field by field, with the way to the newest one.
fn conflict_body(frame: &Frame, words: &Words<'_>, conflict: &Conflict) -> Markup {
    let address = match conflict.ledger.as_str() {
        "finding" => Some(format!("/issues/{}", conflict.id)),
        "letter" => Some(format!("/letters/{}", conflict.id)),
        "letter_row" => {
            conflict.current.reference("letter").map(|letter| format!("/letters/{letter}"))
        }
        _ => None,
    };
    html! {
        p { (frame.t(t::CONFLICT_HELP)) }
        (conflict_table(frame, words, conflict))
        @if let Some(address) = address {
            p { a.btn.p href=(address) { (frame.t(t::CONFLICT_RELOAD)) } }
        }
    }
}

/// The fields in which two versions differ: at opening, mine, theirs.
fn conflict_table(frame: &Frame, words: &Words<'_>, conflict: &Conflict) -> Markup {
    let label = |field: &str| {
        let known = words.codebook.field(&conflict.ledger, field);
        known.map_or(field.to_owned(), |known| known.label.text(frame.language).to_owned())
    };
    let value = |field: &str, value: &Value| words.value(frame, &conflict.ledger, field, value);
    let heads = [t::CONFLICT_FIELD, t::CONFLICT_BASE, t::CONFLICT_MINE, t::CONFLICT_THEIRS];
    let [_, base, mine, theirs] = heads.map(|head| frame.t(head));
    html! {
        @if conflict.fields.is_empty() { p { (frame.t(t::CONFLICT_NO_FIELD)) } }
        @else {
            div.tw.solo.bare { table.cards {
                thead { tr { @for head in heads { th scope="col" { (frame.t(head)) } } } }
                tbody { @for field in &conflict.fields { tr {
                    th.ttl scope="row" { (label(&field.field)) }
                    td.pre data-l=(base) { (value(&field.field, &field.base)) }
                    td.pre data-l=(mine) { ins { (value(&field.field, &field.mine)) } }
                    td.pre data-l=(theirs) { b { (value(&field.field, &field.theirs)) } }
                } } }
            } }
        }
    }
}

/// What turns stored values into words: labels of the codebook, names of units and people.
pub(crate) struct Words<'a> {
    pub(crate) codebook: &'a Codebook,
    pub(crate) names: &'a BTreeMap<RecordId, String>,
}

impl Words<'_> {
    fn name(&self, id: &str) -> Option<String> {
        self.names.get(&RecordId::parse(id)?).cloned()
    }

    fn value(&self, frame: &Frame, ledger: &str, field: &str, value: &Value) -> String {
        match value {
            Value::Reference(id) => self.names.get(id).cloned().unwrap_or_else(|| id.to_string()),
            Value::List(items) => {
                let named = items.iter().map(|item| self.name(item).unwrap_or(item.clone()));
                named.collect::<Vec<_>>().join(frame.t(common::LIST))
            }
            other => super::value_words(self.codebook, ledger, field, other, frame.language),
        }
    }
}

/// Both versions of a conflict field by field, with the names of what they refer to.
pub(crate) async fn both_versions(
    state: &AppState,
    frame: &Frame,
    conflict: &Conflict,
) -> Result<Markup, WebError> {
    let ids = conflict_ids(conflict);
    let names = state.run(move |service| service.names_of(&ids)).await?;
    let words = Words { codebook: state.service().codebook(), names: &names };
    Ok(conflict_table(frame, &words, conflict))
}

/// Ids of everything that a conflict's values refer to.
pub(crate) fn conflict_ids(conflict: &Conflict) -> Vec<RecordId> {
    let mut ids = BTreeSet::new();
    let values = conflict.fields.iter().flat_map(|f| [&f.base, &f.mine, &f.theirs]);
    for value in values {
        ids.extend(value.as_reference().cloned());
        ids.extend(value.as_list().iter().filter_map(|item| RecordId::parse(item)));
    }
    ids.into_iter().collect()
}
