//! Connected services, and the preview of what becomes of what one owns.

use super::{World, in_a_browser};
use serde_json::json;

in_a_browser! {
    a_service_is_disconnected_after_a_preview_that_says_who_gets_what,
    a_preview_that_was_overtaken_is_shown_anew_and_nothing_is_done,
    whoever_keeps_a_service_connected_changes_nothing,
}

const OURA: &str = "a[href='/account/connections/oura/']";

async fn a_service_is_disconnected_after_a_preview_that_says_who_gets_what(w: &World) {
    w.oura
        .acquire(json!([{"template": "steps"}]))
        .await
        .succeeded();
    w.page.list().await;
    w.page.says(".services", "Owns 2 attributes.").await;
    w.page.click(OURA).await;
    w.page.says("h1", "Disconnect Oura?").await;
    w.page
        .says(".passing", "Steps passes to My Test Client")
        .await;
    w.page
        .says(".passing", "Time asleep belongs to nobody then")
        .await;
    w.page.says(".lead", "cannot be undone").await;
    w.owned_by("steps", Some("oura")).await;
    w.page.click("button.danger").await;
    w.page.says(".said", "Oura is disconnected.").await;
    assert_eq!(w.page.count(OURA).await, 0);
    w.owned_by("steps", Some("test500")).await;
    w.owned_by("sleep", None).await;
    assert_eq!(w.oura.owned("").await.status, 401);
}

async fn a_preview_that_was_overtaken_is_shown_anew_and_nothing_is_done(w: &World) {
    w.page.click(OURA).await;
    w.page.says(".passing", "Time asleep").await;
    w.oura
        .acquire(json!([{"template": "steps"}]))
        .await
        .succeeded();
    w.page.click("button.danger").await;
    w.page
        .says(".trouble", "Something changed while you were looking")
        .await;
    w.page.says(".passing", "Steps").await;
    assert!(w.page.has_focus(".trouble").await);
    w.owned_by("steps", Some("oura")).await;
    w.page.click("button.danger").await;
    w.page.says(".said", "Oura is disconnected.").await;
}

async fn whoever_keeps_a_service_connected_changes_nothing(w: &World) {
    let before = w.t.snapshot("ada").await;
    w.page.click(OURA).await;
    w.page.click(".decide a").await;
    w.page.says("h1", "Your attributes").await;
    assert_eq!(w.t.snapshot("ada").await, before);
}
