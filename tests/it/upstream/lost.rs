//! A service that gives no answer: nothing is asked twice, and the wiring is not told.

use super::{Service, gateways};
use crate::harness::{Answer, Client};
use http::Method;
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::mpsc,
};

fn is_unavailable(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(answer.header("content-type"), "application/json");
    let text = r#"{"detail":"The service cannot answer now; try again."}"#;
    assert_eq!(answer.text, text);
}

/// An address where nobody listens.
async fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}

#[tokio::test]
async fn out_of_reach_is_503() {
    let (_t, clients) = gateways(nobody().await, |_| {}).await;
    for c in &clients {
        is_unavailable(&c.get("/told").await);
        is_unavailable(&c.post("/told", "[]").await);
        // What is served here does not depend on it.
        assert_eq!(c.owned("").await.status, 200);
    }
}

#[tokio::test]
async fn a_client_that_is_still_sending_sees_it() {
    let (_t, clients) = gateways(nobody().await, |_| {}).await;
    for c in &clients {
        // Little of it can be on the way: what is not read is not sent.
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_send_buffer_size(4096).unwrap();
        let mut stream = socket.connect(c.addresses.http).await.unwrap();
        let length = 1 << 20;
        let head = "POST /told HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length:";
        let head = format!("{head} {length}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&vec![b'x'; length]).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    }
}

#[tokio::test]
async fn a_service_that_takes_no_connection_is_503() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    // Those who wait to be accepted, until no more may.
    let mut waiting = Vec::new();
    let moment = Duration::from_millis(300);
    while let Ok(stream) = tokio::time::timeout(moment, TcpStream::connect(address)).await {
        waiting.push(stream.unwrap());
    }
    let (_t, [within, elsewhere]) = gateways(address, |_| {}).await;
    let (a, b) = tokio::join!(within.get("/told"), elsewhere.get("/told"));
    is_unavailable(&a);
    is_unavailable(&b);
}

#[tokio::test]
async fn a_service_that_is_too_slow_is_504() {
    let service = Service::start().await;
    let hasty = |config: &mut tenure_gateway::Config| {
        config.request_timeout = Duration::from_millis(300);
    };
    let (_t, clients) = gateways(service.address, hasty).await;
    for c in &clients {
        let answer = c.get("/never").await;
        assert_eq!(answer.status, 504);
        assert_eq!(answer.detail(), "The request took longer than it may.");
    }
}

/// Reads a request up to the end of its headers.
async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\n") {
        read.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(read).ok()
}

/// A service that answers the first request of a connection, and hangs up on the second. It tells the first line of
/// each.
async fn rude() -> (SocketAddr, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, asked) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let sender = sender.clone();
            tokio::spawn(async move {
                let mut answer = Some("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                while let Some(head) = head(&mut stream).await {
                    let line = head.lines().next().unwrap().to_owned();
                    sender.send(line).unwrap();
                    let Some(answer) = answer.take() else { break };
                    stream.write_all(answer.as_bytes()).await.unwrap();
                }
            });
        }
    });
    (address, asked)
}

async fn send(c: &Client, method: Method, path: &str) -> Answer {
    let request = c.request(method, path);
    c.send(request.body(Vec::new()).unwrap()).await
}

#[tokio::test]
async fn a_connection_that_is_lost_before_an_answer_is_503_and_nothing_is_sent_twice() {
    for method in [Method::POST, Method::GET] {
        let (address, mut asked) = rude().await;
        let (_t, clients) = gateways(address, |_| {}).await;
        for c in &clients {
            assert_eq!(send(c, method.clone(), "/first").await.status, 200);
            is_unavailable(&send(c, method.clone(), "/second").await);
            // The lost connection is forgotten.
            assert_eq!(send(c, method.clone(), "/third").await.status, 200);
            for path in ["/first", "/second", "/third"] {
                let line = asked.recv().await.unwrap();
                assert_eq!(line, format!("{method} {path} HTTP/1.1"));
            }
        }
        assert!(asked.is_empty());
    }
}

#[tokio::test]
async fn no_tunnel_is_opened() {
    let service = Service::start().await;
    let (_t, clients) = gateways(service.address, |_| {}).await;
    for c in &clients {
        let request = b"CONNECT evil.example:80 HTTP/1.1\r\nHost: evil.example:80\r\nConnection: close\r\n\r\n";
        let answer = c.raw(request).await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    }
    assert_eq!(service.asked(), 0);
}
