//! What a listener lets its clients do.

use super::Stream;
use hyper_util::{
    rt::{TokioExecutor, TokioTimer},
    server::conn::auto::Builder,
};
use socket2::{SockRef, TcpKeepalive};
use std::{io, time::Duration};
use tokio::net::TcpStream;

/// How many clients there may be at a listener, and how slow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most connections. Where there are so many, the one that has been idle for longest ends for a new one.
    pub connections: usize,
    /// How many requests a connection may have under way over HTTP/2.
    pub streams: u32,
    /// How long a new connection may take for all that comes before its first request: the TLS handshake, the preface
    /// of HTTP/2, the headers.
    pub header_timeout: Duration,
    /// How long a connection may be without a request after its last.
    pub idle_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4096,
            streams: 128,
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
        }
    }
}

/// The most bytes of a request's headers that are held: far more than the gateway lets pass, so that it is the gateway
/// that answers.
const HEADERS: u32 = 256 * 1024;

/// How many streams a client may reset before the service has seen them, and how many the service itself may for a
/// client's faults, before the connection ends ("rapid reset", CVE-2023-44487, and "made you reset", CVE-2025-8671).
const RESETS: (usize, usize) = (20, 128);

/// How many bytes of a request's body, and of all those of a connection, may be on the way over HTTP/2.
const WINDOWS: (u32, u32) = (256 * 1024, 1024 * 1024);

/// How often a client that says nothing is asked over HTTP/2 whether it is still there, and how long it may take to
/// answer.
const ALIVE: (Duration, Duration) = (Duration::from_secs(20), Duration::from_secs(10));

/// The same by the network itself, for what does not speak HTTP/2.
const KEEPALIVE: (Duration, Duration) = (Duration::from_mins(1), Duration::from_secs(15));

/// How long what was sent may be on the way: whoever takes nothing of an answer for so long is gone.
const UNANSWERED: Duration = Duration::from_mins(1);

impl Limits {
    /// How connections are served; the other time limits are kept by [`Activity`](super::activity::Activity).
    pub(super) fn builder(&self, is_http_2_alone: bool) -> Builder<TokioExecutor> {
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(None)
            .max_buf_size(HEADERS as usize);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_header_list_size(HEADERS)
            .max_concurrent_streams(self.streams)
            .max_pending_accept_reset_streams(RESETS.0)
            .max_local_error_reset_streams(RESETS.1)
            .initial_stream_window_size(WINDOWS.0)
            .initial_connection_window_size(WINDOWS.1)
            .keep_alive_interval(ALIVE.0)
            .keep_alive_timeout(ALIVE.1);
        if is_http_2_alone {
            builder.http2_only()
        } else {
            builder
        }
    }
}

/// Lets the network find out about a peer that is gone, and send what is small at once.
pub(super) fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let keepalive = TcpKeepalive::new()
        .with_time(KEEPALIVE.0)
        .with_interval(KEEPALIVE.1);
    let socket = SockRef::from(stream);
    socket.set_tcp_keepalive(&keepalive)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(UNANSWERED))?;
    Ok(())
}

/// The stream as it is: a listener's without another.
pub(super) fn as_it_is(stream: Stream) -> Stream {
    stream
}
