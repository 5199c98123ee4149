//! Bad input of a hundred kinds and more: never a 5xx, never a change, always a sentence.

mod around;
mod creates_over_grpc;
mod lists_over_grpc;

use crate::harness::{Client, Tenure, on_both_engines};
use http::{Method, Request};
use serde_json::{Value, json};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

on_both_engines! {
    bad_bodies_change_nothing_and_are_explained,
    bad_credentials_change_nothing_and_are_explained,
    bad_bytes_on_the_wire_change_nothing,
    the_service_goes_on_after_all_of_it,
}

const ACQUIRE: &str = "/api/2/attributes/acquire/";
const RELEASE: &str = "/api/2/attributes/release/";
const CREATE: &str = "/api/2/attributes/create/";
const LISTS: [&str; 3] = [
    "/api/2/attributes/owned/",
    "/api/2/attributes/",
    "/api/2/attributes/templates/",
];

/// Bodies that fail as a whole: those of `bodies.txt`, one a line, and those that are no line of text.
fn bodies() -> Vec<Vec<u8>> {
    let lines = include_str!("bad_input/bodies.txt").lines();
    let mut bodies: Vec<Vec<u8>> = lines.map(|line| line.as_bytes().to_vec()).collect();
    let bytes: [&[u8]; 17] = [
        b"",
        b" ",
        b"\n",
        b"[\"\x01\"]",
        b"[\"\t\"]",
        b"[]\0",
        b"\0[]",
        b"\xef\xbb\xbf[]",
        b"--b\r\n\r\n[]\r\n--b--",
        b"\xff",
        b"[\"\xff\"]",
        b"[{\"name\":\"\xc3\x28\"}]",
        b"[{\"\xf0\x28\x8c\x28\":1}]",
        b"\xff\xfe[\0]\0",
        b"\x00\x00\x00\x00",
        b"[\"\xed\xa0\x80\"]",
        b"\x1f\x8b\x08\x00",
    ];
    bodies.extend(bytes.map(<[u8]>::to_vec));
    for depth in [129, 1_000, 100_000] {
        let objects = "{\"a\":".repeat(depth);
        bodies.push("[".repeat(depth).into_bytes());
        bodies.push(("[".repeat(depth) + "]".repeat(depth).as_str()).into_bytes());
        bodies.push(format!("[{objects}").into_bytes());
        bodies.push(format!("[{objects}1{}]", "}".repeat(depth)).into_bytes());
    }
    bodies.push(json!(vec![json!({}); 36]).to_string().into_bytes());
    bodies.push(json!(vec![0; 100_000]).to_string().into_bytes());
    bodies.push(vec![b' '; 256 * 1024 + 1]);
    bodies.push(vec![b'['; 300 * 1024]);
    bodies
}

/// Items that fail by themselves, in acquire, in release and in create.
fn items() -> Vec<String> {
    let lines = include_str!("bad_input/items.txt").lines();
    let mut items: Vec<String> = lines.map(str::to_owned).collect();
    for size in [129, 10_000, 200_000] {
        items.push(json!({"name":"x".repeat(size)}).to_string());
        items.push(json!({"x".repeat(size):"mood"}).to_string());
    }
    items
}

/// Items that fail by themselves in acquire.
fn templates() -> Vec<String> {
    let lines = include_str!("bad_input/templates.txt").lines();
    lines.map(str::to_owned).collect()
}

/// The whole-request error that it must be.
fn explained(answer: &crate::harness::Answer, what: &str) {
    assert!((400..500).contains(&answer.status), "{what} {answer:?}");
    assert_eq!(answer.header("content-type"), "application/json", "{what}");
    assert!(answer.detail().len() > 5, "{what} {answer:?}");
    assert!(answer.json().get("success").is_none(), "{what}");
}

/// The fields that are at fault; the message names them too.
#[track_caller]
fn fields(refused: &Status) -> Vec<String> {
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
    let request = refused.get_details_bad_request().unwrap();
    let fields = request.field_violations.into_iter();
    fields.map(|violation| violation.field).collect()
}

