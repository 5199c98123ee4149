//! Who is calling: from the `authorization` metadata to a [`Principal`](crate::auth::Principal). Which may make a call, the call itself says.

use crate::auth::{self, Verifier};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, header::AUTHORIZATION},
    middleware::Next,
    response::Response,
};
use std::sync::Arc;
use tonic::Status;

/// Lets in whoever has a good token, and leaves who it is in the request's extensions.
pub(super) async fn caller(
    State(verifier): State<Arc<dyn Verifier>>,
    mut request: Request,
    next: Next,
) -> Response {
    let principal = match bearer(request.headers()) {
        Ok(token) => verifier.verify(token).await,
        Err(error) => Err(error),
    };
    match principal {
        Ok(principal) => {
            tracing::debug!(%principal, "authenticated");
            request.extensions_mut().insert(principal);
            next.run(request).await
        }
        Err(error) => refused(error),
    }
}

fn refused(error: auth::Error) -> Response {
    Status::from(error).into_http::<Body>()
}

/// The token of `Bearer TOKEN`; the scheme in any case (RFC 9110, section 11.1).
fn bearer(headers: &HeaderMap) -> Result<&str, auth::Error> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(auth::Error::Missing)?;
    if values.next().is_some() {
        return Err(auth::Error::Invalid);
    }
    let value = value.to_str().map_err(|_| auth::Error::Invalid)?.trim();
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    let token = token.trim();
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() {
        Ok(token)
    } else {
        Err(auth::Error::Missing)
    }
}
