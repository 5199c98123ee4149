//! The table of error codes, and the order in which they are checked.

use crate::harness::{Tenure, on_both_engines};
use serde_json::{Value, json};

on_both_engines! {
    missing_field,
    validation,
    not_found_of_an_acquire,
    not_found_of_a_release,
    not_allowed,
    unauthorised,
    exists,
    the_first_check_that_fails_is_reported,
}

async fn missing_field(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let answer = c
        .acquire(json!([{"template":"mood"},{},{"manual":true}]))
        .await;
    let text = |index| format!("Object at index {index} missing field(s) 'name'");
    let errors: Vec<_> = answer
        .failed()
        .into_iter()
        .map(|(_, code, error)| (code, error))
        .collect();
    let missing = |index| ("missing_field".to_owned(), text(index));
    assert_eq!(errors, [missing(1), missing(2)]);
    assert_eq!(
        c.release(json!([{"template":"mood"}])).await.failure(),
        missing(0)
    );
}

async fn validation(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    for (item, field) in [
        (json!(1), "not an object"),
        (json!({"name":1}), "'name'"),
        (json!({"name":["mood"]}), "'name'"),
        (json!({"name":""}), "'name'"),
        (json!({"template":{}}), "'template'"),
        (json!({"template":""}), "'template'"),
        (json!({"name":"mood","template":false}), "'template'"),
        (json!({"template":"mood","manual":"true"}), "'manual'"),
        (json!({"template":"mood","manual":1}), "'manual'"),
        (json!({"template":"mood","manual":[]}), "'manual'"),
        (json!({"template":"mood","name":"steps"}), "'name'"),
    ] {
        let (code, error) = c.acquire(json!([item])).await.failure();
        assert_eq!(code, "validation", "{item}");
        assert!(
            error.starts_with("Object at index 0 ") && error.contains(field),
            "{error}"
        );
    }
    for item in [json!("mood"), json!({"name":7}), json!({"name":""})] {
        let (code, error) = c.release(json!([item])).await.failure();
        assert_eq!(code, "validation", "{item}");
        assert!(error.starts_with("Object at index 0 "), "{error}");
    }
    assert_eq!(c.owned_names().await.len(), 0);
}

async fn not_found_of_an_acquire(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let expected = (
        "not_found".to_owned(),
        "Attribute matching query does not exist.".to_owned(),
    );
    for item in [
        json!({"name":"nope"}),
        json!({"name":"mood"}),
        json!({"template":"nope"}),
        json!({"name":"nope","template":"nope"}),
        json!({"name":"x".repeat(100_000)}),
        json!({"name":"Mood"}),
    ] {
        assert_eq!(c.acquire(json!([item])).await.failure(), expected);
    }
}

async fn not_found_of_a_release(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let other = t.usual("grace", "test500").await;
    other
        .acquire(json!([{"template":"mood"}]))
        .await
        .succeeded();
    for name in ["nope", "mood", "it's"] {
        let text = format!("User doesn't have an attribute named '{name}'");
        let expected = ("not_found".to_owned(), text);
        assert_eq!(c.release(json!([{"name":name}])).await.failure(), expected);
    }
    assert_eq!(other.owned_names().await, ["mood"]);
}

async fn not_allowed(t: Tenure) {
    let c = t.client("ada", "test500", "mood_write activity_read").await;
    let text = "No permission to write to attributes in group 'activity'";
    let expected = ("not_allowed".to_owned(), text.to_owned());
    assert_eq!(
        c.acquire(json!([{"template":"steps"}])).await.failure(),
        expected
    );
    // It is checked before anything is created.
    let (code, _) = c.acquire(json!([{"name":"steps"}])).await.failure();
    assert_eq!(code, "not_found");
}

async fn unauthorised(t: Tenure) {
    let (c, other) = (
        t.usual("ada", "test500").await,
        t.usual("ada", "zz_first").await,
    );
    other
        .acquire(json!([{"template":"mood"}]))
        .await
        .succeeded();
    let free = t.custom("ada", "Nobody's", "media").await;
    for name in ["mood", free.as_str()] {
        let text = format!("Attribute '{name}' does not belong to this service");
        let expected = ("unauthorised".to_owned(), text);
        assert_eq!(c.release(json!([{"name":name}])).await.failure(), expected);
    }
    assert_eq!(other.owned_names().await, ["mood"]);
}

async fn exists(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    assert_eq!(t.custom("ada", "Mood", "mood").await, "mood");
    for item in [
        json!({"template":"mood"}),
        json!({"template":"mood","name":"mood"}),
    ] {
        let (code, error) = c.acquire(json!([item])).await.failure();
        assert_eq!(code, "exists");
        assert!(error.contains("'name'"), "{error}");
    }
    c.acquire(json!([{"name":"mood"}])).await.succeeded();
}

async fn the_first_check_that_fails_is_reported(t: Tenure) {
    let c = t.client("ada", "test500", "mood_write").await;
    t.custom("ada", "Steps", "activity").await;
    // Each has the failure of its row and of rows below it.
    let rows: [(Value, &str, &str); 8] = [
        (json!({"name":1,"manual":1}), "validation", "'name'"),
        (
            json!({"template":"","manual":1}),
            "validation",
            "'template'",
        ),
        (json!({"manual":"x"}), "missing_field", "'name'"),
        (
            json!({"name":"a","template":"b","manual":"x"}),
            "validation",
            "'manual'",
        ),
        (
            json!({"name":"a","template":"nope"}),
            "validation",
            "'name'",
        ),
        (
            json!({"template":"nope","name":"nope"}),
            "not_found",
            "does not exist",
        ),
        (json!({"template":"steps"}), "exists", "custom"),
        (json!({"name":"sleep"}), "not_found", "does not exist"),
    ];
    for (item, code, part) in rows {
        let (found, error) = c.acquire(json!([item])).await.failure();
        assert_eq!(found, code, "{item}");
        assert!(error.contains(part), "{item} {error}");
    }
}
