//! Where an instance listens, and what protects it there.

use super::{Addresses, Error};
use crate::auth::CertificateHolders;
use axum::Router;
use std::{net::SocketAddr, sync::Arc};
use tenure_client::transport::Corked;
use tenure_gateway::serve::{self, Limits, Protocol, Server, Stream, Tls, TlsFiles};
use tokio::net::TcpListener;
use tonic::service::Routes;

/// How the listeners of an instance are protected.
#[derive(Debug, Clone, Default)]
pub struct Listening {
    /// What gRPC and REST are known by; none is plain HTTP. Authorities of clients are asked on gRPC alone.
    pub tls: Option<TlsFiles>,
    /// Whether addresses that others can reach may be without TLS.
    pub is_insecure: bool,
    /// What clients may do. How many requests there may be at once over a connection is said of REST alone: a gateway
    /// elsewhere brings all of its own over one.
    pub limits: Limits,
    /// Who may call with a certificate.
    pub certificates: CertificateHolders,
}

/// The most connections that ask for metrics.
const METRICS_CONNECTIONS: usize = 64;

/// The addresses, taken.
pub(super) struct Listeners {
    grpc: TcpListener,
    http: TcpListener,
    metrics: TcpListener,
    tls: Option<Both>,
    listening: Listening,
    /// How many calls and watches there may be at once.
    calls: usize,
}

/// What each of the two listeners is known by.
struct Both {
    grpc: Tls,
    http: Tls,
}

impl Listeners {
    /// Takes the addresses, if they may be listened on.
    pub(super) async fn bind(
        addresses: Addresses,
        listening: Listening,
        calls: usize,
    ) -> Result<Self, Error> {
        let has_tls = listening.tls.is_some();
        for address in [addresses.grpc, addresses.http, addresses.metrics] {
            serve::guard(address, has_tls, listening.is_insecure)?;
        }
        Ok(Self {
            grpc: listen(addresses.grpc).await?,
            http: listen(addresses.http).await?,
            metrics: listen(addresses.metrics).await?,
            tls: listening.tls.clone().map(Both::load).transpose()?,
            listening,
            calls,
        })
    }

    /// The addresses that were taken.
    pub(super) fn addresses(&self, asked: Addresses) -> Addresses {
        let bound = |listener: &TcpListener, asked| listener.local_addr().unwrap_or(asked);
        Addresses {
            grpc: bound(&self.grpc, asked.grpc),
            http: bound(&self.http, asked.http),
            metrics: bound(&self.metrics, asked.metrics),
        }
    }

    /// What serves gRPC, REST and metrics.
    pub(super) fn servers(
        self,
        routes: Routes,
        gateway: Router,
        meters: Router,
    ) -> (Server<Corked<Stream>>, Server, Server) {
        let Listening {
            limits,
            certificates,
            ..
        } = self.listening;
        let (grpc_tls, http_tls) = self.tls.map(|both| (both.grpc, both.http)).unzip();
        let streams = u32::try_from(self.calls).unwrap_or(u32::MAX);
        let grpc = Server::new(self.grpc, routes.into_axum_router())
            .with_protocol(Protocol::Http2)
            .with_limits(Limits { streams, ..limits })
            .with_tls(grpc_tls)
            .with_introductions(Arc::new(move |certificate, known| {
                if let Some(certified) = certificates.certified(certificate) {
                    known.insert(certified);
                }
            }))
            .with_streams(Corked::new);
        let http = Server::new(self.http, gateway)
            .with_limits(limits)
            .with_tls(http_tls);
        let metrics = Server::new(self.metrics, meters).with_limits(Limits {
            connections: METRICS_CONNECTIONS,
            ..limits
        });
        (grpc, http, metrics)
    }
}

impl Both {
    fn load(files: TlsFiles) -> Result<Self, Error> {
        let without_clients = TlsFiles {
            client_authority: None,
            ..files.clone()
        };
        Ok(Self {
            grpc: Tls::load(files, Protocol::Http2)?,
            http: Tls::load(without_clients, Protocol::Http)?,
        })
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Error> {
    let listener = TcpListener::bind(address).await;
    listener.map_err(|error| Error::Listen { address, error })
}
