//! The one table from a status of the service to an answer (the contract, Everywhere).

use crate::problem::Problem;
use http::StatusCode;
use std::time::Duration;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// When to come back where the service does not say.
const RETRY: Duration = Duration::from_secs(1);

impl From<Status> for Problem {
    fn from(status: Status) -> Self {
        let wait = status
            .get_details_retry_info()
            .and_then(|info| info.retry_delay)
            .unwrap_or(RETRY);
        let text = status.message();
        match status.code() {
            Code::Unauthenticated => match reason(&status).as_deref() {
                Some("CREDENTIALS_MISSING") => Self::no_credentials(),
                _ => Self::invalid_token(),
            },
            Code::PermissionDenied => Self::new(StatusCode::FORBIDDEN, text),
            Code::InvalidArgument | Code::OutOfRange | Code::FailedPrecondition => {
                Self::bad_request(text)
            }
            Code::NotFound => Self::new(StatusCode::NOT_FOUND, text),
            Code::AlreadyExists => Self::new(StatusCode::CONFLICT, text),
            Code::ResourceExhausted => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, text).retry_after(wait)
            }
            Code::Aborted | Code::Unavailable => unavailable(&status).retry_after(wait),
            Code::DeadlineExceeded | Code::Cancelled => Self::time_limit(),
            Code::Ok | Code::Unknown | Code::Unimplemented | Code::Internal | Code::DataLoss => {
                tracing::error!(code = ?status.code(), text, "the service failed");
                Self::internal()
            }
        }
    }
}

/// Without the transport's own words, which say how this deployment is wired.
fn unavailable(status: &Status) -> Problem {
    let detail = if reason(status).is_some() {
        status.message()
    } else {
        tracing::warn!(error = status.message(), "the service is out of reach");
        "The service cannot answer now; try again."
    };
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)
}

fn reason(status: &Status) -> Option<String> {
    status.get_details_error_info().map(|info| info.reason)
}
