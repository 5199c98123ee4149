//! The accept loop of every listener: HTTP/1.1 and HTTP/2, TLS, and limits that `axum::serve` does not let one set.
//!
//! - `connection` is one connection, from the handshake to its end; `activity` what it is doing;
//! - `limits` is what clients may do; `places` how a bounded number of them find room;
//! - `tls` has the certificates, and reads them again; `exposure` says what must not be without.

mod activity;
mod connection;
mod exposure;
mod limits;
mod places;
mod tls;

use activity::Activity;
use axum::Router;
use connection::Connections;
pub use exposure::{Exposed, guard};
pub use limits::Limits;
pub use places::{Place, Places};
use std::{
    fmt,
    future::Future,
    io::{self, Write as _},
    net::SocketAddr,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};
pub use tls::{Introduce, InvalidTls, Tls, TlsFiles};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    signal::unix::{SignalKind, signal},
    task::JoinSet,
};
use tokio_rustls::server::TlsStream;
use tokio_util::{either::Either, sync::CancellationToken};

/// What comes over a connection: plain, or out of TLS.
pub type Stream = Either<TcpStream, Box<TlsStream<TcpStream>>>;

/// How long accepting waits for a connection to end when the process has no file descriptor left: what else the process
/// closes tells nobody.
const PATIENCE: Duration = Duration::from_secs(1);

/// Whether the gateway has been asked to stop. Every request has it in its extensions, so that an answer which has no
/// end can be ended: the others are waited for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stopping(CancellationToken);

impl Stopping {
    /// That of a request; where the router is not served by [`serve`], nothing tells when it stops.
    pub(crate) fn of(extensions: &http::Extensions) -> Self {
        extensions.get().cloned().unwrap_or_default()
    }

    /// What comes of `future`, or nothing as soon as the gateway is asked to stop.
    pub(crate) async fn unless<F: Future>(&self, future: F) -> Option<F::Output> {
        self.0.run_until_cancelled(future).await
    }

    async fn asked(&self) {
        self.0.cancelled().await;
    }
}

/// In the extensions of every request that came over TLS.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OverTls;

/// What is spoken on a listener.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1 or HTTP/2, as the client likes.
    #[default]
    Http,
    /// HTTP/2 alone, as gRPC does.
    Http2,
}

impl Protocol {
    /// As TLS calls them (RFC 7301), the best first.
    fn names(self) -> Vec<Vec<u8>> {
        let names: &[&[u8]] = match self {
            Self::Http => &[b"h2", b"http/1.1"],
            Self::Http2 => &[b"h2"],
        };
        names.iter().map(|name| name.to_vec()).collect()
    }
}

/// A listener with what is served on it.
pub struct Server<S = Stream> {
    listener: TcpListener,
    router: Router,
    limits: Limits,
    protocol: Protocol,
    tls: Option<Tls>,
    introduce: Option<Introduce>,
    wrap: fn(Stream) -> S,
}

impl Server {
    /// Plain HTTP, with the limits that are usual.
    #[must_use]
    pub fn new(listener: TcpListener, router: Router) -> Self {
        Self {
            listener,
            router,
            limits: Limits::default(),
            protocol: Protocol::default(),
            tls: None,
            introduce: None,
            wrap: limits::as_it_is,
        }
    }

    /// Serves what `wrap` makes of each stream.
    #[must_use]
    pub fn with_streams<S>(self, wrap: fn(Stream) -> S) -> Server<S> {
        Server {
            listener: self.listener,
            router: self.router,
            limits: self.limits,
            protocol: self.protocol,
            tls: self.tls,
            introduce: self.introduce,
            wrap,
        }
    }
}

impl<S> Server<S> {
    /// With other limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// With another protocol.
    #[must_use]
    pub fn with_protocol(self, protocol: Protocol) -> Self {
        Self { protocol, ..self }
    }

    /// Over TLS.
    #[must_use]
    pub fn with_tls(self, tls: Option<Tls>) -> Self {
        Self { tls, ..self }
    }

