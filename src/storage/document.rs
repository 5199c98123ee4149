//! Changes as JSON documents, one a table: SQL takes them apart, so that a statement's text does not depend on the
//! number of rows.

use super::Engine;
use crate::domain::{attribute::Owner, change::Change};
use serde_json::{Value, json};

/// The lists of some changes, each a JSON array of objects whose keys are the columns; `item` is the place of the
/// change, from 1.
pub(super) struct Documents {
    pub(super) attributes: Value,
    pub(super) offers: Value,
    pub(super) forgotten: Value,
    pub(super) connections: Value,
    pub(super) disconnected: Value,
    pub(super) withdrawals: Value,
    pub(super) tokens: Value,
    pub(super) events: Value,
    pub(super) records: Value,
}

impl Documents {
    pub(super) fn of<'c, DB: Engine>(changes: impl Iterator<Item = &'c Change>) -> Self {
        let changes: Vec<_> = (1_u32..).zip(changes).collect();
        Self {
            attributes: attributes::<DB>(&changes),
            offers: offers(&changes),
            forgotten: list(
                &changes,
                |c| &c.forgotten,
                |item, _, (attribute, service)| json!({"item": item, "attribute": attribute, "service": service}),
            ),
            connections: list(
                &changes,
                |c| &c.connections,
                |item, _, (service, connection)| {
                    json!({
                        "item": item,
                        "service": service,
                        "scopes": connection.scopes,
                        "since": DB::json_instant(connection.since),
                    })
                },
            ),
            disconnected: list(
                &changes,
                |c| &c.disconnected,
                |item, _, service| json!({"item": item, "service": service}),
            ),
            withdrawals: withdrawals::<DB>(&changes),
            tokens: list(
                &changes,
                |c| &c.tokens,
                |item, _, token| {
                    json!({
                        "item": item,
                        "hash": hex(&token.hash.0),
                        "service": token.service,
                        "scopes": token.scopes,
                        "issued_at": DB::json_instant(token.issued_at),
                        "expires_at": DB::json_instant(token.expires_at),
                    })
                },
            ),
            events: events(&changes),
            records: records::<DB>(&changes),
        }
    }
}

type Numbered<'c> = [(u32, &'c Change)];

fn attributes<DB: Engine>(changes: &Numbered<'_>) -> Value {
    list(
        changes,
        |c| &c.attributes,
        |item, _, attribute| {
            let since = |owner: &Owner| DB::json_instant(owner.since);
            json!({
                "item": item,
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
        },
    )
}

fn offers(changes: &Numbered<'_>) -> Value {
    list(
        changes,
        |c| &c.offers,
        |item, _, ((attribute, service), offer)| {
            json!({
                "item": item,
                "attribute": attribute,
                "service": service,
                "offered": offer.offered,
                "declined": offer.declined,
                "manual": offer.manual,
                "last_owned": offer.last_owned,
                "rank": offer.rank,
            })
        },
    )
}

fn events(changes: &Numbered<'_>) -> Value {
    list(
        changes,
        |c| &c.events,
        |item, number, event| {
            json!({
                "item": item,
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
        },
    )
}

fn withdrawals<DB: Engine>(changes: &Numbered<'_>) -> Value {
    list(
        changes,
        |c| &c.withdrawals,
        |item, _, (service, withdrawal)| {
            json!({
                "item": item,
                "service": service,
                "disconnected_at": withdrawal.disconnected_at.map(DB::json_instant),
                "narrowed_at": withdrawal.narrowed_at.map(DB::json_instant),
            })
        },
    )
}

fn records<DB: Engine>(changes: &Numbered<'_>) -> Value {
    let records = changes
        .iter()
        .filter_map(|(item, change)| Some((item, change.record.as_ref()?)));
    records
        .map(|(item, record)| {
            json!({
                "item": item,
                "service": record.service,
                "key": record.key.as_str(),
                "fingerprint": hex(&record.fingerprint),
                "answer": hex(&record.answer),
                "expires_at": DB::json_instant(record.expires_at),
            })
        })
        .collect()
}

/// One object for each element of a list of each change; `row` is told the change's place, and the element's.
fn list<'c, T: 'c>(
    changes: &Numbered<'c>,
    of: impl Fn(&'c Change) -> &'c Vec<T>,
    row: impl Fn(u32, usize, &T) -> Value,
) -> Value {
    changes
        .iter()
        .flat_map(|(item, change)| {
            of(change)
                .iter()
                .enumerate()
                .map(move |(n, of)| (*item, n, of))
        })
        .map(|(item, number, of)| row(item, number, of))
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
        text
    })
}
