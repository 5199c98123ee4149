//! Tokens, by their hash.

use super::{at, conformance, connection, empty};
use crate::harness::{id, name};
use std::sync::Arc;
use tenure::{
    domain::{
        change::Change,
        scope::Scopes,
        token::{TokenHash, TokenRecord},
    },
    storage::Store,
};

conformance!(
    a_token_is_found_by_its_hash_alone,
    a_users_tokens_come_latest_first,
    revoking_is_by_range_and_once,
    disconnecting_ends_the_tokens_of_that_service_and_user,
    only_expired_tokens_are_forgotten_and_not_more_than_asked,
);

fn token(byte: u8, user: &str, service: Option<&str>, issued: i64) -> TokenRecord {
    TokenRecord {
        hash: TokenHash([byte; 32]),
        user: id(user),
        service: service.map(name),
        scopes: Scopes::parse("mood_write sleep_read").unwrap(),
        issued_at: at(issued),
        expires_at: at(issued + 60),
        revoked_at: None,
    }
}

async fn issue(store: &Arc<dyn Store>, revision: i64, tokens: Vec<TokenRecord>) {
    let user = tokens[0].user.clone();
    let change = Change {
        tokens,
        ..empty(revision)
    };
    store.commit(&user, change.clone()).await.unwrap();
}

async fn a_token_is_found_by_its_hash_alone(store: Arc<dyn Store>) {
    let (client, own) = (token(1, "ada", Some("oura"), 0), token(2, "ada", None, 0));
    issue(&store, 0, vec![client.clone(), own.clone()]).await;
    assert_eq!(store.find(&client.hash).await.unwrap(), Some(client));
    assert_eq!(store.find(&own.hash).await.unwrap(), Some(own));
    assert_eq!(store.find(&TokenHash([3; 32])).await.unwrap(), None);
}

async fn a_users_tokens_come_latest_first(store: Arc<dyn Store>) {
    let tokens = vec![
        token(1, "ada", None, 5),
        token(2, "ada", None, 9),
        token(3, "ada", None, 7),
    ];
    issue(&store, 0, tokens).await;
    issue(&store, 0, vec![token(4, "grace", None, 8)]).await;
    let found = store.of_user(&id("ada")).await.unwrap();
    let order: Vec<_> = found.iter().map(|t| t.hash.0[0]).collect();
    assert_eq!(order, [2, 3, 1]);
}

async fn revoking_is_by_range_and_once(store: Arc<dyn Store>) {
    let tokens = vec![token(1, "ada", None, 0), token(2, "ada", None, 0)];
    issue(&store, 0, tokens.clone()).await;
    let (first, last) = TokenHash::range_of_id(&tokens[0].hash.id()).unwrap();
    assert_eq!(store.revoke(&first, &last, at(5)).await.unwrap(), 1);
    assert_eq!(store.revoke(&first, &last, at(9)).await.unwrap(), 0);
    let found = store.find(&tokens[0].hash).await.unwrap().unwrap();
    assert_eq!(found.revoked_at, Some(at(5)));
    assert!(!found.is_valid(at(6)));
    assert_eq!(
        store
            .find(&tokens[1].hash)
            .await
            .unwrap()
            .unwrap()
            .revoked_at,
        None
    );
}

async fn disconnecting_ends_the_tokens_of_that_service_and_user(store: Arc<dyn Store>) {
    issue(&store, 0, vec![token(4, "grace", Some("oura"), 0)]).await;
    let change = Change {
        connections: vec![connection("oura", ""), connection("withings", "")],
        tokens: vec![
            token(1, "ada", Some("oura"), 0),
            token(2, "ada", Some("withings"), 0),
            token(3, "ada", None, 0),
        ],
        ..empty(0)
    };
    store.commit(&id("ada"), change.clone()).await.unwrap();
    let change = Change {
        disconnected: vec![name("oura")],
        ..empty(1)
    };
    store.commit(&id("ada"), change.clone()).await.unwrap();
    for (byte, revoked) in [(1, true), (2, false), (3, false), (4, false)] {
        let found = store.find(&TokenHash([byte; 32])).await.unwrap().unwrap();
        assert_eq!(found.revoked_at.is_some(), revoked, "{byte}");
    }
}

async fn only_expired_tokens_are_forgotten_and_not_more_than_asked(store: Arc<dyn Store>) {
    let tokens = vec![
        token(1, "ada", None, 0),
        token(2, "ada", None, 1),
        token(3, "ada", None, 2),
        token(4, "ada", None, 3),
    ];
    issue(&store, 0, tokens).await;
    // They expire a minute after they were issued: three of them before this.
    let before = at(63);
    assert_eq!(store.forget(before, 2).await.unwrap(), 2);
    assert_eq!(store.find(&TokenHash([1; 32])).await.unwrap(), None);
    assert_eq!(store.forget(before, 2).await.unwrap(), 1);
    assert_eq!(store.forget(before, 2).await.unwrap(), 0);
    assert!(store.find(&TokenHash([4; 32])).await.unwrap().is_some());
}
