//! Who is asking.

use super::problem::Problem;
use http::{HeaderMap, header::AUTHORIZATION};

/// The most bytes of a bearer token.
pub(crate) const MAX_TOKEN: usize = 8 * 1024;

/// The one bearer token of a request, in ASCII; the scheme in any case. Whether it is a good one is for others to say.
///
/// # Errors
/// 401 where there is none, or what cannot be one: more than one, or one over 8 KiB.
pub fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or_else(Problem::no_credentials)?;
    if values.next().is_some() {
        return Err(Problem::invalid_token());
    }
    let value = value.as_bytes().trim_ascii();
    let end = value.iter().position(u8::is_ascii_whitespace);
    let (scheme, token) = value.split_at(end.unwrap_or(value.len()));
    let token = token.trim_ascii();
    if !scheme.eq_ignore_ascii_case(b"bearer") || token.is_empty() {
        return Err(Problem::no_credentials());
    }
    if token.len() > MAX_TOKEN || !token.is_ascii() {
        return Err(Problem::invalid_token());
    }
    std::str::from_utf8(token).map_err(|_| Problem::invalid_token())
}
