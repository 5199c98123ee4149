//! Who comes next, by the user's own order.

use super::{World, in_a_browser};
use serde_json::json;
use thirtyfour::Key;

in_a_browser! {
    what_is_released_passes_by_the_users_order,
    the_order_can_be_undone_and_forgotten,
    a_service_that_cannot_take_it_is_told_of_with_the_reason,
    a_service_is_moved_with_the_keyboard_and_keeps_the_focus,
}

async fn order(w: &World) -> Vec<String> {
    let text = w.page.text(".ranking ol").await;
    let labels = ["My Test Client", "Oura", "Withings"];
    let mut found: Vec<_> = labels.into_iter().filter(|l| text.contains(l)).collect();
    found.sort_by_key(|label| text.find(label));
    found.into_iter().map(str::to_owned).collect()
}

async fn what_is_released_passes_by_the_users_order(w: &World) {
    w.page.click("#a-steps > div > a").await;
    w.page.says("h1", "Steps").await;
    assert_eq!(order(w).await, ["My Test Client", "Oura", "Withings"]);
    w.page.click("#up-withings").await;
    w.page
        .says("#status", "Your order for Steps is kept.")
        .await;
    assert_eq!(order(w).await, ["My Test Client", "Withings", "Oura"]);
    w.client
        .release(json!([{"name": "steps"}]))
        .await
        .succeeded();
    w.owned_by("steps", Some("withings")).await;
    w.page.goto("/account/attributes/steps/").await;
    w.page
        .says("#history + .events", "Withings inherited Steps")
        .await;
}

async fn the_order_can_be_undone_and_forgotten(w: &World) {
    w.page.goto("/account/attributes/steps/").await;
    w.page.click("#down-test500").await;
    w.page
        .says("#status", "Your order for Steps is kept.")
        .await;
    w.page.click("#down-oura").await;
    w.page.is("#down-oura", "id", "down-oura").await;
    w.page
        .until("the order", async || {
            (order(w).await == ["My Test Client", "Oura", "Withings"]).then_some(())
        })
        .await;
    w.page.click(".done button").await;
    w.page
        .until("the order before", async || {
            (order(w).await == ["Oura", "My Test Client", "Withings"]).then_some(())
        })
        .await;
    w.page.click(".ranking button[value=forget]").await;
    w.page
        .says("#status", "Steps is back to the usual order.")
        .await;
    assert_eq!(w.page.count(".ranking button[value=forget]").await, 0);
}

async fn a_service_that_cannot_take_it_is_told_of_with_the_reason(w: &World) {
    w.page.goto("/account/attributes/mood/").await;
    w.page
        .says(
            ".others",
            "Oura It has not indicated that it can handle it.",
        )
        .await;
}

async fn a_service_is_moved_with_the_keyboard_and_keeps_the_focus(w: &World) {
    w.page.goto("/account/attributes/steps/").await;
    w.page.tab_to("#up-withings").await;
    for expected in [
        ["My Test Client", "Withings", "Oura"],
        ["Withings", "My Test Client", "Oura"],
        ["Withings", "My Test Client", "Oura"],
    ] {
        w.page.press(Key::Enter).await;
        w.page
            .until("the order", async || {
                (order(w).await == expected).then_some(())
            })
            .await;
        assert!(w.page.has_focus("#up-withings").await);
    }
}