/// A user with something to lose.
async fn prepared(t: &Tenure) -> (Client, String) {
    let c = t.usual("ada", "test500").await;
    c.acquire(json!([{"template":"mood"},{"template":"sleep"}]))
        .await
        .succeeded();
    let before = t.snapshot("ada").await;
    (c, before)
}

async fn bad_bodies_change_nothing_and_are_explained(t: Tenure) {
    let (c, before) = prepared(&t).await;
    let bodies = bodies();
    let (items, templates) = (items(), templates());
    assert!(bodies.len() + items.len() + templates.len() >= 100);
    for path in [ACQUIRE, RELEASE, CREATE] {
        for body in &bodies {
            let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
            explained(&c.post(path, body.clone()).await, &shown);
        }
        let only_acquire = if path == ACQUIRE { &templates[..] } else { &[] };
        for item in items.iter().chain(only_acquire) {
            let shown = &item[..item.len().min(60).min(item.floor_char_boundary(60))];
            let answer = c.post(path, format!("[{item}]")).await;
            assert_eq!(answer.status, 202, "{shown} {}", answer.text.len());
            let json = answer.json();
            assert_eq!(json["success"], json!([]), "{shown}");
            let failed = &json["failed"][0];
            assert!(failed["error_code"].is_string(), "{shown}");
            assert!(failed["error"].as_str().unwrap().len() > 5, "{shown}");
        }
    }
    assert_eq!(t.snapshot("ada").await, before);
}

/// What is no boolean.
fn flags() -> Vec<String> {
    let flags = [
        "2", "-1", "tru", "null", "%00", "%ff", "yes,no", "[]", "1.0",
    ];
    let huge = "9".repeat(5_000);
    flags.map(str::to_owned).into_iter().chain([huge]).collect()
}

/// Queries of a list that has these flags, each with the parameter that is wrong.
fn queries<'f>(names: &[&'f str]) -> Vec<(&'f str, String)> {
    let huge = "9".repeat(5_000);
    let pages = [
        "0",
        "-1",
        "x",
        "1.0",
        "",
        "%00",
        "%ff",
        "+1",
        "%EF%BC%91",
        "0x1",
        "1e9",
        "99",
        huge.as_str(),
    ];
    let limits = [
        "0", "-1", "x", "1.5", "", "%00", "+5", "5%20", "0x5", "%D9%A3",
    ];
    let mut queries = Vec::new();
    queries.extend(pages.map(|value| ("page", format!("page={value}"))));
    queries.extend(limits.map(|value| ("limit", format!("limit={value}"))));
    for name in names {
        queries.extend(
            flags()
                .iter()
                .map(|value| (*name, format!("{name}={value}"))),
        );
    }
    queries
}

