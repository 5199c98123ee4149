//! From the provider's own page to the user's, and out again.

use super::{World, driver::Browser};
use crate::{harness::Database, session::world};
use serde_json::json;

#[tokio::test]
async fn whoever_signs_in_at_the_provider_decides_and_signs_out() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let Some(provided) = world::World::start(Database::sqlite()).await else {
        return;
    };
    let world::World { t, provider, .. } = provided;
    let w = World::of(t, browser, "corp:ada").await;
    w.page.list().await;
    let url = w.page.driver.current_url().await.unwrap();
    assert!(url.as_str().starts_with(&provider.url), "{url}");
    w.page
        .find("input[name=login]")
        .await
        .send_keys("ada")
        .await
        .unwrap();
    w.page
        .find("input[name=password]")
        .await
        .send_keys("x")
        .await
        .unwrap();
    w.page.click("button[type=submit]").await;
    w.page.find("input[name=prompt][value=consent]").await;
    w.page.click("button[type=submit]").await;
    w.page.says("header strong", "corp:ada").await;
    let url = w.page.driver.current_url().await.unwrap();
    assert_eq!(url.path(), "/account/attributes/");
    w.page.give("steps", "withings").await;
    w.page.says("#status", "You gave Steps to Withings.").await;
    let lost = w.client.release(json!([{"name": "steps"}])).await;
    assert_eq!(lost.failure().0, "unauthorised");
    w.page.click("header button").await;
    w.page.says("h1", "signed out").await;
    assert!(w.page.violations().await.is_empty());
    w.quit().await;
}
