//! REST and gRPC over TLS.

use super::{
    Secured,
    peer::{Http1, channel, connect},
    secured,
};
use crate::grpc::{Stub, with};
use http::StatusCode;
use serde_json::Value;
use tenure::{domain::internal::Role, proto::GetCallerRequest};
use tokio::{io::AsyncReadExt as _, net::TcpStream};

#[tokio::test]
async fn rest_is_served_over_tls() {
    let Secured { t, authority, .. } = secured(|_| {}).await;
    let token = t.usual("ada", "test500").await.token;
    let stream = connect(t.addresses.http, &authority.pem(), "http/1.1").await;
    let mut client = Http1::new(stream.unwrap()).await;
    let (status, text) = client.owned(&token).await.unwrap();
    assert_eq!(status, StatusCode::OK, "{text}");
    let stream = connect(t.addresses.http, &authority.pem(), "h2").await;
    let (_, session) = stream.as_ref().unwrap().get_ref();
    assert_eq!(session.alpn_protocol(), Some(&b"h2"[..]));
}

#[tokio::test]
async fn links_of_an_answer_over_tls_are_https() {
    let Secured { t, authority, .. } = secured(|_| {}).await;
    let token = t.usual("ada", "test500").await.token;
    let stream = connect(t.addresses.http, &authority.pem(), "http/1.1").await;
    let mut client = Http1::new(stream.unwrap()).await;
    let (_, text) = client
        .get("/api/2/attributes/templates/?limit=1", &token)
        .await
        .unwrap();
    let page: Value = serde_json::from_str(&text).unwrap();
    let next = page["next"].as_str().unwrap();
    assert!(next.starts_with("https://localhost/api/2/"), "{next}");
}

#[tokio::test]
async fn grpc_is_served_over_tls() {
    let Secured { t, authority, .. } = secured(|_| {}).await;
    let reader = t.reader().await;
    let channel = channel(t.addresses, &authority.pem(), None);
    let mut stub = Stub::new(channel.clone());
    let caller = stub.get_caller(with(&reader, GetCallerRequest {})).await;
    assert_eq!(caller.unwrap().into_inner().internal, "values");
    let token = t.internal(Role::Reader).await;
    let client = tenure::client::Client::new(channel, &token).unwrap();
    assert!(client.introspect(&token, false).await.unwrap().is_some());
}

#[tokio::test]
async fn what_does_not_speak_tls_gets_no_answer() {
    let Secured { t, .. } = secured(|_| {}).await;
    let token = t.usual("ada", "test500").await.token;
    let stream = TcpStream::connect(t.addresses.http).await.unwrap();
    let mut client = Http1::new(stream).await;
    assert!(client.owned(&token).await.is_err());
}

#[tokio::test]
async fn metrics_are_plain() {
    let Secured { t, .. } = secured(|_| {}).await;
    let metrics = crate::harness::http_get(t.addresses.metrics, "/metrics").await;
    assert!(metrics.contains("tenure_build_info"), "{metrics}");
}

#[tokio::test]
async fn a_handshake_that_does_not_go_on_is_ended() {
    let Secured { t, .. } = secured(|config| {
        config.listening.limits.header_timeout = std::time::Duration::from_millis(50);
    })
    .await;
    for address in [t.addresses.http, t.addresses.grpc] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.read_to_end(&mut Vec::new()).await.unwrap();
    }
}
