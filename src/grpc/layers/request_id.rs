//! One id for a request, everywhere: in the log, in the events, in the answer.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue},
    middleware::Next,
    response::Response,
};
use tracing::Instrument as _;

const HEADER: &str = "x-request-id";

/// The id of a request: 1 to 128 of `A-Za-z0-9._-`.
#[derive(Clone)]
pub(in crate::grpc) struct RequestId(pub(in crate::grpc) String);

/// Takes the id from the metadata, or makes one.
pub(super) async fn request_id(mut request: Request, next: Next) -> Response {
    let id = taken(request.headers()).unwrap_or_else(made);
    let span = tracing::info_span!("rpc", request_id = id, path = request.uri().path());
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).instrument(span).await;
    if let Ok(value) = HeaderValue::try_from(id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
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
