//! The arguments of `tenure-gateway`.

mod page;

use clap::Parser;
use page::PageArguments;
use std::{net::SocketAddr, path::PathBuf, time::Duration};
use tenure_gateway::{
    Network, Origin, Upstream,
    serve::{Limits, TlsFiles},
};
use tonic::transport::Endpoint;

/// The REST gateway of Tenure
#[derive(Parser)]
#[command(name = "tenure-gateway", version)]
#[command(after_help = "Example:\n  tenure-gateway --service http://127.0.0.1:50051")]
pub(super) struct Arguments {
    /// The Tenure service
    #[arg(
        long,
        env = "TENURE_SERVICE",
        default_value = "http://127.0.0.1:50051",
        value_name = "URL"
    )]
    pub(super) service: Endpoint,

    /// The authorities, PEM, by which the certificate of a service at https:// is verified
    #[arg(long, env = "TENURE_SERVICE_AUTHORITY", value_name = "FILE")]
    pub(super) service_authority: Option<PathBuf>,

    /// How people sign in to their page.
    #[command(flatten)]
    pub(super) page: PageArguments,

    /// Where to listen
    #[arg(
        long,
        env = "TENURE_HTTP_ADDR",
        default_value = "127.0.0.1:8080",
        value_name = "ADDR"
    )]
    pub(super) http_addr: SocketAddr,

    /// The scheme and host of the links in answers, where clients reach the gateway under another name
    #[arg(long, env = "TENURE_PUBLIC_URL", value_name = "URL")]
    pub(super) public_url: Option<Origin>,

    /// Networks whose Forwarded and X-Forwarded-* headers are believed, separated by commas
    #[arg(
        long,
        env = "TENURE_TRUSTED_PROXIES",
        value_delimiter = ',',
        value_name = "CIDR"
    )]
    pub(super) trusted_proxies: Vec<Network>,

    /// Another service, over plain HTTP, which gets the requests whose path is not served here
    #[arg(long, env = "TENURE_UPSTREAM", value_name = "URL")]
    pub(super) upstream: Option<Upstream>,

    /// The longest that a request may take
    #[arg(
        long,
        env = "TENURE_REQUEST_TIMEOUT",
        default_value_t = 10,
        value_name = "SECONDS"
    )]
    pub(super) request_timeout: u64,

    /// How long requests under way may take to finish after a signal to stop
    #[arg(
        long,
        env = "TENURE_DRAIN_TIMEOUT",
        default_value_t = 10,
        value_name = "SECONDS"
    )]
    pub(super) drain_timeout: u64,

    /// What to log, to standard error
    #[arg(
        long,
        env = "TENURE_LOG",
        default_value = "info",
        value_name = "FILTER"
    )]
    pub(super) log: String,

    /// The certificate, and those between it and its authority, PEM; read again when it changes
    #[arg(
        long,
        env = "TENURE_TLS_CERTIFICATE",
        value_name = "FILE",
        requires = "tls_key"
    )]
    tls_certificate: Option<PathBuf>,

    /// The certificate's key, PEM
    #[arg(
        long,
        env = "TENURE_TLS_KEY",
        value_name = "FILE",
        requires = "tls_certificate"
    )]
    tls_key: Option<PathBuf>,

    /// Listen without TLS where others can reach it, too
    #[arg(long, env = "TENURE_INSECURE")]
    pub(super) insecure: bool,

    /// How many requests there may be at once; more are answered 503
    #[arg(long, env = "TENURE_MAX_REQUESTS", default_value_t = 1024, value_parser = count, value_name = "COUNT")]
    pub(super) max_requests: usize,

    /// How many connections there may be; for a new one the one ends that is idle for longest
    #[arg(long, env = "TENURE_MAX_CONNECTIONS", default_value_t = 4096, value_parser = count, value_name = "COUNT")]
    max_connections: usize,

    /// How many requests a connection may have under way over HTTP/2
    #[arg(long, env = "TENURE_MAX_STREAMS", default_value_t = 128, value_parser = clap::value_parser!(u32).range(1..=65_536), value_name = "COUNT")]
    max_streams: u32,

    /// How long a new connection may take until the headers of its first request are there
    #[arg(long, env = "TENURE_HEADER_TIMEOUT", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..), value_name = "SECONDS")]
    header_timeout: u64,

    /// How long a connection may be without a request
    #[arg(long, env = "TENURE_IDLE_TIMEOUT", default_value_t = 75, value_parser = clap::value_parser!(u64).range(1..), value_name = "SECONDS")]
    idle_timeout: u64,
}

impl Arguments {
    /// The files for TLS, if it is wanted.
    pub(super) fn tls(&self) -> Option<TlsFiles> {
        Some(TlsFiles {
            certificate: self.tls_certificate.clone()?,
            key: self.tls_key.clone()?,
            client_authority: None,
        })
    }

    /// What clients may do.
    pub(super) fn limits(&self) -> Limits {
        Limits {
            connections: self.max_connections,
            streams: self.max_streams,
            header_timeout: Duration::from_secs(self.header_timeout),
            idle_timeout: Duration::from_secs(self.idle_timeout),
        }
    }
}

/// How many there may be of something: at least one.
fn count(text: &str) -> Result<usize, String> {
    let count = text.parse().ok();
    let count = count.filter(|count| (1..=1_000_000).contains(count));
    count.ok_or_else(|| "expected a number from 1 to 1000000".to_owned())
}
