//! "Release": what becomes of an attribute, and of one whose owner is disconnected or narrowed.

use crate::harness::{SCOPES, Tenure, on_both_engines};
use serde_json::json;

on_both_engines! {
    owning_it_is_enough_and_no_scope_is_needed,
    without_a_successor_it_is_nobodys_and_inactive,
    with_a_successor_it_passes_in_the_one_transaction,
    what_the_user_had_switched_off_stays_off_under_its_successor,
    manual_becomes_what_the_successor_last_asked_for,
    a_released_attribute_keeps_its_settings,
    disconnecting_releases_everything_and_ends_the_tokens,
    disconnecting_forgets_what_the_service_had_said,
    a_token_that_expires_is_no_disconnection,
    narrowing_a_grant_releases_only_what_it_no_longer_covers,
}

async fn owning_it_is_enough_and_no_scope_is_needed(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    c.acquire(json!([{"template":"mood"}])).await.succeeded();
    let bare = t.with_token(&t.issue("ada", "test500", Some("activity_write")).await);
    bare.release(json!([{"name":"mood"}])).await.succeeded();
    assert_eq!(t.owner("ada", "mood").await, (None, 2));
}

async fn without_a_successor_it_is_nobodys_and_inactive(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    c.acquire(json!([{"template":"mood"}])).await.succeeded();
    let released = c.release(json!([{"name":"mood"}])).await;
    assert_eq!(released.succeeded(), json!([{"name":"mood"}]));
    assert_eq!(t.owner("ada", "mood").await, (None, 2));
    assert!(c.owned_names().await.is_empty());
    let active = "select count(*) from attribute where owner is null and active = false";
    assert_eq!(t.database.numbers(active).await, [1]);
}

async fn with_a_successor_it_passes_in_the_one_transaction(t: Tenure) {
    let (c, other) = (
        t.usual("ada", "test500").await,
        t.usual("ada", "oura").await,
    );
    c.acquire(json!([{"template":"steps"}])).await.succeeded();
    let before = t
        .database
        .numbers("select revision from user_revision")
        .await[0];
    c.release(json!([{"name":"steps"}])).await.succeeded();
    assert_eq!(other.owned_names().await, ["steps"]);
    let after = t
        .database
        .numbers("select revision from user_revision")
        .await[0];
    assert_eq!(after, before + 1);
    // One change: one event.
    let events = format!("select count(*) from event where revision = {after}");
    assert_eq!(t.database.numbers(&events).await, [1]);
    let inherited =
        "select count(*) from event where cause = 'INHERITED' and from_owner = 'test500'
                     and to_owner = 'oura' and generation = 2";
    assert_eq!(t.database.numbers(inherited).await, [1]);
}

async fn what_the_user_had_switched_off_stays_off_under_its_successor(t: Tenure) {
    let (c, other) = (
        t.usual("ada", "test500").await,
        t.usual("ada", "oura").await,
    );
    c.acquire(json!([{"template":"steps"}])).await.succeeded();
    t.switch("ada", "steps", false).await;
    c.release(json!([{"name":"steps"}])).await.succeeded();
    let owned = other.owned("?include_inactive=1").await.json();
    assert_eq!(owned["results"][0]["active"], false);
    assert_eq!(other.owned("").await.json()["count"], 0);
}

async fn manual_becomes_what_the_successor_last_asked_for(t: Tenure) {
    let (c, other) = (
        t.usual("ada", "test500").await,
        t.usual("ada", "zz_first").await,
    );
    for (asked, expected) in [
        (json!({"template":"mood"}), false),
        (json!({"template":"mood","manual":true}), true),
        (json!({"template":"mood"}), true),
        (json!({"template":"mood","manual":false}), false),
    ] {
        other.acquire(json!([asked])).await.succeeded();
        c.acquire(json!([{"name":"mood","manual":!expected}]))
            .await
            .succeeded();
        c.release(json!([{"name":"mood"}])).await.succeeded();
        let owned = other.owned("").await.json();
        assert_eq!(owned["results"][0]["manual"], expected, "{asked}");
    }
}

async fn a_released_attribute_keeps_its_settings(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    c.acquire(json!([{"template":"mood"}])).await.succeeded();
    let before = c.owned("").await.json()["results"][0].clone();
    c.release(json!([{"name":"mood"}])).await.succeeded();
    let after = c
        .acquire_objects(json!([{"name":"mood"}]))
        .await
        .succeeded();
    assert_eq!(after[0], before);
}

