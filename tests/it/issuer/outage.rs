//! The issuer is down, and comes back.

use super::{World, in_a_world, issuer, provider::Provider};
use crate::harness::{Answer, Database};
use serde_json::json;

in_a_world! {
    what_is_remembered_serves_while_the_issuer_is_down_and_all_else_is_503,
    tenures_own_tokens_need_no_issuer,
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
