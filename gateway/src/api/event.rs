//! An entry of the ledger as a JSON object: its keys in their order.

use crate::proto::OwnershipEvent;
use serde::Serialize;

/// Holds the state after what happened.
#[derive(Serialize)]
pub(super) struct Object<'a> {
    user: &'a str,
    revision: i64,
    number: i32,
    attribute: &'a str,
    from: Option<&'a str>,
    to: Option<&'a str>,
    generation: i64,
    active: bool,
    manual: bool,
    pinned: bool,
    cause: &'static str,
    actor: &'a str,
    /// Null where it is not for the reader, or there was none.
    request_id: Option<&'a str>,
    at: Option<String>,
}

impl<'a> From<&'a OwnershipEvent> for Object<'a> {
    fn from(event: &'a OwnershipEvent) -> Self {
        let cause = event.cause().as_str_name();
        Self {
            user: &event.user,
            revision: event.revision,
            number: event.number,
            attribute: &event.attribute,
            from: event.from.as_deref(),
            to: event.to.as_deref(),
            generation: event.generation,
            active: event.active,
            manual: event.manual,
            pinned: event.pinned,
            cause: cause.strip_prefix("CAUSE_").unwrap_or(cause),
            actor: &event.actor,
            request_id: Some(event.request_id.as_str()).filter(|id| !id.is_empty()),
            at: event.time.as_ref().map(ToString::to_string),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{proto::Cause, rest::text};
    use prost_types::Timestamp;

    #[test]
    fn the_keys_have_their_order() {
        let mut event = OwnershipEvent {
            user: "ada".to_owned(),
            revision: 3,
            number: 1,
            attribute: "steps".to_owned(),
            to: Some("oura".to_owned()),
            generation: 1,
            active: true,
            cause: Cause::ManualChanged.into(),
            actor: "service:oura".to_owned(),
            time: Some(Timestamp {
                seconds: 1_795_000_000,
                nanos: 996_880_000,
            }),
            ..OwnershipEvent::default()
        };
        let head = r#"{"user":"ada","revision":3,"number":1,"attribute":"steps","from":null,"to":"oura","generation":1,"active":true,"manual":false,"pinned":false,"cause":"MANUAL_CHANGED","actor":"service:oura""#;
        let tail = r#""at":"2026-11-18T11:06:40.996880Z"}"#;
        let json = text(&Object::from(&event));
        assert_eq!(json, format!(r#"{head},"request_id":null,{tail}"#));
        event.request_id = "r1".to_owned();
        let json = text(&Object::from(&event));
        assert_eq!(json, format!(r#"{head},"request_id":"r1",{tail}"#));
    }
}