async fn disconnecting_releases_everything_and_ends_the_tokens(t: Tenure) {
    let (c, oura) = (
        t.usual("ada", "test500").await,
        t.usual("ada", "oura").await,
    );
    let second = t.with_token(&t.issue("ada", "test500", None).await);
    let elsewhere = t.usual("grace", "test500").await;
    elsewhere
        .acquire(json!([{"template":"mood"}]))
        .await
        .succeeded();
    c.acquire(json!([{"template":"steps"},{"template":"mood"}]))
        .await
        .succeeded();
    let before = t
        .database
        .numbers("select revision from user_revision where user_id = 'ada'")
        .await[0];
    t.disconnect("ada", "test500").await;
    assert_eq!(t.owner("ada", "steps").await, (Some("oura".to_owned()), 2));
    assert_eq!(t.owner("ada", "mood").await, (None, 2));
    for client in [&c, &second] {
        assert_eq!(client.owned("").await.status, 401);
        assert_eq!(client.acquire(json!([{"name":"mood"}])).await.status, 401);
    }
    let after = t
        .database
        .numbers("select revision from user_revision where user_id = 'ada'")
        .await[0];
    assert_eq!(after, before + 1);
    assert_eq!(oura.owned_names().await, ["steps"]);
    assert_eq!(elsewhere.owned_names().await, ["mood"]);
    let cause =
        "select count(*) from event where cause = 'DISCONNECTED' and from_owner = 'test500'";
    assert_eq!(t.database.numbers(cause).await, [1]);
    // Connecting again does not bring the old tokens back.
    t.connect("ada", "test500", SCOPES).await;
    assert_eq!(c.owned("").await.status, 401);
}

async fn disconnecting_forgets_what_the_service_had_said(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    c.acquire(json!([{"template":"mood"}])).await.succeeded();
    t.disconnect("ada", "test500").await;
    let again = t.usual("ada", "test500").await;
    let other = t.usual("ada", "zz_first").await;
    let objects = other
        .acquire_objects(json!([{"name":"mood"}]))
        .await
        .succeeded();
    let available = json!([{"name":"zz_first","label":"A label that sorts first"}]);
    assert_eq!(objects[0]["available_services"], available);
    other.release(json!([{"name":"mood"}])).await.succeeded();
    assert_eq!(t.owner("ada", "mood").await.0, None);
    // What the catalog says of a service is not forgotten.
    let oura = t.usual("ada", "oura").await;
    oura.acquire(json!([{"template":"steps"}]))
        .await
        .succeeded();
    oura.release(json!([{"name":"steps"}])).await.succeeded();
    t.disconnect("ada", "oura").await;
    t.connect("ada", "oura", SCOPES).await;
    again.acquire(json!([{"name":"steps"}])).await.succeeded();
    again.release(json!([{"name":"steps"}])).await.succeeded();
    assert_eq!(t.owner("ada", "steps").await.0, Some("oura".to_owned()));
}

async fn a_token_that_expires_is_no_disconnection(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    c.acquire(json!([{"template":"mood"}])).await.succeeded();
    let expired = t.expired("ada", "test500").await;
    assert_eq!(t.with_token(&expired).owned("").await.status, 401);
    assert_eq!(
        t.owner("ada", "mood").await,
        (Some("test500".to_owned()), 1)
    );
    let renewed = t.with_token(&t.issue("ada", "test500", None).await);
    assert_eq!(renewed.owned_names().await, ["mood"]);
}

async fn narrowing_a_grant_releases_only_what_it_no_longer_covers(t: Tenure) {
    let (c, oura) = (
        t.usual("ada", "test500").await,
        t.usual("ada", "oura").await,
    );
    let items = json!([{"template":"steps","manual":false},{"template":"mood"},{"template":"sleep","manual":false}]);
    c.acquire(items).await.succeeded();
    t.connect("ada", "test500", "sleep_write manual_write")
        .await;
    assert_eq!(oura.owned_names().await, ["steps"]);
    assert_eq!(c.owned_names().await, ["mood", "sleep"]);
    t.connect("ada", "test500", "sleep_read").await;
    assert_eq!(t.owner("ada", "mood").await, (None, 2));
    assert_eq!(t.owner("ada", "sleep").await.0, Some("oura".to_owned()));
    let narrowed =
        "select count(*) from event where cause = 'SCOPE_NARROWED' and attribute = 'mood'";
    assert_eq!(t.database.numbers(narrowed).await, [1]);
    // The token still opens what the connection does.
    assert_eq!(c.owned("").await.status, 200);
}
