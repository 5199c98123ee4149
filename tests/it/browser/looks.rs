//! Screenshots, for people to look at: in `target/screenshots`.

use super::{World, in_a_browser};
use serde_json::json;
use std::path::Path;

in_a_browser! {
    the_pages_are_kept_as_pictures,
}

/// Keeps a file for people to look at.
pub fn keep(name: &str, bytes: &[u8]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), bytes).unwrap();
}

async fn picture(w: &World, name: &str) {
    let top = "document.activeElement.blur(); scrollTo(0, 0)";
    w.page.driver.execute(top, Vec::new()).await.unwrap();
    let png = w.page.driver.screenshot_as_png().await.unwrap();
    assert!(png.starts_with(b"\x89PNG"));
    keep(&format!("{name}.png"), &png);
}

async fn the_pages_are_kept_as_pictures(w: &World) {
    for (client, template) in [
        (&w.oura, "sleep_deep"),
        (&w.oura, "sleep_awakenings"),
        (&w.withings, "distance"),
        (&w.withings, "floors"),
        (&w.client, "stand_hours"),
        (&w.oura, "steps_active_min"),
    ] {
        let items = json!([{"template": template, "manual": false}]);
        client.acquire(items).await;
    }
    w.page.list().await;
    w.page.click("#a-weight .pin").await;
    w.page.is("#a-weight .pin", "aria-pressed", "true").await;
    w.page.click("#a-mood .switch").await;
    w.page.is("#a-mood .switch", "aria-checked", "false").await;
    w.page.give("steps", "withings").await;
    w.page.says("#status", "You gave Steps to Withings.").await;
    for scheme in ["light", "dark"] {
        w.page.prefer(scheme).await;
        w.page.sized(1280, 1000, false).await;
        picture(w, &format!("attributes-{scheme}")).await;
        w.page.as_phone().await;
        picture(w, &format!("attributes-{scheme}-phone")).await;
    }
    w.page.prefer("light").await;
    w.page.sized(1280, 1000, false).await;
    w.lose_a_race("test500").await;
    picture(w, "lost").await;
    w.page.as_phone().await;
    picture(w, "lost-phone").await;
    w.page.goto("/account/attributes/steps/").await;
    w.page.click("#up-withings").await;
    w.page.says(".done", "Your order").await;
    picture(w, "attribute-phone").await;
    w.page.sized(1280, 1200, false).await;
    picture(w, "attribute").await;
    w.page.goto("/account/connections/oura/").await;
    picture(w, "disconnect").await;
}
