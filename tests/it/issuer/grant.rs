//! What a user grants at the issuer, and what that connects: where tokens make connections, and where they do not.

use super::{World, believe, in_a_world, invalid, issuer, provider::Provider};
use crate::{
    harness::{Beside, Client, Database},
    registry::Insider,
};
use serde_json::json;
use tenure::{app::Config, domain::internal::Role, service::Connections};

in_a_world! { by crate::issuer::grant::from_tokens, on both engines:
    the_first_token_makes_the_connection_and_a_wider_one_widens_it,
    first_requests_at_once_on_two_instances_make_one_connection,
}
in_a_world! { by crate::issuer::grant::explicit, on both engines:
    where_connections_are_explicit_a_token_without_one_is_good_for_nothing,
}

/// Answers of the issuer's count for as long as they may: what is tested here is not that they end.
pub fn settings(url: &str) -> String {
    issuer(url).replace("cache = \"2s\"", "cache = \"1m\"")
}

async fn world(database: Database, connections: Connections) -> Option<World> {
    let provider = Provider::start()?;
    let file = settings(&provider.url);
    let change = |config: &mut Config| config.connections = connections;
    Some(World::bare(database, provider, &file, change).await)
}

/// A world in which tokens make connections.
pub async fn from_tokens(database: Database) -> Option<World> {
    world(database, Connections::FromTokens).await
}

/// A world in which they do not.
pub async fn explicit(database: Database) -> Option<World> {
    world(database, Connections::Explicit).await
}

/// Another instance of such a world.
pub async fn beside(world: &World, connections: Connections) -> Beside {
    let file = settings(&world.provider.url);
    let change = |config: &mut Config| {
        believe(config, &file);
        config.connections = connections;
    };
    Beside::start_with(&world.t, change).await
}

/// A client of oura's for ada, with a token that grants this.
pub async fn oura(world: &World, scope: &str) -> Client {
    let token = world.provider.granting("oura", scope).await;
    world.t.with_token(&token)
}

/// What ada has connected, and what that grants.
pub async fn connected(world: &World) -> Vec<(String, String)> {
    let mut by = Insider::of(&world.t, Role::Writer).await;
    let connections = by.connections("ada").await.into_iter();
    connections
        .map(|of| (of.service, of.scopes.join(" ")))
        .collect()
}

/// Oura's connection alone, which grants this.
pub fn alone(scopes: &str) -> [(String, String); 1] {
    [("oura".to_owned(), scopes.to_owned())]
}

/// Asserts that the client's scopes do not cover steps.
pub async fn not_allowed_steps(client: &Client) {
    let answer = client.acquire(json!([{"template": "steps"}])).await;
    let (code, _) = answer.failure();
    assert_eq!(code, "not_allowed");
}

async fn the_first_token_makes_the_connection_and_a_wider_one_widens_it(world: World) {
    let first = oura(&world, "openid mood_write nope_write").await;
    first
        .acquire(json!([{"template": "mood"}]))
        .await
        .succeeded();
    assert_eq!(connected(&world).await, alone("mood_write"));
    not_allowed_steps(&first).await;

    let wider = oura(&world, "activity_write mood_write").await;
    wider
        .acquire(json!([{"template": "steps"}]))
        .await
        .succeeded();
    assert_eq!(connected(&world).await, alone("activity_write mood_write"));
    for narrower in ["mood_write", "openid", ""] {
        let narrower = oura(&world, narrower).await;
        not_allowed_steps(&narrower).await;
        assert_eq!(narrower.owned_names().await, ["steps", "mood"]);
        assert_eq!(connected(&world).await, alone("activity_write mood_write"));
    }
    // A token does what it grants, whatever another has brought.
    not_allowed_steps(&first).await;
}

async fn first_requests_at_once_on_two_instances_make_one_connection(world: World) {
    let other = beside(&world, Connections::FromTokens).await;
    let here = oura(&world, "mood_write").await;
    let there = Client::new(other.addresses, here.token.clone());
    let requests = (0..16).map(|n| {
        let client = [&here, &there][n % 2].clone();
        tokio::spawn(async move { client.acquire(json!([{"template": "mood"}])).await })
    });
    for request in requests.collect::<Vec<_>>() {
        request.await.unwrap().succeeded();
    }
    assert_eq!(connected(&world).await, alone("mood_write"));
    // One change connected it, and one made it the owner.
    let revision = "select revision from user_revision where user_id = 'ada'";
    assert_eq!(world.t.database.numbers(revision).await, [2]);
}

/// Asserts that there is no request that the client's token is good for.
pub async fn shut_out(client: &Client) {
    let acquire = "/api/2/attributes/acquire/";
    for answer in [
        client.acquire(json!([{"template": "mood"}])).await,
        client.release(json!([{"name": "mood"}])).await,
        client.owned("").await,
        client.get("/api/2/attributes/").await,
        client.get("/api/2/attributes/templates/").await,
        // Nor is it told what is wrong with a request.
        client.post(acquire, "{").await,
        client.owned("?limit=0").await,
        client.get("/api/2/attributes/templates/?limit=0").await,
    ] {
        invalid(&answer);
    }
}

async fn where_connections_are_explicit_a_token_without_one_is_good_for_nothing(world: World) {
    let before = world.t.snapshot("ada").await;
    for format in ["jwt", "opaque"] {
        shut_out(&world.client("oura", format).await).await;
    }
    assert_eq!(connected(&world).await, []);
    assert_eq!(world.t.snapshot("ada").await, before);
    // It takes no other token once there is one, and none makes it wider.
    let wide = oura(&world, "activity_write mood_write").await;
    shut_out(&wide).await;
    world.t.connect("ada", "oura", "mood_write").await;
    world.accepted(&wide.token).await;
    not_allowed_steps(&wide).await;
    assert_eq!(connected(&world).await, alone("mood_write"));
}

#[tokio::test]
async fn a_service_that_is_not_in_the_catalog_is_shut_out_whatever_makes_connections() {
    for connections in [Connections::FromTokens, Connections::Explicit] {
        let Some(world) = world(Database::sqlite(), connections).await else {
            return;
        };
        let nobody = world.forged(json!({"client_id": "nobody"})).await;
        for _ in 0..2 {
            shut_out(&world.t.with_token(&nobody)).await;
        }
        assert_eq!(connected(&world).await, []);
    }
}
