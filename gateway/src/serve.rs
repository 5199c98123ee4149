//! The accept loop: HTTP/1.1 and HTTP/2 on one listener, with limits that `axum::serve` does not let one set.

use axum::{Router, extract::ConnectInfo};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
};
use std::{future::Future, io, net::SocketAddr, time::Duration};
use tokio::net::{TcpListener, TcpStream};
use tower::{Service as _, ServiceExt as _};

/// More than the headers that the gateway lets pass, so that it is the gateway that answers.
const HTTP2_HEADERS: u32 = 64 * 1024;

/// How long a client may take for its headers.
const HEADER_TIMEOUT: Duration = Duration::from_secs(15);

/// Serves until `stop`, then finishes the requests that are under way.
///
/// # Errors
/// When the listener fails for good.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let connections = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => accept(stream, peer, &router, &connections),
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => return Err(error),
            },
        }
    }
    drop(listener);
    connections.shutdown().await;
    Ok(())
}

/// Errors of a connection that was gone before it was accepted, and of a moment's lack of file descriptors.
fn is_of_one_connection(error: &io::Error) -> bool {
    const EMFILE: i32 = 24;
    const ENFILE: i32 = 23;
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    ) || matches!(error.raw_os_error(), Some(EMFILE | ENFILE))
}

fn accept(stream: TcpStream, peer: SocketAddr, router: &Router, open: &GracefulShutdown) {
    // A lost option costs latency, not correctness.
    let _ = stream.set_nodelay(true);
    let router = router.clone();
    let service = hyper::service::service_fn(move |mut request: http::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
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
    let connection = open.watch(connection.into_owned());
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%peer, error, "connection ended");
        }
    });
}
