//! A change as JSON documents, one a table: SQL takes them apart, so that a statement's text does not depend on the
//! number of rows.

use super::Engine;
use crate::domain::{attribute::Owner, change::Change, token::TokenHash};
use serde_json::{Value, json};

/// The lists of a change, each a JSON array of objects whose keys are the columns.
pub(super) struct Documents {
    pub(super) attributes: Value,
    pub(super) offers: Value,
    pub(super) forgotten: Value,
    pub(super) connections: Value,
    pub(super) disconnected: Value,
    pub(super) tokens: Value,
    pub(super) events: Value,
}

impl Documents {
    pub(super) fn of<DB: Engine>(change: &Change) -> Self {
        Self {
            attributes: attributes::<DB>(change),
            offers: offers(change),
            forgotten: list(
                &change.forgotten,
                |(attribute, service)| json!({"attribute": attribute, "service": service}),
            ),
            connections: list(&change.connections, |(service, connection)| {
                json!({
                    "service": service,
                    "scopes": connection.scopes,
                    "since": DB::json_instant(connection.since),
                })
            }),
            disconnected: json!(change.disconnected),
            tokens: list(&change.tokens, |token| {
                json!({
                    "hash": hex(&token.hash),
                    "service": token.service,
                    "scopes": token.scopes,
                    "issued_at": DB::json_instant(token.issued_at),
                    "expires_at": DB::json_instant(token.expires_at),
                })
            }),
            events: events(change),
        }
    }
}

fn attributes<DB: Engine>(change: &Change) -> Value {
    list(&change.attributes, |attribute| {
        let since = |owner: &Owner| DB::json_instant(owner.since);
        json!({
            "name": attribute.name,
            "template": attribute.template,
            "label": attribute.label,
            "group_name": attribute.group,
            "value_type": attribute.value_type,
            "priority": attribute.priority,
            "manual": attribute.manual,
            "owner": attribute.owner_name(),
            "owned_since": attribute.owner.as_ref().map(since),
            "active": attribute.is_active(),
            "pinned": attribute.is_pinned(),
            "generation": attribute.generation,
        })
    })
}

fn offers(change: &Change) -> Value {
    list(&change.offers, |((attribute, service), offer)| {
        json!({
            "attribute": attribute,
            "service": service,
            "offered": offer.offered,
            "declined": offer.declined,
            "manual": offer.manual,
            "last_owned": offer.last_owned,
            "rank": offer.rank,
        })
    })
}

fn events(change: &Change) -> Value {
    let numbered: Vec<_> = change.events.iter().enumerate().collect();
    list(&numbered, |(number, event)| {
        json!({
            "number": number,
            "attribute": event.attribute,
            "from_owner": event.from,
            "to_owner": event.to,
            "generation": event.generation,
            "active": event.active,
            "manual": event.manual,
            "pinned": event.pinned,
            "cause": event.cause.as_str(),
        })
    })
}

fn list<T>(items: &[T], row: impl Fn(&T) -> Value) -> Value {
    items.iter().map(row).collect()
}

fn hex(hash: &TokenHash) -> String {
    hash.0.iter().fold(String::new(), |mut text, byte| {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
        text
    })
}
