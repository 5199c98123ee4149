//! Tokens that are good, and used for what they are not good for.

use super::{World, in_a_world, issuer, provider::Provider};
use crate::harness::{Client, Database, Process};
use http::{Method, Request};
use serde_json::json;
use std::fs;

in_a_world! {
    another_users_id_has_no_effect,
    a_token_of_one_service_in_anothers_name,
    a_token_that_the_client_has_for_itself_acts_for_no_user,
}

#[tokio::test]
async fn a_token_in_the_query_string_counts_for_nothing_and_is_not_logged() {
    let Some(provider) = Provider::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tenure.toml");
    fs::write(&file, issuer(&provider.url)).unwrap();
    let url = format!("sqlite://{}", folder.path().join("tenure.db").display());
    let line = format!("serve --config {}", file.display());
    let process = Process::start(
        &url,
        &line,
        "debug,hyper=info,hyper_util=info,h2=info,sqlx=info,tower=info",
    );
    let mut tokens = Vec::new();
    for format in ["jwt", "opaque"] {
        let token = provider.token("oura", "ada", format).await;
        let client = Client::new(process.addresses, token.clone());
        let path = format!("/api/2/attributes/owned/?access_token={token}");
        let request = Request::builder().method(Method::GET).uri(path);
        let answer = client.send(request.body(Vec::new()).unwrap()).await;
        assert_eq!(answer.status, 401, "{answer:?}");
        let missing = json!({"detail": "Authentication credentials were not provided."});
        assert_eq!(answer.json(), missing);
        // Nor where it counts, whatever comes of it.
        client.owned("").await;
        Client::new(process.addresses, format!("{token}x"))
            .owned("")
            .await;
        tokens.push(token);
    }
    let (_, log) = process.terminate();
    assert!(log.contains("authenticated"), "{log}");
    for token in &tokens {
        assert!(!log.contains(&**token), "{log}");
    }
    assert!(
        !log.contains("secret: 100%")
            && !log.contains("secret%3A")
            && !log.contains("secret: 100%"),
        "{log}"
    );
}

async fn another_users_id_has_no_effect(world: World) {
    world.t.connect("eve", "oura", "mood_write").await;
    let before = world.t.snapshot("eve").await;
    let claims = json!({"user": "eve", "user_id": "eve", "username": "eve", "email": "eve"});
    let client = world.t.with_token(&world.forged(claims).await);
    let item = json!([{"template": "mood", "user": "eve", "user_id": "eve", "sub": "eve"}]);
    for path in ["", "?user=eve&sub=eve"] {
        let path = format!("/api/2/attributes/acquire/{path}");
        client.post(&path, item.to_string()).await.succeeded();
    }
    assert_eq!(
        world.t.owner("ada", "mood").await.0.as_deref(),
        Some("oura")
    );
    assert_eq!(world.t.snapshot("eve").await, before);
}

async fn a_token_of_one_service_in_anothers_name(world: World) {
    // `client_id` comes first, whatever else the token says.
    let claims =
        json!({"azp": "withings", "service": "withings", "aud": [super::AUDIENCE, "withings"]});
    let client = world.t.with_token(&world.forged(claims).await);
    let item = json!([{"template": "mood", "service": "withings", "client_id": "withings"}]);
    client.acquire(item).await.succeeded();
    assert_eq!(
        world.t.owner("ada", "mood").await.0.as_deref(),
        Some("oura")
    );
    // And what the other owns is not this one's to release.
    let withings = world.client("withings", "opaque").await;
    withings
        .acquire(json!([{"template": "mood"}]))
        .await
        .succeeded();
    let (code, _) = client.release(json!([{"name": "mood"}])).await.failure();
    assert_eq!(code, "unauthorised");
}

async fn a_token_that_the_client_has_for_itself_acts_for_no_user(world: World) {
    world.t.connect("oura", "oura", "mood_write").await;
    for resource in ["jwt", "opaque"] {
        let resource = format!("{}/{resource}", super::AUDIENCE);
        let form = [
            ("grant_type", "client_credentials"),
            ("resource", &*resource),
            ("scope", "mood_write"),
        ];
        let tokens = world
            .provider
            .post("/oauth2/access_token", "oura", &form)
            .await;
        world
            .refused(tokens["access_token"].as_str().unwrap())
            .await;
    }
}

/// A world whose issuer has more to say for itself, above its tables.
async fn world_with(more: &str) -> Option<World> {
    let provider = Provider::start()?;
    let file = issuer(&provider.url).replace(
        "[issuer.introspection]",
        &format!("{more}\n[issuer.introspection]"),
    );
    Some(World::with(Database::sqlite(), provider, &file).await)
}

#[tokio::test]
async fn a_prefix_keeps_the_users_of_an_issuer_apart() {
    let Some(world) = world_with("user_prefix = 'corp|'").await else {
        return;
    };
    world.t.connect("corp|ada", "oura", "mood_write").await;
    let client = world.client("oura", "jwt").await;
    client
        .acquire(json!([{"template": "mood"}]))
        .await
        .succeeded();
    assert_eq!(
        world.t.owner("corp|ada", "mood").await.0.as_deref(),
        Some("oura")
    );
    assert!(!world.t.snapshot("ada").await.contains("mood"));
}

#[tokio::test]
async fn a_client_is_the_service_that_the_table_says_and_no_other() {
    let Some(world) = world_with("services = { withings = 'oura' }").await else {
        return;
    };
    for format in ["jwt", "opaque"] {
        let client = world.client("withings", format).await;
        client
            .acquire(json!([{"template": "mood"}]))
            .await
            .succeeded();
        assert_eq!(
            world.t.owner("ada", "mood").await.0.as_deref(),
            Some("oura")
        );
        let token = world.provider.token("oura", "ada", format).await;
        world.refused(&token).await;
    }
}

#[tokio::test]
async fn a_claim_may_have_another_name() {
    let more = "user_claim = 'uid'\nservice_claims = ['app']\nscope_claim = 'scp'\ntypes = ['JWT']";
    let Some(world) = world_with(more).await else {
        return;
    };
    let claims = json!({"sub": "eve", "uid": "ada", "app": "oura", "client_id": "withings",
        "scope": "sleep_write", "scp": ["mood_write"]});
    let claims = super::merged(world.claims(), claims).to_string();
    let header = super::merged(world.header().await, json!({"typ": "jwt"})).to_string();
    world
        .accepted(&world.provider.sign(&header, &claims, "itself").await)
        .await;
}