async fn bad_credentials_change_nothing_and_are_explained(t: Tenure) {
    let (c, before) = prepared(&t).await;
    let long = "a".repeat(9_000);
    let real = c.token.clone();
    let (cut, more) = (&real[..real.len() - 1], format!("{real}x"));
    let values = [
        String::new(),
        "Bearer".into(),
        "Bearer ".into(),
        "bearer\t".into(),
        real.clone(),
        "Bearer x".into(),
        "Bearer null".into(),
        "Bearer undefined".into(),
        "Basic YWRhOmFkYQ==".into(),
        format!("Bearer {cut}"),
        format!("Bearer {more}"),
        format!("Bearer {}", real.to_uppercase()),
        format!("Bearer \"{real}\""),
        format!("Bearer {real},{real}"),
        format!("Bearer {real} {real}"),
        format!("Bearer:{real}"),
        format!("Token {real}"),
        format!("Bearer {long}"),
        "Bearer ' or 1=1 --".into(),
        "Bearer %00".into(),
        "Bearer ../../token".into(),
        format!("{} x", "B".repeat(20_000)),
        format!("Bearer{}x", " ".repeat(20_000)),
        "B".repeat(30_000),
    ];
    for value in &values {
        let batches = [ACQUIRE, RELEASE, CREATE].map(|path| (Method::POST, path));
        for (method, path) in batches
            .into_iter()
            .chain(LISTS.map(|path| (Method::GET, path)))
        {
            let request = Request::builder().method(method).uri(path);
            let request = request.header("authorization", value);
            let body = br#"[{"name":"mood"},{"template":"steps"}]"#.to_vec();
            let answer = c.send(request.body(body).unwrap()).await;
            assert_eq!(answer.status, 401, "{value}");
            explained(&answer, value);
        }
    }
    let bytes = Request::post(ACQUIRE).header("authorization", &b"Bearer \xff\xfe"[..]);
    explained(&c.send(bytes.body(b"[]".to_vec()).unwrap()).await, "bytes");
    let in_query = Request::post(format!("{ACQUIRE}?access_token={real}&token={real}"));
    explained(
        &c.send(in_query.body(b"[]".to_vec()).unwrap()).await,
        "in the query",
    );
    let twice = c
        .request(Method::POST, ACQUIRE)
        .header("authorization", "Bearer other");
    explained(&c.send(twice.body(b"[]".to_vec()).unwrap()).await, "twice");
    assert_eq!(t.snapshot("ada").await, before);
}

async fn bad_bytes_on_the_wire_change_nothing(t: Tenure) {
    let (c, before) = prepared(&t).await;
    let auth = format!("Authorization: Bearer {}\r\nHost: a\r\n", c.token);
    let body = r#"[{"template":"steps"}]"#;
    let requests = [
        "\r\n\r\n".to_owned(),
        "nonsense\r\n\r\n".to_owned(),
        format!("POST {ACQUIRE}\r\n{auth}\r\n{body}"),
        format!("POST {ACQUIRE} HTTP/9.9\r\n{auth}\r\n{body}"),
        format!("POST {ACQUIRE} HTTP/1.1\r\n{auth}Content-Length: nonsense\r\n\r\n{body}"),
        format!("POST {ACQUIRE} HTTP/1.1\r\n{auth}Content-Length: -1\r\n\r\n{body}"),
        format!(
            "POST {ACQUIRE} HTTP/1.1\r\n{auth}Content-Length: 5\r\nContent-Length: 22\r\n\r\n{body}"
        ),
        format!(
            "POST {ACQUIRE} HTTP/1.1\r\n{auth}Transfer-Encoding: chunked\r\n\r\nzz\r\n{body}\r\n0\r\n\r\n"
        ),
        format!("POST {ACQUIRE} HTTP/1.1\r\n{auth}Bad Header: x\r\n\r\n{body}"),
        format!("POST {ACQUIRE} HTTP/1.1\r\n{auth}X: \0\r\n\r\n{body}"),
        format!("POST {ACQUIRE}\0 HTTP/1.1\r\n{auth}\r\n{body}"),
        format!("GET {} HTTP/1.1\r\n{auth}\r\n", "/".repeat(70_000)),
    ];
    for request in requests {
        let answer = c.raw(request.as_bytes()).await;
        let status = answer
            .strip_prefix("HTTP/1.1 ")
            .or(answer.strip_prefix("HTTP/1.0 "));
        let is_server_error = status.is_some_and(|status| status.starts_with('5'));
        assert!(
            !is_server_error && !answer.contains("\"success\":[{"),
            "{request:?} {answer}"
        );
    }
    assert_eq!(t.snapshot("ada").await, before);
}

async fn the_service_goes_on_after_all_of_it(t: Tenure) {
    let (c, _) = prepared(&t).await;
    for body in bodies() {
        c.post(ACQUIRE, body).await;
    }
    let answer = c.acquire(json!([{"template":"steps"}])).await;
    assert_eq!(
        answer.json(),
        json!({"success":[{"template":"steps","name":"steps"}],"failed":[]})
    );
    let owned: Value = c.owned("").await.json();
    assert_eq!(owned["count"], 3);
}
