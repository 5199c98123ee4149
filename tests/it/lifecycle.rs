//! Starting and stopping.

use crate::harness::{Database, Process, Tenure, config, tenure as run};
use ::tenure::app::App;
use serde_json::json;
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

#[tokio::test]
async fn what_was_acquired_is_there_after_a_restart() {
    let database = Database::sqlite();
    let url = database.url();
    let t = Tenure::start(database).await;
    let c = t.usual("ada", "test500").await;
    c.acquire(json!([{"template":"mood"}])).await.succeeded();
    let listed = run(&url, "attribute list --user ada --json");
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(listed[0]["owner"], "test500");
    assert_eq!(listed[0]["generation"], 1);
    t.stop().await.unwrap();
}

#[tokio::test]
async fn a_request_under_way_is_finished_when_asked_to_stop() {
    let t = Tenure::start(Database::sqlite()).await;
    let c = t.usual("ada", "test500").await;
    let mut stream = TcpStream::connect(t.addresses.http).await.unwrap();
    let body = r#"[{"template":"mood"}]"#;
    let head = format!(
        "POST /api/2/attributes/acquire/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
         Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        c.token,
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // It asks for the body: the request is under way.
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    let http = t.addresses.http;
    let stopping = tokio::spawn(t.stop());
    // Nobody new is let in.
    while TcpStream::connect(http).await.is_ok() {
        tokio::task::yield_now().await;
    }
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    stopping.await.unwrap().unwrap();
}

#[tokio::test]
async fn serve_says_where_it_listens_and_stops_on_sigterm() {
    let database = Database::sqlite();
    let process = Process::start(&database.url(), "serve", "info");
    let metrics = http_get(process.addresses.metrics, "/metrics").await;
    assert!(metrics.contains("tenure_build_info"), "{metrics}");
    let (code, log) = process.terminate();
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("draining") && log.contains("stopped"), "{log}");
}

/// A GET, as bytes on a connection.
async fn http_get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn an_address_that_is_taken_is_told_in_one_sentence() {
    let database = Database::sqlite();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let failed = run(&database.url(), &format!("serve --grpc-addr {address}"));
    assert_eq!(failed.status.code(), Some(1));
    let error = String::from_utf8(failed.stderr).unwrap();
    assert!(
        error.contains(&format!("cannot listen on {address}")),
        "{error}"
    );
}

#[tokio::test]
async fn serve_refuses_a_postgres_schema_that_is_not_migrated() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let refused = App::build(config(&database)).await.err().unwrap();
    let sentence = refused.to_string();
    assert!(
        sentence.contains("version 0") && sentence.contains("tenure migrate"),
        "{sentence}"
    );
    assert!(run(&database.url(), "migrate").status.success());
    assert!(App::build(config(&database)).await.is_ok());
}
