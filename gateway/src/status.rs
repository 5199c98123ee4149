//! The one table from a status of the service to an answer (the contract, Everywhere).

use crate::rest::Problem;
use http::StatusCode;
use std::time::Duration;
use tonic::{Code, Status};
use tonic_types::{ErrorInfo, StatusExt as _};

/// When to come back where the service does not say.
const RETRY: Duration = Duration::from_secs(1);

impl From<Status> for Problem {
    fn from(status: Status) -> Self {
        match status.get_details_error_info() {
            Some(info) => of_service(&status, info),
            None => of_transport(&status),
        }
    }
}

/// What the service itself answered: it gives a reason with every status.
fn of_service(status: &Status, mut info: ErrorInfo) -> Problem {
    let oldest = info.metadata.remove("oldest");
    answer(status, &info.reason)
        .with_oldest(oldest)
        .with_reason(info.reason)
}

fn answer(status: &Status, reason: &str) -> Problem {
    let wait = status
        .get_details_retry_info()
        .and_then(|info| info.retry_delay)
        .unwrap_or(RETRY);
    let text = status.message();
    match status.code() {
        Code::Unauthenticated if reason == "CREDENTIALS_MISSING" => Problem::no_credentials(),
        Code::Unauthenticated => Problem::invalid_token(),
        Code::PermissionDenied => Problem::new(StatusCode::FORBIDDEN, text),
        Code::FailedPrecondition if ["NOT_QUALIFIED", "NOT_OWNED"].contains(&reason) => {
            Problem::new(StatusCode::CONFLICT, text)
        }
        Code::InvalidArgument | Code::FailedPrecondition => Problem::bad_request(text),
        // It was there, and no repetition brings it back.
        Code::OutOfRange => Problem::new(StatusCode::GONE, text),
        Code::NotFound => Problem::new(StatusCode::NOT_FOUND, text),
        Code::AlreadyExists => Problem::new(StatusCode::CONFLICT, text),
        Code::ResourceExhausted => {
            Problem::new(StatusCode::TOO_MANY_REQUESTS, text).retry_after(wait)
        }
        Code::Aborted if reason == "CHANGED_MEANWHILE" => {
            Problem::new(StatusCode::PRECONDITION_FAILED, text)
        }
        Code::Aborted | Code::Unavailable => {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, text).retry_after(wait)
        }
        Code::DeadlineExceeded | Code::Cancelled => Problem::time_limit(),
        Code::Ok | Code::Unknown | Code::Unimplemented | Code::Internal | Code::DataLoss => {
            tracing::error!(code = ?status.code(), text, "the service failed");
            Problem::internal()
        }
    }
}

/// What the way to the service came to. Its words, which say how this deployment is wired, are for the log.
fn of_transport(status: &Status) -> Problem {
    let is_late = match status.code() {
        Code::DeadlineExceeded => true,
        // What tonic makes of its own time limit; a connection that broke is cancelled too.
        Code::Cancelled => status.message() == "Timeout expired",
        _ => false,
    };
    if is_late {
        return Problem::time_limit();
    }
    tracing::warn!(code = ?status.code(), error = status.message(), "the service is out of reach");
    Problem::unavailable()
}
