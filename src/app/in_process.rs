//! A channel to a server in this process: the gateway is an ordinary client, whether it runs here or elsewhere.

use hyper_util::rt::TokioIo;
use std::io;
use tokio::{io::DuplexStream, sync::mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::{Channel, Endpoint, Uri};
use tower::service_fn;

/// The connections that the server is to accept.
pub(super) type Incoming = ReceiverStream<io::Result<DuplexStream>>;

/// How many bytes a connection holds in each direction.
const PIPE: usize = 64 * 1024;

/// A channel, and the other ends of its connections.
pub(super) fn channel() -> (Channel, Incoming) {
    let (connections, incoming) = mpsc::channel(1);
    let connect = move |_: Uri| {
        let connections = connections.clone();
        async move {
            let (near, far) = tokio::io::duplex(PIPE);
            let handed_over = connections.send(Ok(far)).await;
            handed_over.map_err(io::Error::other)?;
            Ok::<_, io::Error>(TokioIo::new(near))
        }
    };
    let endpoint = tenure_gateway::endpoint(Endpoint::from_static("http://in-process"));
    let channel = endpoint.connect_with_connector_lazy(service_fn(connect));
    (channel, ReceiverStream::new(incoming))
}
