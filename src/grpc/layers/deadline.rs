//! The time that a call may take: the caller's deadline, or the service's limit if that is shorter.
//!
//! tonic has a limit of its own for `grpc-timeout`, but answers `CANCELLED`.

use axum::http::HeaderMap;
use std::time::Duration;

/// So much before the caller's deadline a call ends here, so that tonic's own limit does not answer first.
const AHEAD: Duration = Duration::from_millis(5);

/// How long a call with these headers may take, the longest that any may. What it is doing then is dropped; a commit
/// that is on its way happens wholly or not at all.
pub(super) fn of(headers: &HeaderMap, longest: Duration) -> Duration {
    let asked = asked(headers).map(|asked| asked.saturating_sub(AHEAD));
    asked.map_or(longest, |asked| asked.min(longest))
}

/// The `grpc-timeout` of the gRPC protocol: at most 8 digits and a unit.
fn asked(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let value: u64 = digits.parse().ok().filter(|_| digits.len() <= 8)?;
    match unit {
        "H" => Some(Duration::from_secs(value * 3600)),
        "M" => Some(Duration::from_secs(value * 60)),
        "S" => Some(Duration::from_secs(value)),
        "m" => Some(Duration::from_millis(value)),
        "u" => Some(Duration::from_micros(value)),
        "n" => Some(Duration::from_nanos(value)),
        _ => None,
    }
}
