//! The `authorization` metadata.

use crate::auth;
use axum::http::{HeaderMap, header::AUTHORIZATION};

/// The token of `Bearer TOKEN`; the scheme in any case (RFC 9110, section 11.1).
pub(super) fn bearer(headers: &HeaderMap) -> Result<&str, auth::Error> {
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
