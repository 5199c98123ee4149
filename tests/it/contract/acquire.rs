//! "Acquire": its cases.

use crate::harness::{Tenure, on_both_engines};
use serde_json::json;

on_both_engines! {
    what_another_service_owns_becomes_the_callers_and_active,
    what_the_caller_owns_stays_and_becomes_active,
    what_nobody_owns_becomes_the_callers_with_its_settings,
    a_template_that_the_user_lacks_is_created,
    a_template_that_the_user_has_is_taken_as_by_name,
    a_template_in_the_way_of_a_custom_attribute_is_exists,
    a_name_that_only_a_template_has_is_not_found,
    name_and_template_that_are_equal_are_as_the_template,
    manual_left_out_is_unchanged,
    manual_given_is_applied,
    a_write_scope_of_the_group_or_of_manual_is_needed,
    success_objects_stand_as_after_the_whole_batch,
    the_generation_rises_whenever_the_owner_changes_and_never_otherwise,
}

async fn what_another_service_owns_becomes_the_callers_and_active(t: Tenure) {
    let (c, other) = (
        t.usual("ada", "test500").await,
        t.usual("ada", "oura").await,
    );
    other
        .acquire(json!([{"template":"mood","manual":false}]))
        .await
        .succeeded();
    t.switch("ada", "mood", false).await;
    let objects = c
        .acquire_objects(json!([{"name":"mood"}]))
        .await
        .succeeded();
    assert_eq!(objects[0]["service"]["name"], "test500");
    assert_eq!(objects[0]["active"], true);
    assert!(other.owned_names().await.is_empty());
    // It may be taken back at once: users do not have to approve.
    other.acquire(json!([{"name":"mood"}])).await.succeeded();
    assert_eq!(other.owned_names().await, ["mood"]);
}

