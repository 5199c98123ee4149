//! The key by which a request is recognised when it is sent again (the contract, Beyond the documented API).

use crate::{proto::Idempotency, rest::Problem};
use http::{HeaderMap, request::Parts};
use sha2::{Digest as _, Sha256};

const HEADER: &str = "idempotency-key";

/// The longest key.
const MAX_KEY: usize = 255;

/// The one key of the request, if it is one.
fn key(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(HEADER).iter();
    let (value, other) = (values.next()?, values.next());
    let is_key = (1..=MAX_KEY).contains(&value.len())
        && value.as_bytes().iter().all(u8::is_ascii_graphic)
        && other.is_none();
    is_key.then(|| value.to_str().ok()).flatten()
}

/// Refuses what is there and is no key.
pub(super) fn check(headers: &HeaderMap) -> Result<(), Problem> {
    if headers.contains_key(HEADER) && key(headers).is_none() {
        return Err(Problem::bad_request(format!(
            "Header 'Idempotency-Key' must be 1 to {MAX_KEY} visible ASCII characters, once."
        )));
    }
    Ok(())
}

/// The key of the request, if it has one, and what makes it the same as another: method, path, query and body, byte by
/// byte.
pub(super) fn of(parts: &Parts, body: &[u8]) -> Option<Idempotency> {
    let key = key(&parts.headers)?.to_owned();
    let target = parts.uri.path_and_query();
    let hash = Sha256::new()
        .chain_update(parts.method.as_str())
        .chain_update([0])
        .chain_update(target.map_or("", |target| target.as_str()))
        .chain_update([0])
        .chain_update(body);
    let fingerprint = hash.finalize().to_vec();
    Some(Idempotency { key, fingerprint })
}