    /// Has clients with a certificate introduced.
    #[must_use]
    pub fn with_introductions(self, introduce: Introduce) -> Self {
        let introduce = Some(introduce);
        Self { introduce, ..self }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Server<S> {
    /// Serves until `stop`, then ends the watches and finishes the other requests that are under way, for `drain` at
    /// most.
    ///
    /// # Errors
    /// When the listener fails for good.
    pub async fn run(self, stop: impl Future<Output = ()>, drain: Duration) -> io::Result<()> {
        let tls = self.tls.map(Arc::new);
        let stopping = Stopping::default();
        let connections = Arc::new(Connections {
            router: self.router,
            builder: self.limits.builder(self.protocol == Protocol::Http2),
            limits: self.limits,
            tls: tls.clone(),
            introduce: self.introduce,
            wrap: self.wrap,
            stopping: stopping.clone(),
        });
        let mut accepted = Accepted {
            connections,
            places: Places::new(self.limits.connections),
            open: JoinSet::new(),
        };
        let current = async {
            match tls {
                Some(tls) => tls.keep_current().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop => {}
            error = accepted.all(&self.listener) => return Err(error),
            () = current => {}
        }
        drop(self.listener);
        stopping.0.cancel();
        let ended = async { while accepted.open.join_next().await.is_some() {} };
        if tokio::time::timeout(drain, ended).await.is_err() {
            tracing::warn!("requests were still under way when the time to finish them was over");
        }
        Ok(())
    }
}

/// Serves plain HTTP with the usual limits until `stop`, as [`Server::run`] does.
///
/// # Errors
/// When the listener fails for good.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()>,
    drain: Duration,
) -> io::Result<()> {
    Server::new(listener, router).run(stop, drain).await
}

/// Listens at `address`, tells the log where that is, and [`serve`]s until [`signalled`].
///
/// # Errors
/// As these two, and when it cannot listen there.
pub async fn listen(address: SocketAddr, router: Router, drain: Duration) -> io::Result<()> {
    let listener = TcpListener::bind(address).await.map_err(|error| {
        let sentence = format!("cannot listen on {address}: {error}");
        io::Error::new(error.kind(), sentence)
    })?;
    tracing::info!(http = %listener.local_addr()?, "listening");
    serve(listener, router, signalled()?, drain).await
}

/// What a program ends with: its error, if it has one, is told in a sentence on standard error.
pub fn ended<E: fmt::Display>(result: Result<(), E>) -> ExitCode {
    let Err(error) = result else {
        return ExitCode::SUCCESS;
    };
    // Nobody is left to tell if this fails too.
    let _ = writeln!(io::stderr(), "error: {error}");
    ExitCode::FAILURE
}

/// Waits for SIGINT or SIGTERM, from when it is called.
///
/// # Errors
/// When the process cannot take signals.
pub fn signalled() -> io::Result<impl Future<Output = ()>> {
    let (mut interrupt, mut terminate) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// The connections of a listener that are open.
struct Accepted<S> {
    connections: Arc<Connections<S>>,
    places: Places,
    open: JoinSet<()>,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Accepted<S> {
    /// Accepts whoever comes, until the listener fails for good.
    async fn all(&mut self, listener: &TcpListener) -> io::Error {
        loop {
            let accepted = tokio::select! {
                Some(_) = self.open.join_next() => continue,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => {
                    let Some(place) = self.places.take() else {
                        tracing::debug!(%peer, "a connection is refused: all others are at work");
                        continue;
                    };
                    // A lost option costs latency, not correctness.
                    let _ = limits::prepare(&stream);
                    let connections = Arc::clone(&self.connections);
                    let activity = Activity::new(place);
                    self.open.spawn(connections.serve(stream, peer, activity));
                }
                Err(error) => {
                    if let Err(error) = self.survive(error).await {
                        return error;
                    }
                }
            }
        }
    }

    /// Goes on after an error of one connection, and when file descriptors have run out as soon as there may be one.
    async fn survive(&mut self, error: io::Error) -> io::Result<()> {
        const ENFILE: i32 = 23;
        const EMFILE: i32 = 24;
        use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
        if matches!(
            error.kind(),
            ConnectionAborted | ConnectionReset | Interrupted
        ) {
            return Ok(());
        }
        if !matches!(error.raw_os_error(), Some(EMFILE | ENFILE)) {
            return Err(error);
        }
        tracing::error!(%error, "cannot accept connections");
        self.places.make_room();
        let _ = tokio::time::timeout(PATIENCE, self.open.join_next()).await;
        Ok(())
    }
}