async fn what_the_caller_owns_stays_and_becomes_active(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    c.acquire(json!([{"template":"mood","manual":false}]))
        .await
        .succeeded();
    t.switch("ada", "mood", false).await;
    assert_eq!(c.owned("").await.json()["count"], 0);
    let items = json!([{"name":"mood","manual":true}]);
    let objects = c.acquire_objects(items).await.succeeded();
    assert_eq!(
        (&objects[0]["active"], &objects[0]["manual"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(
        t.owner("ada", "mood").await,
        (Some("test500".to_owned()), 1)
    );
}

async fn what_nobody_owns_becomes_the_callers_with_its_settings(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    c.acquire(json!([{"template":"mood","manual":true}]))
        .await
        .succeeded();
    c.release(json!([{"name":"mood"}])).await.succeeded();
    assert_eq!(t.owner("ada", "mood").await, (None, 2));
    let other = t.usual("ada", "zz_first").await;
    let objects = other
        .acquire_objects(json!([{"name":"mood"}]))
        .await
        .succeeded();
    assert_eq!(objects[0]["active"], true);
    assert_eq!(objects[0]["manual"], true);
    assert_eq!(objects[0]["service"]["name"], "zz_first");
}

async fn a_template_that_the_user_lacks_is_created(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let items = json!([{"template":"weight"},{"template":"steps","manual":false}]);
    let objects = c.acquire_objects(items).await.succeeded();
    let weight = json!({
        "template":"weight","name":"weight","label":"Weight","subgroup":null,
        "group":{"name":"health","label":"Health and body","priority":5},
        "service":{"name":"test500","label":"My Test Client"},
        "active":true,"priority":1,"manual":true,"value_type":1,"value_type_description":"Float",
        "available_services":[{"name":"test500","label":"My Test Client"}]
    });
    assert_eq!(objects[0], weight);
    assert_eq!(objects[1]["manual"], false);
    assert_eq!(c.owned_names().await, ["steps", "weight"]);
}

async fn a_template_that_the_user_has_is_taken_as_by_name(t: Tenure) {
    let (c, other) = (
        t.usual("ada", "test500").await,
        t.usual("ada", "oura").await,
    );
    c.acquire(json!([{"template":"mood","manual":false}]))
        .await
        .succeeded();
    let objects = other
        .acquire_objects(json!([{"template":"mood"}]))
        .await
        .succeeded();
    assert_eq!(objects[0]["service"]["name"], "oura");
    assert_eq!(objects[0]["manual"], false);
    assert_eq!(t.owner("ada", "mood").await.1, 2);
}

async fn a_template_in_the_way_of_a_custom_attribute_is_exists(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    t.custom("ada", "Mood", "custom").await;
    assert_eq!(
        c.acquire(json!([{"template":"mood"}])).await.failure().0,
        "exists"
    );
    assert_eq!(t.owner("ada", "mood").await, (None, 0));
}

async fn a_name_that_only_a_template_has_is_not_found(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    assert_eq!(
        c.acquire(json!([{"name":"mood"}])).await.failure().0,
        "not_found"
    );
}

async fn name_and_template_that_are_equal_are_as_the_template(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let item = json!({"name":"mood","template":"mood"});
    assert_eq!(c.acquire(json!([item])).await.succeeded(), json!([item]));
    assert_eq!(c.owned_names().await, ["mood"]);
}

async fn manual_left_out_is_unchanged(t: Tenure) {
    let (c, other) = (
        t.usual("ada", "test500").await,
        t.usual("ada", "oura").await,
    );
    for manual in [true, false] {
        c.acquire(json!([{"template":"mood","manual":manual}]))
            .await
            .succeeded();
        for client in [&c, &other, &c] {
            let objects = client
                .acquire_objects(json!([{"name":"mood"}]))
                .await
                .succeeded();
            assert_eq!(objects[0]["manual"], manual);
        }
    }
}

async fn manual_given_is_applied(t: Tenure) {
    let (c, other) = (
        t.usual("ada", "test500").await,
        t.usual("ada", "oura").await,
    );
    c.acquire(json!([{"template":"mood"}])).await.succeeded();
    for (client, manual) in [(&c, false), (&c, true), (&other, false), (&c, true)] {
        let items = json!([{"name":"mood","manual":manual}]);
        let objects = client.acquire_objects(items).await.succeeded();
        assert_eq!(objects[0]["manual"], manual);
    }
}

async fn a_write_scope_of_the_group_or_of_manual_is_needed(t: Tenure) {
    let group = t.client("ada", "test500", "mood_write").await;
    let manual = t.client("ada", "oura", "manual_write mood_read").await;
    let none = t
        .client("ada", "withings", "mood_read manual_read activity_write")
        .await;
    for (client, item, allowed) in [
        (&none, json!({"template":"mood"}), false),
        (&none, json!({"template":"mood","manual":true}), false),
        (&manual, json!({"template":"mood","manual":false}), false),
        // It is created manual unless told otherwise, and judged as it is after the call.
        (&manual, json!({"template":"mood"}), true),
        (&manual, json!({"name":"mood","manual":false}), false),
        (&group, json!({"name":"mood","manual":false}), true),
        (&manual, json!({"name":"mood"}), false),
        (&manual, json!({"name":"mood","manual":true}), true),
        (&none, json!({"name":"mood"}), false),
        (&group, json!({"name":"mood"}), true),
    ] {
        let answer = client.acquire(json!([item])).await;
        if allowed {
            answer.succeeded();
        } else {
            assert_eq!(answer.failure().0, "not_allowed", "{item}");
        }
    }
}

async fn success_objects_stand_as_after_the_whole_batch(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let items = json!([{"template":"mood"},{"name":"nope"},{"name":"mood","manual":false}]);
    let answer = c.acquire_objects(items).await;
    assert_eq!(answer.status, 202);
    let json = answer.json();
    let manual: Vec<_> = json["success"]
        .as_array()
        .unwrap()
        .iter()
        .map(|o| &o["manual"])
        .collect();
    assert_eq!(manual, [false, false]);
    assert_eq!(answer.failed()[0].0, "nope");
}

async fn the_generation_rises_whenever_the_owner_changes_and_never_otherwise(t: Tenure) {
    let (c, other) = (
        t.usual("ada", "test500").await,
        t.usual("ada", "oura").await,
    );
    let free = t.custom("ada", "Free", "media").await;
    assert_eq!(t.owner("ada", &free).await.1, 0);
    c.acquire(json!([{"template":"mood"}])).await.succeeded();
    assert_eq!(t.owner("ada", "mood").await.1, 1);
    c.acquire(json!([{"name":"mood","manual":false}]))
        .await
        .succeeded();
    t.switch("ada", "mood", false).await;
    t.switch("ada", "mood", true).await;
    assert_eq!(t.owner("ada", "mood").await.1, 1);
    other.acquire(json!([{"name":"mood"}])).await.succeeded();
    assert_eq!(t.owner("ada", "mood").await.1, 2);
    other.release(json!([{"name":"mood"}])).await.succeeded();
    assert_eq!(
        t.owner("ada", "mood").await,
        (Some("test500".to_owned()), 3)
    );
    c.release(json!([{"name":"mood"}])).await.succeeded();
    assert_eq!(t.owner("ada", "mood").await, (None, 4));
    let events = "select generation from event where attribute = 'mood' and cause not in
                  ('CREATED', 'MANUAL_CHANGED', 'ACTIVATED', 'DEACTIVATED') order by revision, number";
    assert_eq!(t.database.numbers(events).await, [1, 2, 3, 4]);
}
