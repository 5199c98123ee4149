//! Starting and stopping.

use crate::harness::{Client, Database, Process, Tenure, config, http_get, tenure as run};
use ::tenure::app::App;
use serde_json::json;
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

#[tokio::test]
async fn the_request_id_is_in_the_log_line() {
    let database = Database::sqlite();
    let mut process = Process::start(&database.url(), "serve", "info");
    let client = Client::new(process.addresses, "whatever".to_owned());
    let request = client.request(http::Method::GET, "/api/2/attributes/owned/?limit=1");
    let request = request.header("x-request-id", "find-me.1");
    client.send(request.body(Vec::new()).unwrap()).await;
    let line = process
        .log_until("request\",\"request_id\":\"find-me.1")
        .pop()
        .unwrap();
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(line["fields"]["status"], 401, "{line}");
    assert_eq!(line["fields"]["path"], "/api/2/attributes/owned/", "{line}");
    assert!(!line.to_string().contains("whatever"), "{line}");
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

#[tokio::test]
async fn a_watch_of_the_health_does_not_hold_the_drain_up() {
    use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
    let t = Tenure::start(Database::sqlite()).await;
    let mut health = HealthClient::new(crate::grpc::channel(&t).await);
    let watch = health.watch(HealthCheckRequest::default()).await.unwrap();
    let mut watch = watch.into_inner();
    assert_eq!(watch.message().await.unwrap().unwrap().status, 1);
    let stopped = tokio::time::timeout(std::time::Duration::from_secs(4), t.stop());
    stopped.await.unwrap().unwrap();
}

#[test]
fn commands_that_find_a_new_file_at_once_all_succeed() {
    let database = Database::sqlite();
    let url = database.url();
    let all: Vec<_> = (0..6)
        .map(|_| {
            let url = url.clone();
            std::thread::spawn(move || run(&url, "catalog show"))
        })
        .collect();
    for one in all {
        let output = one.join().unwrap();
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{error}");
    }
}
