//! A service got in first.

use super::{World, in_a_browser};
use serde_json::json;

in_a_browser! {
    a_lost_race_shows_both_and_the_user_has_the_last_word,
    after_a_lost_race_all_can_stay_as_it_is,
    what_was_undone_too_late_shows_what_happened,
}

/// Oura takes the steps over while ada looks, and then she wants Withings to have them.
async fn lose(w: &World) {
    w.lose_a_race("withings").await;
    for text in [
        "My Test Client owns it.",
        "Oura took over Steps from My Test Client",
        "Oura owns it.",
        "Withings should own it.",
    ] {
        w.page.says("#a-steps .trouble", text).await;
    }
    assert!(w.page.has_focus("#a-steps .trouble").await);
    w.owned_by("steps", Some("oura")).await;
    w.page
        .is("#a-steps option:first-child", "value", "oura")
        .await;
}

async fn a_lost_race_shows_both_and_the_user_has_the_last_word(w: &World) {
    lose(w).await;
    w.page.click("#a-steps .trouble button[value=owner]").await;
    w.page.says("#status", "You gave Steps to Withings.").await;
    w.owned_by("steps", Some("withings")).await;
    assert_eq!(w.page.count(".trouble").await, 0);
}

async fn after_a_lost_race_all_can_stay_as_it_is(w: &World) {
    lose(w).await;
    let before = w.t.snapshot("ada").await;
    w.page.click("#a-steps .trouble button[value=keep]").await;
    w.page
        .until("page without trouble", async || {
            (w.page.count(".trouble").await == 0).then_some(())
        })
        .await;
    assert_eq!(w.t.snapshot("ada").await, before);
}

async fn what_was_undone_too_late_shows_what_happened(w: &World) {
    w.page.give("steps", "withings").await;
    w.page.says("#status", "You gave Steps to Withings.").await;
    w.oura
        .acquire(json!([{"template": "steps"}]))
        .await
        .succeeded();
    w.page.click("#a-steps .done button").await;
    w.page
        .says("#a-steps .trouble", "Oura took over Steps from Withings")
        .await;
    w.page
        .says(
            "#a-steps .trouble",
            "As it was: My Test Client should own it.",
        )
        .await;
    w.page.list().await;
    assert_eq!(w.page.count(".done").await, 0, "that is no news any more");
}
