//! How many calls a token may make, where many make them at once.

use crate::{
    grpc::{channel, with},
    harness::{Client, Database, Tenure, name},
};
use futures_util::future::join_all;
use std::collections::BTreeMap;
use tenure::proto::{GetCallerRequest, attribute_ownership_client::AttributeOwnershipClient};

async fn started() -> Tenure {
    Tenure::start_with(Database::sqlite(), |config| {
        let rates = &mut config.grpc.rates;
        rates.usual = Some("20/h".parse().unwrap());
        rates.of_users = Some("40/h".parse().unwrap());
        rates.of_services = BTreeMap::from([
            (name("oura"), Some("50/h".parse().unwrap())),
            (name("withings"), None),
        ]);
    })
    .await
}

/// How many of the calls of so many callers, each with a channel of its own and at once, are let in.
async fn let_in(t: &Tenure, client: &Client, callers: usize, calls: usize) -> usize {
    let caller = async || {
        let stub = AttributeOwnershipClient::new(channel(t).await);
        let calls = (0..calls).map(|_| {
            let mut stub = stub.clone();
            let request = with(client, GetCallerRequest {});
            async move { usize::from(stub.get_caller(request).await.is_ok()) }
        });
        join_all(calls).await.into_iter().sum::<usize>()
    };
    let counts = join_all((0..callers).map(|_| caller())).await;
    counts.into_iter().sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_at_once_exactly_as_many_pass_as_the_service_may() {
    let t = started().await;
    for (service, passes) in [("test500", 20), ("oura", 50), ("withings", 256)] {
        let client = t.usual("ada", service).await;
        assert_eq!(let_in(&t, &client, 64, 4).await, passes, "{service}");
        // Another token of the same service has its own.
        let other = t.with_token(&t.issue("ada", service, None).await);
        assert_eq!(other.owned("").await.status, 200, "{service}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_users_own_token_has_the_rate_of_users() {
    let t = started().await;
    for user in ["ada", "grace"] {
        let client = t.with_token(&t.own(user).await);
        assert_eq!(let_in(&t, &client, 16, 4).await, 40, "{user}");
    }
}
