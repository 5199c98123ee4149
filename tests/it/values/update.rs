//! Update.

use super::{of_type, set, update, values};
use crate::harness::{Platform, Tenure, on_both_engines};
use serde_json::{Value, json};

on_both_engines! {
    a_value_is_the_total_of_its_day,
    an_item_comes_back_as_it_was_sent,
    a_value_is_of_its_type,
    a_wrong_value_says_the_type,
    what_is_missing_or_malformed_is_told,
    of_a_batch_what_succeeds_is_stored,
    an_attribute_that_is_switched_off_takes_values_from_its_owner,
    only_the_owner_writes,
    a_token_without_the_write_scope_writes_nothing,
}

async fn a_value_is_the_total_of_its_day(t: Tenure) {
    let p = Platform::new(t).await;
    let c = p.client("oura").await;
    c.acquire(json!([{"template":"steps"}])).await.succeeded();
    for (date, value) in [("2026-01-31", 10), ("2026-02-01", 20), ("2026-01-31", 7)] {
        set(&c, "steps", date, value).await.succeeded();
    }
    let expected = [("2026-02-01", 20), ("2026-01-31", 7)];
    let expected = expected.map(|(date, value)| (date.to_owned(), json!(value)));
    assert_eq!(values(&c, "steps").await, expected);
}

