//! What a client may do on one connection over HTTP/2.

use crate::harness::{Database, Tenure};
use http::Request;
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// The head of a small call.
pub fn call(address: SocketAddr, token: &str) -> Request<()> {
    let path = "/attributeownership.v1.AttributeOwnership/GetCaller";
    Request::post(format!("http://{address}{path}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("authorization", format!("Bearer {token}"))
        .body(())
        .unwrap()
}

#[tokio::test]
async fn as_many_streams_as_are_allowed_are_told_to_the_client() {
    let t = Tenure::start_with(Database::sqlite(), |config| {
        config.listening.limits.streams = 7;
        config.grpc.max_requests = 10;
        config.grpc.max_watches = 2;
    })
    .await;
    for (address, streams) in [(t.addresses.http, 7), (t.addresses.grpc, 12)] {
        let stream = TcpStream::connect(address).await.unwrap();
        let (sender, connection) = h2::client::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        // The settings come before any answer.
        let mut sender = sender.ready().await.unwrap();
        let (answer, _) = sender.send_request(call(address, "x"), true).unwrap();
        answer.await.unwrap();
        assert_eq!(sender.current_max_send_streams(), streams);
    }
}

/// A frame (RFC 9113, section 4.1).
fn frame(kind: u8, flags: u8, stream: u32, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()];
    [&head.concat(), content].concat()
}

/// The headers of `GET / HTTP/2`, from the static table (RFC 7541, appendix A), and that the stream is given up.
fn begun_and_reset(stream: u32) -> Vec<u8> {
    let headers = frame(1, 0x5, stream, &[0x82, 0x86, 0x84, 0x01, 1, b'a']);
    [headers, frame(3, 0, stream, &[0, 0, 0, 8])].concat()
}

/// The error codes of the farewells among these frames.
fn farewells(mut frames: &[u8]) -> Vec<u32> {
    let mut codes = Vec::new();
    while let Some((head, rest)) = frames.split_at_checked(9) {
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let Some((content, rest)) = rest.split_at_checked(length) else {
            break;
        };
        if head[3] == 7 {
            codes.push(u32::from_be_bytes(content[4..8].try_into().unwrap()));
        }
        frames = rest;
    }
    codes
}

#[tokio::test]
async fn rapid_resets_end_the_connection_and_nothing_else() {
    const ENHANCE_YOUR_CALM: u32 = 11;
    let t = Tenure::start(Database::sqlite()).await;
    let c = t.usual("ada", "test500").await;
    for address in [t.addresses.grpc, t.addresses.http] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let mut sent = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
        sent.extend(frame(4, 0, 0, &[]));
        sent.extend((0..500).flat_map(|stream| begun_and_reset(2 * stream + 1)));
        stream.write_all(&sent).await.unwrap();
        let mut answered = Vec::new();
        let _ = stream.read_to_end(&mut answered).await;
        assert_eq!(farewells(&answered), [ENHANCE_YOUR_CALM]);
        assert_eq!(c.owned("").await.status, 200);
    }
}

#[tokio::test]
async fn who_says_nothing_or_no_more_is_ended() {
    let t = Tenure::start_with(Database::sqlite(), |config| {
        let limits = &mut config.listening.limits;
        limits.header_timeout = std::time::Duration::from_millis(50);
        limits.idle_timeout = std::time::Duration::from_millis(50);
    })
    .await;
    for address in [t.addresses.grpc, t.addresses.http, t.addresses.metrics] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.read_to_end(&mut Vec::new()).await.unwrap();
        let stream = TcpStream::connect(address).await.unwrap();
        let (mut sender, connection) = h2::client::handshake(stream).await.unwrap();
        let connection = tokio::spawn(connection);
        let (answer, _) = sender.send_request(call(address, "x"), true).unwrap();
        answer.await.unwrap();
        connection.await.unwrap().unwrap();
    }
}
