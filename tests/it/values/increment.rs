//! Increment.

use super::{increment, of_type, set, values};
use crate::harness::{Platform, Tenure, on_both_engines};
use serde_json::{Value, json};

on_both_engines! {
    it_adds_and_tells_the_sum,
    without_a_date_it_is_for_today_in_utc,
    some_types_cannot_be_incremented,
    a_float_on_an_integer_type_is_refused,
    a_sum_is_of_its_type,
    what_is_missing_is_told,
    only_the_owner_increments,
}

async fn it_adds_and_tells_the_sum(t: Tenure) {
    let p = Platform::new(t).await;
    let c = p.client("oura").await;
    c.acquire(json!([{"template":"steps"}])).await.succeeded();
    let item = json!({"x":"y","name":"steps","date":"2026-01-31","value":5});
    let answer = increment(&c, json!([item.clone(), item.clone()])).await;
    assert_eq!(
        answer.text,
        r#"{"success":[{"x":"y","name":"steps","date":"2026-01-31","value":5,"current":5},{"x":"y","name":"steps","date":"2026-01-31","value":5,"current":10}],"failed":[]}"#
            .replace(r#""x":"y","name":"steps","date":"2026-01-31","value":5,"#, &prefix(&item))
    );
    let less = json!([{"name":"steps","date":"2026-01-31","value":-3}]);
    let less = increment(&c, less).await.succeeded();
    assert_eq!(less[0]["current"], 7);
    set(&c, "steps", "2026-01-31", 100).await.succeeded();
    let more = json!([{"name":"steps","date":"2026-01-31","value":1}]);
    assert_eq!(increment(&c, more).await.succeeded()[0]["current"], 101);
    assert_eq!(values(&c, "steps").await[0].1, 101);
}

/// The members of an item as they were sent, with the comma after them.
fn prefix(item: &Value) -> String {
    let text = item.to_string();
    format!("{},", &text[1..text.len() - 1])
}

async fn without_a_date_it_is_for_today_in_utc(t: Tenure) {
    let p = Platform::new(t).await;
    let c = p.client("oura").await;
    c.acquire(json!([{"template":"steps"}])).await.succeeded();
    let before = today();
    let added = increment(&c, json!([{"name":"steps","value":5}])).await;
    let added = added.succeeded();
    let after = today();
    assert_eq!(added, json!([{"name":"steps","value":5,"current":5}]));
    let stored = values(&c, "steps").await;
    assert_eq!(stored.len(), 1);
    assert!([before, after].contains(&stored[0].0), "{stored:?}");
}

#[expect(clippy::disallowed_methods, reason = "what the service goes by")]
fn today() -> String {
    time::OffsetDateTime::now_utc().date().to_string()
}

async fn some_types_cannot_be_incremented(t: Tenure) {
    let p = Platform::new(t).await;
    let c = p.client("oura").await;
    let mut names = Vec::new();
    for value_type in [2, 4, 8] {
        names.push(of_type(&c, &format!("Of type {value_type}"), value_type).await);
    }
    // Type 6 is for templates.
    c.acquire(json!([{"template":"sleep_start"}]))
        .await
        .succeeded();
    names.push("sleep_start".to_owned());
    for name in names {
        for value in [json!(1), json!(1.5), json!("a")] {
            let items = json!([{"name":name,"date":"2026-01-31","value":value}]);
            let (code, error) = increment(&c, items).await.failure();
            assert_eq!(code, "validation", "{name}");
            assert!(error.starts_with("Cannot increment"), "{name}: {error}");
        }
    }
}

async fn a_float_on_an_integer_type_is_refused(t: Tenure) {
    let p = Platform::new(t).await;
    let c = p.client("oura").await;
    for value_type in [0, 3, 7] {
        let name = of_type(&c, &format!("Of type {value_type}"), value_type).await;
        let items = json!([{"name":name,"date":"2026-01-31","value":0.5}]);
        let (code, error) = increment(&c, items).await.failure();
        assert_eq!(
            (code.as_str(), error.as_str()),
            ("validation", "Cannot apply a float to an integer type")
        );
        assert!(values(&c, &name).await.is_empty());
    }
}

/// Type, what is there, what is added, and the sum if there is one.
const SUMS: [(i32, &str, &str, Option<&str>); 10] = [
    (0, "9223372036854775807", "1", None),
    (0, "-5", "7", Some("2")),
    (3, "5", "\"7\"", None),
    (1, "1.5", "2", Some("3.5")),
    (1, "1e308", "1e308", None),
    (1, "1", "true", None),
    (5, "0.25", "0.5", Some("0.75")),
    (5, "0.75", "0.5", None),
    (7, "0", "1", Some("1")),
    (7, "1", "1", None),
];

async fn a_sum_is_of_its_type(t: Tenure) {
    let p = Platform::new(t).await;
    let c = p.client("oura").await;
    for (number, (value_type, before, more, sum)) in SUMS.into_iter().enumerate() {
        let name = of_type(&c, &format!("Number {number}"), value_type).await;
        let before: Value = serde_json::from_str(before).unwrap();
        set(&c, &name, "2026-01-31", before.clone())
            .await
            .succeeded();
        let item = format!(r#"[{{"name":"{name}","date":"2026-01-31","value":{more}}}]"#);
        let answer = c.post("/api/2/attributes/increment/", item).await;
        let stored = values(&c, &name).await.remove(0).1;
        if let Some(sum) = sum {
            let sum: Value = serde_json::from_str(sum).unwrap();
            assert_eq!(answer.succeeded()[0]["current"], sum, "{number}");
            assert_eq!(stored, sum, "{number}");
        } else {
            assert_eq!(answer.failure().0, "validation", "{number}");
            assert_eq!(stored, before, "{number}");
        }
    }
}

async fn what_is_missing_is_told(t: Tenure) {
    let p = Platform::new(t).await;
    let c = p.client("oura").await;
    let (code, error) = increment(&c, json!([{"date":"2026-01-31"}]))
        .await
        .failure();
    assert_eq!(
        (code.as_str(), error.as_str()),
        (
            "missing_field",
            "Object at index 0 missing field(s) 'name', 'value'"
        )
    );
    let null = json!([{"name":"nope","value":null}]);
    assert_eq!(increment(&c, null).await.failure().0, "missing_field");
    let (code, _) = increment(&c, json!([{"name":"nope","value":1}]))
        .await
        .failure();
    assert_eq!(code, "not_found");
}

async fn only_the_owner_increments(t: Tenure) {
    let p = Platform::new(t).await;
    let (oura, withings) = (p.client("oura").await, p.client("withings").await);
    let steps = json!([{"template":"steps"}]);
    oura.acquire(steps.clone()).await.succeeded();
    let one = json!([{"name":"steps","date":"2026-01-31","value":1}]);
    increment(&oura, one.clone()).await.succeeded();
    let (code, error) = increment(&withings, one.clone()).await.failure();
    assert_eq!(
        (code.as_str(), error.as_str()),
        (
            "unauthorised",
            "Attribute 'steps' does not belong to this service"
        )
    );
    withings.acquire(steps).await.succeeded();
    // The values go with the attribute.
    let taken_over = increment(&withings, one).await.succeeded();
    assert_eq!(taken_over[0]["current"], 2);
}
