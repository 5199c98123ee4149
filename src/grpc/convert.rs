//! Between the wire types and the domain's. What a request gets wrong is told all at once.

mod account;
mod attribute;
mod batch;
mod check;
mod ledger;
mod listing;
mod registry;
mod session;

use super::status;
use crate::{
    auth::Principal,
    domain::{Instant, name::InvalidName},
    proto,
    service::Violation,
};
pub(super) use account::{
    disconnect_request, owner_request, passing, seen, succession_request, user_attribute,
    user_attributes, user_attributes_request, user_connections, user_events, user_events_request,
};
pub(super) use batch::{
    acquire_items, create_items, idempotency, release_items, replayed, results,
};
pub(super) use check::{check_request, check_response, introspected};
pub(super) use ledger::{events_page, events_request, told, user_missing, watch_request};
pub(super) use listing::{
    attributes_page, attributes_request, owned_page, owned_request, templates_page,
    templates_request,
};
use prost_types::Timestamp;
pub(super) use registry::{
    attribute_of, connection, connection_request, connections, custom_attribute, internal_token,
    new_internal_token, new_token, notice, token, token_to_revoke, user,
};
pub(super) use session::session_request;
use tonic::Status;

/// What is wrong with a request, field by field.
#[derive(Default)]
pub(super) struct Violations(Vec<Violation>);

impl Violations {
    fn add(&mut self, field: &str, expected: &str) {
        self.0.push(Violation {
            field: field.to_owned(),
            description: format!("{field} {expected}"),
        });
    }

    fn none(self) -> Result<(), Status> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(self.into_status())
    }

    /// What was made of the request, unless something is wrong with it.
    fn unless<T>(self, made: Option<T>) -> Result<T, Status> {
        match made {
            Some(made) if self.0.is_empty() => Ok(made),
            _ => Err(self.into_status()),
        }
    }

    fn into_status(self) -> Status {
        let texts: Vec<_> = self.0.iter().map(|v| v.description.as_str()).collect();
        status::invalid(texts.join("; "), self.0)
    }
}

/// A name that may be left empty.
fn optional<T>(
    text: String,
    parse: impl Fn(String) -> Result<T, InvalidName>,
    (field, expected): (&str, &str),
    violations: &mut Violations,
) -> Option<T> {
    if text.is_empty() {
        return None;
    }
    required(text, parse, (field, expected), violations)
}

/// A name that must be there.
fn required<T>(
    text: String,
    parse: impl Fn(String) -> Result<T, InvalidName>,
    (field, expected): (&str, &str),
    violations: &mut Violations,
) -> Option<T> {
    let parsed = parse(text).ok();
    if parsed.is_none() {
        violations.add(field, expected);
    }
    parsed
}

pub(super) fn caller(principal: Principal) -> proto::GetCallerResponse {
    let expires_at = principal.expires_at();
    let caller = match principal {
        Principal::Client(client) => proto::GetCallerResponse {
            user: client.user.to_string(),
            service: client.service.to_string(),
            scopes: client.scopes.iter().map(str::to_owned).collect(),
            ..proto::GetCallerResponse::default()
        },
        Principal::User(user) => proto::GetCallerResponse {
            user: user.user.to_string(),
            ..proto::GetCallerResponse::default()
        },
        Principal::Internal(internal) => proto::GetCallerResponse {
            internal: internal.name.to_string(),
            ..proto::GetCallerResponse::default()
        },
    };
    proto::GetCallerResponse {
        expire_time: Some(timestamp(expires_at)),
        ..caller
    }
}

pub(super) fn timestamp(moment: Instant) -> Timestamp {
    Timestamp {
        seconds: moment.unix_timestamp(),
        nanos: i32::try_from(moment.nanosecond()).unwrap_or_default(),
    }
}

/// The span of time that a message tells, if it is one and not negative (`google.protobuf.Duration`). The library's own
/// conversion panics at the least of all numbers.
fn span(duration: prost_types::Duration) -> Option<std::time::Duration> {
    let seconds = u64::try_from(duration.seconds).ok()?;
    let nanos = u32::try_from(duration.nanos).ok();
    let nanos = nanos.filter(|nanos| *nanos < 1_000_000_000)?;
    Some(std::time::Duration::new(seconds, nanos))
}

/// The moment that a timestamp stands for, if it is one (`google.protobuf.Timestamp`).
fn instant(timestamp: Timestamp) -> Option<Instant> {
    let nanos = u32::try_from(timestamp.nanos)
        .ok()
        .filter(|n| *n < 1_000_000_000)?;
    let seconds = Instant::from_unix_timestamp(timestamp.seconds).ok()?;
    // The databases keep microseconds, and years after 0.
    (seconds.year() >= 1).then(|| seconds.replace_nanosecond(nanos / 1_000 * 1_000).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_span_is_not_negative_and_no_number_panics() {
        for (seconds, nanos, expected) in [
            (0, 0, Some(Duration::ZERO)),
            (1, 999_999_999, Some(Duration::new(1, 999_999_999))),
            (0, 1_000_000_000, None),
            (0, -1, None),
            (-1, 0, None),
            (i64::MIN, i32::MIN, None),
        ] {
            let duration = prost_types::Duration { seconds, nanos };
            assert_eq!(span(duration), expected, "{duration:?}");
        }
        let longest = prost_types::Duration {
            seconds: i64::MAX,
            nanos: 999_999_999,
        };
        assert!(span(longest).is_some());
    }
}
