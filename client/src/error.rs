//! What a call ends with that has no answer: sorted by what the caller can do about it.

use std::time::Duration;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// The `domain` of every `google.rpc.ErrorInfo` of Tenure.
const DOMAIN: &str = "tenure";

/// Why a call has no answer. Whether an acquire or release was done is then unknown, but for
/// [`Error::Credentials`] and [`Error::Invalid`]; both may be sent again.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Out of reach, overloaded or too slow: the same call may succeed later.
    #[error("Tenure cannot answer now: {}", .status.message())]
    Unavailable {
        /// How long to wait, where Tenure said so.
        retry_after: Option<Duration>,
        /// As it came.
        #[source]
        status: Status,
    },
    /// A token is over its limit; the same call may succeed later.
    #[error("Tenure refuses for now: {}", .status.message())]
    Limited {
        /// How long to wait, where Tenure said so.
        retry_after: Option<Duration>,
        /// As it came.
        #[source]
        status: Status,
    },
    /// The token is unknown, expired or revoked, or not one for this call: somebody must give this program another.
    #[error("Tenure refuses the token: {}", .0.message())]
    Credentials(#[source] Status),
    /// The request breaks a rule, and will not do better: a fault of the caller.
    #[error("the request is invalid: {}", .0.message())]
    Invalid(#[source] Status),
    /// A fault of Tenure, or an answer that this version of the library does not know.
    #[error("Tenure failed: {}", .0.message())]
    Unexpected(#[source] Status),
}

impl Error {
    pub(super) fn credentials(text: &str) -> Self {
        Self::Credentials(Status::unauthenticated(text))
    }

    pub(super) fn unexpected(text: &str) -> Self {
        Self::Unexpected(Status::internal(text))
    }
}

impl From<Status> for Error {
    fn from(status: Status) -> Self {
        let of_tenure = status
            .get_details_error_info()
            .is_some_and(|info| info.domain == DOMAIN);
        match status.code() {
            Code::ResourceExhausted if of_tenure => Self::Limited {
                retry_after: retry_after(&status),
                status,
            },
            Code::Unavailable
            | Code::ResourceExhausted
            | Code::Aborted
            | Code::DeadlineExceeded => Self::unavailable(status),
            // What a broken connection looks like; Tenure itself says who speaks.
            Code::Cancelled | Code::Unknown | Code::Internal if !of_tenure => {
                Self::unavailable(status)
            }
            Code::Unauthenticated | Code::PermissionDenied => Self::Credentials(status),
            Code::InvalidArgument | Code::AlreadyExists | Code::OutOfRange => Self::Invalid(status),
            _ => Self::Unexpected(status),
        }
    }
}

impl Error {
    fn unavailable(status: Status) -> Self {
        Self::Unavailable {
            retry_after: retry_after(&status),
            status,
        }
    }
}

fn retry_after(status: &Status) -> Option<Duration> {
    status.get_details_retry_info()?.retry_delay
}

/// The answers, if there are as many as there were questions.
pub(super) fn as_many<T>(asked: usize, answers: Vec<T>) -> Result<Vec<T>, Error> {
    if answers.len() == asked {
        Ok(answers)
    } else {
        Err(Error::unexpected("not as many results as items"))
    }
}

/// The one answer to one question.
pub(super) fn single<T>(mut answers: Vec<T>) -> Result<T, Error> {
    let none = || Error::unexpected("no result for the item");
    answers.pop().ok_or_else(none)
}
