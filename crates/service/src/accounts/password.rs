//! Password hashing: argon2id, a few at a time, and the rules for a new password.

use crate::{Caller, Service, ServiceError};
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::{Condvar, Mutex};
use taizhang_values::RecordId;

/// Fewest characters of a password.
pub const PASSWORD_LENGTH_MIN: usize = 10;
/// Most characters; longer input is refused rather than cut.
const PASSWORD_LENGTH_MAX: usize = 256;
/// Memory, passes and lanes: the floor of the OWASP sheet (`reliability.md` P19).
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes at a time: a log-in storm must not stop the pages.
const SLOTS: usize = 2;
/// Words that open too many doors; compared without case inside the password.
const COMMON: [&str; 8] =
    ["password", "123456", "qwerty", "admin", "taizhang", "111111", "abc123", "888888"];

/// Lets at most two hashes run at once; others wait their turn.
#[derive(Debug, Default)]
pub struct HashingSlots {
    busy: Mutex<usize>,
    freed: Condvar,
}

impl HashingSlots {
    /// Runs `work` in a slot.
    fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        if let Ok(mut busy) = self.busy.lock() {
            while *busy >= SLOTS {
                match self.freed.wait(busy) {
                    Ok(guard) => busy = guard,
                    Err(_) => return work(),
                }
            }
            *busy += 1;
        }
        let result = work();
        if let Ok(mut busy) = self.busy.lock() {
            *busy = busy.saturating_sub(1);
        }
        self.freed.notify_one();
        result
    }
}

fn hasher() -> Result<Argon2<'static>, ServiceError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|_| ServiceError::Internal("password parameters".to_owned()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

impl Service {
    /// Hashes a password to its PHC text.
    pub(crate) fn hash_password(&self, password: &str) -> Result<String, ServiceError> {
        let hasher = hasher()?;
        self.hashing
            .run(|| hasher.hash_password(password.as_bytes()))
            .map(|hash| hash.to_string())
            .map_err(|_| ServiceError::Internal("password hashing".to_owned()))
    }

    /// True if the password fits the PHC text. An unreadable text fits nothing.
    pub(crate) fn password_fits(&self, password: &str, hash: &str) -> bool {
        let Ok(hasher) = hasher() else { return false };
        self.hashing.run(|| {
            PasswordHash::new(hash)
                .is_ok_and(|parsed| hasher.verify_password(password.as_bytes(), &parsed).is_ok())
        })
    }

    pub(crate) fn stored_hash(&self, user: &RecordId) -> Result<Option<String>, ServiceError> {
        Ok(self.store.read(|reader| reader.password_hash(user))?)
    }

    /// Changes the caller's own password and ends all sessions, this one too.
    ///
    /// # Errors
    /// `SignInFailed` when the old one is wrong, `Throttled` when it was wrong too often, `Invalid`
    /// when the new one is weak.
    pub fn change_password(
        &self,
        caller: &Caller,
        old: &str,
        new: &str,
    ) -> Result<(), ServiceError> {
        // A session left open must not serve to guess its person's password.
        let keys = [format!("change:{}", caller.user)];
        self.store.read(|reader| self.refuse_guessing(reader, &keys))?;
        let stored = self.stored_hash(&caller.user)?.ok_or(ServiceError::SignInFailed)?;
        if !self.password_fits(old, &stored) {
            self.note_failures(&keys, Some(&caller.user))?;
            return Err(ServiceError::SignInFailed);
        }
        check_new_password(&caller.login, old, new)?;
        let hash = self.hash_password(new)?;
        self.store_password(caller, &caller.user, &hash, false, "user.change_password")
    }
}

/// Refuses a password that is short, common, the log-in name or the old one.
pub(crate) fn check_new_password(login: &str, old: &str, new: &str) -> Result<(), ServiceError> {
    let lower = new.to_lowercase();
    let length = new.chars().count();
    let refuse = |zh: &str, en: &str| ServiceError::field("user", "new_password", "S0201", zh, en);
    if length < PASSWORD_LENGTH_MIN {
        return Err(refuse("密码至少 10 个字符", "a password has at least 10 characters"));
    }
    if length > PASSWORD_LENGTH_MAX {
        return Err(refuse("密码最多 256 个字符", "a password has at most 256 characters"));
    }
    if new == old {
        return Err(refuse("新密码不能与旧密码相同", "the new password is the old one"));
    }
    let named = !login.is_empty() && lower.contains(&login.to_lowercase());
    let first = new.chars().next();
    let one_character = new.chars().all(|character| Some(character) == first);
    if named || one_character || COMMON.iter().any(|word| lower.contains(word)) {
        return Err(refuse(
            "密码太容易被猜到，请不要包含登录名或常用词",
            "the password is easy to guess: leave out the log-in name and common words",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check_new_password;

    #[test]
    fn weak_passwords_are_refused() {
        let cases = [
            ("zhouwen", "old", "short", false),
            ("zhouwen", "old", "xx-zhouwen-xx", false),
            ("zhouwen", "old", "Password-2026", false),
            ("zhouwen", "old", "aaaaaaaaaaaa", false),
            ("zhouwen", "春眠不觉晓处处闻啼鸟", "春眠不觉晓处处闻啼鸟", false),
            ("zhouwen", "old", "春眠不觉晓处处闻啼鸟", true),
            ("zhouwen", "old", "quiet river 42 stones", true),
        ];
        for (login, old, new, allowed) in cases {
            assert_eq!(check_new_password(login, old, new).is_ok(), allowed, "{new}");
        }
    }
}
