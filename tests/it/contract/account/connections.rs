//! Connections, and what becomes of what a service owned.

use super::{CONNECTIONS, ada, seen, send};
use crate::harness::{Answer, Client, Tenure, on_both_engines};
use http::Method;
use serde_json::{Value, json};

on_both_engines! {
    connections_are_listed_by_label,
    a_preview_tells_what_then_happens_and_changes_nothing,
    a_disconnection_whose_preview_is_overtaken_is_412,
    a_disconnected_service_is_out_at_once,
}

async fn disconnect(user: &Client, path: &str, if_match: &str) -> Answer {
    let request = user.request(Method::DELETE, &format!("{CONNECTIONS}{path}"));
    send(user, request, Vec::new(), if_match).await
}

async fn connections_are_listed_by_label(t: Tenure) {
    let (user, _) = ada(&t).await;
    let answer = user.get(CONNECTIONS).await;
    let body = answer.json();
    let listed = body["connections"].as_array().unwrap().iter();
    let listed: Vec<_> = listed
        .map(|c| {
            (
                c["service"]["label"].as_str().unwrap(),
                c["owned"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        listed,
        [("My Test Client", 1), ("Oura", 0), ("Withings", 0)]
    );
    let scopes = body["connections"][0]["scopes"].as_array().unwrap();
    assert!(scopes.contains(&json!("activity_write")), "{scopes:?}");
    assert!(
        body["connections"][0]["since"]
            .as_str()
            .unwrap()
            .ends_with('Z')
    );
    assert_eq!(
        answer.header("x-ownership-revision"),
        body["revision"].to_string()
    );
}

fn passing(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["passing"].clone()
}

async fn a_preview_tells_what_then_happens_and_changes_nothing(t: Tenure) {
    let (user, c) = ada(&t).await;
    c.acquire(json!([{"template":"mood"}])).await.succeeded();
    let before = t.snapshot("ada").await;
    let preview = disconnect(&user, "test500/?validate_only=1", "").await;
    assert_eq!(t.snapshot("ada").await, before);
    let expected = json!([
        {"attribute":"steps","label":"Steps","to":{"name":"oura","label":"Oura"}},
        {"attribute":"mood","label":"Mood","to":null},
    ]);
    let mut told = passing(&preview).as_array().unwrap().clone();
    told.sort_by_key(|passing| std::cmp::Reverse(passing["attribute"].to_string()));
    assert_eq!(Value::from(told), expected);
    let done = disconnect(&user, "test500/", preview.header("etag")).await;
    assert_eq!(passing(&done), passing(&preview));
    assert_eq!(seen(&user, "steps").await.0["service"]["name"], "oura");
    assert_eq!(seen(&user, "mood").await.0["service"], Value::Null);
}

async fn a_disconnection_whose_preview_is_overtaken_is_412(t: Tenure) {
    let (user, c) = ada(&t).await;
    let preview = disconnect(&user, "test500/?validate_only=1", "").await;
    let tag = preview.header("etag").to_owned();
    c.acquire(json!([{"template":"mood"}])).await.succeeded();
    let before = t.snapshot("ada").await;
    for (if_match, status) in [(&*tag, 412), ("\"x\"", 412), ("x", 400)] {
        let answer = disconnect(&user, "test500/", if_match).await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
    assert_eq!(t.snapshot("ada").await, before);
    let again = disconnect(&user, "test500/?validate_only=1", "").await;
    let done = disconnect(&user, "test500/", again.header("etag")).await;
    assert_eq!(passing(&done), passing(&again));
}

async fn a_disconnected_service_is_out_at_once(t: Tenure) {
    let (user, c) = ada(&t).await;
    passing(&disconnect(&user, "test500", "").await);
    assert_eq!(c.owned("").await.status, 401);
    let again = disconnect(&user, "test500", "").await;
    assert_eq!(again.status, 404, "{again:?}");
    assert!(again.detail().contains("test500"), "{again:?}");
}
