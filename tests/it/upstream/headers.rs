//! Which headers are passed on, and what the gateway says by itself.

use super::{Service, arrived, gateways, send};
use http::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn what_is_between_neighbours_stays_there() {
    let service = Service::start().await;
    let (_t, clients) = gateways(service.address, |_| {}).await;
    for c in &clients {
        let headers = [
            ("connection", "close, X-Named,upgrade"),
            ("x-named", "secret"),
            ("keep-alive", "timeout=5"),
            ("proxy-connection", "keep-alive"),
            ("proxy-authorization", "Basic YTpi"),
            ("te", "trailers"),
            ("trailer", "x-end"),
            ("upgrade", "websocket"),
            ("x-kept", "yes"),
        ];
        let told = send(c, Method::GET, "/told", &headers).await.json();
        for (name, _) in &headers[..headers.len() - 1] {
            assert_eq!(arrived(&told, name), &Value::Null, "{name}");
        }
        assert_eq!(arrived(&told, "x-kept"), &json!(["yes"]));
        let answer = c.get("/odd").await;
        assert_eq!(answer.text, "odd");
        assert_eq!(answer.header("x-kept"), "yes");
        for name in [
            "connection",
            "x-named",
            "keep-alive",
            "proxy-authenticate",
            "trailer",
            "upgrade",
        ] {
            assert_eq!(answer.header(name), "", "{name}");
        }
    }
}

#[tokio::test]
async fn a_length_beside_chunks_is_not_believed() {
    let service = Service::start().await;
    let (_t, clients) = gateways(service.address, |_| {}).await;
    for c in &clients {
        let head = "POST /told HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n";
        let chunks = "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
        let answer = c.raw(format!("{head}{chunks}").as_bytes()).await;
        assert!(answer.contains(r#""body":"hello""#), "{answer}");
    }
}

/// Headers with which a client says that it is someone else.
const FORGED: [(&str, &str); 9] = [
    ("forwarded", "for=6.6.6.6;host=evil.example"),
    ("x-forwarded-for", "6.6.6.6"),
    ("x-forwarded-for", "6.6.6.7"),
    ("x-forwarded-host", "evil.example"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-prefix", "/evil"),
    ("x_forwarded_for", "6.6.6.6"),
    ("x-real-ip", "6.6.6.6"),
    ("x_request_id", "evil"),
];

#[tokio::test]
async fn who_is_asking_cannot_be_forged() {
    let service = Service::start().await;
    let (_t, clients) = gateways(service.address, |_| {}).await;
    for c in &clients {
        let told = send(c, Method::GET, "/told", &FORGED).await.json();
        let own = c.addresses.http.to_string();
        for (name, values) in [
            ("x-forwarded-for", json!(["127.0.0.1"])),
            ("x-forwarded-host", json!([own])),
            ("x-forwarded-proto", json!(["http"])),
            ("forwarded", Value::Null),
            ("x-forwarded-prefix", Value::Null),
            ("x_forwarded_for", Value::Null),
            ("x-real-ip", Value::Null),
            ("x_request_id", Value::Null),
        ] {
            assert_eq!(arrived(&told, name), &values, "{name}");
        }
        // Nor taken away, by way of what is between neighbours.
        let named = "x-forwarded-for, x-forwarded-host, x-request-id, host";
        let told = send(c, Method::GET, "/told", &[("connection", named)]).await;
        let told = told.json();
        assert_eq!(arrived(&told, "x-forwarded-for"), &json!(["127.0.0.1"]));
        assert_eq!(arrived(&told, "x-forwarded-host"), &json!([own]));
    }
}

#[tokio::test]
async fn a_trusted_proxy_is_believed() {
    let service = Service::start().await;
    let trusting = |config: &mut tenure_gateway::Config| {
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    };
    let (_t, clients) = gateways(service.address, trusting).await;
    for c in &clients {
        let headers = [
            ("x-forwarded-for", "1.2.3.4"),
            ("x-forwarded-for", "5.6.7.8"),
            ("x-forwarded-host", "a.example"),
            ("x-forwarded-proto", "https"),
        ];
        let told = send(c, Method::GET, "/told", &headers).await.json();
        for (name, values) in [
            ("x-forwarded-for", json!(["1.2.3.4, 5.6.7.8, 127.0.0.1"])),
            ("x-forwarded-host", json!(["a.example"])),
            ("x-forwarded-proto", json!(["https"])),
        ] {
            assert_eq!(arrived(&told, name), &values, "{name}");
        }
    }
}

#[tokio::test]
async fn the_request_id_is_one_for_all() {
    let service = Service::start().await;
    let (_t, clients) = gateways(service.address, |_| {}).await;
    for c in &clients {
        for headers in [&[("x-request-id", "mine-1")][..], &[]] {
            let answer = send(c, Method::GET, "/told", headers).await;
            let id = answer.header("x-request-id");
            assert!(headers.is_empty() || id == "mine-1", "{id}");
            let told = answer.json();
            assert_eq!(arrived(&told, "x-request-id"), &json!([id]));
        }
        let id = c.get("/odd").await.header("x-request-id").to_owned();
        assert!(!id.is_empty() && id != "its-own", "{id}");
    }
}
