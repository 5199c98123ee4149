//! Clients that hold connections. One that the service ends is opened again, at a bounded rate.

use crate::service::Service;
use std::{
    fmt,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::interval,
};

/// How many connections are opened in a second.
const OPENED: u32 = 1000;

/// How often a slow one sends a byte.
const BYTE: Duration = Duration::from_secs(1);

/// What is done with the connections.
#[derive(Clone, Copy)]
pub(crate) enum Attack {
    /// A head, byte by byte.
    SlowHeaders,
    /// A body, byte by byte.
    SlowBodies,
    /// Nothing.
    HalfOpen,
    /// Nothing any more, after a request; where there is TLS, after the beginning of a handshake.
    Idle,
}

impl fmt::Display for Attack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SlowHeaders => "slow headers",
            Self::SlowBodies => "slow bodies",
            Self::HalfOpen => "half-open",
            Self::Idle => "idle",
        })
    }
}

impl Attack {
    pub(crate) const ALL: &[Self] = &[
        Self::SlowHeaders,
        Self::SlowBodies,
        Self::HalfOpen,
        Self::Idle,
    ];

    /// Those that are something else over TLS.
    pub(crate) const OVER_TLS: &[Self] = &[Self::HalfOpen, Self::Idle];

    /// How many connections there are to be.
    pub(crate) fn count(self) -> usize {
        match self {
            Self::SlowHeaders | Self::SlowBodies | Self::HalfOpen => 2_000,
            Self::Idle => 10_000,
        }
    }

    /// What is sent at first.
    fn begin(self, has_tls: bool) -> &'static [u8] {
        match self {
            Self::Idle if has_tls => b"\x16\x03\x01\x02\x00\x01",
            Self::SlowHeaders => b"GET / HTTP/1.1\r\nHost: a\r\nX: ",
            Self::SlowBodies => {
                b"POST /api/2/attributes/acquire/ HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer x\r\n\
                  Content-Length: 9999\r\n\r\n"
            }
            Self::HalfOpen => b"",
            Self::Idle => b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        }
    }

    fn goes_on(self) -> bool {
        matches!(self, Self::SlowHeaders | Self::SlowBodies)
    }
}

/// An attack that goes on.
pub(crate) struct Siege {
    connections: JoinSet<()>,
    held: Arc<AtomicUsize>,
}

impl Siege {
    /// Opens so many connections, and keeps on.
    pub(crate) async fn begin(attack: Attack, service: &Service, count: usize) -> Self {
        let held = Arc::<AtomicUsize>::default();
        let counted = Arc::clone(&held);
        let (address, begin) = (service.address, attack.begin(service.has_tls()));
        let open = move || hold(address, begin, attack.goes_on(), Arc::clone(&counted));
        let mut turns = interval(Duration::from_secs(1) / OPENED);
        let mut connections = JoinSet::new();
        for _ in 0..count {
            turns.tick().await;
            connections.spawn(open());
        }
        let mut kept = JoinSet::new();
        kept.spawn(async move {
            while connections.join_next().await.is_some() {
                turns.tick().await;
                connections.spawn(open());
            }
        });
        Self {
            connections: kept,
            held,
        }
    }

    /// How many connections are open.
    pub(crate) fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    /// Ends all of them.
    pub(crate) async fn end(mut self) {
        self.connections.shutdown().await;
    }
}

/// Holds one connection until the service ends it.
async fn hold(address: SocketAddr, begin: &[u8], goes_on: bool, held: Arc<AtomicUsize>) {
    let Ok(mut stream) = TcpStream::connect(address).await else {
        return;
    };
    held.fetch_add(1, Ordering::Relaxed);
    let _held = Held(held);
    if stream.write_all(begin).await.is_err() {
        return;
    }
    let mut bytes = interval(BYTE);
    let mut answer = [0; 1024];
    loop {
        tokio::select! {
            // What it is told does not matter, but for the end.
            read = stream.read(&mut answer) => {
                if !read.is_ok_and(|read| read > 0) {
                    return;
                }
            }
            _ = bytes.tick(), if goes_on => {
                if stream.write_all(b"x").await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Counts a connection while it is there.
struct Held(Arc<AtomicUsize>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
