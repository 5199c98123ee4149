//! One id for a request, in the answer, the log line and the call to the service.

use crate::rest::problem::Refused;
use axum::{extract::Request, middleware::Next, response::Response};
use http::{HeaderMap, HeaderValue, Method};
use tokio::time::Instant;
use tracing::Instrument as _;

const HEADER: &str = "x-request-id";

/// The id of a request: 1 to 128 of `A-Za-z0-9._-`. Every request that came through [`around`](super::around) has it in
/// its extensions.
#[derive(Debug, Clone)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// As the value of the header `X-Request-Id`.
    #[must_use]
    pub fn value(&self) -> &HeaderValue {
        &self.0
    }
}

/// Takes the id from the request, or makes one; logs one line a request.
pub(super) async fn request_id(mut request: Request, next: Next) -> Response {
    let id = taken(request.headers()).unwrap_or_else(made);
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let shown = id.to_str().unwrap_or_default().to_owned();
    let span = tracing::info_span!("http", request_id = shown);
    request.extensions_mut().insert(RequestId(id.clone()));
    let start = Instant::now();
    let answered = async {
        let response = next.run(request).await;
        let status = response.status().as_u16();
        let ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        refusal(&response, &shown, &method, &path);
        tracing::info!(request_id = shown, %method, path, status, ms, "request");
        response
    };
    let mut response = answered.instrument(span).await;
    response.headers_mut().insert(HEADER, id);
    response
}

/// Logs what was refused here. What the service refused, it logs itself.
fn refusal(response: &Response, request_id: &str, method: &Method, path: &str) {
    let Some(Refused { asker, detail }) = response.extensions().get() else {
        return;
    };
    tracing::info!(
        target: "tenure::audit",
        request_id,
        principal = asker.principal,
        user = asker.user,
        method = format!("{method} {path}"),
        attributes = "",
        outcome = response.status().as_u16(),
        detail,
        "refused"
    );
}

fn taken(headers: &HeaderMap) -> Option<HeaderValue> {
    let id = headers.get(HEADER)?;
    let allowed = |b: &u8| b.is_ascii_alphanumeric() || b"._-".contains(b);
    let valid = (1..=128).contains(&id.len()) && id.as_bytes().iter().all(allowed);
    valid.then(|| id.clone())
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that makes them"
)]
fn made() -> HeaderValue {
    let id = uuid::Uuid::new_v4().simple().to_string();
    HeaderValue::try_from(id).unwrap_or_else(|_| HeaderValue::from_static("unknown"))
}
