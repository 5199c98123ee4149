//! Answers that are lost after the change was committed: sent again with its idempotency key, a request has one effect
//! and one answer (I9, I12).

use crate::harness::{Answer, Client, Database, Tenure, on_both_engines};
use http::Method;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tenure::storage::DatabaseUrl;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

on_both_engines! { an_answer_that_the_client_never_got_is_given_again }

const PATH: &str = "/api/2/attributes/acquire/";
const BODY: &str = r#"[{"template":"steps"},{"template":"mood"}]"#;

async fn send(c: &Client) -> Answer {
    let request = c
        .request(Method::POST, PATH)
        .header("idempotency-key", "once");
    c.send(request.body(BODY.into()).unwrap()).await
}

/// It was done once, and two more requests are told so alike.
async fn was_done_once(t: &Tenure, c: &Client) {
    let (first, second) = (send(c).await, send(c).await);
    assert_eq!(first.status, 200, "{first:?}");
    assert_eq!(first.text, second.text);
    let revision = |answer: &Answer| answer.header("x-ownership-revision").to_owned();
    assert_eq!(revision(&first), revision(&second));
    let events = t.inside().await.all_events("ada").await;
    assert_eq!(events.len(), 4, "two were created and acquired: {events:?}");
    assert!(
        events
            .iter()
            .all(|event| event.revision.to_string() == revision(&first))
    );
}

async fn an_answer_that_the_client_never_got_is_given_again(t: Tenure) {
    let c = t.usual("ada", "oura").await;
    let mut stream = TcpStream::connect(t.addresses.http).await.unwrap();
    let request = format!(
        "POST {PATH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nIdempotency-Key: once\r\n\
         Content-Length: {}\r\n\r\n{BODY}",
        c.token,
        BODY.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    while t
        .registry
        .attributes(&crate::harness::id("ada"))
        .await
        .unwrap()
        .is_empty()
    {}
    drop(stream);
    was_done_once(&t, &c).await;
}

/// The end of what PostgreSQL answers: it is ready for the next statement, and no transaction is open.
const READY: &[u8] = b"Z\0\0\0\x05I";

/// What only a commit that keeps an answer sends.
const KEEPS: &[u8] = b"\"fingerprint\"";

/// Stands between the service and PostgreSQL, and lets the answer to one commit get lost.
async fn stand_between(listener: TcpListener, server: String, has_cut: Arc<AtomicBool>) {
    while let Ok((service, _)) = listener.accept().await {
        let database = TcpStream::connect(&server).await.unwrap();
        // A connection that ends is nobody's failure.
        tokio::spawn(pass(service, database, Arc::clone(&has_cut)));
    }
}

async fn pass(
    mut service: TcpStream,
    mut database: TcpStream,
    has_cut: Arc<AtomicBool>,
) -> std::io::Result<()> {
    let (mut asked, mut answered) = (vec![0; 1 << 20], vec![0; 1 << 20]);
    loop {
        tokio::select! {
            read = service.read(&mut asked) => {
                let asked = &asked[..read?];
                database.write_all(asked).await?;
                let keeps = asked.windows(KEEPS.len()).any(|part| part == KEEPS);
                if asked.is_empty() {
                    return Ok(());
                }
                if keeps && !has_cut.swap(true, Ordering::Relaxed) {
                    let mut lost = Vec::new();
                    while !lost.ends_with(READY) {
                        database.read_buf(&mut lost).await?;
                    }
                    return Ok(());
                }
            }
            read = database.read(&mut answered) => {
                let answered = &answered[..read?];
                service.write_all(answered).await?;
                if answered.is_empty() {
                    return Ok(());
                }
            }
        }
    }
}

#[tokio::test]
async fn a_commit_whose_answer_the_service_never_got_is_not_done_twice() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (server, url) = database.through(listener.local_addr().unwrap().port());
    let has_cut = Arc::new(AtomicBool::new(false));
    tokio::spawn(stand_between(listener, server, Arc::clone(&has_cut)));
    let t = Tenure::start_with(database, |config| {
        config.storage.url = DatabaseUrl::new(url);
    });
    let t = t.await;
    let c = t.usual("ada", "oura").await;
    let lost = send(&c).await;
    assert_eq!(lost.status, 503, "{lost:?}");
    assert!(has_cut.load(Ordering::Relaxed));
    was_done_once(&t, &c).await;
}
