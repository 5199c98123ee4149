//! What clients do around ownership (`contract-around.md`): templates and a user's attributes.

use crate::harness::{Client, Tenure, names, on_both_engines};
use serde_json::{Value, json};
use tenure::domain::{catalog::CatalogFile, internal::Role};

on_both_engines! {
    templates_have_their_keys_and_the_order_of_attributes,
    templates_are_paged_and_filtered,
    templates_are_for_whoever_has_a_good_token,
    attributes_within_the_read_scopes_are_listed_whoever_owns_them,
    what_the_caller_owns_is_listed_whatever_it_may_read,
    inactive_attributes_are_listed_if_asked_for,
    attributes_are_filtered_and_paged_as_owned_ones_are,
}

async fn get(c: &Client, path: &str) -> Value {
    let answer = c.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer.json()
}

/// The names that a list has.
async fn listed(c: &Client, query: &str) -> String {
    let list = get(c, &format!("/api/2/attributes/{query}")).await;
    names(&list["results"]).join(" ")
}

async fn templates_have_their_keys_and_the_order_of_attributes(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let answer = c.get("/api/2/attributes/templates/?limit=1").await;
    let first = r#"{"name":"steps","label":"Steps","group":{"name":"activity","label":"Activity","priority":1},"priority":1,"value_type":0,"value_type_description":"Integer"}"#;
    let results = format!("\"results\":[{first}]}}");
    assert!(answer.text.ends_with(&results), "{answer:?}");
    let all = get(
        &c,
        "/api/2/attributes/templates/?limit=100&include_low_priority=1",
    )
    .await;
    assert_eq!(all["count"], 86);
    let place = |template: &Value| {
        let group = &template["group"];
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (
            group["priority"].as_u64().unwrap(),
            text(&group["name"]),
            template["priority"].as_u64().unwrap(),
            text(&template["name"]),
        )
    };
    let places: Vec<_> = all["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(place)
        .collect();
    assert_eq!(places.len(), 86);
    assert!(places.is_sorted());
}

async fn templates_are_paged_and_filtered(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let path = "/api/2/attributes/templates/";
    let page = get(&c, &format!("{path}?groups=mood,sleep&limit=2&page=2")).await;
    let base = format!(
        "http://{}{path}?groups=mood%2Csleep&limit=2",
        t.addresses.http
    );
    assert_eq!(page["results"].as_array().unwrap().len(), 2);
    let next = page["next"].as_str().unwrap().replace("%2C", ",");
    assert_eq!(next, format!("{base}&page=3").replace("%2C", ","));
    for template in page["results"].as_array().unwrap() {
        let group = template["group"]["name"].as_str().unwrap();
        assert!(["mood", "sleep"].contains(&group), "{template}");
    }
    let hidden = "[[template]]\nname = 'hidden'\nlabel = 'Hidden'\ngroup = 'mood'\nvalue_type = 0\npriority = 10";
    let hidden = CatalogFile::parse(hidden).unwrap();
    t.registry.apply_catalog(&hidden).await.unwrap();
    let usual = get(&c, path).await["count"].as_u64().unwrap();
    let all = get(&c, &format!("{path}?include_low_priority")).await["count"].as_u64();
    assert!(usual < all.unwrap());
    assert_eq!(get(&c, &format!("{path}?groups=nope")).await["count"], 0);
    for (query, status) in [
        ("?limit=0", 400),
        ("?limit=x", 400),
        ("?include_low_priority=maybe", 400),
        ("?page=0", 404),
        ("?page=100", 404),
        ("?page=x", 404),
    ] {
        let answer = c.get(&format!("{path}{query}")).await;
        assert_eq!(answer.status, status, "{query}");
        assert_ne!(answer.detail(), "");
    }
}

async fn templates_are_for_whoever_has_a_good_token(t: Tenure) {
    t.usual("ada", "test500").await;
    let path = "/api/2/attributes/templates/";
    for token in [t.own("ada").await, t.internal(Role::Reader).await] {
        let c = t.with_token(&token);
        get(&c, path).await;
        assert_eq!(c.get(&format!("{path}?limit=0")).await.status, 400);
        // The lists of attributes are for clients.
        assert_eq!(c.get("/api/2/attributes/").await.status, 403);
        assert_eq!(c.get("/api/2/attributes/?limit=0").await.status, 403);
    }
    let nobody = t.with_token("nobody");
    assert_eq!(nobody.get(path).await.status, 401);
    assert_eq!(nobody.get(&format!("{path}?limit=0")).await.status, 401);
}

/// Attributes of ada's: two of Withings in other groups, of which one is manual.
async fn of_withings(t: &Tenure) {
    let withings = t.usual("ada", "withings").await;
    let items = json!([{"template":"steps","manual":false},{"template":"mood","manual":true}]);
    withings.acquire(items).await.succeeded();
}

async fn attributes_within_the_read_scopes_are_listed_whoever_owns_them(t: Tenure) {
    of_withings(&t).await;
    for (scopes, expected) in [
        ("activity_read mood_read", "steps mood"),
        ("activity_read", "steps"),
        ("manual_read", "mood"),
        ("activity_write mood_write manual_write", ""),
        ("sleep_read", ""),
    ] {
        let c = t.client("ada", "oura", scopes).await;
        assert_eq!(listed(&c, "").await, expected, "{scopes}");
    }
    // A token may grant less than its connection, and the connection less than the token.
    t.connect("ada", "oura", "activity_read mood_read").await;
    let narrow = t.issue("ada", "oura", Some("mood_read")).await;
    let narrow = t.with_token(&narrow);
    assert_eq!(listed(&narrow, "").await, "mood");
    t.connect("ada", "oura", "activity_read").await;
    assert_eq!(listed(&narrow, "").await, "");
}

async fn what_the_caller_owns_is_listed_whatever_it_may_read(t: Tenure) {
    of_withings(&t).await;
    let c = t.client("ada", "oura", "sleep_write mood_read").await;
    c.acquire(json!([{"template":"sleep"}])).await.succeeded();
    assert_eq!(listed(&c, "").await, "mood sleep");
    assert_eq!(listed(&c, "?owned").await, "sleep");
    assert_eq!(listed(&c, "?owned=0").await, "mood sleep");
    let answer = c.get("/api/2/attributes/?owned").await;
    assert_eq!(answer.text, c.owned("").await.text.replace("owned/", ""));
    let owned = c.owned("").await;
    let revision = "x-ownership-revision";
    assert_eq!(answer.header(revision), owned.header(revision));
}

async fn inactive_attributes_are_listed_if_asked_for(t: Tenure) {
    of_withings(&t).await;
    let withings = t.usual("ada", "withings").await;
    withings
        .release(json!([{"name":"steps"}]))
        .await
        .succeeded();
    t.switch("ada", "mood", false).await;
    let c = t.client("ada", "oura", "activity_read mood_read").await;
    assert_eq!(listed(&c, "").await, "");
    assert_eq!(listed(&c, "?include_inactive").await, "steps mood");
    let all = get(
        &c,
        "/api/2/attributes/?include_inactive=1&attributes=steps&ownership=1",
    )
    .await;
    let steps = &all["results"][0];
    assert_eq!(
        (&steps["service"], &steps["active"]),
        (&Value::Null, &json!(false))
    );
    assert_eq!(steps["generation"], 2);
}

async fn attributes_are_filtered_and_paged_as_owned_ones_are(t: Tenure) {
    of_withings(&t).await;
    let custom = t.custom("ada", "Time reading", "media").await;
    let withings = t.usual("ada", "withings").await;
    withings.acquire(json!([{"name":custom}])).await.succeeded();
    let c = t
        .client("ada", "oura", "activity_read mood_read media_read")
        .await;
    for (query, expected) in [
        ("", "steps mood time_reading"),
        ("?groups=mood,media", "mood time_reading"),
        ("?attributes=steps,nope", "steps"),
        ("?exclude_custom", "steps mood"),
        ("?manual=1", "mood"),
        ("?manual=0", "steps time_reading"),
        ("?limit=1&page=2", "mood"),
        ("?owned", ""),
    ] {
        assert_eq!(listed(&c, query).await, expected, "{query}");
    }
    for (query, status) in [("?limit=0", 400), ("?owned=maybe", 400), ("?page=9", 404)] {
        let answer = c.get(&format!("/api/2/attributes/{query}")).await;
        assert_eq!(answer.status, status, "{query}");
    }
    let answer = c.post("/api/2/attributes/", "{}").await;
    assert_eq!(
        (answer.status, answer.header("allow")),
        (405, "GET, HEAD, OPTIONS")
    );
}
