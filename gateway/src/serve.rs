//! The accept loop: HTTP/1.1 and HTTP/2 on one listener, with limits that `axum::serve` does not let one set.

use axum::{Router, extract::ConnectInfo};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
};
use std::{
    fmt,
    future::Future,
    io::{self, Write as _},
    net::SocketAddr,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    signal::unix::{SignalKind, signal},
    sync::Notify,
};
use tokio_util::sync::CancellationToken;
use tower::{Service as _, ServiceExt as _};

/// About what the library takes over HTTP/1.1: far more than the gateway lets pass, so that it is the gateway that
/// answers.
const HTTP2_HEADERS: u32 = 400 * 1024;

/// How long a client may take for its headers.
const HEADER_TIMEOUT: Duration = Duration::from_secs(15);

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
}

/// Serves until `stop`, then ends the watches and finishes the other requests that are under way, for `drain` at most.
///
/// # Errors
/// When the listener fails for good.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()>,
    drain: Duration,
) -> io::Result<()> {
    let connections = Connections::default();
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => connections.serve(stream, peer, &router),
                Err(error) => connections.survive(error).await?,
            },
        }
    }
    drop(listener);
    connections.stopping.0.cancel();
    let drained = tokio::time::timeout(drain, connections.open.shutdown()).await;
    if drained.is_err() {
        tracing::warn!("requests were still under way when the time to finish them was over");
    }
    Ok(())
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

/// The connections of a listener.
#[derive(Default)]
struct Connections {
    open: GracefulShutdown,
    stopping: Stopping,
    /// Told by each that ends.
    ended: Arc<Notify>,
}

impl Connections {
    /// Goes on after an error of one connection, and when file descriptors have run out as soon as there may be one.
    async fn survive(&self, error: io::Error) -> io::Result<()> {
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
        let _ = tokio::time::timeout(PATIENCE, self.ended.notified()).await;
        Ok(())
    }

    fn serve(&self, stream: TcpStream, peer: SocketAddr, router: &Router) {
        // A lost option costs latency, not correctness.
        let _ = stream.set_nodelay(true);
        let (router, stopping) = (router.clone(), self.stopping.clone());
        let service = hyper::service::service_fn(move |mut request: http::Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            request.extensions_mut().insert(stopping.clone());
            let mut router = router.clone();
            async move { router.as_service().ready().await?.call(request).await }
        });
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIMEOUT);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_header_list_size(HTTP2_HEADERS);
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        let connection = self.open.watch(connection.into_owned());
        let ended = Arc::clone(&self.ended);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%peer, error, "connection ended");
            }
            ended.notify_one();
        });
    }
}
