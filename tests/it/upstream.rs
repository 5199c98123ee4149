//! What the gateway does not serve itself is passed on to another service, and its answers back: from the gateway
//! within `tenure serve`, and from one on its own.

mod headers;
mod lost;
mod service;
mod stop;

use crate::{
    harness::{Answer, Client, Database, Tenure},
    split::gateway,
};
use axum::body::{Body, Bytes};
use http::{Method, Request, Response};
use http_body_util::BodyExt as _;
use hyper_util::{client::legacy, rt::TokioExecutor};
use serde_json::{Value, json};
use service::Service;
use std::{convert::Infallible, net::SocketAddr, time::Duration};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

const PATH: &str = "/api/2/attributes/update/?date=2026-01-31&x=%2F";

/// A Tenure whose gateway passes on to this address, a gateway of its own that does, and a client of each.
async fn gateways(
    upstream: SocketAddr,
    change: impl Fn(&mut tenure_gateway::Config),
) -> (Tenure, [Client; 2]) {
    let mut config = tenure_gateway::Config {
        upstream: Some(format!("http://{upstream}").parse().unwrap()),
        ..Default::default()
    };
    change(&mut config);
    let t = Tenure::start_with(Database::sqlite(), |all| all.gateway = config.clone()).await;
    let within = t.usual("ada", "test500").await;
    let grpc = format!("http://{}", t.addresses.grpc);
    let elsewhere = gateway(grpc, config, t.addresses, &within.token).await;
    (t, [within, elsewhere])
}

/// Sends a request with these headers.
async fn send(c: &Client, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = c.request(method, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    c.send(request.body(Vec::new()).unwrap()).await
}

/// What came of a header at the service: its values.
fn arrived<'a>(told: &'a Value, name: &str) -> &'a Value {
    &told["headers"][name]
}

#[tokio::test]
async fn a_request_and_its_answer_pass_whole() {
    let service = Service::start().await;
    let (_t, clients) = gateways(service.address, |_| {}).await;
    for c in &clients {
        let request = c
            .request(Method::POST, PATH)
            .header("content-type", "application/json")
            .header("x-twice", "1")
            .header("x-twice", "2");
        let answer = c
            .send(request.body(b"[{\"name\":\"mood\"}]".to_vec()).unwrap())
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("x-upstream"), "was here");
        let told = answer.json();
        assert_eq!(told["method"], "POST");
        assert_eq!(told["target"], PATH);
        assert_eq!(told["body"], r#"[{"name":"mood"}]"#);
        let bearer = format!("Bearer {}", c.token);
        for (name, values) in [
            ("authorization", json!([bearer])),
            ("content-type", json!(["application/json"])),
            ("content-length", json!(["17"])),
            ("x-twice", json!(["1", "2"])),
            ("host", json!([service.address.to_string()])),
            ("via", json!(["1.1 tenure"])),
        ] {
            assert_eq!(arrived(&told, name), &values, "{name}");
        }
    }
}

