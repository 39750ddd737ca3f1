//! What a use case may refuse, by who can mend it.

use taizhang_diagnostics::{Diagnostic, Message};
use taizhang_store::{Conflict, StoreError};
use taizhang_values::Timestamp;

/// A refusal. Everything but [`ServiceError::Internal`] is for the user to mend.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The caller lacks a right. `granters` are the names of people who can give it.
    #[error("missing right {needed}")]
    Denied {
        /// Right in words of the codebook (`finding.update`, `users.manage`).
        needed: String,
        /// Names and units of those who may grant it.
        granters: Vec<String>,
    },
    /// The input is wrong; every fault at once.
    #[error("{} faults in the input", .0.len())]
    Invalid(Vec<Diagnostic>),
    /// Somebody else changed the record in between; both versions field by field.
    #[error("the record was changed by somebody else")]
    Conflict(Box<Conflict>),
    /// No such record, or none that the caller may see: the two are not told apart.
    #[error("not found")]
    NotFound,
    /// The same request was carried out before, by an attempt that could not answer any more.
    #[error("the request was carried out before")]
    Repeated,
    /// Too many failed attempts.
    #[error("throttled until {until}")]
    Throttled {
        /// When the next attempt is taken.
        until: Timestamp,
    },
    /// Name or password is wrong; which of them is not told.
    #[error("sign-in refused")]
    SignInFailed,
    /// No valid session.
    #[error("not signed in")]
    NotSignedIn,
    /// The first password must be changed before anything else.
    #[error("the password must be changed first")]
    MustChangePassword,
    /// The upload is over the limit.
    #[error("over the limit of {limit_bytes} bytes")]
    TooLarge {
        /// The limit.
        limit_bytes: u64,
    },
    /// The disk is full, the database is away: for the operator. The text names no personal data.
    #[error("internal error: {0}")]
    Internal(String),
}

impl ServiceError {
    /// One fault of the input.
    #[must_use]
    pub fn invalid(diagnostic: Diagnostic) -> Self {
        Self::Invalid(vec![diagnostic])
    }

    /// One fault at a field of a form.
    #[must_use]
    pub fn field(ledger: &str, field: &str, code: &str, zh: &str, en: &str) -> Self {
        let place = taizhang_diagnostics::Place::Field {
            ledger: ledger.to_owned(),
            field: field.to_owned(),
        };
        Self::invalid(Diagnostic::error(code, Message::new(zh, en)).at(place))
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(conflict) => Self::Conflict(conflict),
            StoreError::NotFound { .. } | StoreError::FileMissing { .. } => Self::NotFound,
            StoreError::Repeated => Self::Repeated,
            StoreError::TooLarge { limit_bytes } => Self::TooLarge { limit_bytes },
            StoreError::Duplicate { ledger, field } => Self::field(
                &ledger,
                &field,
                "S0101",
                "这个值已经有别的记录在用",
                "another record already has this value",
            ),
            StoreError::Required { ledger, field } => {
                Self::field(&ledger, &field, "S0102", "这一项必须填写", "this field is required")
            }
            StoreError::MissingReference { ledger, field } => Self::field(
                &ledger,
                &field,
                "S0103",
                "所指的记录不存在",
                "the record referred to does not exist",
            ),
            StoreError::WrongType { ledger, field, .. } => Self::field(
                &ledger,
                &field,
                "S0104",
                "这一项的内容类型不对",
                "the value has another type than the field",
            ),
            StoreError::BadCursor => Self::invalid(Diagnostic::error(
                "S0105",
                Message::new(
                    "翻页标记已失效，请从第一页看起",
                    "the paging mark is not valid any more",
                ),
            )),
            StoreError::TargetNotEmpty => Self::invalid(
                Diagnostic::error(
                    "S0106",
                    Message::new("目标位置已有内容", "something is at the target already"),
                )
                .help(Message::new("换一个空的位置", "choose an empty place")),
            ),
            StoreError::BackupDamaged(what) => Self::invalid(Diagnostic::error(
                "S0107",
                Message::new(
                    format!("备份已损坏，未改动任何数据：{what}"),
                    format!("the backup is damaged, nothing was touched: {what}"),
                ),
            )),
            other => Self::Internal(other.to_string()),
        }
    }
}
