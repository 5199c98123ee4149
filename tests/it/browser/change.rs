//! Who owns what, whether it is in use, and whether it is pinned.

use super::{World, in_a_browser};
use serde_json::json;

in_a_browser! {
    the_service_that_loses_an_attribute_sees_so_in_its_next_call,
    what_nobody_is_to_own_belongs_to_nobody,
    what_is_pinned_no_service_acquires,
    what_is_switched_off_is_told_to_services_as_inactive,
    what_the_last_change_did_can_be_undone,
    what_is_not_possible_is_said_beside_the_attribute,
    what_happened_lately_is_told_in_words,
}

async fn the_service_that_loses_an_attribute_sees_so_in_its_next_call(w: &World) {
    assert_eq!(w.client.owned_names().await, ["steps", "mood"]);
    assert_eq!(
        w.page.choices("steps").await,
        ["My Test Client", "Oura", "Withings", "Nobody"]
    );
    w.page.give("steps", "withings").await;
    w.page.says("#status", "You gave Steps to Withings.").await;
    assert_eq!(w.client.owned_names().await, ["mood"]);
    let refused = w.client.release(json!([{"name": "steps"}])).await.failure();
    assert_eq!(refused.0, "unauthorised");
    w.withings
        .release(json!([{"name": "steps"}]))
        .await
        .succeeded();
    w.owned_by("steps", Some("test500")).await;
}

async fn what_nobody_is_to_own_belongs_to_nobody(w: &World) {
    w.page.give("mood", "").await;
    w.page.says("#a-mood small", "Nobody writes it").await;
    w.owned_by("mood", None).await;
    assert_eq!(w.page.count("#a-mood .switch, #a-mood .pin").await, 0);
    w.page.click("#a-mood .done button").await;
    w.page.says("#status", "Mood is as it was before.").await;
    w.owned_by("mood", Some("test500")).await;
}

async fn what_is_pinned_no_service_acquires(w: &World) {
    w.page.is("#a-steps .pin", "aria-pressed", "false").await;
    w.page.click("#a-steps .pin").await;
    w.page.is("#a-steps .pin", "aria-pressed", "true").await;
    let acquired = w.oura.acquire(json!([{"template": "steps"}])).await;
    assert_eq!(acquired.failure().0, "pinned");
    w.owned_by("steps", Some("test500")).await;
    w.page.click("#a-steps .pin").await;
    w.page.is("#a-steps .pin", "aria-pressed", "false").await;
    w.oura
        .acquire(json!([{"template": "steps"}]))
        .await
        .succeeded();
}

async fn what_is_switched_off_is_told_to_services_as_inactive(w: &World) {
    let owned = async || {
        let owned = w.client.owned("?include_inactive=1&attributes=steps").await;
        owned.json()["results"][0]["active"].clone()
    };
    assert_eq!(owned().await, true);
    w.page.click("#a-steps .switch").await;
    w.page.is("#a-steps .switch", "aria-checked", "false").await;
    assert_eq!(owned().await, false);
    w.page.says("#a-steps small", "Switched off").await;
    w.page.click("#a-steps .switch").await;
    w.page.is("#a-steps .switch", "aria-checked", "true").await;
    assert_eq!(owned().await, true);
}

async fn what_the_last_change_did_can_be_undone(w: &World) {
    w.page.click("#a-steps .pin").await;
    w.page.is("#a-steps .pin", "aria-pressed", "true").await;
    w.page.click("#a-steps .switch").await;
    w.page.is("#a-steps .switch", "aria-checked", "false").await;
    w.page.give("steps", "").await;
    w.page.says("#status", "Nobody owns Steps now.").await;
    w.owned_by("steps", None).await;
    w.page.click("#a-steps .done button").await;
    w.page.says("#status", "Steps is as it was before.").await;
    w.page.is("#a-steps .pin", "aria-pressed", "true").await;
    w.page.is("#a-steps .switch", "aria-checked", "false").await;
    w.owned_by("steps", Some("test500")).await;
}

async fn what_is_not_possible_is_said_beside_the_attribute(w: &World) {
    // Oura gives up what the page still offers it for.
    w.page.choose("weight", "oura").await;
    w.oura
        .acquire(json!([{"template": "weight"}]))
        .await
        .succeeded();
    w.oura
        .release(json!([{"name": "weight"}]))
        .await
        .succeeded();
    w.page.click("#a-weight .set").await;
    w.page.says("#a-weight .trouble", "nothing was done").await;
    w.page.click("#a-weight .trouble button[value=owner]").await;
    w.page
        .says(
            "#a-weight .trouble",
            "it has released it, and has not acquired it since",
        )
        .await;
    assert!(w.page.has_focus("#a-weight .trouble").await);
    w.owned_by("weight", Some("withings")).await;
}

async fn what_happened_lately_is_told_in_words(w: &World) {
    let events = w.page.text(".aside .events").await;
    assert!(
        events.contains("My Test Client took over Steps from Oura\ntoday "),
        "{events}"
    );
    w.page.give("steps", "oura").await;
    w.page
        .says(".aside .events li:first-child", "You gave Steps to Oura")
        .await;
}
