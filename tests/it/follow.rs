//! Connections follow the tokens of outside authorization servers, and what was withdrawn stays so. The server is played: a
//! verifier that takes every token for what a test says it is.

use crate::harness::{Beside, Database, Side, Tenure, config, id, name, on_both_engines};
use std::{sync::Arc, time::Duration};
use tenure::{
    ambient::{Clock as _, System},
    auth::{Client, Error, Issuer, Principal, TokenSecret, Verifier},
    domain::{
        Instant,
        listing::{Filter, Page},
        scope::Scopes,
    },
    service::{Admission, Connections, Introspection, Notice, Transactor},
    storage::{self, Store},
};

on_both_engines! {
    the_first_token_makes_the_connection_and_a_wider_one_widens_it,
    where_connections_are_explicit_a_token_makes_none,
    a_service_that_is_not_in_the_catalog_is_refused,
    a_revoked_token_is_refused_from_the_next_call_on_over_all_instances,
    what_was_admitted_before_is_refused_once_the_grant_is_withdrawn,
    a_token_from_before_the_disconnection_is_refused_after_the_user_has_connected_anew,
    a_token_from_before_the_narrowing_is_good_and_does_not_widen,
}

on_both_engines! {
    #[tokio::test(flavor = "multi_thread")]
    many_requests_with_a_first_token_make_one_connection,
}

/// An authorization server whose every token is this client's.
struct Server(Client);

#[async_trait::async_trait]
impl Verifier for Server {
    async fn verify(&self, token: &str) -> Result<Principal, Error> {
        let token = TokenSecret::identity_of(token);
        Ok(Principal::Client(Client {
            token,
            ..self.0.clone()
        }))
    }

    fn remaining(&self, _: &Principal) -> Duration {
        Duration::MAX
    }
}

/// An instance beside the one of the test.
struct Other {
    store: Arc<dyn Store>,
    connections: Connections,
}

impl Other {
    async fn open(database: &Database, connections: Connections) -> Self {
        let store = storage::open(&config(database).storage).await.unwrap();
        Self { store, connections }
    }

    fn admission(&self, client: &Client) -> Arc<dyn Verifier> {
        let server = Arc::new(Server(client.clone()));
        Arc::new(Admission::new(server, self.transactor(), self.connections))
    }

    fn transactor(&self) -> Arc<Transactor> {
        Arc::new(Transactor::new(Arc::clone(&self.store), Arc::new(System)))
    }

    /// The scopes that a token of the client has now, if it is let in.
    async fn introspect(&self, client: &Client) -> Option<String> {
        let introspection = Introspection::new(self.transactor(), self.admission(client));
        match introspection.introspect("a token").await.unwrap() {
            Some(Principal::Client(client)) => Some(client.scopes.to_string()),
            _ => None,
        }
    }
}

fn client(service: &str, scopes: &str, issued_at: Instant) -> Client {
    Client {
        user: id("ada"),
        service: name(service),
        scopes: Scopes::parse(scopes).unwrap(),
        issued_at,
        expires_at: issued_at + time::Duration::hours(1),
        token: TokenSecret::hash_of("a token"),
        issuer: Issuer::Outside,
    }
}

async fn connected(t: &Tenure) -> Vec<(String, String)> {
    let connections = t.registry.connections(&id("ada")).await.unwrap();
    let connections = connections.into_iter();
    connections
        .map(|(service, c)| (service.to_string(), c.scopes.to_string()))
        .collect()
}

/// Whether a call of the client is let in by what is known of its connection, without an admission.
async fn may_call(side: &Side, client: &Client) -> bool {
    let (filter, page) = (Filter::default(), Page::default());
    let listed = side.ownership.list_owned(client, &filter, &page).await;
    listed.is_ok()
}

fn oura(scopes: &str) -> Vec<(String, String)> {
    vec![("oura".to_owned(), scopes.to_owned())]
}

async fn the_first_token_makes_the_connection_and_a_wider_one_widens_it(t: Tenure) {
    let other = Other::open(&t.database, Connections::FromTokens).await;
    for (scopes, now) in [
        ("openid mood_write nope_write", "mood_write"),
        ("", "mood_write"),
        ("manual_read", "manual_read mood_write"),
        ("mood_write", "manual_read mood_write"),
    ] {
        let client = client("oura", scopes, System.now());
        assert!(other.introspect(&client).await.is_some(), "{scopes}");
        assert_eq!(connected(&t).await, oura(now));
        assert!(may_call(&t.side, &client).await);
    }
    let first = client("withings", "openid", System.now());
    assert_eq!(other.introspect(&first).await.as_deref(), Some(""));
    assert_eq!(connected(&t).await.len(), 2);
}

