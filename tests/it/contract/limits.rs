//! "Everywhere": sizes, rates, hosts, and which error comes first.

use crate::harness::{Client, Process, Tenure, http_get, on_both_engines};
use http::{Method, Request};
use serde_json::json;
use tenure::app::Config;
use tonic_types::StatusExt as _;

const ACQUIRE: &str = "/api/2/attributes/acquire/";

on_both_engines! {
    a_body_that_is_no_json_no_array_or_over_35_objects_is_400,
    objects_are_counted_before_any_is_looked_at,
    a_body_over_256_kib_is_413_and_the_client_sees_it,
    a_bearer_token_over_8_kib_is_401,
    other_headers_over_32_kib_are_431,
    a_request_without_a_valid_host_is_400,
    the_first_error_in_the_order_is_the_one_that_is_told,
    the_limit_is_300_an_hour_unless_told_otherwise_and_off_is_possible,
    http_2_is_spoken_too,
}
on_both_engines! { with super::three_an_hour: too_many_requests_are_429_with_retry_after }
on_both_engines! { with super::one_an_hour: over_grpc_the_limit_says_when_to_come_back }

fn three_an_hour(config: &mut Config) {
    config.grpc.rates.usual = Some("3/h".parse().unwrap());
}

fn one_an_hour(config: &mut Config) {
    config.grpc.rates.usual = Some("1/h".parse().unwrap());
}

async fn a_body_that_is_no_json_no_array_or_over_35_objects_is_400(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let deep = |depth: usize| "[".repeat(depth) + "]".repeat(depth).as_str();
    let list = |count| serde_json::to_string(&vec![json!({"template":"mood"}); count]).unwrap();
    for path in [ACQUIRE, "/api/2/attributes/release/"] {
        for no_json in [
            "",
            "{",
            "[",
            "[{]",
            "nonsense",
            "[1,]",
            "[NaN]",
            "[] []",
            &deep(129),
        ] {
            let answer = c.post(path, no_json).await;
            assert_eq!(answer.status, 400, "{no_json}");
            assert!(
                answer.detail().starts_with("JSON parse error - "),
                "{answer:?}"
            );
        }
        for no_array in ["{}", "null", "1", "\"[]\"", "true"] {
            let answer = c.post(path, no_array).await;
            assert_eq!(answer.status, 400, "{no_array}");
            assert_eq!(
                answer.json(),
                json!({"detail":"Expected a list of objects."})
            );
        }
        let answer = c.post(path, list(36)).await;
        assert_eq!(answer.status, 400);
        assert_eq!(
            answer.json(),
            json!({"detail":"Maximum is 35 objects, got 36."})
        );
        assert_eq!(c.post(path, deep(128)).await.status, 202);
    }
    assert_eq!(c.owned_names().await.len(), 0);
    assert_eq!(c.post(ACQUIRE, list(35)).await.status, 200);
}

async fn objects_are_counted_before_any_is_looked_at(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let mut items = vec![json!(17); 35];
    items.insert(0, json!({"template":"mood"}));
    let answer = c.acquire(json!(items)).await;
    assert_eq!(answer.detail(), "Maximum is 35 objects, got 36.");
    assert_eq!(c.owned_names().await.len(), 0);
}

async fn a_body_over_256_kib_is_413_and_the_client_sees_it(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let padded = |size: usize| format!("[]{}", " ".repeat(size - 2));
    assert_eq!(c.post(ACQUIRE, padded(256 * 1024)).await.status, 200);
    for size in [256 * 1024 + 1, 1024 * 1024, 1280 * 1024] {
        let answer = c.post(ACQUIRE, padded(size)).await;
        assert_eq!(answer.status, 413, "{size}");
        assert!(answer.detail().contains("262144"), "{answer:?}");
    }
}

