//! What a user has taken back, and what tokens from before are still good for.

use super::{
    World,
    grant::{alone, beside, connected, not_allowed_steps, oura, shut_out},
    in_a_world, invalid,
};
use crate::{
    harness::Client,
    registry::{
        Insider,
        connections::{put, remove},
    },
    revocation::{told, writer},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tenure::{
    ambient::{Clock as _, System},
    domain::internal::Role,
    service::Connections,
};

in_a_world! { by crate::issuer::grant::from_tokens, on both engines:
    a_revoked_token_is_refused_by_all_instances_while_its_answer_is_remembered,
    a_withdrawn_grant_ends_its_tokens_for_good_and_a_later_one_connects_anew,
    a_token_from_before_a_part_was_withdrawn_serves_and_does_not_widen,
    a_connection_that_is_narrowed_or_removed_is_not_restored_by_older_tokens,
}
in_a_world! { by crate::issuer::grant::explicit, on both engines:
    what_is_put_again_is_not_for_tokens_from_before_the_removal,
}

const BOTH: &str = "activity_write mood_write";

fn issued_at(token: &str) -> i64 {
    let payload = token.split('.').nth(1).unwrap();
    let payload = URL_SAFE_NO_PAD.decode(payload).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    claims["iat"].as_i64().unwrap()
}

/// The same, with a token that is issued in a later second than this one: until then the issuer is asked for others.
async fn later(world: &World, scope: &str) -> Client {
    let now = System.now().unix_timestamp();
    loop {
        let client = oura(world, scope).await;
        if issued_at(&client.token) > now {
            return client;
        }
    }
}

/// Has oura own steps and mood, of which Withings would take over steps; and gives the heir.
async fn acquire_both(world: &World, oura: &Client) -> Client {
    let heir = world.t.client("ada", "withings", "activity_write").await;
    let items =
        json!([{"template": "steps", "manual": false}, {"template": "mood", "manual": false}]);
    oura.acquire(items).await.succeeded();
    heir
}

/// What oura's connection grants, if it has one.
async fn ouras(world: &World) -> Option<String> {
    let connected = connected(world).await.into_iter();
    let mut scopes =
        connected.filter_map(|(service, scopes)| (service == "oura").then_some(scopes));
    scopes.next()
}

async fn a_revoked_token_is_refused_by_all_instances_while_its_answer_is_remembered(world: World) {
    let other = beside(&world, Connections::FromTokens).await;
    let by = writer(&world.t).await;
    for format in ["jwt", "opaque"] {
        let revoked = world.client("oura", format).await;
        let another = world.client("oura", format).await;
        let everywhere = |client: &Client| {
            let there = Client::new(other.addresses, client.token.clone());
            [client.clone(), there]
        };
        for client in everywhere(&revoked).iter().chain(&everywhere(&another)) {
            assert_eq!(client.owned("").await.status, 200);
        }
        let asked = world.provider.asked("/token/introspection").await;
        told(&by, &format!("token={}", revoked.token)).await;
        for client in everywhere(&revoked) {
            shut_out(&client).await;
        }
        for client in everywhere(&another) {
            assert_eq!(client.owned("").await.status, 200);
        }
        let asked_since = world.provider.asked("/token/introspection").await - asked;
        assert_eq!(asked_since, 0, "the issuer still says that it is good");
    }
    let scopes = ouras(&world).await;
    assert!(scopes.is_some(), "a token that ends is no grant that does");
}

async fn a_withdrawn_grant_ends_its_tokens_for_good_and_a_later_one_connects_anew(world: World) {
    let other = beside(&world, Connections::FromTokens).await;
    let (old, unseen) = (oura(&world, BOTH).await, oura(&world, BOTH).await);
    let there = Client::new(other.addresses, old.token.clone());
    let heir = acquire_both(&world, &old).await;
    assert_eq!(there.owned("").await.status, 200);
    let by = writer(&world.t).await;
    told(&by, "user=ada&service=oura").await;
    for client in [&old, &there, &unseen] {
        shut_out(client).await;
    }
    assert_eq!(heir.owned_names().await, ["steps"]);
    assert_eq!(world.t.owner("ada", "mood").await.0, None);
    assert_eq!(ouras(&world).await, None);

    let anew = later(&world, "mood_write").await;
    world.accepted(&anew.token).await;
    assert_eq!(ouras(&world).await.as_deref(), Some("mood_write"));
    for client in [&old, &there, &unseen] {
        shut_out(client).await;
    }
    assert_eq!(ouras(&world).await.as_deref(), Some("mood_write"));
}

async fn a_token_from_before_a_part_was_withdrawn_serves_and_does_not_widen(world: World) {
    let other = beside(&world, Connections::FromTokens).await;
    let (old, unseen) = (oura(&world, BOTH).await, oura(&world, BOTH).await);
    let there = Client::new(other.addresses, old.token.clone());
    let heir = acquire_both(&world, &old).await;
    let by = writer(&world.t).await;
    told(&by, "user=ada&service=oura&scope=mood_write").await;
    assert_eq!(heir.owned_names().await, ["steps"]);
    for client in [&old, &there, &unseen] {
        not_allowed_steps(client).await;
        assert_eq!(client.owned_names().await, ["mood"]);
        world.accepted(&client.token).await;
        assert_eq!(ouras(&world).await.as_deref(), Some("mood_write"));
    }
    let anew = later(&world, BOTH).await;
    let steps = json!([{"template": "steps"}]);
    anew.acquire(steps).await.succeeded();
    assert_eq!(ouras(&world).await.as_deref(), Some(BOTH));
}

async fn a_connection_that_is_narrowed_or_removed_is_not_restored_by_older_tokens(world: World) {
    let (old, unseen) = (oura(&world, BOTH).await, oura(&world, BOTH).await);
    let heir = acquire_both(&world, &old).await;
    let mut by = Insider::of(&world.t, Role::Writer).await;
    put(&mut by, "oura", &["mood_write"]).await.unwrap();
    assert_eq!(heir.owned_names().await, ["steps"]);
    for client in [&old, &unseen] {
        not_allowed_steps(client).await;
        world.accepted(&client.token).await;
    }
    assert_eq!(ouras(&world).await.as_deref(), Some("mood_write"));
    let wider = later(&world, BOTH).await;
    let steps = json!([{"template": "steps"}]);
    wider.acquire(steps.clone()).await.succeeded();

    remove(&mut by, "oura").await.unwrap();
    assert_eq!(heir.owned_names().await, ["steps"]);
    for client in [&old, &unseen, &wider] {
        shut_out(client).await;
    }
    assert_eq!(ouras(&world).await, None);
    let anew = later(&world, BOTH).await;
    anew.acquire(steps).await.succeeded();
    invalid(&wider.owned("").await);
}

async fn what_is_put_again_is_not_for_tokens_from_before_the_removal(world: World) {
    let mut by = Insider::of(&world.t, Role::Writer).await;
    put(&mut by, "oura", &["activity_write", "mood_write"])
        .await
        .unwrap();
    let old = oura(&world, BOTH).await;
    let steps = json!([{"template": "steps"}]);
    old.acquire(steps).await.succeeded();
    put(&mut by, "oura", &["mood_write"]).await.unwrap();
    not_allowed_steps(&old).await;
    world.accepted(&old.token).await;
    remove(&mut by, "oura").await.unwrap();
    shut_out(&old).await;
    put(&mut by, "oura", &["mood_write"]).await.unwrap();
    shut_out(&old).await;
    let anew = later(&world, BOTH).await;
    not_allowed_steps(&anew).await;
    world.accepted(&anew.token).await;
    assert_eq!(connected(&world).await, alone("mood_write"));
}
