//! The conformance suite of the storage traits: it knows nothing but them, and both engines pass it.

mod catalog;
mod checks;
mod internal_tokens;
mod ledger;
mod records;
mod removals;
mod revoked_tokens;
mod text;
mod tokens;
mod users;
mod withdrawals;

use crate::harness::{Database, id, name};
use std::sync::Arc;
use tenure::{
    domain::{
        Instant,
        attribute::{Attribute, Owner},
        change::Change,
        event::{Actor, Cause, Event, Stamp},
        name::{AttributeName, GroupName, Label, UserId},
        scope::Scopes,
        state::{Connection, UserState},
        value_type::ValueType,
    },
    storage::{self, Selection, Store},
};

/// A store on a new database, with its tables.
async fn open(database: &Database) -> Arc<dyn Store> {
    let store = storage::open(&crate::harness::config(database).storage)
        .await
        .unwrap();
    store.migrate().await.unwrap();
    store
}

/// Makes two tests of each case, one an engine.
macro_rules! conformance {
    ($($case:ident),* $(,)?) => { $(
        mod $case {
            use crate::harness::Database;

            #[tokio::test]
            async fn on_sqlite() {
                let database = Database::sqlite();
                super::$case(super::super::open(&database).await).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                if let Some(database) = Database::postgres().await {
                    super::$case(super::super::open(&database).await).await;
                }
            }
        }
    )* };
}
use conformance;

/// A moment with microseconds, and one so many seconds later.
fn at(seconds: i64) -> Instant {
    let start = Instant::from_unix_timestamp_nanos(1_700_000_000_123_456_000).unwrap();
    start + time::Duration::seconds(seconds)
}

fn attribute(name: &str) -> Attribute {
    Attribute::custom(
        AttributeName::parse(name).unwrap(),
        Label::parse(format!("{name} “é” 日本")).unwrap(),
        GroupName::parse("media").unwrap(),
        ValueType::Percentage,
        true,
    )
}

fn owned(name: &str, service: &str, generation: i64) -> Attribute {
    Attribute {
        owner: Some(Owner {
            service: crate::harness::name(service),
            since: at(generation),
            active: true,
            pinned: false,
        }),
        generation,
        ..attribute(name)
    }
}

fn empty(revision: i64) -> Change {
    Change {
        revision,
        attributes: Vec::new(),
        offers: Vec::new(),
        forgotten: Vec::new(),
        connections: Vec::new(),
        disconnected: Vec::new(),
        withdrawals: Vec::new(),
        tokens: Vec::new(),
        record: None,
        events: Vec::new(),
        stamp: Stamp {
            actor: Actor::Operator,
            request_id: "test".to_owned(),
            at: at(0),
        },
    }
}

fn event(attribute: &Attribute) -> Event {
    Event {
        attribute: attribute.name.clone(),
        from: None,
        to: attribute.owner_name().cloned(),
        generation: attribute.generation,
        active: attribute.is_active(),
        manual: attribute.manual,
        pinned: false,
        cause: Cause::Acquired,
    }
}

fn connection(service: &str, scopes: &str) -> (tenure::domain::name::ServiceName, Connection) {
    let scopes = Scopes::parse(scopes).unwrap();
    (
        name(service),
        Connection {
            scopes,
            since: at(0),
        },
    )
}

async fn all(store: &Arc<dyn Store>, user: &UserId) -> UserState {
    store.load(user, &Selection::All).await.unwrap().state
}

/// Commits attributes for a user at a revision.
async fn put(
    store: &Arc<dyn Store>,
    user: &str,
    revision: i64,
    attributes: Vec<Attribute>,
) -> storage::Result<()> {
    let change = Change {
        events: attributes.iter().map(event).collect(),
        attributes,
        ..empty(revision)
    };
    store.commit(&id(user), change).await
}
