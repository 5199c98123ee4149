//! A long list.

use super::{World, in_a_browser};
use serde_json::{Value, json};

in_a_browser! {
    among_200_attributes_one_is_found_by_typing_and_changed,
}

async fn among_200_attributes_one_is_found_by_typing_and_changed(w: &World) {
    for start in (0..200).step_by(25) {
        let items = (start..start + 25).map(|i| {
            json!({"label": format!("Habit {i:03}"), "group": "custom", "value_type": 7, "manual": false})
        });
        let items: Value = items.collect();
        let path = "/api/2/attributes/create/";
        w.client.post(path, items.to_string()).await.succeeded();
    }
    w.page.list().await;
    assert_eq!(w.page.count(".rows > li").await, 204);
    weigh(w).await;
    w.page
        .find("#q")
        .await
        .send_keys("habit 137")
        .await
        .unwrap();
    w.page.says("#found", "1 of 204 shown").await;
    assert_eq!(w.page.count(".rows > li:not([hidden])").await, 1);
    assert_eq!(w.page.count(".group:not([hidden])").await, 1);
    w.page.click("#a-habit_137 .switch").await;
    w.page
        .is("#a-habit_137 .switch", "aria-checked", "false")
        .await;
    // What was typed stays, and so does what it hides.
    assert_eq!(w.page.count(".rows > li:not([hidden])").await, 1);
    w.page.says("#status", "You switched Habit 137 off.").await;
}

/// Asserts that all of it comes to less than 100 KB, and keeps how soon it was seen.
async fn weigh(w: &World) {
    let script = "const all = ['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind));
        return {
            bytes: all.reduce((sum, entry) => sum + entry.encodedBodySize, 0),
            answer: Math.round(all[0].responseStart - all[0].requestStart),
            paint: Math.round(performance.getEntriesByName('first-contentful-paint')[0].startTime),
        }";
    let figures = w
        .page
        .until("first paint", async || {
            let found = w.page.driver.execute(script, Vec::new()).await.ok()?;
            Some(found.json().clone())
        })
        .await;
    crate::browser::looks::keep("204-attributes.json", figures.to_string().as_bytes());
    let bytes = figures["bytes"].as_u64().unwrap();
    assert!((10_000..100_000).contains(&bytes), "{bytes}");
}