#[tokio::test]
async fn the_target_passes_as_it_is() {
    let service = Service::start().await;
    let (_t, clients) = gateways(service.address, |_| {}).await;
    for c in &clients {
        for (line, target) in [
            ("GET //a//b/../c?", "//a//b/../c?"),
            ("GET /a%2Fb;c?x=%00&&=", "/a%2Fb;c?x=%00&&="),
            ("GET http://b/told?x", "/told?x"),
            ("OPTIONS *", "*"),
        ] {
            let request = format!("{line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            let answer = c.raw(request.as_bytes()).await;
            let told = format!(r#""target":"{target}""#);
            assert!(answer.contains(&told), "{line} {answer}");
        }
    }
}

#[tokio::test]
async fn an_error_of_the_service_passes_as_it_is() {
    let service = Service::start().await;
    let (_t, clients) = gateways(service.address, |_| {}).await;
    for c in &clients {
        for status in [202, 302, 401, 404, 422, 500, 503] {
            let answer = c.get(&format!("/status/{status}")).await;
            assert_eq!(answer.status, status);
            assert_eq!(answer.text, "its own words");
            assert_eq!(answer.header("retry-after"), "7");
            assert_eq!(answer.header("x-upstream"), "was here");
        }
    }
}

#[tokio::test]
async fn over_http_2_it_is_the_same() {
    let service = Service::start().await;
    let (_t, clients) = gateways(service.address, |_| {}).await;
    for c in clients {
        let c = c.over_http_2();
        let request = c.request(Method::POST, "/told?a=b");
        let request = request.header("cookie", "a=1").header("cookie", "b=2");
        let answer = c.send(request.body(b"hello".to_vec()).unwrap()).await;
        let told = answer.json();
        assert_eq!(told["target"], "/told?a=b");
        assert_eq!(told["body"], "hello");
        assert_eq!(arrived(&told, "cookie"), &json!(["a=1; b=2"]));
        assert_eq!(arrived(&told, "via"), &json!(["2.0 tenure"]));
        let host = c.addresses.http.to_string();
        assert_eq!(arrived(&told, "x-forwarded-host"), &json!([host]));
        assert_eq!(c.get("/odd").await.text, "odd");
    }
}

#[tokio::test]
async fn head_has_the_length_of_get_or_none() {
    let service = Service::start().await;
    let (_t, clients) = gateways(service.address, |_| {}).await;
    for c in &clients {
        for (path, length, text) in [("/sized", "10", "ten bytes."), ("/unsized", "", "five!")] {
            assert_eq!(c.get(path).await.text, text);
            let head = send(c, Method::HEAD, path, &[]).await;
            assert_eq!((head.status, head.text.as_str()), (200, ""));
            assert_eq!(head.header("content-length"), length, "{path}");
        }
        let unchanged = c.get("/status/304").await;
        assert_eq!(unchanged.status, 304);
        assert_eq!(unchanged.header("content-length"), "");
    }
}

#[tokio::test]
async fn a_page_from_elsewhere_may_call_it() {
    let service = Service::start().await;
    let (_t, clients) = gateways(service.address, |_| {}).await;
    for c in &clients {
        let c = c.clone();
        let asked = [
            ("origin", "https://page.example"),
            ("access-control-request-method", "GET"),
        ];
        let path = "/api/2/attributes/values/";
        let answer = send(&c, Method::OPTIONS, path, &asked).await;
        assert_eq!(answer.status, 204);
        for (name, value) in [
            ("access-control-allow-origin", "*"),
            ("access-control-allow-methods", "GET, HEAD, OPTIONS"),
            ("access-control-allow-credentials", ""),
            (
                "access-control-allow-headers",
                "Authorization, Content-Type, Idempotency-Key",
            ),
        ] {
            assert_eq!(answer.header(name), value, "{name}");
        }
    }
}

#[tokio::test]
async fn what_the_gateway_serves_is_not_passed_on() {
    let service = Service::start().await;
    let (_t, clients) = gateways(service.address, |_| {}).await;
    for c in &clients {
        assert_eq!(c.owned("").await.status, 200);
        let acquire = "/api/2/attributes/acquire/";
        assert_eq!(c.acquire(json!([{"template":"mood"}])).await.status, 200);
        let wrong = c.get(acquire).await;
        assert_eq!(wrong.status, 405);
        assert_eq!(wrong.header("allow"), "POST, OPTIONS");
        let large = [("x-large", "x".repeat(40 * 1024))];
        let large = large
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let refused = send(c, Method::GET, "/told", &large).await;
        assert_eq!(refused.status, 431);
        let long = Client::new(c.addresses, "x".repeat(9 * 1024));
        let refused = long.get("/told").await;
        assert_eq!(refused.status, 401);
        assert_eq!(refused.detail(), "Invalid token");
    }
    assert_eq!(service.asked(), 0);
}

#[tokio::test]
async fn without_an_upstream_other_paths_are_404() {
    let t = Tenure::start(Database::sqlite()).await;
    let within = t.usual("ada", "test500").await;
    let grpc = format!("http://{}", t.addresses.grpc);
    let config = tenure_gateway::Config::default();
    let elsewhere = gateway(grpc, config, t.addresses, &within.token).await;
    for c in [within, elsewhere] {
        let answer = c.post(PATH, "[]").await;
        assert_eq!((answer.status, answer.detail()), (404, "Not found.".into()));
    }
}

/// Posts to the path of the service that answers with what it is sent.
async fn back(c: &Client, body: Body) -> Response<Body> {
    let uri = format!("http://{}/back", c.addresses.http);
    let request = Request::post(uri).body(body).unwrap();
    let http = legacy::Client::builder(TokioExecutor::new()).build_http();
    http.request(request).await.unwrap().map(Body::new)
}

#[tokio::test]
async fn a_large_body_passes_both_ways() {
    let service = Service::start().await;
    let (_t, clients) = gateways(service.address, |_| {}).await;
    let large: Vec<u8> = (0..5 << 20).map(|i: u32| i.to_le_bytes()[1]).collect();
    for c in &clients {
        let answer = back(c, Body::from(large.clone())).await;
        assert_eq!(answer.status(), 200);
        let body = answer.collect().await.unwrap().to_bytes();
        assert!(body == large, "{} bytes came back", body.len());
    }
}

#[tokio::test]
async fn bodies_pass_bit_by_bit() {
    let service = Service::start().await;
    let (_t, clients) = gateways(service.address, |_| {}).await;
    for c in &clients {
        let (sender, bits) = mpsc::channel::<Result<Bytes, Infallible>>(1);
        let mut answer = back(c, Body::from_stream(ReceiverStream::new(bits))).await;
        for bit in ["one", "two", "three"] {
            sender.send(Ok(Bytes::from(bit))).await.unwrap();
            let patience = Duration::from_secs(20);
            let frame = tokio::time::timeout(patience, answer.frame()).await;
            let frame = frame.unwrap().unwrap().unwrap();
            assert_eq!(frame.into_data().unwrap(), bit);
        }
        drop(sender);
        assert!(answer.frame().await.is_none());
    }
}
