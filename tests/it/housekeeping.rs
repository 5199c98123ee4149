//! What is done in the background: a removed service, expired tokens.

use crate::harness::{Database, Tenure, config, id, name, on_both_engines};
use serde_json::json;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tenure::{
    ambient::Clock,
    domain::Instant,
    service::{Housekeeping, Transactor},
    storage::Store,
};

on_both_engines! {
    a_removed_service_is_refused_at_once_and_its_users_are_disconnected,
    a_removal_goes_on_where_another_left_it_and_ends,
    a_service_that_comes_back_keeps_its_users,
    expired_tokens_are_forgotten_a_day_later,
}

/// A clock that tests move.
struct Hands(Mutex<Instant>);

impl Clock for Hands {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap()
    }
}

impl Hands {
    fn later(&self, seconds: u64) {
        *self.0.lock().unwrap() += Duration::from_secs(seconds);
    }
}

/// Prunes the ledger of what was overtaken so many seconds ago.
pub async fn pruned(database: &Database, seconds: u64) {
    let retention = Some(Duration::from_secs(seconds));
    let (store, _, housekeeping) = housekeeping_with(database, retention).await;
    let last = database.numbers("select max(position) from event").await;
    // What is not complete is not pruned, and others on the same server are writing too.
    while store.horizon().await.unwrap().complete <= last[0] {
        tokio::task::yield_now().await;
    }
    housekeeping.round().await.unwrap();
}

/// Housekeeping on the database, by a clock that starts now.
async fn housekeeping(database: &Database) -> (Arc<dyn Store>, Arc<Hands>, Housekeeping) {
    housekeeping_with(database, None).await
}

async fn housekeeping_with(
    database: &Database,
    retention: Option<Duration>,
) -> (Arc<dyn Store>, Arc<Hands>, Housekeeping) {
    let opened = tenure::app::open(&config(database).storage).await;
    let store = opened.unwrap();
    let clock = Arc::new(Hands(Mutex::new(tenure::ambient::System.now())));
    let transactor = Transactor::new(Arc::clone(&store), Arc::<Hands>::clone(&clock));
    (
        store,
        clock,
        Housekeeping::new(Arc::new(transactor), retention),
    )
}

/// Waits until nobody has the service connected.
async fn disconnected(store: &Arc<dyn Store>, service: &str) {
    while !store
        .connected(&name(service), "", 1)
        .await
        .unwrap()
        .is_empty()
    {
        tokio::task::yield_now().await;
    }
}

async fn a_removed_service_is_refused_at_once_and_its_users_are_disconnected(t: Tenure) {
    for user in ["ada", "grace"] {
        let heir = t.usual(user, "withings").await;
        let removed = t.usual(user, "oura").await;
        heir.acquire(json!([{"template":"weight","manual":false}]))
            .await
            .succeeded();
        removed
            .acquire(json!([{"name":"weight"},{"template":"sleep"}]))
            .await
            .succeeded();
    }
    let removed = t.with_token(&t.issue("ada", "oura", None).await);
    t.registry.remove_service(&name("oura")).await.unwrap();
    assert_eq!(
        removed.acquire(json!([{"template":"steps"}])).await.status,
        401
    );
    assert_eq!(removed.owned("").await.status, 401);

    // The running instance does it by itself.
    let (store, _, _) = housekeeping(&t.database).await;
    disconnected(&store, "oura").await;
    for user in ["ada", "grace"] {
        let withings = Some("withings".to_owned());
        assert_eq!(t.owner(user, "weight").await, (withings, 3));
        assert_eq!(t.owner(user, "sleep").await, (None, 2));
    }
}

async fn a_removal_goes_on_where_another_left_it_and_ends(t: Tenure) {
    let Tenure {
        database, registry, ..
    } = &t;
    // More than one step, and an owner that comes before the place that was recorded.
    for number in 0..150 {
        t.connect(&format!("user-{number:03}"), "zz_first", "mood_write")
            .await;
    }
    let (store, clock, housekeeping) = housekeeping(database).await;
    registry.remove_service(&name("zz_first")).await.unwrap();
    disconnected(&store, "zz_first").await;
    housekeeping.round().await.unwrap();
    assert_eq!(
        store.pending().await.unwrap().len(),
        1,
        "the grace is not over"
    );
    while !store.pending().await.unwrap().is_empty() {
        clock.later(61);
        housekeeping.round().await.unwrap();
    }
}

async fn a_service_that_comes_back_keeps_its_users(t: Tenure) {
    let entries = t.registry.catalog().await.unwrap();
    t.registry.remove_service(&name("zz_first")).await.unwrap();
    t.registry.apply_catalog(&entries).await.unwrap();
    let c = t.client("ada", "zz_first", "mood_write").await;
    let (store, clock, housekeeping) = housekeeping(&t.database).await;
    clock.later(61);
    housekeeping.round().await.unwrap();
    assert_eq!(store.pending().await.unwrap(), []);
    c.acquire(json!([{"template":"mood"}])).await.succeeded();
}

async fn expired_tokens_are_forgotten_a_day_later(t: Tenure) {
    t.usual("ada", "oura").await;
    t.expired("ada", "oura").await;
    let (store, clock, housekeeping) = housekeeping(&t.database).await;
    let tokens = async || store.of_user(&id("ada")).await.unwrap().len();
    housekeeping.round().await.unwrap();
    assert_eq!(tokens().await, 2);
    clock.later(24 * 3600);
    housekeeping.round().await.unwrap();
    assert_eq!(tokens().await, 1);
    clock.later(3600);
    housekeeping.round().await.unwrap();
    assert_eq!(tokens().await, 0);
}
