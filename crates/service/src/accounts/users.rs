//! Accounts: made by the system administrator, never by the one who gives rights.

use super::password::check_new_password;
use super::session::random_token;
use crate::{Caller, Service, ServiceError};
use taizhang_codebook::Action;
use taizhang_store::{Change, Cursor, NewRecord, Page, Query, Record, StoreError, Values, Writer};
use taizhang_values::{RecordId, RegionCode, Value, fold_number};

/// Characters of a first password that are told apart on paper (no 0/O, 1/l/I).
const CLEAR_CHARACTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Length of a first password: 70 bits.
const FIRST_PASSWORD_LENGTH: usize = 14;

/// Digits of a phone number, with the country's.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// A person who gets an account.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Log-in name, folded to lower case.
    pub login: String,
    /// Name.
    pub name: String,
    /// Unit.
    pub unit: Option<RecordId>,
    /// Region of the account itself.
    pub region: RegionCode,
}

/// An account to write, with the hash of its password.
pub(super) struct Account {
    record: NewRecord,
    hash: String,
}

impl Account {
    pub(super) fn insert(self, writer: &Writer<'_>) -> Result<Record, StoreError> {
        let user = writer.insert("user", self.record)?;
        writer.set_password_hash(&user.id, &self.hash)?;
        Ok(user)
    }
}

impl Service {
    /// Makes an account with a first password, which is shown once and must be changed.
    ///
    /// # Errors
    /// `Denied` without the power `users.manage` over the region; `Invalid` when the name is taken
    /// or holds other characters than letters, digits, `.`, `_` and `-`, `S0211` for a unit outside
    /// that power.
    pub fn create_user(
        &self,
        caller: &Caller,
        input: &NewUser,
    ) -> Result<(Record, String), ServiceError> {
        self.require_power_in(caller, "users.manage", &input.region)?;
        self.check_unit(caller, "users.manage", ("user", input.unit.as_ref()))?;
        let password = first_password()?;
        let user = self.insert_user(caller, input, &password, true)?;
        Ok((user, password))
    }

    /// As [`Service::create_user`] with a password of the caller's choice; for first start.
    pub(crate) fn insert_user(
        &self,
        caller: &Caller,
        input: &NewUser,
        password: &str,
        must_change_password: bool,
    ) -> Result<Record, ServiceError> {
        let account = self.account(input, password, must_change_password)?;
        let act = self.act(caller, "user.create", None);
        self.store.write(&act, |writer| Ok(account.insert(writer)?))
    }

    /// An account that is checked and not yet written.
    pub(super) fn account(
        &self,
        input: &NewUser,
        password: &str,
        must_change_password: bool,
    ) -> Result<Account, ServiceError> {
        let login = input.login.trim().to_lowercase();
        let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if login.is_empty() || !login.chars().all(fits) {
            return Err(ServiceError::field(
                "user",
                "login",
                "S0202",
                "登录名只能用字母、数字和 . _ -",
                "a log-in name has letters, digits and . _ - only",
            ));
        }
        let hash = self.hash_password(password)?;
        let values = Values::from([
            ("login".to_owned(), login.into()),
            ("name".to_owned(), input.name.trim().into()),
            ("unit".to_owned(), input.unit.clone().into()),
            ("is_active".to_owned(), true.into()),
            ("must_change_password".to_owned(), must_change_password.into()),
        ]);
        let region = Some(input.region.clone());
        Ok(Account { record: NewRecord { region, values, ..NewRecord::default() }, hash })
    }

    /// Gives a person a new first password and ends all sessions.
    ///
    /// # Errors
    /// `Denied` without the power `users.manage` over the person's region, and for a person who
    /// administers rights or the audit: whoever knew his password would hold two of the three
    /// offices. His password is set anew at the server's own terminal.
    pub fn reset_password(&self, caller: &Caller, user: &RecordId) -> Result<String, ServiceError> {
        self.managed_user(caller, user)?;
        let password = first_password()?;
        let hash = self.hash_password(&password)?;
        let act = self.act(caller, "user.reset_password", None);
        self.store.write(&act, |writer| {
            // Asked within the transaction: whoever gets an office meanwhile keeps his password,
            // or gets no office, because he has to change the new one first.
            let record = writer.get("user", user)?.ok_or(ServiceError::NotFound)?;
            let region = record.region.clone().ok_or(ServiceError::NotFound)?;
            self.require_power_in(caller, "users.manage", &region)?;
            let offices = self.offices_of(writer, user)?;
            if offices.iter().any(|office| *office != "users.manage") {
                return Err(self.denied("user.reset_administrator", Some(&region)));
            }
            write_password(writer, user, &hash, true)
        })?;
        Ok(password)
    }

    /// Sets a password chosen on the server's own terminal; checked like any other.
    ///
    /// # Errors
    /// `Invalid` for a weak password.
    pub fn set_password(
        &self,
        caller: &Caller,
        user: &Record,
        password: &str,
    ) -> Result<(), ServiceError> {
        check_new_password(user.text("login"), "", password)?;
        let hash = self.hash_password(password)?;
        self.store_password(caller, &user.id, &hash, false, "user.set_password")
    }