async fn an_item_comes_back_as_it_was_sent(t: Tenure) {
    let p = Platform::new(t).await;
    let c = p.client("oura").await;
    let name = of_type(&c, "Weight of it", 1).await;
    let item = format!(
        r#"{{"x":[1, 2],"value":1.50,"name":"{name}","date":"2026-01-31","y":1e400,"x":"last"}}"#
    );
    let answer = c
        .post("/api/2/attributes/update/", format!("[{item}]"))
        .await;
    let echoed = item
        .replace("[1, 2]", "\"last\"")
        .replace(",\"x\":\"last\"}", "}");
    assert_eq!(
        answer.text,
        format!("{{\"success\":[{echoed}],\"failed\":[]}}")
    );
    let path = format!("/api/2/attributes/values?attribute={name}");
    let listed = c.get(&path).await;
    assert!(
        listed
            .text
            .ends_with(r#""results":[{"date":"2026-01-31","value":1.50}]}"#),
        "{listed:?}"
    );
}

/// Of each type, by number, values that it takes and values that it does not.
fn by_type() -> [(i32, Vec<Value>, Vec<Value>); 8] {
    let (longest, longer) = ("é".repeat(1000), "é".repeat(1001));
    let no_integer = [json!(1.5), json!(1.0), json!("1"), json!(true), json!([])];
    let out = |wrong: &[i64]| {
        let wrong = wrong.iter().map(|number| json!(number));
        no_integer.iter().cloned().chain(wrong).collect::<Vec<_>>()
    };
    [
        (0, vec![json!(0), json!(-5), json!(i64::MAX)], out(&[])),
        (
            1,
            vec![json!(1), json!(-1.25)],
            vec![json!("1"), json!(false)],
        ),
        (
            2,
            vec![json!(""), json!("a\u{0}\n"), json!(longest)],
            vec![json!(longer), json!(1)],
        ),
        (3, vec![json!(90)], out(&[])),
        (4, vec![json!(0), json!(1439)], out(&[-1, 1440])),
        (
            5,
            vec![json!(0), json!(0.5), json!(1)],
            vec![json!(1.01), json!(-0.1), json!("0")],
        ),
        (7, vec![json!(0), json!(1)], out(&[2, -1])),
        (8, vec![json!(1), json!(9)], out(&[0, 10])),
    ]
}

async fn a_value_is_of_its_type(t: Tenure) {
    let p = Platform::new(t).await;
    let c = p.client("oura").await;
    for (value_type, taken, _) in by_type() {
        let name = of_type(&c, &format!("Of type {value_type}"), value_type).await;
        for value in taken {
            set(&c, &name, "2026-01-31", value.clone())
                .await
                .succeeded();
            let stored = [("2026-01-31".to_owned(), value)];
            assert_eq!(values(&c, &name).await, stored, "{value_type}");
        }
    }
    // Type 6 is for templates.
    c.acquire(json!([{"template":"sleep_start"}]))
        .await
        .succeeded();
    set(&c, "sleep_start", "2026-01-31", 1439).await.succeeded();
    let (code, error) = set(&c, "sleep_start", "2026-01-31", 1440).await.failure();
    assert_eq!(code, "validation");
    assert!(error.contains("Time of day"), "{error}");
}

async fn a_wrong_value_says_the_type(t: Tenure) {
    let p = Platform::new(t).await;
    let c = p.client("oura").await;
    let names = [
        "Integer",
        "Float",
        "String",
        "Period",
        "Time of day",
        "Percentage",
        "Boolean",
        "Integer scale",
    ];
    for ((value_type, _, refused), words) in by_type().into_iter().zip(names) {
        let name = of_type(&c, &format!("Of type {value_type}"), value_type).await;
        for value in refused {
            let (code, error) = set(&c, &name, "2026-01-31", value.clone()).await.failure();
            assert_eq!(code, "validation", "{value_type} {value}");
            assert!(error.contains(words), "{value_type} {value}: {error}");
        }
        assert!(values(&c, &name).await.is_empty(), "{value_type}");
    }
}

/// Items that fail, with the code and a part of the text.
const REFUSED: [(&str, &str, &str); 15] = [
    (
        "{}",
        "missing_field",
        "Object at index 0 missing field(s) 'name', 'date', 'value'",
    ),
    (
        r#"{"name":"steps","value":1}"#,
        "missing_field",
        "Object at index 0 missing field(s) 'date'",
    ),
    (
        r#"{"name":null,"date":"2026-01-31","value":1}"#,
        "missing_field",
        "missing field(s) 'name'",
    ),
    (
        r#"{"name":"steps","date":"2026-01-31"}"#,
        "missing_field",
        "missing field(s) 'value'",
    ),
    (
        r#"{"name":"steps","date":"2026-01-31","value":null}"#,
        "validation",
        "'value' must not be null",
    ),
    ("7", "validation", "Object at index 0 is not an object"),
    (
        r#"{"name":7,"date":"2026-01-31","value":1}"#,
        "validation",
        "'name' must be a string",
    ),
    (
        r#"{"name":"","date":"2026-01-31","value":1}"#,
        "validation",
        "'name' must not be empty",
    ),
    (
        r#"{"name":"\ud800","date":"2026-01-31","value":1}"#,
        "validation",
        "lone surrogate",
    ),
    (
        r#"{"name":"steps","date":20260131,"value":1}"#,
        "validation",
        "'date' must be a string",
    ),
    (
        r#"{"name":"steps","date":"2026-02-30","value":1}"#,
        "validation",
        "'date' must be a date like",
    ),
    (
        r#"{"name":"steps","date":"31.1.2026","value":1}"#,
        "validation",
        "'date' must be a date like",
    ),
    (
        r#"{"name":"steps","date":"+2026-01-31","value":1}"#,
        "validation",
        "'date' must be a date like",
    ),
    (
        r#"{"name":"nope","date":"2026-01-31","value":1}"#,
        "not_found",
        "User doesn't have an attribute named 'nope'",
    ),
    (
        r#"{"name":"a\u0000b C","date":"2026-01-31","value":1}"#,
        "not_found",
        "User doesn't have an attribute named 'a\u{0}b C'",
    ),
];

async fn what_is_missing_or_malformed_is_told(t: Tenure) {
    let p = Platform::new(t).await;
    let c = p.client("oura").await;
    c.acquire(json!([{"template":"steps"}])).await.succeeded();
    for (item, code, error) in REFUSED {
        let body = format!("[{item}]");
        let answer = c.post("/api/2/attributes/update/", body).await;
        let failure = answer.failure();
        assert_eq!(failure.0, code, "{item}: {answer:?}");
        assert!(failure.1.contains(error), "{item}: {answer:?}");
    }
    assert!(values(&c, "steps").await.is_empty());
}

async fn of_a_batch_what_succeeds_is_stored(t: Tenure) {
    let p = Platform::new(t).await;
    let c = p.client("oura").await;
    let items = json!([{"template":"steps"},{"template":"mood"}]);
    c.acquire(items).await.succeeded();
    let on = |name: &str, value: Value| json!({"name":name,"date":"2026-01-31","value":value});
    let answer = update(
        &c,
        json!([
            on("steps", json!(1)),
            on("nope", json!(1)),
            on("mood", json!(10)),
            on("mood", json!(5)),
            on("steps", json!(2)),
            7,
        ]),
    )
    .await;
    assert_eq!(answer.status, 202);
    let json = answer.json();
    let succeeded = json!([
        on("steps", json!(1)),
        on("mood", json!(5)),
        on("steps", json!(2))
    ]);
    assert_eq!(json["success"], succeeded);
    let failed = answer.failed();
    let codes: Vec<_> = failed.iter().map(|(_, code, _)| code.as_str()).collect();
    assert_eq!(codes, ["not_found", "validation", "validation"]);
    assert!(failed[2].2.contains("index 5"), "{failed:?}");
    assert_eq!(values(&c, "steps").await[0].1, 2);
    assert_eq!(values(&c, "mood").await[0].1, 5);
    let none = update(&c, json!([])).await;
    assert_eq!(
        (none.status, none.text.as_str()),
        (200, r#"{"success":[],"failed":[]}"#)
    );
}

async fn an_attribute_that_is_switched_off_takes_values_from_its_owner(t: Tenure) {
    let p = Platform::new(t).await;
    let c = p.client("oura").await;
    c.acquire(json!([{"template":"steps"}])).await.succeeded();
    p.t.switch("ada", "steps", false).await;
    set(&c, "steps", "2026-01-31", 5).await.succeeded();
    assert_eq!(values(&c, "steps").await[0].1, 5);
}

async fn only_the_owner_writes(t: Tenure) {
    let p = Platform::new(t).await;
    let (oura, withings) = (p.client("oura").await, p.client("withings").await);
    let steps = json!([{"template":"steps"}]);
    oura.acquire(steps.clone()).await.succeeded();
    set(&oura, "steps", "2026-01-31", 5).await.succeeded();
    let refused = (
        "unauthorised".to_owned(),
        "Attribute 'steps' does not belong to this service".to_owned(),
    );
    let theirs = set(&withings, "steps", "2026-01-31", 6).await;
    assert_eq!(theirs.failure(), refused);
    withings.acquire(steps).await.succeeded();
    let lost = set(&oura, "steps", "2026-01-31", 7).await;
    assert_eq!(lost.failure(), refused);
    set(&withings, "steps", "2026-01-31", 8).await.succeeded();
    // Nobody's.
    p.t.disconnect("ada", "oura").await;
    withings
        .release(json!([{"name":"steps"}]))
        .await
        .succeeded();
    let nobodys = set(&withings, "steps", "2026-01-31", 9).await;
    assert_eq!(nobodys.failure(), refused);
}

async fn a_token_without_the_write_scope_writes_nothing(t: Tenure) {
    let p = Platform::new(t).await;
    let c = p.client("oura").await;
    let items = json!([{"template":"steps","manual":false},{"template":"weight","manual":true}]);
    c.acquire(items).await.succeeded();
    let narrow = p.t.issue("ada", "oura", Some("activity_read")).await;
    let narrow = p.with_token(&narrow);
    let (code, error) = set(&narrow, "steps", "2026-01-31", 5).await.failure();
    assert_eq!(
        (code.as_str(), error.as_str()),
        (
            "not_allowed",
            "No permission to write to attributes in group 'activity'"
        )
    );
    let path = "/api/2/attributes/values/?attribute=weight";
    assert_eq!(narrow.get(path).await.status, 403);
    assert!(values(&c, "steps").await.is_empty());
}
