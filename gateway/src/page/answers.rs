//! What every answer of the page has in common.

use super::notice::Notice;
use crate::rest::Problem;
use axum::{extract::Request, middleware::Next, response::IntoResponse as _, response::Response};
use http::{HeaderName, HeaderValue, StatusCode, header};

/// What a browser may do with a page: show what this host sends, and nothing else; be in no frame; send forms here alone.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const ALWAYS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // Without it a form would have no `Origin`, and a token in the address of a link would be told to others.
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// Whether a path is one of the page.
fn is_of_page(path: &str) -> bool {
    path == "/account" || path.starts_with("/account/")
}

/// Protects every answer of the page, and tells in words what the edge around it refuses.
pub(super) async fn protected(request: Request, next: Next) -> Response {
    let is_of_page = is_of_page(request.uri().path());
    let response = next.run(request).await;
    if !is_of_page {
        return response;
    }
    let mut response = in_words(response);
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Files that never change say so themselves.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// A problem that is told to programs, as a page.
fn in_words(response: Response) -> Response {
    let status = response.status();
    let json = response.headers().get(header::CONTENT_TYPE);
    let is_json = json.is_some_and(|json| json == "application/json");
    if !is_json || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (mut told, _) = response.into_parts();
    told.headers.remove(header::CONTENT_TYPE);
    told.headers.remove(header::CONTENT_LENGTH);
    let mut page = Notice::from(Problem::new(status, "")).into_response();
    page.headers_mut().extend(told.headers);
    page.extensions_mut().extend(told.extensions);
    page
}

/// What the answer to a form from another site is.
pub(super) fn from_elsewhere() -> Response {
    let mut response = Notice::forged().into_response();
    *response.status_mut() = StatusCode::FORBIDDEN;
    response
}
