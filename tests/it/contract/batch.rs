//! "The batch law".

use crate::harness::{Tenure, on_both_engines};
use serde_json::{Value, json};

const ACQUIRE: &str = "/api/2/attributes/acquire/";
const RELEASE: &str = "/api/2/attributes/release/";

on_both_engines! {
    the_documented_request_gives_the_documented_answer,
    the_status_is_200_only_if_nothing_failed,
    a_failed_item_stops_no_other_and_both_arrays_keep_the_order,
    an_empty_array_is_200,
    the_same_name_twice_is_two_items,
    an_item_comes_back_as_it_was_sent,
    of_a_repeated_key_the_last_counts,
    the_name_is_added_where_a_template_is_acquired,
    our_error_and_error_code_replace_any_that_were_sent,
    release_looks_at_the_name_alone,
    an_item_that_is_no_object_fails_by_itself,
    a_name_with_a_nul_does_not_exist_and_one_with_a_lone_surrogate_is_invalid,
    null_counts_as_absent,
    the_whole_batch_is_one_transaction,
}

/// Posts a body, and gives the status and the answer as text.
async fn text(t: &Tenure, path: &str, body: &str) -> (u16, String) {
    let answer = t.usual("ada", "test500").await.post(path, body).await;
    (answer.status, answer.text)
}

async fn the_documented_request_gives_the_documented_answer(t: Tenure) {
    let other = t.usual("ada", "oura").await;
    other
        .acquire(json!([{"template":"mood_note"}]))
        .await
        .succeeded();
    let request = r#"[{"title":"mood"},{"name":"mood_note","active":"true"}]"#;
    let (status, body) = text(&t, ACQUIRE, request).await;
    assert_eq!(status, 202);
    let documented = concat!(
        r#"{"success":[{"name":"mood_note","active":"true"}],"#,
        r#""failed":[{"title":"mood","error_code":"missing_field","#,
        r#""error":"Object at index 0 missing field(s) 'name'"}]}"#
    );
    assert_eq!(body, documented);
    let (status, body) = text(&t, RELEASE, request).await;
    assert_eq!((status, body.as_str()), (202, documented));
}

async fn the_status_is_200_only_if_nothing_failed(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    for (items, status) in [
        (json!([{"template":"mood"}]), 200),
        (json!([{"template":"mood"},{}]), 202),
        (json!([{}, {}]), 202),
    ] {
        assert_eq!(c.acquire(items).await.status, status);
    }
    assert_eq!(c.release(json!([{}])).await.status, 202);
}

