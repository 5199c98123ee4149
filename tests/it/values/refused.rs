//! What concerns the whole request ("Everywhere" in `contract.md`).

use super::{increment, set, values};
use crate::harness::{Platform, Tenure, on_both_engines};
use http::Method;
use serde_json::json;
use tenure::domain::internal::Role;

on_both_engines! {
    who_is_asking_comes_first,
    a_body_that_is_no_batch_is_refused,
    methods_and_cors_are_as_everywhere,
    a_database_that_is_out_of_reach_is_503_and_nothing_is_half_done,
    who_sends_no_token_is_told_before_the_body_is_read,
}

/// A request over the limit counts wherever it is made.
mod limited {
    use super::*;
    use tenure::app::Config;

    fn five_an_hour(config: &mut Config) {
        config.grpc.rates.usual = Some("5/h".parse().unwrap());
    }

    on_both_engines! {
        with super::five_an_hour:
        a_request_counts_as_one_of_its_token,
    }

    async fn a_request_counts_as_one_of_its_token(t: Tenure) {
        let p = Platform::new(t).await;
        let c = p.client("oura").await;
        c.acquire(json!([{"template":"steps"}])).await.succeeded();
        for _ in 0..3 {
            set(&c, "steps", "2026-01-31", 1).await.succeeded();
        }
        assert_eq!(values(&c, "steps").await.len(), 1);
        let over = set(&c, "steps", "2026-01-31", 2).await;
        assert_eq!(over.status, 429, "{over:?}");
        assert_ne!(over.header("retry-after"), "");
        assert!(over.detail().contains("throttled"), "{over:?}");
        assert_eq!(c.owned("").await.status, 429);
    }
}

const PATHS: [&str; 2] = ["/api/2/attributes/update/", "/api/2/attributes/increment"];

async fn who_is_asking_comes_first(t: Tenure) {
    let p = Platform::new(t).await;
    let usual = p.client("oura").await;
    for path in PATHS {
        let request = http::Request::post(path).body(b"junk".to_vec());
        let answer = usual.send(request.unwrap()).await;
        assert_eq!(answer.status, 401, "{answer:?}");
        let detail = "Authentication credentials were not provided.";
        assert_eq!(answer.detail(), detail);
        assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="api""#);
        let expired = p.t.expired("ada", "oura").await;
        for token in ["nobody", &expired, &"x".repeat(9000)] {
            let answer = p.with_token(token).post(path, "junk").await;
            assert_eq!(
                (answer.status, answer.detail().as_str()),
                (401, "Invalid token")
            );
            let challenge = r#"Bearer realm="api", error="invalid_token""#;
            assert_eq!(answer.header("www-authenticate"), challenge);
        }
        for token in [p.t.own("ada").await, p.t.internal(Role::Reader).await] {
            let answer = p.with_token(&token).post(path, "junk").await;
            assert_eq!(answer.status, 403, "{answer:?}");
        }
    }
    let nobody = p.with_token("nobody");
    let answer = nobody.get("/api/2/attributes/values/?limit=0").await;
    assert_eq!(answer.status, 401);
    // As soon as it is disconnected.
    p.t.disconnect("ada", "oura").await;
    let answer = set(&usual, "steps", "2026-01-31", 1).await;
    assert_eq!(answer.status, 401);
}

async fn a_body_that_is_no_batch_is_refused(t: Tenure) {
    let p = Platform::new(t).await;
    let c = p.client("oura").await;
    let many = format!("[{}]", vec!["{}"; 36].join(","));
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let large = format!("[{}]", " ".repeat(300_000));
    for (body, status, detail) in [
        ("junk", 400, "JSON parse error - "),
        ("{}", 400, "Expected a list of objects."),
        (&many, 400, "Maximum is 35 objects, got 36."),
        (&deep, 400, "JSON parse error - "),
        (&large, 413, "larger than"),
    ] {
        for path in PATHS {
            let answer = c.post(path, body).await;
            assert_eq!(answer.status, status, "{path} {answer:?}");
            assert!(answer.detail().contains(detail), "{path} {answer:?}");
        }
    }
    let request = c.request(Method::POST, PATHS[0]);
    let request = request.header("content-type", "text/plain");
    let answer = c.send(request.body(b"[]".to_vec()).unwrap()).await;
    assert_eq!(answer.status, 415);
    // The documented sample sends none.
    let request = c.request(Method::POST, PATHS[0]);
    let answer = c.send(request.body(b"[]".to_vec()).unwrap()).await;
    assert_eq!(answer.status, 200);
}

async fn methods_and_cors_are_as_everywhere(t: Tenure) {
    let p = Platform::new(t).await;
    let c = p.client("oura").await;
    for (path, method, allow) in [
        (PATHS[0], Method::GET, "POST, OPTIONS"),
        (PATHS[1], Method::PUT, "POST, OPTIONS"),
        (
            "/api/2/attributes/values/",
            Method::POST,
            "GET, HEAD, OPTIONS",
        ),
    ] {
        let request = c.request(method, path).body(Vec::new()).unwrap();
        let answer = c.send(request).await;
        assert_eq!((answer.status, answer.header("allow")), (405, allow));
        assert_ne!(answer.detail(), "");
        let request = http::Request::options(path).body(Vec::new()).unwrap();
        let answer = c.send(request).await;
        assert_eq!((answer.status, answer.header("allow")), (204, allow));
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("access-control-allow-methods"), allow);
    }
    let request = c.request(Method::POST, PATHS[0]);
    let request = request.header("x-request-id", "abc-1");
    let answer = c.send(request.body(b"[]".to_vec()).unwrap()).await;
    assert_eq!(answer.header("x-request-id"), "abc-1");
    assert_eq!(answer.header("content-type"), "application/json");
    let unknown = c.get("/api/2/attributes/nothing/").await;
    assert_eq!(
        (unknown.status, unknown.detail().as_str()),
        (404, "Not found.")
    );
}

async fn a_database_that_is_out_of_reach_is_503_and_nothing_is_half_done(t: Tenure) {
    let p = Platform::new(t).await;
    let c = p.client("oura").await;
    c.acquire(json!([{"template":"steps"}])).await.succeeded();
    set(&c, "steps", "2026-01-31", 1).await.succeeded();
    let outage = p.values.outage().await;
    let answer = increment(&c, json!([{"name":"steps","date":"2026-01-31","value":1}])).await;
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(answer.detail(), "The service cannot answer now; try again.");
    outage.end().await;
    let mut tries = 0;
    let sum = loop {
        let one = json!([{"name":"steps","date":"2026-01-31","value":1}]);
        let answer = increment(&c, one).await;
        if answer.status == 200 {
            break answer.succeeded()[0]["current"].clone();
        }
        assert_eq!(answer.status, 503, "{answer:?}");
        tries += 1;
        assert!(tries < 20, "it does not come back");
    };
    assert_eq!(sum, 2);
}

async fn who_sends_no_token_is_told_before_the_body_is_read(t: Tenure) {
    let p = Platform::new(t).await;
    let c = p.with_token("");
    let head = "POST /api/2/attributes/update/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
    let unfinished = format!("{head}Content-Length: 100\r\n\r\n[");
    let answer = c.raw(unfinished.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
}
