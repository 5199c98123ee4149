//! A watch from the service to the socket of its reader. The test is the service.

use super::*;
use crate::fake::{Called, Fake, Reader, event, heartbeat};
use http::StatusCode;
use std::time::Duration as Time;
use tonic::Code;

const WATCH: &str = "/api/2/attributes/ownership/watch/";

/// Longer than any time limit of these tests.
const LONG: Time = Time::from_secs(20);

/// A watch that has begun, with cursor `c0`.
async fn begun(fake: &mut Fake, accept: &str) -> (Reader, Called) {
    let headers = format!("Accept: {accept}\r\n");
    let reader = fake.get(WATCH, &headers).await;
    let called = fake.called().await;
    called.send(Ok(heartbeat("c0"))).await;
    (reader, called)
}

#[tokio::test]
async fn events_and_heartbeats_have_ids() {
    let mut fake = Fake::start().await;
    let (mut reader, called) = begun(&mut fake, "*/*").await;
    let head = reader.until("\r\n\r\n").await.to_ascii_lowercase();
    assert!(head.starts_with("http/1.0 200"), "{head}");
    for header in [
        "content-type: text/event-stream\r\n",
        "cache-control: no-store\r\n",
        "x-accel-buffering: no\r\n",
    ] {
        assert!(head.contains(header), "{header} {head}");
    }
    called.send(Ok(event("c1"))).await;
    called.send(Ok(heartbeat("c2"))).await;
    let body = reader.until("id: c2\nevent: heartbeat\ndata: {}\n\n").await;
    let start =
        "id: c0\nevent: heartbeat\ndata: {}\n\nid: c1\nevent: ownership\ndata: {\"user\":\"ada\",";
    assert!(body.starts_with(start), "{body}");
    let gone = Status::resource_exhausted("too slow");
    called.send(Err(gone)).await;
    let end = reader.rest().await;
    assert!(
        end.starts_with("event: error\ndata: {\"status\":503,\"detail\":"),
        "{end}"
    );
    assert!(
        end.ends_with(",\"reason\":null,\"cursor\":\"c2\"}\n\n"),
        "{end}"
    );
}

