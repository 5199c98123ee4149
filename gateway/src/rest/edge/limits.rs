//! How long a request may take, and how large its headers may be.

use crate::{config::Config, rest::Problem};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::header::AUTHORIZATION;
use std::sync::Arc;

/// The most bytes of all headers but the bearer token's, names and values.
const MAX_HEADERS: usize = 32 * 1024;

/// Answers 504 when the time is over.
pub(super) async fn time(
    State(config): State<Arc<Config>>,
    request: Request,
    next: Next,
) -> Response {
    tokio::time::timeout(config.request_timeout, next.run(request))
        .await
        .unwrap_or_else(|_| Problem::time_limit().into_response())
}

/// Answers 431 when the headers are too large.
pub(super) async fn headers(request: Request, next: Next) -> Response {
    let headers = request.headers().iter();
    let sizes = headers
        .filter(|(name, _)| *name != AUTHORIZATION)
        .map(|(name, value)| name.as_str().len() + value.len());
    if sizes.sum::<usize>() > MAX_HEADERS {
        return Problem::headers_too_large(MAX_HEADERS).into_response();
    }
    next.run(request).await
}
