//! One request of one reader: who, in which language, with which frame.

use super::cookie::{cookie, session_name};
use super::state::Known;
use super::{AppState, WebError, done, token};
use crate::frame::{Frame, MenuCounts, MenuRights, SessionEnd, TextSize, Viewer};
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use taizhang_codebook::Action;
use taizhang_diagnostics::Language;
use taizhang_service::accounts::SessionInfo;
use taizhang_service::{Caller, Service, ServiceError};

/// What is known of a request before its handler runs.
#[derive(Clone)]
pub(crate) struct Arrival {
    /// The session, if there is a valid one.
    pub(crate) session: Option<SessionInfo>,
    /// Plain form token of the session or, before sign-in, of the visit.
    pub(crate) token: String,
    /// Frame of the page.
    pub(crate) frame: Frame,
}

impl Arrival {
    /// Reads cookies and session.
    pub(crate) async fn of(
        state: &AppState,
        headers: &HeaderMap,
        here: String,
        new_token: &str,
    ) -> Result<Self, WebError> {
        let session_token = cookie(headers, session_name(state.options())).to_owned();
        let found = if session_token.is_empty() {
            None
        } else {
            let read = state.run(move |service| match service.session(&session_token) {
                Ok(session) => Ok(Some(session)),
                Err(ServiceError::NotSignedIn) => Ok(None),
                Err(other) => Err(other),
            });
            read.await?
        };
        let language = match &found {
            Some(session) => session.caller.language,
            None => asked_language(headers),
        };
        let size = match &found {
            Some(session) => session.text_size.as_str(),
            None => cookie(headers, "size"),
        };
        let token = match (&found, cookie(headers, "visit")) {
            (Some(session), _) => session.csrf.clone(),
            (None, "") => new_token.to_owned(),
            (None, kept) => kept.to_owned(),
        };
        let mut frame = Frame {
            language,
            size: TextSize::parse(size),
            keys_off: cookie(headers, "keys") == "off",
            csrf: token::dressed(&token),
            here,
            viewer: None,
            is_demo: state.options().is_demo,
            as_of: super::moment(state.service().now()),
            done: done::read_done(cookie(headers, done::COOKIE), language),
            session: found.as_ref().map(|session| session_end(session, state.service().now())),
        };
        if let Some(session) = found.as_ref().filter(|session| !session.must_change_password) {
            frame.viewer = Some(viewer(state, &session.caller).await?);
        }
        Ok(Self { session: found, token, frame })
    }
}

/// When the session ends without a further request, and when for good.
fn session_end(session: &SessionInfo, now: taizhang_values::Timestamp) -> SessionEnd {
    SessionEnd {
        seconds_left: session.idle_ends_at.as_second() - now.as_second(),
        is_final: session.idle_ends_at >= session.ends_at,
        at: super::moment(session.idle_ends_at),
    }
}

/// Cookie first, then the browser's wish.
fn asked_language(headers: &HeaderMap) -> Language {
    let kept = Language::parse(cookie(headers, "language"));
    let asked = headers
        .get(ACCEPT_LANGUAGE)
        .and_then(|header| header.to_str().ok())
        .and_then(|header| header.split([',', ';']).find_map(Language::parse));
    kept.or(asked).unwrap_or_default()
}

async fn viewer(state: &AppState, caller: &Caller) -> Result<Viewer, WebError> {
    let now = state.service().now();
    let known = match state.known(&caller.user, now) {
        Some(known) => known,
        None => {
            let asked = caller.clone();
            let known = state.run(move |service| get_to_know(service, &asked)).await?;
            state.know(&caller.user, known.clone());
            known
        }
    };
    Ok(Viewer {
        id: caller.user.to_string(),
        name: caller.name.clone(),
        unit: known.unit,
        region: known.region,
        counts: known.counts,
        rights: rights(state.service(), caller),
        is_clock_held: known.is_clock_held,
    })
}

fn get_to_know(service: &Service, caller: &Caller) -> Result<Known, ServiceError> {
    let region = match caller.home_region() {
        Some(region) => service.region_name(region)?,
        None => String::new(),
    };
    let unit = match &caller.unit {
        Some(unit) => service.store().read(|reader| reader.get("unit", unit))?,
        None => None,
    };
    let unread = service.unread_messages(caller)?.len();
    let short = |unit: taizhang_store::Record| {
        let name = if unit.text("short_name").is_empty() { "name" } else { "short_name" };
        unit.text(name).to_owned()
    };
    Ok(Known {
        at_second: service.now().as_second(),
        unit: unit.map(short).unwrap_or_default(),
        region,
        is_clock_held: service.clock_is_held()?,
        counts: MenuCounts {
            unread: u64::try_from(unread).unwrap_or(u64::MAX),
            ..MenuCounts::default()
        },
    })
}

/// True if one of the caller's roles may do the action in a ledger anywhere.
pub(crate) fn may(service: &Service, caller: &Caller, ledger: &str, action: Action) -> bool {
    caller.roles(service.codebook()).any(|(_, role)| {
        role.grants.get(ledger).is_some_and(|grant| grant.actions.contains(&action))
    })
}

fn rights(service: &Service, caller: &Caller) -> MenuRights {
    let power = |name: &str| caller.has_power(service.codebook(), name);
    MenuRights {
        users: power("users.manage") || power("grants.manage"),
        audit: power("audit.read"),
        import: power("import.run"),
        export: power("export.run"),
        report: power("report.make"),
        letters: may(service, caller, "letter", Action::Create),
        findings: may(service, caller, "finding", Action::Read),
        feedback: power("users.manage"),
        clock: power("backup.run"),
        households: may(service, caller, "household", Action::Read),
        doubts: may(service, caller, "doubt", Action::Read),
        runs: may(service, caller, "check_run", Action::Read),
        proposals: may(service, caller, "proposal", Action::Read),
    }
}

/// A signed-in reader with the page's frame. Without a session the reader is sent to sign in.
#[derive(Clone)]
pub(crate) struct Visit {
    /// Who.
    pub(crate) caller: Caller,
    /// Frame of the page.
    pub(crate) frame: Frame,
}

impl FromRequestParts<AppState> for Visit {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, WebError> {
        let arrival = parts.extensions.get::<Arrival>().ok_or(WebError::Panic)?;
        let session = arrival.session.as_ref().ok_or(ServiceError::NotSignedIn)?;
        if session.must_change_password {
            return Err(ServiceError::MustChangePassword.into());
        }
        Ok(Self { caller: session.caller.clone(), frame: arrival.frame.clone() })
    }
}

impl FromRequestParts<AppState> for Arrival {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, WebError> {
        parts.extensions.get::<Self>().cloned().ok_or(WebError::Panic)
    }
}

impl FromRequestParts<AppState> for super::FormValues {
    type Rejection = WebError;

    /// The posted form, read and checked before the handler ran.
    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, WebError> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}
