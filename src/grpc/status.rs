//! The one map from an error to a status. `ownership.proto` and `account.proto` in
//! `proto/attributeownership/v1/` document it.

use crate::{auth, service};
use std::{collections::HashMap, time::Duration};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// The `domain` of every `google.rpc.ErrorInfo`.
const DOMAIN: &str = "tenure";

/// The longest text of a status that repeats what was asked, in bytes: with its details it must fit into the headers.
const LONGEST: usize = 1024;

/// When to come back after a failure that may pass.
const RETRY: Duration = Duration::from_secs(1);

impl From<auth::Error> for Status {
    fn from(error: auth::Error) -> Self {
        let text = error.to_string();
        match error {
            auth::Error::Missing => status(Code::Unauthenticated, "CREDENTIALS_MISSING", text),
            auth::Error::Invalid => status(Code::Unauthenticated, "TOKEN_INVALID", text),
            auth::Error::NotAClient => status(Code::PermissionDenied, "NOT_A_CLIENT", text),
            auth::Error::NotInternal => status(Code::PermissionDenied, "NOT_INTERNAL", text),
            auth::Error::NotAUser => status(Code::PermissionDenied, "NOT_A_USER", text),
            auth::Error::RoleTooSmall { .. } => {
                status(Code::PermissionDenied, "ROLE_TOO_SMALL", text)
            }
            auth::Error::Unavailable(_) => {
                tracing::warn!(error = chain(&error), "cannot verify a token");
                unavailable()
            }
            auth::Error::Internal(_) => internal(&error),
        }
    }
}

impl From<service::Error> for Status {
    fn from(error: service::Error) -> Self {
        use service::Error as E;
        let text = error.to_string();
        match error {
            E::SignInDisabled => status(Code::FailedPrecondition, "SIGN_IN_DISABLED", text),
            E::Disconnected | E::TokenInvalid => {
                status(Code::Unauthenticated, "TOKEN_INVALID", text)
            }
            E::InvalidRequest(violations) => invalid(text, violations),
            E::KeyReused(_) => status(Code::AlreadyExists, "IDEMPOTENCY_KEY_REUSED", text),
            E::NotRetained { oldest } => {
                resumable(Code::OutOfRange, "NOT_RETAINED", text, "oldest", oldest)
            }
            E::UnknownCursor => status(Code::OutOfRange, "UNKNOWN_CURSOR", text),
            E::WatchTooSlow { cursor } => {
                let code = Code::ResourceExhausted;
                resumable(code, "WATCH_TOO_SLOW", text, "cursor", cursor)
            }
            E::ShuttingDown { cursor } => {
                resumable(Code::Unavailable, "SHUTTING_DOWN", text, "cursor", cursor)
            }
            E::Refused(_) => status(Code::FailedPrecondition, "REFUSED", short(text)),
            E::NoSuchAttribute(_) => status(Code::NotFound, "NO_SUCH_ATTRIBUTE", text),
            E::NotConnected(_) => status(Code::NotFound, "NOT_CONNECTED", text),
            E::NotQualified { .. } => status(Code::FailedPrecondition, "NOT_QUALIFIED", text),
            E::NotOwned(_) => status(Code::FailedPrecondition, "NOT_OWNED", text),
            E::ChangedMeanwhile(_) => status(Code::Aborted, "CHANGED_MEANWHILE", text),
            E::Contended => passing(Code::Aborted, "TOO_MUCH_CONTENTION", text, RETRY),
            E::Unavailable(_) | E::Unverifiable(_) => {
                tracing::warn!(error = chain(&error), "cannot answer now");
                unavailable()
            }
            E::Internal(_) => internal(&error),
        }
    }
}

/// A watch whose caller would not be let in any more.
pub(super) fn token_ended(cursor: String) -> Status {
    let (code, text) = (Code::Unauthenticated, auth::Error::Invalid.to_string());
    resumable(code, "TOKEN_INVALID", text, "cursor", cursor)
}

/// A request whose fields break rules.
pub(super) fn invalid(text: String, violations: Vec<service::Violation>) -> Status {
    let mut details = info("INVALID_REQUEST");
    for violation in violations {
        details.add_bad_request_violation(violation.field, violation.description);
    }
    Status::with_error_details(Code::InvalidArgument, text, details)
}

/// A caller over its limit.
pub(super) fn rate_limited(wait: Duration) -> Status {
    let seconds = wait.as_secs_f64().ceil();
    let text = format!("Request was throttled. Expected available in {seconds} seconds.");
    passing(Code::ResourceExhausted, "RATE_LIMITED", text, wait)
}

/// More at once than an instance does.
pub(super) fn overloaded() -> Status {
    let text = "too much is under way here; try again".to_owned();
    passing(Code::Unavailable, "OVERLOADED", text, RETRY)
}

/// A message that is larger than any that makes sense.
pub(super) fn too_large(limit: usize) -> Status {
    let text = format!("the message is larger than {limit} bytes");
    status(Code::InvalidArgument, "MESSAGE_TOO_LARGE", text)
}

/// A call that took longer than it may.
pub(super) fn too_late() -> Status {
    let text = "the time limit has passed".to_owned();
    status(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", text)
}

fn unavailable() -> Status {
    let text = "the service cannot answer now; try again".to_owned();
    passing(Code::Unavailable, "STORE_UNAVAILABLE", text, RETRY)
}

fn internal(error: &dyn std::error::Error) -> Status {
    tracing::error!(error = chain(error), "a fault of this program or its data");
    status(Code::Internal, "INTERNAL", "internal error".to_owned())
}

fn status(code: Code, reason: &str, text: String) -> Status {
    Status::with_error_details(code, text, info(reason))
}

/// A text that fits where a status travels, whatever of the request it repeats.
fn short(mut text: String) -> String {
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST));
        text.push_str("...");
    }
    text
}

fn passing(code: Code, reason: &str, text: String, wait: Duration) -> Status {
    let mut details = info(reason);
    details.set_retry_info(Some(wait));
    Status::with_error_details(code, text, details)
}

/// A watch that cannot be, or cannot go on, with what makes another that can.
fn resumable(code: Code, reason: &str, text: String, key: &str, place: String) -> Status {
    let metadata = HashMap::from([(key.to_owned(), place)]);
    let details = ErrorDetails::with_error_info(reason, DOMAIN, metadata);
    Status::with_error_details(code, text, details)
}

fn info(reason: &str) -> ErrorDetails {
    ErrorDetails::with_error_info(reason, DOMAIN, HashMap::new())
}

/// The error and what caused it, for the log.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