async fn a_failed_item_stops_no_other_and_both_arrays_keep_the_order(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let items = json!([
        {"template":"steps"}, {"n":1}, {"template":"mood"}, {"name":"nope","n":2}, {"template":"sleep"}, {"n":3}
    ]);
    let answer = c.acquire(items).await;
    assert_eq!(answer.status, 202);
    let json = answer.json();
    assert_eq!(
        crate::harness::names(&json["success"]),
        ["steps", "mood", "sleep"]
    );
    let failed: Vec<_> = json["failed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| &f["n"])
        .collect();
    assert_eq!(failed, [1, 2, 3]);
    assert_eq!(c.owned_names().await, ["steps", "mood", "sleep"]);
}

async fn an_empty_array_is_200(t: Tenure) {
    for path in [ACQUIRE, RELEASE] {
        let answer = text(&t, path, "[]").await;
        assert_eq!(answer, (200, r#"{"success":[],"failed":[]}"#.to_owned()));
    }
}

async fn the_same_name_twice_is_two_items(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let twice = json!([{"template":"mood"},{"name":"mood"}]);
    assert_eq!(
        c.acquire(twice).await.succeeded().as_array().unwrap().len(),
        2
    );
    assert_eq!(t.owner("ada", "mood").await.1, 1);
    let answer = c.release(json!([{"name":"mood"},{"name":"mood"}])).await;
    assert_eq!(answer.status, 202);
    assert_eq!(answer.json()["success"], json!([{"name":"mood"}]));
    let unauthorised = "Attribute 'mood' does not belong to this service";
    let failed = vec![(
        "mood".to_owned(),
        "unauthorised".to_owned(),
        unauthorised.to_owned(),
    )];
    assert_eq!(answer.failed(), failed);
}

async fn an_item_comes_back_as_it_was_sent(t: Tenure) {
    let members = concat!(
        r#""z":1.10,"a":[1, 2,{"b":null}],"big":123456789012345678901234567890,"e":1e400,"#,
        r#""s":"\u00e9\ud83d\ude00 \"q\" \/","lone":"\ud800","\udead":1,"t":true"#
    );
    let body = format!(r#"[{{"name":"mood",{members}}},{{{members}}}]"#);
    t.usual("ada", "oura")
        .await
        .acquire(json!([{"template":"mood"}]))
        .await
        .succeeded();
    for path in [ACQUIRE, RELEASE] {
        let (status, answer) = text(&t, path, &body).await;
        assert_eq!(status, 202);
        let missing =
            r#""error_code":"missing_field","error":"Object at index 1 missing field(s) 'name'""#;
        let expected = format!(
            r#"{{"success":[{{"name":"mood",{members}}}],"failed":[{{{members},{missing}}}]}}"#
        );
        assert_eq!(answer, expected);
    }
}

async fn of_a_repeated_key_the_last_counts(t: Tenure) {
    let body = r#"[{"template":"nope","x":1,"template":"mood","x":2}]"#;
    let (status, answer) = text(&t, ACQUIRE, body).await;
    assert_eq!(status, 200);
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(
        answer["success"],
        json!([{"template":"mood","x":2,"name":"mood"}])
    );
}

async fn the_name_is_added_where_a_template_is_acquired(t: Tenure) {
    let body = r#"[{"template":"mood"},{"name":null,"template":"steps"},{"template":"nope"},{"template":""},{"template":7}]"#;
    let (_, answer) = text(&t, ACQUIRE, body).await;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let names = |list: &Value| -> Vec<Value> {
        list.as_array()
            .unwrap()
            .iter()
            .map(|i| i["name"].clone())
            .collect()
    };
    assert_eq!(names(&answer["success"]), [json!("mood"), json!("steps")]);
    assert_eq!(
        names(&answer["failed"]),
        [json!("nope"), Value::Null, Value::Null]
    );
}

async fn our_error_and_error_code_replace_any_that_were_sent(t: Tenure) {
    let body = r#"[{"error":1,"title":"x","error_code":"mine"}]"#;
    for path in [ACQUIRE, RELEASE] {
        let (_, answer) = text(&t, path, body).await;
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let error = "Object at index 0 missing field(s) 'name'";
        let expected = json!([{"error":error,"title":"x","error_code":"missing_field"}]);
        assert_eq!(answer["failed"], expected);
    }
    let sent = r#"[{"template":"mood","error":"kept"}]"#;
    let (status, answer) = text(&t, ACQUIRE, sent).await;
    assert_eq!(status, 200);
    assert!(answer.contains(r#""error":"kept""#), "{answer}");
}

async fn release_looks_at_the_name_alone(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    c.acquire(json!([{"template":"mood"}])).await.succeeded();
    let item = json!({"name":"mood","template":17,"manual":"what","active":[]});
    assert_eq!(c.release(json!([item])).await.succeeded(), json!([item]));
    let (code, error) = c.release(json!([{"template":"mood"}])).await.failure();
    assert_eq!(code, "missing_field");
    assert_eq!(error, "Object at index 0 missing field(s) 'name'");
}

async fn an_item_that_is_no_object_fails_by_itself(t: Tenure) {
    for path in [ACQUIRE, RELEASE] {
        let body = r#"[null,1,"mood",[{"name":"mood"}],true]"#;
        let (status, answer) = text(&t, path, body).await;
        assert_eq!(status, 202);
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let expected: Vec<_> = (0..5)
            .map(|i| {
                let error = format!("Object at index {i} is not an object");
                json!({"error_code":"validation","error":error})
            })
            .collect();
        assert_eq!(answer["failed"], json!(expected));
    }
}

async fn a_name_with_a_nul_does_not_exist_and_one_with_a_lone_surrogate_is_invalid(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    for (body, code) in [
        (r#"[{"name":"mo\u0000od"}]"#, "not_found"),
        (r#"[{"template":"mood\u0000"}]"#, "not_found"),
        (r#"[{"name":"\ud800"}]"#, "validation"),
        (r#"[{"template":"mood\udfff"}]"#, "validation"),
    ] {
        let answer = c.post(ACQUIRE, body).await;
        assert_eq!(answer.failure().0, code, "{body}");
    }
    let answer = c.post(RELEASE, r#"[{"name":"a\u0000b"}]"#).await.failure();
    let text = "User doesn't have an attribute named 'a\0b'";
    assert_eq!(answer, ("not_found".to_owned(), text.to_owned()));
    let answer = c.post(RELEASE, r#"[{"name":"\udc00"}]"#).await;
    assert_eq!(answer.failure().0, "validation");
}

async fn null_counts_as_absent(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    c.acquire(json!([{"template":"mood","name":null,"manual":null}]))
        .await
        .succeeded();
    c.acquire(json!([{"name":"mood","template":null}]))
        .await
        .succeeded();
    for item in [json!({"name":null}), json!({"name":null,"template":null})] {
        assert_eq!(c.acquire(json!([item])).await.failure().0, "missing_field");
        assert_eq!(c.release(json!([item])).await.failure().0, "missing_field");
    }
}

async fn the_whole_batch_is_one_transaction(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let before = t
        .database
        .numbers("select revision from user_revision")
        .await;
    c.acquire(json!([{"template":"mood"},{"template":"steps"},{},{"template":"sleep"}]))
        .await;
    let after = t
        .database
        .numbers("select revision from user_revision")
        .await;
    assert_eq!(after[0], before[0] + 1);
    let events = "select count(*) from event where cause = 'ACQUIRED'";
    assert_eq!(t.database.numbers(events).await, [3]);
    // What changes nothing writes nothing.
    c.acquire(json!([{"name":"mood"},{"template":"steps"}]))
        .await
        .succeeded();
    assert_eq!(
        t.database
            .numbers("select revision from user_revision")
            .await,
        after
    );
}
