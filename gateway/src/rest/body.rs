//! The body of a batch: bytes, JSON, a list.

use super::problem::Problem;
use axum::body::{Body, Bytes};
use http::{HeaderMap, header::CONTENT_TYPE};
use http_body_util::BodyExt as _;
use serde_json::value::RawValue;
use std::time::Duration;

/// The most bytes of a body.
const MAX_BODY: usize = 256 * 1024;

/// How much more is read and dropped, so that a client that is still sending sees the answer.
const MAX_DROPPED: usize = 1024 * 1024;

/// How long an answer waits for a body that it does not depend on.
const MOMENT: Duration = Duration::from_secs(1);

/// The deepest nesting, counted in arrays and objects.
const MAX_DEPTH: usize = 128;

/// The most items of a batch. The service asks too; here it keeps a small body from becoming a large message.
const MAX_ITEMS: usize = 35;

/// The type of a batch.
pub(super) const JSON: &str = "application/json";

/// Accepts this type, and a request that does not say what it sends.
pub(super) fn check_type(headers: &HeaderMap, expected: &str) -> Result<(), Problem> {
    for value in headers.get_all(CONTENT_TYPE) {
        let text = String::from_utf8_lossy(value.as_bytes());
        let media_type = text.split(';').next().unwrap_or_default().trim();
        if !media_type.is_empty() && !media_type.eq_ignore_ascii_case(expected) {
            return Err(Problem::unsupported_media_type(media_type));
        }
    }
    Ok(())
}

/// Reads the whole body.
pub(super) async fn read(mut body: Body) -> Result<Bytes, Problem> {
    let mut read = Vec::new();
    let mut dropped = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            tracing::debug!(%error, "a body broke off");
            Problem::unreadable_body()
        })?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if dropped == 0 && read.len() + data.len() <= MAX_BODY {
            read.extend_from_slice(&data);
        } else {
            dropped += data.len();
        }
        if dropped > MAX_DROPPED {
            break;
        }
    }
    if dropped > 0 {
        return Err(Problem::too_large(MAX_BODY));
    }
    Ok(read.into())
}

/// Reads and drops what a client is still sending, for a moment, so that it sees an answer that does not depend on it.
pub async fn drop_rest(body: Body) {
    let _ = tokio::time::timeout(MOMENT, read(body)).await;
}

/// The items of a batch, each as it was sent.
pub(super) fn items(body: &[u8]) -> Result<Vec<&RawValue>, Problem> {
    let text = std::str::from_utf8(body).map_err(no_json)?;
    let json: &RawValue = serde_json::from_str(text).map_err(no_json)?;
    if is_deeper_than(json.get(), MAX_DEPTH) {
        return Err(no_json(format!("nested deeper than {MAX_DEPTH}")));
    }
    let items: Vec<&RawValue> = serde_json::from_str(json.get())
        .map_err(|_| Problem::bad_request("Expected a list of objects."))?;
    if items.len() > MAX_ITEMS {
        let count = items.len();
        return Err(Problem::bad_request(format!(
            "Maximum is {MAX_ITEMS} objects, got {count}."
        )));
    }
    Ok(items)
}

pub(super) fn no_json(reason: impl std::fmt::Display) -> Problem {
    Problem::bad_request(format!("JSON parse error - {reason}"))
}

/// Whether arrays and objects are nested deeper than that. The text is known to be JSON.
///
/// The parser need not be asked: what is passed over raw is not limited by it.
fn is_deeper_than(json: &str, limit: usize) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => depth += 1,
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > limit {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_is_counted_outside_of_strings() {
        assert!(!is_deeper_than(r#"[{"a":"[[[\"[["}]"#, 2));
        assert!(is_deeper_than("[[[]]]", 2));
        assert!(!is_deeper_than("[[],[],[]]", 2));
    }

    #[test]
    fn deep_json_does_not_overflow_the_parser() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert!(items(deep.as_bytes()).is_err());
        let allowed = "[".repeat(128) + &"]".repeat(128);
        assert_eq!(items(allowed.as_bytes()).unwrap().len(), 1);
    }
}