#[tokio::test]
async fn lines_are_objects() {
    let mut fake = Fake::start().await;
    let (mut reader, called) = begun(&mut fake, "application/x-ndjson").await;
    let head = reader.until("\r\n\r\n").await;
    assert!(
        head.contains("content-type: application/x-ndjson\r\n"),
        "{head}"
    );
    called.send(Ok(event("c1"))).await;
    called.end_with(Code::Unavailable, "SHUTTING_DOWN").await;
    let body = reader.rest().await;
    let lines: Vec<_> = body.lines().collect();
    assert_eq!(lines[0], r#"{"cursor":"c0"}"#);
    let start = r#"{"cursor":"c1","event":{"user":"ada","revision":0,"#;
    assert!(lines[1].starts_with(start), "{body}");
    let end =
        r#"{"error":{"status":503,"detail":"as told","reason":"SHUTTING_DOWN","cursor":"c1"}}"#;
    assert_eq!(lines[2..], [end]);
}

#[tokio::test]
async fn an_error_before_the_first_message_is_the_status() {
    let mut fake = Fake::start().await;
    for (code, reason, status) in [
        (Code::OutOfRange, "NOT_RETAINED", StatusCode::GONE),
        (
            Code::PermissionDenied,
            "NOT_INTERNAL",
            StatusCode::FORBIDDEN,
        ),
        (
            Code::InvalidArgument,
            "INVALID_REQUEST",
            StatusCode::BAD_REQUEST,
        ),
        (
            Code::ResourceExhausted,
            "RATE_LIMITED",
            StatusCode::TOO_MANY_REQUESTS,
        ),
    ] {
        let reader = fake.get(WATCH, "").await;
        fake.called().await.end_with(code, reason).await;
        let answer = reader.rest().await;
        let expected = format!("HTTP/1.0 {}", status.as_u16());
        assert!(answer.starts_with(&expected), "{answer}");
        let body = if status == StatusCode::GONE {
            r#"{"detail":"as told","oldest":"7"}"#
        } else {
            r#"{"detail":"as told"}"#
        };
        assert!(answer.ends_with(body), "{answer}");
    }
}

#[tokio::test]
async fn the_time_limit_is_of_the_head_alone() {
    let limit = Time::from_millis(300);
    let mut fake = Fake::start_with(limit).await;
    let waiting = fake.get(WATCH, "").await;
    let held = fake.called().await;
    let answer = waiting.rest().await;
    assert!(answer.starts_with("HTTP/1.0 504"), "{answer}");
    held.dropped().await;

    let (mut reader, called) = begun(&mut fake, "*/*").await;
    assert_eq!(called.deadline, None);
    reader.until("id: c0\n").await;
    let silent = tokio::time::timeout(2 * limit, reader.until("id: c1\n"));
    assert!(silent.await.is_err());
    called.send(Ok(event("c1"))).await;
    reader.until("id: c1\n").await;
}

#[tokio::test]
async fn a_reader_who_goes_away_ends_the_call() {
    let mut fake = Fake::start().await;
    for accept in ["text/event-stream", "application/x-ndjson"] {
        let (mut reader, called) = begun(&mut fake, accept).await;
        reader.until("c0").await;
        drop(reader);
        called.dropped().await;
    }
}

#[tokio::test]
async fn a_gateway_that_stops_ends_its_watches() {
    let mut fake = Fake::start_with(LONG).await;
    let (mut begun, called) = begun(&mut fake, "*/*").await;
    begun.until("id: c0\n").await;
    let waiting = fake.get(WATCH, "").await;
    let not_begun = fake.called().await;
    let stopped = fake.stop();
    let end = begun.rest().await;
    assert!(
        end.contains("event: error\ndata: {\"status\":503,"),
        "{end}"
    );
    assert!(
        end.ends_with("\"reason\":\"SHUTTING_DOWN\",\"cursor\":\"c0\"}\n\n"),
        "{end}"
    );
    let answer = waiting.rest().await;
    assert!(answer.starts_with("HTTP/1.0 503"), "{answer}");
    // Long before the time to drain is over.
    let stopped = tokio::time::timeout(LONG / 2, stopped).await;
    stopped.unwrap().unwrap();
    called.dropped().await;
    not_begun.dropped().await;
}

#[tokio::test]
async fn readers_who_do_not_read_hold_up_nobody() {
    let mut fake = Fake::start().await;
    let (mut readers, mut stuck) = (Vec::new(), Vec::new());
    for _ in 0..8 {
        let (reader, called) = begun(&mut fake, "*/*").await;
        let message = event(&"c".repeat(16 * 1024));
        stuck.push(tokio::spawn(called.until_stuck(message)));
        readers.push(reader);
    }
    let mut calls = Vec::new();
    for stuck in stuck {
        calls.push(stuck.await.unwrap());
    }
    let owned = fake.get("/api/2/attributes/owned/", "").await;
    let answer = owned.rest().await;
    assert!(answer.starts_with("HTTP/1.0 200"), "{answer}");
    drop((readers, calls));
}

#[tokio::test]
async fn the_request_says_what_is_watched() {
    let mut fake = Fake::start().await;
    let path =
        format!("{WATCH}?user=ada&revision=7&service=a,b&service=c&attribute=x&heartbeat=60");
    let _reader = fake.get(&path, "").await;
    let mut expected = WatchOwnershipRequest {
        user: "ada".to_owned(),
        after: Some(After::Revision(7)),
        services: ["a", "b", "c"].map(str::to_owned).into(),
        attributes: vec!["x".to_owned()],
        heartbeat: Some(Duration {
            seconds: 60,
            nanos: 0,
        }),
    };
    assert_eq!(fake.called().await.request, expected);
    // What a browser has seen wins over what it began with.
    let _again = fake.get(&path, "Last-Event-ID: c9\r\n").await;
    expected.after = Some(After::Cursor("c9".to_owned()));
    assert_eq!(fake.called().await.request, expected);
    let path = format!("{WATCH}?cursor=c1");
    let _with_cursor = fake.get(&path, "Last-Event-ID: \r\n").await;
    let after = fake.called().await.request.after;
    assert_eq!(after, Some(After::Cursor("c1".to_owned())));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let fake = Fake::start().await;
    for (query, headers, status, named) in [
        ("?revision=1", "", 400, "'revision'"),
        ("?user=ada&revision=-1", "", 400, "'revision'"),
        ("?user=ada&revision=1&cursor=c", "", 400, "'cursor'"),
        ("?heartbeat=0", "", 400, "'heartbeat'"),
        ("?heartbeat=3601", "", 400, "'heartbeat'"),
        ("?heartbeat=", "", 400, "'heartbeat'"),
        (
            "",
            "Last-Event-ID: a\r\nLast-Event-ID: b\r\n",
            400,
            "'Last-Event-ID'",
        ),
        (
            "?heartbeat=0",
            "Accept: text/html\r\n",
            406,
            "application/x-ndjson",
        ),
    ] {
        let reader = fake.get(&format!("{WATCH}{query}"), headers).await;
        let answer = reader.rest().await;
        assert!(
            answer.starts_with(&format!("HTTP/1.0 {status}")),
            "{query} {answer}"
        );
        assert!(answer.contains(named), "{query} {answer}");
    }
}

#[tokio::test]
async fn who_is_asking_comes_before_what_is_asked() {
    let fake = Fake::start().await;
    for (token, path) in [
        ("client", format!("{WATCH}?heartbeat=0")),
        ("internal", "/api/2/attributes/owned/?limit=0".to_owned()),
    ] {
        let answer = fake.get_as(token, &path, "").await.rest().await;
        assert!(answer.starts_with("HTTP/1.0 403"), "{path} {answer}");
        assert!(answer.contains("This token is not an"), "{answer}");
    }
}