async fn a_bearer_token_over_8_kib_is_401(t: Tenure) {
    let judged = async || {
        let metrics = http_get(t.addresses.metrics, "/metrics").await;
        let refused =
            "tenure_grpc_calls_total{method=\"ListOwnedAttributes\",code=\"Unauthenticated\"}";
        let line = metrics.lines().find(|line| line.starts_with(refused));
        line.map_or(0, |line| line.rsplit(' ').next().unwrap().parse().unwrap())
    };
    for (length, judged_by_the_service) in [(8192, 1), (8193, 1), (20_000, 1), (200_000, 1)] {
        let answer = t.with_token(&"x".repeat(length)).owned("").await;
        let told = (answer.status, answer.detail());
        assert_eq!(told, (401, "Invalid token".to_owned()), "{length}");
        // Over 8 KiB it is decided at the gateway.
        assert_eq!(judged().await, judged_by_the_service, "{length}");
    }
}

async fn other_headers_over_32_kib_are_431(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let send = async |size: usize| {
        let request = c.request(Method::GET, "/api/2/attributes/owned/");
        let request = request.header("x-padding", "x".repeat(size));
        c.send(request.body(Vec::new()).unwrap()).await
    };
    assert_eq!(send(32_000).await.status, 200);
    let answer = send(33_000).await;
    assert_eq!(answer.status, 431);
    assert!(answer.detail().contains("32768"), "{answer:?}");
}