    /// Closes or opens an account; closing ends all sessions at once.
    ///
    /// # Errors
    /// `Conflict` when the account changed meanwhile.
    pub fn set_user_active(
        &self,
        caller: &Caller,
        user: &RecordId,
        version: i64,
        is_active: bool,
    ) -> Result<Record, ServiceError> {
        let record = self.managed_user(caller, user)?;
        let verb = if is_active { "user.enable" } else { "user.disable" };
        let act = self.act(caller, verb, None);
        let values = Values::from([("is_active".to_owned(), is_active.into())]);
        self.store.write(&act, |writer| {
            let change = Change { values, ..Change::default() };
            let changed = writer.update("user", &record.id, version, change)?;
            if !is_active {
                writer.end_sessions(&record.id)?;
            }
            Ok(changed)
        })
    }

    /// Keeps a person's phone number, sealed; an empty one takes it away.
    ///
    /// # Errors
    /// `Denied` without the power `users.manage` over the person's region, `Conflict`, `Invalid`
    /// `S0207` for what is no phone number.
    pub fn set_user_phone(
        &self,
        caller: &Caller,
        user: &RecordId,
        version: i64,
        phone: &str,
    ) -> Result<Record, ServiceError> {
        let record = self.managed_user(caller, user)?;
        let phone = fold_number(phone);
        let digits = phone.strip_prefix('+').unwrap_or(&phone);
        let is_number = digits.chars().all(|c| c.is_ascii_digit());
        let is_good = is_number && PHONE_DIGITS.contains(&digits.len());
        if !phone.is_empty() && !is_good {
            let (zh, en) = ("电话请填 7 到 15 位数字", "a phone number has 7 to 15 digits");
            return Err(ServiceError::field("user", "phone", "S0207", zh, en));
        }
        let value = if phone.is_empty() { Value::Null } else { Value::from(phone) };
        let act = self.act(caller, "user.set_phone", None);
        self.store.write(&act, |writer| {
            let change =
                Change { values: [("phone".to_owned(), value)].into(), ..Change::default() };
            Ok(writer.update("user", &record.id, version, change)?)
        })
    }

    /// One account that the caller may see.
    ///
    /// # Errors
    /// `NotFound` if there is none that he may see.
    pub fn user(&self, caller: &Caller, id: &RecordId) -> Result<Record, ServiceError> {
        self.visible(caller, "user", id)
    }

    /// Keeps language and text size of the caller.
    ///
    /// # Errors
    /// Store errors only.
    pub fn set_preferences(
        &self,
        caller: &Caller,
        language: Option<&str>,
        text_size: Option<&str>,
    ) -> Result<(), ServiceError> {
        let mut values = Values::new();
        if let Some(language) = language.filter(|tag| ["zh", "en"].contains(tag)) {
            values.insert("language".to_owned(), language.into());
        }
        if let Some(size) = text_size.filter(|s| ["standard", "large", "elder"].contains(s)) {
            values.insert("text_size".to_owned(), size.into());
        }
        if values.is_empty() {
            return Ok(());
        }
        let act = self.act(caller, "user.set_preferences", None);
        self.store.write(&act, |writer| {
            let user = writer.get("user", &caller.user)?.ok_or(ServiceError::NotFound)?;
            let change = Change { values, ..Change::default() };
            writer.update("user", &user.id, user.version, change)?;
            Ok(())
        })
    }

    /// Accounts that the caller may see, by log-in name.
    ///
    /// # Errors
    /// Store errors only.
    pub fn users(
        &self,
        caller: &Caller,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page, ServiceError> {
        self.list_visible(caller, Query::new("user").sort("login", false).after(after).limit(limit))
    }

    /// Writes a password's hash and whether it must be changed, and ends all sessions with it:
    /// whoever knew the old password is out when the new one is in.
    pub(crate) fn store_password(
        &self,
        caller: &Caller,
        user: &RecordId,
        hash: &str,
        must_change: bool,
        verb: &str,
    ) -> Result<(), ServiceError> {
        let act = self.act(caller, verb, None);
        self.store.write(&act, |writer| write_password(writer, user, hash, must_change))
    }

    fn managed_user(&self, caller: &Caller, user: &RecordId) -> Result<Record, ServiceError> {
        let record = self.reachable(caller, "user", user, Action::Read)?;
        let region = record.region.clone().ok_or(ServiceError::NotFound)?;
        self.require_power_in(caller, "users.manage", &region)?;
        Ok(record)
    }
}

fn write_password(
    writer: &Writer<'_>,
    user: &RecordId,
    hash: &str,
    must_change: bool,
) -> Result<(), ServiceError> {
    writer.set_password_hash(user, hash)?;
    let record = writer.get("user", user)?.ok_or(ServiceError::NotFound)?;
    let values = Values::from([("must_change_password".to_owned(), must_change.into())]);
    let change = Change { values, ..Change::default() };
    writer.update("user", user, record.version, change)?;
    writer.end_sessions(user)?;
    Ok(())
}

pub(crate) fn first_password() -> Result<String, ServiceError> {
    let random = random_token()?;
    let characters = random.as_bytes().chunks(2).filter_map(|pair| {
        let text = std::str::from_utf8(pair).ok()?;
        let byte = u8::from_str_radix(text, 16).ok()?;
        CLEAR_CHARACTERS.get(usize::from(byte % 32)).copied().map(char::from)
    });
    Ok(characters.take(FIRST_PASSWORD_LENGTH).collect())
}
