//! Signing in, slowly for those who guess.

use super::session::{random_token, token_hash};
use crate::{Service, ServiceError};
use taizhang_store::{Act, Reader};
use taizhang_values::{RecordId, Timestamp};

/// Failures within the window after which an account or address is locked.
const FAILURES_MAX: u64 = 10;
/// Failures after which each further one doubles the wait.
const FAILURES_FREE: u64 = 5;
/// Window and lock, in seconds (`reliability.md` P20).
const WINDOW_SECONDS: i64 = 15 * 60;
/// A hash that no password fits, so that an unknown name costs the same time as a known one.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LWhhcy10aGlz$\
                      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What a sign-in form holds.
#[derive(Clone, Debug, Default)]
pub struct SignIn {
    /// Log-in name.
    pub login: String,
    /// Password.
    pub password: String,
    /// Address of the client, for the throttle.
    pub address: String,
    /// Token of a device from which this person signed in before; it keeps working while others
    /// guess, so that nobody can lock an office out.
    pub device: Option<String>,
}

/// A new session.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Token for the session cookie.
    pub token: String,
    /// Token for the device cookie.
    pub device: String,
    /// True if the first password must be changed.
    pub must_change_password: bool,
}

impl Service {
    /// Signs a person in.
    ///
    /// # Errors
    /// `Throttled` with the moment of the next attempt, or `SignInFailed`, which does not tell
    /// whether name or password was wrong.
    pub fn sign_in(&self, input: &SignIn) -> Result<SignedIn, ServiceError> {
        let login = input.login.trim().to_lowercase();
        let keys = self.throttle_keys(&login, input)?;
        self.store.read(|reader| self.refuse_guessing(reader, &keys))?;
        let user = self.user_by_login(&login)?;
        let hash = match &user {
            Some(user) => self.stored_hash(&user.id)?,
            None => None,
        };
        let fits = self.password_fits(&input.password, hash.as_deref().unwrap_or(NOBODY));
        let known = user.as_ref().map(|user| user.id.clone());
        let active =
            |user: &taizhang_store::Record| user.get("is_active").as_boolean() != Some(false);
        let Some(user) = user.filter(|user| fits && active(user)) else {
            self.note_failures(&keys, known.as_ref())?;
            return Err(ServiceError::SignInFailed);
        };
        let token = random_token()?;
        let device = self.device_token(input, &user.id)?;
        let (actor, source) = (Some(user.id.clone()), "web".to_owned());
        let act = Act { actor, source, ..self.own_act("user.sign_in") };
        self.store.write(&act, |writer| {
            // Others may have failed under the same keys while this password was hashed: of many
            // guesses sent at once no more are taken than one after the other.
            self.refuse_guessing(writer, &keys)?;
            for key in &keys {
                writer.clear_failures(key)?;
            }
            writer.audit(&act.verb, &format!("user/{}", user.id), "")?;
            let hash = token_hash(&token);
            Ok::<_, ServiceError>(writer.create_session(&hash, &user.id, self.now(), "")?)
        })?;
        let must_change_password = user.get("must_change_password").as_boolean() == Some(true);
        Ok(SignedIn { token, device, must_change_password })
    }

    /// The counters that this attempt falls under: a known device has its own, everybody else
    /// shares those of account and address.
    fn throttle_keys(&self, login: &str, input: &SignIn) -> Result<Vec<String>, ServiceError> {
        if let Some(device) = &input.device {
            let key = device_key(device);
            if self.setting(&key)?.as_deref() == Some(login) {
                return Ok(vec![key]);
            }
        }
        // Hashed: people type their password into the wrong field, and anything of any length.
        let account = token_hash(&format!("account:{login}"));
        Ok(vec![format!("account:{account}"), format!("address:{}", input.address)])
    }

    /// Refuses while the last failure under one of the keys is too recent for the number of
    /// failures within the window that ends with it. Reckoned from the last failure, a lock lasts
    /// its whole time, however the failures before it lay in the window.
    pub(super) fn refuse_guessing(
        &self,
        reader: &Reader<'_>,
        keys: &[String],
    ) -> Result<(), ServiceError> {
        let now = self.now();
        for key in keys {
            let (_, Some(last)) = reader.failures(key, window_before(now))? else { continue };
            let (count, _) = reader.failures(key, window_before(last))?;
            let until = Timestamp::from_second(last.as_second() + wait_seconds(count));
            let until = until.unwrap_or(now);
            if until > now {
                return Err(ServiceError::Throttled { until });
            }
        }
        Ok(())
    }

    /// Counts a wrong password; the trail names the account, never what was typed.
    pub(super) fn note_failures(
        &self,
        keys: &[String],
        user: Option<&RecordId>,
    ) -> Result<(), ServiceError> {
        let act = Act { source: "web".to_owned(), ..self.own_act("user.sign_in_failed") };
        self.store.write(&act, |writer| {
            self.refuse_guessing(writer, keys)?;
            if let Some(user) = user {
                writer.audit(&act.verb, &format!("user/{user}"), "")?;
            }
            Ok(keys.iter().try_for_each(|key| writer.note_failure(key, self.now()))?)
        })
    }

    fn setting(&self, name: &str) -> Result<Option<String>, ServiceError> {
        Ok(self.store.read(|reader| reader.setting(name))?)
    }

    /// The token of the device, a new one unless this person's own was brought.
    fn device_token(&self, input: &SignIn, user: &RecordId) -> Result<String, ServiceError> {
        let login = input.login.trim().to_lowercase();
        if let Some(device) = &input.device
            && self.setting(&device_key(device))?.as_deref() == Some(&login)
        {
            return Ok(device.clone());
        }
        let device = random_token()?;
        let act = self.own_act("user.know_device");
        self.store.write(&act, |writer| writer.set_setting(&device_key(&device), &login))?;
        tracing::info!(user = %user, "new device");
        Ok(device)
    }
}

fn window_before(moment: Timestamp) -> Timestamp {
    Timestamp::from_second(moment.as_second() - WINDOW_SECONDS).unwrap_or(moment)
}

fn device_key(device: &str) -> String {
    format!("device:{}", token_hash(device))
}

/// Seconds to wait after so many failures within the window.
fn wait_seconds(failures: u64) -> i64 {
    match failures {
        0..=FAILURES_FREE => 0,
        FAILURES_MAX.. => WINDOW_SECONDS,
        more => 1 << u32::try_from(more - FAILURES_FREE).unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::wait_seconds;

    #[test]
    fn waiting_grows_and_then_locks() {
        let cases = [(0, 0), (5, 0), (6, 2), (7, 4), (9, 16), (10, 900), (50, 900)];
        for (failures, seconds) in cases {
            assert_eq!(wait_seconds(failures), seconds, "{failures} failures");
        }
    }
}
