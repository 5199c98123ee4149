//! How far the removals of services have come.

use super::{at, conformance, connection, empty};
use crate::harness::{id, name};
use std::sync::Arc;
use tenure::{
    domain::{change::Change, removal::Removal},
    storage::{Error, Store},
};

conformance!(
    the_users_of_a_service_come_in_byte_order_page_by_page,
    only_one_advances_a_removal_from_a_place,
);

async fn the_users_of_a_service_come_in_byte_order_page_by_page(store: Arc<dyn Store>) {
    for (user, service) in [
        ("ada", "oura"),
        ("Zoe", "oura"),
        ("grace", "withings"),
        ("ärla", "oura"),
    ] {
        let change = Change {
            connections: vec![connection(service, "mood_write")],
            ..empty(0)
        };
        store.commit(&id(user), change.clone()).await.unwrap();
    }
    let page = async |after: &str| {
        let users = store.connected(&name("oura"), after, 2).await.unwrap();
        users.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(page("").await, ["Zoe", "ada"]);
    assert_eq!(page("ada").await, ["ärla"]);
    assert!(page("ärla").await.is_empty());
}

async fn only_one_advances_a_removal_from_a_place(store: Arc<dyn Store>) {
    let begun = Removal::begin(name("oura"), at(0));
    store.remove(0, &begun).await.unwrap();
    let on = Removal {
        after_user: "ada".to_owned(),
        found: true,
        pass_began_at: at(5),
        ..begun.clone()
    };
    store.advance(&begun, &on).await.unwrap();
    assert_eq!(store.pending().await.unwrap(), std::slice::from_ref(&on));
    let again = store.advance(&begun, &on).await;
    assert!(matches!(again, Err(Error::Stale)));
    // It has come further than the one who thinks that it is done knows.
    store.finish(&begun).await.unwrap();
    assert_eq!(store.pending().await.unwrap(), std::slice::from_ref(&on));
    store.finish(&on).await.unwrap();
    assert_eq!(store.pending().await.unwrap(), []);
}