async fn a_request_without_a_valid_host_is_400(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let send = async |hosts: &str| {
        let auth = format!("Authorization: Bearer {}", c.token);
        let path = "/api/2/attributes/owned/";
        let request = format!("GET {path} HTTP/1.1\r\n{hosts}{auth}\r\nConnection: close\r\n\r\n");
        c.raw(request.as_bytes()).await
    };
    let target = "GET http://b.example/api/2/attributes/owned/ HTTP/1.1\r\n";
    for host in ["", "Host: a b\r\n", "Host: a\r\nHost: b\r\n"] {
        let request = format!("{target}{host}Connection: close\r\n\r\n");
        let answer = c.raw(request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{host:?} {answer}");
    }
    assert!(
        send("Host: a.example\r\n")
            .await
            .starts_with("HTTP/1.1 200")
    );
    for hosts in [
        "",
        "Host: \r\n",
        "Host: a b\r\n",
        "Host: user@a.example\r\n",
        "Host: a.example/path\r\n",
        "Host: a.example:port\r\n",
        "Host: a.example\r\nHost: b.example\r\n",
    ] {
        let answer = send(hosts).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{hosts:?} {answer}");
        let detail = r#"{"detail":"The request has no valid Host."}"#;
        assert!(answer.ends_with(detail), "{answer}");
    }
}

async fn the_first_error_in_the_order_is_the_one_that_is_told(t: Tenure) {
    let good = t.usual("ada", "test500").await;
    let bad = t.with_token("bad");
    let huge = " ".repeat(300 * 1024);
    let send = async |c: &Client, method: &str, path: &str, kind: &str, body: &str| {
        let request = c.request(method.parse().unwrap(), path);
        let request = request.header("content-type", kind);
        let request = request.body(body.as_bytes().to_vec());
        c.send(request.unwrap()).await.status
    };
    let wrong = format!("{ACQUIRE}?success_objects=maybe");
    let (text, json) = ("text/plain", "application/json");
    for (client, method, path, kind, body, first) in [
        (&bad, "PUT", "/nowhere", text, huge.as_str(), 404),
        (&bad, "PUT", wrong.as_str(), text, huge.as_str(), 405),
        (&bad, "POST", wrong.as_str(), text, huge.as_str(), 401),
        (&good, "POST", wrong.as_str(), text, huge.as_str(), 415),
        (&good, "POST", wrong.as_str(), json, huge.as_str(), 413),
        (&good, "POST", wrong.as_str(), json, "{", 400),
        (
            &good,
            "GET",
            "/api/2/attributes/owned/?page=x&limit=0",
            json,
            "",
            400,
        ),
        (
            &good,
            "GET",
            "/api/2/attributes/owned/?page=x",
            json,
            "",
            404,
        ),
        (
            &bad,
            "GET",
            "/api/2/attributes/owned/?page=x",
            json,
            "",
            401,
        ),
    ] {
        let status = send(client, method, path, kind, body).await;
        assert_eq!(status, first, "{method} {path} {kind}");
    }
    let answer = good.post(&wrong, "{").await;
    assert!(answer.detail().contains("'success_objects'"), "{answer:?}");
}

async fn too_many_requests_are_429_with_retry_after(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    // Errors of the request count too, for they come after the limit.
    assert_eq!(c.post(ACQUIRE, "nonsense").await.status, 400);
    c.acquire(json!([{"template":"mood"}])).await.succeeded();
    assert_eq!(c.owned("").await.status, 200);
    for answer in [
        c.owned("").await,
        c.owned("?page=x").await,
        c.owned("?limit=x").await,
        c.post(ACQUIRE, "nonsense").await,
        c.post(ACQUIRE, " ".repeat(300 * 1024)).await,
        c.release(json!([{"name":"mood"}])).await,
    ] {
        assert_eq!(answer.status, 429);
        let wait: u64 = answer.header("retry-after").parse().unwrap();
        assert!((1..=1200).contains(&wait), "{wait}");
        assert!(
            answer.detail().starts_with("Request was throttled."),
            "{answer:?}"
        );
    }
    // The limit is of the token: another has its own, and one that is refused has none.
    let other = t.with_token(&t.issue("ada", "test500", None).await);
    assert_eq!(other.owned("").await.status, 200);
    for _ in 0..5 {
        assert_eq!(t.with_token("junk").owned("").await.status, 401);
    }
    let preflight = Request::options(ACQUIRE).body(Vec::new()).unwrap();
    assert_eq!(c.send(preflight).await.status, 204);
    assert_eq!(c.owned("").await.status, 429);
}

async fn the_limit_is_300_an_hour_unless_told_otherwise_and_off_is_possible(t: Tenure) {
    let token = t.usual("ada", "test500").await.token;
    for (line, last) in [("serve", 429), ("serve --rate-limit off", 200)] {
        // Little is logged: nobody reads it.
        let process = Process::start(&t.database.url(), line, "warn,tenure::command=info");
        let c = Client::new(process.addresses, token.clone());
        for request in 0..300 {
            assert_eq!(c.owned("").await.status, 200, "{request}");
        }
        assert_eq!(c.owned("").await.status, last, "{line}");
    }
}

async fn over_grpc_the_limit_says_when_to_come_back(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    assert_eq!(c.owned("").await.status, 200);
    let mut stub = crate::grpc::stub(&t).await;
    let message = tenure::proto::GetCallerRequest {};
    let status = stub.get_caller(crate::grpc::with(&c, message)).await;
    let status = status.unwrap_err();
    assert_eq!(status.code(), tonic::Code::ResourceExhausted);
    let wait = status
        .get_details_retry_info()
        .unwrap()
        .retry_delay
        .unwrap();
    assert!((3_500..=3_600).contains(&wait.as_secs()), "{wait:?}");
}

async fn http_2_is_spoken_too(t: Tenure) {
    let c = t.usual("ada", "test500").await.over_http_2();
    c.acquire(json!([{"template":"steps"},{"template":"mood"}]))
        .await
        .succeeded();
    let json = c.owned("?limit=1").await.json();
    let next = format!(
        "http://{}/api/2/attributes/owned/?limit=1&page=2",
        t.addresses.http
    );
    assert_eq!(json["next"], json!(next));
    let big = t.with_token(&"x".repeat(100_000)).over_http_2();
    assert_eq!(big.owned("").await.status, 401);
    let request = c.request(Method::GET, "/api/2/attributes/owned/");
    let request = request.header("x-padding", "x".repeat(100_000));
    let answer = c.send(request.body(Vec::new()).unwrap()).await;
    assert_eq!(answer.status, 431);
}
