//! Sessions: random tokens kept as hashes, idle and absolute limits, CSRF tokens.

use crate::access::is_in_force;
use crate::paging::every;
use crate::{Caller, HeldGrant, Service, ServiceError};
use sha2::{Digest, Sha256};
use taizhang_diagnostics::Language;
use taizhang_store::{Filter, Query, Record};
use taizhang_values::{RecordId, Timestamp};

/// How long a session lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    /// Minutes without a request.
    pub idle_minutes: i64,
    /// Minutes since sign-in.
    pub absolute_minutes: i64,
}

/// `reliability.md` P21: idle 30 minutes, 12 hours in all.
pub(crate) const LIMITS: SessionLimits = SessionLimits { idle_minutes: 30, absolute_minutes: 720 };

/// A valid session and its person.
#[derive(Clone, Debug)]
pub struct SessionInfo {
    /// Who.
    pub caller: Caller,
    /// Token that every form must carry.
    pub csrf: String,
    /// True until the first password is changed; only that page may be opened.
    pub must_change_password: bool,
    /// Text size kept for the person (`standard`, `large`, `elder`).
    pub text_size: String,
    /// When the session ends for good.
    pub ends_at: Timestamp,
    /// When it ends unless another request comes.
    pub idle_ends_at: Timestamp,
}

/// 256 random bits in hexadecimal.
pub(crate) fn random_token() -> Result<String, ServiceError> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).map_err(|_| ServiceError::Internal("random source".to_owned()))?;
    Ok(hexadecimal(&bytes))
}

/// The form in which a token is stored: whoever reads the database cannot use it.
pub(crate) fn token_hash(token: &str) -> String {
    hexadecimal(&Sha256::digest(token.as_bytes()))
}

/// The CSRF token of a session: derived, so that nothing more has to be stored.
fn csrf_token(token: &str) -> String {
    hexadecimal(&Sha256::digest(format!("csrf:{token}").as_bytes()))
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Service {
    /// The session behind a cookie's token, touched; rights are read anew, so that taking one away
    /// works with the next request.
    ///
    /// # Errors
    /// `NotSignedIn` for an unknown, idle or ended session and for a disabled person.
    pub fn session(&self, token: &str) -> Result<SessionInfo, ServiceError> {
        let hash = token_hash(token);
        let now = self.now();
        let session =
            self.store.read(|reader| reader.session(&hash))?.ok_or(ServiceError::NotSignedIn)?;
        let minutes = |from: Timestamp| (now.as_second() - from.as_second()) / 60;
        // A clock that went back far would keep a session alive for as long again.
        let is_out = |age: i64, limit: i64| age >= limit || age <= -limit;
        let is_over = is_out(minutes(session.created_at), LIMITS.absolute_minutes)
            || is_out(minutes(session.touched_at), LIMITS.idle_minutes);
        if is_over {
            self.end_session(&hash)?;
            return Err(ServiceError::NotSignedIn);
        }
        let user = self
            .store
            .read(|reader| reader.get("user", &session.user))?
            .filter(|user| user.get("is_active").as_boolean() != Some(false))
            .ok_or(ServiceError::NotSignedIn)?;
        // One write a minute at most: the idle limit is counted in minutes.
        if minutes(session.touched_at) >= 1 {
            let act = self.own_act("session.touch");
            self.store.write(&act, |writer| writer.touch_session(&hash, now))?;
        }
        let absolute_seconds = LIMITS.absolute_minutes * 60;
        let ends_at = Timestamp::from_second(session.created_at.as_second() + absolute_seconds)
            .unwrap_or(now);
        Ok(SessionInfo {
            csrf: csrf_token(token),
            must_change_password: user.get("must_change_password").as_boolean() == Some(true),
            text_size: user.get("text_size").as_text().unwrap_or("standard").to_owned(),
            ends_at,
            idle_ends_at: Timestamp::from_second(now.as_second() + (LIMITS.idle_minutes - 1) * 60)
                .map_or(ends_at, |idle| idle.min(ends_at)),
            caller: self.caller_of(&user, "web")?,
        })
    }

    /// Ends a session.
    ///
    /// # Errors
    /// Store errors only; an unknown token is no error.
    pub fn sign_out(&self, token: &str) -> Result<(), ServiceError> {
        self.end_session(&token_hash(token))
    }

    fn end_session(&self, hash: &str) -> Result<(), ServiceError> {
        let act = self.own_act("session.end");
        Ok(self.store.write(&act, |writer| writer.end_session(hash))?)
    }

    /// A person as caller, by log-in name, for commands run on the server itself.
    ///
    /// # Errors
    /// `NotFound` if nobody has this name.
    pub fn caller_by_login(&self, login: &str, source: &str) -> Result<Caller, ServiceError> {
        let user = self.user_by_login(login)?.ok_or(ServiceError::NotFound)?;
        self.caller_of(&user, source)
    }

    pub(crate) fn user_by_login(&self, login: &str) -> Result<Option<Record>, ServiceError> {
        let filter = Filter::Eq("login".to_owned(), login.trim().to_lowercase().into());
        let query = Query::new("user").filter(filter).limit(1);
        Ok(self.store.read(|reader| reader.list(&query))?.records.into_iter().next())
    }

    pub(crate) fn caller_of(&self, user: &Record, source: &str) -> Result<Caller, ServiceError> {
        let language = user.get("language").as_text().and_then(Language::parse);
        Ok(Caller {
            user: user.id.clone(),
            login: user.get("login").to_string(),
            name: user.get("name").to_string(),
            unit: user.get("unit").as_reference().cloned(),
            grants: self.grants_of(&user.id)?,
            language: language.unwrap_or_default(),
            source: source.to_owned(),
        })
    }

    fn grants_of(&self, user: &RecordId) -> Result<Vec<HeldGrant>, ServiceError> {
        let today = self.today();
        let query = Query::new("grant").filter(Filter::eq("user", user));
        let grants = self.store.read(|reader| every(reader, query))?;
        Ok(grants
            .iter()
            .filter(|grant| is_in_force(grant, today))
            .filter_map(|grant| {
                Some(HeldGrant {
                    role: grant.get("role").as_text()?.to_owned(),
                    region: grant.region.clone()?,
                    unit: grant.get("unit").as_reference().cloned(),
                })
            })
            .collect())
    }
}
