//! A client as the Exist write guide has it, from the token to the release.

use super::{increment, update, values};
use crate::harness::{Client, Platform, Tenure, on_both_engines};
use serde_json::json;

on_both_engines! {
    a_client_acquires_creates_writes_and_releases,
}

/// What its client asks the user for.
pub const SCOPES: &str = "media_read media_write";

async fn a_client_acquires_creates_writes_and_releases(t: Tenure) {
    let p = Platform::new(t).await;
    // The user grants the service what it asks for, and the service gets its token.
    let c = p.with_scopes("test500", SCOPES).await;
    play(&p, &c).await;
}

/// What the guide has a client do, which is test500 for ada.
pub async fn play(p: &Platform, c: &Client) {
    let acquired = c.acquire_objects(json!([{"template":"pages_read"}])).await;
    let acquired = acquired.succeeded();
    assert_eq!(acquired[0]["name"], "pages_read");
    assert_eq!(acquired[0]["service"]["name"], "test500");

    let reading = json!([{"label":"Time reading","group":"media","value_type":3}]);
    let created = c
        .post("/api/2/attributes/create/", reading.to_string())
        .await
        .succeeded();
    assert_eq!(created[0]["name"], "time_reading");
    assert_eq!(c.owned_names().await, ["pages_read", "time_reading"]);

    let day = "2026-01-31";
    let updates = json!([
        {"name":"pages_read","date":day,"value":25},
        {"name":"time_reading","date":day,"value":40},
    ]);
    assert_eq!(update(c, updates.clone()).await.succeeded(), updates);
    let more = json!([{"name":"time_reading","date":day,"value":20}]);
    let more = increment(c, more).await.succeeded();
    assert_eq!(more[0]["current"], 60);
    assert_eq!(
        values(c, "time_reading").await,
        [(day.to_owned(), json!(60))]
    );

    // The user prefers another service; the guide tells to acquire again when that is noticed.
    let oura = p.client("oura").await;
    oura.acquire(json!([{"name":"pages_read"}]))
        .await
        .succeeded();
    let again = json!([{"name":"pages_read","date":day,"value":30}]);
    let (code, error) = update(c, again.clone()).await.failure();
    assert_eq!(
        (code.as_str(), error.as_str()),
        (
            "unauthorised",
            "Attribute 'pages_read' does not belong to this service"
        )
    );
    c.acquire(json!([{"name":"pages_read"}])).await.succeeded();
    update(c, again).await.succeeded();

    let both = json!([{"name":"pages_read"},{"name":"time_reading"}]);
    c.release(both).await.succeeded();
    assert!(c.owned_names().await.is_empty());
    // Oura inherits the pages, with their values; nobody else can handle the other.
    assert_eq!(values(&oura, "pages_read").await[0].1, 30);
    let released = c.get("/api/2/attributes/values/?attribute=time_reading");
    assert_eq!(released.await.status, 404);
}
