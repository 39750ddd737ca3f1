//! Exit codes.

use std::process::ExitCode;
use taizhang_service::ServiceError;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Success,
    /// The input has faults; they were printed.
    Faults,
    /// A right is missing.
    Denied,
    /// No such record.
    NotFound,
    /// Somebody else changed it.
    Conflict,
    /// The disk, the database or the program.
    Internal,
}

impl Exit {
    /// The exit that tells of an error.
    pub(crate) const fn of(error: &ServiceError) -> Self {
        match error {
            ServiceError::Invalid(_) | ServiceError::TooLarge { .. } => Self::Faults,
            ServiceError::Denied { .. }
            | ServiceError::SignInFailed
            | ServiceError::NotSignedIn
            | ServiceError::MustChangePassword
            | ServiceError::Throttled { .. } => Self::Denied,
            ServiceError::NotFound => Self::NotFound,
            ServiceError::Conflict(_) | ServiceError::Repeated => Self::Conflict,
            ServiceError::Internal(_) => Self::Internal,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Success => 0,
            Exit::Faults => 1,
            Exit::Denied => 3,
            Exit::NotFound => 4,
            Exit::Conflict => 5,
            // `EX_SOFTWARE` of sysexits.
            Exit::Internal => 70,
        })
    }
}
