//! The key by which a request is recognised when it is sent again (the contract, Beyond the documented API).

use super::problem::Problem;
use http::{HeaderMap, StatusCode, request::Parts};
use sha2::{Digest as _, Sha256};
use std::{fmt, time::Duration};

const HEADER: &str = "idempotency-key";

/// The longest key.
const MAX_KEY: usize = 255;

/// A request that may be sent again: one effect, and one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// What the client calls it: 1 to 255 visible ASCII characters.
    pub key: String,
    /// What makes it the same as another of that key.
    pub fingerprint: Fingerprint,
}

/// A hash of what a request asks: method, path, query and body, byte by byte. Shown in 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Idempotency {
    /// For how long an answer is kept.
    pub const KEPT: Duration = Duration::from_hours(24);

    /// That of the request, if it has a key.
    pub(super) fn of(parts: &Parts, body: &[u8]) -> Result<Option<Self>, Problem> {
        if !parts.headers.contains_key(HEADER) {
            return Ok(None);
        }
        let key = key(&parts.headers).ok_or_else(|| {
            Problem::bad_request(format!(
                "Header 'Idempotency-Key' must be 1 to {MAX_KEY} visible ASCII characters, once."
            ))
        })?;
        Ok(Some(Self {
            key: key.to_owned(),
            fingerprint: Fingerprint::of(parts, body),
        }))
    }

    /// Whether an answer is to this request that was kept under its key, for a request of this fingerprint.
    ///
    /// # Errors
    /// 409 where it is not.
    pub fn matches(&self, fingerprint: &str) -> Result<(), Problem> {
        if self.fingerprint.to_string() == fingerprint {
            return Ok(());
        }
        let Self { key, .. } = self;
        let detail = format!("Idempotency key '{key}' was used for another request.");
        Err(Problem::new(StatusCode::CONFLICT, detail))
    }
}

/// The one key of the request, if it is one.
fn key(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(HEADER).iter();
    let (value, other) = (values.next()?, values.next());
    let is_key = (1..=MAX_KEY).contains(&value.len())
        && value.as_bytes().iter().all(u8::is_ascii_graphic)
        && other.is_none();
    is_key.then(|| value.to_str().ok()).flatten()
}

impl Fingerprint {
    fn of(parts: &Parts, body: &[u8]) -> Self {
        let target = parts.uri.path_and_query();
        let hash = Sha256::new()
            .chain_update(parts.method.as_str())
            .chain_update([0])
            .chain_update(target.map_or("", |target| target.as_str()))
            .chain_update([0])
            .chain_update(body);
        Self(hash.finalize().into())
    }

    /// The bytes of it.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn of(target: &str, keys: &[&str], body: &str) -> Result<Option<Idempotency>, Problem> {
        let mut request = Request::post(target);
        for key in keys {
            request = request.header(HEADER, *key);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        Idempotency::of(&parts, body.as_bytes())
    }

    #[test]
    fn a_key_is_one_word_that_is_sent_once() {
        assert!(of("/", &[], "").unwrap().is_none());
        let longest = "k".repeat(MAX_KEY);
        assert_eq!(of("/", &[&longest], "").unwrap().unwrap().key, longest);
        for keys in [
            &[""][..],
            &["a b"],
            &["é"],
            &[&"k".repeat(256)],
            &["a", "a"],
        ] {
            assert!(of("/", keys, "").is_err(), "{keys:?}");
        }
    }

    #[test]
    fn a_request_is_the_same_byte_by_byte() {
        let first = of("/a?b", &["k"], "[1]").unwrap().unwrap();
        let digits = first.fingerprint.to_string();
        assert!(digits.len() == 64 && first.matches(&digits).is_ok());
        for (target, body) in [("/a?b", "[1] "), ("/a?b=", "[1]"), ("/a", "?b[1]")] {
            let other = of(target, &["k"], body).unwrap().unwrap();
            assert!(other.matches(&digits).is_err(), "{target} {body}");
        }
    }
}
