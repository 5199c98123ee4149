//! More at once than an instance does.

use crate::{
    grpc::{Stub, channel, stub, with},
    harness::{Client, Database, Tenure, http_get},
};
use axum::body::Bytes;
use tenure::proto::{GetCallerRequest, WatchOwnershipRequest};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

fn assert_overloaded(status: &Status) {
    assert_eq!(status.code(), Code::Unavailable, "{status}");
    let info = status.get_details_error_info().unwrap();
    assert_eq!(info.reason, "OVERLOADED");
    assert!(status.get_details_retry_info().is_some());
}

/// A request whose body does not come, once the service waits for it.
async fn without_a_body(t: &Tenure, token: &str) -> TcpStream {
    let mut stream = TcpStream::connect(t.addresses.http).await.unwrap();
    let head = format!(
        "POST /api/2/attributes/acquire/ HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\
         Content-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.read_exact(&mut [0; 25]).await.unwrap();
    stream
}

#[tokio::test]
async fn where_all_places_are_at_work_it_is_503_and_health_and_metrics_answer() {
    // It takes requests, and answers none.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = silent.local_addr().unwrap();
    let t = Tenure::start_with(Database::sqlite(), |config| {
        config.gateway.max_requests = 2;
        config.gateway.upstream = Some(format!("http://{at}").parse().unwrap());
    })
    .await;
    let c = t.usual("ada", "test500").await;
    let under_way: Vec<_> = (0..2)
        .map(|_| {
            let c = c.clone();
            tokio::spawn(async move { c.get("/elsewhere").await })
        })
        .collect();
    let taken = (
        silent.accept().await.unwrap(),
        silent.accept().await.unwrap(),
    );
    let refused = c.owned("").await;
    assert_eq!(refused.status, 503, "{refused:?}");
    assert_eq!(refused.header("retry-after"), "1");
    assert!(!refused.header("x-request-id").is_empty());
    let mut health = tonic_health::pb::health_client::HealthClient::new(channel(&t).await);
    let asked = tonic_health::pb::HealthCheckRequest::default();
    assert_eq!(health.check(asked).await.unwrap().into_inner().status, 1);
    http_get(t.addresses.metrics, "/metrics").await;
    for request in &under_way {
        request.abort();
    }
    drop(taken);
    while c.owned("").await.status == 503 {
        tokio::task::yield_now().await;
    }
    assert_eq!(c.owned("").await.status, 200);
}

#[tokio::test]
async fn bodies_that_do_not_come_keep_nobody_out_and_the_oldest_of_them_is_told() {
    let t = Tenure::start_with(Database::sqlite(), |config| {
        config.gateway.max_requests = 3;
    })
    .await;
    let c = t.usual("ada", "test500").await;
    let mut slow = Vec::new();
    for _ in 0..3 {
        slow.push(without_a_body(&t, &c.token).await);
    }
    assert_eq!(c.owned("").await.status, 200);
    let mut answer = String::new();
    slow[0].read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("retry-after: 1"), "{answer}");
    // The others can go on.
    slow[2].write_all(b"[]").await.unwrap();
    let mut status = [0; 12];
    slow[2].read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 200");
}

#[tokio::test]
async fn over_grpc_too_messages_that_do_not_come_keep_nobody_out() {
    let t = Tenure::start_with(Database::sqlite(), |config| config.grpc.max_requests = 2).await;
    let c = t.usual("ada", "test500").await;
    let stream = TcpStream::connect(t.addresses.grpc).await.unwrap();
    let (mut sender, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let mut slow = Vec::new();
    for _ in 0..2 {
        let request = super::http2::call(t.addresses.grpc, &c.token);
        slow.push(sender.send_request(request, false).unwrap());
        sender = sender.ready().await.unwrap();
    }
    // It is answered on the same connection, so those before it have been seen.
    let request = super::http2::call(t.addresses.grpc, &c.token);
    let (answer, mut body) = sender.send_request(request, false).unwrap();
    body.send_data(Bytes::from_static(&[0; 5]), true).unwrap();
    let answer = answer.await.unwrap();
    assert_eq!(answer.headers().get("grpc-status"), None);
    let (first, _) = slow.remove(0);
    let first = first.await.unwrap();
    let status = Status::from_header_map(first.headers()).unwrap();
    assert_overloaded(&status);
}

#[tokio::test]
async fn where_no_call_has_a_place_rest_says_so_as_well() {
    let t = Tenure::start_with(Database::sqlite(), |config| config.grpc.max_requests = 0).await;
    let c: Client = t.usual("ada", "test500").await;
    let mut stub = stub(&t).await;
    let call = stub.get_caller(with(&c, GetCallerRequest {})).await;
    assert_overloaded(&call.unwrap_err());
    let answer = c.owned("").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, "1"));
}

#[tokio::test]
async fn watches_have_places_of_their_own() {
    let t = Tenure::start_with(Database::sqlite(), |config| config.grpc.max_watches = 1).await;
    let reader = t.reader().await;
    let watch = async |stub: &mut Stub| {
        let request = with(&reader, WatchOwnershipRequest::default());
        stub.watch_ownership(request).await
    };
    let mut stub = stub(&t).await;
    let first = watch(&mut stub).await.unwrap();
    assert_overloaded(&watch(&mut stub).await.unwrap_err());
    let call = stub.get_caller(with(&reader, GetCallerRequest {})).await;
    assert!(call.is_ok());
    drop(first);
    while watch(&mut stub).await.is_err() {
        tokio::task::yield_now().await;
    }
}
