//! One id for a request, everywhere: in the log, in the events, in the answer.

use axum::{
    http::{HeaderMap, HeaderValue},
    response::Response,
};

const HEADER: &str = "x-request-id";

/// The id of a request: 1 to 128 of `A-Za-z0-9._-`.
#[derive(Clone)]
pub(in crate::grpc) struct RequestId(pub(in crate::grpc) String);

impl RequestId {
    /// The one in the metadata, or a new one.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        Self(taken(headers).unwrap_or_else(made))
    }

    /// Puts it into the answer's metadata.
    pub(super) fn tell(self, response: &mut Response) {
        if let Ok(value) = HeaderValue::try_from(self.0) {
            response.headers_mut().insert(HEADER, value);
        }
    }
}

fn taken(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(HEADER)?.to_str().ok()?;
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    ((1..=128).contains(&id.len()) && id.bytes().all(allowed)).then(|| id.to_owned())
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that makes them"
)]
fn made() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}
