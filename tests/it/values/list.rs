//! Values.

use super::{set, values};
use crate::harness::{Client, Platform, Tenure, on_both_engines};
use serde_json::{Value, json};

on_both_engines! {
    values_are_paged_newest_first,
    values_may_end_at_a_day,
    values_need_the_read_scope,
    values_of_what_is_unknown_or_released_are_not_found_and_come_back,
    wrong_parameters_are_named,
}

const PATH: &str = "/api/2/attributes/values/";

async fn days(c: &Client, query: &str) -> Vec<String> {
    let answer = c.get(&format!("{PATH}?attribute=steps{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {answer:?}");
    let list = answer.json();
    let results = list["results"].as_array().unwrap().iter();
    let day = |entry: &Value| entry["date"].as_str().unwrap()[8..].to_owned();
    results.map(day).collect()
}

/// A client that owns ada's steps, with a value for each of the first days of 2026.
async fn with_days(p: &Platform, count: u8) -> Client {
    let c = p.client("oura").await;
    c.acquire(json!([{"template":"steps"}])).await.succeeded();
    let item = |day| json!({"name":"steps","date":format!("2026-01-{day:02}"),"value":day});
    let items: Vec<_> = (1..=count).map(item).collect();
    super::update(&c, json!(items)).await.succeeded();
    c
}

async fn values_are_paged_newest_first(t: Tenure) {
    let p = Platform::new(t).await;
    let c = with_days(&p, 25).await;
    let answer = c
        .get(&format!("{PATH}?attribute=steps&limit=2&page=2"))
        .await;
    let base = format!("http://{}{PATH}?attribute=steps&limit=2", p.http);
    let expected = format!(
        r#"{{"count":25,"next":"{base}&page=3","previous":"{base}","results":[{{"date":"2026-01-23","value":23}},{{"date":"2026-01-22","value":22}}]}}"#
    );
    assert_eq!(answer.text, expected);
    assert_eq!(days(&c, "").await.len(), 20);
    assert_eq!(days(&c, "&page=2").await, ["05", "04", "03", "02", "01"]);
    assert_eq!(days(&c, "&limit=1000").await.len(), 25);
    let first = c.get(&format!("{PATH}?attribute=steps")).await.json();
    assert_eq!(first["previous"], Value::Null);
    // Without the last slash.
    let other = c.get("/api/2/attributes/values?attribute=steps").await;
    assert_eq!(other.json()["count"], 25);
}

async fn values_may_end_at_a_day(t: Tenure) {
    let p = Platform::new(t).await;
    let c = with_days(&p, 5).await;
    let until = days(&c, "&date_max=2026-01-03").await;
    assert_eq!(until, ["03", "02", "01"]);
    assert!(days(&c, "&date_max=2025-12-31").await.is_empty());
    assert_eq!(days(&c, "&date_max=").await.len(), 5);
}

async fn values_need_the_read_scope(t: Tenure) {
    let p = Platform::new(t).await;
    let owner = with_days(&p, 1).await;
    for (scopes, status) in [
        ("activity_read", 200),
        ("activity_write", 403),
        ("manual_read", 200),
        ("mood_read", 403),
    ] {
        let c = p.with_scopes("withings", scopes).await;
        let answer = c.get(&format!("{PATH}?attribute=steps")).await;
        assert_eq!(answer.status, status, "{scopes}: {answer:?}");
        if status == 403 {
            let detail = "No permission to read attributes in group 'activity'";
            assert_eq!(answer.detail(), detail);
        }
    }
    // What is not manual needs the scope of its group.
    let items = json!([{"name":"steps","manual":false}]);
    owner.acquire(items).await.succeeded();
    let manual = p.with_scopes("withings", "manual_read").await;
    let answer = manual.get(&format!("{PATH}?attribute=steps")).await;
    assert_eq!(answer.status, 403);
}

async fn values_of_what_is_unknown_or_released_are_not_found_and_come_back(t: Tenure) {
    let p = Platform::new(t).await;
    let c = with_days(&p, 1).await;
    for name in ["nope", "No%20name", "%00"] {
        let answer = c.get(&format!("{PATH}?attribute={name}")).await;
        assert_eq!(answer.status, 404, "{name}");
        assert_eq!(answer.detail(), "Not found.");
    }
    c.release(json!([{"name":"steps"}])).await.succeeded();
    let released = c.get(&format!("{PATH}?attribute=steps")).await;
    assert_eq!(released.status, 404);
    c.acquire(json!([{"name":"steps"}])).await.succeeded();
    assert_eq!(values(&c, "steps").await.len(), 1);
    // Grace's steps are others.
    p.t.connect("grace", "oura", "activity_read activity_write")
        .await;
    let grace = p.with_token(&p.t.issue("grace", "oura", None).await);
    let answer = grace.get(&format!("{PATH}?attribute=steps")).await;
    assert_eq!(answer.status, 404);
    grace
        .acquire(json!([{"template":"steps"}]))
        .await
        .succeeded();
    assert!(values(&grace, "steps").await.is_empty());
    set(&grace, "steps", "2026-01-01", 77).await.succeeded();
    assert_eq!(values(&c, "steps").await[0].1, 1);
}

async fn wrong_parameters_are_named(t: Tenure) {
    let p = Platform::new(t).await;
    let c = with_days(&p, 1).await;
    for (query, status, named) in [
        ("", 400, "attribute"),
        ("?attribute=", 400, "attribute"),
        ("?attribute=steps&limit=0", 400, "limit"),
        ("?attribute=steps&limit=x", 400, "limit"),
        ("?attribute=steps&date_max=x", 400, "date_max"),
        ("?attribute=steps&date_max=2026-02-30", 400, "date_max"),
        ("?attribute=steps&page=0", 404, "page"),
        ("?attribute=steps&page=2", 404, "page"),
    ] {
        let answer = c.get(&format!("{PATH}{query}")).await;
        assert_eq!(answer.status, status, "{query}: {answer:?}");
        assert!(answer.detail().contains(named), "{query}: {answer:?}");
    }
}
