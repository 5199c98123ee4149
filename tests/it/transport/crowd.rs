//! Clients that do nothing, and those who do beside them.

use crate::harness::{Client, Database, Tenure};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

const PLACES: usize = 8;

async fn crowded() -> (Tenure, Client) {
    let t = Tenure::start_with(Database::sqlite(), |config| {
        config.listening.limits.connections = PLACES;
    })
    .await;
    let c = t.usual("ada", "test500").await;
    (t, c)
}

/// Sends this on new connections until there are ten times as many as there are places; an honest client is answered after
/// each of them, and those who made place for others are ended.
async fn beside(sent: &str) {
    let (t, c) = crowded().await;
    let mut crowd = Vec::new();
    for _ in 0..10 * PLACES {
        let mut stream = TcpStream::connect(t.addresses.http).await.unwrap();
        // It may be ended before all is sent.
        let _ = stream.write_all(sent.as_bytes()).await;
        crowd.push(stream);
        let fresh = Client::new(c.addresses, c.token.clone());
        assert_eq!(fresh.owned("").await.status, 200);
    }
    for stream in &mut crowd[..8 * PLACES] {
        // By an end or by a reset.
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
    }
}

#[tokio::test]
async fn who_connects_and_says_nothing_keeps_nobody_out() {
    beside("").await;
}

#[tokio::test]
async fn who_sends_half_a_head_keeps_nobody_out() {
    beside("GET /api/2/attributes/owned/ HTTP/1.1\r\nHost: a\r\nX-").await;
}

#[tokio::test]
async fn who_has_been_answered_and_stays_keeps_nobody_out() {
    beside("GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n").await;
}

#[tokio::test]
async fn half_a_preface_keeps_nobody_out() {
    beside("PRI * HTTP/2.0\r\n").await;
}
