//! A client of one connection, over TLS or not.

use super::authority::Signed;
use axum::body::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use std::{io, net::SocketAddr, sync::Arc};
use tenure::app::Addresses;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore,
        pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _},
    },
};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};

/// A connection over TLS on which nothing has been said yet.
pub async fn connect(
    address: SocketAddr,
    authority: &str,
    protocol: &str,
) -> io::Result<TlsStream<TcpStream>> {
    connect_as(address, authority, protocol, None).await
}

/// The same, with a certificate.
pub async fn connect_as(
    address: SocketAddr,
    authority: &str,
    protocol: &str,
    own: Option<&Signed>,
) -> io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_slice(authority.as_bytes()).unwrap();
    roots.add(authority).unwrap();
    let builder = ClientConfig::builder().with_root_certificates(roots);
    let mut config = match own {
        None => builder.with_no_client_auth(),
        Some(Signed { certificate, key }) => {
            let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
            builder
                .with_client_auth_cert(vec![certificate], key)
                .unwrap()
        }
    };
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

/// The certificate that the server showed.
pub fn shown(stream: &TlsStream<TcpStream>) -> Vec<u8> {
    let (_, session) = stream.get_ref();
    session.peer_certificates().unwrap()[0].to_vec()
}

/// HTTP/1.1 on one connection.
pub struct Http1(SendRequest<Full<Bytes>>);

impl Http1 {
    pub async fn new(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Self {
        let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Self(sender)
    }

    /// The owned attributes.
    pub async fn owned(&mut self, token: &str) -> hyper::Result<(StatusCode, String)> {
        self.get("/api/2/attributes/owned/", token).await
    }

    pub async fn get(&mut self, path: &str, token: &str) -> hyper::Result<(StatusCode, String)> {
        self.0.ready().await?;
        let request = Request::get(path)
            .header("host", "localhost")
            .header("authorization", format!("Bearer {token}"))
            .body(Full::default());
        let answer = self.0.send_request(request.unwrap()).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }
}

/// A channel of the client library to the service, with a certificate or without.
pub fn channel(addresses: Addresses, authority: &str, own: Option<&Signed>) -> Channel {
    let url = format!("https://localhost:{}", addresses.grpc.port());
    let endpoint: Endpoint = url.parse().unwrap();
    let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(authority));
    let tls = match own {
        Some(own) => tls.identity(Identity::from_pem(&own.certificate, &own.key)),
        None => tls,
    };
    tenure::client::channel(&endpoint.tls_config(tls).unwrap())
}