async fn where_connections_are_explicit_a_token_makes_none(t: Tenure) {
    let other = Other::open(&t.database, Connections::Explicit).await;
    let wide = client("oura", "activity_write mood_write", System.now());
    assert_eq!(other.introspect(&wide).await, None);
    assert!(!may_call(&t.side, &wide).await);
    assert_eq!(connected(&t).await, []);
    t.connect("ada", "oura", "mood_write").await;
    assert_eq!(other.introspect(&wide).await.as_deref(), Some("mood_write"));
    assert_eq!(connected(&t).await, oura("mood_write"));
}

async fn a_service_that_is_not_in_the_catalog_is_refused(t: Tenure) {
    for connections in [Connections::Explicit, Connections::FromTokens] {
        let other = Other::open(&t.database, connections).await;
        let unknown = client("nobody", "mood_write", System.now());
        assert_eq!(other.introspect(&unknown).await, None);
        assert!(!may_call(&t.side, &unknown).await);
    }
    assert_eq!(connected(&t).await, []);
}

async fn a_revoked_token_is_refused_from_the_next_call_on_over_all_instances(t: Tenure) {
    let client = client("oura", "mood_write", System.now());
    for connections in [Connections::FromTokens, Connections::Explicit] {
        let other = Other::open(&t.database, connections).await;
        let admission = other.admission(&client);
        let token = format!("header.{connections}.signature");
        admission.verify(&token).await.unwrap();
        let notice = Notice::Token {
            token: token.clone(),
            expires_at: None,
        };
        t.registry.take_notice(&notice).await.unwrap();
        for same in [token, format!("header.{connections}.another")] {
            let refused = admission.verify(&same).await;
            assert!(matches!(refused, Err(Error::Invalid)), "{refused:?}");
        }
        admission.verify("another").await.unwrap();
    }
}

async fn what_was_admitted_before_is_refused_once_the_grant_is_withdrawn(t: Tenure) {
    let other = Other::open(&t.database, Connections::FromTokens).await;
    let client = client("oura", "mood_write", System.now());
    let admission = other.admission(&client);
    admission.verify("a token").await.unwrap();
    assert!(may_call(&t.side, &client).await);
    t.disconnect("ada", "oura").await;
    // It may be remembered that it was admitted: that lets nobody in, and connects nothing.
    let _ = admission.verify("a token").await;
    assert!(!may_call(&t.side, &client).await);
    assert_eq!(connected(&t).await, []);
}

async fn a_token_from_before_the_disconnection_is_refused_after_the_user_has_connected_anew(
    t: Tenure,
) {
    let other = Other::open(&t.database, Connections::FromTokens).await;
    let old = client("oura", "mood_write", System.now());
    // It need not have been shown, nor the service have been connected.
    let notice = Notice::Grant {
        user: id("ada"),
        service: name("oura"),
        remaining: Scopes::default(),
    };
    t.registry.take_notice(&notice).await.unwrap();
    assert_eq!(other.introspect(&old).await, None);
    let anew = client("oura", "activity_write", System.now());
    assert!(other.introspect(&anew).await.is_some());
    assert_eq!(other.introspect(&old).await, None);
    assert!(!may_call(&t.side, &old).await);
    assert!(may_call(&t.side, &anew).await);
    assert_eq!(connected(&t).await, oura("activity_write"));
    // Tokens of Tenure itself lie within the connection as it is.
    let own = Client {
        issuer: Issuer::Tenure,
        ..old
    };
    assert!(may_call(&t.side, &own).await);
}

async fn a_token_from_before_the_narrowing_is_good_and_does_not_widen(t: Tenure) {
    let other = Other::open(&t.database, Connections::FromTokens).await;
    let old = client("oura", "activity_write mood_write", System.now());
    assert!(other.introspect(&old).await.is_some());
    t.connect("ada", "oura", "mood_write").await;
    assert_eq!(other.introspect(&old).await.as_deref(), Some("mood_write"));
    assert_eq!(connected(&t).await, oura("mood_write"));
    let anew = client("oura", "activity_write", System.now());
    assert!(other.introspect(&anew).await.is_some());
    assert_eq!(connected(&t).await, oura("activity_write mood_write"));
}

async fn many_requests_with_a_first_token_make_one_connection(t: Tenure) {
    let beside = Beside::start(&t).await;
    let client = client("oura", "mood_write", System.now());
    let requests = (0..64).map(|n| {
        let sides = [&t.side, &beside.side];
        let (side, client) = (sides[n % 2].clone(), client.clone());
        tokio::spawn(async move {
            side.admission.follow(&client).await.unwrap();
            assert!(may_call(&side, &client).await);
        })
    });
    for request in requests.collect::<Vec<_>>() {
        request.await.unwrap();
    }
    assert_eq!(connected(&t).await, oura("mood_write"));
    let revision = "select revision from user_revision where user_id = 'ada'";
    assert_eq!(t.database.numbers(revision).await, [1]);
}
