//! One connection, from the handshake to its end.

use super::{
    Limits, OverTls, Stopping, Stream,
    activity::{Activity, Answer},
    tls::{Introduce, Tls},
};
use axum::{Router, extract::ConnectInfo};
use http::{Extensions, Request};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use std::{
    convert::Infallible, error::Error, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_util::either::Either;
use tower::Service as _;

/// How long a connection that is to end may take for its farewell, again for each request that comes with it.
const FAREWELL: Duration = Duration::from_secs(1);

/// How the connections of a listener are served.
pub(super) struct Connections<S> {
    pub(super) router: Router,
    pub(super) builder: Builder<TokioExecutor>,
    pub(super) limits: Limits,
    pub(super) tls: Option<Arc<Tls>>,
    pub(super) introduce: Option<Introduce>,
    pub(super) wrap: fn(Stream) -> S,
    pub(super) stopping: Stopping,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Connections<S> {
    /// Serves the connection until it ends.
    pub(super) async fn serve(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, of: Activity) {
        let activity = Arc::new(of);
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(peer));
        extensions.insert(self.stopping.clone());
        let opened = tokio::select! {
            opened = self.open(stream, &mut extensions) => opened,
            () = activity.over(&self.limits) => Err(io::ErrorKind::TimedOut.into()),
        };
        let ended = match opened {
            Ok(stream) => self.requests(stream, extensions, &activity).await,
            Err(error) => Err(error.into()),
        };
        if let Err(error) = ended {
            tracing::debug!(%peer, error, "connection ended");
        }
    }

    /// The stream on which requests come, and what is known of who sends them.
    async fn open(&self, stream: TcpStream, known: &mut Extensions) -> io::Result<Stream> {
        let Some(tls) = &self.tls else {
            return Ok(Either::Left(stream));
        };
        let stream = self.stopping.unless(tls.acceptor().accept(stream)).await;
        let stream = stream.ok_or(io::ErrorKind::Interrupted)??;
        known.insert(OverTls);
        let (_, session) = stream.get_ref();
        if let (Some(introduce), Some([certificate, ..])) =
            (&self.introduce, session.peer_certificates())
        {
            introduce(certificate, known);
        }
        Ok(Either::Right(Box::new(stream)))
    }

    async fn requests(
        &self,
        stream: Stream,
        extensions: Extensions,
        activity: &Arc<Activity>,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let service = hyper::service::service_fn(|mut request: Request<Incoming>| {
            let under_way = activity.begin();
            *request.extensions_mut() = extensions.clone();
            let answer = self.router.clone().call(request);
            async move {
                let answer = answer.await?;
                Ok::<_, Infallible>(answer.map(|body| Answer {
                    body,
                    _request: under_way,
                }))
            }
        });
        let stream = TokioIo::new((self.wrap)(stream));
        let mut connection = pin!(self.builder.serve_connection(stream, service));
        tokio::select! {
            ended = connection.as_mut() => return ended,
            () = self.stopping.asked() => {}
            () = activity.over(&self.limits) => {}
        }
        connection.as_mut().graceful_shutdown();
        loop {
            let ended = tokio::time::timeout(FAREWELL, connection.as_mut()).await;
            if let Ok(ended) = ended {
                return ended;
            }
            if activity.is_idle() {
                return Ok(());
            }
        }
    }
}
