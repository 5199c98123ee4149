//! "Release": who qualifies as the successor, and in which order.

use crate::{
    account::User,
    harness::{SCOPES, Tenure, on_both_engines},
};
use serde_json::json;

on_both_engines! {
    the_successor_must_be_connected,
    the_successor_must_have_a_write_scope,
    the_successor_must_have_a_scope_for_the_manual_that_it_would_get,
    the_successor_must_have_indicated_that_it_can_handle_it,
    acquiring_without_an_explicit_manual_true_indicates,
    a_service_that_released_it_does_not_get_it_back_until_it_acquires_again,
    the_users_ranking_comes_first,
    then_comes_whoever_owned_it_most_recently,
    then_label_then_name,
}

/// Has `test500` acquire and release the steps; who owns them then.
async fn successor(t: &Tenure) -> Option<String> {
    let c = t.usual("ada", "test500").await;
    c.acquire(json!([{"template":"steps","manual":false}]))
        .await
        .succeeded();
    c.release(json!([{"name":"steps"}])).await.succeeded();
    t.owner("ada", "steps").await.0
}

async fn the_successor_must_be_connected(t: Tenure) {
    t.usual("grace", "oura").await;
    assert_eq!(successor(&t).await, None);
    t.connect("ada", "oura", SCOPES).await;
    assert_eq!(successor(&t).await.as_deref(), Some("oura"));
    t.disconnect("ada", "oura").await;
    assert_eq!(successor(&t).await, None);
}

async fn the_successor_must_have_a_write_scope(t: Tenure) {
    t.connect("ada", "oura", "activity_read sleep_write").await;
    assert_eq!(successor(&t).await, None);
    t.connect("ada", "oura", "activity_write").await;
    assert_eq!(successor(&t).await.as_deref(), Some("oura"));
}

async fn the_successor_must_have_a_scope_for_the_manual_that_it_would_get(t: Tenure) {
    // It never asked for manual, so it would not be, and manual_write does not cover it.
    let oura = t.client("ada", "oura", "manual_write").await;
    let c = t.usual("ada", "test500").await;
    c.acquire(json!([{"template":"steps","manual":true}]))
        .await
        .succeeded();
    c.release(json!([{"name":"steps"}])).await.succeeded();
    assert_eq!(t.owner("ada", "steps").await.0, None);
    oura.acquire(json!([{"name":"steps","manual":true}]))
        .await
        .succeeded();
    c.acquire(json!([{"name":"steps","manual":false}]))
        .await
        .succeeded();
    c.release(json!([{"name":"steps"}])).await.succeeded();
    assert_eq!(t.owner("ada", "steps").await.0.as_deref(), Some("oura"));
    assert_eq!(oura.owned("").await.json()["results"][0]["manual"], true);
}

async fn the_successor_must_have_indicated_that_it_can_handle_it(t: Tenure) {
    t.connect("ada", "zz_first", SCOPES).await;
    assert_eq!(successor(&t).await, None);
    t.connect("ada", "withings", SCOPES).await;
    assert_eq!(successor(&t).await.as_deref(), Some("withings"));
}

async fn acquiring_without_an_explicit_manual_true_indicates(t: Tenure) {
    let other = t.usual("ada", "zz_first").await;
    for (item, indicates) in [
        (json!({"template":"mood","manual":true}), false),
        (json!({"name":"mood","manual":false}), true),
        // It is never taken back.
        (json!({"name":"mood","manual":true}), true),
    ] {
        other.acquire(json!([item])).await.succeeded();
        let c = t.usual("ada", "test500").await;
        let objects = c
            .acquire_objects(json!([{"name":"mood"}]))
            .await
            .succeeded();
        let services = objects[0]["available_services"].to_string();
        assert_eq!(services.contains("zz_first"), indicates, "{item}");
        c.release(json!([{"name":"mood"}])).await.succeeded();
        let owner = t.owner("ada", "mood").await.0;
        assert_eq!(owner.is_some(), indicates, "{item}");
    }
}

async fn a_service_that_released_it_does_not_get_it_back_until_it_acquires_again(t: Tenure) {
    let (a, b) = (
        t.usual("ada", "oura").await,
        t.usual("ada", "withings").await,
    );
    a.acquire(json!([{"template":"steps"}])).await.succeeded();
    a.release(json!([{"name":"steps"}])).await.succeeded();
    b.release(json!([{"name":"steps"}])).await.succeeded();
    assert_eq!(t.owner("ada", "steps").await.0, None);
    // It stays among the available services all the same.
    a.acquire(json!([{"name":"steps"}])).await.succeeded();
    let objects = b
        .acquire_objects(json!([{"name":"steps"}]))
        .await
        .succeeded();
    let available = crate::harness::names(&objects[0]["available_services"]).join(" ");
    assert_eq!(available, "oura withings");
    b.release(json!([{"name":"steps"}])).await.succeeded();
    assert_eq!(t.owner("ada", "steps").await.0.as_deref(), Some("oura"));
}

async fn the_users_ranking_comes_first(t: Tenure) {
    let withings = t.usual("ada", "withings").await;
    t.connect("ada", "oura", SCOPES).await;
    // It owned the steps most recently.
    withings
        .acquire(json!([{"template":"steps"}]))
        .await
        .succeeded();
    let user = User::of(&t, "ada").await;
    user.ranks("steps", &["oura"], "").await.unwrap();
    assert_eq!(successor(&t).await.as_deref(), Some("oura"));
    // The ranking outlives a disconnection.
    t.disconnect("ada", "oura").await;
    t.connect("ada", "oura", SCOPES).await;
    withings
        .acquire(json!([{"name":"steps"}]))
        .await
        .succeeded();
    assert_eq!(successor(&t).await.as_deref(), Some("oura"));
}

async fn then_comes_whoever_owned_it_most_recently(t: Tenure) {
    let (a, b) = (
        t.usual("ada", "oura").await,
        t.usual("ada", "withings").await,
    );
    a.acquire(json!([{"template":"steps"}])).await.succeeded();
    b.acquire(json!([{"name":"steps"}])).await.succeeded();
    assert_eq!(successor(&t).await.as_deref(), Some("withings"));
    a.acquire(json!([{"name":"steps"}])).await.succeeded();
    assert_eq!(successor(&t).await.as_deref(), Some("oura"));
}

async fn then_label_then_name(t: Tenure) {
    t.connect("ada", "withings", SCOPES).await;
    t.connect("ada", "oura", SCOPES).await;
    assert_eq!(successor(&t).await.as_deref(), Some("oura"));
    let same_label = "[[service]]\nname = 'aaa'\nlabel = 'Oura'\nprovides = ['weight']";
    let entries = tenure::domain::catalog::CatalogFile::parse(same_label).unwrap();
    t.registry.apply_catalog(&entries).await.unwrap();
    t.connect("ada", "aaa", SCOPES).await;
    let c = t.usual("ada", "test500").await;
    c.acquire(json!([{"template":"weight"}])).await.succeeded();
    c.release(json!([{"name":"weight"}])).await.succeeded();
    assert_eq!(t.owner("ada", "weight").await.0.as_deref(), Some("aaa"));
}
