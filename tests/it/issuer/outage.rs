//! The issuer is down, and comes back.

use super::{World, grant, in_a_world, issuer, provider::Provider};
use crate::harness::{Answer, Database};
use serde_json::json;
use std::time::Duration;
use tenure::{app::Config, service::Connections};

in_a_world! {
    what_is_remembered_serves_while_the_issuer_is_down_and_all_else_is_503,
    tenures_own_tokens_need_no_issuer,
}
in_a_world! { by crate::issuer::outage::impatient, on both engines:
    a_token_is_not_invalid_because_the_database_is_down,
}

fn unavailable(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_ne!(answer.header("retry-after"), "", "{answer:?}");
}

async fn what_is_remembered_serves_while_the_issuer_is_down_and_all_else_is_503(mut world: World) {
    let jwt = world.client("oura", "jwt").await;
    let opaque = world.client("withings", "opaque").await;
    let unseen = world.client("withings", "opaque").await;
    let other_key = world.headed(json!({"kid": "other"})).await;
    assert_eq!(jwt.owned("").await.status, 200);
    assert_eq!(opaque.owned("").await.status, 200);
    let before = world.t.snapshot("ada").await;

    world.provider.stop();
    unavailable(&unseen.acquire(json!([{"template": "mood"}])).await);
    // What was said of the token serves until it counts no more; then nobody can tell.
    let ended = loop {
        let answer = opaque.owned("").await;
        if answer.status != 200 {
            break answer;
        }
    };
    unavailable(&ended);
    // More questions than the issuer is troubled with while it fails.
    for _ in 0..10 {
        unavailable(&unseen.owned("").await);
    }
    // The keys are known, so what they signed is; what another key signed is not.
    assert_eq!(jwt.owned("").await.status, 200);
    unavailable(&world.t.with_token(&other_key).owned("").await);
    assert_eq!(world.t.snapshot("ada").await, before);

    world.provider.start_again();
    world.accepted(&jwt.token).await;
    let fresh = world.client("withings", "opaque").await;
    loop {
        let answer = fresh.owned("").await;
        if answer.status == 200 {
            break;
        }
        unavailable(&answer);
    }
    // It has forgotten the others.
    assert_eq!(opaque.owned("").await.status, 401);
    while world.t.with_token(&other_key).owned("").await.status != 401 {}
}

async fn tenures_own_tokens_need_no_issuer(mut world: World) {
    world.provider.stop();
    let own = world.t.issue("ada", "oura", None).await;
    world.accepted(&own).await;
    let answer = world.t.with_token("tnr_junk").owned("").await;
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn tenure_starts_though_the_issuer_is_down_and_believes_it_once_it_is_up() {
    let Some(mut provider) = Provider::start() else {
        return;
    };
    let token = provider.token("oura", "ada", "jwt").await;
    provider.stop();
    let file = issuer(&provider.url);
    let mut world = World::with(Database::sqlite(), provider, &file).await;
    unavailable(&world.t.with_token(&token).owned("").await);
    world.provider.start_again();
    while world.t.with_token(&token).owned("").await.status == 503 {}
    world.accepted(&token).await;
}

/// A world in which tokens make connections, and nobody waits long for the database.
pub async fn impatient(database: Database) -> Option<World> {
    let provider = Provider::start()?;
    let file = grant::settings(&provider.url);
    let change = |config: &mut Config| {
        config.connections = Connections::FromTokens;
        config.storage.acquire_timeout = Duration::from_millis(300);
    };
    Some(World::bare(database, provider, &file, change).await)
}

async fn a_token_is_not_invalid_because_the_database_is_down(world: World) {
    let seen = world.client("oura", "jwt").await;
    assert_eq!(seen.owned("").await.status, 200);
    let mut clients = vec![seen];
    // Of these the second is to be connected first.
    for (service, format) in [("oura", "jwt"), ("withings", "opaque")] {
        clients.push(world.client(service, format).await);
    }
    let outage = world.t.database.outage().await;
    for client in &clients {
        unavailable(&client.acquire(json!([{"template": "mood"}])).await);
    }
    outage.end().await;
    for client in clients {
        // Connections that were lost may show it once each.
        let answer = loop {
            let answer = client.acquire(json!([{"template": "mood"}])).await;
            if answer.status != 503 {
                break answer;
            }
        };
        answer.succeeded();
    }
}
